/* SPDX-License-Identifier: Apache-2.0 */
/* The typed functions of the ledger port over an adapter's batch run. */
#include "ledger/ledger.h"

#include <stdatomic.h>

#include "base/limits.h"
#include "base/sysio.h"

#define WAIT_LOOK_MS 250u /* longest sleep between two looks at a receipt, or at the head */
#define HEAD_LOOKS 9u     /* at a head that is older than one of before: two seconds */

void ledger_close(struct ledger *l)
{
    if (l != NULL)
        l->ops->close(l);
}

status ledger_run(struct ledger *l, struct ledger_req *reqs, size_t n, struct arena *a,
                  struct err *reterr)
{
    if (n > LEDGER_BATCH_MAX)
        return ERR(reterr, E_TOO_LONG, "ledger batch of %zu requests", n);
    if (n == 0)
        return OK;
    return l->ops->run(l, reqs, n, a, reterr);
}

status ledger_fault(const struct ledger *l, status s, struct err *reterr)
{
    if (s > 0 || (s == E_CORRUPT && !l->is_own))
        return err_prefix(reterr, E_UNAVAILABLE, "ledger");
    return s;
}

/* Run one request; its own status is the result. */
static status run_one(struct ledger *l, struct ledger_req *req, struct arena *a, struct err *reterr)
{
    status s = ledger_run(l, req, 1, a, reterr);
    if (s == OK && req->st != OK && reterr != NULL)
        *reterr = req->err;
    return s == OK ? req->st : s;
}

/* The same for answers that borrow nothing. */
static status run_flat(struct ledger *l, struct ledger_req *req, struct err *reterr)
{
    struct arena a;
    arena_init(&a, LIMIT_RPC_ANSWER, false);
    status s = run_one(l, req, &a, reterr);
    arena_done(&a);
    return s;
}

/* The same for answers that are bytes; on E_REVERTED they are the revert data. */
static status run_bytes(struct ledger *l, struct ledger_req *req, struct buf *ret,
                        struct err *reterr)
{
    struct arena a;
    arena_init(&a, LIMIT_RPC_ANSWER, false);
    status s = run_one(l, req, &a, reterr);
    bool reverted = s == E_REVERTED;
    if ((s == OK || reverted) && ret != NULL) {
        buf_clear(ret);
        status put = buf_put(ret, req->out.data);
        if (put != OK)
            s = ERR(reterr, put, "answer of %zu bytes does not fit", req->out.data.n);
    }
    arena_done(&a);
    return s;
}

status ledger_chain_id(struct ledger *l, uint64_t *ret_id, struct err *reterr)
{
    struct ledger_req req = {.kind = LEDGER_CHAIN_ID};
    status s = run_flat(l, &req, reterr);
    if (s == OK)
        *ret_id = req.out.number;
    return s;
}

status ledger_block_get(struct ledger *l, struct ledger_at at, struct ledger_block *ret_block,
                        struct err *reterr)
{
    struct ledger_req req = {.kind = LEDGER_BLOCK, .at = at};
    status s = run_flat(l, &req, reterr);
    if (s == OK)
        *ret_block = req.out.block;
    return s;
}

status ledger_head(struct ledger *l, struct ledger_block *ret_head, struct err *reterr)
{
    return ledger_block_get(l, LEDGER_LATEST, ret_head, reterr);
}

status ledger_head_fresh(struct ledger *l, struct ledger_block *ret_head, struct err *reterr)
{
    struct ledger_req reqs[2] = {{.kind = LEDGER_BLOCK, .at = LEDGER_LATEST},
                                 {.kind = LEDGER_SYNCING}};
    struct arena a;
    arena_init(&a, LIMIT_RPC_ANSWER, false);
    status s = ledger_run(l, reqs, 2, &a, reterr);
    arena_done(&a);
    if (s != OK)
        return s;
    for (size_t i = 0; i < 2; i++) {
        if (reqs[i].st != OK && reterr != NULL)
            *reterr = reqs[i].err;
        if (reqs[i].st != OK)
            return reqs[i].st;
    }
    const struct ledger_block *head = &reqs[0].out.block;
    if (reqs[1].out.number != 0)
        return ERR(reterr, E_STALE, "the node is still syncing at block %llu",
                   (unsigned long long)head->number);
    if (l->max_age_s != 0 && head->age_s > l->max_age_s)
        return ERR(reterr, E_STALE, "head block %llu is %llu s old (allowed: %llu)",
                   (unsigned long long)head->number, (unsigned long long)head->age_s,
                   (unsigned long long)l->max_age_s);
    *ret_head = *head;
    return OK;
}

status ledger_call(struct ledger *l, const struct ledger_call *call, struct ledger_at at,
                   struct buf *ret, struct err *reterr)
{
    struct ledger_req req = {.kind = LEDGER_CALL, .at = at, .in.call = *call};
    return run_bytes(l, &req, ret, reterr);
}

status ledger_estimate(struct ledger *l, const struct ledger_call *call, uint64_t *ret_gas,
                       struct buf *ret_revert, struct err *reterr)
{
    struct ledger_req req = {.kind = LEDGER_ESTIMATE, .in.call = *call};
    struct arena a;
    arena_init(&a, LIMIT_RPC_ANSWER, false);
    status s = run_one(l, &req, &a, reterr);
    if (s == OK)
        *ret_gas = req.out.number;
    if (s == E_REVERTED && ret_revert != NULL) {
        buf_clear(ret_revert);
        status put = buf_put(ret_revert, req.out.data);
        if (put != OK)
            s = ERR(reterr, put, "revert data of %zu bytes does not fit", req.out.data.n);
    }
    arena_done(&a);
    return s;
}

status ledger_nonce(struct ledger *l, const addr20 *address, struct ledger_at at,
                    uint64_t *ret_nonce, struct err *reterr)
{
    struct ledger_req req = {.kind = LEDGER_NONCE, .at = at, .in.address = *address};
    status s = run_flat(l, &req, reterr);
    if (s == OK)
        *ret_nonce = req.out.number;
    return s;
}

status ledger_balance(struct ledger *l, const addr20 *address, struct ledger_at at, u256 *ret_wei,
                      struct err *reterr)
{
    struct ledger_req req = {.kind = LEDGER_BALANCE, .at = at, .in.address = *address};
    status s = run_flat(l, &req, reterr);
    if (s == OK)
        *ret_wei = req.out.word;
    return s;
}

status ledger_code(struct ledger *l, const addr20 *address, struct ledger_at at, struct buf *ret,
                   struct err *reterr)
{
    struct ledger_req req = {.kind = LEDGER_CODE, .at = at, .in.address = *address};
    return run_bytes(l, &req, ret, reterr);
}

status ledger_fees(struct ledger *l, struct ledger_fees *ret_fees, struct err *reterr)
{
    struct ledger_req req = {.kind = LEDGER_FEES};
    status s = run_flat(l, &req, reterr);
    if (s == OK)
        *ret_fees = req.out.fees;
    return s;
}

status ledger_send_raw(struct ledger *l, slice raw, hash32 *ret_hash, struct err *reterr)
{
    struct ledger_req req = {.kind = LEDGER_SEND, .in.raw = raw};
    status s = run_flat(l, &req, reterr);
    if (s == OK && ret_hash != NULL)
        *ret_hash = req.out.hash;
    return s;
}

status ledger_receipt(struct ledger *l, const hash32 *tx, struct arena *a,
                      struct ledger_receipt *ret_receipt, struct err *reterr)
{
    struct ledger_req req = {.kind = LEDGER_RECEIPT, .in.hash = *tx};
    status s = run_one(l, &req, a, reterr);
    if (s == OK)
        *ret_receipt = req.out.receipt;
    return s;
}

status ledger_tx_get(struct ledger *l, const hash32 *tx, struct arena *a, struct ledger_tx *ret_tx,
                     struct err *reterr)
{
    struct ledger_req req = {.kind = LEDGER_TX, .in.hash = *tx};
    status s = run_one(l, &req, a, reterr);
    if (s == OK)
        *ret_tx = req.out.tx;
    return s;
}

status ledger_logs(struct ledger *l, const struct ledger_filter *filter, struct arena *a,
                   struct ledger_log **ret_logs, size_t *ret_n, struct err *reterr)
{
    struct ledger_req req = {.kind = LEDGER_LOGS, .in.filter = *filter};
    status s = run_one(l, &req, a, reterr);
    if (s == OK) {
        *ret_logs = req.out.logs.list;
        *ret_n = req.out.logs.n;
    }
    return s;
}

void ledger_saw(struct ledger *l, uint64_t number)
{
    uint64_t seen = atomic_load(&l->seen);
    while (seen < number && !atomic_compare_exchange_weak(&l->seen, &seen, number))
        continue;
}

/* The head, not older than what was seen: one of several nodes may be behind for a moment. */
static status head_not_before(struct ledger *l, struct ledger_block *ret, struct err *reterr)
{
    uint64_t seen = atomic_load(&l->seen);
    for (unsigned looks = 1;; looks++) {
        status s = ledger_head(l, ret, reterr);
        if (s != OK || ret->number >= seen)
            return s;
        if (looks == HEAD_LOOKS)
            return ERR(reterr, E_STALE,
                       "the node's head is block %llu, after block %llu was seen: the node is "
                       "behind, was set back to a backup, or hides what came since",
                       (unsigned long long)ret->number, (unsigned long long)seen);
        l->ops->wait(l, WAIT_LOOK_MS);
    }
}

status ledger_proof(struct ledger *l, const addr20 *address, const hash32 *slots, size_t slots_n,
                    struct ledger_at at, struct arena *a, struct ledger_proof *ret_proof,
                    struct err *reterr)
{
    if (at.kind == LEDGER_AT_PENDING)
        return ERR(reterr, E_USAGE, "the pending block has no state to prove");
    if (at.kind == LEDGER_AT_LATEST) {
        struct ledger_block head;
        status s = head_not_before(l, &head, reterr);
        if (s != OK)
            return s;
        at = ledger_at_hash(head.hash);
    }
    struct ledger_req req = {.kind = LEDGER_PROOF, .at = at};
    req.in.proof.address = *address;
    req.in.proof.slots = slots;
    req.in.proof.slots_n = slots_n;
    status s = run_one(l, &req, a, reterr);
    if (s == OK)
        *ret_proof = req.out.proof;
    return s;
}

status ledger_block_vouched(struct ledger *l, uint64_t number, const hash32 *hash,
                            struct err *reterr)
{
    return l->ops->vouch(l, number, hash, reterr);
}

/* One look of ledger_wait. OK | E_NOT_FOUND (not yet) | the ledger's. */
static status wait_look(struct ledger *l, const hash32 *tx, uint32_t confirmations, struct arena *a,
                        struct ledger_receipt *ret_receipt, struct err *reterr)
{
    struct ledger_req reqs[2] = {{.kind = LEDGER_RECEIPT, .in.hash = *tx}, {.kind = LEDGER_NUMBER}};
    status s = ledger_run(l, reqs, 2, a, reterr);
    for (size_t i = 0; s == OK && i < 2; i++) {
        s = reqs[i].st;
        if (s != OK && reterr != NULL)
            *reterr = reqs[i].err;
    }
    if (s != OK)
        return s;
    const struct ledger_receipt *r = &reqs[0].out.receipt;
    uint64_t head = reqs[1].out.number;
    if (confirmations > 1 && (head < r->block_number || head - r->block_number < confirmations - 1))
        return ERR(reterr, E_NOT_FOUND, "waiting for %u confirmations", confirmations);
    struct ledger_block block;
    s = ledger_block_get(l, ledger_at_number(r->block_number), &block, reterr);
    if (s == OK && !hash32_eq(block.hash, r->block_hash))
        s = ERR(reterr, E_NOT_FOUND, "its block has left the chain");
    if (s == OK)
        *ret_receipt = *r;
    return s;
}

/* Not mined yet, or the node could not be asked: what was sent is sent. */
static bool is_not_yet(status s)
{
    return s == E_NOT_FOUND || s == E_UNAVAILABLE || s == E_TIMEOUT || s == E_RATE;
}

status ledger_wait(struct ledger *l, const hash32 *tx, uint32_t confirmations, uint32_t timeout_ms,
                   struct arena *a, struct ledger_receipt *ret_receipt, struct err *reterr)
{
    uint64_t end = clock_mono_ms(l->clock) + timeout_ms;
    uint32_t pause_ms = 10;
    for (;;) {
        status s = wait_look(l, tx, confirmations, a, ret_receipt, reterr);
        if (!is_not_yet(s))
            return s;
        uint64_t now = clock_mono_ms(l->clock);
        if (now >= end)
            return err_prefix(reterr, E_TIMEOUT, "no confirmed receipt in time");
        uint64_t left = end - now;
        l->ops->wait(l, left < pause_ms ? (uint32_t)left : pause_ms);
        pause_ms = pause_ms * 2 < WAIT_LOOK_MS ? pause_ms * 2 : WAIT_LOOK_MS;
    }
}
