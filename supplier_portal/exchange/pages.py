"""Documents exchanged: what one's system or oneself sent here, what became of it, and where one is put in by hand."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import File, Query, Request, UploadFile
from fastapi.responses import Response
from pydantic import BaseModel
from sqlmodel import Session

from hub.access import Actor, Permission
from hub.lists import Search
from hub.models.base import now
from hub.models.party import Organization
from hub.web.deps import ActorDep, LanguageDep, PageNumber, SessionDep, Words, requires
from hub.web.forms import EmptyForm
from hub.web.i18n import Language
from hub.web.routing import Router
from hub.web.templating import go, page
from hub.web.xml import Xml
from supplier_portal.exchange import inbox, view
from supplier_portal.exchange.models import Outcome

_A_PAGE = 25
SIDES = {"/supplier": Permission.ANSWER_ORDERS, "/buyer": Permission.PLACE_ORDERS}
router = Router(include_in_schema=False)


class Asked(BaseModel):
    """Which documents are looked for."""

    state: Literal["", "taken", "refused"] = ""
    q: Words = ""
    p: PageNumber = 1


def _side(base: str) -> Router:
    """The doors of one side of the trade."""
    side = Router(prefix=view.path_of(base), dependencies=[requires(SIDES[base])])

    @side.get("")
    def listed(
        request: Request,
        actor: ActorDep,
        session: SessionDep,
        form: EmptyForm,
        query: Annotated[Asked, Query()],
    ) -> Response:
        """The documents that were sent, the latest first."""
        return _list(request, session, actor, query, form)

    @side.post("")
    def put_in(
        request: Request,
        actor: ActorDep,
        session: SessionDep,
        form: EmptyForm,
        file: Annotated[UploadFile | None, File()] = None,
    ) -> Response:
        """Put a document in by hand; taken or refused, its page says what became of it."""
        content = file.file.read(inbox.MOST_BYTES + 1) if file else b""
        name = (file.filename if file else "") or ""
        form.values["file"] = ""
        with form.attempt(session, otherwise="file"):
            taken = inbox.take(session, actor, content, name, at=now())
            return _told(request, taken, form.language)
        return _list(request, session, actor, Asked(), form)

    @side.get("/{document_id}")
    def show(
        request: Request, document_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep
    ) -> Response:
        """One document, and what became of it."""
        own = session.get_one(Organization, actor.organization_id)
        shown = view.document_page(base, inbox.find(session, actor, document_id), own, speaks)
        return page(request, "exchange/document.html", one=shown)

    @side.get("/{document_id}/content.xml")
    def content_of(document_id: UUID, actor: ActorDep, session: SessionDep) -> Response:
        """A document as it came."""
        document = inbox.find(session, actor, document_id)
        return Xml.kept(document.content, document.number or str(document.id))

    @side.post("/{document_id}/again")
    def put_in_again(
        request: Request, document_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep
    ) -> Response:
        """Put a document in again that was refused."""
        return _told(request, inbox.again(session, actor, document_id, at=now()), speaks)

    def _told(request: Request, taken: inbox.Taken, speaks: Language) -> Response:
        done = speaks.gettext("The document was taken, and what it says is done.")
        # Why it was refused stands on its page, and stays there.
        return go(request, f"{view.path_of(base)}/{taken.document.id}", "" if taken.refusal else done)

    def _list(request: Request, session: Session, actor: Actor, query: Asked, form: EmptyForm) -> Response:
        outcome = Outcome(query.state) if query.state else None
        found = inbox.listed(session, actor, Search(query.q, query.p, _A_PAGE), outcome)
        own = session.get_one(Organization, actor.organization_id)
        shown = view.documents_page(base, found, query.state, own, form.language)
        status = 422 if form.errors else 200
        return page(request, "exchange/documents.html", status=status, list=shown, form=form)

    return side


for _base in SIDES:
    router.include_router(_side(_base))
