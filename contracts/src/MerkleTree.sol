// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// @title The Merkle tree of RFC 9162 over SHA-256
/// @notice Grows a tree from its peaks and checks proofs. Peaks are the roots of the largest complete subtrees,
/// left to right.
library MerkleTree {
    /// @notice The root of a tree without leaves: SHA-256 of nothing.
    bytes32 internal constant EMPTY_ROOT = 0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855;

    /// @notice The root after an append.
    /// @param size The number of leaves before.
    /// @param root The root before.
    /// @param peaks The peaks before; they must yield `root`.
    /// @param newSize The number of leaves after.
    /// @param nodes The roots of the fewest complete subtrees that cover leaves [size, newSize), left to right.
    /// @return extended Whether the peaks and the number of nodes are right.
    /// @return newRoot The root after; 0 unless extended.
    function grow(
        uint256 size,
        bytes32 root,
        bytes32[] calldata peaks,
        uint256 newSize,
        bytes32[] calldata nodes
    ) internal view returns (bool extended, bytes32 newRoot) {
        if (newSize < size || peaks.length != _ones(size)) return (false, 0);
        bytes32[] memory stack = new bytes32[](peaks.length + nodes.length);
        uint256 depth = peaks.length;
        for (uint256 i = 0; i < depth; ++i) {
            stack[i] = peaks[i];
        }
        if (_bag(stack, depth) != root) return (false, 0);

        uint256 used = 0;
        while (size < newSize) {
            if (used == nodes.length) return (false, 0);
            uint256 level = 0;
            while ((size >> level) & 1 == 0 && size + (2 << level) <= newSize) ++level;
            bytes32 node = nodes[used++];
            // The binary digits of the size say which levels stand on the stack, as in a carry.
            for (uint256 carry = size >> level; carry & 1 == 1; carry >>= 1) {
                node = nodeHash(stack[--depth], node);
            }
            stack[depth++] = node;
            size += 1 << level;
        }
        if (used != nodes.length) return (false, 0);
        return (true, _bag(stack, depth));
    }

    /// @notice Whether a leaf hash stands at an index of the tree.
    function verifyInclusion(
        uint256 index,
        uint256 size,
        bytes32 leaf,
        bytes32[] calldata proof,
        bytes32 root
    ) internal view returns (bool) {
        if (index >= size) return false;
        uint256 last = size - 1;
        for (uint256 i = 0; i < proof.length; ++i) {
            if (last == 0) return false;
            if (index & 1 == 1 || index == last) {
                leaf = nodeHash(proof[i], leaf);
                while (index != 0 && index & 1 == 0) (index, last) = (index >> 1, last >> 1);
            } else {
                leaf = nodeHash(leaf, proof[i]);
            }
            (index, last) = (index >> 1, last >> 1);
        }
        return last == 0 && leaf == root;
    }

    /// @notice Whether the newer tree begins with the older one. From size 0 nothing can be proved: refused.
    function verifyConsistency(
        uint256 oldSize,
        uint256 newSize,
        bytes32 oldRoot,
        bytes32 newRoot,
        bytes32[] calldata proof
    ) internal view returns (bool) {
        if (oldSize == 0 || oldSize > newSize) return false;
        if (oldSize == newSize) return proof.length == 0 && oldRoot == newRoot;
        uint256 used = oldSize & (oldSize - 1) == 0 ? 0 : 1;
        if (proof.length == 0) return false;
        bytes32 oldTop = used == 0 ? oldRoot : proof[0];
        bytes32 newTop = oldTop;
        (uint256 index, uint256 last) = (oldSize - 1, newSize - 1);
        while (index & 1 == 1) (index, last) = (index >> 1, last >> 1);
        for (; used < proof.length; ++used) {
            if (last == 0) return false;
            if (index & 1 == 1 || index == last) {
                oldTop = nodeHash(proof[used], oldTop);
                newTop = nodeHash(proof[used], newTop);
                while (index != 0 && index & 1 == 0) (index, last) = (index >> 1, last >> 1);
            } else {
                newTop = nodeHash(newTop, proof[used]);
            }
            (index, last) = (index >> 1, last >> 1);
        }
        return last == 0 && oldTop == oldRoot && newTop == newRoot;
    }

    /// @notice SHA-256(0x01 ‖ left ‖ right).
    function nodeHash(bytes32 left, bytes32 right) internal view returns (bytes32 hash) {
        assembly ("memory-safe") {
            // Beyond the free pointer, which stays where it is: a proof then costs no memory.
            let free := mload(0x40)
            mstore8(free, 1)
            mstore(add(free, 0x01), left)
            mstore(add(free, 0x21), right)
            if iszero(staticcall(gas(), 2, free, 0x41, 0x00, 0x20)) { revert(0, 0) }
            hash := mload(0x00)
        }
    }

    function _bag(bytes32[] memory peaks, uint256 count) private view returns (bytes32 top) {
        if (count == 0) return EMPTY_ROOT;
        top = peaks[--count];
        while (count != 0) top = nodeHash(peaks[--count], top);
    }

    function _ones(uint256 value) private pure returns (uint256 ones) {
        for (; value != 0; value &= value - 1) {
            ++ones;
        }
    }
}
