"""Asked again who one is: the question stands in for the page, and keeps what was sent until it is answered."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from fastapi import Request
from fastapi.responses import Response

from hub.access import Actor
from hub.accounts import entry
from hub.accounts.factors import Factors
from hub.web.templating import own_path, page

OURS = "again-"
"""How the names of the question's own fields begin; everything else is what was sent."""


@dataclass(frozen=True)
class Question:
    """By what somebody may show who they are, where that leads, and what is sent there once more."""

    to: str
    reads: bool
    code: bool
    passkey: bool
    sent: Sequence[tuple[str, str]] = field(default=(), repr=False)
    wrong: str = ""


@dataclass(frozen=True)
class Wanted:
    """What somebody wanted when the question came: an address, and whether only to read what is there."""

    to: str
    reads: bool = False


def ask(request: Request, wanted: Wanted | None = None, wrong: str = "", status: int = 403) -> Response:
    """Ask who somebody is, in place of what they wanted done."""
    wanted = wanted or Wanted(request.url.path, request.method == "GET")
    actor: Actor | None = getattr(request.state, "actor", None)
    sent: Sequence[tuple[str, str]] = getattr(request.state, "sent", ())
    held = entry.held_by(actor) if actor else Factors()
    question = Question(
        to=own_path(wanted.to),
        reads=wanted.reads,
        code=held.any,
        passkey=bool(held.passkeys),
        sent=[(name, value) for name, value in sent if not name.startswith(OURS)],
        wrong=wrong,
    )
    return page(request, "account/again.html", status=status, question=question)
