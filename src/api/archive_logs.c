/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the filter and writing the logs that it lets through. */
#include "api/archive_logs.h"

#include "index/index.h"

#define ALTERNATIVES_MAX 64u /* addresses, or topics of one position */
#define LOGS_MAX 20000u      /* of one answer, as of the embedded chain */

struct position {
    hash32 any[ALTERNATIVES_MAX];
    size_t n; /* 0: anything */
};

struct search {
    uint64_t from;
    uint64_t to;
    addr20 address[ALTERNATIVES_MAX];
    size_t addresses;
    struct position topic[LEDGER_TOPICS_MAX];
    size_t positions;
    struct jw w;
    size_t found;
};

/* --- the filter ------------------------------------------------------------------------------ */

static bool is_given(struct json v)
{
    return !json_is_absent(v) && json_type(v) != JSON_NULL;
}

static status read_addresses(struct json v, struct search *s, struct err *reterr)
{
    if (!is_given(v))
        return OK;
    if (json_type(v) != JSON_ARRAY) {
        s->addresses = 1;
        return json_hex_addr(v, &s->address[0], reterr);
    }
    status st = OK;
    if (json_count(v) > ALTERNATIVES_MAX)
        return ERR(reterr, E_RANGE, "address: more than %u", ALTERNATIVES_MAX);
    for (struct json_iter it = json_iter(v); st == OK && json_next(&it);)
        st = json_hex_addr(it.value, &s->address[s->addresses++], reterr);
    return st;
}

static status read_position(struct json v, struct position *p, struct err *reterr)
{
    if (!is_given(v))
        return OK;
    if (json_type(v) != JSON_ARRAY) {
        p->n = 1;
        return json_hex_hash(v, &p->any[0], reterr);
    }
    status st = OK;
    if (json_count(v) > ALTERNATIVES_MAX)
        return ERR(reterr, E_RANGE, "topics: more than %u", ALTERNATIVES_MAX);
    for (struct json_iter it = json_iter(v); st == OK && json_next(&it);)
        st = json_hex_hash(it.value, &p->any[p->n++], reterr);
    return st;
}

static status read_topics(struct json v, struct search *s, struct err *reterr)
{
    if (!is_given(v))
        return OK;
    status st = json_want_array(v, reterr);
    if (st == OK && json_count(v) > LEDGER_TOPICS_MAX)
        st = ERR(reterr, E_RANGE, "topics: more than %u", LEDGER_TOPICS_MAX);
    for (struct json_iter it = json_iter(v); st == OK && json_next(&it);)
        st = read_position(it.value, &s->topic[s->positions++], reterr);
    return st;
}

/* Are both ends of the archive? */
static bool read_span(struct json v, struct search *s)
{
    return json_hex_u64(json_get(v, "fromBlock"), &s->from, NULL) == OK &&
           json_hex_u64(json_get(v, "toBlock"), &s->to, NULL) == OK && s->from >= LEDGER_ARCHIVE &&
           s->to >= LEDGER_ARCHIVE;
}

/* --- logs ------------------------------------------------------------------------------------ */

static bool matches(const struct search *s, const struct ledger_log *log)
{
    bool hit = s->addresses == 0;
    for (size_t i = 0; !hit && i < s->addresses; i++)
        hit = addr20_eq(s->address[i], log->address);
    if (!hit || log->topics_n < s->positions)
        return false;
    for (size_t p = 0; hit && p < s->positions; p++) {
        hit = s->topic[p].n == 0;
        for (size_t i = 0; !hit && i < s->topic[p].n; i++)
            hit = hash32_eq(s->topic[p].any[i], log->topics[p]);
    }
    return hit;
}

static void put_hash(struct jw *w, const char *key, const hash32 *h)
{
    jw_key(w, key), jw_hex(w, slice_of(h->b, sizeof h->b));
}

static void put_number(struct jw *w, const char *key, uint64_t n)
{
    jw_key(w, key), jw_hex_u64(w, n);
}

static status put_log(void *ctx, const struct ledger_log *log, uint64_t time, struct err *reterr)
{
    struct search *s = ctx;
    struct jw *w = &s->w;
    if (!matches(s, log))
        return OK;
    if (++s->found > LOGS_MAX)
        return ERR(reterr, E_TOO_LONG, "more than %u logs", LOGS_MAX);
    jw_object(w);
    jw_key(w, "address"), jw_hex(w, slice_of(log->address.b, sizeof log->address.b));
    jw_key(w, "topics"), jw_array(w);
    for (size_t i = 0; i < log->topics_n; i++)
        jw_hex(w, slice_of(log->topics[i].b, sizeof log->topics[i].b));
    jw_end(w);
    jw_key(w, "data"), jw_hex(w, log->data);
    put_number(w, "blockNumber", log->block_number);
    put_number(w, "blockTimestamp", time);
    put_hash(w, "blockHash", &log->block_hash);
    put_hash(w, "transactionHash", &log->tx_hash);
    put_number(w, "transactionIndex", log->tx_index);
    put_number(w, "logIndex", log->log_index);
    jw_key(w, "removed"), jw_bool(w, false);
    jw_end(w);
    return OK;
}

status archive_logs_answer(void *index, slice method, struct json params, bool *ret_mine,
                           struct buf *ret, struct err *reterr)
{
    struct search s = {.found = 0};
    struct json v = json_at(params, 0);
    *ret_mine = false;
    if (!slice_eq_str(method, "eth_getLogs") || json_count(params) != 1 || !read_span(v, &s))
        return OK;
    status st = read_addresses(json_get(v, "address"), &s, reterr);
    if (st == OK)
        st = read_topics(json_get(v, "topics"), &s, reterr);
    if (st != OK)
        return E_RANGE;
    jw_init(&s.w, ret);
    jw_array(&s.w);
    st = index_archived_logs(index, s.from, s.to, put_log, &s, reterr);
    jw_end(&s.w);
    if (st == OK)
        st = jw_done(&s.w, reterr);
    *ret_mine = st == OK;
    return st;
}
