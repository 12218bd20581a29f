"""What either side must look at today: work that waits, stock, and the first pages."""
