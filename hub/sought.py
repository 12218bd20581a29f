"""What is searched and how it is found: names by their own letters, by pinyin and by its initials. Pure but for SQL."""

import os
import unicodedata
from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, true

_MOST_WORDS = 8


def fold(text: str) -> str:
    """A text as it is compared: of one width, in small letters, with single blanks, without signs that show nothing."""
    return shown(unicodedata.normalize("NFKC", text).lower())


def shown(text: str) -> str:
    """A text without signs that show nothing, and with single blanks."""
    seen = (" " if sign.isspace() else sign for sign in text if sign.isspace() or unicodedata.category(sign)[0] != "C")
    return " ".join("".join(seen).split())


def key(*texts: str) -> str:
    """What somebody may type who means a thing of these numbers and names."""
    folded = [text for text in map(fold, texts) if text]
    return " ".join(dict.fromkeys([*folded, *(spelled for text in folded for spelled in _pinyin(text))]))


def _pinyin(text: str) -> Iterator[str]:
    """A Chinese text as it is typed: each syllable whole without its tone, and the first letters alone."""
    if text.isascii():
        return
    # Read when the first Chinese name is: its words take as long to read as all of the hub, and are copied otherwise.
    os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "true")
    import pypinyin

    if syllables := pypinyin.lazy_pinyin(text, errors="ignore"):
        yield "".join(syllables)
        yield "".join(syllable[0] for syllable in syllables)


def patterns(words: str) -> list[str]:
    """With which ``like`` finds each of the words, taken literally."""
    return [f"%{_literal(word)}%" for word in fold(words).split()[:_MOST_WORDS]]


def _literal(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def mentions(words: str, *columns: Any) -> ColumnElement[bool]:
    """That each of the words stands in one of the columns; a column of keys is in small letters already."""
    return and_(true(), *(or_(*(has(column, like) for column in columns)) for like in patterns(words)))


def has(column: Any, like: str) -> ColumnElement[bool]:
    """That a pattern is found in a column."""
    found: ColumnElement[bool] = column.like(like) if column.key == "sought" else column.ilike(like)
    return found
