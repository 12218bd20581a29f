"""Certificates with their file, items with their picture, places on their map: in a real browser, in both languages."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from hub.demo import builder
from hub.models.party import OrganizationKind, Role
from tests.browser import check_page
from tests.e2e.test_settings import PASSWORD, enter
from tests.hub import files
from tests.hub.growers import keys_of_the_hub

__all__ = ["keys_of_the_hub"]
Visit = Callable[..., Page]
SIZES = pytest.mark.parametrize(("code", "width"), [("en", 1280), ("zh", 360)])
STORES = [("历下店", "Lixia", "36.66", "117.07"), ("泉城路店", "Quancheng Road", "36.667", "117.02")]


@pytest.fixture
def signs_in(clean: str, keys_of_the_hub: None) -> Callable[[OrganizationKind], None]:
    def member(kind: OrganizationKind) -> None:
        party = builder.member(builder.party(kind, "Qinghe", "清河"))
        builder.person(party, Role.ADMINISTRATOR, PASSWORD, "wang@example.org")

    return member


def written(folder: Path, name: str, content: bytes) -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


@SIZES
def test_a_certificate_keeps_its_form_when_its_file_is_refused_and_takes_the_right_one(
    signs_in: Callable[[OrganizationKind], None], visit: Visit, tmp_path: Path, code: str, width: int
) -> None:
    signs_in(OrganizationKind.SUPPLIER)
    page = visit(code, viewport={"width": width, "height": 800})
    enter(page, "/settings/certificates/new")
    for name, value in {
        "number": "GAP-1",
        "name_zh": "良好农业规范",
        "issuer": "CQC",
        "valid_from": "2026-01-01",
    }.items():
        page.fill(f"[name={name}]", value)
    page.set_input_files("#f-file_sha256", written(tmp_path, "gap.pdf", files.office_file()))
    page.click("main form button.btn-main")
    expect(page.locator("#f-file_sha256-e")).to_contain_text("ZIP")
    expect(page.locator("[name=issuer]")).to_have_value("CQC")
    check_page(page)
    page.set_input_files("#f-file_sha256", written(tmp_path, "gap.pdf", files.PDF))
    page.click("main form button.btn-main")
    page.click("a.key")
    expect(page.locator("main a.hash")).to_contain_text("SHA-256")
    check_page(page)
    page.set_viewport_size({"width": width, "height": 800})
    sheet = page.locator("form.sheet")
    assert sheet.evaluate("e => e.scrollWidth <= e.clientWidth")


@SIZES
def test_an_item_shows_its_picture(
    signs_in: Callable[[OrganizationKind], None], visit: Visit, tmp_path: Path, code: str, width: int
) -> None:
    signs_in(OrganizationKind.SUPPLIER)
    page = visit(code, viewport={"width": width, "height": 800})
    enter(page, "/settings/items/new")
    told = {"gtin": "6901234000016", "name_zh": "番茄", "price": "7.20", "shelf_life_days": "8", "case_quantity": "10"}
    for name, value in told.items():
        page.fill(f"[name={name}]", value)
    page.set_input_files("#f-picture_sha256", written(tmp_path, "tomato.png", files.png()))
    page.click("main form button.btn-main")
    expect(page.locator("img.thumb")).to_have_js_property("naturalWidth", 96)
    check_page(page)
    page.click("a.key")
    expect(page.get_by_role("img", name="番茄")).to_have_js_property("naturalWidth", 1200)
    check_page(page)


@SIZES
def test_a_places_map_follows_what_is_typed(
    signs_in: Callable[[OrganizationKind], None], visit: Visit, code: str, width: int
) -> None:
    signs_in(OrganizationKind.RETAILER)
    page = visit(code, viewport={"width": width, "height": 800})
    enter(page, "/settings/places/new")
    for kind, (name_zh, name_en, latitude, longitude) in zip(("dc", "store"), STORES, strict=True):
        page.goto("/settings/places/new")
        page.select_option("[name=kind]", kind)
        said = {"name_zh": name_zh, "name_en": name_en, "latitude": latitude, "longitude": longitude}
        for name, value in said.items():
            page.fill(f"[name={name}]", value)
        page.click("main form button.btn-main")
    check_page(page)
    page.goto("/settings/places/new")
    expect(page.locator(".map-one circle.done")).to_have_count(0)
    page.fill("[name=latitude]", "36.7")
    page.fill("[name=longitude]", "117.1")
    expect(page.locator(".map-one circle.done")).to_have_count(1)
    check_page(page)
