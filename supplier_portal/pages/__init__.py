"""The trade as people meet it: the supplier's pages and the buyer's."""
