"""Traceability: from a captured event to a verified one."""
