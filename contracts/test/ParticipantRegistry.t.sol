// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {Factory} from "../src/Factory.sol";
import {IParticipantRegistry} from "../src/IParticipantRegistry.sol";
import {ParticipantRegistry} from "../src/ParticipantRegistry.sol";
import {Chain} from "./Chain.sol";

contract ParticipantRegistryTest is Chain {
    function test_members_are_numbered_from_one_and_keep_what_they_were_enrolled_with() external view {
        require(grower == 1 && retailer == 2 && authority == 3 && participants.memberCount() == 3);
        require(participants.rolesOf(grower) == 1 && participants.identityOf(grower) == "grower");
        IParticipantRegistry.Key[] memory keys = participants.keysOf(grower);
        require(keys.length == 1 && keys[0].fromBlock == 100 && keys[0].toBlock == 0 && keys[0].hubHeld);
        require(!participants.holds(0, address(0)) && !participants.holds(9, address(0)));
    }

    function test_a_key_speaks_for_one_member_only_even_once_revoked() external {
        participants.revokeKey(grower, vm.addr(GROWER_KEY));
        vm.expectRevert(
            abi.encodeWithSelector(IParticipantRegistry.KeyTaken.selector, vm.addr(GROWER_KEY), grower)
        );
        participants.addKey(retailer, vm.addr(GROWER_KEY), false);
        vm.expectRevert(
            abi.encodeWithSelector(IParticipantRegistry.KeyNotInForce.selector, grower, vm.addr(GROWER_KEY))
        );
        participants.revokeKey(grower, vm.addr(GROWER_KEY));
    }

    function test_unknown_members_roles_and_keys_are_refused() external {
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.MemberUnknown.selector, 4));
        participants.addKey(4, address(0xBEEF), false);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.RolesInvalid.selector, 32));
        participants.changeRoles(grower, 32);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.KeyInvalid.selector, address(0)));
        participants.addKey(grower, address(0), false);
    }

    function test_only_the_registrar_enrols() external {
        vm.expectRevert(
            abi.encodeWithSelector(
                IAccessControl.AccessControlUnauthorizedAccount.selector,
                address(0xdead),
                participants.REGISTRAR_ROLE()
            )
        );
        vm.prank(address(0xdead));
        participants.enrol(1, "", address(0xBEEF), false);
    }

    function test_an_address_follows_from_code_and_arguments() external {
        Factory factory = new Factory();
        bytes memory code =
            abi.encodePacked(type(ParticipantRegistry).creationCode, abi.encode(address(1), address(2)));
        address expected = factory.addressOf("salt", keccak256(code));
        require(factory.deploy("salt", code) == expected && expected.code.length != 0);
        vm.expectRevert(abi.encodeWithSelector(Factory.NotDeployed.selector, expected));
        factory.deploy("salt", code);
    }
}
