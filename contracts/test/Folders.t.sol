// SPDX-License-Identifier: Apache-2.0
// Folders and grants: opening, rotating, handing over, granting, revoking.
pragma solidity 0.8.37;

import {IEhrRegistry} from "../src/IEhrRegistry.sol";
import {Fixture} from "./Fixture.sol";

contract FoldersTest is Fixture {
    bytes32 private folderId;

    function setUp() public override {
        super.setUp();
        folderId = open(patient, "");
    }

    function test_opens_at_epoch_one() public view {
        (address owner, uint32 epoch, uint8 status, bytes32 keyHash) = registry.folderOf(folderId);
        vm.assertEq(owner, patient);
        vm.assertEq(epoch, 1);
        vm.assertEq(status, 1);
        vm.assertEq(keyHash, KEY_HASH);
    }

    function testFuzz_id_binds_chain_registry_owner_and_salt(address owner, bytes32 salt) public {
        vm.assume(owner != address(0) && owner != address(proxyAdmin()));
        vm.assume(owner != patient || salt != 0);
        bytes32 id = keccak256(
            abi.encode(keccak256("ehrd/folder/v1"), block.chainid, address(registry), owner, salt)
        );
        vm.assertEq(registry.folderIdOf(owner, salt), id);
        vm.expectEmit(address(registry));
        emit IEhrRegistry.FolderOpened(id, owner, KEY_HASH);
        vm.assertEq(open(owner, salt), id);
    }

    function test_refuses_to_open_twice() public {
        refuse(abi.encodeWithSelector(IEhrRegistry.FolderExists.selector, folderId));
        open(patient, "");
    }

    function test_refuses_an_empty_key_hash() public {
        bytes32 id = registry.folderIdOf(patient, "x");
        refuse(abi.encodeWithSelector(IEhrRegistry.FolderInvalidKeyHash.selector, id));
        vm.prank(patient);
        registry.openFolder("x", 0);
        refuse(abi.encodeWithSelector(IEhrRegistry.FolderInvalidKeyHash.selector, folderId));
        vm.prank(patient);
        registry.rotateFolder(folderId, 1, 0);
    }

    function test_rotates() public {
        vm.expectEmit(address(registry));
        emit IEhrRegistry.FolderRotated(folderId, 2, KEY_HASH_2);
        vm.prank(patient);
        registry.rotateFolder(folderId, 1, KEY_HASH_2);
        (, uint32 epoch,, bytes32 keyHash) = registry.folderOf(folderId);
        vm.assertEq(epoch, 2);
        vm.assertEq(keyHash, KEY_HASH_2);
    }

    function testFuzz_refuses_to_rotate_from_another_epoch(uint32 epoch) public {
        vm.assume(epoch != 1);
        refuse(abi.encodeWithSelector(IEhrRegistry.StaleEpoch.selector, 1));
        vm.prank(patient);
        registry.rotateFolder(folderId, epoch, KEY_HASH_2);
    }

    function test_hands_over_with_grants_and_records() public {
        give(folderId, 0, physician, ADD);
        vm.expectEmit(address(registry));
        emit IEhrRegistry.FolderTransferred(folderId, stranger);
        vm.prank(patient);
        registry.transferFolder(folderId, stranger);
        add(physician, folderId, RECORD);
        refuse(
            abi.encodeWithSelector(
                IEhrRegistry.FolderNotOwned.selector, folderId, patient, stranger
            )
        );
        vm.prank(patient);
        registry.revoke(folderId, 0, physician);
    }

    function test_refuses_to_hand_over_to_nobody_self_or_the_suspended() public {
        suspend(physician);
        refuseTransfer(address(0), IEhrRegistry.FolderInvalidOwner.selector);
        refuseTransfer(patient, IEhrRegistry.FolderInvalidOwner.selector);
        refuse(abi.encodeWithSelector(IEhrRegistry.AccountSuspended.selector, physician));
        vm.prank(patient);
        registry.transferFolder(folderId, physician);
    }

    function test_refuses_the_unknown_folder() public {
        refuse(abi.encodeWithSelector(IEhrRegistry.FolderUnknown.selector, bytes32("no")));
        vm.prank(patient);
        registry.revoke("no", 0, physician);
        refuse(abi.encodeWithSelector(IEhrRegistry.FolderUnknown.selector, bytes32("no")));
        vm.prank(patient);
        registry.addRecord("no", RECORD, 1, INNER);
    }

    function testFuzz_grants(bytes32 scope, address holder, uint8 p, uint64 from, uint64 to)
        public
    {
        vm.assume(holder != address(0) && p & 15 != 0 && to > NOW && from < to);
        vm.expectEmit(address(registry));
        emit IEhrRegistry.GrantSet(folderId, scope, holder, p & 15, from, to, 0);
        vm.prank(patient);
        registry.grant(folderId, scope, holder, p & 15, from, to, 0);
        (uint8 permissions, uint64 notBefore, uint64 notAfter, uint8 status, uint32 generation) =
            registry.grantOf(folderId, scope, holder);
        vm.assertEq(permissions, p & 15);
        vm.assertEq(notBefore, from);
        vm.assertEq(notAfter, to);
        vm.assertEq(status, 1);
        vm.assertEq(generation, 0);
    }

    function testFuzz_refuses_permissions_without_meaning(uint8 permissions) public {
        vm.assume(permissions == 0 || permissions > 15);
        refuse(abi.encodeWithSelector(IEhrRegistry.GrantInvalidPermissions.selector, permissions));
        vm.prank(patient);
        registry.grant(folderId, 0, physician, permissions, 0, LATER, 0);
    }

    function testFuzz_refuses_a_grant_without_time(uint64 from, uint64 to) public {
        vm.assume(to <= NOW || to <= from);
        refuse(abi.encodeWithSelector(IEhrRegistry.GrantInvalidPeriod.selector, from, to));
        vm.prank(patient);
        registry.grant(folderId, 0, physician, VIEW, from, to, 0);
    }

    function test_refuses_a_grant_to_nobody() public {
        refuse(abi.encodeWithSelector(IEhrRegistry.GrantInvalidHolder.selector, address(0)));
        vm.prank(patient);
        registry.grant(folderId, 0, address(0), VIEW, 0, LATER, 0);
    }

    function testFuzz_a_grant_lives_from_begin_to_before_its_end(uint64 from, uint64 to, uint64 t)
        public
    {
        vm.assume(to > NOW && from < to);
        vm.prank(patient);
        registry.grant(folderId, 0, physician, ADD, from, to, 0);
        vm.warp(t);
        if (t < from || t >= to) refuse(notPermitted(folderId, RECORD, physician, ADD));
        vm.prank(physician);
        registry.addRecord(folderId, RECORD, 1, INNER);
    }

    function test_revokes_at_once() public {
        give(folderId, 0, physician, 15);
        vm.expectEmit(address(registry));
        emit IEhrRegistry.GrantRevoked(folderId, 0, physician, 1);
        take(folderId, 0, physician);
        refuse(notPermitted(folderId, RECORD, physician, ADD));
        vm.prank(physician);
        registry.addRecord(folderId, RECORD, 1, INNER);
    }

    function testFuzz_every_revoke_counts_on_an_empty_slot_too(bytes32 scope, uint8 times) public {
        times = times % 8 + 1;
        for (uint256 i = 0; i < times; i++) {
            take(folderId, scope, physician);
        }
        (,,, uint8 status, uint32 generation) = registry.grantOf(folderId, scope, physician);
        vm.assertEq(status, 2);
        vm.assertEq(generation, times);
    }

    function test_a_withheld_grant_cannot_land_after_a_revoke() public {
        take(folderId, 0, physician);
        refuse(abi.encodeWithSelector(IEhrRegistry.GenerationMismatch.selector, 1));
        vm.prank(patient);
        registry.grant(folderId, 0, physician, 15, uint64(NOW), LATER, 0);
    }

    function test_can_be_granted_again_after_a_revoke() public {
        give(folderId, 0, physician, 15);
        take(folderId, 0, physician);
        give(folderId, 0, physician, ADD);
        add(physician, folderId, RECORD);
        (uint8 permissions,,,, uint32 generation) = registry.grantOf(folderId, 0, physician);
        vm.assertEq(permissions, ADD);
        vm.assertEq(generation, 1);
    }

    function refuseTransfer(address to, bytes4 selector) private {
        refuse(abi.encodeWithSelector(selector, folderId, to));
        vm.prank(patient);
        registry.transferFolder(folderId, to);
    }
}
