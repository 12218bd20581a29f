"""Queries that are kept by name: made, listed, asked, dropped with whoever subscribed to them."""

import re
from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col, delete, select

from hub.errors import HubError, NotFound
from hub.gs1.query import QueryParameterInvalid
from hub.models.question import NamedQuery, Subscription
from hub.trace.asking import page_tokens, queries

MOST = 500
"""Queries that an organisation may keep."""

_NAME = re.compile(r"[A-Za-z0-9._~-]{1,100}")


class QueryExists(HubError):
    """You keep a query of this name already; drop it first, or take another name."""

    code, status, epcis = "query-exists", 409, "ResourceAlreadyExistsException"


class TooManyQueries(HubError):
    """You keep as many queries as this hub keeps; drop one first."""

    code, status, epcis = "too-many-queries", 409, "ImplementationException"


def make(session: Session, told: Any) -> NamedQuery:
    """Keep a query: ``{"name": …, "query": {…}}`` as query-schema.json says it."""
    if not isinstance(told, dict) or not isinstance(told.get("query"), dict) or set(told) - {"name", "query"}:
        raise QueryParameterInvalid('a query is {"name": "…", "query": {…}}')
    name = told.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise QueryParameterInvalid("name is 1 to 100 letters, digits and . _ ~ -", parameter="name")
    queries.check(parameters(told["query"]))
    kept = session.exec(select(NamedQuery.name)).all()
    if name in kept:
        raise QueryExists(name=name)
    if len(kept) >= MOST:
        raise TooManyQueries(most=MOST)
    query = NamedQuery(owner_id=session.info["who"].org, name=name, query=told["query"])
    session.add(query)
    session.flush()
    return query


def listed(session: Session, paging: Mapping[str, str]) -> tuple[list[NamedQuery], str]:
    """A page of the queries by name, and the token of the next; empty on the last."""
    page_tokens.paging_alone(paging)
    size, asked = queries.per_page(paging), page_tokens.fingerprint(session, paging, "queries")
    after = ""
    if token := paging.get("nextPageToken", ""):
        [after] = page_tokens.read(token, asked, str)
    statement = select(NamedQuery).where(col(NamedQuery.name) > after).order_by(col(NamedQuery.name)).limit(size + 1)
    found = list(session.exec(statement))
    return found[:size], page_tokens.close([found[size - 1].name], asked) if len(found) > size else ""


def named(session: Session, name: str) -> NamedQuery:
    """The query of a name; ``NotFound`` where you keep none."""
    query = session.exec(select(NamedQuery).where(col(NamedQuery.name) == name)).one_or_none()
    if query is None:
        raise NotFound("You keep no query of this name.")
    return query


def answered(session: Session, name: str, paging: Mapping[str, str]) -> queries.Page:
    """A page of the events that answer a kept query."""
    if unknown := paging.keys() - set(page_tokens.PAGING):
        raise QueryParameterInvalid(
            f"{min(unknown)} is not a parameter here: a kept query is asked as it is", parameter=min(unknown)
        )
    query = named(session, name)
    return queries.page(session, {**parameters(query.query), **paging}, queries.Within(f"query {query.id}"))


def drop(session: Session, name: str) -> None:
    """Keep a query no longer; whoever subscribed to it is told nothing more."""
    query = named(session, name)
    session.execute(delete(Subscription).where(col(Subscription.query_id) == query.id))
    session.delete(query)


def parameters(query: Mapping[str, Any]) -> dict[str, str]:
    """A query's JSON object as parameters of an address: several values with ``|`` between them."""
    return {name: _value(name, value) for name, value in query.items() if name != "@context"}


def _value(name: str, value: Any) -> str:
    values = value if isinstance(value, list) else [value]
    if name in page_tokens.PAGING or not values or not all(isinstance(one, str | int | float) for one in values):
        raise QueryParameterInvalid(f"{name} is a text, a number, or a list of these", parameter=name)
    return "|".join(str(one).lower() if isinstance(one, bool) else str(one) for one in values)
