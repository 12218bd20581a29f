"""``make pictures``: the pictures of the guides, taken of the sample world that ``make run`` shows right now."""

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from hub.demo import cast
from tests.browser import launch, person

FOLDER = Path(__file__).parents[1] / "docs" / "images"
DESK = {"viewport": {"width": 1280, "height": 800}}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 1.5,
}
PICTURES = {
    "supplier-today-zh": ("qinghe@example.com", "/supplier", ""),
    "supplier-order-zh": ("qinghe@example.com", "/supplier/orders", "main td a.btn"),
    "buyer-zh": ("buyer@hejia.example.com", "/buyer/proposals", ""),
    "store-zh": ("store@hejia.example.com", "/store/deliveries", "main td a.btn"),
    "dispatch-zh": ("dispatch@luyun.example.com", "/dispatch", ""),
    "audit-zh": ("auditor@example.com", "/audit", ""),
    "audit-en": ("auditor@example.com", "/audit", ""),
    "admin-zh": ("admin@example.com", "/admin", ""),
}
"""Name of the picture: who looks, at which page, and what is clicked there first."""


def main(address: str) -> None:
    """Take them all."""
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for name, (who, page, click) in PICTURES.items():
            _take(browser, address, name, who, page, click)
        with person(browser, address, "zh", **PHONE) as shopper:
            shopper.goto(_a_lot(browser, address))
            _save(shopper, "shopper-zh")
        browser.close()


def _take(browser: Browser, address: str, name: str, who: str, page: str, click: str) -> None:
    with person(browser, address, name[-2:], **DESK) as seen:
        _enter(seen, who)
        seen.goto(page)
        if click:
            seen.locator(click).first.click()
        _save(seen, name)


def _a_lot(browser: Browser, address: str) -> str:
    """The page of a lot that a store is about to count."""
    with person(browser, address, "zh", **DESK) as keeper:
        _enter(keeper, "store@hejia.example.com")
        keeper.goto("/store/deliveries")
        keeper.locator("main td a.btn").first.click()
        return keeper.locator("main td a[href^='/01/']").first.get_attribute("href") or ""


def _enter(page: Page, who: str) -> None:
    page.goto("/sign-in")
    page.fill("[name=email]", who)
    page.fill("[name=password]", cast.PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def _save(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8000")
