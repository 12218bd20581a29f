// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IParticipantRegistry} from "./IParticipantRegistry.sol";
import {ITraceLog} from "./ITraceLog.sol";
import {MerkleTree} from "./MerkleTree.sol";

/// @title The log
contract TraceLog is ITraceLog, AccessControl, EIP712 {
    /// @notice May append.
    bytes32 public constant APPENDER_ROLE = keccak256("APPENDER_ROLE");

    bytes32 private constant SUBMISSION_TYPE = keccak256(
        "Submission(uint64 member,uint64 firstSeq,uint32 count,bytes32 previousHead,bytes32 newHead,string summary)"
    );
    uint8 private constant LEAF_VERSION = 1;

    /// @inheritdoc ITraceLog
    bytes32 public immutable logId;
    /// @notice Says whose keys count.
    IParticipantRegistry public immutable participants;

    /// @inheritdoc ITraceLog
    uint64 public size;
    /// @inheritdoc ITraceLog
    bytes32 public root = MerkleTree.EMPTY_ROOT;
    /// @inheritdoc ITraceLog
    mapping(uint64 member => Head) public heads;

    /// @param participants_ Says whose keys count.
    /// @param admin Hands the appender's role on.
    /// @param appender The first to hold it.
    constructor(IParticipantRegistry participants_, address admin, address appender) EIP712("Furrow", "1") {
        participants = participants_;
        logId = keccak256(abi.encode(block.chainid, address(this)));
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
        _grantRole(APPENDER_ROLE, appender);
    }

    /// @inheritdoc ITraceLog
    function append(
        bytes32[] calldata peaks,
        uint64 newSize,
        bytes32[] calldata nodes,
        Submission[] calldata submissions,
        bytes[] calldata signatures
    ) external onlyRole(APPENDER_ROLE) {
        if (submissions.length != signatures.length) {
            revert SignaturesMissing(submissions.length, signatures.length);
        }
        _grow(peaks, newSize, nodes);
        for (uint256 i = 0; i < submissions.length; ++i) {
            _move(submissions[i], signatures[i]);
        }
    }

    /// @inheritdoc ITraceLog
    function leafHash(Leaf calldata leaf) public view returns (bytes32) {
        return sha256(
            abi.encodePacked(
                bytes1(0),
                abi.encode(LEAF_VERSION, logId, leaf.member, leaf.seq, leaf.previous, leaf.commitment)
            )
        );
    }

    /// @inheritdoc ITraceLog
    function submissionDigest(Submission calldata submission) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(SUBMISSION_TYPE, submission)));
    }

    /// @inheritdoc ITraceLog
    function verifyInclusion(uint64 index, Leaf calldata leaf, bytes32[] calldata proof)
        external
        view
        returns (bool)
    {
        return MerkleTree.verifyInclusion(index, size, leafHash(leaf), proof, root);
    }

    /// @inheritdoc ITraceLog
    function verifyConsistency(uint64 oldSize, bytes32 oldRoot, bytes32[] calldata proof)
        external
        view
        returns (bool)
    {
        return MerkleTree.verifyConsistency(oldSize, size, oldRoot, root, proof);
    }

    function _grow(bytes32[] calldata peaks, uint64 newSize, bytes32[] calldata nodes) private {
        (bool extended, bytes32 newRoot) = MerkleTree.grow(size, root, peaks, newSize, nodes);
        if (!extended) revert TraceLogNotExtended(size, root, newSize);
        if (newSize == size) return;
        (size, root) = (newSize, newRoot);
        emit Appended(newSize, newRoot);
    }

    function _move(Submission calldata s, bytes calldata signature) private {
        Head storage stands = heads[s.member];
        (bool valid, address account, Reason reason) = _judge(stands, s, signature);
        if (!valid) {
            emit SubmissionSkipped(s.member, s.firstSeq, s.newHead, reason);
            return;
        }
        (stands.seq, stands.head) = (s.firstSeq + (s.count - 1), s.newHead);
        emit HeadMoved(s.member, account, s.firstSeq, s.count, s.previousHead, s.newHead, s.summaryHash);
    }

    function _judge(Head storage stands, Submission calldata s, bytes calldata signature)
        private
        view
        returns (bool valid, address account, Reason reason)
    {
        if (s.previousHead != stands.head) return (false, account, Reason.StaleHead);
        uint256 last = uint256(stands.seq) + s.count;
        if (
            s.count == 0 || s.newHead == 0 || s.firstSeq != uint256(stands.seq) + 1 || last > type(uint64).max
        ) {
            return (false, account, Reason.BrokenSequence);
        }
        ECDSA.RecoverError problem;
        (account, problem,) = ECDSA.tryRecover(submissionDigest(s), signature);
        if (problem != ECDSA.RecoverError.NoError) return (false, account, Reason.BadSignature);
        if (!participants.holds(s.member, account)) return (false, account, Reason.KeyNotInForce);
        return (true, account, reason);
    }
}
