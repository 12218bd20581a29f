"""Standing orders: what a buyer wants of a supplier every week, and the orders that are written of it."""
