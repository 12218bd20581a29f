// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {ILotRegistry} from "../src/ILotRegistry.sol";
import {Chain} from "./Chain.sol";

/// @notice Registers and recalls at random, well and badly, and keeps account of what must be there.
contract Growers is Chain {
    uint256 public constant LOTS = 12;

    uint64 private rival;
    /// @notice What should not have happened; a failed `require` would only undo the call.
    string public wrong;
    mapping(bytes32 key => uint64) public first;
    mapping(bytes32 key => bytes32) public commitment;
    mapping(uint64 issuer => uint64) public told;
    mapping(bytes32 key => mapping(uint64 issuer => uint64)) public last;
    mapping(bytes32 key => uint256) public speakers;

    function setUp() public override {
        super.setUp();
        rival = participants.enrol(1, "rival", vm.addr(STRANGER_KEY), false);
    }

    function theLots() external view returns (ILotRegistry) {
        return lots;
    }

    function issuers() public view returns (uint64[4] memory) {
        return [grower, rival, retailer, authority];
    }

    function keyOf(uint256 number) public pure returns (bytes32) {
        return keccak256(abi.encode("lot", number % LOTS));
    }

    function _key(uint256 who) private pure returns (uint256) {
        return [GROWER_KEY, STRANGER_KEY, RETAILER_KEY, AUTHORITY_KEY][who];
    }

    /// One of two growers claims one lot or two, under its own signature or another's.
    function register(bool who, bool forged, uint8 number, uint8 count, bytes32 content) external {
        ILotRegistry.Lot[] memory all = new ILotRegistry.Lot[](1 + count % 2);
        for (uint256 i = 0; i < all.length; ++i) {
            all[i] = ILotRegistry.Lot(keyOf(uint256(number) + i), 20_000, content);
        }
        uint64 producer = who ? grower : rival;
        uint256 signer = who != forged ? GROWER_KEY : STRANGER_KEY;
        bytes memory signature = signed(signer, lots.registrationDigest(producer, all));
        try lots.registerLots(producer, all, signature) {
            if (forged) wrong = "another's signature was taken";
        } catch {
            if (!forged) wrong = "a good registration was refused";
            return;
        }
        for (uint256 i = 0; i < all.length; ++i) {
            if (first[all[i].key] != 0) continue;
            (first[all[i].key], commitment[all[i].key]) = (producer, content);
        }
    }

    /// Anybody calls a lot back, or takes that back, under the next number or another.
    function recall(uint8 who, uint8 number, uint8 class, uint64 ahead) external {
        uint64 issuer = issuers()[who % 4];
        bytes32[] memory keys = new bytes32[](1);
        keys[0] = keyOf(number);
        uint64 nonce = told[issuer] + 1 + (ahead % 4 == 0 ? ahead % 3 : 0);
        ILotRegistry.Recall memory r = ILotRegistry.Recall(keys, issuer, nonce, class % 5, "notice");
        bytes memory signature = signed(_key(who % 4), lots.recallDigest(r));
        bool may = first[keys[0]] != 0 && (who % 4 > 1 || first[keys[0]] == issuer);
        bool good = may && nonce == told[issuer] + 1 && class % 5 < 4;
        try lots.recall(r, signature) {
            if (!good) wrong = "what must be refused was taken";
        } catch {
            if (good) wrong = "a good recall was refused";
            return;
        }
        told[issuer] = nonce;
        if (last[keys[0]][issuer] == 0) ++speakers[keys[0]];
        last[keys[0]][issuer] = nonce;
    }
}

contract LotRegistryInvariant {
    Growers private growers;

    function setUp() external {
        growers = new Growers();
        growers.setUp();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(growers);
    }

    struct Selectors {
        address at;
        bytes4[] selectors;
    }

    function targetSelectors() external view returns (Selectors[] memory chosen) {
        chosen = new Selectors[](1);
        bytes4[] memory selectors = new bytes4[](2);
        (selectors[0], selectors[1]) = (Growers.register.selector, Growers.recall.selector);
        chosen[0] = Selectors(address(growers), selectors);
    }

    function invariant_what_must_be_refused_is_and_nothing_else() external view {
        require(bytes(growers.wrong()).length == 0, growers.wrong());
    }

    function invariant_a_lot_is_for_ever_what_its_first_producer_said() external view {
        for (uint256 i = 0; i < growers.LOTS(); ++i) {
            bytes32 key = growers.keyOf(i);
            (uint64 producer,,, bytes32 commitment) = growers.theLots().lots(key);
            require(producer == growers.first(key) && commitment == growers.commitment(key));
        }
    }

    function invariant_each_issuers_last_word_stands_and_nobody_elses_is_lost() external view {
        uint64[4] memory issuers = growers.issuers();
        for (uint256 i = 0; i < growers.LOTS(); ++i) {
            bytes32 key = growers.keyOf(i);
            ILotRegistry.Said[] memory said = growers.theLots().recallsOf(key);
            require(said.length == growers.speakers(key));
            for (uint256 j = 0; j < said.length; ++j) {
                require(said[j].nonce == growers.last(key, said[j].issuer));
            }
        }
        for (uint256 i = 0; i < 4; ++i) {
            require(growers.theLots().nonces(issuers[i]) == growers.told(issuers[i]));
        }
    }
}
