"""What a buyer owes a supplier for a month, and how both confirm it."""
