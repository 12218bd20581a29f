"""What comes to a store, counted once, and the store's pages."""
