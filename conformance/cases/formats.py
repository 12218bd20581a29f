"""In which form answers come: versions, forms of identifiers, media types (E6)."""

from urllib.parse import quote

from conformance.clauses import NotOffered, Weight, clause
from conformance.documents import Event, as_link, event, piece
from conformance.repository import Repository, events_of, expect, header, problem, require

EVENTS = "/events"
_LINK = "Always_GS1_Digital_Link"


def _answered(repository: Repository, told: Event, form: str) -> Event:
    """An event as it is answered with a form of identifiers asked for; a form that is not spoken is 406."""
    headers = {"GS1-EPC-Format": form} if form else {}
    answer = repository.get(f"/events/{quote(told['eventID'], safe='')}", headers=headers)
    if form and answer.status_code == 406:
        raise NotOffered(f"GS1-EPC-Format: {form} → 406")
    [found] = events_of(expect(answer, 200))
    return found


def _form(name: str, form: str, as_told: bool, urn: bool, weight: Weight = Weight.MUST) -> None:
    """A piece told as URN or as link comes back in one form."""

    @clause(EVENTS, f"E6 {name}", "openapi GS1-EPC-Format", weight)
    def _(repository: Repository) -> None:
        mine = piece()
        told = event(epcList=[mine if urn else as_link(mine)])
        repository.captured(told)
        [epc] = _answered(repository, told, form)["epcList"]
        if as_told:
            require(epc == told["epcList"][0], f"it was told as {told['epcList'][0]}, and is {epc}")
        elif form == "Always_EPC_URN":
            require(epc == mine, f"it is {epc}, and not {mine}")
        else:
            path = as_link(mine).removeprefix("https://id.gs1.org")
            require(epc.startswith(("https://", "http://")) and epc.endswith(path), f"it is {epc}")


_form("the default is Always_GS1_Digital_Link", "", as_told=False, urn=True)
_form(f"{_LINK}: a URN is answered as link", _LINK, as_told=False, urn=True)
_form(f"{_LINK}: a link stays a link", _LINK, as_told=True, urn=False)
_form("Always_EPC_URN: a URN stays a URN", "Always_EPC_URN", as_told=False, urn=True)
_form("Always_EPC_URN: a link is answered as URN", "Always_EPC_URN", as_told=False, urn=False, weight=Weight.MAY)
_form("Never_Translates: a URN stays a URN", "Never_Translates", as_told=True, urn=True)
_form("Never_Translates: a link stays a link", "Never_Translates", as_told=True, urn=False)


@clause(EVENTS, "E6 No_Preference is answered in some form", "openapi GS1-EPC-Format")
def _(repository: Repository) -> None:
    told = event()
    repository.captured(told)
    require(len(_answered(repository, told, "No_Preference")["epcList"]) == 1, "the piece is gone")


@clause(EVENTS, "E6 an unknown GS1-EPC-Format is not acceptable", "openapi GET /events 406", Weight.MAY)
def _(repository: Repository) -> None:
    answer = repository.get(EVENTS, params={"perPage": 1}, headers={"GS1-EPC-Format": "Always_Barcode"})
    problem(answer, 406, "NotAcceptableException")


@clause(EVENTS, "E6 a version within GS1-EPCIS-Min and -Max is answered in", "openapi GS1-EPCIS-Min, GS1-EPCIS-Max")
def _(repository: Repository) -> None:
    headers = {"GS1-EPCIS-Min": "2.0.0", "GS1-EPCIS-Max": "2.0.0", "GS1-CBV-Min": "2.0.0", "GS1-CBV-Max": "2.9.0"}
    answer = expect(repository.get(EVENTS, params={"perPage": 1}, headers=headers), 200)
    require(header(answer, "GS1-EPCIS-Version").startswith("2.0"), "the answer is of another version")


def _accepts(media_type: str) -> None:
    @clause(EVENTS, f"E6 events are answered as {media_type}", "openapi GET /events 200, content")
    def _(repository: Repository) -> None:
        told = event()
        repository.captured(told)
        headers = {"Accept": media_type}
        answer = repository.get(EVENTS, params={"EQ_eventID": told["eventID"]}, headers=headers)
        require(len(events_of(expect(answer, 200))) == 1, "the event is not found")


_accepts("application/json")
_accepts("*/*")


@clause(
    EVENTS, "E6 what is wanted as text/csv is not acceptable", "openapi GET /events 406; RFC 9110 §15.5.7", Weight.MAY
)
def _(repository: Repository) -> None:
    answer = repository.get(EVENTS, params={"perPage": 1}, headers={"Accept": "text/csv"})
    problem(answer, 406, "NotAcceptableException")
