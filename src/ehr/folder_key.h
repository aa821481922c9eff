/* SPDX-License-Identifier: Apache-2.0 */
/* Folder keys: the public half of a folder's key of one epoch, signed by its owner
 * (docs/formats.md, section 5). */
#ifndef EHRD_EHR_FOLDER_KEY_H
#define EHRD_EHR_FOLDER_KEY_H

#include "age/key.h"
#include "codec/json.h"
#include "codec/netid.h"
#include "crypto/secp256k1.h"

#define FOLDER_KEY_BYTES ((size_t)4 << 10)
#define FOLDER_EPOCHS_MAX 4096u /* epochs of one folder that a reader takes */

struct folder_key {
    hash32 folder;
    uint32_t epoch; /* from 1 */
    struct age_recipient recipient;
    char recipient_text[AGE_RECIPIENT_TEXT];
    hash32 prev; /* keyHash of the epoch before; zero for epoch 1 */
    uint8_t sig65[SECP_SIG];
};

/* Sign the key of an epoch. OK | E_RANGE (epoch 0) | E_INTERNAL. */
status folder_key_sign(const struct netid *net, const struct secp_key *owner, const hash32 *folder,
                       uint32_t epoch, const struct age_recipient *recipient, const hash32 *prev,
                       struct folder_key *ret, struct err *reterr) MUST_USE;
/* keyHash of this epoch. */
void folder_key_hash_of(const struct netid *net, const struct folder_key *k, hash32 *ret);
status folder_key_put(const struct folder_key *k, struct buf *out, struct err *reterr) MUST_USE;
/* The signature is not checked. OK | JSON statuses | E_RANGE. */
status folder_key_read(slice json, struct folder_key *ret, struct err *reterr) MUST_USE;
status folder_key_read_value(struct json v, struct folder_key *ret, struct err *reterr) MUST_USE;
/* OK | E_SIGNATURE (not the owner's). */
status folder_key_verify(const struct netid *net, const struct folder_key *k, addr20 owner,
                         struct err *reterr) MUST_USE;

/* What the chain says of a folder. */
struct folder_facts {
    hash32 folder;
    addr20 owner;
    uint32_t epoch;
    hash32 key_hash;
};
/* n keys, oldest first, must be all epochs 1..n signed by the owner, chained by keyHash, and the
 * last one's hash the chain's. OK | E_SIGNATURE | E_MISMATCH | E_MISSING (no key). */
status folder_keys_verify(const struct netid *net, const struct folder_key *keys, size_t n,
                          const struct folder_facts *facts, struct err *reterr) MUST_USE;

#endif
