/* SPDX-License-Identifier: Apache-2.0 */
/* What a block does to the state. */
#include <stdlib.h>

#include "chain/block.h"
#include "chain/block_priv.h"
#include "trie/root.h"

#define RECEIPTS_CAP ((size_t)1 << 32)
#define GWEI 1000000000u

status block_fail(struct block_run *run, enum block_fault f, struct err *reterr)
{
    run->fault = f;
    return ERR(reterr, E_RANGE, "block %llu: %s", (unsigned long long)run->header->number,
               block_fault_name(f));
}

static struct account *account_of(struct block_run *run, const addr20 *a)
{
    return state_account(run->host.state, a);
}

void block_env(const struct chain_rules *r, const struct block_header *h, struct evm_block *ret)
{
    *ret = (struct evm_block){.coinbase = h->coinbase,
                              .number = h->number,
                              .timestamp = h->timestamp,
                              .gas_limit = h->gas_limit,
                              .prev_randao = h->difficulty,
                              .base_fee = h->base_fee,
                              .chain_id = u256_from_u64(r->chain_id)};
    if (r->rev >= EVM_PARIS)
        ret->prev_randao = u256_from_be(h->mix.b);
    if (r->rev >= EVM_CANCUN)
        ret->blob_base_fee = blob_base_fee(&r->blobs, h->excess_blob_gas);
}

static status check_host(const struct block_run *run, struct err *reterr)
{
    status s = host_failure(&run->host);
    return s == OK ? OK : ERR(reterr, s, "the state cannot be read");
}

status block_begin(struct block_run *run, const struct chain_rules *r, const struct block_header *h,
                   struct state *st, struct evm *vm, const struct evm_tracer *tracer,
                   host_block_hash *hash, void *hash_ctx, struct err *reterr)
{
    *run = (struct block_run){
        .rules = r, .header = h, .room = {h->gas_limit, r->blobs.max * GAS_PER_BLOB}};
    host_init(&run->host, r->rev, st, vm, tracer);
    run->host.block_hash = hash;
    run->host.block_hash_ctx = hash_ctx;
    block_env(r, h, &run->host.block);
    buf_init(&run->receipts, RECEIPTS_CAP);
    buf_init(&run->receipt_ends, RECEIPTS_CAP);
    for (size_t i = 0; i < 3; i++)
        buf_init(&run->requests[i], RECEIPTS_CAP);
    state_begin_tx(st);
    if (r->rev < EVM_PARIS)
        block_work_begin(run);
    block_call_begin(run);
    return check_host(run, reterr);
}

void block_done(struct block_run *run)
{
    host_done(&run->host);
    buf_done(&run->receipts);
    buf_done(&run->receipt_ends);
    for (size_t i = 0; i < 3; i++)
        buf_done(&run->requests[i]);
}

/* --- transactions --------------------------------------------------------------------------- */

static status add_receipt(struct block_run *run, const struct tx *t, const struct tx_outcome *o)
{
    const struct state *st = run->host.state;
    struct receipt r = {.type = (unsigned)t->type,
                        .has_status = run->rules->rev >= EVM_BYZANTIUM,
                        .success = o->status == EVM_SUCCESS,
                        .cumulative_gas = run->gas_used,
                        .logs = st->log,
                        .n_logs = st->log_n};
    status s = r.has_status ? OK : state_root(run->host.state, &r.state_root);
    if (s == OK)
        s = receipt_put(&r, run->bloom, &run->receipts);
    if (s == OK)
        s = buf_put_mem(&run->receipt_ends, &run->receipts.n, sizeof run->receipts.n);
    return s;
}

status block_tx(struct block_run *run, const struct tx *t, const addr20 *sender,
                struct tx_outcome *ret, struct err *reterr)
{
    struct tx_ready ready;
    run->fault = BLOCK_BAD_TX;
    run->tx_fault = TX_FINE;
    status s =
        tx_check(&run->host, run->rules, t, sender, &run->room, &ready, &run->tx_fault, reterr);
    return s == OK ? block_tx_ready(run, &ready, ret, reterr) : s;
}

status block_tx_ready(struct block_run *run, const struct tx_ready *ready, struct tx_outcome *ret,
                      struct err *reterr)
{
    struct tx_outcome o;
    status s = tx_exec(&run->host, run->rules, ready, &o, reterr);
    if (s != OK)
        return s;
    run->room.gas -= o.gas_used;
    run->room.blob_gas -= o.blob_gas_used;
    run->gas_used += o.gas_used;
    run->blob_gas_used += o.blob_gas_used;
    s = add_receipt(run, ready->tx, &o);
    if (s != OK)
        return ERR(reterr, s, "receipt");
    s = block_add_deposits(run, reterr);
    if (s == OK)
        *ret = o;
    return s;
}

/* --- end ------------------------------------------------------------------------------------ */

/* EIP-4895 */
static status withdraw(struct block_run *run, slice withdrawals, struct err *reterr)
{
    struct rlp_list l = {withdrawals};
    status s = OK;
    while (s == OK && !rlp_list_is_empty(&l)) {
        struct block_withdrawal w;
        u256 wei;
        s = block_next_withdrawal(&l, &w, reterr);
        if (s != OK)
            break;
        (void)u256_mul_u64(u256_from_u64(w.gwei), GWEI, &wei);
        state_add_balance(run->host.state, account_of(run, &w.to), wei);
    }
    return s;
}

status block_end(struct block_run *run, slice uncles, slice withdrawals, struct err *reterr)
{
    run->fault = BLOCK_BAD_RLP;
    state_begin_tx(run->host.state);
    status s = run->rules->rev < EVM_PARIS ? block_work_reward(run, uncles, reterr) : OK;
    if (s == OK)
        s = withdraw(run, withdrawals, reterr);
    state_end_tx(run->host.state, run->rules->rev >= EVM_SPURIOUS);
    if (s == OK)
        s = block_call_end(run, reterr);
    return s == OK ? check_host(run, reterr) : s;
}

status block_receipts_root(const struct block_run *run, hash32 *ret)
{
    size_t n = run->receipt_ends.n / sizeof(size_t);
    size_t start = 0;
    slice *values = calloc(n + 1, sizeof *values);
    if (values == NULL)
        return E_NOMEM;
    for (size_t i = 0; i < n; i++) {
        size_t end;
        memcpy(&end, run->receipt_ends.p + i * sizeof end, sizeof end);
        values[i] = slice_of(run->receipts.p + start, end - start);
        start = end;
    }
    status s = trie_root_list(values, n, ret);
    free(values);
    return s;
}

/* --- whole blocks --------------------------------------------------------------------------- */

static status run_tx(struct block_run *run, struct rlp_list *txs, struct err *reterr)
{
    struct tx t;
    struct tx_outcome o;
    addr20 sender;
    slice raw;
    run->fault = BLOCK_BAD_TX;
    run->tx_fault = TX_FINE;
    status s = block_next_tx(txs, &raw, reterr);
    if (s == OK)
        s = tx_read(raw, &t, reterr);
    if (s != OK)
        return s;
    s = tx_sender_at(&t, run->rules->rev, &sender);
    if (s != OK)
        return ERR(reterr, s, "sender of a transaction");
    return block_tx(run, &t, &sender, &o, reterr);
}

static status compare(struct block_run *run, struct err *reterr)
{
    const struct block_header *h = run->header;
    hash32 receipts;
    hash32 requests;
    status s = block_receipts_root(run, &receipts);
    if (s == OK)
        s = block_requests_hash(run, &requests);
    if (s != OK)
        return ERR(reterr, s, "roots of a block");
    if (run->gas_used != h->gas_used)
        return block_fail(run, BLOCK_BAD_GAS_USED, reterr);
    if (h->fields >= HEADER_CANCUN && run->blob_gas_used != h->blob_gas_used)
        return block_fail(run, BLOCK_BAD_BLOB_GAS, reterr);
    if (!hash32_eq(receipts, h->receipts_root))
        return block_fail(run, BLOCK_BAD_RECEIPTS, reterr);
    if (memcmp(run->bloom, h->bloom, sizeof run->bloom) != 0)
        return block_fail(run, BLOCK_BAD_BLOOM, reterr);
    if (h->fields >= HEADER_PRAGUE && !hash32_eq(requests, h->requests_hash))
        return block_fail(run, BLOCK_BAD_REQUESTS, reterr);
    return OK;
}

status block_finish(struct block_run *run, const struct block *b, struct err *reterr)
{
    status s = block_end(run, b->uncles, b->withdrawals, reterr);
    return s == OK ? compare(run, reterr) : s;
}

status block_execute(struct block_run *run, const struct block *b, struct err *reterr)
{
    struct rlp_list txs = {b->txs};
    status s = OK;
    while (s == OK && !rlp_list_is_empty(&txs))
        s = run_tx(run, &txs, reterr);
    return s == OK ? block_finish(run, b, reterr) : s;
}
