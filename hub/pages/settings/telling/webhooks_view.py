"""What the page of webhooks shows, decided and said in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub.errors import HubError
from hub.lists import CountedPage
from hub.models.party import Organization
from hub.models.question import Subscription
from hub.trace.asking import trials, webhooks
from hub.trace.trying.lines import shown
from hub.web.i18n import N_, NN_, Language
from hub.web.view import Nothing, Paging, State, counted_paging

PATH = "/settings/webhooks"

_ARE = NN_("%(num)s address is told of new events.", "%(num)s addresses are told of new events.")
_FAILED = NN_("failed %(num)s time in a row", "failed %(num)s times in a row")
_FIELDS = {
    "second": N_("second"),
    "minute": N_("minute"),
    "hour": N_("hour"),
    "dayOfMonth": N_("day of the month"),
    "month": N_("month"),
    "dayOfWeek": N_("day of the week"),
}


@dataclass(frozen=True)
class Row:
    """A subscription: to which query, to where, when something is sent, how that went last, and when it is next.

    ``answer`` and ``problem`` are empty before anything was sent; ``test`` and ``end`` are addresses.
    """

    id: str
    query: str
    address: str
    way: str
    sent: str
    mark: str
    answer: State
    answered: str
    problem: str
    failures: str
    next: str
    test: str
    end: str
    label: str


@dataclass(frozen=True)
class WebhooksPage:
    """The subscriptions of an organisation, or else ``nothing`` and how one subscribes."""

    lead: str
    rows: Sequence[Row]
    paging: Paging | None
    nothing: Nothing | None
    example: str


@dataclass(frozen=True)
class TrialShown:
    """What came of a test: its state in a word, a sentence, and what was sent and came back."""

    tone: str
    title: str
    sentence: str
    sent: str = ""
    said: str = ""

    @property
    def icon(self) -> str:
        """A tick where the test was taken; else that of the tone."""
        return "" if self.tone else "ok"


def webhooks_page(
    found: CountedPage[tuple[Subscription, str]], own: Organization, speaks: Language, *, at: datetime
) -> WebhooksPage:
    """The page of webhooks."""
    rows = [_row(subscription, query, own, speaks, at) for subscription, query in found.rows]
    return WebhooksPage(
        lead=speaks.counted(_ARE, found.total),
        rows=rows,
        paging=counted_paging(f"{PATH}?", found, speaks) if rows else None,
        nothing=None if found.total else _nothing(speaks),
        example=_EXAMPLE,
    )


def trial_of(trial: trials.Trial, speaks: Language) -> TrialShown:
    """What came of a test."""
    if trial.answer is None:
        refusal = trial.refusal
        why = speaks.sentence(refusal.sentence, refusal.values) if refusal else ""
        return TrialShown("stop", speaks.gettext("The test did not arrive."), why)
    took = speaks.gettext(
        "%(address)s answered HTTP %(status)s after %(seconds)s s.",
        address=shown(trial.destination),
        status=trial.answer.status,
        seconds=speaks.number(trial.answer.seconds, 2),
    )
    sent = "\n".join(f"{shown(name)}: {shown(value)}" for name, value in trial.sent)
    said = "\n".join(map(shown, trial.said.splitlines()))
    if trial.answer.taken:
        return TrialShown("", speaks.gettext("The test was taken."), took, sent, said)
    return TrialShown("stop", speaks.gettext("The test arrived and was not taken."), took, sent, said)


def refused(refusal: HubError, speaks: Language) -> TrialShown:
    """That no test was sent, and why."""
    why = speaks.sentence(refusal.sentence, refusal.values)
    return TrialShown("warn", speaks.gettext("No test was sent."), why)


def _row(subscription: Subscription, query: str, own: Organization, speaks: Language, at: datetime) -> Row:
    told, tried = subscription.told_at, subscription.tried_at
    return Row(
        id=str(subscription.id),
        query=query,
        address=shown(subscription.destination),
        way=_way(subscription.schedule, speaks),
        sent=speaks.ago(told, at) if told else speaks.gettext("never"),
        mark=_mark(subscription.mark, speaks),
        answer=_answer(subscription, speaks),
        answered=speaks.ago(tried, at) if tried else "",
        problem=_problem(subscription.problem, speaks),
        failures=speaks.counted(_FAILED, subscription.failures),
        next=_next(subscription, own, speaks),
        test=f"{PATH}/{subscription.id}/test",
        end=f"{PATH}/{subscription.id}/end",
        label=speaks.gettext("Tell %(address)s no longer?", address=shown(subscription.destination)),
    )


def _way(planned: Mapping[str, Any], speaks: Language) -> str:
    if not planned:
        return speaks.gettext("each event as soon as it is sealed")
    fields = [f"{speaks.gettext(word)} {planned[name]}" for name, word in _FIELDS.items() if name in planned]
    listed = ("；" if speaks.code == "zh" else "; ").join(fields)
    return speaks.gettext("what is new, by a schedule in UTC: %(fields)s", fields=shown(listed))


def _mark(mark: int, speaks: Language) -> str:
    if mark < 0:
        return speaks.gettext("from the beginning of the log")
    return speaks.gettext("up to place %(place)s of the log", place=speaks.number(mark))


def _answer(subscription: Subscription, speaks: Language) -> State:
    if subscription.tried_at is None:
        return State(speaks.gettext("Nothing sent yet"), "clock")
    answered = subscription.answered
    word = f"HTTP {answered}" if answered is not None else speaks.gettext("No answer")
    return State(word, "stop", "stop") if subscription.failures else State(word, "ok", "ok")


def _problem(problem: str, speaks: Language) -> str:
    """Why it failed last; a status says it itself."""
    known = webhooks.reason(problem)
    if known is not None:
        return speaks.sentence(known.sentence, known.values)
    return "" if "HTTP " in problem else shown(problem)


def _next(subscription: Subscription, own: Organization, speaks: Language) -> str:
    if not subscription.failures and not subscription.schedule:
        return speaks.gettext("with the next event")
    return speaks.moment(subscription.due_at, own)


def _nothing(speaks: Language) -> Nothing:
    return Nothing(
        speaks.gettext("Nobody is told of new events yet."),
        speaks.gettext(
            "A program subscribes by API, with an API key of yours: it keeps a query under a name, and subscribes an"
            " address to it. docs/epcis.md says more."
        ),
    )


_EXAMPLE = """POST /epcis/queries
{"name": "damaged", "query": {"EQ_disposition": ["damaged"]}}

POST /epcis/queries/damaged/subscriptions
{"dest": "https://example.org/hook", "stream": true, "signatureToken": "…"}"""
