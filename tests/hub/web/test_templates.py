"""Templates keep what the content policy and the house ask of them."""

import re
from pathlib import Path

import pytest

from hub.settings import CHECKOUT
from hub.web.templating import _environment

TEMPLATES = sorted((CHECKOUT / "templates").rglob("*.html"))
FORBIDDEN = {
    "an inline style": r"\sstyle\s*=|<style",
    "an inline script": r"<script(?![^>]*\ssrc=)[^>]*>|\son[a-z]+\s*=\s*[\"']",
    "a way around escaping": r"\|\s*safe\b|autoescape\s+false",
    "a script in an htmx attribute": r"hx-on|\bjs:|javascript:|hx-vars|hx-trigger=\"[^\"]*\[",
    "another host": r"(?:src|href|action)=\"(?:https?:)?//",
    "a line that is too long": r"^.{121,}$",
    "a list that grows while the page is drawn": r"\.(?:append|update|extend)\(",
    "a sum": r"\|\s*sum\b|loop\.\w+\s*[-+*/]",
}
"""The last three are for the page's module, which hands over a view."""


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(CHECKOUT)))
@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_has(path: Path, what: str) -> None:
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert re.findall(FORBIDDEN[what], text, re.MULTILINE) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(CHECKOUT)))
def test_every_template_can_be_read(path: Path) -> None:
    for code in ("zh", "en"):
        _environment(code).get_template(str(path.relative_to(CHECKOUT / "templates")))


def test_base_is_the_only_whole_document() -> None:
    whole = [path.name for path in TEMPLATES if "<html" in path.read_text(encoding="utf-8")]
    assert whole == ["base.html"]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(CHECKOUT)))
def test_every_icon_that_is_named_is_drawn(path: Path) -> None:
    sprite = (CHECKOUT / "static" / "icons.svg").read_text()
    for name in re.findall(r"\bicon\(\"([a-z]+)\"", path.read_text(encoding="utf-8")):
        assert f'id="i-{name}"' in sprite, name


def test_what_a_person_typed_is_shown_and_not_run() -> None:
    text = '{{ _("Enter as %(name)s", name=name) }} {{ name }}'
    shown = _environment("en").from_string(text).render(name="<script>alert(1)</script>")
    assert "<script>" not in shown and shown.count("&lt;script&gt;") == 2


@pytest.mark.parametrize("code", ["zh", "en"])
def test_a_word_out_of_a_record_that_is_said_like_a_sentence_is_text_too(code: str) -> None:
    said = _environment(code).from_string('{{ _(kind) }} {{ _("%(count)s failed", count=kind) }}').render
    assert said(kind="<b>100 % sure</b>%(x)s").startswith("&lt;b&gt;100 % sure&lt;/b&gt;%(x)s ")
    assert "<b>" not in said(kind="<b>")
    counted = _environment(code).from_string(
        '{{ ngettext("%(num)s lot of %(who)s", "%(num)s lots of %(who)s", 2, who=who) }}'
    )
    assert "2" in counted.render(who="<i>") and "&lt;i&gt;" in counted.render(who="<i>")
    block = _environment(code).from_string("{% trans who=who %}{{ who }} is 100% right{% endtrans %}")
    assert block.render(who="<i>") == "&lt;i&gt; is 100% right"
    right = {"en": "80% is right", "zh": "80%为宜"}
    assert _environment(code).from_string('{{ _("80%% is right") }}').render() == right[code]
