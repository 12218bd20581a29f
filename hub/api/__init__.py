"""The hub's own doors for machines."""
