"""What is said of events beyond the standard: what is odd, whom they reach, and what those ask of them."""
