"""PDFs that people send, read with care. Pure but for the process that reads."""
