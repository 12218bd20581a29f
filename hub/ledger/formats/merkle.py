"""The Merkle tree of RFC 9162 over SHA-256: roots, proofs and their checks.

Everything here takes *leaf hashes* (32 bytes, see `leaf_hash`), never entries, and is pure: a log keeps its
hashes as C2SP tiles (`extend` makes them, `tiled` reads them) and a `Tree` answers from those.

A node is named (level, index): it is the root over leaves [index << level, (index + 1) << level).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256

Node = tuple[int, int]
"""(level, index) of a complete subtree; level 0 holds the leaves."""

NodeSource = Callable[[int, int], bytes]
"""The hash of the complete subtree (level, index). Asked only for subtrees that are complete."""

TileSource = Callable[[int, int], bytes]
"""The bytes of tile (tile level, index): up to 256 hashes of tree level 8 × tile level, end to end."""

HASH = 32
TILE_LEVELS = 8
TILE_WIDTH = 1 << TILE_LEVELS
EMPTY_ROOT = sha256(b"").digest()


class NotInTree(ValueError):
    """A proof was asked for an index or a size that this tree does not have."""


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256(0x00 ‖ entry)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The tree's root over all of its leaf hashes; SHA-256("") when there are none."""
    return _fold(b"".join(leaves)) if leaves else EMPTY_ROOT


def cover(start: int, end: int) -> list[Node]:
    """The fewest complete subtrees that together hold leaves [start, end), from left to right."""
    nodes = []
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        nodes.append((level, start >> level))
        start += 1 << level
    return nodes


def bag(peaks: Sequence[bytes]) -> bytes:
    """The root of a tree whose complete subtrees, left to right, are `peaks`."""
    if not peaks:
        return EMPTY_ROOT
    top = peaks[-1]
    for peak in reversed(peaks[:-1]):
        top = node_hash(peak, top)
    return top


def grow(size: int, peaks: Sequence[bytes], new_size: int, nodes: Sequence[bytes]) -> bytes:
    """The root after an append, from the peaks of the old tree and `cover(size, new_size)`'s hashes.

    Twin of `MerkleTree.grow` in the contracts; the caller holds `bag(peaks)` against the root it knows.
    """
    added = cover(size, new_size)
    if new_size < size or len(peaks) != size.bit_count() or len(nodes) != len(added):
        raise NotInTree(f"{len(peaks)} peaks and {len(nodes)} nodes do not lead from {size} to {new_size}")
    stack = list(zip((level for level, _ in cover(0, size)), peaks, strict=True))
    for (level, _), node in zip(added, nodes, strict=True):
        while stack and stack[-1][0] == level:
            node = node_hash(stack.pop()[1], node)
            level += 1
        stack.append((level, node))
    return bag([node for _, node in stack])


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf hash stands at `index` of the tree of `size` leaves with this root."""
    if not 0 <= index < size or any(len(h) != HASH for h in (leaf, root, *proof)):
        return False
    position, last, top = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            top = node_hash(sibling, top)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            top = node_hash(top, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and top == root


def verify_consistency(old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the tree of `new_size` begins with the tree of `old_size`.

    From size 0 nothing can be proved, so it is refused; equal sizes need equal roots and an empty proof.
    """
    if not 0 < old_size <= new_size or any(len(h) != HASH for h in (old_root, new_root, *proof)):
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    if old_size.bit_count() == 1:
        proof = [old_root, *proof]
    if not proof:
        return False
    shift = ((old_size & -old_size).bit_length()) - 1
    position, last = (old_size - 1) >> shift, (new_size - 1) >> shift
    old_top = new_top = proof[0]
    for sibling in proof[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old_top, new_top = node_hash(sibling, old_top), node_hash(sibling, new_top)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            new_top = node_hash(new_top, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and old_top == old_root and new_top == new_root


class Tree:
    """The first `size` leaves of a log, read through its complete subtrees."""

    def __init__(self, size: int, get: NodeSource) -> None:
        self.size = size
        self._get = get
        self._right_edge: dict[int, bytes] = {}

    def root(self) -> bytes:
        """The tree head's root."""
        return bag(self.peaks())

    def peaks(self) -> list[bytes]:
        """The roots of the largest complete subtrees, left to right: what `TraceLog.append` asks for first."""
        return self.span(0)

    def span(self, start: int) -> list[bytes]:
        """The subtree roots that cover leaves [start, size): the `nodes` of an append made at size `start`."""
        if not 0 <= start <= self.size:
            raise NotInTree(f"no leaf {start} in a tree of {self.size}")
        return [self._get(level, index) for level, index in cover(start, self.size)]

    def inclusion(self, index: int) -> list[bytes]:
        """The proof that the leaf at `index` is in this tree."""
        if not 0 <= index < self.size:
            raise NotInTree(f"no leaf {index} in a tree of {self.size}")
        return self._path(index, 0)

    def consistency(self, old_size: int) -> list[bytes]:
        """The proof that this tree begins with the tree of `old_size` leaves, which may not be 0."""
        if not 0 < old_size <= self.size:
            raise NotInTree(f"nothing to prove from size {old_size} to size {self.size}")
        if old_size == self.size:
            return []
        level = (old_size & -old_size).bit_length() - 1
        index = (old_size >> level) - 1
        first = [self._get(level, index)] if index else []
        return first + self._path(index, level)

    def _path(self, index: int, level: int) -> list[bytes]:
        path = []
        last = (self.size - 1) >> level
        while last:
            sibling = index ^ 1
            if sibling <= last:
                path.append(self._get(level, sibling) if sibling < last else self._rightmost(level))
            index, last, level = index >> 1, last >> 1, level + 1
        return path

    def _rightmost(self, level: int) -> bytes:
        if level not in self._right_edge:
            start = (self.size - 1) >> level << level
            self._right_edge[level] = bag(self.span(start))
        return self._right_edge[level]


def tiled(tile: TileSource, *, keep: int = 512) -> NodeSource:
    """Read complete subtrees out of tiles, remembering some `keep` tiles with what lies between their levels.

    A remembered tile that was partial is asked for again once more of it is wanted. Sort the indexes before
    making many proofs: each tile is then read once.
    """
    remembered: dict[Node, list[bytes]] = {}

    def rows(node: Node, length: int) -> list[bytes]:
        known = remembered.get(node)
        if known is None or len(known[0]) < length:
            known = _rows(tile(*node))
            if len(known[0]) < length:
                raise NotInTree(f"tile {node} holds fewer than {length // HASH} hashes")
            if len(remembered) >= keep:
                del remembered[next(iter(remembered))]
            remembered[node] = known
        return known

    def get(level: int, index: int) -> bytes:
        tile_level, row = divmod(level, TILE_LEVELS)
        tile_index, offset = divmod(index << row, TILE_WIDTH)
        at = (offset >> row) * HASH
        return rows((tile_level, tile_index), (offset + (1 << row)) * HASH)[row][at : at + HASH]

    return get


def extend(size: int, leaves: Iterable[bytes], tile: TileSource) -> dict[Node, bytes]:
    """The tiles that an append of leaf hashes at `size` makes or lengthens, whole, by (tile level, index).

    Store them in place of the tiles of the same name; `tile` is asked only for those the append lengthens.
    """
    changed: dict[Node, bytes] = {}
    added, level = b"".join(leaves), 0
    while added:
        index, offset = divmod(size, TILE_WIDTH)
        hashes = (tile(level, index)[: offset * HASH] if offset else b"") + added
        step = TILE_WIDTH * HASH
        finished = []
        for start in range(0, len(hashes), step):
            part = hashes[start : start + step]
            changed[level, index + start // step] = part
            if len(part) == step:
                finished.append(_fold(part))
        added, size, level = b"".join(finished), size >> TILE_LEVELS, level + 1
    return changed


def stored(tiles: Mapping[Node, bytes]) -> TileSource:
    """Tiles that are kept in a mapping, as `TileSource`; an absent tile is empty."""
    return lambda level, index: tiles.get((level, index), b"")


def _rows(hashes: bytes) -> list[bytes]:
    """A tile's hashes and the complete levels above them."""
    rows = [hashes]
    while len(rows[-1]) > HASH:
        rows.append(_pairs(rows[-1]))
    return rows


def _pairs(hashes: bytes) -> bytes:
    """The next level up; an odd last hash is left out, since its parent is not complete."""
    return b"".join([sha256(b"\x01" + hashes[at : at + 64]).digest() for at in range(0, len(hashes) - HASH, 64)])


def _fold(hashes: bytes) -> bytes:
    """The root over hashes laid end to end; an odd last one rises a level as it is."""
    while len(hashes) > HASH:
        odd = hashes[-HASH:] if len(hashes) & HASH else b""
        hashes = _pairs(hashes) + odd
    return hashes
