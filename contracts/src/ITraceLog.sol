// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// @title The log
/// @notice An append-only Merkle log of the members' records (RFC 9162 over SHA-256) and the newest record of each
/// member's stream. The log computes its own root, so nobody can rewrite it, its owner included; a head moves only
/// by its member's signature over where it stood, so a stream cannot be forked or shortened.
interface ITraceLog {
    /// @notice Records of one member that follow one another, under one signature.
    /// @param member The member's number.
    /// @param firstSeq The number of the first record; it follows the last one logged.
    /// @param count How many records.
    /// @param previousHead The leaf before the first record, 0 for a new stream.
    /// @param newHead The leaf of the last record.
    /// @param summaryHash The keccak256 of the sentence that the signer was shown.
    struct Submission {
        uint64 member;
        uint64 firstSeq;
        uint32 count;
        bytes32 previousHead;
        bytes32 newHead;
        bytes32 summaryHash;
    }

    /// @notice Where a member's stream stands: the number and the leaf of its newest record.
    struct Head {
        uint64 seq;
        bytes32 head;
    }

    /// @notice What a leaf is made of.
    struct Leaf {
        uint64 member;
        uint64 seq;
        bytes32 previous;
        bytes32 commitment;
    }

    /// @notice Why a submission was passed over.
    enum Reason {
        StaleHead,
        BrokenSequence,
        BadSignature,
        KeyNotInForce
    }

    /// @notice The log has grown.
    event Appended(uint64 newSize, bytes32 newRoot);

    /// @notice A member's stream has moved on, by the signature of `account`.
    event HeadMoved(
        uint64 indexed member,
        address indexed account,
        uint64 firstSeq,
        uint32 count,
        bytes32 previousHead,
        bytes32 newHead,
        bytes32 summaryHash
    );

    /// @notice A submission was passed over; the rest of the append stands.
    event SubmissionSkipped(uint64 indexed member, uint64 firstSeq, bytes32 newHead, Reason reason);

    /// @notice Thrown when the peaks given are not those of the log as it stands, or the nodes do not lead to the
    /// new size.
    error TraceLogNotExtended(uint64 size, bytes32 root, uint64 newSize);

    /// @notice Thrown when there is not one signature for each submission.
    error SignaturesMissing(uint256 submissions, uint256 signatures);

    /// @notice The log's name, kept by its successors: keccak256(abi.encode(chain id, first TraceLog)).
    function logId() external view returns (bytes32);

    /// @notice The number of leaves.
    function size() external view returns (uint64);

    /// @notice The root over all leaves.
    function root() external view returns (bytes32);

    /// @notice Where a member's stream stands.
    function heads(uint64 member) external view returns (uint64 seq, bytes32 head);

    /// @notice Append leaves and move heads.
    /// @dev A submission that is stale or badly signed is passed over with an event. With `newSize` = `size` only
    /// heads move; the peaks are checked all the same.
    /// @param peaks The peaks of the log as it stands.
    /// @param newSize The number of leaves afterwards.
    /// @param nodes The roots of the fewest complete subtrees that cover the new leaves, left to right.
    /// @param submissions What members signed, in the order in which it is to count.
    /// @param signatures One a submission: 65 bytes, low s, v 27 or 28.
    function append(
        bytes32[] calldata peaks,
        uint64 newSize,
        bytes32[] calldata nodes,
        Submission[] calldata submissions,
        bytes[] calldata signatures
    ) external;

    /// @notice The hash of a leaf.
    function leafHash(Leaf calldata leaf) external view returns (bytes32);

    /// @notice What a member signs for a submission (EIP-712).
    function submissionDigest(Submission calldata submission) external view returns (bytes32);

    /// @notice Whether a record stands at an index of the log. Takes fields, never a ready hash: a proof alone does
    /// not bind the size or tell a leaf from a node.
    function verifyInclusion(uint64 index, Leaf calldata leaf, bytes32[] calldata proof)
        external
        view
        returns (bool);

    /// @notice Whether the log as it stands begins with an older tree; from size 0 always false.
    function verifyConsistency(uint64 oldSize, bytes32 oldRoot, bytes32[] calldata proof)
        external
        view
        returns (bool);
}
