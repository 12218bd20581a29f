"""What a store does with its stock: writes off, marks down, gives away, counts, and sends to another store."""
