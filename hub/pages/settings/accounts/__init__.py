"""Who acts for an organisation: people and machines."""
