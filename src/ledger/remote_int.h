/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of the remote adapter: requests into JSON-RPC calls, answers and errors back. */
#ifndef EHRD_LEDGER_REMOTE_INT_H
#define EHRD_LEDGER_REMOTE_INT_H

#include "codec/json.h"
#include "ledger/ledger.h"
#include "trie/header.h"

#define REMOTE_CALLS_MAX (3u * LEDGER_BATCH_MAX) /* JSON-RPC calls of one exchange */

/* The answer to one call: either result or error stands. */
struct remote_answer {
    bool seen;
    struct json result;
    struct json error;
};

/* How many calls a request needs, and their methods: block first for proofs. */
size_t remote_put_count(const struct ledger_req *req);
/* Write call `part` of a request with this id. */
void remote_put_call(struct jw *w, const struct ledger_req *req, size_t part, uint64_t id);

/* Fill st, err and out of req from the answers to its calls; a is the arena of the run. now_s: the
 * clock, for the age of blocks. */
void remote_read(struct ledger_req *req, const struct remote_answer *ans, uint64_t now_s,
                 struct arena *a);

/* A block of eth_getBlockBy…; E_NOT_FOUND for null, E_MISMATCH when it does not hash to its hash or
 * is not the one asked for. */
status remote_block_read(struct json v, struct ledger_at at, uint64_t now_s,
                         struct ledger_block *ret, struct err *reterr) MUST_USE;
/* Its fields as a header, unverified; ret->extra is in the document's arena. */
status remote_block_header(struct json v, struct block_header *ret, hash32 *ret_hash,
                           struct err *reterr) MUST_USE;
/* The answer of eth_getProof, proved against block->state_root. */
status remote_proof_read(struct json v, const struct ledger_req *req,
                         const struct ledger_block *block, struct arena *a,
                         struct ledger_proof *ret, struct err *reterr) MUST_USE;
status remote_receipt_read(struct json v, const hash32 *tx, struct arena *a,
                           struct ledger_receipt *ret, struct err *reterr) MUST_USE;
status remote_tx_read(struct json v, const hash32 *hash, struct arena *a, struct ledger_tx *ret,
                      struct err *reterr) MUST_USE;
/* An array of logs that all satisfy f (may be NULL), in chain order. */
status remote_logs_read(struct json v, const struct ledger_filter *f, struct arena *a,
                        struct ledger_log **ret, size_t *ret_n, struct err *reterr) MUST_USE;

/* Is block `number` with this hash signed by the authority? One question to the node.
 * OK | E_MISMATCH (no, or it has another block) | the ledger's. */
status remote_seal_check(struct ledger *l, uint64_t chain, const addr20 *authority, uint64_t number,
                         const hash32 *hash, struct err *reterr) MUST_USE;

/* What an error object of a node means for a request of this kind. *ret_revert: the revert data in
 * the arena of the document, for E_REVERTED. *ret_known: the node had the transaction already. */
status remote_error_read(struct json error, enum ledger_kind kind, slice *ret_revert,
                         bool *ret_known, struct err *reterr) MUST_USE;

#endif
