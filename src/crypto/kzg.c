/* SPDX-License-Identifier: Apache-2.0 */
/* verify_kzg_proof_impl of the consensus specs (deneb/polynomial-commitments.md):
 * e(C - [y]G1, G2) == e(proof, [tau - z]G2). */
#include "crypto/kzg.h"

#include <blst.h>

/* [tau]G2, compressed: element 1 of g2_monomial of the Ethereum KZG ceremony. */
static const uint8_t tau_g2[96] = {
    0xb5, 0xbf, 0xd7, 0xdd, 0x8c, 0xde, 0xb1, 0x28, 0x84, 0x3b, 0xc2, 0x87, 0x23, 0x0a, 0xf3, 0x89,
    0x26, 0x18, 0x70, 0x75, 0xcb, 0xfb, 0xef, 0xa8, 0x10, 0x09, 0xa2, 0xce, 0x61, 0x5a, 0xc5, 0x3d,
    0x29, 0x14, 0xe5, 0x87, 0x0c, 0xb4, 0x52, 0xd2, 0xaf, 0xaa, 0xab, 0x24, 0xf3, 0x49, 0x9f, 0x72,
    0x18, 0x5c, 0xbf, 0xee, 0x53, 0x49, 0x27, 0x14, 0x73, 0x44, 0x29, 0xb7, 0xb3, 0x86, 0x08, 0xe2,
    0x39, 0x26, 0xc9, 0x11, 0xcc, 0xec, 0xea, 0xc9, 0xa3, 0x68, 0x51, 0x47, 0x7b, 0xa4, 0xc6, 0x0b,
    0x08, 0x70, 0x41, 0xde, 0x62, 0x10, 0x00, 0xed, 0xc9, 0x8e, 0xda, 0xda, 0x20, 0xc1, 0xde, 0xf2,
};

static bool scalar_read(const uint8_t be[32], blst_scalar *ret)
{
    if (memcmp(be, kzg_modulus, 32) >= 0)
        return false;
    blst_scalar_from_bendian(ret, be);
    return true;
}

/* validate_kzg_g1 */
static bool point_read(const uint8_t in[KZG_POINT], blst_p1 *ret)
{
    blst_p1_affine a;
    if (blst_p1_uncompress(&a, in) != BLST_SUCCESS)
        return false;
    if (!blst_p1_affine_is_inf(&a) && !blst_p1_affine_in_g1(&a))
        return false;
    blst_p1_from_affine(ret, &a);
    return true;
}

/* acc *= e(p, q) before the final exponentiation; e of infinity is one. */
static void pair(blst_fp12 *acc, const blst_p1 *p, const blst_p2 *q)
{
    blst_p1_affine pa;
    blst_p2_affine qa;
    blst_fp12 f;
    if (blst_p1_is_inf(p) || blst_p2_is_inf(q))
        return;
    blst_p1_to_affine(&pa, p);
    blst_p2_to_affine(&qa, q);
    blst_miller_loop(&f, &qa, &pa);
    blst_fp12_mul(acc, acc, &f);
}

/* [y]G1 - commitment */
static void shifted_commitment(const blst_p1 *commitment, const blst_scalar *y, blst_p1 *ret)
{
    blst_p1 c = *commitment;
    blst_p1_cneg(&c, true);
    blst_p1_mult(ret, blst_p1_generator(), y->b, 255);
    blst_p1_add_or_double(ret, ret, &c);
}

/* [tau - z]G2 */
static void shifted_tau(const blst_scalar *z, blst_p2 *ret)
{
    blst_p2_affine tau;
    (void)blst_p2_uncompress(&tau, tau_g2);
    blst_p2_mult(ret, blst_p2_generator(), z->b, 255);
    blst_p2_cneg(ret, true);
    blst_p2_add_or_double_affine(ret, ret, &tau);
}

status kzg_verify(const uint8_t commitment[KZG_POINT], const uint8_t z[32], const uint8_t y[32],
                  const uint8_t proof[KZG_POINT])
{
    blst_scalar sz, sy;
    blst_p1 c, w, left;
    blst_p2 right;
    blst_fp12 acc = *blst_fp12_one();
    if (!scalar_read(z, &sz) || !scalar_read(y, &sy) || !point_read(commitment, &c) ||
        !point_read(proof, &w))
        return E_RANGE;
    shifted_commitment(&c, &sy, &left);
    shifted_tau(&sz, &right);
    pair(&acc, &left, blst_p2_generator());
    pair(&acc, &w, &right);
    blst_final_exp(&acc, &acc);
    return blst_fp12_is_one(&acc) ? OK : E_MISMATCH;
}
