"""Fresh events and documents: no run meets what another left behind."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

Event = dict[str, Any]

JSON_LD = "application/ld+json"
CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
EXAMPLE = "https://ns.example.com/conformance/"
CLASS, OTHER_CLASS = "urn:epc:class:lgtin:0614141.107346.L1", "urn:epc:class:lgtin:0614141.107346.L2"
PLACE, OTHER_PLACE = "urn:epc:id:sgln:0614141.07346.1", "urn:epc:id:sgln:0614141.07347.2"
PLACE_AS_LINK = "https://id.gs1.org/414/0614141073467/254/1"


def token() -> str:
    """A word that nobody has used before."""
    return secrets.token_hex(8)


def new_id() -> str:
    """An eventID of its own."""
    return f"urn:uuid:{uuid4()}"


def piece(serial: str = "") -> str:
    """A piece with a serial number of its own, as EPC URN."""
    return f"urn:epc:id:sgtin:0614141.107346.{serial or token()}"


def as_link(urn: str) -> str:
    """The canonical GS1 Digital Link of a piece that ``piece`` made."""
    return f"https://id.gs1.org/01/10614141073464/21/{urn.rpartition('.')[2]}"


def place() -> str:
    """A place with an extension of its own, as EPC URN."""
    return f"urn:epc:id:sgln:0614141.07346.{secrets.randbelow(10**12)}"


def moment(seconds: float = 0) -> str:
    """A moment some seconds from now, in UTC to the millisecond."""
    at = datetime.now(UTC) + timedelta(seconds=seconds)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def event(**fields: Any) -> Event:
    """An ObjectEvent that observes a fresh piece, but for what the fields say; None leaves a field out."""
    told = {
        "type": "ObjectEvent",
        "eventID": new_id(),
        "eventTime": moment(-60),
        "eventTimeZoneOffset": "+00:00",
        "action": "OBSERVE",
        "bizStep": "storing",
        "epcList": [piece()],
    } | fields
    return {name: value for name, value in told.items() if value is not None}


def aggregation(**fields: Any) -> Event:
    """Pieces put into another."""
    told = {"type": "AggregationEvent", "action": "ADD", "epcList": None, "parentID": piece(), "childEPCs": [piece()]}
    return event(**told | fields)


def transformation(**fields: Any) -> Event:
    """Pieces made from others."""
    told = {
        "type": "TransformationEvent",
        "action": None,
        "epcList": None,
        "inputEPCList": [piece()],
        "outputEPCList": [piece()],
    }
    return event(**told | fields)


def sensed(report: dict[str, Any] | None = None, element: dict[str, Any] | None = None, **metadata: Any) -> Event:
    """Something read by a sensor: what the report says, its metadata, and what stands beside both."""
    whole = {
        "sensorMetadata": metadata,
        "sensorReport": [{"type": "Temperature", "value": 4, "uom": "CEL"} | (report or {})],
    }
    return event(sensorElementList=[whole | (element or {})])


def declared(**fields: Any) -> Event:
    """An event that is declared to be an error."""
    return event(errorDeclaration={"declarationTime": moment(), **fields})


def counted(quantity: float, unit: str = "KGM", of: str = CLASS) -> Event:
    """An amount of a class."""
    return event(epcList=None, quantityList=[{"epcClass": of, "quantity": quantity, "uom": unit}])


def document(*events: Event, **more: Any) -> dict[str, Any]:
    """An EPCISDocument of events."""
    return {
        "@context": [CONTEXT, {"ex": EXAMPLE}],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": moment(),
        "epcisBody": {"eventList": list(events)},
        **more,
    }


def alone(told: Event) -> dict[str, Any]:
    """An event by itself, with its context."""
    return {"@context": [CONTEXT, {"ex": EXAMPLE}], **told}
