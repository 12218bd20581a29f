"""How a supplier delivers, line by line: each figure with what is behind it, and what of that is disputed."""
