"""What is wrong with an event, said in the reader's language, and what would be taken in its place.

The readers of EPCIS say it in English, to programs and people alike; here each of their sentences has its twin. One
that has none is shown as it is.
"""

import difflib
import re
from typing import NamedTuple

from hub.gs1 import cbv
from hub.web.i18n import N_, Language

_VOCABULARIES = {"bizStep": cbv.BIZ_STEPS, "disposition": cbv.DISPOSITIONS, "set": cbv.DISPOSITIONS}
_NEAR = 3
_LONGEST = 300
"""Characters of a stranger's that a sentence repeats."""


class Words(NamedTuple):
    """What is wrong, and what would be taken; the second is empty where the first says it."""

    wrong: str
    taken: str = ""


class _Twin(NamedTuple):
    pattern: re.Pattern[str]
    wrong: str
    taken: str


def of(path: str, message: str, speaks: Language) -> Words:
    """A message of the readers' in the reader's language."""
    plain = _shortened(_WHERE.sub("", message))
    for pattern, wrong, taken in _TWINS:
        found = pattern.fullmatch(plain)
        if found:
            values = found.groupdict()
            said = speaks.gettext(taken, **values) if taken else ""
            return Words(speaks.gettext(wrong, **values), _near(path, values.get("word", ""), speaks) or said)
    return Words(plain)


def _shortened(message: str) -> str:
    """A message whose beginning and end say what it is, however long a stranger's words between them are."""
    return message if len(message) <= 2 * _LONGEST else f"{message[:_LONGEST]}…{message[-_LONGEST:]}"


def _near(path: str, word: str, speaks: Language) -> str:
    """Which terms of the vocabulary are written much like a word."""
    name = re.findall(r"[A-Za-z]+", path)[-1:] or [""]
    terms = sorted(_VOCABULARIES.get(name[0], ()))
    near = difflib.get_close_matches(re.split("[:/-]", word)[-1][:80], terms, _NEAR, 0.6) if word else []
    return speaks.gettext("%(terms)s, or a URI of your own.", terms=", ".join(near)) if near else ""


_WHERE = re.compile(r" \((?:in the \w+ on )?line \d+\)$")
"""The line is shown beside the sentence."""


def _twin(pattern: str, wrong: str, taken: str = "") -> _Twin:
    return _Twin(re.compile(pattern, re.DOTALL), wrong, taken)


_A_TIME = N_("A date and a time with its offset, such as 2026-11-24T06:40:00+08:00.")
_A_URI = N_("A URI, such as https://id.gs1.org/01/09521234543213/10/T-117 or urn:uuid:….")
_NAMES = N_("A name of EPCIS, or one of your own with a prefix that @context declares.")
_AN_OBJECT = N_("An object: names and values in { }.")
_EVENTS = N_("ObjectEvent, AggregationEvent, AssociationEvent, TransactionEvent or TransformationEvent.")
_A_TERM = N_("A word of the Core Business Vocabulary, such as packing or shipping, or a URI of your own.")
_UNITS = N_("A code of UN/ECE Recommendation 20, such as KGM, H87 or CEL.")

_TWINS = [
    _twin("is needed", N_("It is needed and not there.")),
    _twin("is not an object|an event is a JSON object", N_("It is no object."), _AN_OBJECT),
    _twin("is not a list", N_("It is no list."), N_("A list, in [ ], even of one.")),
    _twin("is empty", N_("It is empty."), N_("At least one entry.")),
    _twin("names something twice", N_("It names something twice."), N_("Each thing once.")),
    _twin("is not text", N_("It is no text."), N_("A text, in quotation marks.")),
    _twin("is not a URI", N_("It is no URI."), _A_URI),
    _twin("is not a number", N_("It is no number."), N_("A number, without quotation marks.")),
    _twin(
        "is not a number of 0 or more", N_("It is no number of 0 or more."), N_("A number, without quotation marks.")
    ),
    _twin("is not a number above 0", N_("It is no number above 0."), N_("A number, without quotation marks.")),
    _twin("is not a whole number of 0 or more", N_("It is no whole number of 0 or more."), N_("Such as 0, 1 or 14.")),
    _twin("is neither true nor false", N_("It is neither true nor false."), "true, false"),
    _twin("is not hexadecimal", N_("It is not hexadecimal."), N_("Figures and the letters A to F.")),
    _twin("is not a date and time with its offset.*", N_("It is no date and time with its offset."), _A_TIME),
    _twin("is not an offset like .*", N_("It is no offset from UTC."), N_("Such as +08:00.")),
    _twin("is not a UN/ECE Recommendation 20 unit code", N_("It is no code of a unit."), _UNITS),
    _twin("is none of ADD, OBSERVE and DELETE", N_("It is no action of EPCIS."), "ADD, OBSERVE, DELETE"),
    _twin("is none of EPCIS's five event types", N_("It is none of the five kinds of event."), _EVENTS),
    _twin(
        "is neither EPCIS's nor of a declared prefix",
        N_("This name is neither EPCIS's nor of a declared prefix."),
        _NAMES,
    ),
    _twin(
        "(?P<word>.*) is no term of the Core Business Vocabulary",
        N_("%(word)s is no term of the Core Business Vocabulary."),
        _A_TERM,
    ),
    _twin(
        "['\"](?P<word>.*)['\"] is neither in the vocabulary nor a URI",
        N_("“%(word)s” is neither in the vocabulary nor a URI."),
        _A_TERM,
    ),
    # Documents
    _twin("an EPCIS document is a JSON object", N_("An EPCIS document is an object."), _AN_OBJECT),
    _twin(
        "EPCIS's own context is needed, such as (?P<context>.*)",
        N_("EPCIS's own context is not named."),
        "%(context)s",
    ),
    _twin("a list of events is needed", N_("A list of events is needed here."), N_("A list, in [ ], even of one.")),
    _twin("is not one of EPCIS 2", N_("It is no version of EPCIS 2."), "2.0"),
    _twin(
        "(?P<context>.*) is not a context known here, and contexts are never fetched",
        N_("%(context)s is no context that is known here, and none is ever fetched."),
        N_("EPCIS's own, and an object that declares prefixes of your own."),
    ),
    _twin("contexts are never fetched", N_("Contexts are never fetched."), N_("Leave it out.")),
    _twin(
        "is neither an address nor an object",
        N_("It is neither an address nor an object."),
        N_("EPCIS's own, and an object that declares prefixes of your own."),
    ),
    _twin(
        "is defined and protected by EPCIS's own context",
        N_("EPCIS's own context says already what this name means."),
        N_("Another prefix."),
    ),
    # What the standard asks of an event as a whole
    _twin("action is needed", N_("An action is needed."), "ADD, OBSERVE, DELETE"),
    _twin(
        "an ObjectEvent names objects, or has sensor readings with a read point",
        N_("This event names no objects."),
        N_("epcList or quantityList, or sensor readings with a read point."),
    ),
    _twin(
        "ilmd belongs to objects that begin: only with action ADD",
        N_("ilmd belongs to objects that begin."),
        N_("With it the action is ADD; otherwise leave ilmd out."),
    ),
    _twin(
        "children are needed, unless the action is DELETE",
        N_("This event names nothing that belongs together."),
        N_("childEPCs or childQuantityList, or the action DELETE."),
    ),
    _twin("parentID is needed", N_("parentID is needed: what the others belong to.")),
    _twin("bizTransactionList is needed", N_("bizTransactionList is needed: the papers it belongs to.")),
    _twin(
        "a TransactionEvent names objects, unless the action is DELETE",
        N_("This event names no objects."),
        N_("epcList or quantityList, or the action DELETE."),
    ),
    _twin(
        "inputs and outputs are needed, or a transformationID that joins several events",
        N_("It is not said what became of what."),
        N_("Inputs and outputs, or a transformationID that joins several events."),
    ),
    _twin("persistentDisposition sets or unsets something", N_("It sets nothing and unsets nothing."), "set, unset"),
    # What is there already
    _twin(
        "(?P<name>.*) is there already, with other content",
        N_("Another event of yours has this eventID already: %(name)s."),
        N_("Another eventID, or an error declaration that corrects the first."),
    ),
    _twin(
        "What a party says of itself, .*",
        N_("What you say of your organisation, places, items and papers is changed in the settings, not here."),
        N_("Leave this event out."),
    ),
    # What is odd
    _twin("eventTime (?P<time>.*) lies in the future", N_("Its time, %(time)s, lies in the future.")),
    _twin(
        "eventTimeZoneOffset (?P<offset>.*) is not that of eventTime, (?P<own>.*)",
        N_("eventTimeZoneOffset, %(offset)s, is not the offset of eventTime, %(own)s."),
    ),
    _twin(
        r"(?P<place>\S+) (?P<name>.*) is a class, among single things",
        N_("%(name)s is a class, among single things."),
        N_("Lots and articles belong into quantityList."),
    ),
    _twin(
        r"(?P<place>\S+) (?P<name>.*) is a single thing, and no class",
        N_("%(name)s is a single thing, and no class."),
        N_("Single things belong into epcList."),
    ),
    _twin(r"(?P<place>\S+) (?P<name>.*) has a wrong check digit", N_("%(name)s has a wrong check digit.")),
    _twin(
        r"(?P<place>\S+) (?P<unit>.*) is a unit that is not known here: it is compared with itself alone",
        N_("%(unit)s is a unit that is not known here: it is compared with itself alone."),
        _UNITS,
    ),
    _twin(r"(?P<place>\S+) was measured after the event's time", N_("It was measured after the event's time.")),
    _twin(
        r"(?P<place>\S+) says (?P<what>\S+) in its metadata and again in a report",
        N_("%(what)s is said in the metadata and again in a report."),
        N_("Once: in the metadata, or in each report."),
    ),
    _twin(r"(?P<place>\S+) tells a figure without its unit", N_("A figure is told without its unit."), _UNITS),
    _twin(
        "it declares an error of (?P<name>.*), which is not known here",
        N_("It declares an error of %(name)s, which is not known here."),
    ),
    _twin("(?P<name>.*) is added again: it was there already", N_("%(name)s is added again: it was there already.")),
    _twin("(?P<name>.*) was shipped before it was commissioned", N_("%(name)s was shipped before it was made.")),
    # Master data
    _twin("says more than (?P<most>.*) bytes", N_("It says more than %(most)s bytes.")),
    _twin(
        "holds (?P<many>.*); at most (?P<most>.*) are taken",
        N_("It holds %(many)s entries; at most %(most)s are taken."),
    ),
    _twin("a document holds at most (?P<most>.*) elements", N_("A document holds at most %(most)s elements.")),
    _twin("is longer than (?P<most>.*) characters", N_("It is longer than %(most)s characters.")),
    _twin(r"holds the character U\+0000, which cannot be kept", N_("It holds the character U+0000.")),
    _twin("(?P<name>.*) is told twice, and differently", N_("%(name)s is told twice, and differently.")),
    _twin(
        "is a list; an attribute of several values stands several times",
        N_("It is a list."),
        N_("An attribute of several values stands several times."),
    ),
    # XML
    _twin(
        "one of EPCIS's event types is expected: (?P<kinds>.*)", N_("It is none of the five kinds of event."), _EVENTS
    ),
    _twin(
        "an EPCISDocument, EPCISQueryDocument, EPCISMasterDataDocument or an event is expected",
        N_("It is no document of EPCIS."),
        N_("EPCISDocument, EPCISQueryDocument or an event."),
    ),
    _twin("(?P<name>.*) is expected (here|in it)", N_("Something else is expected here."), "%(name)s"),
    _twin("text is expected here, and nothing else", N_("Text is expected here, and nothing else.")),
    _twin("(?P<name>.*) stands twice", N_("%(name)s stands twice."), N_("Each thing once.")),
    _twin("elements are expected here, not (?P<text>.*)", N_("Elements are expected here, not %(text)s.")),
    _twin("a flat JSON object is expected here", N_("A flat JSON object is expected here.")),
    _twin("nested deeper than (?P<levels>.*) levels", N_("It is nested deeper than %(levels)s levels.")),
    _twin(
        "the number (?P<number>.*) would be changed by reading it as a double",
        N_("The number %(number)s would be changed by reading it as a double."),
        N_("Fewer figures, or a text."),
    ),
    # Files that are not read
    _twin(
        "(line (?P<line>.*): )?a document type .* is not read here; leave it out",
        N_("It has a document type (DOCTYPE), which is never read."),
        N_("Leave the DOCTYPE out."),
    ),
    _twin(
        "it is written in (?P<encoding>.*); UTF-8 is read here",
        N_("It is written in %(encoding)s, which is not read here."),
        N_("Save it in UTF-8."),
    ),
    _twin(
        "byte (?P<place>.*) is not (?P<encoding>.*)",
        N_("It is not written in %(encoding)s: byte %(place)s is none."),
        N_("Save it in UTF-8."),
    ),
    _twin(
        "line (?P<line>.*?), column (?P<column>.*?): (?P<why>.*)",
        N_("The file breaks off being JSON or XML on line %(line)s, column %(column)s: %(why)s."),
    ),
    _twin(
        "the name (?P<name>.*) stands twice in one object",
        N_("The name %(name)s stands twice in one object."),
        N_("Each name once."),
    ),
    _twin("half a surrogate pair in (?P<text>.*)", N_("It holds half a character: %(text)s.")),
    _twin("(?P<number>.*) is not a JSON number", N_("%(number)s is no number of JSON.")),
    _twin(
        "(?P<many>.*) events; at most (?P<most>.*) at a time",
        N_("It holds %(many)s events; at most %(most)s are captured at a time."),
        N_("The same in several files."),
    ),
]
