"""Compressed codes lead on as the plain ones do, D12."""

import json
import random

import pytest

from hub.gs1 import digital_link
from hub.gs1.digital_link import BadKey
from hub.gs1.syntax import compression
from tests.hub.resolver.conftest import GTIN, SAMPLES

EXPECTED = json.loads((SAMPLES / "expected.json").read_bytes())["cases"]
LOT = f"/01/{GTIN}/10/LOT01"


def packed(path, **how):
    """A path in its compressed form."""
    return compression.compress(digital_link.parse(f"{digital_link.ROOT}{path}", short_gtins=True), "", **how)


def whole(answer):
    return answer.status_code, answer.headers.get("location"), answer.text


@pytest.mark.parametrize("readable_key", [False, True])
@pytest.mark.parametrize("case", EXPECTED, ids=lambda case: case["get"])
def test_d12_a_compressed_code_is_answered_as_the_plain_one(scan, dal_giardino, case, readable_key):
    path, _, query = case["get"].partition("?")
    try:
        word = packed(path, readable_key=readable_key)
    except BadKey:
        pytest.skip("no Digital Link, compressed or not")
    answer = scan.get(f"{word}?{query}" if query else word)
    assert answer.status_code == case["status"]
    assert answer.headers.get("location") == case.get("location")


def test_d12_what_is_asked_and_what_goes_along_may_be_packed_too(scan, dal_giardino):
    asked = f"{LOT}?17=290331&linkType=gs1:registerProduct&k=v"
    plain, short = (scan.get(path, headers={"accept-language": "fr"}) for path in (asked, packed(asked)))
    assert plain.status_code == 307 and plain.headers["location"] == short.headers["location"]
    assert "17=290331&k=v" in short.headers["location"] and "linkType" not in short.headers["location"]


def test_d12_the_answer_names_the_code_as_it_is_when_not_compressed(scan, dal_giardino):
    for word in ("/CxFKk4XB0MpZyemo", packed(LOT, readable_key=True)):
        led, listed = scan.get(word), scan.get(f"{word}?linkType=linkset")
        for answer in (led, listed):
            assert f'{LOT}>; rel="owl:sameAs"' in answer.headers["link"]
            assert answer.headers["access-control-allow-origin"] == "*"
            assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        assert listed.json()["linkset"][0]["anchor"].endswith(LOT)
        assert listed.text == scan.get(f"{LOT}?linkType=linkset").text
    assert "owl:sameAs" not in scan.get(LOT).headers["link"]


def test_d12_a_page_may_ask_what_a_compressed_code_may_be_asked(scan):
    answer = scan.options("/CxFKk4XB0MpZyemo")
    assert answer.status_code == 204 and answer.headers["allow"] == "GET, HEAD, OPTIONS"


def test_d12_a_malformed_one_is_refused_and_said_where(scan, dal_giardino):
    asked = {"accept": "application/json"}
    beside = scan.get(f"/01/{GTIN}/EEarw", headers=asked)
    assert beside.status_code == 400 and "ends at bit 30, in the middle of (10)" in beside.json()["detail"]
    alone = scan.get("/AQnYUc1gmiCNV4", headers=asked)
    assert alone.status_code == 404 and alone.json()["code"] == "no-compressed-link"
    assert "ends at bit 84, in the middle of (10)" in alone.json()["detail"]
    assert scan.get(f"/AQ{'n' * 3000}", headers=asked).status_code == 404


def test_d12_a_page_of_the_hub_is_never_taken_for_a_code(scan):
    assert scan.get("/sign-in").status_code == 200
    assert scan.get("/certificates-of-nobody").status_code == 404
    assert scan.post("/certificates-of-nobody").status_code in (404, 405)


def test_d12_no_word_breaks_the_resolver(scan):
    """Turned bits, cut ends, and words of chance."""
    chosen = random.Random(7)
    words = ["".join(chosen.choices(compression.ALPHABET, k=chosen.randrange(8, 60))) for _ in range(150)]
    good = "AQnYUc1gmiERBhQ0ytiyZuAGOLc1TXhXsaXbQKHFuaprwUmrBX6g"
    for at in range(len(good)):
        words += [good[:at], good[:at] + chosen.choice(compression.ALPHABET) + good[at + 1 :]]
    for word in filter(None, words):
        for path in (f"/{word}", f"/01/{GTIN}/{word}"):
            assert scan.get(path).status_code in (300, 303, 307, 400, 404), path
