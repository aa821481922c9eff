/* SPDX-License-Identifier: Apache-2.0 */
/* Wraps: the folder identities sealed for one grantee, and the note they travel in; grant notes
 * (docs/formats.md, section 5). */
#ifndef EHRD_EHR_WRAP_H
#define EHRD_EHR_WRAP_H

#include "age/age.h"
#include "codec/netid.h"
#include "crypto/secp256k1.h"

#define WRAP_NOTE_BYTES ((size_t)256 << 10)
#define GRANT_NOTE_BYTES ((size_t)16 << 10) /* sealed */
#define GRANT_NAME 200u                     /* bytes of a name in a grant note */

/* The identity of one epoch. Secret. */
struct epoch_key {
    uint32_t epoch;
    struct age_identity id;
};

/* Append the identity file of n epochs, oldest first, as a wrap holds it. Secret text. */
status wrap_text_put(const hash32 *folder, const struct epoch_key *keys, size_t n, struct buf *out,
                     struct err *reterr) MUST_USE;
/* Read one: lines "# folder 0x… epoch N" and the key that follows. max: room in keys.
 * OK | E_MISMATCH (another folder) | E_SYNTAX | E_TOO_LONG | E_MISSING (no key). */
status wrap_text_read(slice text, const hash32 *folder, struct epoch_key *keys, size_t max,
                      size_t *ret_n, struct err *reterr) MUST_USE;

struct wrap_note {
    hash32 folder;
    addr20 holder;
    addr20 account;
    hash32 card_hash;
    slice wrap; /* age file, borrowed */
    uint8_t sig65[SECP_SIG];
};

/* Sign for the owner; fills n->sig65. */
status wrap_note_sign(const struct netid *net, const struct secp_key *owner, struct wrap_note *n,
                      struct err *reterr) MUST_USE;
status wrap_note_put(const struct wrap_note *n, struct buf *out, struct err *reterr) MUST_USE;
/* ret->wrap borrows from in. OK | RLP statuses | E_TYPE (no wrap note) | E_TOO_LONG. */
status wrap_note_read(slice in, struct wrap_note *ret, struct err *reterr) MUST_USE;
/* OK | E_SIGNATURE (not the owner's). */
status wrap_note_verify(const struct netid *net, const struct wrap_note *n, addr20 owner,
                        struct err *reterr) MUST_USE;

/* What a grantee is told. */
struct grant_note {
    hash32 folder;
    addr20 holder;
    addr20 owner;         /* the folder's owner address */
    addr20 account;       /* the grantee's; in wallet mode the holder */
    addr20 owner_account; /* in wallet mode the owner */
    hash32 owner_card_hash;
    char owner_name[GRANT_NAME + 1];
    char folder_name[GRANT_NAME + 1];
    uint8_t permissions;
    uint64_t not_before;
    uint64_t not_after;
    uint64_t issued;  /* unix seconds: a later note takes the place of an earlier one */
    bool is_stealth;  /* relationship mode: the announcement of the holder follows */
    uint8_t view_tag; /* keys/stealth.h */
    uint8_t ephemeral[SECP_PUB33];
    uint8_t owner_sig65[SECP_SIG]; /* by owner */
    uint8_t cert_sig65[SECP_SIG];  /* by the certKey of owner_account's card */
};

/* Sign with the owner's key and the certifier's. OK | E_INTERNAL, E_RANGE (a key). */
status grant_note_sign(const struct netid *net, const struct secp_key *owner,
                       const struct secp_key *cert, struct grant_note *n,
                       struct err *reterr) MUST_USE;
/* Both signatures. OK | E_SIGNATURE. */
status grant_note_verify(const struct netid *net, const struct grant_note *n, addr20 cert_key,
                         struct err *reterr) MUST_USE;

struct json;
struct jw;
/* The JSON object, as it stands in a note and in the owner state. */
void grant_note_write(const struct grant_note *n, struct jw *w);
status grant_note_read_value(struct json v, struct grant_note *ret, struct err *reterr) MUST_USE;
/* Append the sealed note / open one. OK | errors of age | JSON statuses | E_TYPE (other text). */
status grant_note_seal(const struct grant_note *n, const struct age_recipient *to,
                       const struct random_src *rnd, struct buf *out, struct err *reterr) MUST_USE;
status grant_note_open(slice file, const struct age_identity *id, struct grant_note *ret,
                       struct err *reterr) MUST_USE;

#endif
