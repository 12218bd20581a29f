"""The hub: who, what, where, and what happened."""
