"""One search over everything: by number, name or pinyin, as far as whoever asks may see and open it."""

from functools import lru_cache

from fastapi import FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.responses import RedirectResponse, Response
from fastapi.routing import APIRoute, iter_route_contexts
from sqlmodel import Session

from hub import finding
from hub.access import Actor
from hub.finding import Asked, Finder, Results, Way
from hub.pages.finding_view import find_page
from hub.web.deps import SIGNED_IN, ActorDep, LanguageDep, SessionDep, may_enter
from hub.web.i18n import Language
from hub.web.routing import Router
from hub.web.templating import page, wants_part

router = Router(dependencies=[SIGNED_IN], include_in_schema=False)


@router.get("/find")
def find(request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep, q: str = "") -> Response:
    """What is called that; the number of one thing alone leads straight to it."""
    too_long = len(q) > finding.LONGEST
    asked = finding.read("" if too_long else q)
    groups = _groups(request.app, session, actor, asked, speaks)
    exact = [one for _, results in groups for one in results.found if one.exact]
    if len(exact) == 1 and not wants_part(request):
        return RedirectResponse(exact[0].address, 303)
    shown = find_page(asked, groups, speaks, too_long=too_long)
    return page(request, "finding/_found.html" if wants_part(request) else "finding/find.html", found=shown)


def _groups(
    app: FastAPI, session: Session, actor: Actor, asked: Asked, speaks: Language
) -> list[tuple[Finder, Results]]:
    """What each finder found by the first of its ways that is open to the actor."""
    ways = {finder: next((way for way in finder.ways if _open(app, actor, way)), None) for finder in app.state.finders}
    found = [(finder, way.seek(session, actor, asked, speaks)) for finder, way in ways.items() if way is not None]
    return [(finder, results) for finder, results in found if results.found]


def _open(app: FastAPI, actor: Actor, way: Way) -> bool:
    return actor.kind in way.kinds and may_enter(actor, _doors(app)[way.door])


@lru_cache(4)
def _doors(app: FastAPI) -> dict[str, Dependant]:
    """What the pages of the app ask of those who open them."""
    doors = [(one, one.original_route) for one in iter_route_contexts(app.routes)]
    return {
        one.path: one.dependant
        for one, route in doors
        if one.path and isinstance(route, APIRoute) and "GET" in (route.methods or ())
    }
