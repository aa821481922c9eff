/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions that read or write accounts, storage and logs. */
#include "evm/frame.h"

/* EIP-2929: the first access of an account in a transaction costs more. */
static MUST_USE bool charge_account(struct frame *f, const addr20 *a)
{
    return f->rev < EVM_BERLIN || !f->host->ops->access_account(f->host, a) ||
           frame_charge(f, f->costs->cold_account);
}

enum evm_status op_BALANCE(struct frame *f, u256 *s)
{
    addr20 a = frame_addr(s);
    if (!charge_account(f, &a))
        return EVM_OUT_OF_GAS;
    *s = f->host->ops->balance(f->host, &a);
    return EVM_SUCCESS;
}

enum evm_status op_SELFBALANCE(struct frame *f, u256 *s)
{
    s[1] = f->host->ops->balance(f->host, &f->msg->recipient);
    return EVM_SUCCESS;
}

enum evm_status op_EXTCODESIZE(struct frame *f, u256 *s)
{
    addr20 a = frame_addr(s);
    if (!charge_account(f, &a))
        return EVM_OUT_OF_GAS;
    *s = u256_from_u64(f->host->ops->code(f->host, &a).n);
    return EVM_SUCCESS;
}

enum evm_status op_EXTCODEHASH(struct frame *f, u256 *s)
{
    addr20 a = frame_addr(s);
    if (!charge_account(f, &a))
        return EVM_OUT_OF_GAS;
    hash32 h = f->host->ops->code_hash(f->host, &a);
    *s = frame_load(h.b);
    return EVM_SUCCESS;
}

enum evm_status op_BLOCKHASH(struct frame *f, u256 *s)
{
    uint64_t now = f->host->block->number;
    uint64_t n = s->w[0];
    if (!u256_fits_u64(*s) || n >= now || now - n > 256) {
        *s = u256_from_u64(0);
        return EVM_SUCCESS;
    }
    hash32 h = f->host->ops->block_hash(f->host, n);
    *s = frame_load(h.b);
    return EVM_SUCCESS;
}

/* ---- storage ---- */

enum evm_status op_SLOAD(struct frame *f, u256 *s)
{
    bool cold = false;
    const struct evm_slot *slot = f->host->ops->storage(f->host, &f->msg->recipient, s, &cold);
    if (cold && !frame_charge(f, f->costs->cold_sload))
        return EVM_OUT_OF_GAS;
    *s = slot->current;
    return EVM_SUCCESS;
}

struct sstore_price {
    int64_t cost;
    int64_t refund;
};

/* Frontier to Byzantium, and Petersburg. */
static struct sstore_price price_gross(const struct evm_costs *c, u256 current, u256 value)
{
    bool was = !u256_is_zero(current);
    bool is = !u256_is_zero(value);
    return (struct sstore_price){.cost = !was && is ? COST_SSTORE_SET : c->sstore_reset,
                                 .refund = was && !is ? c->sstore_clear_refund : 0};
}

/* A slot changed before in this transaction: what the new value gives back or takes again. */
static int64_t refund_dirty(const struct evm_costs *c, const struct evm_slot *slot, u256 value)
{
    int64_t refund = 0;
    bool original = !u256_is_zero(slot->original);
    if (original && u256_is_zero(slot->current))
        refund -= c->sstore_clear_refund;
    else if (original && u256_is_zero(value))
        refund += c->sstore_clear_refund;
    if (u256_eq(slot->original, value))
        refund += (original ? c->sstore_reset : COST_SSTORE_SET) - c->sstore_same;
    return refund;
}

/* EIP-1283, EIP-2200, with the numbers of EIP-2929 and EIP-3529 */
static struct sstore_price price_net(const struct evm_costs *c, const struct evm_slot *slot,
                                     u256 value)
{
    if (u256_eq(slot->current, value))
        return (struct sstore_price){.cost = c->sstore_same};
    if (!u256_eq(slot->original, slot->current))
        return (struct sstore_price){.cost = c->sstore_same,
                                     .refund = refund_dirty(c, slot, value)};
    if (u256_is_zero(slot->original))
        return (struct sstore_price){.cost = COST_SSTORE_SET};
    return (struct sstore_price){.cost = c->sstore_reset,
                                 .refund = u256_is_zero(value) ? c->sstore_clear_refund : 0};
}

enum evm_status op_SSTORE(struct frame *f, u256 *s)
{
    const addr20 *self = &f->msg->recipient;
    bool cold = false;
    if (f->msg->is_static)
        return EVM_STATIC_VIOLATION;
    if (f->costs->sstore_sentry && f->gas <= COST_CALL_STIPEND)
        return EVM_OUT_OF_GAS;
    const struct evm_slot *slot = f->host->ops->storage(f->host, self, &s[0], &cold);
    struct sstore_price p = f->costs->net_metering ? price_net(f->costs, slot, s[-1])
                                                   : price_gross(f->costs, slot->current, s[-1]);
    if (!frame_charge(f, p.cost + (cold ? f->costs->cold_sstore : 0)))
        return EVM_OUT_OF_GAS;
    f->refund += p.refund;
    f->host->ops->storage_set(f->host, self, &s[0], &s[-1]);
    return EVM_SUCCESS;
}

/* EIP-1153 */
enum evm_status op_TLOAD(struct frame *f, u256 *s)
{
    *s = f->host->ops->transient(f->host, &f->msg->recipient, s);
    return EVM_SUCCESS;
}

enum evm_status op_TSTORE(struct frame *f, u256 *s)
{
    if (f->msg->is_static)
        return EVM_STATIC_VIOLATION;
    f->host->ops->transient_set(f->host, &f->msg->recipient, &s[0], &s[-1]);
    return EVM_SUCCESS;
}

/* ---- logs, the end ---- */

enum evm_status op_log(struct frame *f, u256 *s, size_t n_topics)
{
    hash32 topics[4];
    uint64_t n;
    if (f->msg->is_static)
        return EVM_STATIC_VIOLATION;
    enum evm_status st = frame_mem_range(f, &s[0], &s[-1], &n);
    if (st != EVM_SUCCESS)
        return st;
    if (!frame_charge(f, COST_LOG_BYTE * (int64_t)n))
        return EVM_OUT_OF_GAS;
    for (size_t i = 0; i < n_topics; i++)
        frame_store(topics[i].b, s[-2 - (ptrdiff_t)i]);
    f->host->ops->log(f->host, &f->msg->recipient, topics, n_topics, frame_slice(f, &s[0], n));
    return EVM_SUCCESS;
}

/* Does sending all that self has make an account that was not there? EIP-150, 161 */
static bool selfdestruct_makes_account(const struct frame *f, const addr20 *to)
{
    if (f->rev < EVM_TANGERINE || f->host->ops->account_exists(f->host, to))
        return false;
    return f->rev < EVM_SPURIOUS ||
           !u256_is_zero(f->host->ops->balance(f->host, &f->msg->recipient));
}

enum evm_status op_selfdestruct(struct frame *f, const u256 *s)
{
    addr20 to = frame_addr(s);
    if (f->msg->is_static)
        return EVM_STATIC_VIOLATION;
    if (f->rev >= EVM_BERLIN && f->host->ops->access_account(f->host, &to) &&
        !frame_charge(f, COST_COLD_ACCOUNT))
        return EVM_OUT_OF_GAS;
    if (selfdestruct_makes_account(f, &to) && !frame_charge(f, COST_NEW_ACCOUNT))
        return EVM_OUT_OF_GAS;
    if (f->host->ops->selfdestruct(f->host, &f->msg->recipient, &to))
        f->refund += f->costs->selfdestruct_refund;
    return EVM_SUCCESS;
}
