"""Pages of dispatchers, drivers and stores."""
