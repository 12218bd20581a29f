"""A hub on a server of somebody's own: its settings and secrets, its backups, and what its operator should look at."""
