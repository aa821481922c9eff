/* SPDX-License-Identifier: Apache-2.0 */
/* Calldata, topics and results of the contracts. Made by tools/gen-bindings.mjs; do not edit. */
/* clang-format off */
#include "contract/registry_abi.h"

const uint8_t registry_storage_base[32] = {
    0x9b, 0x3d, 0x85, 0x16, 0xc7, 0x11, 0x2f, 0x1a, 0x67, 0x30, 0xf3, 0x0c,
    0xe5, 0x2c, 0xb2, 0x5a, 0x8f, 0x40, 0x65, 0x40, 0xa2, 0x6e, 0x5b, 0x44,
    0x0a, 0x63, 0xa9, 0xee, 0x95, 0xe5, 0x1c, 0x00,
};

const uint8_t registry_registrar_role[32] = {
    0xed, 0xcc, 0x08, 0x4d, 0x3d, 0xcd, 0x65, 0xa1, 0xf7, 0xf2, 0x3c, 0x65,
    0xc4, 0x67, 0x22, 0xfa, 0xca, 0x69, 0x53, 0xd2, 0x8e, 0x43, 0x15, 0x0a,
    0x46, 0x7c, 0xf4, 0x3e, 0x5c, 0x30, 0x92, 0x38,
};

const uint8_t registry_topic_AccountSet[32] = {
    0x72, 0xb5, 0x5f, 0xcc, 0x92, 0x37, 0x0a, 0xc6, 0xea, 0x00, 0x3f, 0xdf,
    0x09, 0x49, 0x2c, 0x05, 0xa9, 0x13, 0x20, 0xe6, 0x0e, 0x8f, 0x79, 0x07,
    0x9a, 0x5b, 0x0c, 0x17, 0x94, 0xb2, 0xb5, 0x6c,
};
const uint8_t registry_topic_FolderOpened[32] = {
    0xbf, 0x55, 0xa9, 0x5c, 0x4f, 0x6d, 0x04, 0x43, 0x77, 0x25, 0x59, 0xd2,
    0xbe, 0xf7, 0x6a, 0xce, 0x76, 0xba, 0x83, 0x61, 0x3a, 0xee, 0x8f, 0x24,
    0xb0, 0x29, 0xa3, 0xfb, 0x96, 0x79, 0x12, 0x9a,
};
const uint8_t registry_topic_FolderRotated[32] = {
    0xf7, 0x2f, 0x9f, 0xce, 0x9d, 0x5b, 0x6d, 0x72, 0xcd, 0xb8, 0x29, 0xe2,
    0x51, 0x4b, 0x8c, 0x6b, 0x45, 0xce, 0x10, 0x09, 0xe3, 0xad, 0x96, 0x2d,
    0x63, 0x20, 0x3c, 0xbf, 0x07, 0xe2, 0x6d, 0x71,
};
const uint8_t registry_topic_FolderTransferred[32] = {
    0x7c, 0x7f, 0x27, 0x79, 0x3c, 0x9c, 0x83, 0xc7, 0xdc, 0x17, 0x07, 0x70,
    0x1a, 0x10, 0x6b, 0xe3, 0xbe, 0xfc, 0x4a, 0x6a, 0xe2, 0xc8, 0xaf, 0x2f,
    0x3d, 0xfc, 0x50, 0x68, 0x05, 0x4a, 0xf5, 0xb4,
};
const uint8_t registry_topic_GrantRevoked[32] = {
    0x5e, 0xa0, 0xd1, 0xa4, 0x00, 0xbd, 0x48, 0x21, 0xcc, 0x38, 0xed, 0x0f,
    0x24, 0x92, 0xd6, 0xe1, 0xb2, 0x68, 0xa7, 0x95, 0x2e, 0x77, 0xe3, 0xef,
    0x92, 0xa9, 0x66, 0x13, 0x5c, 0xd7, 0xb6, 0x76,
};
const uint8_t registry_topic_GrantSet[32] = {
    0x59, 0x5b, 0xde, 0x08, 0x93, 0xa3, 0xf1, 0x62, 0xbb, 0xd9, 0x58, 0x70,
    0x49, 0x2a, 0xa9, 0xab, 0xe6, 0x7f, 0x11, 0x79, 0xf8, 0xb0, 0xef, 0x6c,
    0x63, 0xea, 0x56, 0x1e, 0x8b, 0x36, 0x9a, 0x96,
};
const uint8_t registry_topic_Initialized[32] = {
    0xc7, 0xf5, 0x05, 0xb2, 0xf3, 0x71, 0xae, 0x21, 0x75, 0xee, 0x49, 0x13,
    0xf4, 0x49, 0x9e, 0x1f, 0x26, 0x33, 0xa7, 0xb5, 0x93, 0x63, 0x21, 0xee,
    0xd1, 0xcd, 0xae, 0xb6, 0x11, 0x51, 0x81, 0xd2,
};
const uint8_t registry_topic_KeyCardSet[32] = {
    0x66, 0x5c, 0xee, 0x9c, 0xe3, 0xcf, 0xb2, 0xc4, 0x6c, 0x5d, 0xc6, 0x8d,
    0x62, 0x17, 0xd8, 0x01, 0x50, 0xfe, 0x11, 0x19, 0x57, 0x78, 0x97, 0xe6,
    0x96, 0x2d, 0x8b, 0x8d, 0x95, 0x81, 0xa6, 0xfe,
};
const uint8_t registry_topic_RecordAdded[32] = {
    0xe1, 0xfb, 0x9f, 0x24, 0xe0, 0x90, 0xf9, 0xd4, 0x7b, 0x51, 0x04, 0xba,
    0xb1, 0x79, 0x4d, 0x30, 0x08, 0x1e, 0x2c, 0xa5, 0xdc, 0xd9, 0x40, 0x4b,
    0x0c, 0x1c, 0x7d, 0x87, 0x47, 0xae, 0x28, 0xc4,
};
const uint8_t registry_topic_RecordAmended[32] = {
    0xea, 0xbb, 0x7d, 0x70, 0x82, 0x4d, 0x6b, 0xf8, 0x01, 0x04, 0xc6, 0xe6,
    0x2c, 0xc3, 0x14, 0x70, 0x27, 0x79, 0xec, 0xa7, 0xf3, 0xbc, 0x6a, 0x18,
    0x16, 0x63, 0xb3, 0xd1, 0x78, 0x4c, 0x78, 0x75,
};
const uint8_t registry_topic_RecordResealed[32] = {
    0x74, 0x7d, 0x61, 0x2e, 0x19, 0x60, 0x98, 0x44, 0xb0, 0xf3, 0x11, 0x5f,
    0x18, 0x44, 0xb5, 0x9a, 0x8f, 0x45, 0x84, 0x7e, 0xac, 0x14, 0xdd, 0x87,
    0xab, 0xd9, 0xf4, 0x62, 0x3e, 0x11, 0x0a, 0x63,
};
const uint8_t registry_topic_RecordStatusSet[32] = {
    0x4a, 0x7e, 0x40, 0xdf, 0xc2, 0x11, 0x5c, 0xf7, 0xfd, 0x3c, 0x1a, 0xf7,
    0x51, 0xa5, 0x6b, 0x4c, 0xe7, 0x69, 0x3c, 0x21, 0x60, 0xf1, 0x87, 0xaf,
    0x1c, 0xb4, 0x7f, 0x58, 0x9d, 0x12, 0xec, 0x47,
};
const uint8_t registry_topic_RoleAdminChanged[32] = {
    0xbd, 0x79, 0xb8, 0x6f, 0xfe, 0x0a, 0xb8, 0xe8, 0x77, 0x61, 0x51, 0x51,
    0x42, 0x17, 0xcd, 0x7c, 0xac, 0xd5, 0x2c, 0x90, 0x9f, 0x66, 0x47, 0x5c,
    0x3a, 0xf4, 0x4e, 0x12, 0x9f, 0x0b, 0x00, 0xff,
};
const uint8_t registry_topic_RoleGranted[32] = {
    0x2f, 0x87, 0x88, 0x11, 0x7e, 0x7e, 0xff, 0x1d, 0x82, 0xe9, 0x26, 0xec,
    0x79, 0x49, 0x01, 0xd1, 0x7c, 0x78, 0x02, 0x4a, 0x50, 0x27, 0x09, 0x40,
    0x30, 0x45, 0x40, 0xa7, 0x33, 0x65, 0x6f, 0x0d,
};
const uint8_t registry_topic_RoleRevoked[32] = {
    0xf6, 0x39, 0x1f, 0x5c, 0x32, 0xd9, 0xc6, 0x9d, 0x2a, 0x47, 0xea, 0x67,
    0x0b, 0x44, 0x29, 0x74, 0xb5, 0x39, 0x35, 0xd1, 0xed, 0xc7, 0xfd, 0x64,
    0xeb, 0x21, 0xe0, 0x47, 0xa8, 0x39, 0x17, 0x1b,
};
const uint8_t forwarder_topic_EIP712DomainChanged[32] = {
    0x0a, 0x63, 0x87, 0xc9, 0xea, 0x36, 0x28, 0xb8, 0x8a, 0x63, 0x3b, 0xb4,
    0xf3, 0xb1, 0x51, 0x77, 0x0f, 0x70, 0x08, 0x51, 0x17, 0xa1, 0x5f, 0x9b,
    0xf3, 0x78, 0x7c, 0xda, 0x53, 0xf1, 0x3d, 0x31,
};
const uint8_t forwarder_topic_ExecutedForwardRequest[32] = {
    0x84, 0x2f, 0xb2, 0x4a, 0x83, 0x79, 0x35, 0x58, 0x58, 0x7a, 0x3d, 0xab,
    0x2b, 0xe7, 0x67, 0x4d, 0xa4, 0xa5, 0x1d, 0x09, 0xc5, 0x54, 0x2d, 0x6d,
    0xd3, 0x54, 0xe5, 0xd0, 0xea, 0x70, 0x81, 0x3c,
};
const uint8_t proxy_topic_AdminChanged[32] = {
    0x7e, 0x64, 0x4d, 0x79, 0x42, 0x2f, 0x17, 0xc0, 0x1e, 0x48, 0x94, 0xb5,
    0xf4, 0xf5, 0x88, 0xd3, 0x31, 0xeb, 0xfa, 0x28, 0x65, 0x3d, 0x42, 0xae,
    0x83, 0x2d, 0xc5, 0x9e, 0x38, 0xc9, 0x79, 0x8f,
};
const uint8_t proxy_topic_Upgraded[32] = {
    0xbc, 0x7c, 0xd7, 0x5a, 0x20, 0xee, 0x27, 0xfd, 0x9a, 0xde, 0xba, 0xb3,
    0x20, 0x41, 0xf7, 0x55, 0x21, 0x4d, 0xbc, 0x6b, 0xff, 0xa9, 0x0c, 0xc0,
    0x22, 0x5b, 0x39, 0xda, 0x2e, 0x5c, 0x2d, 0x3b,
};

const uint8_t registry_sel_accountOf[4] = {0x80, 0x86, 0xb8, 0xba};
const uint8_t registry_sel_addRecord[4] = {0xb9, 0xad, 0xc2, 0xf9};
const uint8_t registry_sel_amendRecord[4] = {0x1d, 0xe4, 0x4d, 0xa8};
const uint8_t registry_sel_folderIdOf[4] = {0xbf, 0xe2, 0x69, 0x1a};
const uint8_t registry_sel_folderOf[4] = {0x9d, 0x05, 0xf1, 0x4d};
const uint8_t registry_sel_grant[4] = {0x61, 0x1c, 0x8e, 0xb9};
const uint8_t registry_sel_grantOf[4] = {0xb4, 0x96, 0x48, 0x3f};
const uint8_t registry_sel_grantRole[4] = {0x2f, 0x2f, 0xf1, 0x5d};
const uint8_t registry_sel_hasRole[4] = {0x91, 0xd1, 0x48, 0x54};
const uint8_t registry_sel_initialize[4] = {0x48, 0x5c, 0xc9, 0x55};
const uint8_t registry_sel_isTrustedForwarder[4] = {0x57, 0x2b, 0x6c, 0x05};
const uint8_t registry_sel_keyCardHashOf[4] = {0x6d, 0x42, 0xb6, 0x98};
const uint8_t registry_sel_multicall[4] = {0xac, 0x96, 0x50, 0xd8};
const uint8_t registry_sel_openFolder[4] = {0x9b, 0xc1, 0xab, 0x93};
const uint8_t registry_sel_recordOf[4] = {0xef, 0x10, 0xd9, 0x4a};
const uint8_t registry_sel_registerAccount[4] = {0x40, 0x85, 0x7d, 0x67};
const uint8_t registry_sel_reinstateAccount[4] = {0x95, 0x9c, 0x56, 0x9a};
const uint8_t registry_sel_renounceRole[4] = {0x36, 0x56, 0x8a, 0xbe};
const uint8_t registry_sel_resealRecord[4] = {0x5a, 0xae, 0x4c, 0x2f};
const uint8_t registry_sel_revoke[4] = {0x4d, 0xb0, 0xa5, 0x96};
const uint8_t registry_sel_revokeRole[4] = {0xd5, 0x47, 0x74, 0x1f};
const uint8_t registry_sel_rotateFolder[4] = {0x5e, 0x03, 0x60, 0x56};
const uint8_t registry_sel_setKeyCard[4] = {0x59, 0x68, 0x74, 0x09};
const uint8_t registry_sel_setRecordStatus[4] = {0xfa, 0xd7, 0x5a, 0x0a};
const uint8_t registry_sel_suspendAccount[4] = {0x8e, 0xd9, 0xb3, 0x1e};
const uint8_t registry_sel_transferFolder[4] = {0x0a, 0xb8, 0xa9, 0x87};
const uint8_t registry_sel_trustedForwarder[4] = {0x7d, 0xa0, 0xa8, 0x77};
const uint8_t registry_sel_version[4] = {0x54, 0xfd, 0x4d, 0x50};
const uint8_t forwarder_sel_eip712Domain[4] = {0x84, 0xb0, 0x19, 0x6e};
const uint8_t forwarder_sel_execute[4] = {0xdf, 0x90, 0x5c, 0xaf};
const uint8_t forwarder_sel_executeBatch[4] = {0xcc, 0xf9, 0x6b, 0x4a};
const uint8_t forwarder_sel_nonces[4] = {0x7e, 0xce, 0xbe, 0x00};
const uint8_t forwarder_sel_verify[4] = {0x19, 0xd8, 0xd3, 0x8c};
const uint8_t proxy_admin_sel_owner[4] = {0x8d, 0xa5, 0xcb, 0x5b};
const uint8_t proxy_admin_sel_transferOwnership[4] = {0xf2, 0xfd, 0xe3, 0x8b};
const uint8_t proxy_admin_sel_upgradeAndCall[4] = {0x96, 0x23, 0x60, 0x9d};

static status put_forward_request_data(struct abi_enc *e, const struct forward_request_data *v)
{
    struct abi_enc t;
    status s = abi_put_tuple(e, 7, &t);
    if (s == OK)
        s = abi_put_addr(&t, v->from);
    if (s == OK)
        s = abi_put_addr(&t, v->to);
    if (s == OK)
        s = abi_put_u256(&t, v->value);
    if (s == OK)
        s = abi_put_u256(&t, v->gas);
    if (s == OK)
        s = v->deadline >> 48 != 0 ? E_RANGE : abi_put_u64(&t, v->deadline);
    if (s == OK)
        s = abi_put_bytes(&t, v->data);
    if (s == OK)
        s = abi_put_bytes(&t, v->signature);
    return s == OK ? abi_end(&t) : s;
}

static status put_forward_request_datas(struct abi_enc *e, const struct forward_request_data *v,
                                        size_t n)
{
    struct abi_enc a;
    status s = abi_put_array(e, n, 1, &a);
    for (size_t i = 0; s == OK && i < n; i++)
        s = put_forward_request_data(&a, &v[i]);
    return s == OK ? abi_end(&a) : s;
}

status registry_put_deploy(struct buf *out, addr20 forwarder)
{
    struct abi_enc e;
    status s = buf_put(out, registry_code);
    if (s == OK)
        s = abi_begin(&e, out, NULL, 1);
    if (s == OK)
        s = abi_put_addr(&e, forwarder);
    return s == OK ? abi_end(&e) : s;
}

status forwarder_put_deploy(struct buf *out, slice name)
{
    struct abi_enc e;
    status s = buf_put(out, forwarder_code);
    if (s == OK)
        s = abi_begin(&e, out, NULL, 1);
    if (s == OK)
        s = abi_put_string(&e, name);
    return s == OK ? abi_end(&e) : s;
}

status proxy_put_deploy(struct buf *out, addr20 logic, addr20 initial_owner, slice data)
{
    struct abi_enc e;
    status s = buf_put(out, proxy_code);
    if (s == OK)
        s = abi_begin(&e, out, NULL, 3);
    if (s == OK)
        s = abi_put_addr(&e, logic);
    if (s == OK)
        s = abi_put_addr(&e, initial_owner);
    if (s == OK)
        s = abi_put_bytes(&e, data);
    return s == OK ? abi_end(&e) : s;
}

status registry_put_account_of(struct buf *out, addr20 account)
{
    struct abi_enc e;
    status s = abi_begin(&e, out, registry_sel_accountOf, 1);
    if (s == OK)
        s = abi_put_addr(&e, account);
    return s == OK ? abi_end(&e) : s;
}

status registry_put_add_record(struct buf *out, hash32 folder_id, hash32 record_id,
                               uint32_t epoch, hash32 inner)
{
    struct abi_enc e;
    status s = abi_begin(&e, out, registry_sel_addRecord, 4);
    if (s == OK)
        s = abi_put_hash(&e, &folder_id);
    if (s == OK)
        s = abi_put_hash(&e, &record_id);
    if (s == OK)
        s = abi_put_u64(&e, epoch);
    if (s == OK)
        s = abi_put_hash(&e, &inner);
    return s == OK ? abi_end(&e) : s;
}

status registry_put_amend_record(struct buf *out, hash32 folder_id, hash32 record_id,
                                 uint32_t expected_version, uint32_t epoch, hash32 inner)
{
    struct abi_enc e;
    status s = abi_begin(&e, out, registry_sel_amendRecord, 5);
    if (s == OK)
        s = abi_put_hash(&e, &folder_id);
    if (s == OK)
        s = abi_put_hash(&e, &record_id);
    if (s == OK)
        s = abi_put_u64(&e, expected_version);
    if (s == OK)
        s = abi_put_u64(&e, epoch);
    if (s == OK)
        s = abi_put_hash(&e, &inner);
    return s == OK ? abi_end(&e) : s;
}

status registry_put_folder_id_of(struct buf *out, addr20 owner, hash32 salt)
{
    struct abi_enc e;
    status s = abi_begin(&e, out, registry_sel_folderIdOf, 2);
    if (s == OK)
        s = abi_put_addr(&e, owner);
    if (s == OK)
        s = abi_put_hash(&e, &salt);
    return s == OK ? abi_end(&e) : s;
}

status registry_put_folder_of(struct buf *out, hash32 folder_id)
{
    struct abi_enc e;
    status s = abi_begin(&e, out, registry_sel_folderOf, 1);
    if (s == OK)
        s = abi_put_hash(&e, &folder_id);
    return s == OK ? abi_end(&e) : s;
}

status registry_put_grant(struct buf *out, hash32 folder_id, hash32 scope, addr20 holder,
                          uint8_t permissions, uint64_t not_before, uint64_t not_after,
                          uint32_t expected_generation)
{
    struct abi_enc e;
    status s = abi_begin(&e, out, registry_sel_grant, 7);
    if (s == OK)
        s = abi_put_hash(&e, &folder_id);
    if (s == OK)
        s = abi_put_hash(&e, &scope);
    if (s == OK)
        s = abi_put_addr(&e, holder);
    if (s == OK)
        s = abi_put_u64(&e, permissions);
    if (s == OK)
        s = abi_put_u64(&e, not_before);
    if (s == OK)
        s = abi_put_u64(&e, not_after);
    if (s == OK)
        s = abi_put_u64(&e, expected_generation);
    return s == OK ? abi_end(&e) : s;
}

status registry_put_grant_of(struct buf *out, hash32 folder_id, hash32 scope, addr20 holder)
{
    struct abi_enc e;
    status s = abi_begin(&e, out, registry_sel_grantOf, 3);
    if (s == OK)
        s = abi_put_hash(&e, &folder_id);
    if (s == OK)
        s = abi_put_hash(&e, &scope);
    if (s == OK)
        s = abi_put_addr(&e, holder);
    return s == OK ? abi_end(&e) : s;
}

status registry_put_grant_role(struct buf *out, hash32 role, addr20 account)
{
    struct abi_enc e;
    status s = abi_begin(&e, out, registry_sel_grantRole, 2);
    if (s == OK)
        s = abi_put_hash(&e, &role);
    if (s == OK)
        s = abi_put_addr(&e, account);
    return s == OK ? abi_end(&e) : s;
}

status registry_put_has_role(struct buf *out, hash32 role, addr20 account)
{
    struct abi_enc e;
    status s = abi_begin(&e, out, registry_sel_hasRole, 2);
    if (s == OK)
        s = abi_put_hash(&e, &role);
    if (s == OK)
        s = abi_put_addr(&e, account);
    return s == OK ? abi_end(&e) : s;
}

status registry_put_initialize(struct buf *out, addr20 admin, addr20 registrar)
{
    struct abi_enc e;
    status s = abi_begin(&e, out, registry_sel_initialize, 2);
    if (s == OK)
        s = abi_put_addr(&e, admin);
    if (s == OK)
        s = abi_put_addr(&e, registrar);
    return s == OK ? abi_end(&e) : s;
}

status registry_put_is_trusted_forwarder(struct buf *out, addr20 forwarder)
{
    struct abi_enc e;
    status s = abi_begin(&e, out, registry_sel_isTrustedForwarder, 1);
    if (s == OK)
        s = abi_put_addr(&e, forwarder);
    return s == OK ? abi_end(&e) : s;
}

status registry_put_key_card_hash_of(struct buf *out, addr20 account)
{
    struct abi_enc e;
    status s = abi_begin(&e, out, registry_sel_keyCardHashOf, 1);
    if (s == OK)
        s = abi_put_addr(&e, account);
    return s == OK ? abi_end(&e) : s;
}

status registry_put_multicall(struct buf *out, const slice *data, size_t data_n)
{
    struct abi_enc e;
    status s = abi_begin(&e, out, registry_sel_multicall, 1);
    if (s == OK)
        s = abi_put_bytes_array(&e, data, data_n);
    return s == OK ? abi_end(&e) : s;
}

status registry_put_open_folder(struct buf *out, hash32 salt, hash32 key_hash)
{
    struct abi_enc e;
    status s = abi_begin(&e, out, registry_sel_openFolder, 2);
    if (s == OK)
        s = abi_put_hash(&e, &salt);
    if (s == OK)
        s = abi_put_hash(&e, &key_hash);
    return s == OK ? abi_end(&e) : s;
}

status registry_put_record_of(struct buf *out, hash32 folder_id, hash32 record_id)
{
    struct abi_enc e;
    status s = abi_begin(&e, out, registry_sel_recordOf, 2);
    if (s == OK)
        s = abi_put_hash(&e, &folder_id);
    if (s == OK)
        s = abi_put_hash(&e, &record_id);
    return s == OK ? abi_end(&e) : s;
}

status registry_put_register_account(struct buf *out, addr20 account, uint8_t role,
                                     uint64_t valid_until)
{
    struct abi_enc e;
    status s = abi_begin(&e, out, registry_sel_registerAccount, 3);
    if (s == OK)
        s = abi_put_addr(&e, account);
    if (s == OK)
        s = abi_put_u64(&e, role);
    if (s == OK)
        s = abi_put_u64(&e, valid_until);
    return s == OK ? abi_end(&e) : s;
}

status registry_put_reinstate_account(struct buf *out, addr20 account)
{
    struct abi_enc e;
    status s = abi_begin(&e, out, registry_sel_reinstateAccount, 1);
    if (s == OK)
        s = abi_put_addr(&e, account);
    return s == OK ? abi_end(&e) : s;
}

status registry_put_renounce_role(struct buf *out, hash32 role, addr20 caller_confirmation)
{
    struct abi_enc e;
    status s = abi_begin(&e, out, registry_sel_renounceRole, 2);
    if (s == OK)
        s = abi_put_hash(&e, &role);
    if (s == OK)
        s = abi_put_addr(&e, caller_confirmation);
    return s == OK ? abi_end(&e) : s;
}

status registry_put_reseal_record(struct buf *out, hash32 folder_id, hash32 record_id,
                                  uint32_t expected_version, uint32_t epoch, hash32 inner)
{
    struct abi_enc e;
    status s = abi_begin(&e, out, registry_sel_resealRecord, 5);
    if (s == OK)
        s = abi_put_hash(&e, &folder_id);
    if (s == OK)
        s = abi_put_hash(&e, &record_id);
    if (s == OK)
        s = abi_put_u64(&e, expected_version);
    if (s == OK)
        s = abi_put_u64(&e, epoch);
    if (s == OK)
        s = abi_put_hash(&e, &inner);
    return s == OK ? abi_end(&e) : s;
}

status registry_put_revoke(struct buf *out, hash32 folder_id, hash32 scope, addr20 holder)
{
    struct abi_enc e;
    status s = abi_begin(&e, out, registry_sel_revoke, 3);
    if (s == OK)
        s = abi_put_hash(&e, &folder_id);
    if (s == OK)
        s = abi_put_hash(&e, &scope);
    if (s == OK)
        s = abi_put_addr(&e, holder);
    return s == OK ? abi_end(&e) : s;
}

status registry_put_revoke_role(struct buf *out, hash32 role, addr20 account)
{
    struct abi_enc e;
    status s = abi_begin(&e, out, registry_sel_revokeRole, 2);
    if (s == OK)
        s = abi_put_hash(&e, &role);
    if (s == OK)
        s = abi_put_addr(&e, account);
    return s == OK ? abi_end(&e) : s;
}

status registry_put_rotate_folder(struct buf *out, hash32 folder_id, uint32_t expected_epoch,
                                  hash32 key_hash)
{
    struct abi_enc e;
    status s = abi_begin(&e, out, registry_sel_rotateFolder, 3);
    if (s == OK)
        s = abi_put_hash(&e, &folder_id);
    if (s == OK)
        s = abi_put_u64(&e, expected_epoch);
    if (s == OK)
        s = abi_put_hash(&e, &key_hash);
    return s == OK ? abi_end(&e) : s;
}

status registry_put_set_key_card(struct buf *out, hash32 key_card_hash)
{
    struct abi_enc e;
    status s = abi_begin(&e, out, registry_sel_setKeyCard, 1);
    if (s == OK)
        s = abi_put_hash(&e, &key_card_hash);
    return s == OK ? abi_end(&e) : s;
}

status registry_put_set_record_status(struct buf *out, hash32 folder_id, hash32 record_id,
                                      uint32_t expected_version, uint8_t new_status)
{
    struct abi_enc e;
    status s = abi_begin(&e, out, registry_sel_setRecordStatus, 4);
    if (s == OK)
        s = abi_put_hash(&e, &folder_id);
    if (s == OK)
        s = abi_put_hash(&e, &record_id);
    if (s == OK)
        s = abi_put_u64(&e, expected_version);
    if (s == OK)
        s = abi_put_u64(&e, new_status);
    return s == OK ? abi_end(&e) : s;
}

status registry_put_suspend_account(struct buf *out, addr20 account)
{
    struct abi_enc e;
    status s = abi_begin(&e, out, registry_sel_suspendAccount, 1);
    if (s == OK)
        s = abi_put_addr(&e, account);
    return s == OK ? abi_end(&e) : s;
}

status registry_put_transfer_folder(struct buf *out, hash32 folder_id, addr20 new_owner)
{
    struct abi_enc e;
    status s = abi_begin(&e, out, registry_sel_transferFolder, 2);
    if (s == OK)
        s = abi_put_hash(&e, &folder_id);
    if (s == OK)
        s = abi_put_addr(&e, new_owner);
    return s == OK ? abi_end(&e) : s;
}

status registry_put_trusted_forwarder(struct buf *out)
{
    struct abi_enc e;
    status s = abi_begin(&e, out, registry_sel_trustedForwarder, 0);
    return s == OK ? abi_end(&e) : s;
}

status registry_put_version(struct buf *out)
{
    struct abi_enc e;
    status s = abi_begin(&e, out, registry_sel_version, 0);
    return s == OK ? abi_end(&e) : s;
}

status forwarder_put_eip712_domain(struct buf *out)
{
    struct abi_enc e;
    status s = abi_begin(&e, out, forwarder_sel_eip712Domain, 0);
    return s == OK ? abi_end(&e) : s;
}

status forwarder_put_execute(struct buf *out, const struct forward_request_data *request)
{
    struct abi_enc e;
    status s = abi_begin(&e, out, forwarder_sel_execute, 1);
    if (s == OK)
        s = put_forward_request_data(&e, request);
    return s == OK ? abi_end(&e) : s;
}

status forwarder_put_execute_batch(struct buf *out,
                                   const struct forward_request_data *requests, size_t requests_n,
                                   addr20 refund_receiver)
{
    struct abi_enc e;
    status s = abi_begin(&e, out, forwarder_sel_executeBatch, 2);
    if (s == OK)
        s = put_forward_request_datas(&e, requests, requests_n);
    if (s == OK)
        s = abi_put_addr(&e, refund_receiver);
    return s == OK ? abi_end(&e) : s;
}

status forwarder_put_nonces(struct buf *out, addr20 owner)
{
    struct abi_enc e;
    status s = abi_begin(&e, out, forwarder_sel_nonces, 1);
    if (s == OK)
        s = abi_put_addr(&e, owner);
    return s == OK ? abi_end(&e) : s;
}

status forwarder_put_verify(struct buf *out, const struct forward_request_data *request)
{
    struct abi_enc e;
    status s = abi_begin(&e, out, forwarder_sel_verify, 1);
    if (s == OK)
        s = put_forward_request_data(&e, request);
    return s == OK ? abi_end(&e) : s;
}

status proxy_admin_put_owner(struct buf *out)
{
    struct abi_enc e;
    status s = abi_begin(&e, out, proxy_admin_sel_owner, 0);
    return s == OK ? abi_end(&e) : s;
}

status proxy_admin_put_transfer_ownership(struct buf *out, addr20 new_owner)
{
    struct abi_enc e;
    status s = abi_begin(&e, out, proxy_admin_sel_transferOwnership, 1);
    if (s == OK)
        s = abi_put_addr(&e, new_owner);
    return s == OK ? abi_end(&e) : s;
}

status proxy_admin_put_upgrade_and_call(struct buf *out, addr20 proxy, addr20 implementation,
                                        slice data)
{
    struct abi_enc e;
    status s = abi_begin(&e, out, proxy_admin_sel_upgradeAndCall, 3);
    if (s == OK)
        s = abi_put_addr(&e, proxy);
    if (s == OK)
        s = abi_put_addr(&e, implementation);
    if (s == OK)
        s = abi_put_bytes(&e, data);
    return s == OK ? abi_end(&e) : s;
}
