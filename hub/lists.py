"""What a list is asked for, and the page of it that answers. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Search:
    """What a list is asked for: words that its rows mention, and which page of how many rows.

    ``state`` narrows it to what is ``used`` or has ``ended``; ``sort`` names the column that it is sorted by, with a
    minus before it where the greatest comes first.
    """

    words: str = ""
    page: int = 1
    size: int = 50
    state: str = ""
    sort: str = ""

    @property
    def before(self) -> int:
        """How many rows stand on the pages before."""
        return (self.page - 1) * self.size

    @property
    def sorted_by(self) -> str:
        """The column that the list is sorted by; empty where it has its own order."""
        return self.sort.removeprefix("-")

    @property
    def descends(self) -> bool:
        """Whether the greatest comes first."""
        return self.sort.startswith("-")

    def order(self, sorts: Mapping[str, Any], *own: Any) -> Sequence[Any]:
        """What a list's rows are ordered by: the column that was asked for, if it is one, then the list's ``own``.

        What a column does not say of a row stands last, whichever way it is sorted.
        """
        column = sorts.get(self.sorted_by)
        if column is None:
            return own
        return ((column.desc() if self.descends else column.asc()).nulls_last(), *own)

    @property
    def pattern(self) -> str:
        """With which ``like`` finds the words, taken literally; empty where there are none."""
        words = self.words.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return f"%{words}%" if words else ""


@dataclass(frozen=True)
class Page(Generic[T]):
    """The page of a list that was asked for, and whether another follows."""

    rows: Sequence[T]
    more: bool = False
    search: Search = Search()

    @classmethod
    def of(cls, rows: Sequence[T], search: Search) -> "Page[T]":
        """The page of a list that was read one row further than the page goes."""
        return cls(rows[: search.size], len(rows) > search.size, search)


@dataclass(frozen=True)
class CountedPage(Generic[T]):
    """The page of a list that was asked for, and how many rows there are on all of them."""

    rows: Sequence[T] = ()
    total: int = 0
    search: Search = Search()

    @property
    def more(self) -> bool:
        """Whether another page follows."""
        return self.search.before + self.search.size < self.total
