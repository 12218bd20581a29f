"""A file that only who holds the passphrase reads, and that nobody shortens, reorders or alters unseen.

Written and read as a stream: a line of parameters, then pieces under AES-256-GCM. A piece's nonce counts them and says
which is the last one (STREAM of Hoang, Reyhanitabar, Rogaway and Vizár 2015), so a file that was cut off does not open.
The key follows from the passphrase and a salt by scrypt.
"""

import io
import json
import secrets
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from hub.errors import HubError

PIECE = 1024 * 1024
_MAGIC = b"furrow-backup-1 "
_TAG = 16
_COST = {"n": 2**15, "r": 8, "p": 1}


class NotOpened(HubError):
    """This archive does not open: another passphrase, another kind of file, or it was altered or cut off."""

    code, status = "archive-not-opened", 409


class Sealing(io.RawIOBase):
    """Writes what it is given, encrypted, to another file; complete once closed."""

    def __init__(self, target: BinaryIO, passphrase: bytes) -> None:
        salt, self._prefix = secrets.token_bytes(16), secrets.token_bytes(7)
        told = json.dumps({"salt": salt.hex(), "prefix": self._prefix.hex(), **_COST})
        target.write(_MAGIC + told.encode() + b"\n")
        self._target, self._aead, self._number, self._rest = target, _aead(passphrase, salt, **_COST), 0, bytearray()

    def writable(self) -> bool:
        """It is for writing."""
        return True

    def write(self, data: object) -> int:
        """Take more; whole pieces go on at once, the last one waits until it is known to be the last."""
        taken = memoryview(data)  # type: ignore[arg-type]
        self._rest += taken
        while len(self._rest) > PIECE:
            self._seal(bytes(self._rest[:PIECE]), last=False)
            del self._rest[:PIECE]
        return taken.nbytes

    def close(self) -> None:
        """Write the last piece."""
        if not self.closed:
            self._seal(bytes(self._rest), last=True)
        super().close()

    def _seal(self, piece: bytes, *, last: bool) -> None:
        self._target.write(self._aead.encrypt(_nonce(self._prefix, self._number, last=last), piece, None))
        self._number += 1


class Opening(io.RawIOBase):
    """Reads what was sealed, piece by piece, each only after it was judged; `NotOpened` otherwise."""

    def __init__(self, source: BinaryIO, passphrase: bytes) -> None:
        line = source.readline(1000)
        try:
            if not line.startswith(_MAGIC):
                raise NotOpened
            told = json.loads(line[len(_MAGIC) :])
            self._prefix, salt = bytes.fromhex(told["prefix"]), bytes.fromhex(told["salt"])
            cost = {name: int(told[name]) for name in _COST}
        except (ValueError, KeyError, TypeError) as problem:
            raise NotOpened from problem
        if cost != _COST:
            raise NotOpened
        self._source, self._aead = source, _aead(passphrase, salt, **cost)
        self._number, self._rest, self._coming = 0, b"", source.read(PIECE + _TAG)
        if not self._coming:
            raise NotOpened

    def readable(self) -> bool:
        """It is for reading."""
        return True

    def readinto(self, buffer: object) -> int:
        """Give as much as fits, nothing at the end."""
        room = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        while not self._rest and self._coming:
            self._next()
        given = self._rest[: len(room)]
        room[: len(given)] = given
        self._rest = self._rest[len(given) :]
        return len(given)

    def _next(self) -> None:
        sealed, self._coming = self._coming, self._source.read(PIECE + _TAG)
        try:
            nonce = _nonce(self._prefix, self._number, last=not self._coming)
            self._rest = self._aead.decrypt(nonce, sealed, None)
        except InvalidTag as problem:
            raise NotOpened from problem
        self._number += 1


def _aead(passphrase: bytes, salt: bytes, n: int, r: int, p: int) -> AESGCM:
    return AESGCM(Scrypt(salt=salt, length=32, n=n, r=r, p=p).derive(passphrase))


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([last])
