"""Labels of lots: what is drawn, and sheets of them to print."""
