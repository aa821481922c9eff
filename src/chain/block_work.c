/* SPDX-License-Identifier: Apache-2.0 */
/* Rules that ended with the merge (EIP-3675): difficulty and its bomb, uncles, rewards, the DAO
 * fork. The seal of the work itself is not looked at. */
#include "chain/block.h"
#include "chain/block_priv.h"
#include "crypto/keccak.h"

#define GWEI 1000000000u
#define DIFFICULTY_MIN 131072u
#define DIFFICULTY_DIVISOR 2048u
#define BOMB_PERIOD 100000u

static const uint8_t dao_extra[] = "dao-hard-fork";

/* EIP-779 */
static const addr20 dao_refund = {.b = {0xbf, 0x4e, 0xd7, 0xb2, 0x7f, 0x1d, 0x66,
                                        0x65, 0x46, 0xe3, 0x0d, 0x74, 0xd5, 0x0d,
                                        0x17, 0x3d, 0x20, 0xbc, 0xa7, 0x54}};

const hash32 block_no_uncles = {{0x1d, 0xcc, 0x4d, 0xe8, 0xde, 0xc7, 0x5d, 0x7a, 0xab, 0x85, 0xb5,
                                 0x67, 0xb6, 0xcc, 0xd4, 0x1a, 0xd3, 0x12, 0x45, 0x1b, 0x94, 0x8a,
                                 0x74, 0x13, 0xf0, 0xa1, 0x42, 0xfd, 0x40, 0xd4, 0x93, 0x47}};

/* --- header --------------------------------------------------------------------------------- */

/* How many steps up: Frontier, EIP-2, EIP-100. */
static int64_t difficulty_steps(const struct chain_rules *r, const struct block_header *parent,
                                uint64_t timestamp)
{
    uint64_t passed = timestamp - parent->timestamp; /* block_check_header: after it */
    if (r->rev < EVM_HOMESTEAD)
        return passed < 13 ? 1 : -1;
    uint64_t down = r->rev < EVM_BYZANTIUM ? passed / 10 : passed / 9;
    int64_t up = r->rev >= EVM_BYZANTIUM && !hash32_eq(parent->uncles, block_no_uncles) ? 2 : 1;
    return down > 100 ? -99 : up - (int64_t)down < -99 ? -99 : up - (int64_t)down;
}

/* Yellow Paper, 4.4.4: the least difficulty holds for the sum with the bomb, which some clients add
 * to it instead. */
u256 block_difficulty(const struct chain_rules *r, const struct block_header *parent,
                      uint64_t timestamp)
{
    u256 step = u256_div_u64(parent->difficulty, DIFFICULTY_DIVISOR, NULL);
    int64_t steps = difficulty_steps(r, parent, timestamp);
    u256 d = parent->difficulty;
    (void)u256_mul_u64(step, (uint64_t)(steps < 0 ? -steps : steps), &step);
    if (steps < 0)
        (void)u256_sub(d, step, &d); /* at most 99 / 2048 of it */
    else
        (void)u256_add(d, step, &d);
    uint64_t number = parent->number + 1;
    uint64_t period = number > r->bomb_delay ? (number - r->bomb_delay) / BOMB_PERIOD : 0;
    if (period > 1 && period < 250) {
        u256 bomb = {{0}};
        bomb.w[(period - 2) / 64] = 1ull << (period - 2) % 64;
        (void)u256_add(d, bomb, &d);
    }
    u256 least = u256_from_u64(DIFFICULTY_MIN);
    return u256_cmp(d, least) < 0 ? least : d;
}

enum block_fault block_work_check(const struct chain_rules *r, const struct block_header *h,
                                  const struct block_header *parent)
{
    if (r->dao != NULL && !slice_eq(h->extra, slice_of(dao_extra, sizeof dao_extra - 1)))
        return BLOCK_BAD_DAO;
    return u256_eq(h->difficulty, block_difficulty(r, parent, h->timestamp)) ? BLOCK_FINE
                                                                             : BLOCK_BAD_DIFFICULTY;
}

/* --- uncles --------------------------------------------------------------------------------- */

struct uncle {
    hash32 hash;
    struct block_header header;
};

static status read_uncles(const struct block *b, struct uncle *ret, size_t *ret_n,
                          struct err *reterr)
{
    struct rlp_list l = {b->uncles};
    status s = OK;
    for (*ret_n = 0; s == OK && !rlp_list_is_empty(&l); ++*ret_n) {
        struct rlp_item item;
        if (*ret_n == BLOCK_UNCLES_MAX)
            return ERR(reterr, E_RANGE, "more than %u uncles", BLOCK_UNCLES_MAX);
        s = rlp_next(&l, &item, reterr);
        if (s == OK)
            s = header_read(item.raw, &ret[*ret_n].header, reterr);
        if (s == OK)
            keccak256(item.raw, &ret[*ret_n].hash);
    }
    return s;
}

static bool list_has(slice uncles, const hash32 *hash)
{
    struct rlp_list l = {uncles};
    struct rlp_item item;
    while (!rlp_list_is_empty(&l) && rlp_next(&l, &item, NULL) == OK) {
        hash32 h;
        keccak256(item.raw, &h);
        if (hash32_eq(h, *hash))
            return true;
    }
    return false;
}

/* A valid sibling of one of the last six ancestors, and not named before. */
static bool uncle_is_valid(const struct chain_config *c, const struct uncle *u,
                           block_ancestor_find *ancestor, void *ctx)
{
    bool ok = false;
    for (size_t i = 0; i <= BLOCK_UNCLE_DEPTH; i++) {
        const struct block_ancestor *a = ancestor(ctx, i);
        if (a == NULL)
            break;
        if (hash32_eq(a->hash, u->hash) || list_has(a->uncles, &u->hash))
            return false;
        if (i == 0 || !hash32_eq(a->hash, u->header.parent))
            continue;
        struct chain_rules own; /* no uncle stands after Paris: its difficulty does not matter */
        chain_rules_at(c, u->header.number, u->header.timestamp, u256_from_u64(0), &own);
        ok = block_check_header(&own, &u->header, &a->header) == BLOCK_FINE;
    }
    return ok;
}

bool block_work_uncles(const struct chain_config *c, const struct block *b,
                       block_ancestor_find *ancestor, void *ctx)
{
    struct uncle u[BLOCK_UNCLES_MAX];
    size_t n;
    hash32 hash;
    keccak256(b->uncles_raw, &hash);
    if (!hash32_eq(hash, b->header.uncles))
        return false;
    if (read_uncles(b, u, &n, NULL) != OK || (n == 2 && hash32_eq(u[0].hash, u[1].hash)))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!uncle_is_valid(c, &u[i], ancestor, ctx))
            return false;
    return true;
}

/* --- state ---------------------------------------------------------------------------------- */

static void pay(struct block_run *run, const addr20 *to, u256 wei)
{
    state_add_balance(run->host.state, state_account(run->host.state, to), wei);
}

void block_work_begin(struct block_run *run)
{
    const struct chain_dao *dao = run->rules->dao;
    struct state *st = run->host.state;
    if (dao == NULL || run->header->number != dao->block)
        return;
    for (size_t i = 0; i < dao->n_drained; i++) {
        struct account *a = state_account(st, &dao->drained[i]);
        u256 all = a->head.balance;
        state_sub_balance(st, a, all);
        pay(run, &dao_refund, all);
    }
}

/* EIP-649, 1234, 3675. */
static u256 block_reward(enum evm_rev rev)
{
    u256 wei;
    uint64_t ether = rev >= EVM_CONSTANTINOPLE ? 2 : rev >= EVM_BYZANTIUM ? 3 : 5;
    (void)u256_mul_u64(u256_from_u64(ether * GWEI), GWEI, &wei);
    return wei;
}

status block_work_reward(struct block_run *run, slice uncles, struct err *reterr)
{
    struct rlp_list l = {uncles};
    u256 base = block_reward(run->rules->rev);
    status s = OK;
    while (s == OK && !rlp_list_is_empty(&l)) {
        struct rlp_item item;
        struct block_header u;
        u256 part;
        s = rlp_next(&l, &item, reterr);
        if (s == OK)
            s = header_read(item.raw, &u, reterr);
        if (s != OK)
            break;
        (void)u256_mul_u64(base, u.number + 8 - run->header->number, &part);
        pay(run, &u.coinbase, u256_div_u64(part, 8, NULL));
        pay(run, &run->header->coinbase, u256_div_u64(base, 32, NULL));
    }
    if (s == OK)
        pay(run, &run->header->coinbase, base);
    return s;
}
