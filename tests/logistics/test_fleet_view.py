"""What a dispatcher reads of vehicles, and what their form proposes, from plain values."""

from datetime import time
from decimal import Decimal
from typing import Any

from hub.lists import CountedPage, Search
from hub.models.base import uuid7
from hub.models.catalogue import Temperature
from logistics.fleet.view import choices_of, vehicle_page, vehicles_page, vehicles_sheet
from logistics.models import Vehicle
from tests.logistics.conftest import EVENING
from tests.logistics.plain import DEPOT, EN, HAULIER, PLATE, ZH, ZHAO


def van(**more: Any) -> Vehicle:
    told = {
        "plate": PLATE,
        "depot_id": DEPOT.id,
        "temperature": Temperature.FROZEN,
        "capacity_kg": Decimal("12345.5"),
        "capacity_pallets": Decimal(8),
        "shift_start": time(5, 10),
        "shift_end": time(14),
    }
    return Vehicle(id=uuid7(), owner_id=HAULIER.id, **(told | more))


CHOICES = choices_of([DEPOT], [ZHAO], EN)


def test_a_dispatcher_chooses_among_own_depots_and_drivers_or_nobody_yet():
    assert CHOICES.depots == [(str(DEPOT.id), "Jinan depot")]
    assert CHOICES.drivers == [("", "Nobody yet"), (str(ZHAO.id), "Zhao")]
    assert CHOICES.temperatures[1] == ("chilled", "chilled")
    assert choices_of([DEPOT], [], ZH).depots == [(str(DEPOT.id), "Jinan depot（中）")]


def test_only_vehicles_in_service_count_as_those_that_can_be_planned():
    manned = [(van(), DEPOT, ZHAO), (van(retired_at=EVENING), DEPOT, None)]
    fleet = vehicles_page(CountedPage(manned, 2), 1, CHOICES, EN)
    assert fleet.summary == "1 vehicle can be planned."
    assert [(row.driver, row.state.word) for row in fleet.rows] == [("Zhao", "In service"), ("", "Out of service")]
    assert (fleet.rows[0].shift, fleet.rows[0].temperature) == ("05:10–14:00", "frozen")


def test_a_fleet_is_sorted_searched_and_taken_away_by_one_address():
    fleet = vehicles_page(CountedPage([(van(), DEPOT, ZHAO)], 60, Search("鲁", 2, sort="-pallets")), 60, CHOICES, ZH)
    asked = "q=%E9%B2%81&sort=-pallets"
    assert fleet.export == f"/dispatch/vehicles/export.csv?{asked}"
    assert fleet.paging.earlier == f"/dispatch/vehicles?{asked}&p=1"
    assert [column.name for column in fleet.columns if column.sort == "descending"] == ["pallets"]
    assert fleet.columns[1].address == "/dispatch/vehicles?q=%E9%B2%81&sort=depot_zh"
    headings, (row,) = vehicles_sheet([(van(), DEPOT, None)], EN)
    assert dict(zip(headings, row, strict=True)) == {
        "Plate": PLATE,
        "Depot": "Jinan depot",
        "kg": "12345.5",
        "Pallets": "8",
        "Temperature": Temperature.FROZEN,
        "Shift": "05:10–14:00",
        "Driver": "",
        "State": "In service",
    }


def test_where_no_vehicle_is_shown_the_page_says_what_to_do():
    assert vehicles_page(CountedPage(), 0, CHOICES, EN).nothing.title == "No vehicle yet."
    nothing = vehicles_page(CountedPage(search=Search("zz")), 3, CHOICES, EN).nothing
    assert (nothing.title, nothing.address) == ("No vehicle matches.", "/dispatch/vehicles")


def test_the_form_for_a_new_vehicle_proposes_a_shift_and_costs():
    entry = vehicles_page(CountedPage(), 0, CHOICES, EN).entry
    assert (entry.plate, entry.temperature, entry.capacity_kg) == ("", "chilled", "")
    assert (entry.shift_start, entry.shift_end, entry.fixed_cost, entry.cost_per_km) == ("04:00", "14:00", 300, 3)


def test_a_vehicles_form_shows_its_figures_as_they_can_be_typed():
    page = vehicle_page(van(), CHOICES, EN)
    assert (page.entry.capacity_kg, page.entry.capacity_pallets) == ("12345.5", "8")
    assert (page.entry.driver_id, page.entry.depot_id, page.entry.shift_start) == ("", str(DEPOT.id), "05:10")
    assert (page.state, page.retired) == (("In service", "ok", "ok"), False)
    assert vehicle_page(van(retired_at=EVENING), CHOICES, EN).retired
