/* SPDX-License-Identifier: Apache-2.0 */
/* Storage keys and words of the registry: one mapping a word from its base slot, whose
 * last byte is zero. */
#include "ehr/record_slot.h"

#include "base/checked.h"
#include "crypto/keccak.h"

/* keccak256(key || slot) */
static void entry_of(const hash32 *key, const hash32 *slot, hash32 *ret)
{
    uint8_t in[64];
    memcpy(in, key->b, 32);
    memcpy(in + 32, slot->b, 32);
    keccak256(slice_of(in, sizeof in), ret);
}

static void mapping_of(unsigned i, hash32 *ret)
{
    memcpy(ret->b, registry_storage_base, sizeof ret->b);
    ret->b[31] = (uint8_t)i;
}

static void address_key(const addr20 *a, hash32 *ret)
{
    *ret = (hash32){{0}};
    memcpy(ret->b + 12, a->b, sizeof a->b);
}

static void entry_of_address(unsigned mapping, const addr20 *a, hash32 *ret)
{
    hash32 slot;
    hash32 key;
    address_key(a, &key);
    mapping_of(mapping, &slot);
    entry_of(&key, &slot, ret);
}

void slot_of_account(const addr20 *account, hash32 *ret)
{
    entry_of_address(REGISTRY_MAPPING_ACCOUNTS, account, ret);
}

void slot_of_card(const addr20 *account, hash32 *ret)
{
    entry_of_address(REGISTRY_MAPPING_KEY_CARDS, account, ret);
}

void slot_of_record(const hash32 *folder, const hash32 *record, hash32 *ret)
{
    hash32 slot;
    hash32 of_folder;
    mapping_of(REGISTRY_MAPPING_RECORDS, &slot);
    entry_of(folder, &slot, &of_folder);
    entry_of(record, &of_folder, ret);
}

void slot_of_grant(const hash32 *folder, const hash32 *scope, const addr20 *holder, hash32 *ret)
{
    hash32 slot;
    hash32 of_folder;
    hash32 of_scope;
    hash32 key;
    address_key(holder, &key);
    mapping_of(REGISTRY_MAPPING_GRANTS, &slot);
    entry_of(folder, &slot, &of_folder);
    entry_of(scope, &of_folder, &of_scope);
    entry_of(&key, &of_scope, ret);
}

void slot_of_folder(const hash32 *folder, hash32 ret[2])
{
    hash32 slot;
    mapping_of(REGISTRY_MAPPING_FOLDERS, &slot);
    entry_of(folder, &slot, &ret[0]);
    ret[1] = ret[0];
    for (int i = 31; i >= 0; i--)
        if (++ret[1].b[i] != 0)
            break;
}

/* From the right: role 1 byte, status 1, validUntil 8. */
bool account_slot_read(const hash32 *word, struct registry_account *ret)
{
    const uint8_t *w = word->b;
    for (unsigned i = 0; i < 22; i++)
        if (w[i] != 0)
            return false;
    if (w[30] > REGISTRY_ACCOUNT_SUSPENDED || w[31] > REGISTRY_ROLE_ORGANISATION)
        return false;
    *ret =
        (struct registry_account){.role = w[31], .status = w[30], .valid_until = be64_read(w + 22)};
    return true;
}

bool record_slot_read(const hash32 *word, struct record_slot *ret)
{
    const uint8_t *w = word->b;
    if (w[1] > RECORD_REMOVED || w[0] > (w[1] == RECORD_REMOVED))
        return false;
    ret->status = (enum record_status)w[1];
    ret->version = be32_read(w + 2);
    memcpy(ret->commitment, w + 6, sizeof ret->commitment);
    return true;
}

/* From the right: permissions 1 byte, notBefore 8, notAfter 8, status 1, generation 4. */
bool grant_slot_read(const hash32 *word, struct registry_grant *ret)
{
    const uint8_t *w = word->b;
    for (unsigned i = 0; i < 10; i++)
        if (w[i] != 0)
            return false;
    if (w[14] > REGISTRY_GRANT_REVOKED)
        return false;
    *ret = (struct registry_grant){.permissions = w[31],
                                   .not_before = be64_read(w + 23),
                                   .not_after = be64_read(w + 15),
                                   .status = w[14],
                                   .generation = be32_read(w + 10)};
    return true;
}

bool folder_slot_read(const hash32 *word, addr20 *ret_owner, uint32_t *ret_epoch)
{
    static const uint8_t zero[7];
    const uint8_t *w = word->b;
    if (memcmp(w, zero, sizeof zero) != 0)
        return false;
    *ret_epoch = be32_read(w + 8);
    memcpy(ret_owner->b, w + 12, sizeof ret_owner->b);
    return true;
}

const char *record_status_text(enum record_status s)
{
    static const char *const names[] = {"none", "active", "entered-in-error", "removed"};
    return (unsigned)s < sizeof names / sizeof names[0] ? names[s] : "unknown";
}
