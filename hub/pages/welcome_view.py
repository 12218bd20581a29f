"""What the first-run assistant shows, said in the reader's language."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hub.accounts import passwords
from hub.web.i18n import Language

_USUAL = "Asia/Shanghai"


@dataclass(frozen=True)
class WelcomePage:
    """The assistant behind a link: the time zones to choose from, and what is said of a number while it is typed.

    ``first`` and ``second`` are the languages of a name with their labels, the reader's own first; ``least`` is how
    long a password has to be.
    """

    token: str
    first: tuple[str, str]
    second: tuple[str, str]
    zones: Sequence[tuple[str, str]]
    zone: str
    gln_words: str
    least: int


def welcome_page(token: str, zones: Iterable[str], speaks: Language) -> WelcomePage:
    """The page of the first-run assistant."""
    labels = {"zh": speaks.gettext("Name in Chinese"), "en": speaks.gettext("Name in English")}
    return WelcomePage(
        token=token,
        first=(speaks.code, labels[speaks.code]),
        second=(speaks.other.code, labels[speaks.other.code]),
        zones=[(name, name.replace("_", " ")) for name in zones],
        zone=_USUAL,
        gln_words=gln_words(speaks),
        least=passwords.SHORTEST,
    )


def gln_words(speaks: Language) -> str:
    """What ``app.js`` says of a GLN while it is typed, for a field's ``data-gln``."""
    return json.dumps(
        {
            "left": speaks.gettext("Digits to go: {count}"),
            "over": speaks.gettext("Digits too many: {count}"),
            "strange": speaks.gettext("A GLN has nothing but digits."),
            "digit": speaks.gettext("A digit is wrong: behind the first twelve the last would be {count}."),
            "right": speaks.gettext("All 13 digits fit together."),
        },
        ensure_ascii=False,
    )
