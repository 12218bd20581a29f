"""EPCIS 2.0 over HTTP: capture documents, follow their jobs, read events back."""

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import quote, urlencode
from uuid import UUID

from fastapi import Depends, Header, Request, Response
from fastapi.responses import JSONResponse
from sqlmodel import col, select

from hub.access import Permission
from hub.errors import HubError, NotFound
from hub.gs1 import epcis, jcs
from hub.models.base import now
from hub.models.trace import CaptureJob, Event
from hub.settings import settings
from hub.trace import capture, queries
from hub.web.deps import ActorDep, SessionDep, requires
from hub.web.problems import WrongContentType, problems
from hub.web.routing import Router

router = Router(prefix="/epcis", tags=["EPCIS"])
_JSON_LD = "application/ld+json"
_OPENS = requires(Permission.CAPTURE_EVENTS, Permission.AUDIT)
_FORMATS = ("Always_GS1_Digital_Link", "No_Preference", "Never_Translates")


class NotAcceptable(HubError):
    """The hub does not answer in this form."""

    code, status = "not-acceptable", 406


async def raw_json(request: Request) -> bytes:
    """The body as it was sent, refused unless it says it is JSON."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/json", _JSON_LD):
        raise WrongContentType(f"Content-Type: {kind or '?'}", wanted=f"application/json, {_JSON_LD}")
    return await request.body()


RawJson = Annotated[bytes, Depends(raw_json)]


def _translated(gs1_epc_format: Annotated[str, Header()] = _FORMATS[0]) -> bool:
    if gs1_epc_format not in _FORMATS:
        raise NotAcceptable(f"GS1-EPC-Format is one of {', '.join(_FORMATS)}", wanted=list(_FORMATS))
    return gs1_epc_format != "Never_Translates"


Translated = Annotated[bool, Depends(_translated)]


@router.post(
    "/capture",
    status_code=202,
    dependencies=[requires(Permission.CAPTURE_EVENTS)],
    responses=problems(
        epcis.InvalidDocument, jcs.MalformedJSON, capture.TooManyEvents, capture.EventExists, WrongContentType
    ),
)
def capture_document(
    body: RawJson,
    actor: ActorDep,
    session: SessionDep,
    response: Response,
    gs1_capture_error_behaviour: Annotated[str, Header()] = "rollback",
) -> dict[str, Any]:
    """Capture an EPCISDocument, EPCISQueryDocument or bare event; the job behind `Location` says what became of it."""
    if gs1_capture_error_behaviour not in ("rollback", "proceed"):
        raise queries.QueryParameterInvalid("GS1-Capture-Error-Behaviour is rollback or proceed")
    job = capture.capture(session, actor, body, proceed=gs1_capture_error_behaviour == "proceed")
    response.headers["Location"] = f"/epcis/capture/{job.id}"
    response.headers["GS1-EPCIS-Capture-Limit"] = str(settings().capture_limit)
    response.headers["GS1-EPCIS-Capture-File-Size-Limit"] = str(settings().body_limit)
    return _job(job)


@router.get("/capture/{job_id}", dependencies=[_OPENS], responses=problems(NotFound))
def capture_job(job_id: UUID, session: SessionDep) -> dict[str, Any]:
    """What became of a captured document."""
    job = session.exec(select(CaptureJob).where(col(CaptureJob.id) == job_id)).one_or_none()
    if job is None:
        raise NotFound
    return _job(job)


@router.get("/events", dependencies=[_OPENS], responses=problems(queries.QueryParameterInvalid, NotAcceptable))
def list_events(request: Request, session: SessionDep, translated: Translated) -> JSONResponse:
    """Events you may see, oldest first; `Link: …; rel="next"` leads on until the last page."""
    parameters = queries.parameters_of(request.query_params.multi_items())
    page = queries.page(session, parameters)
    answer = _document(page.events, translated)
    headers = {}
    if page.next_token:
        following = urlencode(parameters | {"nextPageToken": page.next_token})
        headers["Link"] = f'<{request.url.path}?{following}>; rel="next"'
    return JSONResponse(answer, headers=headers, media_type=_JSON_LD)


@router.get(
    "/events/{event_id:path}",
    dependencies=[_OPENS],
    responses=problems(
        NotFound, NotAcceptable, queries.SeveralParties, queries.Unreadable, queries.QueryParameterInvalid
    ),
)
def get_event(event_id: str, request: Request, session: SessionDep, translated: Translated) -> JSONResponse:
    """One event by its eventID, whatever characters that has; with its error declarations as an EPCISQueryDocument.

    An eventID is a party's own: `party` (a GLN) says whose is wanted, where it is not your own.
    """
    parameters = queries.parameters_of(request.query_params.multi_items())
    if unknown := parameters.keys() - {"party"}:
        raise queries.QueryParameterInvalid(f"{min(unknown)} is not a parameter here", parameter=min(unknown))
    events = queries.find(session, event_id, parameters.get("party", ""))
    answer = _document(events, translated) if len(events) > 1 else queries.alone(events[0], translated=translated)
    return JSONResponse(
        answer, headers={"Content-Location": f"/epcis/events/{quote(event_id, safe='')}"}, media_type=_JSON_LD
    )


def _document(events: Sequence[Event], translated: bool) -> dict[str, Any]:
    """Events as they are answered, each under its own context: two parties may mean different things by one prefix.

    A record that is no event any more is left out, so that it hides no other.
    """
    listing = [queries.in_document(event, translated=translated) for event in events if queries.readable(event)]
    return {
        "@context": epcis.CONTEXT[:1],
        "type": "EPCISQueryDocument",
        "schemaVersion": "2.0",
        "creationDate": now().isoformat(),
        "epcisBody": {"queryResults": {"queryName": "SimpleEventQuery", "resultsBody": {"eventList": listing}}},
    }


def _job(job: CaptureJob) -> dict[str, Any]:
    return {
        "captureID": str(job.id),
        "createdAt": job.created_at.isoformat(),
        "finishedAt": job.finished_at.isoformat() if job.finished_at else None,
        "running": job.running,
        "success": job.success,
        "captureErrorBehaviour": job.error_behaviour,
        "events": job.events,
        "errors": job.errors,
        "warnings": job.warnings,
    }
