"""How events are answered: a page of them as an EPCISQueryDocument, and where the next is."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import JSONResponse

from hub.api import spoken
from hub.gs1 import epcis
from hub.models.base import now
from hub.models.trace import Event
from hub.trace import page_tokens, queries

JSON_LD = "application/ld+json"


def events(request: Request, parameters: Mapping[str, str], page: queries.Page, *, translated: bool) -> JSONResponse:
    """A page of events."""
    headers = onward(request, parameters, page.next_token)
    return JSONResponse(document(page.events, translated=translated), headers=headers, media_type=JSON_LD)


def document(listed: Sequence[Event], *, translated: bool) -> dict[str, Any]:
    """Events as they are answered, each under its own context: two parties may mean different things by one prefix.

    A record that is no event any more is left out, so that it hides no other.
    """
    listing = [queries.in_document(event, translated=translated) for event in listed if queries.readable(event)]
    return {
        "@context": epcis.CONTEXT[:1],
        "type": "EPCISQueryDocument",
        "schemaVersion": "2.0",
        "creationDate": now().isoformat(),
        "epcisBody": {"queryResults": {"queryName": "SimpleEventQuery", "resultsBody": {"eventList": listing}}},
    }


def onward(request: Request, parameters: Mapping[str, str], token: str) -> dict[str, str]:
    """How the next page is reached, and until when; nothing on the last."""
    if not token:
        return {}
    following = urlencode({**parameters, "nextPageToken": token})
    return {
        "Link": f'<{spoken.prefix(request)}{request.url.path}?{following}>; rel="next"',
        "GS1-Next-Page-Token-Expires": page_tokens.expiry(token).isoformat().replace("+00:00", "Z"),
    }
