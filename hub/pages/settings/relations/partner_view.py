"""What the page of a partner shows: what a buyer asks of events, in plain words, said in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from hub.beginning.partners import Partner
from hub.gs1.profiles.form import Element, Place, Profile
from hub.gs1.profiles.shelf import PROFILES
from hub.models.party import AskWeight, Organization, OrganizationKind, TradeRelation
from hub.pages.settings.relations.partners_view import KINDS, days_words, state_of
from hub.web.i18n import N_, Language
from hub.web.view import State

WEIGHTS = {
    AskWeight.WARN: N_("is taken, with a warning"),
    AskWeight.REFUSE: N_("is refused"),
}
_KINDS = {
    "text": N_("text"),
    "number": N_("a number"),
    "date": N_("a date"),
    "uri": N_("a URI"),
    "gtin": N_("with its GTIN"),
    "gtin-lot": N_("GTIN with lot"),
    "dated-lot": N_("GTIN with lot, and its best-before or use-by date in the link (15 or 17)"),
    "piece": N_("GTIN with serial number"),
    "sscc": N_("SSCC"),
    "gln": N_("GLN"),
    "gln-part": N_("GLN with an extension"),
}


class Spot(NamedTuple):
    """Where in an event something may stand, and what has to stand there."""

    path: str
    what: str


@dataclass(frozen=True)
class Datum:
    """A piece of data that is needed, and where it may stand."""

    title: str
    spots: Sequence[Spot]


@dataclass(frozen=True)
class StepAsked:
    """A step, what says so, and the data it needs."""

    title: str
    source: str
    data: Sequence[Datum]


@dataclass(frozen=True)
class ProfileShown:
    """A profile in plain words: its steps, which of them each lot has to have gone through, and what it leaves out."""

    title: str
    steps: Sequence[StepAsked]
    life: str
    sources: Sequence[tuple[str, str]]
    leaves_out: Sequence[str]
    address: str


@dataclass(frozen=True)
class PartnerPage:
    """A partner. ``asks`` where this organisation may ask of its events; ``asked`` says what it asks of ours."""

    name: str
    lead: str
    state: State
    address: str
    asks: bool
    profiles: Sequence[tuple[str, str]]
    profile: str
    weights: Sequence[tuple[str, str]]
    weight: str
    asked: str
    asked_text: str
    shown: Sequence[ProfileShown]


def partner_page(own: Organization, partner: Partner, speaks: Language) -> PartnerPage:
    """The page of one partner."""
    there, ours, since = partner.organization, partner.relation, partner.since
    asks = own.kind is OrganizationKind.RETAILER and there.kind is OrganizationKind.SUPPLIER and ours is not None
    asked = _asked_of_us(own, partner)
    mine = ours.profile if asks and ours is not None else ""
    shown = list(PROFILES.values()) if asks else [PROFILES[asked.profile]] if asked else []
    days = days_words(since, None, speaks) if since else ""
    return PartnerPage(
        name=speaks.name(there),
        lead=" · ".join(part for part in (speaks.gettext(KINDS[there.kind]), f"GLN {there.gln}", days) if part),
        state=state_of(partner, speaks),
        address=f"/settings/partners/{there.id}/asks",
        asks=asks,
        profiles=[("", speaks.gettext("Nothing beyond the standard")), *_titles(speaks)],
        profile=mine,
        weights=[(weight.value, speaks.gettext(word)) for weight, word in WEIGHTS.items()],
        weight=(ours.profile_weight if ours is not None else AskWeight.WARN).value,
        asked=_asked_title(asked, there, speaks),
        asked_text=_asked_text(asked, speaks),
        shown=[profile_shown(each, speaks) for each in shown],
    )


def _titles(speaks: Language) -> list[tuple[str, str]]:
    return [(name, profile.title.of(speaks.code)) for name, profile in PROFILES.items()]


def _asked_of_us(own: Organization, partner: Partner) -> TradeRelation | None:
    """What the partner says that it works with us, where it asks something of our events."""
    theirs = partner.theirs
    if own.kind is not OrganizationKind.SUPPLIER or theirs is None or theirs.valid_to is not None:
        return None
    return theirs if theirs.profile in PROFILES else None


def _asked_title(asked: TradeRelation | None, buyer: Organization, speaks: Language) -> str:
    if asked is None:
        if buyer.kind is not OrganizationKind.RETAILER:
            return ""
        return speaks.gettext("%(name)s asks for nothing beyond the standard.", name=speaks.name(buyer))
    title = PROFILES[asked.profile].title.of(speaks.code)
    return speaks.gettext("%(name)s asks for: %(profile)s", name=speaks.name(buyer), profile=title)


def _asked_text(asked: TradeRelation | None, speaks: Language) -> str:
    if asked is None:
        return ""
    who = speaks.gettext("It holds for what your programs capture and reaches this buyer.")
    if asked.profile_weight is AskWeight.REFUSE:
        return speaks.paragraph(who, speaks.gettext("An event that lacks something of it is refused."))
    return speaks.paragraph(who, speaks.gettext("An event that lacks something of it is taken, with a warning."))


def profile_shown(profile: Profile, speaks: Language) -> ProfileShown:
    """A profile in plain words."""
    code = speaks.code
    titles = {step.name: step.title.of(code) for step in profile.steps}
    groups = [" / ".join(titles[name] for name in group) for group in profile.life]
    return ProfileShown(
        title=profile.title.of(code),
        steps=[
            StepAsked(step.title.of(code), step.source, [datum(element, speaks) for element in step.needs])
            for step in profile.steps
        ],
        life=speaks.gettext("Each lot goes through: %(steps)s.", steps=" → ".join(groups)) if groups else "",
        sources=[(f"{source.document} ({source.edition})", source.address) for source in profile.sources],
        leaves_out=[words.of(code) for words in profile.leaves_out],
        address=f"/api/profiles/{profile.name}",
    )


def datum(element: Element, speaks: Language) -> Datum:
    return Datum(element.title.of(speaks.code), [Spot(place.path, _what(place, speaks)) for place in element.places])


def _what(place: Place, speaks: Language) -> str:
    said = [speaks.gettext(_KINDS[place.kind])] if place.kind in _KINDS else []
    said += [speaks.gettext("one of %(codes)s", codes=", ".join(sorted(place.codes)))] if place.codes else []
    said += [speaks.gettext("like %(pattern)s", pattern=place.pattern.pattern)] if place.pattern else []
    return "; ".join(said)
