"""An archive opens for who holds its passphrase, and only as it was sealed."""

import io

import pytest

from hub.server.vault import PIECE, NotOpened, Opening, Sealing


def sealed(plain: bytes, passphrase: bytes = b"open sesame") -> bytes:
    target = io.BytesIO()
    with Sealing(target, passphrase) as file:
        for start in range(0, len(plain), 700_001):
            file.write(plain[start : start + 700_001])
    return target.getvalue()


def opened(archive: bytes, passphrase: bytes = b"open sesame") -> bytes:
    return io.BufferedReader(Opening(io.BytesIO(archive), passphrase)).read()


@pytest.mark.parametrize("length", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_what_was_sealed_is_opened(length):
    plain = (b"harvest" * (length // 7 + 1))[:length]
    archive = sealed(plain)
    assert opened(archive) == plain and b"harvest" not in archive


def test_another_passphrase_does_not_open_it():
    with pytest.raises(NotOpened):
        opened(sealed(b"harvest"), b"open barley")


def test_what_is_no_archive_is_called_so():
    for other in (b"", b"PK\x03\x04", b"furrow-backup-1 {}\n", b"furrow-backup-1 [1]\n", b'furrow-backup-1 {"n": 1}\n'):
        with pytest.raises(NotOpened):
            opened(other)


@pytest.mark.parametrize("place", [-1, -PIECE, 200, 2 * PIECE])
def test_one_changed_byte_is_found(place):
    archive = bytearray(sealed(bytes(3 * PIECE)))
    archive[place] ^= 1
    with pytest.raises(NotOpened):
        opened(bytes(archive))


def test_one_that_was_cut_off_is_found_wherever_that_was():
    archive = sealed(bytes(3 * PIECE))
    head = archive.index(b"\n") + 1
    for end in (head, head + 10, head + PIECE + 16, head + 2 * (PIECE + 16), len(archive) - 1):
        with pytest.raises(NotOpened):
            opened(archive[:end])


def test_pieces_cannot_change_places():
    archive = sealed(bytes(PIECE) + bytes([1]) * PIECE + b"end")
    head, size = archive.index(b"\n") + 1, PIECE + 16
    first, second = archive[head : head + size], archive[head + size : head + 2 * size]
    with pytest.raises(NotOpened):
        opened(archive[:head] + second + first + archive[head + 2 * size :])


def test_a_cost_that_somebody_lowered_is_refused():
    archive = sealed(b"harvest")
    with pytest.raises(NotOpened):
        opened(archive.replace(b'"n": 32768', b'"n": 2'))
