"""The one-use link in a letter, by which a supplier answers one order without signing in."""
