"""Trade documents in UBL 2.3 (OASIS): what they say, written and read; pure."""
