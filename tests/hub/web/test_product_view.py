"""What a shopper reads of a lot and of an item, in Chinese and in English, from plain values."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from fastapi import Request

from chain_node.facts import TreeHead
from hub.gs1 import digital_link, master_data
from hub.ledger.audit.verdict import Evidence, Verdict
from hub.ledger.checks.evidence import Inclusion, Record
from hub.ledger.checks.findings import Check, Outcome
from hub.ledger.checks.statements import Fact, Statements
from hub.models.base import stated, uuid7
from hub.models.catalogue import Certificate, Lot, RecallNotice, Temperature, TradeItem
from hub.models.party import Organization, OrganizationKind, Place, PlaceKind
from hub.models.trace import Event
from hub.pages.product.item import ItemSheet, Made
from hub.pages.product.item_view import Inquiry, ItemPage, item_page
from hub.pages.product.lookup import Called, Product
from hub.pages.product.proof import Sealers
from hub.pages.product.view import LotPage, lot_page
from hub.settings import CHECKOUT
from hub.trace import records
from hub.trace.journey import Journey, Named, Step
from hub.trace.listings import Listing
from hub.web.i18n import language
from hub.web.templating import render
from tests import rows

MORNING = datetime(2026, 11, 20, 6, 40, tzinfo=UTC)  # 14:40 in Shanghai
SEALED = Evidence(Record(7, 3, bytes(32)), bytes(32), bytes([1]) * 32, Inclusion(3, 9, []))
UNSEALED = Evidence(Record(7, 4, bytes(32)), b"", b"", None)
HEAD = TreeHead(9, bytes([2]) * 32)
GENUINE = [
    Check("V3", Outcome.VALID, "%(count)s records match their seals", {"count": 2}),
    Check("V6", Outcome.HUB_ATTESTED, ""),
    Check("V1", Outcome.VALID, "Judged against block %(block)s of the chain", {"block": 12}),
]


FARM = rows.party(OrganizationKind.SUPPLIER, "Qinghe", "清河农场", service_phone="400-1")
SHOP = rows.party(OrganizationKind.RETAILER, "Hejia", "合家", service_phone="400-9")
FIELD = rows.place(FARM, PlaceKind.FARM, "Greenhouse 7", "七号温室")
SHED = rows.place(FARM, PlaceKind.PACKHOUSE, "Packhouse", "包装车间")
ITEM = rows.item(FARM, "Tomatoes", "番茄")


def step(kind: str, hours: int = 0, where: Place | None = FIELD, *, sealed: bool = True, **event: Any) -> Step:
    """Something the farm recorded, so many hours into the day of the harvest."""
    row = Event(owner_id=FARM.id, log_index=1 if sealed else None)
    return Step(kind, MORNING + timedelta(hours=hours), row, event, where, FARM)


def findings(*results: dict[str, Any], standard: str = "GB 2763-2026") -> Step:
    """A laboratory's test of the lot."""
    source = {"furrow:laboratory": "Shandong Food Lab", "furrow:report": "R-1", "furrow:standard": standard}
    return step("inspecting", 3, SHED, **{"furrow:test": source | {"furrow:results": list(results)}})


def residue(limit: float, found: float | None = None) -> dict[str, Any]:
    """A substance that was looked for, and how much of it was found."""
    looked_for = {"furrow:substanceZh": "啶虫脒", "furrow:substanceEn": "acetamiprid", "furrow:limit": limit}
    return looked_for if found is None else looked_for | {"furrow:found": found}


@dataclass
class Shown:
    """A lot as the hub knows it, of which each test says what is different."""

    checks: list[Check] = field(default_factory=lambda: list(GENUINE))
    evidence: list[Evidence] = field(default_factory=lambda: [SEALED])
    steps: list[Step] = field(default_factory=lambda: [step("commissioning"), step("packing", 5, SHED)])
    inputs: list[str] = field(default_factory=list)
    made_of: dict[str, Named] = field(default_factory=dict)
    head: TreeHead | None = HEAD
    final: bool = True
    over: list[RecallNotice] = field(default_factory=list)
    certificates: list[Certificate] = field(default_factory=list)
    retailer: Organization | None = None
    recalled: Called | None = None
    objections: list[tuple[Organization, str]] = field(default_factory=list)
    others: list[Listing] = field(default_factory=list)
    item: TradeItem = field(default_factory=lambda: ITEM)

    def page(self, code: str = "en", sealers: int = 4) -> LotPage:
        """The page that a shopper gets."""
        product = Product(
            item=self.item,
            lot=Lot(owner_id=FARM.id, number="A1", made_on=MORNING.date()),
            maker=FARM,
            journey=Journey("", self.steps, self.inputs, self.made_of),
            verdict=Verdict(self.checks, self.evidence, self.head, 12, 0, self.final),
            over=self.over,
            certificates=self.certificates,
            retailer=self.retailer,
            recalled=self.recalled,
            objections=self.objections,
            others=self.others,
        )
        several = Sealers(sealers, "majority")
        return lot_page(
            product, language(code), at=MORNING, sealers=several, evidence="/evidence.json", report="/report"
        )


RECALLED = Called(MORNING, FARM, 7, "农残超标", "Residue above the limit")
NOTHING_KEPT = Called(MORNING, None, 7)


def html(code: str, template: str, **context: Any) -> str:
    """A page's HTML, as a browser gets it."""
    asked = {"type": "http", "method": "GET", "path": "/", "query_string": b""}
    headers = [(b"host", b"hub"), (b"accept-language", code.encode())]
    return render(Request(asked | {"headers": headers}), template, **context)


# The answer


def test_a_lot_whose_checks_all_hold_is_genuine():
    answer = Shown().page().answer
    assert (answer.icon, answer.tone) == ("ok", "t-ok")
    assert answer.title == "The record is genuine, no recall"
    assert answer.detail == "3 checks passed, judged at 14:40."
    assert Shown().page().proof.verdict == "Yes: nobody has changed it since it was written."


def test_the_answer_is_given_in_the_readers_language():
    assert Shown().page("zh").answer.title != Shown().page("en").answer.title
    assert Shown().page("zh").item == "番茄" and Shown().page("zh").makers == ["清河农场", "七号温室"]
    assert Shown().page("en").item == "Tomatoes" and Shown().page("en").makers == ["Qinghe", "Greenhouse 7"]


@pytest.mark.parametrize("outcome", [Outcome.ALTERED, Outcome.MISSING, Outcome.NOT_SIGNED, Outcome.ERASED])
def test_a_check_that_fails_is_counted_and_outweighs_what_waits_and_what_is_disputed(outcome):
    checks = [*GENUINE, Check("V4", outcome, ""), Check("V5", Outcome.PENDING, ""), Check("V11", Outcome.DISPUTED, "")]
    page = Shown(checks=checks).page()
    assert page.answer.title == "The record does not hold" and page.answer.tone == "t-stop"
    assert page.answer.detail == "1 checks failed: see which, and why."
    assert page.proof.verdict == "Not everything holds. What follows says what, and why."


@pytest.mark.parametrize("outcome", [Outcome.PENDING, Outcome.STALE])
def test_what_waits_to_be_sealed_cannot_be_judged_yet_and_is_never_called_genuine(outcome):
    page = Shown(checks=[*GENUINE, Check("V5", outcome, ""), Check("V11", Outcome.DISPUTED, "")]).page()
    assert page.answer.title == "Not everything can be judged yet" and page.answer.tone == "t-quiet"


def test_a_lot_of_which_nothing_is_published_cannot_be_judged():
    page = Shown(evidence=[], steps=[], head=None, final=False).page()
    assert page.answer.title == "Not everything can be judged yet"
    assert (page.way.stages, page.way.chart, page.way.summary, page.growth.test) == ([], None, "", None)
    assert (page.origin, page.makers) == ("Qinghe", ["Qinghe"])
    assert (page.proof.leaves, page.proof.root, page.proof.state) == ([], None, "not final yet")


def test_a_hand_over_that_was_counted_differently_is_genuine_and_said_to_be_disputed():
    reason, values = "Sent %(difference)s", {"difference": "10 → 9"}
    page = Shown(checks=[*GENUINE, Check("V11", Outcome.DISPUTED, reason, values)]).page()
    assert page.answer.title == "The record is genuine, no recall" and page.answer.icon == "less"
    assert page.answer.detail == "Sender and receiver counted differently: see how."
    assert "One thing in it is disputed" in page.proof.verdict


def test_any_other_dispute_is_told_by_its_own_reason():
    reason = "Record %(seq)s of member %(member)s says what nobody can read: %(path)s"
    values = {"seq": 3, "member": 7, "path": "eventTime %"}
    page = Shown(checks=[*GENUINE, Check("V11", Outcome.DISPUTED, reason, values)]).page()
    assert page.answer.detail == "Record 3 of member 7 says what nobody can read: eventTime %"


# The recall


def test_a_recalled_lot_opens_with_why_and_whom_to_call_and_gives_no_other_answer():
    page = Shown(recalled=RECALLED).page()
    assert page.answer is None
    assert page.recall.announced == "20 Nov, 14:40"
    assert (page.recall.reason, page.recall.phone) == ("Residue above the limit", "400-1")
    assert Shown(recalled=RECALLED).page("zh").recall.reason == "农残超标"


def test_genuine_is_not_safe():
    page = Shown(recalled=RECALLED).page()
    assert page.proof.verdict == "The record is genuine, and so is the recall. Genuine is not safe."
    finding = page.proof.findings[0]
    assert (finding.title, finding.tone, finding.reason) == ("No recall", "fail", "This lot was called back by Qinghe.")
    assert page.way.stages[0] == ("20 Nov, 14:40", "Recalled", "", "Residue above the limit", "bad", ())


def test_a_recall_whose_notice_is_gone_is_shown_all_the_same():
    page = Shown(recalled=NOTHING_KEPT).page()
    assert page.recall.reason.startswith("The recall stands on the chain. Why it was made is no longer kept here")
    assert page.recall.phone == "" and page.proof.findings[0].reason == "This lot was called back by member 7."


def test_a_recall_that_is_over_stays_on_the_way_without_its_reason():
    notice = RecallNotice(
        owner_id=FARM.id, lot_id=uuid7(), recall_class=2, reason_zh="谣言", reason_en="A rumour", opened_at=MORNING
    )
    page = Shown(over=[notice]).page()
    assert page.recall is None and page.answer.icon == "ok"
    assert page.way.stages[0] == ("20 Nov, 14:40", "Recalled, since closed", "", "", "bad", ())


# The checks


def test_of_each_kind_of_check_the_worst_speaks_with_its_word_and_reason():
    findings = Shown(checks=[*GENUINE, Check("V3", Outcome.WITHHELD, "not for this reader")]).page().proof.findings
    assert [(finding.tone, finding.word) for finding in findings] == [
        ("unknown", "Not shown"),
        ("warn", "Hub's word"),
        ("pass", "Pass"),
        ("pass", "Pass"),
    ]
    assert findings[0].reason == "not for this reader" and findings[2].reason == "Judged against block 12 of the chain"


def test_one_sealer_alone_proves_little_and_several_do():
    alone, several = (Shown().page(sealers=sealers).proof.findings[-1] for sealers in (1, 4))
    assert (alone.tone, alone.word) == ("fail", "One party") and "proves little to outsiders" in alone.reason
    assert (several.tone, several.reason) == ("pass", "4 independent parties seal this ledger.")


def test_the_proof_names_the_leaves_that_stand_in_the_ledger_and_its_root():
    proof = Shown(evidence=[SEALED, UNSEALED]).page().proof
    assert [(leaf.member, leaf.seq, leaf.hash) for leaf in proof.leaves] == [(7, 3, "01" * 32)]
    assert (proof.root.size, proof.root.hash, proof.root.block) == (9, "02" * 32, 12)
    assert (proof.state, proof.finality, proof.evidence) == ("final", "majority", "/evidence.json")
    assert "{n}" in proof.recomputation.matching and "{w}" in proof.recomputation.withheld


# The way


def test_the_way_is_told_stage_by_stage_on_each_places_clock_and_on_a_map():
    way = Shown().page().way
    assert way.summary == "2 records, from 20 Nov, 14:40 to 20 Nov, 19:40."
    assert way.stages == [
        ("20 Nov, 14:40", "Harvested", "Greenhouse 7", "recorded by Qinghe", "", ()),
        ("20 Nov, 19:40", "Graded and packed", "Packhouse", "recorded by Qinghe", "", ()),
    ]
    assert [(point.label, point.kind) for point in way.chart.points] == [
        ("Greenhouse 7", "stop"),
        ("Packhouse", "done"),
    ]
    assert way.chart.label == "Schematic map of the way: Greenhouse 7 → Packhouse"


def test_a_lot_that_stayed_where_it_was_has_no_map():
    way = Shown(steps=[step("commissioning"), step("packing", 5)]).page().way
    assert way.chart is None and way.summary.startswith("2 records")
    assert Shown(steps=[step("commissioning")]).page().way.summary == ""


def test_a_hand_over_says_to_where_and_by_whom():
    sent = replace(step("shipping", 9, SHED), to=rows.place(SHOP, PlaceKind.STORE, "Store 3", "三店"))
    assert Shown(steps=[sent]).page().way.stages[0].detail == "to Store 3 · recorded by Qinghe"


def test_a_stage_is_bad_when_it_was_too_warm_or_did_not_conform_and_next_while_it_waits_to_be_sealed():
    reports = [{"sensorReport": [{"type": "Temperature", "value": 12, "furrow:highest": 8}]}]
    warm = step("sensor_reporting", sensorElementList=reports)
    failed = step("inspecting", disposition="non_conformant", sealed=False)
    stages = Shown(steps=[warm, failed, step("packing", sealed=False), step("packing")]).page().way.stages
    assert [stage.kind for stage in stages] == ["bad", "bad", "next", ""]
    assert stages[0].title == "Temperature out of range"


def test_growing_is_measured_and_no_stage_of_the_way():
    assert Shown(steps=[step(records.GROWING), step("commissioning")]).page().way.stages[0].title == "Harvested"


def test_what_a_lot_was_made_of_can_be_followed():
    (ingredient,) = Shown(inputs=[digital_link.lot_link(ITEM.gtin, "F-1")]).page().way.ingredients
    assert (ingredient.address, ingredient.number) == (f"/01/{ITEM.gtin}/10/F-1", "F-1")


# Growing and tests


@pytest.mark.parametrize(
    ("results", "summary"),
    [
        ([residue(1.0, 0.06), residue(0.02, 0.042)], "2 substances looked for, 1 above the limit."),
        ([residue(1.0, 0.06), residue(0.5)], "2 substances looked for, 1 found, all below the national limit."),
        ([residue(1.0, 1.0)], "1 substance looked for, 1 found, all below the national limit."),
        ([residue(0.5)], "1 substance looked for, none found."),
    ],
)
def test_a_test_is_summed_up_in_one_sentence(results, summary):
    assert Shown(steps=[findings(*results)]).page().growth.test.summary == summary


def test_a_test_above_the_limit_says_by_how_much():
    growth = Shown(steps=[findings(residue(0.02, 0.042), residue(0.5))]).page().growth
    assert growth.test_title == "Pesticide residues"
    (found,) = growth.test.residues
    assert found.share == pytest.approx(2.1)
    assert found.label == "acetamiprid: 0.042 found, limit 0.02 mg/kg"
    assert growth.test.source == ["Shandong Food Lab", "20 Nov, 17:40", "GB 2763-2026", "report R-1"]


def test_where_no_test_was_published_there_is_a_title_and_no_test():
    growth = Shown().page().growth
    assert (growth.test_title, growth.test) == ("Laboratory test", None)


def test_what_was_sprayed_and_measured_is_told():
    used = {"furrow:product": "Bt", "furrow:substance": "Bacillus", "furrow:intervalDays": 3}
    report = {"type": "Temperature", "uom": "CEL", "minValue": 14, "meanValue": 22, "maxValue": 31}
    grown = [
        step(records.GROWING, sensorElementList=[{"sensorReport": [report | {"meanValue": mean}]}]) for mean in (20, 25)
    ]
    growth = Shown(steps=[step(records.SPRAYING, **{"furrow:protection": used}), *grown]).page().growth
    (spraying,), (measurement,) = growth.sprayings, growth.measurements
    assert (spraying.product, spraying.when, spraying.interval_days) == ("Bt", "20 Nov, 14:40", 3)
    assert (measurement.name, measurement.mean, measurement.unit) == ("Temperature", 22.5, "℃")
    assert (measurement.lowest, measurement.highest) == (14, 31) and measurement.curve.startswith("M0 ")


# Who makes it


def test_whoever_disputes_the_makers_listing_is_named_with_the_reason():
    (objection,) = Shown(objections=[(SHOP, "We hold this prefix")]).page().objections
    assert objection.title == "Hejia says that Qinghe may not use this article number."
    assert objection.reason == "We hold this prefix"


def test_other_makers_of_the_article_number_are_named():
    others = [Listing(uuid7(), "", zh, en, MORNING, False) for zh, en in (("甲", "Ay"), ("乙", "Bee"))]
    assert "is listed by Ay, Bee too" in Shown(others=others).page().namesakes
    assert "甲、乙" in Shown(others=others).page("zh").namesakes
    assert Shown().page().namesakes == ""


@pytest.mark.parametrize(
    ("valid_to", "expired"), [(None, False), (date(2026, 11, 19), True), (date(2026, 11, 20), False)]
)
def test_a_certificate_is_valid_through_its_last_day(valid_to, expired):
    (paper,) = Shown(certificates=[certificate(FARM, valid_to)]).page().papers
    assert (paper.name, paper.expired) == ("Green food", expired)


def certificate(owner: Organization, valid_to: date | None = None) -> Certificate:
    return Certificate(
        owner_id=owner.id,
        kind="green",
        name_zh="绿色食品",
        name_en="Green food",
        number="LB-1",
        issuer="CGFDC",
        valid_from=date(2026, 1, 1),
        valid_to=valid_to,
    )


@pytest.mark.parametrize(
    ("cold", "kept"),
    [
        (Temperature.AMBIENT, "cool and dry"),
        (Temperature.CHILLED, "at 0–8 ℃"),
        (Temperature.FROZEN, "below −15 ℃"),
    ],
)
def test_a_shopper_reads_how_to_keep_it(cold, kept):
    assert Shown(item=rows.item(FARM, temperature=cold)).page().storage == kept


def test_the_shop_stands_before_the_maker_with_the_numbers_to_call():
    assert Shown(retailer=SHOP).page().contacts == ["Hejia", "400-9", "Qinghe", "400-1"]
    assert Shown().page().contacts == ["Qinghe", "400-1"]


# The item's page


JUDGED = Verdict(GENUINE, [SEALED], HEAD, 12, 0, True)


def made(maker: Organization = FARM, picture: str = "", **more: Any) -> Made:
    return Made(rows.item(maker, "Tomatoes", "番茄", gtin=ITEM.gtin, picture_sha256=picture), maker, **more)


def item(*of: Made, inquiry: Inquiry = Inquiry(), code: str = "en", verdict: Verdict = JUDGED, **more: Any) -> ItemPage:
    sheet = ItemSheet(of or [made(), made(SHOP)], MORNING, verdict, **more)
    return item_page(sheet, inquiry, language(code), sealers=Sealers(4, "majority"))


def test_an_item_names_its_makers_with_their_own_papers_and_who_is_disputed():
    page = item(made(certificates=[certificate(FARM)]), made(SHOP, disputed=True))
    assert [(maker.name, maker.disputed, len(maker.papers)) for maker in page.makers] == [
        ("Qinghe", False, 1),
        ("Hejia", True, 0),
    ]
    assert page.choices == [] and page.contacts == ["Qinghe", "400-1", "Hejia", "400-9"]


def test_of_a_lot_that_several_makers_have_one_chooses_by_the_makers_name():
    page = item(inquiry=Inquiry(SHOP.gln, lot="A/1"))
    assert [choice.maker for choice in page.choices] == ["Qinghe", "Hejia"]
    assert page.choices[0].address == f"/product/{ITEM.gtin}/A%2F1?r={SHOP.gln}&417={FARM.gln}"


def signed(*of: Made) -> Verdict:
    """That each item was stated as it is shown."""
    said, facts = Statements(), []
    for one in of:
        subject, shown = master_data.subject(one.item.id), stated(one.item)
        facts.append(Fact(7, subject, "trade_item", shown))
        said.said[7, subject] = [master_data.Statement(subject, "trade_item", shown, MORNING)]
    return replace(JUDGED, facts=facts, statements=said)


def test_an_items_signed_picture_stands_under_its_name_or_with_each_maker_where_there_are_several():
    own, other = made(picture="ab" * 32), made(SHOP, picture="cd" * 32)
    files = {(one.item.owner_id, one.item.picture_sha256): one.item.picture_sha256 for one in (own, other)}
    alone = item(own, verdict=signed(own), files=files)
    assert alone.picture.address == f"/files/{'ab' * 32}" and alone.makers[0].picture is None
    several = item(own, other, verdict=signed(own, other), files=files)
    assert several.picture is None
    assert [maker.picture.address for maker in several.makers] == [f"/files/{sign * 32}" for sign in ("ab", "cd")]
    assert alone.apart == several.apart == []


@pytest.mark.parametrize(
    ("kept", "head", "says"),
    [
        ("ab" * 32, HEAD, "No record covers this picture."),
        ("ab" * 32, None, "Whether a record covers this picture cannot be told now."),
        ("cd" * 32, HEAD, "The file that is kept here is not the one that was signed."),
    ],
)
def test_a_picture_that_nothing_proves_is_set_apart_and_never_stands_under_the_name(kept, head, says):
    own = made(picture="ab" * 32)
    page = item(own, verdict=replace(JUDGED, head=head), files={(FARM.id, "ab" * 32): kept})
    assert [shown.refusal for shown in page.apart] == [says]
    laid_out = html("en", "product/item.html", item=page)
    assert "<img" not in laid_out and says in laid_out
    assert ('href="/files/' in laid_out) is (kept == "ab" * 32)


def test_a_paper_of_the_maker_says_whether_it_is_valid_and_has_its_file():
    paper = certificate(FARM, date(2026, 11, 19))
    paper.file_sha256 = "ef" * 32
    page = item(made(certificates=[paper]), files={(FARM.id, "ef" * 32): "ef" * 32})
    laid_out = html("en", "product/item.html", item=page)
    assert f'href="/files/{"ef" * 32}"' in laid_out and "Expired" in laid_out and "valid to 19 Nov 2026" in laid_out


@pytest.mark.parametrize(
    ("verdict", "says"),
    [
        (JUDGED, "Yes: nobody has changed it since it was written."),
        (replace(JUDGED, evidence=[]), "Nothing of this stands in the ledger yet, so nothing speaks for it."),
        (replace(JUDGED, checks=[Check("V1", Outcome.PENDING, "")], evidence=[]), "This cannot be told yet"),
        (replace(JUDGED, checks=[Check("V13", Outcome.ALTERED, "")]), "Not everything holds."),
    ],
)
def test_an_item_says_what_speaks_for_what_it_shows(verdict, says):
    assert item(verdict=verdict).proof.verdict.startswith(says)


def test_what_no_record_covers_is_named():
    fact = Fact(0, master_data.subject(FARM.id), "organization", {"name_en": "Qinghe"})
    page = item(verdict=replace(JUDGED, facts=[fact]))
    assert page.proof.unproved == ["Qinghe (organisation)"]
    assert "nobody has signed it: Qinghe (organisation)" in " ".join(html("en", "product/item.html", item=page).split())


@pytest.mark.parametrize("code", ["zh", "en"])
@pytest.mark.parametrize("inquiry", [Inquiry(), Inquiry(SHOP.gln, unknown_lot="B1"), Inquiry(lot="A/1")])
def test_the_items_template_lays_out_whatever_is_shown(code, inquiry):
    page = item(made(certificates=[certificate(FARM)]), made(SHOP), inquiry=inquiry, code=code)
    laid_out = html(code, "product/item.html", item=page)
    assert page.name in laid_out and page.proof.verdict in laid_out and "data-outcome" in laid_out
    assert all(maker.name in laid_out for maker in page.makers)


# Laid out


@pytest.mark.parametrize("code", ["zh", "en"])
@pytest.mark.parametrize(
    "shown",
    [
        Shown(),
        Shown(evidence=[], steps=[], head=None),
        Shown(recalled=RECALLED, retailer=SHOP),
        Shown(steps=[findings(residue(0.02, 0.042))], certificates=[certificate(FARM, date(2026, 1, 1))]),
    ],
)
def test_the_template_lays_out_whatever_is_shown(code, shown):
    page = shown.page(code)
    laid_out = html(code, "product/lot.html", lot=page)
    assert page.item in laid_out and page.proof.verdict in laid_out
    assert ("data-outcome" in laid_out) and page.number in laid_out


def test_what_a_record_calls_its_steps_and_measurements_is_shown_and_not_run():
    report = {"type": "<script>alert(1)</script>", "meanValue": 5, "uom": "%(x)s"}
    steps = [step("<img src=x> 5%"), step(records.GROWING, sensorElementList=[{"sensorReport": [report]}])]
    laid_out = html("en", "product/lot.html", lot=Shown(steps=steps).page())
    assert "&lt;script&gt;alert(1)" in laid_out and "&lt;img src=x&gt; 5%" in laid_out
    assert "<script>alert" not in laid_out and "<img src=x" not in laid_out


def test_every_icon_of_an_answer_is_drawn():
    sprite = (CHECKOUT / "static" / "icons.svg").read_text()
    disputed, failed, waiting = (
        Check("V11", outcome, "") for outcome in (Outcome.DISPUTED, Outcome.ALTERED, Outcome.PENDING)
    )
    for checks in ([], [disputed], [failed], [waiting]):
        assert f'id="i-{Shown(checks=[*GENUINE, *checks]).page().answer.icon}"' in sprite
