"""Letters to people about their accounts: written here, carried by whoever has a way to carry them.

Until somebody offers one (`carry_by`), nothing is sent, and the pages say so: an administrator makes the link instead.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a letter is about."""

    PASSWORD_LINK = "password-link"
    INVITATION = "invitation"
    RECOVERY_CODE_USED = "recovery-code-used"
    SECOND_FACTOR_REMOVED = "second-factor-removed"


@dataclass(frozen=True)
class Letter:
    """What is to be told to whom, in which language; ``link`` is shown to nobody else and kept nowhere.

    ``about`` is a name the letter speaks of: the organisation that invites.
    """

    kind: Kind
    email: str
    language: str = ""
    link: str = field(default="", repr=False)
    about: str = ""


Carrier = Callable[[Letter], None]
_carriers: list[Carrier] = []


def carry_by(carrier: Carrier) -> None:
    """Have letters carried from now on; called once where a process starts that has mail set up."""
    _carriers[:] = [carrier]


def carry_by_nobody() -> None:
    """Have no letters carried any more."""
    _carriers.clear()


def is_carried() -> bool:
    """Whether a letter would reach anybody."""
    return bool(_carriers)


def send(letter: Letter) -> None:
    """Hand a letter over; without a carrier it is not sent, and whoever wrote it had another way."""
    for carrier in _carriers:
        carrier(letter)
