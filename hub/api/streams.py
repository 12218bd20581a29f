"""The ledger over HTTP.

Members that sign themselves hand records in; anybody signed in fetches heads, proofs and bundles.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Annotated, Any

from fastapi import Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from chain_node.errors import LedgerError
from hub.access import Permission
from hub.api.bodies import RawJson
from hub.errors import HubError, NotFound
from hub.gs1 import epcis, jcs
from hub.ledger.audit import notices, verification
from hub.ledger.formats import streams
from hub.ledger.log import journal
from hub.models.party import Organization
from hub.trace import capture, recall, submissions
from hub.web.deps import RECENT, ActorDep, SessionDep, requires
from hub.web.problems import problems
from hub.web.routing import Router

router = Router(prefix="/api/ledger", tags=["Ledger"])

_LINES = 500
"""Lines of a bundle that are sent at a time."""


@router.get("/streams/{member}", dependencies=[requires(Permission.CAPTURE_EVENTS)], responses=problems(NotFound))
def stream(member: int, actor: ActorDep, session: SessionDep) -> dict[str, Any]:
    """Your stream: where it stands, what waits for your signature, and the names your signature binds to."""
    _own(session, actor.organization_id, member)
    at, planned = submissions.head_of(session, member), journal.planned()
    return {
        "member": member,
        "seq": at.seq,
        "head": "0x" + at.head.hex(),
        "logId": "0x" + planned.log_id.hex(),
        "chainId": planned.chain_id,
        "traceLog": "0x" + planned.addresses.trace_log.hex(),
        "lotRegistry": "0x" + planned.addresses.lots.hex(),
        "waiting": [jcs.parse(event.payload or b"") for event in submissions.waiting(session, actor)],
        "recalls": [
            {"nonce": notice.nonce, "key": "0x" + (lot.key or b"").hex(), "notice": notices.content(notice)}
            for notice, lot in recall.unsigned(session, actor)
        ]
        if Permission.RECALL_LOTS in actor.permissions
        else [],
    }


@router.post(
    "/streams/{member}/submissions",
    status_code=201,
    dependencies=[requires(Permission.CAPTURE_EVENTS)],
    responses=problems(
        submissions.StaleHead,
        submissions.WrongSigner,
        submissions.SummaryMismatch,
        submissions.HubSigns,
        epcis.InvalidDocument,
        streams.SignatureRefused,
        capture.EventExists,
    ),
)
def submit(member: int, body: RawJson, actor: ActorDep, session: SessionDep) -> dict[str, Any]:
    """Hand in records that you numbered, salted and signed; the answer is the hub's signed receipt."""
    _own(session, actor.organization_id, member)
    row, signature = submissions.submit(session, actor, body)
    return {
        "member": member,
        "lastSeq": row.first_seq + row.count - 1,
        "head": "0x" + row.new_head.hex(),
        "receivedAt": submissions.received_at(row.created_at),
        "signature": "0x" + signature.hex(),
    }


class SignedRecall(BaseModel):
    """What an issuer's own client chose and signed."""

    salt: str = Field(pattern="^0x[0-9a-f]{64}$")
    signature: str = Field(pattern="^0x[0-9a-f]{130}$")


@router.post(
    "/streams/{member}/recalls/{nonce}",
    status_code=204,
    dependencies=[requires(Permission.RECALL_LOTS), RECENT],
    responses=problems(NotFound, recall.RecallSigned, recall.RecallMisread, streams.SignatureRefused),
)
def sign_recall(member: int, nonce: int, signed: SignedRecall, actor: ActorDep, session: SessionDep) -> None:
    """Hand in your signature over a recall of yours, with the salt that you chose for its notice."""
    _own(session, actor.organization_id, member)
    salt, signature = (bytes.fromhex(text[2:]) for text in (signed.salt, signed.signature))
    recall.take_signature(session, actor, nonce, salt, signature)


class LedgerAway(HubError):
    """The chain cannot be asked now. Try again in a moment."""

    code, status = "ledger-away", 503


@contextmanager
def _asking() -> Iterator[None]:
    """Say by name that the chain is away."""
    try:
        yield
    except LedgerError as problem:
        raise LedgerAway(why=type(problem).__name__) from problem


@router.get(
    "/bundle",
    dependencies=[requires(Permission.AUDIT, Permission.CAPTURE_EVENTS)],
    responses=problems(LedgerAway),
)
def bundle(
    actor: ActorDep, session: SessionDep, checkpoint: Annotated[list[int] | None, Query()] = None
) -> StreamingResponse:
    """Everything you may see of every stream, with its proofs, as JSON lines.

    `checkpoint` are sizes you kept roots of.
    """
    with _asking():
        whole = verification.make_bundle(session, str(actor.organization_id), since=checkpoint or [])
    lines = whole.lines()
    parts: Iterator[str] = iter(lambda: "".join(line + "\n" for line in islice(lines, _LINES)), "")
    headers = {"Content-Disposition": f'attachment; filename="furrow-{whole.block}.jsonl"'}
    return StreamingResponse(parts, media_type="application/jsonl", headers=headers)


@router.get("/trust", dependencies=[requires(Permission.AUDIT)], responses=problems(LedgerAway))
def trust_file() -> dict[str, Any]:
    """What to write into a trust file of your own; compare it with what others were told before you rely on it."""
    with _asking():
        return verification.trust().to_json()


def _own(session: SessionDep, organization: Any, member: int) -> None:
    owner = session.get(Organization, organization)
    if owner is None or owner.member != member:
        raise NotFound("This is not your stream.")
