"""The stock system of a chain: connected, matched with what is ours, or done without."""
