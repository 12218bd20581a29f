"""Claims: what of a delivery differed, said by its buyer, answered by its supplier, settled by both."""
