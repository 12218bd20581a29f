"""A supplier's lots and records: what grows, what was harvested and tested, and the forms that say so."""
