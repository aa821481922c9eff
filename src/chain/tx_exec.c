/* SPDX-License-Identifier: Apache-2.0 */
/* What a valid transaction does: gas bought, authorizations, the message, refunds, fees. */
#include "chain/tx_exec.h"

#include <stdlib.h>

#include "codec/rlp.h"
#include "evm/precompile.h"

#define AUTH_REFUND 12500u /* EIP-7702: an account that exists already costs less */

static struct account *account_of(struct host *h, const addr20 *a)
{
    return state_account(h->state, a);
}

static void warm(struct host *h, const addr20 *a)
{
    (void)h->evm.ops->access_account(&h->evm, a);
}

/* EIP-2930. tx_check has read the list once. */
static status warm_access_list(struct host *h, slice access_list, struct err *reterr)
{
    struct rlp_list list = {SLICE_EMPTY};
    status s = access_list.n > 0 ? rlp_read_list(access_list, &list, reterr) : OK;
    while (s == OK && !rlp_list_is_empty(&list)) {
        struct rlp_list entry;
        struct rlp_list keys = {SLICE_EMPTY};
        addr20 addr;
        s = rlp_next_list(&list, &entry, reterr);
        if (s == OK)
            s = rlp_next_fixed(&entry, addr.b, sizeof addr.b, reterr);
        if (s == OK)
            s = rlp_next_list(&entry, &keys, reterr);
        if (s == OK)
            warm(h, &addr);
        while (s == OK && !rlp_list_is_empty(&keys)) {
            uint8_t be[32];
            s = rlp_next_fixed(&keys, be, sizeof be, reterr);
            if (s != OK)
                break;
            const u256 key = u256_from_be(be);
            struct account *a = account_of(h, &addr);
            (void)state_warm_slot(h->state, state_slot(h->state, a, &key));
        }
    }
    return s;
}

/* EIP-2929, 3651. */
static status warm_all(struct host *h, const struct tx_ready *t, struct err *reterr)
{
    if (h->rev < EVM_BERLIN)
        return OK;
    warm(h, &t->sender);
    if (!t->tx->is_create)
        warm(h, &t->tx->to);
    if (h->rev >= EVM_SHANGHAI)
        warm(h, &h->block.coinbase);
    return warm_access_list(h, t->tx->access_list, reterr);
}

static u256 times(u256 price, uint64_t n)
{
    u256 all;
    (void)u256_mul_u64(price, n, &all); /* the balance covered more than that */
    return all;
}

static void buy_gas(struct host *h, const struct tx_ready *t)
{
    struct account *a = account_of(h, &t->sender);
    state_sub_balance(h->state, a, times(t->price, t->tx->gas));
    state_sub_balance(h->state, a, t->blob_fee);
}

/* One authorization (EIP-7702). Returns the refund. */
static uint64_t authorize(struct host *h, const struct chain_rules *r, const struct tx_auth *auth)
{
    addr20 authority;
    addr20 target;
    uint8_t code[EVM_DELEGATION_SIZE] = {0xef, 0x01, 0x00};
    if (!u256_is_zero(auth->chain_id) && !u256_eq(auth->chain_id, u256_from_u64(r->chain_id)))
        return 0;
    if (auth->nonce == UINT64_MAX || tx_auth_signer(auth, &authority) != OK)
        return 0;
    struct account *a = account_of(h, &authority);
    (void)state_warm(h->state, a);
    slice old = state_code(h->state, a)->bytes;
    if ((old.n > 0 && !evm_delegation_read(old, &target)) || a->head.nonce != auth->nonce)
        return 0;
    uint64_t refund = a->head.exists && !account_is_empty(a) ? AUTH_REFUND : 0;
    memcpy(code + 3, auth->addr.b, sizeof auth->addr.b);
    state_set_code(h->state, a,
                   addr20_is_zero(auth->addr) ? SLICE_EMPTY : slice_of(code, sizeof code));
    state_set_nonce(h->state, a, auth->nonce + 1);
    return refund;
}

static uint64_t authorize_all(struct host *h, const struct chain_rules *r, const struct tx *t)
{
    struct tx_auth auth;
    uint64_t refund = 0;
    slice rest = tx_auths(t);
    while (rest.n > 0 && tx_auth_next(&rest, &auth, NULL) == OK)
        refund += authorize(h, r, &auth);
    return refund;
}

/* The outermost message. */
static void send(struct host *h, const struct tx_ready *t, struct evm_result *ret)
{
    const struct tx *tx = t->tx;
    struct evm_msg msg = {.kind = tx->is_create ? EVM_CREATE : EVM_CALL,
                          .gas = (int64_t)(tx->gas - t->gas.intrinsic),
                          .recipient = tx->to,
                          .sender = t->sender,
                          .code_addr = tx->to,
                          .value = tx->value,
                          .input = tx->data};
    if (!tx->is_create && h->rev >= EVM_PRAGUE) {
        slice code = state_code(h->state, account_of(h, &tx->to))->bytes;
        msg.delegated = evm_delegation_read(code, &msg.target);
        if (msg.delegated)
            warm(h, &msg.target);
    }
    host_call(h, &msg, ret);
}

/* Gas that is paid in the end (EIP-3529, 7623), of what was used. */
static uint64_t settle_gas(const struct host *h, const struct tx_ready *t,
                           const struct evm_result *r, uint64_t refund, uint64_t used)
{
    uint64_t most = used / (h->rev >= EVM_LONDON ? 5 : 2);
    refund += r->gas_refund > 0 ? (uint64_t)r->gas_refund : 0;
    used -= refund < most ? refund : most;
    return used > t->gas.floor ? used : t->gas.floor;
}

static void pay(struct host *h, const struct tx_ready *t, uint64_t used)
{
    u256 tip = t->price;
    if (t->unpaid)
        return;
    if (h->rev >= EVM_LONDON)
        (void)u256_sub(t->price, h->block.base_fee, &tip); /* tx_check: never below */
    state_add_balance(h->state, account_of(h, &t->sender), times(t->price, t->tx->gas - used));
    state_add_balance(h->state, account_of(h, &h->block.coinbase), times(tip, used));
}

/* The hashes as the BLOBHASH opcode sees them. Freed by the caller. */
static status blob_hashes(const struct tx *t, hash32 **ret)
{
    size_t n = tx_blob_count(t);
    hash32 *all = calloc(n + 1, sizeof *all);
    if (all == NULL)
        return E_NOMEM;
    for (size_t i = 0; i < n; i++)
        all[i] = tx_blob_hash(t, i);
    *ret = all;
    return OK;
}

static status run(struct host *h, const struct chain_rules *r, const struct tx_ready *t,
                  struct tx_outcome *ret, struct err *reterr)
{
    struct evm_result result = {.status = EVM_SUCCESS};
    state_begin_tx(h->state);
    status s = warm_all(h, t, reterr);
    if (s != OK)
        return s;
    buy_gas(h, t);
    if (!t->tx->is_create) /* a creation raises it by itself */
        state_set_nonce(h->state, account_of(h, &t->sender), t->tx->nonce + 1);
    uint64_t refund = authorize_all(h, r, t->tx);
    send(h, t, &result);
    uint64_t peak = t->tx->gas - (uint64_t)result.gas_left;
    uint64_t used = settle_gas(h, t, &result, refund, peak);
    pay(h, t, used);
    state_end_tx(h->state, h->rev >= EVM_SPURIOUS);
    *ret = (struct tx_outcome){.status = result.status,
                               .gas_used = used,
                               .gas_peak = peak > t->gas.floor ? peak : t->gas.floor,
                               .blob_gas_used = tx_blob_count(t->tx) * GAS_PER_BLOB,
                               .output = result.output};
    if (result.status == EVM_SUCCESS && t->tx->is_create)
        ret->created = result.created;
    return OK;
}

status tx_exec(struct host *h, const struct chain_rules *r, const struct tx_ready *t,
               struct tx_outcome *ret, struct err *reterr)
{
    hash32 *hashes = NULL;
    struct tx_outcome outcome;
    status s = blob_hashes(t->tx, &hashes);
    if (s != OK)
        return ERR(reterr, s, "blob hashes");
    h->tx = (struct evm_tx){.origin = t->sender,
                            .gas_price = t->price,
                            .blob_hashes = hashes,
                            .n_blob_hashes = tx_blob_count(t->tx)};
    s = run(h, r, t, &outcome, reterr);
    h->tx.blob_hashes = NULL;
    free(hashes);
    if (s == OK && host_failure(h) != OK)
        s = ERR(reterr, host_failure(h), "execution");
    if (s == OK)
        *ret = outcome;
    return s;
}
