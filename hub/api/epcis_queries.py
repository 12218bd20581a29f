"""EPCIS's named queries and subscriptions over HTTP, and over a WebSocket to whoever follows a query."""

from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import Depends, Request, Response, WebSocket

from hub.access import Permission
from hub.api import answers, spoken
from hub.api.answers import FormDep
from hub.api.bodies import raw_json
from hub.api.following.lines import Line, Lines
from hub.api.spoken import EpcFormat, NotAcceptable
from hub.errors import NotFound
from hub.gs1 import jcs, query
from hub.gs1.schedule import BadSchedule
from hub.models.base import now
from hub.models.question import NamedQuery
from hub.trace.asking import following, named_queries, queries, subscriptions, webhooks
from hub.web.deps import ActorDep, Requires, SessionDep
from hub.web.problems import WrongContentType, problems

router = spoken.SpokenRouter()
_DOOR = Requires(frozenset({Permission.CAPTURE_EVENTS, Permission.AUDIT}))
_OPENS = Depends(_DOOR)
_BAD = (query.QueryParameterInvalid, jcs.MalformedJSON, WrongContentType)


async def told(request: Request) -> Any:
    """What was sent, as JSON."""
    return jcs.parse(await raw_json(request))


Told = Annotated[Any, Depends(told)]


@router.post(
    "/queries",
    status_code=201,
    response_class=Response,
    dependencies=[_OPENS, spoken.WRITTEN],
    responses=problems(*_BAD, named_queries.QueryExists, named_queries.TooManyQueries),
)
def make_query(body: Told, request: Request, session: SessionDep) -> Response:
    """Keep a query under a name."""
    made = named_queries.make(session, body)
    return Response(status_code=201, headers={"Location": f"{spoken.prefix(request)}/epcis/queries/{made.name}"})


@router.get("/queries", dependencies=[_OPENS], responses=problems(query.QueryParameterInvalid))
def list_queries(request: Request, session: SessionDep, response: Response) -> list[dict[str, Any]]:
    """The queries that you keep, by name; `Link: …; rel="next"` leads on until the last page."""
    parameters = queries.parameters_of(request.query_params.multi_items())
    kept, token = named_queries.listed(session, parameters)
    response.headers.update(answers.onward(request, parameters, token))
    return [_shown(one) for one in kept]


@router.get("/queries/{name}", dependencies=[_OPENS], responses=problems(NotFound))
def show_query(name: str, session: SessionDep) -> dict[str, Any]:
    """A query that you keep, as it was made."""
    return _shown(named_queries.named(session, name))


@router.delete("/queries/{name}", status_code=204, dependencies=[_OPENS], responses=problems(NotFound))
def drop_query(name: str, session: SessionDep) -> None:
    """Keep a query no longer; whoever subscribed to it is told nothing more."""
    named_queries.drop(session, name)


@router.get(
    "/queries/{name}/events",
    dependencies=[_OPENS],
    responses=problems(NotFound, query.QueryParameterInvalid, queries.QueryTooLarge, NotAcceptable),
)
def list_answers(name: str, request: Request, session: SessionDep, form: FormDep) -> Response:
    """The events that answer a query you keep, page by page."""
    parameters = queries.parameters_of(request.query_params.multi_items())
    page = named_queries.answered(session, name, parameters)
    return answers.events(request, parameters, page, form)


@router.websocket("/queries/{name}/events", dependencies=[_OPENS])
async def follow_answers(name: str, socket: WebSocket, actor: ActorDep, epcs: EpcFormat) -> None:
    """Be told of new answers over a WebSocket: as soon as they are sealed (`stream=true`), or by a schedule.

    Each message is an EPCISQueryDocument; its `furrow:mark`, given as `mark`, is where who comes back goes on.
    """
    lines: Lines = socket.app.state.lines
    wished = following.wish(queries.parameters_of(socket.query_params.multi_items()))
    with lines.place(actor.organization_id):
        follower = await lines.ask(socket, _DOOR, lambda session: following.begin(session, name, wished, epcs))
        since = (wished.since or now()).isoformat()
        told = {"gs1-query-min-record-time": since, "furrow-mark": str(follower.mark)}
        await socket.accept(headers=[(key.encode(), value.encode()) for key, value in told.items()])
        await Line(lines, socket, _DOOR, follower).serve()


@router.post(
    "/queries/{name}/subscriptions",
    status_code=201,
    dependencies=[_OPENS, spoken.WRITTEN],
    responses=problems(
        *_BAD,
        NotFound,
        BadSchedule,
        subscriptions.SubscriptionControls,
        subscriptions.TooManySubscriptions,
        webhooks.BadDestination,
    ),
)
def subscribe(
    name: str, body: Told, request: Request, session: SessionDep, epcs: EpcFormat, response: Response
) -> dict[str, Any]:
    """Have a program told of new answers: at `dest`, as soon as they are sealed (`stream`) or by a `schedule`.

    What is sent is an EPCISQueryDocument; `GS1-Signature` is the HMAC with SHA-256 of its bytes under your
    `signatureToken`. What is not answered with 2xx comes again, later and later, and nothing overtakes it.
    """
    made = subscriptions.subscribe(session, name, body, epcs=epcs)
    response.headers["Location"] = (
        f"{spoken.prefix(request)}/epcis/queries/{quote(name, safe='')}/subscriptions/{made.id}"
    )
    return subscriptions.shown(made, name)


@router.get(
    "/queries/{name}/subscriptions", dependencies=[_OPENS], responses=problems(NotFound, query.QueryParameterInvalid)
)
def list_subscriptions(name: str, request: Request, session: SessionDep, response: Response) -> list[dict[str, Any]]:
    """Who is told of a query's answers, the oldest first; `Link: …; rel="next"` leads on until the last page."""
    parameters = queries.parameters_of(request.query_params.multi_items())
    told, token = subscriptions.listed(session, name, parameters)
    response.headers.update(answers.onward(request, parameters, token))
    return [subscriptions.shown(one, name) for one in told]


@router.get("/queries/{name}/subscriptions/{subscription_id}", dependencies=[_OPENS], responses=problems(NotFound))
def show_subscription(name: str, subscription_id: UUID, session: SessionDep) -> dict[str, Any]:
    """A subscription, when it was last taken, and what went wrong the last time."""
    return subscriptions.shown(subscriptions.one(session, name, subscription_id), name)


@router.delete(
    "/queries/{name}/subscriptions/{subscription_id}",
    status_code=204,
    dependencies=[_OPENS],
    responses=problems(NotFound),
)
def end_subscription(name: str, subscription_id: UUID, session: SessionDep) -> None:
    """Tell a program no longer."""
    subscriptions.end(session, name, subscription_id)


def _shown(kept: NamedQuery) -> dict[str, Any]:
    return {"name": kept.name, "query": kept.query}
