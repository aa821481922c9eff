/* SPDX-License-Identifier: Apache-2.0 */
/* MODEXP (EIP-198): three lengths of 32 bytes, then base, exponent and modulus. Priced by EIP-198,
 * from Berlin by EIP-2565, from Osaka by EIP-7883 with the lengths capped by EIP-7823. */
#include <assert.h>

#include "crypto/modexp.h"
#include "evm/precompile_impl.h"

#define HEAD 96u
/* Lengths above are refused whatever the gas: no block pays for them (more than 10^12 gas, 10^8 for
 * the exponent), and the numbers must fit in memory. */
#define OPERAND_MAX ((uint64_t)1 << 24)
#define EXPONENT_MAX ((uint64_t)1 << 28)
#define OSAKA_MAX 1024u /* EIP-7823 */

__extension__ typedef unsigned __int128 u128;

/* A length of the head; UINT64_MAX for all that have no 64 bits. */
static uint64_t length(slice in, size_t at)
{
    uint8_t b[32];
    precompile_read(in, at, b, sizeof b);
    u256 n = u256_from_be(b);
    return u256_fits_u64(n) ? n.w[0] : UINT64_MAX;
}

/* Bits of the first 32 bytes of the exponent, without the highest; 0 for an exponent of 0. */
static uint64_t head_bits(slice in, uint64_t base_len, uint64_t exp_len)
{
    uint8_t b[32] = {0};
    size_t n = exp_len < 32 ? (size_t)exp_len : 32;
    if (base_len > in.n)
        return 0;
    precompile_read(in, HEAD + (size_t)base_len, b + 32 - n, n);
    u256 e = u256_from_be(b);
    for (unsigned i = 4; i-- > 0;)
        if (e.w[i] != 0)
            return 64 * i + 63 - (unsigned)__builtin_clzll(e.w[i]);
    return 0;
}

/* The number of squarings as each EIP counts it, at least 1. per_byte: for bytes after the 32nd. */
static u128 iterations(slice in, uint64_t base_len, uint64_t exp_len, unsigned per_byte)
{
    u128 n = head_bits(in, base_len, exp_len);
    if (exp_len > 32)
        n += (u128)per_byte * (exp_len - 32);
    return n > 0 ? n : 1;
}

/* EIP-198 */
static u128 byzantium_complexity(uint64_t n)
{
    u128 x = n;
    if (x <= 64)
        return x * x;
    if (x <= 1024)
        return x * x / 4 + 96 * x - 3072;
    return x * x / 16 + 480 * x - 199680;
}

static u128 square_of_words(uint64_t n)
{
    u128 words = ((u128)n + 7) / 8;
    return words * words;
}

static u128 osaka_complexity(uint64_t n)
{
    return n > 32 ? 2 * square_of_words(n) : 16;
}

int64_t precompile_modexp_gas(enum evm_rev rev, slice in)
{
    uint64_t base_len = length(in, 0), exp_len = length(in, 32), mod_len = length(in, 64);
    uint64_t n = base_len > mod_len ? base_len : mod_len;
    u128 gas;
    if (rev >= EVM_OSAKA && (n > OSAKA_MAX || exp_len > OSAKA_MAX))
        return PRECOMPILE_GAS_NEVER;
    if (n > OPERAND_MAX || (n > 0 && exp_len > EXPONENT_MAX))
        return PRECOMPILE_GAS_NEVER;
    if (n == 0 && rev < EVM_OSAKA)
        return rev < EVM_BERLIN ? 0 : 200;
    /* No overflow: complexity < 2^48, iterations < 2^34. */
    if (rev < EVM_BERLIN)
        gas = byzantium_complexity(n) * iterations(in, base_len, exp_len, 8) / 20;
    else if (rev < EVM_OSAKA)
        gas = square_of_words(n) * iterations(in, base_len, exp_len, 8) / 3;
    else
        gas = osaka_complexity(n) * iterations(in, base_len, exp_len, 16);
    u128 least = rev < EVM_BERLIN ? 0 : rev < EVM_OSAKA ? 200 : 500;
    if (gas < least)
        gas = least;
    return gas < INT64_MAX ? (int64_t)gas : PRECOMPILE_GAS_NEVER;
}

static struct modexp_number number(slice in, uint64_t at, uint64_t n)
{
    return (struct modexp_number){slice_first(slice_after(in, (size_t)at), (size_t)n), (size_t)n};
}

status precompile_modexp_run(slice in, struct buf *out)
{
    uint64_t base_len = length(in, 0), exp_len = length(in, 32), mod_len = length(in, 64);
    if (base_len == 0 && mod_len == 0)
        return OK;
    assert(base_len <= OPERAND_MAX && mod_len <= OPERAND_MAX && exp_len <= EXPONENT_MAX);
    status s = buf_put_zero(out, (size_t)mod_len);
    if (s == OK)
        modexp(number(in, HEAD, base_len), number(in, HEAD + base_len, exp_len),
               number(in, HEAD + base_len + exp_len, mod_len), out->p);
    return s;
}
