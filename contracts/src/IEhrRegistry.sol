// SPDX-License-Identifier: Apache-2.0
// What the registry of patient-owned health records can be asked, what it tells and how it refuses.
pragma solidity 0.8.37;

/// @title Registry of patient-owned health records
/// @notice Says who may read or write which folder, and which version of a record is the valid one.
/// It holds no record, no name, no kind of illness and no place where a record lies.
/// @dev Callers are `_msgSender()`: the sender of the transaction, or the signer of a request that
/// came through the trusted ERC-2771 forwarder. A caller without an account may act (addresses made
/// for one relationship have none); a caller whose account is suspended or over may not.
interface IEhrRegistry {
    /// @dev The account was suspended by a registrar.
    error AccountSuspended(address account);
    /// @dev The account's validity ended at `validUntil` (seconds since 1970).
    error AccountExpired(address account, uint64 validUntil);
    /// @dev No registrar ever registered this address.
    error AccountUnknown(address account);
    /// @dev The account has this status already.
    error AccountStatusUnchanged(address account, AccountStatus status);
    /// @dev Role None, the zero address or an end in the past cannot be registered.
    error AccountInvalid(address account, Role role, uint64 validUntil);
    /// @dev Administrator and registrar given at the start must not be the zero address.
    error RegistryInvalidRoleHolder(address account);
    /// @dev This owner opened a folder with this salt before.
    error FolderExists(bytes32 folderId);
    /// @dev No such folder.
    error FolderUnknown(bytes32 folderId);
    /// @dev Only `owner` may do this.
    error FolderNotOwned(bytes32 folderId, address account, address owner);
    /// @dev A folder cannot go to the zero address or to who owns it.
    error FolderInvalidOwner(bytes32 folderId, address newOwner);
    /// @dev The hash of a folder key must not be zero.
    error FolderInvalidKeyHash(bytes32 folderId);
    /// @dev The caller sealed for another epoch than the folder's, which is `current`.
    error StaleEpoch(uint32 current);
    /// @dev The zero address can hold no grant.
    error GrantInvalidHolder(address holder);
    /// @dev No permission, or bits that have no meaning.
    error GrantInvalidPermissions(uint8 permissions);
    /// @dev A grant must end, after it begins and after now (seconds since 1970).
    error GrantInvalidPeriod(uint64 notBefore, uint64 notAfter);
    /// @dev The grant was revoked since the caller looked; its generation is `current`.
    error GenerationMismatch(uint32 current);
    /// @dev Zero names no record: as a scope it means the whole folder.
    error RecordInvalidId(bytes32 folderId);
    /// @dev The folder has a record of this id.
    error RecordExists(bytes32 folderId, bytes32 recordId);
    /// @dev The folder has no record of this id.
    error RecordUnknown(bytes32 folderId, bytes32 recordId);
    /// @dev The record's status does not allow this change.
    error RecordInvalidStatus(bytes32 folderId, bytes32 recordId, RecordStatus status);
    /// @dev Neither owner nor holder of a live grant with this permission.
    error RecordNotPermitted(bytes32 folderId, bytes32 recordId, address account, uint8 permission);
    /// @dev The record changed since the caller looked; its version is `current`.
    error VersionMismatch(uint32 current);

    event AccountSet(address indexed account, uint8 role, uint8 status, uint64 validUntil);
    event KeyCardSet(address indexed account, bytes32 keyCardHash);
    event FolderOpened(bytes32 indexed folderId, address owner, bytes32 keyHash);
    event FolderRotated(bytes32 indexed folderId, uint32 epoch, bytes32 keyHash);
    event FolderTransferred(bytes32 indexed folderId, address newOwner);
    event GrantSet(
        bytes32 indexed folderId,
        bytes32 indexed scope,
        address indexed holder,
        uint8 permissions,
        uint64 notBefore,
        uint64 notAfter,
        uint32 generation
    );
    event GrantRevoked(
        bytes32 indexed folderId, bytes32 indexed scope, address indexed holder, uint32 generation
    );
    event RecordAdded(
        bytes32 indexed folderId,
        bytes32 indexed recordId,
        uint32 version,
        uint32 epoch,
        address author,
        bytes26 commitment
    );
    event RecordAmended(
        bytes32 indexed folderId,
        bytes32 indexed recordId,
        uint32 version,
        uint32 epoch,
        address author,
        bytes26 commitment
    );
    event RecordResealed(
        bytes32 indexed folderId,
        bytes32 indexed recordId,
        uint32 version,
        uint32 epoch,
        address author,
        bytes26 commitment
    );
    event RecordStatusSet(
        bytes32 indexed folderId,
        bytes32 indexed recordId,
        uint32 version,
        uint8 status,
        address author
    );

    enum Role {
        None,
        Patient,
        Practitioner,
        Organisation
    }

    enum AccountStatus {
        None,
        Active,
        Suspended
    }

    enum RecordStatus {
        None,
        Active,
        EnteredInError,
        Removed
    }

    /// @notice Puts a person or organisation into the register, or renews the entry.
    /// @dev A suspended account stays suspended.
    /// @param account address of the account
    /// @param role patient, practitioner or organisation
    /// @param validUntil end of validity in seconds since 1970; 0 = none
    /// @custom:access REGISTRAR_ROLE
    function registerAccount(address account, Role role, uint64 validUntil) external;

    /// @notice Takes every power from an account until it is reinstated.
    /// @param account address of the account
    /// @custom:access REGISTRAR_ROLE
    function suspendAccount(address account) external;

    /// @notice Gives a suspended account its powers back.
    /// @param account address of the account
    /// @custom:access REGISTRAR_ROLE
    function reinstateAccount(address account) external;

    /// @notice Publishes which key card is yours, so that others can seal records for you.
    /// @param keyCardHash EIP-712 digest of the card
    /// @custom:access an active account, for itself
    function setKeyCard(bytes32 keyCardHash) external;

    /// @notice Opens a folder that belongs to you. Its first epoch is 1.
    /// @param salt chosen by the owner; one folder for each salt
    /// @param keyHash hash of the folder key of epoch 1
    /// @return folderId derived from chain, registry, owner and salt, so that nobody can take it
    /// @custom:access anyone not suspended
    function openFolder(bytes32 salt, bytes32 keyHash) external returns (bytes32 folderId);

    /// @notice Gives the folder a new key: who was revoked cannot open what is written from now on.
    /// @param folderId the folder
    /// @param expectedEpoch the epoch that ends
    /// @param keyHash hash of the folder key of the next epoch
    /// @custom:access owner of the folder
    function rotateFolder(bytes32 folderId, uint32 expectedEpoch, bytes32 keyHash) external;

    /// @notice Hands the folder to another address, with its records and grants.
    /// @param folderId the folder
    /// @param newOwner who owns it from now on
    /// @custom:access owner of the folder
    function transferFolder(bytes32 folderId, address newOwner) external;

    /// @notice Lets somebody read or write a folder, or one record, for a time.
    /// @dev Replaces what the holder had in this scope. To narrow a grant, send revoke and grant in
    /// one multicall: revoking makes grants that were signed before, but not sent, worthless.
    /// @param folderId the folder
    /// @param scope 0 = the whole folder, else the id of one record of it
    /// @param holder address that receives the grant
    /// @param permissions sum of VIEW 1, ADD 2, AMEND 4, REMOVE 8
    /// @param notBefore begin in seconds since 1970
    /// @param notAfter end in seconds since 1970, later than now
    /// @param expectedGeneration generation of the grant that the owner saw
    /// @custom:access owner of the folder
    function grant(
        bytes32 folderId,
        bytes32 scope,
        address holder,
        uint8 permissions,
        uint64 notBefore,
        uint64 notAfter,
        uint32 expectedGeneration
    ) external;

    /// @notice Ends a grant at once.
    /// @dev Increments the generation even where there was no grant.
    /// @param folderId the folder
    /// @param scope 0 = the whole folder, else the id of one record of it
    /// @param holder address that loses the grant
    /// @custom:access owner of the folder
    function revoke(bytes32 folderId, bytes32 scope, address holder) external;

    /// @notice Adds a record to a folder, as version 1.
    /// @param folderId the folder
    /// @param recordId random id of the record
    /// @param epoch epoch whose key sealed it
    /// @param inner salted hash over the sealed content and its description
    /// @custom:access owner, or holder of a live grant with ADD
    function addRecord(bytes32 folderId, bytes32 recordId, uint32 epoch, bytes32 inner) external;

    /// @notice Puts a new version in the place of a record.
    /// @param folderId the folder
    /// @param recordId the record
    /// @param expectedVersion version that the author saw
    /// @param epoch epoch whose key sealed it
    /// @param inner salted hash over the sealed content and its description
    /// @custom:access owner, or holder of a live grant with AMEND
    function amendRecord(
        bytes32 folderId,
        bytes32 recordId,
        uint32 expectedVersion,
        uint32 epoch,
        bytes32 inner
    ) external;

    /// @notice Encrypts a record anew without changing what it says.
    /// @dev The version stays, so that nobody takes it for an amendment.
    /// @param folderId the folder
    /// @param recordId the record
    /// @param expectedVersion version that the owner saw
    /// @param epoch epoch whose key sealed it
    /// @param inner salted hash over the sealed content and its description
    /// @custom:access owner of the folder
    function resealRecord(
        bytes32 folderId,
        bytes32 recordId,
        uint32 expectedVersion,
        uint32 epoch,
        bytes32 inner
    ) external;

    /// @notice Marks a record as entered in error or removed, or takes back the last of these marks.
    /// @dev A removed record must be brought back before it can be marked as entered in error. One
    /// that was entered in error when it was removed comes back as entered in error, since REMOVE
    /// alone must not make an error valid; the event says which.
    /// @param folderId the folder
    /// @param recordId the record
    /// @param expectedVersion version that the author saw
    /// @param status the new status; Active takes the mark back
    /// @custom:access owner, or holder of a live grant with AMEND (entered in error) or REMOVE
    /// (removed); back to active with the permission of the status that it leaves
    function setRecordStatus(
        bytes32 folderId,
        bytes32 recordId,
        uint32 expectedVersion,
        RecordStatus status
    ) external;

    /// @notice What the register says of an address.
    /// @param account address of the account
    function accountOf(address account)
        external
        view
        returns (Role role, AccountStatus status, uint64 validUntil);

    /// @notice Hash of the key card that an account published; 0 = none.
    /// @param account address of the account
    function keyCardHashOf(address account) external view returns (bytes32);

    /// @notice Owner, epoch, status (0 none, 1 open) and key hash of a folder.
    /// @param folderId the folder
    function folderOf(bytes32 folderId)
        external
        view
        returns (address owner, uint32 epoch, uint8 status, bytes32 keyHash);

    /// @notice Id that a folder of this owner with this salt has or would have.
    /// @param owner address that opens it
    /// @param salt chosen by the owner
    function folderIdOf(address owner, bytes32 salt) external view returns (bytes32);

    /// @notice The grant of a holder; status 0 none, 1 active, 2 revoked.
    /// @param folderId the folder
    /// @param scope 0 = the whole folder, else the id of one record of it
    /// @param holder address of the holder
    function grantOf(bytes32 folderId, bytes32 scope, address holder)
        external
        view
        returns (
            uint8 permissions,
            uint64 notBefore,
            uint64 notAfter,
            uint8 status,
            uint32 generation
        );

    /// @notice Commitment, version and status of a record.
    /// @param folderId the folder
    /// @param recordId the record
    function recordOf(bytes32 folderId, bytes32 recordId)
        external
        view
        returns (bytes26 commitment, uint32 version, RecordStatus status);

    /// @notice Version of the contract behind the proxy.
    function version() external view returns (string memory);
}
