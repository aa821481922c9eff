/* SPDX-License-Identifier: Apache-2.0 */
/* Trie proofs over any nodes: 32 bytes of key, then nodes as two bytes of length and the node. The
 * root is the hash of the first node, so that the walk begins. Also headers and leaves. */
#include <stdlib.h>

#include "crypto/keccak.h"
#include "trie/header.h"
#include "trie/proof.h"

#define NODES_MAX 16u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static bool inside(slice s, slice node)
{
    return s.p >= node.p && s.p + s.n <= node.p + node.n;
}

static void fuzz_header(slice in)
{
    struct block_header h;
    struct buf again;
    hash32 hash;
    if (header_read(in, &h, NULL) != OK)
        return;
    buf_init(&again, (size_t)1 << 20);
    check(header_put(&h, &again) == OK && slice_eq(buf_slice(&again), in));
    status s = header_hash_qbft(&h, &hash);
    check(s == OK || s == E_UNSUPPORTED);
    buf_done(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice in = slice_of(data, size);
    slice rest = slice_after(in, 32);
    slice nodes[NODES_MAX];
    size_t n = 0;
    slice value;
    struct trie_account account;
    u256 word;
    fuzz_header(in);
    if (trie_word_read(in, &word, NULL) == OK)
        check(!u256_is_zero(word) && trie_account_read(in, &account, NULL) != OK);
    else if (trie_account_read(in, &account, NULL) == OK)
        check(in.n >= 68);
    while (n < NODES_MAX && rest.n >= 2) {
        size_t len = (size_t)rest.p[0] << 8 | rest.p[1];
        nodes[n++] = slice_first(slice_after(rest, 2), len);
        rest = slice_after(rest, 2 + len);
    }
    if (n == 0)
        return 0;
    hash32 root;
    keccak256(nodes[0], &root);
    if (trie_proof_value(&root, slice_first(in, 32), nodes, n, &value, NULL) == OK &&
        value.p != NULL)
        check(value.n > 0 && inside(value, nodes[n - 1]));
    return 0;
}
