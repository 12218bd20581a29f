"""GS1 Digital Link, D1 to D3: parsed, built and refused as GS1's own engine does, by GS1's own dictionary."""

import json
import re
from pathlib import Path

import pytest

from hub.gs1 import digital_link
from hub.gs1.digital_link import BadKey
from hub.gs1.syntax import element_strings, identifiers, linters

VECTORS = json.loads((Path(__file__).parents[2] / "samples" / "gs1-syntax-engine" / "vectors.json").read_bytes())
RULES = {
    "validateAIrepeats": lambda pairs: identifiers.repeated(pairs),
    "validateAImutex": lambda pairs: identifiers.excluded([ai for ai, _ in pairs]),
    "validateAIrequisites": lambda pairs: identifiers.lonely([ai for ai, _ in pairs]),
    "validateDigSigRequiresSerialisedKey": lambda pairs: identifiers.unsigned(pairs),
}
ITEM, LOT = "https://id.gs1.org/01/09520123456788", "https://id.gs1.org/01/09520123456788/10/ABC123"


def loose(text):
    """Brackets and values, whatever their checks say."""
    return re.findall(r"\((\d+)\)([^(]*)", text)


# D1: the table


def test_d1_the_table_has_every_identifier_of_the_dictionary():
    known = identifiers.table()
    assert len(known) == 541
    assert known["01"].length == 14 and known["01"].predefined and known["01"].excludes == ("255", "37")
    assert known["250"].needs == ((("01",), ("8006",)), (("21",),))
    assert known["3950"].excludes == ("392n", "393n", "395n", "8005")
    assert not known["21"].attribute and known["17"].attribute


def test_d1_sixteen_identifiers_are_primary_keys():
    assert sorted(identifiers.primary_keys()) == sorted(
        "00 01 253 255 401 402 414 415 417 8003 8004 8006 8010 8013 8017 8018".split()
    )


def test_d1_every_check_that_the_dictionary_names_is_there():
    named = {check for found in identifiers.table().values() for part in found.parts for check in part.checks}
    assert named <= set(linters.LINTERS)


@pytest.mark.parametrize("sequence", VECTORS["valid_dl_path_key_sequences"], ids="/".join)
def test_d1_a_path_names_a_key_and_its_qualifiers_in_order(sequence):
    assert identifiers.is_sequence(sequence)


def test_d1_there_are_39_orders_of_a_path_and_no_others():
    assert sum(len(key.sequences) for key in identifiers.primary_keys().values()) == 39
    for wrong in (["01", "21", "10"], ["01", "10", "235"], ["10"], ["01", "01"], []):
        assert not identifiers.is_sequence(wrong)


@pytest.mark.parametrize("vector", VECTORS["linters"], ids=lambda vector: vector["ai"])
def test_d1_a_value_is_judged_in_the_words_of_gs1s_linters(vector):
    faults = (identifiers.fault(ai, value) for ai, value in loose(vector["ai"]))
    assert f"GS1_LINTER_{next(filter(None, faults), 'OK')}" == vector["expect_linter_error"]


@pytest.mark.parametrize(
    ("ai", "value", "wrong"),
    [
        ("8013", "1987654Ad4X4bL5ttr2310c2K", ""),
        ("8013", "1987654Ad4X4bL5ttr2310c2L", "INCORRECT_CHECK_PAIR"),
        ("8007", "DE89370400440532013000", ""),
        ("8007", "DE89370400440532013001", "INCORRECT_IBAN_CHECKSUM"),
        ("8007", "DE89", "IBAN_TOO_SHORT"),
        ("17", "230229", "ILLEGAL_DAY"),
        ("17", "240200", ""),
        ("4326", "240229", ""),
        ("7258", "2/3", ""),
        ("7258", "3/2", "POSITION_EXCEEDS_END"),
        ("8030", "abc=", "INVALID_CSET64_PADDING"),
        ("8030", "ab=", ""),
        ("8110", "1061414165432131501101201211014092110256100126663101231", ""),
        ("8112", "01123456712345611234567", ""),
        ("7041", "X11", ""),
        ("8004", "A234", "INVALID_GCP_PREFIX"),
        ("10", "", "EMPTY"),
        ("89", "1", "UNKNOWN_AI"),
    ],
)
def test_d1_what_the_checks_let_pass_and_what_not(ai, value, wrong):
    assert identifiers.fault(ai, value) == wrong


@pytest.mark.parametrize("vector", VECTORS["validateAIs"], ids=lambda vector: vector["data"])
def test_d1_what_needs_and_what_excludes_what(vector):
    assert (RULES[vector["validation"]](loose(vector["data"])) == "") is vector["should_succeed"]


@pytest.mark.parametrize("vector", VECTORS["parseAIdata"], ids=lambda vector: vector["ai"])
def test_d1_element_strings_in_brackets(vector):
    if not vector["should_succeed"]:
        with pytest.raises(BadKey):
            element_strings.bracketed(vector["ai"])
    else:
        assert element_strings.written(element_strings.bracketed(vector["ai"])) == vector["expect"]


@pytest.mark.parametrize(
    "vector",
    [vector for vector in VECTORS["processAIdata"] if vector["data"] or not vector["should_succeed"]],
    ids=lambda vector: vector["data"],
)
def test_d1_element_strings_as_a_bar_code_holds_them(vector):
    if not vector["should_succeed"]:
        with pytest.raises(BadKey):
            element_strings.plain(vector["data"])
    else:
        assert element_strings.plain(vector["data"])


# D1: links


@pytest.mark.parametrize("vector", VECTORS["parseDLuri"], ids=lambda vector: vector["uri"])
def test_d1_links_are_taken_apart_or_refused_as_gs1s_engine_does(vector):
    asked = {
        "short_gtins": "PermitZeroSuppressedGTINinDLuris" in vector.get("options", {}),
        "words": not vector["uri"].startswith("https://a/gtin/"),
    }
    if not vector["should_succeed"]:
        with pytest.raises(BadKey):
            digital_link.parse(vector["uri"], **asked)
    else:
        assert element_strings.written(digital_link.parse(vector["uri"], **asked).pairs) == vector["expect_ai"]


@pytest.mark.parametrize("vector", VECTORS["generateDLuri"], ids=lambda vector: vector["ai"])
def test_d1_links_are_built_as_gs1s_engine_builds_them(vector):
    stem = vector["stem"] or digital_link.ROOT
    try:
        built = digital_link.build(element_strings.bracketed(vector["ai"])).at(stem)
    except BadKey:
        built = ""
    assert built == vector["expect_uri"]


def test_d3_what_a_label_says_beside_its_lot_is_part_of_the_answer():
    link = digital_link.parse("https://shop.example/p/01/09520123456788/10/ABC123?17=261201&utm_source=qr&3103=000195")
    assert link.qualifiers == (("10", "ABC123"),)
    assert link.attributes == (("17", "261201"), ("3103", "000195"))
    assert link.others == (("utm_source", "qr"),)
    assert link.canonical == LOT
    assert link.at("https://shop.example/p") == (
        "https://shop.example/p/01/09520123456788/10/ABC123?17=261201&3103=000195"
    )


@pytest.mark.parametrize(
    ("uri", "why"),
    [
        (f"{ITEM}?10=ABC", "belongs into the path"),
        (f"{ITEM}?21=ABC", "no attribute"),
        (f"{ITEM}?01=09520123456788", "named twice"),
        (f"{ITEM}?89=1", "no application identifier"),
        (f"{ITEM}?3100=000001&3101=000001", "does not stand beside"),
        (f"{ITEM}?7022=1", "lacks"),
        ("https://id.gs1.org/415/9520123456788", "lacks"),
        ("https://id.gs1.org/253/9520123456788?8030=ABC", "cannot be signed"),
        (f"{LOT}?17=261301", "illegal month"),
        (f"{ITEM}//10/A", "holds no GS1 key"),
        ("https://id.gs1.org/01/09520123456789", "incorrect check digit"),
    ],
)
def test_d1_what_breaks_a_rule_is_refused_and_why(uri, why):
    with pytest.raises(BadKey, match=re.escape(why)):
        digital_link.parse(uri)


def test_d1_a_path_takes_the_qualifiers_that_leave_the_query_what_it_may_have():
    built = digital_link.build([("10", "L1"), ("235", "X"), ("01", "09520123456788")])
    assert built.at() == "https://id.gs1.org/01/09520123456788/235/X?10=L1"


def test_d2_a_link_on_a_custom_domain_is_the_same_after_canonicalising():
    for written in (
        LOT,
        "https://shop.example/01/09520123456788/10/ABC123",
        "HTTPS://SHOP.EXAMPLE/some/path/01/09520123456788/10/ABC123/?17=261201#x",
        "https://shop.example/gtin/09520123456788/lot/ABC123",
    ):
        assert digital_link.parse(written).canonical == LOT == digital_link.canonical(written)
    assert digital_link.parse("https://shop.example/01/9520123456788", short_gtins=True).canonical == ITEM
