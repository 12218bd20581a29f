"""UBL's own schemas: whether a document is what OASIS says it is, and what is wrong with it in words.

They lie beside this module as OASIS published them, in one archive: all seven documents stand on the same components,
so they are one schema, loaded once. Only the module of extensions, which its users may change, imports nothing here:
what stands in an extension is nobody's to judge.
"""

import re
import threading
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from lxml import etree

from hub.errors import N_, HubError, Word, filled
from hub.gs1.xml.parsing import Element
from hub.ubl.names import Kind, called

ARCHIVE = Path(__file__).with_name("ubl-2.3-xsd.zip")
_MOST = 20
"""So many faults are told; whoever has more begins with these."""
_HERE = "ubl:///"
_one_at_a_time = threading.Lock()
"""A schema keeps the faults it found last with itself."""


class InvalidUbl(HubError):
    """The document is not what UBL 2.3 asks for."""

    code, status = "invalid-ubl", 422
    faults: Sequence["Fault"] = ()


class _Archive(etree.Resolver):
    """Reads what a schema imports from the archive, and nothing from anywhere else."""

    def resolve(self, system_url: str, public_id: str, context: Any = None) -> Any:
        with zipfile.ZipFile(ARCHIVE) as archive:
            return self.resolve_string(archive.read(system_url.removeprefix(_HERE)), context, base_url=system_url)


@lru_cache(1)
def _schema() -> etree.XMLSchema:
    parser = etree.XMLParser(no_network=True, resolve_entities=False)
    parser.resolvers.add(_Archive())
    imports = "".join(
        f'<xsd:import namespace="{kind.space}" schemaLocation="{_HERE}maindoc/UBL-{kind}-2.3.xsd"/>' for kind in Kind
    )
    every = f'<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema">{imports}</xsd:schema>'
    return etree.XMLSchema(etree.fromstring(every, parser))


def require_valid(root: Element) -> None:
    """Refuse (``InvalidUbl``) what its schema does not allow, with the line and the element of each fault."""
    with _one_at_a_time:
        schema = _schema()
        if schema.validate(root):
            return
        log: Any = schema.error_log
        faults = [_fault(entry) for entry in islice(log, _MOST)]
    raise invalid(faults)


@dataclass(frozen=True)
class Fault:
    """What is wrong on a line of a document: a sentence, with the element and whatever else it names."""

    sentence: str
    line: int
    element: str
    given: str = ""
    wanted: str = ""

    @property
    def values(self) -> dict[str, Word]:
        """What the sentence names."""
        return {"line": self.line, "element": self.element, "given": self.given, "wanted": self.wanted}


def invalid(faults: Sequence[Fault]) -> InvalidUbl:
    """The refusal of a document for its faults; its sentence is the first of them."""
    errors: list[dict[str, Word]] = [
        {"where": one.element, "what": filled(one.sentence, one.values), "line": one.line} for one in faults
    ]
    told: dict[str, Any] = {"errors": errors, **faults[0].values}
    refusal = InvalidUbl(faults[0].sentence, **told)
    refusal.faults = tuple(faults)
    return refusal


_UNEXPECTED = N_("Line %(line)s: %(element)s does not belong here; %(wanted)s is expected.")
_NOTHING_MORE = N_("Line %(line)s: %(element)s does not belong here; nothing more is expected.")
_MISSING = N_("Line %(line)s: %(element)s lacks %(wanted)s.")
_VALUE = N_("Line %(line)s: %(element)s cannot be “%(given)s”.")
_ATTRIBUTE_MISSING = N_("Line %(line)s: %(element)s lacks its attribute %(wanted)s.")
_ATTRIBUTE = N_("Line %(line)s: %(element)s has no attribute %(given)s.")
_OTHERWISE = N_("Line %(line)s: %(element)s: %(given)s")
_SAID: tuple[tuple[str, str], ...] = (
    (r"This element is not expected\. Expected is (?:one of )?\( (?P<wanted>.*?) \)", _UNEXPECTED),
    (r"This element is not expected", _NOTHING_MORE),
    (r"Missing child element\(s\)\. Expected is (?:one of )?\( (?P<wanted>.*?) \)", _MISSING),
    (r"'(?P<given>.*)' is not a valid value", _VALUE),
    (r"The attribute '(?P<wanted>.*?)' is required but missing", _ATTRIBUTE_MISSING),
    (r"The attribute '(?P<given>.*?)' is not allowed", _ATTRIBUTE),
)
"""What libxml2 says, and what is said of it here."""
_WANTED = 4


def _fault(entry: Any) -> Fault:
    named = re.match(r"Element '(?P<element>.*?)'(?:, attribute '[^']*')?: (?P<rest>.*)", entry.message, re.DOTALL)
    element, rest = (called(named["element"]), named["rest"]) if named else ("", entry.message)
    for pattern, sentence in _SAID:
        found = re.search(pattern, rest, re.DOTALL)
        if found:
            groups = found.groupdict()
            return Fault(
                sentence, entry.line, element, called(groups.get("given", ""))[:60], _names(groups.get("wanted", ""))
            )
    return Fault(_OTHERWISE, entry.line, element, rest[:200])


def _names(listed: str) -> str:
    names = [called(name.strip()) for name in listed.split(", ")] if listed else []
    return ", ".join(names[:_WANTED]) + (", …" if len(names) > _WANTED else "")
