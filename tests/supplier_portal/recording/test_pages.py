"""The forms of a lot's life: what they record, and what is refused beside which field."""

import re
from decimal import Decimal

import pytest
from sqlmodel import col, select

from hub import db
from hub.errors import InvalidInput
from hub.gs1 import reading
from hub.models.catalogue import Lot
from hub.models.trace import Event
from hub.trace import records
from hub.trace.records import Goods, Scene

LONG_AGO, LATER = "This time is too long ago.", "This time is still to come."


def said(page: str, name: str) -> str:
    """What a page says is wrong with a field, whichever of its forms it is in."""
    _, _, rest = page.partition(f'-{name}-e">')
    return rest.partition("</svg>")[2].partition("</span>")[0].strip()


def told(step: str) -> dict:
    """The only record of a step, as it was written."""
    with db.hub_session() as session:
        (event,) = session.exec(select(Event).where(col(Event.biz_step) == step)).all()
    return reading.event_of(event.payload)


def test_humidity_alone_is_recorded_as_humidity(grower, growing, field):
    measured = {"humidity.lowest": "50", "humidity.mean": "55.5", "humidity.highest": "60", "temperature.mean": ""}
    day = {"place": str(field.id), "since": "2026-02-01T08:00", "at": "2026-02-10T08:00"}
    assert grower.post(f"/supplier/lots/{growing.id}/grow", data=day | measured).status_code == 303
    (element,) = told(records.GROWING)["sensorElementList"]
    (report,) = element["sensorReport"]
    assert (report["type"], report["uom"], report["meanValue"]) == ("RelativeHumidity", "P1", 55.5)
    assert element["sensorMetadata"]["startTime"] == "2026-02-01T08:00:00+08:00"


@pytest.mark.parametrize(
    ("wrong", "where", "what"),
    [
        ({"humidity.lowest": "9"}, "humidity-mean", "Enter lowest, mean and highest, in this order."),
        ({"temperature.highest": "1"}, "temperature-mean", "Enter lowest, mean and highest, in this order."),
        ({"temperature.highest": "hot"}, "temperature-highest", "Enter a figure, such as 12.5."),
        (
            dict.fromkeys(["temperature.lowest", "temperature.mean", "temperature.highest"], ""),
            "temperature-mean",
            "Enter at least one measurement.",
        ),
        ({"since": "2026-02-10T08:00"}, "since", "This is not before the end."),
        ({"since": "1999-12-31T08:00"}, "since", LONG_AGO),
        ({"at": "1999-12-31T08:00"}, "at", LONG_AGO),
        ({"at": "2101-01-01T08:00"}, "at", LATER),
    ],
)
def test_what_is_wrong_with_growing_conditions_is_said_beside_its_field(grower, growing, field, wrong, where, what):
    day = {"place": str(field.id), "since": "2026-02-01T08:00", "at": "2026-02-10T08:00"}
    measured = {"temperature.lowest": "14", "temperature.mean": "22", "temperature.highest": "31"}
    answer = grower.post(f"/supplier/lots/{growing.id}/grow", data=day | measured | wrong)
    assert answer.status_code == 422 and said(answer.text, where) == what
    assert 'id="grow" open' in answer.text and 'id="spray" open' not in answer.text


def test_a_moment_that_brings_its_own_offset_is_taken_at_its_word(grower, growing, field):
    sprayed = {"product": "Bt", "substance": "Bacillus", "dose": "1", "dose_unit": "LTR", "interval_days": "3"}
    day = {"place": str(field.id), "at": "2026-02-10T08:00Z"}
    assert grower.post(f"/supplier/lots/{growing.id}/spray", data=day | sprayed).status_code == 303
    assert told(records.SPRAYING)["eventTime"] == "2026-02-10T16:00:00+08:00"


def test_another_organisations_place_is_none_to_choose(trade, grower, growing):
    day = {"place": str(trade.stores[0].id), "at": "2026-02-10T08:00"}
    answer = grower.post(f"/supplier/lots/{growing.id}/harvest", data=day | {"quantity": "9"})
    assert answer.status_code == 422 and said(answer.text, "place") == "Choose one of your own places."


@pytest.mark.parametrize(
    ("residues", "where", "what"),
    [
        ({"residues.0.name_zh": "", "residues.0.limit": ""}, "residues-0-name_zh", "Enter at least one substance."),
        (
            {"residues.0.name_zh": "甲", "residues.0.limit": ""},
            "residues-0-limit",
            "Enter the limit for this substance.",
        ),
    ],
)
def test_a_laboratory_looks_for_something_that_has_a_limit(grower, harvested, field, residues, where, what):
    day = {"place": str(field.id), "at": "2026-02-14T08:00", "laboratory": "Lab", "report": "R-1"}
    answer = grower.post(f"/supplier/lots/{harvested.id}/test", data=day | residues)
    assert answer.status_code == 422 and said(answer.text, where) == what


def test_no_more_is_packed_than_was_made(trade, grower, harvested, field):
    day = {"place": str(field.id), "at": "2026-02-14T08:00", "quantity": "300.5", "cases": "30"}
    answer = grower.post(f"/supplier/lots/{harvested.id}/pack", data=day)
    assert answer.status_code == 422 and said(answer.text, "quantity") == "Enter at most 300 kg."
    with db.session(trade.grower.who) as session, pytest.raises(InvalidInput) as refusal:
        lot = session.get_one(Lot, harvested.id)
        records.pack(session, Goods(lot, trade.tomato, Decimal(301)), Scene(field, trade.at), cases=1)
    assert refusal.value.at == "quantity"


def test_whoever_makes_a_lot_in_a_day_says_how_much(trade, grower, field):
    day = {"place": str(field.id), "at": "2026-02-10T08:00", "item": str(trade.eggs.id), "number": "E-1"}
    made = day | {"way": "make", "quantity": "", "best_before": ""}
    refused = grower.post("/supplier/lots/new", data=made)
    assert refused.status_code == 422 and said(refused.text, "quantity") == "A quantity made is more than 0."
    too_late = grower.post("/supplier/lots/new", data=made | {"quantity": "9", "best_before": "9999-12-31"})
    assert too_late.status_code == 422 and said(too_late.text, "best_before") == LATER
    begun = grower.post("/supplier/lots/new", data=made | {"quantity": "9"})
    assert begun.status_code == 303
    again = grower.post("/supplier/lots/new", data=made | {"quantity": "9"})
    assert again.status_code == 422 and said(again.text, "number") == "This item has a lot E-1 already."


def test_a_form_that_comes_twice_is_recorded_once(grower, growing, field):
    sprayed = {"product": "Bt", "substance": "Bacillus", "dose": "1", "dose_unit": "LTR", "interval_days": "3"}
    form = sprayed | {"place": str(field.id), "at": "2026-02-10T08:00", "once": "a-word-of-the-phone"}
    answers = [grower.post(f"/supplier/lots/{growing.id}/spray", data=form).status_code for _ in range(2)]
    assert answers == [303, 303]
    told(records.SPRAYING)


def test_a_refused_form_is_recorded_once_it_is_right(grower, growing, field):
    sprayed = {"product": "Bt", "substance": "Bacillus", "dose_unit": "LTR", "interval_days": "3", "once": "w"}
    form = sprayed | {"place": str(field.id), "at": "2026-02-10T08:00"}
    assert grower.post(f"/supplier/lots/{growing.id}/spray", data=form | {"dose": "much"}).status_code == 422
    assert grower.post(f"/supplier/lots/{growing.id}/spray", data=form | {"dose": "1"}).status_code == 303
    assert told(records.SPRAYING)["furrow:protection"]["furrow:dose"] == {"value": 1, "uom": "LTR"}


def test_no_two_fields_of_a_lots_page_have_one_name(grower, growing, field):
    page = grower.get(f"/supplier/lots/{growing.id}").text
    ids = re.findall(r' id="([^"]+)"', page)
    assert "f-spray-place" in ids and "f-harvest-place" in ids and len(ids) == len(set(ids))
