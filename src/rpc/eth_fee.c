/* SPDX-License-Identifier: Apache-2.0 */
/* What to pay: prices of the next block and their history. */
#include <stdio.h>

#include "rpc/methods.h"
#include "rpc/param.h"
#include "rpc/put.h"
#include "rpc/tips.h"

__extension__ typedef unsigned __int128 u128;

#define HISTORY_MAX 1024u    /* blocks of one answer (geth's) */
#define PERCENTILES_MAX 100u /* of one request (geth's) */
#define PERCENT 1000000u     /* a percentile of 1 in units: six decimals are read */
#define TIP_UNKNOWN 1000000u /* wei per gas, when nobody paid anything yet (geth's) */

static status head_block(struct rpc_req *q, struct chain_block *ret)
{
    status s = rpc_view(q);
    return s == OK ? chain_view_block(&q->view, q->view.head, ret, NULL) : s;
}

static status next_header(struct rpc_req *q, struct block_header *ret)
{
    struct chain_block head;
    status s = head_block(q, &head);
    if (s == OK)
        chain_next_header(&q->view, &head, ret);
    return s;
}

static u256 blob_price(const struct rpc_req *q, const struct block_header *h)
{
    struct chain_rules r;
    chain_rules_of(q->rpc->cfg.chain, h, u256_from_u64(0), &r);
    if (h->fields < HEADER_CANCUN)
        return u256_from_u64(0);
    return blob_base_fee(&r.blobs, h->excess_blob_gas);
}

status rpc_eth_base_fee(struct rpc_req *q)
{
    struct block_header next;
    status s = next_header(q, &next);
    if (s == OK && next.fields < HEADER_LONDON)
        jw_null(q->w);
    else if (s == OK)
        jw_hex_u256(q->w, next.base_fee);
    return s;
}

status rpc_eth_blob_base_fee(struct rpc_req *q)
{
    struct block_header next;
    status s = next_header(q, &next);
    if (s == OK)
        jw_hex_u256(q->w, blob_price(q, &next));
    return s;
}

/* --- tips ------------------------------------------------------------------------------------- */

static status suggest_tip(struct rpc_req *q, u256 *ret)
{
    struct chain_block head;
    u256 tip;
    bool paid;
    status s = rpc_tips_suggest(q, &tip, &paid);
    if (s == OK)
        s = head_block(q, &head);
    if (s == OK && !paid && !u256_is_zero(head.block.header.base_fee))
        tip = u256_from_u64(TIP_UNKNOWN);
    if (s == OK)
        *ret = tip;
    return s;
}

status rpc_eth_max_priority_fee(struct rpc_req *q)
{
    u256 tip;
    status s = suggest_tip(q, &tip);
    if (s == OK)
        jw_hex_u256(q->w, tip);
    return s;
}

/* With the head's base fee, since calls are tried in the head's environment, or the next one's if
 * that is higher. */
status rpc_eth_gas_price(struct rpc_req *q)
{
    struct block_header next;
    struct chain_block head;
    u256 tip;
    status s = suggest_tip(q, &tip);
    if (s == OK)
        s = next_header(q, &next);
    if (s == OK)
        s = head_block(q, &head);
    if (s == OK && next.fields >= HEADER_LONDON) {
        u256 base = head.block.header.base_fee;
        base = u256_cmp(base, next.base_fee) > 0 ? base : next.base_fee;
        (void)u256_add(tip, base, &tip);
    }
    if (s == OK)
        jw_hex_u256(q->w, tip);
    return s;
}

/* --- history ---------------------------------------------------------------------------------- */

/* "12.5" as 12500000. False: no number between 0 and 100. */
static bool read_percentile(struct json v, uint32_t *ret)
{
    slice text;
    uint64_t n = 0;
    size_t i = 0;
    unsigned decimals = 6;
    if (json_num(v, &text, NULL) != OK)
        return false;
    for (; i < text.n && text.p[i] >= '0' && text.p[i] <= '9' && n <= 100; i++)
        n = 10 * n + text.p[i] - '0';
    if (i == 0 || n > 100)
        return false;
    if (i < text.n && text.p[i] == '.')
        i++;
    for (; i < text.n && text.p[i] >= '0' && text.p[i] <= '9'; i++) {
        if (decimals == 0)
            continue;
        n = 10 * n + text.p[i] - '0';
        decimals--;
    }
    for (; decimals > 0; decimals--)
        n *= 10;
    *ret = (uint32_t)n;
    return i == text.n && n <= 100 * PERCENT;
}

struct history {
    struct rpc_req *q;
    uint64_t first;
    uint64_t last;
    uint32_t percentile[PERCENTILES_MAX];
    size_t n_percentiles;
};

static status read_percentiles(struct history *h, struct json list)
{
    struct json_iter it = json_iter(list);
    if (!rpc_given(list))
        return OK;
    if (json_type(list) != JSON_ARRAY)
        return rpc_bad_param(h->q, 2,
                             "json: cannot unmarshal value into Go value of type []float64");
    if (json_count(list) > PERCENTILES_MAX)
        return rpc_fail(h->q, RPC_SERVER_ERROR,
                        "over the query limit %u: invalid reward percentile", PERCENTILES_MAX);
    while (json_next(&it)) {
        uint32_t *p = &h->percentile[h->n_percentiles];
        if (!read_percentile(it.value, p) || (h->n_percentiles > 0 && *p < p[-1]))
            return rpc_fail(h->q, RPC_SERVER_ERROR, "invalid reward percentile: #%zu",
                            h->n_percentiles);
        h->n_percentiles++;
    }
    return OK;
}

static status read_count(struct rpc_req *q, uint64_t *ret)
{
    struct json v = q->param[0];
    if (json_type(v) == JSON_NUMBER)
        return json_u64(v, ret, NULL) == OK ? OK : rpc_bad_param(q, 0, "invalid block count");
    slice text = SLICE_EMPTY;
    if (json_str(v, &text, NULL) == OK && !slice_has_prefix(text, SLICE_LIT("0x"))) {
        u256 n;
        if (u256_read_dec(text, &n) == OK && u256_fits_u64(n)) {
            *ret = n.w[0];
            return OK;
        }
    }
    return rpc_read_u64(q, 0, v, ret);
}

/* Which blocks; *ret_none: none were asked for. */
static status read_span(struct history *h, bool *ret_none)
{
    struct rpc_req *q = h->q;
    struct rpc_at at;
    uint64_t count;
    status s = read_count(q, &count);
    if (s == OK)
        s = rpc_param_number(q, 1, &at);
    if (s == OK)
        s = rpc_at_find(q, &at, &h->last);
    if (s == E_NOT_FOUND)
        return rpc_fail(q, RPC_SERVER_ERROR, "request beyond head block: requested %llu, head %llu",
                        (unsigned long long)at.number, (unsigned long long)q->view.head);
    if (s != OK)
        return s;
    if (count > HISTORY_MAX)
        count = HISTORY_MAX;
    if (count > h->last + 1)
        count = h->last + 1;
    h->first = h->last + 1 - count;
    *ret_none = count == 0;
    return OK;
}

/* Header of a block, or of the one to come after the head. */
static status header_at(struct rpc_req *q, uint64_t number, struct block_header *ret)
{
    struct chain_block b;
    if (number > q->view.head)
        return next_header(q, ret);
    status s = chain_view_block(&q->view, number, &b, NULL);
    if (s == OK)
        *ret = b.block.header;
    return s;
}

/* a / b as a decimal number. */
static void put_ratio(struct jw *w, uint64_t a, uint64_t b)
{
    char text[40];
    size_t n = 0;
    if (b == 0)
        b = 1;
    n = (size_t)snprintf(text, sizeof text, "%llu", (unsigned long long)(a / b));
    uint64_t rest = a % b;
    if (rest != 0)
        text[n++] = '.';
    for (unsigned i = 0; i < 17 && rest != 0; i++) {
        u128 ten = (u128)rest * 10;
        text[n++] = (char)('0' + (int)(ten / b));
        rest = (uint64_t)(ten % b);
    }
    jw_num(w, slice_of(text, n));
}

static void put_rewards(const struct history *h, const struct block_header *head,
                        const struct rpc_tip *tips, size_t n)
{
    struct jw *w = h->q->w;
    uint64_t sum = n > 0 ? tips[0].gas : 0;
    size_t k = 0;
    jw_array(w);
    for (size_t i = 0; i < h->n_percentiles; i++) {
        u128 wanted = (u128)head->gas_used * h->percentile[i];
        while (k + 1 < n && (u128)sum * 100 * PERCENT < wanted)
            sum += tips[++k].gas;
        jw_hex_u256(w, n > 0 ? tips[k].wei : u256_from_u64(0));
    }
    jw_end(w);
}

/* In memory of the block's own: there may be a thousand. */
static status put_reward_cell(const struct history *h, const struct block_header *b)
{
    struct rpc_tip *tips;
    struct arena a;
    size_t n;
    arena_init(&a, RPC_MEMORY, false);
    status s = rpc_block_tips(h->q, b, &a, &tips, &n);
    if (s == OK)
        put_rewards(h, b, tips, n);
    arena_done(&a);
    return s;
}

enum column { BASE_FEES, GAS_RATIOS, BLOB_FEES, BLOB_RATIOS, REWARDS };

static status put_cell(const struct history *h, enum column c, const struct block_header *b)
{
    struct rpc_req *q = h->q;
    struct chain_rules r;
    switch (c) {
    case BASE_FEES:
        jw_hex_u256(q->w, b->fields >= HEADER_LONDON ? b->base_fee : u256_from_u64(0));
        return OK;
    case GAS_RATIOS:
        put_ratio(q->w, b->gas_used, b->gas_limit);
        return OK;
    case BLOB_FEES:
        jw_hex_u256(q->w, blob_price(q, b));
        return OK;
    case BLOB_RATIOS:
        chain_rules_of(q->rpc->cfg.chain, b, u256_from_u64(0), &r);
        put_ratio(q->w, b->fields >= HEADER_CANCUN ? b->blob_gas_used : 0,
                  r.blobs.max * GAS_PER_BLOB);
        return OK;
    default:
        return put_reward_cell(h, b);
    }
}

static status put_column(const struct history *h, const char *key, enum column c)
{
    struct block_header b;
    uint64_t last = h->last + (c == BASE_FEES || c == BLOB_FEES ? 1 : 0);
    status s = OK;
    jw_key(h->q->w, key);
    jw_array(h->q->w);
    for (uint64_t n = h->first; s == OK && n <= last; n++) {
        s = header_at(h->q, n, &b);
        if (s == OK)
            s = put_cell(h, c, &b);
        if (s == OK && c == REWARDS)
            s = rpc_check_time(h->q, "fee history");
    }
    jw_end(h->q->w);
    return s;
}

status rpc_eth_fee_history(struct rpc_req *q)
{
    struct history h = {.q = q};
    bool none = false;
    status s = q->n_params > 2 ? read_percentiles(&h, q->param[2]) : OK;
    if (s == OK)
        s = read_span(&h, &none);
    if (s != OK)
        return s;
    jw_object(q->w);
    jw_key(q->w, "oldestBlock");
    jw_hex_u64(q->w, none ? 0 : h.first);
    if (none) {
        jw_key(q->w, "gasUsedRatio");
        jw_null(q->w);
        jw_end(q->w);
        return OK;
    }
    if (h.n_percentiles > 0)
        s = put_column(&h, "reward", REWARDS);
    if (s == OK)
        s = put_column(&h, "baseFeePerGas", BASE_FEES);
    if (s == OK)
        s = put_column(&h, "gasUsedRatio", GAS_RATIOS);
    if (s == OK)
        s = put_column(&h, "baseFeePerBlobGas", BLOB_FEES);
    if (s == OK)
        s = put_column(&h, "blobGasUsedRatio", BLOB_RATIOS);
    jw_end(q->w);
    return s;
}
