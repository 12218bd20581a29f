"""Which core a retailer has, and the way there."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from hub import access, db, keys
from hub.access import Actor, Permission
from hub.errors import NotFound
from hub.inventory.connectors.base import Core
from hub.inventory.connectors.rest import RestCore
from hub.inventory.connectors.tryton import TrytonCore
from hub.models.inventory import CoreConnection, CoreKind


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


def connect(session: Session, actor: Actor, way: Way) -> CoreConnection:
    """Remember the way to the actor's core, in place of what was remembered before."""
    access.require(actor, Permission.ADMINISTER)
    mine = select(CoreConnection).where(col(CoreConnection.owner_id) == actor.organization_id)
    known = session.scalar(mine)
    connection = known or CoreConnection(owner_id=actor.organization_id, kind=way.kind, url=way.url, token="")
    connection.kind, connection.url, connection.database = way.kind, way.url, way.database
    connection.token = keys.seal(way.token.encode(), cell(connection))
    session.add(connection)
    access.record(session, actor, "core.connect", connection.id, kind=way.kind.value, url=way.url)
    return connection


def reach(session: Session) -> Core:
    """The core of the organisation this session serves; close it after use."""
    mine = select(CoreConnection).where(col(CoreConnection.owner_id) == session.info["who"].org)
    known: CoreConnection | None = session.scalar(mine)
    if known is None:
        raise NoCore
    token = keys.unseal(known.token, cell(known)).decode()
    if known.kind is CoreKind.TRYTON:
        return TrytonCore(known.url, known.database, token)
    return RestCore(known.url, token)


def retailers() -> list[UUID]:
    """Every organisation that has a core connected, for the rounds that serve one after another."""
    with db.hub_session() as session:
        owner = col(CoreConnection.owner_id)
        return list(session.scalars(select(owner).order_by(owner)))


def cell(connection: CoreConnection) -> keys.Cell:
    """Where the token for a core lies sealed."""
    return keys.Cell(connection.owner_id, "core_connection", "token", connection.id)


def seal_anew() -> None:
    """Seal every core's token under the cores' own key, where it was under the members'."""
    with db.hub_session() as session:
        for connection in session.scalars(select(CoreConnection).with_for_update()):
            if connection.token and not connection.token.startswith(("f1.cores.", "x1.cores.")):
                connection.token = keys.seal(keys.unseal(connection.token, cell(connection)), cell(connection))
