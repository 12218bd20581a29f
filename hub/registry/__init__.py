"""What organisations keep of themselves: their places, items and papers, by form and by spreadsheet."""
