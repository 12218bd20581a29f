"""Letters: notices as they are read outside the hub, in the language of whoever reads them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from hub.models.notice import Notice
from hub.models.party import User
from hub.notices.carriers import Letter
from hub.notices.kinds import KINDS
from hub.settings import settings
from hub.web.i18n import Language, language

_UNSAID = "zh"


def letter(notices: Sequence[Notice], person: User, mark: str) -> Letter:
    """A letter to a person about one thing, or about several that have come together."""
    speaks = language(person.language or _UNSAID)
    lines = [sentence(notice.sentence, notice.said, speaks) for notice in notices]
    kinds = [speaks.gettext(KINDS[notice.kind].name) for notice in notices]
    several = speaks.ngettext("%(num)s notice", "%(num)s notices", len(notices))
    subject = kinds[0] if len(notices) == 1 else several
    parts = [f"{line}\n{settings().base_url}/notices/{each.id}" for line, each in zip(lines, notices, strict=True)]
    foot = speaks.gettext(
        "How you are told is yours to choose: %(address)s", address=f"{settings().base_url}/notices/choices"
    )
    return Letter(f"Furrow: {subject}", "\n\n".join([*parts, foot]) + "\n", mark)


def sentence(text: str, said: Mapping[str, Any], speaks: Language) -> str:
    """A notice's sentence with what it says: names in the reader's language, days and moments in the reader's words."""
    return speaks.sentence(text, {name: _word(value, speaks) for name, value in said.items()})


def _word(value: Any, speaks: Language) -> Any:
    if not isinstance(value, dict):
        return value
    if "day" in value:
        return speaks.day(date.fromisoformat(value["day"])) if value["day"] else ""
    if "at" in value:
        return speaks.moment(datetime.fromisoformat(value["at"]), value["zone"]) if value["at"] else ""
    return value.get(speaks.code) or value.get(speaks.other.code) or ""
