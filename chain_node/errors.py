"""What can go wrong with a chain, and which of a node's messages means which."""

import re


class LedgerError(Exception):
    """Something is wrong with the chain or with what was sent to it."""


class NodeUnreachable(LedgerError):
    """The node does not answer, or answers too late. Try again later."""


class WrongChain(LedgerError):
    """The node serves another chain, or other contracts, than the deployment file names."""


class NotDeployed(LedgerError):
    """A contract is missing, or could not be made."""


class NotExtended(LedgerError):
    """The log on the chain is not where the sender thinks: another hub, or a database restored from older."""


class NotPermitted(LedgerError):
    """The account lacks the role for this."""


class Refused(LedgerError):
    """A contract refused, by the error named in `name` with its `values`."""

    def __init__(self, name: str, values: tuple[object, ...] = ()) -> None:
        super().__init__(f"{name}{values}" if values else name)
        self.name = name
        self.values = values


class NonceUsed(LedgerError):
    """A transaction with this nonce is already in the chain."""


class NonceAhead(LedgerError):
    """Transactions with lower nonces are missing."""


class AlreadySent(LedgerError):
    """The node knows this very transaction already."""


class FeeTooLow(LedgerError):
    """The fee is below what the node asks, or below what a replacement needs."""


class OutOfFunds(LedgerError):
    """The account cannot pay for the transaction."""


class GasLimitExceeded(LedgerError):
    """The transaction needs more gas than a block or a transaction may use."""


class StateUnknown(LedgerError):
    """The node no longer has, or does not yet have, the block or its state."""


class ProofInvalid(LedgerError):
    """A state proof does not lead to the header's state root."""


class NotSealed(LedgerError):
    """A block carries no seal of a Clique network, or a genesis names no sealers."""


class NodeFailed(LedgerError):
    """The node answered with an error that is none of the others."""


NODE_MESSAGES: tuple[tuple[str, type[LedgerError]], ...] = (
    (r"nonce too low|nonce is too low|transaction nonce is too low", NonceUsed),
    (r"nonce too high|nonce gap", NonceAhead),
    (r"already known|already imported|known transaction", AlreadySent),
    (r"underpriced|max fee per gas less than block base fee|fee too low|feecap less", FeeTooLow),
    (r"insufficient funds|upfront cost exceeds", OutOfFunds),
    (
        r"exceeds block gas limit|intrinsic gas|out of gas|gas limit (too|is too)|exceeds.*gas",
        GasLimitExceeded,
    ),
    (
        r"missing trie node|header not found|unknown block|block not found|state .*not available|out of range"
        r"|historical state|not supported on this node",
        StateUnknown,
    ),
)


def from_node(message: str) -> LedgerError:
    """Our error for a node's message; the message stays readable in it."""
    for pattern, kind in NODE_MESSAGES:
        if re.search(pattern, message, re.IGNORECASE):
            return kind(message)
    return NodeFailed(message)
