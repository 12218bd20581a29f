"""The guides in the hub: each page has its place in one, in both languages, and what they say can do nothing."""

import re

import pytest

from hub.demo import builder
from hub.models.party import OrganizationKind, Role
from hub.pages import help_view
from hub.web.deps import Requires, anybody_signed_in
from hub.web.guides import FOLDER, GUIDES, SERVER, SPOTS, anchor, help_for, spot_of
from tests.hub.web.conftest import PASSWORD
from tests.hub.web.test_routes import calls, doors

ELSEWHERE = ("/api/", "/epcis/", "/resolver/")
"""What programs ask."""


def test_every_page_behind_the_sign_in_has_its_place_in_a_guide():
    pages = [
        door.path
        for door in doors()
        if "GET" in door.original_route.methods
        and any(isinstance(call, Requires) or call is anybody_signed_in for call in calls(door.dependant))
        and not door.path.startswith(ELSEWHERE)
    ]
    assert len(pages) > 60 and [path for path in pages if spot_of(path) is None] == []


@pytest.mark.parametrize("code", ["zh", "en"])
def test_every_place_is_there_in_both_languages(code):
    lacking = [
        spot
        for spot in [*SPOTS.values(), *SERVER]
        if f'id="{anchor(spot.word)}"' not in help_view.read(spot.guide, code).body
    ]
    assert lacking == []


@pytest.mark.parametrize("name", list(GUIDES))
def test_a_guide_speaks_one_language_at_a_time(name):
    chinese, english = (help_view.read(name, code).body for code in ("zh", "en"))
    assert not re.search("[\u4e00-\u9fff]", re.sub(r"<img[^>]*>", "", english)) and len(english) > 300
    said = [text for text in re.findall(r"<(?:p|li)>([^\n].*?)</(?:p|li)>", chinese, re.DOTALL) if "<img" not in text]
    assert said and [text for text in said if not re.search("[\u4e00-\u9fff]", text)] == []
    for shown in (chinese, english):
        assert not re.search(r"<script|<iframe|\son\w+=|javascript:|style=", shown)
        named = re.findall(r'src="([^"]+)"', shown)
        assert all(one.removeprefix("/help/images/") in help_view.pictures() for one in named)
        others = re.findall(r'href="([^"]+)"', shown)
        assert all(one.removeprefix("/help/") in GUIDES for one in others)


def test_a_guides_headings_and_commands_are_the_same_in_both_languages():
    chinese, english = (help_view.read("operator", code) for code in ("zh", "en"))
    assert list(chinese.anchors) == list(english.anchors) and len(english.anchors) > 7
    assert (chinese.anchors["backups"], english.anchors["backups"]) == ("备份", "Backups")
    for shown in (chinese.body, english.body):
        assert shown.count("<li>") == 6 and shown.count("<pre>") == 7
        assert "docker compose run --rm operator furrow doctor" in shown


def test_lines_of_chinese_join_without_a_space(tmp_path, monkeypatch):
    (tmp_path / "buyer.md").write_text("今天看订单，\n明天收货。\n\nOrders\ntoday.\n", "utf-8")
    monkeypatch.setattr(help_view, "FOLDER", tmp_path)
    chinese, english = (help_view.read.__wrapped__("buyer", code).body for code in ("zh", "en"))
    assert "今天看订单，明天收货。" in chinese and "Orders\ntoday." in english


def test_a_guide_leads_to_another():
    assert 'href="/help/operator"' in help_view.read("administrator", "zh").body


def test_html_in_a_guide_is_text(tmp_path, monkeypatch):
    (tmp_path / "buyer.md").write_text(
        "<script>alert(1)</script> [x](javascript:alert(1)) **Today** <b onclick=x>", "utf-8"
    )
    monkeypatch.setattr(help_view, "FOLDER", tmp_path)
    body = help_view.read.__wrapped__("buyer", "en").body
    assert "<script" not in body and "<b " not in body and 'href="javascript' not in body and 'id="today"' in body


def test_the_account_menu_leads_to_the_place_of_the_page(browser, clean):
    builder.person(builder.party(OrganizationKind.RETAILER), Role.BUYER, PASSWORD, "lin@example.org")
    assert browser.get("/help/buyer").status_code == 303
    browser.post("/sign-in", data={"email": "lin@example.org", "password": PASSWORD})
    assert 'href="/help/buyer#stock"' in browser.get("/buyer/stock").text
    page = browser.get("/help/buyer")
    assert page.status_code == 200 and 'id="stock"' in page.text and 'href="#stock"' in page.text
    picture = browser.get("/help/images/buyer-zh.png")
    assert picture.headers["content-type"] == "image/png" and len(picture.content) > 1000
    for path in ("/help/nothing", "/help/images/..%2f..%2fLICENSE", "/help/images/x.png"):
        assert browser.get(path).status_code == 404
    assert browser.get("/help", headers={"accept-language": "zh"}).text.count('id="find"') >= 1


def test_a_page_that_no_guide_speaks_of_leads_to_their_beginning():
    assert help_for("/nowhere") == "/help" and (FOLDER / "everybody.md").exists()
