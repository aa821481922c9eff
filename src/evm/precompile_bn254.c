/* SPDX-License-Identifier: Apache-2.0 */
/* The curve alt_bn128 (EIP-196, EIP-197), priced anew from Istanbul (EIP-1108). */
#include "crypto/bn254.h"
#include "evm/precompile_impl.h"

int64_t precompile_bn254_add_gas(enum evm_rev rev, slice in)
{
    (void)in;
    return rev < EVM_ISTANBUL ? 500 : 150;
}

status precompile_bn254_add_run(slice in, struct buf *out)
{
    uint8_t a[2 * BN254_G1], sum[BN254_G1];
    precompile_read(in, 0, a, sizeof a);
    status s = bn254_add(a, a + BN254_G1, sum);
    return s == OK ? buf_put_mem(out, sum, sizeof sum) : s;
}

int64_t precompile_bn254_mul_gas(enum evm_rev rev, slice in)
{
    (void)in;
    return rev < EVM_ISTANBUL ? 40000 : 6000;
}

status precompile_bn254_mul_run(slice in, struct buf *out)
{
    uint8_t a[BN254_G1 + 32], product[BN254_G1];
    precompile_read(in, 0, a, sizeof a);
    status s = bn254_mul(a, a + BN254_G1, product);
    return s == OK ? buf_put_mem(out, product, sizeof product) : s;
}

int64_t precompile_bn254_pairing_gas(enum evm_rev rev, slice in)
{
    int64_t n = (int64_t)(in.n / BN254_PAIR);
    return rev < EVM_ISTANBUL ? 100000 + 80000 * n : 45000 + 34000 * n;
}

status precompile_bn254_pairing_run(slice in, struct buf *out)
{
    bool one;
    if (in.n % BN254_PAIR != 0)
        return E_RANGE;
    status s = bn254_pairing_check(in.p, in.n / BN254_PAIR, &one);
    if (s == OK)
        s = buf_put_zero(out, 31);
    return s == OK ? buf_put_u8(out, one ? 1 : 0) : s;
}
