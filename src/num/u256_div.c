/* SPDX-License-Identifier: Apache-2.0 */
/* Division of up to 512 by up to 256 bits, and what is built on it.
 *
 * Quotient words come from multiplication by a reciprocal of the normalised divisor (Moller and
 * Granlund, "Improved division by invariant integers", 2011: algorithms 2, 3, 4, 5 and 6); longer
 * divisors use the schoolbook loop of Knuth, TAOCP 2, 4.3.1 D, with the three-by-two estimate. */
#include "num/u256_alu.h"

typedef u256_wide u128;

static inline uint64_t hi64(u128 v)
{
    return (uint64_t)(v >> 64);
}

/* (2^19 - 3 * 2^8) / d9 for the leading nine bits of a normalised word, 256 to 511. */
#define V0(d9) ((uint16_t)(((1u << 19) - 3u * (1u << 8)) / (256u + (d9))))
#define V0_4(d9) V0(d9), V0((d9) + 1), V0((d9) + 2), V0((d9) + 3)
#define V0_16(d9) V0_4(d9), V0_4((d9) + 4), V0_4((d9) + 8), V0_4((d9) + 12)
#define V0_64(d9) V0_16(d9), V0_16((d9) + 16), V0_16((d9) + 32), V0_16((d9) + 48)
static const uint16_t v0_table[256] = {V0_64(0), V0_64(64), V0_64(128), V0_64(192)};

/* floor((2^128 - 1) / d) - 2^64 for d >= 2^63 (algorithm 2). */
static inline uint64_t reciprocal1(uint64_t d)
{
    uint64_t d0 = d & 1;
    uint64_t d40 = (d >> 24) + 1;
    uint64_t d63 = (d >> 1) + d0;
    uint64_t v0 = v0_table[(d >> 55) - 256];
    uint64_t v1 = (v0 << 11) - (v0 * v0 * d40 >> 40) - 1;
    uint64_t v2 = (v1 << 13) + (v1 * ((1ull << 60) - v1 * d40) >> 47);
    uint64_t e = ((v2 >> 1) & (0 - d0)) - v2 * d63;
    uint64_t v3 = (hi64((u128)v2 * e) >> 1) + (v2 << 31);
    return v3 - hi64((u128)v3 * d + d) - d;
}

/* The same for the two-word divisor d1:d0 with d1 >= 2^63 (algorithm 6). */
static inline uint64_t reciprocal2(uint64_t d1, uint64_t d0)
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
    uint64_t back = 0 - (uint64_t)(r > (uint64_t)q); /* a coin: no branch */
    q1 += back;
    r += back & d;
    if (__builtin_expect(r >= d, 0)) {
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
    /* Taken or not like a coin, so without a branch. */
    uint64_t back = 0 - (uint64_t)(hi64(r) >= (uint64_t)q);
    q1 += 1 + back;
    r += (u128)(back & d1) << 64 | (back & (uint64_t)d);
    if (__builtin_expect(r >= d, 0)) {
        q1++;
        r -= d;
    }
    *rem = r;
    return q1;
}

static inline int word_count(const uint64_t *w, int n)
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
        uint64_t w = in[i];
        out[i] = w << s | carry;
        carry = w >> 1 >> (63 - s);
    }
    out[n] = carry;
}

/* u -= q * d over n words at u; the word u[n] takes the borrow. True if the result is negative. */
static inline __attribute__((always_inline)) bool mul_sub(uint64_t *u, const uint64_t *d, int n,
                                                          uint64_t q)
{
    uint64_t high[4];
    unsigned char borrow = 0;
    for (int i = 0; i < n; i++)
        borrow = u256_subb(borrow, u[i], u256_mul64(q, d[i], &high[i]), &u[i]);
    bool below = u256_subb(borrow, u[n], 0, &u[n]);
    borrow = 0;
    for (int i = 0; i < n; i++)
        borrow = u256_subb(borrow, u[i + 1], high[i], &u[i + 1]);
    return below | (borrow != 0);
}

static inline void add_back(uint64_t *u, const uint64_t *d, int n)
{
    unsigned char carry = 0;
    for (int i = 0; i < n; i++)
        carry = u256_addc(carry, u[i], d[i], &u[i]);
    u[n] += carry;
}

/* The loops below divide the m + n + 1 words of u by the n words of d, both normalised; u becomes
 * the remainder, q its m + 1 quotient words if wanted. n is constant where they are called. */

static inline __attribute__((always_inline)) void div_long(uint64_t *q, uint64_t *u, int m,
                                                           const uint64_t *d, int n)
{
    u128 d2 = (u128)d[n - 1] << 64 | d[n - 2];
    uint64_t v = reciprocal2(d[n - 1], d[n - 2]);
    for (int j = m; j >= 0; j--) {
        u128 top = (u128)u[j + n] << 64 | u[j + n - 1];
        uint64_t qhat = UINT64_MAX;
        u128 rem;
        if (__builtin_expect(top < d2, 1))
            qhat = div_3by2(top, u[j + n - 2], d2, v, &rem);
        if (__builtin_expect(mul_sub(u + j, d, n, qhat), 0)) {
            qhat--;
            add_back(u + j, d, n);
        }
        if (q != NULL)
            q[j] = qhat;
    }
}

static inline void div_one(uint64_t *q, uint64_t *u, int m, uint64_t d)
{
    uint64_t v = reciprocal1(d);
    uint64_t rem = u[m + 1];
    for (int j = m; j >= 0; j--) {
        uint64_t digit = div_2by1(rem, u[j], d, v, &rem);
        if (q != NULL)
            q[j] = digit;
    }
    u[0] = rem;
    u[1] = 0;
}

static inline void div_two(uint64_t *q, uint64_t *u, int m, const uint64_t *d)
{
    uint64_t v = reciprocal2(d[1], d[0]);
    u128 d2 = (u128)d[1] << 64 | d[0];
    u128 rem = (u128)u[m + 2] << 64 | u[m + 1];
    for (int j = m; j >= 0; j--) {
        uint64_t digit = div_3by2(rem, u[j], d2, v, &rem);
        if (q != NULL)
            q[j] = digit;
    }
    u[0] = (uint64_t)rem;
    u[1] = hi64(rem);
    u[2] = 0;
}

/* a of na words (1 to 8) by b != 0. q (na zeroed words) or r may be NULL. */
static inline __attribute__((always_inline)) void divmod(const uint64_t *a, int na, const u256 *b,
                                                         uint64_t *q, u256 *r)
{
    uint64_t u[9];
    uint64_t d[5];
    int n = word_count(b->w, 4);
    int m = word_count(a, na) - n;
    if (m < 0) {
        if (r != NULL)
            *r = (u256){{a[0], a[1], a[2], a[3]}};
        return;
    }
    unsigned s = (unsigned)__builtin_clzll(b->w[n - 1]);
    shift_left(u, a, m + n, s);
    shift_left(d, b->w, n, s);
    if (m > 0 && u[m + n] == 0 && u[m + n - 1] < d[n - 1])
        m--; /* the first digit is zero */
    if (n == 1)
        div_one(q, u, m, d[0]);
    else if (n == 2)
        div_two(q, u, m, d);
    else if (n == 3)
        div_long(q, u, m, d, 3);
    else
        div_long(q, u, m, d, 4);
    if (r == NULL)
        return;
    *r = u256_from_u64(0);
    for (int i = 0; i < n; i++)
        r->w[i] = u[i] >> s | u[i + 1] << 1 << (63 - s);
}

static __attribute__((noinline)) void divide_any(const u256 *a, const u256 *b, u256 *q)
{
    u256 r = {{0}};
    divmod(a->w, 4, b, r.w, NULL);
    *q = r;
}

static __attribute__((noinline)) void remainder_any(const u256 *a, const u256 *b, u256 *r)
{
    divmod(a->w, 4, b, NULL, r);
}

/* By one word, without a detour over memory: prices and fixed-point factors are such divisors. */
static inline u256 div_word(const u256 *a, uint64_t b, uint64_t *rem)
{
    unsigned s = (unsigned)__builtin_clzll(b);
    uint64_t d = b << s;
    uint64_t v = reciprocal1(d);
    uint64_t r = a->w[3] >> 1 >> (63 - s);
    u256 q = {{0}};
    uint64_t w3 = a->w[3] << s | a->w[2] >> 1 >> (63 - s);
    uint64_t w2 = a->w[2] << s | a->w[1] >> 1 >> (63 - s);
    uint64_t w1 = a->w[1] << s | a->w[0] >> 1 >> (63 - s);
    if ((a->w[3] | a->w[2]) != 0) {
        q.w[3] = div_2by1(r, w3, d, v, &r);
        q.w[2] = div_2by1(r, w2, d, v, &r);
    } else {
        r = w2; /* what is above a->w[1]; below d, since d has its top bit and w2 only s bits */
    }
    q.w[1] = div_2by1(r, w1, d, v, &r);
    q.w[0] = div_2by1(r, a->w[0] << s, d, v, &r);
    *rem = r >> s;
    return q;
}

static inline void divide(const u256 *a, const u256 *b, u256 *ret)
{
    uint64_t rem;
    if (!u256_fits_u64(*b))
        divide_any(a, b, ret);
    else if (b->w[0] == 0)
        *ret = u256_from_u64(0);
    else if (u256_fits_u64(*a))
        *ret = u256_from_u64(a->w[0] / b->w[0]);
    else
        *ret = div_word(a, b->w[0], &rem);
}

static inline void remainder_of(const u256 *a, const u256 *b, u256 *ret)
{
    uint64_t rem = 0;
    if (!u256_fits_u64(*b)) {
        remainder_any(a, b, ret);
        return;
    }
    if (b->w[0] != 0 && u256_fits_u64(*a))
        rem = a->w[0] % b->w[0];
    else if (b->w[0] != 0)
        (void)div_word(a, b->w[0], &rem);
    *ret = u256_from_u64(rem);
}

void u256_div(const u256 *a, const u256 *b, u256 *ret)
{
    divide(a, b, ret);
}

void u256_mod(const u256 *a, const u256 *b, u256 *ret)
{
    remainder_of(a, b, ret);
}

/* a or -a */
static inline u256 negate_if(u256 a, bool negative)
{
    uint64_t mask = 0 - (uint64_t)negative;
    u256 flipped = {{a.w[0] ^ mask, a.w[1] ^ mask, a.w[2] ^ mask, a.w[3] ^ mask}};
    return u256_wadd(flipped, u256_from_u64(negative));
}

void u256_sdiv(const u256 *a, const u256 *b, u256 *ret)
{
    bool a_negative = u256_is_negative(*a);
    bool b_negative = u256_is_negative(*b);
    u256 x = negate_if(*a, a_negative);
    u256 y = negate_if(*b, b_negative);
    divide(&x, &y, &x);
    *ret = negate_if(x, a_negative != b_negative);
}

void u256_smod(const u256 *a, const u256 *b, u256 *ret)
{
    bool negative = u256_is_negative(*a);
    u256 x = negate_if(*a, negative);
    u256 y = negate_if(*b, u256_is_negative(*b));
    remainder_of(&x, &y, &x);
    *ret = negate_if(x, negative);
}

static inline u256 reduce_once(u256 a, u256 m)
{
    return u256_lt(a, m) ? a : u256_wsub(a, m);
}

void u256_addmod(const u256 *a, const u256 *b, const u256 *m, u256 *ret)
{
    uint64_t sum[5];
    u256 r;
    if (u256_is_zero(*m)) {
        *ret = *m;
    } else if (m->w[3] != 0 && a->w[3] <= m->w[3] && b->w[3] <= m->w[3]) {
        /* a, b < 2m here, so one subtraction each is enough. */
        u256 x = reduce_once(*a, *m);
        bool exact = u256_add(x, reduce_once(*b, *m), &r);
        *ret = exact && u256_lt(r, *m) ? r : u256_wsub(r, *m);
    } else {
        sum[4] = u256_add(*a, *b, &r) ? 0 : 1;
        memcpy(sum, r.w, sizeof r.w);
        divmod(sum, 5, m, NULL, ret);
    }
}

/* r[0..4] += a * b, where r[4] is set. */
static inline __attribute__((always_inline)) void mul_row(uint64_t r[5], const u256 *a, uint64_t b)
{
    uint64_t h0, h1, h2, h3;
    uint64_t l0 = u256_mul64(a->w[0], b, &h0);
    uint64_t l1 = u256_mul64(a->w[1], b, &h1);
    uint64_t l2 = u256_mul64(a->w[2], b, &h2);
    uint64_t l3 = u256_mul64(a->w[3], b, &h3);
    unsigned char c = u256_addc(0, l1, h0, &l1);
    c = u256_addc(c, l2, h1, &l2);
    c = u256_addc(c, l3, h2, &l3);
    (void)u256_addc(c, h3, 0, &h3); /* a product of 256 by 64 bits has 320 */
    c = u256_addc(0, r[0], l0, &r[0]);
    c = u256_addc(c, r[1], l1, &r[1]);
    c = u256_addc(c, r[2], l2, &r[2]);
    c = u256_addc(c, r[3], l3, &r[3]);
    (void)u256_addc(c, h3, 0, &r[4]);
}

static inline void mul_full(uint64_t r[8], const u256 *a, const u256 *b)
{
    memset(r, 0, 4 * sizeof r[0]);
    mul_row(r, a, b->w[0]);
    mul_row(r + 1, a, b->w[1]);
    mul_row(r + 2, a, b->w[2]);
    mul_row(r + 3, a, b->w[3]);
}

/* The reciprocal of the modulus that was used last, once it is used again: curve arithmetic asks
 * for the same one thousands of times. A memory of the thread only; the results do not depend on
 * it. */
struct reducer {
    u256 m;
    u256 d; /* m << shift, its top bit set */
    u256 v; /* floor((2^512 - 1) / d) - 2^256 */
    unsigned shift;
    bool ready;
};
static _Thread_local struct reducer reducer;

static __attribute__((noinline)) void make_reciprocal(struct reducer *r)
{
    uint64_t q[8] = {0};
    uint64_t d[5];
    uint64_t ones[8];
    r->shift = (unsigned)__builtin_clzll(r->m.w[3]);
    shift_left(d, r->m.w, 4, r->shift);
    memcpy(r->d.w, d, sizeof r->d.w);
    memset(ones, 0xff, sizeof ones);
    divmod(ones, 8, &r->d, q, NULL);
    r->v = (u256){{q[0], q[1], q[2], q[3]}};
    r->ready = true;
}

/* Algorithm 4 with words of 256 bits. False if the quotient has more than one of them. */
static inline bool reduce(const struct reducer *r, const uint64_t product[8], u256 *ret)
{
    uint64_t u[9];
    uint64_t q[8];
    shift_left(u, product, 8, r->shift);
    u256 u1 = {{u[4], u[5], u[6], u[7]}};
    u256 u0 = {{u[0], u[1], u[2], u[3]}};
    if (__builtin_expect(u[8] != 0 || !u256_lt(u1, r->d), 0))
        return false;
    mul_full(q, &r->v, &u1);
    unsigned char carry = 0;
    for (int i = 0; i < 8; i++)
        carry = u256_addc(carry, q[i], u[i], &q[i]);
    u256 q1 = u256_wadd((u256){{q[4], q[5], q[6], q[7]}}, u256_from_u64(1));
    u256 rem = u256_wsub(u0, u256_wmul(q1, r->d));
    u256 back = u256_wadd(rem, r->d);
    rem = u256_lt((u256){{q[0], q[1], q[2], q[3]}}, rem) ? back : rem;
    rem = reduce_once(rem, r->d);
    u[4] = 0;
    memcpy(u, rem.w, sizeof rem.w);
    for (int i = 0; i < 4; i++)
        ret->w[i] = u[i] >> r->shift | u[i + 1] << 1 << (63 - r->shift);
    return true;
}

/* Is there a reciprocal of m? At its second use in a row it is made. */
static inline bool reducer_has(struct reducer *r, const u256 *m)
{
    if (__builtin_expect(u256_eq(r->m, *m), 1)) {
        if (__builtin_expect(!r->ready, 0))
            make_reciprocal(r);
        return true;
    }
    r->m = *m;
    r->ready = false;
    return false;
}

static __attribute__((noinline)) void reduce_any(const uint64_t product[8], const u256 *m,
                                                 u256 *ret)
{
    divmod(product, 8, m, NULL, ret);
}

void u256_mulmod(const u256 *a, const u256 *b, const u256 *m, u256 *ret)
{
    uint64_t product[8];
    if (u256_is_zero(*m)) {
        *ret = *m;
        return;
    }
    mul_full(product, a, b);
    if (m->w[3] == 0 || !reducer_has(&reducer, m) || !reduce(&reducer, product, ret))
        reduce_any(product, m, ret);
}

void u256_exp(const u256 *base, const u256 *exponent, u256 *ret)
{
    u256 power = *base;
    u256 e = *exponent;
    u256 r = u256_from_u64(1);
    if (u256_eq(power, u256_from_u64(2))) {
        *ret = u256_shl(r, e);
        return;
    }
    int bits = 256 - (int)u256_clz(e);
    for (int i = 0; i < bits; i++) {
        if (e.w[i / 64] >> (i % 64) & 1)
            r = u256_wmul(r, power);
        power = u256_wmul(power, power);
    }
    *ret = r;
}
