// SPDX-License-Identifier: Apache-2.0
// Who may call what: the whole table of roles and functions, allowed and refused.
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {IEhrRegistry} from "../src/IEhrRegistry.sol";
import {Fixture} from "./Fixture.sol";

contract AccessTest is Fixture {
    /// One row of the table: who calls, and a letter for each function of `calls`.
    struct Row {
        string name;
        address who;
        string allowed;
    }

    /// Functions, in the order of the letters:
    /// r registerAccount, s suspendAccount, i reinstateAccount, k setKeyCard, o openFolder,
    /// R rotateFolder, T transferFolder, G grant, V revoke, a addRecord, m amendRecord,
    /// S resealRecord, e mark in error, d mark removed, E bring back from error,
    /// D bring back from removed, b amend another record, c add another record
    string private constant FUNCTIONS = "rsikoRTGVamSedEDbc";

    bytes32 private constant IN_ERROR = keccak256("record entered in error");
    bytes32 private constant REMOVED = keccak256("removed record");
    bytes32 private constant NEW_RECORD = keccak256("new record");

    address private suspended = vm.addr(0x505);
    bytes32 private folderId;
    Row[] private rows;

    function setUp() public override {
        super.setUp();
        register(suspended, IEhrRegistry.Role.Practitioner, 0);
        suspend(suspended);
        folderId = open(patient, "");
        add(patient, folderId, RECORD);
        add(patient, folderId, OTHER_RECORD);
        add(patient, folderId, IN_ERROR);
        add(patient, folderId, REMOVED);
        vm.prank(patient);
        registry.setRecordStatus(folderId, IN_ERROR, 1, IEhrRegistry.RecordStatus.EnteredInError);
        vm.prank(patient);
        registry.setRecordStatus(folderId, REMOVED, 1, IEhrRegistry.RecordStatus.Removed);
        people();
    }

    function people() private {
        rows.push(Row("stranger without account", stranger, "o"));
        rows.push(Row("administrator", admin, "o"));
        rows.push(Row("owner of the proxy", proxyOwner, "o"));
        rows.push(Row("registrar", registrar, "rsio"));
        rows.push(Row("patient, owner of the folder", patient, "koRTGVamSedEDbc"));
        rows.push(Row("practitioner without grant", physician, "ko"));
        rows.push(Row("holder of VIEW", holder("view", 0, VIEW), "o"));
        rows.push(Row("holder of ADD", holder("add", 0, ADD), "oac"));
        rows.push(Row("holder of AMEND", holder("amend", 0, AMEND), "omeEb"));
        rows.push(Row("holder of REMOVE", holder("remove", 0, REMOVE), "odD"));
        rows.push(Row("holder of all", holder("all", 0, 15), "oamedEDbc"));
        rows.push(Row("holder of all on one record", holder("one", RECORD, 15), "omed"));
        rows.push(Row("holder of all on a new record", holder("new", NEW_RECORD, 15), "oa"));
        rows.push(Row("holder before the time", periodHolder("early", NOW + 1, LATER), "o"));
        rows.push(Row("holder after the time", periodHolder("late", NOW - 9, NOW + 9), "o"));
        rows.push(Row("holder whose grant was revoked", revokedHolder(), "o"));
        rows.push(Row("holder who is suspended", suspendedHolder("holder"), ""));
        rows.push(Row("holder whose account is over", expiredHolder(), ""));
        rows.push(Row("former owner", formerOwner(), "o"));
        vm.warp(NOW + 10);
        rows[13].who = periodHolder("early", block.timestamp + 1, LATER);
    }

    function test_table() public {
        for (uint256 i = 0; i < rows.length; i++) {
            checkRow(rows[i]);
        }
    }

    function test_suspended_owner_can_do_nothing() public {
        suspend(patient);
        checkRow(Row("suspended owner", patient, ""));
    }

    function test_reinstated_owner_can_do_everything_again() public {
        suspend(patient);
        vm.prank(registrar);
        registry.reinstateAccount(patient);
        checkRow(Row("reinstated owner", patient, "koRTGVamSedEDbc"));
    }

    function test_suspended_registrar_can_do_nothing() public {
        register(registrar, IEhrRegistry.Role.Organisation, 0);
        suspend(registrar);
        checkRow(Row("suspended registrar", registrar, ""));
    }

    function test_dismissed_registrar_can_do_nothing_of_a_registrar() public {
        bytes32 role = registry.REGISTRAR_ROLE();
        vm.prank(admin);
        registry.revokeRole(role, registrar);
        checkRow(Row("dismissed registrar", registrar, "o"));
    }

    function test_only_the_administrator_appoints_registrars() public {
        bytes32 role = registry.REGISTRAR_ROLE();
        refuse(
            abi.encodeWithSelector(
                IAccessControl.AccessControlUnauthorizedAccount.selector, registrar, bytes32(0)
            )
        );
        vm.prank(registrar);
        registry.grantRole(role, stranger);
        vm.prank(admin);
        registry.grantRole(role, stranger);
        checkRow(Row("new registrar", stranger, "rsio"));
    }

    function checkRow(Row memory row) private {
        bytes memory letters = bytes(FUNCTIONS);
        for (uint256 i = 0; i < letters.length; i++) {
            uint256 before = vm.snapshotState();
            vm.prank(row.who);
            (bool done, bytes memory answer) = address(registry).call(call(letters[i], row.who));
            string memory cell = string.concat(row.name, ", function ", string(one(letters[i])));
            vm.assertEq(done, contains(row.allowed, letters[i]), cell);
            if (!done) vm.assertTrue(isRefusal(bytes4(answer)), cell);
            vm.revertToState(before);
        }
    }

    /// Refused for want of power, and not because the call was wrong in another way.
    function isRefusal(bytes4 selector) private pure returns (bool) {
        return selector == IEhrRegistry.RecordNotPermitted.selector
            || selector == IEhrRegistry.FolderNotOwned.selector
            || selector == IEhrRegistry.AccountSuspended.selector
            || selector == IEhrRegistry.AccountExpired.selector
            || selector == IEhrRegistry.AccountUnknown.selector
            || selector == IAccessControl.AccessControlUnauthorizedAccount.selector;
    }

    function call(bytes1 f, address who) private view returns (bytes memory) {
        if (f == "r") {
            return
                abi.encodeCall(
                    registry.registerAccount, (address(0x77), IEhrRegistry.Role.Patient, 0)
                );
        }
        if (f == "s") return abi.encodeCall(registry.suspendAccount, (physician));
        if (f == "i") return abi.encodeCall(registry.reinstateAccount, (suspended));
        if (f == "k") return abi.encodeCall(registry.setKeyCard, (CARD));
        if (f == "o") return abi.encodeCall(registry.openFolder, ("another", KEY_HASH));
        if (f == "R") return abi.encodeCall(registry.rotateFolder, (folderId, 1, KEY_HASH_2));
        if (f == "T") return abi.encodeCall(registry.transferFolder, (folderId, address(0x77)));
        if (f == "G") {
            return abi.encodeCall(registry.grant, (folderId, 0, address(0x77), VIEW, 0, LATER, 0));
        }
        if (f == "V") return abi.encodeCall(registry.revoke, (folderId, 0, who));
        return recordCall(f);
    }

    function recordCall(bytes1 f) private view returns (bytes memory) {
        if (f == "a") return abi.encodeCall(registry.addRecord, (folderId, NEW_RECORD, 1, INNER));
        if (f == "c") return abi.encodeCall(registry.addRecord, (folderId, "another", 1, INNER));
        if (f == "m") {
            return abi.encodeCall(registry.amendRecord, (folderId, RECORD, 1, 1, INNER_2));
        }
        if (f == "b") {
            return abi.encodeCall(registry.amendRecord, (folderId, OTHER_RECORD, 1, 1, INNER_2));
        }
        if (f == "S") {
            return abi.encodeCall(registry.resealRecord, (folderId, RECORD, 1, 1, INNER_2));
        }
        if (f == "e") return statusCall(RECORD, IEhrRegistry.RecordStatus.EnteredInError);
        if (f == "d") return statusCall(RECORD, IEhrRegistry.RecordStatus.Removed);
        if (f == "E") return statusCall(IN_ERROR, IEhrRegistry.RecordStatus.Active);
        return statusCall(REMOVED, IEhrRegistry.RecordStatus.Active);
    }

    function statusCall(bytes32 recordId, IEhrRegistry.RecordStatus status)
        private
        view
        returns (bytes memory)
    {
        return abi.encodeCall(registry.setRecordStatus, (folderId, recordId, 1, status));
    }

    function holder(string memory name, bytes32 scope, uint8 permissions)
        private
        returns (address who)
    {
        who = vm.addr(uint256(keccak256(bytes(name))));
        give(folderId, scope, who, permissions);
    }

    function periodHolder(string memory name, uint256 from, uint256 to)
        private
        returns (address who)
    {
        who = vm.addr(uint256(keccak256(bytes(name))));
        vm.prank(patient);
        registry.grant(folderId, 0, who, 15, uint64(from), uint64(to), 0);
    }

    function revokedHolder() private returns (address who) {
        who = holder("revoked", 0, 15);
        take(folderId, 0, who);
    }

    function suspendedHolder(string memory name) private returns (address who) {
        who = holder(name, 0, 15);
        register(who, IEhrRegistry.Role.Practitioner, 0);
        suspend(who);
    }

    function expiredHolder() private returns (address who) {
        who = holder("expired", 0, 15);
        register(who, IEhrRegistry.Role.Practitioner, uint64(NOW + 10));
    }

    function formerOwner() private returns (address who) {
        who = vm.addr(0xF0);
        vm.prank(patient);
        registry.transferFolder(folderId, who);
        vm.prank(who);
        registry.transferFolder(folderId, patient);
    }

    function contains(string memory letters, bytes1 letter) private pure returns (bool) {
        bytes memory all = bytes(letters);
        for (uint256 i = 0; i < all.length; i++) {
            if (all[i] == letter) return true;
        }
        return false;
    }

    function one(bytes1 letter) private pure returns (bytes memory letters) {
        letters = new bytes(1);
        letters[0] = letter;
    }
}
