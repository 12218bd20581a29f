"""The guides, read in the hub itself: at the place that speaks of the page one comes from."""

from fastapi import Request
from fastapi.responses import FileResponse, HTMLResponse, Response

from hub.errors import NotFound
from hub.pages.help_view import guide_page, pictures
from hub.web.deps import SIGNED_IN, LanguageDep
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


@router.get("/{name}")
def guide(request: Request, name: str, speaks: LanguageDep) -> HTMLResponse:
    """One guide."""
    if name not in GUIDES:
        raise NotFound
    return page(request, "help/guide.html", guide=guide_page(name, speaks))
