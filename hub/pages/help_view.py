"""A guide as it is read here: the half of it in the reader's language, from Markdown to HTML that can do nothing.

A guide's file holds both languages, a paragraph or a list in one of them; headings say both, with a dot between.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from hub.web.guides import FOLDER, GUIDES, IMAGES, SPOTS, anchor
from hub.web.i18n import N_, Language, language

_CHINESE = re.compile("[\u4e00-\u9fff]")
_BOTH = " · "
_PICTURE = re.compile(r"\.\./images/([\w-]+\.png)")
_GUIDE = re.compile(r"(\w+)\.md")
_COMMANDS = {"code_block", "fence"}
"""What is typed is the same in every language."""


@dataclass(frozen=True)
class Entry:
    """A guide, or a part of one, in a list of contents."""

    word: str
    address: str
    current: bool = False


@dataclass(frozen=True)
class GuidePage:
    """A guide: what it says as safe HTML, what is in it, and which others there are."""

    title: str
    body: Markup
    contents: Sequence[Entry]
    guides: Sequence[Entry]


@dataclass(frozen=True)
class Guide:
    """One language's half of a guide, with the anchors in it and what stands there."""

    body: Markup
    anchors: dict[str, str]


def guide_page(name: str, speaks: Language) -> GuidePage:
    """A guide in the reader's language."""
    guide = read(name, speaks.code)
    return GuidePage(
        title=speaks.gettext(GUIDES[name]),
        body=guide.body,
        contents=[Entry(word, f"#{spot}") for spot, word in guide.anchors.items()],
        guides=guides(speaks, name),
    )


def guides(speaks: Language, name: str) -> list[Entry]:
    """The list of everything that is read here, with what is read now marked."""
    words = GUIDES | {"api": N_("For programs (API)")}
    return [Entry(speaks.gettext(word), f"/help/{one}", one == name) for one, word in words.items()]


@lru_cache
def read(name: str, code: str) -> Guide:
    """One language's half of a guide. HTML in it is text, and links that run something are none."""
    markdown = MarkdownIt("commonmark", {"html": False})
    speaks, anchors = language(code), dict[str, str]()
    words = {speaks.gettext(spot.word).lower(): anchor(spot.word) for spot in SPOTS.values() if spot.guide == name}
    shown: list[Token] = []
    for block in _blocks(markdown.parse((FOLDER / f"{name}.md").read_text(encoding="utf-8"))):
        if block[0].type == "heading_open":
            shown += _heading(block, code, anchors) if block[0].tag != "h1" else []
        elif _is_picture(block) or _is_chinese(block) is (code == "zh") or block[0].type in _COMMANDS:
            _mark(block, words, anchors)
            shown += block
    return Guide(Markup(markdown.renderer.render(shown, markdown.options, {})), anchors)


def _blocks(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """The tokens of a document by its outermost blocks."""
    block: list[Token] = []
    for token in tokens:
        block.append(token)
        if token.level == 0 and token.nesting <= 0:
            yield block
            block = []


def _heading(block: list[Token], code: str, anchors: dict[str, str]) -> list[Token]:
    """A heading in one language, with the same anchor in both."""
    opening, inline = block[:2]
    chinese, _, english = inline.content.partition(_BOTH)
    said = chinese if code == "zh" else english
    inline.children = [Token("text", "", 0, content=said)]
    opening.attrSet("id", anchor(english))
    anchors[anchor(english)] = said
    return block


def _is_chinese(block: Sequence[Token]) -> bool:
    return any(_CHINESE.search(token.content) for token in block)


def _is_picture(block: Sequence[Token]) -> bool:
    children = [child for token in block for child in token.children or ()]
    return any(child.type == "image" for child in children)


def _mark(block: Sequence[Token], words: dict[str, str], anchors: dict[str, str]) -> None:
    """Give each page's word in bold its anchor, and each picture and other guide its address here."""
    for token in block:
        children = token.children or []
        for child, following in pairwise(children):
            spot = words.get(following.content.lower()) if child.type == "strong_open" else None
            if spot is not None and spot not in anchors:
                child.attrSet("id", spot)
                anchors[spot] = following.content
            if following.type == "softbreak" and not child.content[-1:].isascii():
                following.type = "text"  # between Chinese characters a new line is no space
        for child in children:
            if child.type == "image" and (picture := _PICTURE.fullmatch(str(child.attrGet("src")))):
                child.attrSet("src", f"/help/images/{picture[1]}")
                child.attrSet("loading", "lazy")
            elif child.type == "link_open" and (other := _GUIDE.fullmatch(str(child.attrGet("href")))):
                child.attrSet("href", f"/help/{other[1]}")


@lru_cache
def pictures() -> frozenset[str]:
    """The pictures that there are."""
    return frozenset(path.name for path in IMAGES.glob("*.png"))
