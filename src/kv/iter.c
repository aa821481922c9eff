/* SPDX-License-Identifier: Apache-2.0 */
/* Iteration over the keys with a prefix, in both directions. */
#include "kv/kv_priv.h"

status kv_iter_init(struct kv_iter *it, struct kv_txn *txn, struct kv_table t, slice prefix,
                    slice from, enum kv_order order, struct err *reterr)
{
    it->cursor = NULL;
    it->order = order;
    it->started = false;
    if (prefix.n > sizeof it->prefix || from.n > sizeof it->from)
        return ERR(reterr, E_RANGE, "prefix of %zu or start of %zu bytes", prefix.n, from.n);
    it->prefix_n = prefix.n;
    it->from_n = from.n;
    if (prefix.n > 0)
        memcpy(it->prefix, prefix.p, prefix.n);
    if (from.n > 0)
        memcpy(it->from, from.p, from.n);
    MDB_cursor *c = NULL;
    int rc = mdb_cursor_open(kv_mdb(txn), t.id, &c);
    if (rc != 0)
        return kv_status(rc, "cursor", reterr);
    it->cursor = c;
    return OK;
}

/* The smaller of two keys sorts first; a prefix sorts before what it begins. */
static int key_cmp(slice a, slice b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n > 0 ? memcmp(a.p, b.p, n) : 0;
    return c != 0 ? c : (a.n > b.n) - (a.n < b.n);
}

static int first_forward(struct kv_iter *it, MDB_val *k, MDB_val *v)
{
    slice prefix = {it->prefix, it->prefix_n};
    slice from = {it->from, it->from_n};
    slice start = key_cmp(from, prefix) > 0 ? from : prefix;
    if (start.n == 0)
        return mdb_cursor_get(it->cursor, k, v, MDB_FIRST);
    *k = kv_val(start);
    return mdb_cursor_get(it->cursor, k, v, MDB_SET_RANGE);
}

/* Go to the last key below bound. */
static int last_below(struct kv_iter *it, slice bound, MDB_val *k, MDB_val *v)
{
    *k = kv_val(bound);
    int rc = mdb_cursor_get(it->cursor, k, v, MDB_SET_RANGE);
    if (rc == 0)
        return mdb_cursor_get(it->cursor, k, v, MDB_PREV);
    return rc == MDB_NOTFOUND ? mdb_cursor_get(it->cursor, k, v, MDB_LAST) : rc;
}

/* The smallest key above all keys that begin with the prefix, in end; 0 when there is none. */
static size_t prefix_end(const struct kv_iter *it, uint8_t end[KV_KEY_MAX])
{
    size_t n = it->prefix_n;
    while (n > 0 && it->prefix[n - 1] == 0xff)
        n--;
    if (n > 0) {
        memcpy(end, it->prefix, n);
        end[n - 1]++;
    }
    return n;
}

static int first_backward(struct kv_iter *it, MDB_val *k, MDB_val *v)
{
    uint8_t end[KV_KEY_MAX];
    size_t end_n = prefix_end(it, end);
    slice from = {it->from, it->from_n};
    if (from.n > 0 && (end_n == 0 || key_cmp(from, (slice){end, end_n}) < 0)) {
        *k = kv_val(from);
        int rc = mdb_cursor_get(it->cursor, k, v, MDB_SET_KEY);
        return rc == MDB_NOTFOUND ? last_below(it, from, k, v) : rc;
    }
    if (end_n > 0)
        return last_below(it, (slice){end, end_n}, k, v);
    return mdb_cursor_get(it->cursor, k, v, MDB_LAST);
}

static int step(struct kv_iter *it, MDB_val *k, MDB_val *v)
{
    bool forward = it->order == KV_FORWARD;
    if (it->started)
        return mdb_cursor_get(it->cursor, k, v, forward ? MDB_NEXT : MDB_PREV);
    it->started = true;
    return forward ? first_forward(it, k, v) : first_backward(it, k, v);
}

status kv_iter_next(struct kv_iter *it, slice *ret_key, slice *ret_value, struct err *reterr)
{
    MDB_val k = {0, NULL};
    MDB_val v = {0, NULL};
    int rc = step(it, &k, &v);
    if (rc == MDB_NOTFOUND)
        return E_NOT_FOUND;
    if (rc != 0)
        return kv_status(rc, "next", reterr);
    slice key = slice_of(k.mv_data, k.mv_size);
    if (!slice_has_prefix(key, (slice){it->prefix, it->prefix_n}))
        return E_NOT_FOUND;
    if (ret_key != NULL)
        *ret_key = key;
    if (ret_value != NULL)
        *ret_value = slice_of(v.mv_data, v.mv_size);
    return OK;
}

status kv_iter_delete(struct kv_iter *it, struct err *reterr)
{
    MDB_txn *w = mdb_cursor_txn(it->cursor);
    MDB_val k;
    MDB_val v;
    int rc = mdb_cursor_get(it->cursor, &k, &v, MDB_GET_CURRENT);
    if (rc != 0)
        return kv_status(rc, "delete", reterr);
    status s =
        kv_tell_delete(w, mdb_cursor_dbi(it->cursor), slice_of(k.mv_data, k.mv_size), reterr);
    return s == OK ? kv_status(mdb_cursor_del(it->cursor, 0), "delete", reterr) : s;
}

void kv_iter_done(struct kv_iter *it)
{
    if (it->cursor != NULL)
        mdb_cursor_close(it->cursor);
    it->cursor = NULL;
}
