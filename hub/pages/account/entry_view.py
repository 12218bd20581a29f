"""What the pages of coming in by a second factor or an invitation show, said in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.accounts.factors import Factors
from hub.accounts.invitations import Opened
from hub.web.i18n import Language
from hub.web.nav import ROLES


@dataclass(frozen=True)
class SecondPage:
    """By what the second half may be shown, where it leads to, and why it did not."""

    app: bool
    passkey: bool
    next: str
    refused: str = ""


def second_page(held: Factors, next: str, refused: str = "") -> SecondPage:
    """The second half of signing in, for somebody with these second factors."""
    return SecondPage(held.has_app, bool(held.passkeys), next, refused)


@dataclass(frozen=True)
class InvitationPage:
    """Who invites whom to do what.

    ``here`` says that the reader has signed in as who is meant, ``other`` as whom else they have.
    """

    title: str
    lead: str
    email: str
    roles: Sequence[str]
    here: bool
    other: str
    language: str


def invitation_page(opened: Opened, signed_in_as: str, speaks: Language) -> InvitationPage:
    """What an invitation says to whoever opened it."""
    organization = speaks.name(opened.organization)
    place = {"zh": opened.place_zh, "en": opened.place_en}[speaks.code] or opened.place_zh
    roles = [speaks.gettext(ROLES[role]) for role in opened.duties.roles]
    return InvitationPage(
        title=speaks.gettext("Join %(organization)s", organization=organization),
        lead=speaks.gettext(
            "%(name)s invites you to work with %(organization)s here.",
            name=opened.inviter or organization,
            organization=organization,
        ),
        email=opened.email,
        roles=[*roles, place] if place else roles,
        here=signed_in_as == opened.email,
        other=signed_in_as if signed_in_as != opened.email else "",
        language=speaks.code,
    )
