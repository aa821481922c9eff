/* SPDX-License-Identifier: Apache-2.0 */
/* A small state in plain arrays, with blocks made from a seed, to compare the store with. */
#ifndef EHRD_TESTS_STATEMODEL_H
#define EHRD_TESTS_STATEMODEL_H

#include "chain/store.h"

#define MODEL_ACCOUNTS 24u
#define MODEL_SLOTS 48u

struct model_account {
    bool exists;
    uint64_t nonce;
    uint64_t balance;
    uint8_t code; /* 0: none; else the code is this one byte */
    uint64_t slot[MODEL_SLOTS];
};

struct model {
    struct model_account account[MODEL_ACCOUNTS];
};

addr20 model_address(unsigned i);
/* A small number's word; some slots of the model hold words of 32 bytes. */
u256 model_word(uint64_t v);
hash32 model_code_hash(uint8_t code);

/* What block changes in every run with this seed; memory is a's. */
void model_block(uint64_t seed, uint64_t block, struct arena *a, struct store_change **ret,
                 size_t *ret_n);
/* Do the same to m. */
void model_apply(struct model *m, uint64_t seed, uint64_t block);
/* The root by trie_root. */
hash32 model_root(const struct model *m);
/* All of m, in order of keys: slots of account i are from slot_at[i] to slot_at[i + 1]. */
struct model_source {
    struct store_source base;
    struct arena *a;
    struct store_change *change;
    size_t n;
    size_t at;
    size_t slot_at;
};
void model_source_init(struct model_source *src, const struct model *m, struct arena *a);

#endif
