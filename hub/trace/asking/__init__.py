"""What partners ask of what happened: EPCIS's queries and resources, who is told of answers, kept master data."""
