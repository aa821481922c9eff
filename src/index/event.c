/* SPDX-License-Identifier: Apache-2.0 */
/* Decoding of the registry's logs and the fixed-size rows that are kept of them. */
#include "index/event.h"

#include "base/checked.h"
#include "codec/abi.h"
#include "contract/registry_abi.h"

struct shape {
    const uint8_t *topic;
    enum event_kind kind;
    size_t topics; /* with the signature's */
};

static const struct shape shapes[] = {
    {registry_topic_FolderOpened, EVENT_FOLDER_OPENED, 2},
    {registry_topic_GrantSet, EVENT_GRANT_SET, 4},
    {registry_topic_GrantRevoked, EVENT_GRANT_REVOKED, 4},
    {registry_topic_RecordAdded, EVENT_RECORD_ADDED, 3},
    {registry_topic_RecordAmended, EVENT_RECORD_AMENDED, 3},
    {registry_topic_RecordResealed, EVENT_RECORD_RESEALED, 3},
    {registry_topic_RecordStatusSet, EVENT_RECORD_STATUS, 3},
};

static const struct shape *shape_of(const struct ledger_log *log)
{
    if (log->topics_n == 0)
        return NULL;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        if (memcmp(log->topics[0].b, shapes[i].topic, 32) == 0)
            return &shapes[i];
    }
    return NULL;
}

/* Read head word i as a number of at most max. */
static status word_max(slice data, size_t i, uint64_t max, uint64_t *ret)
{
    uint64_t v = 0;
    status st = abi_read_u64(data, i, &v);
    if (st == OK && v > max)
        st = E_RANGE;
    if (st == OK)
        *ret = v;
    return st;
}

static status word_u32(slice data, size_t i, uint32_t *ret)
{
    uint64_t v = 0;
    status st = word_max(data, i, UINT32_MAX, &v);
    *ret = (uint32_t)v;
    return st;
}

static status word_u8(slice data, size_t i, uint8_t *ret)
{
    uint64_t v = 0;
    status st = word_max(data, i, UINT8_MAX, &v);
    *ret = (uint8_t)v;
    return st;
}

/* GrantSet(permissions, notBefore, notAfter, generation); GrantRevoked(generation). */
static status grant_words(slice data, struct event *e)
{
    if (e->kind == EVENT_GRANT_REVOKED)
        return word_u32(data, 0, &e->version);
    status st = word_u8(data, 0, &e->code);
    if (st == OK)
        st = abi_read_u64(data, 1, &e->not_before);
    if (st == OK)
        st = abi_read_u64(data, 2, &e->not_after);
    return st == OK ? word_u32(data, 3, &e->version) : st;
}

/* RecordAdded/Amended/Resealed(version, epoch, author, commitment);
 * RecordStatusSet(version, status, author). */
static status record_words(slice data, struct event *e)
{
    status st = word_u32(data, 0, &e->version);
    if (e->kind == EVENT_RECORD_STATUS) {
        if (st == OK)
            st = word_u8(data, 1, &e->code);
        return st == OK ? abi_read_addr(data, 2, &e->who) : st;
    }
    if (st == OK)
        st = word_u32(data, 1, &e->epoch);
    if (st == OK)
        st = abi_read_addr(data, 2, &e->who);
    return st == OK ? abi_read_bytes_n(data, 3, e->commitment, sizeof e->commitment) : st;
}

static bool is_grant(enum event_kind kind)
{
    return kind == EVENT_GRANT_SET || kind == EVENT_GRANT_REVOKED;
}

status event_from_log(const struct ledger_log *log, struct event *ret, struct err *reterr)
{
    struct event e = {.kind = EVENT_OTHER};
    const struct shape *shape = shape_of(log);
    if (shape == NULL) {
        *ret = e;
        return OK;
    }
    e.kind = shape->kind;
    e.when = (struct index_when){
        .block = log->block_number, .log_index = log->log_index, .tx = log->tx_hash};
    status st = log->topics_n == shape->topics ? OK : E_CORRUPT;
    if (st == OK)
        e.folder = log->topics[1];
    if (st == OK && shape->topics > 2)
        e.second = log->topics[2];
    if (st == OK && is_grant(e.kind)) {
        memcpy(e.who.b, log->topics[3].b + 12, sizeof e.who.b);
        st = grant_words(log->data, &e);
    } else if (st == OK && e.kind != EVENT_FOLDER_OPENED) {
        st = record_words(log->data, &e);
    }
    if (st != OK)
        return ERR(reterr, E_CORRUPT, "log %u of block %llu: not an event of the registry",
                   log->log_index, (unsigned long long)log->block_number);
    *ret = e;
    return OK;
}

void event_row_write(const struct event *e, uint8_t out[EVENT_ROW])
{
    uint8_t *p = out;
    *p++ = (uint8_t)e->kind;
    *p++ = e->code;
    be32_write(p, e->version);
    be32_write(p + 4, e->epoch);
    be64_write(p + 8, e->not_before);
    be64_write(p + 16, e->not_after);
    be64_write(p + 24, e->when.block);
    be32_write(p + 32, e->when.log_index);
    be64_write(p + 36, e->when.time);
    p += 44;
    memcpy(p, e->who.b, 20);
    memcpy(p + 20, e->commitment, 26);
    memcpy(p + 46, e->when.tx.b, 32);
}

status event_row_read(slice row, struct event *ret)
{
    if (row.n != EVENT_ROW || row.p[0] < EVENT_FOLDER_OPENED || row.p[0] > EVENT_RECORD_STATUS)
        return E_CORRUPT;
    const uint8_t *p = row.p;
    struct event e = {.kind = (enum event_kind)p[0], .code = p[1]};
    p += 2;
    e.version = be32_read(p);
    e.epoch = be32_read(p + 4);
    e.not_before = be64_read(p + 8);
    e.not_after = be64_read(p + 16);
    e.when.block = be64_read(p + 24);
    e.when.log_index = be32_read(p + 32);
    e.when.time = be64_read(p + 36);
    p += 44;
    memcpy(e.who.b, p, 20);
    memcpy(e.commitment, p + 20, 26);
    memcpy(e.when.tx.b, p + 46, 32);
    *ret = e;
    return OK;
}
