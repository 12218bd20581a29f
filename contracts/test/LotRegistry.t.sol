// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {ILotRegistry} from "../src/ILotRegistry.sol";
import {Chain} from "./Chain.sol";

contract LotRegistryTest is Chain {
    function batch(uint256 count) private pure returns (ILotRegistry.Lot[] memory all) {
        all = new ILotRegistry.Lot[](count);
        for (uint256 i = 0; i < count; ++i) {
            all[i] = ILotRegistry.Lot(keccak256(abi.encode(i)), uint32(20_000 + i), bytes32(i));
        }
    }

    function register(uint64 producer, uint256 key, ILotRegistry.Lot[] memory all) private {
        bytes memory signature = signed(key, lots.registrationDigest(producer, all));
        lots.registerLots(producer, all, signature);
    }

    function say(uint64 issuer, uint256 key, bytes32 lot, uint64 nonce, uint8 class)
        private
        view
        returns (ILotRegistry.Recall memory r, bytes memory signature)
    {
        bytes32[] memory keys = new bytes32[](1);
        keys[0] = lot;
        r = ILotRegistry.Recall(keys, issuer, nonce, class, "notice");
        signature = signed(key, lots.recallDigest(r));
    }

    function test_a_producer_registers_two_hundred_lots_under_one_signature() external {
        ILotRegistry.Lot[] memory all = batch(200);
        uint256 before = gasleft();
        register(grower, GROWER_KEY, all);
        require(before - gasleft() < 12_000_000, "fits a transaction");
        (uint64 producer, uint32 madeOn, uint40 inBlock, bytes32 commitment) = lots.lots(all[7].key);
        require(producer == grower && madeOn == 20_007 && inBlock == 100 && commitment == bytes32(uint256(7)));
    }

    function test_two_hundred_and_one_are_too_many() external {
        ILotRegistry.Lot[] memory all = batch(201);
        bytes memory signature = signed(GROWER_KEY, lots.registrationDigest(grower, all));
        vm.expectRevert(abi.encodeWithSelector(ILotRegistry.BatchInvalid.selector, 201, 200));
        lots.registerLots(grower, all, signature);
    }

    function test_the_first_to_register_a_key_keeps_it() external {
        register(grower, GROWER_KEY, batch(1));
        uint64 rival = participants.enrol(1, "rival", vm.addr(STRANGER_KEY), false);
        register(rival, STRANGER_KEY, batch(2));
        (uint64 first,,,) = lots.lots(keccak256(abi.encode(0)));
        (uint64 second,,,) = lots.lots(keccak256(abi.encode(1)));
        require(first == grower && second == rival);
    }

    function test_only_a_supplier_registers_and_only_by_its_own_key() external {
        ILotRegistry.Lot[] memory all = batch(1);
        bytes memory signature = signed(RETAILER_KEY, lots.registrationDigest(retailer, all));
        vm.expectRevert(abi.encodeWithSelector(ILotRegistry.RoleMissing.selector, retailer, 2));
        lots.registerLots(retailer, all, signature);

        signature = signed(STRANGER_KEY, lots.registrationDigest(grower, all));
        vm.expectRevert(
            abi.encodeWithSelector(ILotRegistry.SignatureInvalid.selector, grower, vm.addr(STRANGER_KEY))
        );
        lots.registerLots(grower, all, signature);
    }

    function test_producer_retailer_and_authority_recall_and_each_withdraws_only_its_own() external {
        register(grower, GROWER_KEY, batch(1));
        bytes32 lot = keccak256(abi.encode(0));
        (ILotRegistry.Recall memory r, bytes memory signature) = say(grower, GROWER_KEY, lot, 1, 2);
        lots.recall(r, signature);
        (r, signature) = say(authority, AUTHORITY_KEY, lot, 1, 1);
        lots.recall(r, signature);
        (r, signature) = say(retailer, RETAILER_KEY, lot, 1, 3);
        lots.recall(r, signature);
        (r, signature) = say(grower, GROWER_KEY, lot, 2, 0);
        lots.recall(r, signature);

        ILotRegistry.Said[] memory said = lots.recallsOf(lot);
        require(said.length == 3 && lots.nonces(grower) == 2);
        require(said[0].issuer == grower && said[0].class == 0 && said[0].nonce == 2);
        require(said[1].issuer == authority && said[1].class == 1 && said[1].notice == "notice");
        require(said[2].issuer == retailer && said[2].class == 3);
    }

    function test_a_recall_cannot_be_replayed() external {
        register(grower, GROWER_KEY, batch(1));
        (ILotRegistry.Recall memory r, bytes memory signature) =
            say(grower, GROWER_KEY, keccak256(abi.encode(0)), 1, 2);
        lots.recall(r, signature);
        vm.expectRevert(abi.encodeWithSelector(ILotRegistry.NonceInvalid.selector, grower, 1, 2));
        lots.recall(r, signature);
    }

    function test_a_rival_cannot_recall_and_nobody_recalls_what_is_not_there() external {
        register(grower, GROWER_KEY, batch(1));
        uint64 rival = participants.enrol(1, "rival", vm.addr(STRANGER_KEY), false);
        bytes32 lot = keccak256(abi.encode(0));
        (ILotRegistry.Recall memory r, bytes memory signature) = say(rival, STRANGER_KEY, lot, 1, 1);
        vm.expectRevert(abi.encodeWithSelector(ILotRegistry.NotIssuersLot.selector, lot, rival));
        lots.recall(r, signature);

        (r, signature) = say(authority, AUTHORITY_KEY, "nothing", 1, 1);
        vm.expectRevert(abi.encodeWithSelector(ILotRegistry.LotUnknown.selector, bytes32("nothing")));
        lots.recall(r, signature);

        (r, signature) = say(grower, GROWER_KEY, lot, 1, 4);
        vm.expectRevert(abi.encodeWithSelector(ILotRegistry.ClassInvalid.selector, 4));
        lots.recall(r, signature);
    }
}
