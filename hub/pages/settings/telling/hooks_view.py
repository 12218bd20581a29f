"""What the pages of programs that are told show, decided and said in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Query

from hub.hooks import hooks
from hub.hooks.hooks import Standing
from hub.lists import CountedPage
from hub.models.hook import Hook, HookMessage
from hub.models.party import Organization
from hub.notices.kinds import KINDS
from hub.trace.asking import webhooks
from hub.trace.trying.lines import shown
from hub.web.i18n import N_, NN_, Language
from hub.web.view import Narrowed, Nothing, Paging, State, Tab, counted_paging

PATH = "/settings/hooks"
StateAsked = Annotated[Literal["", "waiting", "sent", "given-up"], Query()]

_ARE = NN_("%(num)s program is told.", "%(num)s programs are told.")
_TABS = {"": N_("All messages"), "waiting": N_("On their way"), "sent": N_("Taken"), "given-up": N_("Given up")}
_TRIES = NN_("%(num)s try", "%(num)s tries")


@dataclass(frozen=True)
class Row:
    """A program: where it listens, what it is told, how it goes, and its page."""

    url: str
    kinds: str
    state: State
    small: str
    address: str


@dataclass(frozen=True)
class HooksPage:
    """An organisation's programs, or else ``nothing``."""

    lead: str
    rows: Sequence[Row]
    nothing: Nothing | None


@dataclass(frozen=True)
class MessageRow:
    """A message: of which kind, when it was written, how far it is, why not farther, and how to send it again."""

    kind: str
    id: str
    written: str
    state: State
    small: str
    problem: str
    again: str


@dataclass(frozen=True)
class HookPage:
    """A program, what it is ``told``, and the messages; addresses are empty where there is nothing to do."""

    url: str
    lead: str
    told: str
    tabs: Sequence[Tab]
    rows: Sequence[MessageRow]
    paging: Paging
    test: str
    resume: str
    all_again: str
    all_again_word: str
    end: str
    end_label: str


def hooks_page(rows: Sequence[tuple[Hook, Standing]], speaks: Language, *, at: datetime) -> HooksPage:
    """The list of programs."""
    nothing = Nothing(
        speaks.gettext("No program of yours is told anything yet."),
        speaks.gettext("What people here are told can go to your own system at the same moment, signed."),
        f"{PATH}/new",
        speaks.gettext("Add a program"),
    )
    return HooksPage(
        lead=speaks.counted(_ARE, len(rows)),
        rows=[_row(hook, standing, speaks, at) for hook, standing in rows],
        nothing=None if rows else nothing,
    )


def _row(hook: Hook, standing: Standing, speaks: Language, at: datetime) -> Row:
    last = standing.last
    tried = last.tried_at if last else None
    return Row(
        url=shown(hook.url),
        kinds=_listed(hook.kinds, speaks),
        state=_standing(hook, standing, speaks),
        small=speaks.ago(tried, at) if tried else "",
        address=f"{PATH}/{hook.id}",
    )


def _standing(hook: Hook, standing: Standing, speaks: Language) -> State:
    if hook.stopped_at is not None:
        return State(speaks.gettext("Stopped: it says it is gone"), "stop", "stop")
    if standing.last is None:
        return State(speaks.gettext("Nothing sent yet"), "clock")
    if standing.last.sent_at is None:
        return State(speaks.gettext("Not taken"), "warn", "warn")
    return State(speaks.gettext("Taken"), "ok", "ok")


def choices(kinds: Sequence[str], speaks: Language) -> list[tuple[str, str]]:
    """What a program may be told, with the word for it."""
    return [(kind, speaks.gettext(KINDS[kind].name)) for kind in kinds]


def hook_page(
    hook: Hook, standing: Standing, found: CountedPage[HookMessage], own: Organization, speaks: Language
) -> HookPage:
    """A program's page."""
    here = f"{PATH}/{hook.id}"
    narrowed = Narrowed(here, found.search)
    lost = standing.given_up if hook.stopped_at is None else 0
    lead = speaks.ngettext("%(num)s message is on its way.", "%(num)s messages are on their way.", standing.waiting)
    return HookPage(
        url=shown(hook.url),
        lead=lead,
        told=speaks.gettext("It is told: %(kinds)s.", kinds=_listed(hook.kinds, speaks)),
        tabs=[
            Tab(speaks.gettext(word), narrowed.address(state=state), found.search.state == state)
            for state, word in _TABS.items()
        ],
        rows=[_message(hook, row, own, speaks) for row in found.rows],
        paging=counted_paging(f"{here}?state={found.search.state}&", found, speaks),
        test="" if hook.stopped_at else f"{here}/test",
        resume=f"{here}/resume" if hook.stopped_at else "",
        all_again=f"{here}/again" if lost else "",
        all_again_word=speaks.ngettext("Send %(num)s given up again", "Send all %(num)s given up again", lost),
        end=f"{here}/end",
        end_label=speaks.gettext("Tell %(address)s nothing any more?", address=shown(hook.url)),
    )


def _message(hook: Hook, row: HookMessage, own: Organization, speaks: Language) -> MessageRow:
    known = webhooks.reason(row.problem)
    problem = speaks.sentence(known.sentence, known.values) if known else row.problem
    return MessageRow(
        kind=_word(row.kind, speaks),
        id=f"msg_{row.id}",
        written=speaks.moment(row.created_at, own),
        state=_state(row, speaks),
        small=_small(hook, row, own, speaks),
        problem="" if row.sent_at else shown(problem),
        again=f"{PATH}/{hook.id}/messages/{row.id}/again" if _over(row) and hook.stopped_at is None else "",
    )


def _over(row: HookMessage) -> bool:
    return row.sent_at is not None or row.given_up_at is not None


def _state(row: HookMessage, speaks: Language) -> State:
    if row.sent_at is not None:
        return State(speaks.gettext("Taken"), "ok", "ok")
    if row.given_up_at is not None:
        return State(speaks.gettext("Given up"), "no", "stop")
    if row.attempts:
        return State(speaks.gettext("Not taken"), "warn", "warn")
    return State(speaks.gettext("On its way"), "clock")


def _small(hook: Hook, row: HookMessage, own: Organization, speaks: Language) -> str:
    tries = speaks.ngettext(*_TRIES, row.attempts) if row.attempts else ""
    if _over(row) or hook.stopped_at is not None or not row.attempts:
        return tries
    next_time = speaks.gettext("next at %(moment)s", moment=speaks.moment(row.due_at, own))
    return ("；" if speaks.code == "zh" else "; ").join([tries, next_time])


def _listed(kinds: Sequence[str], speaks: Language) -> str:
    return ("、" if speaks.code == "zh" else "; ").join(_word(kind, speaks) for kind in kinds)


def _word(kind: str, speaks: Language) -> str:
    if kind == hooks.TEST:
        return speaks.gettext("A test")
    return speaks.gettext(KINDS[kind].name) if kind in KINDS else kind
