"""GS1's Barcode Syntax Dictionary: application identifiers, what their values must be, and element strings. Pure."""
