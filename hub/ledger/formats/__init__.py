"""What is hashed, signed and anchored, byte for byte: leaves, messages, lots and the tree above them. Pure."""
