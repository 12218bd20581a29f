"""What a shopper reads of names that stand in master data alone: apart, with who says them, and as unproved."""

from dataclasses import replace

from hub.trace.asking.names import Called
from hub.trace.journey import Named, Step
from tests.hub.web.test_product_view import Shown, html, step

SHED_GLN = "https://id.gs1.org/414/0614141073467"


def called(then: str | dict[str, str], now: str | dict[str, str] | None = None, of: str = SHED_GLN) -> Called:
    """A name that the farm gave, and the one it gives today."""
    names = [
        {"": name} if isinstance(name, str) and name else name or {} for name in (then, then if now is None else now)
    ]
    return Called(of, *names)


def stored(at: Called | None = None, to: Called | None = None) -> Step:
    return replace(step("storing", where=None), at_called=at, to_called=to)


def test_a_name_of_master_data_stands_apart_and_is_said_to_be_unproved():
    page = Shown(steps=[stored(called("Cold store"), called("Hall", of="urn:x:hall"))]).page()
    [stage] = page.way.stages
    assert (stage.place, stage.detail) == ("", "recorded by Qinghe")
    assert stage.said == (
        "At “Cold store” (GLN 0614141073467), as Qinghe calls it. No record covers this name.",
        "To “Hall” (urn:x:hall), as Qinghe calls it. No record covers this name.",
    )
    assert page.proof.unproved == ["Cold store (GLN 0614141073467)", "Hall (urn:x:hall)"]
    assert page.origin == "Qinghe" and page.makers == ["Qinghe"]


def test_a_name_that_changed_is_told_as_it_was_and_as_it_is():
    [stage] = Shown(steps=[stored(called("Old shed", "New shed"))]).page().way.stages
    [said] = stage.said
    assert said.startswith("At “Old shed” (GLN") and said.endswith("Qinghe calls it “New shed” today.")


def test_a_name_that_came_later_is_not_told_as_if_it_had_been_there():
    [stage] = Shown(steps=[stored(called("", "Shed"))]).page().way.stages
    assert stage.said == ("At GLN 0614141073467, which Qinghe has called “Shed” since. No record covers this name.",)


def test_a_name_is_told_in_the_readers_language_where_its_sender_says_it_in_that():
    both = Shown(steps=[stored(called({"en": "Shed", "zh": "冷库"}))])
    assert "“Shed”" in both.page().way.stages[0].said[0] and "“冷库”" in both.page("zh").way.stages[0].said[0]
    assert "清河农场" in both.page("zh").way.stages[0].said[0]
    one = Shown(steps=[stored(called({"fr": "Hangar"}))])
    assert all("“Hangar”" in one.page(code).way.stages[0].said[0] for code in ("en", "zh"))


def test_an_input_is_called_as_its_sender_calls_it():
    lot = "https://id.gs1.org/01/09521321000018/10/F7"
    flour = Named(called("Flour", of="https://id.gs1.org/01/09521321000018"), None)
    page = Shown(inputs=[lot], made_of={lot: flour}).page()
    [ingredient] = page.way.ingredients
    assert (ingredient.number, ingredient.address) == ("F7", "/01/09521321000018/10/F7")
    assert ingredient.said == "“Flour” (GTIN 9521321000018), as the sender calls it. No record covers this name."
    assert page.proof.unproved == ["Flour (GTIN 9521321000018)"]


def test_a_hostile_name_and_identifier_are_text_on_the_page():
    names = (called("<img src=x onerror=alert(1)>"), called("שוק 7", of="urn:x:" + "é<b>" * 100))
    shown = html("en", "product/lot.html", lot=Shown(steps=[stored(*names)]).page())
    assert "&lt;img src=x onerror=alert(1)&gt;" in shown and "<img src=x" not in shown and "<b>é" not in shown
    assert "\u2068שוק 7\u2069" in shown and "…)" in shown and "é&lt;b&gt;" * 20 not in shown
    assert shown.count("No record covers this name.") == 2 and 'class="d said"' in shown
