"""What the pages of exchanged documents show, decided and said in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from hub.lists import CountedPage, Search
from hub.models.party import Organization
from hub.ubl.names import Kind
from hub.web.i18n import N_, Language
from hub.web.view import Narrowed, Nothing, Paging, State, Tab, counted_paging
from supplier_portal.exchange import inbox
from supplier_portal.exchange.models import Outcome, TradeDocument

KINDS: dict[str, str] = {
    Kind.ORDER: N_("Order"),
    Kind.ORDER_CHANGE: N_("Order change"),
    Kind.ORDER_RESPONSE: N_("Answer to an order"),
    Kind.DESPATCH_ADVICE: N_("Dispatch advice"),
    Kind.RECEIPT_ADVICE: N_("Receipt advice"),
    Kind.FORECAST: N_("Forecast"),
    Kind.SELF_BILLED_INVOICE: N_("Self-billed invoice"),
}
_UNREADABLE = N_("File that could not be opened")
_STATES = {
    Outcome.TAKEN: State(N_("Taken"), "ok", "ok"),
    Outcome.REFUSED: State(N_("Refused"), "no", "stop"),
}
_TABS = {"": N_("All"), Outcome.TAKEN.value: N_("Taken"), Outcome.REFUSED.value: N_("Refused")}
_DONE = {"order": N_("Order"), "shipment": N_("Dispatch advice"), "sscc": N_("SSCC")}
_TAKES = {
    "/supplier": N_("An OrderResponse or a DespatchAdvice in UBL 2.3, as XML; at most %(most)s KB."),
    "/buyer": N_("An Order in UBL 2.3, as XML; at most %(most)s KB."),
}


@dataclass(frozen=True)
class Row:
    """A document in the list; ``why`` is the first reason for which it was refused."""

    address: str
    kind: str
    number: str
    received: str
    order: str
    state: State
    why: str


@dataclass(frozen=True)
class DocumentsPage:
    """The documents that were sent here, or else ``nothing``; ``takes`` says which may be put in."""

    address: str
    orders: str
    search: str
    kept: Sequence[tuple[str, str]]
    tabs: Sequence[Tab]
    rows: Sequence[Row]
    paging: Paging | None
    nothing: Nothing | None
    takes: str


@dataclass(frozen=True)
class Fault:
    """A reason, with the line that it is about where it does not name it itself, or an element; each may be empty."""

    what: str
    line: str
    element: str


@dataclass(frozen=True)
class DocumentPage:
    """One document: what it brought about, what of it nobody read, or why it was refused."""

    all: str
    title: str
    state: State
    lead: str
    facts: Sequence[tuple[str, str]]
    done: Sequence[tuple[str, str]]
    order: str
    faults: Sequence[Fault]
    unread: Sequence[Fault]
    content: str
    again: str
    sha256: str


def path_of(base: str) -> str:
    """Where a side's documents are."""
    return f"{base}/orders/documents"


def documents_page(
    base: str, found: CountedPage[TradeDocument], outcome: str, own: Organization, speaks: Language
) -> DocumentsPage:
    """The list of documents."""
    search = found.search
    here = Narrowed(path_of(base), Search(search.words, search.page, search.size, outcome))
    return DocumentsPage(
        address=path_of(base),
        orders=f"{base}/orders",
        search=search.words,
        kept=here.kept,
        tabs=[Tab(speaks.gettext(word), here.address(state=state), state == outcome) for state, word in _TABS.items()],
        rows=[_row(base, document, own, speaks) for document in found.rows],
        paging=counted_paging(here.address(), found, speaks) if found.rows else None,
        nothing=None if found.rows else _nothing(search.words or outcome, speaks),
        takes=takes(base, speaks),
    )


def takes(base: str, speaks: Language) -> str:
    """What may be put in here."""
    return speaks.gettext(_TAKES[base], most=speaks.number(inbox.MOST_BYTES // 1024))


def document_page(base: str, document: TradeDocument, own: Organization, speaks: Language) -> DocumentPage:
    """One document."""
    address = f"{path_of(base)}/{document.id}"
    taken = document.outcome is Outcome.TAKEN
    return DocumentPage(
        all=path_of(base),
        title=" ".join(part for part in (_kind(document, speaks), document.number) if part),
        state=_state(document, speaks),
        lead="" if taken else speaks.gettext("Nothing of it was done. Put the cause right, then put it in again."),
        facts=_facts(document, own, speaks),
        done=[(speaks.gettext(word), document.done[name]) for name, word in _DONE.items() if document.done.get(name)],
        order=f"{base}/orders/{quote(document.done['order'])}" if document.done.get("order") else "",
        faults=[_fault(fault, speaks) for fault in document.faults],
        unread=[Fault("", _line(part["line"], speaks), part["element"]) for part in document.unread],
        content=f"{address}/content.xml",
        again="" if taken else f"{address}/again",
        sha256=document.sha256,
    )


def _facts(document: TradeDocument, own: Organization, speaks: Language) -> list[tuple[str, str]]:
    again = document.tries > 1
    said = [
        (N_("Came in"), speaks.moment(document.received_at, own)),
        (N_("Tried last"), speaks.moment(document.tried_at, own) if again else ""),
        (N_("Sent by"), document.sender),
        (N_("For order"), document.about),
        (N_("File"), document.file_name),
        (N_("Size"), speaks.gettext("%(kb)s KB", kb=speaks.number(max(1, round(document.size / 1024))))),
    ]
    return [(speaks.gettext(label), value) for label, value in said if value]


def _row(base: str, document: TradeDocument, own: Organization, speaks: Language) -> Row:
    return Row(
        address=f"{path_of(base)}/{document.id}",
        kind=_kind(document, speaks),
        number=document.number or document.file_name,
        received=speaks.moment(document.received_at, own),
        order=document.about,
        state=_state(document, speaks),
        why=_fault(document.faults[0], speaks).what if document.faults else "",
    )


def _kind(document: TradeDocument, speaks: Language) -> str:
    return speaks.gettext(KINDS.get(document.kind, _UNREADABLE))


def _state(document: TradeDocument, speaks: Language) -> State:
    state = _STATES[document.outcome]
    return state._replace(word=speaks.gettext(state.word))


def _fault(fault: Mapping[str, Any], speaks: Language) -> Fault:
    values = {name: inbox.told(value) for name, value in fault["values"].items()}
    line = 0 if "%(line)s" in fault["sentence"] else fault["line"]
    return Fault(speaks.sentence(fault["sentence"], values), _line(line, speaks), "")


def _line(number: int, speaks: Language) -> str:
    return speaks.gettext("Line %(number)s", number=number) if number else ""


def _nothing(asked: str, speaks: Language) -> Nothing:
    if asked:
        return Nothing(speaks.gettext("No document is like that."))
    return Nothing(
        speaks.gettext("No document was sent yet."),
        speaks.gettext("What your system sends here, or you put in by hand, is kept and shown here."),
    )
