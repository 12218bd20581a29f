"""What an organisation keeps of itself: added, changed, ended, stated; a whole sheet of it, or nothing."""

from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import select

from hub import db
from hub.access import Actor
from hub.demo import builder
from hub.errors import HubError, NotAllowed, NotFound
from hub.gs1 import digital_link
from hub.lists import Search
from hub.models.access import AuditEntry
from hub.models.base import now
from hub.models.catalogue import TradeItem
from hub.models.party import OrganizationKind, Place, PlaceKind, Role
from hub.models.trade import PurchaseOrder
from hub.pages.settings.registers.items import SECTION
from hub.registry import register
from hub.registry.assortment import (
    Carried,
    CarriedAlready,
    CarriedForm,
    CarriesNothing,
    CodeTaken,
    NobodyOffers,
    SeveralOffer,
)
from hub.registry.items import GtinFixed, ItemForm, Items, OffersNothing, WrongGtin
from hub.registry.papers import PaperForm, Papers, PaperTaken
from hub.registry.places import NotYourKindOfPlace, PlaceForm, PlaceInUse, Places, PlaceTaken
from hub.registry.sheets import Row
from hub.trace import master_data
from tests.supermarket import Supermarket, signed_in

TOMATO = {
    "gtin": "6901234000016",
    "name_zh": "普罗旺斯番茄",
    "category": "vegetables",
    "price": "7.20",
    "shelf_life_days": "8",
    "case_quantity": "10",
}
STORE = {"name_zh": "历下店", "latitude": "36.66", "longitude": "117.07"}


@pytest.fixture
def farm(clean, keys_of_the_hub):
    return builder.member(builder.party(OrganizationKind.SUPPLIER))


@pytest.fixture
def chain(clean, keys_of_the_hub):
    return builder.member(builder.party(OrganizationKind.RETAILER))


def keeper(party, role=Role.ADMINISTRATOR) -> Actor:
    return builder.actor(party, role)


def desk(party):
    return db.session(db.Who(party.id))


def rows(*cells) -> list[Row]:
    return [Row(number, row) for number, row in enumerate(cells, 2)]


def test_an_item_is_added_stated_and_changed_and_what_changed_stands_in_the_trail(farm):
    items, me = Items(), keeper(farm)
    with desk(farm) as session:
        item = items.add(session, me, ItemForm.model_validate(TOMATO))
    with desk(farm) as session:
        item = items.find(session, me, item.id)
        items.change(session, me, item, ItemForm.model_validate(TOMATO | {"name_en": "Provence tomatoes"}))
        items.change(session, me, item, ItemForm.model_validate(TOMATO | {"name_en": "Provence tomatoes"}))
    with desk(farm) as session:
        item = items.find(session, me, item.id)
        names = [said.attributes["name_en"] for _, said in master_data.history(session, item)]
        assert names == ["普罗旺斯番茄", "Provence tomatoes"]
        trail = session.exec(select(AuditEntry).order_by(AuditEntry.id)).all()
        assert [(entry.action, entry.subject) for entry in trail] == [
            ("item.add", "06901234000016"),
            ("item.change", "06901234000016"),
        ]
        assert trail[1].detail == {"name_en": "普罗旺斯番茄 → Provence tomatoes"}


def test_an_article_number_is_checked_kept_and_never_changed(farm):
    items, me = Items(), keeper(farm)
    with desk(farm) as session:
        with pytest.raises(WrongGtin, match="last would be 6") as refusal:
            items.add(session, me, ItemForm.model_validate(TOMATO | {"gtin": "6901234000017"}))
        assert refusal.value.at == "gtin"
        item = items.add(session, me, ItemForm.model_validate(TOMATO))
        with pytest.raises(GtinFixed):
            items.change(session, me, item, ItemForm.model_validate(TOMATO | {"gtin": builder.gtin(9)}))


def test_an_item_ends_and_is_offered_again_and_nothing_is_deleted(farm):
    items, me = Items(), keeper(farm)
    with desk(farm) as session:
        item = items.add(session, me, ItemForm.model_validate(TOMATO))
        items.end(session, me, item, date(2026, 12, 1))
        said = master_data.newest_of(session, [item])[item.id]
        assert said.attributes["ended_on"] == "2026-12-01"
        items.end(session, me, item, None)
        assert "ended_on" not in master_data.newest_of(session, [item])[item.id].attributes


def test_a_store_without_a_gln_gets_a_number_of_the_hubs_own_and_may_get_its_real_one_later(chain):
    places, me = Places(), keeper(chain)
    with desk(chain) as session:
        store = places.add(session, me, PlaceForm.model_validate(STORE))
        assert digital_link.is_internal(store.gln) and store.kind is PlaceKind.STORE
        places.change(session, me, store, PlaceForm.model_validate(STORE | {"gln": builder.gln(77)}))
        assert store.gln == builder.gln(77)
        assert len(master_data.history(session, store)) == 2
        with pytest.raises(PlaceTaken):
            places.add(session, me, PlaceForm.model_validate(STORE | {"gln": builder.gln(77)}))
        with pytest.raises(digital_link.GlnCheckDigit, match="last would be"):
            places.add(session, me, PlaceForm.model_validate(STORE | {"gln": "6901234000017"}))


def test_a_place_has_docks_and_days_on_which_it_is_closed(chain, farm):
    places, me = Places(), keeper(chain)
    with desk(chain) as session:
        store = places.add(session, me, PlaceForm.model_validate(STORE | {"docks": "3", "closed_on": ["7", "6"]}))
        assert (store.docks, store.closed_on) == (3, "6 7")
        assert not store.takes_goods_on(date(2026, 11, 28)) and store.takes_goods_on(date(2026, 11, 30))
        with pytest.raises(HubError, match="one day of the week at least"):
            places.add(session, me, PlaceForm.model_validate(STORE | {"closed_on": "1 2 3 4 5 6 7"}))
    with desk(farm) as session, pytest.raises(HubError, match="have docks"):
        Places().add(session, keeper(farm), PlaceForm.model_validate(STORE | {"kind": "farm", "docks": "1"}))


def test_everybody_has_places_of_his_own_kind(chain, farm):
    with desk(chain) as session, pytest.raises(NotYourKindOfPlace):
        Places().add(session, keeper(chain), PlaceForm.model_validate(STORE | {"kind": "farm"}))
    with desk(chain) as session, pytest.raises(OffersNothing):
        Items().add(session, keeper(chain), ItemForm.model_validate(TOMATO))
    with desk(farm) as session:
        field = Places().add(session, keeper(farm, Role.SUPPLIER), PlaceForm.model_validate(STORE | {"kind": "farm"}))
    assert field.kind is PlaceKind.FARM


def test_a_store_is_served_from_a_centre_of_its_own_chain(chain):
    places, me = Places(), keeper(chain)
    with desk(chain) as session:
        centre = places.add(session, me, PlaceForm.model_validate(STORE | {"kind": "dc"}))
        store = places.add(session, me, PlaceForm.model_validate(STORE | {"served_from": centre.gln}))
        assert store.served_from_id == centre.id and places.values(session, store)["served_from"] == centre.gln
        with pytest.raises(HubError) as refusal:
            places.add(session, me, PlaceForm.model_validate(STORE | {"served_from": store.gln}))
        assert refusal.value.at == "served_from"


def test_a_store_with_orders_on_their_way_does_not_end(clean, keys_of_the_hub):
    market = Supermarket()
    order = PurchaseOrder(
        owner_id=market.chain.id,
        number="PO-1",
        supplier_id=market.farm.id,
        deliver_to_id=market.stores[0].id,
        deliver_on=date(2026, 12, 1),
        proposed_at=now(),
    )
    with desk(market.chain) as session:
        session.add(order)
    me, places = market.administrator, Places()
    with desk(market.chain) as session:
        store = places.find(session, me, market.stores[0].id)
        with pytest.raises(PlaceInUse, match="1 orders"):
            places.end(session, me, store, date(2026, 12, 1))
        places.end(session, me, places.find(session, me, market.stores[1].id), date(2026, 12, 1))


def test_a_certificate_is_known_by_its_number_and_ends_by_its_validity(farm):
    papers, me = Papers(), keeper(farm)
    told = {"number": "G-1", "kind": "gap", "name_zh": "良好农业规范", "issuer": "CQC", "valid_from": "2026-01-01"}
    with desk(farm) as session:
        paper = papers.add(session, me, PaperForm.model_validate(told))
        with pytest.raises(PaperTaken):
            papers.add(session, me, PaperForm.model_validate(told))
        with pytest.raises(HubError, match="ends before"):
            papers.change(session, me, paper, PaperForm.model_validate(told | {"valid_to": "2025-01-01"}))
        papers.end(session, me, paper, date(2026, 6, 1))
        assert paper.valid_to == date(2026, 6, 1)


def test_nobody_keeps_anothers_register_or_without_the_right(farm, chain):
    with desk(farm) as session:
        item = Items().add(session, keeper(farm), ItemForm.model_validate(TOMATO))
    with desk(chain) as session, pytest.raises(NotFound):
        Items().find(session, keeper(chain), item.id)
    with desk(chain) as session, pytest.raises(NotAllowed):
        Places().add(session, keeper(chain, Role.STORE), PlaceForm.model_validate(STORE))
    with desk(farm) as session, pytest.raises(NotAllowed):
        Items().change(session, keeper(chain), item, ItemForm.model_validate(TOMATO))


def test_a_sheet_is_looked_at_first_and_then_taken_in_whole_and_the_same_again_changes_nothing(farm):
    items, me = Items(), keeper(farm)
    sheet = rows(TOMATO, TOMATO | {"gtin": builder.gtin(9), "name_zh": "樱桃番茄"})
    with desk(farm) as session:
        looked = register.attempt(session, me, items, sheet)
        assert (len(looked.added), looked.changed, looked.same, looked.wrong) == (2, 0, 0, [])
        assert items.all(session, me) == [] and not session.exec(select(AuditEntry)).all()
    with desk(farm) as session:
        register.take(session, me, items, sheet)
    with desk(farm) as session:
        assert register.take(session, me, items, sheet).same == 2
        assert len(items.all(session, me)) == 2
        assert all(len(master_data.history(session, item)) == 1 for item in items.all(session, me))


def test_a_sheet_changes_only_the_columns_it_has_and_says_which(farm):
    items, me = Items(), keeper(farm)
    with desk(farm) as session:
        items.add(session, me, ItemForm.model_validate(TOMATO | {"name_en": "Tomatoes"}))
        looked = register.attempt(session, me, items, rows({"gtin": "6901234000016", "price": "6.10"}))
        assert [(c.key, c.column, c.now, c.then) for c in looked.changes] == [("6901234000016", "price", "7.2", "6.1")]
    with desk(farm) as session:
        register.take(session, me, items, rows({"gtin": "6901234000016", "price": "6.10"}))
        item = items.all(session, me)[0]
        assert (item.price, item.name_en) == (Decimal("6.10"), "Tomatoes")


def test_what_is_wrong_in_a_sheet_is_named_by_row_and_column_and_nothing_of_it_is_taken(farm):
    items, me = Items(), keeper(farm)
    sheet = rows(
        TOMATO,
        TOMATO | {"gtin": "6901234000017"},
        TOMATO,
        TOMATO | {"gtin": builder.gtin(9), "price": "7,2 yuan"},
        {"gtin": builder.gtin(10)},
    )
    with desk(farm) as session:
        looked = register.attempt(session, me, items, sheet)
        assert [(wrong.row, wrong.column) for wrong in looked.wrong[:3]] == [(3, "gtin"), (4, "gtin"), (5, "price")]
        assert {wrong.column for wrong in looked.wrong if wrong.row == 6} == {
            "name_zh", "category", "price", "shelf_life_days", "case_quantity"
        }  # fmt: skip
        assert isinstance(looked.wrong[1].why, register.Duplicate) and looked.wrong[1].why.values["row"] == 2
    with desk(farm) as session, pytest.raises(register.SheetWrong):
        register.take(session, me, items, sheet)
    with desk(farm) as session:
        assert session.exec(select(TradeItem)).all() == []


def test_a_retailer_carries_what_its_suppliers_offer_and_nothing_else(clean, keys_of_the_hub):
    market = Supermarket()
    me, carried = market.administrator, Carried()
    rival = builder.party(OrganizationKind.SUPPLIER, "Luyuan")
    beans = builder.item(rival, "Beans")
    plums = builder.item(market.farm, "Plums")
    with desk(market.chain) as session:
        with pytest.raises(NobodyOffers):
            carried.add(session, me, CarriedForm(gtin=beans.gtin))
        row = carried.add(session, me, CarriedForm(gtin=plums.gtin[1:]))
        assert (row.supplier_id, row.core_code) == (market.farm.id, plums.gtin)
        with pytest.raises(CarriedAlready):
            carried.add(session, me, CarriedForm(gtin=plums.gtin, core_code="X"))
        carried.change(session, me, row, CarriedForm(gtin=plums.gtin, core_code="P-1"))
        assert carried.page(session, me, Search("P-1")).rows == [row]
        carried.end(session, me, row, date(2026, 12, 1))
        assert row.ended_on == date(2026, 12, 1)
    builder.relation(market.chain, rival)
    same = builder.item(rival, "Plums too", gtin=plums.gtin)
    with desk(market.chain) as session:
        row = carried.find(session, me, row.id)
        with pytest.raises(SeveralOffer, match=rival.gln):
            carried.add(session, me, CarriedForm(gtin=same.gtin))
        with pytest.raises(CodeTaken):
            carried.add(session, me, CarriedForm(gtin=same.gtin, supplier=rival.gln, core_code="P-1"))
        other = carried.add(session, me, CarriedForm(gtin=same.gtin, supplier=rival.gln, core_code="P-2"))
        assert other.supplier_id == rival.id
    with desk(market.farm) as session, pytest.raises(CarriesNothing):
        carried.add(session, market.grower, CarriedForm(gtin=plums.gtin))


def test_stores_are_taken_in_by_sheet_too(chain):
    places, me = Places(), keeper(chain)
    with desk(chain) as session:
        register.take(session, me, places, rows(STORE, STORE | {"name_zh": "泉城路店", "gln": builder.gln(8)}))
        assert sorted(place.name_zh for place in session.exec(select(Place))) == ["历下店", "泉城路店"]


def test_a_retailer_says_how_much_of_an_item_it_keeps_how_often_it_orders_and_how_fresh_it_comes(
    clean, keys_of_the_hub
):
    market = Supermarket()
    me, carried = market.administrator, Carried()
    told = {"gtin": market.tomato.gtin, "safety": "12.5", "review_days": "3", "least_days_left": "4"}
    with desk(market.chain) as session:
        register.take(session, me, carried, rows(told, {"gtin": market.eggs.gtin}))
    with desk(market.chain) as session:
        assert register.take(session, me, carried, rows(told, {"gtin": market.eggs.gtin, "safety": ""})).same == 2
        tomato, eggs = carried.all(session, me)
        assert (tomato.safety, tomato.review_days, tomato.least_days_left) == (Decimal("12.5"), 3, 4)
        assert (eggs.safety, eggs.review_days, eggs.least_days_left) == (None, None, None)
        looked = register.attempt(session, me, carried, rows({"gtin": market.tomato.gtin, "safety": ""}))
        assert [(change.now, change.then) for change in looked.changes] == [("12.5", "")]
        wrong = {"safety": "-1", "review_days": "0", "least_days_left": "1.5"}
        looked = register.attempt(session, me, carried, rows({"gtin": market.tomato.gtin} | wrong))
        assert {found.column for found in looked.wrong} == set(wrong)


def right(body) -> str:
    """A number with its check digit."""
    return body + digital_link.check_digit(body)


@pytest.mark.parametrize(
    ("body", "doubted"),
    [
        ("690123416001", True),  # 6 1 and 1 6: the check digit is the same
        ("690128461001", True),  # another company's, by one digit
        ("690123461002", False),  # its neighbour in the company's own count
    ],
)
def test_a_number_that_a_slip_makes_out_of_another_is_asked_about_and_not_refused(farm, body, doubted):
    items, me = Items(), keeper(farm)
    with desk(farm) as session:
        items.add(session, me, ItemForm.model_validate(TOMATO | {"gtin": right("690123461001")}))
        other = ItemForm.model_validate(TOMATO | {"gtin": right(body), "name_zh": "黄瓜"})
        asked = [(doubt.at, doubt.other.name_zh) for doubt in items.doubts(session, me, other, None)]
        assert asked == ([("gtin", "普罗旺斯番茄")] if doubted else [])
        assert items.add(session, me, other).name_zh == "黄瓜"


def test_two_items_of_one_name_are_asked_about_in_the_form_once_and_in_a_sheet_without_stopping_it(farm):
    browser = signed_in(farm, Role.ADMINISTRATOR)
    again = TOMATO | {"gtin": builder.gtin(9).removeprefix("0")}
    assert browser.post("/settings/items/new", data=TOMATO).status_code == 303
    asked = browser.post("/settings/items/new", data=again)
    assert asked.status_code == 422 and "Do you mean 普罗旺斯番茄, 6901234000016?" in asked.text
    assert browser.post("/settings/items/new", data=again | {"sure": "true"}).status_code == 303
    items, me = Items(), keeper(farm)
    with desk(farm) as session:
        third = rows(TOMATO | {"gtin": builder.gtin(10)})
        intake = register.attempt(session, me, items, third)
        assert [(row, doubt.at) for row, doubt in intake.doubts] == [(2, "name_zh"), (2, "name_zh")]
        assert intake.wrong == [] and register.take(session, me, items, third).added
        first = next(row for row in items.all(session, me) if row.gtin.endswith(TOMATO["gtin"]))
        assert items.doubts(session, me, ItemForm.model_validate(TOMATO | {"price": "8"}), first) == ()


def test_a_doubt_between_two_new_lines_of_a_sheet_is_shown_though_neither_was_taken_in_yet(farm):
    browser = signed_in(farm, Role.ADMINISTRATOR)
    fields = [name for name in ItemForm.model_fields if name in TOMATO]
    labels = {each.name: each.label for each in SECTION.fields}
    lines = [",".join(labels[name] for name in fields)]
    for number in (builder.gtin(9), builder.gtin(10)):
        lines.append(",".join(str((TOMATO | {"gtin": number})[name]) for name in fields))
    sheet = ("items.csv", "\n".join(lines).encode())
    looked = browser.post("/settings/items/import", files={"file": sheet})
    assert looked.status_code == 200 and "Do you mean 普罗旺斯番茄" in looked.text and "2 rows" in looked.text


def test_another_suppliers_items_are_nobodys_doubt(farm):
    rival = builder.party(OrganizationKind.SUPPLIER, "Rival")
    with desk(rival) as session:
        Items().add(session, keeper(rival), ItemForm.model_validate(TOMATO))
    with desk(farm) as session:
        assert (
            Items().doubts(session, keeper(farm), ItemForm.model_validate(TOMATO | {"gtin": builder.gtin(9)}), None)
            == []
        )
