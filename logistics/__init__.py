"""How the goods move: shipments, routes, the cold chain, receipts."""
