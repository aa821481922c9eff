/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the state store: keys with versions, the log of touched keys. */
#include <assert.h>

#include "base/checked.h"
#include "chain/store_priv.h"

#define VERSION_BYTES 8u
#define ENTRY_HEAD 3u /* kind, shared, length */

void row_key_set(struct row_key *k, uint64_t id, slice rest)
{
    size_t at = id != 0 ? 8 : 0;
    assert(at + rest.n + VERSION_BYTES <= STORE_KEY_MAX);
    if (id != 0)
        be64_write(k->b, id);
    if (rest.n > 0)
        memcpy(k->b + at, rest.p, rest.n);
    k->n = at + rest.n;
}

struct row_key row_key_at(const struct row_key *k, uint64_t block)
{
    struct row_key r = *k;
    assert(k->n + VERSION_BYTES <= STORE_KEY_MAX);
    be64_write(r.b + r.n, ~block);
    r.n += VERSION_BYTES;
    return r;
}

status row_seek(struct kv_txn *txn, struct kv_table t, const struct row_key *k, uint64_t block,
                slice *ret, struct err *reterr)
{
    struct kv_iter it;
    struct row_key from = row_key_at(k, block);
    status s =
        kv_iter_init(&it, txn, t, row_key_slice(k), row_key_slice(&from), KV_FORWARD, reterr);
    if (s == OK)
        s = kv_iter_next(&it, NULL, ret, reterr);
    kv_iter_done(&it);
    return s;
}

/* --- keys touched by a block ----------------------------------------------------------------- */

static void chunk_key(uint8_t out[12], uint64_t block, uint32_t chunk)
{
    be64_write(out, block);
    be32_write(out + 8, chunk);
}

status touched_finish(struct touched *t, struct err *reterr)
{
    uint8_t key[12];
    if (t->n == 0)
        return OK;
    chunk_key(key, t->block, t->chunk++);
    status s =
        kv_put(t->w, t->s->touched, slice_of(key, sizeof key), slice_of(t->text, t->n), reterr);
    t->n = 0;
    t->last.n = 0;
    return s;
}

status touched_add(struct touched *t, enum touched_kind kind, const struct row_key *k,
                   struct err *reterr)
{
    size_t shared = 0;
    if (t->n + ENTRY_HEAD + k->n > TOUCHED_CHUNK) {
        status s = touched_finish(t, reterr);
        if (s != OK)
            return s;
    }
    while (shared < k->n && shared < t->last.n && k->b[shared] == t->last.b[shared])
        shared++;
    uint8_t *p = t->text + t->n;
    p[0] = (uint8_t)kind;
    p[1] = (uint8_t)shared;
    p[2] = (uint8_t)(k->n - shared);
    memcpy(p + ENTRY_HEAD, k->b + shared, k->n - shared);
    t->n += ENTRY_HEAD + k->n - shared;
    t->last = *k;
    return OK;
}

void touched_open(struct touched_reader *r, const struct store *s, struct kv_txn *txn,
                  uint64_t block)
{
    r->s = s;
    r->txn = txn;
    r->block = block;
    r->chunk = 0;
    r->last.n = 0;
    r->rest = SLICE_EMPTY;
}

static status next_chunk(struct touched_reader *r, struct err *reterr)
{
    uint8_t key[12];
    slice text;
    chunk_key(key, r->block, r->chunk++);
    slice k = slice_of(key, sizeof key);
    if (!kv_has(r->txn, r->s->touched, k))
        return E_NOT_FOUND;
    status s = kv_get(r->txn, r->s->touched, k, &text, reterr);
    if (s != OK)
        return s;
    if (text.n == 0 || text.n > sizeof r->text)
        return ERR(reterr, E_CORRUPT, "state: touched keys of %zu bytes", text.n);
    memcpy(r->text, text.p, text.n);
    r->rest = slice_of(r->text, text.n);
    r->last.n = 0;
    return OK;
}

status touched_next(struct touched_reader *r, enum touched_kind *ret_kind, struct row_key *ret,
                    struct err *reterr)
{
    status s = r->rest.n == 0 ? next_chunk(r, reterr) : OK;
    if (s != OK)
        return s;
    slice in = r->rest;
    size_t shared = in.n >= ENTRY_HEAD ? in.p[1] : 0;
    size_t n = in.n >= ENTRY_HEAD ? in.p[2] : in.n;
    if (in.n < ENTRY_HEAD + n || shared > r->last.n || shared + n + VERSION_BYTES > STORE_KEY_MAX ||
        in.p[0] < TOUCHED_ACCOUNT || in.p[0] > TOUCHED_DROPPED)
        return ERR(reterr, E_CORRUPT, "state: a touched key is malformed");
    memcpy(r->last.b + shared, in.p + ENTRY_HEAD, n);
    r->last.n = shared + n;
    r->rest = slice_after(in, ENTRY_HEAD + n);
    *ret_kind = (enum touched_kind)in.p[0];
    *ret = r->last;
    return OK;
}

status touched_remove(const struct store *s, struct kv_txn *w, uint64_t block, struct err *reterr)
{
    uint8_t key[12];
    for (uint32_t i = 0;; i++) {
        chunk_key(key, block, i);
        if (!kv_has(w, s->touched, slice_of(key, sizeof key)))
            return OK;
        status r = kv_delete(w, s->touched, slice_of(key, sizeof key), reterr);
        if (r != OK)
            return r;
    }
}

bool touched_table(const struct store *s, enum touched_kind kind, struct kv_table *ret)
{
    switch (kind) {
    case TOUCHED_ACCOUNT:
        *ret = s->account;
        return true;
    case TOUCHED_ACCOUNT_NODE:
        *ret = s->account_node;
        return true;
    case TOUCHED_SLOT_NODE:
        *ret = s->slot_node;
        return true;
    case TOUCHED_SLOT:
    case TOUCHED_DROPPED:
        break;
    }
    return false;
}
