"""E6: a Digital Link becomes the EPC URN it came from, where the company prefix is known; else it stays a link."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.gs1 import digital_link, epc_urn
from hub.gs1.digital_link import check_digit


def digits(length: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=length, max_size=length)


serials = st.text("""!"%&'()*+,-./0129:;<=>?AZ_az""", min_size=1, max_size=16)
numbers = st.from_regex("[1-9][0-9]{0,8}", fullmatch=True)
pieces = st.lists(st.integers(1, 99), min_size=2, max_size=2).map(lambda two: "{:02}.{:02}".format(*sorted(two)))
FORMS = {
    "id:sgtin": (12, 1, (serials,)), "class:lgtin": (12, 1, (serials,)), "id:upui": (12, 1, (serials,)),
    "idpat:sgtin": (12, 1, (st.just("*"),)), "id:itip": (12, 1, (pieces, serials)),
    "idpat:itip": (12, 1, (pieces, st.just("*"))), "id:sscc": (16, 1, ()),
    "id:sgln": (12, 0, (serials.filter(lambda serial: serial != "0"),)), "id:pgln": (12, 0, ()),
    "id:gdti": (12, 0, (serials,)), "idpat:gdti": (12, 0, (st.just("*"),)), "id:sgcn": (12, 0, (numbers,)),
    "idpat:sgcn": (12, 0, (st.just("*"),)), "id:grai": (12, 0, (serials,)), "idpat:grai": (12, 0, (st.just("*"),)),
    "id:gsin": (16, 0, ()), "id:gsrn": (17, 0, ()), "id:gsrnp": (17, 0, ()),
}  # fmt: skip
"""For each form of URN: how many digits it has up to the check digit, how many of them stand before the company
prefix in the key, and what follows."""


def escaped(part: str) -> str:
    return "".join(f"%{ord(sign):02X}" if sign in '"%&/<>?' else sign for sign in part)


@st.composite
def urns(draw: st.DrawFn) -> tuple[str, str]:
    """A URN and its company prefix."""
    form = draw(st.sampled_from([*FORMS, "id:giai", "id:ginc", "id:cpi", "idpat:cpi"]))
    prefix = draw(st.integers(6, 12).flatmap(digits))
    if form in ("id:giai", "id:ginc"):
        return f"urn:epc:{form}:{prefix}.{escaped(draw(serials))}", prefix
    if form.endswith("cpi"):
        serial = draw(numbers) if form == "id:cpi" else "*"
        return f"urn:epc:{form}:{prefix}.{draw(st.sampled_from(['A1', '9-9', '%23A', 'B%2FC']))}.{serial}", prefix
    length, leading, more = FORMS[form]
    item = draw(digits(length - len(prefix) + leading))
    rest = "".join(f".{escaped(draw(part))}" for part in more)
    return f"urn:epc:{form}:{prefix}.{item}{rest}", prefix


@given(urns())
def test_e6_a_urn_that_became_a_link_becomes_the_same_urn_again(told):
    urn, prefix = told
    link = digital_link.canonical(urn)
    assert link.startswith("https://id.gs1.org/")
    assert epc_urn.urn(link, {prefix, "99", "5" * 12}) == urn
    assert epc_urn.company_prefixes([f'["{urn}"]'.encode()]) == {prefix}


@given(urns())
def test_e6_without_its_company_prefix_a_link_stays_one(told):
    link = digital_link.canonical(told[0])
    assert epc_urn.urn(link, ()) == link


@pytest.mark.parametrize(
    "identifier",
    [
        "https://id.gs1.org/01/10614141073464/10/A/21/7", "https://id.gs1.org/01/10614141073464/22/A",
        "https://id.gs1.org/8018/061414112345678902/8019/3", "https://id.gs1.org/01/10614141073464/21/7?17=261231",
        "https://example.org/01/x", "urn:epc:id:sgtin:0614141.107346.2017", "https://id.gs1.org/", "ftp://x", "",
        "http:", "https://id.gs1.org/01/10614141073465/21/7", "https://id.gs1.org/415/0614141000012",
    ],
)  # fmt: skip
def test_what_no_urn_says_whole_stays_as_it_is(identifier):
    assert epc_urn.urn(identifier, {"0614141"}) == identifier


def test_a_link_on_another_domain_becomes_the_urn_of_the_same_thing():
    assert (
        epc_urn.urn("https://shop.example/01/10614141073464/21/7", {"0614141"}) == "urn:epc:id:sgtin:0614141.107346.7"
    )


def test_the_longest_prefix_that_is_known_is_taken():
    body = "061414112345"
    gln = body + check_digit(body)
    assert epc_urn.urn(f"https://id.gs1.org/414/{gln}", {"061414", "0614141"}) == "urn:epc:id:sgln:0614141.12345.0"
