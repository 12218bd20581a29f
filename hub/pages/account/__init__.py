"""How people come in, and what they see and change of their own account."""
