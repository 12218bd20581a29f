"""Files of events looked at and captured, and webhooks put to the test: in a real browser, in both languages."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import Session

from hub import db
from hub.demo import builder
from hub.models.party import Organization, OrganizationKind, Role
from hub.settings import settings
from hub.trace.asking import named_queries, subscriptions
from tests.browser import check_page
from tests.e2e.test_settings import PASSWORD, enter
from tests.hub.epcis.documents import document, stored
from tests.hub.epcis.test_subscriptions import DAMAGED, Receiver, receiver
from tests.hub.growers import keys_of_the_hub

__all__ = ["keys_of_the_hub", "receiver"]
Visit = Callable[..., Page]
SHOTS = os.environ.get("FURROW_SHOTS", "")
SIZES = pytest.mark.parametrize(("code", "width"), [("en", 1280), ("zh", 360)])
PATH = "/supplier/records/check"


@pytest.fixture
def farm(clean: str, keys_of_the_hub: None) -> Organization:
    made = builder.member(builder.party(OrganizationKind.SUPPLIER, "Qinghe", "清河"))
    builder.person(made, Role.SUPPLIER, PASSWORD, "wang@example.org")
    return made


def look(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)
    check_page(page)


def written(folder: Path, step: str, **second: object) -> str:
    """A file of two events, the second with a step of its own."""
    whole = json.loads(document(eventID="urn:uuid:first"))
    [one] = whole["epcisBody"]["eventList"]
    whole["epcisBody"]["eventList"] += [one | {"eventID": "urn:uuid:second", "bizStep": step, **second}]
    path = folder / "harvest.json"
    path.write_text(json.dumps(whole, indent=2), encoding="utf-8")
    return str(path)


def drop(page: Page, path: str) -> None:
    page.set_input_files("#f-file", path)
    page.click("main form[enctype] button[type=submit]")


@SIZES
def test_a_file_with_a_fault_is_shown_at_its_line_mended_and_captured(
    farm: Organization, visit: Visit, tmp_path: Path, code: str, width: int
) -> None:
    page = visit(code, viewport={"width": width, "height": 800})
    enter(page, "/supplier/records")
    page.click(f"a[href='{PATH}']")
    look(page, f"check-empty-{code}")
    drop(page, written(tmp_path, "packin", eventTime="2099-11-24T06:40:00+08:00"))
    expect(page.locator(".excerpt .marked code")).to_have_text('"bizStep": "packin",')
    expect(page.locator(".found-in")).to_contain_text("packing")
    expect(page.locator(f"form[action^='{PATH}/']")).to_have_count(0)
    look(page, f"check-refused-{code}")
    drop(page, written(tmp_path, "packing", eventTime="2099-11-24T06:40:00+08:00"))
    expect(page.locator(".excerpt .marked code")).to_contain_text("2099-11-24")
    look(page, f"check-odd-{code}")
    assert stored() == 0
    page.dblclick(f"form[action^='{PATH}/'] button")
    page.wait_for_url("**/supplier/records")
    expect(page.locator("tbody tr")).to_have_count(2)
    assert stored() == 2
    check_page(page)


def test_a_file_is_looked_at_and_captured_without_script(farm: Organization, visit: Visit, tmp_path: Path) -> None:
    page = visit("en", java_script_enabled=False)
    enter(page, PATH)
    drop(page, written(tmp_path, "packing"))
    page.click(f"form[action^='{PATH}/'] button")
    page.wait_for_url("**/supplier/records")
    assert stored() == 2


def subscribe(session: Session, address: str) -> None:
    named_queries.make(session, DAMAGED)
    told = {"dest": address, "stream": True, "signatureToken": "correct horse"}
    subscriptions.subscribe(session, "damaged", told)


@SIZES
def test_a_webhook_is_tested_and_ended(
    farm: Organization, visit: Visit, receiver: Receiver, code: str, width: int
) -> None:
    page = visit(code, viewport={"width": width, "height": 800})
    enter(page, "/settings/webhooks")
    look(page, f"webhooks-empty-{code}")
    assert settings().webhooks_to_neighbours
    with db.session(db.Who(farm.id)) as session:
        subscribe(session, receiver.address)
    page.reload()
    look(page, f"webhooks-{code}")
    page.click("form[action$='/test'] button")
    expect(page.locator("main pre").first).to_contain_text("GS1-Signature: sha256=")
    look(page, f"webhooks-tested-{code}")
    assert len(receiver.taken) == 1
    page.click("button[command=show-modal]")
    page.click("dialog[open] button[type=submit]")
    expect(page.locator("main .empty")).to_be_visible()
    check_page(page)
