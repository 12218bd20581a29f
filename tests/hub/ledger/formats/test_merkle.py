import json
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.ledger.formats import merkle

SAMPLES = Path(__file__).parents[3] / "samples"
PROOFS = json.loads((SAMPLES / "rfc6962-merkle/vectors-dev.json").read_text())
APPENDS = json.loads((SAMPLES / "ledger/vectors.json").read_text())["appends"]["cases"]

sizes = st.integers(1, 700)


def leaves(count: int) -> list[bytes]:
    return [sha256(b"\x00" + f"leaf {i}".encode()).digest() for i in range(count)]


def by_definition(hashes: list[bytes]) -> bytes:
    """RFC 9162, 2.1.1, word for word."""
    if len(hashes) < 2:
        return hashes[0] if hashes else sha256(b"").digest()
    k = 1 << (len(hashes) - 1).bit_length() - 1
    return sha256(b"\x01" + by_definition(hashes[:k]) + by_definition(hashes[k:])).digest()


def log(size: int, *, batch: int = 97) -> merkle.Tree:
    """A log that grew batch by batch and kept only its tiles."""
    tiles: dict[merkle.Node, bytes] = {}
    hashes = leaves(size)
    for start in range(0, size, batch):
        tiles |= merkle.extend(start, hashes[start : start + batch], merkle.stored(tiles))
    return merkle.Tree(size, merkle.tiled(merkle.stored(tiles)))


def unhex(texts: list[str]) -> list[bytes]:
    return [bytes.fromhex(text[2:]) for text in texts]


@pytest.mark.parametrize("case", [c for c in PROOFS if "leafIdx" in c], ids=lambda c: c["file"])
def test_published_inclusion_proofs_are_judged_as_published(case):
    proof = [b64decode(h) for h in case["proof"] or []]
    leaf, root = b64decode(case["leafHash"]), b64decode(case["root"])
    accepted = merkle.verify_inclusion(case["leafIdx"], case["treeSize"], leaf, proof, root)
    assert accepted is not case["wantErr"]


@pytest.mark.parametrize("case", [c for c in PROOFS if "size1" in c], ids=lambda c: c["file"])
def test_published_consistency_proofs_are_judged_as_published(case):
    proof = [b64decode(h) for h in case["proof"] or []]
    roots = b64decode(case["root1"]), b64decode(case["root2"])
    assert merkle.verify_consistency(case["size1"], case["size2"], *roots, proof) is not case["wantErr"]


@pytest.mark.parametrize("case", APPENDS, ids=lambda c: f"{c['size']}-{c['newSize']}")
def test_a_log_grows_as_the_vectors_say(case):
    old, new = log(case["size"]), log(case["newSize"])

    assert old.root() == bytes.fromhex(case["root"][2:])
    assert old.peaks() == unhex(case["peaks"])
    assert new.span(case["size"]) == unhex(case["nodes"])
    grown = merkle.grow(case["size"], unhex(case["peaks"]), case["newSize"], unhex(case["nodes"]))
    assert grown == new.root() == bytes.fromhex(case["newRoot"][2:])


@given(sizes, st.integers(1, 300))
@settings(max_examples=30)
def test_the_root_is_the_one_the_rfc_defines_however_the_log_grew(size, batch):
    assert log(size, batch=batch).root() == merkle.root(leaves(size)) == by_definition(leaves(size))


@given(sizes, st.data())
@settings(max_examples=40)
def test_every_leaf_can_prove_its_place_and_no_other(size, data):
    index = data.draw(st.integers(0, size - 1))
    tree, leaf = log(size), leaves(size)[index]
    proof = tree.inclusion(index)

    assert merkle.verify_inclusion(index, size, leaf, proof, tree.root())
    elsewhere = data.draw(st.integers(0, size).filter(lambda i: i != index))
    assert not merkle.verify_inclusion(elsewhere, size, leaf, proof, tree.root())
    assert not merkle.verify_inclusion(index, size, leaves(size + 1)[-1], proof, tree.root())
    assert not merkle.verify_inclusion(index, size, leaf, [*proof, leaf], tree.root())


@given(sizes, sizes, st.data())
@settings(max_examples=40)
def test_a_log_proves_that_it_only_grew(a, b, data):
    old, new = log(min(a, b)), log(max(a, b))
    proof = new.consistency(old.size)

    assert merkle.verify_consistency(old.size, new.size, old.root(), new.root(), proof)
    rewritten = merkle.root([*leaves(old.size)[:-1], b"\x11" * 32])
    assert not merkle.verify_consistency(old.size, new.size, rewritten, new.root(), proof)
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        bent = [*proof[:at], b"\x22" * 32, *proof[at + 1 :]]
        assert not merkle.verify_consistency(old.size, new.size, old.root(), new.root(), bent)


@given(sizes, st.integers(0, 300))
@settings(max_examples=40)
def test_an_append_needs_only_the_old_peaks_and_the_new_subtrees(size, more):
    old, new = log(size), log(size + more)
    assert merkle.grow(size, old.peaks(), new.size, new.span(size)) == new.root()


def test_a_log_of_millions_keeps_two_levels_of_tiles_and_still_proves():
    tiles: dict[merkle.Node, bytes] = {}
    hashes = [i.to_bytes(32, "big") for i in range(70_000)]
    tiles |= merkle.extend(0, hashes, merkle.stored(tiles))
    tree = merkle.Tree(len(hashes), merkle.tiled(merkle.stored(tiles), keep=4))

    assert max(level for level, _ in tiles) == 2
    assert tree.root() == merkle.root(hashes)
    for index in (0, 255, 256, 65_535, 65_536, 69_999):
        proof = tree.inclusion(index)
        assert merkle.verify_inclusion(index, tree.size, hashes[index], proof, tree.root())


def test_a_reader_sees_a_tile_grow():
    tiles = merkle.extend(0, leaves(3), merkle.stored({}))
    get = merkle.tiled(merkle.stored(tiles))
    assert merkle.Tree(3, get).root() == merkle.root(leaves(3))

    tiles |= merkle.extend(3, leaves(9)[3:], merkle.stored(tiles))
    assert merkle.Tree(9, get).root() == merkle.root(leaves(9))


def test_nothing_is_proved_from_an_empty_log_or_about_a_missing_leaf():
    tree = log(5)
    with pytest.raises(merkle.NotInTree):
        tree.consistency(0)
    with pytest.raises(merkle.NotInTree):
        tree.inclusion(5)
    with pytest.raises(merkle.NotInTree):
        merkle.grow(5, tree.peaks()[:1], 6, leaves(1))
    assert not merkle.verify_consistency(0, 5, merkle.EMPTY_ROOT, tree.root(), [])
