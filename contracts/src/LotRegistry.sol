// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ILotRegistry} from "./ILotRegistry.sol";
import {IParticipantRegistry} from "./IParticipantRegistry.sol";
import {Roles} from "./Roles.sol";

/// @title Lots and their recalls
contract LotRegistry is ILotRegistry, EIP712 {
    bytes32 private constant LOT_TYPE = keccak256("Lot(bytes32 key,uint32 madeOn,bytes32 commitment)");
    bytes32 private constant REGISTRATION_TYPE = keccak256(
        "Registration(uint64 producer,Lot[] lots)Lot(bytes32 key,uint32 madeOn,bytes32 commitment)"
    );
    bytes32 private constant RECALL_TYPE =
        keccak256("Recall(bytes32[] keys,uint64 issuer,uint64 nonce,uint8 class,bytes32 notice)");

    /// @inheritdoc ILotRegistry
    uint256 public constant MOST = 200;
    /// @notice Says whose keys count, and who may do what.
    IParticipantRegistry public immutable participants;

    /// @inheritdoc ILotRegistry
    mapping(bytes32 key => Registered) public lots;
    /// @inheritdoc ILotRegistry
    mapping(uint64 issuer => uint64) public nonces;

    mapping(bytes32 key => Said[]) private _said;
    mapping(bytes32 key => mapping(uint64 issuer => uint256)) private _placeFromOne;

    /// @param participants_ Says whose keys count, and who may do what.
    constructor(IParticipantRegistry participants_) EIP712("Furrow", "1") {
        participants = participants_;
    }

    /// @inheritdoc ILotRegistry
    function recallsOf(bytes32 key) external view returns (Said[] memory) {
        return _said[key];
    }

    /// @inheritdoc ILotRegistry
    function registrationDigest(uint64 producer, Lot[] calldata lots_) public view returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](lots_.length);
        for (uint256 i = 0; i < lots_.length; ++i) {
            hashes[i] = keccak256(abi.encode(LOT_TYPE, lots_[i]));
        }
        return _hashTypedDataV4(
            keccak256(abi.encode(REGISTRATION_TYPE, producer, keccak256(abi.encodePacked(hashes))))
        );
    }

    /// @inheritdoc ILotRegistry
    function recallDigest(Recall calldata r) public view returns (bytes32) {
        bytes32 keys = keccak256(abi.encodePacked(r.keys));
        return
            _hashTypedDataV4(keccak256(abi.encode(RECALL_TYPE, keys, r.issuer, r.nonce, r.class, r.notice)));
    }

    /// @inheritdoc ILotRegistry
    function registerLots(uint64 producer, Lot[] calldata lots_, bytes calldata signature) external {
        _requireBatch(lots_.length);
        uint32 roles = participants.rolesOf(producer);
        if (roles & Roles.SUPPLIER == 0) revert RoleMissing(producer, roles);
        _requireSigned(producer, registrationDigest(producer, lots_), signature);
        for (uint256 i = 0; i < lots_.length; ++i) {
            _register(producer, lots_[i]);
        }
    }

    /// @inheritdoc ILotRegistry
    function recall(Recall calldata r, bytes calldata signature) external {
        _requireBatch(r.keys.length);
        if (r.class > 3) revert ClassInvalid(r.class);
        uint64 expected = nonces[r.issuer] + 1;
        if (r.nonce != expected) revert NonceInvalid(r.issuer, r.nonce, expected);
        _requireSigned(r.issuer, recallDigest(r), signature);
        nonces[r.issuer] = r.nonce;
        bool any = participants.rolesOf(r.issuer) & (Roles.AUTHORITY | Roles.RETAILER) != 0;
        for (uint256 i = 0; i < r.keys.length; ++i) {
            uint64 producer = lots[r.keys[i]].producer;
            if (producer == 0) revert LotUnknown(r.keys[i]);
            if (!any && producer != r.issuer) revert NotIssuersLot(r.keys[i], r.issuer);
            _say(r.keys[i], Said(r.issuer, r.nonce, r.class, uint40(block.number), r.notice));
        }
    }

    function _register(uint64 producer, Lot calldata lot) private {
        uint64 holder = lots[lot.key].producer;
        if (holder != 0) {
            emit LotSkipped(lot.key, producer, holder);
            return;
        }
        lots[lot.key] = Registered(producer, lot.madeOn, uint40(block.number), lot.commitment);
        emit LotRegistered(lot.key, producer, lot.madeOn, lot.commitment);
    }

    function _say(bytes32 key, Said memory said) private {
        uint256 place = _placeFromOne[key][said.issuer];
        if (place == 0) {
            _said[key].push(said);
            _placeFromOne[key][said.issuer] = _said[key].length;
        } else {
            _said[key][place - 1] = said;
        }
        emit Recalled(key, said.issuer, said.nonce, said.class, said.notice);
    }

    function _requireSigned(uint64 member, bytes32 digest, bytes calldata signature) private view {
        (address account, ECDSA.RecoverError problem,) = ECDSA.tryRecover(digest, signature);
        if (problem != ECDSA.RecoverError.NoError || !participants.holds(member, account)) {
            revert SignatureInvalid(member, account);
        }
    }

    function _requireBatch(uint256 count) private pure {
        if (count == 0 || count > MOST) revert BatchInvalid(count, MOST);
    }
}
