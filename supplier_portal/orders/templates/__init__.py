"""Templates of orders: what a buyer orders again and again, kept by a name, apart from the orders it came from."""
