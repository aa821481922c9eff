/* SPDX-License-Identifier: Apache-2.0 */
/* The port over a chain in this process: one view for a batch, the same proofs as over a wire. */
#include "ledger/local.h"

#include <stdlib.h>

#include "codec/domain_hash.h"
#include "ledger/local_int.h"

#define CALL_GAS 100000000u

static struct local *local_of(struct ledger *l)
{
    return (struct local *)l;
}

/* What this thread saw last, so that wait does not sleep through what came after it. */
static _Thread_local struct {
    const struct ledger *ledger;
    uint64_t seq;
} seen;

static void note_seen(struct local *l)
{
    struct chain_news news;
    chain_news_get(l->chain, &news);
    seen.ledger = &l->base;
    seen.seq = news.seq;
}

static status local_run(struct ledger *base, struct ledger_req *reqs, size_t n, struct arena *a,
                        struct err *reterr)
{
    struct local *l = local_of(base);
    struct chain_view v;
    struct arena own;
    arena_init(&own, (size_t)1 << 20, false);
    note_seen(l);
    status s = chain_view_open(l->chain, &v, reterr);
    for (size_t i = 0; s == OK && i < n; i++) {
        local_answer(l, &v, &reqs[i], a != NULL ? a : &own);
        if (reqs[i].kind == LEDGER_SEND && i + 1 < n) {
            chain_view_close(&v);
            s = chain_view_open(l->chain, &v, reterr);
        }
    }
    if (s == OK)
        chain_view_close(&v);
    arena_done(&own);
    return s;
}

static status local_vouch(struct ledger *base, uint64_t number, const hash32 *hash,
                          struct err *reterr)
{
    struct local *l = local_of(base);
    struct chain_view v;
    struct chain_block b;
    hash32 digest;
    if (!l->has_authority)
        return ERR(reterr, E_UNSUPPORTED, "the chain names no authority");
    status s = chain_view_open(l->chain, &v, reterr);
    if (s != OK)
        return s;
    s = chain_view_block(&v, number, &b, reterr);
    chain_view_close(&v);
    if (s == E_NOT_FOUND)
        return ERR(reterr, E_UNAVAILABLE, "there is no block %llu yet", (unsigned long long)number);
    if (s != OK)
        return s;
    if (!hash32_eq(b.block.hash, *hash))
        return ERR(reterr, E_MISMATCH, "the chain has another block %llu",
                   (unsigned long long)number);
    block_seal_digest(chain_id(l->chain), number, hash, &digest);
    if (!b.has_seal || secp_verify_addr(&digest, slice_of(b.seal, SECP_SIG), l->authority) != OK)
        return ERR(reterr, E_MISMATCH, "block %llu is not signed by the authority",
                   (unsigned long long)number);
    return OK;
}

static void local_wait(struct ledger *base, uint32_t ms)
{
    struct local *l = local_of(base);
    struct chain_news news;
    if (seen.ledger != base)
        note_seen(l);
    if (chain_news_wait(l->chain, seen.seq, ms, &news) == OK)
        seen.seq = news.seq;
}

static void local_close(struct ledger *base)
{
    if (seen.ledger == base)
        seen.ledger = NULL;
    free(local_of(base));
}

static const struct ledger_ops local_ops = {
    .run = local_run, .vouch = local_vouch, .wait = local_wait, .close = local_close};

status ledger_local_open(const struct ledger_local_config *cfg, struct ledger **ret_ledger,
                         struct err *reterr)
{
    const struct genesis *g = chain_genesis(cfg->chain);
    struct local *l = calloc(1, sizeof *l);
    if (l == NULL)
        return ERR(reterr, E_NOMEM, "ledger");
    l->base = (struct ledger){.ops = &local_ops,
                              .clock = cfg->clock != NULL ? cfg->clock : &clock_system,
                              .max_age_s = cfg->max_age_s,
                              .is_own = true};
    l->chain = cfg->chain;
    l->call_gas = cfg->call_gas != 0 ? cfg->call_gas : CALL_GAS;
    l->has_authority = cfg->has_authority || g->has_authority;
    l->authority = cfg->has_authority ? cfg->authority : g->authority;
    *ret_ledger = &l->base;
    return OK;
}
