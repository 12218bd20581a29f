"""What the page shows on which a file of events is looked at, decided and said in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.errors import HubError
from hub.models.trace import CaptureJob
from hub.settings import settings
from hub.trace.taking.jobs import Became
from hub.trace.trying import lines
from hub.trace.trying.files import Look, Place
from hub.web.i18n import NN_, Language
from hub.web.view import KeyFigure, State
from supplier_portal.checking import words

PATH = "/supplier/records/check"
_LONGEST = 200
"""Characters of a path and of an eventID that are shown."""

_EVENTS = NN_("It holds %(num)s event.", "It holds %(num)s events.")
_REFUSED = NN_(
    "%(num)s event would be refused, so none is captured yet.",
    "%(num)s events would be refused, so none is captured yet.",
)
_CAPTURE = NN_("Capture %(num)s event", "Capture %(num)s events")
_CAPTURED = NN_("%(num)s event captured.", "%(num)s events captured.")
_KNOWN = NN_("%(num)s was there already.", "%(num)s were there already.")


@dataclass(frozen=True)
class Found:
    """Something that is said of a file: of which event, where in it, what is wrong and what would be taken.

    ``event``, ``path``, ``line`` and ``taken`` are empty where there is nothing to say; ``excerpt`` shows the lines.
    """

    state: State
    event: str
    event_id: str
    path: str
    line: str
    wrong: str
    taken: str
    excerpt: Sequence[lines.Line]


@dataclass(frozen=True)
class CheckPage:
    """What a capture would say of a file; ``more`` says that not all of it is shown.

    ``address`` is where the file is captured whole, empty where it cannot be; ``again`` says what to do then.
    """

    name: str
    lead: str
    tone: str
    figures: Sequence[KeyFigure]
    found: Sequence[Found]
    more: str
    address: str
    verb: str
    again: str


@dataclass(frozen=True)
class Limits:
    """How much is captured at once, said beside the field in which a file is chosen."""

    hint: str


def limits(speaks: Language) -> Limits:
    """The hint of the field in which a file is chosen."""
    hint = speaks.gettext(
        "JSON or XML of EPCIS 2.0 or 1.2, up to %(events)s events and %(size)s MB. Choose it or drop it here.",
        events=speaks.number(settings().capture_limit),
        size=speaks.number(settings().body_limit // 1024**2),
    )
    return Limits(hint)


def check_page(name: str, look: Look, address: str, speaks: Language) -> CheckPage:
    """A file that was looked at; ``address`` is where it is captured, empty where that cannot be."""
    new = look.count(Became.ACCEPTED) + look.count(Became.WARNED)
    more = look.said - len(look.places)
    return CheckPage(
        name=lines.shown(name)[:_LONGEST],
        lead=speaks.paragraph(*_lead(look, new, speaks)),
        tone="stop" if look.refusal or look.count(Became.REFUSED) else "",
        figures=[] if look.refusal else _figures(look, speaks),
        found=[_found(place, speaks) for place in look.places] or _whole(look.refusal, speaks),
        more=_more(more, len(look.places), speaks) if more > 0 else "",
        address=address,
        verb=speaks.counted(_CAPTURE, new),
        again=speaks.gettext("Put it right, and look at the file again.") if not look.good else "",
    )


def captured(job: CaptureJob, speaks: Language) -> str:
    """What was captured, in a word."""
    known = speaks.counted(_KNOWN, len(job.known)) if job.known else ""
    return speaks.paragraph(speaks.counted(_CAPTURED, job.events), known)


def _lead(look: Look, new: int, speaks: Language) -> list[str]:
    if look.refusal is not None:
        return [speaks.gettext("This file would be refused before any of its events is looked at.")]
    if not look.outcomes:
        return [speaks.gettext("It holds no event, so there is nothing to capture.")]
    said = [speaks.counted(_EVENTS, len(look.outcomes))]
    if refused := look.count(Became.REFUSED):
        return [*said, speaks.counted(_REFUSED, refused)]
    if not new:
        return [*said, speaks.gettext("All of them are there already; nothing is left to capture.")]
    return [*said, speaks.gettext("Nothing was kept yet: look, then capture it.")]


def _figures(look: Look, speaks: Language) -> Sequence[KeyFigure]:
    told = [
        (speaks.gettext("Would be accepted"), Became.ACCEPTED, ""),
        (speaks.gettext("Accepted, but odd"), Became.WARNED, "warn"),
        (speaks.gettext("There already"), Became.DUPLICATE, ""),
        (speaks.gettext("Refused"), Became.REFUSED, "stop"),
    ]
    return [
        KeyFigure(word, speaks.number(count), tone=tone if count else "")
        for word, became, tone in told
        for count in [look.count(became)]
    ]


def _found(place: Place, speaks: Language) -> Found:
    told = words.of(place.path, place.message, speaks)
    marked = [line.number for line in place.excerpt if line.marked]
    return Found(
        state=_state(place.became, speaks),
        event=speaks.gettext("Event %(index)s", index=speaks.number(place.index + 1))
        if place.index is not None
        else "",
        event_id=lines.shown(place.event_id[:_LONGEST]),
        path=lines.shown(place.path[:_LONGEST]),
        line=speaks.gettext("line %(number)s", number=speaks.number(marked[0])) if marked else "",
        wrong=lines.shown(told.wrong),
        taken=lines.shown(told.taken),
        excerpt=place.excerpt,
    )


def _whole(refusal: HubError | None, speaks: Language) -> Sequence[Found]:
    """Why a file is refused whole, where that stands on no line."""
    if refusal is None:
        return []
    title = (type(refusal).__doc__ or "").strip().split("\n")[0]
    own = refusal.sentence == title
    told = words.Words(speaks.sentence(title, refusal.values)) if own else words.of("", refusal.detail, speaks)
    state = _state(Became.REFUSED, speaks)
    return [Found(state, "", "", "", "", lines.shown(told.wrong), lines.shown(told.taken), ())]


def _state(became: Became, speaks: Language) -> State:
    if became is Became.REFUSED:
        return State(speaks.gettext("Refused"), "stop", "stop")
    return State(speaks.gettext("Odd"), "clock", "warn")


def _more(more: int, shown: int, speaks: Language) -> str:
    return speaks.gettext(
        "These are the first %(shown)s; %(more)s more are not shown. Put these right and look at the file again.",
        shown=speaks.number(shown),
        more=speaks.number(more),
    )
