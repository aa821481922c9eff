// SPDX-License-Identifier: Apache-2.0
// Accounts and key cards: registering, renewing, suspending, expiring.
pragma solidity 0.8.37;

import {IEhrRegistry} from "../src/IEhrRegistry.sol";
import {Fixture} from "./Fixture.sol";

contract AccountsTest is Fixture {
    function test_registers() public {
        vm.expectEmit(address(registry));
        emit IEhrRegistry.AccountSet(stranger, 2, 1, LATER);
        register(stranger, IEhrRegistry.Role.Practitioner, LATER);
        expectAccount(IEhrRegistry.Role.Practitioner, IEhrRegistry.AccountStatus.Active, LATER);
    }

    function test_refuses_a_registration_that_says_nothing() public {
        refuseRegistration(stranger, IEhrRegistry.Role.None, 0);
        refuseRegistration(address(0), IEhrRegistry.Role.Patient, 0);
        refuseRegistration(stranger, IEhrRegistry.Role.Patient, uint64(NOW));
    }

    function test_renewing_does_not_reinstate() public {
        register(stranger, IEhrRegistry.Role.Practitioner, 0);
        suspend(stranger);
        register(stranger, IEhrRegistry.Role.Practitioner, LATER);
        expectAccount(IEhrRegistry.Role.Practitioner, IEhrRegistry.AccountStatus.Suspended, LATER);
    }

    function test_suspends_and_reinstates() public {
        vm.expectEmit(address(registry));
        emit IEhrRegistry.AccountSet(physician, 2, 2, 0);
        suspend(physician);
        vm.expectEmit(address(registry));
        emit IEhrRegistry.AccountSet(physician, 2, 1, 0);
        vm.prank(registrar);
        registry.reinstateAccount(physician);
    }

    function test_refuses_a_status_that_is_there_already() public {
        refuse(
            abi.encodeWithSelector(
                IEhrRegistry.AccountStatusUnchanged.selector,
                physician,
                IEhrRegistry.AccountStatus.Active
            )
        );
        vm.prank(registrar);
        registry.reinstateAccount(physician);
    }

    function test_refuses_to_suspend_the_unknown() public {
        refuse(abi.encodeWithSelector(IEhrRegistry.AccountUnknown.selector, stranger));
        suspend(stranger);
    }

    function test_publishes_a_key_card() public {
        vm.expectEmit(address(registry));
        emit IEhrRegistry.KeyCardSet(patient, CARD);
        vm.prank(patient);
        registry.setKeyCard(CARD);
        vm.assertEq(registry.keyCardHashOf(patient), CARD);
    }

    function test_refuses_a_key_card_without_account() public {
        refuse(abi.encodeWithSelector(IEhrRegistry.AccountUnknown.selector, stranger));
        vm.prank(stranger);
        registry.setKeyCard(CARD);
    }

    function testFuzz_an_account_ends_at_its_hour(uint64 validUntil, uint64 now_) public {
        vm.assume(validUntil > NOW);
        register(stranger, IEhrRegistry.Role.Patient, validUntil);
        vm.warp(now_);
        if (now_ >= validUntil) {
            refuse(
                abi.encodeWithSelector(IEhrRegistry.AccountExpired.selector, stranger, validUntil)
            );
        }
        vm.prank(stranger);
        registry.setKeyCard(CARD);
    }

    function refuseRegistration(address account, IEhrRegistry.Role role, uint64 validUntil)
        private
    {
        refuse(
            abi.encodeWithSelector(IEhrRegistry.AccountInvalid.selector, account, role, validUntil)
        );
        register(account, role, validUntil);
    }

    function expectAccount(
        IEhrRegistry.Role role,
        IEhrRegistry.AccountStatus status,
        uint64 validUntil
    ) private view {
        (IEhrRegistry.Role r, IEhrRegistry.AccountStatus s, uint64 v) = registry.accountOf(stranger);
        vm.assertEq(uint8(r), uint8(role));
        vm.assertEq(uint8(s), uint8(status));
        vm.assertEq(v, validUntil);
    }
}
