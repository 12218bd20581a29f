"""What a clause is, and what can be said of it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.repository import Repository

Body = Callable[["Repository"], None]


class Weight(StrEnum):
    """Whether a repository must hold a clause, or may."""

    MUST = "must"
    MAY = "may"


class Verdict(StrEnum):
    """What became of a clause."""

    HELD = "held"
    FAILED = "failed"
    NOT_OFFERED = "not offered"
    NOT_ASKED = "not asked"


class Broken(AssertionError):
    """The clause does not hold."""


class NotOffered(Exception):
    """The repository says that it does not do this (501), or lacks an optional resource altogether (404)."""


class NotAsked(Exception):
    """The clause could not be put to this repository; it says why."""


@dataclass(frozen=True)
class Clause:
    """One promise, where it is written, and what asks for it."""

    resource: str
    name: str
    reference: str
    weight: Weight
    body: Body


CLAUSES: list[Clause] = []
"""Every clause, in the order in which the modules of cases name them."""


def clause(resource: str, name: str, reference: str, weight: Weight = Weight.MUST) -> Callable[[Body], Body]:
    """Register a function as what asks for a clause; each name stands once."""
    if any(known.name == name for known in CLAUSES):
        raise ValueError(f"there is a clause {name!r} already")

    def register(body: Body) -> Body:
        CLAUSES.append(Clause(resource, name, reference, weight, body))
        return body

    return register
