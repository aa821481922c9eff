/* SPDX-License-Identifier: Apache-2.0 */
/* Reading, writing and inverting elements of bn254's base field. */
#include "crypto/bn254_fp.h"

#include <endian.h>
#include <gmp.h>

static const bn254_fp zero;
/* 2^512 and 2^768 mod p, as plain numbers. */
static const bn254_fp r2 = {
    {0xf32cfc5b538afa89u, 0xb5e71911d44501fbu, 0x47ab1eff0a417ff6u, 0x06d89f71cab8351fu}};
static const bn254_fp r3 = {
    {0xb1cd6dafda1530dfu, 0x62f210e6a7283db6u, 0xef7f0b0c0ada0afbu, 0x20fd6e902d592544u}};

_Static_assert(sizeof(mp_limb_t) == 8 && GMP_NAIL_BITS == 0, "GMP's limbs are ours");

bool bn254_fp_read(const uint8_t in[32], bn254_fp *ret)
{
    bn254_fp plain;
    unsigned char c = 0;
    for (unsigned i = 0; i < 4; i++) {
        uint64_t v;
        memcpy(&v, in + 24 - 8 * i, 8);
        plain.w[i] = be64toh(v);
    }
    (void)bn254_sbb(plain.w[0], BN254_P0, &c);
    (void)bn254_sbb(plain.w[1], BN254_P1, &c);
    (void)bn254_sbb(plain.w[2], BN254_P2, &c);
    (void)bn254_sbb(plain.w[3], BN254_P3, &c);
    if (c == 0)
        return false;
    bn254_fp_mul(ret, &plain, &r2);
    return true;
}

void bn254_fp_write(const bn254_fp *a, uint8_t ret[32])
{
    static const bn254_fp plain_one = {{1, 0, 0, 0}};
    bn254_fp plain;
    bn254_fp_mul(&plain, a, &plain_one);
    for (unsigned i = 0; i < 4; i++) {
        uint64_t v = htobe64(plain.w[i]);
        memcpy(ret + 24 - 8 * i, &v, 8);
    }
}

/* GMP's extended gcd gives s with s * (a + p) + t * p = 1; it wants the first operand to be the
 * larger one, hence a + p. |s| < p. */
void bn254_fp_inv(bn254_fp *ret, const bn254_fp *a)
{
    mp_limb_t u[5], v[5], g[5], s[6] = {0};
    mp_size_t sn = 0;
    const bn254_fp p = {{BN254_P0, BN254_P1, BN254_P2, BN254_P3}};
    bn254_fp sum = bn254_fp_sum(a, &p), inv;
    memcpy(u, sum.w, 32);
    memcpy(v, p.w, 32);
    (void)mpn_gcdext(g, s, &sn, u, 4, v, 4);
    memcpy(inv.w, s, 32);
    if (sn < 0)
        bn254_fp_sub(&inv, &zero, &inv);
    bn254_fp_mul(ret, &inv, &r3);
}
