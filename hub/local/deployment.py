"""``python -m hub.local.deployment FILE``: put the contracts on the chain where they are missing, write down where.

A process of its own, so that the one that watches over all others neither holds the key nor keeps web3 in memory.
"""

import sys
import time
from pathlib import Path

from chain_node import node
from chain_node.deploy import deploy
from chain_node.deployment import Finality
from chain_node.errors import LedgerError
from chain_node.ethereum import address_of
from chain_node.rpc import Node
from hub.settings import settings

_TRIES = 6


def main(file: Path) -> None:
    """Deploy; a chain that is not ready yet is asked again, and raises `LedgerError` when it stays so."""
    chain = Node(settings().chain_url)
    key = bytes.fromhex(settings().sender_key.get_secret_value())
    for left in reversed(range(_TRIES)):
        try:
            node.fund(chain, address_of(key))
            deploy(chain, key, finality=Finality("tag")).save(file)
            return
        except LedgerError as problem:
            if not left:
                raise
            print(f"  the chain is not ready ({type(problem).__name__}); trying again", flush=True)
            time.sleep(2)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
