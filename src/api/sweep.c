/* SPDX-License-Identifier: Apache-2.0 */
/* The periodic sweep over vault and content store. */
#include "api/sweep.h"
#include "api/routes.h"
#include "base/limits.h"
#include "codec/domain_hash.h"
#include "index/event.h"
#include "vault/lmdb.h"

#define SWEEP_ARENA ((size_t)64 << 10) /* a page of bodies */
#define BODY_KEY_MAX (sizeof(hash32) + CID_BIN_MAX)
#define REG_KEPT_S (30u * 86400u) /* a registration request that nobody answered */

/* Whether an event of the folder has the commitment in a block that the index does not have yet.
 * OK | E_NOT_FOUND | E_UNAVAILABLE. */
static status block_has(struct api *a, uint64_t first, const hash32 *folder,
                        const uint8_t commitment[RECORD_COMMITMENT])
{
    struct chain_head head;
    struct arena arena;
    struct ledger_log *logs = NULL;
    size_t n = 0;
    struct event e;
    struct ledger_filter filter = {.addresses = &a->cfg.net.proxy, .addresses_n = 1, .from = first};
    filter.topic[1] = *folder;
    filter.has_topic[1] = true;
    status st = chain_head(a->chain, &head, NULL);
    filter.to = st == OK ? head.block.number : 0;
    if (st == OK && filter.to < first)
        return E_NOT_FOUND;
    arena_init(&arena, LIMIT_RPC_ANSWER, false);
    if (st == OK)
        st = ledger_logs(a->cfg.ledger, &filter, &arena, &logs, &n, NULL);
    bool found = false;
    for (size_t i = 0; st == OK && !found && i < n; i++)
        found = event_from_log(&logs[i], &e, NULL) == OK &&
                memcmp(e.commitment, commitment, RECORD_COMMITMENT) == 0;
    arena_done(&arena);
    return st != OK ? E_UNAVAILABLE : found ? OK : E_NOT_FOUND;
}

/* The index waits until blocks are confirmed, where the chain is idle for long: what such a block
 * has is neither settled nor to be erased. */
static status confirmed(void *ctx, const hash32 *folder,
                        const uint8_t commitment[RECORD_COMMITMENT])
{
    struct api *a = ctx;
    uint64_t next = index_next_block(a->cfg.index); /* before it is asked: it may go on */
    status st = index_has_commitment(a->cfg.index, folder, commitment);
    if (st != E_NOT_FOUND || a->cfg.confirmations == 0)
        return st;
    st = block_has(a, next, folder, commitment);
    return st == OK ? E_BUSY : st;
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

/* A page of stale bodies; *at, *io_n: its last row's key, where the next one begins. */
static status drop_page(struct api *a, uint64_t before, uint8_t at[BODY_KEY_MAX], size_t *io_n,
                        size_t *ret_listed, uint64_t *ret_dropped, struct err *reterr)
{
    struct arena arena;
    struct vault_body *list;
    slice after = slice_of(at, *io_n);
    size_t n = 0;
    arena_init(&arena, SWEEP_ARENA, false);
    status st = vault_lmdb_stale_bodies(a->cfg.vault, before, &after, &arena, &list, &n, reterr);
    for (size_t i = 0; st == OK && i < n; i++) {
        st = body_drop(a, &list[i], before, reterr);
        *ret_dropped += st == OK;
    }
    if (st == OK && after.n > BODY_KEY_MAX)
        st = ERR(reterr, E_CORRUPT, "a CID of %zu bytes", after.n - sizeof list->folder.b);
    if (st == OK && n > 0) {
        memcpy(at, after.p, after.n);
        *io_n = after.n;
    }
    *ret_listed = n;
    arena_done(&arena);
    return st;
}

static status drop_bodies(struct api *a, uint64_t before, uint64_t *ret_n, struct err *reterr)
{
    uint8_t at[BODY_KEY_MAX];
    size_t at_n = 0;
    size_t listed = 1;
    status st = OK;
    while (st == OK && listed > 0)
        st = drop_page(a, before, at, &at_n, &listed, ret_n, reterr);
    return st;
}

/* Those of the list whose account is not barred now, in place. */
static status not_barred(struct api *a, struct vault_cert_over *list, size_t *io_n,
                         struct err *reterr)
{
    struct chain_head head;
    struct chain_ask asks[VAULT_CERTS_PAGE];
    size_t kept = 0;
    status st = chain_head(a->chain, &head, reterr);
    for (size_t i = 0; i < *io_n; i++)
        asks[i] = (struct chain_ask){.kind = CHAIN_ACCOUNT, .address = list[i].account};
    if (st == OK)
        st = chain_ask(a->chain, &head, asks, *io_n, reterr);
    for (size_t i = 0; st == OK && i < *io_n; i++)
        if (!chain_account_is_barred(&asks[i].out.account, head.now))
            list[kept++] = list[i];
    *io_n = kept;
    return st;
}

status certs_sweep(struct api *a, uint64_t now, uint64_t *ret_n, struct err *reterr)
{
    struct vault_cert_over list[VAULT_CERTS_PAGE];
    addr20 last;
    size_t n = 0;
    status st = vault_lmdb_certs_over(a->cfg.vault, now, NULL, list, &n, reterr);
    while (st == OK && n > 0) {
        last = list[n - 1].member;
        st = not_barred(a, list, &n, reterr);
        if (st == OK)
            st = vault_lmdb_certs_erase(a->cfg.vault, now, list, n, ret_n, reterr);
        if (st == OK)
            st = vault_lmdb_certs_over(a->cfg.vault, now, &last, list, &n, reterr);
    }
    return st;
}

static status drop_envelopes(struct api *a, uint64_t before, uint64_t *ret_n, struct err *reterr)
{
    struct vault_confirm c = {confirmed, a};
    status st = index_is_current(a, reterr);
    return st == OK ? vault_lmdb_sweep(a->cfg.vault, before, &c, ret_n, reterr) : st;
}

/* The first failure is told. */
static void note(status st, const struct err *e, status *io, struct err *reterr)
{
    if (*io != OK || st == OK)
        return;
    *io = st;
    if (reterr != NULL)
        *reterr = *e;
}

status api_sweep(struct api *a, struct api_swept *ret, struct err *reterr)
{
    struct api_swept s = {0};
    struct content_swept blocks = {0};
    struct err e = {0};
    uint64_t regs = 0;
    uint64_t now = clock_unix_s(a->cfg.clock);
    uint64_t before = now > a->cfg.sweep_age_s ? now - a->cfg.sweep_age_s : 0;
    status st = OK;
    note(drop_envelopes(a, before, &s.envelopes, &e), &e, &st, reterr);
    note(drop_bodies(a, before, &s.bodies, &e), &e, &st, reterr);
    note(content_sweep(a->cfg.content, a->cfg.sweep_age_s, &blocks, &e), &e, &st, reterr);
    note(vault_lmdb_reg_sweep(a->cfg.vault, now > REG_KEPT_S ? now - REG_KEPT_S : 0, &regs, &e), &e,
         &st, reterr);
    note(certs_sweep(a, now, &s.certificates, &e), &e, &st, reterr);
    s.bytes = blocks.bytes;
    atomic_fetch_add(&a->metrics.swept_envelopes, s.envelopes);
    atomic_fetch_add(&a->metrics.swept_bodies, s.bodies);
    if (st == OK)
        *ret = s;
    return st;
}
