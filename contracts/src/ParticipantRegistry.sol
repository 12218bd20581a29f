// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {IParticipantRegistry} from "./IParticipantRegistry.sol";
import {Roles} from "./Roles.sol";

/// @title Who takes part
contract ParticipantRegistry is IParticipantRegistry, AccessControl {
    /// @notice May enrol members and change their roles and keys.
    bytes32 public constant REGISTRAR_ROLE = keccak256("REGISTRAR_ROLE");

    /// @inheritdoc IParticipantRegistry
    uint64 public memberCount;
    /// @inheritdoc IParticipantRegistry
    mapping(uint64 member => uint32) public rolesOf;
    /// @inheritdoc IParticipantRegistry
    mapping(uint64 member => bytes32) public identityOf;
    /// @inheritdoc IParticipantRegistry
    mapping(address account => uint64) public memberOf;

    mapping(uint64 member => Key[]) private _keys;
    mapping(address account => uint256) private _place;

    /// @param admin Hands the registrar's role on.
    /// @param registrar The first to hold it.
    constructor(address admin, address registrar) {
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
        _grantRole(REGISTRAR_ROLE, registrar);
    }

    /// @inheritdoc IParticipantRegistry
    function keysOf(uint64 member) external view returns (Key[] memory) {
        return _keys[member];
    }

    /// @inheritdoc IParticipantRegistry
    function holds(uint64 member, address account) public view returns (bool) {
        return _isKeyOf(member, account) && _keys[member][_place[account]].toBlock == 0;
    }

    /// @inheritdoc IParticipantRegistry
    function heldAt(uint64 member, address account, uint256 blockNumber) external view returns (bool) {
        if (!_isKeyOf(member, account)) return false;
        Key storage key = _keys[member][_place[account]];
        return key.fromBlock <= blockNumber && (key.toBlock == 0 || blockNumber <= key.toBlock);
    }

    /// @inheritdoc IParticipantRegistry
    function enrol(uint32 roles, bytes32 identity, address account, bool hubHeld)
        external
        onlyRole(REGISTRAR_ROLE)
        returns (uint64 member)
    {
        _requireRoles(roles);
        member = ++memberCount;
        rolesOf[member] = roles;
        identityOf[member] = identity;
        emit MemberEnrolled(member, roles, identity);
        _addKey(member, account, hubHeld);
    }

    /// @inheritdoc IParticipantRegistry
    function changeRoles(uint64 member, uint32 roles) external onlyRole(REGISTRAR_ROLE) {
        _requireMember(member);
        _requireRoles(roles);
        rolesOf[member] = roles;
        emit RolesChanged(member, roles);
    }

    /// @inheritdoc IParticipantRegistry
    function addKey(uint64 member, address account, bool hubHeld) external onlyRole(REGISTRAR_ROLE) {
        _requireMember(member);
        _addKey(member, account, hubHeld);
    }

    /// @inheritdoc IParticipantRegistry
    function revokeKey(uint64 member, address account) external onlyRole(REGISTRAR_ROLE) {
        if (!holds(member, account)) revert KeyNotInForce(member, account);
        _keys[member][_place[account]].toBlock = uint40(block.number);
        emit KeyRevoked(member, account);
    }

    function _addKey(uint64 member, address account, bool hubHeld) private {
        if (account == address(0)) revert KeyInvalid(account);
        if (memberOf[account] != 0) revert KeyTaken(account, memberOf[account]);
        memberOf[account] = member;
        _place[account] = _keys[member].length;
        _keys[member].push(Key(account, uint40(block.number), 0, hubHeld));
        emit KeyAdded(member, account, hubHeld);
    }

    function _isKeyOf(uint64 member, address account) private view returns (bool) {
        return member != 0 && memberOf[account] == member;
    }

    function _requireMember(uint64 member) private view {
        if (member == 0 || member > memberCount) revert MemberUnknown(member);
    }

    function _requireRoles(uint32 roles) private pure {
        if (roles == 0 || roles & ~Roles.ALL != 0) revert RolesInvalid(roles);
    }
}
