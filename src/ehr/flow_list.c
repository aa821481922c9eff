/* SPDX-License-Identifier: Apache-2.0 */
/* The node's list of a folder's records. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hex.h"
#include "base/limits.h"
#include "codec/json.h"
#include "ehr/flow_read.h"
#include "ehr/members.h"

#define PAGE 500u
#define RECORDS_MAX 1000000u

static status u32_read(struct json v, uint32_t *ret, struct err *reterr)
{
    uint64_t n = 0;
    status st = members_number(v, UINT32_MAX, &n, reterr);
    if (st == OK)
        *ret = (uint32_t)n;
    return st;
}

static status version_read(struct json v, struct told_version *t, struct err *reterr)
{
    status st = u32_read(json_get(v, "version"), &t->version, reterr);
    if (st == OK)
        st = u32_read(json_get(v, "epoch"), &t->epoch, reterr);
    if (st == OK)
        st = json_hex_addr(json_get(v, "author"), &t->author, reterr);
    if (st == OK)
        st = json_hex_fixed(json_get(v, "commitment"), t->commitment, sizeof t->commitment, reterr);
    if (st == OK)
        st = json_hex_hash(json_get(v, "inner"), &t->inner, reterr);
    if (st == OK)
        st = json_u64(json_get(v, "block"), &t->block, reterr);
    if (st == OK)
        st = json_u64(json_get(v, "time"), &t->time, reterr);
    if (st == OK)
        st = json_hex_hash(json_get(v, "tx"), &t->tx, reterr);
    return st;
}

static enum record_status status_read(struct json v)
{
    for (enum record_status s = RECORD_ACTIVE; s <= RECORD_REMOVED; s++)
        if (json_eq(v, record_status_text(s)))
            return s;
    return RECORD_NONE;
}

static status record_read_value(struct json v, struct arena *a, struct told_record *r,
                                struct err *reterr)
{
    struct json history = json_get(v, "history");
    size_t n = json_count(history);
    size_t i = 0;
    status st = json_hex_hash(json_get(v, "recordId"), &r->record, reterr);
    if (st == OK)
        st = version_read(v, &r->now, reterr);
    if (st != OK)
        return st;
    r->status = status_read(json_get(v, "status"));
    r->history = arena_array(a, n > 0 ? n : 1, sizeof *r->history);
    if (r->history == NULL || r->status == RECORD_NONE)
        return ERR(reterr, E_RANGE, "records: status, or out of memory");
    for (struct json_iter it = json_iter(history); st == OK && json_next(&it); i++)
        st = version_read(it.value, &r->history[i], reterr);
    r->history_n = i;
    return st;
}

/* A growing list; its records' histories are in the arena. */
struct listing {
    struct told_record *p;
    size_t n;
    size_t max;
};

static status listing_room(struct listing *l, size_t more, struct err *reterr)
{
    if (l->n + more <= l->max)
        return OK;
    size_t max = (l->n + more) * 2;
    if (max > RECORDS_MAX)
        return ERR(reterr, E_TOO_LONG, "a folder of more than %u records", RECORDS_MAX);
    struct told_record *p = realloc(l->p, max * sizeof *p);
    if (p == NULL)
        return ERR(reterr, E_NOMEM, "out of memory");
    l->p = p;
    l->max = max;
    return OK;
}

static status page_read(slice text, struct arena *a, struct listing *l, char next[67],
                        struct err *reterr)
{
    struct arena scratch;
    struct json_doc doc;
    hash32 after;
    arena_init(&scratch, LIMIT_HTTP_ANSWER * 2, false);
    status st = json_read(text, &scratch, &doc, reterr);
    struct json root = st == OK ? json_root(&doc) : (struct json){0};
    struct json list = json_get(root, "records");
    next[0] = 0;
    if (st == OK)
        st = listing_room(l, json_count(list), reterr);
    for (struct json_iter it = json_iter(list); st == OK && json_next(&it);) {
        l->p[l->n] = (struct told_record){0};
        st = record_read_value(it.value, a, &l->p[l->n], reterr);
        if (st == OK)
            l->n++;
    }
    if (st == OK && json_hex_hash(json_get(root, "next"), &after, NULL) == OK)
        (void)hex_0x(slice_of(after.b, sizeof after.b), next); /* what is signed is our spelling */
    arena_done(&scratch);
    return st;
}

static int by_time(const void *x, const void *y)
{
    const struct told_record *a = x;
    const struct told_record *b = y;
    uint64_t at = a->history_n > 0 ? a->history[0].block : a->now.block;
    uint64_t bt = b->history_n > 0 ? b->history[0].block : b->now.block;
    if (at != bt)
        return ledger_block_order(at) < ledger_block_order(bt) ? -1 : 1;
    return memcmp(a->record.b, b->record.b, sizeof a->record.b);
}

static status page_get(struct client *c, const hash32 *folder, unsigned limit, struct arena *a,
                       struct listing *l, char next[67], struct err *reterr)
{
    char id[67];
    char target[VAULT_NODE_TARGET];
    struct buf answer;
    hex_0x(slice_of(folder->b, sizeof folder->b), id);
    (void)snprintf(target, sizeof target, "/api/v1/folders/%s/records?%s%s%slimit=%u", id,
                   next[0] != 0 ? "after=" : "", next, next[0] != 0 ? "&" : "", limit);
    struct vault_node_request r = {.method = "GET", .target = target};
    buf_init(&answer, LIMIT_HTTP_ANSWER);
    status st = vault_node_call(c->vault, &r, &answer, NULL, reterr);
    if (st == OK)
        st = page_read(buf_slice(&answer), a, l, next, reterr);
    buf_done(&answer);
    return st;
}

status flow_list(struct client *c, const hash32 *folder, struct arena *a, struct told_record **ret,
                 size_t *ret_n, struct err *reterr)
{
    struct listing l = {0};
    char next[67] = "";
    size_t before;
    status st;
    do {
        before = l.n;
        st = page_get(c, folder, PAGE, a, &l, next, reterr);
    } while (st == OK && next[0] != 0 && l.n > before);
    struct told_record *out = st == OK ? arena_array(a, l.n > 0 ? l.n : 1, sizeof *out) : NULL;
    if (st == OK && out == NULL)
        st = ERR(reterr, E_NOMEM, "out of memory");
    if (st == OK && l.n > 0) {
        qsort(l.p, l.n, sizeof *l.p, by_time);
        memcpy(out, l.p, l.n * sizeof *out);
    }
    free(l.p);
    if (st != OK)
        return st;
    *ret = out;
    *ret_n = l.n;
    return OK;
}

/* --- one record --------------------------------------------------------------------------------
 */

/* The id before the first one with these digits, as the node pages; "" when there is none. */
static void id_before(const hash32 *id, unsigned digits, char out[67])
{
    hash32 low = {{0}};
    memcpy(low.b, id->b, digits / 2);
    if (digits % 2 != 0)
        low.b[digits / 2] = id->b[digits / 2] & 0xf0;
    out[0] = 0;
    if (hash32_is_zero(low))
        return;
    for (size_t i = sizeof low.b; i-- > 0 && low.b[i]-- == 0;)
        continue;
    hex_0x(slice_of(low.b, sizeof low.b), out);
}

static bool digits_fit(const hash32 *a, const hash32 *b, unsigned digits)
{
    if (memcmp(a->b, b->b, digits / 2) != 0)
        return false;
    return digits % 2 == 0 || ((a->b[digits / 2] ^ b->b[digits / 2]) & 0xf0) == 0;
}

status flow_find(struct client *c, const hash32 *folder, const hash32 *id, unsigned digits,
                 struct arena *a, struct told_record *ret, size_t *ret_hits, struct err *reterr)
{
    struct listing l = {0};
    char after[67];
    size_t hits = 0;
    assert(digits >= 1 && digits <= 64);
    id_before(id, digits, after);
    status st = page_get(c, folder, 2, a, &l, after, reterr);
    for (size_t i = 0; st == OK && i < l.n; i++) {
        if (!digits_fit(&l.p[i].record, id, digits))
            continue;
        if (hits++ == 0)
            *ret = l.p[i];
    }
    free(l.p);
    if (st == OK)
        *ret_hits = hits;
    return st;
}
