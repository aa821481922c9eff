/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks in memory, for tests of importer and reader. */
#ifndef EHRD_TESTS_MEMSTORE_H
#define EHRD_TESTS_MEMSTORE_H

#include "ipfs/block.h"
#include "test.h"

struct memblock {
    struct cid cid;
    uint8_t *p;
    size_t n;
};

struct memstore {
    struct memblock *blocks;
    size_t n;
    size_t reads;
};

static inline status memstore_put(void *ctx, const struct cid *cid, slice block, struct err *reterr)
{
    struct memstore *m = ctx;
    (void)reterr;
    m->blocks = realloc(m->blocks, (m->n + 1) * sizeof *m->blocks);
    struct memblock *b = &m->blocks[m->n++];
    b->cid = *cid;
    b->n = block.n;
    b->p = malloc(block.n + 1);
    if (block.n > 0)
        memcpy(b->p, block.p, block.n);
    return OK;
}

static inline status memstore_get(void *ctx, const struct cid *cid, struct buf *ret,
                                  struct err *reterr)
{
    struct memstore *m = ctx;
    for (size_t i = 0; i < m->n; i++) {
        if (cid_eq(&m->blocks[i].cid, cid)) {
            m->reads++;
            buf_clear(ret);
            return buf_put_mem(ret, m->blocks[i].p, m->blocks[i].n);
        }
    }
    return ERR(reterr, E_NOT_FOUND, "no such block");
}

static inline void memstore_done(struct memstore *m)
{
    for (size_t i = 0; i < m->n; i++)
        free(m->blocks[i].p);
    free(m->blocks);
    *m = (struct memstore){0};
}

#endif
