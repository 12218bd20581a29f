"""Files of certificates and pictures of items: chosen in a form, served to those who may read them."""

from datetime import date

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from hub import db
from hub.app import create_app
from hub.demo import builder
from hub.models.access import AuditEntry
from hub.models.catalogue import Certificate, Document, TradeItem
from hub.models.party import OrganizationKind, Role
from tests.hub import files
from tests.hub.web.conftest import BROWSER, PASSWORD

PAPER = {"number": "GAP-1", "kind": "gap", "name_zh": "良好农业规范", "issuer": "CQC", "valid_from": "2026-01-01"}
ITEM = {
    "gtin": "6901234000016", "name_zh": "番茄", "category": "vegetables", "unit": "KGM", "price": "7.20",
    "temperature": "chilled", "shelf_life_days": "8", "case_quantity": "10", "unit_weight_kg": "1",
}  # fmt: skip


def signed_in(name: str, kind: OrganizationKind = OrganizationKind.SUPPLIER) -> tuple[TestClient, object]:
    party = builder.party(kind, name)
    builder.person(party, Role.ADMINISTRATOR, PASSWORD, f"{name.lower()}@example.org")
    browser = TestClient(create_app(), headers=BROWSER, follow_redirects=False)
    browser.__enter__()
    answer = browser.post("/sign-in", data={"email": f"{name.lower()}@example.org", "password": PASSWORD})
    assert answer.status_code == 303
    return browser, party


@pytest.fixture
def qinghe(clean):
    browser, party = signed_in("Qinghe")
    yield browser, party
    browser.__exit__(None, None, None)


def one(model):
    with db.hub_session() as session:
        return session.exec(select(model)).one()


def chosen(name: str, content: bytes, called: str = "scan.pdf") -> dict:
    return {f"{name}-new": (called, content, "application/octet-stream")}


def test_a_certificate_is_filed_with_its_file_and_everybody_takes_it_away(qinghe):
    browser, _ = qinghe
    added = browser.post("/settings/certificates/new", data=PAPER, files=chosen("file_sha256", files.PDF))
    assert added.status_code == 303
    paper = one(Certificate)
    for address in (f"/files/{paper.file_sha256}", f"/settings/files/{paper.file_sha256}"):
        served = browser.get(address)
        assert (served.status_code, served.content) == (200, files.PDF)
        assert served.headers["content-disposition"].startswith("attachment;")
        assert "sandbox" in served.headers["content-security-policy"]
        assert served.headers["x-content-type-options"] == "nosniff"
    assert paper.file_sha256 in browser.get(f"/settings/certificates/{paper.id}").text


@pytest.mark.parametrize(
    ("called", "content", "says"),
    [
        ("licence.pdf", files.office_file(), "a ZIP archive or an office document"),
        ("licence.png", files.HTML, "a web page or a drawing"),
        ("licence.png", files.bomb(), "60000 × 60000 pixels"),
        ("licence.pdf", bytes(6 * 1024 * 1024), "This file has 6.0 MB"),
        ("licence.jpg", files.jpeg()[:-900], "cut off or damaged"),
    ],
)
def test_a_hostile_file_is_refused_beside_its_field_and_nothing_of_the_form_is_lost(qinghe, called, content, says):
    browser, _ = qinghe
    answer = browser.post("/settings/certificates/new", data=PAPER, files=chosen("file_sha256", content, called))
    assert answer.status_code == 422 and says in answer.text and 'href="#f-file_sha256"' in answer.text
    assert all(f'value="{said}"' in answer.text for said in PAPER.values())
    with db.hub_session() as session:
        assert not session.exec(select(Document)).all() and not session.exec(select(Certificate)).all()


def test_a_file_is_kept_while_the_rest_of_the_form_is_put_right(qinghe):
    browser, _ = qinghe
    answer = browser.post(
        "/settings/certificates/new", data=PAPER | {"issuer": ""}, files=chosen("file_sha256", files.PDF)
    )
    sha256 = one(Document).sha256
    assert answer.status_code == 422 and f'name="file_sha256" value="{sha256}"' in answer.text
    assert browser.post("/settings/certificates/new", data=PAPER | {"file_sha256": sha256}).status_code == 303
    assert one(Certificate).file_sha256 == sha256


def test_another_file_takes_its_place_and_the_earlier_one_stays_with_its_owner(qinghe):
    browser, _ = qinghe
    browser.post("/settings/certificates/new", data=PAPER, files=chosen("file_sha256", files.PDF))
    first = one(Certificate)
    address = f"/settings/certificates/{first.id}"
    browser.post(address, data=PAPER, files=chosen("file_sha256", files.photo(), "scan.jpg"))
    second = one(Certificate)
    assert second.file_sha256 != first.file_sha256
    assert browser.get(f"/settings/files/{first.file_sha256}").status_code == 200
    assert browser.get(f"/files/{first.file_sha256}").status_code == 404
    assert f"SHA-256 {first.file_sha256[:12]}… → SHA-256 {second.file_sha256[:12]}…" in browser.get(address).text
    browser.post(address, data=PAPER | {"file_sha256": second.file_sha256, "file_sha256-gone": "true"})
    assert one(Certificate).file_sha256 == "" and browser.get(f"/files/{second.file_sha256}").status_code == 404


def test_a_file_is_read_by_partners_and_no_file_of_another_can_be_claimed(qinghe):
    browser, farm = qinghe
    browser.post("/settings/certificates/new", data=PAPER, files=chosen("file_sha256", files.PDF))
    named = one(Certificate).file_sha256
    browser.post("/settings/certificates/new", data={**PAPER, "issuer": ""}, files=chosen("file_sha256", files.jpeg()))
    with db.hub_session() as session:
        unnamed = session.exec(select(Document.sha256).where(Document.sha256 != named)).one()
    rival, other = signed_in("Rival")
    try:
        assert rival.get(f"/settings/files/{named}").status_code == 404
        builder.relation(farm, other)
        assert rival.get(f"/settings/files/{named}").status_code == 200
        assert rival.get(f"/settings/files/{unnamed}").status_code == 404
        assert rival.get(f"/files/{unnamed}").status_code == 404
        for sha256 in (named, unnamed):
            claimed = rival.post("/settings/certificates/new", data=PAPER | {"file_sha256": sha256})
            assert claimed.status_code == 422 and "This file is not here any more" in claimed.text
    finally:
        rival.__exit__(None, None, None)


def test_an_items_picture_shows_in_its_list_and_form_until_it_is_ticked_away(qinghe):
    browser, _ = qinghe
    assert browser.post(
        "/settings/items/new", data=ITEM, files=chosen("picture_sha256", files.png(), "tomato.png")
    ).status_code == 303  # fmt: skip
    item = one(TradeItem)
    small, large = f"/settings/files/{item.picture_sha256}/small", f"/settings/files/{item.picture_sha256}"
    assert f'src="{small}"' in browser.get("/settings/items").text
    assert f'src="{large}" alt="番茄"' in browser.get(f"/settings/items/{item.id}").text
    assert browser.get(small).headers["content-type"] == "image/jpeg"
    assert browser.get(large).headers["content-disposition"].startswith("inline")
    gone = ITEM | {"picture_sha256": item.picture_sha256, "picture_sha256-gone": "true"}
    browser.post(f"/settings/items/{item.id}", data=gone)
    assert one(TradeItem).picture_sha256 == ""


def test_a_sheet_leaves_pictures_alone(qinghe):
    browser, _ = qinghe
    browser.post("/settings/items/new", data=ITEM, files=chosen("picture_sha256", files.png(), "tomato.png"))
    before = one(TradeItem)
    sheet = browser.get("/settings/items/export.csv").content
    assert before.picture_sha256.encode() not in sheet
    asked = browser.post(
        "/settings/items/import", files={"file": ("items.csv", sheet.replace(b"7.2", b"7.5"), "text/csv")}
    )
    address = asked.text.split('action="/settings/items/import/')[1].split('"')[0]
    browser.post(f"/settings/items/import/{address}")
    after = one(TradeItem)
    assert str(after.price) == "7.5000" and after.picture_sha256 == before.picture_sha256


def test_what_was_said_of_files_stands_in_the_trail(qinghe):
    browser, _ = qinghe
    browser.post("/settings/certificates/new", data=PAPER)
    browser.post(f"/settings/certificates/{one(Certificate).id}", data=PAPER, files=chosen("file_sha256", files.PDF))
    with db.hub_session() as session:
        entry = session.exec(select(AuditEntry).where(AuditEntry.action == "paper.change")).one()
    assert entry.detail == {"file_sha256": f" → {one(Certificate).file_sha256}"}
    assert one(Certificate).valid_from == date(2026, 1, 1)
