/* SPDX-License-Identifier: Apache-2.0 */
/* A sender: the nonce is taken, used and broadcast under one lock, so no gap can arise. */
#include "ledger/sender.h"

#include <pthread.h>

#include "base/secret.h"
#include "base/sysio.h"
#include "codec/tx.h"

#define RAW_MAX ((size_t)1 << 20) /* bytes of a raw transaction */
#define SEND_TRIES 3u             /* with a nonce asked for anew */
#define GWEI 1000000000u
#define RECENT_MS 5000u /* a node may count a transaction late by this much */

/* In memory for secrets. */
struct ledger_sender {
    struct ledger *ledger; /* borrowed until ledger_sender_free */
    struct secp_key key;
    addr20 address;
    uint64_t chain_id;
    uint64_t cost_max;    /* gwei */
    pthread_mutex_t lock; /* the fields below */
    uint64_t next_nonce;
    uint64_t sent_ms; /* when next_nonce was set; 0: never */
};

status ledger_sender_new(struct ledger *l, const struct secp_key *key,
                         struct ledger_sender **ret_sender, struct err *reterr)
{
    struct ledger_sender *s = secret_alloc(sizeof *s);
    if (s == NULL)
        return ERR(reterr, E_NOMEM, "sender");
    s->ledger = l;
    s->key = *key;
    s->cost_max = LEDGER_COST_MAX;
    status st = secp_key_addr(key, &s->address);
    if (st != OK)
        st = ERR(reterr, st, "account key");
    if (st == OK)
        st = ledger_chain_id(l, &s->chain_id, reterr);
    if (st == OK && pthread_mutex_init(&s->lock, NULL) != 0)
        st = ERR(reterr, E_NOMEM, "sender");
    if (st != OK) {
        secret_free(s, sizeof *s);
        return st;
    }
    *ret_sender = s;
    return OK;
}

void ledger_sender_set_cost_max(struct ledger_sender *s, uint64_t gwei)
{
    s->cost_max = gwei;
}

void ledger_sender_free(struct ledger_sender *s)
{
    if (s == NULL)
        return;
    (void)pthread_mutex_destroy(&s->lock);
    secret_free(s, sizeof *s);
}

addr20 ledger_sender_address(const struct ledger_sender *s)
{
    return s->address;
}

status ledger_sender_gas(struct ledger_sender *s, const struct ledger_order *order,
                         uint64_t *ret_gas, struct buf *ret_revert, struct err *reterr)
{
    struct ledger_call call = {.from = s->address,
                               .to = order->to,
                               .create = order->create,
                               .data = order->data,
                               .value = order->value};
    uint64_t gas = order->gas;
    if (gas == 0) {
        status st = ledger_estimate(s->ledger, &call, &gas, ret_revert, reterr);
        if (st != OK)
            return st;
        if (gas > UINT64_MAX / 2)
            return ERR(reterr, E_CORRUPT, "gas estimate beyond all bounds");
        gas += gas / 5;
    }
    *ret_gas = gas;
    return OK;
}

status ledger_sender_build(struct ledger_sender *s, const struct ledger_order *order, uint64_t gas,
                           uint64_t nonce, const struct ledger_fees *fees, struct buf *ret_raw,
                           hash32 *ret_hash, struct err *reterr)
{
    struct tx t = {
        .type = fees->has_base_fee ? TX_FEE_MARKET : TX_LEGACY,
        .has_chain_id = true,
        .chain_id = s->chain_id,
        .nonce = nonce,
        .max_fee = fees->has_base_fee ? fees->max_fee : fees->gas_price,
        .max_priority = fees->has_base_fee ? fees->max_priority : fees->gas_price,
        .gas = gas,
        .is_create = order->create,
        .to = order->to,
        .value = order->value,
        .data = order->data,
    };
    size_t start = ret_raw->n;
    status st = tx_sign(&t, &s->key);
    if (st == OK)
        st = tx_put_raw(&t, ret_raw);
    if (st != OK)
        return ERR(reterr, st, "transaction cannot be signed");
    tx_hash(slice_of(ret_raw->p + start, ret_raw->n - start), ret_hash);
    return OK;
}

/* The nonce to use now, and the fees. Under the lock. */
static status next_nonce(struct ledger_sender *s, uint64_t *ret_nonce, struct ledger_fees *ret_fees,
                         struct err *reterr)
{
    struct ledger_req reqs[2] = {
        {.kind = LEDGER_NONCE, .at = LEDGER_PENDING, .in.address = s->address},
        {.kind = LEDGER_FEES}};
    status st = ledger_run(s->ledger, reqs, 2, NULL, reterr);
    for (size_t i = 0; st == OK && i < 2; i++) {
        st = reqs[i].st;
        if (st != OK && reterr != NULL)
            *reterr = reqs[i].err;
    }
    if (st != OK)
        return st;
    uint64_t nonce = reqs[0].out.number;
    bool recent = s->sent_ms != 0 && clock_mono_ms(s->ledger->clock) - s->sent_ms < RECENT_MS;
    *ret_nonce = recent && s->next_nonce > nonce ? s->next_nonce : nonce;
    *ret_fees = reqs[1].out.fees;
    return OK;
}

/* Whether the node knows a transaction, pending or mined. */
static bool node_has(struct ledger_sender *s, const hash32 *hash)
{
    struct ledger_tx tx;
    struct arena a;
    arena_init(&a, RAW_MAX * 4, false);
    status st = ledger_tx_get(s->ledger, hash, &a, &tx, NULL);
    arena_done(&a);
    return st == OK;
}

static status cost_check(const struct ledger_sender *s, uint64_t gas,
                         const struct ledger_fees *fees, struct err *reterr)
{
    u256 cost;
    u256 most;
    char price[U256_DEC_MAX];
    const u256 *each = fees->has_base_fee ? &fees->max_fee : &fees->gas_price;
    if (!u256_mul_u64(u256_from_u64(s->cost_max), GWEI, &most))
        return ERR(reterr, E_INTERNAL, "the bound of a transaction's cost");
    if (u256_mul_u64(*each, gas, &cost) && u256_cmp(cost, most) <= 0)
        return OK;
    (void)u256_dec(*each, price);
    return ERR(
        reterr, E_UNAVAILABLE,
        "not sent: %llu gas at up to %s wei each, as the chain's node says, is more than %llu "
        "gwei (--max-cost)",
        (unsigned long long)gas, price, (unsigned long long)s->cost_max);
}

/* One try. E_REPLAY: the nonce was used by another transaction. Under the lock. */
static status send_once(struct ledger_sender *s, const struct ledger_order *order, uint64_t gas,
                        hash32 *ret_hash, struct err *reterr)
{
    uint64_t nonce = 0;
    struct ledger_fees fees;
    struct buf raw;
    buf_init(&raw, RAW_MAX);
    status st = next_nonce(s, &nonce, &fees, reterr);
    if (st == OK)
        st = cost_check(s, gas, &fees, reterr);
    if (st == OK)
        st = ledger_sender_build(s, order, gas, nonce, &fees, &raw, ret_hash, reterr);
    if (st == OK) {
        st = ledger_send_raw(s->ledger, buf_slice(&raw), NULL, reterr);
        if (st == E_TIMEOUT || st == E_UNAVAILABLE) /* it may have arrived: the same bytes again */
            st = ledger_send_raw(s->ledger, buf_slice(&raw), NULL, reterr);
        if (st == E_REPLAY && node_has(s, ret_hash))
            st = OK;
    }
    if (st == OK) {
        s->next_nonce = nonce + 1;
        s->sent_ms = clock_mono_ms(s->ledger->clock);
    } else {
        s->sent_ms = 0; /* ask the node alone next time */
    }
    buf_done(&raw);
    return st;
}

status ledger_sender_send(struct ledger_sender *s, const struct ledger_order *order,
                          hash32 *ret_hash, struct buf *ret_revert, struct err *reterr)
{
    uint64_t gas = 0;
    hash32 hash;
    status st = ledger_sender_gas(s, order, &gas, ret_revert, reterr);
    if (st != OK)
        return st;
    (void)pthread_mutex_lock(&s->lock);
    for (unsigned i = 0; i < SEND_TRIES; i++) {
        st = send_once(s, order, gas, &hash, reterr);
        if (st != E_REPLAY)
            break;
    }
    (void)pthread_mutex_unlock(&s->lock);
    if (st == OK)
        *ret_hash = hash;
    return st;
}

status ledger_sender_run(struct ledger_sender *s, const struct ledger_order *order,
                         uint32_t confirmations, uint32_t timeout_ms, struct arena *a,
                         struct ledger_receipt *ret_receipt, struct buf *ret_revert,
                         struct err *reterr)
{
    hash32 hash;
    status st = ledger_sender_send(s, order, &hash, ret_revert, reterr);
    if (st == OK)
        st = ledger_wait(s->ledger, &hash, confirmations, timeout_ms, a, ret_receipt, reterr);
    if (st == OK && !ret_receipt->ok) {
        if (ret_revert != NULL)
            buf_clear(ret_revert);
        return ERR(reterr, E_REVERTED, "the transaction was mined and failed");
    }
    return st;
}
