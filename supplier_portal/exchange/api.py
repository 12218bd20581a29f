"""Trade documents over HTTP: orders, answers and forecasts are read as UBL 2.3, and documents are sent here.

A supplier with a system of its own trades by these doors alone; `docs/exchange.md` tells a week of it.
"""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse, Response

from hub.access import Permission
from hub.errors import InvalidInput, NotAllowed, NotFound, filled
from hub.gs1.xml.parsing import MalformedXML
from hub.lists import Search
from hub.models.base import now, plain
from hub.models.settling import Statement, StatementReply
from hub.ubl.reading import NotRead, NotUbl
from hub.ubl.schemas import InvalidUbl
from hub.web.deps import ActorDep, SessionDep, requires
from hub.web.problems import WrongContentType, answer, problems
from hub.web.routing import Router
from hub.web.xml import Xml
from supplier_portal import lookup
from supplier_portal.api import Gln
from supplier_portal.exchange import effects, inbox, outgoing
from supplier_portal.exchange.codes import UnknownCode
from supplier_portal.exchange.models import Outcome, TradeDocument
from supplier_portal.orders import order_book, orders
from supplier_portal.orders.answering import answers
from supplier_portal.orders.order_book import ANSWERED, UNANSWERED
from supplier_portal.settling import statements

router = Router(prefix="/api", tags=["Trade documents"])
_READS = requires(Permission.ANSWER_ORDERS, Permission.PLACE_ORDERS)
_COMMITS = requires(Permission.COMMIT_TO_FORECASTS)
_XML = ("application/xml", "text/xml")
_REFUSALS = problems(
    MalformedXML,
    NotUbl,
    InvalidUbl,
    NotRead,
    NotAllowed,
    NotFound,
    InvalidInput,
    WrongContentType,
    inbox.DocumentTooLarge,
    inbox.DocumentEmpty,
    inbox.DocumentNumberUsed,
    effects.NotYours,
    effects.UnknownLine,
    effects.WrongItem,
    effects.WrongUnit,
    effects.WrongCurrency,
    effects.WrongPrice,
    effects.LotContradicts,
    UnknownCode,
    orders.OrderNotOpen,
    answers.AnswerIncomplete,
    answers.AnswerContradicts,
)


async def _sent(request: Request) -> bytes:
    """The body as it came, refused unless it says it is XML."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _XML:
        raise WrongContentType(f"Content-Type: {kind or '?'}", wanted=", ".join(_XML))
    return await request.body()


Sent = Annotated[bytes, Depends(_sent)]


@router.get(
    "/orders/{number}.xml", response_class=Xml, dependencies=[_READS],
    responses=problems(NotFound, lookup.OrderAmbiguous),
)  # fmt: skip
def order_in_ubl(number: str, actor: ActorDep, session: SessionDep, buyer: Gln = "") -> Response:
    """An order as an Order of UBL 2.3; its lines are numbered as answers and advices name them."""
    placed = lookup.order(session, actor, number, buyer)
    return Xml.of(outgoing.order(session, actor, placed, at=now()))


@router.get(
    "/orders/{number}/response.xml", response_class=Xml, dependencies=[_READS],
    responses=problems(NotFound, lookup.OrderAmbiguous),
)  # fmt: skip
def response_in_ubl(number: str, actor: ActorDep, session: SessionDep, buyer: Gln = "") -> Response:
    """The supplier's answer to an order as an OrderResponse of UBL 2.3, as it stands now."""
    placed = lookup.order(session, actor, number, buyer)
    return Xml.of(outgoing.response(session, actor, placed, at=now()))


@router.get("/forecast.xml", response_class=Xml, dependencies=[_COMMITS], responses=problems(NotFound))
def forecast_in_ubl(
    actor: ActorDep,
    session: SessionDep,
    buyer: Annotated[str, Query(max_length=13, description="The buyer's GLN.")],
) -> Response:
    """What a buyer expects of your items in the weeks to come, as a Forecast of UBL 2.3."""
    return Xml.of(outgoing.forecast(session, actor, lookup.buyer(session, buyer), at=now()))


@router.get("/statements", dependencies=[_READS])
def list_statements(actor: ActorDep, session: SessionDep) -> dict[str, Any]:
    """The statements of what is owed by the month, the newest first, with what their supplier said to each."""
    rows = [row for row in statements.months(session, actor) if row.statement is not None]
    parties = lookup.organizations(session, {row.other_id for row in rows})
    listed = [_stated(row.statement, row.reply, parties[row.other_id].gln) for row in rows if row.statement]
    return {"statements": listed}


def _stated(statement: Statement, reply: StatementReply | None, other: str) -> dict[str, Any]:
    said = None if reply is None else {"agrees": reply.agrees, "words": reply.words, "at": reply.replied_at}
    return {
        "number": statement.number,
        "with": other,
        "month": f"{statement.month:%Y-%m}",
        "total": plain(statement.total),
        "currency": statement.currency,
        "reply": said,
        "address": f"/api/statements/{statement.id}.xml",
    }


@router.get(
    "/statements/{statement_id}.xml", response_class=Xml, dependencies=[_READS], responses=problems(NotFound)
)  # fmt: skip
def statement_in_ubl(statement_id: UUID, actor: ActorDep, session: SessionDep) -> Response:
    """What a buyer stated that it owes for a month, as a SelfBilledInvoice of UBL 2.3."""
    return Xml.of(outgoing.invoice(session, statements.find(session, actor, statement_id)))


@router.get("/documents/waiting", dependencies=[_READS])
def list_waiting(actor: ActorDep, session: SessionDep) -> dict[str, Any]:
    """What waits for you: orders to answer for a supplier, answers of suppliers for a buyer, with their addresses."""
    supplies = Permission.ANSWER_ORDERS in actor.permissions
    list_ = order_book.supplier_orders if supplies else order_book.buyer_orders
    states = UNANSWERED if supplies else ANSWERED
    found = list_(session, actor, Search(size=200), at=now(), states=states)
    parties = lookup.organizations(session, {row.order.owner_id for row in found.rows})
    kind, end = ("Order", ".xml") if supplies else ("OrderResponse", "/response.xml")
    rows = [
        {
            "kind": kind,
            "order": row.order.number,
            "buyer": parties[row.order.owner_id].gln,
            "respond_by": row.order.respond_by,
            "deliver_on": row.order.deliver_on,
            "address": f"/api/orders/{row.order.number}{end}?buyer={parties[row.order.owner_id].gln}",
        }
        for row in found.rows
    ]
    return {"documents": rows, "total": found.total}


@router.post(
    "/documents", status_code=201, dependencies=[_READS],
    responses=_REFUSALS,
)  # fmt: skip
def send_document(content: Sent, request: Request, actor: ActorDep, session: SessionDep) -> Response:
    """Send an OrderResponse, a DespatchAdvice or, as a buyer, an Order, in UBL 2.3 as `application/xml`.

    It is kept as it came, whatever becomes of it, and does what the API and the pages do. Refused, the problem names
    the line of the file (`line`) and the kept document (`document`). The same bytes again are the same document:
    answered as the first time once taken (200), tried anew while refused.
    """
    return _answered(request, inbox.take(session, actor, content, at=now()))


@router.get("/documents", dependencies=[_READS])
def list_documents(
    actor: ActorDep,
    session: SessionDep,
    outcome: Outcome | None = None,
    q: Annotated[str, Query(max_length=100)] = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """The documents you sent, the latest first; `q` searches kinds, numbers and orders."""
    found = inbox.listed(session, actor, Search(q, page, size), outcome)
    return {"documents": [_told(row) for row in found.rows], "total": found.total, "page": page, "size": size}


@router.get("/documents/{document_id}", dependencies=[_READS], responses=problems(NotFound))
def show_document(document_id: UUID, actor: ActorDep, session: SessionDep) -> dict[str, Any]:
    """A document you sent: what it brought about and what of it nobody read, or why it was refused."""
    return _told(inbox.find(session, actor, document_id))


@router.get(
    "/documents/{document_id}/content.xml", response_class=Xml, dependencies=[_READS], responses=problems(NotFound)
)
def content_of_document(document_id: UUID, actor: ActorDep, session: SessionDep) -> Response:
    """A document you sent, byte for byte."""
    document = inbox.find(session, actor, document_id)
    return Xml.kept(document.content, document.number or str(document.id))


@router.post("/documents/{document_id}/again", status_code=201, dependencies=[_READS], responses=_REFUSALS)
def send_document_again(document_id: UUID, request: Request, actor: ActorDep, session: SessionDep) -> Response:
    """Put a refused document in again as it came; one that was taken is answered as it was."""
    return _answered(request, inbox.again(session, actor, document_id, at=now()))


def _answered(request: Request, taken: inbox.Taken) -> Response:
    """What became of a document. Its refusal is answered, not raised: what is kept of it stays."""
    if taken.refusal is None:
        headers = {"Location": f"/api/documents/{taken.document.id}"}
        return JSONResponse(jsonable_encoder(_told(taken.document)), 200 if taken.known else 201, headers)
    refusal = taken.refusal
    refusal.extra |= {"document": str(taken.document.id)}
    if taken.document.faults and taken.document.faults[0]["line"]:
        refusal.extra["line"] = taken.document.faults[0]["line"]
    return answer(request, refusal)


def _told(document: TradeDocument) -> dict[str, Any]:
    return {
        "id": document.id,
        "kind": document.kind,
        "number": document.number,
        "order": document.about,
        "received_at": document.received_at,
        "tried_at": document.tried_at,
        "tries": document.tries,
        "sender": document.sender,
        "sha256": document.sha256,
        "size": document.size,
        "outcome": document.outcome,
        "code": document.code,
        "errors": [
            {
                "where": fault["element"],
                "what": filled(fault["sentence"], {name: inbox.told(v) for name, v in fault["values"].items()}),
                "line": fault["line"],
            }
            for fault in document.faults
        ],
        "done": document.done,
        "unread": document.unread,
    }
