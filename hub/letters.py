"""Letters: what is read outside the hub of notices and accounts, in the language of whoever reads it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from hub import log
from hub.accounts import post
from hub.errors import N_
from hub.models.base import uuid7
from hub.models.notice import Notice
from hub.models.party import User
from hub.notices import carriers
from hub.notices.carriers import Letter
from hub.notices.kinds import KINDS
from hub.settings import settings
from hub.web.i18n import Language, language

_UNSAID = "zh"
_log = log.get("hub.letters")


def letter(notices: Sequence[Notice], person: User, mark: str, links: Mapping[UUID, str]) -> Letter:
    """A letter to a person about one thing, or about several that have come together.

    ``links`` are the addresses that whoever reads it may act at without signing in, by the notices' ids.
    """
    speaks = language(person.language or _UNSAID)
    lines = [sentence(notice.sentence, notice.said, speaks) for notice in notices]
    kinds = [speaks.gettext(KINDS[notice.kind].name) for notice in notices]
    several = speaks.ngettext("%(num)s notice", "%(num)s notices", len(notices))
    subject = kinds[0] if len(notices) == 1 else several
    parts = [
        _part(line, f"{settings().base_url}/notices/{each.id}", links.get(each.id), speaks)
        for line, each in zip(lines, notices, strict=True)
    ]
    foot = speaks.gettext(
        "How you are told is yours to choose: %(address)s", address=f"{settings().base_url}/notices/choices"
    )
    return Letter(f"Furrow: {subject}", "\n\n".join([*parts, foot]) + "\n", mark)


def _part(line: str, address: str, link: str | None, speaks: Language) -> str:
    if link is None:
        return f"{line}\n{address}"
    without = speaks.gettext("Answer without signing in, once. Pass this letter on to nobody: %(link)s", link=link)
    return f"{line}\n{address}\n{without}"


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


_ABOUT_ACCOUNTS = {
    post.Kind.PASSWORD_LINK: (
        N_("A new password"),
        N_("With this link you set a new password, once and within an hour. If you did not ask for it, leave it."),
    ),
    post.Kind.INVITATION: (
        N_("You are invited"),
        N_("%(about)s asks you to act for it. The link is good for three days, and once."),
    ),
    post.Kind.RECOVERY_CODE_USED: (
        N_("A recovery code was used"),
        N_("Somebody signed in as you with one of your recovery codes. If it was not you, change your password now."),
    ),
    post.Kind.SECOND_FACTOR_REMOVED: (
        N_("Your second step was removed"),
        N_("Signing in as you needs the password alone from now on. If it was not you, change your password now."),
    ),
}


def carry(written: post.Letter) -> None:
    """Mail a letter about an account; refused (``NotCarried``) while the mail server does not take it."""
    speaks = language(written.language or _UNSAID)
    subject, text = _ABOUT_ACCOUNTS[written.kind]
    parts = [speaks.sentence(text, {"about": written.about}), *([written.link] if written.link else [])]
    mark = f"account-{uuid7()}"
    carriers.mail(written.email, Letter(f"Furrow: {speaks.gettext(subject)}", "\n\n".join(parts) + "\n", mark))


def try_to_carry(written: post.Letter) -> None:
    """Mail a letter about an account, from a page that shows what it says anyway."""
    try:
        carry(written)
    except carriers.NotCarried as problem:
        _log.warning("a letter was not taken", kind=written.kind, told=problem.detail[:200])
