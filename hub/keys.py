"""Keys: envelope encryption of what must lie unreadable, and members' signing keys that the hub holds."""

import base64
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from coincurve import PrivateKey
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from chain_node.ethereum import address_of
from hub.errors import HubError
from hub.settings import settings


class Unsealable(HubError):
    """A sealed value does not open here: another key, another row, or altered."""

    code, status = "unsealable", 500


@lru_cache
def _kek(path: Path) -> AESGCM:
    if not path.exists():
        raise Unsealable(f"the key-encryption key is missing: {path}")
    return AESGCM(base64.urlsafe_b64decode(path.read_bytes()))


def make_kek(path: Path) -> None:
    """Make a key-encryption key where there is none; kept outside the database and its backups."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_bytes(base64.urlsafe_b64encode(AESGCM.generate_key(256)))


def make_seal(kek: Path, path: Path) -> None:
    """Write the half of a key-encryption key that only seals, for whoever may never open (docs/decisions/0027)."""
    path.touch(mode=0o600)
    path.write_bytes(base64.urlsafe_b64encode(_opener(kek).public_key().public_bytes_raw()))


@lru_cache
def _opener(kek: Path) -> X25519PrivateKey:
    if not kek.exists():
        raise Unsealable(f"the key-encryption key is missing: {kek}")
    return X25519PrivateKey.from_private_bytes(_stretched(base64.urlsafe_b64decode(kek.read_bytes()), b"opener"))


def _closer() -> X25519PublicKey:
    half = settings().core_seal_file
    if half.exists():
        return X25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(half.read_bytes()))
    return _opener(settings().core_key_file).public_key()


def _stretched(secret: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, None, b"furrow/" + info).derive(secret)


@dataclass(frozen=True)
class Cell:
    """Where a sealed value lies: whose row, in which table and column, and its id."""

    owner: UUID
    table: str
    column: str
    row: UUID

    @property
    def ring(self) -> str:
        """Which key-encryption key opens it: the members', held by the keeper, the cores', people's, or of notices."""
        rings = {
            "core_connection": "cores",
            "destination": "cores",
            "notice_route": "notices",
            "subscription": "notices",
            "hook": "notices",
            "authenticator": "people",
            "report_contact": "people",
            "comment_file": "people",
        }
        return rings.get(self.table, "members")

    @property
    def name(self) -> bytes:
        """What its value is bound to."""
        return f"{self.owner}/{self.table}/{self.column}/{self.row}".encode()


def _file(ring: str) -> Path:
    files = {
        "members": settings().key_file,
        "cores": settings().core_key_file,
        "notices": settings().notice_key_file,
        "people": settings().people_key_file,
    }
    # Values from before there were two keys say "file": that key is the members' now.
    files["file"] = files["members"]
    if ring not in files:
        raise Unsealable(f"no key-encryption key is called {ring!r}")
    return files[ring]


def seal(plain: bytes, cell: Cell) -> str:
    """Encrypt under a fresh key, itself wrapped: ``f1.ring.wrapped.nonce+ciphertext``, bound to its very cell.

    What is for the cores is sealed by the half that cannot open: ``x1.ring.ephemeral.nonce+ciphertext``.
    """
    if cell.ring == "cores":
        return _seal_for_cores(plain, cell)
    dek, nonce, wrap_nonce = AESGCM.generate_key(256), secrets.token_bytes(12), secrets.token_bytes(12)
    wrapped = wrap_nonce + _kek(_file(cell.ring)).encrypt(wrap_nonce, dek, cell.name)
    return ".".join(["f1", cell.ring, b64(wrapped), b64(nonce + AESGCM(dek).encrypt(nonce, plain, cell.name))])


def _seal_for_cores(plain: bytes, cell: Cell) -> str:
    once, nonce = X25519PrivateKey.generate(), secrets.token_bytes(12)
    half, closer = once.public_key().public_bytes_raw(), _closer()
    dek = _stretched(once.exchange(closer), half + closer.public_bytes_raw() + cell.name)
    return ".".join(["x1", cell.ring, b64(half), b64(nonce + AESGCM(dek).encrypt(nonce, plain, cell.name))])


def _open_for_cores(half: bytes, box: bytes, cell: Cell) -> bytes:
    opener = _opener(_file(cell.ring))
    shared = opener.exchange(X25519PublicKey.from_public_bytes(half))
    dek = _stretched(shared, half + opener.public_key().public_bytes_raw() + cell.name)
    return AESGCM(dek).decrypt(box[:12], box[12:], cell.name)


def unseal(sealed: str, cell: Cell) -> bytes:
    """What was sealed; refused when it was copied to another cell or altered."""
    try:
        version, ring, wrapped, body = sealed.split(".")
        if (version, ring) == ("x1", cell.ring):
            return _open_for_cores(unb64(wrapped), unb64(body), cell)
        if version != "f1":
            raise Unsealable(f"unknown envelope {version!r}")
        raw, box = unb64(wrapped), unb64(body)
        dek = _kek(_file(ring)).decrypt(raw[:12], raw[12:], cell.name)
        return AESGCM(dek).decrypt(box[:12], box[12:], cell.name)
    except (InvalidTag, ValueError) as error:
        raise Unsealable from error


def new_signing_key() -> tuple[str, bytes]:
    """A fresh secp256k1 key: its checksummed address and its 32 secret bytes."""
    from eth_utils.address import to_checksum_address  # 6 MB, in processes that make no keys

    key = PrivateKey()
    return to_checksum_address(address_of(key.secret)), key.secret


def b64(raw: bytes) -> str:
    """base64url without padding (RFC 7515, 2)."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def unb64(text: str) -> bytes:
    """What was written so."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
