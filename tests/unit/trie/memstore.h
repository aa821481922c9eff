/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of tries in memory, with what the interface promises of puts and drops checked. */
#ifndef EHRD_TESTS_MEMSTORE_H
#define EHRD_TESTS_MEMSTORE_H

#include "trie/commit.h"

struct memrow {
    uint8_t *row; /* NULL: removed */
    size_t n;
    bool dropped;
};

struct memstore {
    struct trie_store base;
    struct memrow *row; /* by place; the first is not used */
    size_t n;
    size_t max;
    size_t settled; /* rows of finished operations; set it between two */
    size_t gets;
    bool bad; /* a call that breaks the interface's word was seen */
};

void memstore_init(struct memstore *m);
void memstore_done(struct memstore *m);
/* Remove the rows that were dropped: no version but the last is readable then. */
void memstore_prune(struct memstore *m);
/* How many rows the version leads to; each is there. */
size_t memstore_reach(struct memstore *m, const struct trie_top *top);
/* Rows that are there and were not dropped. */
size_t memstore_live(const struct memstore *m);

#endif
