"""The hub: who, what, where, and what happened."""

__version__ = "0.1.0"
