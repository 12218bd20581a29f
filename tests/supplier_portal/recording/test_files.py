"""A laboratory's PDF read into its form, and files that records state by their hash."""

import hashlib
import io
import re

import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from hub.pdf.pages import PdfUnreadable, pages
from hub.trace import records
from tests.hub import files
from tests.supplier_portal.recording.test_laboratory import CHINESE, ENGLISH
from tests.supplier_portal.recording.test_pages import told

SPRAYED = {"product": "Bt", "substance": "Bacillus", "dose": "1", "dose_unit": "LTR", "interval_days": "3"}


def pdf(text: str) -> bytes:
    """A page that says this, line by line, in a font that Chinese readers have."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    file = io.BytesIO()
    canvas = Canvas(file)
    canvas.setFont("STSong-Light", 11)
    for number, line in enumerate(text.splitlines()):
        canvas.drawString(60, 780 - 18 * number, line)
    canvas.save()
    return file.getvalue()


def typed(page: str, name: str) -> str:
    """What a field of the test's form says."""
    found = re.search(rf'id="f-test-{name}"[^>]*?\svalue="([^"]*)"', page)
    assert found is not None, name
    return found.group(1)


def sent(name: str, content: bytes, kind: str):
    return {"file-new": (name, content, kind)}


def test_a_pdf_is_read_with_a_picture_of_each_page():
    (page,) = pages(pdf(ENGLISH))
    assert "Chlorpyrifos 0.013 0.02" in page.text and page.png.startswith(b"\x89PNG")


@pytest.mark.parametrize("content", [b"%PDF-1.7\n%%EOF", b"no PDF at all", pdf("x")[:300], b""])
def test_what_cannot_be_read_is_refused(content):
    with pytest.raises(PdfUnreadable):
        pages(content)


@pytest.mark.parametrize(("text", "name"), [(ENGLISH, "SGS-CSTC Qingdao"), (CHINESE, "山东省食品药品检验研究院")])
def test_its_values_stand_in_the_form_beside_its_page(grower, harvested, text, name):
    answer = grower.post(f"/supplier/lots/{harvested.id}/test/read", files=sent("r.pdf", pdf(text), "application/pdf"))
    assert answer.status_code == 200 and 'id="test" open' in answer.text
    assert typed(answer.text, "laboratory") == name and typed(answer.text, "standard") == "GB 2763-2021"
    assert {typed(answer.text, f"residues-{n}-limit") for n in range(3)} >= {"0.02", "1"}
    (address,) = re.findall(r'src="(/supplier/lots/[^"]+/papers/[^"]+)"', answer.text)
    picture = grower.get(address)
    assert picture.status_code == 200 and picture.content.startswith(b"\x89PNG")
    assert grower.get(address.replace("/0.png", "/1.png")).status_code == 404


def test_what_was_read_is_recorded_with_the_hash_of_the_report(grower, harvested, field):
    report = pdf(ENGLISH)
    at = f"/supplier/lots/{harvested.id}/test"
    answer = grower.post(f"{at}/read", files=sent("r.pdf", report, "application/pdf"))
    names = [f"residues.{n}.{part}" for n in range(3) for part in ("name_zh", "name_en", "found", "limit")]
    form = {name: typed(answer.text, name.replace(".", "-")) for name in ["laboratory", "report", "standard", *names]}
    (kept,) = re.findall(r'name="file" value="([0-9a-f]{64})"', answer.text)
    form |= {"place": str(field.id), "at": "2026-02-14T08:00", "file": kept}
    assert grower.post(at, data=form).status_code == 303
    test = told("inspecting")["furrow:test"]
    assert test["furrow:file"] == f"0x{hashlib.sha256(report).hexdigest()}"
    assert [result.get("furrow:found") for result in test["furrow:results"]] == [0.013, None, 0.034]
    page = grower.get(f"/supplier/lots/{harvested.id}").text
    assert f'href="/settings/files/{kept}"' in page
    assert grower.get(f"/settings/files/{kept}").content == report


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (("a.pdf", pdf("A letter."), "application/pdf"), "No values could be read of this PDF."),
        (("a.png", files.png(), "image/png"), "This is no PDF: a picture has no text to read."),
        (("a.pdf", b"%PDF-1.7\nbroken %%EOF", "application/pdf"), "This PDF cannot be read"),
        (None, "Choose the laboratory&#39;s PDF first."),
    ],
)
def test_what_has_no_values_says_so(grower, harvested, file, said):
    answer = grower.post(
        f"/supplier/lots/{harvested.id}/test/read",
        files={"file-new": file} if file else None,
        data={} if file else {"laboratory": "SGS"},
    )
    assert answer.status_code == 422 and said in answer.text


def test_a_photo_of_the_label_is_kept_and_named_by_the_record(grower, growing, field):
    form = SPRAYED | {"place": str(field.id), "at": "2026-02-10T08:00", "file": ""}
    photo = {"file-new": ("label.jpg", files.jpeg(), "image/jpeg")}
    assert grower.post(f"/supplier/lots/{growing.id}/spray", data=form, files=photo).status_code == 303
    stated = told(records.SPRAYING)["furrow:protection"]["furrow:file"]
    assert grower.get(f"/settings/files/{stated[2:]}").headers["content-type"] == "image/jpeg"


def test_a_photo_that_is_no_photo_is_said_beside_its_field(grower, growing, field):
    form = SPRAYED | {"place": str(field.id), "at": "2026-02-10T08:00", "file": ""}
    answer = grower.post(
        f"/supplier/lots/{growing.id}/spray", data=form, files={"file-new": ("a.jpg", b"MZ hello", "image/jpeg")}
    )
    assert answer.status_code == 422 and 'id="f-spray-file-e"' in answer.text


def test_no_hash_of_a_file_that_is_not_here_is_recorded(grower, growing, field):
    form = SPRAYED | {"place": str(field.id), "at": "2026-02-10T08:00", "file": "a" * 64}
    answer = grower.post(f"/supplier/lots/{growing.id}/spray", data=form)
    assert answer.status_code == 422 and "This file is not here any more." in answer.text
