"""What the auditor and the administrator read, in Chinese and in English, from plain values."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import Request

from hub.demo import builder
from hub.ledger.checks.findings import Check, Outcome
from hub.lists import Page, Search
from hub.models.access import AuditEntry
from hub.models.base import uuid7
from hub.models.outbox import OutboxMessage
from hub.models.party import Organization, OrganizationKind
from hub.models.trace import AnchorState, LogAppend
from hub.pages.oversight import admin_view
from hub.pages.oversight.admin_view import Chain, Health, overview, trail_of
from hub.pages.oversight.audit_view import (
    Judgement,
    MemberStream,
    Result,
    audit_page,
    bundle_page,
    result_of,
    stream_row,
    unjudged,
)
from hub.settings import CHECKOUT
from hub.web.i18n import language
from hub.web.templating import render

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)  # Tuesday, nine o'clock in Shanghai


def party(zh: str, en: str, kind: OrganizationKind = OrganizationKind.SUPPLIER, **more: Any) -> Organization:
    own = uuid7()
    return Organization(id=own, owner_id=own, kind=kind, name_zh=zh, name_en=en, gln=builder.gln(700), **more)


FARM = party("清河农场", "Qinghe", member=2)
SHOP = party("合家", "Hejia", OrganizationKind.RETAILER)


def append(state: AnchorState, block: int | None = None) -> LogAppend:
    anchored = AT - timedelta(minutes=5) if block else None
    created = AT - timedelta(hours=1)
    return LogAppend(number=1, new_size=1234, state=state, block_number=block, anchored_at=anchored, created_at=created)


def html(code: str, template: str, **context: Any) -> str:
    """A page's HTML, as a browser gets it."""
    asked = {"type": "http", "method": "GET", "path": "/", "query_string": b""}
    headers = [(b"host", b"hub"), (b"accept-language", code.encode())]
    return render(Request(asked | {"headers": headers}), template, **context)


# The auditor's pages


HEADS = [append(AnchorState.FINAL, 1500), append(AnchorState.SENT)]


def test_a_tree_head_says_when_it_came_onto_the_chain_and_how_far_it_is():
    final, sent = audit_page(HEADS, AT, language("en"), sealers=1, finality="tag").heads
    assert final == ("5 min ago · block 1,500", "1,234 entries · final", True)
    assert sent == ("1 h ago", "1,234 entries · on its way", False)


@pytest.mark.parametrize("code", ["zh", "en"])
@pytest.mark.parametrize(("sealers", "heads"), [(1, []), (4, HEADS)])
def test_the_auditors_first_page_warns_of_a_chain_that_one_party_seals_alone(code, sealers, heads):
    page = audit_page(heads, AT, language(code), sealers=sealers, finality="depth:2")
    shown = html(code, "oversight/audit.html", audit=page)
    assert ("note-stop" in shown) is (sealers == 1) and 'hx-get="/audit/checks"' in shown
    assert all(head.text in shown for head in page.heads)


def checked(code: str, outcome: Outcome, times: int = 1, **values: Any) -> list[Check]:
    return [Check(code, outcome, "Record %(seq)s of member %(member)s", {"seq": n, **values}) for n in range(times)]


def judged(*checks: Check) -> Judgement:
    return Judgement(checks, block=1500, records=1234, streams=3, seconds=2.34, members={2: FARM})


SOUND = judged(*checked("V3", Outcome.VALID, 3, member=2), *checked("V5", Outcome.WITHHELD, 4, member=9))
SPOILT = judged(
    *checked("V3", Outcome.VALID, 140, member=2),
    *checked("V4", Outcome.MISSING, 1, member=9),
    *checked("V6", Outcome.HUB_ATTESTED, 1),
    *checked("V6", Outcome.NOT_SIGNED, 33, member=2),
)


def result(judgement: Judgement, code: str = "en") -> Result:
    return result_of(judgement, language(code))


def test_the_verdict_says_how_much_was_judged_and_how_much_was_found():
    assert (result(SOUND).title, result(SOUND).icon, result(SOUND).tone) == ("All valid", "ok", "t-ok")
    assert result(SOUND).detail == "1,234 records in 3 streams, recomputed in 2.3 s against block 1,500."
    assert (result(SPOILT).title, result(SPOILT).tone) == ("Not all valid: 34 findings", "t-stop")
    alone = judged(*checked("V4", Outcome.MISSING, 1))
    assert result(alone).title == "Not all valid: 1 finding"


def test_kinds_of_check_with_a_finding_stand_first():
    assert [(kind.code, kind.count) for kind in result(SPOILT).kinds] == [("V4", 1), ("V6", 34), ("V3", 140)]


def test_of_many_alike_the_first_are_shown_and_the_rest_counted():
    _, signed, altered = result(SPOILT).kinds
    assert len(signed.found.rows) == 30
    assert signed.found.more == "and 3 more, all in the evidence bundle"
    assert len(altered.holding.rows) == 100
    assert altered.holding.more == "and 40 more, all in the evidence bundle"


def test_what_holds_is_folded_where_it_is_much():
    unaltered, sealed = result(SOUND).kinds
    assert (unaltered.fold, sealed.fold) == ("", "All 4 hold: show them")
    mixed = judged(*checked("V3", Outcome.VALID, 4), *checked("V3", Outcome.ALTERED, 1))
    assert result(mixed).kinds[0].fold == "4 others hold: show them"


def test_a_finding_is_put_to_the_member_if_the_auditor_may_know_it():
    (missing,) = result(SPOILT).kinds[0].found.rows
    assert (missing.title, missing.tone, missing.word) == ("No record is missing", "fail", "Missing")
    unsigned = result(SPOILT).kinds[1].found.rows[0]
    assert (unsigned.title, unsigned.reason) == ("Qinghe", "Record 0 of member 2")
    assert result(SPOILT, "zh").kinds[1].found.rows[0].title == "清河农场"


@pytest.mark.parametrize("code", ["zh", "en"])
@pytest.mark.parametrize("judgement", [None, SOUND, SPOILT])
def test_the_verdict_is_laid_out_in_both_languages(code, judgement):
    page = result(judgement, code) if judgement else unjudged(language(code))
    shown = html(code, "oversight/_checks.html", result=page)
    assert page.title in shown and page.detail in shown
    assert shown.count("<details") == sum(bool(kind.fold) for kind in page.kinds)
    rows = sum(len(kind.found.rows) + len(kind.holding.rows) for kind in page.kinds)
    assert shown.count("data-outcome") == rows


@pytest.mark.parametrize(
    ("hub_held", "word", "tone"),
    [
        (None, "Cannot tell", ""),
        (True, "Held by the hub: its word", "warn"),
        (False, "Kept by the member", "ok"),
    ],
)
def test_a_stream_says_who_holds_its_key(hub_held, word, tone):
    row = stream_row(MemberStream(2, FARM, 1234, 1200, hub_held), language("en"))
    assert (row.organization, row.records, row.on_chain) == ("Qinghe", "1,234", "1,200")
    assert (row.key.word, row.key.tone) == (word, tone)
    assert f'id="i-{row.key.icon}"' in (CHECKOUT / "static" / "icons.svg").read_text()


def test_a_stream_of_somebody_unknown_is_shown_without_a_name():
    row = stream_row(MemberStream(9, None, 1, None, None), language("en"))
    assert (row.organization, row.on_chain) == ("not open to you", "–")


@pytest.mark.parametrize("code", ["zh", "en"])
def test_streams_and_the_bundle_are_laid_out_in_both_languages(code):
    speaks = language(code)
    rows = [stream_row(MemberStream(2, FARM, 1, 1, True), speaks)]
    assert speaks.name(FARM) in html(code, "oversight/streams.html", streams=rows)
    assert 'class="empty"' in html(code, "oversight/streams.html", streams=[])
    away, known = bundle_page(0, None, speaks), bundle_page(1234, {"chainId": 4711}, speaks)
    assert 'max="1"' in html(code, "oversight/bundle.html", bundle=away)
    shown = html(code, "oversight/bundle.html", bundle=known)
    assert 'max="1234"' in shown and "4711" in shown


# The administrator's pages


def failed(*, parked: bool) -> OutboxMessage:
    return OutboxMessage(
        id=uuid7(),
        owner_id=SHOP.id,
        to_org=SHOP.id,
        type="GoodsReceived",
        attempts=3,
        next_at=AT + timedelta(hours=2),
        parked_at=AT - timedelta(hours=3) if parked else None,
        error="it was broken",
    )


CALM = Health(
    own=SHOP,
    at=AT,
    chain=Chain(1500, 1498, 1234),
    appends=HEADS,
    entries=1240,
    waiting=4,
    sealers=4,
    finality="depth:2",
)
TROUBLED = replace(CALM, chain=None, waiting=5, sealers=1, failed=[failed(parked=True), failed(parked=False)])


@pytest.mark.parametrize(
    ("trouble", "well"),
    [({}, True), ({"chain": None}, False), ({"waiting": 5}, False), ({"failed": [failed(parked=False)]}, False)],
)
def test_all_is_well_while_nothing_waits_that_should_not(trouble, well):
    assert overview(replace(CALM, **trouble), language("en")).lead.startswith("All is well") is well


def test_the_administrators_figures_are_dashes_while_the_chain_is_away():
    assert [(figure.figure, figure.small, figure.tone) for figure in overview(CALM, language("en")).figures] == [
        ("1,240", "", ""),
        ("1,234", "", ""),
        ("1,500", "final up to 1,498", ""),
        ("4", "", ""),
        ("0", "", ""),
    ]
    away = overview(TROUBLED, language("en")).figures
    assert [(figure.figure, figure.tone) for figure in away[1:4]] == [("–", ""), ("–", ""), ("5", "warn")]


def test_a_message_that_failed_is_tried_again_or_waits_for_a_person():
    page = overview(TROUBLED, language("en"))
    (parked,), (late,) = page.parked, page.late
    assert (parked.when, late.when) == ("3 h ago", "2 h left")
    assert (late.type, late.attempts, late.error) == ("GoodsReceived", 3, "it was broken")


@pytest.mark.parametrize("code", ["zh", "en"])
@pytest.mark.parametrize("health", [CALM, TROUBLED, replace(CALM, own=FARM, appends=[])])
def test_the_overview_is_laid_out_in_both_languages(code, health):
    page = overview(health, language(code))
    shown = html(code, "oversight/admin.html", begin=None, put_away=None, overview=page)
    assert (
        page.lead in shown
        and shown.count("/again") == len(page.parked)
        and shown.count("it was broken") == len(health.failed)
    )


def test_whoever_may_run_the_server_is_led_to_the_operators_guide():
    own, other = overview(CALM, language("zh")), overview(replace(CALM, own=FARM), language("zh"))
    shown, hidden = (
        html("zh", "oversight/admin.html", begin=None, put_away=None, overview=page) for page in (own, other)
    )
    assert '<a href="/help/operator#backups">备份</a>' in shown and "/help/operator" not in hidden


def entry(action: str, **detail: Any) -> AuditEntry:
    return AuditEntry(owner_id=SHOP.id, action=action, subject="PO-1", detail=detail, via="key", created_at=AT)


def trail(*entries: AuditEntry, code: str = "en", page: int = 1, more: bool = False) -> admin_view.Trail:
    return trail_of(Page([(entry, None) for entry in entries], more, Search(page=page)), SHOP, language(code))


def test_the_trail_says_what_was_done_as_it_calls_it_and_else_as_the_hub_does():
    known, unknown = trail(entry("order.place"), entry("moon.land")).entries
    assert (known.when, known.who, known.action, known.subject) == ("24 Nov, 09:00", "key", "Order placed", "PO-1")
    assert unknown.action == "moon.land"


def test_details_are_told_in_the_readers_language():
    told = entry("order.answer", late="True", lot="L 1", colour="100 %s", percent=2.5)
    assert trail(told).entries[0].details == ["Late: yes", "Lot: L 1", "colour: 100 %s", "Percent: 2.5"]
    assert trail(told, code="zh").entries[0].details[2] == "colour：100 %s"


def test_a_long_trail_leads_to_its_earlier_and_later_pages():
    first, second = trail(more=True).paging, trail(page=2).paging
    assert (first.earlier, first.later) == ("", "/admin/audit-trail?p=2")
    assert (second.earlier, second.later) == ("/admin/audit-trail?p=1", "")


@pytest.mark.parametrize("code", ["zh", "en"])
def test_the_trail_is_laid_out_in_both_languages(code):
    page = trail(entry("order.place", late="False"), code=code, more=True)
    shown = html(code, "oversight/trail.html", trail=page)
    assert page.entries[0].details[0] in shown and 'rel="next"' in shown
    assert 'class="empty"' in html(code, "oversight/trail.html", trail=trail(code=code))
