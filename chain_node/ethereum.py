"""One door to web3 and eth_account, because of what comes in with them."""

import sys

_limit = sys.getrecursionlimit()

from eth_account import Account  # noqa: E402
from web3 import HTTPProvider  # noqa: E402
from web3.types import RPCEndpoint  # noqa: E402

# They draw in py_ecc, which lets Python recurse 100,000 deep: deep enough for hostile JSON to overflow the C stack.
sys.setrecursionlimit(_limit)

__all__ = ["Account", "HTTPProvider", "RPCEndpoint"]
