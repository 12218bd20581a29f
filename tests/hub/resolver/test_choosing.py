"""Which of several links answers: D7, Accept-Language with q-values, and the wishes beside it."""

import pytest

from hub.gs1 import digital_link
from hub.resolver import anchors, choosing
from hub.resolver.choosing import Target, Wish

BRITISH, AMERICAN, CHINESE, ANYBODYS = (
    Target(0, "/01/1", "gs1:pip", f"https://x/{name}", "", "text/html", tags)
    for name, tags in (("gb", ("en-GB", "en")), ("us", ("en-US",)), ("zh", ("zh-CN",)), ("any", ("und",)))
)
ALL = [BRITISH, AMERICAN, CHINESE, ANYBODYS]


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("en-GB,en;q=0.9", ["en-GB", "en"]),
        ("fr;q=0.2, zh-CN ;q=0.8, de;q=0", ["zh-CN", "fr"]),
        ("*", ["*"]),
        ("", []),
        ("en;q=x", []),
        ("a;q=0.5,b;q=0.5", ["a", "b"]),
    ],
)
def test_d7_what_is_asked_is_ranked_by_its_quality(header, words):
    assert list(choosing.preferred(header)) == words


@pytest.mark.parametrize(
    ("header", "led"),
    [
        ("en-GB", BRITISH),
        ("en-US,en;q=0.5", AMERICAN),
        ("en;q=0.5,en-US;q=0.4", BRITISH),
        ("en-AU", BRITISH),
        ("EN-us", AMERICAN),
        ("fr,zh-CN;q=0.1", CHINESE),
        ("zh-CN;q=0,en-US;q=0.1", AMERICAN),
        ("fr", ANYBODYS),
        ("", ANYBODYS),
    ],
)
def test_d7_the_language_that_is_liked_best_answers_else_what_is_for_everybody(header, led):
    assert choosing.choose(ALL, Wish("gs1:pip", choosing.preferred(header))) == [led]


def test_d4_several_that_fit_equally_well_all_answer_but_a_default_is_one():
    two = [BRITISH, BRITISH._replace(href="https://x/other")]
    assert choosing.choose(two, Wish("pip")) == []
    assert choosing.choose(two, Wish("https://gs1.org/voc/pip", ["en"])) == two
    assert choosing.choose(two, Wish("", ["en"])) == two[:1]


def test_a_context_and_a_media_type_narrow_what_answers():
    data = BRITISH._replace(href="https://x/data", media_type="application/json", contexts=("CN",))
    assert choosing.choose([BRITISH, data], Wish("gs1:pip", ["en"], ["application/json"])) == [data]
    assert choosing.choose([BRITISH, data], Wish("gs1:pip", ["en"], ["text/html", "*/*"])) == [BRITISH]
    assert choosing.choose([BRITISH, data], Wish("gs1:pip", ["en"], [], "CN")) == [data]


def test_d8_what_is_kept_nearest_to_the_pack_goes_first():
    lot = BRITISH._replace(level=0, href="https://x/lot")
    item = BRITISH._replace(level=1)
    assert choosing.choose([item, lot], Wish("gs1:pip", ["en"])) == [lot]
    assert choosing.choose([item], Wish("gs1:pip", ["zh"])) == [item]


@pytest.mark.parametrize(
    ("typed", "about"),
    [
        ("6901234000016", "/01/06901234000016"),
        ("https://x.example/01/06901234000016/10/A%2F1?17=261201", "/01/06901234000016/10/A%2F1"),
        ("/01/06901234000016/10/{lot}/21/{serial}", "/01/06901234000016/10/{lot}/21/{serial}"),
        ("(01)06901234000016(10)A1", "/01/06901234000016/10/A1"),
        ("040123450000001112", "/00/040123450000001112"),
        ("/414/6901234000016/254/7", "/414/6901234000016/254/7"),
        ("/8004/095060001343", "/8004/095060001343"),
    ],
)
def test_what_a_link_is_about_may_be_typed_in_many_ways(typed, about):
    assert anchors.read(typed).about == about


@pytest.mark.parametrize("typed", ["", "tomatoes", "/01/06901234000017", "/01/{gtin}", "/01/06901234000016/99/{x}",
                                   "/01/06901234000016/21/{s}/10/{l}", "/10/A1"])  # fmt: skip
def test_what_is_no_code_is_refused(typed):
    with pytest.raises(anchors.NoAnchor):
        anchors.read(typed)


def test_d9_the_paths_asked_for_do_not_depend_on_how_many_links_there_are():
    link = digital_link.parse("https://id.gs1.org/01/06901234000016/22/V/10/L/21/S")
    paths = anchors.paths_of(link)
    assert len(paths) == len(set(paths)) == 27
    assert paths[0] == "/01/06901234000016/22/V/10/L/21/S" and paths[-1] == "/01/06901234000016"
    assert paths.index("/01/06901234000016/21/S") < paths.index("/01/06901234000016/10/{}")


def test_names_in_braces_are_filled_with_what_the_pack_says_and_escaped():
    link = digital_link.parse("https://id.gs1.org/01/06901234000016/10/A%2F1")
    values = anchors.named("/01/06901234000016/10/{lot}", link)
    assert anchors.filled("https://x.example/?lot={lot}&x={other}", values) == "https://x.example/?lot=A%2F1&x={other}"
