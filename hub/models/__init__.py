"""Nouns that more than one part of the hub speaks."""
