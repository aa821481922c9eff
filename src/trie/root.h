/* SPDX-License-Identifier: Apache-2.0 */
/* Root of a Merkle Patricia trie (Yellow Paper, appendix D) made at once from sorted pairs. */
#ifndef EHRD_TRIE_ROOT_H
#define EHRD_TRIE_ROOT_H

#include "base/slice.h"
#include "base/status.h"

struct trie_pair {
    slice key;      /* borrowed, at most TRIE_KEY_MAX bytes */
    slice value;    /* borrowed, not empty */
    uint64_t place; /* stored tries only: see trie/commit.h */
};

/* < 0, 0, > 0 as a's key stands before, equals or follows b's. For qsort; the order trie_root
 * wants. */
int trie_pair_cmp(const void *a, const void *b);

/* Root of the trie that holds these n pairs; trie_empty_root for none.
 * OK | E_TOO_LONG (a key) | E_RANGE (not strictly ascending, or an empty value) | E_NOMEM. */
status trie_root(const struct trie_pair *pairs, size_t n, hash32 *ret) MUST_USE;

/* Root of the trie of a list: the i-th value under the key RLP(i), as transactions, receipts and
 * withdrawals are committed to. As trie_root. */
status trie_root_list(const slice *values, size_t n, hash32 *ret) MUST_USE;

#endif
