"""What a door asks for: the session, the actor, the language, and the permission it is opened by.

What asks nothing of the database is a coroutine: it is answered at once, where a function would be sent to a thread.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.dependencies.models import Dependant
from pydantic import BaseModel
from sqlmodel import Session
from starlette.requests import HTTPConnection

from hub import access, db
from hub.access import Actor, Permission
from hub.errors import NotAllowed, SignInNeeded
from hub.lists import Search
from hub.web.i18n import Language
from hub.web.sharing import Shared
from hub.web.templating import cookie_name, language_of

LOGIN_COOKIE = "furrow"


def login_cookie() -> str:
    """The name of the cookie that carries a login."""
    return cookie_name(LOGIN_COOKIE)


def known_actor(request: HTTPConnection) -> Actor | None:
    """Whoever asks, by API key or by cookie; asked of the database once a request."""
    if not hasattr(request.state, "actor"):
        request.state.actor = _actor(request)
    actor: Actor | None = request.state.actor
    return actor


def still_there(line: HTTPConnection) -> Actor | None:
    """Whoever opened a line, asked of the database again; that it is open is no use of a login."""
    return _actor(line, seen=False)


Machines = Shared[str, Actor | None]
"""Asks which organisations API keys speak for."""


def machines() -> Machines:
    """What asks for API keys; a burst of requests under one key is one question."""
    return Shared(access.machines_of, 50)


async def known_machine(request: HTTPConnection) -> None:
    """Ask whose a request's API key is, together with all who ask at the same time; nothing if it brings none.

    For whoever holds no seat: the question takes one of its own.
    """
    if (key := _api_key(request)) is not None:
        machines: Machines = request.app.state.machines
        request.state.actor = await machines.answer(key, request.app.state.gate)


def _api_key(request: HTTPConnection) -> str | None:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None


def _actor(request: HTTPConnection, *, seen: bool = True) -> Actor | None:
    if (key := _api_key(request)) is not None:
        return access.machine_of(key)
    token = request.cookies.get(login_cookie())
    return access.actor_of(token, seen=seen) if token else None


async def _who_asks(request: HTTPConnection) -> Actor | None:
    if not hasattr(request.state, "actor"):
        if request.scope["type"] == "websocket":  # a request has its seat by now
            async with request.app.state.gate.seat():
                await run_in_threadpool(known_actor, request)
        else:
            await run_in_threadpool(known_actor, request)
    actor: Actor | None = request.state.actor
    return actor


MaybeActorDep = Annotated[Actor | None, Depends(_who_asks)]


def known_to_us(actor: Actor | None) -> Actor:
    """Whoever asks, or a refusal that leads to the sign-in page."""
    if actor is None:
        raise SignInNeeded
    return actor


async def _somebody(actor: MaybeActorDep) -> Actor:
    return known_to_us(actor)


ActorDep = Annotated[Actor, Depends(_somebody)]


def _session(actor: ActorDep) -> Iterator[db.TenantSession]:
    with db.session(actor.who) as session:
        yield session


# With the default scope FastAPI answers before the commit, and 200 although the commit then fails.
SessionDep = Annotated[db.TenantSession, Depends(_session, scope="function")]
"""One transaction for the actor's organisation; committed before the answer leaves, undone when anything is raised."""


def _public_session() -> Iterator[Session]:
    with db.public_session() as session:
        yield session


PublicSession = Annotated[Session, Depends(_public_session, scope="function")]
"""Reads what is published to shoppers, and nothing else."""


async def _language(request: Request) -> Language:
    return language_of(request)


LanguageDep = Annotated[Language, Depends(_language)]

Words = Annotated[str, Query(max_length=100)]
"""What a list is searched for."""

PageNumber = Annotated[int, Query(ge=1, le=10_000)]
"""Which page of a list is asked for."""


SortedBy = Annotated[str, Query(max_length=40)]
"""By which column a list is sorted; one that it does not know leaves it in its own order."""


class ListQuery(BaseModel):
    """How a list is narrowed and sorted, as its address says it."""

    q: Words = ""
    p: PageNumber = 1
    state: Literal["", "used", "ended"] = ""
    sort: SortedBy = ""

    def search(self, size: int = 50) -> Search:
        """What the list is asked for."""
        return Search(self.q, self.p, size, self.state, self.sort)


@dataclass(frozen=True)
class Requires:
    """Opens a route to actors who have one of the permissions."""

    permissions: frozenset[Permission]

    async def __call__(self, request: HTTPConnection) -> Actor:
        """The actor, who may enter."""
        return self.admit(known_to_us(await _who_asks(request)))

    def admit(self, actor: Actor) -> Actor:
        """The actor, or a refusal."""
        if not self.permissions & actor.permissions:
            raise NotAllowed(permission=sorted(self.permissions)[0].value)
        return actor


def requires(*permissions: Permission) -> Any:
    """The route's permission: any of these opens it. Every route has this, ``PUBLIC`` or ``SIGNED_IN``."""
    return Depends(Requires(frozenset(permissions)))


def may_enter(actor: Actor, door: Dependant) -> bool:
    """Whether a route is open to an actor, by the permissions that it declares."""
    gates = [inner.call for inner in door.dependencies]
    inside = all(may_enter(actor, inner) for inner in door.dependencies)
    return inside and all(gate.permissions & actor.permissions for gate in gates if isinstance(gate, Requires))


def calls(door: Dependant) -> Iterator[Any]:
    """Everything that a route depends on, however deep."""
    for inner in door.dependencies:
        yield inner.call
        yield from calls(inner)


def gates(door: Dependant) -> frozenset[Permission]:
    """The permissions that open a route; none where everybody may enter, or everybody who has signed in."""
    return frozenset().union(*(call.permissions for call in calls(door) if isinstance(call, Requires)))


async def anybody() -> None:
    """Opens a route to everybody."""


async def anybody_signed_in(actor: ActorDep) -> Actor:
    """Opens a route to everybody who has signed in, whatever their role."""
    return actor


async def shown_recently(request: Request, actor: ActorDep) -> Actor:
    """Opens a route to whoever has shown in the last ten minutes who they are.

    To the others what they sent is given back with the question (`hub.web.again`), so that nothing is typed twice.
    """
    try:
        access.require_recent(actor)
    except access.ConfirmItIsYou:
        sent = await request.form()
        request.state.sent = [(name, value) for name, value in sent.multi_items() if isinstance(value, str)]
        raise
    return actor


RECENT = Depends(shown_recently)
PUBLIC = Depends(anybody)
SIGNED_IN = Depends(anybody_signed_in)
