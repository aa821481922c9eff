// SPDX-License-Identifier: Apache-2.0
// Records: adding, amending, resealing, marking, and what their commitments bind.
pragma solidity 0.8.37;

import {IEhrRegistry} from "../src/IEhrRegistry.sol";
import {Fixture} from "./Fixture.sol";

contract RecordsTest is Fixture {
    IEhrRegistry.RecordStatus private constant ACTIVE = IEhrRegistry.RecordStatus.Active;
    IEhrRegistry.RecordStatus private constant IN_ERROR = IEhrRegistry.RecordStatus.EnteredInError;
    IEhrRegistry.RecordStatus private constant REMOVED = IEhrRegistry.RecordStatus.Removed;

    bytes32 private folderId;

    function setUp() public override {
        super.setUp();
        folderId = open(patient, "");
        give(folderId, 0, physician, 15);
    }

    function testFuzz_adds_with_a_commitment_that_binds_everything(bytes32 id, bytes32 inner)
        public
    {
        vm.assume(id != 0);
        bytes26 bound = commitment(id, 1, 1, physician, inner);
        vm.expectEmit(address(registry));
        emit IEhrRegistry.RecordAdded(folderId, id, 1, 1, physician, bound);
        vm.prank(physician);
        registry.addRecord(folderId, id, 1, inner);
        expectRecord(id, bound, 1, ACTIVE);
    }

    function test_refuses_to_add_twice() public {
        add(physician, folderId, RECORD);
        refuse(abi.encodeWithSelector(IEhrRegistry.RecordExists.selector, folderId, RECORD));
        vm.prank(patient);
        registry.addRecord(folderId, RECORD, 1, INNER);
    }

    function test_refuses_to_add_again_what_was_removed() public {
        add(physician, folderId, RECORD);
        mark(physician, REMOVED);
        refuse(abi.encodeWithSelector(IEhrRegistry.RecordExists.selector, folderId, RECORD));
        vm.prank(physician);
        registry.addRecord(folderId, RECORD, 1, INNER);
    }

    function test_refuses_a_record_without_id() public {
        refuse(abi.encodeWithSelector(IEhrRegistry.RecordInvalidId.selector, folderId));
        vm.prank(physician);
        registry.addRecord(folderId, 0, 1, INNER);
    }

    function testFuzz_refuses_what_was_sealed_for_another_epoch(uint32 epoch, uint8 current)
        public
    {
        add(physician, folderId, RECORD);
        rotateTo(current % 5 + 1);
        (, uint32 now_,,) = registry.folderOf(folderId);
        vm.assume(epoch != now_);
        bytes memory stale = abi.encodeWithSelector(IEhrRegistry.StaleEpoch.selector, now_);
        refuse(stale);
        vm.prank(physician);
        registry.addRecord(folderId, OTHER_RECORD, epoch, INNER);
        refuse(stale);
        vm.prank(physician);
        registry.amendRecord(folderId, RECORD, 1, epoch, INNER);
        refuse(stale);
        vm.prank(patient);
        registry.resealRecord(folderId, RECORD, 1, epoch, INNER);
    }

    function test_amends_in_the_epoch_of_the_folder() public {
        add(physician, folderId, RECORD);
        rotateTo(2);
        bytes26 bound = commitment(RECORD, 2, 2, physician, INNER_2);
        vm.expectEmit(address(registry));
        emit IEhrRegistry.RecordAmended(folderId, RECORD, 2, 2, physician, bound);
        vm.prank(physician);
        registry.amendRecord(folderId, RECORD, 1, 2, INNER_2);
        expectRecord(RECORD, bound, 2, ACTIVE);
    }

    function test_reseals_without_a_new_version() public {
        add(physician, folderId, RECORD);
        rotateTo(2);
        bytes26 bound = commitment(RECORD, 1, 2, patient, INNER_2);
        vm.expectEmit(address(registry));
        emit IEhrRegistry.RecordResealed(folderId, RECORD, 1, 2, patient, bound);
        vm.prank(patient);
        registry.resealRecord(folderId, RECORD, 1, 2, INNER_2);
        expectRecord(RECORD, bound, 1, ACTIVE);
    }

    function testFuzz_refuses_another_version(uint32 version) public {
        vm.assume(version != 1);
        add(physician, folderId, RECORD);
        bytes memory mismatch = abi.encodeWithSelector(IEhrRegistry.VersionMismatch.selector, 1);
        refuse(mismatch);
        vm.prank(physician);
        registry.amendRecord(folderId, RECORD, version, 1, INNER);
        refuse(mismatch);
        vm.prank(patient);
        registry.resealRecord(folderId, RECORD, version, 1, INNER);
        refuse(mismatch);
        vm.prank(physician);
        registry.setRecordStatus(folderId, RECORD, version, REMOVED);
    }

    function test_refuses_the_unknown_record() public {
        bytes memory unknown =
            abi.encodeWithSelector(IEhrRegistry.RecordUnknown.selector, folderId, RECORD);
        refuse(unknown);
        vm.prank(physician);
        registry.amendRecord(folderId, RECORD, 0, 1, INNER);
        refuse(unknown);
        vm.prank(patient);
        registry.resealRecord(folderId, RECORD, 0, 1, INNER);
        for (uint8 status = 0; status < 4; status++) {
            refuse(unknown);
            vm.prank(patient);
            registry.setRecordStatus(folderId, RECORD, 0, IEhrRegistry.RecordStatus(status));
        }
    }

    function test_refuses_to_amend_what_is_not_active() public {
        add(physician, folderId, RECORD);
        mark(physician, IN_ERROR);
        refuse(wrongStatus(IN_ERROR));
        vm.prank(physician);
        registry.amendRecord(folderId, RECORD, 1, 1, INNER_2);
        mark(physician, REMOVED);
        refuse(wrongStatus(REMOVED));
        vm.prank(patient);
        registry.resealRecord(folderId, RECORD, 1, 1, INNER_2);
    }

    /// Every change of status that there is, tried from every status.
    function test_changes_of_status() public {
        add(physician, folderId, RECORD);
        expectChanges(ACTIVE, [false, false, true, true]);
        mark(patient, IN_ERROR);
        expectChanges(IN_ERROR, [false, true, false, true]);
        mark(patient, REMOVED);
        expectChanges(REMOVED, [false, true, false, false]);
    }

    /// REMOVE alone must not make an error valid by removing it and bringing it back.
    function test_what_was_removed_in_error_comes_back_in_error() public {
        add(patient, folderId, RECORD);
        give(folderId, 0, stranger, 8);
        mark(physician, IN_ERROR);
        refuse(notPermitted(folderId, RECORD, stranger, 4));
        mark(stranger, ACTIVE);
        mark(stranger, REMOVED);
        vm.expectEmit(address(registry));
        emit IEhrRegistry.RecordStatusSet(folderId, RECORD, 1, 2, stranger);
        mark(stranger, ACTIVE);
        expectRecord(RECORD, commitment(RECORD, 1, 1, patient, INNER), 1, IN_ERROR);
        mark(physician, ACTIVE);
        mark(stranger, REMOVED);
        mark(stranger, ACTIVE);
        expectRecord(RECORD, commitment(RECORD, 1, 1, patient, INNER), 1, ACTIVE);
    }

    function test_a_change_of_status_keeps_version_and_commitment() public {
        add(physician, folderId, RECORD);
        vm.expectEmit(address(registry));
        emit IEhrRegistry.RecordStatusSet(folderId, RECORD, 1, 3, physician);
        mark(physician, REMOVED);
        expectRecord(RECORD, commitment(RECORD, 1, 1, physician, INNER), 1, REMOVED);
    }

    function testFuzz_a_grant_on_a_record_counts_for_that_record_only(bytes32 other) public {
        vm.assume(other != RECORD && other != 0);
        bytes32 otherFolder = open(patient, "second");
        give(folderId, RECORD, stranger, 15);
        add(patient, folderId, other);
        add(patient, otherFolder, RECORD);
        refuse(notPermitted(folderId, other, stranger, AMEND));
        vm.prank(stranger);
        registry.amendRecord(folderId, other, 1, 1, INNER_2);
        refuse(notPermitted(otherFolder, RECORD, stranger, AMEND));
        vm.prank(stranger);
        registry.amendRecord(otherFolder, RECORD, 1, 1, INNER_2);
        add(stranger, folderId, RECORD);
    }

    function test_revoking_the_folder_leaves_the_grant_on_a_record() public {
        add(physician, folderId, RECORD);
        give(folderId, RECORD, physician, AMEND);
        take(folderId, 0, physician);
        vm.prank(physician);
        registry.amendRecord(folderId, RECORD, 1, 1, INNER_2);
        take(folderId, RECORD, physician);
        refuse(notPermitted(folderId, RECORD, physician, AMEND));
        vm.prank(physician);
        registry.amendRecord(folderId, RECORD, 2, 1, INNER_2);
    }

    function expectChanges(IEhrRegistry.RecordStatus from, bool[4] memory allowed) private {
        for (uint8 to = 0; to < 4; to++) {
            uint256 before = vm.snapshotState();
            if (!allowed[to]) refuse(wrongStatus(from));
            mark(patient, IEhrRegistry.RecordStatus(to));
            vm.revertToState(before);
        }
    }

    function mark(address who, IEhrRegistry.RecordStatus status) private {
        vm.prank(who);
        registry.setRecordStatus(folderId, RECORD, 1, status);
    }

    function rotateTo(uint32 epoch) private {
        for (uint32 i = 1; i < epoch; i++) {
            vm.prank(patient);
            registry.rotateFolder(folderId, i, KEY_HASH_2);
        }
    }

    function wrongStatus(IEhrRegistry.RecordStatus status) private view returns (bytes memory) {
        return
            abi.encodeWithSelector(
                IEhrRegistry.RecordInvalidStatus.selector, folderId, RECORD, status
            );
    }

    function commitment(bytes32 id, uint256 version, uint256 epoch, address by, bytes32 inner)
        private
        view
        returns (bytes26)
    {
        bytes memory place =
            abi.encode(keccak256("ehrd/record/v1"), block.chainid, address(registry), folderId, id);
        return bytes26(keccak256(abi.encodePacked(place, abi.encode(version, epoch, by, inner))));
    }

    function expectRecord(
        bytes32 id,
        bytes26 bound,
        uint32 version,
        IEhrRegistry.RecordStatus status
    ) private view {
        (bytes26 c, uint32 v, IEhrRegistry.RecordStatus s) = registry.recordOf(folderId, id);
        vm.assertEq(bytes32(c), bytes32(bound));
        vm.assertEq(v, version);
        vm.assertEq(uint8(s), uint8(status));
    }
}
