/* SPDX-License-Identifier: Apache-2.0 */
/* Entries are undone from the last to the mark. */
#include "chain/journal.h"

#include <stdlib.h>

#define FIRST_ENTRIES 256u

enum journal_kind {
    J_HEAD, /* the top of state.heads */
    J_WARM, /* account was cold */
    J_SLOT, /* old value */
    J_WARM_SLOT,
    J_STORAGE, /* old table */
};

struct journal_entry {
    enum journal_kind kind;
    struct account *account;
    struct slot *slot;
    union {
        u256 old;
        struct {
            struct slot_table slots;
            bool root_known;
        } storage;
    } was;
    hash32 root; /* J_STORAGE */
};

static struct journal_entry *add(struct state *st, enum journal_kind kind)
{
    if (st->journal_n == st->journal_max) {
        size_t max = st->journal_max > 0 ? 2 * st->journal_max : FIRST_ENTRIES;
        struct journal_entry *p = realloc(st->journal, max * sizeof *p);
        if (p == NULL) {
            state_fail(st, E_NOMEM);
            return NULL;
        }
        st->journal = p;
        st->journal_max = max;
    }
    struct journal_entry *e = &st->journal[st->journal_n++];
    e->kind = kind;
    e->account = NULL;
    e->slot = NULL;
    return e;
}

static bool heads_grow(struct state *st)
{
    if (st->heads_n < st->heads_max)
        return true;
    size_t max = st->heads_max > 0 ? 2 * st->heads_max : FIRST_ENTRIES;
    struct account_head *p = realloc(st->heads, max * sizeof *p);
    if (p == NULL) {
        state_fail(st, E_NOMEM);
        return false;
    }
    st->heads = p;
    st->heads_max = max;
    return true;
}

void journal_head(struct state *st, struct account *a)
{
    if (!heads_grow(st))
        return;
    struct journal_entry *e = add(st, J_HEAD);
    if (e == NULL)
        return;
    e->account = a;
    st->heads[st->heads_n++] = a->head;
}

void journal_warm(struct state *st, struct account *a)
{
    struct journal_entry *e = add(st, J_WARM);
    if (e != NULL)
        e->account = a;
}

void journal_slot(struct state *st, struct account *a, struct slot *s)
{
    struct journal_entry *e = add(st, J_SLOT);
    if (e == NULL)
        return;
    e->account = a;
    e->slot = s;
    e->was.old = s->v.current;
}

void journal_warm_slot(struct state *st, struct slot *s)
{
    struct journal_entry *e = add(st, J_WARM_SLOT);
    if (e != NULL)
        e->slot = s;
}

void journal_storage(struct state *st, struct account *a)
{
    struct journal_entry *e = add(st, J_STORAGE);
    if (e == NULL)
        return;
    e->account = a;
    e->was.storage.slots = a->slots;
    e->was.storage.root_known = a->root_known;
    e->root = a->storage_root;
    a->slots = (struct slot_table){.slot = NULL};
}

/* The account that the RIPEMD-160 contract has. When Spurious Dragon cleared the state, a call of
 * it ran out of gas, yet the main network removed the account: its touch is never undone. */
static bool touch_stays(const struct account *a)
{
    static const addr20 ripemd = {.b = {[19] = 3}};
    return addr20_eq(a->addr, ripemd);
}

static void undo_head(struct state *st, struct account *a)
{
    uint32_t touched = a->head.touched;
    const struct account_head *old = &st->heads[--st->heads_n];
    if (!hash32_eq(a->head.code_hash, old->code_hash))
        a->code = NULL;
    a->head = *old;
    if (touch_stays(a))
        a->head.touched = touched;
}

static void undo_storage(const struct journal_entry *e)
{
    struct account *a = e->account;
    free(a->slots.slot);
    a->slots = e->was.storage.slots;
    a->root_known = e->was.storage.root_known;
    a->storage_root = e->root;
}

static void undo(struct state *st, const struct journal_entry *e)
{
    switch (e->kind) {
    case J_HEAD:
        undo_head(st, e->account);
        break;
    case J_WARM:
        e->account->warm = 0;
        break;
    case J_SLOT:
        e->slot->v.current = e->was.old;
        if (e->account != NULL)
            e->account->root_known = false;
        break;
    case J_WARM_SLOT:
        e->slot->warm = 0;
        break;
    case J_STORAGE:
        undo_storage(e);
        break;
    }
}

struct state_mark state_mark(const struct state *st)
{
    return (struct state_mark){st->journal_n, st->log_n};
}

void state_revert(struct state *st, struct state_mark m)
{
    while (st->journal_n > m.journal)
        undo(st, &st->journal[--st->journal_n]);
    if (st->log_n > m.log)
        st->log_n = m.log;
}

void state_keep(struct state *st)
{
    for (size_t i = 0; i < st->journal_n; i++)
        if (st->journal[i].kind == J_STORAGE)
            free(st->journal[i].was.storage.slots.slot);
    st->journal_n = 0;
    st->heads_n = 0;
}

void journal_done(struct state *st)
{
    state_keep(st);
    free(st->journal);
    free(st->heads);
    st->journal = NULL;
    st->heads = NULL;
}
