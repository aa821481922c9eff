/* SPDX-License-Identifier: Apache-2.0 */
/* Owner state: names, keys and grants of one's folders and what others share
 * (docs/formats.md, section 8). */
#ifndef EHRD_EHR_STATE_H
#define EHRD_EHR_STATE_H

#include "ehr/access_request.h"
#include "ehr/identity.h"
#include "ehr/wrap.h"

#define STATE_BYTES ((size_t)4 << 20)
#define STATE_NAME 200u /* bytes of a name */

struct state_epoch {
    struct epoch_key key;
    hash32 key_hash;
};

struct state_grant {
    addr20 holder;
    addr20 account;
    char name[STATE_NAME + 1];
    hash32 card_hash;
    struct age_recipient recipient;
    uint8_t permissions;
    uint64_t not_before;
    uint64_t not_after;
    uint64_t issued; /* of the note that was sent last; 0: none yet */
    uint64_t ended;  /* when it was revoked; 0: not. The entry stays, to name who was there */
    bool is_stealth; /* holder is a stealth address of the account: its announcement follows */
    uint8_t view_tag;
    uint8_t ephemeral[SECP_PUB33];
};

#define STATE_NO_INDEX UINT32_MAX

struct state_folder {
    hash32 id;
    char name[STATE_NAME + 1];
    hash32 salt;
    addr20 owner;
    uint32_t index; /* of the owner address; STATE_NO_INDEX: owner is the account (wallet mode) */
    struct state_epoch *epochs; /* oldest first */
    size_t epochs_n;
    struct state_grant *grants;
    size_t grants_n;
};

enum state_answer { STATE_ANSWER_OPEN, STATE_ANSWER_ACCEPTED, STATE_ANSWER_REFUSED };
#define STATE_REQUESTS_MAX 200u

/* Somebody asked for access. */
struct state_request {
    hash32 id;
    struct access_request request;
    uint64_t received;
    uint8_t answer;    /* enum state_answer */
    uint64_t answered; /* 0: open */
};

/* Owns all below. Secret. */
struct owner_state {
    uint64_t version;    /* as the node counts it; 0: nothing is stored yet */
    bool unproved;       /* read from a file of before states were authenticated */
    uint32_t next_owner; /* first owner index that was never used */
    struct state_folder *folders;
    size_t folders_n;
    struct grant_note *shared;
    size_t shared_n;
    size_t unread; /* notes of others that could not be read; the next version is without them */
    struct state_request *requests;
    size_t requests_n;
};

void state_init(struct owner_state *s);
void state_done(struct owner_state *s); /* wipes */

/* Append the clear JSON / read it into *ret (state_init'ed). OK | JSON statuses | E_RANGE. */
status state_put(const struct owner_state *s, struct buf *out, struct err *reterr) MUST_USE;
status state_read(slice json, struct owner_state *ret, struct err *reterr) MUST_USE;
/* What a stored state is bound to, beside the identity: account and version. */
struct state_place {
    const struct identity *id;
    addr20 account;
    uint64_t version;
};
/* What says that the identity wrote an age file for a place. OK | E_NOMEM | E_INTERNAL. */
status state_mac(const struct state_place *at, slice file, hash32 *ret) MUST_USE;
/* Append the state as it is stored at a place: authenticated and sealed for its owner.
 * OK | errors of age_seal. */
status state_seal(const struct owner_state *s, const struct age_identity *own,
                  const struct state_place *at, const struct random_src *rnd, struct buf *out,
                  struct err *reterr) MUST_USE;
/* The mac that a blob begins with; zero: it is of programs before states were authenticated. */
hash32 state_blob_mac(slice blob);
/* Open what is said to be stored at a place. unproved: take a file of programs before states were
 * authenticated, too. OK | E_MISMATCH (nothing proves that this identity wrote it for this
 * place) | errors of age_open | JSON statuses. */
status state_open(slice blob, const struct age_identity *own, const struct state_place *at,
                  bool unproved, struct owner_state *ret, struct err *reterr) MUST_USE;

/* NULL: none. Pointers are valid until the list they are in grows. */
struct state_folder *state_folder_find(const struct owner_state *s, const char *name);
struct state_folder *state_folder_by_id(const struct owner_state *s, const hash32 *id);
struct state_grant *state_grant_find(const struct state_folder *f, const addr20 *holder);
/* The grant that is not ended of an account, or of a holder. */
struct state_grant *state_grant_of(const struct state_folder *f, const addr20 *who);
struct grant_note *state_shared_by_id(const struct owner_state *s, const hash32 *folder);
struct state_epoch *state_epoch_find(const struct state_folder *f, uint32_t epoch);

/* The account behind a relationship address that somebody acts with in a folder of this state, and
 * the name it goes by: of a grantee the one its owner gave it, "" of the owner of a shared folder,
 * who chose its name itself. False: not known. */
bool state_account_of(const struct owner_state *s, const addr20 *member, addr20 *ret_account,
                      char ret_name[STATE_NAME + 1]);

/* Append (folders and epochs) or replace the one of the same holder or folder; copies.
 * OK | E_NOMEM. */
status state_folder_add(struct owner_state *s, const struct state_folder *f,
                        struct state_folder **ret) MUST_USE;
status state_epoch_add(struct state_folder *f, const struct state_epoch *e) MUST_USE;
status state_grant_set(struct state_folder *f, const struct state_grant *g) MUST_USE;
status state_shared_set(struct owner_state *s, const struct grant_note *n) MUST_USE;
void state_grant_end(struct state_folder *f, const addr20 *holder, uint64_t now);
/* The keyHash that the folder's keys of epochs 1..epoch lead to. OK | E_NO_KEY (one is missing) |
 * E_CORRUPT (one has no recipient). */
status state_key_hash(const struct netid *net, const struct state_folder *f, uint32_t epoch,
                      hash32 *ret, struct err *reterr) MUST_USE;
/* Wipe and drop the keys of epochs after this one. Returns how many. */
size_t state_epochs_drop(struct state_folder *f, uint32_t after);
void state_folder_drop(struct owner_state *s, const hash32 *id); /* wipes its keys */
void state_shared_drop(struct owner_state *s, const hash32 *folder);

/* Requests for access (state_request.c). Beyond STATE_REQUESTS_MAX those answered first go. */
struct state_request *state_request_find(const struct owner_state *s, const hash32 *id);
status state_request_set(struct owner_state *s, const struct state_request *r) MUST_USE;
const char *state_answer_text(unsigned answer); /* "open", "accepted" or "refused" */
struct json;
struct jw;
void state_request_write(const struct state_request *r, struct jw *w);
status state_request_read_value(struct json v, struct owner_state *s, struct err *reterr) MUST_USE;

#endif
