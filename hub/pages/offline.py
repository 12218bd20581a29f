"""What a browser needs to go on without a line: the worker that opens kept pages, and a page for those not kept."""

from fastapi import Request
from fastapi.responses import FileResponse, HTMLResponse

from hub.web.deps import PUBLIC
from hub.web.routing import Router
from hub.web.static import FOLDER
from hub.web.templating import page

router = Router(dependencies=[PUBLIC], include_in_schema=False)


@router.get("/outbox-worker.js")
async def worker() -> FileResponse:
    """The worker; at this address, since it may only serve what lies below its own."""
    return FileResponse(
        FOLDER / "outbox-worker.js", media_type="text/javascript", headers={"Cache-Control": "no-cache"}
    )


@router.get("/no-line")
async def no_line(request: Request) -> HTMLResponse:
    """That a page cannot be opened without a line; kept by browsers that keep pages."""
    return page(request, "errors/no-line.html")
