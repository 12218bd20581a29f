// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// @title Lots and their recalls
/// @notice Lots stand here under blinded keys, so that only those who know a lot's salt can find it.
interface ILotRegistry {
    /// @notice A lot, as its producer signs it.
    /// @param key SHA-256("furrow/lot/v1" ‖ 0x00 ‖ salt ‖ canonical GS1 Digital Link).
    /// @param madeOn Days since 1970-01-01 at the place of production.
    /// @param commitment The commitment of the commissioning event.
    struct Lot {
        bytes32 key;
        uint32 madeOn;
        bytes32 commitment;
    }

    /// @notice A lot, as it stands here.
    struct Registered {
        uint64 producer;
        uint32 madeOn;
        uint40 inBlock;
        bytes32 commitment;
    }

    /// @notice A recall, as its issuer signs it.
    /// @param keys The lots.
    /// @param issuer Their producer, an authority, or any retailer: who holds a lot stands in records, not here, so
    /// that whoever reads a retailer's recall judges by the records whether it ever held the lot.
    /// @param nonce Counts the issuer's recalls, from 1.
    /// @param class 1 (gravest) to 3; 0 withdraws the issuer's own earlier recall.
    /// @param notice The salted commitment of the notice.
    struct Recall {
        bytes32[] keys;
        uint64 issuer;
        uint64 nonce;
        uint8 class;
        bytes32 notice;
    }

    /// @notice What one issuer last said about one lot.
    struct Said {
        uint64 issuer;
        uint64 nonce;
        uint8 class;
        uint40 inBlock;
        bytes32 notice;
    }

    /// @notice A lot was registered.
    event LotRegistered(bytes32 indexed key, uint64 indexed producer, uint32 madeOn, bytes32 commitment);

    /// @notice A lot was passed over: its key is taken, first come.
    event LotSkipped(bytes32 indexed key, uint64 indexed claimant, uint64 producer);

    /// @notice A lot was recalled, or with class 0 the issuer's recall withdrawn.
    event Recalled(bytes32 indexed key, uint64 indexed issuer, uint64 nonce, uint8 class, bytes32 notice);

    /// @notice Thrown when one transaction brings no lots or keys, or too many.
    error BatchInvalid(uint256 count, uint256 most);

    /// @notice Thrown when the signature is malformed or not of a key in force for the member.
    error SignatureInvalid(uint64 member, address account);

    /// @notice Thrown when the member's roles do not allow this.
    error RoleMissing(uint64 member, uint32 roles);

    /// @notice Thrown when a lot is not registered.
    error LotUnknown(bytes32 key);

    /// @notice Thrown when the issuer may not recall this lot.
    error NotIssuersLot(bytes32 key, uint64 issuer);

    /// @notice Thrown when a recall is out of turn.
    error NonceInvalid(uint64 issuer, uint64 nonce, uint64 expected);

    /// @notice Thrown when the class is none of 0 to 3.
    error ClassInvalid(uint8 class);

    /// @notice The most lots or keys that one transaction may bring.
    function MOST() external view returns (uint256);

    /// @notice A registered lot; producer 0 when the key is not registered.
    function lots(bytes32 key)
        external
        view
        returns (uint64 producer, uint32 madeOn, uint40 inBlock, bytes32 commitment);

    /// @notice The number of an issuer's last recall.
    function nonces(uint64 issuer) external view returns (uint64);

    /// @notice What every issuer last said about a lot, in the order in which they first spoke.
    function recallsOf(bytes32 key) external view returns (Said[] memory);

    /// @notice What a producer signs for its lots (EIP-712).
    function registrationDigest(uint64 producer, Lot[] calldata lots_) external view returns (bytes32);

    /// @notice What an issuer signs for a recall (EIP-712).
    function recallDigest(Recall calldata recall_) external view returns (bytes32);

    /// @notice Register lots; anyone may bring what the producer signed. A key that is taken is passed over.
    function registerLots(uint64 producer, Lot[] calldata lots_, bytes calldata signature) external;

    /// @notice Recall lots; anyone may bring what the issuer signed.
    function recall(Recall calldata recall_, bytes calldata signature) external;
}
