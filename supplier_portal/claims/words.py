"""What claims are called: their kinds, how far they are, and where they stand."""

from collections.abc import Mapping

from hub.models.claims import Claim, ClaimKind, ReplyKind
from hub.web.i18n import N_, Language
from hub.web.view import State
from supplier_portal.claims.claim_book import ClaimState

KINDS: Mapping[ClaimKind, str] = {
    ClaimKind.SHORT: N_("Short count"),
    ClaimKind.OVER: N_("More than announced"),
    ClaimKind.DAMAGED: N_("Damaged"),
    ClaimKind.WARM: N_("Too warm"),
    ClaimKind.WRONG_LOT: N_("Another lot than announced"),
    ClaimKind.NEAR_DATE: N_("Too near its date"),
    ClaimKind.OTHER: N_("Another difference"),
}
REPLIES: Mapping[ReplyKind, str] = {
    ReplyKind.ACCEPTED: N_("Accepted in full"),
    ReplyKind.SHARED: N_("Share offered"),
    ReplyKind.REFUSED: N_("Declined"),
}
_STATES: Mapping[ClaimState, State] = {
    ClaimState.TO_ANSWER: State(N_("Awaiting the supplier"), "clock", "warn"),
    ClaimState.TO_CLOSE: State(N_("Awaiting the buyer"), "clock", "warn"),
    ClaimState.ACCEPTED: State(N_("Accepted in full"), "ok", "ok"),
    ClaimState.SHARED: State(N_("Shared"), "less", "ok"),
    ClaimState.REFUSED: State(N_("Declined"), "no"),
    ClaimState.WITHDRAWN: State(N_("Withdrawn"), "no"),
}


def kind_of(claim: Claim, speaks: Language) -> str:
    """What differed."""
    return speaks.gettext(KINDS[claim.kind])


def claim_state(state: ClaimState, speaks: Language, *, supplier: bool, overdue: bool = False) -> State:
    """How far a claim is, in the words of whoever reads it."""
    if overdue:
        return State(speaks.gettext("Overdue"), "stop", "stop")
    if state is (ClaimState.TO_ANSWER if supplier else ClaimState.TO_CLOSE):
        return State(speaks.gettext("Awaiting you"), "clock", "warn")
    known = _STATES[state]
    return known._replace(word=speaks.gettext(known.word))


def claim_address(claim: Claim, *, supplier: bool) -> str:
    """A claim's page for one of its sides."""
    return f"/{'supplier' if supplier else 'buyer'}/claims/{claim.id}"
