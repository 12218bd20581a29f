"""The sample world: two supermarket chains that share some suppliers and never see each other.

It is played through the services.
"""
