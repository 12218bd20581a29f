"""What both pages of the ledger show, the auditor's and the administrator's: its newest tree heads."""

from typing import NamedTuple

from hub.models.trace import AnchorState

ON_CHAIN = (AnchorState.ANCHORED, AnchorState.FINAL)


class TreeHead(NamedTuple):
    """A tree head: when it was made, or came onto the chain, what is said of it, and whether the chain holds it."""

    when: str
    text: str
    anchored: bool
