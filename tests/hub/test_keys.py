"""Sealed values open only where they were sealed."""

from dataclasses import replace
from pathlib import Path

import pytest

from hub import keys
from hub.models.base import uuid7
from hub.settings import settings

pytestmark = pytest.mark.usefixtures("database")


def test_a_sealed_key_opens_in_its_own_cell_only():
    cell = keys.Cell(uuid7(), "signing_key", "sealed", uuid7())
    sealed = keys.seal(b"secret", cell)
    assert sealed.startswith("f1.members.") and len(sealed.split(".")) == 4
    assert keys.unseal(sealed, cell) == b"secret"
    for other in (replace(cell, owner=uuid7()), replace(cell, row=uuid7()), replace(cell, table="lot", column="salt")):
        with pytest.raises(keys.Unsealable):
            keys.unseal(sealed, other)


def test_whoever_asks_the_cores_opens_no_members_key(monkeypatch):
    member, core = (keys.Cell(uuid7(), table, "any", uuid7()) for table in ("signing_key", "core_connection"))
    secret, token = keys.seal(b"secret", member), keys.seal(b"token", core)
    monkeypatch.setattr(settings(), "key_file", Path("/nowhere/kek"))
    assert keys.unseal(token, core) == b"token"
    with pytest.raises(keys.Unsealable, match="missing"):
        keys.unseal(secret, member)
    with pytest.raises(keys.Unsealable):
        keys.unseal(secret.replace("f1.members.", "f1.cores."), member)


def test_who_takes_a_cores_token_in_can_seal_it_and_never_open_it(monkeypatch):
    cell = keys.Cell(uuid7(), "core_connection", "token", uuid7())
    with monkeypatch.context() as web:
        web.setattr(settings(), "core_key_file", Path("/nowhere/kek"))
        sealed = keys.seal(b"token", cell)
        with pytest.raises(keys.Unsealable, match="missing"):
            keys.unseal(sealed, cell)
    assert keys.unseal(sealed, cell) == b"token" and keys.seal(b"token", cell) != sealed
    with pytest.raises(keys.Unsealable):
        keys.unseal(sealed, replace(cell, row=uuid7()))
    with pytest.raises(keys.Unsealable):
        keys.unseal(sealed[:-4] + "AAAA", cell)


def test_what_was_sealed_before_there_were_two_keys_still_opens():
    cell = keys.Cell(uuid7(), "signing_key", "sealed", uuid7())
    assert keys.unseal(keys.seal(b"secret", cell).replace("f1.members.", "f1.file."), cell) == b"secret"
