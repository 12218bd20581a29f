"""Files as people upload them, whole and hostile."""

import io
import struct
import zipfile
import zlib

from PIL import Image

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
HTML = b"<!doctype html><script>alert(1)</script>"


def png(width: int = 1600, height: int = 800) -> bytes:
    return _saved("PNG", width, height)


def jpeg(width: int = 300, height: int = 200, **more) -> bytes:
    return _saved("JPEG", width, height, **more)


def photo() -> bytes:
    """A JPEG that tells where it was taken, by whom, and which way up it is."""
    said = Image.Exif()
    said[0x0112], said[0x013B] = 6, "Li of Qinghe"
    return jpeg(exif=said, comment=b"not for everybody")


def office_file() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    return file.getvalue()


def bomb(side: int = 60_000) -> bytes:
    """A PNG of some kilobytes that unfolds to gigabytes."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(bytes(10**6)))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _saved(kind: str, width: int, height: int, **more) -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(file, kind, **more)
    return file.getvalue()
