"""The settings' pages of who is told of new events."""
