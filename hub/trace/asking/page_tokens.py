"""Page tokens: where a listing leads on from, kept by whoever pages; bound to the question and to whom it was given."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session

from hub.gs1 import jcs
from hub.gs1.query import QueryParameterInvalid
from hub.models.base import now

PAGING = ("perPage", "nextPageToken")
"""The parameters that page through a listing."""

_LASTS = timedelta(days=1)


def fingerprint(session: Session, parameters: Mapping[str, str], of: str = "") -> str:
    """Binds a token to the question, to what it is asked ``of``, and to whom it was given."""
    rest = sorted((name, value) for name, value in parameters.items() if name not in PAGING)
    return hashlib.sha256(repr((str(session.info["who"].org), of, rest)).encode()).hexdigest()[:16]


def close(content: Sequence[str | int | None], asked: str) -> str:
    """A token that holds ``content`` and belongs to the question of a fingerprint."""
    ends = int((now() + _LASTS).timestamp())
    return (
        base64.urlsafe_b64encode(json.dumps([*content, asked, ends], separators=(",", ":")).encode())
        .decode()
        .rstrip("=")
    )


def expiry(token: str) -> datetime:
    """Until when a token leads on."""
    return _read(token)[2]


def paging_alone(parameters: Mapping[str, str]) -> None:
    """Refuse (``QueryParameterInvalid``) every parameter but those that page through a listing."""
    if unknown := parameters.keys() - set(PAGING):
        raise QueryParameterInvalid(f"{min(unknown)} is not a parameter here", parameter=min(unknown))


def read(token: str, asked: str, *kinds: type) -> list[Any]:
    """What a token holds; ``QueryParameterInvalid`` for another question's, one that has ended, and what is none.

    With ``kinds`` it holds one value of each of them, in their order.
    """
    content, bound, ends = _read(token)
    if bound != asked:
        raise QueryParameterInvalid("this page token belongs to another query", parameter="nextPageToken")
    if ends < now():
        raise QueryParameterInvalid("this page token has ended; begin again", parameter="nextPageToken")
    if kinds and list(map(type, content)) != list(kinds):
        raise refuse()
    return content


def refuse(problem: Exception | None = None) -> QueryParameterInvalid:
    """The refusal of a token that is none of ours; to be raised."""
    refusal = QueryParameterInvalid("this is not a page token of ours", parameter="nextPageToken")
    refusal.__cause__ = problem
    return refusal


def _read(token: str) -> tuple[list[Any], str, datetime]:
    try:
        *content, bound, ends = jcs.parse(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        return content, str(bound), datetime.fromtimestamp(ends, UTC)
    except (jcs.MalformedJSON, ValueError, TypeError, OverflowError) as problem:
        raise refuse(problem) from problem
