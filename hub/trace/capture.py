"""Capture: from a document or a form to stored events, each committed to and known to those it concerns."""

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from hub import access, db, log
from hub.access import Actor, Permission
from hub.errors import HubError
from hub.gs1 import digital_link, epcis, event_hash, jcs, master_data, reading, vocabularies
from hub.ledger.custody import standing
from hub.ledger.formats import streams
from hub.ledger.log import journal, members
from hub.models.base import now, uuid7
from hub.models.catalogue import Lot, LotBuyer, Mandate, TradeItem
from hub.models.party import KeyHolder, Organization, OrganizationKind
from hub.models.trace import Event, EventKey
from hub.settings import settings
from hub.trace.judging import audience, verdicts
from hub.trace.judging.verdicts import Verdict

SHOWN_BY_DEFAULT = frozenset(
    """commissioning inspecting packing sensor_reporting
    urn:furrow:bizstep:planting urn:furrow:bizstep:spraying urn:furrow:bizstep:growing""".split()
)
"""Steps that a supplier shows to shoppers unless it says otherwise; the others it publishes itself."""


class NotAMember(HubError):
    """Your organisation has no number on the ledger yet; an administrator enrols it."""

    code, status, epcis = "not-a-member", 409, "SecurityException"


class TooManyEvents(HubError):
    """The document holds more events than one capture takes; send it in parts."""

    code, status = "capture-limit-exceeded", 413


class StatedOnItsPage(HubError):
    """What a party says of itself, its places, items and papers is changed on their pages, which keep the record."""

    code, status, epcis = "stated-on-its-page", 409, "ValidationException"


class EventExists(HubError):
    """Another event of yours has this eventID already; an error declaration corrects it."""

    code, status = "event-exists", 409


class OneEventHere(HubError):
    """One event by itself is taken here; a document goes to /epcis/capture."""

    code, status = "one-event-here", 400


Read = Callable[[bytes], Any]
"""From what was sent to the JSON form of EPCIS: ``jcs.parse``, or ``hub.gs1.xml.reading.read``."""


@dataclass(frozen=True)
class Outcome:
    """What became of one event: the row that holds it, written now or ``known`` before; or why it was refused."""

    row_id: UUID | None = None
    event_id: str = ""
    payload_hash: str = ""
    known: bool = False
    refusal: HubError | None = None
    warnings: tuple[epcis.Fault, ...] = ()
    """What buyers ask for and it does not say."""


@dataclass(frozen=True)
class Single:
    """One event that came by itself, with the click or call that it came with."""

    submitted: epcis.Submitted
    trace: UUID | None


def single(actor: Actor, body: bytes, read: Read = jcs.parse) -> Single:
    """Read one event and judge it; raises what is wrong with it.

    In XML it may stand in a document: GS1's XSD knows no event by itself.
    """
    access.require(actor, Permission.CAPTURE_EVENTS)
    whole = read(body)
    is_document = isinstance(whole, dict) and whole.get("type") in ("EPCISDocument", "EPCISQueryDocument")
    if is_document and not isinstance(whole, epcis.Lined):
        raise OneEventHere
    events, found = checked(whole)
    if len(events) != 1:
        raise OneEventHere
    [submitted], [faults] = events, found
    if vocabularies.read(whole).elements:
        raise OneEventHere
    if faults:
        raise epcis.InvalidDocument(faults)
    return Single(submitted, log.trace())


def capture_singles(session: Session, singles: Sequence[Single]) -> list[Outcome]:
    """Write events of one organisation that came one by one; of each what became of it.

    One that is there already is refused (``EventExists``) unless it declares an error.
    """
    who: db.Who = session.info["who"]
    writer = Writer(session, who.org, None)
    submitted, traces = [one.submitted for one in singles], [one.trace for one in singles]
    outcomes = writer.write_all(submitted, traces=traces, judged=True)
    return [_once(one.submitted, outcome) for one, outcome in zip(singles, outcomes, strict=True)]


def _once(submitted: epcis.Submitted, outcome: Outcome) -> Outcome:
    if not outcome.known or "errorDeclaration" in submitted.event:
        return outcome
    return replace(outcome, refusal=EventExists(f"{outcome.event_id} is there already", eventID=outcome.event_id))


def checked(whole: Any) -> tuple[list[epcis.Submitted], list[list[epcis.Fault]]]:
    """The events of a document, and what is wrong with each."""
    submitted = counted(whole)
    return submitted, [epcis.validate(event) for event in submitted]


def counted(whole: Any) -> list[epcis.Submitted]:
    """The events of a document, none of which was looked at; refuses what is none, and what holds too many."""
    submitted = epcis.read(whole)
    most = settings().capture_limit
    if len(submitted) > most:
        raise TooManyEvents(f"{len(submitted)} events; at most {most} at a time", limit=most)
    return submitted


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


class _Draft:
    """An event on its way into the tables: what each of them keeps of it, under one identifier."""

    def __init__(self, submitted: epcis.Submitted) -> None:
        event = submitted.event
        self.submitted = submitted
        self.id = uuid7()
        self.event = event
        self.payload = epcis.payload(submitted)
        self.event_id = str(event.get("eventID") or event_hash.event_id(submitted))
        self.declaration = hashlib.sha256(self.payload).hexdigest() if "errorDeclaration" in event else ""
        self.terms = reading.terms(event)
        self.time = epcis.moment(event["eventTime"])
        self.objects = list(dict.fromkeys(reading.objects(event)))
        self.named = audience.named_by(event, self.objects)
        self.asked_by: set[UUID] = set()
        self.readers: set[UUID] | None = None
        self.verdict = Verdict()
        self.shown = False
        self.salt: bytes | None = None
        self.commitment: bytes | None = None
        self.trace = log.trace()

    @property
    def name(self) -> tuple[str, str]:
        """What no two events of one organisation have in common."""
        return self.event_id, self.declaration

    def outcome(self, row_id: UUID, *, known: bool = False) -> Outcome:
        """That a row holds it."""
        said = () if known else self.verdict.warnings
        return Outcome(row_id, self.event_id, hashlib.sha256(self.payload).hexdigest(), known, warnings=said)


class Writer:
    """Writes events of one organisation, remembering what it needs to know of it.

    However many events come together: one statement for each table, one look for those that are known, one question
    for all their readers.
    """

    def __init__(self, session: Session, organization_id: UUID, job_id: UUID | None) -> None:
        self.session, self.job_id, self.written = session, job_id, 0
        self.first: UUID | None = None
        self.last: UUID | None = None
        organization = session.get(Organization, organization_id)
        if organization is None or organization.member is None:
            raise NotAMember
        self.organization, self.member = organization, organization.member
        self._mandates: list[Mandate] | None = None
        self.salts_here = holder(session, organization_id) is KeyHolder.HUB

    def write(self, submitted: epcis.Submitted, *, published: bool | None = None) -> Event:
        """Store an event, or find it when it is stored already; refuses another event under its id."""
        [event] = self.rows(self.write_all([submitted], published=published))
        return event

    def rows(self, outcomes: Sequence[Outcome]) -> list[Event]:
        """The rows that hold the events, in their order; raises the first refusal."""
        for outcome in outcomes:
            if outcome.refusal is not None:
                raise outcome.refusal
        held = select(Event).where(col(Event.id).in_([outcome.row_id for outcome in outcomes]))
        rows = {row.id: row for row in self.session.exec(held)}
        return [rows[outcome.row_id] for outcome in outcomes if outcome.row_id is not None]

    def write_all(
        self,
        submitted: Sequence[epcis.Submitted],
        *,
        published: bool | None = None,
        traces: Sequence[UUID | None] = (),
        judged: bool = False,
    ) -> list[Outcome]:
        """Store events in their order; what is stored already is found, another event under its id refused.

        ``traces`` says of each with which click or call it came; the present one where nothing is said. Where they are
        ``judged``, what is odd is refused if the organisation is strict, and what buyers insist on must be said.
        """
        self.session.flush()
        drafts = [_Draft(event) for event in submitted]
        for draft, trace in zip(drafts, traces, strict=False):
            draft.trace = trace
        if judged:
            self._judge(drafts)
        outcomes: list[Outcome] = []
        for first in range(0, len(drafts), _EVENTS_AT_ONCE):
            outcomes += self._taken(drafts[first : first + _EVENTS_AT_ONCE], published)
        return outcomes

    def _judge(self, drafts: Sequence[_Draft]) -> None:
        """Say of each that is not here yet what is odd, and what buyers ask for and it does not say."""
        asked = verdicts.asked_of(self.session, self.organization.id)
        if not asked and not self.organization.strict:
            return
        known, first = self._known(drafts), dict[tuple[str, str], _Draft]()
        for draft in drafts:
            first.setdefault(draft.name, draft)
        new = [draft for draft in first.values() if draft.name not in known]
        if self.organization.strict:
            found = verdicts.strictly(self.session, self.organization.id, [draft.submitted for draft in new])
            for draft, verdict in zip(new, found, strict=True):
                draft.verdict = verdict
        if asked:
            self._find_readers(new)
        for draft in new:
            if draft.readers and draft.verdict.refusal is None:
                draft.verdict = verdicts.by_buyers(asked, draft.submitted, draft.readers)
        for draft in drafts:
            draft.verdict = first[draft.name].verdict  # the same again is what the first of them is

    def _find_readers(self, drafts: Sequence[_Draft]) -> None:
        found = audience.readers(self.session, self.organization.id, [draft.named for draft in drafts])
        for draft, readers in zip(drafts, found, strict=True):
            draft.readers = readers

    def _taken(self, drafts: Sequence[_Draft], published: bool | None) -> list[Outcome]:
        """What became of each: refused as it was judged, or written."""
        written = iter(self._write([draft for draft in drafts if draft.verdict.refusal is None], published))
        refused = (draft.verdict.refusal for draft in drafts)
        return [next(written) if refusal is None else Outcome(refusal=refusal) for refusal in refused]

    def _write(self, drafts: Sequence[_Draft], published: bool | None) -> list[Outcome]:
        if not drafts:
            return []
        self._ask(drafts)
        for draft in drafts:
            draft.shown = published if published is not None else self._shows(draft)
            if self.salts_here:
                draft.salt = secrets.token_bytes(32)
                draft.commitment = streams.commitment(draft.payload, draft.salt)
        stored = self._store(
            [draft for draft in drafts if published is not None or draft.terms.biz_step != master_data.STATING]
        )
        new = [draft for draft in drafts if draft.id in stored]
        self._index(new)
        known = self._known([draft for draft in drafts if draft.id not in stored])
        if new and not self.written and self.salts_here:
            journal.wake_keeper(self.session)
        if new:
            self.written, self.first, self.last = self.written + len(new), self.first or new[0].id, new[-1].id
        return [draft.outcome(draft.id) if draft.id in stored else _again(draft, known) for draft in drafts]

    def foresee(self, submitted: Sequence[epcis.Submitted]) -> list[Outcome]:
        """What `write_all` would make of events that are ``judged``, in their order; nothing is written."""
        drafts = [_Draft(event) for event in submitted]
        self._judge(drafts)
        outcomes: list[Outcome] = []
        held: dict[tuple[str, str], tuple[UUID, bytes | None]] = {}
        for first in range(0, len(drafts), _EVENTS_AT_ONCE):
            some = drafts[first : first + _EVENTS_AT_ONCE]
            held = self._known(some) | held
            outcomes += [self._foreseen(draft, held) for draft in some]
        return outcomes

    def _foreseen(self, draft: _Draft, held: dict[tuple[str, str], tuple[UUID, bytes | None]]) -> Outcome:
        """What would become of one; if it is new, it is ``held`` for those behind it."""
        if draft.verdict.refusal is not None:
            return Outcome(refusal=draft.verdict.refusal)
        if draft.name in held or draft.terms.biz_step == master_data.STATING:
            return _again(draft, held)
        held[draft.name] = draft.id, draft.payload
        return draft.outcome(draft.id)

    def _shows(self, draft: _Draft) -> bool:
        """Whether shoppers see an event that nobody has decided about."""
        public = self.organization.kind is OrganizationKind.SUPPLIER or bool(draft.asked_by)
        return public and draft.terms.biz_step in SHOWN_BY_DEFAULT

    def _store(self, drafts: Sequence[_Draft]) -> set[UUID]:
        """Write the rows; return which were: asked by writing, since the same may come twice at once."""
        stamp = _stamp(self.session, self.organization.id)
        rows = {
            "ids": [draft.id for draft in drafts],
            "event_ids": [draft.event_id for draft in drafts],
            "declarations": [draft.declaration for draft in drafts],
            "types": [draft.event["type"][:24] for draft in drafts],
            "steps": [draft.terms.biz_step for draft in drafts],
            "dispositions": [draft.terms.disposition for draft in drafts],
            "read_points": [draft.terms.read_point for draft in drafts],
            "locations": [draft.terms.biz_location for draft in drafts],
            "times": [draft.time for draft in drafts],
            "payloads": [draft.payload for draft in drafts],
            "salts": [draft.salt for draft in drafts],
            "commitments": [draft.commitment for draft in drafts],
            "shown": [stamp["at"] if draft.shown else None for draft in drafts],
            "traces": [draft.trace for draft in drafts],
        }
        same = {"job": self.job_id, "member": self.member}
        return set(self.session.execute(_EVENTS, {**stamp, **rows, **same}).scalars())

    def _known(self, drafts: Sequence[_Draft]) -> dict[tuple[str, str], tuple[UUID, bytes | None]]:
        """The rows that are there already under the drafts' names: identifier and payload."""
        if not drafts:
            return {}
        names = {
            "owner": self.organization.id,
            "event_ids": [draft.event_id for draft in drafts],
            "declarations": [draft.declaration for draft in drafts],
        }
        rows = self.session.execute(_NAMED, names)
        return {(row.event_id, row.declaration): (row.id, row.payload) for row in rows}

    def _ask(self, drafts: Sequence[_Draft]) -> None:
        """Find the producers of lots named here who let this organisation speak of them: they read what it says."""
        if self._mandates is None:
            statement = select(Mandate).where(col(Mandate.speaker_id) == self.organization.id)
            self._mandates = list(self.session.exec(statement))
        lots = {link for draft in drafts for link in draft.named.lots}
        if not self._mandates or not lots:
            return
        gtins = {audience.gtin(lot) for lot in lots}
        made = select(TradeItem.gtin, TradeItem.owner_id).where(col(TradeItem.gtin).in_(gtins))
        makers = defaultdict(set)
        for number, owner in self.session.exec(made):
            makers[number].add(owner)
        for draft in drafts:
            day, step = reading.day(draft.event), reading.step(draft.event)
            if day is None:
                continue
            for row in self._mandates:
                mandate = standing.Mandate(0, self.member, row.kind, row.link, row.valid_from, row.valid_to)
                of_its = [lot for lot in draft.named.lots if row.owner_id in makers[audience.gtin(lot)]]
                if any(mandate.covers(lot, step, day) for lot in of_its):
                    draft.asked_by.add(row.owner_id)

    def _index(self, drafts: Sequence[_Draft]) -> None:
        """Keep what each event speaks of, and who may read it."""
        keys = [(draft.id, link, part) for draft in drafts for part, link in draft.objects]
        for first in range(0, len(keys), _KEYS_AT_ONCE):
            some = keys[first : first + _KEYS_AT_ONCE]
            told = {
                "ids": [uuid7() for _ in some],
                "events": [event for event, _, _ in some],
                "links": [link[:300] for _, link, _ in some],
                "parts": [part for _, _, part in some],
            }
            self.session.execute(_KEYS, {**_stamp(self.session, self.organization.id), **told})
        self._find_readers([draft for draft in drafts if draft.readers is None])
        own = self.organization.id
        admitted = [
            (draft.id, reader)
            for draft in drafts
            for reader in sorted(draft.asked_by | (draft.readers or set()))
            if reader != own
        ]
        _admit(self.session, _stamp(self.session, self.organization.id), admitted)


_EVENTS = text("""insert into event (id, owner_id, created_at, created_by, via, event_id, declaration, job_id, type,
        biz_step, disposition, read_point, biz_location, event_time, member, payload, salt, commitment, published_at,
        trace)
    select told.id, :owner, :at, cast(:by as uuid), :via, told.event_id, told.declaration, cast(:job as uuid),
        told.type, told.step, told.disposition, told.read_point, told.location, told.time, :member, told.payload,
        told.salt, told.commitment, told.shown, told.trace
    from unnest(cast(:ids as uuid[]), cast(:event_ids as text[]), cast(:declarations as text[]),
        cast(:types as text[]), cast(:steps as text[]), cast(:dispositions as text[]), cast(:read_points as text[]),
        cast(:locations as text[]), cast(:times as timestamptz[]), cast(:payloads as bytea[]),
        cast(:salts as bytea[]), cast(:commitments as bytea[]), cast(:shown as timestamptz[]), cast(:traces as uuid[]))
        as told(id, event_id, declaration, type, step, disposition, read_point, location, time, payload, salt,
            commitment, shown, trace)
    on conflict (owner_id, event_id, declaration) do nothing returning id""")
_NAMED = text("""select event.id, event.event_id, event.declaration, event.payload from event
    join unnest(cast(:event_ids as text[]), cast(:declarations as text[])) as told(event_id, declaration)
        on told.event_id = event.event_id and told.declaration = event.declaration
    where event.owner_id = :owner""")
_KEYS = text("""insert into event_key (id, owner_id, created_at, created_by, via, event_id, link, part)
    select told.id, :owner, :at, cast(:by as uuid), :via, told.event, told.link, told.part
    from unnest(cast(:ids as uuid[]), cast(:events as uuid[]), cast(:links as text[]), cast(:parts as text[]))
        as told(id, event, link, part)""")
_ADMITTED = text("""insert into event_audience (id, owner_id, created_at, created_by, via, event_id, org_id)
    select told.id, :owner, :at, cast(:by as uuid), :via, told.event, told.reader
    from unnest(cast(:ids as uuid[]), cast(:events as uuid[]), cast(:readers as uuid[])) as told(id, event, reader)
    on conflict (owner_id, event_id, org_id) do nothing""")
_EVENTS_AT_ONCE = 1_000
_KEYS_AT_ONCE = 10_000
"""Keys in one statement: a load of pallets names tens of thousands, and a statement has its time."""


def _again(draft: _Draft, known: Mapping[tuple[str, str], tuple[UUID, bytes | None]]) -> Outcome:
    """What becomes of an event that was not written: it is there already, or it may not be."""
    if draft.name not in known:
        return Outcome(refusal=StatedOnItsPage())
    row_id, payload = known[draft.name]
    if payload != draft.payload:
        detail = f"{draft.event_id} is there already, with other content"
        return Outcome(refusal=EventExists(detail, eventID=draft.event_id))
    return draft.outcome(row_id, known=True)


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
    _admit(session, _stamp(session, lot.owner_id), [(event, buyer_id) for event in dict.fromkeys(records)])


def publish(session: Session, actor: Actor, event: Event, shown: bool) -> None:
    """Show an event of one's own to shoppers, or no longer."""
    access.require(actor, Permission.PUBLISH_EVENTS, event.owner_id)
    event.published_at = now() if shown else None


def _stamp(session: Session, owner: UUID) -> dict[str, Any]:
    """Whose rows they are, when they are written, by whom, and by which door."""
    who: db.Who | None = session.info.get("who")
    return {"owner": owner, "at": now(), "by": who.user if who else None, "via": who.via if who else ""}


def _admit(session: Session, stamp: Mapping[str, Any], admitted: Sequence[tuple[UUID, UUID]]) -> None:
    """Let readers read events: pairs of event and organisation; again is as good as once."""
    if admitted:
        told = {
            "ids": [uuid7() for _ in admitted],
            "events": [event for event, _ in admitted],
            "readers": [reader for _, reader in admitted],
        }
        session.execute(_ADMITTED, {**stamp, **told})
