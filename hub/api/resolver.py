"""GS1 Digital Link: what a QR code on a pack leads to."""

from urllib.parse import quote, urlencode

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from hub.gs1 import digital_link
from hub.web.deps import PUBLIC
from hub.web.problems import problems
from hub.web.routing import Router

router = Router(tags=["Digital Link"])


@router.get("/01/{rest:path}", dependencies=[PUBLIC], responses=problems(digital_link.BadKey))
def resolve(rest: str, request: Request) -> Response:
    """Lead a scan to the page of its lot, or of the item where the code names none.

    The label's own parameters go along.
    """
    raw = request.scope.get("raw_path", request.url.path.encode()).decode("ascii", "replace").partition("?")[0]
    link = digital_link.parse(f"https://{request.url.netloc}{raw}")
    lot = link.qualifier("10")
    page = f"/product/{link.value}" + ("" if lot is None else f"/{quote(lot, safe='')}")
    query = f"?{urlencode(list(request.query_params.multi_items()))}" if request.query_params else ""
    return RedirectResponse(page + query, 307)
