/* SPDX-License-Identifier: Apache-2.0 */
/* Following the chain into the read model: one transaction for each block delivered. */
#include "index/index.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/checked.h"
#include "index/index_impl.h"
#include "ledger/follow.h"

#define CURSOR_CAP ((size_t)16384)
#define PAUSE_MIN_MS 50u
#define PAUSE_MAX_MS 5000u

/* The model belongs to one chain and one contract. */
static status check_net(struct index *ix, const struct index_config *cfg, struct err *reterr)
{
    uint8_t net[28];
    slice have;
    struct kv_txn *w = NULL;
    be64_write(net, cfg->chain_id);
    memcpy(net + 8, cfg->proxy.b, 20);
    status st = kv_write_begin(ix->rows.kv, &w, reterr);
    if (st != OK)
        return st;
    st = kv_get(w, ix->rows.meta, SLICE_LIT("net"), &have, reterr);
    if (st == OK && !slice_eq(have, slice_of(net, sizeof net)))
        st = ERR(reterr, E_CORRUPT, "index: the folder belongs to another chain or contract");
    else if (st == E_NOT_FOUND)
        st = kv_put(w, ix->rows.meta, SLICE_LIT("net"), slice_of(net, sizeof net), reterr);
    if (st == OK)
        return kv_commit(w, reterr);
    kv_abort(w);
    return st;
}

static status load_cursor(struct index *ix, uint64_t first_block, struct ledger_cursor *ret,
                          struct err *reterr)
{
    struct kv_txn *r = NULL;
    slice have;
    status st = kv_read_begin(ix->rows.kv, &r, reterr);
    if (st != OK)
        return st;
    st = kv_get(r, ix->rows.meta, SLICE_LIT("cursor"), &have, reterr);
    if (st == OK)
        st = ledger_cursor_read(have, ret, reterr);
    else if (st == E_NOT_FOUND) {
        *ret = (struct ledger_cursor){.first = first_block, .next = first_block};
        st = OK;
    }
    kv_abort(r);
    return st;
}

static status put_cursor(struct index *ix, struct kv_txn *w, const struct ledger_cursor *c,
                         struct err *reterr)
{
    struct buf b;
    buf_init(&b, CURSOR_CAP);
    status st = ledger_cursor_put(c, &b);
    if (st == OK)
        st = kv_put(w, ix->rows.meta, SLICE_LIT("cursor"), buf_slice(&b), reterr);
    else
        st = ERR(reterr, st, "index: cursor too large");
    buf_done(&b);
    return st;
}

static void publish_next(struct index *ix, uint64_t next)
{
    (void)pthread_mutex_lock(&ix->mu);
    ix->next = next;
    (void)pthread_cond_broadcast(&ix->moved);
    (void)pthread_mutex_unlock(&ix->mu);
}

static status commit_step(struct index *ix, struct kv_txn *w, status st,
                          const struct ledger_cursor *cursor, struct err *reterr)
{
    if (st == OK)
        st = put_cursor(ix, w, cursor, reterr);
    if (st != OK) {
        kv_abort(w);
        return st;
    }
    st = kv_commit(w, reterr);
    if (st == OK)
        publish_next(ix, cursor->next);
    return st;
}

static status on_rollback(void *ctx, uint64_t from, const struct ledger_cursor *cursor,
                          struct err *reterr)
{
    struct index *ix = ctx;
    struct kv_txn *w = NULL;
    status st = kv_write_begin(ix->rows.kv, &w, reterr);
    if (st != OK)
        return st;
    st = rows_undo(&ix->rows, w, from, reterr);
    return commit_step(ix, w, st, cursor, reterr);
}

static status put_logs(struct index *ix, struct kv_txn *w, uint64_t time,
                       const struct ledger_log *logs, size_t n, struct err *reterr)
{
    status st = OK;
    for (size_t i = 0; st == OK && i < n; i++) {
        struct event e;
        st = event_from_log(&logs[i], &e, reterr);
        if (st != OK || e.kind == EVENT_OTHER)
            continue;
        e.when.time = time;
        st = rows_put(&ix->rows, w, &e, reterr);
    }
    return st;
}

static status on_block(void *ctx, const struct ledger_mark *block, const struct ledger_log *logs,
                       size_t n, const struct ledger_cursor *cursor, struct err *reterr)
{
    struct index *ix = ctx;
    struct ledger_block header = {.timestamp = 0};
    struct kv_txn *w = NULL;
    status st = OK;
    if (n > 0)
        st = ledger_block_get(ix->follow.ledger, ledger_at_hash(block->hash), &header, reterr);
    if (st == OK)
        st = kv_write_begin(ix->rows.kv, &w, reterr);
    if (st != OK)
        return st;
    st = put_logs(ix, w, header.timestamp, logs, n, reterr);
    return commit_step(ix, w, st, cursor, reterr);
}

status index_step(struct index *ix, bool *ret_more, struct err *reterr)
{
    const struct ledger_follow_sink sink = {on_rollback, on_block, ix};
    return ledger_follow_step(&ix->follow, &sink, ret_more, reterr);
}

/* Everything again from the first block: the chain parted from us before the oldest mark, or the
 * model was told a later first block before. */
static status start_afresh(struct index *ix, struct err *reterr)
{
    const struct ledger_cursor fresh = {.first = ix->first_block, .next = ix->first_block};
    status st = on_rollback(ix, 0, &fresh, reterr);
    if (st == OK)
        ix->follow.cursor = fresh;
    return st;
}

static bool stopping(struct index *ix)
{
    (void)pthread_mutex_lock(&ix->mu);
    bool stop = ix->stop;
    (void)pthread_mutex_unlock(&ix->mu);
    return stop;
}

static struct timespec time_after(uint32_t ms)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    t.tv_sec += ms / 1000;
    t.tv_nsec += (long)(ms % 1000) * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    return t;
}

/* The ledger asks for fewer requests: its own wait, for news, would end much earlier. */
static void keep_still(struct index *ix, uint32_t ms)
{
    const struct timespec until = time_after(ms);
    int rc = 0;
    (void)pthread_mutex_lock(&ix->mu);
    while (rc == 0 && !ix->stop)
        rc = pthread_cond_timedwait(&ix->moved, &ix->mu, &until);
    (void)pthread_mutex_unlock(&ix->mu);
}

static void *follow_loop(void *arg)
{
    struct index *ix = arg;
    uint32_t pause_ms = PAUSE_MIN_MS;
    while (!stopping(ix)) {
        bool more = false;
        struct err e = {0};
        status st = index_step(ix, &more, &e);
        if (st == E_CONFLICT)
            st = start_afresh(ix, &e);
        if (st == OK) {
            pause_ms = PAUSE_MIN_MS;
        } else {
            pause_ms = pause_ms * 2 > PAUSE_MAX_MS ? PAUSE_MAX_MS : pause_ms * 2;
        }
        if (st == E_RATE)
            keep_still(ix, pause_ms);
        else if (!more || st != OK)
            ix->follow.ledger->ops->wait(ix->follow.ledger, pause_ms);
    }
    return NULL;
}

status index_start(struct index *ix, struct err *reterr)
{
    if (pthread_create(&ix->thread, NULL, follow_loop, ix) != 0)
        return ERR(reterr, E_NOMEM, "index: no thread");
    ix->running = true;
    return OK;
}

status index_open(const struct index_config *cfg, struct index **ret_index, struct err *reterr)
{
    struct index *ix = calloc(1, sizeof *ix);
    struct ledger_cursor cursor;
    if (ix == NULL)
        return ERR(reterr, E_NOMEM, "index: out of memory");
    status st = rows_open(&ix->rows, cfg->dir, reterr);
    if (st != OK) {
        free(ix);
        return st;
    }
    (void)pthread_mutex_init(&ix->mu, NULL);
    (void)pthread_cond_init(&ix->moved, NULL);
    ix->first_block = cfg->first_block;
    st = check_net(ix, cfg, reterr);
    if (st == OK && cfg->archive != NULL)
        st = index_archive_read(ix, &cfg->proxy, cfg->archive, reterr);
    if (st == OK)
        st = load_cursor(ix, cfg->first_block, &cursor, reterr);
    if (st != OK) {
        index_close(ix);
        return st;
    }
    ix->next = cursor.next;
    ledger_follow_init(&ix->follow, cfg->ledger, cfg->proxy, cfg->confirmations, &cursor);
    if (cursor.first > cfg->first_block && (st = start_afresh(ix, reterr)) != OK) {
        index_close(ix);
        return st;
    }
    *ret_index = ix;
    return OK;
}

void index_close(struct index *ix)
{
    if (ix == NULL)
        return;
    (void)pthread_mutex_lock(&ix->mu);
    ix->stop = true;
    (void)pthread_cond_broadcast(&ix->moved);
    (void)pthread_mutex_unlock(&ix->mu);
    if (ix->running)
        (void)pthread_join(ix->thread, NULL);
    rows_close(&ix->rows);
    (void)pthread_cond_destroy(&ix->moved);
    (void)pthread_mutex_destroy(&ix->mu);
    free(ix);
}

uint64_t index_next_block(struct index *ix)
{
    (void)pthread_mutex_lock(&ix->mu);
    uint64_t next = ix->next;
    (void)pthread_mutex_unlock(&ix->mu);
    return next;
}

status index_wait(struct index *ix, uint64_t block, uint32_t timeout_ms)
{
    const struct timespec until = time_after(timeout_ms);
    int rc = 0;
    (void)pthread_mutex_lock(&ix->mu);
    while (rc == 0 && ix->next <= block && !ix->stop)
        rc = pthread_cond_timedwait(&ix->moved, &ix->mu, &until);
    bool there = ix->next > block;
    (void)pthread_mutex_unlock(&ix->mu);
    return there ? OK : E_TIMEOUT;
}
