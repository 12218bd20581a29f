"""Sealed values open only where they were sealed."""

import pytest

from hub import keys
from hub.models.base import uuid7

pytestmark = pytest.mark.usefixtures("database")


def test_a_sealed_key_opens_in_its_own_cell_only():
    owner, row, other = uuid7(), uuid7(), uuid7()
    sealed = keys.seal(b"secret", owner, "signing_key", "sealed", row)
    assert sealed.startswith("f1.") and len(sealed.split(".")) == 4
    assert keys.unseal(sealed, owner, "signing_key", "sealed", row) == b"secret"
    for cell in (
        (other, "signing_key", "sealed", row),
        (owner, "signing_key", "sealed", other),
        (owner, "lot", "salt", row),
    ):
        with pytest.raises(keys.Unsealable):
            keys.unseal(sealed, *cell)
