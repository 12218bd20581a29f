"""How many event ids are made a second on one core, over OpenEPCIS' example events.

Run: ``python -m benchmarks.event_hash [SECONDS]`` (3 for each version where nothing is said). Told twice: with the
identifiers remembered, as where a load names the same places and lots again, and with every one seen for the first
time. The reference generator is told beside it where it is installed; it is no part of the hub.
"""

import importlib.util
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from hub.gs1 import cbv, digital_link, epcis, event_hash, jcs

SAMPLES = Path(__file__).parents[1] / "tests" / "samples" / "openepcis"
REFERENCE = "epcis_event_hash_generator"


def a_second(round_of: Callable[[], int], seconds: float) -> float:
    """How many of what a round makes are made in a second of one core's time."""
    made, begun = 0, time.process_time()
    while (took := time.process_time() - begun) < seconds:
        made += round_of()
    return made / took


def forget() -> None:
    """Every identifier is new again."""
    for remembered in (event_hash._remembered, digital_link._remembered, digital_link._gtin_of, cbv.term):
        remembered.cache_clear()


def ours(events: list[epcis.Submitted], version: str, first_time: bool) -> int:
    if first_time:
        forget()
    for event in events:
        event_hash.event_id(event, version)
    return len(events)


def theirs(documents: list[Path]) -> int:
    from epcis_event_hash_generator.events_from_file_reader import event_list_from_file
    from epcis_event_hash_generator.hash_generator import epcis_hashes_from_events

    return sum(len(epcis_hashes_from_events(event_list_from_file(str(path)))) for path in documents)


def main(seconds: float) -> None:
    documents = sorted(SAMPLES.glob("*.json"))
    events = [event for path in documents for event in epcis.read(jcs.parse(path.read_bytes()))]
    print(f"{len(events)} events of {len(documents)} documents, on one core:")
    for version in event_hash.VERSIONS:
        again, first = (a_second(partial(ours, events, version, new), seconds) for new in (False, True))
        print(f"{version}: {again:,.0f} a second, {first:,.0f} with every identifier new")
    if importlib.util.find_spec(REFERENCE):
        print(f"the reference: {a_second(partial(theirs, documents), seconds):,.0f} a second, reading included")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 3)
