"""EPCIS 2.0 over HTTP: capture documents, follow their jobs, read events back."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote, urlencode
from uuid import UUID

from fastapi import Depends, Header, Request, Response
from fastapi.responses import JSONResponse
from sqlmodel import col, select

from hub.access import Permission
from hub.api import spoken
from hub.api.spoken import CbvFormat, Document, EpcFormat, Kind, NotAcceptable
from hub.errors import NotFound
from hub.gs1 import epc_urn, epcis, jcs, query
from hub.gs1.xml import capture_jobs as jobs_in_xml
from hub.gs1.xml import parsing, writing
from hub.models.base import now
from hub.models.trace import CaptureJob, Event
from hub.trace import capture, jobs, queries
from hub.web.deps import PUBLIC, ActorDep, SessionDep, requires
from hub.web.problems import WrongContentType, problems
from hub.web.routing import Router

router = Router(prefix="/epcis", tags=["EPCIS"], dependencies=[spoken.VERSIONS])
_IN_XML = (spoken.XML, spoken.TEXT_XML)
_CAPTURES = requires(Permission.CAPTURE_EVENTS)
_OPENS = requires(Permission.CAPTURE_EVENTS, Permission.AUDIT)


async def raw_json(request: Request) -> bytes:
    """The body as it was sent, refused unless it says it is JSON."""
    kind = spoken.kind_of(request)
    if kind not in (spoken.JSON, spoken.LD):
        raise WrongContentType(f"Content-Type: {kind or '?'}", wanted=f"{spoken.JSON}, {spoken.LD}")
    return await request.body()


RawJson = Annotated[bytes, Depends(raw_json)]


class Form(NamedTuple):
    """In which form events are answered: the media type, the identifiers, and in XML the terms."""

    kind: str
    epcs: str
    terms: str

    @property
    def translated(self) -> bool:
        """Whether identifiers are said as Digital Links first."""
        return self.epcs not in (spoken.KEPT, spoken.URNS)


def _form(kind: Kind, epcs: EpcFormat, terms: CbvFormat) -> Form:
    return Form(kind, epcs, terms)


FormDep = Annotated[Form, Depends(_form)]


@router.post(
    "/capture",
    status_code=202,
    dependencies=[_CAPTURES, spoken.WRITTEN],
    responses=problems(
        epcis.InvalidDocument,
        jcs.MalformedJSON,
        parsing.MalformedXML,
        capture.TooManyEvents,
        capture.EventExists,
        WrongContentType,
    ),
)
def capture_document(
    sent: Document,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    response: Response,
    gs1_capture_error_behaviour: Annotated[str, Header()] = "rollback",
) -> dict[str, Any]:
    """Capture an EPCISDocument, EPCISQueryDocument or bare event; the job behind `Location` says what became of it.

    In JSON, or in XML of EPCIS 2.0 or 1.2.
    """
    if gs1_capture_error_behaviour not in ("rollback", "proceed"):
        raise query.QueryParameterInvalid("GS1-Capture-Error-Behaviour is rollback or proceed")
    proceed = gs1_capture_error_behaviour == "proceed"
    job = capture.capture(session, actor, sent.content, proceed=proceed, read=sent.read)
    response.headers["Location"] = f"{spoken.prefix(request)}/epcis/capture/{job.id}"
    return _job(job)


@router.get("/capture", dependencies=[_OPENS], responses=problems(query.QueryParameterInvalid, NotAcceptable))
def capture_jobs(request: Request, session: SessionDep, kind: Kind) -> Response:
    """Your capture jobs, the newest first; `Link: …; rel="next"` leads on until the last page."""
    parameters = queries.parameters_of(request.query_params.multi_items())
    listed, token = queries.jobs(session, parameters)
    told = [_job(job) for job in listed]
    headers = {**_onward(request, parameters, token), "Vary": "Accept"}
    if kind in _IN_XML:
        return Response(jobs_in_xml.several(told), headers=headers, media_type=kind)
    return JSONResponse(told, headers=headers)


@router.get("/capture/{job_id}", dependencies=[_OPENS], responses=problems(NotFound, NotAcceptable))
def capture_job(job_id: UUID, session: SessionDep, kind: Kind) -> Response:
    """What became of a captured document, and of each of its events."""
    job = session.exec(select(CaptureJob).where(col(CaptureJob.id) == job_id)).one_or_none()
    if job is None:
        raise NotFound
    told = {**_job(job), "outcomes": [_outcome(outcome) for outcome in jobs.outcomes(session, job)]}
    headers = {"Vary": "Accept"}
    if kind in _IN_XML:
        return Response(jobs_in_xml.one(told), headers=headers, media_type=kind)
    return JSONResponse(told, headers=headers)


@router.post(
    "/events",
    status_code=201,
    response_class=Response,
    dependencies=[_CAPTURES, spoken.WRITTEN],
    responses=problems(
        epcis.InvalidDocument,
        jcs.MalformedJSON,
        parsing.MalformedXML,
        capture.EventExists,
        capture.OneEventHere,
        WrongContentType,
    ),
)
def capture_event(sent: Document, request: Request, actor: ActorDep, session: SessionDep) -> Response:
    """Capture one event by itself; the same event again is refused, but for an error declaration about it."""
    event = capture.capture_one(session, actor, sent.content, sent.read)
    location = f"{spoken.prefix(request)}/epcis/events/{quote(event.event_id, safe='')}"
    return Response(status_code=201, headers={"Location": location})


@router.post(
    "/events/validate",
    dependencies=[_CAPTURES, spoken.WRITTEN],
    responses=problems(
        epcis.InvalidDocument, jcs.MalformedJSON, parsing.MalformedXML, capture.TooManyEvents, WrongContentType
    ),
)
def validate_document(sent: Document) -> dict[str, Any]:
    """Say what a capture would say of each event of a document, and keep nothing."""
    judged = [_outcome(outcome) for outcome in jobs.judged(sent.content, sent.read)]
    return {"success": all(outcome["outcome"] != "refused" for outcome in judged), "outcomes": judged}


@router.get(
    "/events",
    dependencies=[_OPENS],
    responses=problems(query.QueryParameterInvalid, queries.QueryTooLarge, NotAcceptable),
)
def list_events(request: Request, session: SessionDep, form: FormDep) -> Response:
    """Events you may see, oldest first; `Link: …; rel="next"` leads on until the last page."""
    parameters = queries.parameters_of(request.query_params.multi_items())
    page = queries.page(session, parameters)
    headers = {**_onward(request, parameters, page.next_token), "Vary": "Accept"}
    return _answer(_told(page.events, form), form, headers)


@router.get(
    "/events/{event_id:path}",
    dependencies=[_OPENS],
    responses=problems(
        NotFound, NotAcceptable, queries.SeveralParties, queries.Unreadable, query.QueryParameterInvalid
    ),
)
def get_event(event_id: str, request: Request, session: SessionDep, form: FormDep) -> Response:
    """One event by its eventID, whatever characters that has; with its error declarations as an EPCISQueryDocument.

    In XML, whose schema knows no event by itself, it is always a document.

    An eventID is a party's own: `party` (a GLN) says whose is wanted, where it is not your own.
    """
    parameters = queries.parameters_of(request.query_params.multi_items())
    if unknown := parameters.keys() - {"party"}:
        raise query.QueryParameterInvalid(f"{min(unknown)} is not a parameter here", parameter=min(unknown))
    events = queries.find(session, event_id, parameters.get("party", ""))
    headers = {"Content-Location": f"/epcis/events/{quote(event_id, safe='')}", "Vary": "Accept"}
    if len(events) > 1 or form.kind in _IN_XML:
        return _answer(_told(events, form), form, headers)
    [event] = events
    answer = _worded([queries.alone(event, translated=form.translated)], events, form)[0]
    return JSONResponse(answer, headers=headers, media_type=spoken.LD)


def _told(events: Sequence[Event], form: Form) -> list[dict[str, Any]]:
    """Events as they are answered, each under its own context: two parties may mean different things by one prefix.

    A record that is no event any more is left out, so that it hides no other.
    """
    readable = [event for event in events if queries.readable(event)]
    listing = [queries.in_document(event, translated=form.translated) for event in readable]
    return _worded(listing, readable, form)


def _worded(told: list[dict[str, Any]], events: Sequence[Event], form: Form) -> list[dict[str, Any]]:
    """Events with EPC URNs for links where that is asked for, as far as URNs among them say the company prefixes."""
    if form.epcs != spoken.URNS:
        return told
    prefixes = epc_urn.company_prefixes(event.payload or b"" for event in events)
    return [queries.worded(event, lambda identifier: epc_urn.urn(identifier, prefixes)) for event in told]


def _answer(listing: list[dict[str, Any]], form: Form, headers: Mapping[str, str]) -> Response:
    """Events as an EPCISQueryDocument in the kind that is asked for."""
    created = now().isoformat()
    if form.kind in _IN_XML:
        content = writing.query_document(listing, created, form.terms)
        return Response(content, headers=dict(headers), media_type=form.kind)
    answer = {
        "@context": epcis.CONTEXT[:1],
        "type": "EPCISQueryDocument",
        "schemaVersion": "2.0",
        "creationDate": created,
        "epcisBody": {"queryResults": {"queryName": "SimpleEventQuery", "resultsBody": {"eventList": listing}}},
    }
    return JSONResponse(answer, headers=dict(headers), media_type=spoken.LD)


@router.delete("/nextPageToken/{token}", dependencies=[_OPENS], responses=problems(spoken.NotImplementedHere))
def forget_page(token: str) -> None:
    """A page token is kept by its bearer alone, so there is nothing here to forget."""
    raise spoken.NotImplementedHere("A page token ends by itself, at the time that GS1-Next-Page-Token-Expires says.")


@router.options("/{path:path}", include_in_schema=False, dependencies=[PUBLIC])
def discover(path: str, request: Request) -> Response:
    """What an address takes, and what is spoken there."""
    return spoken.discovery(router.routes, request, path)


def _onward(request: Request, parameters: Mapping[str, str], token: str) -> dict[str, str]:
    """How the next page is reached, and until when; nothing on the last."""
    if not token:
        return {}
    following = urlencode({**parameters, "nextPageToken": token})
    return {
        "Link": f'<{spoken.prefix(request)}{request.url.path}?{following}>; rel="next"',
        "GS1-Next-Page-Token-Expires": queries.expiry(token).isoformat().replace("+00:00", "Z"),
    }


def _outcome(outcome: jobs.Told) -> dict[str, Any]:
    told = {
        "outcome": outcome.became.value,
        "eventID": outcome.event_id,
        "payloadHash": outcome.payload_hash,
        "messages": [{"path": path, "message": message} for path, message in outcome.messages],
    }
    return {"index": outcome.index, **{name: value for name, value in told.items() if value}}


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
