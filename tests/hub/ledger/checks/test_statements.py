"""What people read of parties, places, items and papers is what their owners signed; who alters a row is named."""

import hashlib
import json
import re
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlmodel import select
from typer.testing import CliRunner

from hub import cli, db, documents, parties, pictures
from hub.app import create_app
from hub.demo import builder
from hub.gs1 import master_data
from hub.ledger.audit import bundle, verification
from hub.ledger.checks.findings import Check, Outcome
from hub.ledger.checks.statements import Fact, Statements
from hub.ledger.log import anchoring
from hub.models.catalogue import Certificate, Document, TradeItem
from hub.models.party import Organization, OrganizationKind, Place
from hub.trace import capture
from hub.trace import master_data as registry
from hub.trace.taking import documents as taking
from tests.hub import files
from tests.hub.growers import farm, run_to_the_end

pytestmark = pytest.mark.usefixtures("node")

ALTERATIONS = {
    "place": "update place set name_en = 'Changbai Mountain farm'",
    "organization": "update organization set name_en = 'Wuchang Organic Co-op', name_zh = '五常有机'",
    "item": "update trade_item set name_en = 'Organic tomatoes'",
    "certificate": "update certificate set name_en = 'China Organic Product', valid_to = '2030-01-01'",
}


def certify(session, **more) -> Certificate:
    told = {"kind": "gap", "name_zh": "良好农业规范", "name_en": "Good practice", "number": "GAP-1", "issuer": "CQC"}
    return parties.certify(session, parties.CertificateDetails(valid_from=date(2026, 1, 1), **told | more))


@pytest.fixture
def stated(node, growers):
    """A farm with a lot, that has said what it, its field, its item and its certificate are called; all sealed."""
    with growers.session() as session:
        certify(session)
    with growers.session() as session:
        registry.state_all(session)
    growers.grow("A1")
    run_to_the_end()
    node.ask("anvil_mine", "0x3")
    return growers


def page_of(farm_) -> str:
    with TestClient(create_app(), headers={"accept-language": "en"}) as browser:
        answer = browser.get(f"/product/{farm_.item.gtin}/A1")
    assert answer.status_code == 200
    return answer.text


def item_page_of(farm_, code: str = "en") -> str:
    with TestClient(create_app(), headers={"accept-language": code}) as browser:
        answer = browser.get(f"/product/{farm_.item.gtin}")
    assert answer.status_code == 200
    return answer.text


def findings(farm_) -> list[Check]:
    """What an auditor finds who takes the farm's bundle away."""
    with db.session(db.Who(farm_.organization.id)) as session:
        lines = list(verification.make_bundle(session, "owner").lines())
    return [check for check in bundle.verify(bundle.read(lines), anchoring.ledger()) if check.code == "V13"]


def outcome_on(page: str) -> str:
    """How the check came out on the shopper's page."""
    found = re.search(r'<li data-outcome="(\w+)">(?:(?!</li>).)*Names and papers', page, re.DOTALL)
    assert found is not None
    return found[1]


def spoil(sql: str) -> None:
    with db.hub_session() as session:
        session.execute(text(sql))


def test_what_was_stated_is_shown_under_the_verdict_and_named_for_the_browser(stated):
    page = page_of(stated)
    assert outcome_on(page) == "pass" and "The record is genuine" in page and "No record covers this" not in page
    for row, attribute, word in [
        (stated.item, "name_en", "Tomatoes"),
        (stated.organization, "name_en", "Qinghe"),
        (stated.field, "name_en", "Greenhouse 7"),
    ]:
        mark = f'data-subject="{master_data.subject(row.id)}" data-attribute="{attribute}"'
        assert re.search(re.escape(mark) + rf"[^>]*>{word}<", page)
    assert [check.outcome for check in findings(stated)] == [Outcome.VALID]


@pytest.mark.parametrize("sql", ALTERATIONS.values(), ids=ALTERATIONS.keys())
def test_a_row_that_was_altered_is_named_and_the_signed_word_is_shown(stated, sql):
    spoil(sql)
    page = page_of(stated)
    assert outcome_on(page) == "fail" and "The record does not hold" in page
    shown = re.sub(r"<p>[^<]*is shown as[^<]*</p>", "", page)  # where the check names both
    assert not {"Changbai", "Wuchang", "Organic"} & set(re.findall(r"\w+", shown))
    assert [check.outcome for check in findings(stated)] == [Outcome.ALTERED]


def test_all_four_at_once_are_each_named_to_the_auditor(stated):
    for sql in ALTERATIONS.values():
        spoil(sql)
    told = [str(check) for check in findings(stated)]
    assert len(told) == 4 and all("altered" in line and "signed" in line for line in told)


def test_an_honest_change_is_no_lie_and_what_happened_before_keeps_its_name(stated, node):
    with stated.session() as session:
        field = session.get_one(Place, stated.field.id)
        field.name_en = "Glasshouse 7"
        registry.state(session, field)
    waiting = page_of(stated)
    assert outcome_on(waiting) == "pass" and "Glasshouse" not in waiting  # what is sealed is shown
    assert {check.outcome for check in findings(stated)} == {Outcome.PENDING, Outcome.VALID}
    run_to_the_end()
    node.ask("anvil_mine", "0x3")
    page = page_of(stated)
    assert outcome_on(page) == "pass" and "The record is genuine" in page
    assert "Greenhouse 7" in page and "now called Glasshouse 7" in page
    assert [check.outcome for check in findings(stated)] == [Outcome.VALID]


def test_what_no_record_covers_is_set_apart_and_says_so(stated):
    with stated.session() as session:
        certify(session, name_en="China Organic Product", number="ORG-1")
    page = page_of(stated)
    assert "No record covers this" in page and "China Organic Product (certificate)" in page
    assert outcome_on(page) == "unknown"
    assert sorted(check.outcome for check in findings(stated)) == [Outcome.UNSTATED, Outcome.VALID]


def test_another_members_word_of_a_subject_counts_for_nothing(stated, node):
    rival = farm()
    with rival.session() as session:
        event = master_data.event(
            master_data.Statement(
                master_data.subject(stated.field.id), "place", {"name_en": "Rubbish tip"}, datetime.now(UTC)
            ),
            datetime.now(UTC),
        )
        capture.record(session, event, published=True)
    run_to_the_end()
    node.ask("anvil_mine", "0x3")
    page = page_of(stated)
    assert outcome_on(page) == "pass" and "Rubbish" not in page


@pytest.fixture
def filed(stated, node):
    """The farm's certificate has a file, and its item a picture; both are sealed."""
    with stated.session() as session:
        paper = session.exec(select(Certificate)).one()
        paper.file_sha256 = documents.keep(session, files.PDF, pictures.paper).sha256
        item = session.get_one(TradeItem, stated.item.id)
        item.picture_sha256 = documents.keep(session, files.png(), pictures.picture).sha256
        registry.state_all(session)
    run_to_the_end()
    node.ask("anvil_mine", "0x3")
    return stated


def hash_of(media_type: str) -> str:
    with db.hub_session() as session:
        return session.exec(select(Document.sha256).where(Document.media_type == media_type)).one()


def test_a_file_is_signed_by_its_hash_and_shown_with_it(filed):
    page = page_of(filed)
    assert outcome_on(page) == "pass"
    for media_type, attribute in ((pictures.PDF, "file_sha256"), (pictures.JPEG, "picture_sha256")):
        sha256 = hash_of(media_type)
        assert f'"/files/{sha256}"' in page and re.search(rf'data-attribute="{attribute}"[^>]*>{sha256}<', page)
    assert [check.outcome for check in findings(filed)] == [Outcome.VALID]


@pytest.mark.parametrize(
    ("media_type", "says"),
    [(pictures.PDF, "The file that is kept here is not"), (pictures.JPEG, "The picture of the item is not shown")],
)
def test_a_file_whose_bytes_were_altered_is_named_and_not_shown(filed, media_type, says):
    sha256 = hash_of(media_type)
    spoil(f"update document set content = 'forged' where media_type = '{media_type}'")
    page = page_of(filed)
    assert outcome_on(page) == "fail" and says in page and f'"/files/{sha256}"' not in page
    assert [check.outcome for check in findings(filed)] == [Outcome.ALTERED]
    with TestClient(create_app(), headers={"accept-language": "en"}) as browser:
        refused = browser.get(f"/files/{sha256}")
    assert refused.status_code == 409 and "forged" not in refused.text and "not the one that was stated" in refused.text


def test_a_file_and_its_row_altered_together_are_named_too(filed):
    forged = hashlib.sha256(b"forged").hexdigest()
    spoil(f"update document set content = 'forged', sha256 = '{forged}' where media_type = '{pictures.PDF}'")
    spoil(f"update certificate set file_sha256 = '{forged}'")
    page = page_of(filed)
    assert outcome_on(page) == "fail" and f'"/files/{forged}"' not in page
    assert [check.outcome for check in findings(filed)] == [Outcome.ALTERED]


def test_a_picture_that_was_put_there_without_a_word_is_not_shown(stated):
    with stated.session() as session:
        lone = documents.keep(session, files.png(), pictures.picture).sha256
        session.get_one(TradeItem, stated.item.id).picture_sha256 = lone
    page = page_of(stated)
    assert f'src="/files/{lone}"' not in page and outcome_on(page) == "fail"


def test_a_picture_of_an_item_that_nobody_stated_is_set_apart(growers, node):
    with growers.session() as session:
        lone = documents.keep(session, files.png(), pictures.picture).sha256
        session.get_one(TradeItem, growers.item.id).picture_sha256 = lone
    growers.grow("A1")
    run_to_the_end()
    node.ask("anvil_mine", "0x3")
    page = page_of(growers)
    assert "No record covers this picture" in page
    assert f'src="/files/{lone}"' not in page and f'href="/files/{lone}"' in page


@pytest.mark.parametrize(
    ("code", "says", "valid"),
    [("en", "Yes: nobody has changed it since it was written.", "Valid"), ("zh", "这些名称和证书是真的吗？", "有效")],
)
def test_an_item_without_a_lot_shows_its_picture_and_its_makers_papers_and_proves_them(filed, code, says, valid):
    page = item_page_of(filed, code)
    assert says in page and valid in page and 'data-outcome="pass"' in page and 'data-outcome="fail"' in page
    assert f'<img class="shot" src="/files/{hash_of(pictures.JPEG)}"' in page
    assert f'href="/files/{hash_of(pictures.PDF)}"' in page and "GAP-1" in page
    assert f'data-subject="{master_data.subject(filed.item.id)}" data-attribute="name_{code}"' in page
    assert 'class="note' not in page


@pytest.mark.parametrize("what", ["organization", "item", "certificate"])
def test_what_was_altered_is_named_on_the_items_page_too_and_the_signed_word_is_shown(stated, what):
    spoil(ALTERATIONS[what])
    page = item_page_of(stated)
    assert outcome_on(page) == "fail" and "Not everything holds." in page
    shown = re.sub(r"<p>[^<]*is shown as[^<]*</p>", "", page)
    assert not {"Wuchang", "Organic"} & set(re.findall(r"\w+", shown))


def test_a_paper_that_nobody_stated_is_set_apart_on_the_items_page(stated):
    with stated.session() as session:
        certify(session, name_en="China Organic Product", number="ORG-1")
    page = item_page_of(stated)
    assert outcome_on(page) == "unknown" and "No record covers this" in page
    assert "China Organic Product (certificate)" in page


@pytest.mark.parametrize(
    ("media_type", "says"),
    [(pictures.PDF, "The file that is kept here is not"), (pictures.JPEG, "The picture of the item is not shown")],
)
def test_a_file_whose_bytes_were_altered_is_not_shown_on_the_items_page(filed, media_type, says):
    sha256 = hash_of(media_type)
    spoil(f"update document set content = 'forged' where media_type = '{media_type}'")
    page = item_page_of(filed)
    assert outcome_on(page) == "fail" and says in page and f'"/files/{sha256}"' not in page


def test_of_a_maker_that_is_no_member_everything_is_set_apart(stated):
    party = builder.party(OrganizationKind.SUPPLIER, "Anyang", "安阳")
    item = builder.item(party, "Bread", "面包")
    with db.session(db.Who(party.id)) as session:
        certify(session)
        lone = documents.keep(session, files.png(), pictures.picture).sha256
        session.get_one(TradeItem, item.id).picture_sha256 = lone
    page = item_page_of(SimpleNamespace(item=item))
    assert "Nothing of this stands in the ledger yet" in page and 'class="part sealed"' not in page
    told = page.split("nobody has signed it:")[1].split("</div>")[0]
    assert all(name in told for name in ("面包 / Bread (item)", "安阳 / Anyang (organisation)", "Good practice"))
    assert "No record covers this picture." in page and f'src="/files/{lone}"' not in page


def test_an_item_is_never_called_genuine_while_the_chain_is_away(filed, monkeypatch):
    monkeypatch.setenv("FURROW_CHAIN_URL", "http://127.0.0.1:9")
    for cached in (anchoring.settings, anchoring.ledger):
        cached.cache_clear()
    page = item_page_of(filed)
    assert "This cannot be told yet" in page and "<img" not in page
    assert "Whether a record covers this picture cannot be told now." in page


def test_rows_that_were_stated_before_there_were_files_say_the_same_as_then(stated):
    with db.hub_session() as session:
        for model, names in ((Certificate, {"file_sha256"}), (TradeItem, {"picture_sha256"})):
            row = session.exec(select(model)).one()
            said = registry.newest_of(session, [row])[row.id]
            assert said.attributes.keys().isdisjoint(names) and list(registry.differences(session)) == []


def test_a_file_is_rebuilt_from_the_records(filed):
    spoil("update certificate set file_sha256 = ''")
    with db.hub_session() as session:
        assert registry.rebuild(session) == 1
        assert session.exec(select(Certificate)).one().file_sha256 == hash_of(pictures.PDF)


def test_saying_the_same_again_writes_nothing(stated):
    with stated.session() as session:
        assert registry.state_all(session) == 0
        assert registry.state(session, session.get_one(Place, stated.field.id)) is None


def test_who_is_no_member_yet_states_nothing_and_makes_up_for_it(clean, keys_of_the_hub):
    party = builder.party(OrganizationKind.SUPPLIER)
    place = builder.place(party)
    with db.session(db.Who(party.id)) as session:
        assert registry.state(session, place) is None
    builder.member(party)
    with db.session(db.Who(party.id)) as session:
        assert registry.state_all(session) == 2


def test_rows_are_rebuilt_from_the_records(stated):
    for sql in ALTERATIONS.values():
        spoil(sql)
    with db.hub_session() as session:
        names = sorted(type(difference.row).__name__ for difference in registry.differences(session))
        assert names == ["Certificate", "Organization", "Place", "TradeItem"]
        assert registry.rebuild(session) == 4
        assert list(registry.differences(session)) == []
        paper = session.exec(select(Certificate)).one()
        assert (paper.name_en, paper.valid_to, paper.valid_from) == ("Good practice", None, date(2026, 1, 1))
        assert session.exec(select(TradeItem)).one().shelf_life_days == 8
        assert session.exec(select(Organization).where(Organization.member == 1)).one().name_en == "Qinghe"


def test_the_command_names_what_was_altered_and_mends_it(stated, monkeypatch):
    class Here:
        def environment(self, _process):
            return {}

    monkeypatch.setattr(cli, "_installation", Here)
    ask = CliRunner().invoke
    assert ask(cli.app, ["master-data"]).exit_code == 0
    spoil(ALTERATIONS["place"])
    named = ask(cli.app, ["master-data"])
    assert named.exit_code == 1 and "name_en 'Changbai Mountain farm', signed 'Greenhouse 7'" in named.stdout
    mended = ask(cli.app, ["master-data", "--rebuild"])
    assert mended.exit_code == 0 and "1 rows differ from what was signed; 1 are as signed again" in mended.stdout
    with stated.session() as session:
        certify(session, number="NEW-1")
    assert "1 statements recorded" in ask(cli.app, ["master-data", "--state"]).stdout


def test_nobody_states_anything_through_the_door_for_events(stated):
    told = master_data.Statement(master_data.subject(stated.field.id), "place", {"name_en": "X"}, datetime.now(UTC))
    document = {"@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
                             {"furrow": "urn:furrow:ns:1:"}], **master_data.event(told, datetime.now(UTC))}  # fmt: skip
    with stated.session() as session, pytest.raises(capture.StatedOnItsPage):
        taking.capture(session, stated.actor, json.dumps(document).encode())


def test_a_bundle_keeps_its_facts_when_it_is_written_and_read(stated):
    with db.session(db.Who(stated.organization.id)) as session:
        made = verification.make_bundle(session, "owner")
        again = bundle.read(made.lines())
    assert list(again.facts) == list(made.facts) and len(made.facts) == 4
    assert all(isinstance(fact, Fact) for fact in again.facts)


def test_what_held_at_a_moment_is_the_last_that_was_valid_then():
    first = datetime(2026, 1, 1, tzinfo=UTC)
    said = [
        master_data.Statement("urn:uuid:1", "place", {"name_en": name}, first + timedelta(days=days))
        for name, days in [("A", 0), ("B", 10)]
    ]
    told = Statements({(1, "urn:uuid:1"): said})
    asked = [first - timedelta(days=1), first + timedelta(days=9), first + timedelta(days=10), None]
    assert [told.at(1, "urn:uuid:1", at).attributes["name_en"] for at in asked] == ["A", "A", "B", "B"]
    assert told.at(2, "urn:uuid:1", first) is None
