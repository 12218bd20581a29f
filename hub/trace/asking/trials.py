"""A subscription put to the test: a document without events is sent now, and its answer is shown; no mark moves."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from hub import attempts, db, keys
from hub.access import Actor
from hub.errors import HubError
from hub.models.base import now
from hub.trace.asking import documents, subscriptions, webhooks

OFTEN = ((3, timedelta(minutes=1)), (30, timedelta(hours=1)))
"""How often an organisation's people may test, all its subscriptions together."""
MOST = 500
"""Characters of the answer that are shown."""
_WIDEST = 4
"""Bytes of the widest character in UTF-8."""


class TooManyTests(HubError):
    """Webhooks are tested three times a minute at most; wait a minute and try again."""

    code, status = "too-many-tests", 429


@dataclass(frozen=True)
class Trial:
    """What came of a test: the answer, or why there is none; ``said`` is how the answer begins, without the token."""

    query: str
    destination: str
    answer: webhooks.Answer | None = None
    refusal: HubError | None = None
    said: str = ""

    @property
    def sent(self) -> Sequence[tuple[str, str]]:
        """The headers as they went out."""
        return self.answer.sent if self.answer else ()


def send(actor: Actor, subscription_id: UUID) -> Trial:
    """Send an EPCISQueryDocument without events to whom a subscription tells, signed and judged as all that is sent.

    No transaction waits for the answer. It is in the audit trail whatever came of it.
    """
    with db.session(actor.who) as session:
        subscription, query = subscriptions.find(session, subscription_id)
        session.expunge(subscription)
    attempts.count_of("webhook test", actor.organization_id, OFTEN, now(), TooManyTests)
    results = {"subscriptionID": str(subscription.id), "queryName": query}
    told = documents.of(documents.told([], subscription.epc_format), now().isoformat(), results)
    headers = {**subscriptions.HEADERS, "Idempotency-Key": f"{subscription.id}-test-{uuid4()}"}
    try:
        token = subscriptions.token_of(subscription)
        body = json.dumps(told, ensure_ascii=False).encode()
        answer = webhooks.post(subscription.destination, body, token, headers, most=MOST * _WIDEST)
        trial = Trial(query, subscription.destination, answer, said=_said(answer, token))
    except (webhooks.BadDestination, webhooks.NotTaken, keys.Unsealable) as refusal:
        trial = Trial(query, subscription.destination, refusal=refusal)
    with db.session(actor.who) as session:
        came = f"HTTP {trial.answer.status}" if trial.answer else "–"
        subscriptions.record(session, "test", subscription, query, answer=came)
    return trial


def _said(answer: webhooks.Answer, token: str) -> str:
    """How the answer begins; a token that somebody sends back is not shown either."""
    text = answer.beginning.decode("utf-8", "replace")
    return (text.replace(token, "…") if token else text)[:MOST]
