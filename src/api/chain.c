/* SPDX-License-Identifier: Apache-2.0 */
/* Views of the registry at the head, in batches, with a cache for one block. */
#include "api/chain.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#define CACHE_ROWS 4096u /* power of two */
#define CALL_MAX 100u    /* selector and three words */
#define RESULT_MAX 160u  /* five words */
#define BATCH_ARENA ((size_t)4 << 20)

struct call_data {
    uint8_t b[CALL_MAX];
    size_t n;
};

struct cache_row {
    hash32 block;
    struct call_data call;
    uint8_t result[RESULT_MAX];
    size_t result_n;
};

struct chain_reader {
    struct ledger *ledger;
    addr20 proxy;
    const struct clock_src *clock;
    pthread_mutex_t lock; /* guards rows */
    struct cache_row rows[CACHE_ROWS];
};

status chain_reader_new(struct ledger *l, addr20 proxy, const struct clock_src *clock,
                        struct chain_reader **ret, struct err *reterr)
{
    struct chain_reader *c = calloc(1, sizeof *c);
    if (c == NULL)
        return ERR(reterr, E_NOMEM, "chain reader");
    c->ledger = l;
    c->proxy = proxy;
    c->clock = clock;
    pthread_mutex_init(&c->lock, NULL);
    *ret = c;
    return OK;
}

void chain_reader_free(struct chain_reader *c)
{
    if (c == NULL)
        return;
    pthread_mutex_destroy(&c->lock);
    free(c);
}

status chain_head(struct chain_reader *c, struct chain_head *ret, struct err *reterr)
{
    struct chain_head h;
    status st = ledger_head_fresh(c->ledger, &h.block, reterr);
    if (st != OK)
        return ledger_fault(c->ledger, st, reterr);
    uint64_t clock = clock_unix_s(c->clock);
    h.now = h.block.timestamp > clock ? h.block.timestamp : clock;
    *ret = h;
    return OK;
}

static status call_build(const struct chain_ask *a, struct call_data *ret)
{
    struct buf b;
    hash32 role;
    status st = E_INTERNAL;
    buf_init(&b, CALL_MAX);
    switch (a->kind) {
    case CHAIN_ACCOUNT:
        st = registry_put_account_of(&b, a->address);
        break;
    case CHAIN_CARD_HASH:
        st = registry_put_key_card_hash_of(&b, a->address);
        break;
    case CHAIN_FOLDER:
        st = registry_put_folder_of(&b, a->folder);
        break;
    case CHAIN_GRANT:
        st = registry_put_grant_of(&b, a->folder, a->scope, a->address);
        break;
    case CHAIN_REGISTRAR:
        memcpy(role.b, registry_registrar_role, sizeof role.b);
        st = registry_put_has_role(&b, role, a->address);
        break;
    }
    if (st == OK) {
        memcpy(ret->b, b.p, b.n);
        ret->n = b.n;
    }
    buf_done(&b);
    return st;
}

static status result_read(struct chain_ask *a, slice data, struct err *reterr)
{
    status st = E_INTERNAL;
    switch (a->kind) {
    case CHAIN_ACCOUNT:
        st = registry_read_account_of(data, &a->out.account);
        break;
    case CHAIN_CARD_HASH:
        st = registry_read_key_card_hash_of(data, &a->out.card_hash);
        break;
    case CHAIN_FOLDER:
        st = registry_read_folder_of(data, &a->out.folder);
        break;
    case CHAIN_GRANT:
        st = registry_read_grant_of(data, &a->out.grant);
        break;
    case CHAIN_REGISTRAR:
        st = registry_read_has_role(data, &a->out.registrar);
        break;
    }
    return st == OK ? OK : ERR(reterr, E_CORRUPT, "the registry's answer cannot be read");
}

/* FNV-1a: only spreads rows, equality is checked. */
static struct cache_row *row_of(struct chain_reader *c, const struct call_data *d)
{
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < d->n; i++)
        h = (h ^ d->b[i]) * 1099511628211u;
    return &c->rows[(h ^ h >> 32) & (CACHE_ROWS - 1)];
}

static bool cache_find(struct chain_reader *c, const hash32 *block, const struct call_data *d,
                       uint8_t result[RESULT_MAX], size_t *ret_n)
{
    const struct cache_row *r = row_of(c, d);
    pthread_mutex_lock(&c->lock);
    bool found = r->call.n == d->n && d->n > 0 && memcmp(r->call.b, d->b, d->n) == 0 &&
                 hash32_eq(r->block, *block);
    if (found) {
        memcpy(result, r->result, r->result_n);
        *ret_n = r->result_n;
    }
    pthread_mutex_unlock(&c->lock);
    return found;
}

static void cache_put(struct chain_reader *c, const hash32 *block, const struct call_data *d,
                      slice result)
{
    if (result.n > RESULT_MAX)
        return;
    struct cache_row *r = row_of(c, d);
    pthread_mutex_lock(&c->lock);
    r->block = *block;
    r->call = *d;
    memcpy(r->result, result.p, result.n);
    r->result_n = result.n;
    pthread_mutex_unlock(&c->lock);
}

/* Send the n prepared calls as one batch and read the answers into the asks that which names. */
static status batch_run(struct chain_reader *c, const struct chain_head *head,
                        struct chain_ask *asks, const size_t *which, const struct call_data *calls,
                        size_t n, struct err *reterr)
{
    struct arena a;
    arena_init(&a, BATCH_ARENA, false);
    struct ledger_req *reqs = arena_array(&a, n, sizeof *reqs);
    status st = reqs == NULL ? ERR(reterr, E_NOMEM, "batch") : OK;
    for (size_t i = 0; i < n && st == OK; i++) {
        reqs[i].kind = LEDGER_CALL;
        reqs[i].at = ledger_at_hash(head->block.hash);
        reqs[i].in.call =
            (struct ledger_call){.to = c->proxy, .data = slice_of(calls[i].b, calls[i].n)};
    }
    if (st == OK)
        st = ledger_run(c->ledger, reqs, n, &a, reterr);
    for (size_t i = 0; i < n && st == OK; i++) {
        if (reqs[i].st != OK)
            st = ERR(reterr, reqs[i].st, "registry: %s", reqs[i].err.msg);
        else
            st = result_read(&asks[which[i]], reqs[i].out.data, reterr);
        if (st == OK)
            cache_put(c, &head->block.hash, &calls[i], reqs[i].out.data);
    }
    arena_done(&a);
    return ledger_fault(c->ledger, st, reterr);
}

status chain_ask(struct chain_reader *c, const struct chain_head *head, struct chain_ask *asks,
                 size_t n, struct err *reterr)
{
    struct call_data calls[CHAIN_ASK_MAX];
    size_t which[CHAIN_ASK_MAX];
    uint8_t result[RESULT_MAX];
    size_t result_n;
    size_t missing = 0;
    assert(n <= CHAIN_ASK_MAX);
    for (size_t i = 0; i < n; i++) {
        status st = call_build(&asks[i], &calls[missing]);
        if (st != OK)
            return ERR(reterr, st, "call data");
        if (!cache_find(c, &head->block.hash, &calls[missing], result, &result_n)) {
            which[missing++] = i;
            continue;
        }
        st = result_read(&asks[i], slice_of(result, result_n), reterr);
        if (st != OK)
            return st;
    }
    return missing > 0 ? batch_run(c, head, asks, which, calls, missing, reterr) : OK;
}

static bool is_over(const struct registry_account *a, uint64_t now)
{
    return a->valid_until != 0 && now >= a->valid_until;
}

bool chain_account_is_active(const struct registry_account *a, uint64_t now)
{
    return a->status == REGISTRY_ACCOUNT_ACTIVE && !is_over(a, now);
}

bool chain_account_is_barred(const struct registry_account *a, uint64_t now)
{
    return a->status != REGISTRY_ACCOUNT_NONE && !chain_account_is_active(a, now);
}

bool chain_grant_is_live(const struct registry_grant *g, uint8_t any_of, uint64_t now)
{
    return g->status == REGISTRY_GRANT_ACTIVE && (g->permissions & any_of) != 0 &&
           g->not_before <= now && now < g->not_after;
}
