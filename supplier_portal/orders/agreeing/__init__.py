"""What two sides say to an order until both say the same."""
