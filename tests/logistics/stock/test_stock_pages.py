"""The store's and the buyer's pages of write-offs and stock-takes, as a browser without script uses them."""

import re
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from hub import access
from hub.inventory import rounds
from hub.models.party import Role
from hub.web.deps import login_cookie
from tests.supermarket import PASSWORD, signed_in, stranger


def at_store(stores, name="a") -> TestClient:
    """The browser of somebody at a store."""
    from sqlalchemy import text

    from hub import db

    place = stores.stores[stores.at_store[name]].id
    with db.hub_session() as session:
        session.execute(
            text("update membership set place_id = :place where user_id = :user"),
            {"place": place, "user": stores.people[name]},
        )
    browser = stranger()
    browser.cookies.set(login_cookie(), access.sign_in(f"{name}@example.org", PASSWORD, "127.0.0.1"))
    return browser


@pytest.fixture
def buyer(stores) -> TestClient:
    """The browser of the chain's buyer."""
    return signed_in(stores.chain, Role.BUYER, "buyer@example.org")


def test_a_lot_near_its_date_is_written_off_from_the_stock_page_and_undone(stores):
    store = at_store(stores)
    listed = store.get("/store/stock").text
    shelf = re.search(r"/store/stock/[0-9a-f-]{36}", listed)[0]
    shown = store.get(f"{shelf}?lot=OLD").text
    assert "Write off or give away: Lot OLD" in shown
    level = stores.level(item=stores.tomato if "Tomato" in shown else stores.eggs)
    said = uuid4()
    form = {"said_as": str(said), "lot": "OLD", "quantity": "3", "reason": "spoiled"}
    assert store.post(f"{shelf}/write-offs", data=form).status_code == 303
    assert store.post(f"{shelf}/write-offs", data=form).status_code == 303

    changes = store.get("/store/stock/changes").text
    assert "1 entry can still be undone." in changes and "Spoiled" in changes
    undo = re.search(r"/store/stock/changes/write-offs/[0-9a-f-]{36}/undo", changes)[0]
    assert store.post(undo).status_code == 303
    assert "Undone" in store.get("/store/stock/changes").text
    assert level.on_hand == 80


def test_what_is_wrong_with_a_write_off_stands_beside_its_field(stores):
    store = at_store(stores)
    shelf = re.search(r"/store/stock/[0-9a-f-]{36}", store.get("/store/stock").text)[0]
    form = {"said_as": str(uuid4()), "lot": "OLD", "quantity": "300", "reason": "theft"}
    answer = store.post(f"{shelf}/write-offs", data=form)
    assert answer.status_code == 422 and "are there by the books." in answer.text
    answer = store.post(f"{shelf}/write-offs", data=form | {"quantity": "3", "reason": "donated"})
    assert answer.status_code == 422 and "Say to whom it is given." in answer.text


def test_a_lower_price_has_its_label(stores):
    store = at_store(stores)
    shelf = re.search(r"/store/stock/[0-9a-f-]{36}", store.get("/store/stock").text)[0]
    ends = re.search(r'type="date" value="([0-9-]+)"', " ".join(store.get(f"{shelf}?lot=NEW").text.split()))[1]
    form = {"said_as": str(uuid4()), "lot": "NEW", "price": "2.50", "was": "5", "ends_on": ends}
    assert store.post(f"{shelf}/markdowns", data=form).status_code == 303
    label = re.search(r"/store/stock/changes/markdowns/[0-9a-f-]{36}/label.pdf", store.get(shelf).text)[0]
    paper = store.get(f"{label}?copies=2")
    assert paper.headers["content-type"] == "application/pdf" and paper.content.startswith(b"%PDF")
    assert paper.content.count(b"/Type /Page\n") == 2


def test_two_count_on_one_sheet_and_the_buyer_approves_it(stores, buyer):
    a, b, said = at_store(stores, "a"), at_store(stores, "b"), str(uuid4())
    wish = {"said_as": said, "place": str(stores.stores[0].id), "listing": "all", "threshold": "1", "blind": "true"}
    take = a.post("/stock-takes", data=wish).headers["location"]
    assert a.post("/stock-takes", data=wish).headers["location"] == take
    assert "0 of 2 lines are counted." in a.get(take).text
    one = {"said_as": str(uuid4()), "item": stores.tomato.gtin, "quantity": "75"}
    assert a.post(f"{take}/counts", data=one).status_code == 303
    part = a.post(f"{take}/counts", data=one, headers={"hx-request": "true"})
    assert part.status_code == 200 and "Tomato: 75" in part.text and "<html" not in part.text
    strange = b.post(
        f"{take}/counts", data=one | {"said_as": str(uuid4()), "item": "0"}, headers={"hx-request": "true"}
    )
    assert strange.status_code == 422 and "This item is not on this count sheet." in strange.text
    blind = a.get(f"{take}/sheet").text
    assert "In the books" not in blind and "Difference" not in blind
    assert "In the books" in buyer.get(f"{take}/sheet").text, "a buyer knows"

    assert a.post(f"{take}/counted").status_code == 303
    assert "1 line is still to be counted again" in a.get(f"{take}/sheet").text
    again = b.post(f"{take}/counts", data={"said_as": str(uuid4()), "item": stores.tomato.gtin, "quantity": "78"})
    assert again.status_code == 303
    assert a.post(f"{take}/approval").status_code == 409, "who counted does not approve"
    assert buyer.post(f"{take}/approval").status_code == 303
    rounds.push(stores.chain.id)

    assert stores.core_stock() == 78
    assert "The stock system has it" in buyer.get(f"{take}/sheet?show=differs").text


def test_a_count_can_be_taken_back_and_a_sheet_be_given_up(stores):
    a, said = at_store(stores, "a"), str(uuid4())
    place = str(stores.stores[0].id)
    take = a.post("/stock-takes", data={"said_as": said, "place": place, "listing": "all"}).headers["location"]
    a.post(f"{take}/counts", data={"said_as": str(uuid4()), "item": stores.tomato.gtin, "quantity": "75"})
    undo = re.search(rf"{take}/counts/[0-9a-f-]{{36}}/undo", a.get(take).text)[0]
    assert a.post(undo).status_code == 303 and "0 of 2 lines are counted." in a.get(take).text
    assert a.post(f"{take}/drop").headers["location"] == "/stock-takes"
    assert "Given up" in a.get("/stock-takes").text


def test_nobody_of_another_store_or_chain_opens_or_changes_any_of_it(stores):
    a, c = at_store(stores, "a"), at_store(stores, "c")
    shelf = re.search(r"/store/stock/[0-9a-f-]{36}", a.get("/store/stock").text)[0]
    form = {"said_as": str(uuid4()), "lot": "OLD", "quantity": "3", "reason": "spoiled"}
    a.post(f"{shelf}/write-offs", data=form)
    undo = re.search(r"/store/stock/changes/write-offs/[0-9a-f-]{36}/undo", a.get("/store/stock/changes").text)[0]
    wish = {"said_as": str(uuid4()), "place": str(stores.stores[0].id), "listing": "all"}
    take = a.post("/stock-takes", data=wish).headers["location"]
    from hub.demo import builder
    from hub.models.party import OrganizationKind

    rival = signed_in(builder.party(OrganizationKind.RETAILER, "Rival"), Role.STORE, "rival@example.net")
    for other in (c, rival):
        for path in (shelf, take, f"{take}/sheet"):
            assert other.get(path).status_code == 404
        for path in (
            f"{shelf}/write-offs",
            f"{shelf}/markdowns",
            undo,
            f"{take}/counts",
            f"{take}/counted",
            f"{take}/approval",
            f"{take}/drop",
        ):
            sent = form | {"price": "1", "ends_on": "2027-01-01", "item": stores.tomato.gtin}
            assert other.post(path, data=sent).status_code in (404, 422), path
    assert "1 entry can still be undone." in a.get("/store/stock/changes").text
    supplier = signed_in(stores.farm, Role.SUPPLIER, "farm@example.net")
    assert all(supplier.get(path).status_code == 403 for path in (shelf, take, "/stock-takes", "/store/stock/changes"))
