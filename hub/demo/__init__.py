"""The sample world: two supermarket chains that share some suppliers and never see each other, played through the services."""
