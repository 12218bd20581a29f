"""Codes that were copied: where the codes of single packs are scanned, and which were seen too far apart."""
