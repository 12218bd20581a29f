"""Forms filled in as an earlier record was said."""

import html
import json
import re
from datetime import timedelta
from decimal import Decimal

from hub import db
from hub.models.catalogue import Lot, TradeItem
from hub.trace import records
from hub.trace.records import Environment, Goods, Reading, Report, Residue, Scene, Treatment
from supplier_portal.lots.recording import earlier

LITRE = Treatment("Bt 苏云金", "Bacillus", Decimal("0.4"), "LTR", 3)


def offered(trade, step, places, item=None):
    with db.session(trade.grower.who) as session:
        return earlier.of(session, trade.grower, places, [step], item)[step]


def sprayed(trade, lot, field, days, treatment=LITRE):
    with db.session(trade.grower.who) as session:
        item = session.get_one(TradeItem, trade.tomato.id)
        records.spray(session, session.get_one(Lot, lot.id), item, Scene(field, at(trade, days)), treatment)


def at(trade, days):
    return trade.at - timedelta(days=days)


def test_what_was_sprayed_is_said_again_but_for_its_moment(trade, growing, field):
    sprayed(trade, growing, field, 9)
    (one,) = offered(trade, "spray", [field])
    assert (one.at, one.place.id) == (at(trade, 9), field.id)
    assert one.values == {
        "place": str(field.id),
        "product": "Bt 苏云金",
        "substance": "Bacillus",
        "dose": "0.4",
        "dose_unit": "LTR",
        "interval_days": "3",
    }


def test_the_newest_come_first_and_the_same_twice_is_offered_once(trade, growing, field):
    sprayed(trade, growing, field, 9)
    sprayed(trade, growing, field, 8, Treatment("Neem", "Azadirachtin", Decimal(2), "LTR", 1))
    sprayed(trade, growing, field, 7)
    assert [one.values["product"] for one in offered(trade, "spray", [field])] == ["Bt 苏云金", "Neem"]
    for day in range(6):
        sprayed(trade, growing, field, day, Treatment(f"P{day}", "S", Decimal(1), "LTR", 0))
    assert [one.values["product"] for one in offered(trade, "spray", [field])] == ["P0", "P1", "P2", "P3", "P4"]


def test_a_place_that_is_used_no_more_is_not_offered(trade, growing, field):
    sprayed(trade, growing, field, 9)
    assert offered(trade, "spray", []) == []


def test_the_same_items_records_come_before_others(trade, growing, field):
    with db.session(trade.grower.who) as session:
        item = session.get_one(TradeItem, trade.eggs.id)
        other = records.plant(session, item, "E-9", Scene(field, at(trade, 60)))
        records.spray(session, other, item, Scene(field, at(trade, 1)), Treatment("Lime", "CaO", Decimal(1), "KGM", 0))
    sprayed(trade, growing, field, 9)
    assert [one.values["product"] for one in offered(trade, "spray", [field])] == ["Lime", "Bt 苏云金"]
    assert [one.values["product"] for one in offered(trade, "spray", [field], trade.tomato)] == ["Bt 苏云金", "Lime"]


def test_measurements_are_said_again(trade, growing, field):
    with db.session(trade.grower.who) as session:
        lot, item = session.get_one(Lot, growing.id), session.get_one(TradeItem, trade.tomato.id)
        readings = [Reading("Temperature", "CEL", 22.5, 14, 31), Reading("Illuminance", "LUX", 3, 2, 5)]
        records.grow(session, lot, item, Scene(field, at(trade, 5)), Environment(at(trade, 9), readings))
    (one,) = offered(trade, "grow", [field])
    told = {"temperature.lowest": "14", "temperature.mean": "22.5", "temperature.highest": "31"}
    assert one.values == {"place": str(field.id)} | told


def test_a_laboratory_is_named_again_but_never_what_it_found(trade, harvested, field):
    with db.session(trade.grower.who) as session:
        lot, item = session.get_one(Lot, harvested.id), session.get_one(TradeItem, trade.tomato.id)
        residues = [Residue("毒死蜱", "Chlorpyrifos", Decimal("0.01"), Decimal("0.02"))]
        records.test(session, lot, item, Scene(field, trade.at), Report("SGS", "R-77", residues))
        records.pack(session, Goods(lot, item, Decimal(30)), Scene(field, trade.at), cases=3)
    (one,) = offered(trade, "test", [field])
    assert one.values["laboratory"] == "SGS" and one.values["residues.0.limit"] == "0.02"
    assert not {"report", "residues.0.found"} & one.values.keys()
    (packed,) = offered(trade, "pack", [field])
    assert (packed.values["quantity"], packed.values["cases"]) == ("30", "3")


def test_a_lots_page_offers_them_in_few_words(trade, grower, growing, field):
    sprayed(trade, growing, field, 9)
    page = grower.get(f"/supplier/lots/{growing.id}").text
    (values,) = re.findall(r'<option data-values="([^"]+)">', page)
    assert json.loads(html.unescape(values))["product"] == "Bt 苏云金"
    assert "Field 8 · Bt 苏云金</option>" in page
