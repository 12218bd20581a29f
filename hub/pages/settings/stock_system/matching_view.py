"""What the pages show on which the stock system's stores and items are matched with ours."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hub.gs1 import digital_link
from hub.inventory.mapping import Matching, Suggestion, Theirs
from hub.pages.settings.registers.section import Field, Section, Words
from hub.registry.register import Register
from hub.web.forms import Filled
from hub.web.i18n import N_, NN_, Language

_MOST = 100
TITLES = {"stores": N_("Stores of the stock system"), "items": N_("Items of the stock system")}
OURS = {"stores": N_("Our place (GLN)"), "items": N_("Our item (GTIN)")}
NONE = N_("A hyphen (-) says that it is none of yours; empty leaves it as it is.")


def section(register: Register[Any, Any], kind: str) -> Section:
    """The sheets of a kind of match."""
    return Section(
        register=register,
        path=f"/settings/core/{kind}",
        words=Words(
            title=TITLES[kind], add="", added="", end="", end_text="", ended="", again="",
            counted=NN_("%(num)s row.", "%(num)s rows."), search="", nothing=("", ""),
        ),
        fields=(
            Field("code", N_("Code in the stock system"), required=True),
            Field("name", N_("Name in the stock system"), N_("For you to read; it is not taken in.")),
            Field("ours", OURS[kind], NONE),
        ),
    )  # fmt: skip


@dataclass(frozen=True)
class Open:
    """Something of the stock system's that waits: what is suggested for it and why, and what was sent wrongly."""

    theirs: Theirs
    value: str
    name: str
    why: str
    error: str


@dataclass(frozen=True)
class Pair:
    """Two that are one."""

    theirs: Theirs
    name: str
    number: str


@dataclass(frozen=True)
class MatchingPage:
    """The matches of a kind."""

    title: str
    lead: str
    path: str
    ours_label: str
    open: Sequence[Open]
    more: str
    suggested: str
    missing: Sequence[tuple[str, str]]
    pairs: Sequence[Pair]
    aside: Sequence[Theirs]


def matching_page(kind: str, matching: Matching, form: Filled[Any], speaks: Language) -> MatchingPage:
    """What is matched, and what is open on both sides."""
    sure = sum(1 for found in matching.suggestions.values() if found.why != "name")
    over = len(matching.theirs) - _MOST
    return MatchingPage(
        title=speaks.gettext(TITLES[kind]),
        lead=_lead(matching, speaks),
        path=f"/settings/core/{kind}",
        ours_label=speaks.gettext(OURS[kind]),
        open=[_open(their, matching.suggestions.get(their.code), form, speaks) for their in matching.theirs[:_MOST]],
        more=speaks.gettext("and %(count)s more", count=speaks.number(over)) if over > 0 else "",
        suggested=speaks.ngettext(
            "Match %(num)s of equal number or code", "Match %(num)s of equal number or code", sure
        )
        if sure
        else "",
        missing=[(digital_link.printed(our.number), speaks.name(our)) for our in matching.ours],
        pairs=[Pair(p.theirs, speaks.name(p.ours), digital_link.printed(p.ours.number)) for p in matching.pairs],
        aside=matching.aside,
    )


def _lead(matching: Matching, speaks: Language) -> str:
    if not matching.pairs and not matching.theirs:
        return speaks.gettext("The stock system has told of nothing yet.")
    done = speaks.ngettext("%(num)s is matched.", "%(num)s are matched.", len(matching.pairs))
    if not matching.theirs:
        return done
    missing = speaks.ngettext(
        "%(num)s of the stock system waits and is left out of stock and sales until then.",
        "%(num)s of the stock system wait and are left out of stock and sales until then.",
        len(matching.theirs),
    )
    return speaks.paragraph(done, missing)


def _open(theirs: Theirs, found: Suggestion | None, form: Filled[Any], speaks: Language) -> Open:
    sent = form.value("code") == theirs.code
    return Open(
        theirs,
        value=form.value("ours") if sent else digital_link.printed(found.ours.number) if found else "",
        name=speaks.name(found.ours) if found else "",
        why=_why(found, speaks) if found else speaks.gettext("Nothing of yours is like it."),
        error=(form.error("ours") or form.error("code")) if sent else "",
    )


def _why(found: Suggestion, speaks: Language) -> str:
    if found.why == "number":
        return speaks.gettext("same article number")
    if found.why == "code":
        return speaks.gettext("same code")
    return speaks.gettext("name %(share)s alike", share=speaks.percent(found.score))
