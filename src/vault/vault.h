/* SPDX-License-Identifier: Apache-2.0 */
/* The vault port: the erasable, non-public rows beside chain and content store. Cards, owner state,
 * folder keys, wraps, envelopes, inbox, certificates, access log (docs/formats.md sections 4, 5, 6,
 * 8, 9, 10).
 *
 * The same operations are offered by the node's store (vault/lmdb.h) and, to clients, by the HTTP
 * adapter (vault/node.h). The store judges nobody: who may do what is decided by api/ before; the
 * HTTP adapter signs each request as its present signer and gives the node's refusals back.
 * Rows are opaque bytes here; whoever reads them parses and checks them.
 *
 * A vault may be used by several threads at once. Beside what is said below every function may
 * return E_NOMEM, E_IO, E_NO_SPACE, E_CORRUPT, and the HTTP adapter E_UNAVAILABLE, E_TIMEOUT,
 * E_AUTH, E_FORBIDDEN, E_STALE. What is put is durable on return. Buffers given as ret are appended
 * to, arrays and their bytes live in the arena given. */
#ifndef EHRD_VAULT_VAULT_H
#define EHRD_VAULT_VAULT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"
#include "base/status.h"

#define VAULT_CARD_MAX ((size_t)4 << 10)
#define VAULT_STATE_MAX ((size_t)4 << 20)
#define VAULT_FKEY_MAX ((size_t)4 << 10)
#define VAULT_WRAP_MAX ((size_t)256 << 10)
#define VAULT_ENVELOPE_MAX ((size_t)1 << 20)
#define VAULT_ENVELOPES_MAX 256u /* of one put or get */
#define VAULT_CERT_MAX ((size_t)1 << 10)
#define VAULT_NOTE_MAX ((size_t)16 << 10)
#define VAULT_NOTES_MAX 1000u /* waiting for one account */
#define VAULT_LOG_PAGE 500u   /* entries of one read */

/* A card with the account it is kept under. */
struct vault_card {
    addr20 account;
    slice json;
};

struct vault_fkey {
    uint32_t epoch;
    slice json;
};

/* Which envelope: the store looks at inner, the HTTP adapter at record and version (0: the present
 * one). Who knows all three fills all three. */
struct vault_ref {
    hash32 record;
    uint32_t version;
    hash32 inner;
};

/* An envelope to be stored or as stored. The store needs commitment (of docs/formats.md section 1),
 * cid (binary) and record when putting; they are not filled when getting. */
struct vault_envelope {
    hash32 inner;
    slice bytes;
    uint8_t commitment[26];
    slice cid;
    hash32 record;
};

struct vault_note {
    hash32 id; /* sha256 of the note */
    uint64_t received;
    uint64_t size;
};

/* A member certificate. The store looks at none of it but not_after; the HTTP adapter at json only,
 * and fills json only. Who knows all fills all when putting; what is got has json in a buffer. */
struct vault_cert {
    addr20 account;
    hash32 card_hash;
    uint64_t not_after;
    slice json;
};

struct vault_log_entry {
    uint64_t seq; /* from 1 */
    hash32 salt;
    hash32 leaf;
    slice json; /* the exact text that was hashed */
};

/* The end of a folder's access log. signature: by the node's key (LogHead), filled by the HTTP
 * adapter only. seq 0: nothing was logged. */
struct vault_log_head {
    uint64_t seq;
    hash32 leaf;
    uint64_t time;
    uint8_t signature[65];
};

struct vault;

struct vault_ops {
    status (*card_put)(struct vault *v, const addr20 *account, slice json, struct err *reterr);
    status (*card_get)(struct vault *v, const addr20 *account, struct buf *ret, struct err *reterr);
    status (*cards)(struct vault *v, struct arena *a, struct vault_card **ret, size_t *ret_n,
                    struct err *reterr);
    status (*state_put)(struct vault *v, const addr20 *account, uint64_t expected, slice blob,
                        uint64_t *ret_version, struct err *reterr);
    status (*state_get)(struct vault *v, const addr20 *account, uint64_t *ret_version,
                        struct buf *ret, struct err *reterr);
    status (*fkey_put)(struct vault *v, const hash32 *folder, uint32_t epoch, slice json,
                       struct err *reterr);
    status (*fkeys)(struct vault *v, const hash32 *folder, struct arena *a, struct vault_fkey **ret,
                    size_t *ret_n, struct err *reterr);
    status (*wrap_put)(struct vault *v, const hash32 *folder, const addr20 *holder, slice note,
                       struct err *reterr);
    status (*wrap_get)(struct vault *v, const hash32 *folder, const addr20 *holder, struct buf *ret,
                       struct err *reterr);
    status (*wrap_delete)(struct vault *v, const hash32 *folder, const addr20 *holder,
                          struct err *reterr);
    status (*envelopes_put)(struct vault *v, const hash32 *folder,
                            const struct vault_envelope *list, size_t n, struct err *reterr);
    status (*envelope_get)(struct vault *v, const hash32 *folder, const struct vault_ref *ref,
                           struct buf *ret, struct err *reterr);
    status (*envelopes_get)(struct vault *v, const hash32 *folder, const struct vault_ref *refs,
                            size_t n, struct arena *a, struct vault_envelope **ret, size_t *ret_n,
                            struct err *reterr);
    status (*note_put)(struct vault *v, const addr20 *account, slice note, hash32 *ret_id,
                       struct err *reterr);
    status (*notes)(struct vault *v, const addr20 *account, struct arena *a,
                    struct vault_note **ret, size_t *ret_n, struct err *reterr);
    status (*note_get)(struct vault *v, const addr20 *account, const hash32 *id, struct buf *ret,
                       struct err *reterr);
    status (*note_delete)(struct vault *v, const addr20 *account, const hash32 *id,
                          struct err *reterr);
    status (*cert_put)(struct vault *v, const addr20 *member, const struct vault_cert *c,
                       struct err *reterr);
    status (*cert_get)(struct vault *v, const addr20 *member, struct vault_cert *ret,
                       struct buf *ret_json, struct err *reterr);
    status (*cert_delete)(struct vault *v, const addr20 *member, struct err *reterr);
    status (*log)(struct vault *v, const hash32 *folder, uint64_t after, size_t limit,
                  struct arena *a, struct vault_log_entry **ret, size_t *ret_n,
                  struct vault_log_head *ret_head, struct err *reterr);
    void (*close)(struct vault *v);
};

/* An adapter's own struct begins with this. */
struct vault {
    const struct vault_ops *ops;
};

/* NULL is fine. */
void vault_close(struct vault *v);

/* Key cards (JSON, at most VAULT_CARD_MAX). put replaces the account's older card.
 * put: OK | E_TOO_LONG. get: OK | E_NOT_FOUND. */
status vault_card_put(struct vault *v, const addr20 *account, slice json,
                      struct err *reterr) MUST_USE;
status vault_card_get(struct vault *v, const addr20 *account, struct buf *ret,
                      struct err *reterr) MUST_USE;
/* All cards that the other side shows: the store gives every one (api/ filters), the HTTP adapter
 * the directory, where account is taken from the card. */
status vault_cards(struct vault *v, struct arena *a, struct vault_card **ret, size_t *ret_n,
                   struct err *reterr) MUST_USE;

/* Owner state: put succeeds only when the stored version is `expected` (0: none yet) and makes it
 * expected + 1. put: OK | E_CONFLICT | E_TOO_LONG. get: OK | E_NOT_FOUND. */
status vault_state_put(struct vault *v, const addr20 *account, uint64_t expected, slice blob,
                       uint64_t *ret_version, struct err *reterr) MUST_USE;
status vault_state_get(struct vault *v, const addr20 *account, uint64_t *ret_version,
                       struct buf *ret, struct err *reterr) MUST_USE;

/* Folder keys; a list is oldest first and may be empty. put replaces. */
status vault_fkey_put(struct vault *v, const hash32 *folder, uint32_t epoch, slice json,
                      struct err *reterr) MUST_USE;
status vault_fkeys(struct vault *v, const hash32 *folder, struct arena *a, struct vault_fkey **ret,
                   size_t *ret_n, struct err *reterr) MUST_USE;

/* Wrap notes; put replaces and destroys the older one. get, delete: OK | E_NOT_FOUND. */
status vault_wrap_put(struct vault *v, const hash32 *folder, const addr20 *holder, slice note,
                      struct err *reterr) MUST_USE;
status vault_wrap_get(struct vault *v, const hash32 *folder, const addr20 *holder, struct buf *ret,
                      struct err *reterr) MUST_USE;
status vault_wrap_delete(struct vault *v, const hash32 *folder, const addr20 *holder,
                         struct err *reterr) MUST_USE;

/* Envelopes, 1..VAULT_ENVELOPES_MAX: all are stored or none. Storing the same bytes again is fine.
 * OK | E_RANGE (n) | E_TOO_LONG | E_CONFLICT (another envelope is under this inner, or its body is
 * another record's or was uploaded more than a day ago and never committed) | E_NOT_FOUND (its body
 * was not uploaded to this folder). */
status vault_envelopes_put(struct vault *v, const hash32 *folder, const struct vault_envelope *list,
                           size_t n, struct err *reterr) MUST_USE;
/* OK | E_NOT_FOUND. */
status vault_envelope_get(struct vault *v, const hash32 *folder, const struct vault_ref *ref,
                          struct buf *ret, struct err *reterr) MUST_USE;
/* Those that are there, in the order of refs; missing ones are left out. */
status vault_envelopes_get(struct vault *v, const hash32 *folder, const struct vault_ref *refs,
                           size_t n, struct arena *a, struct vault_envelope **ret, size_t *ret_n,
                           struct err *reterr) MUST_USE;

/* Inbox. put: OK (also when the same note waits already) | E_TOO_LONG | E_RATE (VAULT_NOTES_MAX
 * wait). get, delete: OK | E_NOT_FOUND. The list is ordered by id. */
status vault_note_put(struct vault *v, const addr20 *account, slice note, hash32 *ret_id,
                      struct err *reterr) MUST_USE;
status vault_notes(struct vault *v, const addr20 *account, struct arena *a, struct vault_note **ret,
                   size_t *ret_n, struct err *reterr) MUST_USE;
status vault_note_get(struct vault *v, const addr20 *account, const hash32 *id, struct buf *ret,
                      struct err *reterr) MUST_USE;
status vault_note_delete(struct vault *v, const addr20 *account, const hash32 *id,
                         struct err *reterr) MUST_USE;

/* Member certificates; put replaces and destroys the older one of the member. ret_json: NULL when
 * it is not wanted. put: OK | E_TOO_LONG. get, delete: OK | E_NOT_FOUND. */
status vault_cert_put(struct vault *v, const addr20 *member, const struct vault_cert *c,
                      struct err *reterr) MUST_USE;
status vault_cert_get(struct vault *v, const addr20 *member, struct vault_cert *ret,
                      struct buf *ret_json, struct err *reterr) MUST_USE;
status vault_cert_delete(struct vault *v, const addr20 *member, struct err *reterr) MUST_USE;

/* Entries of a folder's access log with seq > after, at most min(limit, VAULT_LOG_PAGE), and the
 * head. The leaves of what is returned were recomputed. E_MISMATCH: the chain of leaves is broken.
 */
status vault_log(struct vault *v, const hash32 *folder, uint64_t after, size_t limit,
                 struct arena *a, struct vault_log_entry **ret, size_t *ret_n,
                 struct vault_log_head *ret_head, struct err *reterr) MUST_USE;

#endif
