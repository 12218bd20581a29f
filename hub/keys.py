"""Keys: envelope encryption of what must lie unreadable, and members' signing keys that the hub holds."""

import base64
import secrets
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from coincurve import PrivateKey
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from eth_utils.address import to_checksum_address

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
    """Make the key-encryption key where there is none; kept outside the database and its backups."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_bytes(base64.urlsafe_b64encode(AESGCM.generate_key(256)))


def seal(plain: bytes, owner: UUID, table: str, column: str, row: UUID) -> str:
    """Encrypt under a fresh key, itself wrapped: ``f1.kek.wrapped.nonce+ciphertext``, bound to its very cell."""
    aad = f"{owner}/{table}/{column}/{row}".encode()
    dek, nonce, wrap_nonce = AESGCM.generate_key(256), secrets.token_bytes(12), secrets.token_bytes(12)
    wrapped = wrap_nonce + _kek(settings().key_file).encrypt(wrap_nonce, dek, aad)
    return ".".join(["f1", "file", _b64(wrapped), _b64(nonce + AESGCM(dek).encrypt(nonce, plain, aad))])


def unseal(sealed: str, owner: UUID, table: str, column: str, row: UUID) -> bytes:
    """What was sealed; refused when it was copied to another cell or altered."""
    aad = f"{owner}/{table}/{column}/{row}".encode()
    try:
        version, _kek_name, wrapped, body = sealed.split(".")
        if version != "f1":
            raise Unsealable(f"unknown envelope {version!r}")
        raw, box = _unb64(wrapped), _unb64(body)
        dek = _kek(settings().key_file).decrypt(raw[:12], raw[12:], aad)
        return AESGCM(dek).decrypt(box[:12], box[12:], aad)
    except (InvalidTag, ValueError) as error:
        raise Unsealable from error


def new_signing_key() -> tuple[str, bytes]:
    """A fresh secp256k1 key: its checksummed address and its 32 secret bytes."""
    key = PrivateKey()
    return to_checksum_address(address_of(key.secret)), key.secret


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
