// SPDX-License-Identifier: Apache-2.0
// Gas-less calls: the signer counts, and nobody can pass for somebody else.
pragma solidity 0.8.37;

import {ERC2771Forwarder} from "@openzeppelin/contracts/metatx/ERC2771Forwarder.sol";
import {Errors} from "@openzeppelin/contracts/utils/Errors.sol";
import {IEhrRegistry} from "../src/IEhrRegistry.sol";
import {Fixture} from "./Fixture.sol";

contract ForwardingTest is Fixture {
    address private relayer = vm.addr(0x4E1A);
    bytes32 private folderId;

    function setUp() public override {
        super.setUp();
        folderId = open(patient, "");
    }

    function test_the_signer_acts_and_the_relayer_pays() public {
        vm.expectEmit(address(registry));
        emit IEhrRegistry.GrantSet(folderId, 0, physician, 15, uint64(NOW), LATER, 0);
        send(signRequest(PATIENT_KEY, grantCall()));
        send(signRequest(PHYSICIAN_KEY, addCall(RECORD)));
        (, uint32 version,) = registry.recordOf(folderId, RECORD);
        vm.assertEq(version, 1);
    }

    function test_a_request_counts_once() public {
        ERC2771Forwarder.ForwardRequestData memory request = signRequest(PATIENT_KEY, grantCall());
        send(request);
        vm.expectRevert();
        send(request);
    }

    function test_a_withheld_grant_is_worthless_after_a_direct_revoke() public {
        ERC2771Forwarder.ForwardRequestData memory withheld = signRequest(PATIENT_KEY, grantCall());
        take(folderId, 0, physician);
        vm.expectRevert(Errors.FailedCall.selector);
        send(withheld);
        (,,, uint8 status,) = registry.grantOf(folderId, 0, physician);
        vm.assertEq(status, 2);
    }

    function test_a_changed_request_is_refused() public {
        ERC2771Forwarder.ForwardRequestData memory request = signRequest(PATIENT_KEY, grantCall());
        request.data = abi.encodeCall(registry.transferFolder, (folderId, stranger));
        vm.expectRevert();
        send(request);
    }

    function test_a_request_signed_by_another_is_refused() public {
        ERC2771Forwarder.ForwardRequestData memory request = signRequest(PHYSICIAN_KEY, grantCall());
        request.from = patient;
        vm.expectRevert();
        send(request);
    }

    function test_another_forwarder_is_not_trusted() public {
        ERC2771Forwarder other =
            ERC2771Forwarder(deploy("ERC2771Forwarder", abi.encode("ehrd forwarder")));
        ERC2771Forwarder own = forwarder;
        forwarder = other;
        ERC2771Forwarder.ForwardRequestData memory request = signRequest(PATIENT_KEY, grantCall());
        forwarder = own;
        refuse(
            abi.encodeWithSelector(
                ERC2771Forwarder.ERC2771UntrustfulTarget.selector, address(registry), address(other)
            )
        );
        other.execute(request);
    }

    function test_an_address_after_the_calldata_means_nothing_from_anybody_else() public {
        address[4] memory others = [stranger, relayer, admin, registrar];
        for (uint256 i = 0; i < others.length; i++) {
            vm.prank(others[i]);
            (bool done, bytes memory answer) =
                address(registry).call(bytes.concat(grantCall(), bytes20(patient)));
            expectNotOwner(done, answer, others[i]);
        }
    }

    function test_multicall_does_not_make_one_somebody_else() public {
        bytes[] memory calls = new bytes[](1);
        calls[0] = bytes.concat(grantCall(), bytes20(patient));
        vm.prank(stranger);
        (bool done, bytes memory answer) =
            address(registry).call(abi.encodeCall(registry.multicall, (calls)));
        expectNotOwner(done, answer, stranger);
    }

    function test_multicall_in_multicall_does_not_either() public {
        bytes[] memory inner = new bytes[](1);
        inner[0] = bytes.concat(grantCall(), bytes20(patient));
        bytes[] memory outer = new bytes[](1);
        outer[0] = bytes.concat(abi.encodeCall(registry.multicall, (inner)), bytes20(patient));
        vm.prank(stranger);
        (bool done, bytes memory answer) =
            address(registry).call(abi.encodeCall(registry.multicall, (outer)));
        expectNotOwner(done, answer, stranger);
    }

    function test_a_signed_multicall_acts_for_its_signer_only() public {
        bytes[] memory calls = new bytes[](1);
        calls[0] = bytes.concat(grantCall(), bytes20(patient));
        bytes memory data = abi.encodeCall(registry.multicall, (calls));
        vm.prank(address(forwarder));
        (bool done, bytes memory answer) =
            address(registry).call(bytes.concat(data, bytes20(stranger)));
        expectNotOwner(done, answer, stranger);
    }

    function test_revoke_and_rotate_in_one_signed_multicall() public {
        give(folderId, 0, physician, 15);
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(registry.revoke, (folderId, 0, physician));
        calls[1] = abi.encodeCall(registry.rotateFolder, (folderId, 1, KEY_HASH_2));
        send(signRequest(PATIENT_KEY, abi.encodeCall(registry.multicall, (calls))));
        (, uint32 epoch,,) = registry.folderOf(folderId);
        vm.assertEq(epoch, 2);
        refuse(notPermitted(folderId, RECORD, physician, ADD));
        vm.prank(physician);
        registry.addRecord(folderId, RECORD, 2, INNER);
    }

    /// Calldata cut short lends bytes of the signer's address to the last argument, never a sender.
    function test_short_calldata_gives_nobody_power() public {
        bytes memory whole = abi.encodeCall(registry.transferFolder, (folderId, stranger));
        for (uint256 n = 0; n < whole.length; n++) {
            bytes memory cut = new bytes(n);
            for (uint256 i = 0; i < n; i++) {
                cut[i] = whole[i];
            }
            vm.prank(address(forwarder));
            (bool done,) = address(registry).call(cut);
            vm.assertFalse(done, "from the forwarder, without a sender behind it");
            vm.prank(address(forwarder));
            (done,) = address(registry).call(bytes.concat(cut, bytes20(stranger)));
            vm.assertFalse(done, "from a signer without power");
        }
        (address owner,,,) = registry.folderOf(folderId);
        vm.assertEq(owner, patient);
    }

    function test_the_forwarder_itself_is_nobody() public {
        vm.prank(address(forwarder));
        (bool done,) = address(registry).call(hex"00");
        vm.assertFalse(done, "one byte");
        vm.prank(address(forwarder));
        vm.assertEq(registry.folderIdOf(patient, ""), folderId);
    }

    function send(ERC2771Forwarder.ForwardRequestData memory request) private {
        vm.prank(relayer);
        forwarder.execute(request);
    }

    function grantCall() private view returns (bytes memory) {
        return abi.encodeCall(registry.grant, (folderId, 0, physician, 15, uint64(NOW), LATER, 0));
    }

    function addCall(bytes32 recordId) private view returns (bytes memory) {
        return abi.encodeCall(registry.addRecord, (folderId, recordId, 1, INNER));
    }

    function expectNotOwner(bool done, bytes memory answer, address who) private view {
        vm.assertFalse(done, "must be refused");
        vm.assertEq(
            answer,
            abi.encodeWithSelector(IEhrRegistry.FolderNotOwned.selector, folderId, who, patient)
        );
    }
}
