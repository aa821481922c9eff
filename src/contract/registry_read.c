/* SPDX-License-Identifier: Apache-2.0 */
/* Readers of what the contracts' views return. Made by tools/gen-bindings.mjs; do not edit. */
/* clang-format off */
#include "contract/registry_abi.h"

static status read_u8(slice data, size_t i, uint8_t *ret)
{
    uint64_t v = 0;
    status s = abi_read_u64(data, i, &v);
    if (s == OK && v > UINT8_MAX)
        s = E_RANGE;
    if (s == OK)
        *ret = (uint8_t)v;
    return s;
}

static status read_u32(slice data, size_t i, uint32_t *ret)
{
    uint64_t v = 0;
    status s = abi_read_u64(data, i, &v);
    if (s == OK && v > UINT32_MAX)
        s = E_RANGE;
    if (s == OK)
        *ret = (uint32_t)v;
    return s;
}

status registry_read_account_of(slice data, struct registry_account *ret)
{
    struct registry_account v;
    status s = OK;
    if (s == OK)
        s = read_u8(data, 0, &v.role);
    if (s == OK)
        s = read_u8(data, 1, &v.status);
    if (s == OK)
        s = abi_read_u64(data, 2, &v.valid_until);
    if (s == OK)
        *ret = v;
    return s;
}

status registry_read_folder_id_of(slice data, hash32 *ret)
{
    return abi_read_hash(data, 0, ret);
}

status registry_read_folder_of(slice data, struct registry_folder *ret)
{
    struct registry_folder v;
    status s = OK;
    if (s == OK)
        s = abi_read_addr(data, 0, &v.owner);
    if (s == OK)
        s = read_u32(data, 1, &v.epoch);
    if (s == OK)
        s = read_u8(data, 2, &v.status);
    if (s == OK)
        s = abi_read_hash(data, 3, &v.key_hash);
    if (s == OK)
        *ret = v;
    return s;
}

status registry_read_grant_of(slice data, struct registry_grant *ret)
{
    struct registry_grant v;
    status s = OK;
    if (s == OK)
        s = read_u8(data, 0, &v.permissions);
    if (s == OK)
        s = abi_read_u64(data, 1, &v.not_before);
    if (s == OK)
        s = abi_read_u64(data, 2, &v.not_after);
    if (s == OK)
        s = read_u8(data, 3, &v.status);
    if (s == OK)
        s = read_u32(data, 4, &v.generation);
    if (s == OK)
        *ret = v;
    return s;
}

status registry_read_has_role(slice data, bool *ret)
{
    return abi_read_bool(data, 0, ret);
}

status registry_read_is_trusted_forwarder(slice data, bool *ret)
{
    return abi_read_bool(data, 0, ret);
}

status registry_read_key_card_hash_of(slice data, hash32 *ret)
{
    return abi_read_hash(data, 0, ret);
}

status registry_read_record_of(slice data, struct registry_record *ret)
{
    struct registry_record v;
    status s = OK;
    if (s == OK)
        s = abi_read_bytes_n(data, 0, v.commitment, sizeof v.commitment);
    if (s == OK)
        s = read_u32(data, 1, &v.version);
    if (s == OK)
        s = read_u8(data, 2, &v.status);
    if (s == OK)
        *ret = v;
    return s;
}

status registry_read_trusted_forwarder(slice data, addr20 *ret)
{
    return abi_read_addr(data, 0, ret);
}

status registry_read_version(slice data, slice *ret)
{
    return abi_read_bytes(data, 0, ret);
}

status forwarder_read_nonces(slice data, u256 *ret)
{
    return abi_read_u256(data, 0, ret);
}

status forwarder_read_verify(slice data, bool *ret)
{
    return abi_read_bool(data, 0, ret);
}

status proxy_admin_read_owner(slice data, addr20 *ret)
{
    return abi_read_addr(data, 0, ret);
}
