"""One file for each core's wire format."""
