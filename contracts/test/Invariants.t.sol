// SPDX-License-Identifier: Apache-2.0
// What must hold whatever people do: a model of the rules runs beside the registry.
pragma solidity 0.8.37;

import {IEhrRegistry} from "../src/IEhrRegistry.sol";
import {EhrRegistryV2} from "./upgrades/EhrRegistryV2.sol";
import {Fixture} from "./Fixture.sol";

/// @dev Does random things as random people and notes what the rules, told again in other words,
/// say to each; every difference is counted in `wrongs`.
contract Handler is Fixture {
    struct Promise {
        uint8 permissions;
        uint256 from;
        uint256 to;
        bool live;
        uint32 revokes;
    }

    struct Entry {
        uint32 version;
        uint8 status;
        uint8 underRemoval;
    }

    uint256 private constant PEOPLE = 4;
    uint256 private constant FOLDERS = 2;
    uint256 private constant RECORDS = 2;

    address[PEOPLE] private people;
    bytes32[FOLDERS] private folders;
    mapping(bytes32 folderId => address) private owners;
    mapping(bytes32 folderId => uint32) private epochs;
    mapping(address who => bool) private suspended;
    mapping(bytes32 key => Promise) private promises;
    mapping(bytes32 key => Entry) private entries;

    uint256 public wrongs;
    string public firstWrong;
    uint256 public done;
    uint256 public refused;

    function setUp() public override {
        super.setUp();
        for (uint256 i = 0; i < PEOPLE; i++) {
            people[i] = vm.addr(0x9E0 + i);
            if (i % 2 == 0) register(people[i], IEhrRegistry.Role.Practitioner, 0);
        }
        for (uint256 i = 0; i < FOLDERS; i++) {
            address owner = people[i % 2];
            folders[i] = open(owner, bytes32(i));
            (owners[folders[i]], epochs[folders[i]]) = (owner, 1);
        }
    }

    function grant(uint256 by, uint256 f, uint256 s, uint256 to, uint8 permissions, uint32 time)
        public
    {
        (address who, bytes32 folder, bytes32 scope) = (person(by, f), aFolder(f), aScope(s));
        address holder = people[to % PEOPLE];
        Promise storage p = promises[keyOf(folder, scope, holder)];
        (uint256 from, uint256 end) = (block.timestamp, block.timestamp + 1 + time % 2 days);
        permissions = permissions % 15 + 1;
        bool allowed = isOwner(who, folder);
        bytes memory data = abi.encodeCall(
            registry.grant,
            (folder, scope, holder, permissions, uint64(from), uint64(end), p.revokes)
        );
        attempt(who, data, allowed, "grant");
        if (allowed) {
            (p.permissions, p.from, p.to, p.live) = (permissions, from, end, true);
        }
    }

    /// A grant that its owner signed at an earlier generation and that somebody kept back.
    function replayWithheldGrant(uint256 f, uint256 s, uint256 to, uint32 back) public {
        (bytes32 folder, bytes32 scope) = (aFolder(f), aScope(s));
        address holder = people[to % PEOPLE];
        uint32 revokes = promises[keyOf(folder, scope, holder)].revokes;
        if (revokes == 0) return;
        bytes memory data = abi.encodeCall(
            registry.grant,
            (folder, scope, holder, 15, 0, uint64(block.timestamp + 1), back % revokes)
        );
        attempt(owners[folder], data, false, "withheld grant after a revoke");
    }

    function revoke(uint256 by, uint256 f, uint256 s, uint256 from) public {
        (address who, bytes32 folder, bytes32 scope) = (person(by, f), aFolder(f), aScope(s));
        address holder = people[from % PEOPLE];
        bool allowed = isOwner(who, folder);
        attempt(who, abi.encodeCall(registry.revoke, (folder, scope, holder)), allowed, "revoke");
        if (!allowed) return;
        Promise storage p = promises[keyOf(folder, scope, holder)];
        (p.live, p.revokes) = (false, p.revokes + 1);
    }

    function rotate(uint256 by, uint256 f, uint32 stale) public {
        (address who, bytes32 folder) = (person(by, f), aFolder(f));
        uint32 epoch = stale % 4 == 0 ? epochs[folder] + 1 + stale % 9 : epochs[folder];
        bool allowed = isOwner(who, folder) && epoch == epochs[folder];
        bytes memory data = abi.encodeCall(registry.rotateFolder, (folder, epoch, KEY_HASH_2));
        attempt(who, data, allowed, "rotate");
        if (allowed) epochs[folder]++;
    }

    function transfer(uint256 by, uint256 f, uint256 to) public {
        (address who, bytes32 folder, address next) =
            (person(by, f), aFolder(f), people[to % PEOPLE]);
        bool allowed = isOwner(who, folder) && !suspended[next] && next != who;
        bytes memory data = abi.encodeCall(registry.transferFolder, (folder, next));
        attempt(who, data, allowed, "transfer");
        if (allowed) owners[folder] = next;
    }

    function addRecord(uint256 by, uint256 f, uint256 r, uint32 stale) public {
        (address who, bytes32 folder, bytes32 record) = (person(by, f), aFolder(f), aRecord(r));
        uint32 epoch = anEpoch(folder, stale);
        Entry storage entry = entries[keyOf(folder, record, address(0))];
        bool allowed =
            mayWrite(who, folder, record, ADD) && epoch == epochs[folder] && entry.version == 0;
        bytes memory data = abi.encodeCall(registry.addRecord, (folder, record, epoch, INNER));
        attempt(who, data, allowed, "add");
        if (allowed) (entry.version, entry.status) = (1, 1);
    }

    function amendRecord(uint256 by, uint256 f, uint256 r, uint32 stale) public {
        (address who, bytes32 folder, bytes32 record) = (person(by, f), aFolder(f), aRecord(r));
        uint32 epoch = anEpoch(folder, stale);
        Entry storage entry = entries[keyOf(folder, record, address(0))];
        bool allowed =
            mayWrite(who, folder, record, AMEND) && epoch == epochs[folder] && entry.status == 1;
        bytes memory data =
            abi.encodeCall(registry.amendRecord, (folder, record, entry.version, epoch, INNER));
        attempt(who, data, allowed, "amend");
        if (allowed) entry.version++;
    }

    function resealRecord(uint256 by, uint256 f, uint256 r, uint32 stale) public {
        (address who, bytes32 folder, bytes32 record) = (person(by, f), aFolder(f), aRecord(r));
        uint32 epoch = anEpoch(folder, stale);
        Entry storage entry = entries[keyOf(folder, record, address(0))];
        bool allowed = isOwner(who, folder) && epoch == epochs[folder]
            && (entry.status == 1 || entry.status == 2);
        bytes memory data =
            abi.encodeCall(registry.resealRecord, (folder, record, entry.version, epoch, INNER_2));
        attempt(who, data, allowed, "reseal");
    }

    function setRecordStatus(uint256 by, uint256 f, uint256 r, uint8 status) public {
        (address who, bytes32 folder, bytes32 record) = (person(by, f), aFolder(f), aRecord(r));
        status = status % 4;
        Entry storage entry = entries[keyOf(folder, record, address(0))];
        bool allowed = changeNeeds(entry.status, status) != 0
            && mayWrite(who, folder, record, changeNeeds(entry.status, status));
        bytes memory data = abi.encodeCall(
            registry.setRecordStatus,
            (folder, record, entry.version, IEhrRegistry.RecordStatus(status))
        );
        attempt(who, data, allowed, "status");
        if (!allowed) return;
        if (status == 3) entry.underRemoval = entry.status;
        entry.status = entry.status == 3 ? entry.underRemoval : status;
    }

    function suspendOrReinstate(uint256 i) public {
        address who = people[i % PEOPLE / 2 * 2];
        if (suspended[who]) {
            attempt(registrar, abi.encodeCall(registry.reinstateAccount, (who)), true, "reinstate");
        } else {
            attempt(registrar, abi.encodeCall(registry.suspendAccount, (who)), true, "suspend");
        }
        suspended[who] = !suspended[who];
    }

    function letTimePass(uint32 seconds_) public {
        vm.warp(block.timestamp + seconds_ % 1 days);
    }

    function upgradeToNext() public {
        address next = address(new EhrRegistryV2(address(forwarder)));
        upgrade(proxyOwner, next, "");
    }

    /// Everything that the registry holds against everything that the model holds.
    function compare() external view returns (string memory) {
        for (uint256 f = 0; f < FOLDERS; f++) {
            bytes32 folder = folders[f];
            (address owner, uint32 epoch,,) = registry.folderOf(folder);
            if (owner != owners[folder] || epoch != epochs[folder]) return "folder";
            for (uint256 s = 0; s <= RECORDS; s++) {
                if (!sameRecord(folder, bytes32(s))) return "record";
                for (uint256 i = 0; i < PEOPLE; i++) {
                    if (!sameGrant(folder, bytes32(s), people[i])) return "grant";
                }
            }
        }
        return "";
    }

    function sameRecord(bytes32 folder, bytes32 record) private view returns (bool) {
        (, uint32 version, IEhrRegistry.RecordStatus status) = registry.recordOf(folder, record);
        Entry storage entry = entries[keyOf(folder, record, address(0))];
        return version == entry.version && uint8(status) == entry.status;
    }

    function sameGrant(bytes32 folder, bytes32 scope, address who) private view returns (bool) {
        (,,, uint8 status, uint32 generation) = registry.grantOf(folder, scope, who);
        Promise storage p = promises[keyOf(folder, scope, who)];
        return generation == p.revokes && (status == 1) == p.live;
    }

    function attempt(address who, bytes memory data, bool allowed, string memory what) private {
        vm.prank(who);
        (bool success,) = address(registry).call(data);
        if (success) done++;
        else refused++;
        if (success == allowed) return;
        if (wrongs == 0) {
            firstWrong = string.concat(what, success ? " was allowed" : " was refused");
        }
        wrongs++;
    }

    function isOwner(address who, bytes32 folder) private view returns (bool) {
        return owners[folder] == who && !suspended[who];
    }

    function mayWrite(address who, bytes32 folder, bytes32 record, uint8 permission)
        private
        view
        returns (bool)
    {
        if (suspended[who]) return false;
        return owners[folder] == who || lives(folder, 0, who, permission)
            || lives(folder, record, who, permission);
    }

    function lives(bytes32 folder, bytes32 scope, address who, uint8 permission)
        private
        view
        returns (bool)
    {
        Promise storage p = promises[keyOf(folder, scope, who)];
        bool now_ = p.from <= block.timestamp && block.timestamp < p.to;
        return p.live && now_ && p.permissions & permission != 0;
    }

    /// The permission that a change of status needs; 0 = there is no such change.
    function changeNeeds(uint8 from, uint8 to) private pure returns (uint8) {
        if (from == 1 && to == 2 || from == 2 && to == 1) return AMEND;
        bool removing = (from == 1 || from == 2) && to == 3;
        return removing || from == 3 && to == 1 ? REMOVE : 0;
    }

    /// Every third time the owner, so that enough is allowed.
    function person(uint256 seed, uint256 f) private view returns (address) {
        return seed % 3 == 0 ? owners[aFolder(f)] : people[seed / 3 % PEOPLE];
    }

    function aFolder(uint256 seed) private view returns (bytes32) {
        return folders[seed % FOLDERS];
    }

    function aRecord(uint256 seed) private pure returns (bytes32) {
        return bytes32(seed % RECORDS + 1);
    }

    function aScope(uint256 seed) private pure returns (bytes32) {
        return bytes32(seed % (RECORDS + 1));
    }

    function anEpoch(bytes32 folder, uint32 stale) private view returns (uint32) {
        return stale % 5 == 0 ? stale % 7 : epochs[folder];
    }

    function keyOf(bytes32 folder, bytes32 scope, address who) private pure returns (bytes32) {
        return keccak256(abi.encode(folder, scope, who));
    }
}

contract InvariantsTest {
    Handler private handler;

    function setUp() public {
        handler = new Handler();
        handler.setUp();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function excludeSelectors() public view returns (FuzzSelector[] memory excluded) {
        excluded = new FuzzSelector[](1);
        excluded[0].addr = address(handler);
        excluded[0].selectors = new bytes4[](1);
        excluded[0].selectors[0] = handler.setUp.selector;
    }

    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    function invariant_nobody_does_what_the_rules_refuse_or_is_refused_what_they_allow()
        public
        view
    {
        require(handler.wrongs() == 0, handler.firstWrong());
    }

    function invariant_the_registry_holds_what_the_model_holds() public view {
        string memory difference = handler.compare();
        require(bytes(difference).length == 0, difference);
    }

    /// The model would prove nothing if nearly all calls were allowed, or refused.
    function test_the_model_allows_a_good_part_and_refuses_a_good_part() public {
        for (uint256 i = 0; i < 200; i++) {
            uint256 seed = uint256(keccak256(abi.encode(i)));
            (uint256 by, uint256 f, uint256 r) = (seed >> 8, seed >> 40, seed >> 72);
            handler.grant(by, f, r, seed >> 104, uint8(seed >> 136), uint32(seed >> 144));
            handler.addRecord(by >> 1, f, r, uint32(seed >> 176));
            handler.amendRecord(by >> 2, f, r, uint32(seed >> 208));
            handler.setRecordStatus(by >> 3, f, r, uint8(seed));
            if (i % 8 == 0) handler.suspendOrReinstate(seed);
            if (i % 16 == 0) handler.letTimePass(uint32(seed));
        }
        require(handler.done() > 150 && handler.refused() > 150, "too much of one kind");
        require(handler.wrongs() == 0, handler.firstWrong());
    }
}
