"""The reference core keeps the promises of the core profile."""

from datetime import date

import httpx2
import pytest

from hub.demo import reference_core


@pytest.fixture
def ask(chain):
    """Ask the chain's core something."""
    with httpx2.Client(
        base_url=chain.reference.url, headers={"Authorization": f"Bearer {chain.token}"}, trust_env=False
    ) as client:
        yield client.request


def receipt(chain, **more):
    line = {"item": "T-1", "lot": "N", "best_before": None, "quantity": "5", "unit": "KGM"}
    line |= {name: more.pop(name) for name in list(more) if name in line}
    return {
        "reference": "DA-1",
        "supplier": chain.farm.gln,
        "place": chain.stores[0].gln,
        "received_at": "2026-11-24T06:10:00+08:00",
        "lines": [line],
    } | more


def test_pages_follow_each_other_and_end(chain, ask):
    after, rows, more = "", [], True
    while more:
        page = ask("GET", "/sales", params={"after": after, "limit": 15}).json()
        assert len({len(page[name]) for name in ("place", "item", "day", "quantity")}) == 1
        rows += zip(page["place"], page["item"], page["day"], strict=True)
        after, more = page["after"], page["more"]
    assert len(rows) == 40 == len(set(rows))
    assert ask("GET", "/sales", params={"after": after}).json() == {
        "place": [],
        "item": [],
        "quantity": [],
        "day": [],
        "after": after,
        "more": False,
        "left": 0,
    }


def test_a_key_that_was_told_before_is_answered_as_before(chain, ask):
    answers = [ask("POST", "/receipts", json=receipt(chain), headers={"Idempotency-Key": "k"}) for _ in range(3)]
    assert [a.json() for a in answers] == [{"number": "GR-000001"}] * 3 and chain.core_stock() == 85


def test_a_key_cannot_tell_two_different_receipts(chain, ask):
    ask("POST", "/receipts", json=receipt(chain), headers={"Idempotency-Key": "k"})
    other = ask("POST", "/receipts", json=receipt(chain, quantity="6"), headers={"Idempotency-Key": "k"})
    assert other.status_code == 422 and chain.core_stock() == 85


@pytest.mark.parametrize("wrong", [
    {"place": "6900000000000"}, {"item": "nothing"}, {"unit": "H87"}, {"quantity": "-5"}, {"quantity": "NaN"},
    {"lines": []},
])  # fmt: skip
def test_a_receipt_that_cannot_be_right_is_refused_whole(chain, ask, wrong):
    answer = ask("POST", "/receipts", json=receipt(chain, **wrong), headers={"Idempotency-Key": "k"})
    assert answer.status_code == 422 and chain.core_stock() == 80 and chain.core_receipts() == 0


def test_a_strange_token_a_strange_feed_and_a_strange_mark_are_refused(chain, ask):
    assert ask("GET", "/stock", headers={"Authorization": "Bearer x"}).status_code == 401
    assert ask("GET", "/secrets").status_code == 404
    assert ask("GET", "/stock", params={"after": "x"}).status_code == 404


def test_the_till_sells_what_is_there_and_no_more(chain, ask):
    sold = ask(
        "POST",
        "/sales",
        json={
            "place": chain.stores[0].gln,
            "day": "2026-11-12",
            "lines": [{"item": "T-1", "quantity": "100"}],
        },
    )
    assert sold.json() == {"sold": [{"item": "T-1", "quantity": "80.000000"}]} and chain.core_stock() == 0


def test_loading_a_company_again_replaces_it_and_is_told_as_new(chain, ask):
    mark = ask("GET", "/stock").json()["after"]
    reference_core.load(
        chain.reference.folder,
        str(chain.chain.id),
        chain.token,
        reference_core.Books(
            places=[reference_core.Place(chain.stores[0].gln, "Store")],
            items=[reference_core.Item("T-1", chain.tomato.gtin, "Tomato", "KGM")],
            sales=[],
            stock=[reference_core.Stocked(chain.stores[0].gln, "T-1", "X", date(2026, 12, 1), 3)],
        ),
    )
    assert ask("GET", "/stock", params={"after": mark}).json()["quantity"] == ["3.000000"]


def adjustment(chain, **more):
    line = {"item": "T-1", "lot": "OLD", "best_before": None, "quantity": "-5", "unit": "KGM"}
    line |= {name: more.pop(name) for name in list(more) if name in line}
    return {
        "reference": "W-1",
        "reason": "spoiled",
        "place": chain.stores[0].gln,
        "other_place": None,
        "at": "2026-11-30T08:00:00+00:00",
        "note": "",
        "lines": [line],
    } | more


def test_an_adjustment_is_booked_once_and_shown_by_the_feeds(chain, ask):
    answers = [ask("POST", "/adjustments", json=adjustment(chain), headers={"Idempotency-Key": "k"}) for _ in range(3)]
    assert [a.json() for a in answers] == [{"number": "SA-000001"}] * 3 and chain.core_stock() == 75
    ask("POST", "/adjustments", json=adjustment(chain, lot=None), headers={"Idempotency-Key": "l"})
    assert chain.core_stock() == 70
    lots = ask("GET", "/lots").json()
    of_old = [amount for place, item, lot, amount in zip(*(lots[n] for n in ("place", "item", "lot", "quantity")),
              strict=True) if (place, item, lot) == (chain.stores[0].gln, "T-1", "OLD")]  # fmt: skip
    assert of_old == ["35.000000"] and "" not in lots["lot"], "what has no lot changes the item's stock alone"


@pytest.mark.parametrize("wrong", [{"place": "6900000000000"}, {"item": "nothing"}, {"unit": "H87"}, {"lines": []}])
def test_an_adjustment_that_cannot_be_right_is_refused_whole(chain, ask, wrong):
    answer = ask("POST", "/adjustments", json=adjustment(chain, **wrong), headers={"Idempotency-Key": "k"})
    assert answer.status_code == 422 and chain.core_stock() == 80


def test_a_lower_price_is_taken_once_and_another_under_its_key_is_refused(chain, ask):
    told = {
        "reference": "M-1",
        "place": chain.stores[0].gln,
        "item": "T-1",
        "lot": "OLD",
        "price": "2.5",
        "currency": "CNY",
        "ends_on": "2026-12-01",
        "at": "2026-11-30T08:00:00+00:00",
    }
    answers = [ask("POST", "/markdowns", json=told, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert [a.json() for a in answers] == [{"number": "MD-000001"}] * 2
    for other in (told | {"price": "2"}, told | {"item": "nothing"}):
        assert ask("POST", "/markdowns", json=other, headers={"Idempotency-Key": "k"}).status_code == 422
