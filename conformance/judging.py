"""Every clause is put to a repository, and what became of it is kept."""

import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import httpx2

from conformance import cases
from conformance.clauses import CLAUSES, Broken, Clause, NotAsked, NotOffered, Verdict, Weight
from conformance.repository import Options, Repository

__all__ = ["Judged", "fails", "judge", "wanted"]


@dataclass(frozen=True)
class Judged:
    """A clause, its verdict, why, and the last request with its status."""

    clause: Clause
    verdict: Verdict
    why: str = ""
    exchange: str = ""


def wanted(text: str = "") -> list[Clause]:
    """The clauses whose name or resource has a text in it."""
    assert cases.MODULES
    return [clause for clause in CLAUSES if text in clause.name or text in clause.resource]


def judge(options: Options, clauses: Iterable[Clause]) -> Iterator[Judged]:
    """Put clauses to a repository, one after the other; one that breaks does not stop the next."""
    repository = Repository(options)
    try:
        for clause in clauses:
            repository.exchange = ""
            verdict, why = _judged(clause, repository)
            yield Judged(clause, verdict, why, "" if verdict is Verdict.HELD else repository.exchange)
    finally:
        repository.close()


def fails(judged: Iterable[Judged]) -> list[Judged]:
    """The clauses that must hold, and do not."""
    return [one for one in judged if one.verdict is Verdict.FAILED and one.clause.weight is Weight.MUST]


def _judged(clause: Clause, repository: Repository) -> tuple[Verdict, str]:
    try:
        clause.body(repository)
    except NotOffered as reason:
        return Verdict.NOT_OFFERED, str(reason)
    except NotAsked as reason:
        return Verdict.NOT_ASKED, str(reason)
    except Broken as reason:
        return Verdict.FAILED, str(reason)
    except httpx2.HTTPError as problem:
        return Verdict.FAILED, f"no answer: {problem!r}"
    except Exception as problem:  # an answer of a shape that nobody foresaw is a failure too
        at = traceback.extract_tb(problem.__traceback__)[-1]
        return Verdict.FAILED, f"the answer cannot be read: {problem!r} (line {at.lineno} of {at.name})"
    return Verdict.HELD, ""
