"""How pages set apart a name that the sender of an event gives in its master data, and that no record covers."""

import unicodedata
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote

from hub import sought
from hub.gs1 import digital_link
from hub.models.party import Organization
from hub.trace.asking.names import Called
from hub.trace.journey import Step
from hub.web.i18n import N_, Language

_LONGEST = 80


class Wording(NamedTuple):
    """What is said of a thing that had a name when its record was captured, and of one that got it later."""

    then: str
    since: str


AT = Wording(
    N_("At “%(name)s” (%(identifier)s), as %(who)s calls it. No record covers this name."),
    N_("At %(identifier)s, which %(who)s has called “%(name)s” since. No record covers this name."),
)
TO = Wording(
    N_("To “%(name)s” (%(identifier)s), as %(who)s calls it. No record covers this name."),
    N_("To %(identifier)s, which %(who)s has called “%(name)s” since. No record covers this name."),
)
ITEM = Wording(
    N_("“%(name)s” (%(identifier)s), as %(who)s calls it. No record covers this name."),
    N_("%(identifier)s, which %(who)s has called “%(name)s” since. No record covers this name."),
)


def of_step(step: Step, speaks: Language) -> tuple[str, ...]:
    """What a step's writer calls its place and where it leads, a sentence for each."""
    both = ((step.at_called, AT), (step.to_called, TO))
    return tuple(sentence(called, step.by, wording, speaks) for called, wording in both if called)


def sentence(called: Called, by: Organization | None, wording: Wording, speaks: Language) -> str:
    """That somebody calls a thing so, and how it calls it now where that is another name."""
    who = speaks.name(by) if by else speaks.gettext("the sender")
    then, now = (in_language(names, speaks) for names in (called.then, called.now))
    said = speaks.gettext(
        wording.then if then else wording.since, name=_apart(then or now), identifier=identifier(called), who=who
    )
    later = now if then and now != then else ""
    today = speaks.gettext("%(who)s calls it “%(name)s” today.", who=who, name=_apart(later)) if later else ""
    return speaks.paragraph(said, today)


def words(called: Called, speaks: Language) -> list[str]:
    """The names themselves, each with its identifier: what no record covers."""
    names = dict.fromkeys(in_language(names, speaks) for names in (called.then, called.now))
    return [speaks.gettext("%(name)s (%(kind)s)", name=_apart(name), kind=identifier(called)) for name in names if name]


def in_language(names: Mapping[str, str], speaks: Language) -> str:
    """A name in the reader's language, else the one of no language, else whichever there is."""
    return names.get(speaks.code) or names.get("") or next(iter(names.values()), "")


def identifier(called: Called) -> str:
    """An identifier as people read it: a GLN or a GTIN where it is one, else as it stands."""
    key, _, rest = called.identifier.removeprefix(f"{digital_link.ROOT}/").partition("/")
    number, _, extension = rest.partition("/254/")
    if called.identifier.startswith(digital_link.ROOT) and number.isdecimal():
        if key in ("414", "417"):
            return f"GLN {number}" + (f" · {shortened(unquote(extension))}" if extension else "")
        if key == "01":
            return f"GTIN {digital_link.printed(number)}"
    return shortened(called.identifier)


def shortened(text: str) -> str:
    """A text without what shows nothing, cut to what can be shown."""
    text = sought.shown(text)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _apart(name: str) -> str:
    """A name whose direction of writing touches nothing around it."""
    turns = any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in name)
    return f"\u2068{name}\u2069" if turns else name
