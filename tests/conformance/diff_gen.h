/* SPDX-License-Identifier: Apache-2.0 */
/* Random cases for the comparison with anvil: contracts, storage and transactions out of a seed.
 *
 * The same seed gives the same case, always: no expression draws two numbers, whose order the
 * compiler would choose. A case is made of numbered pieces (of code, and whole
 * transactions); those in the drop set are left out while all others stay as they are, which is how
 * a failing case is made small. */
#ifndef EHRD_TESTS_DIFF_GEN_H
#define EHRD_TESTS_DIFF_GEN_H

#include "base/arena.h"
#include "base/buf.h"
#include "codec/tx.h"
#include "num/u256.h"

#define DIFF_CHAIN_ID 31337u
#define DIFF_SENDERS 4u     /* rich accounts, each sends one transaction of a case at most */
#define DIFF_AUTHORITIES 3u /* accounts that sign authorizations and nothing else */
#define DIFF_CONTRACTS 4u
#define DIFF_SLOTS 3u
#define DIFF_PIECES 4096u

/* splitmix64 */
struct diff_rng {
    uint64_t x;
};
uint64_t diff_next(struct diff_rng *r);
uint64_t diff_below(struct diff_rng *r, uint64_t n); /* 0 to n - 1; n > 0 */
bool diff_one_in(struct diff_rng *r, uint64_t n);
/* Numbers as bugs like them: small, around powers of two, all ones, any. */
u256 diff_word(struct diff_rng *r);

/* Keys and addresses that all cases share. */
struct diff_people {
    struct secp_key key[DIFF_SENDERS + DIFF_AUTHORITIES];
    addr20 addr[DIFF_SENDERS + DIFF_AUTHORITIES];
};
status diff_people_init(struct diff_people *p) MUST_USE;

/* What a case stands on: the blocks mined before it, whose hashes BLOCKHASH and the history
 * contract (EIP-2935) tell, and that contract, which anvil puts into its genesis. */
#define DIFF_BLOCKS_BEFORE 300u
struct diff_ground {
    hash32 hash[DIFF_BLOCKS_BEFORE + 1];
    struct buf history_code;
};

struct diff_contract {
    addr20 addr;
    u256 balance;
    slice code;
    u256 key[DIFF_SLOTS];
    u256 value[DIFF_SLOTS]; /* zero: not there */
};

struct diff_tx {
    struct tx tx; /* signed by diff_sign; its sender's nonce is 0 */
    unsigned sender;
    bool near; /* wants a gas limit near to what it uses: see diff_case_tune */
    uint64_t near_pick;
    slice raw;
};

struct diff_case {
    uint64_t seed;
    struct arena memory;
    const struct diff_people *people; /* borrowed */
    struct diff_contract contract[DIFF_CONTRACTS];
    size_t n_contracts;
    struct diff_tx tx[DIFF_SENDERS];
    size_t n_txs;
    addr20 coinbase;
    u256 base_fee;
    size_t n_pieces; /* how many there were, dropped ones included */
};

/* drop: DIFF_PIECES / 8 bytes, bit i leaves piece i out; NULL: none. diff_case_done in any case.
 * OK | E_NOMEM. */
status diff_case_make(uint64_t seed, const uint8_t *drop, const struct diff_people *people,
                      struct diff_case *ret) MUST_USE;
void diff_case_done(struct diff_case *c);
/* Give transaction i a gas limit at or below or just above what it used, and sign again. */
status diff_case_tune(struct diff_case *c, size_t i, uint64_t used) MUST_USE;
/* The i-th contract's address, and any address that cases like. */
addr20 diff_contract_addr(size_t i);
addr20 diff_addr(struct diff_rng *r, const struct diff_people *p);

/* --- code ----------------------------------------------------------------------------------- */

struct diff_code {
    struct diff_rng *rng;
    const struct diff_people *people;
    const uint8_t *drop;
    size_t *n_pieces;
    struct buf out;
    struct buf data; /* what CODECOPY takes from behind the code */
    struct {
        size_t at; /* of a PUSH2's two bytes */
        size_t data;
    } fix[64];
    size_t n_fix;
    int height;     /* of the stack, as far as it is known */
    unsigned depth; /* of init code within init code */
};

/* Append a whole program to ret. OK | E_NOMEM | E_TOO_LONG. */
status diff_code_make(struct diff_rng *rng, const struct diff_people *people, const uint8_t *drop,
                      size_t *n_pieces, unsigned depth, struct buf *ret) MUST_USE;
/* Is the next piece wanted? Counts it. */
bool diff_piece(const uint8_t *drop, size_t *n_pieces);
/* Input for the precompiled contract n, often a valid one. */
status diff_precompile_input(struct diff_rng *r, const struct diff_people *people, unsigned n,
                             struct buf *out) MUST_USE;

#endif
