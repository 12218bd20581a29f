"""Capture: from a document or a form to stored events, each committed to and known to those it concerns."""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from urllib.parse import unquote
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from hub import access, db, log
from hub.access import Actor, Permission
from hub.errors import HubError
from hub.gs1 import cbv, digital_link, epcis, event_hash, jcs, master_data, reading
from hub.ledger.custody import standing
from hub.ledger.formats import streams
from hub.ledger.log import journal, members
from hub.models.base import now, uuid7
from hub.models.catalogue import Lot, LotBuyer, Mandate, TradeItem
from hub.models.party import KeyHolder, Organization, OrganizationKind
from hub.models.trace import CaptureJob, Event, EventAudience, EventKey
from hub.settings import settings

SHOWN_BY_DEFAULT = frozenset(
    """commissioning inspecting packing sensor_reporting
    urn:furrow:bizstep:planting urn:furrow:bizstep:spraying urn:furrow:bizstep:growing""".split()
)
"""Steps that a supplier shows to shoppers unless it says otherwise; the others it publishes itself."""


class NotAMember(HubError):
    """Your organisation has no number on the ledger yet; an administrator enrols it."""

    code, status = "not-a-member", 409


class TooManyEvents(HubError):
    """The document holds more events than one capture takes; send it in parts."""

    code, status = "capture-limit-exceeded", 413


class StatedOnItsPage(HubError):
    """What a party says of itself, its places, items and papers is changed on their pages, which keep the record."""

    code, status = "stated-on-its-page", 409


class EventExists(HubError):
    """Another event of yours has this eventID already; an error declaration corrects it."""

    code, status = "event-exists", 409


def capture(session: Session, actor: Actor, document: bytes, *, proceed: bool = False) -> CaptureJob:
    """Take a document's events; the job says what became of each.

    By default all or none: one bad event refuses the document. With ``proceed`` the good ones are kept and the
    job names the others. The same event again changes nothing.
    """
    access.require(actor, Permission.CAPTURE_EVENTS)
    whole = jcs.parse(document)
    submitted = epcis.read(whole)
    if len(submitted) > settings().capture_limit:
        raise TooManyEvents(
            f"{len(submitted)} events; at most {settings().capture_limit} at a time", limit=settings().capture_limit
        )
    faults = [epcis.validate(event) for event in submitted]
    if not proceed and any(faults):
        raise epcis.InvalidDocument([fault for found in faults for fault in found])
    db.let_think(session)  # of 100,000 names each is brought into its one form before the next statement
    job = CaptureJob(owner_id=actor.organization_id, error_behaviour="proceed" if proceed else "rollback")
    session.add(job)
    session.flush()
    writer = Writer(session, actor.organization_id, job.id)
    errors = []
    for event, wrong in zip(submitted, faults, strict=True):
        try:
            if wrong:
                raise epcis.InvalidDocument(wrong)
            writer.write(event)
        except HubError as refusal:
            if not proceed:
                raise
            errors.append({"path": event.path, "code": refusal.code, "detail": refusal.detail, **refusal.extra})
    job.running, job.success, job.events, job.errors = False, not errors, writer.written, errors
    job.warnings = [
        {"path": warning.path, "message": warning.message} for warning in _warnings(whole, submitted, faults)
    ]
    job.finished_at = now()
    session.flush()
    return job


_MOST_WARNINGS = 50


def _warnings(
    document: dict[str, object], submitted: Sequence[epcis.Submitted], faults: Sequence[list[epcis.Fault]]
) -> list[epcis.Fault]:
    """What is said of a document that was taken: the first fifty oddities."""
    warnings = []
    if "epcisHeader" in document:
        warnings.append(epcis.Fault("epcisHeader", "is not kept: only the events were captured"))
    for event, wrong in zip(submitted, faults, strict=True):
        if len(warnings) >= _MOST_WARNINGS:
            break
        warnings += [] if wrong else epcis.warnings(event)
    return warnings[:_MOST_WARNINGS]


def record(session: Session, event: dict[str, object], *, published: bool | None = None) -> Event:
    """Write one event of the hub's own making for the organisation that the session serves."""
    who: db.Who = session.info["who"]
    submitted = epcis.Submitted(epcis.CONTEXT, event)
    faults = epcis.validate(submitted)
    if faults:
        raise epcis.InvalidDocument(faults)
    writer: Writer | None = session.info.get("writer")
    if writer is None:
        writer = session.info["writer"] = Writer(session, who.org, None)
    return writer.write(submitted, published=published)


class Writer:
    """Writes events of one organisation, remembering what it needs to know of it."""

    def __init__(self, session: Session, organization_id: UUID, job_id: UUID | None) -> None:
        self.session, self.job_id, self.written = session, job_id, 0
        organization = session.get(Organization, organization_id)
        if organization is None or organization.member is None:
            raise NotAMember
        self.organization, self.member = organization, organization.member
        self._mandates: list[Mandate] | None = None
        self.salts_here = holder(session, organization_id) is KeyHolder.HUB

    def write(self, submitted: epcis.Submitted, *, published: bool | None = None) -> Event:
        """Store an event, or find it when it is stored already; refuses another event under its id."""
        payload = epcis.payload(submitted)
        event = submitted.event
        event_id = str(event.get("eventID") or event_hash.event_id(submitted))
        row = self._row(submitted, payload, event_id)
        asked_by = self._asked_by(event)
        from_outside = published is None
        if published is None:
            public = self.organization.kind is OrganizationKind.SUPPLIER or bool(asked_by)
            published = public and row.biz_step in SHOWN_BY_DEFAULT
        row.published_at = now() if published else None
        if from_outside and row.biz_step == master_data.STATING:
            return self._known(row, payload)  # a draft that its member now signs
        if self.salts_here:
            row.salt = secrets.token_bytes(32)
            row.commitment = streams.commitment(payload, row.salt)
        stored = self._stored(row)
        if stored is None:
            return self._known(row, payload)
        self._index(stored, event, asked_by)
        if not self.written and self.salts_here:
            journal.wake_keeper(self.session)
        self.written += 1
        return stored

    def _row(self, submitted: epcis.Submitted, payload: bytes, event_id: str) -> Event:
        event = submitted.event
        return Event(
            owner_id=self.organization.id,
            event_id=event_id,
            job_id=self.job_id,
            type=event["type"][:24],
            declaration=hashlib.sha256(payload).hexdigest() if "errorDeclaration" in event else "",
            biz_step=cbv.word("BizStep", event.get("bizStep", ""))[:200],
            event_time=epcis.moment(event["eventTime"]),
            member=self.member,
            payload=payload,
        )

    def _stored(self, row: Event) -> Event | None:
        """The row written, None where there is one already: asked by writing, since two may come at once."""
        who: db.Who | None = self.session.info.get("who")
        values = row.model_dump() | {"trace": log.trace()} | ({"created_by": who.user, "via": who.via} if who else {})
        statement = insert(Event).values(values).on_conflict_do_nothing(index_elements=_SAME).returning(Event)
        return self.session.scalars(statement).one_or_none()

    def _known(self, row: Event, payload: bytes) -> Event:
        """The event that is there already; refuses another under its name."""
        known = self.session.exec(
            select(Event).where(*(col(getattr(Event, name)) == getattr(row, name) for name in _SAME))
        ).one_or_none()
        if known is None:
            raise StatedOnItsPage
        if known.payload != payload:
            raise EventExists(f"{row.event_id} is there already, with other content", eventID=row.event_id)
        return known

    def _asked_by(self, event: dict[str, object]) -> set[UUID]:
        """The producers of lots named here who let this organisation speak of them: they read what it says."""
        if self._mandates is None:
            statement = select(Mandate).where(col(Mandate.speaker_id) == self.organization.id)
            self._mandates = list(self.session.exec(statement))
        day = reading.day(event)
        if not self._mandates or day is None:
            return set()
        step, owners = reading.step(event), set[UUID]()
        for link in {link for _, link in reading.objects(event) if _is_lot(link)}:
            item = select(TradeItem.owner_id).where(col(TradeItem.gtin) == link.split("/")[4])
            makers = set(self.session.exec(item))
            for row in self._mandates:
                mandate = standing.Mandate(0, self.member, row.kind, row.link, row.valid_from, row.valid_to)
                if row.owner_id in makers and mandate.covers(link, step, day):
                    owners.add(row.owner_id)
        return owners

    def _index(self, row: Event, event: dict[str, object], asked_by: set[UUID]) -> None:
        objects = list(dict.fromkeys(reading.objects(event)))
        owner = self.organization.id
        for first in range(0, len(objects), _AT_ONCE):
            some = objects[first : first + _AT_ONCE]
            self.session.execute(
                _KEYS,
                {
                    "ids": [uuid7() for _ in some],
                    "owner": owner,
                    "event": row.id,
                    "by": row.created_by,
                    "via": row.via,
                    "links": [link[:300] for _, link in some],
                    "parts": [part for part, _ in some],
                },
            )
        readers = asked_by | set(_organizations(self.session, reading.parties(event)))
        readers |= set(_buyers_of(self.session, [link for _, link in objects]))
        _admit(self.session, owner, [row.id], readers - {owner})


_KEYS = text("""insert into event_key (id, owner_id, created_at, created_by, via, event_id, link, part)
    select told.id, :owner, now(), :by, :via, :event, told.link, told.part
    from unnest(cast(:ids as uuid[]), cast(:links as text[]), cast(:parts as text[])) as told(id, link, part)""")
_AT_ONCE = 10_000
"""Keys in one statement: a load of pallets names tens of thousands, and a statement has its time."""


_SAME = ("owner_id", "event_id", "declaration")


def holder(session: Session, organization_id: UUID) -> KeyHolder:
    """Who holds the organisation's signing key now."""
    key = members.key_of(session, organization_id)
    if key is None:
        raise NotAMember
    return key.held_by


def grant(session: Session, lot: Lot, item: TradeItem, buyer_id: UUID) -> None:
    """Let a buyer of a lot read the lot and every record of its growing; safe to repeat."""
    known = select(LotBuyer).where(col(LotBuyer.lot_id) == lot.id, col(LotBuyer.buyer_id) == buyer_id)
    if session.exec(known).one_or_none() is None:
        session.add(LotBuyer(owner_id=lot.owner_id, lot_id=lot.id, buyer_id=buyer_id))
    link = digital_link.lot_link(item.gtin, lot.number)
    records = session.exec(
        select(EventKey.event_id)
        .join(Event, col(Event.id) == col(EventKey.event_id))
        .where(
            col(EventKey.owner_id) == lot.owner_id,
            col(EventKey.link) == link,
            col(Event.biz_step).not_in(["shipping", "receiving"]),
        )
    )
    _admit(session, lot.owner_id, list(records), {buyer_id})


def publish(session: Session, actor: Actor, event: Event, shown: bool) -> None:
    """Show an event of one's own to shoppers, or no longer."""
    access.require(actor, Permission.PUBLISH_EVENTS, event.owner_id)
    event.published_at = now() if shown else None


def _admit(session: Session, owner: UUID, events: Sequence[UUID], readers: Iterable[UUID]) -> None:
    for reader in sorted(readers):
        known = set(
            session.exec(
                select(EventAudience.event_id).where(
                    col(EventAudience.org_id) == reader, col(EventAudience.event_id).in_(events)
                )
            )
        )
        session.add_all(
            EventAudience(owner_id=owner, event_id=event, org_id=reader)
            for event in dict.fromkeys(events)
            if event not in known
        )
    session.flush()


def _organizations(session: Session, glns: Iterable[str]) -> Sequence[UUID]:
    numbers = list(glns)
    if not numbers:
        return []
    return session.exec(
        select(Organization.id).where(col(Organization.gln).in_(numbers) | col(Organization.former_gln).in_(numbers))
    ).all()


def _buyers_of(session: Session, links: Iterable[str]) -> Sequence[UUID]:
    """The organisations that bought some of these lots from this one."""
    pairs = [(item, unquote(lot)) for item, lot in (link.split("/")[4:7:2] for link in links if _is_lot(link))]
    if not pairs:
        return []
    return session.exec(
        select(LotBuyer.buyer_id)
        .join(Lot, col(Lot.id) == col(LotBuyer.lot_id))
        .join(TradeItem, col(TradeItem.id) == col(Lot.trade_item_id))
        .where(col(TradeItem.gtin).in_({p[0] for p in pairs}), col(Lot.number).in_({p[1] for p in pairs}))
    ).all()


def _is_lot(link: str) -> bool:
    return link.startswith(f"{digital_link.ROOT}/01/") and "/10/" in link
