// SPDX-License-Identifier: Apache-2.0
// The registry of patient-owned health records: accounts, folders, grants, records.
pragma solidity 0.8.37;

import {
    AccessControlUpgradeable
} from "@openzeppelin/contracts-upgradeable/access/AccessControlUpgradeable.sol";
import {
    ERC2771ContextUpgradeable
} from "@openzeppelin/contracts-upgradeable/metatx/ERC2771ContextUpgradeable.sol";
import {ContextUpgradeable} from "@openzeppelin/contracts-upgradeable/utils/ContextUpgradeable.sol";
import {
    MulticallUpgradeable
} from "@openzeppelin/contracts-upgradeable/utils/MulticallUpgradeable.sol";
import {IEhrRegistry} from "./IEhrRegistry.sol";

/// @title Registry of patient-owned health records
/// @notice Says who may read or write which folder, and which version of a record is the valid one.
/// @dev Runs behind a TransparentUpgradeableProxy. Security considerations:
/// - The forwarder is trusted with every identity; it is an immutable of the implementation, so an
///   upgrade must be built with the same one (the upgrade test and `ehr admin upgrade` compare).
/// - Registrars decide who is registered and who is suspended. They can neither grant nor read nor
///   recover: no function lets them near a folder.
/// - Every hash binds chain, proxy, folder, record, version, epoch and author, so that a commitment
///   that was seen elsewhere is worthless here.
contract EhrRegistry is
    IEhrRegistry,
    AccessControlUpgradeable,
    ERC2771ContextUpgradeable,
    MulticallUpgradeable
{
    /// @dev One slot: role bits 0-7, status 8-15, validUntil 16-79.
    struct Account {
        Role role;
        AccountStatus status;
        uint64 validUntil;
    }

    /// @dev Two slots: owner bits 0-159, epoch 160-191, status 192-199; then keyHash.
    struct Folder {
        address owner;
        uint32 epoch;
        uint8 status;
        bytes32 keyHash;
    }

    /// @dev One slot: permissions bits 0-7, notBefore 8-71, notAfter 72-135, status 136-143,
    /// generation 144-175.
    struct Grant {
        uint8 permissions;
        uint64 notBefore;
        uint64 notAfter;
        uint8 status;
        uint32 generation;
    }

    /// @dev One slot: commitment bits 0-207, version 208-239, status 240-247, removedInError 248-255:
    /// a removed record that was entered in error, so that bringing it back brings the mark back.
    struct Record {
        bytes26 commitment;
        uint32 version;
        RecordStatus status;
        bool removedInError;
    }

    /// @dev Append only.
    /// @custom:storage-location erc7201:ehrd.storage.Registry
    struct RegistryStorage {
        mapping(address account => Account) accounts;
        mapping(address account => bytes32) keyCards;
        mapping(bytes32 folderId => Folder) folders;
        mapping(bytes32 folderId => mapping(bytes32 scope => mapping(address holder => Grant)))
            grants;
        mapping(bytes32 folderId => mapping(bytes32 recordId => Record)) records;
    }

    /// @notice May register, suspend and reinstate accounts.
    bytes32 public constant REGISTRAR_ROLE = keccak256("REGISTRAR_ROLE");

    uint8 public constant VIEW = 1;
    uint8 public constant ADD = 2;
    uint8 public constant AMEND = 4;
    uint8 public constant REMOVE = 8;

    /// @dev Bit 16 is kept for SHARE and refused until there is delegation.
    uint8 private constant PERMISSIONS = VIEW | ADD | AMEND | REMOVE;
    uint8 private constant FOLDER_OPEN = 1;
    uint8 private constant GRANT_ACTIVE = 1;
    uint8 private constant GRANT_REVOKED = 2;
    bytes32 private constant WHOLE_FOLDER = 0;

    bytes32 private constant FOLDER_DOMAIN = keccak256("ehrd/folder/v1");
    bytes32 private constant RECORD_DOMAIN = keccak256("ehrd/record/v1");

    /// @dev keccak256(abi.encode(uint256(keccak256("ehrd.storage.Registry")) - 1)) &
    /// ~bytes32(uint256(0xff)); a test computes it anew.
    bytes32 private constant REGISTRY_STORAGE =
        0x9b3d8516c7112f1a6730f30ce52cb25a8f406540a26e5b440a63a9ee95e51c00;

    /// @dev Refuses callers that are neither registrar nor in good standing.
    modifier onlyRegistrar() {
        address sender = _msgSender();
        _checkRole(REGISTRAR_ROLE, sender);
        _requireStanding(sender);
        _;
    }

    /// @param forwarder_ the ERC-2771 forwarder to trust, for the life of this implementation
    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor(address forwarder_) ERC2771ContextUpgradeable(forwarder_) {
        _disableInitializers();
    }

    /// @notice Starts the registry; once, in the transaction that makes the proxy.
    /// @param admin may appoint and dismiss registrars and administrators
    /// @param registrar the first registrar
    /// @custom:access whoever makes the proxy
    function initialize(address admin, address registrar) external initializer {
        if (admin == address(0) || registrar == address(0)) {
            revert RegistryInvalidRoleHolder(address(0));
        }
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
        _grantRole(REGISTRAR_ROLE, registrar);
    }

    /// @inheritdoc IEhrRegistry
    function registerAccount(address account, Role role, uint64 validUntil) external onlyRegistrar {
        bool over = validUntil != 0 && validUntil <= block.timestamp;
        if (account == address(0) || role == Role.None || over) {
            revert AccountInvalid(account, role, validUntil);
        }
        Account storage entry = _registry().accounts[account];
        AccountStatus status = entry.status;
        if (status == AccountStatus.None) status = AccountStatus.Active;
        (entry.role, entry.status, entry.validUntil) = (role, status, validUntil);
        emit AccountSet(account, uint8(role), uint8(status), validUntil);
    }

    /// @inheritdoc IEhrRegistry
    function suspendAccount(address account) external onlyRegistrar {
        _setAccountStatus(account, AccountStatus.Suspended);
    }

    /// @inheritdoc IEhrRegistry
    function reinstateAccount(address account) external onlyRegistrar {
        _setAccountStatus(account, AccountStatus.Active);
    }

    /// @inheritdoc IEhrRegistry
    function setKeyCard(bytes32 keyCardHash) external {
        address sender = _msgSender();
        if (_requireStanding(sender) == AccountStatus.None) revert AccountUnknown(sender);
        _registry().keyCards[sender] = keyCardHash;
        emit KeyCardSet(sender, keyCardHash);
    }

    /// @inheritdoc IEhrRegistry
    function openFolder(bytes32 salt, bytes32 keyHash) external returns (bytes32 folderId) {
        address sender = _msgSender();
        _requireStanding(sender);
        folderId = folderIdOf(sender, salt);
        Folder storage folder = _registry().folders[folderId];
        if (folder.owner != address(0)) revert FolderExists(folderId);
        if (keyHash == 0) revert FolderInvalidKeyHash(folderId);
        (folder.owner, folder.epoch, folder.status) = (sender, 1, FOLDER_OPEN);
        folder.keyHash = keyHash;
        emit FolderOpened(folderId, sender, keyHash);
    }

    /// @inheritdoc IEhrRegistry
    function rotateFolder(bytes32 folderId, uint32 expectedEpoch, bytes32 keyHash) external {
        (Folder storage folder,) = _requireOwner(folderId);
        _requireEpoch(folder, expectedEpoch);
        if (keyHash == 0) revert FolderInvalidKeyHash(folderId);
        uint32 epoch = expectedEpoch + 1;
        folder.epoch = epoch;
        folder.keyHash = keyHash;
        emit FolderRotated(folderId, epoch, keyHash);
    }

    /// @inheritdoc IEhrRegistry
    function transferFolder(bytes32 folderId, address newOwner) external {
        (Folder storage folder, address owner) = _requireOwner(folderId);
        if (newOwner == address(0) || newOwner == owner) {
            revert FolderInvalidOwner(folderId, newOwner);
        }
        _requireStanding(newOwner);
        folder.owner = newOwner;
        emit FolderTransferred(folderId, newOwner);
    }

    /// @inheritdoc IEhrRegistry
    function grant(
        bytes32 folderId,
        bytes32 scope,
        address holder,
        uint8 permissions,
        uint64 notBefore,
        uint64 notAfter,
        uint32 expectedGeneration
    ) external {
        _requireOwner(folderId);
        if (holder == address(0)) revert GrantInvalidHolder(holder);
        if (permissions == 0 || permissions & ~PERMISSIONS != 0) {
            revert GrantInvalidPermissions(permissions);
        }
        if (notAfter <= block.timestamp || notAfter <= notBefore) {
            revert GrantInvalidPeriod(notBefore, notAfter);
        }
        Grant storage entry = _registry().grants[folderId][scope][holder];
        uint32 generation = entry.generation;
        if (generation != expectedGeneration) revert GenerationMismatch(generation);
        (entry.permissions, entry.notBefore, entry.notAfter, entry.status) =
        (permissions, notBefore, notAfter, GRANT_ACTIVE);
        emit GrantSet(folderId, scope, holder, permissions, notBefore, notAfter, generation);
    }

    /// @inheritdoc IEhrRegistry
    function revoke(bytes32 folderId, bytes32 scope, address holder) external {
        _requireOwner(folderId);
        Grant storage entry = _registry().grants[folderId][scope][holder];
        uint32 generation = entry.generation + 1;
        (entry.status, entry.generation) = (GRANT_REVOKED, generation);
        emit GrantRevoked(folderId, scope, holder, generation);
    }

    /// @inheritdoc IEhrRegistry
    function addRecord(bytes32 folderId, bytes32 recordId, uint32 epoch, bytes32 inner) external {
        (Folder storage folder, address author) = _requirePermission(folderId, recordId, ADD);
        _requireEpoch(folder, epoch);
        if (recordId == WHOLE_FOLDER) revert RecordInvalidId(folderId);
        Record storage record = _registry().records[folderId][recordId];
        if (record.status != RecordStatus.None) revert RecordExists(folderId, recordId);
        bytes26 commitment = _commitment(folderId, recordId, 1, epoch, author, inner);
        (record.commitment, record.version, record.status) = (commitment, 1, RecordStatus.Active);
        emit RecordAdded(folderId, recordId, 1, epoch, author, commitment);
    }

    /// @inheritdoc IEhrRegistry
    function amendRecord(
        bytes32 folderId,
        bytes32 recordId,
        uint32 expectedVersion,
        uint32 epoch,
        bytes32 inner
    ) external {
        (Folder storage folder, address author) = _requirePermission(folderId, recordId, AMEND);
        _requireEpoch(folder, epoch);
        (Record storage record, RecordStatus status) =
            _requireVersion(folderId, recordId, expectedVersion);
        if (status != RecordStatus.Active) {
            revert RecordInvalidStatus(folderId, recordId, status);
        }
        uint32 next = expectedVersion + 1;
        bytes26 commitment = _commitment(folderId, recordId, next, epoch, author, inner);
        (record.commitment, record.version) = (commitment, next);
        emit RecordAmended(folderId, recordId, next, epoch, author, commitment);
    }

    /// @inheritdoc IEhrRegistry
    function resealRecord(
        bytes32 folderId,
        bytes32 recordId,
        uint32 expectedVersion,
        uint32 epoch,
        bytes32 inner
    ) external {
        (Folder storage folder, address owner) = _requireOwner(folderId);
        _requireEpoch(folder, epoch);
        (Record storage record, RecordStatus status) =
            _requireVersion(folderId, recordId, expectedVersion);
        if (status == RecordStatus.Removed) {
            revert RecordInvalidStatus(folderId, recordId, status);
        }
        bytes26 commitment = _commitment(folderId, recordId, expectedVersion, epoch, owner, inner);
        record.commitment = commitment;
        emit RecordResealed(folderId, recordId, expectedVersion, epoch, owner, commitment);
    }

    /// @inheritdoc IEhrRegistry
    function setRecordStatus(
        bytes32 folderId,
        bytes32 recordId,
        uint32 expectedVersion,
        RecordStatus status
    ) external {
        RecordStatus from = _registry().records[folderId][recordId].status;
        RecordStatus marked = status == RecordStatus.Active ? from : status;
        uint8 permission = marked == RecordStatus.EnteredInError ? AMEND : REMOVE;
        (, address author) = _requirePermission(folderId, recordId, permission);
        (Record storage record,) = _requireVersion(folderId, recordId, expectedVersion);
        bool backwards = from == RecordStatus.Removed && status != RecordStatus.Active;
        if (status == RecordStatus.None || status == from || backwards) {
            revert RecordInvalidStatus(folderId, recordId, from);
        }
        if (status == RecordStatus.Active && record.removedInError) {
            status = RecordStatus.EnteredInError;
        }
        (record.status, record.removedInError) =
        (status, status == RecordStatus.Removed && from == RecordStatus.EnteredInError);
        emit RecordStatusSet(folderId, recordId, expectedVersion, uint8(status), author);
    }

    /// @inheritdoc IEhrRegistry
    function accountOf(address account)
        external
        view
        returns (Role role, AccountStatus status, uint64 validUntil)
    {
        Account storage entry = _registry().accounts[account];
        return (entry.role, entry.status, entry.validUntil);
    }

    /// @inheritdoc IEhrRegistry
    function keyCardHashOf(address account) external view returns (bytes32) {
        return _registry().keyCards[account];
    }

    /// @inheritdoc IEhrRegistry
    function folderOf(bytes32 folderId)
        external
        view
        returns (address owner, uint32 epoch, uint8 status, bytes32 keyHash)
    {
        Folder storage folder = _registry().folders[folderId];
        return (folder.owner, folder.epoch, folder.status, folder.keyHash);
    }

    /// @inheritdoc IEhrRegistry
    function grantOf(bytes32 folderId, bytes32 scope, address holder)
        external
        view
        returns (
            uint8 permissions,
            uint64 notBefore,
            uint64 notAfter,
            uint8 status,
            uint32 generation
        )
    {
        Grant storage entry = _registry().grants[folderId][scope][holder];
        return (entry.permissions, entry.notBefore, entry.notAfter, entry.status, entry.generation);
    }

    /// @inheritdoc IEhrRegistry
    function recordOf(bytes32 folderId, bytes32 recordId)
        external
        view
        returns (bytes26 commitment, uint32 version_, RecordStatus status)
    {
        Record storage record = _registry().records[folderId][recordId];
        return (record.commitment, record.version, record.status);
    }

    /// @inheritdoc IEhrRegistry
    function version() external pure virtual returns (string memory) {
        return "1.1.0";
    }

    /// @inheritdoc IEhrRegistry
    function folderIdOf(address owner, bytes32 salt) public view returns (bytes32) {
        return keccak256(abi.encode(FOLDER_DOMAIN, block.chainid, address(this), owner, salt));
    }

    function _setAccountStatus(address account, AccountStatus status) internal {
        Account storage entry = _registry().accounts[account];
        (Role role, AccountStatus was, uint64 validUntil) =
            (entry.role, entry.status, entry.validUntil);
        if (was == AccountStatus.None) revert AccountUnknown(account);
        if (was == status) revert AccountStatusUnchanged(account, status);
        entry.status = status;
        emit AccountSet(account, uint8(role), uint8(status), validUntil);
    }

    /// @dev Reverts for an account that is suspended or over. Returns None for an address without
    /// an account, else Active.
    function _requireStanding(address account) internal view returns (AccountStatus status) {
        Account storage entry = _registry().accounts[account];
        uint64 validUntil;
        (status, validUntil) = (entry.status, entry.validUntil);
        if (status == AccountStatus.Suspended) revert AccountSuspended(account);
        if (validUntil != 0 && validUntil <= block.timestamp) {
            revert AccountExpired(account, validUntil);
        }
    }

    function _requireOwner(bytes32 folderId)
        internal
        view
        returns (Folder storage folder, address sender)
    {
        sender = _msgSender();
        _requireStanding(sender);
        folder = _registry().folders[folderId];
        address owner = folder.owner;
        if (owner == address(0)) revert FolderUnknown(folderId);
        if (owner != sender) revert FolderNotOwned(folderId, sender, owner);
    }

    /// @dev The owner, or a live grant on the folder or on this very record.
    function _requirePermission(bytes32 folderId, bytes32 recordId, uint8 permission)
        internal
        view
        returns (Folder storage folder, address sender)
    {
        sender = _msgSender();
        _requireStanding(sender);
        RegistryStorage storage $ = _registry();
        folder = $.folders[folderId];
        address owner = folder.owner;
        if (owner == address(0)) revert FolderUnknown(folderId);
        if (owner == sender) return (folder, sender);
        if (_permits($.grants[folderId][WHOLE_FOLDER][sender], permission)) {
            return (folder, sender);
        }
        if (!_permits($.grants[folderId][recordId][sender], permission)) {
            revert RecordNotPermitted(folderId, recordId, sender, permission);
        }
    }

    /// @dev Live = active and notBefore <= now < notAfter.
    function _permits(Grant storage entry, uint8 permission) internal view returns (bool) {
        (uint8 permissions, uint64 notBefore, uint64 notAfter, uint8 status) =
            (entry.permissions, entry.notBefore, entry.notAfter, entry.status);
        return status == GRANT_ACTIVE && permissions & permission != 0
            && notBefore <= block.timestamp && block.timestamp < notAfter;
    }

    function _requireEpoch(Folder storage folder, uint32 epoch) internal view {
        uint32 current = folder.epoch;
        if (epoch != current) revert StaleEpoch(current);
    }

    function _requireVersion(bytes32 folderId, bytes32 recordId, uint32 expectedVersion)
        internal
        view
        returns (Record storage record, RecordStatus status)
    {
        record = _registry().records[folderId][recordId];
        uint32 current = record.version;
        status = record.status;
        if (status == RecordStatus.None) revert RecordUnknown(folderId, recordId);
        if (current != expectedVersion) revert VersionMismatch(current);
    }

    function _commitment(
        bytes32 folderId,
        bytes32 recordId,
        uint256 version_,
        uint256 epoch,
        address author,
        bytes32 inner
    ) internal view returns (bytes26) {
        return bytes26(
            keccak256(
                abi.encode(
                    RECORD_DOMAIN,
                    block.chainid,
                    address(this),
                    folderId,
                    recordId,
                    version_,
                    epoch,
                    author,
                    inner
                )
            )
        );
    }

    function _registry() private pure returns (RegistryStorage storage $) {
        assembly {
            $.slot := REGISTRY_STORAGE
        }
    }

    function _msgSender()
        internal
        view
        override(ContextUpgradeable, ERC2771ContextUpgradeable)
        returns (address)
    {
        return ERC2771ContextUpgradeable._msgSender();
    }

    function _msgData()
        internal
        view
        override(ContextUpgradeable, ERC2771ContextUpgradeable)
        returns (bytes calldata)
    {
        return ERC2771ContextUpgradeable._msgData();
    }

    function _contextSuffixLength()
        internal
        view
        override(ContextUpgradeable, ERC2771ContextUpgradeable)
        returns (uint256)
    {
        return ERC2771ContextUpgradeable._contextSuffixLength();
    }
}
