"""What the page of a refusal shows, said in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hub.errors import HubError
from hub.web.i18n import N_, Language

_TITLES: Mapping[int, str] = {
    400: N_("This could not be read"), 403: N_("This is not open to you"), 404: N_("Nothing is here"),
    405: N_("This cannot be done here"), 408: N_("That took too long"), 410: N_("This link works no more"),
    413: N_("That is too large"),
    415: N_("This kind of content is not read here"), 422: N_("Something in it is not right"),
    429: N_("Too many attempts"), 500: N_("Something failed on our side"), 503: N_("Not reachable for a moment"),
}  # fmt: skip
_OTHER = N_("This was not done")
_SOON = N_("Wait a moment, then load this page again.")
_ADVICE: Mapping[int, str] = {
    403: N_("Someone of your organisation with another role can do this, or an administrator can give you that role."),
    404: N_("Check the address, or go back and choose from what is listed."),
    410: N_("Ask whoever sent it for a new one."),
    429: _SOON,
    503: _SOON,
}


@dataclass(frozen=True)
class Refusal:
    """A refusal or a failure: the rule first, then what exactly was wrong, where, and what to do about it.

    ``number`` ties it to our log, ``reference`` names its code as well; ``failed`` says that it was ours.
    """

    title: str
    sentences: Sequence[str]
    errors: Sequence[tuple[str, str]]
    advice: str
    number: str
    reference: str
    failed: bool


def refusal_of(
    error: HubError, sentences: Sequence[str], errors: Sequence[tuple[str, str]], speaks: Language, *, number: str
) -> Refusal:
    """A refusal as people read it."""
    failed = error.status >= 500
    retry = N_("Go back and try once more.") if failed else N_("Go back, put it right, and send it again.")
    code = speaks.gettext("Code: %(code)s", code=error.code)
    support = speaks.gettext("Number for our support: %(number)s", number=number) if number else ""
    return Refusal(
        title=speaks.gettext(_TITLES.get(error.status, _OTHER)),
        sentences=sentences,
        errors=errors,
        advice=speaks.gettext(_ADVICE.get(error.status, retry)),
        number=support,
        reference=f"{code} · {support}" if support else code,
        failed=failed,
    )
