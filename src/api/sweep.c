/* SPDX-License-Identifier: Apache-2.0 */
/* The periodic sweep over vault and content store. */
#include "api/sweep.h"
#include "api/routes.h"
#include "vault/lmdb.h"

#define SWEEP_ARENA ((size_t)16 << 20)
#define REG_KEPT_S (30u * 86400u) /* a registration request that nobody answered */

static status confirmed(void *ctx, const hash32 *folder, const uint8_t commitment[26])
{
    struct api *a = ctx;
    return index_has_commitment(a->cfg.index, folder, commitment);
}

/* Erasing on the word of an index that lags would destroy what the chain holds. */
static status index_is_current(struct api *a, struct err *reterr)
{
    struct chain_head head;
    status st = chain_head(a->chain, &head, reterr);
    return st == OK ? index_follow(a, &head, 1000, reterr) : st;
}

/* The row outlives the pin: what a crash or a full disk leaves is found by the next sweep. */
status body_drop_locked(struct api *a, const struct vault_body *b, uint64_t before,
                        struct err *reterr)
{
    struct cid cid;
    hash32 owner;
    status st = cid_read(b->cid, &cid, NULL, reterr);
    if (st == OK)
        st = body_pin_owner(&b->folder, b->cid, &owner);
    if (st != OK)
        return st;
    st = vault_lmdb_body_going(a->cfg.vault, &b->folder, b->cid, before, reterr);
    if (st == E_CONFLICT || st == E_NOT_FOUND)
        return OK; /* used again meanwhile */
    if (st == OK)
        st = content_unpin(a->cfg.content, &owner, &cid, reterr);
    if (st == OK || st == E_NOT_FOUND)
        st = vault_lmdb_body_drop(a->cfg.vault, &b->folder, b->cid, before, reterr);
    return st;
}

static status body_drop(struct api *a, const struct vault_body *b, uint64_t before,
                        struct err *reterr)
{
    pthread_rwlock_wrlock(&a->body_lock);
    status st = body_drop_locked(a, b, before, reterr);
    pthread_rwlock_unlock(&a->body_lock);
    return st;
}

static status drop_bodies(struct api *a, uint64_t before, uint64_t *ret_n, struct err *reterr)
{
    struct arena arena;
    slice after = SLICE_EMPTY;
    struct vault_body *list;
    size_t n = 1;
    status st = OK;
    arena_init(&arena, SWEEP_ARENA, false);
    while (st == OK && n > 0) {
        st = vault_lmdb_stale_bodies(a->cfg.vault, before, &after, &arena, &list, &n, reterr);
        for (size_t i = 0; st == OK && i < n; i++) {
            st = body_drop(a, &list[i], before, reterr);
            ++*ret_n;
        }
    }
    arena_done(&arena);
    return st;
}

status api_sweep(struct api *a, struct api_swept *ret, struct err *reterr)
{
    struct api_swept s = {0};
    struct content_swept blocks = {0};
    struct vault_confirm c = {confirmed, a};
    uint64_t regs = 0;
    uint64_t now = clock_unix_s(a->cfg.clock);
    uint64_t before = now > a->cfg.sweep_age_s ? now - a->cfg.sweep_age_s : 0;
    status st = index_is_current(a, reterr);
    if (st == OK)
        st = vault_lmdb_sweep(a->cfg.vault, before, &c, &s.envelopes, reterr);
    if (st == OK)
        st = drop_bodies(a, before, &s.bodies, reterr);
    if (st == OK)
        st = content_sweep(a->cfg.content, a->cfg.sweep_age_s, &blocks, reterr);
    if (st == OK)
        st = vault_lmdb_reg_sweep(a->cfg.vault, now > REG_KEPT_S ? now - REG_KEPT_S : 0, &regs,
                                  reterr);
    if (st == OK)
        st = vault_lmdb_certs_expire(a->cfg.vault, now, &s.certificates, reterr);
    s.bytes = blocks.bytes;
    atomic_fetch_add(&a->metrics.swept_envelopes, s.envelopes);
    atomic_fetch_add(&a->metrics.swept_bodies, s.bodies);
    if (st == OK)
        *ret = s;
    return st;
}
