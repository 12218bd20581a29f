"""Orders by the sheet: many written at once out of one, and taken away as one."""
