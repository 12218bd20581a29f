"""What the page of comments shows, in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from hub.access import Actor
from hub.models.party import Organization
from hub.web.i18n import N_, Language
from supplier_portal.comments.models import Comment, CommentFile, SubjectKind
from supplier_portal.comments.subjects import Subject

_TITLES = {
    SubjectKind.ORDER: N_("Comments on order %(number)s"),
    SubjectKind.CLAIM: N_("Comments on claim %(number)s"),
    SubjectKind.SHIPMENT: N_("Comments on shipment %(number)s"),
    SubjectKind.STATEMENT: N_("Comments on statement %(number)s"),
}


@dataclass(frozen=True)
class CommentRow:
    """A comment: who wrote it, when, for whom; ``undo`` takes it back."""

    who: str
    when: str
    words: str
    inside: bool
    seen: bool
    files: Sequence[tuple[str, str]]
    undo: str


@dataclass(frozen=True)
class CommentsPage:
    """All that was said of something, and the form to say more; ``people`` are colleagues who can be named."""

    title: str
    back: str
    action: str
    other: str
    people: str
    comments: Sequence[CommentRow]


@dataclass(frozen=True)
class Read:
    """Comments as they were read: which of them the other side has seen, and their files."""

    subject: Subject
    comments: Sequence[Comment]
    seen: set[UUID]
    files: Mapping[UUID, Sequence[CommentFile]]
    parties: Mapping[UUID, Organization]
    people: Sequence[str]


def comments_page(read: Read, actor: Actor, speaks: Language) -> CommentsPage:
    """The page of one side."""
    subject, own = read.subject, actor.organization_id
    address = subject.address(own)
    return CommentsPage(
        title=speaks.gettext(_TITLES[subject.kind], number=subject.number),
        back=subject.page,
        action=address,
        other=speaks.name(read.parties[subject.other(own)]),
        people=" ".join(f"@{name}" for name in read.people),
        comments=[_row(read, row, actor, address, speaks) for row in read.comments],
    )


def _row(read: Read, row: Comment, actor: Actor, address: str, speaks: Language) -> CommentRow:
    own = actor.organization_id
    mine = row.owner_id == own and row.created_by == actor.user_id and actor.user_id is not None
    party = speaks.name(read.parties[row.owner_id])
    return CommentRow(
        who=f"{row.author} · {party}" if row.author else party,
        when=speaks.moment(row.said_at, read.parties[own]),
        words=row.words,
        inside=row.other_id is None,
        seen=row.id in read.seen and row.owner_id == own,
        files=[(one.name, f"{address}/files/{one.id}") for one in read.files.get(row.id, ())],
        undo=f"{address}/{row.id}/undo" if mine and row.id not in read.seen else "",
    )
