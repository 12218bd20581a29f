"""What pages of several rooms show: figures in a strip, and the way to a list's earlier and later pages."""

from dataclasses import dataclass
from typing import NamedTuple

from hub.web.i18n import Language


class Figure(NamedTuple):
    """A figure under its label, with a word on it; ``tone`` is empty or warn."""

    label: str
    figure: str
    small: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Paging:
    """The addresses of a list's earlier and later pages, empty where there is none, and which rows are shown."""

    earlier: str
    later: str
    shown: str


def paging_of(base: str, page: int, *, size: int, rows: int, total: int, speaks: Language) -> Paging:
    """The way on from a page of so many rows; ``base`` is the list's address, up to the number of its page."""
    shown = speaks.gettext(
        "%(first)s–%(last)s of %(total)s",
        first=(page - 1) * size + 1,
        last=(page - 1) * size + rows,
        total=speaks.number(total),
    )
    return Paging(
        earlier=f"{base}{page - 1}" if page > 1 else "",
        later=f"{base}{page + 1}" if page * size < total else "",
        shown=shown,
    )
