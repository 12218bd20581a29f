"""EPCIS over HTTP."""
