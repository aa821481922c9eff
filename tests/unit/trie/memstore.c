/* SPDX-License-Identifier: Apache-2.0 */
/* Rows in memory. */
#include "memstore.h"

#include <stdlib.h>

#include "trie/commit_node.h"

static bool is_there(const struct memstore *m, uint64_t place)
{
    return place > 0 && place < m->n && m->row[place].row != NULL;
}

static status get(struct trie_store *t, uint64_t place, slice *ret, struct err *reterr)
{
    struct memstore *m = (struct memstore *)t;
    (void)reterr;
    m->gets++;
    if (!is_there(m, place))
        return E_NOT_FOUND;
    *ret = slice_of(m->row[place].row, m->row[place].n);
    return OK;
}

static status put(struct trie_store *t, slice row, uint64_t *ret, struct err *reterr)
{
    struct memstore *m = (struct memstore *)t;
    (void)reterr;
    if (m->n == m->max) {
        m->max *= 2;
        m->row = realloc(m->row, m->max * sizeof *m->row);
        if (m->row == NULL)
            abort();
    }
    struct memrow *r = &m->row[m->n];
    *r = (struct memrow){malloc(row.n), row.n, false};
    if (r->row == NULL)
        return E_NOMEM;
    memcpy(r->row, row.p, row.n);
    *ret = m->n++;
    return OK;
}

/* Only what earlier operations put may be dropped, once. */
static status drop(struct trie_store *t, uint64_t place, struct err *reterr)
{
    struct memstore *m = (struct memstore *)t;
    (void)reterr;
    if (!is_there(m, place) || m->row[place].dropped || place >= m->settled)
        m->bad = true;
    else
        m->row[place].dropped = true;
    return OK;
}

void memstore_init(struct memstore *m)
{
    static const struct trie_store_ops ops = {get, put, drop};
    *m = (struct memstore){.base.ops = &ops, .n = 1, .max = 64, .settled = 1};
    m->row = calloc(m->max, sizeof *m->row);
    if (m->row == NULL)
        abort();
}

void memstore_done(struct memstore *m)
{
    for (size_t i = 0; i < m->n; i++)
        free(m->row[i].row);
    free(m->row);
}

void memstore_prune(struct memstore *m)
{
    for (size_t i = 1; i < m->n; i++) {
        if (!m->row[i].dropped)
            continue;
        free(m->row[i].row);
        m->row[i] = (struct memrow){0};
    }
}

size_t memstore_live(const struct memstore *m)
{
    size_t live = 0;
    for (size_t i = 1; i < m->n; i++)
        live += m->row[i].row != NULL && !m->row[i].dropped;
    return live;
}

/* The node's rows and those below it. */
static size_t reach(struct memstore *m, uint64_t place)
{
    struct node n;
    slice rlp;
    if (row_load(&m->base, place, &n, &rlp, NULL) != OK)
        abort();
    size_t rows = n.kind == NODE_BRANCH && n.whole != n.row ? 2 : 1;
    size_t kids = n.kind == NODE_BRANCH ? 16 : n.kind == NODE_EXT ? 1 : 0;
    for (size_t i = 0; i < kids; i++)
        if (node_ref_hash(&n.child[i]) != NULL)
            rows += reach(m, n.child[i].place);
    return rows;
}

size_t memstore_reach(struct memstore *m, const struct trie_top *top)
{
    return top->place != 0 ? reach(m, top->place) : 0;
}
