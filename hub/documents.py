"""Files that an organisation states something with: kept under their SHA-256, and served only while they have it."""

import hashlib
from collections.abc import Callable, Iterable
from uuid import UUID

from sqlalchemy import func, tuple_
from sqlmodel import Session, col, select

from hub import db
from hub.errors import HubError, NotFound
from hub.models.base import Record
from hub.models.catalogue import Document
from hub.pictures import Clean


class FileAltered(HubError):
    """The file kept here is not the one that was stated: its bytes have another SHA-256, so it is not shown."""

    code, status = "file-altered", 409


class NoSuchFile(HubError):
    """This file is not here any more. Choose it again."""

    code, status = "no-such-file", 409


def keep(session: Session, content: bytes, clean: Callable[[bytes], Clean]) -> Document:
    """Keep a file of the session's organisation, as ``clean`` makes it; the same file again is the one that is here."""
    who: db.Who = session.info["who"]
    made = clean(content)
    sha256 = hashlib.sha256(made.content).hexdigest()
    db.in_turn(session, f"document {who.org} {sha256}")
    mine = select(Document).where(col(Document.owner_id) == who.org, col(Document.sha256) == sha256)
    known = session.exec(mine).first()
    if known is not None:
        return known
    row = Document(
        owner_id=who.org,
        sha256=sha256,
        media_type=made.media_type,
        size=len(made.content),
        content=made.content,
        small=made.small,
    )
    session.add(row)
    session.flush()
    return row


def require_own(session: Session, sha256: str, at: str) -> str:
    """A SHA-256 under which the session's organisation keeps a file, or none at all."""
    who: db.Who = session.info["who"]
    mine = select(Document.id).where(col(Document.owner_id) == who.org, col(Document.sha256) == sha256)
    if sha256 and session.exec(mine).first() is None:
        raise NoSuchFile(at=at)
    return sha256


def find(session: Session, sha256: str) -> Document:
    """A file that the session may read; refused (``FileAltered``) where what is kept is not what the hash says."""
    kept = session.exec(select(Document).where(col(Document.sha256) == sha256)).all()
    if not kept:
        raise NotFound
    for document in kept:
        if hashlib.sha256(document.content).hexdigest() == sha256:
            return document
    raise FileAltered


def hashes(session: Session, rows: Iterable[Record]) -> dict[tuple[UUID, str], str]:
    """What the files that some rows name hash to now, by owner and stated hash, as far as the session reads them."""
    named = {(row.owner_id, sha256) for row in rows for name in row.files if (sha256 := getattr(row, name))}
    if not named:
        return {}
    hashed = func.encode(func.sha256(col(Document.content)), "hex")
    kept = select(col(Document.owner_id), col(Document.sha256), hashed).where(
        tuple_(col(Document.owner_id), col(Document.sha256)).in_(named)
    )
    return {(owner, sha256): actual for owner, sha256, actual in session.exec(kept)}
