"""Orders: placed, answered line by line, and sent: the service, the read side, and both sides' pages."""
