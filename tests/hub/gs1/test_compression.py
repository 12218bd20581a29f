"""Compressed GS1 Digital Links, D12: read and written as GS1's own toolkits do, and refused where they are malformed.

The links of `READ` and `WRITTEN` are examples in GS1DigitalLinkToolkit.js and GS1DigitalLinkCompressionPrototype, or
what these made of links of our own (gs1/… on GitHub, Apache-2.0).
"""

import random
import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.gs1 import digital_link
from hub.gs1.digital_link import BadKey, Link
from hub.gs1.syntax import compression, identifiers

READ = {
    "ARHKVAdpQg": "/01/09780345418913",
    "AQnYUc1gmiERBhQ0ytiyZuAGOLc1TXgpNWCv1": "/01/05412345000013/10/ABC%26%2B123?7003=1903061658&k1=v1",
    "AQnYUc1gmiERBhQ0ytiyZuAGOLc1TXhXsaXbQKHFuaprwUmrBX6g":
        "/01/05412345000013/10/ABC%26%2B123?7003=1903061658&expdt=1903061658&k1=v1",
    "DgnYUc1gmji3NU0IREGFDTK2LJm": "/01/05412345000013/10/ABC%26%2B123?7003=1903061658",
    "ARFKk4XB0CDKWcnpq": "/01/09506000134376/10/LOT01",
    "AQnYUc1gmkJNV5ve": "/01/05412345000013/21/abcdef",
    "AQnYUc1gmkIIAGA": "/01/05412345000013/21/0012",
    "JUIzKkFE7CjmsE0": "/414/5412345000013/254/32a",
    "GhFJpRhNutGu2_HPXdJE6A267b8c9d-e0-6ag": "/01/09504000059101/10/1234567p/21/123456789p901?17=141120",
    "GgnYUc1gmo1XgkaNw22a7b8c9d-U-6ag": "/01/05412345000013/10/ABC123/21/12345678p901?17=290331",
    "GgnYUc1gmo1XgkbZrtvxz135T7pqjcNg": "/01/05412345000013/10/ABC123/21/12345678p901?17=290331",
    "nSMypOwo5rBN": "/414/5412345000013/254/32a",
    "nU7CjmsE0jMq": "/414/5412345000013/254/32a",
    "01/05412345000013/EEarwSM": "/01/05412345000013/10/ABC123",
    "gtin/5412345000013/EEarwSM?17=290331": "/01/05412345000013/10/ABC123?17=290331",
}  # fmt: skip
"""Some in two orders: GS1's toolkits disagree about two bytes of Table Opt."""
WRITTEN = {
    "/01/09780345418913": "ARHKVAdpQg",
    "/00/998440410914660971": "AN2yxDhfaiaw",
    "/8018/385888700111111111": "gBhVrzumz1w8c",
    "/01/09506000134376/10/LOT01": "CxFKk4XB0MpZyemo",
    "/01/05412345000013/10/ABC%26%2B123?7003=1903061658&k1=v1": "DgnYUc1gmji3NU0IREGFDTK2LJn4KTVgr9Q",
    "/01/05412345000013/21/0012": "DAnYUc1gmggAY",
}
HOST = "https://example.org"


def plain(path):
    return digital_link.parse(f"{digital_link.ROOT}{path}")


def said(link):
    """What a link says, in whatever order."""
    return link.ai, link.value, link.qualifiers, sorted(link.attributes), sorted(link.others)


@pytest.mark.parametrize(("packed", "path"), READ.items(), ids=str)
def test_d12_what_gs1s_toolkits_compress_is_read(packed, path):
    assert said(compression.parse(f"{HOST}/{packed}", short_gtins=True)) == said(plain(path))


@pytest.mark.parametrize(("path", "packed"), WRITTEN.items(), ids=str)
def test_d12_what_is_compressed_is_what_gs1s_toolkits_make_of_it(path, packed):
    assert compression.compress(plain(path), HOST) == f"{HOST}/{packed}"


def test_d12_the_primary_key_stays_readable_where_it_is_wanted():
    link = plain("/01/05412345000013/10/ABC123?17=290331&arv=true&donor=bmgf")
    assert compression.compress(link, HOST, readable_key=True) == (
        f"{HOST}/01/05412345000013/EEarwSMXRuG_BtV3sJbXc94V2ieithG5oHw"
    )
    assert compression.compress(link, HOST, readable_key=True, others=False) == (
        f"{HOST}/01/05412345000013/EEarwSMXRuGw?arv=true&donor=bmgf"
    )
    alone = plain("/01/05412345000013")
    assert compression.compress(alone, HOST, readable_key=True) == f"{HOST}/01/05412345000013"


def test_d12_what_no_toolkit_can_pack_stays_in_the_query():
    link = plain("/01/05412345000013?word=%E8%8C%84&a.b=c&empty=&k=v")
    packed = compression.compress(link, HOST)
    assert packed.partition("?")[2] == "word=%E8%8C%84&a.b=c&empty="
    assert said(compression.parse(packed)) == said(link)


def test_d12_a_link_that_is_not_compressed_is_read_as_it_is():
    for path in ("/01/05412345000013/10/ABC123?17=290331", "/00/998440410914660971"):
        assert compression.parse(f"{HOST}{path}") == plain(path)
    with pytest.raises(BadKey, match="incorrect check digit"):
        compression.parse(f"{HOST}/01/05412345000014")


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("AQnYUc1g", "ends at bit 48, in the middle of \\(01\\)"),
        ("AQnYUc1gmiCNV4", "ends at bit 84, in the middle of \\(10\\)"),
        ("Af________8", "no number of 14 digits, at bit 55"),
        ("EPn______________________________", "encoding 7|at most 20 signs"),
        ("8AAAAAAAAA", "no name for a pair"),
        ("GQAAAAAAAA", "no identifier at bit 0, but 19"),
        ("6QAAAAAAAA", "no identifier at bit 0, but E9"),
        ("EEarwSM", "no GS1 key"),
        ("A" * 1001, "at most 1000 signs"),
    ],
)  # fmt: skip
def test_d12_what_is_malformed_is_refused_and_said_where(word, why):
    with pytest.raises(BadKey, match=why):
        compression.parse(f"{HOST}/{word}")


def test_d12_nothing_is_named_twice():
    item, lot = "".join(compression._written([("01", "05412345000013")], "")), compression._value("10", "A")
    for bits in (item + item, item + f"{0x10:08b}{lot}" * 2):
        with pytest.raises(BadKey, match="twice"):
            compression.parse(f"{HOST}/{compression._word(bits)}")


def numbered(digits):
    return digits + digital_link.check_digit(digits)


DIGITS = "0123456789"
LETTERS = DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!\"%&'()*+,-./:;<=>?_"
WORDS = [DIGITS, DIGITS + "abcdef", DIGITS + "ABCDEF", LETTERS[:62] + "-_", LETTERS]


def words(most):
    return st.sampled_from(WORDS).flatmap(lambda signs: st.text(signs, min_size=1, max_size=most))


def digits(least, most=0):
    return st.text(DIGITS, min_size=least, max_size=most or least)


DAYS = st.integers(0, 9_000).map(lambda day: (date(2020, 1, 1) + timedelta(day)).strftime("%y%m%d"))
VALUES = {
    "10": words(20), "21": words(20), "22": words(20), "17": DAYS, "15": DAYS, "11": DAYS, "7003": DAYS.map(
        lambda day: f"{day}0930"), "3103": digits(6), "3922": digits(1, 15), "30": digits(1, 8), "240": words(30),
    "91": words(90), "7040": st.text(LETTERS[10:36], min_size=3, max_size=3).map("1{}".format),
    "417": digits(12).map(numbered), "7007": st.tuples(DAYS, DAYS).map(lambda two: "".join(sorted(two))),
}  # fmt: skip
KEYS = {
    "01": digits(13).map(numbered), "00": digits(17).map(numbered), "414": digits(12).map(numbered),
    "417": digits(12).map(numbered), "8004": words(23).map("9506000{}".format), "402": digits(16).map(numbered),
    "253": st.tuples(digits(12).map(numbered), st.just("") | words(17)).map("".join),
    "255": st.tuples(digits(12).map(numbered), st.just("") | digits(1, 12)).map("".join),
    "8003": st.tuples(digits(12).map(numbered), st.just("") | words(16)).map(lambda two: "0" + "".join(two)),
}  # fmt: skip


@st.composite
def links(draw):
    """Links of whatever element strings go together."""
    ai = draw(st.sampled_from(sorted(KEYS)))
    pairs = {ai: draw(KEYS[ai])}
    for name in draw(st.lists(st.sampled_from(sorted(VALUES)), unique=True, max_size=5)):
        if name != ai:
            more = pairs | {name: draw(VALUES[name])}
            try:
                digital_link.build(more.items())
            except BadKey:
                continue
            pairs = more
    others = draw(st.dictionaries(st.text(LETTERS[10:62], min_size=1, max_size=12), words(30), max_size=2))
    return digital_link.build(pairs.items())._replace(others=tuple(others.items()))


@given(links(), st.booleans(), st.booleans())
def test_d12_every_link_comes_back_as_it_was(link: Link, readable_key, others):
    packed = compression.compress(link, HOST, readable_key=readable_key, others=others)
    assert said(compression.parse(packed)) == said(link)


@given(st.text(compression.ALPHABET, max_size=300), st.sampled_from(["", "01/05412345000013/", "417/"]))
def test_d12_whatever_word_comes_is_read_or_refused(word, before):
    try:
        found = compression.parse(f"{HOST}/{before}{word}")
    except BadKey as refusal:
        assert refusal.detail
    else:
        assert digital_link.parse(found.at()).canonical == found.canonical


def test_d12_no_turned_bit_is_read_as_nonsense():
    """A turned bit is refused, or says something else that keeps GS1's rules."""
    for word in READ:
        bits = "".join(f"{compression.ALPHABET.index(sign):06b}" for sign in word.partition("/")[0])
        for at in range(len(bits)):
            turned = f"{bits[:at]}{'10'[int(bits[at])]}{bits[at + 1 :]}"
            try:
                found = compression.parse(f"{HOST}/{compression._word(turned)}")
            except BadKey:
                continue
            assert all(not identifiers.fault(ai, value) for ai, value in found.pairs)


def test_d12_every_beginning_is_known_by_its_first_two_signs():
    begins = re.compile(compression.BEGINS).match
    assert all(begins(word) for word in READ if "/" not in word)
    chosen = random.Random(3)
    unknown = ["GQ", "6Q", "_w", "Ag"]
    assert [bool(begins(word + chosen.choice(compression.ALPHABET))) for word in unknown] == [False, False, False, True]
