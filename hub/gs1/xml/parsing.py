"""XML made safe to read: a tree of elements without entities, and where in it something stands.

Nothing outside the document is ever read: a DOCTYPE is refused, and with it every entity.
"""

import codecs
import re
from itertools import islice
from typing import Any

from lxml import etree

from hub.errors import N_, HubError
from hub.gs1 import epcis
from hub.gs1.xml import names

Element = etree._Element


class MalformedXML(HubError):
    """The text is not XML that is read here."""

    code, status = "malformed-xml", 400


_ENCODINGS = frozenset("utf-8 utf-16 ascii iso8859-1 iso8859-15 cp1252 gb2312 gbk gb18030".split())
_DECLARED = re.compile(rb"""<\?xml[^>]{0,100}?\bencoding\s*=\s*["']([A-Za-z0-9._\-]{1,40})["']""")


def parsed(document: bytes) -> Element:
    """The root of a document; what is no XML, or has a DOCTYPE, is refused (``MalformedXML``)."""
    text = in_utf8(document)
    _refuse_doctype(text)
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,  # nesting deeper than 256, texts above 10 MB
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:
        row, column = error.position
        raise MalformedXML(
            N_("line %(line)s, column %(column)s: %(fault)s"), line=row, column=column, fault=error.msg
        ) from error
    about: Any = root.getroottree().docinfo
    if about.doctype:
        raise MalformedXML("a document type (DOCTYPE) is not read here; leave it out")
    return root


def in_utf8(document: bytes) -> bytes:
    """What stands in another encoding is brought into the one in which the beginning is looked through."""
    if document.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)):
        name = "utf-16"
    else:
        document = document.removeprefix(codecs.BOM_UTF8)
        declared = _DECLARED.match(document)
        name = declared[1].decode("ascii") if declared else "utf-8"
    try:
        name = codecs.lookup(name).name
        if name not in _ENCODINGS:
            raise LookupError
        return document if name in ("utf-8", "ascii") else document.decode(name).encode()
    except LookupError:
        raise MalformedXML(N_("it is written in %(encoding)s; UTF-8 is read here"), encoding=name) from None
    except UnicodeDecodeError as error:
        raise MalformedXML(N_("byte %(offset)s is not %(encoding)s"), offset=error.start, encoding=name) from error


def _refuse_doctype(text: bytes) -> None:
    """Looked for before anything is parsed: what a parser does with one can no longer be taken back."""
    place = 0
    while before := _BEFORE_THE_ROOT.match(text, place):
        place = before.end()
    if text.startswith(b"<!DOCTYPE", place):
        row = text.count(b"\n", 0, place) + 1
        raise MalformedXML(N_("line %(line)s: a document type (DOCTYPE) is not read here; leave it out"), line=row)


_BEFORE_THE_ROOT = re.compile(rb"[ \t\r\n]+|\xef\xbb\xbf|<\?.*?\?>|<!--.*?-->", re.DOTALL)


# Elements


def tags(*locals_: str) -> frozenset[str]:
    """The tags of EPCIS's names, as they ought to stand and as many write them."""
    return frozenset(f"{space}{name}" for name in locals_ for space in _SPACES)


_SPACES = ("", *(f"{{{space}}}" for space in sorted(names.EPCIS)))


def local(element: Element) -> str:
    """An element's name without its name space."""
    return str(element.tag).rpartition("}")[2]


def is_epcis(element: Element) -> bool:
    """Whether an element stands in EPCIS's name space, or in none."""
    space = str(element.tag).rpartition("}")[0][1:]
    return not space or space in names.EPCIS


def fault(element: Element, message: str) -> epcis.Fault:
    """What is wrong with an element: its line, its path from the root, and what was expected there."""
    above = [element, *element.iterancestors()]
    path = "/".join(_step(step) for step in reversed(above))
    return epcis.Fault(path, f"{message} (line {line(element)})")


def line(element: Element) -> int:
    """The line an element begins on."""
    found: Any = element.sourceline
    return found or 0


def attributes(element: Element) -> list[tuple[str, str]]:
    """An element's attributes: name and value."""
    found: Any = element.items()
    return list(found)


def _step(element: Element) -> str:
    """An element's name, with its place where its parent has several of it; beyond the thousandth the line must do."""
    tag = str(element.tag)
    before = sum(1 for _ in islice(element.itersiblings(tag, preceding=True), _COUNTED))
    if not before and next(iter(element.itersiblings(tag)), None) is None:
        return local(element)
    return f"{local(element)}[{before + 1 if before < _COUNTED else '…'}]"


def scope(element: Element) -> dict[str | None, str]:
    """The prefixes that are declared where an element stands, looked through for each name in a value."""
    found: Any = element.nsmap
    if len(found) > MOST_SPACES:
        raise epcis.InvalidDocument([fault(element, f"at most {MOST_SPACES} name spaces are expected")])
    return dict(found)


_COUNTED = 1_000
MOST_SPACES = 256
