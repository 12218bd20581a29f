"""The auditor's pages: everything is verified here without trusting the hub."""

from collections.abc import Sequence

from fastapi import Request
from fastapi.responses import HTMLResponse
from sqlmodel import Session, col, func, select

from chain_node.errors import LedgerError
from hub.access import Permission
from hub.ledger.audit import bundle, verification
from hub.ledger.log import anchoring
from hub.models.base import now
from hub.models.party import KeyHolder, SigningKey
from hub.models.trace import LogAppend, LogLeaf
from hub.pages.oversight.audit_view import (
    Judgement,
    MemberStream,
    audit_page,
    bundle_page,
    result_of,
    stream_row,
    unjudged,
)
from hub.settings import settings
from hub.web.deps import ActorDep, LanguageDep, SessionDep, requires
from hub.web.routing import Router
from hub.web.templating import page

router = Router(prefix="/audit", dependencies=[requires(Permission.AUDIT)], include_in_schema=False)
_HEADS = 8


@router.get("")
def audit(request: Request, session: SessionDep, speaks: LanguageDep) -> HTMLResponse:
    """The auditor's first page: the verdict is being worked out while it loads."""
    sealers, finality = settings().sealers, settings().finality
    view = audit_page(newest_appends(session), now(), speaks, sealers=sealers, finality=finality)
    return page(request, "oversight/audit.html", audit=view)


@router.get("/checks")
def run_checks(request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> HTMLResponse:
    """Recompute everything this reader may see, from the records up."""
    begun = now()
    try:
        evidence = verification.make_bundle(session, str(actor.organization_id))
        session.commit()  # judging takes as long as there are records, and needs the database no more
        checks = bundle.verify(evidence, anchoring.ledger())
    except LedgerError:
        return page(request, "oversight/_checks.html", result=unjudged(speaks))
    judgement = Judgement(
        checks=checks,
        block=evidence.block,
        records=sum(len(stream.records) for stream in evidence.streams),
        streams=len(evidence.streams),
        seconds=(now() - begun).total_seconds(),
        members=verification.members_of(session),
    )
    return page(request, "oversight/_checks.html", result=result_of(judgement, speaks))


@router.get("/streams")
def audit_streams(request: Request, session: SessionDep, speaks: LanguageDep) -> HTMLResponse:
    """Every member's stream: how many records, who holds the key, what the chain says."""
    streams = [stream_row(stream, speaks) for stream in _streams(session)]
    return page(request, "oversight/streams.html", streams=streams)


@router.get("/bundle")
def audit_bundle(request: Request, session: SessionDep, speaks: LanguageDep) -> HTMLResponse:
    """Take the evidence away, and how to check it elsewhere."""
    entries = session.exec(select(func.max(LogAppend.new_size))).one() or 0
    try:
        trust = verification.trust().to_json()
    except LedgerError:
        trust = None
    return page(request, "oversight/bundle.html", bundle=bundle_page(entries, trust, speaks))


def newest_appends(session: Session) -> Sequence[LogAppend]:
    """The newest tree heads."""
    return session.exec(select(LogAppend).order_by(col(LogAppend.number).desc()).limit(_HEADS)).all()


def _streams(session: Session) -> list[MemberStream]:
    counts = dict(session.exec(select(LogLeaf.member, func.count()).group_by(col(LogLeaf.member))).all())
    known = verification.members_of(session)
    holders = {
        key.owner_id: key.held_by
        for key in session.exec(select(SigningKey).where(col(SigningKey.revoked_at).is_(None)))
    }
    streams = []
    for member in sorted({*counts, *known}):
        organization = known.get(member)
        try:
            chain = anchoring.ledger().member(member)
            on_chain = anchoring.ledger().head_of(member).seq
            hub_held = chain.keys[-1].hub_held if chain else None
        except LedgerError:
            holder = holders.get(organization.id) if organization else None
            on_chain, hub_held = None, None if holder is None else holder is KeyHolder.HUB
        streams.append(MemberStream(member, organization, counts.get(member, 0), on_chain, hub_held))
    return streams
