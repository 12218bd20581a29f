// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {ILotRegistry} from "../src/ILotRegistry.sol";
import {ITraceLog} from "../src/ITraceLog.sol";
import {LotRegistry} from "../src/LotRegistry.sol";
import {MerkleTree} from "../src/MerkleTree.sol";
import {TraceLog} from "../src/TraceLog.sol";
import {Chain} from "./Chain.sol";

/// @notice The published vectors of the ledger's formats, read by the contracts.
contract VectorsTest is Chain {
    string private json;
    uint64 private member;

    /// The contracts at the addresses of the vectors: a constructor runs there, so that immutables are right.
    function setUp() public override {
        super.setUp();
        json = vm.readFile("../tests/samples/ledger/vectors.json");
        member = uint64(vm.parseJsonUint(json, ".member"));
        vm.chainId(vm.parseJsonUint(json, ".chainId"));
        log = TraceLog(
            place(
                vm.parseJsonAddress(json, ".traceLog"),
                abi.encodePacked(type(TraceLog).creationCode, abi.encode(participants, this, this))
            )
        );
        lots = LotRegistry(
            place(
                vm.parseJsonAddress(json, ".lotRegistry"),
                abi.encodePacked(type(LotRegistry).creationCode, abi.encode(participants))
            )
        );
    }

    function place(address at, bytes memory initCode) private returns (address) {
        vm.etch(at, initCode);
        (bool ok, bytes memory code) = at.call("");
        require(ok);
        vm.etch(at, code);
        return at;
    }

    function item(string memory list, uint256 i, string memory field) private pure returns (string memory) {
        return string.concat(".", list, "[", vm.toString(i), "].", field);
    }

    function hashAt(string memory list, uint256 i, string memory field) private view returns (bytes32) {
        return vm.parseJsonBytes32(json, item(list, i, field));
    }

    function test_the_log_has_the_name_of_the_vectors() external view {
        require(log.logId() == vm.parseJsonBytes32(json, ".logId"));
    }

    function test_leaves() external view {
        for (uint256 i = 0; i < 3; ++i) {
            ITraceLog.Leaf memory leaf = ITraceLog.Leaf(
                member,
                uint64(vm.parseJsonUint(json, item("records", i, "seq"))),
                hashAt("records", i, "previous"),
                hashAt("records", i, "commitment")
            );
            require(log.leafHash(leaf) == hashAt("records", i, "leaf"));
        }
    }

    function test_submissions_are_signed_by_the_member() external view {
        for (uint256 i = 0; i < 2; ++i) {
            ITraceLog.Submission memory s = ITraceLog.Submission(
                member,
                uint64(vm.parseJsonUint(json, item("submissions", i, "firstSeq"))),
                uint32(vm.parseJsonUint(json, item("submissions", i, "count"))),
                hashAt("submissions", i, "previousHead"),
                hashAt("submissions", i, "newHead"),
                keccak256(bytes(vm.parseJsonString(json, item("submissions", i, "summary"))))
            );
            require(log.submissionDigest(s) == hashAt("submissions", i, "digest"));
        }
    }

    function test_registration_and_recall_digests() external view {
        ILotRegistry.Lot[] memory all = new ILotRegistry.Lot[](2);
        bytes32[] memory keys = new bytes32[](2);
        for (uint256 i = 0; i < 2; ++i) {
            string memory lot = string.concat("otherMessages[1].message.lots[", vm.toString(i), "].");
            keys[i] = vm.parseJsonBytes32(json, string.concat(".", lot, "key"));
            all[i] = ILotRegistry.Lot(
                keys[i],
                uint32(vm.parseJsonUint(json, string.concat(".", lot, "madeOn"))),
                vm.parseJsonBytes32(json, string.concat(".", lot, "commitment"))
            );
        }
        require(lots.registrationDigest(member, all) == hashAt("otherMessages", 1, "digest"));
        bytes32 notice = hashAt("otherMessages", 2, "message.notice");
        ILotRegistry.Recall memory r = ILotRegistry.Recall(keys, member, 1, 2, notice);
        require(lots.recallDigest(r) == hashAt("otherMessages", 2, "digest"));
    }

    function test_lot_keys() external view {
        for (uint256 i = 0; i < 2; ++i) {
            bytes32 key = sha256(
                abi.encodePacked(
                    "furrow/lot/v1",
                    bytes1(0),
                    hashAt("lots", i, "lotSalt"),
                    vm.parseJsonString(json, item("lots", i, "digitalLink"))
                )
            );
            require(key == hashAt("lots", i, "key"));
        }
    }

    function test_appends() external view {
        uint256 i = 0;
        for (; vm.keyExistsJson(json, item("appends.cases", i, "size")); ++i) {
            (bool ok, bytes32 newRoot) = this.grow(
                vm.parseJsonUint(json, item("appends.cases", i, "size")),
                hashAt("appends.cases", i, "root"),
                vm.parseJsonBytes32Array(json, item("appends.cases", i, "peaks")),
                vm.parseJsonUint(json, item("appends.cases", i, "newSize")),
                vm.parseJsonBytes32Array(json, item("appends.cases", i, "nodes"))
            );
            require(ok && newRoot == hashAt("appends.cases", i, "newRoot"));
        }
        require(i == 10);
    }

    function grow(
        uint256 size,
        bytes32 root,
        bytes32[] calldata peaks,
        uint256 newSize,
        bytes32[] calldata nodes
    ) external view returns (bool, bytes32) {
        return MerkleTree.grow(size, root, peaks, newSize, nodes);
    }
}
