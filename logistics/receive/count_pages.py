"""The page of one delivery: counted whole or in parts, undone, told."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from hub.access import Actor, Permission
from hub.models.base import now
from hub.models.trade import Shipment
from hub.web.deps import ActorDep, LanguageDep, SessionDep, requires
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.i18n import N_
from hub.web.idempotency import Once
from hub.web.routing import Router
from hub.web.templating import go, page
from logistics.drive import tracking
from logistics.receive import contents, parts, receiving, store, undoing
from logistics.receive.delivery_view import DeliverySheet, delivery_page
from logistics.receive.typed import TypedCounts, counts_of, photos_of

router = Router(prefix="/store/deliveries", dependencies=[requires(Permission.RECEIVE_GOODS)], include_in_schema=False)
Form = Annotated[Filled[TypedCounts], filled(TypedCounts)]


@router.get("/{sscc}")
def delivery(request: Request, sscc: str, actor: ActorDep, session: SessionDep, form: EmptyForm) -> HTMLResponse:
    """One delivery: what was announced, what happened on the way, and the count."""
    return _shown(request, session, actor, sscc, form)


@router.post("/{sscc}/receipt")
def receive(request: Request, sscc: str, actor: ActorDep, session: SessionDep, form: Form) -> Response:
    """Receive a delivery as it was counted."""
    shipment, at = store.delivery(session, actor, sscc).shipment, now()
    # A count that was kept on a phone may come twice; known, it is answered as the first time.
    once = Once.of_form(form.value("once"), f"receipt/{shipment.id}")
    if once.known(session) is None:
        _receive(session, actor, shipment, form, once, at)
    if form.errors:
        for name in set(form.files) - set(form.errors):
            form.errors[name] = form.language.gettext("Choose the photo once more: it was not sent with the rest.")
        return _shown(request, session, actor, sscc, form)
    toast = form.language.gettext(N_("Received: stock and ledger are told."))
    receipt = receiving.receipt_of(session, shipment)
    if receipt is not None and not receipt.told:
        toast = form.language.gettext(N_("Received. You can undo it for a while; then the others are told."))
    return go(request, f"/store/deliveries/{shipment.sscc}", toast=toast)


@router.post("/{sscc}/parts")
def keep_part(request: Request, sscc: str, actor: ActorDep, session: SessionDep, form: Form) -> Response:
    """Keep what came so far; more is to come."""
    shipment, at = store.delivery(session, actor, sscc).shipment, now()
    once = Once.of_form(form.value("once"), f"part/{shipment.id}")
    if once.known(session) is None:
        counts = counts_of(session, shipment, form, part=True)

        def work() -> str:
            return str(parts.keep(session, actor, shipment, counts, at=at).id)

        if not form.errors:
            with form.attempt(session, "lines.0.answer"):
                once.kept(session, work)
    if form.errors:
        return _shown(request, session, actor, sscc, form)
    toast = form.language.gettext(N_("Counted so far: the rest is counted when it comes."))
    return go(request, f"/store/deliveries/{shipment.sscc}", toast=toast)


@router.post("/{sscc}/parts/{part_id}/back")
def take_part_back(
    request: Request, sscc: str, part_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep
) -> Response:
    """Forget a part that was counted wrongly."""
    shipment = store.delivery(session, actor, sscc).shipment
    parts.take_back(session, actor, shipment, part_id)
    return go(request, f"/store/deliveries/{shipment.sscc}", toast=speaks.gettext("This part is taken back."))


@router.post("/{sscc}/receipt/undo")
def undo(request: Request, sscc: str, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Take the receipt back, and count anew."""
    shipment = store.delivery(session, actor, sscc).shipment
    undoing.undo(session, actor, shipment, at=now())
    toast = speaks.gettext("Undone: nobody was told. Count the delivery anew.")
    return go(request, f"/store/deliveries/{shipment.sscc}", toast=toast)


@router.post("/{sscc}/receipt/told")
def tell(request: Request, sscc: str, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Tell supplier, stock and ledger now."""
    shipment = store.delivery(session, actor, sscc).shipment
    undoing.finish_now(session, actor, shipment)
    toast = speaks.gettext("Received: stock and ledger are told.")
    return go(request, f"/store/deliveries/{shipment.sscc}", toast=toast)


def _receive(
    session: Session, actor: Actor, shipment: Shipment, form: Filled[TypedCounts], once: Once, at: datetime
) -> None:
    """Receive what a form counts, once; what is wrong with it is said beside its field."""
    count, photos = counts_of(session, shipment, form), photos_of(form)
    if form.errors or form.read is None:
        return
    counted = receiving.Counted(lines=count, note=form.read.note, disputed=form.read.disputed)

    def work() -> str:
        return str(receiving.receive(session, actor, shipment, counted, at=at, photos=photos).id)

    with form.attempt(session):
        once.kept(session, work)


def _shown(request: Request, session: Session, actor: Actor, sscc: str, form: Filled[Any]) -> HTMLResponse:
    held = store.delivery(session, actor, sscc)
    lines = contents.announced(session, held.shipment)
    sheet = DeliverySheet(
        held,
        lines,
        held.place.day(held.receipt.received_at if held.receipt else now()),
        counted=contents.counted(session, held.receipt) if held.receipt else {},
        readings=tracking.readings(session, held.shipment.id),
        recalled=store.recalled(session, [line.item.id for line in lines]),
        parts=parts.of(session, held.shipment),
        earlier=undoing.earlier(session, held.shipment),
    )
    status = 422 if form.errors else 200
    shown = delivery_page(sheet, form.language)
    return page(request, "receive/delivery.html", status=status, delivery=shown, form=form)
