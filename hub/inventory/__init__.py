"""Stock and sales, kept in step with the supermarket's core."""
