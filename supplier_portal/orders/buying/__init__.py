"""The buyer's side of orders: written, proposed, placed, followed, called off."""
