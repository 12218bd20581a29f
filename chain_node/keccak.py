"""Keccak-256, as Ethereum hashes.

Its library binds to C by cffi where that is there, and then reads C's grammar first: 2 MB in each process that hashes
anything. By ctypes it is as fast.
"""

from chain_node.importing import without

with without("cffi"):
    from eth_hash.auto import keccak

    keccak(b"")  # loads what it binds to

__all__ = ["keccak"]
