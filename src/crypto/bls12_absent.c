/* SPDX-License-Identifier: Apache-2.0 */
/* What bls12.h and kzg.h answer in a build without blst. */
#include "crypto/bls12.h"
#include "crypto/kzg.h"

bool bls12_is_present(void)
{
    return false;
}

status bls12_g1_add(const uint8_t a[BLS12_G1], const uint8_t b[BLS12_G1], uint8_t ret[BLS12_G1])
{
    (void)a;
    (void)b;
    (void)ret;
    return E_UNSUPPORTED;
}

status bls12_g2_add(const uint8_t a[BLS12_G2], const uint8_t b[BLS12_G2], uint8_t ret[BLS12_G2])
{
    (void)a;
    (void)b;
    (void)ret;
    return E_UNSUPPORTED;
}

status bls12_g1_msm(const uint8_t *terms, size_t n, uint8_t ret[BLS12_G1])
{
    (void)terms;
    (void)n;
    (void)ret;
    return E_UNSUPPORTED;
}

status bls12_g2_msm(const uint8_t *terms, size_t n, uint8_t ret[BLS12_G2])
{
    (void)terms;
    (void)n;
    (void)ret;
    return E_UNSUPPORTED;
}

status bls12_pairing_check(const uint8_t *pairs, size_t n, bool *ret)
{
    (void)pairs;
    (void)n;
    (void)ret;
    return E_UNSUPPORTED;
}

status bls12_map_to_g1(const uint8_t fp[BLS12_FP], uint8_t ret[BLS12_G1])
{
    (void)fp;
    (void)ret;
    return E_UNSUPPORTED;
}

status bls12_map_to_g2(const uint8_t fp2[BLS12_FP2], uint8_t ret[BLS12_G2])
{
    (void)fp2;
    (void)ret;
    return E_UNSUPPORTED;
}

status kzg_verify(const uint8_t commitment[KZG_POINT], const uint8_t z[32], const uint8_t y[32],
                  const uint8_t proof[KZG_POINT])
{
    (void)commitment;
    (void)z;
    (void)y;
    (void)proof;
    return E_UNSUPPORTED;
}
