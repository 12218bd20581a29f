"""Documents as they are sent here: each is kept, and either carried out or refused in words that name the line."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from hub import access, db
from hub.access import Actor, Permission
from hub.errors import Amount, HubError, NotAllowed, NotFound, Sum
from hub.lists import CountedPage, Search
from hub.ubl import reading
from hub.ubl.papers import Paper
from supplier_portal.exchange import effects
from supplier_portal.exchange.models import Outcome, TradeDocument

MOST_BYTES = 2 * 1024 * 1024
"""A document is words and figures; pictures and papers go elsewhere."""


class DocumentTooLarge(HubError):
    """A document has at most %(most)s KB; leave out what is attached to it."""

    code, status = "document-too-large", 413


class DocumentEmpty(HubError):
    """There is nothing in this document."""

    code, status = "document-empty", 422


class DocumentNumberUsed(HubError):
    """Another document of this kind and number was taken already; give each a number of its own."""

    code, status = "document-number-used", 409


@dataclass
class _Try:
    """How far a document was read and what came of it."""

    kind: str = ""
    number: str = ""
    about: str = ""
    done: effects.Done = field(default_factory=dict)
    unread: list[tuple[str, int]] = field(default_factory=list)
    refusal: HubError | None = None
    lines: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Taken:
    """A document that was put in, and its refusal where it was refused; ``known`` if it had been taken before."""

    document: TradeDocument
    refusal: HubError | None = None
    known: bool = False


def take(session: Session, actor: Actor, content: bytes, name: str = "", *, at: datetime) -> Taken:
    """Keep a document and carry it out, or keep it with the reason why not.

    The same bytes again are the same document: taken once, it is answered as it was; refused, it is tried anew.
    """
    if not {Permission.ANSWER_ORDERS, Permission.PLACE_ORDERS} & actor.permissions:
        raise NotAllowed(permission=Permission.ANSWER_ORDERS.value)
    if len(content) > MOST_BYTES:
        raise DocumentTooLarge(most=MOST_BYTES // 1024)
    if not content.strip():
        raise DocumentEmpty
    sha256 = hashlib.sha256(content).hexdigest()
    db.in_turn(session, f"trade-document/{actor.organization_id}/{sha256}")
    kept = session.exec(
        select(TradeDocument).where(
            col(TradeDocument.owner_id) == actor.organization_id, col(TradeDocument.sha256) == sha256
        )
    ).one_or_none()
    if kept is not None and kept.outcome is Outcome.TAKEN:
        return Taken(kept, known=True)
    tried = _try(session, actor, content, at)
    outcome = Outcome.REFUSED if tried.refusal else Outcome.TAKEN
    if kept is None:
        kept = TradeDocument(
            owner_id=actor.organization_id,
            file_name=name[:200],
            received_at=at,
            tried_at=at,
            tries=0,
            sha256=sha256,
            size=len(content),
            content=content,
            outcome=outcome,
        )
    kept.kind, kept.number, kept.about = tried.kind, tried.number, tried.done.get("order", tried.about)[:30]
    kept.sender, kept.tried_at, kept.tries, kept.outcome = actor.name[:120], at, kept.tries + 1, outcome
    kept.code = tried.refusal.code if tried.refusal else ""
    kept.faults = _faults(tried.refusal, tried.lines) if tried.refusal else []
    kept.done, kept.unread = dict(tried.done), [{"element": path, "line": line} for path, line in tried.unread]
    session.add(kept)
    session.flush()
    action = "document.refused" if tried.refusal else "document.taken"
    access.record(session, actor, action, f"{tried.kind} {tried.number}".strip(), order=kept.about)
    return Taken(kept, tried.refusal)


def again(session: Session, actor: Actor, document_id: UUID, *, at: datetime) -> Taken:
    """Put a document in again that was refused, as it came."""
    return take(session, actor, find(session, actor, document_id).content, at=at)


def find(session: Session, actor: Actor, document_id: UUID) -> TradeDocument:
    """A document that the actor's organisation sent here."""
    document = session.get(TradeDocument, document_id)
    if document is None or document.owner_id != actor.organization_id:
        raise NotFound
    return document


def listed(
    session: Session, actor: Actor, search: Search = Search(), outcome: Outcome | None = None
) -> CountedPage[TradeDocument]:
    """The documents that the actor's organisation sent here, the latest first; by kind, number or order."""
    mine = select(TradeDocument).where(col(TradeDocument.owner_id) == actor.organization_id)
    if outcome is not None:
        mine = mine.where(col(TradeDocument.outcome) == outcome)
    for word in search.words.split():
        named = [col(column).icontains(word, autoescape=True) for column in _NAMED]
        mine = mine.where(named[0] | named[1] | named[2] | named[3])
    total = session.scalar(select(func.count()).select_from(mine.subquery())) or 0
    latest = mine.order_by(col(TradeDocument.received_at).desc(), col(TradeDocument.id).desc())
    latest = latest.options(defer(_CONTENT))
    rows = session.exec(latest.limit(search.size).offset(search.before)).all()
    return CountedPage(list(rows), total, search)


_CONTENT: Any = TradeDocument.content
_NAMED: tuple[Any, ...] = (TradeDocument.kind, TradeDocument.number, TradeDocument.about, TradeDocument.file_name)


def _try(session: Session, actor: Actor, content: bytes, at: datetime) -> _Try:
    tried = _Try()
    try:
        opened = reading.opened(content)
        tried.kind, tried.number = opened.kind.value, opened.number
        read = reading.read(opened)
        tried.about, tried.unread = effects.about(read.paper), list(read.unread)
        tried.lines = _lines(read.paper)
        with session.begin_nested():
            _require_new(session, actor, tried)
            tried.done = effects.carry_out(session, actor, read.paper, at=at)
            session.flush()
    except HubError as refusal:
        tried.refusal, tried.done = refusal, {}
    return tried


def _require_new(session: Session, actor: Actor, tried: _Try) -> None:
    db.in_turn(session, f"trade-document/{actor.organization_id}/{tried.kind}/{tried.number}")
    same = select(TradeDocument.id).where(
        col(TradeDocument.owner_id) == actor.organization_id,
        col(TradeDocument.kind) == tried.kind,
        col(TradeDocument.number) == tried.number,
        col(TradeDocument.outcome) == Outcome.TAKEN,
    )
    if session.exec(same).first() is not None:
        raise DocumentNumberUsed(at="number", number=tried.number)


def _lines(paper: Paper) -> list[int]:
    """On which line of the file each line of a document stands."""
    return [line.row for line in paper.lines]


# Why it was refused, as it is kept


def line_of(refusal: HubError, lines: list[int]) -> int:
    """On which line of the file that stands which a refusal is about; 0 where it is about all of it."""
    said = refusal.values.get("line")
    if isinstance(said, int):
        return said
    part, _, rest = refusal.at.partition(".")
    place = rest.partition(".")[0]
    return lines[int(place)] if part == "lines" and place.isdecimal() and int(place) < len(lines) else 0


def _faults(refusal: HubError, lines: list[int]) -> list[dict[str, Any]]:
    several = getattr(refusal, "faults", ())
    if several:
        return [_fault(one.sentence, one.values, one.line, one.element) for one in several]
    element = str(refusal.values.get("element") or refusal.at)
    return [_fault(refusal.sentence, refusal.values, line_of(refusal, lines), element)]


def _fault(sentence: str, values: Mapping[str, Any], line: int, element: str) -> dict[str, Any]:
    said = {name: kept(value) for name, value in values.items()}
    return {"sentence": sentence, "values": said, "line": line, "element": element}


def kept(value: Any) -> Any:
    """A value of a sentence as JSON holds it, so that it can be said later in any language."""
    if isinstance(value, Amount):
        return {"amount": str(value.quantity), "unit": value.unit}
    if isinstance(value, Sum):
        return {"sum": str(value.amount), "currency": value.currency}
    if isinstance(value, Decimal):
        return {"figure": str(value)}
    if isinstance(value, date) and not isinstance(value, datetime):
        return {"day": value.isoformat()}
    return value if isinstance(value, str | int | float | None) else str(value)


def told(value: Any) -> Any:
    """The same value again."""
    match value:
        case {"amount": amount, "unit": unit}:
            return Amount(Decimal(amount), unit)
        case {"sum": amount, "currency": currency}:
            return Sum(Decimal(amount), currency)
        case {"figure": figure}:
            return Decimal(figure)
        case {"day": day}:
            return date.fromisoformat(day)
    return value
