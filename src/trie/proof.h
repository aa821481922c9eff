/* SPDX-License-Identifier: Apache-2.0 */
/* Verification of Merkle Patricia proofs (Yellow Paper, appendix D) as eth_getProof gives them.
 *
 * A proof is the list of RLP nodes on the way from the root to the key, root first; nodes of fewer
 * than 32 bytes are embedded in their parent and not listed. The check is strict: every node is
 * canonical and hashes to the reference it was reached by, and none is left over. So whatever is
 * accepted is what the trie with that root holds, or provably does not hold. */
#ifndef EHRD_TRIE_PROOF_H
#define EHRD_TRIE_PROOF_H

#include "num/u256.h"

#define TRIE_KEY_MAX 64u /* bytes of a key */

extern const hash32 trie_empty_root; /* keccak256(0x80) */
extern const hash32 trie_empty_code; /* keccak256("") */

struct trie_account {
    uint64_t nonce;
    u256 balance;
    hash32 storage_root;
    hash32 code_hash;
};

/* Look key up in the trie of this root.
 * nodes: borrowed; none, or the one byte 0x80, for the empty trie. ret_value: what is stored,
 * borrowed from nodes and not empty; .p == NULL when the proof shows that the key is absent.
 * OK | E_MISMATCH (a node's hash) | E_MISSING (ends too early) | E_TRAILING (a node too many) |
 * E_NOT_CANONICAL | E_TOO_LONG (key) | statuses of rlp_read. The message names the node. */
status trie_proof_value(const hash32 *root, slice key, const slice *nodes, size_t nodes_n,
                        slice *ret_value, struct err *reterr) MUST_USE;

/* The account of an address (its key is keccak256(address)). When it is absent *ret_exists is false
 * and *ret is an empty account. As trie_proof_value, and the statuses of a malformed leaf. */
status trie_proof_account(const hash32 *state_root, const addr20 *address, const slice *nodes,
                          size_t nodes_n, bool *ret_exists, struct trie_account *ret,
                          struct err *reterr) MUST_USE;
/* The word in a storage slot (its key is keccak256(slot)); zero when absent. */
status trie_proof_slot(const hash32 *storage_root, const hash32 *slot, const slice *nodes,
                       size_t nodes_n, u256 *ret_word, struct err *reterr) MUST_USE;

/* What a leaf of the state trie holds: RLP of [nonce, balance, storageRoot, codeHash].
 * OK | RLP statuses. */
status trie_account_read(slice leaf, struct trie_account *ret, struct err *reterr) MUST_USE;
/* What a leaf of a storage trie holds: RLP of a number > 0. OK | RLP statuses | E_NOT_CANONICAL. */
status trie_word_read(slice leaf, u256 *ret, struct err *reterr) MUST_USE;

#endif
