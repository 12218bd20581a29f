"""What a file is by its bytes, whatever its name says; pictures are made anew. Pure, and the only door to Pillow."""

import io
import threading
from collections.abc import Collection
from dataclasses import dataclass

from PIL import Image, ImageOps

from hub.errors import N_, HubError, Term

MOST_BYTES = 5 * 1024 * 1024
MOST_PIXELS = 40_000_000
"""As large as telephones take them; a file of some kilobytes can unfold to a thousand times that."""
PDF, JPEG, PNG, WEBP = "application/pdf", "image/jpeg", "image/png", "image/webp"
PAPERS, PICTURES = (PDF, JPEG, PNG), (JPEG, PNG, WEBP)
_WORDS = {PDF: "PDF", JPEG: "JPEG", PNG: "PNG", WEBP: "WebP"}
_LONGEST, _SMALL = 1200, 96
_END_OF_PDF = 2048
Image.MAX_IMAGE_PIXELS = None  # looked at here, before anything is unfolded
_at_work = threading.Lock()
"""One picture at a time is unfolded: it takes up to 160 MB."""


class FileEmpty(HubError):
    """This file is empty."""

    code, status = "file-empty", 422


class FileTooLarge(HubError):
    """This file has %(megabytes)s MB. At most 5 MB can be taken in."""

    code, status = "file-too-large", 422


class WrongKindOfFile(HubError):
    """By its content this file is %(what)s. Take one of these: %(kinds)s."""

    code, status = "wrong-kind-of-file", 422


class PictureTooLarge(HubError):
    """This picture has %(width)s × %(height)s pixels. At most 40 million can be taken in: save it smaller."""

    code, status = "picture-too-large", 422


class FileDamaged(HubError):
    """This file is cut off or damaged: it cannot be read to its end. Take it again from where it came from."""

    code, status = "file-damaged", 422


@dataclass(frozen=True)
class Clean:
    """A file as it is kept: its media type, its bytes, and of an item's picture a small one."""

    media_type: str
    content: bytes
    small: bytes | None = None


def paper(content: bytes) -> Clean:
    """A certificate's file: a PDF as it came, a picture made anew in its own size, without its metadata."""
    kind = _kind(content, PAPERS)
    if kind == PDF:
        if b"%%EOF" not in content[-_END_OF_PDF:]:
            raise FileDamaged
        return Clean(kind, content)
    with _at_work:
        return Clean(kind, _written(_unfolded(content, kind), kind))


def picture(content: bytes) -> Clean:
    """An item's picture: a JPEG of at most 1200 pixels a side, on white, without its metadata; and one of 96."""
    kind = _kind(content, PICTURES)
    with _at_work:
        taken = _on_white(_unfolded(content, kind))
        taken.thumbnail((_LONGEST, _LONGEST))
        small = taken.copy()
        small.thumbnail((_SMALL, _SMALL))
        return Clean(JPEG, _written(taken, JPEG), _written(small, JPEG))


def _kind(content: bytes, taken: Collection[str]) -> str:
    """The media type of a file that is taken in; refused where it is empty, too large or another."""
    if not content:
        raise FileEmpty
    if len(content) > MOST_BYTES:
        raise FileTooLarge(megabytes=f"{len(content) / 1024 / 1024:.1f}")
    kind, words = _sniffed(content)
    if kind not in taken:
        raise WrongKindOfFile(what=Term(words), kinds=", ".join(_WORDS[each] for each in taken))
    return kind


def _sniffed(content: bytes) -> tuple[str, str]:
    """What a file begins like: its media type where it is one of ours, and what people call it."""
    if content.startswith(b"%PDF-"):
        return PDF, N_("a PDF document")
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG, N_("a picture")
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG, N_("a picture")
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return WEBP, N_("a picture of the format WebP")
    if content.startswith((b"GIF8", b"BM", b"II*\x00", b"MM\x00*")) or content[4:12] in (b"ftypheic", b"ftypavif"):
        return "", N_("a picture of another format")
    if content.startswith(b"PK"):
        return "", N_("a ZIP archive or an office document")
    if content.lstrip()[:1] == b"<":
        return "", N_("a web page or a drawing made of text")
    return "", N_("of a kind that is not known here")


def _unfolded(content: bytes, kind: str) -> Image.Image:
    """A picture's pixels, the way up that its camera says."""
    try:
        taken: Image.Image = Image.open(io.BytesIO(content), formats=[_WORDS[kind]])
        if taken.width * taken.height > MOST_PIXELS:
            raise PictureTooLarge(width=taken.width, height=taken.height)
        taken.load()
        taken = ImageOps.exif_transpose(taken)
    except (OSError, SyntaxError, ValueError, EOFError) as problem:
        raise FileDamaged from problem
    taken.info = {name: said for name, said in taken.info.items() if name == "transparency"}
    return taken


def _on_white(taken: Image.Image) -> Image.Image:
    if not taken.has_transparency_data:
        return taken.convert("RGB")
    seen = taken.convert("RGBA")
    white = Image.new("RGB", seen.size, "white")
    white.paste(seen, mask=seen.getchannel("A"))
    return white


def _written(taken: Image.Image, kind: str) -> bytes:
    file = io.BytesIO()
    if kind == JPEG:
        (taken if taken.mode in ("L", "RGB") else taken.convert("RGB")).save(file, "JPEG", quality=88, optimize=True)
    else:
        taken.save(file, "PNG")
    return file.getvalue()
