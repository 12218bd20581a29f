"""Who else may speak of a lot and who wrote about it unasked, said in its producer's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from hub.ledger.custody.speakers import Word
from hub.models.catalogue import Mandate, SpeaksAs
from hub.models.party import Organization
from hub.web.i18n import N_, Language
from supplier_portal.lots.view import Options, step_name

_KINDS: Mapping[SpeaksAs, str] = {
    SpeaksAs.LABORATORY: N_("Laboratory"),
    SpeaksAs.CERTIFIER: N_("Certifier"),
    SpeaksAs.CARRIER: N_("Carrier"),
}


@dataclass(frozen=True)
class UnaskedWord:
    """What somebody wrote about a lot without being asked: which step, who, of when, and written when."""

    step: str
    at: str
    writer: str
    written_at: str


@dataclass(frozen=True)
class Speaker:
    """Somebody who may speak: as what, of which lots, from when until when; ``end`` is the address that ends it."""

    name: str
    kind: str
    of: str
    since: date
    until: str
    end: str


@dataclass(frozen=True)
class Speakers:
    """Who may speak of a lot; ``partners`` could be asked from ``today`` on, in one of the ``kinds``."""

    rows: Sequence[Speaker]
    partners: Options
    kinds: Options
    today: date


def unasked_word(word: Word, own: Organization, speaks: Language) -> UnaskedWord:
    """What somebody wrote, on the clock of the lot's producer."""
    return UnaskedWord(
        step=step_name(word.step, speaks),
        at=speaks.moment(word.at, own),
        writer=speaks.name(word),
        written_at=speaks.moment(word.written_at, own),
    )


def speakers_of(
    lot_id: UUID,
    asked: Sequence[tuple[Mandate, Organization]],
    partners: Sequence[Organization],
    speaks: Language,
    *,
    today: date,
) -> Speakers:
    """Who may speak of a lot, as its producer let them."""
    return Speakers(
        rows=[_speaker(lot_id, mandate, speaker, today, speaks) for mandate, speaker in asked],
        partners=[(str(partner.id), speaks.name(partner)) for partner in partners],
        kinds=[(kind.value, speaks.gettext(word)) for kind, word in _KINDS.items()],
        today=today,
    )


def _speaker(lot_id: UUID, mandate: Mandate, speaker: Organization, today: date, speaks: Language) -> Speaker:
    until = mandate.valid_to
    over = until is not None and until <= today
    return Speaker(
        name=speaks.name(speaker),
        kind=speaks.gettext(_KINDS[mandate.kind]),
        of=speaks.gettext("this lot") if mandate.link else speaks.gettext("all lots"),
        since=mandate.valid_from,
        until=speaks.day(until) if until else "–",
        end="" if over else f"/supplier/lots/{lot_id}/mandates/{mandate.id}/end",
    )
