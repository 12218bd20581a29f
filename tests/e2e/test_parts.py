"""Every component, looked at once in a browser; and that the looking would notice."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect
from starlette.requests import Request

from hub.access import GRANTS, Actor
from hub.app import create_app
from hub.models.base import uuid7
from hub.models.party import OrganizationKind, Role
from hub.web.drawing import Leg, Point, plot
from hub.web.forms import Filled
from hub.web.i18n import language
from hub.web.security import CSP
from hub.web.templating import _environment
from hub.web.view import Deadline, deadline
from tests.browser import check_page

AT = datetime(2026, 11, 24, 2, 40, tzinfo=UTC)
STORES = [
    ("Lixia", 36.66, 117.07),
    ("Shizhong", 36.64, 116.99),
    ("Huaiyin", 36.65, 116.90),
    ("Changqing", 36.55, 116.75),
]
DEPOT = (36.70, 117.02)


def parts(code: str) -> str:
    """The page of all parts."""
    speaks = language(code)
    user = uuid7()
    actor = Actor(
        user,
        OrganizationKind.SUPPLIER,
        GRANTS[Role.SUPPLIER],
        user_id=user,
        role=Role.SUPPLIER,
        name="李敏",
        organization_zh="清河蔬菜合作社",
        organization_en="Qinghe Growers Co-op",
    )

    def due(left: timedelta) -> Deadline:
        return deadline(AT + left, AT, "Asia/Shanghai", speaks)

    points = [Point(*DEPOT, "Jinan DC", "depot", "DC")]
    points += [
        Point(lat, lon, name, ("done", "stop")[i % 2], str(i + 1), 1) for i, (name, lat, lon) in enumerate(STORES)
    ]
    points += [Point(36.75, 117.20, "Tianqiao", "un", "A"), Point(36.60, 117.25, "Licheng", "bad", "!")]
    source = (Path(__file__).parent / "parts.html").read_text(encoding="utf-8")
    return (
        _environment(code)
        .from_string(source)
        .render(
            request=Request(
                {"type": "http", "path": "/parts", "query_string": b"", "headers": [], "app": create_app()}
            ),
            actor=actor,
            toast="",
            form=Filled(speaks),
            wrong=Filled(speaks, {"quantity": "many"}, {"quantity": "Enter a whole number."}),
            day=date(2026, 11, 24),
            orders=[
                ("PO-1124-0391", due(timedelta(minutes=-100)), 860),
                ("PO-1124-0418", due(timedelta(minutes=200)), 3480),
                ("PO-1124-0430", due(timedelta(hours=22)), 2260),
            ],
            points=points,
            legs=[Leg([DEPOT, *((lat, lon) for _, lat, lon in STORES)], 1), Leg([DEPOT, (36.75, 117.20)], 2)],
            plot=plot(
                14,
                {
                    "prev": [2700, 2740, 2650, 2800, 2760, 2900, 2900, 2960, 3100, 3140, 3220, 3820, 3260, 3120],
                    "p50": [None] * 5 + [2830, 2940, 3010, 3720, 3690, 3580, 3960, 3240, 3150],
                    "act": [2540, 2810, 2490, 2760, 3120, 2830] + [None] * 8,
                },
                band=(
                    [None] * 5 + [2830, 2640, 2600, 3120, 3060, 2900, 3180, 2480, 2360],
                    [None] * 5 + [2830, 3260, 3450, 4380, 4400, 4330, 4880, 4120, 4090],
                ),
                marks=[None] * 6 + [2950, 3000, 3200, 3300] + [None] * 4,
                past=6,
            ),
        )
    )


def open_parts(page: Page, body: str) -> None:
    """Show a page as if the hub had served it, with its files and its content policy."""

    def answer(route: Route) -> None:
        route.fulfill(body=body, headers={"content-type": "text/html; charset=utf-8", "content-security-policy": CSP})

    page.route("**/parts", answer)
    page.route("**/notices/count", lambda route: route.fulfill(body="3", headers={"content-type": "text/html"}))
    page.goto("/parts")


@pytest.mark.parametrize("code", ["zh", "en"])
def test_every_part_passes(visit: Callable[..., Page], code: str) -> None:
    page = visit(code)
    open_parts(page, parts(code))
    check_page(page)


def test_details_open_below_the_line_they_belong_to(visit: Callable[..., Page]) -> None:
    page = visit()
    open_parts(page, parts("en"))
    quantity = page.get_by_label("Quantity", exact=True)
    expect(quantity.nth(0)).to_be_hidden()
    expect(quantity.nth(1)).to_be_visible()
    page.get_by_role("group", name="Answer for Provence tomato").get_by_role("radio", name="Less").check()
    expect(quantity.nth(0)).to_be_visible()


def test_a_dialog_asks_before_what_cannot_be_undone(visit: Callable[..., Page]) -> None:
    page = visit()
    open_parts(page, parts("en"))
    page.get_by_role("button", name="Decline this line").first.click()
    dialog = page.get_by_role("dialog", name="Decline 400 kg of pumpkin?")
    expect(dialog).to_be_visible()
    check_page(page)
    dialog.get_by_role("button", name="Back").click()
    expect(dialog).to_be_hidden()


def test_a_slash_leads_to_the_search_and_tabs_turn_by_arrow(visit: Callable[..., Page]) -> None:
    page = visit()
    open_parts(page, parts("en"))
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    page.get_by_role("tab", name="Open").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Closed")).to_be_focused()
    expect(page.get_by_role("tabpanel")).to_have_text("None closed.")


def test_a_form_is_sent_once(visit: Callable[..., Page]) -> None:
    page = visit()
    open_parts(page, parts("en"))
    sent: list[str] = []

    def slowly(route: Route) -> None:
        sent.append(route.request.post_data or "")
        time.sleep(0.3)
        route.fulfill(body="<title>Sent</title>", headers={"content-type": "text/html"})

    page.route("**/language", slowly)
    twice = (
        "() => { const b = document.querySelector('.acts-bar button'); b.click(); setTimeout(() => b.click(), 50); }"
    )
    page.evaluate(twice)
    expect(page).to_have_title("Sent")
    assert len(sent) == 1 and "lines.0.answer=ok" in sent[0]


def test_a_part_is_swapped_in_with_a_word_about_it(visit: Callable[..., Page]) -> None:
    page = visit()
    open_parts(page, parts("en"))
    told = {"content-type": "text/html", "HX-Trigger": '{"toast": "\\u7b54\\u590d saved"}'}
    page.route("**/part", lambda route: route.fulfill(body="<b>After</b>", headers=told))
    page.get_by_role("button", name="Ask for a part").click()
    expect(page.locator("#part")).to_have_text("After")
    expect(page.get_by_role("status")).to_contain_text("答复 saved")
    expect(page.get_by_role("button", name="Ask for a part")).to_be_enabled()
    page.get_by_role("status").get_by_role("button", name="Close").click()
    expect(page.get_by_role("status")).to_be_empty()
    check_page(page)


def test_a_refused_part_says_so_and_leaves_the_page_as_it_was(visit: Callable[..., Page]) -> None:
    page = visit()
    open_parts(page, parts("en"))
    page.get_by_role("button", name="Ask for a part").click()
    expect(page.locator("#problem")).to_contain_text("There is no such thing here")
    expect(page.locator("#part")).to_have_text("Before")


@pytest.mark.parametrize(
    ("harm", "noticed"),
    [
        ('<p style="color: red">Inline</p>', "Content Security Policy"),
        ("<script>document.title = 'taken'</script>", "Content Security Policy"),
        ('<img src="https://example.org/x.png" alt="">', "Content Security Policy"),
        ('<p class="nowrap">' + "wide " * 200 + "</p>", "sideways"),
        ("<button class='btn'></button>", "button-name"),
    ],
)
def test_the_looking_notices(visit: Callable[..., Page], harm: str, noticed: str) -> None:
    page = visit()
    open_parts(page, parts("en").replace("<h1>Parts", f"{harm}<h1>Parts", 1))
    with pytest.raises(AssertionError, match=noticed):
        check_page(page)
