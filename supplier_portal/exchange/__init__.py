"""Trade documents exchanged with other systems: taken in, kept, carried out, and given out."""
