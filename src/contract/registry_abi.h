/* SPDX-License-Identifier: Apache-2.0 */
/* Bindings of the contracts: selectors, event topics, calldata, results of views.
 *
 * PREFIX_put_NAME appends the calldata of a call to out: OK | buf statuses | E_RANGE (deadline).
 * PREFIX_put_deploy appends init code with the constructor's arguments.
 * PREFIX_read_NAME reads what eth_call gave; *ret is set only on OK; a slice borrows from data:
 * OK | E_TRUNCATED | E_RANGE | E_NOT_CANONICAL.
 * Made by tools/gen-bindings.mjs; do not edit. */
/* clang-format off */
#ifndef EHRD_CONTRACT_REGISTRY_ABI_H
#define EHRD_CONTRACT_REGISTRY_ABI_H

#include "codec/abi.h"
#include "contract/code.h"

enum {
    REGISTRY_ROLE_NONE = 0,
    REGISTRY_ROLE_PATIENT = 1,
    REGISTRY_ROLE_PRACTITIONER = 2,
    REGISTRY_ROLE_ORGANISATION = 3,
};

enum {
    REGISTRY_ACCOUNT_NONE = 0,
    REGISTRY_ACCOUNT_ACTIVE = 1,
    REGISTRY_ACCOUNT_SUSPENDED = 2,
};

enum {
    REGISTRY_RECORD_NONE = 0,
    REGISTRY_RECORD_ACTIVE = 1,
    REGISTRY_RECORD_ENTERED_IN_ERROR = 2,
    REGISTRY_RECORD_REMOVED = 3,
};

enum {
    REGISTRY_VIEW = 1,
    REGISTRY_ADD = 2,
    REGISTRY_AMEND = 4,
    REGISTRY_REMOVE = 8,
    REGISTRY_FOLDER_OPEN = 1,
    REGISTRY_GRANT_ACTIVE = 1,
    REGISTRY_GRANT_REVOKED = 2,
};

/* Storage (contracts/README.md): the ERC-7201 base slot; a mapping lies at base + its index. */
extern const uint8_t registry_storage_base[32];
enum {
    REGISTRY_MAPPING_ACCOUNTS = 0,
    REGISTRY_MAPPING_KEY_CARDS = 1,
    REGISTRY_MAPPING_FOLDERS = 2,
    REGISTRY_MAPPING_GRANTS = 3,
    REGISTRY_MAPPING_RECORDS = 4,
};

extern const uint8_t registry_registrar_role[32]; /* keccak256("REGISTRAR_ROLE") */

/* First topics of events. */
/* AccountSet(address,uint8,uint8,uint64) */
extern const uint8_t registry_topic_AccountSet[32];
/* FolderOpened(bytes32,address,bytes32) */
extern const uint8_t registry_topic_FolderOpened[32];
/* FolderRotated(bytes32,uint32,bytes32) */
extern const uint8_t registry_topic_FolderRotated[32];
/* FolderTransferred(bytes32,address) */
extern const uint8_t registry_topic_FolderTransferred[32];
/* GrantRevoked(bytes32,bytes32,address,uint32) */
extern const uint8_t registry_topic_GrantRevoked[32];
/* GrantSet(bytes32,bytes32,address,uint8,uint64,uint64,uint32) */
extern const uint8_t registry_topic_GrantSet[32];
/* Initialized(uint64) */
extern const uint8_t registry_topic_Initialized[32];
/* KeyCardSet(address,bytes32) */
extern const uint8_t registry_topic_KeyCardSet[32];
/* RecordAdded(bytes32,bytes32,uint32,uint32,address,bytes26) */
extern const uint8_t registry_topic_RecordAdded[32];
/* RecordAmended(bytes32,bytes32,uint32,uint32,address,bytes26) */
extern const uint8_t registry_topic_RecordAmended[32];
/* RecordResealed(bytes32,bytes32,uint32,uint32,address,bytes26) */
extern const uint8_t registry_topic_RecordResealed[32];
/* RecordStatusSet(bytes32,bytes32,uint32,uint8,address) */
extern const uint8_t registry_topic_RecordStatusSet[32];
/* RoleAdminChanged(bytes32,bytes32,bytes32) */
extern const uint8_t registry_topic_RoleAdminChanged[32];
/* RoleGranted(bytes32,address,address) */
extern const uint8_t registry_topic_RoleGranted[32];
/* RoleRevoked(bytes32,address,address) */
extern const uint8_t registry_topic_RoleRevoked[32];
/* EIP712DomainChanged() */
extern const uint8_t forwarder_topic_EIP712DomainChanged[32];
/* ExecutedForwardRequest(address,uint256,bool) */
extern const uint8_t forwarder_topic_ExecutedForwardRequest[32];
/* AdminChanged(address,address) */
extern const uint8_t proxy_topic_AdminChanged[32];
/* Upgraded(address) */
extern const uint8_t proxy_topic_Upgraded[32];

/* Selectors. */
extern const uint8_t registry_sel_accountOf[4];
extern const uint8_t registry_sel_addRecord[4];
extern const uint8_t registry_sel_amendRecord[4];
extern const uint8_t registry_sel_folderIdOf[4];
extern const uint8_t registry_sel_folderOf[4];
extern const uint8_t registry_sel_grant[4];
extern const uint8_t registry_sel_grantOf[4];
extern const uint8_t registry_sel_grantRole[4];
extern const uint8_t registry_sel_hasRole[4];
extern const uint8_t registry_sel_initialize[4];
extern const uint8_t registry_sel_isTrustedForwarder[4];
extern const uint8_t registry_sel_keyCardHashOf[4];
extern const uint8_t registry_sel_multicall[4];
extern const uint8_t registry_sel_openFolder[4];
extern const uint8_t registry_sel_recordOf[4];
extern const uint8_t registry_sel_registerAccount[4];
extern const uint8_t registry_sel_reinstateAccount[4];
extern const uint8_t registry_sel_renounceRole[4];
extern const uint8_t registry_sel_resealRecord[4];
extern const uint8_t registry_sel_revoke[4];
extern const uint8_t registry_sel_revokeRole[4];
extern const uint8_t registry_sel_rotateFolder[4];
extern const uint8_t registry_sel_setKeyCard[4];
extern const uint8_t registry_sel_setRecordStatus[4];
extern const uint8_t registry_sel_suspendAccount[4];
extern const uint8_t registry_sel_transferFolder[4];
extern const uint8_t registry_sel_trustedForwarder[4];
extern const uint8_t registry_sel_version[4];
extern const uint8_t forwarder_sel_eip712Domain[4];
extern const uint8_t forwarder_sel_execute[4];
extern const uint8_t forwarder_sel_executeBatch[4];
extern const uint8_t forwarder_sel_nonces[4];
extern const uint8_t forwarder_sel_verify[4];
extern const uint8_t proxy_admin_sel_owner[4];
extern const uint8_t proxy_admin_sel_transferOwnership[4];
extern const uint8_t proxy_admin_sel_upgradeAndCall[4];

struct forward_request_data {
    addr20 from;
    addr20 to;
    u256 value;
    u256 gas;
    uint64_t deadline;
    slice data;
    slice signature;
};

status registry_put_deploy(struct buf *out, addr20 forwarder) MUST_USE;
status forwarder_put_deploy(struct buf *out, slice name) MUST_USE;
status proxy_put_deploy(struct buf *out, addr20 logic, addr20 initial_owner, slice data) MUST_USE;
status registry_put_account_of(struct buf *out, addr20 account) MUST_USE;
status registry_put_add_record(struct buf *out, hash32 folder_id, hash32 record_id,
                               uint32_t epoch, hash32 inner) MUST_USE;
status registry_put_amend_record(struct buf *out, hash32 folder_id, hash32 record_id,
                                 uint32_t expected_version, uint32_t epoch,
                                 hash32 inner) MUST_USE;
status registry_put_folder_id_of(struct buf *out, addr20 owner, hash32 salt) MUST_USE;
status registry_put_folder_of(struct buf *out, hash32 folder_id) MUST_USE;
status registry_put_grant(struct buf *out, hash32 folder_id, hash32 scope, addr20 holder,
                          uint8_t permissions, uint64_t not_before, uint64_t not_after,
                          uint32_t expected_generation) MUST_USE;
status registry_put_grant_of(struct buf *out, hash32 folder_id, hash32 scope,
                             addr20 holder) MUST_USE;
status registry_put_grant_role(struct buf *out, hash32 role, addr20 account) MUST_USE;
status registry_put_has_role(struct buf *out, hash32 role, addr20 account) MUST_USE;
status registry_put_initialize(struct buf *out, addr20 admin, addr20 registrar) MUST_USE;
status registry_put_is_trusted_forwarder(struct buf *out, addr20 forwarder) MUST_USE;
status registry_put_key_card_hash_of(struct buf *out, addr20 account) MUST_USE;
status registry_put_multicall(struct buf *out, const slice *data, size_t data_n) MUST_USE;
status registry_put_open_folder(struct buf *out, hash32 salt, hash32 key_hash) MUST_USE;
status registry_put_record_of(struct buf *out, hash32 folder_id, hash32 record_id) MUST_USE;
status registry_put_register_account(struct buf *out, addr20 account, uint8_t role,
                                     uint64_t valid_until) MUST_USE;
status registry_put_reinstate_account(struct buf *out, addr20 account) MUST_USE;
status registry_put_renounce_role(struct buf *out, hash32 role,
                                  addr20 caller_confirmation) MUST_USE;
status registry_put_reseal_record(struct buf *out, hash32 folder_id, hash32 record_id,
                                  uint32_t expected_version, uint32_t epoch,
                                  hash32 inner) MUST_USE;
status registry_put_revoke(struct buf *out, hash32 folder_id, hash32 scope, addr20 holder) MUST_USE;
status registry_put_revoke_role(struct buf *out, hash32 role, addr20 account) MUST_USE;
status registry_put_rotate_folder(struct buf *out, hash32 folder_id, uint32_t expected_epoch,
                                  hash32 key_hash) MUST_USE;
status registry_put_set_key_card(struct buf *out, hash32 key_card_hash) MUST_USE;
status registry_put_set_record_status(struct buf *out, hash32 folder_id, hash32 record_id,
                                      uint32_t expected_version, uint8_t new_status) MUST_USE;
status registry_put_suspend_account(struct buf *out, addr20 account) MUST_USE;
status registry_put_transfer_folder(struct buf *out, hash32 folder_id, addr20 new_owner) MUST_USE;
status registry_put_trusted_forwarder(struct buf *out) MUST_USE;
status registry_put_version(struct buf *out) MUST_USE;
status forwarder_put_eip712_domain(struct buf *out) MUST_USE;
status forwarder_put_execute(struct buf *out, const struct forward_request_data *request) MUST_USE;
status forwarder_put_execute_batch(struct buf *out,
                                   const struct forward_request_data *requests, size_t requests_n,
                                   addr20 refund_receiver) MUST_USE;
status forwarder_put_nonces(struct buf *out, addr20 owner) MUST_USE;
status forwarder_put_verify(struct buf *out, const struct forward_request_data *request) MUST_USE;
status proxy_admin_put_owner(struct buf *out) MUST_USE;
status proxy_admin_put_transfer_ownership(struct buf *out, addr20 new_owner) MUST_USE;
status proxy_admin_put_upgrade_and_call(struct buf *out, addr20 proxy, addr20 implementation,
                                        slice data) MUST_USE;

struct registry_account {
    uint8_t role;
    uint8_t status;
    uint64_t valid_until;
};
status registry_read_account_of(slice data, struct registry_account *ret) MUST_USE;
status registry_read_folder_id_of(slice data, hash32 *ret) MUST_USE;
struct registry_folder {
    addr20 owner;
    uint32_t epoch;
    uint8_t status;
    hash32 key_hash;
};
status registry_read_folder_of(slice data, struct registry_folder *ret) MUST_USE;
struct registry_grant {
    uint8_t permissions;
    uint64_t not_before;
    uint64_t not_after;
    uint8_t status;
    uint32_t generation;
};
status registry_read_grant_of(slice data, struct registry_grant *ret) MUST_USE;
status registry_read_has_role(slice data, bool *ret) MUST_USE;
status registry_read_is_trusted_forwarder(slice data, bool *ret) MUST_USE;
status registry_read_key_card_hash_of(slice data, hash32 *ret) MUST_USE;
struct registry_record {
    uint8_t commitment[26];
    uint32_t version;
    uint8_t status;
};
status registry_read_record_of(slice data, struct registry_record *ret) MUST_USE;
status registry_read_trusted_forwarder(slice data, addr20 *ret) MUST_USE;
status registry_read_version(slice data, slice *ret) MUST_USE;
status forwarder_read_nonces(slice data, u256 *ret) MUST_USE;
status forwarder_read_verify(slice data, bool *ret) MUST_USE;
status proxy_admin_read_owner(slice data, addr20 *ret) MUST_USE;

#endif
