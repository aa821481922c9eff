/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions of a case, one after the other on one state. */
#include "diff_block.h"

#include "trie/root.h"

#define RICH_HI 0xd3c2u /* 10^24 wei is 0xd3c21bcecceda1000000 */
#define RICH_LO 0x1bcecceda1000000u

static const addr20 history = {{0x00, 0x00, 0xf9, 0x08, 0x27, 0xf1, 0xc5, 0x3a, 0x10, 0xcb,
                                0x7a, 0x02, 0x33, 0x5b, 0x17, 0x53, 0x20, 0x00, 0x29, 0x35}};

static hash32 block_hash(void *ctx, uint64_t number)
{
    const struct diff_ground *g = ctx;
    return number <= DIFF_BLOCKS_BEFORE ? g->hash[number] : (hash32){{0}};
}

static void put_contract(struct state *st, const struct diff_contract *k, enum diff_plant plant)
{
    struct account *a = state_account(st, &k->addr);
    state_set_balance(st, a, k->balance);
    state_set_code(st, a, plant == PLANT_CODE ? slice_first(k->code, k->code.n / 2) : k->code);
    for (size_t i = 0; i < DIFF_SLOTS; i++)
        if (!u256_is_zero(k->value[i]))
            state_set_slot(st, a, state_slot(st, a, &k->key[i]), &k->value[i]);
    if (plant == PLANT_BALANCE)
        state_add_balance(st, a, u256_from_u64(1));
}

/* Each block has written its parent's hash. */
static void put_history(struct state *st, const struct diff_ground *g)
{
    struct account *a = state_account(st, &history);
    state_set_code(st, a, buf_slice(&g->history_code));
    for (size_t i = 0; i < DIFF_BLOCKS_BEFORE; i++) {
        u256 key = u256_from_u64(i);
        u256 value = u256_from_be(g->hash[i].b);
        state_set_slot(st, a, state_slot(st, a, &key), &value);
    }
}

status diff_block_init(struct diff_block *b, const struct diff_case *c,
                       const struct diff_ground *ground, struct evm *vm, enum evm_rev rev,
                       enum diff_plant plant)
{
    *b = (struct diff_block){.ground = ground};
    code_cache_init(&b->codes);
    state_init(&b->state, NULL, &b->codes);
    host_init(&b->host, rev, &b->state, vm, NULL);
    b->host.block_hash = block_hash;
    b->host.block_hash_ctx = (void *)(uintptr_t)ground;
    buf_init(&b->receipts, (size_t)64 << 20);
    b->rules =
        (struct chain_rules){.rev = rev, .chain_id = DIFF_CHAIN_ID, .blobs = blob_schedule_of(rev)};
    b->host.block = (struct evm_block){.coinbase = c->coinbase,
                                       .number = 1,
                                       .gas_limit = 30000000,
                                       .base_fee = c->base_fee,
                                       .blob_base_fee = u256_from_u64(1),
                                       .chain_id = u256_from_u64(DIFF_CHAIN_ID)};
    for (size_t i = 0; i < DIFF_SENDERS + DIFF_AUTHORITIES; i++)
        state_set_balance(&b->state, state_account(&b->state, &c->people->addr[i]),
                          i < DIFF_SENDERS ? (u256){{RICH_LO, RICH_HI, 0, 0}} : u256_from_u64(1));
    put_history(&b->state, ground);
    for (size_t i = 0; i < c->n_contracts; i++)
        put_contract(&b->state, &c->contract[i], plant);
    state_begin_tx(&b->state);
    state_keep(&b->state);
    return state_failure(&b->state);
}

void diff_block_done(struct diff_block *b)
{
    buf_done(&b->receipts);
    host_done(&b->host);
    state_done(&b->state);
    code_cache_done(&b->codes);
}

status diff_block_env(struct diff_block *b, struct json header, struct err *reterr)
{
    struct evm_block *e = &b->host.block;
    hash32 mix;
    uint64_t excess = 0;
    status s = json_hex_addr(json_get(header, "miner"), &e->coinbase, reterr);
    if (s == OK)
        s = json_hex_u64(json_get(header, "number"), &e->number, reterr);
    if (s == OK)
        s = json_hex_u64(json_get(header, "timestamp"), &e->timestamp, reterr);
    if (s == OK)
        s = json_hex_u64(json_get(header, "gasLimit"), &e->gas_limit, reterr);
    if (s == OK)
        s = json_hex_hash(json_get(header, "mixHash"), &mix, reterr);
    if (s == OK)
        s = json_hex_u256(json_get(header, "baseFeePerGas"), &e->base_fee, reterr);
    if (s == OK)
        s = json_hex_u64(json_get(header, "excessBlobGas"), &excess, reterr);
    if (s != OK)
        return s;
    e->prev_randao = u256_from_be(mix.b);
    if (b->rules.rev >= EVM_CANCUN)
        e->blob_base_fee = blob_base_fee(&b->rules.blobs, excess);
    struct evm_result r;
    const hash32 *parent = &b->ground->hash[DIFF_BLOCKS_BEFORE];
    host_system_call(&b->host, &history, slice_of(parent->b, sizeof parent->b), &r);
    return host_failure(&b->host);
}

static status put_receipt(struct diff_block *b, const struct diff_tx *t, bool success)
{
    const struct receipt r = {.type = t->tx.type,
                              .has_status = true,
                              .success = success,
                              .cumulative_gas = b->gas_used,
                              .logs = b->state.log,
                              .n_logs = b->state.log_n};
    status s = receipt_put(&r, b->bloom, &b->receipts);
    if (s == OK)
        b->receipt_end[b->n_receipts++] = b->receipts.n;
    return s;
}

/* tx and ready: only when *ret_fault is TX_FINE. */
static status judge(struct diff_block *b, const struct diff_tx *t, struct tx *tx,
                    struct tx_ready *ready, enum tx_fault *ret_fault, struct err *reterr)
{
    addr20 sender;
    const struct tx_room room = {b->host.block.gas_limit - b->gas_used,
                                 b->rules.blobs.max * GAS_PER_BLOB};
    status s = tx_read(t->raw, tx, reterr);
    if (s == OK)
        s = tx_sender_at(tx, b->rules.rev, &sender);
    if (s == OK)
        s = tx_check(&b->host, &b->rules, tx, &sender, &room, ready, ret_fault, reterr);
    return s == E_RANGE && *ret_fault != TX_FINE ? OK : s;
}

status diff_block_judge(struct diff_block *b, const struct diff_tx *t, enum tx_fault *ret,
                        struct err *reterr)
{
    struct tx tx;
    struct tx_ready ready;
    *ret = TX_FINE;
    return judge(b, t, &tx, &ready, ret, reterr);
}

status diff_block_tx(struct diff_block *b, const struct diff_tx *t, const struct evm_tracer *tracer,
                     struct diff_receipt *ret, struct err *reterr)
{
    struct tx tx;
    struct tx_ready ready;
    struct tx_outcome o;
    *ret = (struct diff_receipt){.fault = TX_FINE};
    status s = judge(b, t, &tx, &ready, &ret->fault, reterr);
    if (s != OK || ret->fault != TX_FINE)
        return s;
    evm_bind(b->host.vm, b->host.rev, &b->host.evm, tracer);
    s = tx_exec(&b->host, &b->rules, &ready, &o, reterr);
    if (s != OK)
        return s;
    b->gas_used += o.gas_used;
    *ret = (struct diff_receipt){.in_block = true,
                                 .success = o.status == EVM_SUCCESS,
                                 .gas_used = o.gas_used,
                                 .created = o.created};
    return put_receipt(b, t, ret->success);
}

status diff_block_receipts_root(const struct diff_block *b, hash32 *ret)
{
    slice values[DIFF_SENDERS];
    size_t start = 0;
    for (size_t i = 0; i < b->n_receipts; i++) {
        values[i] = slice_of(b->receipts.p + start, b->receipt_end[i] - start);
        start = b->receipt_end[i];
    }
    return trie_root_list(values, b->n_receipts, ret);
}
