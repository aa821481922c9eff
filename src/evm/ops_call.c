/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions that start another frame. */
#include "evm/frame.h"
#include "num/u256_alu.h"

/* The words of a call, whichever instruction it is. */
struct call {
    struct evm_msg msg;
    const u256 *gas;    /* wanted for the callee */
    const u256 *in_out; /* top of: input offset, input size, output offset, output size */
    uint64_t out_n;
    bool has_value; /* CALL and CALLCODE with a value that is not zero */
};

/* What the frame may pass on of its gas (EIP-150: all but one 64th). */
static int64_t gas_to_pass(const struct frame *f)
{
    return f->costs->all_but_one_64th ? f->gas - f->gas / 64 : f->gas;
}

/* Take the callee's gas from f->gas. Before EIP-150 asking for more than there is was a fault. */
static MUST_USE bool charge_callee(struct frame *f, const u256 *wanted, int64_t *ret_gas)
{
    int64_t most = gas_to_pass(f);
    bool enough = u256_fits_u64(*wanted) && wanted->w[0] <= (uint64_t)most;
    if (!enough && !f->costs->all_but_one_64th)
        return false;
    *ret_gas = enough ? (int64_t)wanted->w[0] : most;
    f->gas -= *ret_gas;
    return true;
}

static MUST_USE bool charge_access(struct frame *f, const addr20 *a)
{
    return f->rev < EVM_BERLIN || !f->host->ops->access_account(f->host, a) ||
           frame_charge(f, f->costs->cold_account);
}

/* EIP-7702: the code of an account may be the name of another whose code runs instead; its access
 * is paid too. One step only. */
static MUST_USE bool charge_delegation(struct frame *f, struct evm_msg *m)
{
    if (f->rev < EVM_PRAGUE ||
        !evm_delegation_read(f->host->ops->code(f->host, &m->code_addr), &m->target))
        return true;
    m->delegated = true;
    return charge_access(f, &m->target) && frame_charge(f, COST_WARM);
}

/* EIP-161: only a value makes an account; before it any CALL did. */
static bool call_makes_account(const struct frame *f, const struct call *c)
{
    return c->msg.kind == EVM_CALL && (c->has_value || f->rev < EVM_SPURIOUS) &&
           !f->host->ops->account_exists(f->host, &c->msg.recipient);
}

static enum evm_status charge_memory(struct frame *f, struct call *c)
{
    uint64_t in_n;
    enum evm_status st = frame_mem_range(f, &c->in_out[0], &c->in_out[-1], &in_n);
    if (st != EVM_SUCCESS)
        return st;
    st = frame_mem_range(f, &c->in_out[-2], &c->in_out[-3], &c->out_n);
    if (st != EVM_SUCCESS)
        return st;
    c->msg.input = frame_slice(f, &c->in_out[0], in_n);
    return EVM_SUCCESS;
}

static enum evm_status charge_call(struct frame *f, struct call *c)
{
    if (!charge_access(f, &c->msg.code_addr))
        return EVM_OUT_OF_GAS;
    enum evm_status st = charge_memory(f, c);
    if (st != EVM_SUCCESS)
        return st;
    int64_t cost = c->has_value ? COST_CALL_VALUE : 0;
    if (call_makes_account(f, c))
        cost += COST_NEW_ACCOUNT;
    if (!charge_delegation(f, &c->msg) || !frame_charge(f, cost) ||
        !charge_callee(f, c->gas, &c->msg.gas))
        return EVM_OUT_OF_GAS;
    return EVM_SUCCESS;
}

/* Run the message if depth and balance allow; else its gas comes back. */
static void call_host(struct frame *f, struct evm_msg *m, struct evm_result *r)
{
    struct evm_host *h = f->host;
    bool pays = m->kind != EVM_DELEGATECALL && !u256_is_zero(m->value);
    if (m->depth > EVM_DEPTH_MAX)
        *r = (struct evm_result){.status = EVM_DEPTH, .gas_left = m->gas};
    else if (pays && u256_lt(h->ops->balance(h, &f->msg->recipient), m->value))
        *r = (struct evm_result){.status = EVM_BALANCE, .gas_left = m->gas};
    else
        h->ops->call(h, m, r);
    if ((r->status == EVM_DEPTH || r->status == EVM_BALANCE) && h->ops->refused != NULL)
        h->ops->refused(h, m, r);
}

static enum evm_status run_call(struct frame *f, struct call *c, u256 *ret)
{
    struct evm_result r;
    f->return_data = SLICE_EMPTY;
    enum evm_status st = charge_call(f, c);
    if (st != EVM_SUCCESS)
        return st;
    if (f->step_open)
        frame_trace_cost(f, f->gas, EVM_SUCCESS);
    if (c->has_value)
        c->msg.gas += COST_CALL_STIPEND;
    u256 out_at = c->in_out[-2]; /* ret may be the same word */
    call_host(f, &c->msg, &r);
    if (r.status == EVM_NO_MEMORY)
        return r.status;
    f->gas += r.gas_left;
    f->refund += r.gas_refund;
    f->return_data = r.output;
    slice out = slice_first(r.output, c->out_n);
    if (out.n > 0)
        memcpy(f->mem + out_at.w[0], out.p, out.n);
    *ret = u256_from_u64(r.status == EVM_SUCCESS);
    return EVM_SUCCESS;
}

/* What CALL and CALLCODE have that the others have not: a value at s[-2]. */
static enum evm_status call_with_value(struct frame *f, u256 *s, enum evm_kind kind)
{
    addr20 to = frame_addr(&s[-1]);
    struct call c = {.msg = {.kind = kind,
                             .is_static = f->msg->is_static,
                             .depth = f->msg->depth + 1,
                             .recipient = kind == EVM_CALL ? to : f->msg->recipient,
                             .sender = f->msg->recipient,
                             .code_addr = to,
                             .value = s[-2]},
                     .gas = &s[0],
                     .in_out = &s[-3],
                     .has_value = !u256_is_zero(s[-2])};
    if (kind == EVM_CALL && c.has_value && f->msg->is_static)
        return EVM_STATIC_VIOLATION;
    return run_call(f, &c, &s[-6]);
}

enum evm_status op_CALL(struct frame *f, u256 *s)
{
    return call_with_value(f, s, EVM_CALL);
}

enum evm_status op_CALLCODE(struct frame *f, u256 *s)
{
    return call_with_value(f, s, EVM_CALLCODE);
}

enum evm_status op_DELEGATECALL(struct frame *f, u256 *s)
{
    struct call c = {.msg = {.kind = EVM_DELEGATECALL,
                             .is_static = f->msg->is_static,
                             .depth = f->msg->depth + 1,
                             .recipient = f->msg->recipient,
                             .sender = f->msg->sender,
                             .code_addr = frame_addr(&s[-1]),
                             .value = f->msg->value},
                     .gas = &s[0],
                     .in_out = &s[-2]};
    return run_call(f, &c, &s[-5]);
}

enum evm_status op_STATICCALL(struct frame *f, u256 *s)
{
    addr20 to = frame_addr(&s[-1]);
    struct call c = {.msg = {.kind = EVM_STATICCALL,
                             .is_static = true,
                             .depth = f->msg->depth + 1,
                             .recipient = to,
                             .sender = f->msg->recipient,
                             .code_addr = to},
                     .gas = &s[0],
                     .in_out = &s[-2]};
    return run_call(f, &c, &s[-5]);
}

/* EIP-3860: limit and price of init code; CREATE2 hashes it (EIP-1014). */
static enum evm_status charge_initcode(struct frame *f, const u256 *s, enum evm_kind kind,
                                       slice *ret_code)
{
    uint64_t n;
    enum evm_status st = frame_mem_range(f, &s[-1], &s[-2], &n);
    if (st != EVM_SUCCESS)
        return st;
    if (f->rev >= EVM_SHANGHAI && n > EVM_INITCODE_MAX)
        return EVM_OUT_OF_GAS;
    int64_t per_word = f->costs->initcode_word + (kind == EVM_CREATE2 ? COST_KECCAK_WORD : 0);
    if (!frame_charge(f, frame_words(n) * per_word))
        return EVM_OUT_OF_GAS;
    *ret_code = frame_slice(f, &s[-1], n);
    return EVM_SUCCESS;
}

static enum evm_status create(struct frame *f, u256 *s, enum evm_kind kind, u256 *ret)
{
    struct evm_result r;
    struct evm_msg m = {
        .kind = kind, .depth = f->msg->depth + 1, .sender = f->msg->recipient, .value = s[0]};
    if (f->msg->is_static)
        return EVM_STATIC_VIOLATION;
    f->return_data = SLICE_EMPTY;
    enum evm_status st = charge_initcode(f, s, kind, &m.input);
    if (st != EVM_SUCCESS)
        return st;
    if (kind == EVM_CREATE2)
        frame_store(m.salt.b, s[-3]);
    m.gas = gas_to_pass(f);
    f->gas -= m.gas;
    if (f->step_open)
        frame_trace_cost(f, f->gas, EVM_SUCCESS);
    call_host(f, &m, &r);
    if (r.status == EVM_NO_MEMORY)
        return r.status;
    f->gas += r.gas_left;
    f->refund += r.gas_refund;
    if (r.status == EVM_REVERT)
        f->return_data = r.output;
    *ret = r.status == EVM_SUCCESS ? frame_addr_word(&r.created) : u256_from_u64(0);
    return EVM_SUCCESS;
}

enum evm_status op_CREATE(struct frame *f, u256 *s)
{
    return create(f, s, EVM_CREATE, &s[-2]);
}

enum evm_status op_CREATE2(struct frame *f, u256 *s)
{
    return create(f, s, EVM_CREATE2, &s[-3]);
}
