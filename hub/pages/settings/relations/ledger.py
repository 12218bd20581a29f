"""An organisation's name on the ledger: who holds its key, and whether its own one works."""

from typing import Annotated, Any, Literal

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from chain_node.errors import LedgerError
from hub.access import Permission
from hub.ledger.log import anchoring
from hub.pages.settings.relations.ledger_view import Looked, ledger_page
from hub.settings import settings
from hub.trace import joining
from hub.trace.joining import Name
from hub.web.deps import RECENT, ActorDep, SessionDep, requires
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.i18n import N_
from hub.web.routing import Router
from hub.web.templating import go, page

_HERE = "/settings/ledger"
router = Router(prefix=_HERE, dependencies=[requires(Permission.ADMINISTER)], include_in_schema=False)


class OwnKey(BaseModel):
    """The address of a key that the organisation keeps itself."""

    address: str = Field(max_length=60)


@router.get("")
def show(request: Request, session: SessionDep, form: EmptyForm, check: Literal["", "yes"] = "") -> HTMLResponse:
    """Who holds the key, and since when; on request, whether an own one works."""
    return _show(request, session, form, check=bool(check))


@router.post("", dependencies=[RECENT])
def name_own_key(
    request: Request, actor: ActorDep, session: SessionDep, form: Annotated[Filled[OwnKey], filled(OwnKey)]
) -> Response:
    """Name a key of one's own, to be enrolled by or to change to."""
    if form.read is not None:
        with form.attempt(session, "address"):
            joining.change_address(session, actor, form.read.address)
            return go(request, _HERE, toast=form.language.gettext(N_("Your key is taken up within seconds.")))
    return _show(request, session, form, check=False)


def _show(request: Request, session: Session, form: Filled[Any], *, check: bool) -> HTMLResponse:
    name = joining.name(session)
    looked = _look(name) if check else None
    shown = ledger_page(name, settings().base_url, looked, form.language)
    return page(request, "settings/relations/ledger.html", status=422 if form.errors else 200, form=form, ledger=shown)


def _look(name: Name) -> Looked:
    if name.organization.member is None:
        return Looked()
    try:
        return Looked(anchoring.ledger().member(name.organization.member))
    except LedgerError:
        return Looked(away=True)
