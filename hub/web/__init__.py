"""The web kit every page and door is made with."""
