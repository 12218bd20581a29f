"""The chain: contracts, a node, and the ledger in our own words. Knows nothing of food."""
