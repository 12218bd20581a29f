"""What the pages of the fleet show, decided and said in the reader's language; their templates lay it out."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from hub.lists import CountedPage
from hub.models.base import plain
from hub.models.catalogue import Temperature
from hub.models.party import Place, User
from hub.web.i18n import Language
from hub.web.view import Heading, Narrowed, Nothing, Paging, State, counted_paging
from logistics.fleet.fleet import Manned
from logistics.models import Vehicle
from logistics.view import temperature_class
from logistics.words import TEMPERATURES

_HERE = "/dispatch/vehicles"
Options = Sequence[tuple[str, str]]
"""What can be chosen in a form: values with their words."""


@dataclass(frozen=True)
class Choices:
    """Where a vehicle can stand, who can drive it, and how cold it can keep what it carries."""

    depots: Options
    drivers: Options
    temperatures: Options


@dataclass(frozen=True)
class Entry:
    """What a vehicle's form shows at first."""

    plate: str = ""
    depot_id: str = ""
    driver_id: str = ""
    temperature: str = Temperature.CHILLED.value
    capacity_kg: str = ""
    capacity_pallets: str = ""
    shift_start: str = "04:00"
    shift_end: str = "14:00"
    fixed_cost: int = 300
    cost_per_km: int = 3


@dataclass(frozen=True)
class Row:
    """A vehicle on the list; nobody may be its driver."""

    plate: str
    address: str
    depot: str
    capacity_kg: Decimal
    capacity_pallets: Decimal
    temperature: str
    shift: str
    driver: str
    state: State


@dataclass(frozen=True)
class VehiclesPage:
    """The fleet, or why none of it is shown, and a form for one more, which needs a depot."""

    summary: str
    search: str
    export: str
    columns: Sequence[Heading]
    rows: Sequence[Row]
    paging: Paging
    nothing: Nothing
    entry: Entry
    choices: Choices


@dataclass(frozen=True)
class VehiclePage:
    """One vehicle, to be changed, taken out of service or put back."""

    plate: str
    address: str
    entry: Entry
    choices: Choices
    state: State
    retired: bool


def choices_of(depots: Sequence[Place], drivers: Sequence[User], speaks: Language) -> Choices:
    """What can be chosen for a vehicle."""
    return Choices(
        depots=[(str(depot.id), speaks.name(depot)) for depot in depots],
        drivers=[("", speaks.gettext("Nobody yet")), *((str(driver.id), driver.name) for driver in drivers)],
        temperatures=[(kind.value, temperature_class(kind, speaks)) for kind in TEMPERATURES],
    )


def vehicles_page(found: CountedPage[Manned], ready: int, choices: Choices, speaks: Language) -> VehiclesPage:
    """The fleet, each vehicle with its depot and its driver; ``ready`` is how many of all are in service."""
    here = Narrowed(_HERE, found.search)
    return VehiclesPage(
        summary=speaks.ngettext("%(num)s vehicle can be planned.", "%(num)s vehicles can be planned.", ready),
        search=found.search.words,
        export=here.address("/export.csv"),
        columns=_columns(here, speaks),
        rows=[_row(vehicle, depot, driver, speaks) for vehicle, depot, driver in found.rows],
        paging=counted_paging(here.address(), found, speaks),
        nothing=_nothing(found.search.words, speaks),
        entry=Entry(),
        choices=choices,
    )


def vehicles_sheet(vehicles: Sequence[Manned], speaks: Language) -> tuple[list[str], list[list[Any]]]:
    """The fleet to take away: its headings and its rows."""
    _ = speaks.gettext
    headings = [
        _("Plate"),
        _("Depot"),
        "kg",
        _("Pallets"),
        _("Temperature"),
        _("Shift"),
        _("Driver"),
        _("State"),
    ]
    return headings, [
        [
            vehicle.plate,
            speaks.name(depot),
            plain(vehicle.capacity_kg),
            plain(vehicle.capacity_pallets),
            vehicle.temperature,
            _shift(vehicle),
            driver.name if driver else "",
            _state(vehicle, speaks).word,
        ]
        for vehicle, depot, driver in vehicles
    ]


def _columns(here: Narrowed, speaks: Language) -> Sequence[Heading]:
    return [
        here.heading(speaks.gettext("Plate"), "plate"),
        here.heading(speaks.gettext("Depot"), f"depot_{speaks.code}"),
        here.heading("kg", "weight", "num"),
        here.heading(speaks.gettext("Pallets"), "pallets", "num hide-m"),
        Heading(speaks.gettext("Temperature")),
        here.heading(speaks.gettext("Shift"), "shift"),
        here.heading(speaks.gettext("Driver"), "driver"),
        Heading(speaks.gettext("State")),
        Heading(""),
    ]


def _nothing(words: str, speaks: Language) -> Nothing:
    if words:
        text = speaks.gettext("Plates, depots and drivers are searched.")
        return Nothing(speaks.gettext("No vehicle matches."), text, _HERE, speaks.gettext("Show all"))
    return Nothing(
        speaks.gettext("No vehicle yet."),
        speaks.gettext("Add the first one here; routes can be planned from then on."),
    )


def vehicle_page(vehicle: Vehicle, choices: Choices, speaks: Language) -> VehiclePage:
    """One vehicle."""
    return VehiclePage(
        plate=vehicle.plate,
        address=_address(vehicle.id),
        entry=_entry(vehicle, speaks),
        choices=choices,
        state=_state(vehicle, speaks),
        retired=vehicle.retired_at is not None,
    )


def _row(vehicle: Vehicle, depot: Place, driver: User | None, speaks: Language) -> Row:
    return Row(
        plate=vehicle.plate,
        address=_address(vehicle.id),
        depot=speaks.name(depot),
        capacity_kg=vehicle.capacity_kg,
        capacity_pallets=vehicle.capacity_pallets,
        temperature=temperature_class(vehicle.temperature, speaks),
        shift=_shift(vehicle),
        driver=driver.name if driver else "",
        state=_state(vehicle, speaks),
    )


def _entry(vehicle: Vehicle, speaks: Language) -> Entry:
    return Entry(
        plate=vehicle.plate,
        depot_id=str(vehicle.depot_id),
        driver_id=str(vehicle.driver_id or ""),
        temperature=vehicle.temperature.value,
        capacity_kg=speaks.number(vehicle.capacity_kg).replace(",", ""),
        capacity_pallets=speaks.number(vehicle.capacity_pallets),
        shift_start=f"{vehicle.shift_start:%H:%M}",
        shift_end=f"{vehicle.shift_end:%H:%M}",
        fixed_cost=vehicle.fixed_cost,
        cost_per_km=vehicle.cost_per_km,
    )


def _state(vehicle: Vehicle, speaks: Language) -> State:
    if vehicle.retired_at:
        return State(speaks.gettext("Out of service"), "no")
    return State(speaks.gettext("In service"), "ok", "ok")


def _shift(vehicle: Vehicle) -> str:
    return f"{vehicle.shift_start:%H:%M}–{vehicle.shift_end:%H:%M}"


def _address(vehicle_id: UUID) -> str:
    return f"{_HERE}/{vehicle_id}"
