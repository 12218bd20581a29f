"""Which core a retailer has, and the way there."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlsplit
from uuid import UUID

import httpx2
from sqlalchemy import delete, select
from sqlmodel import Session, col

from hub import access, db, keys
from hub.access import Actor, Permission
from hub.errors import InvalidInput, NotAllowed, NotFound
from hub.inventory import mapping
from hub.inventory.connectors.base import Core, CoreItem, CoreNotThere, CorePlace, CoreRefused
from hub.inventory.connectors.rest import RestCore
from hub.inventory.connectors.tryton import TrytonCore
from hub.models.base import now
from hub.models.inventory import CoreConnection, CoreCursor, CoreKind
from hub.models.party import OrganizationKind

_PATIENCE = httpx2.Timeout(8, connect=4)
"""How long somebody who waits before a page waits for a core."""


class NoCore(NotFound):
    """No core is connected for this organisation."""

    code = "no-core"


@dataclass(frozen=True)
class Way:
    """How a core is reached; only Tryton asks for a ``database``."""

    kind: CoreKind
    url: str
    token: str = field(repr=False)
    database: str = ""


@dataclass(frozen=True)
class Found:
    """What a look at a core has found: what it carries and where, and its newest business date."""

    items: Sequence[CoreItem]
    places: Sequence[CorePlace]
    last_sale: date | None


def check(way: Way) -> Way:
    """The way as it can be gone; refused where its address is none."""
    try:
        address = urlsplit(way.url)
        usable = bool(address.scheme in ("http", "https") and address.hostname and address.port != 0)
    except ValueError:
        usable = False
    if not usable or address.username or address.query or address.fragment:
        raise InvalidInput(
            "Enter an address that begins with http:// or https://, such as http://10.0.0.5:8000.", at="url"
        )
    if way.kind is CoreKind.TRYTON and not way.database:
        raise InvalidInput("Tryton asks which of its databases is meant.", at="database")
    return way


def look(way: Way) -> Found:
    """Look at a core with what somebody has just typed; each way to fail is a refusal of its own."""
    try:
        with closing(_core(check(way), _PATIENCE)) as core:
            return Found(core.items(), core.places(), core.last_sale())
    except CoreRefused as refusal:
        raise CoreNotThere(refusal.detail) from refusal


def connect(session: Session, actor: Actor, way: Way, found: Found | None = None) -> CoreConnection:
    """Remember the way to the actor's core, in place of what was remembered before; what was found is matched at once.

    A core that was let go may come back, or another in its place, which is read from the start.
    """
    access.require(actor, Permission.ADMINISTER)
    if actor.kind is not OrganizationKind.RETAILER:
        raise NotAllowed(permission=Permission.ADMINISTER.value)
    check(way)
    known = of(session)
    connection = known or CoreConnection(owner_id=actor.organization_id, kind=way.kind, url=way.url, token="")
    if known is not None and (known.url, known.database) != (way.url, way.database):
        _start_anew(session, known)
    connection.kind, connection.url, connection.database = way.kind, way.url, way.database
    connection.token = keys.seal(way.token.encode(), cell(connection))
    connection.ended_at, connection.trouble = None, ""
    session.add(connection)
    if found is not None:
        session.flush()
        mapping.learn(session, found.items, found.places)
    access.record(session, actor, "core.connect", connection.id, kind=way.kind.value, url=way.url)
    return connection


def reach(session: Session) -> Core:
    """The core of the organisation this session serves; close it after use."""
    known = of(session)
    if known is None or known.ended_at is not None:
        raise NoCore
    token = keys.unseal(known.token, cell(known)).decode()
    return _core(Way(known.kind, known.url, token, known.database))


def of(session: Session) -> CoreConnection | None:
    """The connection of the organisation this session serves, ended or not."""
    mine = select(CoreConnection).where(col(CoreConnection.owner_id) == session.info["who"].org)
    known: CoreConnection | None = session.scalar(mine)
    return known


def _core(way: Way, timeout: httpx2.Timeout | None = None) -> Core:
    patience = {"timeout": timeout} if timeout else {}
    if way.kind is CoreKind.TRYTON:
        return TrytonCore(way.url, way.database, way.token, **patience)
    return RestCore(way.url, way.token, **patience)


def pause(session: Session, actor: Actor) -> None:
    """Leave the core alone until somebody resumes; what it must hear waits."""
    _mine(session, actor).paused_at = now()
    access.record(session, actor, "core.pause", "")


def resume(session: Session, actor: Actor) -> None:
    """Go on where it was left."""
    _mine(session, actor).paused_at = None
    access.record(session, actor, "core.resume", "")


def disconnect(session: Session, actor: Actor) -> None:
    """Let the core go and forget its token. What it must hear still waits, for it or for the next one."""
    connection = _mine(session, actor)
    connection.ended_at, connection.paused_at, connection.token = now(), None, ""
    access.record(session, actor, "core.disconnect", connection.id, url=connection.url)


def _mine(session: Session, actor: Actor) -> CoreConnection:
    access.require(actor, Permission.ADMINISTER)
    connection = of(session)
    if connection is None or connection.ended_at is not None:
        raise NoCore
    return connection


def answered(session: Session, trouble: str = "") -> None:
    """Remember that the core was asked, and whether it answered."""
    if (connection := of(session)) is not None:
        connection.asked_at = now()
        connection.trouble = trouble
        if not trouble:
            connection.answered_at = connection.asked_at


def _start_anew(session: Session, known: CoreConnection) -> None:
    """Another address may be another core, which knows nothing of the marks of the one before."""
    session.execute(delete(CoreCursor).where(col(CoreCursor.owner_id) == known.owner_id))
    known.answered_at = known.asked_at = known.paused_at = known.compared_at = None


def retailers() -> list[UUID]:
    """Every organisation whose core is to be asked, for the rounds that serve one after another."""
    with db.hub_session() as session:
        owner = col(CoreConnection.owner_id)
        asked = select(owner).where(col(CoreConnection.paused_at).is_(None), col(CoreConnection.ended_at).is_(None))
        return list(session.scalars(asked.order_by(owner)))


def cell(connection: CoreConnection) -> keys.Cell:
    """Where the token for a core lies sealed."""
    return keys.Cell(connection.owner_id, "core_connection", "token", connection.id)


def seal_anew() -> None:
    """Seal every core's token under the cores' own key, where it was under the members'."""
    with db.hub_session() as session:
        for connection in session.scalars(select(CoreConnection).with_for_update()):
            if connection.token and not connection.token.startswith(("f1.cores.", "x1.cores.")):
                connection.token = keys.seal(keys.unseal(connection.token, cell(connection)), cell(connection))
