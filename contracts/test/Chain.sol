// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {ITraceLog} from "../src/ITraceLog.sol";
import {LotRegistry} from "../src/LotRegistry.sol";
import {MerkleTree} from "../src/MerkleTree.sol";
import {ParticipantRegistry} from "../src/ParticipantRegistry.sol";
import {Roles} from "../src/Roles.sol";
import {TraceLog} from "../src/TraceLog.sol";

/// @notice The cheats of forge that these tests use.
interface Vm {
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    function addr(uint256 key) external pure returns (address);
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function chainId(uint256 id) external;
    function roll(uint256 number) external;
    function etch(address at, bytes calldata code) external;
    function prank(address sender) external;
    function assume(bool condition) external pure;
    function expectRevert(bytes calldata reason) external;
    function recordLogs() external;
    function getRecordedLogs() external returns (Log[] memory);
    function readFile(string calldata path) external view returns (string memory);
    function parseJsonBytes(string calldata json, string calldata key) external pure returns (bytes memory);
    function parseJsonBytes32(string calldata json, string calldata key) external pure returns (bytes32);
    function parseJsonBytes32Array(string calldata json, string calldata key)
        external
        pure
        returns (bytes32[] memory);
    function parseJsonString(string calldata json, string calldata key) external pure returns (string memory);
    function parseJsonUint(string calldata json, string calldata key) external pure returns (uint256);
    function parseJsonAddress(string calldata json, string calldata key) external pure returns (address);
    function keyExistsJson(string calldata json, string calldata key) external view returns (bool);
    function toString(uint256 value) external pure returns (string memory);
}

/// @notice Makes trees the plain way, to hold the library against.
library Plain {
    function leaf(uint256 i) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0), i));
    }

    /// The root over leaves [from, to), word for word as RFC 9162, 2.1.1 defines it.
    function root(uint256 from, uint256 to) internal pure returns (bytes32) {
        if (from == to) return sha256("");
        if (to - from == 1) return leaf(from);
        uint256 k = 1;
        while (2 * k < to - from) k *= 2;
        return sha256(abi.encodePacked(bytes1(0x01), root(from, from + k), root(from + k, to)));
    }

    /// The roots of the fewest complete subtrees that cover leaves [from, to).
    function cover(uint256 from, uint256 to) internal pure returns (bytes32[] memory nodes) {
        nodes = new bytes32[](128);
        uint256 used;
        while (from < to) {
            uint256 width = 1;
            while (from % (2 * width) == 0 && from + 2 * width <= to) width *= 2;
            nodes[used++] = root(from, from + width);
            from += width;
        }
        assembly ("memory-safe") {
            mstore(nodes, used)
        }
    }

    /// RFC 9162, 2.1.3.1.
    function path(uint256 m, uint256 from, uint256 to) internal pure returns (bytes32[] memory) {
        if (to - from <= 1) return new bytes32[](0);
        uint256 k = 1;
        while (2 * k < to - from) k *= 2;
        return m - from < k
            ? push(path(m, from, from + k), root(from + k, to))
            : push(path(m, from + k, to), root(from, from + k));
    }

    /// RFC 9162, 2.1.4.1.
    function consistency(uint256 m, uint256 from, uint256 to, bool whole)
        internal
        pure
        returns (bytes32[] memory)
    {
        if (m == to) return whole ? new bytes32[](0) : push(new bytes32[](0), root(from, to));
        uint256 k = 1;
        while (2 * k < to - from) k *= 2;
        return m - from <= k
            ? push(consistency(m, from, from + k, whole), root(from + k, to))
            : push(consistency(m, from + k, to, false), root(from, from + k));
    }

    function push(bytes32[] memory list, bytes32 item) internal pure returns (bytes32[] memory longer) {
        longer = new bytes32[](list.length + 1);
        for (uint256 i = 0; i < list.length; ++i) {
            longer[i] = list[i];
        }
        longer[list.length] = item;
    }
}

/// @notice A chain with the three contracts, a grower, a retailer and an authority.
abstract contract Chain {
    Vm internal constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);

    uint256 internal constant GROWER_KEY = 0xA11CE;
    uint256 internal constant RETAILER_KEY = 0xB0B;
    uint256 internal constant AUTHORITY_KEY = 0xCAFE;
    uint256 internal constant STRANGER_KEY = 0xBAD;

    ParticipantRegistry internal participants;
    TraceLog internal log;
    LotRegistry internal lots;
    uint64 internal grower;
    uint64 internal retailer;
    uint64 internal authority;

    function setUp() public virtual {
        vm.roll(100);
        participants = new ParticipantRegistry(address(this), address(this));
        log = new TraceLog(participants, address(this), address(this));
        lots = new LotRegistry(participants);
        grower = participants.enrol(Roles.SUPPLIER, "grower", vm.addr(GROWER_KEY), true);
        retailer = participants.enrol(Roles.RETAILER, "retailer", vm.addr(RETAILER_KEY), false);
        authority = participants.enrol(Roles.AUTHORITY, "authority", vm.addr(AUTHORITY_KEY), false);
    }

    function signed(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    /// Grow the log by plain leaves, with submissions.
    function appendTo(uint256 newSize, ITraceLog.Submission[] memory s, bytes[] memory signatures) internal {
        uint256 size = log.size();
        log.append(Plain.cover(0, size), uint64(newSize), Plain.cover(size, newSize), s, signatures);
    }

    function appendTo(uint256 newSize) internal {
        appendTo(newSize, new ITraceLog.Submission[](0), new bytes[](0));
    }

    /// Send one submission without growing the log; true when the head moved.
    function submit(ITraceLog.Submission memory s, bytes memory signature) internal returns (bool moved) {
        ITraceLog.Submission[] memory all = new ITraceLog.Submission[](1);
        bytes[] memory signatures = new bytes[](1);
        (all[0], signatures[0]) = (s, signature);
        vm.recordLogs();
        appendTo(log.size(), all, signatures);
        Vm.Log[] memory told = vm.getRecordedLogs();
        require(told.length == 1, "one event a submission");
        return told[0].topics[0] == ITraceLog.HeadMoved.selector;
    }
}
