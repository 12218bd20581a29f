// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {MerkleTree} from "../src/MerkleTree.sol";
import {Plain, Vm} from "./Chain.sol";

contract MerkleTreeTest {
    Vm private constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);

    function grow(
        uint256 size,
        bytes32 root,
        bytes32[] calldata peaks,
        uint256 newSize,
        bytes32[] calldata nodes
    ) external view returns (bool, bytes32) {
        return MerkleTree.grow(size, root, peaks, newSize, nodes);
    }

    function included(uint256 index, uint256 size, bytes32 leaf, bytes32[] calldata proof, bytes32 root)
        external
        view
        returns (bool)
    {
        return MerkleTree.verifyInclusion(index, size, leaf, proof, root);
    }

    function consistent(uint256 m, uint256 n, bytes32 a, bytes32 b, bytes32[] calldata proof)
        external
        view
        returns (bool)
    {
        return MerkleTree.verifyConsistency(m, n, a, b, proof);
    }

    function testFuzz_grows_to_the_root_the_rfc_defines(uint8 a, uint8 b) external view {
        (uint256 size, uint256 newSize) = a < b ? (a, b) : (b, a);
        (bool ok, bytes32 root) =
            this.grow(size, Plain.root(0, size), Plain.cover(0, size), newSize, Plain.cover(size, newSize));
        require(ok && root == Plain.root(0, newSize));
    }

    function testFuzz_refuses_other_peaks_or_another_number_of_nodes(
        uint8 a,
        uint8 more,
        bytes32 other,
        uint8 at
    ) external view {
        uint256 size = uint256(a) + 1;
        uint256 newSize = size + more;
        bytes32 root = Plain.root(0, size);
        bytes32[] memory peaks = Plain.cover(0, size);
        bytes32[] memory nodes = Plain.cover(size, newSize);
        (bool ok,) = this.grow(size, root, peaks, newSize, Plain.push(nodes, other));
        require(!ok, "one node too many");
        (ok,) = this.grow(size, root, Plain.push(peaks, other), newSize, nodes);
        require(!ok, "one peak too many");
        (ok,) = this.grow(size, root, peaks, size - 1, new bytes32[](0));
        require(!ok, "shrunk");
        vm.assume(peaks[at % peaks.length] != other);
        peaks[at % peaks.length] = other;
        (ok,) = this.grow(size, root, peaks, newSize, nodes);
        require(!ok, "another past");
    }

    function testFuzz_proves_each_leaf_its_place(uint8 a, uint8 i) external view {
        uint256 size = uint256(a) + 1;
        uint256 index = i % size;
        bytes32[] memory proof = Plain.path(index, 0, size);
        bytes32 root = Plain.root(0, size);
        require(this.included(index, size, Plain.leaf(index), proof, root));
        require(!this.included(index, size, Plain.leaf(index + 1), proof, root));
        require(!this.included(index + size, size, Plain.leaf(index), proof, root));
        require(!this.included(index, size, Plain.leaf(index), Plain.push(proof, root), root));
    }

    function testFuzz_proves_that_a_tree_only_grew(uint8 a, uint8 b, bytes32 other) external view {
        (uint256 m, uint256 n) = a < b ? (uint256(a) + 1, uint256(b) + 1) : (uint256(b) + 1, uint256(a) + 1);
        bytes32[] memory proof = Plain.consistency(m, 0, n, true);
        (bytes32 before, bytes32 later) = (Plain.root(0, m), Plain.root(0, n));
        require(this.consistent(m, n, before, later, proof));
        require(!this.consistent(m, n, other, later, proof) || other == before);
        require(!this.consistent(m, n, before, later, Plain.push(proof, other)));
        require(!this.consistent(0, n, sha256(""), later, new bytes32[](0)), "from nothing");
    }

    function test_gas_of_a_thousand_records_on_a_log_of_a_billion() external view {
        bytes32[] memory peaks = new bytes32[](13); // 10^9 has 13 binary ones
        for (uint256 i = 0; i < 13; ++i) {
            peaks[i] = Plain.leaf(i);
        }
        bytes32 root = peaks[12];
        for (uint256 i = 12; i > 0; --i) {
            root = sha256(abi.encodePacked(bytes1(0x01), peaks[i - 1], root));
        }
        bytes32[] memory nodes = new bytes32[](6); // 512 + 256 + 128 + 64 + 32 + 8
        uint256 before = gasleft();
        (bool ok,) = this.grow(1e9, root, peaks, 1e9 + 1000, nodes);
        require(ok && before - gasleft() < 60_000);
    }
}
