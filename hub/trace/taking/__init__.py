"""Whole documents taken in: at once, or by a worker afterwards; and what became of each of their events."""
