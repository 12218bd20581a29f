"""What people say about an order, claim, shipment or statement: to the other side, or among themselves."""
