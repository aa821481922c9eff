/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes of a trie by path in a sorted array, with the order and the contents of puts checked. */
#ifndef EHRD_TESTS_MEMSTORE_H
#define EHRD_TESTS_MEMSTORE_H

#include "trie/commit.h"

struct memrow;

struct memstore {
    struct trie_store base;
    struct memrow *row;
    size_t n;
    size_t max;
    size_t gets;
    bool bad; /* a put that breaks the interface's word was seen */
    uint8_t last[TRIE_PATH_MAX];
    size_t last_n;
    bool has_last; /* set to false between operations */
};

void memstore_init(struct memstore *m);
void memstore_done(struct memstore *m);
/* Hold the same nodes under the same paths. */
bool memstore_eq(const struct memstore *a, const struct memstore *b);

#endif
