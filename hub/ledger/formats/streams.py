"""A member's numbered, signed stream: the bytes that are committed, hashed and signed.

What is anchored never changes, so neither may these formats. Hashes and addresses are raw bytes (32 and 20),
signatures 65 bytes r ‖ s ‖ v with v 27 or 28. Digests are EIP-712's, built here without a library because the
sealer signs thousands a second.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from coincurve import PrivateKey, PublicKey

from chain_node.keccak import keccak
from hub.errors import HubError

ZERO = bytes(32)
SUMMARY_LINES = 5

_COMMIT, _LOT = b"furrow/commit/v1\x00", b"furrow/lot/v1\x00"
_LEAF_VERSION = (1).to_bytes(32, "big")
_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0

_DOMAIN_TYPE = keccak(b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
_DOMAIN_NAME, _DOMAIN_VERSION = keccak(b"Furrow"), keccak(b"1")
_SUBMISSION_TYPE = keccak(
    b"Submission(uint64 member,uint64 firstSeq,uint32 count,bytes32 previousHead,bytes32 newHead,string summary)"
)
_RECEIPT_TYPE = keccak(b"Receipt(uint64 member,uint64 lastSeq,bytes32 head,uint64 receivedAt)")
_LOT_TYPE = keccak(b"Lot(bytes32 key,uint32 madeOn,bytes32 commitment)")
_REGISTRATION_TYPE = keccak(
    b"Registration(uint64 producer,Lot[] lots)Lot(bytes32 key,uint32 madeOn,bytes32 commitment)"
)
_RECALL_TYPE = keccak(b"Recall(bytes32[] keys,uint64 issuer,uint64 nonce,uint8 class,bytes32 notice)")


class SignatureRefused(HubError):
    """The signature is not one that this ledger accepts."""

    code, status = "signature-refused", 422


def commitment(payload: bytes, salt: bytes) -> bytes:
    """What stands in a leaf for a payload, telling nothing about it to those who lack the salt."""
    return sha256(_COMMIT + _hash(salt) + sha256(payload).digest()).digest()


def leaf(log_id: bytes, member: int, seq: int, previous: bytes, commitment: bytes) -> bytes:
    """The leaf hash of a member's record number `seq` (from 1); `previous` is the leaf before, `ZERO` at first."""
    entry = _LEAF_VERSION + _hash(log_id) + _uint(member) + _uint(seq) + _hash(previous) + _hash(commitment)
    return sha256(b"\x00" + entry).digest()


def chain(log_id: bytes, member: int, first_seq: int, previous: bytes, commitments: Iterable[bytes]) -> list[bytes]:
    """The leaves of records that follow one another; the last one is the stream's new head."""
    leaves = []
    for seq, committed in enumerate(commitments, first_seq):
        previous = leaf(log_id, member, seq, previous, committed)
        leaves.append(previous)
    return leaves


def log_id(chain_id: int, trace_log: bytes) -> bytes:
    """The log's name: the chain and the first TraceLog of its line."""
    return keccak(_uint(chain_id) + _address(trace_log))


def lot_key(link: str, salt: bytes) -> bytes:
    """The blinded key of a lot on the chain; `link` is its canonical GS1 Digital Link."""
    return sha256(_LOT + _hash(salt) + link.encode()).digest()


def summary(lines: Sequence[tuple[str, str, str]], nonce: str) -> str:
    """The sentence a wallet shows before signing.

    `lines` are (bizStep, quantity as JCS prints it, unit) in seq order, empty where a record has none;
    `nonce` is 32 random lower-case hex digits, without which the sentence could be guessed from its hash.
    """
    if not lines:
        raise ValueError("a submission holds at least one record")
    if len(nonce) != 32 or set(nonce) - set("0123456789abcdef"):
        raise ValueError("the nonce is 32 lower-case hex digits")
    phrases = [" ".join(part for part in line if part) for line in lines[:SUMMARY_LINES]]
    if len(lines) > SUMMARY_LINES:
        phrases.append(f"and {len(lines) - SUMMARY_LINES} more")
    return f"{len(lines)} record{'s' if len(lines) > 1 else ''}: {', '.join(phrases)} #{nonce}"


def summary_hash(text: str) -> bytes:
    """The only part of a summary that reaches the chain."""
    return keccak(text.encode())


@dataclass(frozen=True)
class Domain:
    """Where a signature counts: one chain, one contract (TraceLog; LotRegistry for lots and recalls)."""

    chain_id: int
    contract: bytes

    @cached_property
    def separator(self) -> bytes:
        """EIP-712's domain separator."""
        return keccak(_DOMAIN_TYPE + _DOMAIN_NAME + _DOMAIN_VERSION + _uint(self.chain_id) + _address(self.contract))


@dataclass(frozen=True, slots=True)
class Submission:
    """`count` records of one member, from `first_seq` on: his head moves from `previous_head` to `new_head`."""

    member: int
    first_seq: int
    count: int
    previous_head: bytes
    new_head: bytes
    summary_hash: bytes

    def struct_hash(self) -> bytes:
        """EIP-712's hash of the message."""
        return keccak(
            _SUBMISSION_TYPE
            + _uint(self.member)
            + _uint(self.first_seq)
            + _uint(self.count, 32)
            + _hash(self.previous_head)
            + _hash(self.new_head)
            + _hash(self.summary_hash)
        )


@dataclass(frozen=True, slots=True)
class Receipt:
    """The hub's promise to log a member's records up to `last_seq`; `received_at` in Unix seconds."""

    member: int
    last_seq: int
    head: bytes
    received_at: int

    def struct_hash(self) -> bytes:
        """EIP-712's hash of the message."""
        return keccak(
            _RECEIPT_TYPE + _uint(self.member) + _uint(self.last_seq) + _hash(self.head) + _uint(self.received_at)
        )


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot as the chain knows it; `made_on` in days since 1970-01-01 at the place of production."""

    key: bytes
    made_on: int
    commitment: bytes

    def struct_hash(self) -> bytes:
        """EIP-712's hash of the member of a Registration."""
        return keccak(_LOT_TYPE + _hash(self.key) + _uint(self.made_on, 32) + _hash(self.commitment))


@dataclass(frozen=True, slots=True)
class Registration:
    """Lots that a producer claims, under one signature."""

    producer: int
    lots: tuple[Lot, ...]

    def struct_hash(self) -> bytes:
        """EIP-712's hash of the message."""
        lots = keccak(b"".join([lot.struct_hash() for lot in self.lots]))
        return keccak(_REGISTRATION_TYPE + _uint(self.producer) + lots)


@dataclass(frozen=True, slots=True)
class Recall:
    """A recall of lots; `level` is its class, 1 (gravest) to 3, and 0 withdraws; `nonce` counts per issuer."""

    keys: tuple[bytes, ...]
    issuer: int
    nonce: int
    level: int
    notice: bytes

    def struct_hash(self) -> bytes:
        """EIP-712's hash of the message."""
        keys = keccak(b"".join([_hash(key) for key in self.keys]))
        return keccak(
            _RECALL_TYPE + keys + _uint(self.issuer) + _uint(self.nonce) + _uint(self.level, 8) + _hash(self.notice)
        )


Message = Submission | Receipt | Registration | Recall


def digest(domain: Domain, message: Message) -> bytes:
    """What is signed."""
    return keccak(b"\x19\x01" + domain.separator + message.struct_hash())


def sign(digest: bytes, key: PrivateKey) -> bytes:
    """Sign as Ethereum does, deterministically and with low s. Make the `PrivateKey` once: that is the slow part."""
    signature = key.sign_recoverable(_hash(digest), hasher=None)
    return signature[:64] + bytes([signature[64] + 27])


def recover(digest: bytes, signature: bytes) -> bytes:
    """The address that signed; refuses high s, v other than 27 and 28, and any length but 65."""
    if len(signature) != 65:
        raise SignatureRefused(f"A signature has 65 bytes, not {len(signature)}.")
    if signature[64] not in (27, 28):
        raise SignatureRefused(f"v is 27 or 28, not {signature[64]}.")
    if int.from_bytes(signature[32:64], "big") > _HALF_ORDER:
        raise SignatureRefused("s is in the upper half of the curve order.")
    raw = signature[:64] + bytes([signature[64] - 27])
    try:
        return address(PublicKey.from_signature_and_message(raw, _hash(digest), hasher=None))
    except Exception as problem:  # coincurve raises bare Exception for what libsecp256k1 refuses
        raise SignatureRefused("No key can have made this signature.") from problem


def address(key: PublicKey) -> bytes:
    """The 20-byte account address of a public key."""
    return keccak(key.format(compressed=False)[1:])[12:]


def _hash(value: bytes) -> bytes:
    if len(value) != 32:
        raise ValueError(f"32 bytes wanted, {len(value)} given")
    return value


def _address(value: bytes) -> bytes:
    if len(value) != 20:
        raise ValueError(f"a 20-byte address wanted, {len(value)} bytes given")
    return bytes(12) + value


def _uint(value: int, bits: int = 64) -> bytes:
    if not 0 <= value < 1 << bits:
        raise ValueError(f"{value} is not a uint{bits}")
    return value.to_bytes(32, "big")
