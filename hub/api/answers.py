"""How events are answered: a page of them as an EPCISQueryDocument, and where the next is."""

from collections.abc import Mapping
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import JSONResponse

from hub.api import spoken
from hub.trace import documents, page_tokens, queries

JSON_LD = "application/ld+json"


def events(request: Request, parameters: Mapping[str, str], page: queries.Page, *, translated: bool) -> JSONResponse:
    """A page of events."""
    headers = onward(request, parameters, page.next_token)
    return JSONResponse(documents.of(page.events, translated=translated), headers=headers, media_type=JSON_LD)


def onward(request: Request, parameters: Mapping[str, str], token: str) -> dict[str, str]:
    """How the next page is reached, and until when; nothing on the last."""
    if not token:
        return {}
    following = urlencode({**parameters, "nextPageToken": token})
    return {
        "Link": f'<{spoken.prefix(request)}{request.url.path}?{following}>; rel="next"',
        "GS1-Next-Page-Token-Expires": page_tokens.expiry(token).isoformat().replace("+00:00", "Z"),
    }
