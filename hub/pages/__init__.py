"""The hub's own pages."""
