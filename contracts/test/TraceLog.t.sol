// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {ITraceLog} from "../src/ITraceLog.sol";
import {Chain, Plain} from "./Chain.sol";

contract TraceLogTest is Chain {
    function next(uint64 member, uint32 count, bytes32 newHead)
        private
        view
        returns (ITraceLog.Submission memory s)
    {
        (uint64 seq, bytes32 head) = log.heads(member);
        s = ITraceLog.Submission(member, seq + 1, count, head, newHead, keccak256("told"));
    }

    function signedBy(uint256 key, ITraceLog.Submission memory s) private view returns (bytes memory) {
        return signed(key, log.submissionDigest(s));
    }

    function test_an_empty_log_has_the_empty_root() external view {
        require(log.size() == 0 && log.root() == sha256(""));
        require(log.logId() == keccak256(abi.encode(block.chainid, address(log))));
    }

    function testFuzz_the_log_computes_its_own_root(uint8[5] calldata steps) external {
        uint256 size;
        for (uint256 i = 0; i < steps.length; ++i) {
            size += steps[i] % 40;
            appendTo(size);
            require(log.size() == size && log.root() == Plain.root(0, size));
        }
    }

    function test_another_past_is_refused() external {
        appendTo(5);
        bytes32[] memory peaks = Plain.cover(0, 5);
        peaks[1] = "rewritten";
        bytes32[] memory nodes = Plain.cover(5, 6);
        bytes memory refused =
            abi.encodeWithSelector(ITraceLog.TraceLogNotExtended.selector, 5, log.root(), 6);
        vm.expectRevert(refused);
        log.append(peaks, 6, nodes, new ITraceLog.Submission[](0), new bytes[](0));
    }

    function test_only_the_appender_appends() external {
        bytes32[] memory nodes = Plain.cover(0, 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAccessControl.AccessControlUnauthorizedAccount.selector, address(0xdead), log.APPENDER_ROLE()
            )
        );
        vm.prank(address(0xdead));
        log.append(new bytes32[](0), 1, nodes, new ITraceLog.Submission[](0), new bytes[](0));
    }

    function test_every_submission_needs_a_signature() external {
        vm.expectRevert(abi.encodeWithSelector(ITraceLog.SignaturesMissing.selector, 1, 0));
        log.append(new bytes32[](0), 0, new bytes32[](0), new ITraceLog.Submission[](1), new bytes[](0));
    }

    function testFuzz_a_head_moves_by_its_members_signature(uint32 count, bytes32 newHead) external {
        vm.assume(count != 0 && newHead != 0);
        ITraceLog.Submission memory s = next(grower, count, newHead);
        require(submit(s, signedBy(GROWER_KEY, s)));
        (uint64 seq, bytes32 head) = log.heads(grower);
        require(seq == count && head == newHead);
        require(!submit(s, signedBy(GROWER_KEY, s)), "a replay is stale");
    }

    function test_nobody_else_moves_a_head() external {
        ITraceLog.Submission memory s = next(grower, 1, "leaf");
        require(!submit(s, signedBy(STRANGER_KEY, s)), "stranger");
        require(!submit(s, signedBy(RETAILER_KEY, s)), "another member");
        require(!submit(s, bytes("short")), "no signature");
        (uint64 seq,) = log.heads(grower);
        require(seq == 0);
    }

    function test_a_fork_a_gap_and_an_empty_submission_are_passed_over() external {
        ITraceLog.Submission memory s = next(grower, 2, "leaf 2");
        require(submit(s, signedBy(GROWER_KEY, s)));

        s = ITraceLog.Submission(grower, 1, 2, 0, "another leaf 2", 0);
        require(!submit(s, signedBy(GROWER_KEY, s)), "fork");
        s = ITraceLog.Submission(grower, 4, 1, "leaf 2", "leaf 4", 0);
        require(!submit(s, signedBy(GROWER_KEY, s)), "gap");
        s = ITraceLog.Submission(grower, 2, 2, "leaf 2", "leaf 3", 0);
        require(!submit(s, signedBy(GROWER_KEY, s)), "overlap");
        s = ITraceLog.Submission(grower, 3, 0, "leaf 2", "leaf 2b", 0);
        require(!submit(s, signedBy(GROWER_KEY, s)), "empty");
        s = ITraceLog.Submission(grower, 3, 1, "leaf 2", 0, 0);
        require(!submit(s, signedBy(GROWER_KEY, s)), "back to nothing");
    }

    function test_a_bad_submission_does_not_hold_up_the_rest() external {
        ITraceLog.Submission[] memory s = new ITraceLog.Submission[](2);
        bytes[] memory signatures = new bytes[](2);
        (s[0], s[1]) = (next(grower, 1, "leaf"), next(retailer, 1, "leaf"));
        (signatures[0], signatures[1]) = (signedBy(STRANGER_KEY, s[0]), signedBy(RETAILER_KEY, s[1]));
        appendTo(2, s, signatures);
        (uint64 growers,) = log.heads(grower);
        (uint64 retailers,) = log.heads(retailer);
        require(growers == 0 && retailers == 1 && log.size() == 2);
    }

    function test_a_high_s_twin_is_refused() external {
        ITraceLog.Submission memory s = next(grower, 1, "leaf");
        (uint8 v, bytes32 r, bytes32 low) = vm.sign(GROWER_KEY, log.submissionDigest(s));
        uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        require(
            !submit(s, abi.encodePacked(r, bytes32(order - uint256(low)), v == 27 ? uint8(28) : uint8(27)))
        );
        require(!submit(s, abi.encodePacked(r, low, v - 27)), "v 0 or 1");
        require(submit(s, abi.encodePacked(r, low, v)));
    }

    function test_a_revoked_key_signs_nothing_more_and_the_stream_goes_on_with_the_new_one() external {
        ITraceLog.Submission memory s = next(grower, 1, "leaf 1");
        require(submit(s, signedBy(GROWER_KEY, s)));
        vm.roll(110);
        participants.addKey(grower, vm.addr(STRANGER_KEY), false);
        participants.revokeKey(grower, vm.addr(GROWER_KEY));

        s = next(grower, 1, "leaf 2");
        require(!submit(s, signedBy(GROWER_KEY, s)));
        require(submit(s, signedBy(STRANGER_KEY, s)));
        require(participants.heldAt(grower, vm.addr(GROWER_KEY), 100), "what it signed stands");
        require(participants.heldAt(grower, vm.addr(GROWER_KEY), 110));
        require(!participants.heldAt(grower, vm.addr(GROWER_KEY), 111));
        require(!participants.heldAt(grower, vm.addr(STRANGER_KEY), 109));
    }

    function test_a_record_is_shown_in_the_log_by_its_fields() external {
        ITraceLog.Leaf memory leaf = ITraceLog.Leaf(grower, 1, 0, "commitment");
        bytes32 hash = log.leafHash(leaf);
        bytes32[] memory one = Plain.push(new bytes32[](0), hash);
        log.append(new bytes32[](0), 1, one, new ITraceLog.Submission[](0), new bytes[](0));
        log.append(one, 2, Plain.cover(1, 2), new ITraceLog.Submission[](0), new bytes[](0));

        bytes32[] memory proof = Plain.cover(1, 2);
        require(log.verifyInclusion(0, leaf, proof));
        require(log.verifyConsistency(1, hash, proof));
        leaf.commitment = "another";
        require(!log.verifyInclusion(0, leaf, proof));
        require(!log.verifyConsistency(0, sha256(""), proof));
    }
}

/// @notice Appends and submits at random, well and badly.
contract Sealer is Chain {
    mapping(uint64 => uint64) public logged;
    mapping(uint64 => bytes32) public newest;

    function theLog() external view returns (ITraceLog) {
        return log;
    }

    function members() external view returns (uint64[2] memory) {
        return [grower, retailer];
    }

    function seal(uint8 more) external {
        appendTo(log.size() + (more % 9));
    }

    function sealWrongly(uint8 more, bytes32 peak) external {
        uint256 size = log.size();
        bytes32[] memory peaks = Plain.cover(0, size);
        if (peaks.length != 0) peaks[0] = peak;
        log.append(peaks, uint64(size + more), Plain.cover(size, size + more % 5), none(), new bytes[](0));
    }

    function speak(bool who, bool honest, uint64 seq, uint32 count, bytes32 previous, bytes32 newHead)
        external
    {
        uint64 member = who ? grower : retailer;
        if (honest) (seq, count, previous) = (logged[member] + 1, 1 + count % 9, newest[member]);
        ITraceLog.Submission memory s =
            ITraceLog.Submission(member, seq, count, previous, newHead, keccak256("told"));
        bytes memory signature = signed(who ? GROWER_KEY : RETAILER_KEY, log.submissionDigest(s));
        if (submit(s, signature)) {
            require(seq == logged[member] + 1 && previous == newest[member], "forked");
            (logged[member], newest[member]) = (seq + count - 1, newHead);
        }
    }

    function none() private pure returns (ITraceLog.Submission[] memory) {
        return new ITraceLog.Submission[](0);
    }
}

contract TraceLogInvariant {
    Sealer private sealer;

    function setUp() external {
        sealer = new Sealer();
        sealer.setUp();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(sealer);
    }

    struct Selectors {
        address at;
        bytes4[] selectors;
    }

    function targetSelectors() external view returns (Selectors[] memory chosen) {
        chosen = new Selectors[](1);
        bytes4[] memory selectors = new bytes4[](3);
        (selectors[0], selectors[1], selectors[2]) =
        (Sealer.seal.selector, Sealer.sealWrongly.selector, Sealer.speak.selector);
        chosen[0] = Selectors(address(sealer), selectors);
    }

    function invariant_the_root_is_always_that_of_the_leaves() external view {
        ITraceLog log = sealer.theLog();
        require(log.root() == Plain.root(0, log.size()));
    }

    function invariant_heads_are_what_members_last_signed() external view {
        uint64[2] memory members = sealer.members();
        for (uint256 i = 0; i < 2; ++i) {
            (uint64 seq, bytes32 head) = sealer.theLog().heads(members[i]);
            require(seq == sealer.logged(members[i]) && head == sealer.newest(members[i]));
        }
    }
}
