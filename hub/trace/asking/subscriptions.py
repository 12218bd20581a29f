"""Subscriptions: whoever asked to be told of the answers to a kept query is told, in the log's order, none twice."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, func, select

from hub import db, keys, log
from hub.errors import HubError, NotFound
from hub.gs1 import epcis, schedule
from hub.gs1.query import QueryParameterInvalid
from hub.lists import CountedPage, Search
from hub.models.access import AuditEntry
from hub.models.base import now
from hub.models.question import NamedQuery, Subscription
from hub.trace.asking import documents, named_queries, page_tokens, queries, webhooks

MOST = 100
"""Subscriptions that a query may have."""

AT_ONCE = 100
"""Events that one document tells of at most."""
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=1)
_KNOWN = {"dest", "signatureToken", "schedule", "stream", "reportIfEmpty", "initialRecordTime"}
_log = log.get("hub.trace.asking.subscriptions")


class SubscriptionControls(HubError):
    """This cannot be subscribed to: %(why)s."""

    code, status, epcis = "subscription-controls", 400, "SubscriptionControlsException"


class TooManySubscriptions(HubError):
    """The query has as many subscriptions as this hub keeps; end one first."""

    code, status, epcis = "too-many-subscriptions", 409, "ImplementationException"


def subscribe(session: Session, name: str, told: Any, *, epcs: str = documents.LINKS) -> Subscription:
    """Begin to tell somebody: each answer as soon as it is sealed (``stream``), or what is new by a ``schedule``."""
    query = named_queries.named(session, name)
    if not isinstance(told, dict) or told.keys() - _KNOWN:
        raise SubscriptionControls(why=f"it is an object of {', '.join(sorted(_KNOWN))}")
    if told.get("stream") not in (None, True, False) or told.get("reportIfEmpty") not in (None, True, False):
        raise SubscriptionControls(why="stream and reportIfEmpty are true or false")
    planned, stream = told.get("schedule"), told.get("stream") is True
    if stream == (planned is not None) or (planned is not None and not isinstance(planned, dict)):
        raise SubscriptionControls(why="it needs a schedule, or stream: true, and not both")
    destination, token = told.get("dest"), told.get("signatureToken", "")
    if not isinstance(destination, str) or not isinstance(token, str) or len(token) > 1000:
        raise SubscriptionControls(why="dest and signatureToken are texts")
    webhooks.check(destination)
    begun = told.get("initialRecordTime")
    if begun is not None and not (isinstance(begun, str) and epcis.is_time(begun)):
        raise SubscriptionControls(why="initialRecordTime is a date and time with its offset")
    count = select(func.count()).select_from(Subscription).where(col(Subscription.query_id) == query.id)
    if session.exec(count).one() >= MOST:
        raise TooManySubscriptions(most=MOST)
    made = Subscription(
        owner_id=query.owner_id,
        query_id=query.id,
        destination=destination,
        schedule=planned or {},
        report_if_empty=told.get("reportIfEmpty") is True,
        initial_record_time=epcis.moment(begun) if begun else None,
        epc_format=epcs,
        mark=-1 if begun else queries.newest_place(session),
        due_at=schedule.read(planned).after(now()) if planned is not None else now(),
    )
    made.token = keys.seal(token.encode(), _cell(made)) if token else ""
    session.add(made)
    session.flush()
    record(session, "make", made, name)
    return made


def listed(session: Session, name: str, paging: Mapping[str, str]) -> tuple[list[Subscription], str]:
    """A page of the subscriptions to a query, the oldest first, and the token of the next; empty on the last."""
    page_tokens.paging_alone(paging)
    query = named_queries.named(session, name)
    size, asked = queries.per_page(paging), page_tokens.fingerprint(session, paging, f"subscriptions {query.id}")
    every = select(Subscription).where(col(Subscription.query_id) == query.id).order_by(col(Subscription.id))
    if token := paging.get("nextPageToken", ""):
        every = every.where(col(Subscription.id) > _after(token, asked))
    found = list(session.exec(every.limit(size + 1)))
    return found[:size], page_tokens.close([found[size - 1].id.hex], asked) if len(found) > size else ""


def _after(token: str, asked: str) -> UUID:
    try:
        [last] = page_tokens.read(token, asked)
        return UUID(last)
    except (ValueError, TypeError, AttributeError) as problem:
        raise page_tokens.refuse(problem) from problem


def one(session: Session, name: str, subscription_id: UUID) -> Subscription:
    """A subscription to a query; ``NotFound`` where there is none."""
    found = session.get(Subscription, subscription_id)
    if found is None or found.query_id != named_queries.named(session, name).id:
        raise NotFound("There is no such subscription.")
    return found


def end(session: Session, name: str, subscription_id: UUID) -> None:
    """Tell somebody no longer."""
    ended = one(session, name, subscription_id)
    record(session, "end", ended, name)
    session.delete(ended)


def page(session: Session, search: Search) -> CountedPage[tuple[Subscription, str]]:
    """A page of all the organisation's subscriptions with the names of their queries, in the order of these."""
    own = col(Subscription.owner_id) == session.info["who"].org
    total = session.exec(select(func.count()).select_from(Subscription).where(own)).one()
    rows = (
        select(Subscription, NamedQuery.name)
        .join(NamedQuery, col(NamedQuery.id) == col(Subscription.query_id))
        .where(own)
        .order_by(col(NamedQuery.name), col(Subscription.id))
    )
    return CountedPage(session.exec(rows.offset(search.before).limit(search.size)).all(), total, search)


def find(session: Session, subscription_id: UUID) -> tuple[Subscription, str]:
    """One of the organisation's subscriptions, and the name of its query; ``NotFound`` where it has none such."""
    found = session.get(Subscription, subscription_id)
    if found is None or found.owner_id != session.info["who"].org:
        raise NotFound("There is no such subscription.")
    return found, session.get_one(NamedQuery, found.query_id).name


def record(session: Session, done: str, subscription: Subscription, name: str, **detail: object) -> None:
    """Write the audit entry of what is done to a subscription to a query."""
    details = {"url": subscription.destination, **{word: str(value) for word, value in detail.items()}}
    session.add(AuditEntry(owner_id=subscription.owner_id, action=f"subscription.{done}", subject=name, detail=details))


def shown(subscription: Subscription, name: str) -> dict[str, Any]:
    """A subscription as it is answered: without its token."""
    told: dict[str, Any] = {
        "subscriptionID": str(subscription.id),
        "queryName": name,
        "createdAt": subscription.created_at.isoformat(),
        "dest": subscription.destination,
        "reportIfEmpty": subscription.report_if_empty,
    }
    told |= {"schedule": subscription.schedule} if subscription.schedule else {"stream": True}
    if subscription.initial_record_time:
        told["initialRecordTime"] = subscription.initial_record_time.isoformat()
    if subscription.told_at:
        told["lastNotifiedAt"] = subscription.told_at.isoformat()
    if subscription.problem:
        told["minorErrors"] = [subscription.problem]
    return told


def tell(most: int = 100) -> int:
    """Tell everybody who is due, each at most once; return how many were told something."""
    with db.hub_session() as session:
        due = select(Subscription.owner_id, Subscription.id).where(col(Subscription.due_at) <= now())
        waiting = session.exec(due.order_by(col(Subscription.due_at)).limit(most)).all()
    return sum(_tell(owner, row) for owner, row in waiting)


def _tell(owner: UUID, row: UUID) -> bool:
    """Tell one of what is new. The mark moves with a 2xx alone: what was not taken comes again, the same."""
    with db.session(db.Who(owner)) as session:
        db.let_think(session)
        locked = select(Subscription).where(col(Subscription.id) == row).with_for_update(skip_locked=True)
        subscription = session.exec(locked).one_or_none()
        if subscription is None:
            return False
        query = session.get_one(NamedQuery, subscription.query_id)
        try:
            return _send(session, subscription, query)
        except (webhooks.NotTaken, webhooks.BadDestination, QueryParameterInvalid, keys.Unsealable) as problem:
            subscription.failures += 1
            subscription.tried_at = now()
            subscription.answered = problem.extra.get("answered")
            subscription.problem = problem.detail[:300]
            pause = _FIRST_PAUSE * 2 ** min(subscription.failures - 1, 20)
            subscription.due_at = now() + min(pause, _LONGEST_PAUSE)
            _log.info("a subscriber did not take it", subscription=str(row), failures=subscription.failures)
            return False


def _send(session: Session, subscription: Subscription, query: NamedQuery) -> bool:
    parameters = named_queries.parameters(query.query)
    events, mark = queries.sealed_after(
        session, parameters, subscription.mark, AT_ONCE, subscription.initial_record_time
    )
    more = mark > subscription.mark
    if events or (subscription.report_if_empty and subscription.schedule and not more):
        results = {"subscriptionID": str(subscription.id), "queryName": query.name}
        told = documents.of(documents.told(events, subscription.epc_format), now().isoformat(), results)
        token = token_of(subscription)
        headers = {**HEADERS, "Idempotency-Key": f"{subscription.id}-{subscription.mark}-{mark}"}
        body = json.dumps(told, ensure_ascii=False).encode()
        subscription.answered = webhooks.send(subscription.destination, body, token, headers)
        subscription.told_at = subscription.tried_at = now()
    subscription.mark, subscription.failures, subscription.problem = mark, 0, ""
    subscription.due_at = now() if more else _due(subscription.schedule)
    return bool(events)


def token_of(subscription: Subscription) -> str:
    """What is sent to a subscriber is signed with; empty where nothing is."""
    return keys.unseal(subscription.token, _cell(subscription)).decode() if subscription.token else ""


HEADERS: Mapping[str, str] = {
    "Content-Type": "application/ld+json",
    "GS1-EPCIS-Version": "2.0.0",
    "GS1-CBV-Version": "2.0.0",
    "User-Agent": "Furrow",
}
_SOON = timedelta(seconds=2)


def _due(planned: Mapping[str, Any]) -> datetime:
    """When who has everything that is new is looked after again."""
    return schedule.read(planned).after(now()) if planned else now() + _SOON


def _cell(subscription: Subscription) -> keys.Cell:
    """Where the token of a subscription lies sealed."""
    return keys.Cell(subscription.owner_id, "subscription", "token", subscription.id)
