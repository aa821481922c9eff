/* SPDX-License-Identifier: Apache-2.0 */
/* Logs over many blocks: blooms first, receipts only where they may match. */
#include "chain/chain_priv.h"
#include "crypto/keccak.h"

#define LOGS_MEMORY ((size_t)1 << 30) /* of one block */

#define POSITIONS 4u
#define LOGS_A_QUESTION 64u /* looked at before it is asked again whether to go on */

static struct chain_bloom_bits bits_of(slice item)
{
    struct chain_bloom_bits b;
    hash32 h;
    keccak256(item, &h);
    for (size_t i = 0; i < 3; i++) {
        unsigned bit = (unsigned)(h.b[2 * i] << 8 | h.b[2 * i + 1]) & 2047;
        b.at[i] = (uint8_t)(BLOOM_BYTES - 1 - bit / 8);
        b.mask[i] = (uint8_t)(1u << bit % 8);
    }
    return b;
}

static bool bits_in(const struct chain_bloom_bits *b, const uint8_t *bloom)
{
    return (bloom[b->at[0]] & b->mask[0]) != 0 && (bloom[b->at[1]] & b->mask[1]) != 0 &&
           (bloom[b->at[2]] & b->mask[2]) != 0;
}

bool chain_bloom_may_have(const uint8_t bloom[BLOOM_BYTES], slice item)
{
    struct chain_bloom_bits b = bits_of(item);
    return bits_in(&b, bloom);
}

/* Alternatives of topic k. */
static size_t topics_at(const struct chain_filter *f, size_t k)
{
    return k < f->n_positions ? f->n_topics[k] : 0;
}

size_t chain_filter_size(const struct chain_filter *f)
{
    size_t n = f->n_addresses;
    for (size_t k = 0; k < POSITIONS; k++)
        n += topics_at(f, k);
    return n;
}

void chain_filter_bits(const struct chain_filter *f, struct chain_bloom_bits *ret)
{
    for (size_t i = 0; i < f->n_addresses; i++)
        *ret++ = bits_of(slice_of(f->addresses[i].b, sizeof f->addresses[i].b));
    for (size_t k = 0; k < POSITIONS; k++)
        for (size_t i = 0; i < topics_at(f, k); i++)
            *ret++ = bits_of(slice_of(f->topics[k][i].b, sizeof f->topics[k][i].b));
}

struct search {
    struct chain_view *view;
    struct chain_filter filter;
    struct arena memory; /* of bits that this search made */
    size_t looked;       /* at logs */
    chain_log_sink *each;
    void *ctx;
};

/* One of n alternatives, or no question at all. */
static bool any_in(const struct chain_bloom_bits *b, size_t n, const uint8_t *bloom)
{
    bool any = n == 0;
    for (size_t i = 0; !any && i < n; i++)
        any = bits_in(&b[i], bloom);
    return any;
}

static bool bloom_may_match(const struct chain_filter *f, const uint8_t *bloom)
{
    const struct chain_bloom_bits *b = f->bits;
    if (!any_in(b, f->n_addresses, bloom))
        return false;
    b += f->n_addresses;
    for (size_t k = 0; k < POSITIONS; k++) {
        if (!any_in(b, topics_at(f, k), bloom))
            return false;
        b += topics_at(f, k);
    }
    return true;
}

/* Hash the alternatives, at the first bloom there is: most blocks have none. */
static status need_bits(struct search *s)
{
    if (s->filter.bits != NULL)
        return OK;
    struct chain_bloom_bits *b =
        arena_array(&s->memory, chain_filter_size(&s->filter) + 1, sizeof *b);
    if (b == NULL)
        return E_NOMEM;
    chain_filter_bits(&s->filter, b);
    s->filter.bits = b;
    return OK;
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

static status may_go_on(const struct search *s)
{
    return s->filter.may_go_on != NULL ? s->filter.may_go_on(s->ctx) : OK;
}

/* The block's log k of receipt i, if it matches. */
static status search_log(struct search *s, const struct chain_block *b,
                         const struct chain_receipt *r, size_t i, size_t k, struct err *reterr)
{
    status st = ++s->looked % LOGS_A_QUESTION == 0 ? may_go_on(s) : OK;
    if (st != OK || !chain_filter_matches(&s->filter, &r[i].receipt.logs[k]))
        return st;
    struct chain_log log = {.log = r[i].receipt.logs[k],
                            .number = b->block.header.number,
                            .timestamp = b->block.header.timestamp,
                            .block_hash = b->block.hash,
                            .tx_hash = r[i].tx_hash,
                            .tx_index = (uint32_t)i,
                            .index = r[i].first_log + (uint32_t)k};
    return s->each(s->ctx, &log, reterr);
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
        for (size_t k = 0; st == OK && k < r[i].receipt.n_logs; k++)
            st = search_log(s, &b, r, i, k, reterr);
    arena_done(&a);
    return st;
}

static status search_all(struct search *s, struct err *reterr)
{
    struct kv_iter it;
    slice key;
    slice bloom;
    uint64_t last = s->filter.to;
    status st = kv_iter_init(&it, s->view->txn, s->view->chain->t.bloom, SLICE_EMPTY,
                             NUMBER_KEY(s->filter.from), KV_FORWARD, reterr);
    while (st == OK && (st = kv_iter_next(&it, &key, &bloom, reterr)) == OK) {
        if (key.n != 8 || bloom.n != BLOOM_BYTES) {
            st = ERR(reterr, E_CORRUPT, "chain.bloom");
            break;
        }
        uint64_t number = be64_read(key.p);
        if (number > last)
            break;
        st = need_bits(s);
        if (st == OK)
            st = may_go_on(s);
        if (st == OK && bloom_may_match(&s->filter, bloom.p))
            st = search_block(s, number, reterr);
    }
    kv_iter_done(&it);
    return st == E_NOT_FOUND ? OK : st;
}

status chain_view_logs(struct chain_view *v, const struct chain_filter *f, chain_log_sink *each,
                       void *ctx, struct err *reterr)
{
    struct search s = {.view = v, .filter = *f, .each = each, .ctx = ctx};
    arena_init(&s.memory, LOGS_MEMORY, false);
    status st = search_all(&s, reterr);
    arena_done(&s.memory);
    return st == E_NOMEM ? ERR(reterr, st, "filter") : st;
}
