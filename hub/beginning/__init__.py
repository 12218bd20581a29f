"""An empty hub and its first chain: how the first administrator comes in, and what a chain still has to do."""
