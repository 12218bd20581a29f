"""What a supplier reads of its lots and records, in Chinese and in English, from plain values."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from fastapi import Request

from hub.access import GRANTS, Actor
from hub.app import create_app
from hub.demo import builder
from hub.gs1 import digital_link
from hub.ledger.custody.speakers import Word
from hub.lists import CountedPage, Search
from hub.models.base import uuid7
from hub.models.catalogue import ListingDispute, Lot, Mandate, RecallNotice, SpeaksAs, TradeItem
from hub.models.party import KeyHolder, Organization, OrganizationKind, Place, PlaceKind, Role, SigningKey
from hub.models.trace import AnchorState, Event, LogAppend
from hub.settings import CHECKOUT
from hub.trace import records
from hub.trace.asking.names import Called
from hub.trace.journey import Step
from hub.trace.listings import Listing
from hub.web.forms import Filled
from hub.web.i18n import language
from hub.web.templating import render
from supplier_portal.lots import list_view, stream_view
from supplier_portal.lots.desk import FORMS
from supplier_portal.lots.list_view import LotsPage, lots_page
from supplier_portal.lots.lot_book import LotRow, LotState
from supplier_portal.lots.lot_view import LotSheet, lot_page
from supplier_portal.lots.record_book import RecordRow
from supplier_portal.lots.recording.view import lot_beginning
from supplier_portal.lots.stream_view import RecordsPage, records_page
from supplier_portal.lots.view import lot_state, record_state, steps_called
from tests import rows

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)  # Tuesday, nine o'clock in Shanghai
TODAY = date(2026, 11, 24)


def party(zh: str, en: str, kind: OrganizationKind = OrganizationKind.SUPPLIER, **more: Any) -> Organization:
    own = uuid7()
    return Organization(id=own, owner_id=own, kind=kind, name_zh=zh, name_en=en, gln=builder.gln(700), **more)


FARM = party("清河农场", "Qinghe", member=7)
SHOP = party("合家", "Hejia", OrganizationKind.RETAILER)
OTHER = party("隔壁农场", "Next door")
CLERK = Actor(FARM.id, FARM.kind, GRANTS[Role.SUPPLIER], user_id=uuid7(), role=Role.SUPPLIER, name="李敏")
FIELD = Place(id=uuid7(), owner_id=FARM.id, kind=PlaceKind.FARM, name_zh="八号田", name_en="Field 8", gln="1")


def item(category: str = "vegetables") -> TradeItem:
    tomato = rows.item(FARM, "Tomato")
    tomato.id, tomato.name_zh, tomato.category = uuid7(), "番茄", category
    return tomato


TOMATO = item()


def row(state: LotState = LotState.HARVESTED, number: str = "T-1", left: int = 40, of: TradeItem = TOMATO) -> LotRow:
    """A lot of a hundred kilograms, or one that still grows."""
    lot = Lot(id=uuid7(), owner_id=FARM.id, trade_item_id=of.id, number=number)
    if state is not LotState.GROWING:
        lot.made_on, lot.best_before, lot.quantity = TODAY, TODAY + timedelta(days=8), Decimal(100)
    return LotRow(lot, of, state, Decimal(left))


def record(step: str = "packing", owner: Organization = FARM, append: LogAppend | None = None, **more: Any):
    """A record of two lots that waits to be sealed, or was by a tree head."""
    fields = {"type": "ObjectEvent", "event_time": AT, "created_at": AT, "commitment": b"c"} | more
    event = Event(id=uuid7(), owner_id=owner.id, biz_step=step, **fields)
    return RecordRow(event, [f"https://id.gs1.org/01/06901234567892/10/T-{n}" for n in (1, 2)], append)


def html(code: str, template: str, **context: Any) -> str:
    """A page's HTML, as a browser gets it."""
    state = {"actor": CLERK}
    asked = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "app": create_app(), "state": state}
    headers = [(b"host", b"hub"), (b"accept-language", code.encode())]
    return render(Request(asked | {"headers": headers}), template, **context)


def drawn(icon: str) -> bool:
    return f'id="i-{icon}"' in (CHECKOUT / "static" / "icons.svg").read_text()


# States


@pytest.mark.parametrize(
    ("state", "word", "tone"),
    [
        (LotState.GROWING, "Growing", ""),
        (LotState.HARVESTED, "Harvested", ""),
        (LotState.TESTED, "Tested", "ok"),
        (LotState.RECALLED, "Recalled", "stop"),
    ],
)
def test_a_lot_says_how_far_it_has_come(state, word, tone):
    shown = lot_state(state, language("en"))
    assert (shown.word, shown.tone) == (word, tone) and drawn(shown.icon)


@pytest.mark.parametrize(
    ("row", "word", "tone"),
    [
        (record(commitment=None), "Waiting for your signature", "warn"),
        (record(), "Waiting to be sealed", ""),
        (record(append=LogAppend(number=1, state=AnchorState.SEALED)), "Sealed", ""),
        (record(append=LogAppend(number=1, state=AnchorState.SENT)), "Sealed", ""),
        (record(append=LogAppend(number=1, state=AnchorState.ANCHORED)), "Anchored", ""),
        (record(append=LogAppend(number=1, state=AnchorState.FINAL)), "Final", "ok"),
    ],
)
def test_a_record_says_how_far_it_is_on_its_way_to_the_chain(row, word, tone):
    shown = record_state(row, language("en"))
    assert (shown.word, shown.tone) == (word, tone) and drawn(shown.icon)


# The list of lots


COUNTS = {LotState.GROWING: 2, LotState.HARVESTED: 1, LotState.TESTED: 0, LotState.RECALLED: 1}
SOME = list_view.LotsSheet(
    CountedPage([row(LotState.GROWING), row(LotState.TESTED, "T/2")], 60, Search(size=25)), COUNTS
)
NONE = list_view.LotsSheet(CountedPage([], 0), dict.fromkeys(LotState, 0))


def listed(sheet: list_view.LotsSheet = SOME, code: str = "en") -> LotsPage:
    return lots_page(sheet, language(code))


def test_the_list_opens_with_how_many_lots_are_recalled():
    assert listed().lead == "1 lot is recalled and must not be sent."
    assert listed(NONE).lead == "Everything made together carries one number, and is found by it."


def test_what_still_grows_has_no_dates_and_no_figures():
    growing, tested = listed().lots
    assert (growing.made_on, growing.best_before, growing.made, growing.left) == ("–", "–", "–", "")
    assert (tested.made_on, tested.best_before) == ("Tue 24 Nov", "Wed 2 Dec")
    assert (tested.made, tested.left) == ("100 kg", "40 kg")


def test_each_part_of_the_list_says_how_many_lots_it_has():
    assert [(tab.word, tab.count, tab.current) for tab in listed().tabs] == [
        ("All", 4, True),
        ("Growing", 2, False),
        ("Harvested", 1, False),
        ("Tested", 0, False),
        ("Recalled", 1, False),
    ]


def test_what_was_looked_for_stays_when_one_turns_to_another_part_or_page():
    page = listed(replace(SOME, part="tested", lots=replace(SOME.lots, search=Search("a b&c", 2, 25))))
    assert page.tabs[1].address == "/supplier/lots?state=growing&q=a%20b%26c" and page.tabs[1].count is None
    assert page.export == "/supplier/lots/export.csv?state=tested&q=a%20b%26c"
    assert page.title == "Tested" and page.paging is not None
    assert page.paging.earlier == "/supplier/lots?state=tested&q=a%20b%26c&p=1"
    assert page.paging.later == "/supplier/lots?state=tested&q=a%20b%26c&p=3"
    assert page.paging.shown == "26–27 of 60"


def test_a_list_of_lots_stays_sorted_in_every_part_on_every_page_and_when_it_is_taken_away():
    page = listed(replace(SOME, part="tested", lots=replace(SOME.lots, search=Search("a", sort="-left"))))
    made = next(column for column in page.columns if column.word == "Made on")
    assert (made.sort, made.address) == ("none", "/supplier/lots?state=tested&q=a&sort=made")
    assert [column.word for column in page.columns if column.sort == "descending"] == ["Left"]
    assert page.paging is not None and page.paging.later.endswith("?state=tested&q=a&sort=-left&p=2")
    assert all(address.endswith("q=a&sort=-left") for address in [page.export, *(tab.address for tab in page.tabs)])
    assert page.kept == [("state", "tested")]


@pytest.mark.parametrize(
    ("narrowed", "title", "address"),
    [
        ({"lots": CountedPage([], 0, Search("zz")), "part": "tested"}, "No lot mentions “zz”.", "/supplier/lots"),
        ({}, "You have no lots yet.", "/supplier/lots/new"),
        ({"part": "recalled"}, "No lot is in this state.", "/supplier/lots"),
    ],
)
def test_an_empty_list_says_why_it_is_empty(narrowed, title, address):
    page = listed(replace(NONE, **narrowed))
    assert page.nothing is not None and page.paging is None
    assert (page.nothing.title, page.nothing.address) == (title, address)


@pytest.mark.parametrize("code", ["zh", "en"])
@pytest.mark.parametrize("sheet", [SOME, NONE])
def test_the_list_is_laid_out_in_both_languages(code, sheet):
    page = listed(sheet, code)
    shown = html(code, "lots/lots.html", list=page)
    assert page.lead in shown and all(lot.number in shown for lot in page.lots)
    assert ('class="empty"' in shown) is (page.nothing is not None)


# One lot


def step(kind: str, *, sealed: bool = True, **event: Any) -> Step:
    """Something the farm recorded in its field."""
    written = Event(owner_id=FARM.id, log_index=1 if sealed else None)
    return Step(kind, AT, written, event, FIELD, FARM)


def notice(owner: Organization = FARM, *, closed: bool = False) -> RecallNotice:
    reasons = {"reason_zh": "农残超标", "reason_en": "Residue above the limit"}
    return RecallNotice(
        id=uuid7(),
        owner_id=owner.id,
        lot_id=uuid7(),
        recall_class=2,
        opened_at=AT,
        closed_at=AT if closed else None,
        **reasons,
    )


def mandate(until: date | None = None, link: str = "") -> tuple[Mandate, Organization]:
    fields = {"id": uuid7(), "owner_id": FARM.id, "speaker_id": OTHER.id, "kind": SpeaksAs.LABORATORY}
    return Mandate(**fields, link=link, valid_from=date(2026, 11, 1), valid_to=until), OTHER


def listing(maker: Organization, *disputed_by: Organization) -> Listing:
    disputes = [
        ListingDispute(id=uuid7(), owner_id=who.id, listed_by_id=maker.id, gtin=TOMATO.gtin, reason="Not theirs")
        for who in disputed_by
    ]
    return Listing(maker.id, maker.gln, maker.name_zh, maker.name_en, AT, maker is FARM, disputes)


ORGANIZATIONS = {FARM.id: FARM, SHOP.id: SHOP}
GROWING = LotSheet(own=FARM, at=AT, row=row(LotState.GROWING), shop="/01/1/10/T-1", places=[FIELD])
MADE = replace(
    GROWING,
    row=row(LotState.TESTED),
    records=[record(records.PLANTING, published_at=AT), record("receiving", SHOP), record("urn:x:waxing", OTHER)],
    way=[
        step(records.PLANTING),
        step("commissioning", sealed=False),
        step("inspecting", disposition="non_conformant"),
        step("urn:x:waxing"),
    ],
    buyers=[SHOP, OTHER],
    others=[Word(uuid7(), 9, "检测所", "A laboratory", "inspecting", AT, AT)],
    asked=[mandate(), mandate(TODAY), mandate(TODAY + timedelta(days=1), link="https://id.gs1.org/01/1/10/T-1")],
    partners=[OTHER],
    listed=[listing(FARM, OTHER), listing(OTHER, FARM), listing(SHOP)],
    organizations=ORGANIZATIONS,
)
RECALLED = replace(MADE, row=row(LotState.RECALLED), notices=[notice(), notice(SHOP), notice(closed=True)])


def lot(sheet: LotSheet = MADE, code: str = "en"):
    return lot_page(sheet, language(code))


def test_a_lot_opens_with_what_can_be_done_with_it():
    assert lot(GROWING).lead == "It grows. Record what is done to it; the harvest comes last."
    assert lot(MADE).lead == "40 kg can still be sent."
    assert lot(replace(MADE, row=row(left=0))).lead == "All of it has left."
    assert lot(RECALLED).lead.startswith("This lot is recalled: it must not be sent")


def test_what_grows_has_no_label_and_cannot_be_called_back():
    assert (lot(GROWING).shop, lot(GROWING).recallable) == ("", False)
    assert (lot(MADE).shop, lot(MADE).recallable) == ("/01/1/10/T-1", True)
    assert not lot(RECALLED).recallable
    assert (lot(GROWING).next.grows, lot(MADE).next.grows) == (True, False)


def test_only_whoever_called_a_lot_back_can_close_the_recall():
    own, buyers = lot(RECALLED).recalls
    assert own.title == "Recalled on 24 Nov, 09:00 by Qinghe, class 2." and own.close.endswith(
        f"/recall/{own.id}/close"
    )
    assert "by Hejia" in buyers.title and buyers.close == ""
    assert [recall.reason for recall in lot(RECALLED, "zh").recalls] == ["农残超标"] * 2


def test_a_recall_warns_those_who_bought_of_the_lot():
    assert lot(MADE).warned == "Hejia, Next door" and lot(MADE, "zh").warned == "合家、隔壁农场"
    assert lot(GROWING).warned == "your buyers"


def test_a_lots_facts_are_dashes_until_it_is_harvested():
    assert [fact.value for fact in lot(GROWING).facts] == [
        "not yet",
        "–",
        "–",
        "–",
        digital_link.printed(TOMATO.gtin),
        "–",
    ]
    assert dict(lot(MADE).facts)["Left"] == "40 kg" and dict(lot(MADE).facts)["Went to"] == "Hejia, Next door"


def test_only_ones_own_records_are_shown_or_hidden_the_latest_first():
    unknown, bought, own = lot(MADE).records
    assert (own.step, own.writer, own.shown, own.label) == ("Planted", "Qinghe", True, "Make private: Planted")
    assert own.address.startswith("/supplier/lots/") and own.address.endswith("/shown")
    assert (bought.writer, bought.shown, bought.address, bought.label) == ("Hejia", False, "", "")
    assert (unknown.step, unknown.writer) == ("waxing", "–")


def test_the_way_shows_what_is_wrong_and_what_is_not_in_the_ledger_yet():
    waxed, tested, harvested, planted = lot(MADE).way
    assert [stage.kind for stage in (planted, harvested, tested)] == ["", "next", "bad"]
    assert (planted.title, planted.place, planted.when) == ("Planted", "Field 8", "24 Nov, 09:00")
    assert waxed.title == "urn:x:waxing"


@pytest.mark.parametrize(
    ("category", "word"),
    [("vegetables", "Harvested"), ("mushrooms", "Harvested"), ("bakery", "Made"), ("eggs", "Made")],
)
def test_what_grows_is_harvested_and_the_rest_is_made(category, word):
    sheet = replace(GROWING, row=row(of=item(category)), way=[step("commissioning")])
    assert [stage.title for stage in lot(sheet).way] == [word]


def test_a_step_tells_how_much_and_where_to():
    sent = replace(step("shipping"), quantity=Decimal(40), unit="KGM", to=FIELD)
    assert lot(replace(MADE, way=[sent])).way[0].detail == "40 kg · to Field 8"


def test_a_place_of_nobodys_here_is_called_by_its_senders_word_set_apart():
    elsewhere = Called("https://id.gs1.org/414/0614141073467", {"": "Cold <store>"}, {"": "Cold <store>"})
    sheet = replace(MADE, way=[replace(step("storing"), place=None, at_called=elsewhere)])
    [stage] = lot(sheet).way
    assert stage.place == "" and stage.said == (
        "At “Cold <store>” (GLN 0614141073467), as Qinghe calls it. No record covers this name.",
    )


def test_nobody_is_let_speak_longer_who_may_not_after_today():
    always, today, tomorrow = lot(MADE).speakers.rows
    assert [speaker.until for speaker in (always, today, tomorrow)] == ["–", "Tue 24 Nov", "Wed 25 Nov"]
    assert [bool(speaker.end) for speaker in (always, today, tomorrow)] == [True, False, True]
    assert (always.name, always.kind, always.of, tomorrow.of) == ("Next door", "Laboratory", "all lots", "this lot")


def test_who_wrote_without_being_asked_is_named():
    (word,) = lot(MADE).unasked
    assert (word.step, word.writer, word.at) == ("Sampled and tested", "A laboratory", "24 Nov, 09:00")


def test_who_else_lists_the_number_can_be_disputed_once():
    listings = lot(MADE).listings
    disputed, free = listings.rivals
    assert disputed.name == "Next door" and disputed.dispute is not None and disputed.dispute.reason == "Not theirs"
    assert free.name == "Hejia" and free.dispute is None
    assert free.prefix == "The number does not begin with its company prefix."
    (objection,) = listings.objections
    assert objection.title == "Next door says that you may not list it."


def test_the_forms_begin_with_this_minute_on_the_suppliers_clock():
    steps = lot(GROWING).next
    assert (steps.fields.present, steps.unit, steps.fields.places) == (
        "2026-11-24T09:00",
        "kg",
        [(str(FIELD.id), "Field 8")],
    )
    assert steps.fields.doses[0] == ("LTR", "litres")
    assert steps.fields.measurements == [("temperature", "Temperature", "℃"), ("humidity", "Air humidity", "%")]


@pytest.mark.parametrize("code", ["zh", "en"])
@pytest.mark.parametrize("sheet", [GROWING, MADE, RECALLED])
@pytest.mark.parametrize("refused", ["", *FORMS])
def test_the_page_is_laid_out_and_opens_the_form_that_was_refused(code, sheet, refused):
    speaks, page = language(code), lot(sheet, code)
    forms = {name: Filled(speaks, errors={"at": "Wrong."} if name == refused else {}) for name in FORMS}
    shown = html(code, "lots/lot.html", lot=page, forms=forms, papers=[])
    assert page.lead in shown and all(stage.title in shown for stage in page.way)
    folds = dict(re.findall(r'<details class="fold step"\s+id="(\w+)"(\s+open)?>', shown))
    opened = [name for name in FORMS if folds.get(name)]
    assert opened == ([refused] if refused in folds else [])
    assert shown.count("data-focus") == (bool(opened) or refused in ("recall", "dispute"))


# A lot begun


@pytest.mark.parametrize("code", ["zh", "en"])
def test_a_lot_begins_where_one_has_something_to_make_and_a_place(code):
    speaks = language(code)
    form = Filled[Any](speaks)
    beginning = lot_beginning([TOMATO], [FIELD], "2026-11-24T09:00", speaks, chosen=str(TOMATO.id))
    template = "lots/recording/lot-new.html"
    shown = html(code, template, form=form, beginning=beginning)
    assert f'value="{TOMATO.id}" selected' in shown and 'value="2026-11-24T09:00"' in shown
    bare = lot_beginning([TOMATO], [], "2026-11-24T09:00", speaks)
    assert "<form class" not in html(code, template, form=form, beginning=bare).split("<main", 1)[-1]


# The stream of records


KEYS = {holder: SigningKey(owner_id=FARM.id, address="0x" + "ab" * 20, held_by=holder) for holder in KeyHolder}
LINKS = [f"https://id.gs1.org/01/06901234567892/10/T-{n}" for n in range(6)]
STREAM = stream_view.StreamSheet(
    own=FARM,
    at=AT + timedelta(minutes=5),
    records=CountedPage(
        [
            record(seq=1234, declaration="x", append=LogAppend(number=1, state=AnchorState.FINAL, block_number=1500)),
            replace(record("", commitment=None), lots=LINKS),
        ],
        120,
    ),
    lots={LINKS[1]: (OWN := uuid7())},
    key=KEYS[KeyHolder.HUB],
    numbered=1234,
    finality="depth:2",
)
EMPTY = replace(STREAM, records=CountedPage([], 0), key=None, numbered=None)


def stream(sheet: stream_view.StreamSheet = STREAM, code: str = "en") -> RecordsPage:
    return records_page(sheet, language(code))


def test_a_record_stands_under_its_number_with_its_block():
    sealed, waiting = stream().records
    assert (sealed.number, sealed.step, sealed.corrected, sealed.block) == (
        "1,234",
        "Graded and packed",
        True,
        "block 1,500",
    )
    assert (waiting.number, waiting.step, waiting.corrected, waiting.block) == ("–", "ObjectEvent", False, "")
    assert sealed.recorded == "5 min ago"


def test_four_lots_of_a_record_are_named_and_the_others_counted():
    few, many = stream().records
    assert few.more == "" and many.more == "and 2 more"
    assert [(lot.number, lot.address) for lot in many.lots] == [
        ("T-0", ""),
        ("T-1", f"/supplier/lots/{OWN}"),
        ("T-2", ""),
        ("T-3", ""),
    ]


@pytest.mark.parametrize(
    ("key", "signing"),
    [
        (None, (False, False, "")),
        (KEYS[KeyHolder.HUB], (False, True, "")),
        (KEYS[KeyHolder.MEMBER], (True, False, "2 records wait for your signature.")),
    ],
)
def test_the_page_says_who_signs_and_what_waits_for_it(key, signing):
    shown = stream(replace(STREAM, key=key, unsigned=2)).signing
    assert (shown.by_member, shown.by_hub, shown.waiting) == signing


def test_whoever_is_no_member_yet_has_no_stream():
    own = stream().stream
    assert own is not None and (own.member, own.numbered, own.address) == (7, "1,234", "0x" + "ab" * 20)
    assert stream(EMPTY).stream is None


def test_a_list_without_records_says_why():
    searched, new = stream(replace(EMPTY, records=CountedPage([], 0, Search("zz")))).nothing, stream(EMPTY).nothing
    assert searched is not None and searched.title == "No record mentions “zz”."
    assert new is not None and new.address == "/supplier/lots/new"


def test_the_page_says_how_many_records_there_are_and_how_many_were_found():
    assert stream().lead.startswith("120 records, numbered in your stream.") and stream(EMPTY).lead == ""
    found = replace(STREAM, records=replace(STREAM.records, total=1, search=Search("T-1")))
    assert stream(found).lead == "1 record mentions “T-1”."


def test_records_stay_sorted_on_every_page_and_when_they_are_taken_away():
    page = stream(replace(STREAM, records=replace(STREAM.records, search=Search("T 1", 2, sort="-happened"))))
    assert [(column.name, column.sort) for column in page.columns if column.name] == [
        ("number", "none"),
        ("step", "none"),
        ("happened", "descending"),
        ("recorded", "none"),
    ]
    assert page.columns[0].address == "/supplier/records?q=T%201&sort=number"
    assert page.export == "/supplier/records/export.csv?q=T%201&sort=-happened"
    assert page.paging is not None and page.paging.later == "/supplier/records?q=T%201&sort=-happened&p=3"


def test_a_step_is_found_by_its_name_in_the_readers_language():
    assert steps_called("harv", language("en")) == ["commissioning"]
    assert steps_called("采收", language("zh")) == ["commissioning"] and steps_called(" ", language("zh")) == []


@pytest.mark.parametrize("code", ["zh", "en"])
@pytest.mark.parametrize("sheet", [STREAM, EMPTY, replace(STREAM, key=KEYS[KeyHolder.MEMBER], unsigned=2)])
def test_the_stream_is_laid_out_in_both_languages(code, sheet):
    page = stream(sheet, code)
    shown = html(code, "lots/records.html", list=page)
    assert all(record.step in shown and record.state.word in shown for record in page.records)
    assert page.signing.waiting in shown
