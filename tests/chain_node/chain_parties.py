"""The parties of a small chain: a hub with its account, and growers who sign for themselves."""

from dataclasses import dataclass, field

from coincurve import PrivateKey

from chain_node import rpc
from chain_node.facts import Role
from chain_node.ledger import Ledger
from chain_node.rpc import Call, TransactionReceipt
from hub.ledger.formats import merkle, streams

HUB_KEY = bytes.fromhex("11" * 32)


@dataclass
class Grower:
    """A member with a key of its own, who numbers and signs records."""

    number: int
    key: PrivateKey
    log_id: bytes
    domain: streams.Domain
    seq: int = 0
    head: bytes = streams.ZERO
    records: list[tuple[int, bytes, bytes]] = field(default_factory=list)

    def speak(self, *commitments: bytes) -> tuple[streams.Submission, bytes, list[bytes]]:
        """The next submission, its signature and its leaves."""
        leaves = streams.chain(self.log_id, self.number, self.seq + 1, self.head, commitments)
        told = streams.summary([("packing", "1", "KGM")] * len(leaves), "0" * 32)
        given = streams.Submission(
            self.number, self.seq + 1, len(leaves), self.head, leaves[-1], streams.summary_hash(told)
        )
        for seq, (previous, committed) in enumerate(zip([self.head, *leaves], commitments, strict=False), self.seq + 1):
            self.records.append((seq, previous, committed))
        self.seq, self.head = self.seq + len(leaves), leaves[-1]
        return given, streams.sign(streams.digest(self.domain, given), self.key), leaves


class Hub:
    """The hub's side of the chain: its account, its nonces, its copy of the log."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.account = ledger.deployment.deployer
        self.nonce = ledger.next_nonce(self.account)
        self.leaves: list[bytes] = []

    def send(self, call: Call, *, gas: int | None = None) -> TransactionReceipt:
        ledger = self.ledger
        gas = gas or ledger.estimate(call, self.account) * 5 // 4
        signed = rpc.sign(
            call,
            HUB_KEY,
            chain_id=ledger.deployment.chain_id,
            nonce=self.nonce,
            gas=gas,
            fees=ledger.fees(),
        )
        receipt = ledger.wait_receipt(ledger.send_raw(signed.raw))
        assert receipt is not None
        self.nonce += 1
        return receipt

    def tree(self, size: int | None = None) -> merkle.Tree:
        tiles = merkle.extend(0, self.leaves[:size], merkle.stored({}))
        return merkle.Tree(len(self.leaves[:size]), merkle.tiled(merkle.stored(tiles)))

    def append_call(self, leaves: list[bytes], *signed: tuple[streams.Submission, bytes]) -> Call:
        old = self.tree()
        self.leaves += leaves
        new = self.tree()
        return self.ledger.append_call(
            old.peaks(), new.size, new.span(old.size), [s for s, _ in signed], [g for _, g in signed]
        )

    def enrol(self, seed: int, roles: Role = Role.SUPPLIER) -> Grower:
        key = PrivateKey(bytes([seed]) * 32)
        account = streams.address(key.public_key)
        self.send(self.ledger.enrol_call(roles, bytes(31) + bytes([seed]), account, hub_held=False))
        number = self.ledger.member_of(account)
        assert number is not None
        at = self.ledger.deployment
        return Grower(number, key, at.log_id, streams.Domain(at.chain_id, at.addresses.trace_log))
