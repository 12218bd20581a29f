"""QR codes for lots, as PNG, as SVG or as squares to draw. The only door to qrcode."""

import io
from dataclasses import dataclass
from urllib.parse import urlencode

import qrcode
import qrcode.image.svg
from qrcode.constants import ERROR_CORRECT_M

from hub.gs1 import digital_link
from hub.models.catalogue import Lot, TradeItem
from hub.settings import settings


@dataclass(frozen=True)
class Label:
    """What one label says: the link behind the code, and the words beside it."""

    link: str
    name_zh: str
    name_en: str
    lot: str
    made_on: str
    best_before: str
    producer_zh: str
    grown: bool = True


def png(link: str) -> bytes:
    """A QR code as PNG, ten pixels a module."""
    picture = io.BytesIO()
    _code(link).make_image().save(picture)
    return picture.getvalue()


def svg(link: str) -> bytes:
    """A QR code as SVG, without any style of its own."""
    picture = io.BytesIO()
    _code(link).make_image(image_factory=qrcode.image.svg.SvgPathImage).save(picture)
    return picture.getvalue()


@dataclass(frozen=True)
class Drawn:
    """A QR code as one path in a square of so many units, with its quiet margin: for a page that draws it itself."""

    size: int
    path: str


def drawn(text: str) -> Drawn:
    """A QR code that is no file: of what nobody else may ask for."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=4)
    code.add_data(text)
    matrix = code.get_matrix()
    dark = [f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, on in enumerate(row) if on]
    return Drawn(len(matrix), "".join(dark))


def squares(link: str) -> list[list[bool]]:
    """A QR code's dark squares, row by row, without a margin."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(link)
    code.make(fit=True)
    return list(code.get_matrix())


def _code(link: str) -> qrcode.QRCode:
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, box_size=10, border=4)
    code.add_data(link)
    code.make(fit=True)
    return code


def lot_link(item: TradeItem, lot: Lot, retailer: str = "", maker: str = "") -> str:
    """What a label's QR code holds: this hub's Digital Link of the lot, with the retailer it is sold by.

    Where several list the article number, the maker's GLN stands in it too.
    """
    path = digital_link.lot_link(item.gtin, lot.number).removeprefix(digital_link.ROOT)
    return settings().base_url + path + query(retailer, maker)


def query(retailer: str, maker: str) -> str:
    given = {name: value for name, value in (("r", retailer), ("417", maker)) if value}
    return f"?{urlencode(given)}" if given else ""
