"""Until when an order is answered, who is told when it is not, and from whom it is ordered then."""
