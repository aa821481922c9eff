/* SPDX-License-Identifier: Apache-2.0 */
/* What a header must say after its parent. */
#include "chain/block.h"
#include "chain/block_priv.h"

#define GAS_LIMIT_DIVISOR 1024u
#define BASE_FEE_FIRST 1000000000u /* EIP-1559 */
#define BASE_FEE_CHANGE 8u
#define ELASTICITY 2u
#define BLOB_BASE_COST 8192u /* EIP-7918 */
#define EXTRA_MAX 32u

u256 block_base_fee(const struct chain_rules *r, const struct block_header *parent)
{
    if (parent->fields < HEADER_LONDON)
        return u256_from_u64(BASE_FEE_FIRST);
    if (r->extras.fixed_base_fee)
        return parent->base_fee;
    uint64_t target = parent->gas_limit / ELASTICITY;
    u256 fee = parent->base_fee;
    u256 step;
    if (parent->gas_used == target || target == 0)
        return fee;
    bool up = parent->gas_used > target;
    (void)u256_mul_u64(fee, up ? parent->gas_used - target : target - parent->gas_used, &step);
    step = u256_div_u64(u256_div_u64(step, target, NULL), BASE_FEE_CHANGE, NULL);
    if (up && u256_is_zero(step))
        step = u256_from_u64(1);
    if (up)
        (void)u256_add(fee, step, &fee);
    else
        (void)u256_sub(fee, step, &fee);
    return fee;
}

/* EIP-7918: is the blobs' price below what their bytes cost to carry? */
static bool below_reserve(const struct chain_rules *r, const struct block_header *parent)
{
    u256 reserve;
    u256 price;
    if (!u256_mul_u64(parent->base_fee, BLOB_BASE_COST, &reserve))
        return true;
    if (!u256_mul_u64(blob_base_fee(&r->blobs, parent->excess_blob_gas), GAS_PER_BLOB, &price))
        return false;
    return u256_cmp(reserve, price) > 0;
}

/* used * (max - target) / max: below used. */
static uint64_t surplus(const struct chain_rules *r, uint64_t used)
{
    u256 n;
    (void)u256_mul_u64(u256_from_u64(used), r->blobs.max - r->blobs.target, &n);
    return u256_div_u64(n, r->blobs.max, NULL).w[0];
}

uint64_t block_excess_blob_gas(const struct chain_rules *r, const struct block_header *parent)
{
    uint64_t target = r->blobs.target * GAS_PER_BLOB;
    uint64_t sum;
    if (parent->fields < HEADER_CANCUN)
        return 0;
    if (__builtin_add_overflow(parent->excess_blob_gas, parent->blob_gas_used, &sum))
        return UINT64_MAX;
    if (sum < target)
        return 0;
    if (r->rev >= EVM_OSAKA && r->blobs.max > 0 && below_reserve(r, parent))
        return parent->excess_blob_gas + surplus(r, parent->blob_gas_used);
    return sum - target;
}

enum header_fields block_fields(enum evm_rev rev)
{
    if (rev >= EVM_PRAGUE)
        return HEADER_PRAGUE;
    if (rev >= EVM_CANCUN)
        return HEADER_CANCUN;
    if (rev >= EVM_SHANGHAI)
        return HEADER_SHANGHAI;
    return rev >= EVM_LONDON ? HEADER_LONDON : HEADER_FRONTIER;
}

static enum block_fault check_gas(const struct chain_rules *r, const struct block_header *h,
                                  const struct block_header *parent)
{
    uint64_t before = parent->gas_limit;
    if (h->fields >= HEADER_LONDON && parent->fields < HEADER_LONDON)
        before *= ELASTICITY;
    uint64_t diff = h->gas_limit > before ? h->gas_limit - before : before - h->gas_limit;
    if (h->gas_limit > INT64_MAX)
        return BLOCK_GAS_LIMIT_BIG;
    if (diff >= before / GAS_LIMIT_DIVISOR || h->gas_limit < BLOCK_GAS_LIMIT_MIN)
        return BLOCK_BAD_GAS_LIMIT;
    if (h->gas_used > h->gas_limit)
        return BLOCK_GAS_OVER;
    if (h->fields >= HEADER_LONDON && !u256_eq(h->base_fee, block_base_fee(r, parent)))
        return BLOCK_BAD_BASE_FEE;
    if (h->fields >= HEADER_CANCUN && h->excess_blob_gas != block_excess_blob_gas(r, parent))
        return BLOCK_BAD_EXCESS;
    return BLOCK_FINE;
}

/* EIP-3675: what showed work is empty. */
static bool shows_no_work(const struct block_header *h)
{
    static const uint8_t zero[8];
    return u256_is_zero(h->difficulty) && memcmp(h->nonce, zero, sizeof zero) == 0;
}

enum block_fault block_check_header(const struct chain_rules *r, const struct block_header *h,
                                    const struct block_header *parent)
{
    if (h->fields != block_fields(r->rev))
        return BLOCK_BAD_FIELDS;
    if (h->number != parent->number + 1)
        return BLOCK_BAD_NUMBER;
    if (h->timestamp < parent->timestamp ||
        (h->timestamp == parent->timestamp && !r->extras.same_second))
        return BLOCK_BAD_TIME;
    if (h->extra.n > EXTRA_MAX)
        return BLOCK_BAD_EXTRA;
    enum block_fault f = check_gas(r, h, parent);
    if (f != BLOCK_FINE)
        return f;
    if (r->rev < EVM_PARIS)
        return block_work_check(r, h, parent);
    return shows_no_work(h) ? BLOCK_FINE : BLOCK_BAD_STAKE;
}
