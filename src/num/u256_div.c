/* SPDX-License-Identifier: Apache-2.0 */
/* Division of up to 512 by up to 256 bits, and what is built on it.
 *
 * Quotient words come from multiplication by a reciprocal of the normalised divisor (Moller and
 * Granlund, "Improved division by invariant integers", 2011: algorithms 2, 3, 4, 5 and 6); longer
 * divisors use the schoolbook loop of Knuth, TAOCP 2, 4.3.1 D, with the three-by-two estimate. */
#include "num/u256_alu.h"

typedef u256_half u128;

static uint64_t hi64(u128 v)
{
    return (uint64_t)(v >> 64);
}

/* floor((2^128 - 1) / d) - 2^64 for d >= 2^63 (algorithm 2, with its table computed). */
static uint64_t reciprocal1(uint64_t d)
{
    uint64_t d0 = d & 1;
    uint32_t d9 = (uint32_t)(d >> 55);
    uint64_t d40 = (d >> 24) + 1;
    uint64_t d63 = (d >> 1) + d0;
    uint64_t v0 = ((1u << 19) - 3u * (1u << 8)) / d9;
    uint64_t v1 = (v0 << 11) - (v0 * v0 * d40 >> 40) - 1;
    uint64_t v2 = (v1 << 13) + (v1 * ((1ull << 60) - v1 * d40) >> 47);
    uint64_t e = ((v2 >> 1) & (0 - d0)) - v2 * d63;
    uint64_t v3 = (hi64((u128)v2 * e) >> 1) + (v2 << 31);
    return v3 - hi64((u128)v3 * d + d) - d;
}

/* The same for the two-word divisor d1:d0 with d1 >= 2^63 (algorithm 6). */
static uint64_t reciprocal2(uint64_t d1, uint64_t d0)
{
    uint64_t v = reciprocal1(d1);
    uint64_t p = d1 * v + d0;
    if (p < d0) {
        v--;
        if (p >= d1) {
            v--;
            p -= d1;
        }
        p -= d1;
    }
    u128 t = (u128)v * d0;
    p += hi64(t);
    if (p < hi64(t)) {
        v--;
        if (p > d1 || (p == d1 && (uint64_t)t >= d0))
            v--;
    }
    return v;
}

/* Quotient of u1:u0 by d, u1 < d; *rem its remainder (algorithm 4). */
static inline uint64_t div_2by1(uint64_t u1, uint64_t u0, uint64_t d, uint64_t v, uint64_t *rem)
{
    u128 q = (u128)v * u1 + ((u128)u1 << 64 | u0);
    uint64_t q1 = hi64(q) + 1;
    uint64_t r = u0 - q1 * d;
    if (r > (uint64_t)q) {
        q1--;
        r += d;
    }
    if (r >= d) {
        q1++;
        r -= d;
    }
    *rem = r;
    return q1;
}

/* Quotient of u2:u1:u0 by the two-word d, u2:u1 < d; *rem its remainder (algorithm 5). */
static inline uint64_t div_3by2(u128 u21, uint64_t u0, u128 d, uint64_t v, u128 *rem)
{
    uint64_t d1 = hi64(d);
    u128 q = (u128)v * hi64(u21) + u21;
    uint64_t q1 = hi64(q);
    uint64_t r1 = (uint64_t)u21 - q1 * d1;
    u128 r = ((u128)r1 << 64 | u0) - (u128)q1 * (uint64_t)d - d;
    q1++;
    if (hi64(r) >= (uint64_t)q) {
        q1--;
        r += d;
    }
    if (r >= d) {
        q1++;
        r -= d;
    }
    *rem = r;
    return q1;
}

static int word_count(const uint64_t *w, int n)
{
    while (n > 0 && w[n - 1] == 0)
        n--;
    return n;
}

/* out[0..n] = in[0..n-1] << s, one word longer; s < 64. */
static inline void shift_left(uint64_t *out, const uint64_t *in, int n, unsigned s)
{
    uint64_t carry = 0;
    for (int i = 0; i < n; i++) {
        out[i] = in[i] << s | carry;
        carry = in[i] >> 1 >> (63 - s);
    }
    out[n] = carry;
}

/* u -= q * d over n words at u; the word u[n] takes the borrow. True if the result is negative. */
static inline bool mul_sub(uint64_t *u, const uint64_t *d, int n, uint64_t q)
{
    uint64_t carry = 0;
    for (int i = 0; i < n; i++) {
        u128 t = (u128)q * d[i] + carry;
        carry = hi64(t) + (u[i] < (uint64_t)t);
        u[i] -= (uint64_t)t;
    }
    bool negative = u[n] < carry;
    u[n] -= carry;
    return negative;
}

static inline void add_back(uint64_t *u, const uint64_t *d, int n)
{
    uint64_t carry = 0;
    for (int i = 0; i < n; i++) {
        u128 t = (u128)u[i] + d[i] + carry;
        u[i] = (uint64_t)t;
        carry = hi64(t);
    }
    u[n] += carry;
}

/* Knuth D for n >= 3 words: u has m + n + 1 words, becomes the remainder. */
static void div_long(uint64_t *q, uint64_t *u, int m, const uint64_t *d, int n)
{
    u128 d2 = (u128)d[n - 1] << 64 | d[n - 2];
    uint64_t v = reciprocal2(d[n - 1], d[n - 2]);
    for (int j = m; j >= 0; j--) {
        u128 top = (u128)u[j + n] << 64 | u[j + n - 1];
        uint64_t qhat = UINT64_MAX;
        u128 rem;
        if (top < d2)
            qhat = div_3by2(top, u[j + n - 2], d2, v, &rem);
        if (mul_sub(u + j, d, n, qhat)) {
            qhat--;
            add_back(u + j, d, n);
        }
        q[j] = qhat;
    }
}

static void div_short(uint64_t *q, uint64_t *u, int m, uint64_t d)
{
    uint64_t v = reciprocal1(d);
    uint64_t rem = u[m + 1];
    for (int j = m; j >= 0; j--)
        q[j] = div_2by1(rem, u[j], d, v, &rem);
    memset(u, 0, (size_t)(m + 2) * sizeof u[0]);
    u[0] = rem;
}

static void div_two(uint64_t *q, uint64_t *u, int m, uint64_t d1, uint64_t d0)
{
    uint64_t v = reciprocal2(d1, d0);
    u128 d = (u128)d1 << 64 | d0;
    u128 rem = (u128)u[m + 2] << 64 | u[m + 1];
    for (int j = m; j >= 0; j--)
        q[j] = div_3by2(rem, u[j], d, v, &rem);
    memset(u, 0, (size_t)(m + 3) * sizeof u[0]);
    u[0] = (uint64_t)rem;
    u[1] = hi64(rem);
}

/* a of na words (1 to 8) by b != 0 of 4 words. q: na words, r: 4 words. */
static void divmod(const uint64_t *a, int na, const uint64_t b[4], uint64_t *q, uint64_t r[4])
{
    uint64_t u[9];
    uint64_t d[5];
    int n = word_count(b, 4);
    int top = word_count(a, na);
    memset(q, 0, (size_t)na * sizeof q[0]);
    memset(r, 0, 4 * sizeof r[0]);
    if (top < n) {
        memcpy(r, a, (size_t)top * sizeof r[0]);
        return;
    }
    unsigned s = (unsigned)__builtin_clzll(b[n - 1]);
    shift_left(u, a, top, s);
    shift_left(d, b, n, s);
    int m = top - n;
    if (n == 1)
        div_short(q, u, m, d[0]);
    else if (n == 2)
        div_two(q, u, m, d[1], d[0]);
    else
        div_long(q, u, m, d, n);
    for (int i = 0; i < n; i++)
        r[i] = u[i] >> s | u[i + 1] << 1 << (63 - s);
}

static u256 divmod_256(u256 a, u256 b, u256 *rem)
{
    u256 q;
    divmod(a.w, 4, b.w, q.w, rem->w);
    return q;
}

u256 u256_div(u256 a, u256 b)
{
    u256 rem;
    if (u256_is_zero(b))
        return b;
    if (u256_fits_u64(a) && u256_fits_u64(b))
        return u256_from_u64(a.w[0] / b.w[0]);
    return divmod_256(a, b, &rem);
}

u256 u256_mod(u256 a, u256 b)
{
    u256 rem;
    if (u256_is_zero(b))
        return b;
    if (u256_fits_u64(a) && u256_fits_u64(b))
        return u256_from_u64(a.w[0] % b.w[0]);
    (void)divmod_256(a, b, &rem);
    return rem;
}

static u256 magnitude(u256 a)
{
    return u256_is_negative(a) ? u256_wneg(a) : a;
}

u256 u256_sdiv(u256 a, u256 b)
{
    u256 q = u256_div(magnitude(a), magnitude(b));
    return u256_is_negative(a) != u256_is_negative(b) ? u256_wneg(q) : q;
}

u256 u256_smod(u256 a, u256 b)
{
    u256 r = u256_mod(magnitude(a), magnitude(b));
    return u256_is_negative(a) ? u256_wneg(r) : r;
}

static u256 reduce_once(u256 a, u256 m)
{
    return u256_lt(a, m) ? a : u256_wsub(a, m);
}

u256 u256_addmod(u256 a, u256 b, u256 m)
{
    uint64_t sum[5];
    uint64_t q[5];
    u256 r;
    if (u256_is_zero(m))
        return m;
    bool exact = u256_add(a, b, &r);
    if (m.w[3] != 0 && a.w[3] <= m.w[3] && b.w[3] <= m.w[3]) {
        /* a, b < 2m here, so one subtraction each is enough. */
        a = reduce_once(a, m);
        b = reduce_once(b, m);
        exact = u256_add(a, b, &r);
        return exact && u256_lt(r, m) ? r : u256_wsub(r, m);
    }
    memcpy(sum, r.w, sizeof r.w);
    sum[4] = exact ? 0 : 1;
    divmod(sum, 5, m.w, q, r.w);
    return r;
}

static void mul_full(uint64_t r[8], u256 a, u256 b)
{
    memset(r, 0, 8 * sizeof r[0]);
    for (int i = 0; i < 4; i++) {
        uint64_t carry = 0;
        for (int j = 0; j < 4; j++) {
            u128 t = (u128)a.w[i] * b.w[j] + r[i + j] + carry;
            r[i + j] = (uint64_t)t;
            carry = hi64(t);
        }
        r[i + 4] = carry;
    }
}

u256 u256_mulmod(u256 a, u256 b, u256 m)
{
    uint64_t product[8];
    uint64_t q[8];
    u256 r;
    if (u256_is_zero(m))
        return m;
    mul_full(product, a, b);
    divmod(product, 8, m.w, q, r.w);
    return r;
}

u256 u256_exp(u256 base, u256 exponent)
{
    if (u256_eq(base, u256_from_u64(2)))
        return u256_shl(u256_from_u64(1), exponent);
    u256 r = u256_from_u64(1);
    int bits = 256 - (int)u256_clz(exponent);
    for (int i = 0; i < bits; i++) {
        if (exponent.w[i / 64] >> (i % 64) & 1)
            r = u256_wmul(r, base);
        base = u256_wmul(base, base);
    }
    return r;
}
