/* SPDX-License-Identifier: Apache-2.0 */
/* The EVM's host over a journaled state. */
#include "chain/host.h"

#include "codec/rlp.h"
#include "crypto/keccak.h"
#include "evm/precompile.h"

#define SYSTEM_GAS 30000000

static const addr20 system_address = {.b = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                            0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                            0xff, 0xff, 0xff, 0xff, 0xff, 0xfe}};

static struct host *host_of(struct evm_host *h)
{
    return (struct host *)h;
}

static struct account *account_of(struct evm_host *h, const addr20 *a)
{
    return state_account(host_of(h)->state, a);
}

/* --- reading and writing -------------------------------------------------------------------- */

static bool op_account_exists(struct evm_host *h, const addr20 *addr)
{
    const struct account *a = account_of(h, addr);
    return a->head.exists && (host_of(h)->rev < EVM_SPURIOUS || !account_is_empty(a));
}

static u256 op_balance(struct evm_host *h, const addr20 *a)
{
    return account_of(h, a)->head.balance;
}

static slice op_code(struct evm_host *h, const addr20 *a)
{
    return state_code(host_of(h)->state, account_of(h, a))->bytes;
}

static hash32 op_code_hash(struct evm_host *h, const addr20 *a)
{
    return op_account_exists(h, a) ? account_of(h, a)->head.code_hash : (hash32){{0}};
}

static bool op_access_account(struct evm_host *h, const addr20 *a)
{
    if (precompile_is(host_of(h)->rev, a))
        return false;
    return state_warm(host_of(h)->state, account_of(h, a));
}

static const struct evm_slot *op_storage(struct evm_host *h, const addr20 *a, const u256 *key,
                                         bool *ret_cold)
{
    struct state *st = host_of(h)->state;
    struct slot *s = state_slot(st, account_of(h, a), key);
    *ret_cold = state_warm_slot(st, s);
    return &s->v;
}

static void op_storage_set(struct evm_host *h, const addr20 *addr, const u256 *key,
                           const u256 *value)
{
    struct state *st = host_of(h)->state;
    struct account *a = account_of(h, addr);
    state_set_slot(st, a, state_slot(st, a, key), value);
}

static u256 op_transient(struct evm_host *h, const addr20 *a, const u256 *key)
{
    return state_transient(host_of(h)->state, account_of(h, a), key);
}

static void op_transient_set(struct evm_host *h, const addr20 *a, const u256 *key,
                             const u256 *value)
{
    state_set_transient(host_of(h)->state, account_of(h, a), key, value);
}

static bool op_selfdestruct(struct evm_host *eh, const addr20 *addr, const addr20 *beneficiary)
{
    struct host *h = host_of(eh);
    struct account *a = account_of(eh, addr);
    struct account *to = account_of(eh, beneficiary);
    bool ends = h->rev < EVM_CANCUN || a->head.created == h->state->tx;
    u256 all = a->head.balance;
    if (h->watch != NULL && h->watch->selfdestruct != NULL)
        h->watch->selfdestruct(h->watch->ctx, addr, beneficiary, &all);
    if (a != to) {
        state_add_balance(h->state, to, all);
        state_sub_balance(h->state, a, all);
    } else if (ends) {
        state_set_balance(h->state, a, u256_from_u64(0));
    }
    return ends && state_set_destructed(h->state, a);
}

static void op_log(struct evm_host *h, const addr20 *a, const hash32 *topics, size_t n_topics,
                   slice data)
{
    struct state_log log = {.addr = *a, .n_topics = (uint32_t)n_topics, .data = data};
    memcpy(log.topic, topics, n_topics * sizeof *topics);
    state_add_log(host_of(h)->state, &log);
    const struct host_watch *w = host_of(h)->watch;
    if (w != NULL && w->log != NULL)
        w->log(w->ctx, &log);
}

static hash32 op_block_hash(struct evm_host *eh, uint64_t number)
{
    const struct host *h = host_of(eh);
    return h->block_hash != NULL ? h->block_hash(h->block_hash_ctx, number) : (hash32){{0}};
}

/* --- calls ---------------------------------------------------------------------------------- */

static void watch_enter(const struct host *h, const struct evm_msg *msg)
{
    if (h->watch != NULL && h->watch->enter != NULL)
        h->watch->enter(h->watch->ctx, msg);
}

static void watch_leave(const struct host *h, const struct evm_msg *msg, const struct evm_result *r)
{
    if (h->watch != NULL && h->watch->leave != NULL)
        h->watch->leave(h->watch->ctx, msg, r);
}

/* Neither depth nor balance allow the message. */
static void op_refused(struct evm_host *h, const struct evm_msg *msg, const struct evm_result *r)
{
    watch_enter(host_of(h), msg);
    watch_leave(host_of(h), msg, r);
}

/* Is there a precompile at addr, and which? */
static bool find_precompile(const struct host *h, const addr20 *addr, addr20 *ret_is)
{
    *ret_is = *addr;
    for (size_t i = h->n_moved; i-- > 0;) {
        if (addr20_eq(h->moved[i].at, *addr)) {
            *ret_is = h->moved[i].is;
            return !h->moved[i].none;
        }
    }
    return precompile_is(h->rev, addr);
}

static void run_precompile(struct host *h, const addr20 *which, const struct evm_msg *msg,
                           struct evm_result *ret)
{
    struct precompile_result r = {.ok = false};
    status s = precompile_run(h->rev, which, msg->input, msg->gas, &h->output, &r);
    if (s != OK)
        h->failure = s;
    h->absent |= r.absent;
    *ret = (struct evm_result){.status = EVM_PRECOMPILE_FAILED};
    if (s == OK && r.ok)
        *ret =
            (struct evm_result){.gas_left = msg->gas - r.gas_cost, .output = buf_slice(&h->output)};
}

static void run_code(struct host *h, const struct evm_msg *msg, struct evm_result *ret)
{
    const addr20 *whose = msg->delegated ? &msg->target : &msg->code_addr;
    const struct code *c = state_code(h->state, state_account(h->state, whose));
    if (c->bytes.n == 0)
        *ret = (struct evm_result){.gas_left = msg->gas};
    else
        evm_execute(h->vm, msg, c->ready, ret);
    if (ret->status == EVM_NO_MEMORY)
        h->failure = E_NOMEM;
}

static void move_value(struct host *h, const addr20 *from, struct account *to, u256 value)
{
    if (!u256_is_zero(value))
        state_sub_balance(h->state, state_account(h->state, from), value);
    state_add_balance(h->state, to, value);
}

static void call_message(struct host *h, const struct evm_msg *msg, struct evm_result *ret)
{
    struct state_mark mark = state_mark(h->state);
    addr20 which;
    watch_enter(h, msg);
    if (msg->kind == EVM_CALL)
        move_value(h, &msg->sender, state_account(h->state, &msg->recipient), msg->value);
    else if (msg->kind == EVM_STATICCALL)
        state_touch(h->state, state_account(h->state, &msg->recipient));
    if (!msg->delegated && find_precompile(h, &msg->code_addr, &which))
        run_precompile(h, &which, msg, ret);
    else
        run_code(h, msg, ret);
    if (ret->status != EVM_SUCCESS)
        state_revert(h->state, mark);
    watch_leave(h, msg, ret);
}

/* --- creations ------------------------------------------------------------------------------ */

void host_create_address(const addr20 *creator, uint64_t nonce, addr20 *ret)
{
    uint8_t rlp[1 + 21 + 9]; /* below 56: one byte of header */
    uint8_t be[32];
    u256 v = u256_from_u64(nonce);
    size_t len = u256_byte_len(v);
    size_t n = 1;
    hash32 h;
    rlp[n++] = 0x80 + 20;
    memcpy(rlp + n, creator->b, 20);
    n += 20;
    u256_to_be(v, be);
    if (len != 1 || be[31] >= 0x80)
        rlp[n++] = (uint8_t)(0x80 + len);
    memcpy(rlp + n, be + 32 - len, len);
    n += len;
    rlp[0] = (uint8_t)(0xc0 + n - 1);
    keccak256(slice_of(rlp, n), &h);
    memcpy(ret->b, h.b + 12, 20);
}

static void create2_address(const struct evm_msg *msg, addr20 *ret)
{
    uint8_t text[1 + 20 + 32 + 32] = {0xff};
    hash32 h;
    keccak256(msg->input, &h);
    memcpy(text + 1, msg->sender.b, 20);
    memcpy(text + 21, msg->salt.b, 32);
    memcpy(text + 53, h.b, 32);
    keccak256(slice_of(text, sizeof text), &h);
    memcpy(ret->b, h.b + 12, 20);
}

static void run_initcode(struct host *h, const struct evm_msg *msg, struct evm_result *ret)
{
    struct evm_code *code = evm_code_new(msg->input);
    *ret = (struct evm_result){.status = EVM_NO_MEMORY};
    if (code != NULL)
        evm_execute(h->vm, msg, code, ret);
    evm_code_free(code);
    if (ret->status == EVM_NO_MEMORY)
        h->failure = E_NOMEM;
}

/* In use by a transaction, a contract or storage (EIP-684, 7610). */
static bool collides(struct host *h, struct account *a)
{
    return a->head.nonce != 0 || !hash32_eq(a->head.code_hash, code_none.hash) ||
           state_has_storage(h->state, a);
}

/* The frame of a creation at the address a, which msg names. */
static void create_at(struct host *h, const struct evm_msg *msg, struct account *a,
                      struct evm_result *ret)
{
    struct state_mark mark = state_mark(h->state);
    state_set_created(h->state, a);
    if (h->rev >= EVM_SPURIOUS)
        state_set_nonce(h->state, a, 1); /* EIP-161 */
    move_value(h, &msg->sender, a, msg->value);
    run_initcode(h, msg, ret);
    if (ret->status == EVM_SUCCESS) {
        state_set_code(h->state, a, ret->output);
        ret->created = a->addr;
    } else {
        state_revert(h->state, mark);
    }
}

/* The address is known. */
static void create_named(struct host *h, const struct evm_msg *msg, struct evm_result *ret)
{
    struct account *a = state_account(h->state, &msg->recipient);
    (void)state_warm(h->state, a);
    watch_enter(h, msg);
    if (collides(h, a))
        *ret = (struct evm_result){.status = EVM_COLLISION};
    else
        create_at(h, msg, a, ret);
    watch_leave(h, msg, ret);
}

static void create_message(struct host *h, const struct evm_msg *msg, struct evm_result *ret)
{
    struct account *creator = state_account(h->state, &msg->sender);
    uint64_t nonce = creator->head.nonce;
    struct evm_msg m = *msg;
    if (msg->kind == EVM_CREATE2)
        create2_address(msg, &m.recipient);
    else
        host_create_address(&msg->sender, nonce, &m.recipient);
    m.code_addr = m.recipient;
    if (nonce == UINT64_MAX) {
        *ret = (struct evm_result){.status = EVM_NONCE_OVERFLOW, .gas_left = msg->gas};
        op_refused(&h->evm, &m, ret);
        return;
    }
    state_set_nonce(h->state, creator, nonce + 1);
    create_named(h, &m, ret);
}

void host_call(struct host *h, const struct evm_msg *msg, struct evm_result *ret)
{
    if (evm_kind_is_create(msg->kind))
        create_message(h, msg, ret);
    else
        call_message(h, msg, ret);
}

static void op_call(struct evm_host *h, const struct evm_msg *msg, struct evm_result *ret)
{
    host_call(host_of(h), msg, ret);
}

void host_system_call(struct host *h, const addr20 *to, slice input, struct evm_result *ret)
{
    const struct evm_msg msg = {.kind = EVM_CALL,
                                .gas = SYSTEM_GAS,
                                .recipient = *to,
                                .sender = system_address,
                                .code_addr = *to,
                                .input = input};
    h->tx = (struct evm_tx){.origin = system_address};
    state_begin_tx(h->state);
    host_call(h, &msg, ret);
    state_end_tx(h->state, true);
}

/* --- */

static const struct evm_host_ops ops = {
    .account_exists = op_account_exists,
    .balance = op_balance,
    .code = op_code,
    .code_hash = op_code_hash,
    .access_account = op_access_account,
    .storage = op_storage,
    .storage_set = op_storage_set,
    .transient = op_transient,
    .transient_set = op_transient_set,
    .selfdestruct = op_selfdestruct,
    .log = op_log,
    .block_hash = op_block_hash,
    .call = op_call,
    .refused = op_refused,
};

void host_init(struct host *h, enum evm_rev rev, struct state *st, struct evm *vm,
               const struct evm_tracer *tracer)
{
    *h = (struct host){.rev = rev, .state = st, .vm = vm};
    h->evm = (struct evm_host){.ops = &ops, .block = &h->block, .tx = &h->tx};
    buf_init(&h->output, PRECOMPILE_OUTPUT_CAP);
    evm_bind(vm, rev, &h->evm, tracer);
}

void host_done(struct host *h)
{
    buf_done(&h->output);
}

status host_failure(const struct host *h)
{
    return h->failure != OK ? h->failure : state_failure(h->state);
}
