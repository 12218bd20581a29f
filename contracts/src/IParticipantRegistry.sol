// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// @title Who takes part
/// @notice Members are numbered from 1 and keep their number for good; their keys come and go, with the blocks
/// in which they counted. Nothing is ever deleted.
interface IParticipantRegistry {
    /// @notice One key of a member.
    /// @param account The address whose signatures count.
    /// @param fromBlock The block in which the key was added.
    /// @param toBlock The block in which it was revoked, 0 while it is in force. What was accepted earlier in
    /// that block stands.
    /// @param hubHeld Whether the hub holds the key: what it signs is then the hub's testimony.
    struct Key {
        address account;
        uint40 fromBlock;
        uint40 toBlock;
        bool hubHeld;
    }

    /// @notice A member joined.
    event MemberEnrolled(uint64 indexed member, uint32 roles, bytes32 identity);

    /// @notice A member's roles were changed.
    event RolesChanged(uint64 indexed member, uint32 roles);

    /// @notice A key began to count for a member.
    event KeyAdded(uint64 indexed member, address indexed account, bool hubHeld);

    /// @notice A key ceased to count, from this block on.
    event KeyRevoked(uint64 indexed member, address indexed account);

    /// @notice Thrown when no member has this number.
    error MemberUnknown(uint64 member);

    /// @notice Thrown when roles are empty or hold a bit that has no meaning.
    error RolesInvalid(uint32 roles);

    /// @notice Thrown when the zero address is offered as a key.
    error KeyInvalid(address account);

    /// @notice Thrown when an address is, or ever was, a key of some member: a key speaks for one member only.
    error KeyTaken(address account, uint64 member);

    /// @notice Thrown when the key does not count for the member in this block.
    error KeyNotInForce(uint64 member, address account);

    /// @notice The number of members; the newest member has this number.
    function memberCount() external view returns (uint64);

    /// @notice A member's roles, the bits of `Roles`; 0 for a number not given out.
    function rolesOf(uint64 member) external view returns (uint32);

    /// @notice The commitment to who the member is, as enrolled.
    function identityOf(uint64 member) external view returns (bytes32);

    /// @notice The member that an address is, or was, a key of; 0 for none.
    function memberOf(address account) external view returns (uint64);

    /// @notice All keys a member ever had, oldest first.
    function keysOf(uint64 member) external view returns (Key[] memory);

    /// @notice Whether the key counts for the member now.
    function holds(uint64 member, address account) external view returns (bool);

    /// @notice Whether the key counted for the member in a given block.
    function heldAt(uint64 member, address account, uint256 blockNumber) external view returns (bool);

    /// @notice Enrol a member with its first key.
    /// @param identity A salted commitment to who the member is.
    /// @return member The number given.
    function enrol(uint32 roles, bytes32 identity, address account, bool hubHeld)
        external
        returns (uint64 member);

    /// @notice Change what a member may do.
    function changeRoles(uint64 member, uint32 roles) external;

    /// @notice Add a key to a member.
    function addKey(uint64 member, address account, bool hubHeld) external;

    /// @notice Revoke a member's key from this block on.
    function revokeKey(uint64 member, address account) external;
}
