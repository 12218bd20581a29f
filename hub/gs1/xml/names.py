"""Names of EPCIS in XML: its name spaces, the order its elements stand in, and what XML itself has no word for.

Source: GS1's XSDs of EPCIS 2.0 (EPCglobal-epcis-2_0.xsd), and EPCIS 1.2 for what is read of it.
"""

import re

from hub.gs1 import cbv, epcis

CORE = "urn:epcglobal:epcis:xsd:2"
QUERY = "urn:epcglobal:epcis-query:xsd:2"
MASTER_DATA = frozenset({"urn:epcglobal:epcis-masterdata:xsd:2", "urn:epcglobal:epcis-masterdata:xsd:1"})
EPCIS = frozenset({CORE, QUERY, "urn:epcglobal:epcis:xsd:1", "urn:epcglobal:epcis-query:xsd:1", *MASTER_DATA})
"""EPCIS's own; elements of its events stand in none, and many write them in one of these."""
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XSD = "http://www.w3.org/2001/XMLSchema"
XML = "http://www.w3.org/XML/1998/namespace"
OURS = epcis.FURROW["furrow"]

TYPE, NIL, SPACE = f"{{{XSI}}}type", f"{{{XSI}}}nil", f"{{{XML}}}space"
LIST = f"{{{OURS}}}list"
"""On an element that is a list's only item: in XML alone it could not be told from what is no list."""
MEMBERS = f"{{{OURS}}}members"
"""An element, or a sensor's attribute, with the members that XML has no way to say, as a JSON object."""
EVENT = f"{{{OURS}}}Event"
"""An event of somebody's own type whose name is no XML name."""
TEXT = "#text"
"""The text of an extension that has attributes too."""

EVENTS = ("ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent", "AssociationEvent")
_FIRST = "eventTime recordTime eventTimeZoneOffset eventID errorDeclaration certificationInfo"
_WHERE = "bizStep disposition readPoint bizLocation bizTransactionList"
_ENDS = "sourceList destinationList sensorElementList persistentDisposition"
ORDER = {
    kind: tuple(fields.split())
    for kind, fields in {
        "ObjectEvent": f"{_FIRST} epcList action {_WHERE} quantityList {_ENDS} ilmd",
        "AggregationEvent": f"{_FIRST} parentID childEPCs action {_WHERE} childQuantityList {_ENDS}",
        "TransactionEvent": (
            f"{_FIRST} bizTransactionList parentID epcList action bizStep disposition readPoint bizLocation"
            f" quantityList {_ENDS}"
        ),
        "TransformationEvent": (
            f"{_FIRST} inputEPCList inputQuantityList outputEPCList outputQuantityList transformationID {_WHERE}"
            f" {_ENDS} ilmd"
        ),
        "AssociationEvent": f"{_FIRST} parentID childEPCs childQuantityList action {_WHERE} {_ENDS}",
    }.items()
}
"""The elements of each event in the order of the XSD."""
OF_ANY = tuple(dict.fromkeys(name for fields in ORDER.values() for name in fields))

TERMS = {
    "bizStep": ("BizStep", cbv.BIZ_STEPS),
    "disposition": ("Disp", cbv.DISPOSITIONS),
    "bizTransaction": ("BTT", cbv.TRANSACTION_TYPES),
    "source": ("SDT", cbv.PARTY_TYPES),
    "destination": ("SDT", cbv.PARTY_TYPES),
    "reason": ("ER", cbv.ERROR_REASONS),
    "component": ("Comp", cbv.COMPONENTS),
}
"""Where a term of CBV stands: of which kind it is, and which there are."""
MEASURED = {"type": cbv.MEASUREMENTS, "exception": cbv.ALERTS}
NUMBERS = frozenset("value minValue maxValue meanValue sDev percRank percValue".split())

prefix_of = {meant: prefix for prefix, meant in cbv.PREFIXES.items()} | {
    cbv.PREFIXES["cbvmda"].rstrip(":"): "cbvmda"  # as most documents declare it
}
"""The prefixes of EPCIS's own context by what they mean."""
is_word = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]*").fullmatch
"""Whether something can be an XML name without a prefix, or a prefix; letters beyond ASCII are left to JSON."""
