// SPDX-License-Identifier: Apache-2.0
// A deployed registry with its people, and the acts that tests are told in.
pragma solidity 0.8.37;

import {ERC2771Forwarder} from "@openzeppelin/contracts/metatx/ERC2771Forwarder.sol";
import {ProxyAdmin} from "@openzeppelin/contracts/proxy/transparent/ProxyAdmin.sol";
import {
    ITransparentUpgradeableProxy
} from "@openzeppelin/contracts/proxy/transparent/TransparentUpgradeableProxy.sol";
import {EhrRegistry} from "../src/EhrRegistry.sol";
import {IEhrRegistry} from "../src/IEhrRegistry.sol";
import {Vm} from "./Vm.sol";

abstract contract Fixture {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    bytes32 internal constant ADMIN_SLOT =
        0xb53127684a568b3173ae13b9f8a6016e243e63b6e8ee1178d6a717850b5d6103;
    bytes32 internal constant IMPLEMENTATION_SLOT =
        0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc;
    bytes32 internal constant BASE =
        0x9b3d8516c7112f1a6730f30ce52cb25a8f406540a26e5b440a63a9ee95e51c00;

    uint8 internal constant VIEW = 1;
    uint8 internal constant ADD = 2;
    uint8 internal constant AMEND = 4;
    uint8 internal constant REMOVE = 8;

    uint256 internal constant NOW = 1_800_000_000;
    uint64 internal constant LATER = uint64(NOW + 30 days);

    bytes32 internal constant KEY_HASH = keccak256("folder key 1");
    bytes32 internal constant KEY_HASH_2 = keccak256("folder key 2");
    bytes32 internal constant RECORD = keccak256("record");
    bytes32 internal constant OTHER_RECORD = keccak256("other record");
    bytes32 internal constant INNER = keccak256("inner");
    bytes32 internal constant INNER_2 = keccak256("inner 2");
    bytes32 internal constant CARD = keccak256("key card");

    uint256 internal constant PATIENT_KEY = 0xA11CE;
    uint256 internal constant PHYSICIAN_KEY = 0xD0C;

    address internal admin = vm.addr(0xAD1);
    address internal registrar = vm.addr(0x4E6);
    address internal proxyOwner = vm.addr(0x0EE);
    address internal patient = vm.addr(PATIENT_KEY);
    address internal physician = vm.addr(PHYSICIAN_KEY);
    address internal stranger = vm.addr(0x57A);

    ERC2771Forwarder internal forwarder;
    EhrRegistry internal registry;

    function setUp() public virtual {
        vm.warp(NOW);
        forwarder = ERC2771Forwarder(deploy("ERC2771Forwarder", abi.encode("ehrd forwarder")));
        registry = EhrRegistry(deployProxy(deploy("EhrRegistry", abi.encode(forwarder))));
        vm.label(address(registry), "registry");
        vm.label(address(forwarder), "forwarder");
        register(patient, IEhrRegistry.Role.Patient, 0);
        register(physician, IEhrRegistry.Role.Practitioner, 0);
    }

    /// The bytecode that is deployed in earnest, and not what the tests' own build made of it.
    function deploy(string memory name, bytes memory arguments) internal returns (address) {
        string memory path = string.concat("out/deploy/", name, ".sol/", name, ".json");
        return vm.deployCode(path, arguments);
    }

    function deployProxy(address implementation) internal returns (address) {
        bytes memory start = abi.encodeCall(EhrRegistry.initialize, (admin, registrar));
        return deploy("TransparentUpgradeableProxy", abi.encode(implementation, proxyOwner, start));
    }

    function proxyAdmin() internal view returns (ProxyAdmin) {
        return ProxyAdmin(address(uint160(uint256(vm.load(address(registry), ADMIN_SLOT)))));
    }

    function upgrade(address by, address implementation, bytes memory data) internal {
        ProxyAdmin owner = proxyAdmin();
        vm.prank(by);
        owner.upgradeAndCall(ITransparentUpgradeableProxy(address(registry)), implementation, data);
    }

    function register(address account, IEhrRegistry.Role role, uint64 validUntil) internal {
        vm.prank(registrar);
        registry.registerAccount(account, role, validUntil);
    }

    function suspend(address account) internal {
        vm.prank(registrar);
        registry.suspendAccount(account);
    }

    function open(address owner, bytes32 salt) internal returns (bytes32) {
        vm.prank(owner);
        return registry.openFolder(salt, KEY_HASH);
    }

    function give(bytes32 folderId, bytes32 scope, address holder, uint8 permissions) internal {
        (address owner,,,) = registry.folderOf(folderId);
        (,,,, uint32 generation) = registry.grantOf(folderId, scope, holder);
        vm.prank(owner);
        registry.grant(
            folderId, scope, holder, permissions, uint64(block.timestamp), LATER, generation
        );
    }

    function take(bytes32 folderId, bytes32 scope, address holder) internal {
        (address owner,,,) = registry.folderOf(folderId);
        vm.prank(owner);
        registry.revoke(folderId, scope, holder);
    }

    function add(address author, bytes32 folderId, bytes32 recordId) internal {
        (, uint32 epoch,,) = registry.folderOf(folderId);
        vm.prank(author);
        registry.addRecord(folderId, recordId, epoch, INNER);
    }

    function refuse(bytes memory expected) internal {
        vm.expectRevert(expected);
    }

    function notPermitted(bytes32 folderId, bytes32 recordId, address who, uint8 permission)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodeWithSelector(
            IEhrRegistry.RecordNotPermitted.selector, folderId, recordId, who, permission
        );
    }

    /// A request as the forwarder takes it, signed by the owner of `key`.
    function signRequest(uint256 key, uint256 nonce, bytes memory data)
        internal
        view
        returns (ERC2771Forwarder.ForwardRequestData memory request)
    {
        request = ERC2771Forwarder.ForwardRequestData({
            from: vm.addr(key),
            to: address(registry),
            value: 0,
            gas: 300_000,
            deadline: uint48(block.timestamp + 1 hours),
            data: data,
            signature: ""
        });
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, requestDigest(request, nonce));
        request.signature = abi.encodePacked(r, s, v);
    }

    function signRequest(uint256 key, bytes memory data)
        internal
        view
        returns (ERC2771Forwarder.ForwardRequestData memory)
    {
        return signRequest(key, forwarder.nonces(vm.addr(key)), data);
    }

    function accountSlot(address account) internal pure returns (bytes32) {
        return keccak256(abi.encode(account, BASE));
    }

    function keyCardSlot(address account) internal pure returns (bytes32) {
        return keccak256(abi.encode(account, uint256(BASE) + 1));
    }

    function folderSlot(bytes32 folderId) internal pure returns (bytes32) {
        return keccak256(abi.encode(folderId, uint256(BASE) + 2));
    }

    function grantSlot(bytes32 folderId, bytes32 scope, address holder)
        internal
        pure
        returns (bytes32)
    {
        bytes32 ofFolder = keccak256(abi.encode(folderId, uint256(BASE) + 3));
        return keccak256(abi.encode(holder, keccak256(abi.encode(scope, ofFolder))));
    }

    function recordSlot(bytes32 folderId, bytes32 recordId) internal pure returns (bytes32) {
        return keccak256(abi.encode(recordId, keccak256(abi.encode(folderId, uint256(BASE) + 4))));
    }

    /// Where OpenZeppelin's AccessControl keeps that `account` is a registrar.
    function registrarSlot(address account) internal pure returns (bytes32) {
        bytes32 base = 0x02dd7bc7dec4dceedda775e58dd541e08a116c6c53815c0bd028192f7b626800;
        bytes32 role = keccak256(abi.encode(keccak256("REGISTRAR_ROLE"), base));
        return keccak256(abi.encode(account, role));
    }

    function requestDigest(ERC2771Forwarder.ForwardRequestData memory request, uint256 nonce)
        private
        view
        returns (bytes32)
    {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("ehrd forwarder"),
                keccak256("1"),
                block.chainid,
                address(forwarder)
            )
        );
        bytes32 message = keccak256(
            abi.encode(
                keccak256(
                    "ForwardRequest(address from,address to,uint256 value,uint256 gas,uint256 nonce,uint48 deadline,bytes data)"
                ),
                request.from,
                request.to,
                request.value,
                request.gas,
                nonce,
                request.deadline,
                keccak256(request.data)
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, message));
    }
}
