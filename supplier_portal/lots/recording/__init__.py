"""The records of a lot's life, told by its producer in forms of their own words."""
