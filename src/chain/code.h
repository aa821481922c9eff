/* SPDX-License-Identifier: Apache-2.0 */
/* Contract code by hash, analysed once and kept. One thread owns a cache.
 *
 * A cache that holds more than its cap is emptied when a state begins to use it and no other state
 * does: until then all that was found stays valid. */
#ifndef EHRD_CHAIN_CODE_H
#define EHRD_CHAIN_CODE_H

#include "evm/evm.h"

struct code {
    hash32 hash;
    slice bytes; /* owned by the cache */
    struct evm_code *ready;
};

#define CODE_CACHE_BYTES ((size_t)64 << 20) /* cap unless another is set */

struct code_cache {
    struct code **slot; /* open addressing by hash */
    size_t n;
    size_t max; /* a power of two, or 0 */
    size_t bytes;
    size_t cap;
    unsigned users; /* states that may hold what was found */
};

/* The code of accounts without code. */
extern const struct code code_none;

void code_cache_init(struct code_cache *c);
void code_cache_done(struct code_cache *c);
/* Around the life of a state; begin may empty the cache. */
void code_cache_begin(struct code_cache *c);
void code_cache_end(struct code_cache *c);
/* NULL: not there. Borrowed until code_cache_done, or until code_cache_begin without a user. */
const struct code *code_cache_find(const struct code_cache *c, const hash32 *hash);
/* Add bytes (copied) if they are not there yet. NULL: out of memory. */
const struct code *code_cache_put(struct code_cache *c, slice bytes) MUST_USE;

#endif
