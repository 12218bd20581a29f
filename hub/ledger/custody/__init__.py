"""In whose hands goods are: who may speak of a lot, and what a hand-over moves."""
