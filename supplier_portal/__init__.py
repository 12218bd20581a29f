"""The trade: forecasts shared, orders placed, answered and announced."""
