"""Vehicles, what they carry, and who drives them."""
