"""Oversight: the auditor verifies without trusting the hub; the administrator sees whether all is well."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session, col, func, select

from chain_node.errors import LedgerError
from hub import access, outbox, parties
from hub.access import Permission
from hub.errors import InvalidInput
from hub.ledger import anchoring, bundle, checks, verification
from hub.models.access import AuditEntry
from hub.models.base import now
from hub.models.inventory import CoreCursor
from hub.models.outbox import OutboxMessage
from hub.models.party import KeyHolder, Membership, Organization, SigningKey, User
from hub.models.trace import AnchorState, Event, LogAppend, LogLeaf
from hub.pages.product import WORDS, tone
from hub.settings import settings
from hub.web.deps import ActorDep, LanguageDep, SessionDep, requires
from hub.web.forms import Figure, Filled, filled
from hub.web.i18n import N_
from hub.web.routing import Router
from hub.web.templating import go, page

router = Router(include_in_schema=False)
_AUDIT = requires(Permission.AUDIT)
_ADMIN = requires(Permission.ADMINISTER)
_A_PAGE = 50

ACTIONS = {
    "core.connect": N_("Core connected"), "core.tell_again": N_("Core told again"),
    "forecast.ask": N_("Forecast asked for"), "forecast.commit": N_("Committed to the forecast"),
    "forecast.share": N_("Forecast shared"), "login.ended": N_("Sign-in ended"),
    "mandate.give": N_("Somebody let speak of lots"), "mandate.end": N_("Let speak no longer"),
    "assortment.take-from": N_("Item taken from another supplier"),
    "listing.dispute": N_("Listing of an article number disputed"),
    "listing.withdraw": N_("Dispute of a listing withdrawn"), "message.again": N_("Message tried again"),
    "order.answer": N_("Order answered"), "order.answer-anew": N_("Answer to an order changed"),
    "order.cancel": N_("Order cancelled"), "order.close": N_("Rest of an order no longer wanted"),
    "order.place": N_("Order placed"), "tolerance.set": N_("Tolerance by weight set"),
    "recall.close": N_("Recall closed"), "recall.open": N_("Recall opened"), "recall.sign": N_("Recall signed"),
    "routes.plan": N_("Routes asked for"), "routes.publish": N_("Routes published"),
    "routes.withdraw": N_("Routes taken back"),
    "shipment.announce": N_("Shipment announced"), "shipment.receive": N_("Shipment received"),
    "stop.deliver": N_("Goods handed over"), "stop.arrive": N_("Arrived"), "stop.not-arrived": N_("Arrival taken back"),
    "vehicle.add": N_("Vehicle added"), "vehicle.change": N_("Vehicle changed"),
    "vehicle.retire": N_("Vehicle taken out of service"), "vehicle.return": N_("Vehicle back in service"),
}  # fmt: skip
"""What the audit trail's actions are called."""

DETAILS = {
    "kind": N_("Kind"), "spoken_as": N_("Said by"), "percent": N_("Percent"), "url": N_("Address"), "late": N_("Late"),
    "recall_class": N_("Class"), "nonce": N_("Number"), "day": N_("Day"), "order": N_("Order"),
    "disputed": N_("Disputed"), "received_by": N_("Taken by"), "week": N_("Week"), "quantity": N_("Quantity"),
    "asked": N_("Asked"), "lot": N_("Lot"),
}  # fmt: skip


@dataclass(frozen=True)
class StreamRow:
    """A member's stream, as the hub holds it and as the chain does."""

    member: int
    organization: Organization | None
    records: int
    on_chain: int | None
    hub_held: bool | None


@router.get("/audit", dependencies=[_AUDIT])
def audit(request: Request, session: SessionDep) -> HTMLResponse:
    """The auditor's first page: the verdict is being worked out while it loads."""
    return page(
        request,
        "oversight/audit.html",
        appends=_newest_appends(session),
        sealers=settings().sealers,
        finality=settings().finality,
        at=now(),
    )


@router.get("/audit/checks", dependencies=[_AUDIT])
def run_checks(request: Request, actor: ActorDep, session: SessionDep) -> HTMLResponse:
    """Recompute everything this reader may see, from the records up."""
    begun = now()
    try:
        made = verification.make_bundle(session, str(actor.organization_id))
        session.commit()  # judging takes as long as there are records, and needs the database no more
        found = bundle.verify(made, anchoring.ledger())
    except LedgerError as problem:
        return page(request, "oversight/_checks.html", away=type(problem).__name__, groups=[], good=False, at=now())
    records = sum(len(one.records) for one in made.streams)
    names = verification.members_of(session)
    return page(
        request,
        "oversight/_checks.html",
        away="",
        groups=_by_code(found),
        good=checks.all_good(found),
        names=names,
        block=made.block,
        records=records,
        streams=len(made.streams),
        at=now(),
        took=(now() - begun).total_seconds(),
        words=WORDS,
        tone=tone,
    )


@router.get("/audit/streams", dependencies=[_AUDIT])
def audit_streams(request: Request, session: SessionDep) -> HTMLResponse:
    """Every member's stream: how many records, who holds the key, what the chain says."""
    return page(request, "oversight/streams.html", rows=_streams(session), at=now())


@router.get("/audit/bundle", dependencies=[_AUDIT])
def audit_bundle(request: Request, session: SessionDep) -> HTMLResponse:
    """Take the evidence away, and how to check it elsewhere."""
    size = session.exec(select(func.max(LogAppend.new_size))).one() or 0
    return page(request, "oversight/bundle.html", size=size, trust=_trust())


@router.get("/admin", dependencies=[_ADMIN])
def admin(request: Request, actor: ActorDep, session: SessionDep) -> HTMLResponse:
    """Whether all is well: the ledger's way to the chain, messages that wait, cores."""
    counts = dict(session.exec(select(LogAppend.state, func.count()).group_by(col(LogAppend.state))).all())
    failed = session.exec(
        select(OutboxMessage)
        .where(col(OutboxMessage.handled_at).is_(None), col(OutboxMessage.attempts) > 0)
        .order_by(col(OutboxMessage.id))
    ).all()
    return page(
        request,
        "oversight/admin.html",
        own=session.get_one(Organization, actor.organization_id),
        chain=_chain_state(),
        appends=_newest_appends(session),
        waiting=counts.get(AnchorState.SEALED, 0) + counts.get(AnchorState.SENT, 0),
        counts=counts,
        leaves=session.exec(select(func.count()).select_from(LogLeaf)).one(),
        unsealed=session.exec(select(func.count()).select_from(Event).where(col(Event.seq).is_(None))).one(),
        cursors=session.exec(select(CoreCursor)).all(),
        at=now(),
        late=[one for one in failed if one.parked_at is None],
        parked=[one for one in failed if one.parked_at is not None],
        finality=settings().finality,
        sealers=settings().sealers,
    )


class Tolerance(BaseModel):
    """By how much goods may outweigh what was announced."""

    percent: Annotated[Figure, Field(ge=0, le=20, max_digits=4, decimal_places=1)]


@router.post("/admin/tolerance", dependencies=[_ADMIN])
def set_tolerance(
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Tolerance], filled(Tolerance)],
) -> Response:
    """Say by how much goods sold by weight may outweigh what was announced."""
    if form.read is None:
        raise InvalidInput("Enter a share between 0 and 20 %.", errors=form.problems)
    parties.set_weight_tolerance(session, form.read.percent / 100)
    access.record(session, actor, "tolerance.set", "", percent=form.read.percent)
    return go(request, "/admin", toast=form.language.gettext(N_("Saved. It counts from the next receipt on.")))


@router.post("/admin/messages/{message_id}/again", dependencies=[_ADMIN])
def try_again(
    request: Request, message_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep
) -> Response:
    """Have a message tried anew that failed too often."""
    row = outbox.again(session, message_id)
    access.record(session, actor, "message.again", row.type)
    return go(request, "/admin", toast=speaks.gettext(N_("It is being tried again.")))


@router.get("/admin/people", dependencies=[_ADMIN])
def people(request: Request, session: SessionDep) -> HTMLResponse:
    """Who acts for this organisation, in which role."""
    rows = session.exec(
        select(User, Membership).join(Membership, col(Membership.user_id) == col(User.id)).order_by(col(User.name))
    ).all()
    return page(request, "oversight/people.html", rows=rows)


@router.get("/admin/audit-trail", dependencies=[_ADMIN])
def audit_trail(
    request: Request, actor: ActorDep, session: SessionDep, p: Annotated[int, Query(ge=1, le=10_000)] = 1
) -> HTMLResponse:
    """Who did what, the newest first."""
    found = select(AuditEntry, User).join(User, col(User.id) == col(AuditEntry.created_by), isouter=True)
    rows = session.exec(found.order_by(col(AuditEntry.id).desc()).offset((p - 1) * _A_PAGE).limit(_A_PAGE + 1)).all()
    return page(
        request,
        "oversight/trail.html",
        own=session.get_one(Organization, actor.organization_id),
        rows=rows[:_A_PAGE],
        p=p,
        more=len(rows) > _A_PAGE,
        actions=ACTIONS,
        details=DETAILS,
        truth={"True": N_("yes"), "False": N_("no")},
    )


def _by_code(found: Sequence[checks.Check]) -> list[tuple[str, list[checks.Check]]]:
    """Checks by kind; kinds with a finding first, and findings first in each."""
    rank = {"fail": 0, "unknown": 1, "warn": 2, "pass": 3}
    groups = []
    for code in checks.TITLES:
        those = sorted((check for check in found if check.code == code), key=lambda c: rank[tone(c)])
        if those:
            groups.append((code, those))
    return sorted(groups, key=lambda group: all(check.good for check in group[1]))


def _newest_appends(session: Session) -> Sequence[LogAppend]:
    return session.exec(select(LogAppend).order_by(col(LogAppend.number).desc()).limit(8)).all()


def _streams(session: Session) -> list[StreamRow]:
    counted = dict(session.exec(select(LogLeaf.member, func.count()).group_by(col(LogLeaf.member))).all())
    known = verification.members_of(session)
    held = {row.owner_id: row.held_by for row in session.exec(select(SigningKey))}
    rows = []
    for member in sorted({*counted, *known}):
        organization = known.get(member)
        try:
            chain = anchoring.ledger().member(member)
            on_chain = anchoring.ledger().head_of(member).seq
            by_hub = chain.keys[-1].hub_held if chain else None
        except LedgerError:
            on_chain = None
            by_hub = held[organization.id] is KeyHolder.HUB if organization and organization.id in held else None
        rows.append(StreamRow(member, organization, counted.get(member, 0), on_chain, by_hub))
    return rows


def _trust() -> dict[str, Any] | None:
    try:
        return verification.trust().to_json()
    except LedgerError:
        return None


def _chain_state() -> dict[str, Any] | None:
    try:
        chain = anchoring.ledger()
        latest, head = chain.block("latest"), chain.tree_head()
        return {"block": latest.number, "final": chain.final().number, "size": head.size}
    except LedgerError:
        return None
