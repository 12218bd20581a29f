"""The same request again gets the same answer and does nothing: `Idempotency-Key`, kept with what it did."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from hub.errors import HubError
from hub.models.access import IdempotencyKey
from hub.models.base import now, uuid7


class KeyReused(HubError):
    """This Idempotency-Key was used for another request; give each request a key of its own."""

    code, status = "idempotency-key-reused", 422


@dataclass(frozen=True)
class Once:
    """A request under its key: what it is does not change when it is sent again."""

    key: str
    request_hash: bytes

    @classmethod
    def of_form(cls, once: str, what: str) -> "Once":
        """A form that is sent again bears the same one-time word; without one every sending is new."""
        return cls(f"form/{once or uuid7()}"[:200], hashlib.sha256(what.encode()).digest())

    def known(self, session: Session) -> Any:
        """What was answered the first time, None when this is the first."""
        row = session.scalars(
            select(IdempotencyKey).where(
                col(IdempotencyKey.owner_id) == session.info["who"].org, col(IdempotencyKey.key) == self.key
            )
        ).one_or_none()
        if row is not None and row.request_hash != self.request_hash:
            raise KeyReused(key=self.key)
        return row.answer if row is not None else None

    def answer(self, session: Session, work: Callable[[], Any], *, status: int = 200) -> JSONResponse:
        """Do ``work`` and answer, or give the answer that is kept."""
        kept = self._keep(session, work, status)
        return JSONResponse(kept.answer, kept.status or status)

    def kept(self, session: Session, work: Callable[[], Any]) -> Any:
        """What ``work`` answered, now or the first time."""
        return self._keep(session, work, 200).answer

    def _keep(self, session: Session, work: Callable[[], Any], status: int) -> IdempotencyKey:
        """Do ``work`` and keep its answer in the same transaction, or find the answer that is kept.

        Whoever comes second waits for the first. A refusal undoes the key too, so the request may come again.
        """
        who = session.info["who"]
        mine = insert(IdempotencyKey).values(
            id=uuid7(),
            owner_id=who.org,
            created_at=now(),
            created_by=who.user,
            via=who.via,
            key=self.key,
            request_hash=self.request_hash,
        )
        first = session.execute(mine.on_conflict_do_nothing().returning(col(IdempotencyKey.id))).first()
        kept = session.scalars(
            select(IdempotencyKey).where(col(IdempotencyKey.owner_id) == who.org, col(IdempotencyKey.key) == self.key)
        ).one()
        if kept.request_hash != self.request_hash:
            raise KeyReused(key=self.key)
        if first is not None:
            kept.status, kept.answer = status, jsonable_encoder(work())
            session.flush()
            session.refresh(kept)  # JSON comes back in the database's own order, the first time as ever after
        return kept


async def _once(request: Request, idempotency_key: Annotated[str, Header(min_length=1, max_length=200)]) -> Once:
    line = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
    return Once(idempotency_key, hashlib.sha256(line + await request.body()).digest())


OnceDep = Annotated[Once, Depends(_once)]
"""Asks for an `Idempotency-Key`; the route answers by ``once.answer(session, work)``."""
