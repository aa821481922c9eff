/* SPDX-License-Identifier: Apache-2.0 */
/* Signing and sending for the accounts of a node for development. */
#include "base/hex.h"
#include "codec/eip191.h"
#include "codec/eip712_json.h"
#include "rpc/call.h"
#include "rpc/dev_impl.h"
#include "rpc/methods.h"
#include "rpc/param.h"
#include "rpc/put.h"

#define MINED_MS 10000u           /* how long an answer waits for its block */
#define TIP_DEFAULT 1000000000ull /* 1 Gwei, as wallets offer where nobody else does */

static struct rpc_dev *dev_of(struct rpc_req *q)
{
    return q->rpc->cfg.dev;
}

status rpc_dev_eth_accounts(struct rpc_req *q)
{
    const struct rpc_dev *d = dev_of(q);
    jw_array(q->w);
    for (size_t i = 0; i < d->n; i++)
        rpc_put_addr(q->w, &d->addr[i]);
    jw_end(q->w);
    return OK;
}

/* --- signatures ------------------------------------------------------------------------------- */

static status unknown_account(struct rpc_req *q, const addr20 *a)
{
    char text[2 * 20 + 3];
    return rpc_fail(q, RPC_SERVER_ERROR, "unknown account %s",
                    hex_0x(slice_of(a->b, sizeof a->b), text));
}

static status put_signature(struct rpc_req *q, const addr20 *a, const hash32 *digest)
{
    const struct secp_key *key = rpc_dev_key(dev_of(q), a);
    uint8_t sig[SECP_SIG];
    if (key == NULL)
        return unknown_account(q, a);
    status st = secp_sign(key, digest, sig);
    if (st == OK)
        jw_hex(q->w, slice_of(sig, sizeof sig));
    return st;
}

static status sign_message(struct rpc_req *q, size_t who, size_t what)
{
    addr20 a;
    slice message;
    hash32 digest;
    status st = rpc_read_addr(q, who, q->param[who], &a);
    if (st == OK)
        st = rpc_read_bytes(q, what, q->param[what], &message);
    if (st != OK)
        return st;
    eip191_digest(message, &digest);
    return put_signature(q, &a, &digest);
}

status rpc_dev_eth_sign(struct rpc_req *q)
{
    return sign_message(q, 0, 1);
}

status rpc_dev_personal_sign(struct rpc_req *q)
{
    return sign_message(q, 1, 0);
}

/* The data is an object, or a text that holds one, as wallets get it. */
status rpc_dev_sign_typed(struct rpc_req *q)
{
    addr20 a;
    hash32 digest;
    struct err e = {0};
    struct json data = q->param[1];
    slice text;
    status st = rpc_read_addr(q, 0, q->param[0], &a);
    if (st == OK && json_type(data) == JSON_STRING) {
        struct json_doc *doc = arena_alloc(q->a, sizeof *doc);
        st = doc == NULL ? E_NOMEM : json_str(data, &text, NULL);
        if (st == OK && json_read(text, q->a, doc, NULL) != OK)
            return rpc_bad_param(q, 1, "no JSON");
        if (st == OK)
            data = json_root(doc);
    }
    if (st != OK)
        return st;
    st = eip712_json_digest(data, q->a, &digest, &e);
    if (st > 0)
        return rpc_bad_param(q, 1, "%s", e.msg);
    return st == OK ? put_signature(q, &a, &digest) : st;
}

/* --- transactions ----------------------------------------------------------------------------- */

static status fill_fees(struct rpc_req *q, struct rpc_call_args *a)
{
    struct chain_block head;
    struct block_header next;
    u256 twice;
    status st = rpc_view(q);
    if (a->has_gas_price || st != OK)
        return st;
    st = chain_view_block(&q->view, q->view.head, &head, NULL);
    if (st != OK)
        return st;
    chain_next_header(&q->view, &head, &next);
    if (!a->has_tip)
        a->tip = u256_from_u64(TIP_DEFAULT);
    if (!a->has_tip && a->has_max_fee && u256_cmp(a->tip, a->max_fee) > 0)
        a->tip = a->max_fee;
    if (!a->has_max_fee &&
        (!u256_mul_u64(next.base_fee, 2, &twice) || !u256_add(twice, a->tip, &a->max_fee)))
        return E_RANGE;
    a->has_tip = a->has_max_fee = true;
    return OK;
}

static status fill_gas(struct rpc_req *q, struct rpc_call_args *a)
{
    const struct rpc_at at = {.kind = RPC_AT_LATEST};
    if (a->has_gas)
        return OK;
    struct rpc_exec *x = arena_alloc(q->a, sizeof *x);
    if (x == NULL)
        return E_NOMEM;
    status st = rpc_exec_begin(q, &at, x);
    if (st == OK)
        st = rpc_estimate(q, a, x, &a->gas);
    rpc_exec_done(x);
    return st;
}

static status read_tx(struct rpc_req *q, struct rpc_call_args *a)
{
    status st = rpc_read_call(q, 0, q->param[0], a);
    if (st == OK && !a->has_from)
        st = rpc_bad_param(q, 0, "from is missing");
    if (st == OK && !a->has_to && !a->has_data)
        st = rpc_fail(q, RPC_SERVER_ERROR, "contract creation without any data provided");
    if (st == OK)
        st = fill_fees(q, a);
    return st == OK ? fill_gas(q, a) : st;
}

static status make_tx(struct rpc_req *q, const struct rpc_call_args *a, struct tx *ret)
{
    uint64_t nonce = a->nonce;
    status st = OK;
    if (!a->has_nonce)
        st = chain_pending_nonce(q->rpc->cfg.chain, &a->from, &nonce, NULL);
    if (st == OK)
        rpc_call_tx(a, chain_id(q->rpc->cfg.chain), nonce, a->gas, ret);
    return st;
}

static status sign_raw(struct rpc_req *q, struct tx *t, const struct secp_key *key, slice *ret)
{
    struct buf raw;
    buf_init(&raw, CHAIN_TX_BYTES + 1024);
    status st = tx_sign(t, key);
    if (st == OK)
        st = tx_put_raw(t, &raw);
    if (st == OK) {
        *ret = arena_dup(q->a, buf_slice(&raw));
        st = ret->p != NULL ? OK : E_NOMEM;
    }
    buf_done(&raw);
    return st;
}

status rpc_dev_sign_tx(struct rpc_req *q)
{
    struct rpc_call_args a;
    struct tx t;
    slice raw;
    status st = read_tx(q, &a);
    if (st != OK)
        return st;
    const struct secp_key *key = rpc_dev_key(dev_of(q), &a.from);
    if (key == NULL)
        return unknown_account(q, &a.from);
    st = make_tx(q, &a, &t);
    if (st == OK)
        st = sign_raw(q, &t, key, &raw);
    if (st == OK)
        jw_hex(q->w, raw);
    return st;
}

/* Nonce, signature, pool: one at a time, so that two senders get two nonces. */
static status hand_in(struct rpc_req *q, const struct rpc_call_args *a, hash32 *ret)
{
    struct rpc_dev *d = dev_of(q);
    const struct secp_key *key = rpc_dev_key(d, &a->from);
    struct chain *c = q->rpc->cfg.chain;
    struct err e = {0};
    struct tx t;
    slice raw;
    if (key == NULL && !rpc_dev_may_impersonate(d, &a->from))
        return unknown_account(q, &a->from);
    pthread_mutex_lock(&d->sending);
    status st = make_tx(q, a, &t);
    if (st == OK && key == NULL) {
        st = chain_dev_submit_as(c, &t, &a->from, ret, &e);
    } else if (st == OK) {
        st = sign_raw(q, &t, key, &raw);
        if (st == OK)
            st = chain_submit(c, raw, ret, &e);
    }
    pthread_mutex_unlock(&d->sending);
    return st == OK ? OK : rpc_refuse(q, st, &e);
}

/* With a block for each transaction, what follows may expect this one's to be there. */
void rpc_dev_await(struct rpc_req *q, const hash32 *tx)
{
    struct chain *c = q->rpc->cfg.chain;
    if (dev_of(q) == NULL || chain_sealing_of(c, NULL) != CHAIN_SEAL_INSTANT ||
        chain_pool_is_stuck(c, tx))
        return;
    (void)!chain_wait_tx(c, tx, MINED_MS, NULL, NULL, NULL);
}

status rpc_dev_send_tx(struct rpc_req *q)
{
    struct rpc_call_args a;
    hash32 hash;
    status st = read_tx(q, &a);
    if (st == OK)
        st = hand_in(q, &a, &hash);
    if (st != OK)
        return st;
    rpc_dev_await(q, &hash);
    rpc_put_hash(q->w, &hash);
    return OK;
}
