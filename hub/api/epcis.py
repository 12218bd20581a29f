"""EPCIS 2.0 over HTTP: capture documents, follow their jobs, read events back."""

from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import Header, Query, Request, Response
from fastapi.responses import JSONResponse
from sqlmodel import col, select

from hub.access import Permission
from hub.api import answers, epcis_queries, epcis_resources, epcis_vocabularies, spoken, together
from hub.api.answers import FormDep
from hub.api.spoken import Document, Kind, NotAcceptable
from hub.errors import NotFound
from hub.gs1 import epcis, jcs, query
from hub.gs1.profiles import shelf
from hub.gs1.xml import capture_jobs as jobs_in_xml
from hub.gs1.xml import parsing
from hub.models.trace import CaptureJob
from hub.trace import capture
from hub.trace.asking import queries, vocabularies
from hub.trace.judging import verdicts
from hub.trace.taking import jobs, waiting
from hub.web.deps import PUBLIC, ActorDep, SessionDep, requires
from hub.web.problems import WrongContentType, problems

router = spoken.SpokenRouter()
_CAPTURES = requires(Permission.CAPTURE_EVENTS)
_OPENS = requires(Permission.CAPTURE_EVENTS, Permission.AUDIT)


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
        verdicts.OddEvent,
        verdicts.AskedByBuyer,
        vocabularies.TooMuchMasterData,
        waiting.TooManyWaiting,
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
    prefer: Annotated[list[str] | None, Header(description="`respond-async`: captured after the answer")] = None,
) -> dict[str, Any]:
    """Capture an EPCISDocument, EPCISQueryDocument or bare event; the job behind `Location` says what became of it.

    In JSON, or in XML of EPCIS 2.0 or 1.2. A small document is captured before the answer. One of more than 1,000
    events or 2 MiB, and any that is sent with `Prefer: respond-async` (RFC 7240), is captured afterwards: until then
    its job is `running`, and `success` says whether nothing was refused so far. What is no document is refused at
    once; what is wrong with its events stands in the job's `errors`.
    """
    if gs1_capture_error_behaviour not in ("rollback", "proceed"):
        raise query.QueryParameterInvalid("GS1-Capture-Error-Behaviour is rollback or proceed")
    later = spoken.prefers(prefer or (), spoken.ASYNC)
    document = waiting.Sent(sent.content, sent.kind, gs1_capture_error_behaviour == "proceed", later)
    job = waiting.take_in(session, actor, document)
    if later:
        response.headers["Preference-Applied"] = spoken.ASYNC
    response.headers["Location"] = f"{spoken.prefix(request)}/epcis/capture/{job.id}"
    return _job(job)


@router.get("/capture", dependencies=[_OPENS], responses=problems(query.QueryParameterInvalid, NotAcceptable))
def capture_jobs(request: Request, session: SessionDep, kind: Kind) -> Response:
    """Your capture jobs, the newest first; `Link: …; rel="next"` leads on until the last page."""
    parameters = queries.parameters_of(request.query_params.multi_items())
    listed, token = queries.jobs(session, parameters)
    told = [_job(job) for job in listed]
    headers = {**answers.onward(request, parameters, token), "Vary": "Accept"}
    if kind in answers.IN_XML:
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
    if kind in answers.IN_XML:
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
        verdicts.OddEvent,
        verdicts.AskedByBuyer,
        WrongContentType,
    ),
)
async def capture_event(request: Request) -> Response:
    """Capture one event by itself; the same event again is refused, but for an error declaration about it."""
    sent = await spoken.sent(request)
    event_id = await together.capture_one(request.state.actor, sent.content, sent.read)
    location = f"{spoken.prefix(request)}/epcis/events/{quote(event_id, safe='')}"
    return Response(status_code=201, headers={"Location": location})


@router.post(
    "/events/validate",
    dependencies=[_CAPTURES, spoken.WRITTEN],
    responses=problems(
        epcis.InvalidDocument,
        jcs.MalformedJSON,
        parsing.MalformedXML,
        capture.TooManyEvents,
        capture.NotAMember,
        shelf.NoSuchProfile,
        WrongContentType,
    ),
)
def validate_document(
    sent: Document,
    actor: ActorDep,
    session: SessionDep,
    profile: Annotated[str, Query(max_length=40, description="One of /api/profiles, to try without a buyer.")] = "",
) -> dict[str, Any]:
    """Say what a capture would say of each event of a document, and keep nothing.

    With a `profile`, what it asks for and an event does not say stands in the event's messages; `unlived` says of each
    lot that the events name which groups of steps of its life none of them is.
    """
    tried = shelf.find(profile) if profile else None
    judged, unlived = jobs.judged(session, actor, sent.content, sent.read, tried)
    told = [_outcome(outcome) for outcome in judged]
    answer = {"success": all(outcome["outcome"] != "refused" for outcome in told), "outcomes": told}
    return answer | ({"profile": profile, "unlived": unlived} if tried else {})


@router.get(
    "/events",
    dependencies=[_OPENS],
    responses=problems(query.QueryParameterInvalid, queries.QueryTooLarge, NotAcceptable),
)
def list_events(request: Request, session: SessionDep, form: FormDep) -> Response:
    """Events you may see, oldest first; `Link: …; rel="next"` leads on until the last page."""
    parameters = queries.parameters_of(request.query_params.multi_items())
    page = queries.page(session, parameters)
    return answers.events(request, parameters, page, form)


@router.get(
    "/events/{event_id:path}",
    dependencies=[_OPENS],
    responses=problems(
        NotFound, NotAcceptable, queries.SeveralParties, queries.Unreadable, query.QueryParameterInvalid
    ),
)
def get_event(event_id: str, request: Request, session: SessionDep, form: FormDep) -> Response:
    """The event of an eventID, whatever characters that has, and its error declarations: an EPCISQueryDocument.

    An eventID is a party's own: `party` (a GLN) says whose is wanted, where it is not your own.
    """
    parameters = queries.parameters_of(request.query_params.multi_items())
    if unknown := parameters.keys() - {"party"}:
        raise query.QueryParameterInvalid(f"{min(unknown)} is not a parameter here", parameter=min(unknown))
    events = queries.find(session, event_id, parameters.get("party", ""))
    headers = {"Content-Location": f"/epcis/events/{quote(event_id, safe='')}", "Vary": "Accept"}
    if not any(queries.readable(event) for event in events):
        raise queries.Unreadable(eventID=event_id)
    return answers.listed(events, form, headers)


@router.delete("/nextPageToken/{token}", dependencies=[_OPENS], responses=problems(spoken.NotImplementedHere))
def forget_page(token: str) -> None:
    """A page token is kept by its bearer alone, so there is nothing here to forget."""
    raise spoken.NotImplementedHere("A page token ends by itself, at the time that GS1-Next-Page-Token-Expires says.")


@router.options("/{path:path}", include_in_schema=False, dependencies=[PUBLIC])
def discover(path: str, request: Request) -> Response:
    """What an address takes, and what is spoken there."""
    parts = (router, epcis_resources.router, epcis_queries.router, epcis_vocabularies.router)
    every = [route for part in parts for route in part.routes]
    return spoken.discovery(every, request, path)


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
