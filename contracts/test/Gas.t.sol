// SPDX-License-Identifier: Apache-2.0
// What each path costs as a whole transaction, held against its budget.
pragma solidity 0.8.37;

import {ERC2771Forwarder} from "@openzeppelin/contracts/metatx/ERC2771Forwarder.sol";
import {EhrRegistry} from "../src/EhrRegistry.sol";
import {IEhrRegistry} from "../src/IEhrRegistry.sol";
import {Fixture} from "./Fixture.sol";

/// @dev Isolation runs every call of a test as a transaction of its own: cold access, intrinsic gas
/// and calldata included, refunds taken off.
/// forge-config: default.isolate = true
contract GasTest is Fixture {
    uint256 private constant BATCH = 20;
    bytes32 private folderId;

    function setUp() public override {
        super.setUp();
        folderId = open(patient, "");
        // Relayed figures are for a signer whose nonce has been used before.
        relay(PATIENT_KEY, abi.encodeCall(IEhrRegistry.setKeyCard, (KEY_HASH)));
        give(folderId, 0, physician, VIEW | ADD | AMEND | REMOVE);
    }

    function test_add_by_holder_direct() public {
        vm.prank(physician);
        registry.addRecord(folderId, RECORD, 1, INNER);
        within(64_000);
    }

    function within(uint256 budget) private view {
        vm.assertLe(vm.lastCallGas().gasTotalUsed, budget, "gas");
    }

    function relay(uint256 key, bytes memory data) private {
        ERC2771Forwarder.ForwardRequestData memory request = signRequest(key, data);
        forwarder.execute(request);
    }
}
