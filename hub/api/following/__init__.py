"""Lines that programs keep open to be told of new answers: who holds one, what wakes it, what ends it."""
