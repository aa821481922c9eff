/* SPDX-License-Identifier: Apache-2.0 */
/* Logs over many blocks: blooms first, receipts only where they may match. */
#include "chain/chain_priv.h"
#include "crypto/keccak.h"

#define LOGS_MEMORY ((size_t)1 << 30) /* of one block */

/* Three bits of a bloom. */
struct bloom_bits {
    uint8_t at[3];
    uint8_t mask[3];
};

static struct bloom_bits bits_of(slice item)
{
    struct bloom_bits b;
    hash32 h;
    keccak256(item, &h);
    for (size_t i = 0; i < 3; i++) {
        unsigned bit = (unsigned)(h.b[2 * i] << 8 | h.b[2 * i + 1]) & 2047;
        b.at[i] = (uint8_t)(BLOOM_BYTES - 1 - bit / 8);
        b.mask[i] = (uint8_t)(1u << bit % 8);
    }
    return b;
}

static bool bits_in(const struct bloom_bits *b, const uint8_t *bloom)
{
    return (bloom[b->at[0]] & b->mask[0]) != 0 && (bloom[b->at[1]] & b->mask[1]) != 0 &&
           (bloom[b->at[2]] & b->mask[2]) != 0;
}

/* Alternatives of an address or a position, hashed once. */
struct bloom_group {
    struct bloom_bits *bits;
    size_t n;
};

struct search {
    struct chain_view *view;
    const struct chain_filter *filter;
    struct bloom_group group[5];
    chain_log_sink *each;
    void *ctx;
};

static status group_make(struct bloom_group *g, const uint8_t *items, size_t n, size_t size,
                         struct arena *a)
{
    g->bits = arena_array(a, n, sizeof *g->bits);
    if (g->bits == NULL)
        return E_NOMEM;
    for (size_t i = 0; i < n; i++)
        g->bits[i] = bits_of(slice_of(items + i * size, size));
    g->n = n;
    return OK;
}

static bool bloom_may_match(const struct search *s, const uint8_t *bloom)
{
    for (size_t k = 0; k < 5; k++) {
        const struct bloom_group *g = &s->group[k];
        bool any = g->n == 0;
        for (size_t i = 0; !any && i < g->n; i++)
            any = bits_in(&g->bits[i], bloom);
        if (!any)
            return false;
    }
    return true;
}

bool chain_filter_matches(const struct chain_filter *f, const struct state_log *log)
{
    bool any = f->n_addresses == 0;
    for (size_t i = 0; !any && i < f->n_addresses; i++)
        any = addr20_eq(f->addresses[i], log->addr);
    if (!any || f->n_positions > log->n_topics)
        return false;
    for (size_t k = 0; k < f->n_positions && k < 4; k++) {
        any = f->n_topics[k] == 0;
        for (size_t i = 0; !any && i < f->n_topics[k]; i++)
            any = hash32_eq(f->topics[k][i], log->topic[k]);
        if (!any)
            return false;
    }
    return true;
}

static status search_block(struct search *s, uint64_t number, struct err *reterr)
{
    struct arena a;
    struct chain_receipt *r = NULL;
    struct chain_block b;
    size_t n = 0;
    arena_init(&a, LOGS_MEMORY, false);
    status st = chain_view_block(s->view, number, &b, reterr);
    if (st == OK)
        st = chain_view_receipts(s->view, number, &a, &r, &n, reterr);
    for (size_t i = 0; st == OK && i < n; i++)
        for (size_t k = 0; st == OK && k < r[i].receipt.n_logs; k++) {
            if (!chain_filter_matches(s->filter, &r[i].receipt.logs[k]))
                continue;
            struct chain_log log = {.log = r[i].receipt.logs[k],
                                    .number = number,
                                    .timestamp = b.block.header.timestamp,
                                    .block_hash = b.block.hash,
                                    .tx_hash = r[i].tx_hash,
                                    .tx_index = (uint32_t)i,
                                    .index = r[i].first_log + (uint32_t)k};
            st = s->each(s->ctx, &log, reterr);
        }
    arena_done(&a);
    return st;
}

static status search_all(struct search *s, struct err *reterr)
{
    struct kv_iter it;
    slice key;
    slice bloom;
    uint64_t last = s->filter->to;
    status st = kv_iter_init(&it, s->view->txn, s->view->chain->t.bloom, SLICE_EMPTY,
                             NUMBER_KEY(s->filter->from), KV_FORWARD, reterr);
    while (st == OK && (st = kv_iter_next(&it, &key, &bloom, reterr)) == OK) {
        if (key.n != 8 || bloom.n != BLOOM_BYTES) {
            st = ERR(reterr, E_CORRUPT, "chain.bloom");
            break;
        }
        uint64_t number = be64_read(key.p);
        if (number > last)
            break;
        if (bloom_may_match(s, bloom.p))
            st = search_block(s, number, reterr);
    }
    kv_iter_done(&it);
    return st == E_NOT_FOUND ? OK : st;
}

status chain_view_logs(struct chain_view *v, const struct chain_filter *f, chain_log_sink *each,
                       void *ctx, struct err *reterr)
{
    struct search s = {.view = v, .filter = f, .each = each, .ctx = ctx};
    struct arena a;
    arena_init(&a, LOGS_MEMORY, false);
    status st = f->n_addresses == 0
                    ? OK
                    : group_make(&s.group[0], f->addresses->b, f->n_addresses, sizeof(addr20), &a);
    for (size_t k = 0; st == OK && k < f->n_positions && k < 4; k++)
        if (f->n_topics[k] > 0)
            st = group_make(&s.group[1 + k], f->topics[k]->b, f->n_topics[k], sizeof(hash32), &a);
    st = st == OK ? search_all(&s, reterr) : ERR(reterr, st, "filter");
    arena_done(&a);
    return st;
}
