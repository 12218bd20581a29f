"""The forms of a lot's life, for people who never heard of EPCIS: each becomes one record."""

from decimal import Decimal
from functools import partial
from typing import Annotated, Any

from fastapi import Path, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from hub import documents, pictures
from hub.access import Actor, Permission
from hub.errors import InvalidInput, NotFound
from hub.models.base import now
from hub.models.catalogue import Lot, TradeItem
from hub.models.party import Organization
from hub.pages.files import Sha256
from hub.pdf import alone, pages
from hub.trace import records
from hub.trace.records import Batch, Scene
from hub.web import uploads
from hub.web.deps import ActorDep, SessionDep, requires
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.idempotency import Once
from hub.web.routing import Router
from hub.web.templating import go, page
from supplier_portal import lookup
from supplier_portal.dispatch import consignments
from supplier_portal.lots import lot_book
from supplier_portal.lots.desk import Desk, DeskDep, shown
from supplier_portal.lots.recording import laboratory, writing
from supplier_portal.lots.recording.forms import Anything, Growing, Harvest, NewLot, Packing, Spraying, Test
from supplier_portal.lots.recording.view import lot_beginning, present_on
from supplier_portal.lots.recording.writing import F, Writes

router = Router(prefix="/supplier/lots", dependencies=[requires(Permission.PUBLISH_EVENTS)], include_in_schema=False)


@router.get("/new")
def new(
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: EmptyForm,
    item: Annotated[str, Query(max_length=14)] = "",
) -> HTMLResponse:
    """The form that begins a lot."""
    chosen = str(lookup.own_item(session, actor, item).id) if item else ""
    return _new(request, session, actor, form, chosen)


@router.post("/new")
def begin(
    request: Request, actor: ActorDep, session: SessionDep, form: Annotated[Filled[NewLot], filled(NewLot)]
) -> Response:
    """Begin a lot in the field, or record one that was made in a day."""
    lot = _begun(session, actor, form, form.read) if form.read else None
    if lot is None:
        return _new(request, session, actor, form)
    begun = form.language.gettext("Lot %(number)s has begun.", number=lot.number)
    return go(request, f"/supplier/lots/{lot.id}", begun)


def _begun(session: Session, actor: Actor, form: Filled[NewLot], lot: NewLot) -> Lot | None:
    """The lot that a form begins, None where it is refused."""
    item = session.get(TradeItem, lot.item)
    if item is None or item.owner_id != actor.organization_id:
        raise NotFound("You make no such item.")
    with form.attempt(session, "number"):
        scene = writing.scene(session, actor, lot)
        if lot.way == "plant":
            return records.plant(session, item, lot.number, scene, area_m2=lot.area)
        batch = Batch(lot.quantity or Decimal(0), lot.best_before)
        return records.make(session, item, lot.number, scene, batch)
    return None


def _new(request: Request, session: Session, actor: Actor, form: Filled[Any], chosen: str = "") -> HTMLResponse:
    own = session.get_one(Organization, actor.organization_id)
    beginning = lot_beginning(
        lot_book.own_items(session, actor),
        consignments.sources(session, actor),
        present_on(own, now()),
        form.language,
        chosen=chosen,
    )
    return page(
        request, "lots/recording/lot-new.html", status=422 if form.errors else 200, form=form, beginning=beginning
    )


@router.post("/{lot_id}/spray")
def spray(desk: DeskDep, form: Annotated[Filled[Spraying], filled(Spraying)]) -> Response:
    """Record a plant protection product."""
    return _recorded(desk, form, "spray", writing.spray)


@router.post("/{lot_id}/grow")
def grow(desk: DeskDep, form: Annotated[Filled[Growing], filled(Growing)]) -> Response:
    """Record what the sensors measured."""
    return _recorded(desk, form, "grow", writing.grow)


@router.post("/{lot_id}/harvest")
def harvest(desk: DeskDep, form: Annotated[Filled[Harvest], filled(Harvest)]) -> Response:
    """Record the harvest, with which the lot comes into being."""
    return _recorded(desk, form, "harvest", writing.harvest)


@router.post("/{lot_id}/test")
def test(desk: DeskDep, form: Annotated[Filled[Test], filled(Test)]) -> Response:
    """Record what a laboratory found."""
    return _recorded(desk, form, "test", writing.test)


@router.post("/{lot_id}/test/read")
def read(desk: DeskDep, form: Annotated[Filled[Any], filled(Anything)]) -> Response:
    """Fill in the form of a test from a laboratory's PDF, which is kept; whoever reads it confirms what it says."""
    uploads.take(desk.session, form, "file", pictures.paper)
    if form.value("file") and not form.errors:
        with form.attempt(desk.session, "file"):
            _fill_in(desk, form)
    elif not form.errors:
        form.refuse("file", form.language.gettext("Choose the laboratory's PDF first."))
    return shown(desk, form, "test")


def _fill_in(desk: Desk, form: Filled[Any]) -> None:
    """Put into a form what the PDF that it names says."""
    document = documents.find(desk.session, form.value("file"))
    if document.media_type != pictures.PDF:
        raise InvalidInput("This is no PDF: a picture has no text to read. Enter its values yourself.", at="file")
    shown_pages = pages.pages(document.content)
    report = laboratory.read("\n".join(page.text for page in shown_pages))
    if not report.values:
        raise InvalidInput("No values could be read of this PDF. Enter them yourself; the file is kept.", at="file")
    form.values |= report.values | {"pages": str(len(shown_pages))}
    if report.sampled_on:
        form.values["at"] = f"{report.sampled_on}T08:00"


@router.get("/{lot_id}/papers/{sha256}/{number}.png")
def paper(desk: DeskDep, sha256: Sha256, number: Annotated[int, Path(ge=0, lt=alone.MOST_PAGES)]) -> Response:
    """A page of a PDF of one's own, as a picture to read beside the form."""
    document = documents.find(desk.session, documents.require_own(desk.session, sha256, "file"))
    shown_pages = pages.pages(document.content) if document.media_type == pictures.PDF else []
    if number >= len(shown_pages):
        raise NotFound
    headers = {"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"}
    return Response(shown_pages[number].png, media_type=pictures.PNG, headers=headers)


@router.post("/{lot_id}/pack")
def pack(desk: DeskDep, form: Annotated[Filled[Packing], filled(Packing)]) -> Response:
    """Record what was packed."""
    return _recorded(desk, form, "pack", writing.pack)


def _recorded(desk: Desk, form: Filled[F], step: str, write: Writes[F]) -> Response:
    """Record a step of a lot as its form tells it, or show the form again with what is wrong beside its fields.

    A form that was kept on a phone without a line may come twice, and is recorded once.
    """
    session = desk.session
    uploads.take(session, form, "file", writing.CLEAN.get(step, pictures.paper))
    once = Once.of_form(form.value("once"), f"{step}/{desk.lot.id}")
    if form.read is not None and once.known(session) is None:
        with form.attempt(session, "at"):
            scene = writing.scene(session, desk.actor, form.read)
            once.kept(session, partial(_written, write, desk, scene, form.read))
    if form.read is None:
        return shown(desk, form, step)
    return go(desk.request, desk.address, form.language.gettext("Recorded. It is sealed within seconds."))


def _written(write: Writes[F], desk: Desk, scene: Scene, told: F) -> str:
    """The id of the record that a form became."""
    return str(write(desk.session, (desk.lot, desk.item), scene, told).id)
