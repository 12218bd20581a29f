"""Events as others are told them: an EPCISQueryDocument."""

from collections.abc import Mapping, Sequence
from typing import Any

from hub.gs1 import epcis
from hub.models.base import now
from hub.models.trace import Event
from hub.trace import queries

SIMPLE: Mapping[str, str] = {"queryName": "SimpleEventQuery"}


def of(listed: Sequence[Event], *, translated: bool, results: Mapping[str, str] = SIMPLE) -> dict[str, Any]:
    """The events, each under its own context: two parties may mean different things by one prefix.

    ``results`` says of which query they are, and for which subscription. A record that is no event any more is left
    out, so that it hides no other.
    """
    listing = [queries.in_document(event, translated=translated) for event in listed if queries.readable(event)]
    return {
        "@context": epcis.CONTEXT[:1],
        "type": "EPCISQueryDocument",
        "schemaVersion": "2.0",
        "creationDate": now().isoformat(),
        "epcisBody": {"queryResults": {**results, "resultsBody": {"eventList": listing}}},
    }
