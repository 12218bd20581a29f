"""The guides, read in the hub itself: at the place that speaks of the page one comes from."""

from functools import lru_cache

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response
from fastapi.routing import APIRoute, iter_route_contexts

from hub.access import Permission
from hub.errors import NotFound
from hub.pages.api_view import api_page
from hub.pages.help_view import guide_page, pictures
from hub.web.deps import SIGNED_IN, LanguageDep, gates
from hub.web.guides import GUIDES, IMAGES
from hub.web.routing import Router
from hub.web.templating import page

router = Router(prefix="/help", dependencies=[SIGNED_IN], include_in_schema=False)


@router.get("")
def begin(request: Request, speaks: LanguageDep) -> HTMLResponse:
    """What everybody needs, and the list of all guides."""
    return page(request, "help/guide.html", guide=guide_page("everybody", speaks))


@router.get("/images/{name}")
def picture(name: str) -> Response:
    """A picture of a guide."""
    if name not in pictures():
        raise NotFound
    return FileResponse(IMAGES / name, media_type="image/png")


@router.get("/api")
def api(request: Request, speaks: LanguageDep) -> HTMLResponse:
    """What programs may ask."""
    described = api_page(request.app.openapi(), _opens(request.app), speaks)
    return page(request, "help/api.html", api=described)


@router.get("/api/openapi.json")
def openapi(request: Request) -> JSONResponse:
    """The same as a file (OpenAPI 3.1), for tools that write clients."""
    return JSONResponse(
        request.app.openapi(), headers={"Content-Disposition": "attachment; filename=furrow-openapi.json"}
    )


@lru_cache(4)
def _opens(app: FastAPI) -> dict[tuple[str, str], frozenset[Permission]]:
    """Which permissions open each method on a path."""
    return {
        (method.lower(), route.path): gates(route.dependant)
        for route in iter_route_contexts(app.routes)
        if isinstance(route.original_route, APIRoute) and route.path
        for method in route.original_route.methods or ()
    }


@router.get("/{name}")
def guide(request: Request, name: str, speaks: LanguageDep) -> HTMLResponse:
    """One guide."""
    if name not in GUIDES:
        raise NotFound
    return page(request, "help/guide.html", guide=guide_page(name, speaks))
