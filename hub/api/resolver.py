"""GS1 Digital Link: what a QR code on a pack leads to. GS1-Conformant Resolver 1.2.0."""

import re
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, RedirectResponse
from sqlmodel import Session, col, select
from starlette.convertors import Convertor, register_url_convertor

from hub import db
from hub.errors import NotFound
from hub.gs1 import digital_link
from hub.gs1.digital_link import Link
from hub.gs1.syntax import compression, identifiers
from hub.models.base import now
from hub.models.catalogue import TradeItem
from hub.resolver import choosing, kept, linkset, own
from hub.resolver.choosing import Target, Wish
from hub.resolver.kept import Found
from hub.settings import settings
from hub.trace.copies.noting import Noting
from hub.web.deps import PUBLIC
from hub.web.problems import problems
from hub.web.routing import Router, parameter
from hub.web.security import Gate, address_of

router = Router(tags=["Digital Link"])
WELL_KNOWN = "/.well-known/gs1resolver"
_ASKED = frozenset({"linkType", "linktype", "context"})
_ALL = ("linkset", "all")
_ROBOT = re.compile(r"bot\b|crawl|spider|preview|monitor", re.IGNORECASE).search
"""Programs that say they are none of those who hold a pack."""
_METHODS = "GET, HEAD, OPTIONS"
_LONGEST_TYPE, _LONGEST_CONTEXT = 120, 60


ASKED = [
    parameter("linkType", "query", "A link type, or `linkset` for all there is."),
    parameter("context", "query"),
]
"""What a scan may ask. Read by hand: taking a request apart by its annotations is a quarter of what a scan costs."""


class _PrimaryKey(Convertor[str]):
    """The first part of a Digital Link's path: one of GS1's sixteen keys."""

    regex = "|".join(sorted(identifiers.primary_keys(), key=len, reverse=True))

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("gs1key", _PrimaryKey())
_PATH = "/{key:gs1key}/{rest:path}"


FROM_ANYWHERE = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Location, Link",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
"""What lets any page follow a code; of the paths that begin with a key `hub.web.security` says it."""


class NoSuchLink(NotFound):
    """Nothing is kept here for this code, or not for this purpose."""

    code = "no-such-link"


class _Scan(NamedTuple):
    """A scan: the link, what is asked of it, and the query that goes along; whether its code was compressed."""

    link: Link
    wish: Wish
    query: str
    whole: bool
    compressed: bool = False


@router.get(
    _PATH,
    dependencies=[PUBLIC],
    responses=problems(digital_link.BadKey, NoSuchLink),
    openapi_extra={"parameters": [parameter("key", "path"), parameter("rest", "path"), *ASKED]},
)
async def resolve(request: Request) -> Response:
    """Lead a scan to where its owner wants it led, else to the page of its lot or item.

    Without `linkType` to the default link (307); with one to that link, and 404 where there is none: never to
    another. Several that fit equally well are listed (300). What the code says beside its keys goes along. All but
    the key may be compressed.
    """
    return await led(request)


async def led(request: Request) -> Response:
    """Answer a scan."""
    scan = _scan(request)
    if not scan.whole and kept.surely_none(scan.link):
        answer = _answer(scan, Found())
    else:
        gate: Gate = request.app.state.gate
        async with gate.seat():
            answer = await run_in_threadpool(_asked, scan)
    if request.method == "GET" and not scan.whole and not _ROBOT(request.headers.get("user-agent", "")):
        noting: Noting = request.app.state.noting
        noting.note(scan.link, address_of(request))
    return answer


def _scan(request: Request) -> _Scan:
    raw = request.scope.get("raw_path", request.url.path.encode()).decode("ascii", "replace").partition("?")[0]
    query = request.url.query
    uri = f"{digital_link.ROOT}{raw}{f'?{query}' if query else ''}"
    try:
        link, compressed = digital_link.parse(uri, short_gtins=True), False
    except digital_link.BadKey:
        link, compressed = compression.parse(uri, short_gtins=True), True
    # A compressed code may have packed what is asked, and what goes along, into its one word.
    said = [*link.attributes, *link.others] if compressed else parse_qsl(query, keep_blank_values=True)
    asked = {name.lower(): value for name, value in said if name in _ASKED}
    link_type = asked.get("linktype", "")[:_LONGEST_TYPE]
    accept = request.headers.get("accept", "")
    wish = Wish(
        "" if link_type in _ALL else link_type,
        choosing.preferred(request.headers.get("accept-language", "")),
        choosing.preferred(accept),
        asked.get("context", "")[:_LONGEST_CONTEXT],
    )
    along = urlencode([pair for pair in said if pair[0] not in _ASKED]) if compressed or asked else query
    return _Scan(link, wish, along, link_type in _ALL or linkset.MEDIA_TYPE in accept, compressed)


def _asked(scan: _Scan) -> Response:
    """The answer to a scan that the database is asked for."""
    with db.public_session() as session:
        found = kept.find(session, scan.link, now())
        return _linkset(session, scan, found) if scan.whole else _answer(scan, found)


def _answer(scan: _Scan, found: Found) -> Response:
    ours = own.targets(scan.link, found.recalled)
    leads = not scan.wish.link_type or choosing.curie(scan.wish.link_type) == choosing.DEFAULT
    chosen = choosing.choose(ours if found.recalled and leads else [*found.targets, *ours], scan.wish)
    if not chosen:
        raise NoSuchLink
    headers = _said(scan, f'<{_here(scan)}?linkType=linkset>; rel="linkset"; type="{linkset.MEDIA_TYPE}"')
    if len(chosen) > 1:
        listed = linkset.document(_root(), [_absolute(target) for target in chosen])
        return JSONResponse(listed, 300, headers, linkset.MEDIA_TYPE)
    return RedirectResponse(_with(chosen[0].href, scan.query), 307, headers)


def _linkset(session: Session, scan: _Scan, found: Found) -> Response:
    """All links of a code. Of an item that nobody here makes the hub has no page to name."""
    link = scan.link
    item = session.exec(select(TradeItem).where(col(TradeItem.gtin) == link.value)).first() if link.ai == "01" else None
    ours = own.targets(link, found.recalled) if item is not None else []
    targets = [_absolute(target) for target in ([*ours, *found.targets] if found.recalled else [*found.targets, *ours])]
    if not targets:
        raise NoSuchLink
    listed = linkset.document(_root(), targets, item.name_en if item else "")
    return JSONResponse(listed, 200, _said(scan, linkset.CONTEXT_LINK), linkset.MEDIA_TYPE)


def _said(scan: _Scan, link: str) -> dict[str, str]:
    """What every answer says of itself; that to a compressed code what the code is when it is not."""
    if scan.compressed:
        link += f', <{scan.link.at(_root())}>; rel="owl:sameAs"'
    return {"Link": link, "Vary": "Accept, Accept-Language"}


def _root() -> str:
    return settings().base_url.rstrip("/")


def _here(scan: _Scan) -> str:
    return scan.link.canonical.replace(digital_link.ROOT, _root(), 1)


def _absolute(target: Target) -> Target:
    return target._replace(href=_root() + target.href) if target.href.startswith("/") else target


def _with(href: str, query: str) -> str:
    """A target with the scan's own query behind it, before a fragment."""
    address, hash_, part = href.partition("#")
    return f"{address}{'&' if '?' in address else '?'}{query}{hash_}{part}" if query else href


@router.options(_PATH, dependencies=[PUBLIC], status_code=204, include_in_schema=False)
async def allowed() -> Response:
    """What a code may be asked, from any page."""
    return Response(status_code=204, headers={"Allow": _METHODS, "Access-Control-Allow-Methods": _METHODS,
                                              "Access-Control-Allow-Headers": "Accept, Accept-Language",
                                              "Access-Control-Max-Age": "86400"})  # fmt: skip


@router.get(WELL_KNOWN, dependencies=[PUBLIC])
async def description() -> dict[str, Any]:
    """What this resolver is: its root, and the keys and link types it knows."""
    return linkset.description(_root(), "Furrow")
