// SPDX-License-Identifier: Apache-2.0
// Storage as README.md states it and as the C readers of eth_getProof count on it, bit by bit.
pragma solidity 0.8.37;

import {IEhrRegistry} from "../src/IEhrRegistry.sol";
import {Fixture} from "./Fixture.sol";

contract LayoutTest is Fixture {
    bytes32 private folderId;

    function setUp() public override {
        super.setUp();
        folderId = open(patient, "");
    }

    function test_base_is_the_erc7201_slot() public pure {
        bytes32 id = keccak256("ehrd.storage.Registry");
        bytes32 base = keccak256(abi.encode(uint256(id) - 1)) & ~bytes32(uint256(0xff));
        vm.assertEq(base, BASE);
    }

    function test_account() public {
        register(stranger, IEhrRegistry.Role.Organisation, LATER);
        suspend(stranger);
        vm.assertEq(word(accountSlot(stranger)), 3 | (2 << 8) | (uint256(LATER) << 16));
    }

    function test_key_card() public {
        vm.prank(patient);
        registry.setKeyCard(CARD);
        vm.assertEq(word(keyCardSlot(patient)), uint256(CARD));
    }

    function test_folder() public {
        vm.prank(patient);
        registry.rotateFolder(folderId, 1, KEY_HASH_2);
        bytes32 slot = folderSlot(folderId);
        vm.assertEq(word(slot), uint160(patient) | (uint256(2) << 160) | (uint256(1) << 192));
        vm.assertEq(word(bytes32(uint256(slot) + 1)), uint256(KEY_HASH_2));
    }

    function test_grant() public {
        take(folderId, RECORD, physician);
        give(folderId, RECORD, physician, 11);
        uint256 period = (NOW << 8) | (uint256(LATER) << 72);
        uint256 expected = 11 | period | (uint256(1) << 136) | (uint256(1) << 144);
        vm.assertEq(word(grantSlot(folderId, RECORD, physician)), expected);
        take(folderId, RECORD, physician);
        expected = 11 | period | (uint256(2) << 136) | (uint256(2) << 144);
        vm.assertEq(word(grantSlot(folderId, RECORD, physician)), expected);
    }

    function test_record() public {
        add(patient, folderId, RECORD);
        vm.prank(patient);
        registry.amendRecord(folderId, RECORD, 1, 1, INNER_2);
        vm.prank(patient);
        registry.setRecordStatus(folderId, RECORD, 2, IEhrRegistry.RecordStatus.EnteredInError);
        (bytes26 commitment,,) = registry.recordOf(folderId, RECORD);
        uint256 expected = uint208(commitment) | (uint256(2) << 208) | (uint256(2) << 240);
        vm.assertEq(word(recordSlot(folderId, RECORD)), expected);
        vm.prank(patient);
        registry.setRecordStatus(folderId, RECORD, 2, IEhrRegistry.RecordStatus.Removed);
        expected = uint208(commitment) | (uint256(2) << 208) | (uint256(3) << 240) | (1 << 248);
        vm.assertEq(word(recordSlot(folderId, RECORD)), expected);
    }

    function word(bytes32 slot) private view returns (uint256) {
        return uint256(vm.load(address(registry), slot));
    }
}
