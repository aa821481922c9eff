// SPDX-License-Identifier: Apache-2.0
// What each path costs as a whole transaction, held against its budget.
pragma solidity 0.8.37;

import {ERC2771Forwarder} from "@openzeppelin/contracts/metatx/ERC2771Forwarder.sol";
import {EhrRegistry} from "../src/EhrRegistry.sol";
import {IEhrRegistry} from "../src/IEhrRegistry.sol";
import {Fixture} from "./Fixture.sol";

/// @dev Isolation runs every call of a test as a transaction of its own: everything cold, intrinsic
/// gas and calldata included. Relayed calls come from a signer whose forwarder nonce is not zero.
/// forge-config: default.isolate = true
contract GasTest is Fixture {
    uint256 private constant BATCH = 20;
    uint256 private constant REGISTRAR_KEY = 0x4E6;
    uint256 private constant FIRST_SIGNER = 0x51600;

    bytes32 private folderId;
    address private relayer = vm.addr(0x4E1A);

    function setUp() public override {
        super.setUp();
        folderId = open(patient, "");
        give(folderId, 0, physician, VIEW | ADD | AMEND | REMOVE);
        useNonce(PATIENT_KEY);
        useNonce(PHYSICIAN_KEY);
        useNonce(REGISTRAR_KEY);
        for (uint256 i = 0; i < BATCH; i++) {
            useNonce(FIRST_SIGNER + i);
            give(folderId, 0, vm.addr(FIRST_SIGNER + i), ADD);
        }
    }

    function test_add_record_direct() public {
        direct(physician, addRecordCall(0), 64_000);
    }

    function test_add_record_relayed() public {
        relayed(PHYSICIAN_KEY, addRecordCall(0), 86_000);
    }

    function test_grant_direct() public {
        direct(patient, grantCall(), 60_000);
    }

    function test_grant_relayed() public {
        relayed(PATIENT_KEY, grantCall(), 82_000);
    }

    function test_revoke_direct() public {
        direct(patient, abi.encodeCall(IEhrRegistry.revoke, (folderId, 0, physician)), 41_000);
    }

    function test_revoke_relayed() public {
        bytes memory call = abi.encodeCall(IEhrRegistry.revoke, (folderId, 0, physician));
        relayed(PATIENT_KEY, call, 63_000);
    }

    /// One transaction: an organisation that registers itself and publishes its card.
    function test_register_with_card_direct() public {
        direct(registrar, registerWithCardCall(), 95_000);
    }

    function test_register_with_card_relayed() public {
        relayed(REGISTRAR_KEY, registerWithCardCall(), 115_000);
    }

    /// Two people, one transaction of the relayer: the registrar registers, the patient publishes.
    function test_register_then_card_batch() public {
        uint256 patientKey = 0xBEB;
        useNonce(patientKey);
        ERC2771Forwarder.ForwardRequestData[] memory requests =
            new ERC2771Forwarder.ForwardRequestData[](2);
        requests[0] = signRequest(REGISTRAR_KEY, registerCall(vm.addr(patientKey)));
        requests[1] = signRequest(patientKey, abi.encodeCall(IEhrRegistry.setKeyCard, (CARD)));
        vm.prank(relayer);
        forwarder.executeBatch(requests, payable(relayer));
        within(125_000);
        vm.assertEq(registry.keyCardHashOf(vm.addr(patientKey)), CARD);
    }

    function test_register_alone_direct() public {
        direct(registrar, registerCall(stranger), 60_000);
    }

    function test_card_alone_direct() public {
        direct(patient, abi.encodeCall(IEhrRegistry.setKeyCard, (CARD)), 56_000);
    }

    function test_batch_of_one_signer() public {
        ERC2771Forwarder.ForwardRequestData[] memory requests =
            new ERC2771Forwarder.ForwardRequestData[](BATCH);
        uint256 nonce = forwarder.nonces(physician);
        for (uint256 i = 0; i < BATCH; i++) {
            requests[i] = signRequest(PHYSICIAN_KEY, nonce + i, addRecordCall(i));
        }
        executeBatch(requests, 48_000);
    }

    function test_batch_of_many_signers() public {
        ERC2771Forwarder.ForwardRequestData[] memory requests =
            new ERC2771Forwarder.ForwardRequestData[](BATCH);
        for (uint256 i = 0; i < BATCH; i++) {
            requests[i] = signRequest(FIRST_SIGNER + i, addRecordCall(i));
        }
        executeBatch(requests, 54_000);
    }

    function executeBatch(
        ERC2771Forwarder.ForwardRequestData[] memory requests,
        uint256 budgetOfEach
    ) private {
        vm.prank(relayer);
        forwarder.executeBatch(requests, payable(relayer));
        within(budgetOfEach * BATCH);
        for (uint256 i = 0; i < BATCH; i++) {
            (, uint32 version,) = registry.recordOf(folderId, recordId(i));
            vm.assertEq(version, 1, "every request of the batch must have been carried out");
        }
    }

    function direct(address from, bytes memory call, uint256 budget) private {
        vm.prank(from);
        (bool done,) = address(registry).call(call);
        within(budget);
        vm.assertTrue(done, "the measured call must succeed");
    }

    function relayed(uint256 key, bytes memory call, uint256 budget) private {
        ERC2771Forwarder.ForwardRequestData memory request = signRequest(key, call);
        vm.prank(relayer);
        forwarder.execute(request);
        within(budget);
    }

    function within(uint256 budget) private {
        uint256 gas = vm.lastCallGas().gasTotalUsed;
        emit Measured(gas, budget);
        vm.assertLe(gas, budget, "gas of the transaction over its budget");
    }

    function useNonce(uint256 key) private {
        ERC2771Forwarder.ForwardRequestData memory request =
            signRequest(key, abi.encodeCall(IEhrRegistry.version, ()));
        forwarder.execute(request);
    }

    function recordId(uint256 i) private pure returns (bytes32) {
        return keccak256(abi.encode("record", i));
    }

    function addRecordCall(uint256 i) private view returns (bytes memory) {
        return abi.encodeCall(IEhrRegistry.addRecord, (folderId, recordId(i), 1, INNER));
    }

    function grantCall() private view returns (bytes memory) {
        return abi.encodeCall(
            IEhrRegistry.grant, (folderId, 0, stranger, VIEW | ADD, uint64(NOW), LATER, 0)
        );
    }

    function registerCall(address account) private pure returns (bytes memory) {
        return abi.encodeCall(
            IEhrRegistry.registerAccount, (account, IEhrRegistry.Role.Organisation, LATER)
        );
    }

    function registerWithCardCall() private view returns (bytes memory) {
        bytes[] memory calls = new bytes[](2);
        calls[0] = registerCall(registrar);
        calls[1] = abi.encodeCall(IEhrRegistry.setKeyCard, (CARD));
        return abi.encodeCall(registry.multicall, (calls));
    }

    event Measured(uint256 gas, uint256 budget);
}
