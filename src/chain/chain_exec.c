/* SPDX-License-Identifier: Apache-2.0 */
/* Executing calls on a state that is thrown away. */
#include <stdlib.h>

#include "chain/chain_priv.h"

#define TX_GAS 21000u
#define TX_GAS_MAX 16777216u /* EIP-7825 */
#define CALL_STIPEND 2300u
#define PENDING_MAX 4096u
#define PENDING_BYTES BLOCK_SIZE_MAX
#define PENDING_MS 2000u /* then the pending block is what has been executed */

/* --- opening --------------------------------------------------------------------------------- */

static status set_header(struct chain_exec *x, uint64_t number, const struct block_header *header,
                         struct err *reterr)
{
    struct chain_block b;
    status s = chain_view_block(x->view, number, &b, reterr);
    if (s != OK)
        return s;
    x->parent_total = b.total_difficulty;
    if (header != NULL) {
        x->header = *header;
    } else {
        x->header = b.block.header;
        if (number > 0)
            (void)u256_sub(b.total_difficulty, b.block.header.difficulty, &x->parent_total);
    }
    chain_exec_rules(x);
    return OK;
}

static void apply_changes(struct chain_exec *x, uint64_t number)
{
    struct chain *c = x->view->chain;
    if (!c->dev || number != x->view->head)
        return;
    pthread_mutex_lock(&c->lock);
    if (c->news.head == number)
        chain_dev_apply(&c->devs, &x->state);
    pthread_mutex_unlock(&c->lock);
    state_keep(&x->state);
}

status chain_exec_open(struct chain_view *v, uint64_t number, const struct block_header *header,
                       struct chain_exec *ret, struct err *reterr)
{
    struct chain_exec *x = ret;
    *x = (struct chain_exec){.view = v, .block_hash = chain_view_hash, .block_hash_ctx = v};
    status s = store_world_at(&v->chain->store, v->txn, number, &x->world, reterr);
    if (s == OK)
        s = set_header(x, number, header, reterr);
    if (s == OK && (x->machine = chain_machine_take(v->chain)) == NULL)
        s = ERR(reterr, E_NOMEM, "EVM");
    if (s != OK)
        return s;
    x->vm = x->machine->vm;
    state_init(&x->state, &x->world.base, &x->machine->codes);
    apply_changes(x, number);
    return OK;
}

void chain_exec_close(struct chain_exec *x)
{
    if (x->machine == NULL)
        return;
    if (x->host_used)
        host_done(&x->host);
    state_done(&x->state);
    chain_machine_give(x->view->chain, x->machine);
    x->machine = NULL;
}

void chain_exec_rules(struct chain_exec *x)
{
    chain_rules_of(x->view->chain, &x->header, x->parent_total, &x->rules);
}

void chain_next_header(struct chain_view *v, const struct chain_block *head,
                       struct block_header *ret)
{
    chain_fill_next(v->chain, head, ret);
}

/* --- pending --------------------------------------------------------------------------------- */

static status copy_tx(const struct pool_tx *t, struct arena *a, struct chain_pool_tx *ret)
{
    *ret = (struct chain_pool_tx){.hash = t->hash, .sender = t->from};
    ret->raw = arena_dup(a, t->raw);
    if (ret->raw.p == NULL)
        return E_NOMEM;
    return tx_read(ret->raw, &ret->tx, NULL);
}

/* Copies of what a block would take now. */
static status copy_ready(struct chain *c, const struct block_header *h, struct arena *a,
                         struct chain_pool_tx **ret, size_t *ret_n)
{
    const struct pool_room room = {
        .base_fee = h->base_fee, .gas = h->gas_limit, .txs = PENDING_MAX, .bytes = PENDING_BYTES};
    struct pool_tx **taken = arena_array(a, PENDING_MAX, sizeof *taken);
    status s = taken != NULL ? OK : E_NOMEM;
    struct chain_pool_tx *all = NULL;
    size_t n = 0;
    pthread_mutex_lock(&c->lock);
    if (s == OK)
        n = pool_take(&c->pool, &room, taken);
    if (s == OK && (all = arena_array(a, n, sizeof *all)) == NULL)
        s = E_NOMEM;
    for (size_t i = 0; s == OK && i < n; i++)
        s = copy_tx(taken[i], a, &all[i]);
    pool_untake(&c->pool, taken, n);
    pthread_mutex_unlock(&c->lock);
    *ret = all;
    *ret_n = n;
    return s;
}

static status run_ready(struct chain_exec *x, struct chain_pool_tx *txs, size_t n, size_t *ret_n,
                        struct err *reterr)
{
    struct block_run run;
    struct tx_outcome o;
    size_t done = 0;
    const struct clock_src *clock = x->view->chain->clock;
    uint64_t until = clock_mono_ms(clock) + PENDING_MS;
    status s = block_begin(&run, &x->rules, &x->header, &x->state, x->vm, NULL, x->block_hash,
                           x->block_hash_ctx, reterr);
    for (size_t i = 0; s == OK && i < n; i++) {
        if (run.room.gas < TX_GAS || clock_mono_ms(clock) >= until)
            break;
        s = block_tx(&run, &txs[i].tx, &txs[i].sender, &o, reterr);
        if (s == OK)
            txs[done++] = txs[i];
        else if (s > OK)
            s = OK;
    }
    x->header.gas_used = run.gas_used;
    block_done(&run);
    state_keep(&x->state);
    *ret_n = done;
    return s;
}

status chain_exec_pending(struct chain_view *v, struct arena *a, struct chain_exec *ret,
                          struct chain_pool_tx **ret_txs, size_t *ret_n, struct err *reterr)
{
    struct chain_block head;
    struct block_header h;
    struct chain_pool_tx *txs = NULL;
    size_t n = 0;
    status s = chain_view_block(v, v->head, &head, reterr);
    if (s != OK)
        return s;
    chain_next_header(v, &head, &h);
    s = copy_ready(v->chain, &h, a, &txs, &n);
    if (s != OK)
        return ERR(reterr, s, "pending transactions");
    s = chain_exec_open(v, v->head, &h, ret, reterr);
    if (s == OK && (s = run_ready(ret, txs, n, &n, reterr)) != OK)
        chain_exec_close(ret);
    if (s == OK && ret_txs != NULL) {
        *ret_txs = txs;
        *ret_n = n;
    }
    return s;
}

/* --- calls ----------------------------------------------------------------------------------- */

static status check_funds(struct chain_exec *x, const struct chain_call *call, struct err *reterr)
{
    char have[U256_DEC_MAX];
    char want[U256_DEC_MAX];
    u256 cost;
    u256 balance = state_account(&x->state, &call->from)->head.balance;
    bool fits = u256_mul_u64(call->price, call->gas, &cost) &&
                (call->no_value_check || u256_add(cost, call->value, &cost));
    if (fits && u256_cmp(cost, balance) <= 0)
        return OK;
    (void)u256_dec(balance, have);
    (void)u256_dec(cost, want);
    return ERR(reterr, E_FORBIDDEN, "insufficient funds for gas * price + value: have %s want %s",
               have, fits ? want : "more than 2^256");
}

static status check_gas(const struct chain_exec *x, const struct tx *t, struct tx_ready *ready,
                        struct err *reterr)
{
    status s = tx_gas_of(t, x->rules.rev, &ready->gas, reterr);
    if (s != OK)
        return s;
    if (t->gas < ready->gas.intrinsic)
        return ERR(reterr, E_RANGE, "intrinsic gas too low: have %llu, want %llu",
                   (unsigned long long)t->gas, (unsigned long long)ready->gas.intrinsic);
    if (t->gas < ready->gas.floor)
        return ERR(reterr, E_RANGE,
                   "insufficient gas for floor data gas cost: have %llu, want %llu",
                   (unsigned long long)t->gas, (unsigned long long)ready->gas.floor);
    if (t->gas > INT64_MAX)
        return ERR(reterr, E_RANGE, "gas limit too high");
    if (t->is_create && x->rules.rev >= EVM_SHANGHAI && t->data.n > EVM_INITCODE_MAX)
        return ERR(reterr, E_RANGE, "max initcode size exceeded: code size %zu limit %u", t->data.n,
                   (unsigned)EVM_INITCODE_MAX);
    return OK;
}

static void as_tx(struct chain_exec *x, const struct chain_call *call, struct tx *ret)
{
    *ret = (struct tx){.type = call->authorizations.n > 0 ? TX_SET_CODE : TX_FEE_MARKET,
                       .has_chain_id = true,
                       .chain_id = x->rules.chain_id,
                       .nonce = state_account(&x->state, &call->from)->head.nonce,
                       .max_fee = call->price,
                       .max_priority = call->price,
                       .gas = call->gas,
                       .is_create = call->create,
                       .to = call->to,
                       .value = call->value,
                       .data = call->data,
                       .access_list = call->access_list,
                       .authorizations = call->authorizations};
}

static void begin_host(struct chain_exec *x, const struct chain_call *call,
                       const struct evm_tracer *tracer)
{
    if (x->host_used)
        host_done(&x->host);
    host_init(&x->host, x->rules.rev, &x->state, x->vm, tracer);
    x->host_used = true;
    x->host.block_hash = x->block_hash;
    x->host.block_hash_ctx = x->block_hash_ctx;
    block_env(&x->rules, &x->header, &x->host.block);
    if (call->free && u256_is_zero(call->price))
        x->host.block.base_fee = u256_from_u64(0);
}

static status check_price(const struct chain_exec *x, const struct chain_call *call,
                          struct err *reterr)
{
    char fee[U256_DEC_MAX];
    char price[U256_DEC_MAX];
    if (x->rules.rev < EVM_LONDON || u256_cmp(call->price, x->host.block.base_fee) >= 0)
        return OK;
    (void)u256_dec(call->price, price);
    (void)u256_dec(x->host.block.base_fee, fee);
    return ERR(reterr, E_RANGE,
               "max fee per gas less than block base fee: maxFeePerGas: %s, baseFee: %s", price,
               fee);
}

/* A sender without the value is lent it: the transfer must not fail. */
static void lend(struct chain_exec *x, const struct chain_call *call)
{
    struct account *a = state_account(&x->state, &call->from);
    u256 sum;
    if (call->no_value_check && u256_cmp(a->head.balance, call->value) < 0 &&
        u256_add(a->head.balance, call->value, &sum))
        state_add_balance(&x->state, a, call->value);
}

status chain_exec_call(struct chain_exec *x, const struct chain_call *call,
                       const struct evm_tracer *tracer, struct chain_result *ret,
                       struct err *reterr)
{
    struct tx t;
    struct tx_ready ready = {.tx = &t, .sender = call->from, .price = call->price};
    struct tx_outcome o;
    begin_host(x, call, tracer);
    as_tx(x, call, &t);
    status s = check_price(x, call, reterr);
    if (s == OK)
        s = check_gas(x, &t, &ready, reterr);
    if (s == OK)
        s = check_funds(x, call, reterr);
    if (s != OK)
        return s;
    lend(x, call);
    s = tx_exec(&x->host, &x->rules, &ready, &o, reterr);
    if (s == OK && state_failure(&x->state) != OK)
        s = ERR(reterr, state_failure(&x->state), "state");
    if (s == OK)
        *ret = (struct chain_result){.status = o.status,
                                     .gas_used = o.gas_used,
                                     .gas_peak = o.gas_peak,
                                     .output = o.output,
                                     .created = o.created};
    return s;
}

/* --- estimates: the steps of geth, so that the answers are the same ----------------------------
 */

struct estimate {
    struct chain_exec *x;
    struct chain_call call;
    struct chain_result result;
    uint64_t lo; /* does not suffice */
    uint64_t hi; /* suffices */
};

/* *ret_ok: does it succeed with this gas? OK | statuses that no gas mends. */
static status try_gas(struct estimate *e, uint64_t gas, bool *ret_ok, struct err *reterr)
{
    struct state_mark m = state_mark(&e->x->state);
    e->call.gas = gas;
    status s = chain_exec_call(e->x, &e->call, NULL, &e->result, reterr);
    state_revert(&e->x->state, m);
    *ret_ok = s == OK && e->result.status == EVM_SUCCESS;
    if (s == E_RANGE && gas < e->hi)
        return OK; /* below the intrinsic gas */
    return s;
}

static status cap_by_balance(struct estimate *e, struct err *reterr)
{
    u256 left = state_account(&e->x->state, &e->call.from)->head.balance;
    u256 most;
    if (u256_is_zero(e->call.price))
        return OK;
    if (!u256_sub(left, e->call.value, &left))
        return ERR(reterr, E_FORBIDDEN, "insufficient funds for transfer");
    if (u256_mul_u64(e->call.price, e->hi, &most) && u256_cmp(most, left) <= 0)
        return OK;
    uint64_t lo = 0; /* hi = left / price, by halving: below the old hi, which is 64 bits */
    while (lo + 1 < e->hi) {
        uint64_t mid = lo + (e->hi - lo) / 2;
        if (u256_mul_u64(e->call.price, mid, &most) && u256_cmp(most, left) <= 0)
            lo = mid;
        else
            e->hi = mid;
    }
    e->hi = lo;
    return OK;
}

static status search(struct estimate *e, struct err *reterr)
{
    status s = OK;
    while (s == OK && e->lo + 1 < e->hi) {
        bool ok;
        if ((e->hi - e->lo) * 1000 < e->hi * 15) /* geth's tolerance of RPC estimates */
            break;
        uint64_t mid = e->lo + (e->hi - e->lo) / 2;
        if (mid > 2 * e->lo)
            mid = 2 * e->lo;
        s = try_gas(e, mid, &ok, reterr);
        if (ok)
            e->hi = mid;
        else
            e->lo = mid;
    }
    return s;
}

static status narrow(struct estimate *e, struct err *reterr)
{
    bool ok;
    e->lo = e->result.gas_used - 1;
    uint64_t guess = (e->result.gas_peak + CALL_STIPEND) * 64 / 63;
    if (guess < e->hi) {
        status s = try_gas(e, guess, &ok, reterr);
        if (s != OK)
            return s;
        if (ok)
            e->hi = guess;
        else
            e->lo = guess;
    }
    return search(e, reterr);
}

static bool is_plain_transfer(struct chain_exec *x, const struct chain_call *call)
{
    return !call->create && call->data.n == 0 &&
           state_code(&x->state, state_account(&x->state, &call->to))->bytes.n == 0;
}

status chain_exec_estimate(struct chain_exec *x, const struct chain_call *call, uint64_t cap,
                           uint64_t *ret_gas, struct chain_result *ret_result, struct err *reterr)
{
    struct estimate e = {.x = x, .call = *call, .hi = x->header.gas_limit};
    bool ok = false;
    if (call->gas >= TX_GAS)
        e.hi = call->gas;
    if (x->rules.rev >= EVM_OSAKA && e.hi > TX_GAS_MAX)
        e.hi = TX_GAS_MAX;
    status s = cap_by_balance(&e, reterr);
    if (cap != 0 && e.hi > cap)
        e.hi = cap;
    if (s == OK && is_plain_transfer(x, call)) {
        if (try_gas(&e, TX_GAS, &ok, NULL) == OK && ok) {
            *ret_gas = TX_GAS;
            return OK;
        }
    }
    if (s == OK)
        s = try_gas(&e, e.hi, &ok, reterr);
    if (s != OK)
        return s;
    if (!ok && e.result.status == EVM_OUT_OF_GAS)
        return ERR(reterr, E_RANGE, "gas required exceeds allowance (%llu)",
                   (unsigned long long)e.hi);
    if (!ok) {
        *ret_result = e.result;
        return ERR(reterr, E_REVERTED, "%s",
                   e.result.status == EVM_REVERT ? "execution reverted"
                                                 : evm_status_text(e.result.status));
    }
    s = narrow(&e, reterr);
    if (s == OK)
        *ret_gas = e.hi;
    return s;
}
