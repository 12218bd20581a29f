"""Submissions: records that a member's own client numbered, salted and signed, with a key the hub never sees."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from coincurve import PrivateKey
from sqlmodel import Session, col, select

from hub import access, db
from hub.access import Actor, Permission
from hub.errors import HubError, InvalidInput
from hub.gs1 import epcis, jcs, reading
from hub.ledger.formats import lots, streams
from hub.ledger.log import journal, members, sealing
from hub.models.base import now
from hub.models.catalogue import Lot
from hub.models.party import KeyHolder, Organization
from hub.models.trace import Event, LotClaim, Stream, Submission, SubmissionSummary
from hub.settings import settings
from hub.trace import capture

_FORM = {"firstSeq": float, "previousHead": str, "records": list, "summary": str, "signature": str}
_HEX32 = re.compile(r"0x[0-9a-f]{64}")


class StaleHead(HubError):
    """The stream has moved on since: fetch its head, number the records again, and sign again."""

    code, status = "stale-head", 409


class WrongSigner(HubError):
    """The signature is not of the key that this member signs with."""

    code, status = "wrong-signer", 422


class SummaryMismatch(HubError):
    """The sentence that was signed does not say what the records say."""

    code, status = "summary-mismatch", 422


class HubSigns(HubError):
    """The hub holds this member's key and signs for it: send events to capture instead."""

    code, status = "hub-signs", 409


def head_of(session: Session, member: int) -> Stream:
    """A stream as the hub has numbered it; empty before its first record."""
    stream = session.exec(select(Stream).where(col(Stream.member) == member)).one_or_none()
    return stream or Stream(owner_id=session.info["who"].org, member=member)


def waiting(session: Session, actor: Actor, limit: int = 200) -> list[Event]:
    """The events that wait for the member's own signature, oldest first."""
    access.require(actor, Permission.CAPTURE_EVENTS)
    statement = select(Event).where(col(Event.owner_id) == actor.organization_id, col(Event.commitment).is_(None))
    return list(session.exec(statement.order_by(col(Event.id)).limit(limit)))


def submit(session: Session, actor: Actor, body: bytes) -> tuple[Submission, bytes]:
    """Take a signed submission and return it with the hub's receipt; the same one again gets the same receipt."""
    access.require(actor, Permission.CAPTURE_EVENTS)
    content = _read(jcs.parse(body))
    organization = session.get(Organization, actor.organization_id)
    if organization is None or organization.member is None:
        raise capture.NotAMember
    member = organization.member
    records = [_record(record, place) for place, record in enumerate(content["records"])]
    first, previous = int(content["firstSeq"]), _hex(content["previousHead"], "previousHead")
    committed = [streams.commitment(epcis.payload(event), salt) for event, salt in records]
    leaves = streams.chain(journal.planned().log_id, member, first, previous, committed)
    submission = streams.Submission(
        member, first, len(leaves), previous, leaves[-1], streams.summary_hash(content["summary"])
    )
    signature = _bytes(content["signature"], "signature")
    db.in_turn(session, members.turn(member))  # a key may be changed meanwhile, and what it signed then counts no more
    signer = _signer(session, actor, streams.digest(journal.log_domain(), submission), signature)
    again = _known(session, submission)
    if again is not None:
        return again, receipt(again)
    stream = session.exec(select(Stream).where(col(Stream.member) == member).with_for_update()).one_or_none() or Stream(
        owner_id=organization.id, member=member
    )
    if (stream.seq + 1, stream.head) != (first, previous):
        raise StaleHead(seq=stream.seq, head="0x" + stream.head.hex())
    _require_sentence(content["summary"], [event.event for event, _ in records])
    row = Submission(
        owner_id=organization.id,
        member=member,
        first_seq=first,
        count=submission.count,
        previous_head=previous,
        new_head=submission.new_head,
        summary_hash=submission.summary_hash,
        signature=signature,
        signer=signer,
    )
    session.add(row)
    session.flush()
    session.add(SubmissionSummary(owner_id=organization.id, submission_id=row.id, text=content["summary"]))
    writer = capture.Writer(session, organization.id, None)
    events = writer.rows(writer.write_all([submitted for submitted, _ in records], judged=True))
    for place, (event, (_, salt)) in enumerate(zip(events, records, strict=True)):
        if event.seq is not None:
            raise capture.EventExists(f"records[{place}] is record {event.seq} of the stream already")
        event.salt, event.commitment, event.submission_id = salt, committed[place], row.id
        event.seq, event.leaf = first + place, leaves[place]
    stream.seq, stream.head = first + len(leaves) - 1, leaves[-1]
    session.add(stream)
    session.flush()
    _claim_lots(session, organization, member, content.get("lotSignature"), row)
    journal.wake_keeper(session)
    return row, receipt(row)


def receipt(row: Submission) -> bytes:
    """The hub's signed promise to log a submission, given once it is durable: at the commit."""
    key = PrivateKey(bytes.fromhex(settings().receipt_key.get_secret_value()))
    promise = streams.Receipt(row.member, row.first_seq + row.count - 1, row.new_head, received_at(row.created_at))
    return streams.sign(streams.digest(journal.log_domain(), promise), key)


def received_at(moment: datetime) -> int:
    """A receipt's time, in Unix seconds."""
    return int(moment.timestamp())


def _read(content: Any) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise InvalidInput("a submission is a JSON object")
    for name, kind in _FORM.items():
        if not isinstance(content.get(name), kind):
            raise InvalidInput(f"{name} is missing or of another kind", at=name)
    first = content["firstSeq"]
    if first < 1 or first != int(first):
        raise InvalidInput("firstSeq counts from 1", at="firstSeq")
    if not 1 <= len(content["records"]) <= settings().capture_limit:
        raise capture.TooManyEvents(f"1 to {settings().capture_limit} records a submission")
    return content


def _record(record: Any, place: int) -> tuple[epcis.Submitted, bytes]:
    if not isinstance(record, dict) or not isinstance(record.get("payload"), dict):
        raise InvalidInput("a record holds a payload and a salt", at=f"records[{place}]")
    payload = record["payload"]
    if payload.keys() != {"context", "schemaVersion", "event"} or not isinstance(payload["context"], list):
        raise InvalidInput("a payload holds context (a list), schemaVersion and event", at=f"records[{place}].payload")
    submitted = epcis.Submitted(payload["context"], payload["event"], f"records[{place}].payload.event")
    document = {
        "@context": submitted.context,
        "type": "EPCISDocument",
        "schemaVersion": payload["schemaVersion"],
        "creationDate": "1970-01-01T00:00:00Z",
        "epcisBody": {"eventList": []},
    }
    epcis.read(document)  # refuses contexts and versions that are not known
    faults = epcis.validate(submitted)
    if faults:
        raise epcis.InvalidDocument(faults)
    return submitted, _hex(record.get("salt"), f"records[{place}].salt")


def _signer(session: Session, actor: Actor, digest: bytes, signature: bytes) -> str:
    key = members.key_of(session, actor.organization_id)
    assert key is not None  # who has a number has a key
    if key.held_by is KeyHolder.HUB:
        raise HubSigns
    if "0x" + streams.recover(digest, signature).hex() != key.address.lower():
        raise WrongSigner
    return key.address


def _known(session: Session, submission: streams.Submission) -> Submission | None:
    row = session.exec(
        select(Submission).where(
            col(Submission.member) == submission.member, col(Submission.first_seq) == submission.first_seq
        )
    ).one_or_none()
    return row if row is not None and row.new_head == submission.new_head else None


def _require_sentence(sentence: str, events: Sequence[dict[str, Any]]) -> None:
    nonce = sentence.rpartition("#")[2]
    try:
        expected = streams.summary([reading.summary_line(event) for event in events], nonce)
    except ValueError as problem:
        raise SummaryMismatch(str(problem)) from problem
    if expected != sentence:
        raise SummaryMismatch(expected=expected)


def _claim_lots(session: Session, organization: Organization, member: int, signature: Any, row: Submission) -> None:
    """Keep the producer's signature over the lots that these records commission, for the sealer to send."""
    if signature is None:
        return
    begun = session.exec(
        select(Event, Lot)
        .join(Lot, (col(Lot.owner_id) == col(Event.owner_id)) & (col(Lot.event_id) == col(Event.id)))
        .where(sealing.under(row))
        .order_by(col(Event.seq))
    ).all()
    claimed = tuple(lots.claimed(epcis.opened(e.payload or b"").event, e.commitment or b"") for e, _ in begun)
    digest = streams.digest(journal.lot_domain(), streams.Registration(member, claimed))
    if "0x" + streams.recover(digest, _bytes(signature, "lotSignature")).hex() != row.signer.lower():
        raise WrongSigner("lotSignature is not of this member's key over the lots of these records")
    claim = LotClaim(
        owner_id=organization.id,
        producer=member,
        lots=[lots.to_json(lot) for lot in claimed],
        signature=_bytes(signature, "lotSignature"),
        created_at=now(),
    )
    session.add(claim)
    session.flush()
    for _, lot in begun:
        lot.claim_id = claim.id


def _hex(value: Any, field: str) -> bytes:
    if not isinstance(value, str) or not _HEX32.fullmatch(value):
        raise InvalidInput("32 bytes are needed, as 0x and 64 lower-case hex digits", at=field)
    return bytes.fromhex(value[2:])


def _bytes(value: Any, field: str) -> bytes:
    try:
        return bytes.fromhex(str(value).removeprefix("0x"))
    except ValueError as problem:
        raise InvalidInput("hexadecimal is needed", at=field) from problem
