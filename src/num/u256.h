/* SPDX-License-Identifier: Apache-2.0 */
/* Unsigned 256-bit numbers: wei, ABI words, RLP scalars. */
#ifndef EHRD_NUM_U256_H
#define EHRD_NUM_U256_H

#include "base/slice.h"
#include "base/status.h"

typedef struct {
    uint64_t w[4]; /* little-endian: w[0] holds the lowest 64 bits */
} u256;

#define U256_DEC_MAX 79u /* bytes of the longest decimal text with its NUL */
#define U256_HEX_MAX 67u /* bytes of the longest 0x text with its NUL */

static inline u256 u256_from_u64(uint64_t v)
{
    return (u256){{v, 0, 0, 0}};
}

static inline bool u256_is_zero(u256 a)
{
    return (a.w[0] | a.w[1] | a.w[2] | a.w[3]) == 0;
}

static inline bool u256_fits_u64(u256 a)
{
    return (a.w[1] | a.w[2] | a.w[3]) == 0;
}

static inline bool u256_eq(u256 a, u256 b)
{
    return a.w[0] == b.w[0] && a.w[1] == b.w[1] && a.w[2] == b.w[2] && a.w[3] == b.w[3];
}

/* < 0, 0 or > 0 as a is below, equal to or above b. */
int u256_cmp(u256 a, u256 b);

u256 u256_from_be(const uint8_t in[32]);
void u256_to_be(u256 a, uint8_t out[32]);
/* Number of bytes without leading zeros: 0 to 32. */
size_t u256_byte_len(u256 a);

/* False on overflow (for sub: on b > a); *ret then holds the wrapped value. */
bool u256_add(u256 a, u256 b, u256 *ret);
bool u256_sub(u256 a, u256 b, u256 *ret);
bool u256_mul_u64(u256 a, uint64_t b, u256 *ret);
/* Quotient; the remainder goes to *ret_rem (may be NULL). d must not be 0. */
u256 u256_div_u64(u256 a, uint64_t d, uint64_t *ret_rem);

/* Digits only, no sign, no leading zero except "0" itself.
 * OK | E_SYNTAX | E_RANGE (above 2^256 - 1). */
status u256_read_dec(slice text, u256 *ret) MUST_USE;
/* "0x" and 1 to 64 digits of either case without leading zeros ("0x0" for zero): the QUANTITY of
 * Ethereum JSON-RPC. OK | E_SYNTAX | E_RANGE. */
status u256_read_hex(slice text, u256 *ret) MUST_USE;
/* The same forms, with a NUL. Returns the length without it. */
size_t u256_dec(u256 a, char out[U256_DEC_MAX]);
size_t u256_hex(u256 a, char out[U256_HEX_MAX]);

#endif
