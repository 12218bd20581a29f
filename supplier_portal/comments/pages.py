"""Comments on orders, claims, shipments and statements: read, written, taken back; their files."""

from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session, col, select

from hub import pictures
from hub.access import Actor, Permission
from hub.errors import NotFound
from hub.inputs import Prose
from hub.models.base import now, uuid7
from hub.models.party import Membership, Organization, User
from hub.web.deps import ActorDep, LanguageDep, SessionDep, requires
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.routing import Router
from hub.web.templating import go, page
from supplier_portal import lookup
from supplier_portal.comments import comments, subjects
from supplier_portal.comments.comments import Said
from supplier_portal.comments.models import SubjectKind
from supplier_portal.comments.subjects import Subject
from supplier_portal.comments.view import Read, comments_page

buyers = Router(prefix="/buyer/comments", dependencies=[requires(Permission.PLACE_ORDERS)])
suppliers = Router(prefix="/supplier/comments", dependencies=[requires(Permission.ANSWER_ORDERS)])
router = Router(include_in_schema=False)
_ALONE = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
}


class Writing(BaseModel):
    """What somebody writes."""

    words: Prose = Field(default="", max_length=2000)
    inside: bool = False
    once: UUID = Field(default_factory=uuid7)


def _subject(kind: SubjectKind, subject_id: UUID, actor: ActorDep, session: SessionDep) -> Subject:
    return subjects.find(session, actor, kind, subject_id)


SubjectDep = Annotated[Subject, Depends(_subject)]


@buyers.get("/{kind}/{subject_id}")
@suppliers.get("/{kind}/{subject_id}")
def show(subject: SubjectDep, request: Request, actor: ActorDep, session: SessionDep, form: EmptyForm) -> HTMLResponse:
    """What was said; nobody has seen it by a look that was not a person's."""
    return _shown(request, session, actor, subject, form)


@buyers.post("/{kind}/{subject_id}/seen")
@suppliers.post("/{kind}/{subject_id}/seen")
def see(subject: SubjectDep, request: Request, actor: ActorDep, session: SessionDep) -> Response:
    """All that the other side wrote is seen: it stays."""
    comments.see(session, actor, comments.of(session, actor, subject), at=now())
    return go(request, subject.address(actor.organization_id))


@buyers.post("/{kind}/{subject_id}")
@suppliers.post("/{kind}/{subject_id}")
def say(
    subject: SubjectDep,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Writing], filled(Writing)],
) -> Response:
    """Say something; whoever writes has seen what stands there."""
    read, speaks = form.read, form.language
    if read is not None:
        with form.attempt(session, otherwise="words"):
            chosen = form.files.get("files")
            files = []
            if chosen is not None:
                content = chosen.file.read(pictures.MOST_BYTES + 1)
                files = [(chosen.filename or "", content)]
            comments.see(session, actor, comments.of(session, actor, subject), at=now())
            comments.say(session, actor, subject, Said(read.words, read.once, read.inside, files), at=now())
            return go(request, subject.address(actor.organization_id), speaks.gettext("Your comment is there."))
    return _shown(request, session, actor, subject, form)


@buyers.post("/{kind}/{subject_id}/{comment_id}/undo")
@suppliers.post("/{kind}/{subject_id}/{comment_id}/undo")
def take_back(
    comment_id: UUID, subject: SubjectDep, request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep
) -> Response:
    """Take back what one wrote, until the other side has seen it."""
    row = comments.find(session, comment_id)
    if row.subject_id != subject.id:
        raise NotFound("There is no such comment.")
    comments.take_back(session, actor, row)
    return go(request, subject.address(actor.organization_id), speaks.gettext("Your comment is taken back."))


@buyers.get("/{kind}/{subject_id}/files/{file_id}")
@suppliers.get("/{kind}/{subject_id}/files/{file_id}")
def file(file_id: UUID, subject: SubjectDep, actor: ActorDep, session: SessionDep) -> Response:
    """A file of a comment, to whoever reads the comment: taken away, never shown as a page of ours."""
    row, content = comments.opened(session, file_id)
    if comments.find(session, row.comment_id).subject_id != subject.id:
        raise NotFound("There is no such file.")
    headers = _ALONE | {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(row.name)}"}
    return Response(content, media_type=row.media_type, headers=headers)


def _shown(request: Request, session: Session, actor: Actor, subject: Subject, form: Filled[Any]) -> HTMLResponse:
    rows = comments.of(session, actor, subject)
    read = Read(
        subject=subject,
        comments=rows,
        seen=comments.seen(session, rows),
        files=comments.files_of(session, rows),
        parties=_parties(session, subject),
        people=_people(session, actor),
    )
    form.values.setdefault("once", str(uuid7()))
    shown = comments_page(read, actor, form.language)
    unseen = any(row.owner_id != actor.organization_id and row.id not in read.seen for row in rows)
    status = 422 if form.errors else 200
    return page(request, "comments/comments.html", status=status, talk=shown, unseen=unseen, form=form)


def _parties(session: Session, subject: Subject) -> dict[UUID, Organization]:
    return lookup.organizations(session, {subject.buyer_id, subject.supplier_id})


def _people(session: Session, actor: Actor) -> list[str]:
    """The colleagues who can be named."""
    acting = select(Membership.user_id).where(
        col(Membership.owner_id) == actor.organization_id, col(Membership.ended_at).is_(None)
    )
    rows = select(User.name).where(col(User.id).in_(acting), col(User.id) != actor.user_id).order_by(col(User.name))
    return list(session.exec(rows.limit(50)))


router.include_router(buyers)
router.include_router(suppliers)
