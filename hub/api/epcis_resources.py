"""EPCIS's top-level resources over HTTP: what there is, and the events of each."""

from typing import Any

from fastapi import Request, Response

from hub.access import Permission
from hub.api import answers, spoken
from hub.api.answers import FormDep
from hub.api.spoken import NotAcceptable
from hub.errors import NotFound
from hub.gs1 import epcis, query
from hub.trace.asking import queries, resources
from hub.trace.asking.resources import Kind
from hub.web.deps import SessionDep, requires
from hub.web.problems import problems

router = spoken.SpokenRouter()
_OPENS = requires(Permission.CAPTURE_EVENTS, Permission.AUDIT)
TOP = ["capture", "events", "queries", *Kind]


@router.get("/", dependencies=[_OPENS])
def top() -> dict[str, Any]:
    """The top-level resources that there are."""
    return _collection(TOP)


def _open(kind: Kind) -> None:
    """Three addresses for each kind: all of them, one of them, its events."""

    @router.get(f"/{kind}", dependencies=[_OPENS], responses=problems(query.QueryParameterInvalid))
    def list_members(request: Request, session: SessionDep, response: Response) -> dict[str, Any]:
        """What the events that you may see speak of; `Link: …; rel="next"` leads on until the last page."""
        parameters = queries.parameters_of(request.query_params.multi_items())
        members, token = resources.members(session, kind, parameters)
        response.headers.update(answers.onward(request, parameters, token))
        return _collection(members)

    @router.get(
        f"/{kind}/{{name:path}}/events",
        dependencies=[_OPENS],
        responses=problems(query.QueryParameterInvalid, queries.QueryTooLarge, NotAcceptable, NotFound),
    )
    def list_events(name: str, request: Request, session: SessionDep, form: FormDep) -> Response:
        """The events of one of them that you may see; every parameter of `/events` narrows them further."""
        parameters = queries.parameters_of(request.query_params.multi_items())
        page = queries.page(session, parameters, resources.within(session, kind, name))
        return answers.events(request, parameters, page, form)

    @router.get(f"/{kind}/{{name:path}}", dependencies=[_OPENS], responses=problems(NotFound))
    def show_member(name: str, session: SessionDep) -> dict[str, Any]:
        """What there is of one of them: its events."""
        resources.within(session, kind, name)
        return _collection(["events"])


for _kind in Kind:
    _open(_kind)


def _collection(members: Any) -> dict[str, Any]:
    return {"@context": epcis.CONTEXT[0], "type": "Collection", "member": list(members)}
