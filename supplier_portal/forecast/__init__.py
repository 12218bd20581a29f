"""What will sell: forecasts made, shared and committed to, and what is ordered by them."""
