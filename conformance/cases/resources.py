"""Top-level resources: what there is, and the events of each (E11)."""

from urllib.parse import quote

from conformance.cases.operations import KINDS
from conformance.clauses import clause
from conformance.documents import EXAMPLE, Event, aggregation, as_link, event, piece, place, token
from conformance.repository import Repository, content, events_of, expect, ids, problem, require

STEPS = (
    "accepting arriving assembling collecting commissioning consigning creating_class_instance cycle_counting "
    "decommissioning departing destroying disassembling dispensing encoding entering_exiting holding inspecting "
    "installing killing loading other packing picking receiving removing repackaging repairing replacing reserving "
    "retail_selling sampling sensor_reporting shipping staging_outbound stock_taking stocking storing transporting "
    "unloading unpacking void_shipping"
).split()
DISPOSITIONS = (
    "active container_closed damaged destroyed dispensed disposed encoded expired in_progress in_transit inactive "
    "no_pedigree_match non_sellable_other partially_dispensed recalled reserved retail_sold returned "
    "sellable_accessible sellable_not_accessible stolen unknown available completeness_verified completeness_inferred "
    "conformant container_open mismatch_instance mismatch_class mismatch_quantity needs_replacement non_conformant "
    "unavailable"
).split()
TYPES = "AggregationEvent AssociationEvent ObjectEvent TransactionEvent TransformationEvent".split()


def _told(kind: str) -> tuple[str, Event]:
    """A fresh member of a kind, and an event that speaks of it."""
    where = place()
    word = f"{EXAMPLE}words/{token()}"
    mine = piece()
    return {
        "eventTypes": ("ObjectEvent", event()),
        "epcs": (mine, event(epcList=[mine])),
        "bizSteps": (word, event(bizStep=word)),
        "bizLocations": (where, event(bizLocation={"id": where})),
        "readPoints": (where, event(readPoint={"id": where})),
        "dispositions": (word, event(disposition=word)),
    }[kind]


def _path(kind: str, name: str) -> str:
    return f"/{kind}/{quote(name, safe='')}"


def _members(repository: Repository, path: str) -> list[str]:
    """The members of a collection, over all pages."""
    found: list[str] = []
    answer = expect(repository.get(path, params={"perPage": 500}), 200)
    while True:
        told = content(answer)
        require(isinstance(told, dict) and told.get("type") == "Collection", "it is no Collection")
        require("@context" in told and isinstance(told.get("member"), list), "it has no @context or no member")
        found += told["member"]
        following = answer.links.get("next", {}).get("url", "")
        if not following or len(found) > 50_000:
            return found
        answer = expect(repository.get(following), 200)


def _kind(kind: str, one: str) -> None:
    @clause(f"/{kind}", f"E11 GET /{kind} lists what an event speaks of, once", f"openapi GET /{kind} 200")
    def _(repository: Repository) -> None:
        repository.offers(f"/{kind}")
        name, told = _told(kind)
        repository.captured(told)
        listed = _members(repository, f"/{kind}")
        end = name.rpartition(".")[2] if name.startswith("urn:epc") else name
        require(any(member.endswith(end) for member in listed), f"{name} is not listed")
        require(len(listed) == len(set(listed)), "something is listed twice")

    member = f"/{kind}/{{{one}}}"

    @clause(member, f"E11 GET {member} leads to its events", f"openapi GET {member} 200, ResourceCollection")
    def _(repository: Repository) -> None:
        repository.offers(f"/{kind}")
        name, told = _told(kind)
        repository.captured(told)
        require("events" in _members(repository, _path(kind, name)), "events is not among its resources")

    @clause(f"{member}/events", f"E11 GET {member}/events has its events", f"openapi GET {member}/events 200")
    def _(repository: Repository) -> None:
        repository.offers(f"/{kind}")
        name, told = _told(kind)
        repository.captured(told, aggregation())
        found = repository.events(f"{_path(kind, name)}/events", GE_recordTime="2020-01-01T00:00:00Z")
        require(told["eventID"] in ids(found), "its event is missing")
        if kind != "eventTypes":
            require(ids(found) == [told["eventID"]], "other events are there too")
        else:
            require({one["type"] for one in found} == {name}, "events of another type are there too")

    @clause(f"{member}/events", f"E11 a query narrows {member}/events", f"openapi GET {member}/events, parameters")
    def _(repository: Repository) -> None:
        repository.offers(f"/{kind}")
        name, told = _told(kind)
        another = {**told, "eventID": event()["eventID"], "action": "DELETE"}
        repository.captured(told, another)
        where, both = f"{_path(kind, name)}/events", f"{told['eventID']}|{another['eventID']}"
        require(
            ids(repository.events(where, EQ_action="DELETE", EQ_eventID=both)) == [another["eventID"]], "it does not"
        )
        problem(repository.get(where, params={"EQ_colour": "red"}), 400, "QueryParameterException")

    @clause(f"{member}/events", f"E11 {member}/events comes page by page", f"openapi GET {member}/events, Link")
    def _(repository: Repository) -> None:
        repository.offers(f"/{kind}")
        name, told = _told(kind)
        repository.captured(told, {**told, "eventID": event()["eventID"]})
        first = expect(repository.get(f"{_path(kind, name)}/events", params={"perPage": 1}), 200)
        require(len(events_of(first)) == 1 and "next" in first.links, "the first page is not one event and a Link")
        second = expect(repository.get(first.links["next"]["url"]), 200)
        require(ids(events_of(second)) != ids(events_of(first)), "the second page is the first")


for _name, _one in KINDS.items():
    _kind(_name, _one)


@clause("/eventTypes", "E11 GET /eventTypes lists the five of the standard", "openapi GET /eventTypes, description")
def _(repository: Repository) -> None:
    repository.offers("/eventTypes")
    require(set(TYPES) <= set(_members(repository, "/eventTypes")), "not all five are listed")


def _words(kind: str, prefix: str, words: list[str]) -> None:
    @clause(f"/{kind}", f"E11 GET /{kind} lists those of the CBV", f"openapi GET /{kind}, description")
    def _(repository: Repository) -> None:
        repository.offers(f"/{kind}")
        listed = {member.rpartition(prefix)[2].rpartition(":")[2] for member in _members(repository, f"/{kind}")}
        missing = [word for word in words if word not in listed]
        require(not missing, f"{len(missing)} of {len(words)} are not listed, such as {', '.join(missing[:3])}")


_words("bizSteps", "BizStep-", STEPS)
_words("dispositions", "Disp-", DISPOSITIONS)


def _forms(kind: str, name: str, told: Event, forms: list[str]) -> None:
    @clause(f"/{kind}", f"E11 {name} is the same in each of its forms", f"openapi GET /{kind}; CBV 2.0 forms of a term")
    def _(repository: Repository) -> None:
        repository.offers(f"/{kind}")
        fresh = told | {"eventID": event()["eventID"]}
        repository.captured(fresh)
        for form in forms:
            found = repository.events(f"{_path(kind, form)}/events", EQ_eventID=fresh["eventID"])
            require(len(found) == 1, f"it is not found as {form}")


_PIECE = piece()
_forms("epcs", "a piece", event(epcList=[_PIECE]), [_PIECE, as_link(_PIECE)])
_forms(
    "bizSteps",
    "a business step",
    event(bizStep="shipping"),
    ["shipping", "urn:epcglobal:cbv:bizstep:shipping", "https://ref.gs1.org/cbv/BizStep-shipping"],
)
_forms(
    "dispositions",
    "a disposition",
    event(disposition="damaged"),
    ["damaged", "urn:epcglobal:cbv:disp:damaged", "https://ref.gs1.org/cbv/Disp-damaged"],
)
