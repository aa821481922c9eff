/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of accounts and slots, filled from the world, and the changes made to them. */
#include "chain/state.h"

#include <assert.h>
#include <stdlib.h>

#include "chain/journal.h"

#define MEMORY_CAP ((size_t)16 << 30)
#define FIRST_ACCOUNTS 64u
#define FIRST_SLOTS 8u

__extension__ typedef unsigned __int128 u128;

/* Mix words so that keys chosen by others do not fall on one place: the seed is the address of the
 * state, which nobody outside knows. */
static size_t mix(const struct state *st, const uint64_t *w, size_t n)
{
    uint64_t h = (uint64_t)(uintptr_t)st * 0x9e3779b97f4a7c15u;
    for (size_t i = 0; i < n; i++) {
        u128 m = (u128)(h ^ w[i]) * 0xa0761d6478bd642fu;
        h = (uint64_t)m ^ (uint64_t)(m >> 64) ^ (h << 1);
    }
    return (size_t)h;
}

static size_t hash_addr(const struct state *st, const addr20 *a)
{
    uint64_t w[3] = {0};
    memcpy(w, a->b, sizeof a->b);
    return mix(st, w, 3);
}

static size_t hash_key(const struct state *st, const u256 *key)
{
    return mix(st, key->w, 4);
}

void state_fail(struct state *st, status s)
{
    if (st->failure == OK)
        st->failure = s;
}

status state_failure(const struct state *st)
{
    return st->failure;
}

void state_init(struct state *st, struct world *world, struct code_cache *codes)
{
    *st = (struct state){.world = world, .code_cache = codes, .tx = 1};
    code_cache_begin(codes);
    arena_init(&st->memory, MEMORY_CAP, false);
    arena_init(&st->log_memory, MEMORY_CAP, false);
}

void state_done(struct state *st)
{
    journal_done(st);
    if (st->code_cache != NULL) /* not done before */
        code_cache_end(st->code_cache);
    for (size_t i = 0; i < st->max; i++) {
        if (st->account[i] == NULL)
            continue;
        free(st->account[i]->slots.slot);
        free(st->account[i]->transient.slot);
    }
    free(st->lost.slots.slot);
    free(st->lost.transient.slot);
    free(st->account);
    free(st->touched);
    free(st->log);
    arena_done(&st->memory);
    arena_done(&st->log_memory);
    *st = (struct state){.failure = E_INTERNAL};
}

/* --- accounts ------------------------------------------------------------------------------- */

static struct account **account_place(const struct state *st, struct account **table, size_t max,
                                      const addr20 *a)
{
    size_t i = hash_addr(st, a) & (max - 1);
    while (table[i] != NULL && !addr20_eq(table[i]->addr, *a))
        i = (i + 1) & (max - 1);
    return &table[i];
}

static bool accounts_grow(struct state *st)
{
    if (2 * (st->n + 1) <= st->max)
        return true;
    size_t max = st->max > 0 ? 2 * st->max : FIRST_ACCOUNTS;
    struct account **table = calloc(max, sizeof(struct account *));
    if (table == NULL)
        return false;
    for (size_t i = 0; i < st->max; i++)
        if (st->account[i] != NULL)
            *account_place(st, table, max, &st->account[i]->addr) = st->account[i];
    free(st->account);
    st->account = table;
    st->max = max;
    return true;
}

static void account_load(struct state *st, struct account *a)
{
    struct trie_account t;
    bool exists = false;
    a->head.code_hash = code_none.hash;
    a->storage_root = trie_empty_root;
    a->root_known = true;
    if (st->world == NULL) {
        a->head.fresh = true;
        return;
    }
    status s = st->world->ops->account(st->world, &a->addr, &exists, &t);
    if (s != OK)
        state_fail(st, s);
    a->head.exists = s == OK && exists;
    a->head.fresh = !a->head.exists;
    if (!a->head.exists)
        return;
    a->head.nonce = t.nonce;
    a->head.balance = t.balance;
    a->head.code_hash = t.code_hash;
    a->storage_root = t.storage_root;
}

/* Memory has failed: an empty account that nobody will look at. */
static struct account *account_lost(struct state *st)
{
    state_fail(st, E_NOMEM);
    st->lost.head = (struct account_head){.code_hash = code_none.hash, .fresh = true};
    st->lost.code = &code_none;
    return &st->lost;
}

struct account *state_account(struct state *st, const addr20 *addr)
{
    if (!accounts_grow(st))
        return account_lost(st);
    struct account **place = account_place(st, st->account, st->max, addr);
    if (*place != NULL)
        return *place;
    struct account *a = arena_alloc(&st->memory, sizeof *a);
    if (a == NULL)
        return account_lost(st);
    a->addr = *addr;
    account_load(st, a);
    *place = a;
    st->n++;
    return a;
}

bool account_is_empty(const struct account *a)
{
    return a->head.nonce == 0 && u256_is_zero(a->head.balance) &&
           hash32_eq(a->head.code_hash, code_none.hash);
}

static const struct code *code_load(struct state *st, const hash32 *hash)
{
    slice bytes = SLICE_EMPTY;
    const struct code *c = code_cache_find(st->code_cache, hash);
    if (c != NULL)
        return c;
    status s = st->world != NULL ? st->world->ops->code(st->world, hash, &bytes) : E_CORRUPT;
    if (s == OK && (c = code_cache_put(st->code_cache, bytes)) == NULL)
        s = E_NOMEM;
    if (s == OK && !hash32_eq(c->hash, *hash))
        s = E_CORRUPT;
    if (s == OK)
        return c;
    state_fail(st, s);
    return &code_none;
}

const struct code *state_code(struct state *st, struct account *a)
{
    if (a->code == NULL)
        a->code = code_load(st, &a->head.code_hash);
    return a->code;
}

static void remember_touched(struct state *st, struct account *a)
{
    if (st->touched_n == st->touched_max) {
        size_t max = st->touched_max > 0 ? 2 * st->touched_max : FIRST_ACCOUNTS;
        struct account **p = realloc(st->touched, max * sizeof(struct account *));
        if (p == NULL) {
            state_fail(st, E_NOMEM);
            return;
        }
        st->touched = p;
        st->touched_max = max;
    }
    st->touched[st->touched_n++] = a;
}

void state_touch(struct state *st, struct account *a)
{
    if (a->head.exists && a->head.touched == st->tx)
        return;
    journal_head(st, a);
    if (a->head.touched != st->tx)
        remember_touched(st, a);
    a->head.exists = true;
    a->head.touched = st->tx;
    a->changed = true;
}

/* Touch, and journal the head before it is changed. */
static void change(struct state *st, struct account *a)
{
    state_touch(st, a);
    journal_head(st, a);
}

void state_set_balance(struct state *st, struct account *a, u256 v)
{
    change(st, a);
    a->head.balance = v;
}

void state_add_balance(struct state *st, struct account *a, u256 v)
{
    u256 sum;
    state_touch(st, a);
    if (u256_is_zero(v))
        return;
    (void)u256_add(a->head.balance, v, &sum); /* all ether there is fits */
    state_set_balance(st, a, sum);
}

void state_sub_balance(struct state *st, struct account *a, u256 v)
{
    u256 rest;
    state_touch(st, a);
    if (u256_is_zero(v))
        return;
    (void)u256_sub(a->head.balance, v, &rest);
    state_set_balance(st, a, rest);
}

void state_set_nonce(struct state *st, struct account *a, uint64_t v)
{
    change(st, a);
    a->head.nonce = v;
}

void state_set_code(struct state *st, struct account *a, slice bytes)
{
    const struct code *c = bytes.n > 0 ? code_cache_put(st->code_cache, bytes) : &code_none;
    if (c == NULL) {
        state_fail(st, E_NOMEM);
        return;
    }
    change(st, a);
    a->head.code_hash = c->hash;
    a->code = c;
}

void state_set_created(struct state *st, struct account *a)
{
    change(st, a);
    a->head.created = st->tx;
}

bool state_set_destructed(struct state *st, struct account *a)
{
    if (a->head.destructed == st->tx)
        return false;
    change(st, a);
    a->head.destructed = st->tx;
    return true;
}

bool state_warm(struct state *st, struct account *a)
{
    if (a->warm == st->tx)
        return false;
    journal_warm(st, a);
    a->warm = st->tx;
    return true;
}

/* --- storage -------------------------------------------------------------------------------- */

static struct slot **slot_place(const struct state *st, struct slot **table, uint32_t max,
                                const u256 *key)
{
    uint32_t i = (uint32_t)hash_key(st, key) & (max - 1);
    while (table[i] != NULL && !u256_eq(table[i]->key, *key))
        i = (i + 1) & (max - 1);
    return &table[i];
}

static bool slots_grow(const struct state *st, struct slot_table *t)
{
    if (2 * (t->n + 1) <= t->max)
        return true;
    uint32_t max = t->max > 0 ? 2 * t->max : FIRST_SLOTS;
    struct slot **table = calloc(max, sizeof(struct slot *));
    if (table == NULL)
        return false;
    for (uint32_t i = 0; i < t->max; i++)
        if (t->slot[i] != NULL)
            *slot_place(st, table, max, &t->slot[i]->key) = t->slot[i];
    free(t->slot);
    t->slot = table;
    t->max = max;
    return true;
}

/* The slot of key in t, made with zeros if it was not there; NULL: out of memory. */
static struct slot *slot_get(struct state *st, struct slot_table *t, const u256 *key, bool *ret_new)
{
    *ret_new = false;
    if (!slots_grow(st, t))
        return NULL;
    struct slot **place = slot_place(st, t->slot, t->max, key);
    if (*place != NULL)
        return *place;
    struct slot *s = arena_alloc(&st->memory, sizeof *s);
    if (s == NULL)
        return NULL;
    s->key = *key;
    *place = s;
    t->n++;
    *ret_new = true;
    return s;
}

static struct slot *slot_lost(struct state *st)
{
    state_fail(st, E_NOMEM);
    st->lost_slot = (struct slot){.tx = st->tx};
    return &st->lost_slot;
}

struct slot *state_slot(struct state *st, struct account *a, const u256 *key)
{
    bool is_new;
    struct slot *s = slot_get(st, &a->slots, key, &is_new);
    if (s == NULL)
        return slot_lost(st);
    if (is_new && !a->head.fresh) {
        status r = st->world->ops->slot(st->world, &a->addr, key, &s->base);
        if (r != OK)
            state_fail(st, r);
        s->v.current = s->base;
    }
    if (s->tx != st->tx) {
        s->tx = st->tx;
        s->v.original = s->v.current;
    }
    return s;
}

bool state_warm_slot(struct state *st, struct slot *s)
{
    if (s->warm == st->tx)
        return false;
    journal_warm_slot(st, s);
    s->warm = st->tx;
    return true;
}

void state_set_slot(struct state *st, struct account *a, struct slot *s, const u256 *v)
{
    if (u256_eq(s->v.current, *v))
        return;
    journal_slot(st, a, s);
    s->v.current = *v;
    a->root_known = false;
    a->changed = true;
}

u256 state_transient(struct state *st, struct account *a, const u256 *key)
{
    const struct slot_table *t = &a->transient;
    const struct slot *s = t->max > 0 ? *slot_place(st, t->slot, t->max, key) : NULL;
    return s != NULL && s->tx == st->tx ? s->v.current : u256_from_u64(0);
}

void state_set_transient(struct state *st, struct account *a, const u256 *key, const u256 *v)
{
    bool is_new;
    struct slot *s = slot_get(st, &a->transient, key, &is_new);
    if (s == NULL) {
        state_fail(st, E_NOMEM);
        return;
    }
    if (s->tx != st->tx)
        s->v.current = u256_from_u64(0);
    s->tx = st->tx;
    journal_slot(st, NULL, s);
    s->v.current = *v;
}

void state_clear_storage(struct state *st, struct account *a)
{
    change(st, a);
    journal_storage(st, a); /* takes the table away */
    a->head.fresh = true;
    a->storage_root = trie_empty_root;
    a->root_known = false;
}

bool state_has_storage(struct state *st, struct account *a)
{
    (void)st;
    if (!a->head.fresh && !hash32_eq(a->storage_root, trie_empty_root))
        return true;
    for (uint32_t i = 0; i < a->slots.max; i++)
        if (a->slots.slot[i] != NULL && !u256_is_zero(a->slots.slot[i]->v.current))
            return true;
    return false;
}

/* --- transactions --------------------------------------------------------------------------- */

void state_begin_tx(struct state *st)
{
    st->tx++;
    st->touched_n = 0;
    st->log_n = 0;
    arena_done(&st->log_memory);
    arena_init(&st->log_memory, MEMORY_CAP, false);
}

static void account_remove(struct state *st, struct account *a)
{
    journal_head(st, a);
    journal_storage(st, a); /* takes the table away */
    a->head = (struct account_head){.code_hash = code_none.hash, .fresh = true};
    a->code = &code_none;
    a->storage_root = trie_empty_root;
    a->root_known = true;
    a->changed = true;
}

void state_end_tx(struct state *st, bool with_empty)
{
    for (size_t i = 0; i < st->touched_n; i++) {
        struct account *a = st->touched[i];
        bool gone = a->head.destructed == st->tx;
        bool empty = with_empty && a->head.touched == st->tx && account_is_empty(a);
        if (a->head.exists && (gone || empty))
            account_remove(st, a);
    }
    st->touched_n = 0;
}

void state_add_log(struct state *st, const struct state_log *log)
{
    if (st->log_n == st->log_max) {
        size_t max = st->log_max > 0 ? 2 * st->log_max : FIRST_ACCOUNTS;
        struct state_log *p = realloc(st->log, max * sizeof *p);
        if (p == NULL) {
            state_fail(st, E_NOMEM);
            return;
        }
        st->log = p;
        st->log_max = max;
    }
    struct state_log *l = &st->log[st->log_n];
    *l = *log;
    l->data = arena_dup(&st->log_memory, log->data);
    if (l->data.p == NULL && log->data.n > 0) {
        state_fail(st, E_NOMEM);
        return;
    }
    st->log_n++;
}
