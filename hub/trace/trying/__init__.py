"""What a capture would say of a file, and at which of its lines."""
