"""A shopper reports a problem with a lot: a form without account, cookie or script, and a secret link to the answer."""

import re
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from hub import access
from hub.errors import HubError
from hub.inputs import Prose
from hub.models.catalogue import Lot, TradeItem
from hub.models.reports import Trouble
from hub.pages.account.entry import UNSAID
from hub.pages.product import lookup
from hub.pages.product.lookup import SeveralMakers, UnknownLot
from hub.pages.product.pages import Maker, Retailer, no_guessing
from hub.pages.reports import shopper_view as view
from hub.pages.reports.words import MOST_WORDS
from hub.trace import recall, reports
from hub.trace.reports import About, ReportSent, Said
from hub.web.deps import PUBLIC, LanguageDep, PublicSession
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.routing import Router, Takes
from hub.web.security import address_of
from hub.web.templating import page

MOST_BYTES = 6 * 1024 * 1024
"""A photo of five megabytes and the words beside it."""
_TOKEN = re.compile(r"[\w-]{43}", re.ASCII)

router = Router(include_in_schema=False, dependencies=[PUBLIC, Depends(no_guessing)])


class Reported(BaseModel):
    """What is wrong, in words, and how the shopper can be reached; ``once`` is the form's own secret."""

    kind: Trouble
    words: Prose = Field(min_length=4, max_length=MOST_WORDS)
    contact: str = Field(default="", max_length=200)
    once: str = ""


@router.get("/product/report/{token}")
def follow(token: str, request: Request, speaks: LanguageDep, sent: Annotated[bool, Query()] = False) -> Response:
    """What became of a report, for whoever has its link."""
    shown = view.sent_page(reports.by_token(token), token, speaks, sent=sent)
    return page(request, "reports/sent.html", headers=UNSAID, report=shown)


@router.get("/product/{gtin}/{lot:path}/report")
def ask(
    gtin: str,
    lot: str,
    request: Request,
    session: PublicSession,
    form: EmptyForm,
    r: Retailer = "",
    maker: Maker = "",
) -> Response:
    """The form; of a lot that is not there, or of one that several makers have, the page that asks which."""
    try:
        item, found = lookup.find(session, gtin, lot, maker)
    except (UnknownLot, SeveralMakers):
        return RedirectResponse(lookup.address(gtin, lot, r, maker), 303)
    return _shown(request, (session, item, found), form, (r, maker))


@router.post("/product/{gtin}/{lot:path}/report", dependencies=[Depends(Takes(MOST_BYTES))])
def send(
    gtin: str,
    lot: str,
    request: Request,
    session: PublicSession,
    form: Annotated[Filled[Reported], filled(Reported)],
    r: Retailer = "",
    maker: Maker = "",
) -> Response:
    """Hand the report in, and lead to its own page."""
    item, found = lookup.find(session, gtin, lot, maker)
    status = 422
    if form.read is not None:
        token = form.read.once if _TOKEN.fullmatch(form.read.once) else access.new_token()[0]
        said = Said(form.read.kind, form.read.words, token, form.read.contact, _photo(form))
        try:
            reports.hand_in(reports.about(item, found, r), said, address_of(request))
        except HubError as refusal:
            form.refuse(refusal.at or "words", form.language.sentence(refusal.sentence, refusal.values))
            status = refusal.status
            if isinstance(refusal, ReportSent):
                form.values.pop("once", None)
        else:
            return RedirectResponse(f"/product/report/{token}?sent=1", 303, headers=UNSAID)
    if form.files and "photo" not in form.errors:
        form.errors["photo"] = form.language.gettext("Choose the photo once more: it was not sent with the rest.")
    return _shown(request, (session, item, found), form, (r, maker), status)


def _photo(form: Filled[Reported]) -> bytes:
    chosen = form.files.get("photo")
    return chosen.file.read() if chosen else b""


def _shown(
    request: Request,
    of: tuple[Session, TradeItem, Lot],
    form: Filled[Any],
    codes: tuple[str, str],
    status: int = 200,
) -> Response:
    session, item, lot = of
    open_ones = [notice for notice in recall.notices_of(session, lot) if notice.closed_at is None]
    to: About = reports.about(item, lot, codes[0])
    form.values.setdefault("once", access.new_token()[0])
    shown = view.report_page(item, lot, to, codes, form.language, recalled=bool(open_ones))
    return page(request, "reports/report.html", status=status, form=form, report=shown)
