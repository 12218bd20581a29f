"""Goods that leave a supplier: what could, and the advice of what does."""
