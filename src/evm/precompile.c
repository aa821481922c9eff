/* SPDX-License-Identifier: Apache-2.0 */
/* The table of precompiled contracts, and those of them that take a few lines. */
#include "evm/precompile.h"

#include <endian.h>

#include "crypto/blake2f.h"
#include "crypto/p256.h"
#include "crypto/ripemd160.h"
#include "crypto/secp256k1.h"
#include "crypto/sha2.h"
#include "evm/precompile_impl.h"

#define P256VERIFY 0x100u
#define LAST_LOW 0x11u /* last of the addresses without a gap from 1 on */

static int64_t word_price(slice in, int64_t base, int64_t per_word)
{
    return base + per_word * (int64_t)((in.n + 31) / 32);
}

static int64_t ecrecover_gas(enum evm_rev rev, slice in)
{
    (void)rev;
    (void)in;
    return 3000;
}

/* Yellow Paper, appendix E.1: hash, v, r, s of 32 bytes each; no output when they do not fit. */
static status ecrecover_run(slice in, struct buf *out)
{
    static const uint8_t zero[31];
    uint8_t a[128];
    hash32 digest;
    addr20 signer;
    precompile_read(in, 0, a, sizeof a);
    memcpy(digest.b, a, 32);
    if (memcmp(a + 32, zero, 31) != 0 || (a[63] != 27 && a[63] != 28))
        return OK;
    if (secp_recover_parity(&digest, a + 64, a + 96, a[63] - 27u, true, &signer) != OK)
        return OK;
    status s = buf_put_zero(out, 12);
    return s == OK ? buf_put_mem(out, signer.b, sizeof signer.b) : s;
}

static int64_t sha256_gas(enum evm_rev rev, slice in)
{
    (void)rev;
    return word_price(in, 60, 12);
}

static status sha256_run(slice in, struct buf *out)
{
    hash32 h;
    status s = sha256(in, &h);
    return s == OK ? buf_put_mem(out, h.b, sizeof h.b) : s;
}

static int64_t ripemd160_gas(enum evm_rev rev, slice in)
{
    (void)rev;
    return word_price(in, 600, 120);
}

static status ripemd160_run(slice in, struct buf *out)
{
    uint8_t h[32] = {0};
    ripemd160(in, h + 12);
    return buf_put_mem(out, h, sizeof h);
}

static int64_t identity_gas(enum evm_rev rev, slice in)
{
    (void)rev;
    return word_price(in, 15, 3);
}

static status identity_run(slice in, struct buf *out)
{
    return buf_put(out, in);
}

#define BLAKE2F_INPUT 213u /* rounds 4, h 64, m 128, t 16, final 1 */

/* EIP-152 */
static int64_t blake2f_gas(enum evm_rev rev, slice in)
{
    (void)rev;
    if (in.n != BLAKE2F_INPUT)
        return PRECOMPILE_GAS_NEVER;
    uint32_t rounds;
    memcpy(&rounds, in.p, 4);
    return be32toh(rounds);
}

static void read_le64s(const uint8_t *p, uint64_t *ret, size_t n)
{
    memcpy(ret, p, n * 8);
    for (size_t i = 0; i < n; i++)
        ret[i] = le64toh(ret[i]);
}

static status blake2f_run(slice in, struct buf *out)
{
    uint64_t h[8], m[16], t[2];
    uint32_t rounds;
    if (in.n != BLAKE2F_INPUT || in.p[212] > 1)
        return E_RANGE;
    memcpy(&rounds, in.p, 4);
    read_le64s(in.p + 4, h, 8);
    read_le64s(in.p + 68, m, 16);
    read_le64s(in.p + 196, t, 2);
    blake2f(be32toh(rounds), h, m, t, in.p[212] == 1);
    for (size_t i = 0; i < 8; i++)
        h[i] = htole64(h[i]);
    return buf_put_mem(out, h, sizeof h);
}

/* EIP-4844 */
static int64_t kzg_gas(enum evm_rev rev, slice in)
{
    (void)rev;
    (void)in;
    return 50000;
}

/* EIP-7951 */
static int64_t p256verify_gas(enum evm_rev rev, slice in)
{
    (void)rev;
    (void)in;
    return 6900;
}

/* hash, r, s, x, y; no output for anything but a valid signature. */
static status p256verify_run(slice in, struct buf *out)
{
    hash32 digest;
    if (in.n != 160)
        return OK;
    memcpy(digest.b, in.p, 32);
    status s = p256_verify(&digest, in.p + 32, in.p + 64, in.p + 96, in.p + 128);
    if (s != OK)
        return s == E_SIGNATURE ? OK : s;
    s = buf_put_zero(out, 31);
    return s == OK ? buf_put_u8(out, 1) : s;
}

struct contract {
    enum evm_rev since;
    precompile_gas_fn *gas;
    precompile_run_fn *run;
};

static const struct contract low[LAST_LOW + 1] = {
    [0x01] = {EVM_FRONTIER, ecrecover_gas, ecrecover_run},
    [0x02] = {EVM_FRONTIER, sha256_gas, sha256_run},
    [0x03] = {EVM_FRONTIER, ripemd160_gas, ripemd160_run},
    [0x04] = {EVM_FRONTIER, identity_gas, identity_run},
    [0x05] = {EVM_BYZANTIUM, precompile_modexp_gas, precompile_modexp_run},
    [0x06] = {EVM_BYZANTIUM, precompile_bn254_add_gas, precompile_bn254_add_run},
    [0x07] = {EVM_BYZANTIUM, precompile_bn254_mul_gas, precompile_bn254_mul_run},
    [0x08] = {EVM_BYZANTIUM, precompile_bn254_pairing_gas, precompile_bn254_pairing_run},
    [0x09] = {EVM_ISTANBUL, blake2f_gas, blake2f_run},
    [0x0a] = {EVM_CANCUN, kzg_gas, precompile_kzg_run},
    [0x0b] = {EVM_PRAGUE, precompile_bls_g1add_gas, precompile_bls_g1add_run},
    [0x0c] = {EVM_PRAGUE, precompile_bls_g1msm_gas, precompile_bls_g1msm_run},
    [0x0d] = {EVM_PRAGUE, precompile_bls_g2add_gas, precompile_bls_g2add_run},
    [0x0e] = {EVM_PRAGUE, precompile_bls_g2msm_gas, precompile_bls_g2msm_run},
    [0x0f] = {EVM_PRAGUE, precompile_bls_pairing_gas, precompile_bls_pairing_run},
    [0x10] = {EVM_PRAGUE, precompile_bls_map_fp_gas, precompile_bls_map_fp_run},
    [0x11] = {EVM_PRAGUE, precompile_bls_map_fp2_gas, precompile_bls_map_fp2_run},
};
static const struct contract p256verify = {EVM_OSAKA, p256verify_gas, p256verify_run};

/* NULL: no contract of rev. */
static const struct contract *find(enum evm_rev rev, const addr20 *addr)
{
    static const uint8_t zero[18];
    if (memcmp(addr->b, zero, sizeof zero) != 0)
        return NULL;
    unsigned n = (unsigned)addr->b[18] << 8 | addr->b[19];
    const struct contract *c = n == P256VERIFY             ? &p256verify
                               : (n >= 1 && n <= LAST_LOW) ? &low[n]
                                                           : NULL;
    return c != NULL && rev >= c->since ? c : NULL;
}

bool precompile_is(enum evm_rev rev, const addr20 *addr)
{
    return find(rev, addr) != NULL;
}

size_t precompile_list(enum evm_rev rev, addr20 ret[PRECOMPILE_MAX])
{
    size_t n = 0;
    for (unsigned i = 1; i <= P256VERIFY; i = i == LAST_LOW ? P256VERIFY : i + 1) {
        addr20 a = {{0}};
        a.b[18] = (uint8_t)(i >> 8);
        a.b[19] = (uint8_t)i;
        if (precompile_is(rev, &a))
            ret[n++] = a;
    }
    return n;
}

status precompile_run(enum evm_rev rev, const addr20 *addr, slice input, int64_t gas,
                      struct buf *out, struct precompile_result *ret)
{
    const struct contract *c = find(rev, addr);
    buf_clear(out);
    if (c == NULL)
        return E_INTERNAL;
    int64_t cost = c->gas(rev, input);
    *ret = (struct precompile_result){.ok = false};
    if (cost > gas || cost == PRECOMPILE_GAS_NEVER)
        return OK;
    status s = c->run(input, out);
    if (s < OK)
        return s;
    if (s == OK)
        *ret = (struct precompile_result){.ok = true, .gas_cost = cost};
    ret->absent = s == E_UNSUPPORTED;
    if (s != OK)
        buf_clear(out);
    return OK;
}
