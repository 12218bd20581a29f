"""What the pages of buyers' repositories show, decided and said in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from hub.gs1.profiles.form import Profile
from hub.gs1.profiles.shelf import PROFILES
from hub.models.party import Organization
from hub.models.passing import Destination, Passing
from hub.pages.settings.relations.partner_view import datum
from hub.trace.asking import webhooks
from hub.trace.passing import sending
from hub.trace.passing.destinations import Back
from hub.trace.trying.lines import shown
from hub.web.i18n import N_, NN_, Language
from hub.web.view import Nothing, State
from hub.web.words import STEPS

PATH = "/settings/destinations"
_ARE = NN_("Your events are sent to %(num)s repository.", "Your events are sent to %(num)s repositories.")
_FAILED = NN_("Failed %(num)s time in a row", "Failed %(num)s times in a row")
_SENT = NN_("%(num)s event sent", "%(num)s events sent")
_KEPT = NN_("%(num)s event is kept back.", "%(num)s events are kept back.")
_MORE = NN_("%(num)s more is not shown.", "%(num)s more are not shown.")
_MOST_WRONG = 5
_NO_PARTNER = N_("You do not work with each other any more.")


class Row(NamedTuple):
    """A destination and its buyer, as far as that is still known, and how many events are kept back."""

    destination: Destination
    buyer: Organization | None
    kept: int = 0


class Whole(NamedTuple):
    """A destination with what is kept back of it, at most so much as is shown, and how much there is."""

    destination: Destination
    buyer: Organization | None
    back: Sequence[Back]
    total: int


@dataclass(frozen=True)
class Listed:
    """A destination in the list."""

    name: str
    href: str
    address: str
    state: State
    problem: str
    kept: str
    sent: str
    count: str


@dataclass(frozen=True)
class DestinationsPage:
    """The destinations of a supplier, or else ``nothing``."""

    lead: str
    rows: Sequence[Listed]
    nothing: Nothing | None


@dataclass(frozen=True)
class NewPage:
    """What one chooses from; ``nothing`` where there is no buyer to choose."""

    buyers: Sequence[tuple[str, str]]
    profiles: Sequence[tuple[str, str]]
    nothing: Nothing | None


class Wrong(NamedTuple):
    """What an event lacks or why it was refused, and at which places of it."""

    what: str
    where: str


@dataclass(frozen=True)
class Kept:
    """An event that is kept back: its step, when, its number, and why."""

    step: str
    time: str
    event_id: str
    state: State
    wrong: Sequence[Wrong]


@dataclass(frozen=True)
class DestinationPage:
    """One destination; ``verb`` is what may be done with it now besides: pause or resume."""

    name: str
    address: str
    state: State
    problem: str
    title: str
    facts: Sequence[tuple[str, str]]
    verb: str
    act: str
    test: str
    again: str
    end: str
    label: str
    kept: Sequence[Kept]
    count: int
    more: str


def destinations_page(rows: Sequence[Row], speaks: Language, *, at: datetime) -> DestinationsPage:
    """The list."""
    nothing = Nothing(
        speaks.gettext("Your events are sent nowhere yet."),
        speaks.gettext(
            "Where a buyer runs an EPCIS repository of its own, it gives you an address and a token. Then what it may"
            " see of your events is sent there by itself."
        ),
    )
    return DestinationsPage(
        lead=speaks.counted(_ARE, len(rows)),
        rows=[_listed(row, speaks, at) for row in rows],
        nothing=None if rows else nothing,
    )


def new_page(buyers: Sequence[Organization], speaks: Language) -> NewPage:
    """What one chooses from."""
    nobody = Nothing(
        speaks.gettext("There is no buyer to send events to."),
        speaks.gettext("Events are sent to a retailer that you work with, and that works with you."),
        "/settings/partners",
        speaks.gettext("Partners"),
    )
    titles = [(name, profile.title.of(speaks.code)) for name, profile in PROFILES.items()]
    return NewPage(
        buyers=[(str(buyer.id), speaks.name(buyer)) for buyer in buyers],
        profiles=[("", speaks.gettext("Nothing beyond the standard")), *titles],
        nothing=None if buyers else nobody,
    )


def destination_page(whole: Whole, own: Organization, speaks: Language, *, at: datetime) -> DestinationPage:
    """The page of one."""
    one, name, here = whole.destination, _name(whole.buyer, speaks), f"{PATH}/{whole.destination.id}"
    resumes = one.paused_at is not None or one.stopped_at is not None or one.failures > 0
    profile = PROFILES.get(one.profile)
    answered = f"HTTP {one.answered}" if one.answered is not None else speaks.gettext("No answer")
    facts = [
        (speaks.gettext("Address"), shown(one.url)),
        (speaks.gettext("Token"), speaks.gettext("kept, and shown to nobody") if one.token else "–"),
        (speaks.gettext("Held against"), profile.title.of(speaks.code) if profile else "–"),
        (speaks.gettext("Last sent"), _sent(one, speaks, at)),
        (speaks.gettext("Last answer"), f"{answered}, {speaks.ago(one.tried_at, at)}" if one.tried_at else "–"),
    ]
    if one.failures and one.paused_at is None and one.stopped_at is None:
        facts.append((speaks.gettext("Next time"), speaks.moment(one.due_at, own)))
    left = whole.total - len(whole.back)
    return DestinationPage(
        name=name,
        address=shown(one.url),
        state=_state(one, speaks),
        problem=_problem(one.problem, speaks),
        title=_title(one, speaks),
        facts=facts,
        verb=speaks.gettext("Resume") if resumes else speaks.gettext("Pause"),
        act=f"{here}/resume" if resumes else f"{here}/pause",
        test=f"{here}/try",
        again=f"{here}/again",
        end=f"{here}/end",
        label=speaks.gettext("Send nothing to %(name)s any more?", name=name),
        kept=[_kept(back, profile, own, speaks) for back in whole.back],
        count=whole.total,
        more=speaks.counted(_MORE, left) if left > 0 else "",
    )


def _listed(row: Row, speaks: Language, at: datetime) -> Listed:
    one = row.destination
    return Listed(
        name=_name(row.buyer, speaks),
        href=f"{PATH}/{one.id}",
        address=shown(one.url),
        state=_state(one, speaks),
        problem=_problem(one.problem, speaks),
        kept=speaks.counted(_KEPT, row.kept),
        sent=speaks.ago(one.sent_at, at) if one.sent_at else speaks.gettext("never"),
        count=speaks.counted(_SENT, one.sent),
    )


def _name(buyer: Organization | None, speaks: Language) -> str:
    return speaks.name(buyer) if buyer is not None else speaks.gettext("A former partner")


def _sent(one: Destination, speaks: Language, at: datetime) -> str:
    if one.sent_at is None:
        return speaks.gettext("never")
    return f"{speaks.ago(one.sent_at, at)} · {speaks.counted(_SENT, one.sent)}"


def _state(one: Destination, speaks: Language) -> State:
    if one.stopped_at is not None:
        return State(speaks.gettext("Stopped"), "stop", "stop")
    if one.paused_at is not None:
        return State(speaks.gettext("Paused"), "clock", "warn")
    if one.failures:
        return State(speaks.counted(_FAILED, one.failures), "clock", "warn")
    if one.sent_at is None:
        return State(speaks.gettext("Nothing sent yet"), "clock")
    return State(speaks.gettext("Goes on by itself"), "ok", "ok")


def _title(one: Destination, speaks: Language) -> str:
    if one.stopped_at is not None:
        return speaks.gettext("It stopped, since the same would be refused again. Put it right, then resume.")
    if one.failures:
        return speaks.gettext("What was sent did not arrive. It is sent again by itself.")
    return speaks.gettext("The test was not taken.")


def _problem(problem: str, speaks: Language) -> str:
    """Why it failed or stopped; what the other side said of it, in its own words."""
    known = webhooks.reason(problem)
    if known is not None:
        return speaks.sentence(known.sentence, known.values)
    return speaks.gettext(_NO_PARTNER) if problem == sending.NO_PARTNER else shown(problem)


def _kept(back: Back, profile: Profile | None, own: Organization, speaks: Language) -> Kept:
    event, held = back.event, back.passed.state is Passing.HELD
    told: Sequence[Any] = back.passed.wrong
    step = event.biz_step
    return Kept(
        step=speaks.gettext(STEPS[step]) if step in STEPS else step.split(":")[-1] or event.type,
        time=speaks.moment(event.event_time, own),
        event_id=shown(event.event_id),
        state=_lacks(speaks) if held else _refused(speaks),
        wrong=[_wrong(each, profile, speaks) for each in told[:_MOST_WRONG]],
    )


def _wrong(told: Mapping[str, str], profile: Profile | None, speaks: Language) -> Wrong:
    """What is wrong: of a profile's element its name and where it may stand; of a refusal the other side's words."""
    needs = [element for step in profile.steps for element in step.needs] if profile else []
    lacking = next((element for element in needs if element.name == told.get("element")), None)
    if lacking is None:
        return Wrong(shown(told["message"]), shown(told["path"]))
    needed = datum(lacking, speaks)
    return Wrong(needed.title, " / ".join(spot.path for spot in needed.spots))


def _lacks(speaks: Language) -> State:
    return State(speaks.gettext("Lacks something"), "clock", "warn")


def _refused(speaks: Language) -> State:
    return State(speaks.gettext("Refused there"), "stop", "stop")
