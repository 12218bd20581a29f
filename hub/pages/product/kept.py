"""Pages of lots, kept while nothing that they are made of changes: what a nation of shoppers is answered from.

A page is kept with the pulse of its rows, that is a hash of their versions (`pulse_of_lot`), and with the hash of what
the contracts store. At each scan the rows are asked for their pulse, in one question; whatever was written, by whomever
and past whatever code, makes the page anew.
"""

import gzip
import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy import text

from chain_node.errors import LedgerError
from hub import db
from hub.ledger.audit import verdict
from hub.pages.product import lookup
from hub.pages.product.lookup import Product, Sources
from hub.web.security import Gate
from hub.web.sharing import Shared

SECONDS = 60.0
"""No page is older, since verdicts and papers depend on the day and the hour too."""
UNSETTLED = 5.0
"""Nor one whose records are not final: that changes with each block."""
MOST = 500
"""So many pages are kept, those that were asked for last; packed, some 10 kB each."""

_PULSES = text(
    """select pulse_of_lot(array(select jsonb_array_elements_text(asked -> 'links')), asked ->> 'gtin',
         asked ->> 'number', array(select jsonb_array_elements_text(asked -> 'parties')::uuid),
         array(select jsonb_array_elements_text(asked -> 'places')::uuid))
       from jsonb_array_elements(cast(:asked as jsonb)) with ordinality as told(asked, place) order by place"""
)
_IN_ONE = 50
"""So many lots are asked for in one question."""
Pulses = Shared[str, tuple[bytes, str]]
"""Asks what pages are made of for what the contracts store and for its pulse."""


@dataclass(frozen=True)
class Scan:
    """What is asked for, as far as the answer depends on it: the path, who sells, who made, and the language."""

    path: str
    retailer: str
    maker: str
    language: str = ""


@dataclass(frozen=True)
class Kept:
    """An answer, packed, and what has to be as it was for it to be given again; ``asked`` is what it is made of."""

    packed: bytes
    headers: dict[str, str]
    asked: str
    pulse: str
    stored: bytes
    until: float

    def answer(self, request: Request) -> Response:
        """The answer, or that the reader has it already."""
        if self.headers["ETag"] in [tag.strip() for tag in request.headers.get("if-none-match", "").split(",")]:
            return Response(status_code=304, headers=self.headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(self.packed, headers={**self.headers, "Content-Encoding": "gzip"})
        return Response(gzip.decompress(self.packed), headers=self.headers)


class Pages:
    """The answers that were asked for last."""

    def __init__(self, most: int = MOST) -> None:
        self._most, self._lock = most, threading.Lock()
        self._pages: OrderedDict[Scan, Kept] = OrderedDict()

    def get(self, scan: Scan) -> Kept | None:
        """What was answered to the same scan a while ago; whether it still does, `holds` knows."""
        with self._lock:
            kept = self._pages.get(scan)
            if kept is not None:
                self._pages.move_to_end(scan)
        return kept if kept is not None and monotonic() <= kept.until else None

    def put(self, scan: Scan, kept: Kept) -> None:
        """Keep an answer, in place of the one that nobody asked for longest."""
        with self._lock:
            self._pages[scan] = kept
            self._pages.move_to_end(scan)
            while len(self._pages) > self._most:
                self._pages.popitem(last=False)

    def clear(self) -> None:
        """Keep none."""
        with self._lock:
            self._pages.clear()


pages = Pages()


@dataclass(frozen=True)
class Reading:
    """A lot as one moment shows it, and by what one sees that another moment shows the same."""

    product: Product
    sources: Sources
    pulse: str
    stored: bytes

    def keep(self, scan: Scan, response: Response) -> Kept:
        """Keep an answer that was made of this."""
        body = bytes(response.body)
        headers = {name: value for name, value in response.headers.items() if name != "content-length"}
        headers |= {"ETag": f'W/"{hashlib.sha256(body).hexdigest()[:32]}"', "Cache-Control": "no-cache"}
        headers["Vary"] = ", ".join(filter(None, (headers.pop("vary", ""), "Accept-Encoding")))
        final = self.product.verdict.final
        until = monotonic() + (SECONDS if final else UNSETTLED)
        packed = gzip.compress(body, compresslevel=6, mtime=0)
        kept = Kept(packed, headers, _asked(self.sources), self.pulse, self.stored, until)
        if self.stored and self.product.verdict.block:
            pages.put(scan, kept)
        return kept


def read(gtin: str, lot: str, scan: Scan) -> Reading:
    """A lot and its pulse, of one moment; refused like `lookup.product`."""
    stored = _stored()
    with db.public_session() as session:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        product = lookup.product(session, gtin, lot, scan.retailer, scan.maker)
        sources = product.sources
        [pulse] = _pulses(session, [_asked(sources)])
        return Reading(product, sources, pulse, stored)


def pulses() -> Pulses:
    """What asks pages' sources for their pulses."""
    return Shared(_now, _IN_ONE)


async def holds(kept: Kept, asked: Pulses, gate: Gate) -> bool:
    """Whether nothing has changed that a kept answer is made of; asked after the call."""
    return await asked.answer(kept.asked, gate) == (kept.stored, kept.pulse)


def _now(asked: Sequence[str]) -> list[tuple[bytes, str]]:
    """What the contracts store, and the pulse of each of some pages' sources."""
    stored = _stored()
    with db.public_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        return [(stored, pulse) for pulse in _pulses(connection, asked)]


def _asked(sources: Sources) -> str:
    return json.dumps(vars(sources), default=str, sort_keys=True)


def _pulses(session: Any, asked: Sequence[str]) -> list[str]:
    return list(session.execute(_PULSES, {"asked": f"[{','.join(asked)}]"}).scalars())


def _stored() -> bytes:
    try:
        return verdict.stored()
    except LedgerError:
        return b""
