"""The front door: fences, rooms, files. It composes everything and contains nothing."""

import argparse
import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module

import uvicorn
from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool

from hub import db, letters, log, metrics
from hub.accounts import post
from hub.api import spoken
from hub.api.following.lines import Lines
from hub.finders import FINDERS
from hub.notices import carriers
from hub.pages.product import kept
from hub.settings import settings
from hub.trace.copies.noting import Noting
from hub.web import deps, problems, security
from hub.web.memory import HandBack
from hub.web.static import VersionedFiles

ROOMS = [
    "hub.api.resolver",
    "hub.pages.reports.shopper",
    "hub.pages.product",
    "hub.api.epcis",
    "hub.api.epcis_resources",
    "hub.api.epcis_queries",
    "hub.api.epcis_vocabularies",
    "hub.api.streams",
    "hub.api.mandates",
    "hub.api.profiles",
    "hub.api.links",
    "hub.api.hooks",
    "supplier_portal.exchange.api",
    "supplier_portal.api",
    "supplier_portal.orders.agreeing.api",
    "supplier_portal.orders.buying.api",
    "supplier_portal.orders.deadlines.api",
    "logistics.api",
    "hub.pages.health",
    "hub.pages.account.pages",
    "hub.pages.welcome",
    "hub.pages.notices",
    "hub.pages.finding",
    "hub.pages.help",
    "hub.pages.offline",
    "hub.pages.settings",
    "hub.pages.settings.organization",
    "hub.pages.settings.registers.places",
    "hub.pages.settings.registers.items",
    "hub.pages.settings.registers.prices",
    "hub.pages.settings.registers.terms",
    "hub.pages.settings.registers.assortment",
    "supplier_portal.orders.deadlines.fallback_pages",
    "supplier_portal.orders.deadlines.times_pages",
    "supplier_portal.orders.deadlines.second_pages",
    "hub.pages.settings.registers.certificates",
    "hub.pages.settings.registers.links",
    "hub.pages.account.security",
    "hub.pages.account.entry",
    "hub.pages.settings.accounts.people",
    "hub.pages.settings.relations.partners",
    "hub.pages.settings.relations.auditors",
    "hub.pages.settings.accounts.keys",
    "hub.pages.settings.telling.webhooks",
    "hub.pages.settings.telling.hooks",
    "hub.pages.settings.telling.destinations",
    "hub.pages.settings.relations.ledger",
    "hub.pages.settings.stock_system.core_pages",
    "hub.pages.settings.stock_system.figures",
    "hub.pages.settings.stock_system.matching_pages",
    "hub.pages.files",
    "hub.pages.reports.pages",
    "hub.pages.reports.copied",
    "hub.pages.oversight.audit_pages",
    "hub.pages.oversight.admin_pages",
    "supplier_portal.today.supplier_pages",
    "supplier_portal.exchange.pages",
    "supplier_portal.orders.answering.supplier_pages",
    "supplier_portal.claims.supplier_pages",
    "supplier_portal.links.pages",
    "supplier_portal.lots.recording.several_pages",
    "supplier_portal.lots.recording.pages",
    "supplier_portal.lots.pages",
    "supplier_portal.forecast.supplier_pages",
    "supplier_portal.lots.record_pages",
    "supplier_portal.checking.pages",
    "supplier_portal.today.buyer_pages",
    "supplier_portal.orders.buying.writing_pages",
    "supplier_portal.orders.standing.pages",
    "supplier_portal.orders.sheets.pages",
    "supplier_portal.orders.templates.pages",
    "supplier_portal.orders.buying.draft_pages",
    "supplier_portal.orders.deadlines.pages",
    "supplier_portal.orders.buying.buyer_pages",
    "supplier_portal.orders.buying.proposal_pages",
    "supplier_portal.claims.buyer_pages",
    "supplier_portal.claims.pages",
    "supplier_portal.settling.pages",
    "supplier_portal.orders.cancelling.pages",
    "supplier_portal.today.stock_pages",
    "supplier_portal.comments.pages",
    "supplier_portal.scoring.pages",
    "supplier_portal.today.scorecard_pages",
    "supplier_portal.forecast.buyer_pages",
    "logistics.plan.pages",
    "logistics.fleet.pages",
    "logistics.drive.pages",
    "logistics.receive.pages",
    "logistics.receive.count_pages",
    "logistics.stock.transfers_pages",
    "logistics.stock.shelf_pages",
    "logistics.stock.takes_pages",
    "hub.api.compressed",
]
"""The modules whose ``router`` is part of the app, in the order their routes are tried: first what is called most,
last what takes any word."""


_SWITCH = 0.001
"""Seconds that a thread may think while others wait: the loop that carries all requests must not wait for long."""


_LONGEST_WORD = 4 * 1024
"""Bytes that are read of what comes over a WebSocket, where nothing is meant to come."""
_FAREWELL = 10
"""Seconds for which requests may still be answered and lines closed once the server is told to stop."""


@asynccontextmanager
async def _lifespan(_app: FastAPI) -> AsyncIterator[None]:
    await run_in_threadpool(lambda: db.refuse_bypassing_role(db.app_engine()))
    yield


def create_app() -> FastAPI:
    """The whole hub as one ASGI application: ``uvicorn hub.app:create_app --factory``."""
    app = FastAPI(
        title="Furrow",
        description="An open supplier hub for supermarkets with blockchain-backed traceability.",
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json" if settings().environment == "development" else None,
    )
    for room in ROOMS:
        # As they are: to include a router would take each of its routes apart a second time, with its own models.
        app.router.routes.extend(import_module(room).router.routes)
    app.mount("/static", VersionedFiles(), name="static")
    problems.install(app)
    app.state.arrivals, app.state.gate = security.Arrivals(), security.Gate()
    app.state.guesses, app.state.lines, app.state.noting = security.Guesses(), Lines(), Noting()
    app.state.finders, app.state.pulses, app.state.machines = FINDERS, kept.pulses(), deps.machines()
    # The last added is the outermost: numbered and marked first.
    app.add_middleware(security.Head)
    app.add_middleware(security.SameOrigin)
    app.add_middleware(problems.Failures)
    app.add_middleware(spoken.Spoken)
    app.add_middleware(security.SafeHeaders)
    app.add_middleware(HandBack)
    return app


def main() -> None:
    """Serve it on the loopback, behind nothing or behind a proxy; in a container on the container's own address."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    log.configure("web")
    metrics.serve()
    if carriers.mails():
        post.carry_by(letters.try_to_carry)
    at = parser.parse_args()
    sys.setswitchinterval(_SWITCH)
    app = create_app()
    gc.collect()
    gc.freeze()  # what stays as long as the process is not looked through again and again
    uvicorn.run(
        app,
        host=at.host,
        port=at.port,
        loop="uvloop",
        http="httptools",
        ws_max_size=_LONGEST_WORD,
        timeout_graceful_shutdown=_FAREWELL,
        proxy_headers=False,
        log_config=None,
        access_log=False,
    )


if __name__ == "__main__":
    main()
