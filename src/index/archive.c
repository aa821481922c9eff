/* SPDX-License-Identifier: Apache-2.0 */
/* The logs of the chain that the state came from: read from a file of JSON lines (formats.md), kept
 * as rows of the read model, and whole, so that clients may ask for them.
 *
 * A row: address, number of topics u8, topics, time u64, block hash, transaction hash, transaction
 * index u32, data. */
#include <errno.h>
#include <stdio.h>

#include "base/checked.h"
#include "codec/json.h"
#include "index/index_impl.h"

#define LINE_MAX_BYTES ((size_t)8 << 20)
#define LOGS_AT_ONCE 1000u /* of one commit */
#define HEAD 21u           /* of a row, before the topics */
#define TAIL 76u           /* of a row, between topics and data */

struct reading {
    struct index *ix;
    const addr20 *proxy;
    FILE *f;
    struct buf line;
    struct arena a;
    uint64_t bytes; /* of the lines so far */
};

/* --- lines ----------------------------------------------------------------------------------- */

/* The next line without its end. OK | E_NOT_FOUND (the file's end) | E_TOO_LONG | E_IO. */
static status next_line(struct reading *r, struct err *reterr)
{
    char part[4096];
    buf_clear(&r->line);
    while (fgets(part, sizeof part, r->f) != NULL) {
        size_t n = strlen(part);
        status st = buf_put_mem(&r->line, part, n);
        if (st != OK)
            return ERR(reterr, st, "a line is too long");
        r->bytes += n;
        if (n > 0 && part[n - 1] == '\n') {
            r->line.n--;
            return OK;
        }
    }
    if (ferror(r->f) != 0)
        return ERR(reterr, E_IO, "reading: %s", strerror(errno));
    return r->line.n > 0 ? OK : E_NOT_FOUND;
}

static status read_topics(struct json v, struct ledger_log *log, struct err *reterr)
{
    status st = json_want_array(v, reterr);
    if (st == OK && json_count(v) > LEDGER_TOPICS_MAX)
        st = json_err(reterr, E_RANGE, v, "more than %u topics", LEDGER_TOPICS_MAX);
    for (struct json_iter it = json_iter(v); st == OK && json_next(&it);)
        st = json_hex_hash(it.value, &log->topics[log->topics_n++], reterr);
    return st;
}

static status read_u32(struct json v, uint32_t *ret, struct err *reterr)
{
    uint64_t n = 0;
    status st = json_hex_u64(v, &n, reterr);
    if (st == OK && n > UINT32_MAX)
        st = json_err(reterr, E_RANGE, v, "must be below 2^32");
    *ret = (uint32_t)n;
    return st;
}

static status read_place(struct json v, struct ledger_log *log, uint64_t *time, struct err *reterr)
{
    status st = json_hex_u64(json_get(v, "blockNumber"), &log->block_number, reterr);
    if (st == OK && log->block_number >= LEDGER_ARCHIVE)
        st = json_err(reterr, E_RANGE, v, "blockNumber: must be below 2^52");
    if (st == OK)
        st = json_hex_u64(json_get(v, "blockTimestamp"), time, reterr);
    if (st == OK)
        st = json_hex_hash(json_get(v, "blockHash"), &log->block_hash, reterr);
    if (st == OK)
        st = json_hex_hash(json_get(v, "transactionHash"), &log->tx_hash, reterr);
    if (st == OK)
        st = read_u32(json_get(v, "transactionIndex"), &log->tx_index, reterr);
    if (st == OK)
        st = read_u32(json_get(v, "logIndex"), &log->log_index, reterr);
    log->block_number += LEDGER_ARCHIVE;
    return st;
}

static status read_log(struct reading *r, struct ledger_log *log, uint64_t *time,
                       struct err *reterr)
{
    struct json_doc doc;
    status st = json_read(buf_slice(&r->line), &r->a, &doc, reterr);
    if (st != OK)
        return st;
    struct json v = json_root(&doc);
    *log = (struct ledger_log){.topics_n = 0};
    st = json_hex_addr(json_get(v, "address"), &log->address, reterr);
    if (st == OK)
        st = read_topics(json_get(v, "topics"), log, reterr);
    if (st == OK)
        st = json_hex_bytes(json_get(v, "data"), &log->data, reterr);
    return st == OK ? read_place(v, log, time, reterr) : st;
}

/* --- rows ------------------------------------------------------------------------------------ */

static status put_whole(struct rows *rows, struct kv_txn *w, const struct ledger_log *log,
                        uint64_t time, struct err *reterr)
{
    uint8_t key[ROWS_PLACE];
    uint8_t *to = NULL;
    be64_write(key, log->block_number);
    be32_write(key + 8, log->log_index);
    size_t topics = 32 * log->topics_n;
    status st = kv_put_room(w, rows->archive, slice_of(key, sizeof key),
                            HEAD + topics + TAIL + log->data.n, &to, reterr);
    if (st != OK)
        return st;
    memcpy(to, log->address.b, 20);
    to[20] = (uint8_t)log->topics_n;
    memcpy(to + HEAD, log->topics, topics);
    to += HEAD + topics;
    be64_write(to, time);
    memcpy(to + 8, log->block_hash.b, 32);
    memcpy(to + 40, log->tx_hash.b, 32);
    be32_write(to + 72, log->tx_index);
    if (log->data.n > 0)
        memcpy(to + TAIL, log->data.p, log->data.n);
    return OK;
}

static status row_read(slice key, slice row, struct ledger_log *ret, uint64_t *ret_time)
{
    size_t topics = row.n >= HEAD ? 32u * row.p[20] : 0;
    if (key.n != ROWS_PLACE || row.n < HEAD + topics + TAIL ||
        topics > sizeof(hash32) * LEDGER_TOPICS_MAX)
        return E_CORRUPT;
    const uint8_t *tail = row.p + HEAD + topics;
    *ret = (struct ledger_log){.topics_n = row.p[20],
                               .data = slice_after(row, HEAD + topics + TAIL),
                               .block_number = be64_read(key.p),
                               .tx_index = be32_read(tail + 72),
                               .log_index = be32_read(key.p + 8)};
    memcpy(ret->address.b, row.p, 20);
    memcpy(ret->topics, row.p + HEAD, topics);
    memcpy(ret->block_hash.b, tail + 8, 32);
    memcpy(ret->tx_hash.b, tail + 40, 32);
    *ret_time = be64_read(tail);
    return OK;
}

/* One log into the open transaction; those of other contracts are passed over. */
static status take(struct reading *r, struct kv_txn *w, struct err *reterr)
{
    struct ledger_log log;
    struct event e;
    uint64_t time = 0;
    status st = read_log(r, &log, &time, reterr);
    if (st != OK || !addr20_eq(log.address, *r->proxy))
        return st;
    st = put_whole(&r->ix->rows, w, &log, time, reterr);
    if (st == OK)
        st = event_from_log(&log, &e, reterr);
    if (st != OK || e.kind == EVENT_OTHER)
        return st;
    e.when.time = time;
    return rows_put(&r->ix->rows, w, &e, reterr);
}

static status take_line(struct reading *r, struct kv_txn *w, struct err *reterr)
{
    arena_init(&r->a, 4 * LINE_MAX_BYTES, false);
    status st = take(r, w, reterr);
    arena_done(&r->a);
    return st;
}

/* --- the file -------------------------------------------------------------------------------- */

/* Some lines in one commit. OK | E_NOT_FOUND (all were read). */
static status read_some(struct reading *r, struct err *reterr)
{
    struct kv_txn *w = NULL;
    uint8_t done[8];
    status st = kv_write_begin(r->ix->rows.kv, &w, reterr);
    if (st != OK)
        return st;
    for (unsigned i = 0; st == OK && i < LOGS_AT_ONCE; i++) {
        st = next_line(r, reterr);
        if (st == OK)
            st = take_line(r, w, reterr);
        else if (st == E_NOT_FOUND)
            break;
    }
    bool end = st == E_NOT_FOUND;
    be64_write(done, r->bytes);
    if (end)
        st = kv_put(w, r->ix->rows.meta, SLICE_LIT("archive"), slice_of(done, sizeof done), reterr);
    if (st != OK) {
        kv_abort(w);
        return st;
    }
    st = kv_commit(w, reterr);
    return st == OK && end ? E_NOT_FOUND : st;
}

/* *ret_done: this archive was read already. */
static status was_read(struct reading *r, bool *ret_done, struct err *reterr)
{
    struct kv_txn *txn = NULL;
    slice have;
    long size = fseek(r->f, 0, SEEK_END) == 0 ? ftell(r->f) : -1;
    if (size < 0 || fseek(r->f, 0, SEEK_SET) != 0)
        return ERR(reterr, E_IO, "%s", strerror(errno));
    status st = kv_read_begin(r->ix->rows.kv, &txn, reterr);
    if (st != OK)
        return st;
    st = kv_get(txn, r->ix->rows.meta, SLICE_LIT("archive"), &have, reterr);
    *ret_done = st == OK;
    if (st == OK && (have.n != 8 || be64_read(have.p) != (uint64_t)size))
        st = ERR(reterr, E_MISMATCH, "another archive was read before; remove the index folder");
    kv_abort(txn);
    return st == E_NOT_FOUND ? OK : st;
}

status index_archive_read(struct index *ix, const addr20 *proxy, const char *path,
                          struct err *reterr)
{
    struct reading r = {.ix = ix, .proxy = proxy, .f = fopen(path, "r")};
    bool done = false;
    if (r.f == NULL)
        return ERR(reterr, errno == ENOENT ? E_NOT_FOUND : E_IO, "%s: %s", path, strerror(errno));
    buf_init(&r.line, LINE_MAX_BYTES);
    status st = was_read(&r, &done, reterr);
    while (st == OK && !done)
        st = read_some(&r, reterr);
    buf_done(&r.line);
    (void)fclose(r.f);
    return st == OK || st == E_NOT_FOUND ? OK : err_prefix(reterr, st, path);
}

status index_archived_logs(struct index *ix, uint64_t from, uint64_t to, index_log_sink *each,
                           void *ctx, struct err *reterr)
{
    uint8_t start[8];
    struct kv_txn *txn = NULL;
    struct kv_iter it;
    slice key;
    slice row;
    be64_write(start, from);
    status st = kv_read_begin(ix->rows.kv, &txn, reterr);
    if (st != OK)
        return st;
    st = kv_iter_init(&it, txn, ix->rows.archive, SLICE_EMPTY, slice_of(start, sizeof start),
                      KV_FORWARD, reterr);
    while (st == OK && (st = kv_iter_next(&it, &key, &row, reterr)) == OK) {
        struct ledger_log log;
        uint64_t time = 0;
        st = row_read(key, row, &log, &time);
        if (st != OK)
            st = ERR(reterr, st, "index: a log of the archive");
        else if (log.block_number > to)
            break;
        else
            st = each(ctx, &log, time, reterr);
    }
    kv_iter_done(&it);
    kv_abort(txn);
    return st == E_NOT_FOUND ? OK : st;
}
