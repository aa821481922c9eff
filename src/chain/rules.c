/* SPDX-License-Identifier: Apache-2.0 */
/* The price of blobs. */
#include "chain/rules.h"

struct blob_schedule blob_schedule_of(enum evm_rev rev)
{
    if (rev >= EVM_PRAGUE)
        return (struct blob_schedule){.target = 6, .max = 9, .fraction = 5007716};
    if (rev >= EVM_CANCUN)
        return (struct blob_schedule){.target = 3, .max = 6, .fraction = 3338477};
    return (struct blob_schedule){0};
}

/* fake_exponential(1, excess, fraction): fraction * e^(excess / fraction) by its Taylor series. */
u256 blob_base_fee(const struct blob_schedule *b, uint64_t excess)
{
    static const u256 most = {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
    u256 sum = u256_from_u64(0);
    u256 term = u256_from_u64(b->fraction);
    for (uint64_t i = 1; !u256_is_zero(term); i++) {
        uint64_t divisor;
        if (!u256_add(sum, term, &sum) || !u256_mul_u64(term, excess, &term) ||
            __builtin_mul_overflow(b->fraction, i, &divisor))
            return most;
        term = u256_div_u64(term, divisor, NULL);
    }
    return u256_div_u64(sum, b->fraction, NULL);
}
