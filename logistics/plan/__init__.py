"""A day's routes: the problem, the search, the board a dispatcher looks at."""
