/* SPDX-License-Identifier: Apache-2.0 */
/* Where the registry keeps things in its storage, for proofs (contracts/README.md, "Storage"). */
#ifndef EHRD_EHR_RECORD_SLOT_H
#define EHRD_EHR_RECORD_SLOT_H

#include "base/slice.h"
#include "codec/domain_hash.h"
#include "contract/registry_abi.h"

enum record_status { RECORD_NONE, RECORD_ACTIVE, RECORD_ENTERED_IN_ERROR, RECORD_REMOVED };

struct record_slot {
    uint8_t commitment[RECORD_COMMITMENT];
    uint32_t version;
    enum record_status status;
};

/* Storage keys. */
void slot_of_account(const addr20 *account, hash32 *ret);
void slot_of_card(const addr20 *account, hash32 *ret); /* of the key card's hash */
void slot_of_record(const hash32 *folder, const hash32 *record, hash32 *ret);
/* scope: a record's id, or zero for the whole folder. */
void slot_of_grant(const hash32 *folder, const hash32 *scope, const addr20 *holder, hash32 *ret);
/* The folder's two words: owner, epoch and status; then keyHash. */
void slot_of_folder(const hash32 *folder, hash32 ret[2]);
/* Words. False when the word cannot be one of the contract's. */
bool account_slot_read(const hash32 *word, struct registry_account *ret);
bool record_slot_read(const hash32 *word, struct record_slot *ret);
bool grant_slot_read(const hash32 *word, struct registry_grant *ret);
bool folder_slot_read(const hash32 *word, addr20 *ret_owner, uint32_t *ret_epoch);
/* "active", "entered-in-error", "removed" or "none". */
const char *record_status_text(enum record_status s);

#endif
