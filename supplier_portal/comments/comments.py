"""Comments as they are said, seen, and taken back until the other side has seen them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from hub import access, db, keys, pictures
from hub.access import Actor, Permission
from hub.errors import N_, HubError, InvalidInput, NotAllowed, NotFound
from hub.keys import Cell
from hub.messages import NoticeGiven
from hub.models.base import uuid7
from hub.models.party import Membership, Organization, User
from hub.notices import desk
from supplier_portal.comments.models import Comment, CommentFile, CommentSeen
from supplier_portal.comments.subjects import Subject

MOST_FILES = 3
_TABLE, _COLUMN = "comment_file", "sealed"


class SeenAlready(HubError):
    """The other side has seen it: it stays."""

    code, status = "seen-already", 409


class TooManyFiles(HubError):
    """At most %(most)s files go with a comment."""

    code, status, at = "too-many-files", 422, "files"


@dataclass(frozen=True)
class Said:
    """What somebody says: to the other side, or ``inside`` one's own; ``once`` is the same for the same click."""

    words: str
    once: UUID
    inside: bool = False
    files: Sequence[tuple[str, bytes]] = ()


def say(session: Session, actor: Actor, subject: Subject, said: Said, *, at: datetime) -> Comment:
    """Say something about a thing between two; colleagues who are named with an @ are told, and the other side is.

    The same click again is the same comment.
    """
    _require_side(actor, subject)
    words = said.words.strip()
    if not words:
        raise InvalidInput("Write something.", at="words")
    if len(said.files) > MOST_FILES:
        raise TooManyFiles(most=MOST_FILES)
    db.in_turn(session, f"comments/{actor.organization_id}/{subject.id}")
    mine = select(Comment).where(col(Comment.owner_id) == actor.organization_id, col(Comment.said_as) == said.once)
    if (known := session.exec(mine).first()) is not None:
        return known
    other = None if said.inside else subject.other(actor.organization_id)
    row = Comment(
        owner_id=actor.organization_id,
        kind=subject.kind,
        subject_id=subject.id,
        other_id=other,
        author=actor.name[:80],
        words=words,
        said_at=at,
        said_as=said.once,
    )
    session.add(row)
    session.flush()
    for name, content in said.files:
        _keep(session, row, name, content)
    session.flush()
    access.record(session, actor, "comment.say", subject.number, inside=said.inside)
    _tell(session, actor, subject, row)
    return row


def _keep(session: Session, comment: Comment, name: str, content: bytes) -> None:
    made = pictures.paper(content)
    own = uuid7()
    sealed = keys.seal(made.content, Cell(comment.owner_id, _TABLE, _COLUMN, own))
    session.add(
        CommentFile(
            id=own,
            owner_id=comment.owner_id,
            comment_id=comment.id,
            other_id=comment.other_id,
            name="".join(sign for sign in name if sign.isprintable())[-120:] or "file",
            media_type=made.media_type,
            size=len(made.content),
            sealed=sealed,
        )
    )


def _tell(session: Session, actor: Actor, subject: Subject, row: Comment) -> None:
    said = {"who": actor.name or desk.names(session.get_one(Organization, row.owner_id)), "number": subject.number}
    for person in mentioned(session, actor, row.words):
        sentence = N_("%(who)s named you in a comment on %(number)s.")
        notice = NoticeGiven(
            "comment.mentioned", f"comment.mentioned/{row.id}", sentence, said,
            subject.address(row.owner_id), but=str(actor.user_id or ""), only=str(person.id),
        )  # fmt: skip
        desk.tell(session, row.owner_id, notice)
    if row.other_id is not None:
        kind = "comment.of-buyer" if row.owner_id == subject.buyer_id else "comment.of-supplier"
        who = desk.names(session.get_one(Organization, row.owner_id))
        sentence = N_("%(who)s wrote a comment on %(number)s.")
        told = {"who": who, "number": subject.number}
        notice = NoticeGiven(kind, f"{kind}/{row.id}", sentence, told, subject.address(row.other_id))
        desk.tell(session, row.other_id, notice)


def mentioned(session: Session, actor: Actor, words: str) -> list[User]:
    """The colleagues whom some words name with an @, but for who wrote them."""
    acting = select(Membership.user_id).where(
        col(Membership.owner_id) == actor.organization_id, col(Membership.ended_at).is_(None)
    )
    people = session.exec(select(User).where(col(User.id).in_(acting)).order_by(col(User.name), col(User.id))).all()
    text = words.casefold()
    named = [one for one in people if one.name and f"@{one.name.casefold()}" in text]
    # @Li Na names Li Na, and not Li too.
    return [one for one in named if one.id != actor.user_id and not _within_another(one, named, text)]


def _within_another(one: User, named: Sequence[User], text: str) -> bool:
    mark = f"@{one.name.casefold()}"
    longer = [other.name.casefold() for other in named if len(other.name) > len(one.name)]
    for name in longer:
        if f"@{name}".startswith(mark):
            text = text.replace(f"@{name}", "")
    return mark not in text


def take_back(session: Session, actor: Actor, comment: Comment) -> None:
    """Undo what one said oneself, until the other side has seen it; undone twice is undone once."""
    if comment.owner_id != actor.organization_id:
        raise NotFound("There is no such comment.")
    if comment.created_by != actor.user_id:
        raise NotAllowed
    _hold(session, comment)
    if seen(session, [comment]):
        raise SeenAlready
    row = session.get(Comment, comment.id)
    if row is not None:
        session.delete(row)
        access.record(session, actor, "comment.take-back", comment.id)
    session.flush()


def see(session: Session, actor: Actor, comments: Sequence[Comment], *, at: datetime) -> None:
    """Somebody of the other side has these before their eyes: from now on they stay."""
    theirs = [row for row in comments if row.owner_id != actor.organization_id]
    known = seen(session, theirs)
    for row in theirs:
        if row.id in known:
            continue
        _hold(session, row)
        if session.exec(select(Comment.id).where(col(Comment.id) == row.id)).first() is None:
            continue
        mark = CommentSeen(owner_id=actor.organization_id, writer_id=row.owner_id, comment_id=row.id, seen_at=at)
        if not seen(session, [row]):
            session.add(mark)
            session.flush()


def seen(session: Session, comments: Sequence[Comment]) -> set[UUID]:
    """Which of some comments the other side has seen."""
    others = {row.id: row.other_id for row in comments}
    rows = session.exec(select(CommentSeen).where(col(CommentSeen.comment_id).in_(others)))
    return {row.comment_id for row in rows if row.owner_id == others[row.comment_id]}


def of(session: Session, actor: Actor, subject: Subject) -> list[Comment]:
    """What was said of something that the actor's organisation reads, the first first."""
    rows = select(Comment).where(
        col(Comment.subject_id) == subject.id,
        col(Comment.kind) == subject.kind,
        col(Comment.owner_id).in_([subject.buyer_id, subject.supplier_id]),
        (col(Comment.owner_id) == actor.organization_id) | (col(Comment.other_id) == actor.organization_id),
    )
    return list(session.exec(rows.order_by(col(Comment.said_at), col(Comment.id)).limit(500)))


def files_of(session: Session, comments: Sequence[Comment]) -> dict[UUID, list[CommentFile]]:
    """The files of some comments, by the comment."""
    found: dict[UUID, list[CommentFile]] = {}
    rows = select(CommentFile).where(col(CommentFile.comment_id).in_([row.id for row in comments]))
    for row in session.exec(rows.order_by(col(CommentFile.id))):
        found.setdefault(row.comment_id, []).append(row)
    return found


def find(session: Session, comment_id: UUID) -> Comment:
    """A comment that the session reads."""
    row = session.get(Comment, comment_id)
    if row is None:
        raise NotFound("There is no such comment.")
    return row


def opened(session: Session, file_id: UUID) -> tuple[CommentFile, bytes]:
    """A file with its bytes, for whoever reads its comment."""
    row = session.get(CommentFile, file_id)
    if row is None:
        raise NotFound("There is no such file.")
    return row, keys.unseal(row.sealed, Cell(row.owner_id, _TABLE, _COLUMN, row.id))


def _require_side(actor: Actor, subject: Subject) -> None:
    buys = actor.organization_id == subject.buyer_id
    access.require(actor, Permission.PLACE_ORDERS if buys else Permission.ANSWER_ORDERS)


def _hold(session: Session, comment: Comment) -> None:
    """Let nobody see it while it is taken back, nor the other way round."""
    db.in_turn(session, f"comment/{comment.id}")
