"""How long a document of 500 events takes to be read and written in XML, on one core, with JSON beside it.

Run: ``python -m benchmarks.xml [EVENTS]`` (500 where nothing is said). Each event names five pieces, a quantity,
places, a transaction, a reading and an extension; told is the processor's time, the best of ten.
"""

import sys
import time
from collections.abc import Callable
from typing import Any

from hub.gs1 import epcis, jcs
from hub.gs1.xml import reading, writing


def event(number: int) -> dict[str, Any]:
    """One event of a load."""
    return {
        "@context": [{"ex": "urn:ex:"}],
        "type": "ObjectEvent",
        "eventTime": "2026-11-24T06:40:00+08:00",
        "eventTimeZoneOffset": "+08:00",
        "eventID": f"urn:x:{number}",
        "action": "OBSERVE",
        "bizStep": "shipping",
        "epcList": [f"urn:epc:id:sgtin:0614141.107346.{number}{piece}" for piece in range(5)],
        "quantityList": [{"epcClass": "urn:epc:class:lgtin:4023333.002000.A", "quantity": 150, "uom": "KGM"}],
        "readPoint": {"id": "urn:epc:id:sgln:0614141.07346.1234"},
        "bizLocation": {"id": "urn:epc:id:sgln:0614141.07346.0"},
        "bizTransactionList": [{"type": "po", "bizTransaction": "urn:epcglobal:cbv:bt:0614141073467:1152"}],
        "sensorElementList": [{"sensorReport": [{"type": "Temperature", "value": 4.5, "uom": "CEL"}]}],
        "ex:crate": {"ex:colour": "green", "ex:number": "2"},
    }


def milliseconds(work: Callable[[], object]) -> float:
    """The processor's time that some work takes at best."""
    best = float("inf")
    for _ in range(10):
        begun = time.process_time()
        work()
        best = min(best, time.process_time() - begun)
    return best * 1000


def main(count: int) -> None:
    events = [event(number) for number in range(count)]
    in_xml = writing.query_document(events, "2026-11-24T09:00:00Z")
    whole = reading.read(in_xml)
    in_json = jcs.canonical(whole)
    submitted = epcis.read(whole)
    print(f"{count} events, {len(in_xml):,} bytes of XML, {len(in_json):,} of JSON:")
    took = {
        "read": milliseconds(lambda: reading.read(in_xml)),
        "the same from JSON": milliseconds(lambda: jcs.parse(in_json)),
        "written": milliseconds(lambda: writing.query_document(events, "2026-11-24T09:00:00Z")),
        "validated": milliseconds(lambda: [epcis.validate(one) for one in submitted]),
    }
    for what, time_ in took.items():
        print(f"{what}: {time_:.0f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
