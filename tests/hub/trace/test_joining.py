"""How an organisation becomes a member of the ledger: by a key that the hub holds, or by its own."""

import pytest
from coincurve import PrivateKey
from sqlmodel import col, select
from typer.testing import CliRunner

from chain_node.facts import Key, Member
from chain_node.facts import Role as Standing
from hub import db
from hub.cli import app
from hub.demo import builder
from hub.errors import NotAllowed
from hub.ledger.formats import streams
from hub.models.party import KeyHolder, OrganizationKind, Role, SigningKey
from hub.models.trace import ChainMessage
from hub.pages.settings.relations.ledger_view import Looked, ledger_page
from hub.trace import joining
from hub.trace.joining import NotAnAddress, SameKey
from hub.web.i18n import language
from tests.supermarket import signed_in

OWN = "0x" + streams.address(PrivateKey(bytes.fromhex("33" * 32)).public_key).hex()


@pytest.fixture
def farm(clean, keys_of_the_hub):
    farm = builder.party(OrganizationKind.SUPPLIER, "Qinghe")
    asked(farm)
    return farm


def asked(party, address=None):
    with db.session(db.Who(party.id)) as session:
        joining.ask(session, address)


def boss(party):
    return builder.actor(party, Role.ADMINISTRATOR)


def enrolled() -> int:
    with db.hub_session() as session:
        return joining.enrol(session)


def key_of(party) -> SigningKey:
    with db.session(db.Who(party.id)) as session:
        return joining.name(session).key


def named(party, address):
    me = boss(party)
    with db.session(me.who) as session:
        joining.change_address(session, me, address)


def test_who_names_its_own_key_before_it_is_enrolled_joins_by_it(farm):
    named(farm, OWN)
    assert enrolled() == 1
    key = key_of(farm)
    assert (key.address, key.held_by, key.sealed) == (OWN, KeyHolder.MEMBER, None)


def test_a_member_changes_to_a_key_of_its_own_and_the_chain_hears_of_both_in_order(farm):
    enrolled()
    before = key_of(farm).address
    named(farm, OWN)
    assert key_of(farm).address == before  # until the keeper has taken it up
    assert enrolled() == 1 and enrolled() == 0
    key = key_of(farm)
    assert (key.address, key.held_by, key.sealed) == (OWN, KeyHolder.MEMBER, None)
    with db.hub_session() as session:
        said = session.exec(select(ChainMessage).order_by(col(ChainMessage.number))).all()
    assert [(message.kind, message.body["account"]) for message in said[-2:]] == [
        ("add-key", OWN[2:].lower()),
        ("revoke-key", before[2:].lower()),
    ]
    with pytest.raises(SameKey):
        named(farm, OWN)


@pytest.mark.parametrize("text", ["", "0x12", OWN[2:], "0x" + "g" * 40])
def test_an_address_is_forty_hex_digits(farm, text):
    with pytest.raises(NotAnAddress):
        named(farm, text)


def test_the_address_of_another_member_enrols_nobody_and_keeps_nobody_waiting_behind(farm):
    thief, late = (builder.party(OrganizationKind.SUPPLIER, name) for name in ("Rival", "Late"))
    enrolled()
    asked(thief, key_of(farm).address.lower())
    asked(late)
    assert enrolled() == 1
    assert key_of(thief) is None and key_of(late) is not None
    named(thief, OWN)
    assert enrolled() == 1 and key_of(thief).address == OWN


def test_administrators_alone_name_the_key(farm):
    supplier = builder.actor(farm, Role.SUPPLIER)
    with db.session(supplier.who) as session, pytest.raises(NotAllowed):
        joining.change_address(session, supplier, OWN)


def test_the_page_says_who_holds_the_key_and_whether_an_own_one_works(farm):
    other = builder.party(OrganizationKind.SUPPLIER, "Rival")
    asked(other)
    mine, theirs = signed_in(farm, Role.ADMINISTRATOR), signed_in(other, Role.ADMINISTRATOR, "ma@example.org")
    assert "Waits to be enrolled" in mine.get("/settings/ledger").text
    assert mine.post("/settings/ledger", data={"address": "0x12"}).status_code == 422
    assert mine.post("/settings/ledger", data={"address": OWN}).status_code == 303
    enrolled()
    page = mine.get("/settings/ledger?check=yes").text
    assert OWN in page and "You yourselves" in page and "furrow sign --key own.key" in page and "Another key" in page
    assert "The chain cannot be asked now." in page and "Nothing signed by it has arrived yet." in page
    page = theirs.get("/settings/ledger?check=yes").text
    assert "This hub, for you" in page and "furrow sign --key" not in page and OWN not in page
    assert signed_in(farm, Role.SUPPLIER, "li@example.org").get("/settings/ledger").status_code == 403


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ((), "does not know"),
        ((Key(bytes.fromhex(OWN[2:]), 7, 0, False),), "as your own key"),
        ((Key(bytes.fromhex(OWN[2:]), 7, 9, False),), "says otherwise"),
        ((Key(bytes.fromhex(OWN[2:]), 7, 0, True),), "says otherwise"),
    ],
)
def test_what_the_chain_says_of_an_own_key_is_told(farm, keys, said):
    named(farm, OWN)
    enrolled()
    with db.session(db.Who(farm.id)) as session:
        looked = Looked(Member(1, Standing.SUPPLIER, b"", keys))
        page = ledger_page(joining.name(session), "https://hub.example.com", looked, language("en"))
    assert said in page.checks[0].word


def test_a_new_key_is_written_for_its_owner_alone_and_never_over_another(tmp_path):
    file, run = tmp_path / "own.key", CliRunner()
    made = run.invoke(app, ["new-key", str(file)])
    secret = PrivateKey(bytes.fromhex(file.read_text().strip()))
    assert made.output.strip() == "0x" + streams.address(secret.public_key).hex()
    assert file.stat().st_mode & 0o777 == 0o600
    assert run.invoke(app, ["new-key", str(file)]).exit_code == 1
    assert file.read_text().strip() == secret.secret.hex()
