"""One step recorded for several lots at once: a record each, all of them or none."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from hub import db
from hub.models.catalogue import Lot
from hub.models.trace import Event
from hub.trace import records
from hub.trace.records import Scene

SPRAYED = {"product": "Bt", "substance": "Bacillus", "dose": "1", "dose_unit": "LTR", "interval_days": "3"}


@pytest.fixture
def rows(trade, field, growing) -> list[Lot]:
    """Three lots that grow."""
    with db.session(trade.grower.who) as session:
        scene = Scene(field, trade.at - timedelta(days=60))
        return [growing, *(records.plant(session, trade.tomato, number, scene) for number in ("T-2", "T-3"))]


def day(field, at="2026-02-10T08:00", **more):
    return {"place": str(field.id), "at": at, **more}


def lines(lots, **said):
    """What the form says of each lot of its list; ``said`` has a list of values for each field."""
    return {f"lines.{n}.lot": str(lot.id) for n, lot in enumerate(lots)} | {
        f"lines.{n}.{name}": value for name, values in said.items() for n, value in enumerate(values) if value
    }


def written(step):
    with db.hub_session() as session:
        return session.exec(select(Event).where(col(Event.biz_step) == step)).all()


def refused(answer, name):
    assert answer.status_code == 422
    _, _, rest = answer.text.partition(f'id="f-{name}"')
    return rest.partition('<span class="err"')[2].partition("</svg>")[2].partition("</span>")[0].strip()


def test_those_that_are_ticked_get_a_record_each(grower, rows, field):
    form = day(field) | SPRAYED | lines(rows, meant=["true", "", "true"])
    answer = grower.post("/supplier/lots/record/spray", data=form)
    assert answer.status_code == 303
    payloads = b"".join(event.payload for event in written(records.SPRAYING))
    assert len(written(records.SPRAYING)) == 2 and b"/10/T-2" not in payloads
    assert b"/10/T-1" in payloads and b"/10/T-3" in payloads


def test_the_same_form_twice_records_once(grower, rows, field):
    form = day(field, once="word") | SPRAYED | lines(rows, meant=["true", "true", "true"])
    assert [grower.post("/supplier/lots/record/spray", data=form).status_code for _ in range(2)] == [303, 303]
    assert len(written(records.SPRAYING)) == 3


def test_nothing_is_recorded_for_no_lot(grower, rows, field):
    answer = grower.post("/supplier/lots/record/spray", data=day(field) | SPRAYED | lines(rows))
    assert answer.status_code == 422 and "Choose at least one lot." in answer.text
    assert written(records.SPRAYING) == []


def test_each_harvest_has_its_own_weight(grower, rows, field):
    form = day(field) | lines(rows, quantity=["120.5", "", "80"])
    assert grower.post("/supplier/lots/record/harvest", data=form).status_code == 303
    with db.hub_session() as session:
        made = {lot.number: lot.quantity for lot in session.exec(select(Lot).where(col(Lot.made_on).is_not(None)))}
    assert made == {"T-1": 120.5, "T-3": 80}


def test_what_one_lot_may_not_is_refused_for_all_and_said_in_its_row(trade, grower, rows, field):
    sprayed = day(field, "2026-02-10T08:00") | SPRAYED | lines(rows[1:2], meant=["true"])
    assert grower.post("/supplier/lots/record/spray", data=sprayed).status_code == 303
    form = day(field, "2026-02-11T08:00") | lines(rows, quantity=["10", "20", "30"])
    answer = grower.post("/supplier/lots/record/harvest", data=form)
    assert "Bt was sprayed; harvest is allowed from 2026-02-13 on." in refused(answer, "lines-1-lot")
    with db.hub_session() as session:
        assert session.exec(select(Lot).where(col(Lot.made_on).is_not(None))).all() == []


def test_a_weight_that_is_none_is_said_in_its_row(grower, rows, field):
    form = day(field) | lines(rows, quantity=["10", "a lot", "30"])
    answer = grower.post("/supplier/lots/record/harvest", data=form)
    assert refused(answer, "lines-1-quantity") == "Enter a figure, such as 12.5."


def test_a_lot_that_was_harvested_meanwhile_is_named(grower, rows, harvested, field):
    form = day(field) | SPRAYED | lines(rows, meant=["true", "true", ""])
    answer = grower.post("/supplier/lots/record/spray", data=form)
    assert "lines-0-lot" in answer.text and written(records.SPRAYING) == []
    assert "This lot is no longer where this can be recorded of it." in answer.text


def test_packing_and_testing_are_for_what_is_harvested(trade, grower, rows, harvested, field):
    page = grower.get("/supplier/lots/record/pack").text
    assert "T-1" in page and "T-2" not in page
    packed = day(field, "2026-02-14T08:00") | lines([harvested], quantity=["30"], cases=["3"])
    assert grower.post("/supplier/lots/record/pack", data=packed).status_code == 303
    test = {"laboratory": "SGS", "report": "R-1", "residues.0.name_zh": "毒死蜱", "residues.0.limit": "0.02"}
    tested = day(field, "2026-02-14T08:00") | test | lines([harvested], meant=["true"])
    assert grower.post("/supplier/lots/record/test", data=tested).status_code == 303
    assert len(written("packing")) == len(written("inspecting")) == 1


def test_readings_are_for_several_lots_too(grower, rows, field):
    measured = {"humidity.lowest": "50", "humidity.mean": "55.5", "humidity.highest": "60"}
    form = day(field, since="2026-02-01T08:00") | measured | lines(rows, meant=["true", "true", ""])
    assert grower.post("/supplier/lots/record/grow", data=form).status_code == 303
    assert len(written(records.GROWING)) == 2


def test_somebody_elses_lot_is_none(trade, grower, rows, field):
    form = day(field) | SPRAYED | lines([rows[0]], meant=["true"])
    form["lines.0.lot"] = str(trade.farm.id)
    assert grower.post("/supplier/lots/record/spray", data=form).status_code == 422
    assert written(records.SPRAYING) == []


@pytest.mark.parametrize("step", ["spray", "grow", "harvest", "test", "pack"])
def test_the_page_says_when_there_is_no_such_lot(trade, grower, step):
    assert "There is no lot that this can be recorded for." in grower.get(f"/supplier/lots/record/{step}").text


def test_lots_are_narrowed_by_words(grower, rows):
    page = grower.get("/supplier/lots/record/spray?q=T-2").text
    assert "T-2" in page and "T-3" not in page
    assert "No lot mentions" in grower.get("/supplier/lots/record/spray?q=zzz").text
