/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes in memory. */
#include "memstore.h"

#include <stdlib.h>

struct memrow {
    uint8_t path[TRIE_PATH_MAX];
    size_t path_n;
    uint8_t *node;
    size_t node_n;
};

static int path_cmp(const uint8_t *a, size_t an, const uint8_t *b, size_t bn)
{
    size_t n = an < bn ? an : bn;
    int c = n > 0 ? memcmp(a, b, n) : 0;
    return c != 0 ? c : (an < bn) - (an > bn);
}

static size_t find(const struct memstore *m, slice path, bool *ret_there)
{
    size_t lo = 0;
    size_t hi = m->n;
    *ret_there = false;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        int c = path_cmp(m->row[mid].path, m->row[mid].path_n, path.p, path.n);
        if (c == 0) {
            *ret_there = true;
            return mid;
        }
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static status get(struct trie_store *t, slice path, slice *ret, struct err *reterr)
{
    struct memstore *m = (struct memstore *)t;
    bool there;
    (void)reterr;
    size_t i = find(m, path, &there);
    m->gets++;
    if (!there)
        return E_NOT_FOUND;
    *ret = slice_of(m->row[i].node, m->row[i].node_n);
    return OK;
}

static void insert(struct memstore *m, size_t i, slice path)
{
    if (m->n == m->max) {
        m->max = m->max > 0 ? 2 * m->max : 64;
        m->row = realloc(m->row, m->max * sizeof *m->row);
        if (m->row == NULL)
            abort();
    }
    memmove(&m->row[i + 1], &m->row[i], (m->n - i) * sizeof *m->row);
    m->n++;
    m->row[i] = (struct memrow){.path_n = path.n};
    if (path.n > 0)
        memcpy(m->row[i].path, path.p, path.n);
}

/* What the interface promises of a put. */
static void check_put(struct memstore *m, slice path, slice before, slice node, const slice *was)
{
    slice old = was != NULL ? *was : SLICE_EMPTY;
    if (!slice_eq(before, old) || slice_eq(node, old) || (path.n > 0 && node.n > 0 && node.n < 32))
        m->bad = true;
    if (m->has_last && path_cmp(m->last, m->last_n, path.p, path.n) >= 0)
        m->bad = true;
    m->has_last = true;
    m->last_n = path.n;
    if (path.n > 0)
        memcpy(m->last, path.p, path.n);
}

static status put(struct trie_store *t, slice path, slice before, slice node, struct err *reterr)
{
    struct memstore *m = (struct memstore *)t;
    bool there;
    (void)reterr;
    size_t i = find(m, path, &there);
    slice was = there ? slice_of(m->row[i].node, m->row[i].node_n) : SLICE_EMPTY;
    check_put(m, path, before, node, there ? &was : NULL);
    if (node.n == 0) {
        if (!there)
            return OK;
        free(m->row[i].node);
        memmove(&m->row[i], &m->row[i + 1], (m->n - i - 1) * sizeof *m->row);
        m->n--;
        return OK;
    }
    if (!there)
        insert(m, i, path);
    uint8_t *copy = malloc(node.n);
    if (copy == NULL)
        return E_NOMEM;
    memcpy(copy, node.p, node.n);
    free(m->row[i].node);
    m->row[i].node = copy;
    m->row[i].node_n = node.n;
    return OK;
}

void memstore_init(struct memstore *m)
{
    static const struct trie_store_ops ops = {get, put};
    *m = (struct memstore){.base.ops = &ops};
}

void memstore_done(struct memstore *m)
{
    for (size_t i = 0; i < m->n; i++)
        free(m->row[i].node);
    free(m->row);
}

bool memstore_eq(const struct memstore *a, const struct memstore *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++) {
        const struct memrow *x = &a->row[i];
        const struct memrow *y = &b->row[i];
        if (path_cmp(x->path, x->path_n, y->path, y->path_n) != 0 ||
            !slice_eq(slice_of(x->node, x->node_n), slice_of(y->node, y->node_n)))
            return false;
    }
    return true;
}
