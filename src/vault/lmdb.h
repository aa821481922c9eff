/* SPDX-License-Identifier: Apache-2.0 */
/* The vault in an LMDB environment of its own, each sensitive row sealed under a key of its own
 * that can be destroyed (docs/formats.md section 10), and what only the node needs of it: bodies,
 * nonces, the access log's writing end, the sweep.
 *
 * Erasing a row destroys its key on the disk before the call returns; a crash between is made good
 * when the vault is opened again. What copy-on-write file systems, SSDs and backups keep is beyond
 * it. */
#ifndef EHRD_VAULT_LMDB_H
#define EHRD_VAULT_LMDB_H

#include "base/sysio.h"
#include "codec/netid.h"
#include "vault/vault.h"

#define VAULT_NONCE_KEPT_S 300u /* a used nonce is remembered for this long */
#define VAULT_BODIES_PAGE 256u  /* of one vault_lmdb_stale_bodies */
#define VAULT_REG_MAX ((size_t)2 << 10)
#define VAULT_REGS_MAX 1000u /* registration requests that wait */

struct vault_lmdb_config {
    const char *dir;               /* made when absent: environment `vault` and file `rowkeys` */
    struct netid net;              /* of the access log's hashes */
    uint64_t map_bytes;            /* as in kv_options */
    uint64_t uncommitted_s;        /* so long a body that is not on the chain takes envelopes; a day
                                      when it is shorter */
    const struct clock_src *clock; /* borrowed until vault_close */
    const struct random_src *random; /* borrowed until vault_close */
};

/* OK | E_BUSY (open in another process) | as kv_open | E_MISMATCH (row keys of another vault). */
status vault_lmdb_open(const struct vault_lmdb_config *cfg, struct vault **ret,
                       struct err *reterr) MUST_USE;

/* Has the file system room left: what is kept free (base/file.h), divided by part?
 * OK | E_NO_SPACE | E_IO. reserve: keep so much free instead of the usual; before others use v. */
status vault_lmdb_room(struct vault *v, unsigned part, struct err *reterr) MUST_USE;
void vault_lmdb_reserve(struct vault *v, uint64_t bytes);

/* Remember (signer, nonce) durably until `expiry`; also forgets some that are over.
 * OK | E_REPLAY (it was there). */
status vault_lmdb_nonce_use(struct vault *v, const addr20 *signer, const hash32 *nonce,
                            uint64_t expiry, struct err *reterr) MUST_USE;

/* Certificates that are over at `now`, behind the member `after` (NULL: from the first). */
#define VAULT_CERTS_PAGE 128u
struct vault_cert_over {
    addr20 member;
    addr20 account;
};
status vault_lmdb_certs_over(struct vault *v, uint64_t now, const addr20 *after,
                             struct vault_cert_over list[VAULT_CERTS_PAGE], size_t *ret_n,
                             struct err *reterr) MUST_USE;
/* Erase those of the list that are over still; *ret_n is raised by their number. */
status vault_lmdb_certs_erase(struct vault *v, uint64_t now, const struct vault_cert_over *list,
                              size_t n, uint64_t *ret_n, struct err *reterr) MUST_USE;
/* Whose certifier a key is: the first account that put a card with it, or whoever takes it from
 * that account (from, else NULL). known: the account's card with it was on the chain.
 * put: OK | E_CONFLICT (another's). get: OK | E_NOT_FOUND. */
status vault_lmdb_certkey_put(struct vault *v, const addr20 *cert_key, const addr20 *from,
                              const addr20 *account, bool known, struct err *reterr) MUST_USE;
status vault_lmdb_certkey_get(struct vault *v, const addr20 *cert_key, addr20 *ret_account,
                              bool *ret_known, struct err *reterr) MUST_USE;

/* Append n entries (JSON texts) to the folder's access log, in one commit. */
status vault_lmdb_log_append(struct vault *v, const hash32 *folder, const slice *entries, size_t n,
                             struct err *reterr) MUST_USE;

/* inner of the envelope that was stored with this commitment. OK | E_NOT_FOUND. */
status vault_lmdb_inner(struct vault *v, const hash32 *folder, const uint8_t commitment[26],
                        hash32 *ret_inner, struct err *reterr) MUST_USE;

/* Bodies uploaded to a folder, each with the number of its envelopes. add: a body that is there
 * already is young again. has: OK | E_NOT_FOUND. */
status vault_lmdb_body_add(struct vault *v, const hash32 *folder, slice cid,
                           struct err *reterr) MUST_USE;
status vault_lmdb_body_has(struct vault *v, const hash32 *folder, slice cid,
                           struct err *reterr) MUST_USE;

/* Envelopes that refer to a body (record and inner are filled), at most VAULT_BODY_REFS of them;
 * ret_more: there are others. Those of an erased envelope stay while another record's envelope
 * refers to the same body. OK | E_NOT_FOUND (body). */
#define VAULT_BODY_REFS 64u
status vault_lmdb_body_refs(struct vault *v, const hash32 *folder, slice cid,
                            struct vault_ref ret[VAULT_BODY_REFS], size_t *ret_n, bool *ret_more,
                            struct err *reterr) MUST_USE;
/* Erase one envelope, known by this commitment; its body is let go of, and is going when no other
 * envelope refers to it. OK | E_NOT_FOUND. */
status vault_lmdb_envelope_erase(struct vault *v, const hash32 *folder, const hash32 *inner,
                                 const uint8_t commitment[26], struct err *reterr) MUST_USE;

/* A body no envelope refers to. */
struct vault_body {
    hash32 folder;
    slice cid; /* in the arena */
};
/* Bodies without envelopes that were uploaded before `before`, up to VAULT_BODIES_PAGE, those
 * behind *after first (NULL or n == 0: from the start; the cursor is replaced, in the arena). */
status vault_lmdb_stale_bodies(struct vault *v, uint64_t before, slice *after, struct arena *a,
                               struct vault_body **ret, size_t *ret_n, struct err *reterr) MUST_USE;
/* Say that the body is going, unless an envelope refers to it or it became young since: it is no
 * more for anybody, but stays in the list of stale ones until it is dropped or added again.
 * OK | E_NOT_FOUND | E_CONFLICT. */
status vault_lmdb_body_going(struct vault *v, const hash32 *folder, slice cid, uint64_t before,
                             struct err *reterr) MUST_USE;
/* Forget the body unless an envelope refers to it or it became young since.
 * OK | E_NOT_FOUND | E_CONFLICT. */
status vault_lmdb_body_drop(struct vault *v, const hash32 *folder, slice cid, uint64_t before,
                            struct err *reterr) MUST_USE;

/* Registration requests (docs/formats.md section 12), one for an account; put replaces. When
 * VAULT_REGS_MAX others wait, the oldest of the network of which most do makes room.
 * put: OK | E_TOO_LONG | E_RATE (`most` others of this sender wait). get, delete: OK | E_NOT_FOUND.
 * sweep erases those received before `before`. */
struct vault_reg_from { /* salted hashes that lead back to nobody */
    uint8_t sender[16];
    uint8_t network[16]; /* that the sender is in */
};
struct vault_reg {
    addr20 account;
    uint64_t received;
    slice json; /* in the arena */
};
status vault_lmdb_reg_put(struct vault *v, const addr20 *account, slice json,
                          const struct vault_reg_from *from, unsigned most, uint64_t *ret_time,
                          struct err *reterr) MUST_USE;
status vault_lmdb_reg_get(struct vault *v, const addr20 *account, struct arena *a,
                          struct vault_reg *ret, struct err *reterr) MUST_USE;
status vault_lmdb_regs(struct vault *v, struct arena *a, struct vault_reg **ret, size_t *ret_n,
                       struct err *reterr) MUST_USE;
status vault_lmdb_reg_delete(struct vault *v, const addr20 *account, struct err *reterr) MUST_USE;
status vault_lmdb_reg_sweep(struct vault *v, uint64_t before, uint64_t *ret_erased,
                            struct err *reterr) MUST_USE;

/* Look through the envelopes stored before `before` that are not confirmed yet: confirmed() says
 * OK (its commitment is on the chain: keep it), E_NOT_FOUND (erase it) or anything else (ask again
 * another time). ret_erased: how many were erased. */
struct vault_confirm {
    status (*confirmed)(void *ctx, const hash32 *folder, const uint8_t commitment[26]);
    void *ctx;
};
status vault_lmdb_sweep(struct vault *v, uint64_t before, const struct vault_confirm *c,
                        uint64_t *ret_erased, struct err *reterr) MUST_USE;

#endif
