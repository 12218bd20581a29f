// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// @title Makes contracts at addresses that follow from their code and arguments
/// @notice The first contract of the hub's account, so that every later address is known before the chain runs.
contract Factory {
    /// @notice A contract was made.
    event Deployed(address indexed made, bytes32 codeHash);

    /// @notice Thrown when the contract stands already, or its constructor refused.
    error NotDeployed(address expected);

    /// @notice Where `deploy` will put a contract.
    function addressOf(bytes32 salt, bytes32 initCodeHash) public view returns (address) {
        return address(
            uint160(uint256(keccak256(abi.encodePacked(bytes1(0xff), address(this), salt, initCodeHash))))
        );
    }

    /// @notice Make a contract; anyone may, since its address commits to its code and arguments.
    /// @param initCode Creation code followed by the encoded constructor arguments.
    function deploy(bytes32 salt, bytes memory initCode) external returns (address made) {
        assembly ("memory-safe") {
            made := create2(0, add(initCode, 0x20), mload(initCode), salt)
        }
        if (made == address(0)) revert NotDeployed(addressOf(salt, keccak256(initCode)));
        emit Deployed(made, made.codehash);
    }
}
