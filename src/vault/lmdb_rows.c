/* SPDX-License-Identifier: Apache-2.0 */
/* Sealed rows: `slot u64 || nonce 12 || ChaCha20-Poly1305(row key, aad = table || 0x00 || key)`.
 *
 * Erasing in order: the commit that deletes the row names its slot in table `slot`; then the slot
 * is overwritten and synced; only then is it used again. Slots named there when the vault is opened
 * are overwritten first, so a crash between leaves no key behind. */
#include "vault/lmdb_rows.h"

#include <assert.h>
#include <stdlib.h>

#include "base/checked.h"
#include "base/secret.h"
#include "crypto/aead.h"

#define SEAL_NONCE 12u
#define SEAL_HEAD (8u + SEAL_NONCE)
#define AAD_MAX (16u + KV_KEY_MAX)

/* Key of the row of table `slot` that holds the first slot never used; other keys have 8 bytes. */
#define NEXT_KEY SLICE_LIT("next")

void vkey_init(struct vault_key *k)
{
    k->n = 0;
}

void vkey_put(struct vault_key *k, const void *p, size_t n)
{
    assert(n <= sizeof k->b - k->n);
    memcpy(k->b + k->n, p, n);
    k->n += n;
}

void vkey_put_u64(struct vault_key *k, uint64_t v)
{
    uint8_t b[8];
    be64_write(b, v);
    vkey_put(k, b, sizeof b);
}

status slots_push(struct slots *s, uint64_t slot)
{
    if (s->n == s->max) {
        size_t max = s->max == 0 ? 16 : s->max * 2;
        uint64_t *p = reallocarray(s->p, max, sizeof *p);
        if (p == NULL)
            return E_NOMEM;
        s->p = p;
        s->max = max;
    }
    s->p[s->n++] = slot;
    return OK;
}

/* Hand slots to the list of unused ones. Without memory they stay named in table `slot` and come
 * back when the vault is opened. */
static void give_back(struct vault_lmdb *v, const struct slots *s)
{
    pthread_mutex_lock(&v->lock);
    status st = OK;
    for (size_t i = 0; i < s->n && st == OK; i++)
        st = slots_push(&v->unused, s->p[i]);
    pthread_mutex_unlock(&v->lock);
}

static void vtxn_done(struct vtxn *t)
{
    free(t->taken.p);
    free(t->doomed.p);
    t->txn = NULL;
}

status vtxn_begin(struct vault_lmdb *v, struct vtxn *ret, struct err *reterr)
{
    slice next;
    struct vtxn t = {.v = v};
    status st = kv_write_begin(v->kv, &t.txn, reterr);
    if (st != OK)
        return st;
    st = kv_get(t.txn, v->table[T_SLOT].t, NEXT_KEY, &next, reterr);
    if (st == OK && next.n == 8)
        t.next = be64_read(next.p);
    else if (st != E_NOT_FOUND) {
        kv_abort(t.txn);
        return st == OK ? ERR(reterr, E_CORRUPT, "vault: table slot") : st;
    }
    *ret = t;
    return OK;
}

void vtxn_abort(struct vtxn *t)
{
    kv_abort(t->txn);
    give_back(t->v, &t->taken);
    vtxn_done(t);
}

/* Write down in the transaction what it did to the slots. */
static status note_slots(struct vtxn *t, struct err *reterr)
{
    uint8_t key[8];
    struct kv_table table = t->v->table[T_SLOT].t;
    status st = OK;
    for (size_t i = 0; i < t->taken.n && st == OK; i++) {
        be64_write(key, t->taken.p[i]);
        st = kv_delete(t->txn, table, slice_of(key, 8), reterr);
    }
    for (size_t i = 0; i < t->doomed.n && st == OK; i++) {
        be64_write(key, t->doomed.p[i]);
        st = kv_put(t->txn, table, slice_of(key, 8), SLICE_EMPTY, reterr);
    }
    if (st == OK && t->next_moved) {
        be64_write(key, t->next);
        st = kv_put(t->txn, table, NEXT_KEY, slice_of(key, 8), reterr);
    }
    return st;
}

status vtxn_commit(struct vtxn *t, struct err *reterr)
{
    status st = note_slots(t, reterr);
    if (st != OK) {
        vtxn_abort(t);
        return st;
    }
    st = kv_commit(t->txn, reterr);
    if (st != OK) {
        give_back(t->v, &t->taken);
    } else if (t->doomed.n > 0) {
        st = rowkeys_destroy(t->v->keys, t->doomed.p, t->doomed.n, reterr);
        if (st == OK)
            give_back(t->v, &t->doomed);
    }
    vtxn_done(t);
    return st;
}

/* A slot whose key on the disk is fresh. */
static status take_slot(struct vtxn *t, uint64_t *ret, struct err *reterr)
{
    struct vault_lmdb *v = t->v;
    bool found = false;
    pthread_mutex_lock(&v->lock);
    if (v->unused.n > 0 && slots_push(&t->taken, v->unused.p[v->unused.n - 1]) == OK) {
        *ret = v->unused.p[--v->unused.n];
        found = true;
    }
    pthread_mutex_unlock(&v->lock);
    if (found)
        return OK;
    status st = rowkeys_grow(v->keys, t->next + 1, reterr);
    if (st != OK)
        return st;
    *ret = t->next++;
    t->next_moved = true;
    return OK;
}

static status bind(struct vault_lmdb *v, enum vault_tables table, slice key, uint8_t aad[AAD_MAX],
                   struct aead *a, uint64_t slot, struct err *reterr)
{
    uint8_t *row_key = secret_alloc(ROWKEYS_KEY);
    const char *name = v->table[table].name;
    size_t n = strlen(name) + 1;
    if (row_key == NULL)
        return ERR(reterr, E_NOMEM, "vault");
    memcpy(aad, name, n);
    memcpy(aad + n, key.p, key.n);
    status st = rowkeys_read(v->keys, slot, row_key, reterr);
    if (st == OK)
        st = aead_init(a, row_key);
    if (st == OK)
        a->aad = slice_of(aad, n + key.n);
    secret_free(row_key, ROWKEYS_KEY);
    return st;
}

static status seal_into(struct vtxn *t, enum vault_tables table, slice key, slice value,
                        uint64_t slot, uint8_t *out, struct err *reterr)
{
    uint8_t aad[AAD_MAX];
    struct aead a;
    be64_write(out, slot);
    status st = random_fill(t->v->random, out + 8, SEAL_NONCE);
    if (st != OK)
        return ERR(reterr, st, "vault: no random bytes");
    st = bind(t->v, table, key, aad, &a, slot, reterr);
    if (st != OK)
        return st;
    st = aead_seal(&a, out + 8, value, out + SEAL_HEAD);
    aead_done(&a);
    return st == OK ? OK : ERR(reterr, st, "vault: sealing failed");
}

/* The slot of the row under key is no longer needed after this transaction. */
static status doom(struct vtxn *t, enum vault_tables table, slice key, struct err *reterr)
{
    slice old;
    status st = kv_get(t->txn, t->v->table[table].t, key, &old, reterr);
    if (st != OK)
        return st;
    if (old.n < SEAL_HEAD + AEAD_TAG)
        return ERR(reterr, E_CORRUPT, "vault: row of %zu bytes in %s", old.n,
                   t->v->table[table].name);
    return slots_push(&t->doomed, be64_read(old.p));
}

status vtxn_put_sealed(struct vtxn *t, enum vault_tables table, slice key, slice value,
                       struct err *reterr)
{
    uint8_t *out;
    uint64_t slot;
    status st = doom(t, table, key, reterr);
    if (st != OK && st != E_NOT_FOUND)
        return st;
    st = take_slot(t, &slot, reterr);
    if (st == OK)
        st = kv_put_room(t->txn, t->v->table[table].t, key, SEAL_HEAD + value.n + AEAD_TAG, &out,
                         reterr);
    return st == OK ? seal_into(t, table, key, value, slot, out, reterr) : st;
}

status vtxn_erase(struct vtxn *t, enum vault_tables table, slice key, struct err *reterr)
{
    status st = doom(t, table, key, reterr);
    return st == OK ? kv_delete(t->txn, t->v->table[table].t, key, reterr) : st;
}

status row_open_value(struct vault_lmdb *v, enum vault_tables table, slice key, slice value,
                      struct buf *ret, struct err *reterr)
{
    uint8_t aad[AAD_MAX];
    struct aead a;
    if (value.n < SEAL_HEAD + AEAD_TAG)
        return ERR(reterr, E_CORRUPT, "vault: row of %zu bytes in %s", value.n,
                   v->table[table].name);
    size_t n = value.n - SEAL_HEAD - AEAD_TAG;
    status st = buf_reserve(ret, n + AEAD_TAG);
    if (st != OK)
        return ERR(reterr, st, "vault: row of %zu bytes", n);
    st = bind(v, table, key, aad, &a, be64_read(value.p), reterr);
    if (st != OK)
        return st;
    st = aead_open(&a, value.p + 8, slice_after(value, SEAL_HEAD), ret->p + ret->n);
    aead_done(&a);
    if (st != OK)
        return ERR(reterr, st, "vault: row of table %s does not open", v->table[table].name);
    ret->n += n;
    return OK;
}

status row_open(struct vault_lmdb *v, struct kv_txn *txn, enum vault_tables table, slice key,
                struct buf *ret, struct err *reterr)
{
    slice value;
    status st = kv_get(txn, v->table[table].t, key, &value, reterr);
    return st == OK ? row_open_value(v, table, key, value, ret, reterr) : st;
}

static status row_try(struct vault_lmdb *v, enum vault_tables table, slice key, struct buf *ret,
                      struct err *reterr)
{
    struct kv_txn *txn;
    status st = kv_read_begin(v->kv, &txn, reterr);
    if (st != OK)
        return st;
    st = row_open(v, txn, table, key, ret, reterr);
    kv_abort(txn);
    return st;
}

status row_get(struct vault_lmdb *v, enum vault_tables table, slice key, struct buf *ret,
               struct err *reterr)
{
    status st = row_try(v, table, key, ret, reterr);
    if (st == E_DECRYPT) /* erased or replaced between reading the row and reading its key? */
        st = row_try(v, table, key, ret, reterr);
    if (st == E_DECRYPT)
        return ERR(reterr, E_CORRUPT, "vault: damaged row in table %s", v->table[table].name);
    return st;
}

void *grow_array(struct arena *a, void *list, size_t n, size_t *max, size_t size)
{
    if (n < *max)
        return list;
    size_t more = *max == 0 ? 16 : *max * 2;
    void *p = arena_array(a, more, size);
    if (p == NULL)
        return NULL;
    if (n > 0)
        memcpy(p, list, n * size);
    *max = more;
    return p;
}
