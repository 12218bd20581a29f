"""Keccak-256, as Ethereum hashes.

Its library binds to C by cffi where that is there, and then reads C's grammar first: 2 MB in each process that hashes
anything. By ctypes it is as fast.
"""

import sys

_known = sys.modules.get("cffi")
sys.modules["cffi"] = None  # type: ignore[assignment]  # what `import` takes for missing
try:
    from eth_hash.auto import keccak

    keccak(b"")  # loads what it binds to
finally:
    del sys.modules["cffi"]
    if _known is not None:
        sys.modules["cffi"] = _known

__all__ = ["keccak"]
