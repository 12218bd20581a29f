"""Stores and centres, farms and packing houses, depots: the places of an organisation."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import HTMLResponse
from sqlmodel import Session, col, select

from hub.access import Actor
from hub.models.party import Place, PlaceKind
from hub.pages.settings.registers.register_pages import pages_of
from hub.pages.settings.registers.section import Field, Section, Words
from hub.registry.places import Places
from hub.web.deps import ActorDep, LanguageDep, SessionDep
from hub.web.drawing import Chart, Point
from hub.web.i18n import N_, NN_, Language
from hub.web.templating import page
from hub.web.words import WEEKDAYS

KINDS = (
    (PlaceKind.STORE.value, N_("Store")),
    (PlaceKind.DISTRIBUTION_CENTRE.value, N_("Distribution centre")),
    (PlaceKind.FARM.value, N_("Farm, field or greenhouse")),
    (PlaceKind.PACKHOUSE.value, N_("Packing house or plant")),
    (PlaceKind.DEPOT.value, N_("Depot")),
)
_PLACES = Places()
_MOST_DRAWN, _MOST_NAMED = 400, 30
_SQUARE = (PlaceKind.DISTRIBUTION_CENTRE, PlaceKind.PACKHOUSE, PlaceKind.DEPOT)


def chart_of(session: Session, actor: Actor, speaks: Language, marked: Place | None) -> Chart | None:
    """The organisation's own places on a map, with one of them filled; a square is where goods set out."""
    places = _own(session, actor)
    if marked is None:
        named = len(places) <= _MOST_NAMED
        points = [_point(place, speaks, named=named) for place in places]
        return Chart(points, (), speaks.gettext("Your places")) if points else None
    points = [_point(place, speaks) for place in places if place.id != marked.id]
    points.append(Point(marked.latitude, marked.longitude, speaks.name(marked), "done"))
    return Chart(points, (), speaks.gettext("Your places; this one is filled"))


def _own(session: Session, actor: Actor) -> Sequence[Place]:
    """The places that are in use; of very many those that came first."""
    used = select(Place).where(_PLACES.mine(actor), ~_PLACES.over())
    return session.exec(used.order_by(col(Place.id)).limit(_MOST_DRAWN)).all()


def _point(place: Place, speaks: Language, *, named: bool = False) -> Point:
    kind = "depot" if place.kind in _SQUARE else "stop"
    return Point(place.latitude, place.longitude, speaks.name(place) if named else "", kind)


def _where(latitude: str, longitude: str) -> tuple[float, float] | None:
    """A place on earth as it was typed; None while it is none."""
    try:
        north, east = float(latitude), float(longitude)
    except ValueError:
        return None
    return (north, east) if abs(north) <= 90 and abs(east) <= 180 else None


SECTION = Section(
    register=_PLACES,
    path="/settings/places",
    beside=(N_("Links behind its codes"), "/settings/links?q={gln}"),
    words=Words(
        title=N_("Places"),
        add=N_("Add a place"),
        added=N_("The place is added."),
        end=N_("Close this place"),
        end_text=N_("Nothing new is sent there from today on. What was recorded of it stays; you can open it again."),
        ended=N_("The place is closed from today on."),
        again=N_("Open it again"),
        counted=NN_("%(num)s place.", "%(num)s places."),
        search=N_("Name or GLN"),
        nothing=(N_("No place yet."), N_("Add the first one, or take a whole sheet in.")),
    ),
    fields=(
        Field("name_zh", N_("Chinese name"), required=True, attributes={"maxlength": "120"}),
        Field("name_en", N_("English name"), N_("Without one, English pages show the Chinese name.")),
        Field("kind", N_("Kind"), kind="choice", options=KINDS, listed=True),
        Field(
            "gln",
            N_("GLN"),
            N_("13 digits, from GS1. Without one it gets a number of the hub's own, which you can replace later."),
            attributes={"inputmode": "numeric", "autocomplete": "off"},
        ),
        Field("latitude", N_("Latitude"), N_("Such as 36.667."), kind="number", required=True),
        Field("longitude", N_("Longitude"), N_("Such as 117.077."), kind="number", required=True),
        Field("opens", N_("Takes goods from"), kind="time", listed=True),
        Field("closes", N_("Takes goods until"), kind="time", listed=True),
        Field("closed_on", N_("Closed on"), N_("Nothing is delivered on these days."), "several", options=WEEKDAYS),
        Field("docks", N_("Docks"), kind="number", attributes={"inputmode": "numeric"}),
        Field(
            "served_from",
            N_("Served from"),
            N_("One of your distribution centres; in a sheet, its GLN."),
            kind="choice",
        ),
    ),
    chart=chart_of,
)
router = pages_of(SECTION)


@router.get("/map/at")
def show_map(
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    speaks: LanguageDep,
    place: Annotated[str, Query(max_length=40)] = "",
    latitude: Annotated[str, Query(max_length=40)] = "",
    longitude: Annotated[str, Query(max_length=40)] = "",
) -> HTMLResponse:
    """The map while somebody types where a place lies; without the place until both can be read."""
    others = [other for other in _own(session, actor) if str(other.id) != place]
    label = speaks.gettext(N_("Your places; this one is filled"))
    points = [_point(other, speaks) for other in others]
    where = _where(latitude, longitude)
    if where is not None:
        points.append(Point(*where, kind="done"))
    return page(request, "settings/registers/_map.html", chart=Chart(points, (), label) if points else None)
