"""Events as others are told them: with their identifiers in the form that is asked for, in an EPCISQueryDocument."""

from collections.abc import Mapping, Sequence
from typing import Any

from hub.gs1 import epc_urn, epcis, vocabularies
from hub.models.trace import Event
from hub.trace.asking import queries

LINKS, ANY, KEPT, URNS = "Always_GS1_Digital_Link", "No_Preference", "Never_Translates", "Always_EPC_URN"
FORMATS = (LINKS, ANY, KEPT, URNS)
"""In which form identifiers are answered (``GS1-EPC-Format``)."""

SIMPLE: Mapping[str, str] = {"queryName": "SimpleEventQuery"}


def told(events: Sequence[Event], epcs: str) -> list[dict[str, Any]]:
    """The events, each under its own context: two parties may mean different things by one prefix.

    A record that is no event any more is left out, so that it hides no other.
    """
    readable = [event for event in events if queries.readable(event)]
    return _worded([queries.in_document(event, translated=_translated(epcs)) for event in readable], readable, epcs)


def of(listing: Sequence[Mapping[str, Any]], created: str, results: Mapping[str, str] = SIMPLE) -> dict[str, Any]:
    """A document of events as ``told``; ``results`` says of which query they are, and for which subscription."""
    return _document(created, {**results, "resultsBody": {"eventList": listing}})


def of_master_data(elements: Sequence[vocabularies.Element], created: str) -> dict[str, Any]:
    """A document of master data, as EPCIS answers a SimpleMasterDataQuery; GS1's schema wants a list of events too."""
    body = {"eventList": [], "vocabularyList": vocabularies.listed(elements)}
    return _document(created, {"queryName": "SimpleMasterDataQuery", "resultsBody": body})


def _document(created: str, results: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "@context": epcis.CONTEXT[:1],
        "type": "EPCISQueryDocument",
        "schemaVersion": "2.0",
        "creationDate": created,
        "epcisBody": {"queryResults": results},
    }


def _translated(epcs: str) -> bool:
    """Whether identifiers are said as Digital Links first."""
    return epcs not in (KEPT, URNS)


def _worded(listing: list[dict[str, Any]], events: Sequence[Event], epcs: str) -> list[dict[str, Any]]:
    """Events with EPC URNs for links where that is asked for, as far as URNs among them say the company prefixes."""
    if epcs != URNS:
        return listing
    prefixes = epc_urn.company_prefixes(event.payload or b"" for event in events)
    return [queries.worded(event, lambda identifier: epc_urn.urn(identifier, prefixes)) for event in listing]
