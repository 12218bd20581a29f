"""The settings area: what an organisation says of itself, who acts for it, and by which keys.

A page joins it as `templates/frames/settings.html` says: it extends that frame, its path and permissions stand in
`SETTINGS` of `hub/web/nav.py`, and its module in `ROOMS` of `hub/app.py`.
"""

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from hub.web.deps import SIGNED_IN, ActorDep
from hub.web.nav import settings_links
from hub.web.routing import Router

router = Router(prefix="/settings", include_in_schema=False)


@router.get("", dependencies=[SIGNED_IN])
def front(request: Request, actor: ActorDep) -> Response:
    """The first of the settings that somebody may open; who has none of them has an account still."""
    entries = settings_links(request.app, actor)
    return RedirectResponse(entries[0].path if entries else "/account", 303)
