"""What a shopper reads of a record is what the record says."""

from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest

from hub.errors import InvalidInput
from hub.pages import product
from hub.trace import records
from hub.trace.labels import codes, sheet
from hub.trace.records import Report, Residue, Scene
from tests.hub.growers import MORNING


def measured(**report):
    event = {"sensorElementList": [{"sensorReport": [{"type": "Temperature", "uom": "CEL", **report}]}]}
    return SimpleNamespace(kind="sensor_reporting", event=event)


@pytest.mark.parametrize(
    ("report", "out"),
    [
        ({"value": 4.2}, False),
        ({"value": 4.2, "furrow:lowest": 0, "furrow:highest": 8}, False),
        ({"value": 9.4, "furrow:lowest": 0, "furrow:highest": 8}, True),
        ({"value": -1, "furrow:lowest": 0, "furrow:highest": 8}, True),
        ({"value": 4.2, "exception": "ALARM_CONDITION"}, True),
        ({"value": "warm"}, False),
    ],
)
def test_a_reading_is_out_of_range_when_it_says_so(report, out):
    name = product.step_name(measured(**report), "dairy")
    assert name == ("Temperature out of range" if out else "Temperature measured")


@pytest.mark.parametrize(
    ("standard", "name"),
    [
        ("GB 2763-2026", "Pesticide residues"), ("GB 31650-2019", "Veterinary drug residues"),
        ("GB 2761-2017", "Mycotoxins"), ("EU 2023/915", "Laboratory test"),
    ],
)  # fmt: skip
def test_a_test_is_called_by_the_standard_it_was_made_by(standard, name):
    assert product.test_name([{"furrow:standard": standard}]) == name
    assert product.test_name([]) == "Laboratory test"


@pytest.mark.parametrize(
    ("category", "standard"),
    [("vegetables", "GB 2763-2026"), ("eggs", "GB 31650-2019"), ("bakery", "GB 2761-2017")],
)
def test_each_category_is_tested_for_what_the_law_asks_of_it(growers, category, standard):
    lot = growers.grow("A1")
    growers.item.category = category
    with growers.session() as session:
        event = records.test(
            session,
            lot,
            growers.item,
            Scene(growers.field, MORNING),
            Report("L", "1", [Residue("甲", "a", None, Decimal(1))]),
        )
        assert standard in event.payload.decode()


def test_what_no_law_of_ours_speaks_of_names_its_standard_itself(growers):
    lot = growers.grow("A1")
    growers.item.category = "toys"
    scene = Scene(growers.field, MORNING)
    with growers.session() as session:
        with pytest.raises(InvalidInput, match="Name the standard"):
            records.test(session, lot, growers.item, scene, Report("L", "1", []))
        tested = records.test(session, lot, growers.item, scene, Report("L", "1", [], "EN 71"))
        assert "EN 71" in tested.payload.decode()


def test_bread_is_made_and_tomatoes_are_harvested():
    begun = SimpleNamespace(kind="commissioning", event={})
    assert product.step_name(begun, "bakery") == "Made"
    assert product.step_name(begun, "vegetables") == "Harvested"
    sheets = [
        sheet.sheet(
            [codes.Label("https://x/01/1/10/A", "面包", "Bread", "A", "2026-11-26", "2026-12-01", "清河", grown)]
        )
        for grown in (True, False)
    ]
    assert all(sheet.startswith(b"%PDF") for sheet in sheets) and sheets[0] != sheets[1]


def test_a_code_is_drawn_once_however_often_it_is_printed():
    """210 drawn one by one took longer than a transaction may rest."""
    one = codes.Label("https://x/01/1/10/A", "面包", "Bread", "A", "2026-11-26", "2026-12-01", "清河", grown=False)
    assert sheet.sheet([one] * 210).count(b"/Subtype /Form") == 1
    assert sheet.sheet([one, replace(one, link="https://x/01/1/10/B")]).count(b"/Subtype /Form") == 2
