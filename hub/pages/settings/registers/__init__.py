"""The registers of an organisation: what it keeps, by form and by sheet."""
