/* SPDX-License-Identifier: Apache-2.0 */
/* A Merkle Patricia trie built straight from its definition, to compare the proof check with. It
 * has its own RLP writer, so that it shares nothing with the code under test but keccak. */
#ifndef EHRD_TESTS_NAIVE_TRIE_H
#define EHRD_TESTS_NAIVE_TRIE_H

#include "base/arena.h"

#define NAIVE_PROOF_MAX 130u

struct naive_pair {
    uint8_t nibble[128];
    size_t n;
    slice value; /* borrowed */
};

struct naive_proof {
    slice node[NAIVE_PROOF_MAX]; /* root first */
    size_t n;
};

void naive_key(slice key, struct naive_pair *ret);
/* The root over n pairs with different keys, and the proof of target (NULL: none wanted). */
hash32 naive_root(const struct naive_pair *pairs, size_t n, const struct naive_pair *target,
                  struct arena *a, struct naive_proof *ret_proof);
/* RLP of a string, and of a list whose items are given already encoded and joined. */
slice naive_str(struct arena *a, slice s);
slice naive_list(struct arena *a, slice items);
slice naive_cat(struct arena *a, slice x, slice y);
/* Hex prefix encoding (Yellow Paper, appendix C). */
slice naive_hex_prefix(struct arena *a, const uint8_t *nibble, size_t n, bool leaf);

#endif
