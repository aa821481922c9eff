/* SPDX-License-Identifier: Apache-2.0 */
/* BLS12-381 (EIP-2537) and the KZG point evaluation (EIP-4844). */
#include "crypto/bls12.h"
#include "crypto/kzg.h"
#include "crypto/sha2.h"
#include "evm/precompile_impl.h"

#define DISCOUNTS 128u

/* Per mille of the price of one multiplication, for sums of 1, 2 ... 128 and more terms. */
static const uint16_t g1_discount[DISCOUNTS] = {
    1000, 949, 848, 797, 764, 750, 738, 728, 719, 712, 705, 698, 692, 687, 682, 677, 673, 669, 665,
    661,  658, 654, 651, 648, 645, 642, 640, 637, 635, 632, 630, 627, 625, 623, 621, 619, 617, 615,
    613,  611, 609, 608, 606, 604, 603, 601, 599, 598, 596, 595, 593, 592, 591, 589, 588, 586, 585,
    584,  582, 581, 580, 579, 577, 576, 575, 574, 573, 572, 570, 569, 568, 567, 566, 565, 564, 563,
    562,  561, 560, 559, 558, 557, 556, 555, 554, 553, 552, 551, 550, 549, 548, 547, 547, 546, 545,
    544,  543, 542, 541, 540, 540, 539, 538, 537, 536, 536, 535, 534, 533, 532, 532, 531, 530, 529,
    528,  528, 527, 526, 525, 525, 524, 523, 522, 522, 521, 520, 520, 519};
static const uint16_t g2_discount[DISCOUNTS] = {
    1000, 1000, 923, 884, 855, 832, 812, 796, 782, 770, 759, 749, 740, 732, 724, 717, 711, 704, 699,
    693,  688,  683, 679, 674, 670, 666, 663, 659, 655, 652, 649, 646, 643, 640, 637, 634, 632, 629,
    627,  624,  622, 620, 618, 615, 613, 611, 609, 607, 606, 604, 602, 600, 598, 597, 595, 593, 592,
    590,  589,  587, 586, 584, 583, 582, 580, 579, 578, 576, 575, 574, 573, 571, 570, 569, 568, 567,
    566,  565,  563, 562, 561, 560, 559, 558, 557, 556, 555, 554, 553, 552, 552, 551, 550, 549, 548,
    547,  546,  545, 545, 544, 543, 542, 541, 541, 540, 539, 538, 537, 537, 536, 535, 535, 534, 533,
    532,  532,  531, 530, 530, 529, 528, 528, 527, 526, 526, 525, 524, 524};

bool precompile_has_blst(void)
{
    return bls12_is_present();
}

/* Price of a sum of n terms; no input makes none, which is refused when run. */
static int64_t msm_gas(size_t n, int64_t one, const uint16_t discount[DISCOUNTS])
{
    if (n == 0)
        return 0;
    return (int64_t)n * one * discount[(n < DISCOUNTS ? n : DISCOUNTS) - 1] / 1000;
}

int64_t precompile_bls_g1add_gas(enum evm_rev rev, slice in)
{
    (void)rev;
    (void)in;
    return 375;
}

status precompile_bls_g1add_run(slice in, struct buf *out)
{
    uint8_t p[BLS12_G1];
    if (in.n != 2 * BLS12_G1)
        return E_RANGE;
    status s = bls12_g1_add(in.p, in.p + BLS12_G1, p);
    return s == OK ? buf_put_mem(out, p, sizeof p) : s;
}

int64_t precompile_bls_g1msm_gas(enum evm_rev rev, slice in)
{
    (void)rev;
    return msm_gas(in.n / BLS12_G1_TERM, 12000, g1_discount);
}

status precompile_bls_g1msm_run(slice in, struct buf *out)
{
    uint8_t p[BLS12_G1];
    if (in.n == 0 || in.n % BLS12_G1_TERM != 0)
        return E_RANGE;
    status s = bls12_g1_msm(in.p, in.n / BLS12_G1_TERM, p);
    return s == OK ? buf_put_mem(out, p, sizeof p) : s;
}

int64_t precompile_bls_g2add_gas(enum evm_rev rev, slice in)
{
    (void)rev;
    (void)in;
    return 600;
}

status precompile_bls_g2add_run(slice in, struct buf *out)
{
    uint8_t p[BLS12_G2];
    if (in.n != 2 * BLS12_G2)
        return E_RANGE;
    status s = bls12_g2_add(in.p, in.p + BLS12_G2, p);
    return s == OK ? buf_put_mem(out, p, sizeof p) : s;
}

int64_t precompile_bls_g2msm_gas(enum evm_rev rev, slice in)
{
    (void)rev;
    return msm_gas(in.n / BLS12_G2_TERM, 22500, g2_discount);
}

status precompile_bls_g2msm_run(slice in, struct buf *out)
{
    uint8_t p[BLS12_G2];
    if (in.n == 0 || in.n % BLS12_G2_TERM != 0)
        return E_RANGE;
    status s = bls12_g2_msm(in.p, in.n / BLS12_G2_TERM, p);
    return s == OK ? buf_put_mem(out, p, sizeof p) : s;
}

int64_t precompile_bls_pairing_gas(enum evm_rev rev, slice in)
{
    (void)rev;
    return 37700 + 32600 * (int64_t)(in.n / BLS12_PAIR);
}

status precompile_bls_pairing_run(slice in, struct buf *out)
{
    bool one;
    if (in.n == 0 || in.n % BLS12_PAIR != 0)
        return E_RANGE;
    status s = bls12_pairing_check(in.p, in.n / BLS12_PAIR, &one);
    if (s == OK)
        s = buf_put_zero(out, 31);
    return s == OK ? buf_put_u8(out, one ? 1 : 0) : s;
}

int64_t precompile_bls_map_fp_gas(enum evm_rev rev, slice in)
{
    (void)rev;
    (void)in;
    return 5500;
}

status precompile_bls_map_fp_run(slice in, struct buf *out)
{
    uint8_t p[BLS12_G1];
    if (in.n != BLS12_FP)
        return E_RANGE;
    status s = bls12_map_to_g1(in.p, p);
    return s == OK ? buf_put_mem(out, p, sizeof p) : s;
}

int64_t precompile_bls_map_fp2_gas(enum evm_rev rev, slice in)
{
    (void)rev;
    (void)in;
    return 23800;
}

status precompile_bls_map_fp2_run(slice in, struct buf *out)
{
    uint8_t p[BLS12_G2];
    if (in.n != BLS12_FP2)
        return E_RANGE;
    status s = bls12_map_to_g2(in.p, p);
    return s == OK ? buf_put_mem(out, p, sizeof p) : s;
}

/* Input: versioned hash 32, z 32, y 32, commitment 48, proof 48.
 * Output: FIELD_ELEMENTS_PER_BLOB and BLS_MODULUS, 32 bytes each. */
status precompile_kzg_run(slice in, struct buf *out)
{
    hash32 h;
    if (in.n != 192)
        return E_RANGE;
    status s = sha256(slice_of(in.p + 96, KZG_POINT), &h);
    if (s != OK)
        return s;
    h.b[0] = 0x01; /* VERSIONED_HASH_VERSION_KZG */
    if (memcmp(h.b, in.p, sizeof h.b) != 0)
        return E_MISMATCH;
    s = kzg_verify(in.p + 96, in.p + 32, in.p + 64, in.p + 144);
    if (s == OK)
        s = buf_put_zero(out, 30);
    if (s == OK)
        s = buf_put_mem(out, "\x10\x00", 2);
    return s == OK ? buf_put_mem(out, kzg_modulus, sizeof kzg_modulus) : s;
}
