"""What a file is by its bytes; what is none of ours has its own clear answer."""

import io

import pytest
from PIL import Image

from hub import pictures
from tests.hub import files


def test_a_picture_is_made_anew_the_right_way_up_without_what_its_camera_wrote():
    clean = pictures.paper(files.photo())
    made = Image.open(io.BytesIO(clean.content))
    assert (clean.media_type, made.size) == (pictures.JPEG, (200, 300))
    assert not made.getexif() and "comment" not in made.info and b"Qinghe" not in clean.content


def test_an_items_picture_is_made_smaller_and_has_a_thumbnail():
    clean = pictures.picture(files.png(2400, 1200))
    assert Image.open(io.BytesIO(clean.content)).size == (1200, 600)
    assert clean.small is not None and Image.open(io.BytesIO(clean.small)).size == (96, 48)


def test_what_is_seen_through_stands_on_white():
    file = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(file, "WEBP", lossless=True)
    made = Image.open(io.BytesIO(pictures.picture(file.getvalue()).content))
    assert made.getpixel((5, 5)) == (255, 255, 255)


def test_what_hangs_behind_a_picture_is_left_away():
    clean = pictures.paper(files.jpeg() + files.office_file() + files.HTML)
    assert b"PK" not in clean.content[-200:] and b"script" not in clean.content


def test_a_pdf_stays_as_it_came():
    assert pictures.paper(files.PDF) == pictures.Clean(pictures.PDF, files.PDF)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "This file is empty."),
        (files.office_file(), "By its content this file is a ZIP archive or an office document."),
        (files.HTML, "By its content this file is a web page or a drawing made of text."),
        (files.bomb(), "This picture has 60000 × 60000 pixels."),
        (bytes(6 * 1024 * 1024), "This file has 6.0 MB."),
        (files.jpeg()[:-900], "This file is cut off or damaged"),
        (files.png()[:-60], "This file is cut off or damaged"),
        (files.PDF[:-8], "This file is cut off or damaged"),
        (b"GIF89a" + bytes(20), "By its content this file is a picture of another format."),
        (b"MZ" + bytes(20), "By its content this file is of a kind that is not known here."),
    ],
)
def test_each_hostile_file_has_its_own_answer(content, says):
    with pytest.raises(pictures.HubError) as refused:
        pictures.paper(content)
    assert refused.value.detail.startswith(says)


def test_a_pdf_is_no_picture_of_an_item():
    with pytest.raises(pictures.WrongKindOfFile, match="JPEG, PNG, WebP"):
        pictures.picture(files.PDF)
