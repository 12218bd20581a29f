"""How events are answered: a page of them in the form that is asked for, and where the next is."""

from collections.abc import Mapping, Sequence
from typing import Annotated, NamedTuple
from urllib.parse import urlencode

from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse

from hub.api import spoken
from hub.api.spoken import CbvFormat, EpcFormat, Kind
from hub.gs1.xml import writing
from hub.models.base import now
from hub.models.trace import Event
from hub.trace.asking import documents, page_tokens, queries

IN_XML = (spoken.XML, spoken.TEXT_XML)


class Form(NamedTuple):
    """In which form events are answered: the media type, the identifiers, and in XML the terms."""

    kind: str
    epcs: str
    terms: str


async def _form(kind: Kind, epcs: EpcFormat, terms: CbvFormat) -> Form:
    return Form(kind, epcs, terms)


FormDep = Annotated[Form, Depends(_form)]


def events(request: Request, parameters: Mapping[str, str], page: queries.Page, form: Form) -> Response:
    """A page of events."""
    return listed(page.events, form, {**onward(request, parameters, page.next_token), "Vary": "Accept"})


def listed(found: Sequence[Event], form: Form, headers: Mapping[str, str]) -> Response:
    """Events as an EPCISQueryDocument in the kind that is asked for."""
    listing, created = documents.told(found, form.epcs), now().isoformat()
    if form.kind in IN_XML:
        content = writing.query_document(listing, created, form.terms)
        return Response(content, headers=dict(headers), media_type=form.kind)
    return JSONResponse(documents.of(listing, created), headers=dict(headers), media_type=spoken.LD)


def onward(request: Request, parameters: Mapping[str, str], token: str) -> dict[str, str]:
    """How the next page is reached, and until when; nothing on the last."""
    if not token:
        return {}
    following = urlencode({**parameters, "nextPageToken": token})
    return {
        "Link": f'<{spoken.prefix(request)}{request.url.path}?{following}>; rel="next"',
        "GS1-Next-Page-Token-Expires": page_tokens.expiry(token).isoformat().replace("+00:00", "Z"),
    }
