"""What the search over everything shows, said in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.finding import LONGEST, Asked, Finder, Found, Results
from hub.web.i18n import Language
from hub.web.view import Nothing


@dataclass(frozen=True)
class Group:
    """What of one kind was found; ``every`` leads to all of them, named by ``link``."""

    name: str
    title: str
    icon: str
    count: int | None
    found: Sequence[Found]
    every: str
    link: str


@dataclass(frozen=True)
class FindPage:
    """What was looked for and found: ``groups``, or else ``nothing``."""

    text: str
    lead: str
    groups: Sequence[Group]
    nothing: Nothing | None


def find_page(
    asked: Asked, groups: Sequence[tuple[Finder, Results]], speaks: Language, *, too_long: bool = False
) -> FindPage:
    """The page of what was found."""
    shown = [_group(finder, results, speaks) for finder, results in groups]
    count = sum(len(results.found) if results.total is None else results.total for _, results in groups)
    return FindPage(
        text=asked.text,
        lead=speaks.ngettext("%(num)s thing was found.", "%(num)s things were found.", count) if shown else "",
        groups=shown,
        nothing=None if shown else _nothing(asked, speaks, too_long),
    )


def _group(finder: Finder, results: Results, speaks: Language) -> Group:
    total = results.total
    return Group(
        name=finder.name,
        title=speaks.gettext(finder.label),
        icon=finder.icon,
        count=total,
        found=results.found,
        every=results.every,
        link=speaks.gettext("All") if total is None else speaks.gettext("All %(count)s", count=speaks.number(total)),
    )


def _nothing(asked: Asked, speaks: Language, too_long: bool) -> Nothing:
    ways = speaks.gettext(
        "Numbers of orders, lots and shipments are searched, article numbers, GLNs and SSCCs, names in Chinese and "
        "English, and Chinese names by their pinyin or its first letters. A scanned code may be pasted whole."
    )
    if too_long:
        title = speaks.gettext("Nothing has a name of more than %(most)s letters.", most=LONGEST)
    elif asked.text:
        title = speaks.gettext("Nothing that you may see is called “%(words)s”.", words=asked.text)
    else:
        title = speaks.gettext("Type a number or a name.")
    return Nothing(title, ways)
