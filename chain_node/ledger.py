"""The chain in our words: read the log, the members and the lots; make the calls that change them.

A change is made in three steps, since the caller keeps the account's nonces: `…_call()` builds a `Call`,
`rpc.sign` signs it, `Node.send_raw` sends it. Reads take a block (default: the latest).
"""

from collections.abc import Callable, Sequence
from typing import Any

from chain_node import abi, artifacts, seals, state
from chain_node.deployment import Deployment
from chain_node.errors import LedgerError, StateUnknown, WrongChain, from_node
from chain_node.facts import (
    Appended,
    Event,
    Head,
    HeadMoved,
    Key,
    Leaf,
    Lot,
    LotRegistered,
    LotSkipped,
    Member,
    MembersChanged,
    Place,
    Recall,
    Recalled,
    RecallSaid,
    RegisteredLot,
    Role,
    SkipReason,
    Submission,
    SubmissionSkipped,
    TreeHead,
)
from chain_node.keccak import keccak
from chain_node.rpc import Block, BlockName, Call, Node, RawLog, to_hex, unhex

_FAR_BACK = 1_000
"""How many blocks are looked through for a majority's seals: where they are not in these, sealers are missing."""


class Ledger(Node):
    """One deployment of the contracts, read through one node."""

    def __init__(self, url: str, deployment: Deployment, *, timeout: float = 10) -> None:
        super().__init__(url, timeout=timeout)
        self.deployment = deployment

    def refusal(self, error: dict[str, Any]) -> LedgerError:
        """A contract's own error where there is one, else the node's."""
        data = error.get("data")
        if isinstance(data, str) and data.startswith("0x"):
            named = abi.refusal(unhex(data))
            if named is not None:
                return named
        return from_node(str(error.get("message", error)))

    def check(self) -> None:
        """Raise `WrongChain` unless the node serves the chain and the code of the deployment."""
        if self.chain_id() != self.deployment.chain_id:
            raise WrongChain(f"chain {self.chain_id()} instead of {self.deployment.chain_id}")
        if self.deployment.genesis_hash and self.genesis_hash() != self.deployment.genesis_hash:
            raise WrongChain("another chain of the same number")
        for name, at in self.deployment.contracts().items():
            code, known = self.code(at), (self.deployment.code_hashes or {}).get(name)
            if keccak(code) != known if known else not artifacts.load(name).is_code(code):
                raise WrongChain(f"{name} is not at its address")

    def final(self) -> Block:
        """The newest final block under the deployment's rule; the first block while nothing is final."""
        if self.deployment.finality.rule == "majority":
            return self._settled()
        depth = self.deployment.finality.depth
        if depth is None:
            try:
                return self.block("finalized")
            except StateUnknown:
                return self.block(0)
        latest = self.block("latest")
        return latest if depth == 0 else self.block(max(0, latest.number - depth))

    def _settled(self) -> Block:
        """The newest block on which enough of the genesis's sealers have sealed since."""
        in_office, since = seals.named(self.raw_block(0)), set[bytes]()
        latest = self.block("latest").number
        for number in range(latest, max(0, latest - _FAR_BACK), -1):
            since |= {seals.sealer(self.raw_block(number))} & in_office
            if len(since) >= seals.enough(len(in_office)):
                return self.block(number - 1)
        return self.block(0)

    # The log

    def tree_head(self, at: BlockName = "latest") -> TreeHead:
        """The log's size and root."""
        size, root = (self._read("TraceLog", name, at=at)[0] for name in ("size", "root"))
        return TreeHead(size, root)

    def head_of(self, member: int, at: BlockName = "latest") -> Head:
        """Where a member's stream stands."""
        return Head(*self._read("TraceLog", "heads", member, at=at))

    def append_call(
        self,
        peaks: Sequence[bytes],
        new_size: int,
        nodes: Sequence[bytes],
        submissions: Sequence[Submission] = (),
        signatures: Sequence[bytes] = (),
    ) -> Call:
        """Append leaves (`merkle.Tree.peaks`, `.span`) and move heads. Only the appender may send it.

        Peaks that are not the log's raise `NotExtended` when estimated, and make the transaction fail when sent.
        """
        rows = [(s.member, s.first_seq, s.count, s.previous_head, s.new_head, s.summary_hash) for s in submissions]
        return self._change("TraceLog", "append", peaks, new_size, nodes, rows, signatures)

    def includes(self, index: int, leaf: Leaf, proof: Sequence[bytes]) -> bool:
        """Whether the contract finds a record at an index of the log."""
        return bool(self._read("TraceLog", "verifyInclusion", index, leaf, proof)[0])

    def extends(self, old_size: int, old_root: bytes, proof: Sequence[bytes]) -> bool:
        """Whether the contract finds that the log begins with an older tree."""
        return bool(self._read("TraceLog", "verifyConsistency", old_size, old_root, proof)[0])

    # Members

    def member_count(self, at: BlockName = "latest") -> int:
        """How many members there are; they are numbered from 1."""
        return int(self._read("ParticipantRegistry", "memberCount", at=at)[0])

    def member(self, number: int, at: BlockName = "latest") -> Member | None:
        """A member with all keys it ever had; None for a number not given out."""
        (roles,) = self._read("ParticipantRegistry", "rolesOf", number, at=at)
        if roles == 0:
            return None
        (identity,) = self._read("ParticipantRegistry", "identityOf", number, at=at)
        (keys,) = self._read("ParticipantRegistry", "keysOf", number, at=at)
        held = tuple(Key(unhex(account), *rest) for account, *rest in keys)
        return Member(number, Role(roles), identity, held)

    def members(self, at: BlockName = "latest") -> list[Member]:
        """All members, in the order of their numbers."""
        members = (self.member(number, at) for number in range(1, self.member_count(at) + 1))
        return [member for member in members if member is not None]

    def member_of(self, account: bytes, at: BlockName = "latest") -> int | None:
        """The member that an account is, or was, a key of."""
        return self._read("ParticipantRegistry", "memberOf", account, at=at)[0] or None

    def held_at(self, member: int, account: bytes, block: int) -> bool:
        """Whether a key counted for a member in a block."""
        return bool(self._read("ParticipantRegistry", "heldAt", member, account, block)[0])

    def enrol_call(self, roles: Role, identity: bytes, account: bytes, *, hub_held: bool) -> Call:
        """Enrol a member with its first key; the registrar sends it, `member_of` then tells the number."""
        return self._change("ParticipantRegistry", "enrol", int(roles), identity, account, hub_held)

    def change_roles_call(self, member: int, roles: Role) -> Call:
        """Change what a member may do."""
        return self._change("ParticipantRegistry", "changeRoles", member, int(roles))

    def add_key_call(self, member: int, account: bytes, *, hub_held: bool) -> Call:
        """Add a key to a member."""
        return self._change("ParticipantRegistry", "addKey", member, account, hub_held)

    def revoke_key_call(self, member: int, account: bytes) -> Call:
        """Revoke a member's key from the block that takes this."""
        return self._change("ParticipantRegistry", "revokeKey", member, account)

    # Lots

    def lot(self, key: bytes, at: BlockName = "latest") -> RegisteredLot | None:
        """A registered lot by its blinded key."""
        producer, made_on, block, commitment = self._read("LotRegistry", "lots", key, at=at)
        return RegisteredLot(key, producer, made_on, block, commitment) if producer else None

    def recalls_of(self, key: bytes, at: BlockName = "latest") -> list[RecallSaid]:
        """What each issuer last said about a lot, withdrawals included."""
        return [RecallSaid(*fields) for fields in self._read("LotRegistry", "recallsOf", key, at=at)[0]]

    def recall_nonce(self, issuer: int, at: BlockName = "latest") -> int:
        """The number of an issuer's last recall; the next one has this plus 1."""
        return int(self._read("LotRegistry", "nonces", issuer, at=at)[0])

    def register_lots_call(self, producer: int, lots: Sequence[Lot], signature: bytes) -> Call:
        """Register at most 200 lots under the producer's signature; anyone may send it."""
        claims = [(lot.key, lot.made_on, lot.commitment) for lot in lots]
        return self._change("LotRegistry", "registerLots", producer, claims, signature)

    def recall_call(self, recall: Recall, signature: bytes) -> Call:
        """Recall lots under the issuer's signature; anyone may send it."""
        message = (recall.keys, recall.issuer, recall.nonce, recall.level, recall.notice)
        return self._change("LotRegistry", "recall", message, signature)

    # What happened, and proofs of it

    def events(self, from_block: int, to_block: int) -> list[Event]:
        """What the contracts told in a range of blocks, ends included, in order."""
        names = {at: name for name, at in self.deployment.contracts().items() if name != "Factory"}
        events = []
        for log in self.raw_logs(list(names), from_block, to_block):
            name, fields = abi.event(names[log.contract], log)
            if name in _EVENTS:
                place = Place(log.block_number, log.block_hash, log.transaction, log.index)
                events.append(_EVENTS[name](place, fields))
        return events

    def prove(self, block: int, *, members: Sequence[int] = (), lots: Sequence[bytes] = ()) -> state.StateProof:
        """Prove the log's size and root, some members' heads and keys, and some lots with their recalls, as of a block.

        Old blocks need the node's archive state. Check with `state.verify`, read with `chain_node.proved`.
        """
        by_contract = slots(members, lots, {m: len(self._keys(m, block)) for m in members})
        proofs = {name: self._prove(name, places, block) for name, places in by_contract.items()}
        register, counts = proofs["LotRegistry"]
        recall_slots = [state.array_slot(first) + n for first in _said_slots(lots) for n in range(2 * counts[first])]
        if recall_slots:
            more, _ = self._prove("LotRegistry", recall_slots, block)
            register = state.AccountProof(more.nodes, {**register.storage, **more.storage})
        with_recalls = {name: proof for name, (proof, _) in proofs.items()} | {"LotRegistry": register}
        accounts = {self.deployment.contracts()[name]: proof for name, proof in with_recalls.items()}
        return state.StateProof(state.header_rlp(self.raw_block(block)), accounts)

    def stored(self, block: int) -> bytes:
        """A hash of all that our contracts store at a block: while it stays, so does whatever they answer."""
        contracts = self.deployment.contracts()
        roots = [
            unhex(self.ask("eth_getProof", to_hex(contracts[name]), [], hex(block))["storageHash"])
            for name in ("TraceLog", "LotRegistry", "ParticipantRegistry")
        ]
        return keccak(b"".join(roots))

    def _prove(self, contract: str, places: Sequence[int], block: int) -> tuple[state.AccountProof, dict[int, int]]:
        """A contract's account and some of its slots with their proofs, and what the slots hold."""
        at = to_hex(self.deployment.contracts()[contract])
        raw = self.ask("eth_getProof", at, [f"0x{place:064x}" for place in places], hex(block))
        slots = dict(zip(places, raw["storageProof"], strict=True))
        nodes = {place: tuple(unhex(node) for node in slot["proof"]) for place, slot in slots.items()}
        held = {place: int(slot["value"], 16) for place, slot in slots.items()}
        return state.AccountProof(tuple(unhex(node) for node in raw["accountProof"]), nodes), held

    def _keys(self, member: int, at: BlockName) -> tuple[Any, ...]:
        return tuple(self._read("ParticipantRegistry", "keysOf", member, at=at)[0])

    def _read(self, contract: str, function: str, *values: Any, at: BlockName = "latest") -> tuple[Any, ...]:
        data = self.call(self._change(contract, function, *values), at)
        if not data:
            raise WrongChain(f"there is no {contract} at its address in block {at}")
        return abi.answer(contract, function, data)

    def _change(self, contract: str, function: str, *values: Any) -> Call:
        return Call(self.deployment.contracts()[contract], abi.call_data(contract, function, *values))


def slots(members: Sequence[int], lots: Sequence[bytes], key_counts: dict[int, int]) -> dict[str, list[int]]:
    """The storage slots that `Ledger.prove` proves, by contract."""
    log, registry = artifacts.load("TraceLog").slots, artifacts.load("ParticipantRegistry").slots
    heads = [state.mapping_slot(member, log["heads"]) + word for member in members for word in (0, 1)]
    keys: list[int] = []
    for member in members:
        first = state.mapping_slot(member, registry["_keys"])
        keys += [first, *(state.array_slot(first) + i for i in range(key_counts[member]))]
    kept = artifacts.load("LotRegistry").slots["lots"]
    return {
        "ParticipantRegistry": [registry["memberCount"], *keys],
        "TraceLog": [log["size"], log["root"], *heads],
        "LotRegistry": [
            *(state.mapping_slot(key, kept) + word for key in lots for word in (0, 1)),
            *_said_slots(lots),
        ],
    }


def _said_slots(lots: Sequence[bytes]) -> list[int]:
    """Where the register keeps how many issuers spoke of each lot."""
    kept = artifacts.load("LotRegistry").slots["_said"]
    return [state.mapping_slot(key, kept) for key in lots]


def _members_changed(place: Place, f: dict[str, Any]) -> Event:
    return MembersChanged(place, f["member"])


_EVENTS: dict[str, Callable[[Place, dict[str, Any]], Event]] = {
    "Appended": lambda place, f: Appended(place, f["newSize"], f["newRoot"]),
    "HeadMoved": lambda place, f: HeadMoved(
        place,
        f["member"],
        unhex(f["account"]),
        f["firstSeq"],
        f["count"],
        f["previousHead"],
        f["newHead"],
        f["summaryHash"],
    ),
    "SubmissionSkipped": lambda place, f: SubmissionSkipped(
        place, f["member"], f["firstSeq"], f["newHead"], SkipReason(f["reason"])
    ),
    "LotRegistered": lambda place, f: LotRegistered(place, f["key"], f["producer"], f["madeOn"], f["commitment"]),
    "LotSkipped": lambda place, f: LotSkipped(place, f["key"], f["claimant"], f["producer"]),
    "Recalled": lambda place, f: Recalled(place, f["key"], f["issuer"], f["nonce"], f["class"], f["notice"]),
    "MemberEnrolled": _members_changed,
    "RolesChanged": _members_changed,
    "KeyAdded": _members_changed,
    "KeyRevoked": _members_changed,
}

__all__ = ["Ledger", "RawLog", "slots"]
