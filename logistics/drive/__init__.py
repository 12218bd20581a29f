"""On the way: stops, arrivals, the cold chain, and the driver's page."""
