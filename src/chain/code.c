/* SPDX-License-Identifier: Apache-2.0 */
/* An open-addressing table; hashes are their own hash. */
#include "chain/code.h"

#include <stdlib.h>

#include "crypto/keccak.h"
#include "trie/proof.h"

#define FIRST_MAX 64u

const struct code code_none = {
    .hash = {{0xc5, 0xd2, 0x46, 0x01, 0x86, 0xf7, 0x23, 0x3c, 0x92, 0x7e, 0x7d,
              0xb2, 0xdc, 0xc7, 0x03, 0xc0, 0xe5, 0x00, 0xb6, 0x53, 0xca, 0x82,
              0x27, 0x3b, 0x7b, 0xfa, 0xd8, 0x04, 0x5d, 0x85, 0xa4, 0x70}}};

static size_t index_of(const hash32 *hash)
{
    size_t i;
    memcpy(&i, hash->b, sizeof i);
    return i;
}

static struct code **find_slot(const struct code_cache *c, const hash32 *hash)
{
    size_t i = index_of(hash) & (c->max - 1);
    while (c->slot[i] != NULL && !hash32_eq(c->slot[i]->hash, *hash))
        i = (i + 1) & (c->max - 1);
    return &c->slot[i];
}

void code_cache_init(struct code_cache *c)
{
    *c = (struct code_cache){.cap = CODE_CACHE_BYTES};
}

static void empty(struct code_cache *c)
{
    for (size_t i = 0; i < c->max; i++) {
        if (c->slot[i] == NULL)
            continue;
        evm_code_free(c->slot[i]->ready);
        free(c->slot[i]);
    }
    free(c->slot);
    *c = (struct code_cache){.cap = c->cap, .users = c->users};
}

void code_cache_done(struct code_cache *c)
{
    empty(c);
    code_cache_init(c);
}

void code_cache_begin(struct code_cache *c)
{
    if (c->users == 0 && c->bytes > c->cap)
        empty(c);
    c->users++;
}

void code_cache_end(struct code_cache *c)
{
    c->users -= c->users > 0;
}

const struct code *code_cache_find(const struct code_cache *c, const hash32 *hash)
{
    if (hash32_eq(*hash, code_none.hash))
        return &code_none;
    return c->max > 0 ? *find_slot(c, hash) : NULL;
}

/* Keep at least half of the slots free. */
static bool grow(struct code_cache *c)
{
    if (2 * (c->n + 1) <= c->max)
        return true;
    struct code_cache bigger = *c;
    bigger.max = c->max > 0 ? 2 * c->max : FIRST_MAX;
    bigger.slot = calloc(bigger.max, sizeof(struct code *));
    if (bigger.slot == NULL)
        return false;
    for (size_t i = 0; i < c->max; i++)
        if (c->slot[i] != NULL)
            *find_slot(&bigger, &c->slot[i]->hash) = c->slot[i];
    free(c->slot);
    *c = bigger;
    return true;
}

const struct code *code_cache_put(struct code_cache *c, slice bytes)
{
    hash32 hash;
    keccak256(bytes, &hash);
    const struct code *known = code_cache_find(c, &hash);
    if (known != NULL)
        return known;
    struct code *code = calloc(1, sizeof *code);
    struct evm_code *ready = evm_code_new(bytes);
    if (code == NULL || ready == NULL || !grow(c)) {
        free(code);
        evm_code_free(ready);
        return NULL;
    }
    *code = (struct code){hash, slice_of(ready->bytes, ready->n), ready};
    *find_slot(c, &hash) = code;
    c->n++;
    c->bytes += sizeof *code + bytes.n + bytes.n / 8 + 2 * sizeof *c->slot;
    return code;
}
