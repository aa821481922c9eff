/* SPDX-License-Identifier: Apache-2.0 */
/* Bech32 (BIP-173). Works digit by digit, so that no copy of a secret is left behind; no branch and
 * no table depends on a digit of a well-formed text, which may be a key's. */
#include "codec/bech32.h"

#include "base/checked.h"
#include "base/wipe.h"

#define HRP_MAX 83u
#define CHECKSUM 6u /* characters */

static const char charset[33] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/* One step of the BCH code over GF(32) (BIP-173, "Checksum"). */
static uint32_t polymod(uint32_t chk, uint8_t v)
{
    static const uint32_t gen[5] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
    uint32_t top = chk >> 25;
    chk = (chk & 0x1ffffff) << 5 ^ v;
    for (unsigned i = 0; i < 5; i++)
        chk ^= gen[i] & (0u - (top >> i & 1));
    return chk;
}

/* The checksum's state after the human-readable part. */
static uint32_t polymod_hrp(slice hrp)
{
    uint32_t chk = 1;
    for (size_t i = 0; i < hrp.n; i++)
        chk = polymod(chk, hrp.p[i] >> 5);
    chk = polymod(chk, 0);
    for (size_t i = 0; i < hrp.n; i++)
        chk = polymod(chk, hrp.p[i] & 31);
    return chk;
}

static bool hrp_is_valid(slice hrp)
{
    if (hrp.n == 0 || hrp.n > HRP_MAX)
        return false;
    for (size_t i = 0; i < hrp.n; i++)
        if (hrp.p[i] < 33 || hrp.p[i] > 126 || (hrp.p[i] >= 'A' && hrp.p[i] <= 'Z'))
            return false;
    return true;
}

/* All ones if a == b, else 0. */
static uint8_t mask_eq(uint8_t a, uint8_t b)
{
    return (uint8_t)(((unsigned)(a ^ b) - 1u) >> 8);
}

/* All ones if lo <= c <= hi, else 0. */
static uint8_t mask_in(uint8_t c, uint8_t lo, uint8_t hi)
{
    return (uint8_t) ~(((unsigned)c - lo) >> 8 | ((unsigned)hi - c) >> 8);
}

static uint8_t upper_of(uint8_t c, bool upper)
{
    return (uint8_t)(c - (upper ? mask_in(c, 'a', 'z') & 32 : 0));
}

/* The character of a digit 0..31. */
static uint8_t char_of(uint8_t v)
{
    uint8_t c = 0;
    for (uint8_t i = 0; i < 32; i++)
        c |= (uint8_t)charset[i] & mask_eq(i, v);
    return c;
}

/* Write data as 5-bit digits, the last filled with zero bits. Returns the checksum's state. */
static uint32_t write_digits(slice data, bool upper, uint32_t chk, uint8_t **out)
{
    uint32_t acc = 0;
    unsigned bits = 0;
    for (size_t i = 0; i < data.n || bits > 0;) {
        if (bits < 5 && i < data.n) {
            acc = (acc << 8 | data.p[i++]) & 0xfff;
            bits += 8;
        }
        uint8_t v = (uint8_t)((bits >= 5 ? acc >> (bits - 5) : acc << (5 - bits)) & 31);
        bits = bits >= 5 ? bits - 5 : 0;
        *(*out)++ = upper_of(char_of(v), upper);
        chk = polymod(chk, v);
    }
    wipe(&acc, sizeof acc);
    return chk;
}

status bech32_put(struct buf *out, const char *hrp, slice data, bool upper)
{
    slice h = slice_str(hrp);
    size_t bits;
    if (!hrp_is_valid(h))
        return E_RANGE;
    if (!size_mul(data.n, 8, &bits))
        return E_TOO_LONG;
    size_t n = h.n + 1 + (bits / 5 + (bits % 5 != 0)) + CHECKSUM;
    status st = buf_reserve(out, n);
    if (st != OK)
        return st;
    uint8_t *p = out->p + out->n;
    for (size_t i = 0; i < h.n; i++)
        *p++ = upper_of(h.p[i], upper);
    *p++ = '1';
    uint32_t chk = write_digits(data, upper, polymod_hrp(h), &p);
    for (unsigned i = 0; i < CHECKSUM; i++)
        chk = polymod(chk, 0);
    chk ^= 1;
    for (unsigned i = 0; i < CHECKSUM; i++)
        *p++ = upper_of(char_of(chk >> (25 - 5 * i) & 31), upper);
    out->n += n;
    return OK;
}

/* The digit of character c, or more than 31. */
static uint8_t digit_of(uint8_t c)
{
    uint8_t found = 0;
    uint8_t v = 0;
    c = (uint8_t)(c + (mask_in(c, 'A', 'Z') & 32));
    for (uint8_t i = 0; i < 32; i++) {
        uint8_t here = mask_eq((uint8_t)charset[i], c);
        v |= i & here;
        found |= here;
    }
    return v | (uint8_t)~found;
}

/* All characters printable and of one case. */
static status check_text(slice text)
{
    uint8_t lower = 0;
    uint8_t upper = 0;
    uint8_t bad = 0;
    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = text.p[i];
        bad |= (uint8_t)~mask_in(c, 33, 126);
        lower |= mask_in(c, 'a', 'z');
        upper |= mask_in(c, 'A', 'Z');
    }
    bad |= lower & upper;
    ct_public(&bad, sizeof bad);
    return bad != 0 ? E_SYNTAX : OK;
}

static bool has_one(slice s)
{
    uint8_t found = 0;
    for (size_t i = 0; i < s.n; i++)
        found |= mask_eq(s.p[i], '1');
    ct_public(&found, sizeof found);
    return found != 0;
}

/* Split at the last '1'; the human-readable part must be hrp, whatever the case. Where it should be
 * is looked at first: what follows may be secret, until it turns out to be no digits. */
static status split(slice text, slice hrp, slice *ret_digits)
{
    size_t sep = text.n;
    if (text.n > hrp.n && text.p[hrp.n] == '1' && !has_one(slice_after(text, hrp.n + 1)))
        sep = hrp.n + 1;
    while (sep > 0 && text.p[sep - 1] != '1')
        sep--;
    if (sep < 2 || text.n - sep < CHECKSUM)
        return E_SYNTAX;
    if (sep - 1 != hrp.n)
        return E_TYPE;
    for (size_t i = 0; i < hrp.n; i++) {
        uint8_t c = text.p[i];
        if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != hrp.p[i])
            return E_TYPE;
    }
    *ret_digits = slice_after(text, sep);
    return OK;
}

static status check_sum(slice hrp, slice digits)
{
    uint32_t chk = polymod_hrp(hrp);
    uint8_t bad = 0;
    for (size_t i = 0; i < digits.n; i++) {
        uint8_t v = digit_of(digits.p[i]);
        bad |= v & 0xe0;
        chk = polymod(chk, v & 31);
    }
    chk ^= 1;
    ct_public(&bad, sizeof bad);
    ct_public(&chk, sizeof chk);
    return bad != 0 ? E_SYNTAX : chk == 0 ? OK : E_MISMATCH;
}

/* digits: without the checksum, all valid. */
static status read_digits(slice digits, uint8_t *out, size_t n)
{
    size_t bits;
    if (!size_mul(digits.n, 5, &bits) || bits / 8 != n || bits % 8 >= 5)
        return E_RANGE;
    uint32_t acc = 0;
    unsigned have = 0;
    for (size_t i = 0; i < digits.n; i++) {
        acc = (acc << 5 | digit_of(digits.p[i])) & 0xfff;
        have += 5;
        if (have >= 8) {
            have -= 8;
            *out++ = (uint8_t)(acc >> have);
        }
    }
    uint32_t rest = acc & ((1u << have) - 1);
    wipe(&acc, sizeof acc);
    ct_public(&rest, sizeof rest);
    return rest == 0 ? OK : E_NOT_CANONICAL;
}

status bech32_read(slice text, const char *hrp, uint8_t *out, size_t n)
{
    slice h = slice_str(hrp);
    slice digits;
    if (!hrp_is_valid(h))
        return E_TYPE;
    status st = check_text(text);
    if (st == OK)
        st = split(text, h, &digits);
    if (st == OK)
        st = check_sum(h, digits);
    if (st != OK)
        return st;
    return read_digits(slice_first(digits, digits.n - CHECKSUM), out, n);
}
