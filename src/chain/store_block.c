/* SPDX-License-Identifier: Apache-2.0 */
/* What each block left: the top of its state, and the list of rows that it has no use for. */
#include "chain/store_priv.h"

#define KEY 12u
#define HEAD 48u

static slice chunk_key(uint8_t out[KEY], uint64_t block, uint32_t chunk)
{
    be64_write(out, block);
    be32_write(out + 8, chunk);
    return slice_of(out, KEY);
}

static status check_span(const struct store *s, struct kv_txn *txn, uint64_t block,
                         struct err *reterr)
{
    struct store_meta m;
    status r = store_meta_get(s, txn, &m, reterr);
    if (r == E_NOT_FOUND || (r == OK && block > m.head))
        return ERR(reterr, E_NOT_FOUND, "state of block %llu: not there yet",
                   (unsigned long long)block);
    if (r == OK && block < m.first)
        return ERR(reterr, E_REMOVED, "state of block %llu: kept from block %llu on",
                   (unsigned long long)block, (unsigned long long)m.first);
    return r;
}

/* A row of a block that is within the span. */
static status get_chunk(const struct store *s, struct kv_txn *txn, uint64_t block, uint32_t chunk,
                        slice *ret, struct err *reterr)
{
    uint8_t key[KEY];
    status r = kv_get(txn, s->block, chunk_key(key, block, chunk), ret, reterr);
    size_t head = chunk == 0 ? HEAD : 0;
    if (r == OK && (ret->n < head || ret->n - head > STORE_DROPPED_CHUNK ||
                    (ret->n - head) % DROPPED_BYTES != 0))
        r = ERR(reterr, E_CORRUPT, "state: row of block %llu", (unsigned long long)block);
    return r;
}

status store_block_get(const struct store *s, struct kv_txn *txn, uint64_t block,
                       struct store_block *ret, struct err *reterr)
{
    slice row;
    status r = check_span(s, txn, block, reterr);
    if (r != OK)
        return r;
    r = get_chunk(s, txn, block, 0, &row, reterr);
    if (r != OK)
        return r == E_NOT_FOUND ? ERR(reterr, E_CORRUPT, "state: no row of block %llu",
                                      (unsigned long long)block)
                                : r;
    ret->top.place = be64_read(row.p);
    memcpy(ret->top.hash.b, row.p + 8, 32);
    ret->next = be64_read(row.p + 40);
    return OK;
}

static void put_head(const struct store_block *b, uint8_t *out)
{
    be64_write(out, b->top.place);
    memcpy(out + 8, b->top.hash.b, 32);
    be64_write(out + 40, b->next);
}

status store_block_put(const struct store *s, struct kv_txn *w, uint64_t block,
                       const struct store_block *b, slice dropped, struct err *reterr)
{
    uint8_t key[KEY];
    uint8_t *room;
    uint32_t chunk = 0;
    status r = OK;
    do {
        size_t head = chunk == 0 ? HEAD : 0;
        size_t n = dropped.n < STORE_DROPPED_CHUNK ? dropped.n : STORE_DROPPED_CHUNK;
        slice part = slice_first(dropped, n);
        r = kv_put_room(w, s->block, chunk_key(key, block, chunk), head + part.n, &room, reterr);
        if (r != OK)
            return r;
        if (chunk++ == 0)
            put_head(b, room);
        if (part.n > 0)
            memcpy(room + head, part.p, part.n);
        dropped = slice_after(dropped, part.n);
    } while (dropped.n > 0);
    return r;
}

status store_dropped_get(const struct store *s, struct kv_txn *txn, uint64_t block, uint32_t chunk,
                         slice *ret, struct err *reterr)
{
    status r = get_chunk(s, txn, block, chunk, ret, reterr);
    if (r == OK && chunk == 0)
        *ret = slice_after(*ret, HEAD);
    return r;
}

status store_block_remove(const struct store *s, struct kv_txn *w, uint64_t block, uint32_t chunk,
                          struct err *reterr)
{
    uint8_t key[KEY];
    status r = OK;
    while (r == OK)
        r = kv_delete(w, s->block, chunk_key(key, block, chunk++), reterr);
    return r == E_NOT_FOUND ? OK : r;
}
