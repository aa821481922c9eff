/* SPDX-License-Identifier: Apache-2.0 */
/* Batches of sealed records on their way to node and chain. */
#include "ehr/flow_add.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/parallel.h"
#include "contract/registry_abi.h"
#include "ehr/flow_wrap.h"

#define TRIES 4
#define SEAL_THREADS 6u /* an upload waits for the node's disk: others use the time */
#define CALL_BYTES ((size_t)256 << 10)
#define POST_BYTES ((size_t)900 << 10) /* envelopes of one request */

/* A batch in the making. */
struct batch {
    struct client *c;
    struct folder_access access;
    struct content *content;
    struct add_item *items;
    struct record_sealed *sealed; /* FLOW_BATCH_MAX, zero where there is none */
    size_t n;                     /* items of this batch */
};

static status seal_one(const struct batch *b, size_t i, struct err *reterr)
{
    struct add_item *it = &b->items[i];
    struct record_plan plan = {.net = b->c->net,
                               .at = {.folder = b->access.facts.folder,
                                      .record = it->record,
                                      .version = it->version + (it->reseal ? 0 : 1ull),
                                      .epoch = b->access.facts.epoch,
                                      .author = b->access.actor->addr},
                               .to = folder_access_key(&b->access)->recipient,
                               .meta = it->meta};
    status st = it->open(it->ctx, &plan.plain, reterr);
    if (st != OK)
        return st;
    st = record_seal(&plan, b->content, b->c->random, &b->sealed[i], reterr);
    it->close(it->ctx);
    return st;
}

static void batch_drop_sealed(struct batch *b)
{
    for (size_t i = 0; b->sealed != NULL && i < FLOW_BATCH_MAX; i++) {
        record_sealed_done(&b->sealed[i]);
        b->sealed[i] = (struct record_sealed){0};
    }
}

/* Items of a batch on their way through several threads; the first failure stops the rest. */
struct sealing {
    const struct batch *b;
    atomic_bool failed;
    status st;
    struct err err; /* both of the thread that set failed */
};

static void sealing_step(void *ctx, size_t i)
{
    struct sealing *s = ctx;
    struct err e;
    if (atomic_load(&s->failed))
        return;
    status st = seal_one(s->b, i, &e);
    if (st == OK || atomic_exchange(&s->failed, true))
        return;
    s->st = st;
    s->err = e;
}

static status batch_seal(struct batch *b, struct err *reterr)
{
    struct sealing s = {.b = b};
    batch_drop_sealed(b);
    parallel_run(b->n, SEAL_THREADS, sealing_step, &s);
    if (s.st != OK && reterr != NULL)
        *reterr = s.err;
    return s.st;
}

/* Envelopes to the node, as many a request as fit. */
static status batch_post(struct batch *b, struct err *reterr)
{
    struct vault_envelope list[FLOW_BATCH_MAX];
    uint8_t cids[FLOW_BATCH_MAX][CID_BIN_MAX];
    status st = OK;
    for (size_t i = 0; st == OK && i < b->n;) {
        size_t k = 0;
        size_t bytes = 0;
        while (i + k < b->n && (k == 0 || bytes + b->sealed[i + k].envelope.n < POST_BYTES)) {
            const struct record_sealed *s = &b->sealed[i + k];
            list[k] = (struct vault_envelope){.inner = s->inner, .bytes = buf_slice(&s->envelope)};
            memcpy(list[k].commitment, s->commitment, sizeof list[k].commitment);
            list[k].cid = slice_of(cids[k], cid_write(&s->cid, cids[k]));
            bytes += s->envelope.n + 64;
            k++;
        }
        st = vault_envelopes_put(b->c->vault, &b->access.facts.folder, list, k, reterr);
        i += k;
    }
    return st;
}

static status put_call(const struct batch *b, size_t i, struct buf *out)
{
    const struct record_sealed *s = &b->sealed[i];
    const hash32 *folder = &b->access.facts.folder;
    if (b->items[i].reseal)
        return registry_put_reseal_record(out, *folder, s->record, s->version, s->epoch, s->inner);
    return b->items[i].version == 0
               ? registry_put_add_record(out, *folder, s->record, s->epoch, s->inner)
               : registry_put_amend_record(out, *folder, s->record, b->items[i].version, s->epoch,
                                           s->inner);
}

/* addRecord and amendRecord of the items from..from+n as one multicall, or bare when it is one. */
static status put_calls(const struct batch *b, size_t from, size_t n, struct buf *out)
{
    struct buf parts[FLOW_MULTICALL];
    slice calls[FLOW_MULTICALL];
    status st = OK;
    if (n == 1)
        return put_call(b, from, out);
    for (size_t i = 0; i < n; i++) {
        buf_init(&parts[i], CALL_BYTES);
        if (st == OK)
            st = put_call(b, from + i, &parts[i]);
        calls[i] = buf_slice(&parts[i]);
    }
    if (st == OK)
        st = registry_put_multicall(out, calls, n);
    for (size_t i = 0; i < n; i++)
        buf_done(&parts[i]);
    return st;
}

static status batch_send(struct batch *b, struct client_sent *ret, struct err *reterr)
{
    struct buf data[FLOW_BATCH_MAX / FLOW_MULTICALL];
    slice calls[FLOW_BATCH_MAX / FLOW_MULTICALL];
    size_t n = 0;
    status st = OK;
    for (size_t i = 0; i < b->n; i += FLOW_MULTICALL, n++) {
        size_t k = b->n - i < FLOW_MULTICALL ? b->n - i : FLOW_MULTICALL;
        buf_init(&data[n], CALL_BYTES);
        if (st == OK && (st = put_calls(b, i, k, &data[n])) != OK)
            st = ERR(reterr, st, "call: %s", status_text(st));
        calls[n] = buf_slice(&data[n]);
    }
    if (st == OK)
        st = client_send(b->c, b->access.actor, calls, n, ret, reterr);
    for (size_t i = 0; i < n; i++)
        buf_done(&data[i]);
    return st;
}

/* Every slot, proved, holds the commitment that was made here. */
static status batch_confirm(struct batch *b, struct err *reterr)
{
    struct arena a;
    struct ledger_block block;
    bool vouched;
    hash32 ids[FLOW_BATCH_MAX];
    struct record_slot slots[FLOW_BATCH_MAX];
    arena_init(&a, CLIENT_ANSWER, false);
    for (size_t i = 0; i < b->n; i++)
        ids[i] = b->sealed[i].record;
    status st = record_prove(b->c->ledger, &b->c->net.proxy, &b->access.facts.folder, ids, b->n, &a,
                             slots, &block, &vouched, reterr);
    for (size_t i = 0; st == OK && i < b->n; i++) {
        const struct record_sealed *s = &b->sealed[i];
        if (slots[i].version == s->version &&
            memcmp(slots[i].commitment, s->commitment, sizeof s->commitment) != 0)
            st = ERR(reterr, E_MISMATCH, "record %zu: the chain holds another commitment", i + 1);
        else if (slots[i].version < s->version)
            st = ERR(reterr, E_MISMATCH, "record %zu: the chain does not hold it", i + 1);
    }
    arena_done(&a);
    return st;
}

/* Facts and keys again; *ret_moved: the folder has another epoch than was sealed for. */
static status batch_access(struct batch *b, const hash32 *folder, bool *ret_moved,
                           struct err *reterr)
{
    uint32_t was = b->access.facts.epoch;
    folder_access_done(&b->access);
    status st = folder_access_open(b->c, folder, &b->access, reterr);
    *ret_moved = st == OK && b->access.facts.epoch != was;
    return st;
}

/* A refusal is tried again only when the folder was rotated meanwhile (StaleEpoch). */
static status batch_run(struct batch *b, const hash32 *folder, struct client_sent *ret,
                        struct err *reterr)
{
    status st = E_REVERTED;
    for (int i = 0; i < TRIES; i++) {
        st = batch_seal(b, reterr);
        if (st == OK)
            st = batch_post(b, reterr);
        if (st == OK)
            st = batch_send(b, ret, reterr);
        if (st != E_REVERTED && st != E_CONFLICT)
            break;
        bool moved = false;
        struct err again;
        if (batch_access(b, folder, &moved, &again) != OK || !moved)
            break;
    }
    return st == OK ? batch_confirm(b, reterr) : st;
}

static status name_records(struct client *c, struct add_item *items, size_t n, struct err *reterr)
{
    status st = OK;
    for (size_t i = 0; st == OK && i < n; i++)
        if (hash32_is_zero(items[i].record))
            st = random_fill(c->random, items[i].record.b, sizeof items[i].record.b);
    return st == OK ? OK : ERR(reterr, st, "no randomness");
}

status flow_add(struct client *c, const hash32 *folder, struct add_item *items, size_t n,
                const struct add_progress *progress, struct add_done *ret, size_t *ret_n,
                struct err *reterr)
{
    struct batch b = {.c = c};
    bool moved;
    *ret_n = 0;
    b.sealed = calloc(FLOW_BATCH_MAX, sizeof *b.sealed);
    status st = b.sealed == NULL ? ERR(reterr, E_NOMEM, "out of memory") : OK;
    if (st == OK)
        st = name_records(c, items, n, reterr);
    if (st == OK)
        st = batch_access(&b, folder, &moved, reterr);
    if (st == OK)
        st = client_content(c, folder, &b.content, reterr);
    while (st == OK && *ret_n < n) {
        struct client_sent sent;
        b.items = items + *ret_n;
        b.n = n - *ret_n < FLOW_BATCH_MAX ? n - *ret_n : FLOW_BATCH_MAX;
        st = batch_run(&b, folder, &sent, reterr);
        for (size_t i = 0; st == OK && i < b.n; i++)
            ret[*ret_n + i] = (struct add_done){b.sealed[i].size, b.sealed[i].body_size, sent};
        if (st == OK)
            *ret_n += b.n;
        if (st == OK && progress != NULL)
            progress->step(progress->ctx, *ret_n, n);
    }
    batch_drop_sealed(&b);
    free(b.sealed);
    content_close(b.content);
    folder_access_done(&b.access);
    return st;
}

static status status_of(struct client *c, const hash32 *folder, const hash32 *record,
                        enum record_status *ret, struct err *reterr)
{
    struct arena a;
    struct record_slot slot;
    struct ledger_block block;
    bool vouched;
    arena_init(&a, CLIENT_ANSWER, false);
    status st = record_prove(c->ledger, &c->net.proxy, folder, record, 1, &a, &slot, &block,
                             &vouched, reterr);
    arena_done(&a);
    if (st == OK)
        *ret = slot.status;
    return st;
}

status flow_status(struct client *c, const hash32 *folder, const hash32 *record, uint32_t version,
                   enum record_status to, struct status_done *ret, struct err *reterr)
{
    struct buf data;
    struct status_done done;
    enum record_status was;
    status st = status_of(c, folder, record, &was, reterr);
    if (st != OK)
        return st;
    buf_init(&data, CALL_BYTES);
    status put = registry_put_set_record_status(&data, *folder, *record, version, (uint8_t)to);
    st = flow_send_in(c, folder, put, &data, &done.sent, reterr);
    if (st == OK)
        st = status_of(c, folder, record, &done.now, reterr);
    if (st == OK && (to == RECORD_ACTIVE ? done.now >= was : done.now != to))
        st = ERR(reterr, E_MISMATCH, "status of the record: the chain does not hold it");
    if (st == OK)
        *ret = done;
    return st;
}
