"""A supplier's events passed on to the repositories that its buyers run themselves."""
