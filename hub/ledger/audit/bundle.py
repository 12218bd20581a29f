"""What an auditor takes away, and how it is checked with nothing but an RPC address and a trust file of his own.

A bundle is JSON lines, made for an audience: what its reader may not see is a bare commitment. The first line
is the manifest; then ``state`` (proofs under a block's hash), and for each member ``records`` (one a line),
``submission`` and ``inclusion``. Bytes are 0x and hex.
"""

import json
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any, Protocol

from chain_node import deployment, proved, state
from chain_node.deployment import Deployment
from chain_node.errors import LedgerError
from chain_node.facts import Head, Role, TreeHead
from chain_node.ledger import Ledger
from hub.errors import N_, HubError
from hub.gs1 import epcis
from hub.ledger.checks import completeness, content, handovers, inclusion, registration
from hub.ledger.checks.evidence import Inclusion, Record, Signed
from hub.ledger.checks.findings import Check, Outcome
from hub.ledger.checks.recalls import LotRecalls, Notice, holders
from hub.ledger.checks.signatures import Sentences, Signatures
from hub.ledger.checks.statements import Fact, Statements
from hub.ledger.custody import standing
from hub.ledger.formats import lots, merkle, streams

VERSION = 1
RECENT = 15 * 60
"""Seconds within which a bundle's block must lie, by the reader's own clock, to be fresh."""


class BundleUnreadable(HubError):
    """The bundle is not one of this hub's, or was cut short."""

    code, status = "bundle-unreadable", 422


@dataclass(frozen=True)
class Trust:
    """What the auditor relies on: his own, never the bundle's. ``checkpoints`` are (size, root) that he kept."""

    deployment: Deployment
    genesis_hash: bytes
    checkpoints: tuple[tuple[int, bytes], ...] = ()
    own: bool = True

    def to_json(self) -> dict[str, Any]:
        """As a trust file."""
        at = self.deployment
        return {
            "chain_id": at.chain_id,
            "deployer": _x(at.deployer),
            "finality": at.finality.rule,
            "genesis_hash": _x(self.genesis_hash),
            "checkpoints": [[size, _x(root)] for size, root in self.checkpoints],
        }

    @classmethod
    def of_json(cls, fields: dict[str, Any], own: bool = True) -> "Trust":
        """Out of a trust file. The contracts' addresses follow from the deployer: they commit to code and arguments."""
        rule = deployment.Finality(fields["finality"])
        at = deployment.predict(fields["chain_id"], _b(fields["deployer"]), finality=rule)
        kept = tuple((int(size), _b(root)) for size, root in fields.get("checkpoints", []))
        return cls(at, _b(fields["genesis_hash"]), kept, own)


class Records(Iterable[Record], Sized, Protocol):
    """A stream's records by their numbers, as often as they are asked for; a hub reads them anew each time."""


@dataclass
class Stream:
    """One member's records, signatures, and where the log holds its newest."""

    member: int
    records: Records = field(default_factory=list[Record])
    signed: list[Signed] = field(default_factory=list)
    inclusion: Inclusion | None = None


@dataclass
class Bundle:
    """A bundle, read."""

    block: int
    block_hash: bytes
    trust: Trust
    audience: str
    made_at: int
    proof: state.StateProof
    streams: list[Stream]
    consistency: dict[int, list[bytes]] = field(default_factory=dict)
    glns: dict[int, tuple[str, ...]] = field(default_factory=dict)
    mandates: list[standing.Mandate] = field(default_factory=list)
    notices: Mapping[bytes, Sequence[Notice]] = field(default_factory=dict)
    facts: Sequence[Fact] = ()

    def lines(self) -> Iterator[str]:
        """As JSON lines."""
        manifest = {
            "type": "manifest",
            "version": VERSION,
            "audience": self.audience,
            "made_at": self.made_at,
            "block": self.block,
            "block_hash": _x(self.block_hash),
            "trust": self.trust.to_json(),
            "consistency": {str(size): [_x(h) for h in path] for size, path in self.consistency.items()},
            "members": {str(member): " ".join(glns) for member, glns in self.glns.items()},
            "mandates": [_mandate_json(mandate) for mandate in self.mandates],
            "recalls": {_x(key): [_notice_json(notice) for notice in those] for key, those in self.notices.items()},
        }
        yield json.dumps(manifest)
        yield json.dumps({"type": "state", **_proof_json(self.proof)})
        for stream in self.streams:
            for record in stream.records:
                entry: dict[str, Any] = {
                    "type": "record",
                    "member": record.member,
                    "seq": record.seq,
                    "commitment": _x(record.commitment),
                }
                if record.payload is not None and record.salt is not None:
                    entry |= {"payload": record.payload.decode("utf-8", "replace"), "salt": _x(record.salt)}
                yield json.dumps(entry, ensure_ascii=False)
            for signed in stream.signed:
                yield json.dumps(_signed_json(signed), ensure_ascii=False)
            if stream.inclusion is not None:
                where = stream.inclusion
                yield json.dumps(
                    {
                        "type": "inclusion",
                        "member": stream.member,
                        "index": where.index,
                        "size": where.size,
                        "proof": [_x(h) for h in where.proof],
                    }
                )
        for fact in self.facts:
            yield json.dumps(_fact_json(fact), ensure_ascii=False)
        yield json.dumps({"type": "end"})


def read(lines: Iterable[str]) -> Bundle:
    """Read a bundle; refuses one that is malformed or cut short."""
    rest = iter(lines)
    try:
        manifest = json.loads(next(rest))
        if manifest.get("type") != "manifest" or manifest.get("version") != VERSION:
            raise BundleUnreadable("the first line is not the manifest of a bundle of version 1")
        bundle = Bundle(
            _number(manifest["block"]),
            _b(manifest["block_hash"]),
            Trust.of_json(manifest["trust"], own=False),
            manifest["audience"],
            manifest["made_at"],
            _proof_of(json.loads(next(rest))),
            [],
            {int(size): [_b(h) for h in path] for size, path in manifest["consistency"].items()},
            {int(member): tuple(str(glns).split()) for member, glns in manifest.get("members", {}).items()},
            [_mandate_of(entry) for entry in manifest.get("mandates", [])],
            {_b(key): [_notice_of(entry) for entry in those] for key, those in manifest.get("recalls", {}).items()},
        )
        by_member: dict[int, Stream] = {}
        facts: list[Fact] = []
        records: dict[int, dict[int, Record]] = {}
        for line in rest:
            entry = json.loads(line)
            if entry["type"] == "end":
                for member, numbered in records.items():
                    by_member[member].records = [numbered[seq] for seq in sorted(numbered)]
                bundle.streams, bundle.facts = list(by_member.values()), facts
                return bundle
            member = _number(entry["member"])
            if entry["type"] == "fact":
                facts.append(_fact_of(member, entry))
                continue
            stream = by_member.setdefault(member, Stream(member))
            if entry["type"] == "record":
                record = _record_of(member, entry)
                if records.setdefault(member, {}).setdefault(record.seq, record) is not record:
                    raise BundleUnreadable(f"record {record.seq} of member {member} stands there twice")
            else:
                _take(stream, entry)
    except (ValueError, KeyError, TypeError, AttributeError, StopIteration, RecursionError) as problem:
        raise BundleUnreadable(f"{type(problem).__name__}: {problem}") from problem
    raise BundleUnreadable("the bundle was cut short: its last line is missing")


def verify(bundle: Bundle, node: Ledger, trust: Trust | None = None, now: float | None = None) -> list[Check]:
    """Every check of a bundle against a chain, by the auditor's own trust where he gives it."""
    trusted = trust or bundle.trust
    findings = [_chain(bundle, node, trusted, time.time() if now is None else now)]
    if findings[0].outcome not in (Outcome.VALID, Outcome.STALE):
        return findings
    try:
        shown = state.verify(bundle.proof, bundle.block_hash)
        head = proved.tree_head(shown, trusted.deployment)
    except LedgerError as problem:
        return [
            *findings,
            Check("V2", Outcome.ALTERED, N_("The proofs do not hold: %(why)s"), {"why": str(problem)}),
        ]
    findings.append(
        Check("V2", Outcome.VALID, N_("Heads and keys are those of block %(block)s"), {"block": bundle.block})
    )
    findings += _history(bundle, trusted, head.size, head.root)
    heard = _Heard()
    parties = standing.Parties(bundle.glns, bundle.mandates, authorities(node, bundle.block))
    for stream in bundle.streams:
        findings += _stream(stream, shown, trusted.deployment, head, heard)
    heard.look_again(bundle.streams, trusted.deployment.log_id)
    findings += handovers.spoken(heard.sayings, shown.time, heard.producers, parties, heard.mentions)
    findings += _recalls(bundle, shown, trusted.deployment, heard, parties)
    return findings + heard.statements.findings(bundle.facts)


@dataclass
class _Heard:
    """What the streams say together, and whose lots are proved.

    Of records that move goods it keeps all, of others what they mention.
    """

    sayings: list[standing.Told] = field(default_factory=list)
    mentions: standing.Mentions = field(default_factory=standing.Mentions)
    producers: dict[str, set[int]] = field(default_factory=dict)
    begun: list[tuple[str, bytes]] = field(default_factory=list)
    heads: dict[int, Head] = field(default_factory=dict)
    statements: Statements = field(default_factory=Statements)

    def hear(self, saying: standing.Told) -> None:
        """Keep what a record says."""
        if saying.moves:
            self.sayings.append(saying)
        else:
            self.mentions.add(saying)

    def look_again(self, streams: Iterable[Stream], log_id: bytes) -> None:
        """Take up the records that move nothing, where receipts and declarations name them.

        What those who declare errors may name gets its name here.
        """
        leaves = {saying.handover_of for saying in self.sayings if saying.handover_of} - {
            saying.leaf for saying in self.sayings
        }
        declaring = {saying.member for saying in self.sayings if saying.declares_error}
        named = self.mentions.written_by(leaves)
        for stream in streams:
            if stream.member in declaring | named:
                self._read_again(stream, log_id, leaves, stream.member in declaring)

    def _read_again(self, stream: Stream, log_id: bytes, leaves: Collection[bytes], declares: bool) -> None:
        member = stream.member
        known = {saying.seq: saying for saying in self.sayings if saying.member == member}
        named = {name for saying in known.values() for name in saying.corrections}
        links = completeness.Links(self.heads[member], log_id, member)
        for record in stream.records:
            leaf = links.take(record)
            if leaf is None or (saying := known.get(record.seq) or handovers.told_by(record, leaf)) is None:
                continue
            if declares and not saying.event_id:
                saying.event_id = handovers.hashed(record) or f"#{record.seq}"
            if record.seq not in known and (leaf in leaves or saying.event_id in named):
                self.sayings.append(saying)


def _recalls(
    bundle: Bundle, shown: state.ProvedState, at: Deployment, heard: _Heard, parties: standing.Parties
) -> list[Check]:
    """V11 of the recalls of every lot that a record in the bundle begins."""
    findings = []
    for link, key in heard.begun:
        notices = bundle.notices.get(key, ())
        try:
            registered, recalls = proved.lot(shown, at, key), proved.recalls_of(shown, at, key)
        except LedgerError:
            reason = N_("The proofs do not speak of recalls of lot %(lot)s")
            findings.append(Check("V11", Outcome.MISSING, reason, {"lot": link.rpartition("/")[2]}))
            continue
        if recalls or notices:
            held = holders(link, registered, heard.sayings, parties)
            findings += LotRecalls(link, recalls, notices, held, parties.authority).findings()
    return findings


def authorities(node: Ledger, block: int) -> standing.Authority:
    """Whether a member is an authority: the chain says so."""

    @cache
    def is_one(member: int) -> bool:
        try:
            known = node.member(member, block)
        except LedgerError:
            return False
        return known is not None and bool(known.roles & Role.AUTHORITY)

    return is_one


def _stream(stream: Stream, shown: state.ProvedState, at: Deployment, tree: TreeHead, heard: _Heard) -> list[Check]:
    """The checks of one stream, in one go through its records; ``heard`` learns what they say."""
    try:
        head, keys = proved.head_of(shown, at, stream.member), proved.keys_of(shown, at, stream.member)
    except LedgerError:
        reason = N_("The proofs do not speak of member %(member)s")
        return [Check("V2", Outcome.MISSING, reason, {"member": stream.member})]
    heard.heads[stream.member] = head
    contents, links = content.Contents(), completeness.Links(head, at.log_id, stream.member)
    sentences, registered = Sentences(stream.signed), list[Check]()
    for record in stream.records:
        contents.take(record)
        sentences.take(record)
        leaf = links.take(record)
        heard.statements.take(record)
        if lots.may_begin(record.payload):
            registered += _lot(record, shown, at, head, heard)
        if leaf is not None and (saying := handovers.told_by(record, leaf)) is not None:
            heard.hear(saying)
    findings = contents.findings() + links.findings()
    if head.seq:
        values = {"member": stream.member, "seq": head.seq}
        findings.append(inclusion.included(head.leaf, stream.inclusion, tree.root, tree.size, values))
    domain = streams.Domain(at.chain_id, at.addresses.trace_log)
    signatures = Signatures(stream.member, stream.signed, keys, domain)
    return findings + signatures.findings(range(1, head.seq + 1), sentences.untrue) + registered


def _lot(record: Record, shown: state.ProvedState, at: Deployment, head: Head, heard: _Heard) -> list[Check]:
    """V11 of the lot that a record begins, where it begins one and is on the chain."""
    begun, link = lots.begun(record.event, record.commitment), lots.link_of(record.event)
    if begun is not None:
        heard.begun.append((link, begun.key))
    if record.seq > head.seq:
        return []
    try:
        registered = proved.lot(shown, at, begun.key) if begun else None
    except LedgerError:
        registered = None
    check = registration.lot(record, registered)
    if check is not None and check.outcome is Outcome.VALID:
        heard.producers.setdefault(link, set()).add(record.member)
    return [check] if check else []


def _chain(bundle: Bundle, node: Ledger, trust: Trust, now: float) -> Check:
    """V1: the chain that is trusted, and a block of it that is final and recent."""
    values: dict[str, Any] = {"block": bundle.block}
    try:
        if node.chain_id() != trust.deployment.chain_id or node.genesis_hash() != trust.genesis_hash:
            return Check("V1", Outcome.ALTERED, N_("The node serves another chain than the one trusted"), values)
        node.check()
        block = node.block(bundle.block)
        final = node.final().number
    except LedgerError as problem:
        return Check("V1", Outcome.MISSING, N_("The chain cannot tell: %(why)s"), values | {"why": str(problem)})
    if block.hash != bundle.block_hash:
        return Check("V1", Outcome.ALTERED, N_("Block %(block)s of the chain is another one"), values)
    if bundle.block > final:
        return Check("V1", Outcome.STALE, N_("Block %(block)s is not final yet"), values)
    if now - block.time > RECENT:
        age = {"minutes": int((now - block.time) // 60)}
        return Check(
            "V1",
            Outcome.STALE,
            N_("Block %(block)s is %(minutes)s minutes old: newer records are not judged"),
            values | age,
        )
    return Check("V1", Outcome.VALID, N_("Block %(block)s is final, recent, and of the trusted chain"), values)


def _history(bundle: Bundle, trust: Trust, size: int, root: bytes) -> list[Check]:
    """V9: the log begins with every tree that the auditor kept a checkpoint of."""
    findings = []
    for kept, kept_root in trust.checkpoints:
        values = {"size": kept, "now": size}
        path = bundle.consistency.get(kept)
        if path is None:
            findings.append(
                Check(
                    "V9",
                    Outcome.MISSING,
                    N_("Nothing shows that the first %(size)s entries are unchanged"),
                    values,
                )
            )
        elif merkle.verify_consistency(kept, size, kept_root, root, path):
            findings.append(
                Check("V9", Outcome.VALID, N_("The first %(size)s of %(now)s entries are unchanged"), values)
            )
        else:
            findings.append(Check("V9", Outcome.ALTERED, N_("The first %(size)s entries were rewritten"), values))
    return findings


def _record_of(member: int, entry: dict[str, Any]) -> Record:
    salt = _b(entry["salt"]) if "salt" in entry else None
    payload = entry["payload"].encode() if "payload" in entry else None
    return Record(member, _number(entry["seq"]), _b(entry["commitment"]), payload, salt)


def _take(stream: Stream, entry: dict[str, Any]) -> None:
    if entry["type"] == "submission":
        submission = streams.Submission(
            stream.member,
            _number(entry["first_seq"]),
            _number(entry["count"]),
            _b(entry["previous_head"]),
            _b(entry["new_head"]),
            _b(entry["summary_hash"]),
        )
        sentence = str(entry["summary"]) if "summary" in entry else None
        stream.signed.append(Signed(submission, _b(entry["signature"]), sentence))
    elif entry["type"] == "inclusion":
        stream.inclusion = Inclusion(_number(entry["index"]), _number(entry["size"]), [_b(h) for h in entry["proof"]])
    else:
        raise BundleUnreadable(f"a line of unknown type {entry['type']!r}")


def _signed_json(signed: Signed) -> dict[str, Any]:
    submission = signed.said
    entry = {
        "type": "submission",
        "member": submission.member,
        "first_seq": submission.first_seq,
        "count": submission.count,
        "previous_head": _x(submission.previous_head),
        "new_head": _x(submission.new_head),
        "summary_hash": _x(submission.summary_hash),
        "signature": _x(signed.signature),
    }
    return entry if signed.sentence is None else entry | {"summary": signed.sentence}


def _proof_json(proof: state.StateProof) -> dict[str, Any]:
    accounts = {_x(at): _account_json(account) for at, account in proof.accounts.items()}
    return {"header": _x(proof.header), "accounts": accounts}


def _account_json(account: state.AccountProof) -> dict[str, Any]:
    storage = {hex(slot): [_x(node) for node in nodes] for slot, nodes in account.storage.items()}
    return {"nodes": [_x(node) for node in account.nodes], "storage": storage}


def _proof_of(entry: dict[str, Any]) -> state.StateProof:
    accounts = {_b(at): _account_of(account) for at, account in entry["accounts"].items()}
    return state.StateProof(_b(entry["header"]), accounts)


def _account_of(entry: dict[str, Any]) -> state.AccountProof:
    storage = {int(slot, 16): tuple(_b(node) for node in nodes) for slot, nodes in entry["storage"].items()}
    return state.AccountProof(tuple(_b(node) for node in entry["nodes"]), storage)


def _mandate_json(mandate: standing.Mandate) -> dict[str, Any]:
    until = mandate.until.isoformat() if mandate.until else None
    return {
        "by": mandate.producer,
        "to": mandate.speaker,
        "as": mandate.kind,
        "lot": mandate.link,
        "from": mandate.since.isoformat(),
        "until": until,
    }


def _mandate_of(entry: dict[str, Any]) -> standing.Mandate:
    until = None if entry["until"] is None else date.fromisoformat(entry["until"])
    return standing.Mandate(
        _number(entry["by"]),
        _number(entry["to"]),
        str(entry["as"]),
        str(entry["lot"]),
        date.fromisoformat(entry["from"]),
        until,
    )


def _notice_json(notice: Notice) -> dict[str, Any]:
    return {
        "by": notice.issuer,
        "nonce": notice.nonce,
        "notice": notice.told,
        "salt": _x(notice.salt),
        "open": notice.open,
    }


def _notice_of(entry: dict[str, Any]) -> Notice:
    return Notice(
        _number(entry["by"]),
        _number(entry["nonce"]),
        dict(entry["notice"]),
        _b(entry["salt"]),
        entry["open"] is True,
    )


def _fact_json(fact: Fact) -> dict[str, Any]:
    return {
        "type": "fact",
        "member": fact.member,
        "subject": fact.subject,
        "kind": fact.kind,
        "attributes": dict(fact.attributes),
        "waiting": fact.waiting,
    }


def _fact_of(member: int, entry: dict[str, Any]) -> Fact:
    attributes = {str(name): str(value) for name, value in entry["attributes"].items()}
    return Fact(member, str(entry["subject"]), str(entry["kind"]), attributes, entry["waiting"] is True)


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 64:
        raise ValueError(f"{value!r} is not a number from 0 on")
    return value


def _x(value: bytes) -> str:
    return "0x" + value.hex()


def _b(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


__all__ = ["Bundle", "BundleUnreadable", "Stream", "Trust", "authorities", "epcis", "read", "verify"]
