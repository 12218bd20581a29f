"""The supplier's side of orders: read and answered, line by line."""
