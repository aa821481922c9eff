/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions that move or hash ranges of bytes, and EXP. */
#include "crypto/keccak.h"
#include "evm/frame.h"
#include "num/u256_alu.h"

static enum evm_status charge_words(struct frame *f, uint64_t n, int64_t per_word)
{
    return frame_charge(f, frame_words(n) * per_word) ? EVM_SUCCESS : EVM_OUT_OF_GAS;
}

enum evm_status op_EXP(struct frame *f, u256 *s)
{
    if (!frame_charge(f, (int64_t)u256_byte_len(s[-1]) * f->costs->exp_byte))
        return EVM_OUT_OF_GAS;
    u256_exp(&s[0], &s[-1], &s[-1]);
    return EVM_SUCCESS;
}

enum evm_status op_KECCAK256(struct frame *f, u256 *s)
{
    uint64_t n;
    hash32 hash;
    enum evm_status st = frame_mem_range(f, &s[0], &s[-1], &n);
    if (st != EVM_SUCCESS)
        return st;
    st = charge_words(f, n, COST_KECCAK_WORD);
    if (st != EVM_SUCCESS)
        return st;
    keccak256(frame_slice(f, &s[0], n), &hash);
    s[-1] = frame_load(hash.b);
    return EVM_SUCCESS;
}

/* The part of src from offset at; empty when at is past its end. */
static slice tail(slice src, const u256 *at)
{
    return u256_fits_u64(*at) ? slice_after(src, at->w[0]) : SLICE_EMPTY;
}

/* memory[s[0] ..] = src[s[-1] ..], s[-2] bytes; bytes past the end of src are zero. The memory and
 * its price have been seen to. */
static void copy_padded(struct frame *f, const u256 *s, slice src, uint64_t n)
{
    if (n == 0)
        return;
    slice from = slice_first(tail(src, &s[-1]), n);
    uint8_t *to = f->mem + s[0].w[0];
    if (from.n > 0)
        memcpy(to, from.p, from.n);
    memset(to + from.n, 0, n - from.n);
}

static enum evm_status copy(struct frame *f, const u256 *s, slice src)
{
    uint64_t n;
    enum evm_status st = frame_mem_range(f, &s[0], &s[-2], &n);
    if (st == EVM_SUCCESS)
        st = charge_words(f, n, COST_COPY_WORD);
    if (st == EVM_SUCCESS)
        copy_padded(f, s, src, n);
    return st;
}

enum evm_status op_CALLDATACOPY(struct frame *f, u256 *s)
{
    return copy(f, s, f->input);
}

enum evm_status op_CODECOPY(struct frame *f, u256 *s)
{
    return copy(f, s, slice_of(f->code, f->code_n));
}

/* EIP-211: reading past the end is a fault, not zeros. */
enum evm_status op_RETURNDATACOPY(struct frame *f, u256 *s)
{
    uint64_t have = f->return_data.n;
    bool inside = u256_fits_u64(s[-1]) && u256_fits_u64(s[-2]) && s[-1].w[0] <= have &&
                  s[-2].w[0] <= have - s[-1].w[0];
    return inside ? copy(f, s, f->return_data) : EVM_RETURNDATA_BOUNDS;
}

enum evm_status op_EXTCODECOPY(struct frame *f, u256 *s)
{
    addr20 a = frame_addr(&s[0]);
    uint64_t n;
    enum evm_status st = frame_mem_range(f, &s[-1], &s[-3], &n);
    if (st == EVM_SUCCESS)
        st = charge_words(f, n, COST_COPY_WORD);
    if (st != EVM_SUCCESS)
        return st;
    if (f->rev >= EVM_BERLIN && f->host->ops->access_account(f->host, &a) &&
        !frame_charge(f, f->costs->cold_account))
        return EVM_OUT_OF_GAS;
    if (n > 0)
        copy_padded(f, s - 1, f->host->ops->code(f->host, &a), n);
    return EVM_SUCCESS;
}

/* EIP-5656 */
enum evm_status op_MCOPY(struct frame *f, u256 *s)
{
    uint64_t n;
    const u256 *far = u256_lt(s[0], s[-1]) ? &s[-1] : &s[0];
    enum evm_status st = frame_mem_range(f, far, &s[-2], &n);
    if (st == EVM_SUCCESS)
        st = charge_words(f, n, COST_COPY_WORD);
    if (st == EVM_SUCCESS && n > 0)
        memmove(f->mem + s[0].w[0], f->mem + s[-1].w[0], n);
    return st;
}
