"""Problems with a lot: reported by shoppers, followed up by its maker and its retailer."""
