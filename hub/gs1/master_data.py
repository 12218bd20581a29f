"""Master data: what a party says of itself, its places, its items and its papers, as events of its stream. Pure.

EPCIS carries master data beside events, where nobody signs it. Here it is an ObjectEvent of a step of our own, so
that names and papers are numbered, signed and sealed like all else that people read. Each says all there is to say of
its subject; the newest holds. Attributes are text, quantities in their plain form, days and moments as in ISO 8601.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hub.gs1 import epcis, reading

STATING = "urn:furrow:bizstep:stating"
FIELD = "furrow:masterData"
_SUBJECT = "urn:uuid:"


@dataclass(frozen=True)
class Statement:
    """What is said of one subject: of which kind it is, its attributes by name, and from when until when it is so."""

    subject: str
    kind: str
    attributes: Mapping[str, str]
    valid_from: datetime
    valid_to: datetime | None = None


def subject(row_id: UUID) -> str:
    """The name under which statements speak of a row: the same for as long as it is kept, whatever its GLN."""
    return f"{_SUBJECT}{row_id}"


def event(statement: Statement, clock: datetime) -> dict[str, object]:
    """The event that says it, written when the clock of its party showed that."""
    shown = clock.isoformat(timespec="seconds")
    said: dict[str, object] = {
        "furrow:kind": statement.kind,
        "furrow:validFrom": statement.valid_from.isoformat(timespec="milliseconds"),
        "furrow:attributes": {f"furrow:{name}": value for name, value in sorted(statement.attributes.items())},
    }
    if statement.valid_to is not None:
        said["furrow:validTo"] = statement.valid_to.isoformat(timespec="milliseconds")
    return {
        "type": "ObjectEvent",
        "eventTime": shown,
        "eventTimeZoneOffset": shown[-6:],
        "action": "OBSERVE",
        "bizStep": STATING,
        "epcList": [statement.subject],
        FIELD: said,
    }


def statement_of(event: reading.Event | None) -> Statement | None:
    """What an event says of its subject; None where it is no statement, or one that cannot be read."""
    said = reading.member(event, FIELD)
    subjects = reading.listed(reading.member(event, "epcList"))
    attributes = reading.member(said, "furrow:attributes")
    since = reading.text(said, "furrow:validFrom")
    until = reading.text(said, "furrow:validTo")
    if event is None or reading.step(event) != STATING or len(subjects) != 1 or not isinstance(attributes, Mapping):
        return None
    if not epcis.is_time(since) or (until and not epcis.is_time(until)) or not isinstance(subjects[0], str):
        return None
    return Statement(
        subjects[0],
        reading.text(said, "furrow:kind"),
        {name.removeprefix("furrow:"): value for name, value in attributes.items() if isinstance(value, str)},
        epcis.moment(since),
        epcis.moment(until) if until else None,
    )
