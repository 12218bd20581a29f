"""The stock system's pages, over the real reference core."""

import io
import re

import openpyxl
import pytest
from sqlalchemy import select, update

from hub import db
from hub.inventory import cores, rounds
from hub.models.inventory import (
    Assortment,
    CommandState,
    CoreCommand,
    CoreConnection,
    CoreCursor,
    PlaceInCore,
    SalesDay,
    StockLevel,
)
from hub.models.party import Place, Role
from tests.hub.inventory.conftest import Chain, ReferenceCore, chain, reference
from tests.supermarket import signed_in

__all__ = ["chain", "reference"]


@pytest.fixture
def lone(clean: str, reference: ReferenceCore) -> Chain:
    """A supermarket whose core runs, and the hub does not know the way yet."""
    made = Chain(reference=reference)
    with db.hub_session() as session:
        session.delete(session.scalars(select(CoreConnection)).one())
    return made


@pytest.fixture
def browser(lone: Chain):
    """The browser of the chain's administrator."""
    return signed_in(lone.chain, Role.ADMINISTRATOR)


def way(chain: Chain, **other: str) -> dict[str, str]:
    return {"kind": "rest", "url": chain.reference.url, "database": "", "token": chain.token} | other


def rows(chain: Chain, model: type) -> list:
    with db.session(db.Who(chain.chain.id)) as session:
        return list(session.scalars(select(model)).all())


def text(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.text))


def test_a_test_says_what_was_found_and_keeps_nothing(lone, browser):
    answer = browser.post("/settings/core/test", data=way(lone))
    assert answer.status_code == 200
    assert "It has 2 stores and 2 items; the last sale is of" in text(answer) and "10" in text(answer)
    assert lone.reference.url in answer.text and rows(lone, CoreConnection) == []


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"token": "wrong"}, "does not let this password or token in"),
        ({"url": "http://127.0.0.1:9"}, "does not answer now"),
        ({"url": "ftp://127.0.0.1"}, "begins with http:// or https://"),
        ({"url": "http://user:word@127.0.0.1"}, "begins with http:// or https://"),
        ({"kind": "tryton"}, "which of its databases"),
        ({"kind": "tryton", "database": "core"}, "not a stock system of this kind"),
        ({"token": ""}, "Fill this in"),
    ],
)
@pytest.mark.parametrize("door", ["/settings/core", "/settings/core/test"])
def test_each_way_to_fail_has_its_own_answer_and_loses_nothing_of_the_form(lone, browser, door, typed, sentence):
    sent = way(lone, **typed)
    answer = browser.post(door, data=sent)
    assert answer.status_code == 422 and sentence in text(answer)
    assert all(f'value="{value}"' in answer.text for value in sent.values())
    assert rows(lone, CoreConnection) == []


def test_a_core_is_connected_matched_by_number_and_filled(lone, browser):
    assert browser.post("/settings/core", data=way(lone)).status_code == 303
    assert "being read for the first time" in text(browser.get("/settings/core"))
    assert [row.place_id is not None for row in rows(lone, PlaceInCore)] == [True, True]
    rounds.pull(lone.chain.id)
    shown = text(browser.get("/settings/core"))
    assert "Hub and stock system are in step." in shown and "2 of 2 matched" in shown
    assert lone.token not in browser.get("/settings/core/way").text
    assert lone.token not in rows(lone, CoreConnection)[0].token


def test_while_it_is_read_the_page_says_how_much_is_left(lone, browser):
    browser.post("/settings/core", data=way(lone))
    rounds.pull(lone.chain.id)
    with db.hub_session() as session:
        session.execute(update(CoreCursor).where(CoreCursor.feed == "sales").values(filled_at=None, rows_left=60))
    part = browser.get("/settings/core/progress", headers={"hx-request": "true"})
    assert "40 rows read" in text(part) and "less than a minute to go" in text(part) and "every 2s" in part.text


def test_pausing_and_letting_go_lose_no_receipt(lone, browser):
    browser.post("/settings/core", data=way(lone))
    rounds.pull(lone.chain.id)
    browser.post("/settings/core/pause")
    assert cores.retailers() == [] and "Paused" in text(browser.get("/settings/core"))
    lone.receive()
    browser.post("/settings/core/resume")
    assert cores.retailers() == [lone.chain.id]
    browser.post("/settings/core/disconnect")
    assert rows(lone, CoreConnection)[0].token == "" and cores.retailers() == []
    lone.receive(lot="Q-1125")
    assert "2 receipts wait for a stock system" in text(browser.get("/settings/core"))
    browser.post("/settings/core", data=way(lone))
    assert rounds.push(lone.chain.id) == 2 and lone.core_receipts() == 2


def test_what_the_core_refused_is_shown_and_told_again(lone, browser):
    browser.post("/settings/core", data=way(lone))
    rounds.pull(lone.chain.id)
    lone.receive()
    with db.hub_session() as session:
        session.execute(update(CoreCommand).values(state=CommandState.REFUSED, answer="no such lot"))
    assert "no such lot" in text(browser.get("/settings/core"))
    (command,) = rows(lone, CoreCommand)
    browser.post(f"/settings/core/commands/{command.id}/again")
    assert rounds.push(lone.chain.id) == 1 and rows(lone, CoreCommand)[0].state is CommandState.DONE


def test_without_a_core_a_receipt_waits_for_nobody(lone):
    lone.receive()
    assert rows(lone, CoreCommand)[0].state is CommandState.UNTOLD
    assert rows(lone, StockLevel)[0].on_hand > 0


@pytest.fixture
def strange(lone: Chain, browser):
    """The core calls a store and an item by names that the hub has never heard."""
    old = lone.stores[1].gln
    lone.reference.rows("update place set gln = 'S2', name = 'Store No. 2' where gln = ?", old)
    lone.reference.rows("update item set gtin = '', name = 'Tomatoes' where gtin = ?", lone.tomato.gtin)
    with db.hub_session() as session:
        session.execute(update(Place).where(Place.id == lone.stores[1].id).values(name_zh="二号店", name_en="Store 2"))
        session.add(
            Assortment(
                owner_id=lone.chain.id,
                supplier_id=lone.farm.id,
                trade_item_id=lone.tomato.id,
                core_code=lone.tomato.gtin,
            )
        )
    browser.post("/settings/core", data=way(lone))
    rounds.pull(lone.chain.id)
    return lone


def test_half_a_mapping_is_kept_and_says_what_is_missing(strange, browser):
    assert "Half of the mapping is there" in text(browser.get("/settings/core"))
    stores, items = (text(browser.get(f"/settings/core/{kind}")) for kind in ("stores", "items"))
    assert "1 of the stock system waits" in stores and "S2" in stores and "Store 2 · name" in stores
    assert "Tomatoes" in items and "alike" in items and "Ours that the stock system does not have" in items
    assert {row.place_id for row in rows(strange, SalesDay)} == {strange.stores[0].id}


def test_what_a_person_settles_is_read_from_the_start(strange, browser):
    browser.post("/settings/core/stores/match", data={"code": "S2", "ours": strange.stores[1].gln})
    browser.post("/settings/core/items/match", data={"code": "T-1", "ours": strange.tomato.gtin.removeprefix("0")})
    rounds.pull(strange.chain.id)
    assert len(rows(strange, SalesDay)) == 40 and len(rows(strange, StockLevel)) == 4
    strange.receive(store=1)
    assert rounds.push(strange.chain.id) == 1 and rows(strange, CoreCommand)[0].state is CommandState.DONE
    assert "in step" in text(browser.get("/settings/core"))


@pytest.mark.parametrize(
    ("kind", "sent", "sentence"),
    [
        ("stores", {"code": "S2", "ours": "first"}, "two stores of the stock system cannot be one place"),
        ("stores", {"code": "S2", "ours": "123"}, "None of your places has the GLN 123"),
        ("items", {"code": "T-1", "ours": "eggs"}, "two items of the stock system cannot be one"),
        ("items", {"code": "T-1", "ours": "123"}, "has the article number 123"),
    ],
)
def test_two_cannot_be_one(strange, browser, kind, sent, sentence):
    numbers = {"first": strange.stores[0].gln, "eggs": strange.eggs.gtin}
    answer = browser.post(
        f"/settings/core/{kind}/match", data={**sent, "ours": numbers.get(sent["ours"], sent["ours"])}
    )
    assert answer.status_code == 422 and sentence in text(answer)


def test_what_is_taken_apart_leaves_no_figures_behind_and_can_be_settled_again(strange, browser):
    first = strange.stores[0].gln
    browser.post("/settings/core/stores/aside", data={"code": first})
    assert rows(strange, SalesDay) == [] and rows(strange, StockLevel) == []
    rounds.pull(strange.chain.id)
    assert rows(strange, SalesDay) == [] and "None of ours" in text(browser.get("/settings/core/stores"))
    browser.post("/settings/core/stores/open", data={"code": first})
    browser.post("/settings/core/stores/suggested")
    rounds.pull(strange.chain.id)
    assert rows(strange, SalesDay) != []


def sheet(*lines: list[object]) -> bytes:
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_a_sheet_settles_many_and_two_stores_that_are_one_are_refused_by_row(strange, browser):
    head = ["Code in the stock system", "Our place (GLN)"]
    first, second = (store.gln for store in strange.stores)
    bad = browser.post("/settings/core/stores/import", files={"file": ("m.xlsx", sheet(head, ["S2", first]))})
    assert bad.status_code == 422 and "cannot be one place" in text(bad)
    good = browser.post("/settings/core/stores/import", files={"file": ("m.xlsx", sheet(head, ["S2", second]))})
    address = re.search(r'action="(/settings/core/stores/import/[^"]+)"', good.text)
    assert address and browser.post(address[1]).status_code == 303
    assert {row.code: row.place_id for row in rows(strange, PlaceInCore)}["S2"] == strange.stores[1].id
    book = openpyxl.load_workbook(io.BytesIO(browser.get("/settings/core/stores/export.xlsx").content))
    assert [[cell.value for cell in line] for line in book.worksheets[0].iter_rows(min_row=2)][-1][0] == "S2"


def test_another_retailer_sees_and_changes_nothing_of_it(strange, browser):
    other = Chain(reference=strange.reference)
    stranger = signed_in(other.chain, Role.ADMINISTRATOR, "else@example.org")
    strange.receive()
    (command,) = rows(strange, CoreCommand)
    assert "S2" not in stranger.get("/settings/core/stores").text
    assert stranger.post(f"/settings/core/commands/{command.id}/again").status_code == 404
    stranger.post("/settings/core/stores/match", data={"code": "S2", "ours": other.stores[0].gln})
    stranger.post("/settings/core/disconnect")
    assert {row.code: row.place_id for row in rows(strange, PlaceInCore)}["S2"] is None
    assert rows(strange, CoreConnection)[0].ended_at is None


def test_only_a_retailers_administrator_comes_in(lone):
    assert signed_in(lone.chain, Role.BUYER, "b@example.org").get("/settings/core").status_code == 403
    assert signed_in(lone.farm, Role.ADMINISTRATOR, "f@example.org").get("/settings/core").status_code == 403
