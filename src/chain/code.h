/* SPDX-License-Identifier: Apache-2.0 */
/* Contract code by hash, analysed once and kept. One thread owns a cache. */
#ifndef EHRD_CHAIN_CODE_H
#define EHRD_CHAIN_CODE_H

#include "evm/evm.h"

struct code {
    hash32 hash;
    slice bytes; /* owned by the cache */
    struct evm_code *ready;
};

struct code_cache {
    struct code **slot; /* open addressing by hash */
    size_t n;
    size_t max; /* a power of two, or 0 */
};

/* The code of accounts without code. */
extern const struct code code_none;

void code_cache_init(struct code_cache *c);
void code_cache_done(struct code_cache *c);
/* NULL: not there. Borrowed until code_cache_done. */
const struct code *code_cache_find(const struct code_cache *c, const hash32 *hash);
/* Add bytes (copied) if they are not there yet. NULL: out of memory. */
const struct code *code_cache_put(struct code_cache *c, slice bytes) MUST_USE;

#endif
