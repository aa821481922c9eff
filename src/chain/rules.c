/* SPDX-License-Identifier: Apache-2.0 */
/* Looking up the fork, and the price of blobs. */
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
    if (b->fraction == 0) /* a chain before blobs, or one whose schedule is wrong */
        return most;
    for (uint64_t i = 1; !u256_is_zero(term); i++) {
        uint64_t divisor;
        if (!u256_add(sum, term, &sum) || !u256_mul_u64(term, excess, &term) ||
            __builtin_mul_overflow(b->fraction, i, &divisor))
            return most;
        term = u256_div_u64(term, divisor, NULL);
    }
    return u256_div_u64(sum, b->fraction, NULL);
}

static bool is_active(const struct chain_fork *f, uint64_t number, uint64_t time, u256 difficulty)
{
    switch (f->kind) {
    case FORK_BLOCK:
        return number >= f->at;
    case FORK_TIME:
        return time >= f->at;
    case FORK_DIFFICULTY:
        return u256_cmp(difficulty, u256_from_u64(f->at)) >= 0;
    }
    return false;
}

void chain_rules_at(const struct chain_config *c, uint64_t number, uint64_t time,
                    u256 parent_difficulty, struct chain_rules *ret)
{
    const struct chain_fork *f = &c->fork[0];
    for (size_t i = 1; i < c->n_forks; i++)
        if (is_active(&c->fork[i], number, time, parent_difficulty))
            f = &c->fork[i];
    const struct chain_dao *dao = &c->dao;
    bool in_dao = dao->block > 0 && number >= dao->block && number - dao->block < DAO_BLOCKS;
    *ret = (struct chain_rules){.rev = f->rev,
                                .chain_id = c->chain_id,
                                .blobs = f->blobs,
                                .bomb_delay = f->bomb_delay,
                                .dao = in_dao ? dao : NULL,
                                .extras = c->extras};
}
