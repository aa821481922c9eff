// SPDX-License-Identifier: Apache-2.0
// The way from one version to the next: who may go it, and that nothing is lost on it.
pragma solidity 0.8.37;

import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {
    TransparentUpgradeableProxy
} from "@openzeppelin/contracts/proxy/transparent/TransparentUpgradeableProxy.sol";
import {
    ITransparentUpgradeableProxy
} from "@openzeppelin/contracts/proxy/transparent/TransparentUpgradeableProxy.sol";
import {EhrRegistry} from "../src/EhrRegistry.sol";
import {IEhrRegistry} from "../src/IEhrRegistry.sol";
import {EhrRegistryV2} from "./upgrades/EhrRegistryV2.sol";
import {Fixture} from "./Fixture.sol";

contract UpgradeTest is Fixture {
    address private next;
    bytes32 private folderId;

    function setUp() public override {
        super.setUp();
        next = address(new EhrRegistryV2(address(forwarder)));
        folderId = open(patient, "");
        give(folderId, 0, physician, 15);
        give(folderId, RECORD, stranger, AMEND);
        take(folderId, OTHER_RECORD, stranger);
        add(physician, folderId, RECORD);
        vm.prank(patient);
        registry.setKeyCard(CARD);
        suspend(physician);
    }

    function test_keeps_every_slot_and_the_forwarder() public {
        bytes32[] memory slots = usedSlots();
        bytes32[] memory before = new bytes32[](slots.length);
        for (uint256 i = 0; i < slots.length; i++) {
            before[i] = vm.load(address(registry), slots[i]);
            vm.assertTrue(before[i] != 0, "the test must look at slots that are used");
        }
        upgrade(proxyOwner, next, abi.encodeCall(EhrRegistryV2.initializeV2, (42)));
        for (uint256 i = 0; i < slots.length; i++) {
            vm.assertEq(vm.load(address(registry), slots[i]), before[i]);
        }
        vm.assertEq(registry.version(), "2.0.0");
        vm.assertEq(EhrRegistryV2(address(registry)).answer(), 42);
        vm.assertEq(registry.trustedForwarder(), address(forwarder));
    }

    function test_signed_requests_work_before_and_after() public {
        forwarder.execute(
            signRequest(PATIENT_KEY, abi.encodeCall(registry.rotateFolder, (folderId, 1, CARD)))
        );
        upgrade(proxyOwner, next, "");
        forwarder.execute(
            signRequest(PATIENT_KEY, abi.encodeCall(registry.rotateFolder, (folderId, 2, CARD)))
        );
        (, uint32 epoch,,) = registry.folderOf(folderId);
        vm.assertEq(epoch, 3);
    }

    function test_only_the_owner_of_the_proxy_upgrades() public {
        address[4] memory others = [admin, registrar, patient, stranger];
        for (uint256 i = 0; i < others.length; i++) {
            refuseUpgrade(others[i]);
        }
        vm.assertEq(proxyAdmin().owner(), proxyOwner);
        vm.assertEq(registry.version(), "1.1.0");
    }

    function test_nobody_upgrades_past_the_proxy_admin() public {
        ITransparentUpgradeableProxy proxy = ITransparentUpgradeableProxy(address(registry));
        vm.prank(proxyOwner);
        vm.expectRevert();
        proxy.upgradeToAndCall(next, "");
    }

    function test_starts_only_once() public {
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        registry.initialize(stranger, stranger);
        upgrade(proxyOwner, next, abi.encodeCall(EhrRegistryV2.initializeV2, (42)));
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        registry.initialize(stranger, stranger);
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        EhrRegistryV2(address(registry)).initializeV2(43);
    }

    function test_nobody_starts_the_implementation() public {
        EhrRegistry bare = EhrRegistry(deploy("EhrRegistry", abi.encode(forwarder)));
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        bare.initialize(stranger, stranger);
    }

    function test_refuses_to_start_without_administrator_or_registrar() public {
        address implementation = deploy("EhrRegistry", abi.encode(forwarder));
        refuseStart(implementation, address(0), registrar);
        refuseStart(implementation, admin, address(0));
    }

    function refuseStart(address implementation, address admin_, address registrar_) private {
        bytes memory start = abi.encodeCall(EhrRegistry.initialize, (admin_, registrar_));
        refuse(abi.encodeWithSelector(IEhrRegistry.RegistryInvalidRoleHolder.selector, address(0)));
        new TransparentUpgradeableProxy(implementation, proxyOwner, start);
    }

    function refuseUpgrade(address who) private {
        address owner = address(proxyAdmin());
        ITransparentUpgradeableProxy proxy = ITransparentUpgradeableProxy(address(registry));
        vm.prank(who);
        refuse(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, who));
        (bool done,) = owner.call(
            abi.encodeWithSignature("upgradeAndCall(address,address,bytes)", proxy, next, "")
        );
        done;
    }

    function usedSlots() private view returns (bytes32[] memory slots) {
        slots = new bytes32[](11);
        slots[0] = accountSlot(patient);
        slots[1] = accountSlot(physician);
        slots[2] = keyCardSlot(patient);
        slots[3] = folderSlot(folderId);
        slots[4] = bytes32(uint256(folderSlot(folderId)) + 1);
        slots[5] = grantSlot(folderId, 0, physician);
        slots[6] = grantSlot(folderId, RECORD, stranger);
        slots[7] = grantSlot(folderId, OTHER_RECORD, stranger);
        slots[8] = recordSlot(folderId, RECORD);
        slots[9] = ADMIN_SLOT;
        slots[10] = registrarSlot(registrar);
    }
}
