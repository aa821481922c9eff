/* SPDX-License-Identifier: Apache-2.0 */
/* Running a message: what a transaction would be refused for, then what it does. */
#include <stdio.h>

#include "crypto/addr.h"
#include "rpc/call.h"
#include "rpc/put.h"

/* Codes of eth_simulateV1's specification; eth_call has -32000 for all of them. */
enum refusal {
    REFUSED_NONCE_LOW = -38010,
    REFUSED_NONCE_HIGH = -38011,
    REFUSED_FEE_LOW = -38012,
    REFUSED_INTRINSIC = -38013,
    REFUSED_FUNDS = -38014,
    REFUSED_INITCODE = -38025,
};

uint64_t rpc_call_gas(const struct rpc_req *q, const struct rpc_call_args *a)
{
    uint64_t cap = q->rpc->cfg.call_gas;
    return a->has_gas && a->gas < cap ? a->gas : cap;
}

const char *rpc_vm_text(enum evm_status s)
{
    static const char *const texts[EVM_STATUS_COUNT] = {
        [EVM_REVERT] = "execution reverted",
        [EVM_OUT_OF_GAS] = "out of gas",
        [EVM_UNDEFINED] = "invalid opcode",
        [EVM_INVALID] = "invalid opcode: INVALID",
        [EVM_STACK_UNDERFLOW] = "stack underflow",
        [EVM_STACK_OVERFLOW] = "stack limit reached 1024 (1023)",
        [EVM_BAD_JUMP] = "invalid jump destination",
        [EVM_RETURNDATA_BOUNDS] = "return data out of bounds",
        [EVM_STATIC_VIOLATION] = "write protection",
        [EVM_CODE_TOO_LARGE] = "max code size exceeded",
        [EVM_CODE_EF] = "invalid code: must not begin with 0xef",
        [EVM_PRECOMPILE_FAILED] = "precompile failed",
        [EVM_COLLISION] = "contract address collision",
        [EVM_NONCE_OVERFLOW] = "nonce uint64 overflow",
        [EVM_DEPTH] = "max call depth exceeded",
        [EVM_BALANCE] = "insufficient balance for transfer",
    };
    return s < EVM_STATUS_COUNT && texts[s] != NULL ? texts[s] : evm_status_text(s);
}

/* --- what a transaction would be refused for ----------------------------------------------------
 */

struct judged {
    struct rpc_req *q;
    struct rpc_exec *x;
    struct rpc_run *run;
    struct tx *tx;
    struct tx_ready ready;
};

static status refuse(const struct judged *j, enum refusal code, const char *text)
{
    j->run->too_little_gas = code == REFUSED_INTRINSIC;
    return rpc_fail(j->q, j->run->simulated ? (int)code : RPC_SERVER_ERROR,
                    "err: %s (supplied gas %llu)", text, (unsigned long long)j->run->gas);
}

static status check_nonce(const struct judged *j, const struct account *a)
{
    char text[200];
    char addr[ADDR_TEXT];
    unsigned long long want = a->head.nonce;
    unsigned long long has = j->tx->nonce;
    if (!j->run->validate || want == has)
        return OK;
    (void)snprintf(text, sizeof text, "nonce too %s: address %s, tx: %llu state: %llu",
                   has < want ? "low" : "high", addr_text(a->addr, addr), has, want);
    return refuse(j, has < want ? REFUSED_NONCE_LOW : REFUSED_NONCE_HIGH, text);
}

static status check_fees(const struct judged *j)
{
    char text[400];
    char addr[ADDR_TEXT];
    char fee[U256_DEC_MAX];
    char other[U256_DEC_MAX];
    const struct tx *t = j->tx;
    bool none = u256_is_zero(t->max_fee) && u256_is_zero(t->max_priority);
    if (j->x->x.rules.rev < EVM_LONDON || (none && !j->run->validate))
        return OK;
    (void)u256_dec(t->max_fee, fee);
    (void)addr_text(j->ready.sender, addr);
    if (u256_cmp(t->max_fee, t->max_priority) < 0) {
        (void)u256_dec(t->max_priority, other);
        (void)snprintf(text, sizeof text,
                       "max priority fee per gas higher than max fee per gas: address %s, "
                       "maxPriorityFeePerGas: %s, maxFeePerGas: %s",
                       addr, other, fee);
        return refuse(j, (enum refusal)RPC_INVALID_PARAMS, text);
    }
    if (u256_cmp(t->max_fee, j->x->env.base_fee) >= 0)
        return OK;
    (void)u256_dec(j->x->env.base_fee, other);
    (void)snprintf(text, sizeof text,
                   "max fee per gas less than block base fee: address %s, maxFeePerGas: %s, "
                   "baseFee: %s",
                   addr, fee, other);
    return refuse(j, REFUSED_FEE_LOW, text);
}

static status check_blob_fee(const struct judged *j)
{
    char text[400];
    char addr[ADDR_TEXT];
    char fee[U256_DEC_MAX];
    char base[U256_DEC_MAX];
    const struct tx *t = j->tx;
    if (tx_blob_count(t) == 0 || (u256_is_zero(t->max_blob_fee) && !j->run->validate) ||
        u256_cmp(t->max_blob_fee, j->x->env.blob_base_fee) >= 0)
        return OK;
    (void)u256_dec(t->max_blob_fee, fee);
    (void)u256_dec(j->x->env.blob_base_fee, base);
    (void)snprintf(text, sizeof text,
                   "max fee per blob gas less than block blob gas fee: address %s "
                   "blobGasFeeCap: %s, blobBaseFee: %s",
                   addr_text(j->ready.sender, addr), fee, base);
    return refuse(j, REFUSED_FEE_LOW, text);
}

/* The most that the call may take from its sender. */
static bool worst_cost(const struct judged *j, u256 *ret)
{
    u256 gas;
    u256 blobs;
    const struct tx *t = j->tx;
    return u256_mul_u64(t->max_fee, t->gas, &gas) && u256_add(gas, t->value, &gas) &&
           u256_mul_u64(t->max_blob_fee, tx_blob_count(t) * GAS_PER_BLOB, &blobs) &&
           u256_add(gas, blobs, ret);
}

static status check_funds(const struct judged *j, const struct account *a)
{
    char text[400];
    char addr[ADDR_TEXT];
    char have[U256_DEC_MAX];
    char want[U256_DEC_MAX] = "more than 2^256";
    u256 cost;
    bool fits = worst_cost(j, &cost);
    if (fits && u256_cmp(a->head.balance, cost) >= 0)
        return OK;
    (void)u256_dec(a->head.balance, have);
    if (fits)
        (void)u256_dec(cost, want);
    (void)snprintf(text, sizeof text,
                   "insufficient funds for gas * price + value: address %s have %s want %s",
                   addr_text(a->addr, addr), have, want);
    return refuse(j, REFUSED_FUNDS, text);
}

static status check_gas(struct judged *j)
{
    char text[160];
    struct tx_gas *g = &j->ready.gas;
    enum evm_rev rev = j->x->x.rules.rev;
    unsigned long long gas = j->tx->gas;
    status s = tx_gas_of(j->tx, rev, g, NULL);
    if (s != OK)
        return s;
    if (gas < g->intrinsic) {
        (void)snprintf(text, sizeof text, "intrinsic gas too low: have %llu, want %llu", gas,
                       (unsigned long long)g->intrinsic);
        return refuse(j, REFUSED_INTRINSIC, text);
    }
    if (gas < g->floor) {
        (void)snprintf(text, sizeof text,
                       "insufficient gas for floor data gas cost: have %llu, want %llu", gas,
                       (unsigned long long)g->floor);
        return refuse(j, REFUSED_INTRINSIC, text);
    }
    if (j->tx->is_create && rev >= EVM_SHANGHAI && j->tx->data.n > EVM_INITCODE_MAX) {
        (void)snprintf(text, sizeof text, "max initcode size exceeded: code size %zu limit %u",
                       j->tx->data.n, EVM_INITCODE_MAX);
        return refuse(j, REFUSED_INITCODE, text);
    }
    if (gas > INT64_MAX)
        return refuse(j, REFUSED_INTRINSIC, "gas limit above 2^63");
    return OK;
}

static status judge(struct judged *j)
{
    struct state *st = &j->x->x.state;
    const struct account *a = state_account(st, &j->ready.sender);
    status s = check_nonce(j, a);
    if (s == OK)
        s = check_fees(j);
    if (s == OK)
        s = check_blob_fee(j);
    if (s == OK)
        s = check_funds(j, a);
    return s == OK ? check_gas(j) : s;
}

/* --- running ------------------------------------------------------------------------------------
 */

/* Prices, and whether anything is paid at all. */
static void set_prices(struct judged *j, struct evm_block *env)
{
    const struct rpc_call_args *a = j->run->args;
    u256 cap;
    u256 tip;
    rpc_call_fees(a, env->base_fee, &j->ready.price, &cap, &tip);
    j->ready.unpaid = !j->run->validate && u256_is_zero(cap) && u256_is_zero(tip);
    if (u256_is_zero(j->ready.price) && !j->run->keep_base_fee)
        env->base_fee = u256_from_u64(0);
    size_t n = tx_blob_count(j->tx);
    if (n == 0 || (u256_is_zero(j->tx->max_blob_fee) && !j->run->validate)) {
        if (!j->run->keep_base_fee && u256_is_zero(j->tx->max_blob_fee))
            env->blob_base_fee = u256_from_u64(0);
        return;
    }
    (void)u256_mul_u64(env->blob_base_fee, n * GAS_PER_BLOB, &j->ready.blob_fee);
}

static void set_watched(const struct judged *j, struct host *h)
{
    h->watch = j->run->watch;
    h->moved = j->x->moved;
    h->n_moved = j->x->n_moved;
}

/* In a host of its own. */
static status execute_alone(struct judged *j, struct rpc_result *ret)
{
    struct chain_exec *x = &j->x->x;
    struct host *h = &x->host;
    if (x->host_used)
        host_done(h);
    host_init(h, x->rules.rev, &x->state, x->vm, j->run->tracer);
    x->host_used = true;
    h->block_hash = x->block_hash;
    h->block_hash_ctx = x->block_hash_ctx;
    h->block = j->x->env;
    set_watched(j, h);
    set_prices(j, &h->block);
    return tx_exec(h, &x->rules, &j->ready, &ret->out, NULL);
}

/* As a part of a simulated block. */
static status execute_in_block(struct judged *j, struct rpc_result *ret)
{
    struct block_run *b = j->run->block;
    set_watched(j, &b->host);
    set_prices(j, &b->host.block);
    status s = block_tx_ready(b, &j->ready, &ret->out, NULL);
    b->host.watch = NULL;
    return s;
}

status rpc_run(struct rpc_req *q, struct rpc_exec *x, struct rpc_run *run, struct rpc_result *ret)
{
    struct tx as_sent; /* with the nonce that the state has */
    struct judged j = {.q = q, .x = x, .run = run, .tx = &ret->tx};
    status s = rpc_check_time(q, "execution");
    if (s != OK)
        return s;
    const struct rpc_call_args *a = run->args;
    uint64_t nonce = state_account(&x->x.state, &a->from)->head.nonce;
    rpc_call_tx(a, x->x.rules.chain_id, a->has_nonce && run->simulated ? a->nonce : nonce, run->gas,
                &ret->tx);
    j.ready.sender = a->from;
    s = judge(&j);
    if (s != OK)
        return s;
    as_sent = ret->tx;
    as_sent.nonce = nonce;
    j.ready.tx = &as_sent;
    return run->block != NULL ? execute_in_block(&j, ret) : execute_alone(&j, ret);
}

/* --- reverts ------------------------------------------------------------------------------------
 */

static const struct {
    uint8_t code;
    const char *text;
} panics[] = {
    {0x00, "generic panic"},
    {0x01, "assert(false)"},
    {0x11, "arithmetic underflow or overflow"},
    {0x12, "division or modulo by zero"},
    {0x21, "enum overflow"},
    {0x22, "invalid encoded storage byte array accessed"},
    {0x31, "out-of-bounds array access; popping on an empty array"},
    {0x32, "out-of-bounds access of an array or bytesN"},
    {0x41, "out of memory"},
    {0x51, "uninitialized function"},
};

static bool panic_text(struct arena *a, u256 code, slice *ret)
{
    for (size_t i = 0; i < sizeof panics / sizeof *panics; i++) {
        if (u256_eq(code, u256_from_u64(panics[i].code))) {
            *ret = slice_str(panics[i].text);
            return true;
        }
    }
    char hex[U256_HEX_MAX];
    (void)u256_hex(code, hex);
    char *text = arena_printf(a, "unknown panic code: %s", hex);
    *ret = text != NULL ? slice_str(text) : SLICE_EMPTY;
    return text != NULL;
}

bool rpc_revert_reason(struct arena *a, slice output, slice *ret)
{
    static const uint8_t error[4] = {0x08, 0xc3, 0x79, 0xa0};
    static const uint8_t panic[4] = {0x4e, 0x48, 0x7b, 0x71};
    slice body = slice_after(output, 4);
    if (output.n >= 4 + 32 && memcmp(output.p, panic, 4) == 0)
        return panic_text(a, u256_from_be(body.p), ret);
    if (output.n < 4 + 64 || memcmp(output.p, error, 4) != 0)
        return false;
    u256 at = u256_from_be(body.p);
    if (!u256_fits_u64(at) || at.w[0] > body.n - 32)
        return false;
    slice tail = slice_after(body, at.w[0]);
    u256 n = tail.n >= 32 ? u256_from_be(tail.p) : u256_from_u64(UINT64_MAX);
    if (!u256_fits_u64(n) || n.w[0] > tail.n - 32)
        return false;
    *ret = slice_first(slice_after(tail, 32), n.w[0]);
    return true;
}

slice rpc_revert_text(struct rpc_req *q, slice output)
{
    slice reason;
    struct rpc_error before = q->error;
    if (!rpc_revert_reason(q->a, output, &reason))
        return SLICE_LIT("execution reverted");
    (void)rpc_fail(q, RPC_REVERTED, "execution reverted: %.*s",
                   (int)(reason.n < RPC_TEXT_MAX ? reason.n : RPC_TEXT_MAX),
                   (const char *)reason.p);
    slice text = q->error.text;
    q->error = before;
    return text;
}

status rpc_fail_reverted(struct rpc_req *q, slice output)
{
    slice data = arena_dup(q->a, output);
    if (data.p == NULL && output.n > 0)
        return E_NOMEM;
    slice text = rpc_revert_text(q, output);
    q->error =
        (struct rpc_error){.code = RPC_REVERTED, .text = text, .data = data, .has_data = true};
    return E_RANGE;
}
