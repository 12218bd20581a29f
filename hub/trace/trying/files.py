"""A file of events looked at before it is captured: what would become of each, and at which line something stands."""

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlmodel import Session, col, delete

from hub.access import Actor
from hub.errors import HubError
from hub.gs1 import epcis, jcs
from hub.gs1.xml import parsing, reading
from hub.models.access import Upload
from hub.models.trace import CaptureJob
from hub.trace import capture
from hub.trace.taking import documents, jobs
from hub.trace.taking.jobs import Became
from hub.trace.trying import lines

MOST = 50
"""Places of one file that are shown at once."""
_KIND = "epcis"
_LONGEST = 1_000
"""Characters of a path that is looked for: a stranger's names may be of any length."""
_DEEP, _FAR = 4, 100_000
"""How many names of a path are looked for in an event in XML, from the last on, and in how many of its characters."""


class EmptyFile(HubError):
    """This file is empty: choose one that holds an EPCIS document."""

    code, status = "empty-file", 422


class NeitherForm(HubError):
    """This file is neither JSON nor XML, in which EPCIS documents are written."""

    code, status = "neither-json-nor-xml", 415


class CapturedAlready(HubError):
    """This file was captured already, or waits no longer: look at it again."""

    code, status = "captured-already", 409


@dataclass(frozen=True)
class Place:
    """Something that is said of a file: of which event, if of one, and the lines around where it stands."""

    became: Became
    path: str
    message: str
    index: int | None = None
    event_id: str = ""
    excerpt: Sequence[lines.Line] = ()


@dataclass(frozen=True)
class Look:
    """What a capture would say of a file: of its events, or why it would be refused before any of them is judged.

    ``places`` are the first of ``said``: what is refused first, then what is odd, each in the file's order.
    """

    outcomes: Sequence[jobs.Told] = ()
    refusal: HubError | None = None
    said: int = 0
    places: Sequence[Place] = ()

    def count(self, became: Became) -> int:
        """How many events would become that."""
        return sum(told.became is became for told in self.outcomes)

    @property
    def good(self) -> bool:
        """Whether all of it would be captured, and some of it is new."""
        new = self.count(Became.ACCEPTED) + self.count(Became.WARNED)
        return self.refusal is None and new > 0 and not self.count(Became.REFUSED)


def look(session: Session, actor: Actor, content: bytes) -> Look:
    """What a capture would say of a file, judged by the very function that ``/epcis/events/validate`` asks.

    Refused (``EmptyFile``, ``NeitherForm``) is what is no file of events at all.
    """
    read = _reader(content)
    try:
        outcomes, _ = jobs.judged(session, actor, content, read)
    except epcis.InvalidDocument as refusal:
        faults = [_Said(Became.REFUSED, fault.path, fault.message) for fault in refusal.faults]
        return Look(refusal=refusal, said=len(faults), places=_placed(content, read, faults[:MOST], 0))
    except (jcs.MalformedJSON, parsing.MalformedXML) as refusal:
        line, column = refusal.extra.get("line"), refusal.extra.get("column", 1)
        said = [_Said(Became.REFUSED, "", refusal.detail, line=line, column=column)] if line else []
        return Look(refusal=refusal, said=len(said), places=_placed(content, read, said, 0))
    except (capture.TooManyEvents, capture.NotAMember) as refusal:
        return Look(refusal=refusal)
    said = [
        _Said(told.became, path, message, told.index, told.event_id, told.line)
        for became in (Became.REFUSED, Became.WARNED)
        for told in outcomes
        if told.became is became
        for path, message in told.messages
    ]
    return Look(outcomes, None, len(said), _placed(content, read, said[:MOST], len(outcomes)))


def keep(session: Session, actor: Actor, name: str, content: bytes) -> Upload:
    """Keep a file until it is captured, a day at most; whoever looks at another has the last one forgotten."""
    mine = col(Upload.owner_id) == actor.organization_id, col(Upload.created_by) == actor.user_id
    session.execute(delete(Upload).where(col(Upload.kind) == _KIND, *mine))
    upload = Upload(owner_id=actor.organization_id, kind=_KIND, name=lines.shown(name)[:200], content=content)
    session.add(upload)
    session.flush()
    return upload


def take(session: Session, actor: Actor, upload_id: UUID) -> CaptureJob:
    """Capture a file that was kept, whole. However often it is asked for, once."""
    upload = session.get(Upload, upload_id, with_for_update=True)
    if upload is None or upload.kind != _KIND or upload.owner_id != actor.organization_id:
        raise CapturedAlready
    job = documents.capture(session, actor, upload.content, read=_reader(upload.content))
    session.delete(upload)
    return job


def _reader(content: bytes) -> capture.Read:
    """How a file is read, by what it begins with."""
    if not content.removeprefix(codecs.BOM_UTF8).strip():
        raise EmptyFile
    wide = content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    begins = content[:400].removeprefix(codecs.BOM_UTF8)
    if wide:
        begins = begins.decode("utf-16", "ignore").encode()
    begins = begins.lstrip(b" \t\r\n")
    if begins.startswith(b"<"):
        return reading.read
    if begins.startswith((b"{", b"[")):
        return jcs.parse
    raise NeitherForm


# Where it stands


@dataclass(frozen=True)
class _Said:
    became: Became
    path: str
    message: str
    index: int | None = None
    event_id: str = ""
    line: int = 0
    column: int = 1

    @property
    def inner(self) -> str:
        """The path of what a message begins with, where it speaks of something within an event."""
        return f"{self.path}.{self.message.partition(' ')[0]}"[:_LONGEST]


def _placed(content: bytes, read: capture.Read, said: Sequence[_Said], events: int) -> list[Place]:
    """Each with the lines around it; ``events`` is how many the file holds, where that is known."""
    if not said:
        return []
    text = _text(content, read)
    found = _in_json(text, said) if read is jcs.parse else _in_xml(text, said, events)
    return [
        Place(one.became, one.path, one.message, one.index, one.event_id, lines.excerpt(text, offset) if text else ())
        for one, offset in zip(said, found, strict=True)
    ]


def _text(content: bytes, read: capture.Read) -> str:
    """The file as a text; empty where it is in no encoding that is read here."""
    try:
        return (content if read is jcs.parse else parsing.in_utf8(content)).decode("utf-8-sig")
    except (UnicodeDecodeError, parsing.MalformedXML):
        return ""


def _in_json(text: str, said: Sequence[_Said]) -> list[int]:
    if not text or any(one.line for one in said):  # what is no JSON has no paths
        return [_column(text, one) for one in said]
    paths = {one.inner: _from_the_root(one.inner) for one in said}
    offsets = lines.in_json(text, set(paths.values()))
    return [offsets[paths[one.inner]] for one in said]


def _column(text: str, said: _Said) -> int:
    """Where a reader says that it stopped, on a line and a column of it."""
    begin = lines.begins(text, said.line)
    end = text.find("\n", begin)
    return min(begin + max(said.column, 1) - 1, end if end >= 0 else len(text))


def _from_the_root(path: str) -> str:
    """A path as the file has it: a bare event, which is called ``event``, is the root itself."""
    return re.sub(r"^(event|\$)(?=$|[.\[])\.?", "", path)


def _in_xml(text: str, said: Sequence[_Said], events: int) -> list[int]:
    begins = lines.events_in_xml(text) if events else []
    return [_element(text, one, begins if len(begins) == events else []) for one in said]


def _element(text: str, said: _Said, begins: Sequence[int]) -> int:
    """Where an element begins that is said to be on a line; within an event, which stands once there and is named."""
    told = _ON_LINE.search(said.message)
    if told is not None and not told["event"]:
        return lines.begins(text, int(told["line"]))
    if said.index is None or not begins:
        return lines.begins(text, int(told["line"])) if told else _column(text, replace(said, line=said.line or 1))
    begin = begins[said.index]
    following = begins[said.index + 1] if said.index + 1 < len(begins) else len(text)
    names = re.findall(r"[A-Za-z]\w*", said.inner.partition("]")[2])
    return lines.named_in_xml(text, begin, min(following, begin + _FAR), names[: -_DEEP - 1 : -1])


_ON_LINE = re.compile(r" \((?P<event>in the \w+ on )?line (?P<line>\d+)\)$")
"""How the readers of XML say where something stands."""
