/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions that wait for a block: by sender and nonce.
 *
 * A pool has no lock, no clock and no state of its own: the chain guards it, and tells it what the
 * state says of each sender. It judges only what concerns its own order: nonces, replacement,
 * limits, and who has to go when it is full (pool_rank.c) or has to wait when not all fit into a
 * block (pool_take.c). */
#ifndef EHRD_CHAIN_POOL_H
#define EHRD_CHAIN_POOL_H

#include "codec/tx.h"

struct pool_sender;

struct pool_tx {
    hash32 hash;
    struct tx tx; /* borrows from raw */
    slice raw;    /* its own copy, behind the struct */
    addr20 from;
    struct pool_sender *sender;
    u256 cost;    /* the most it may take from the sender, wei */
    u256 low_fee; /* the least of it and of those before it: none is mined without them */
    u256 low_tip;
    uint32_t weight; /* what it takes of what all share: pool_weight */
    uint64_t seq;    /* order of arrival */
    uint64_t since_s;
    bool taken;    /* by the block that is being made */
    uint64_t turn; /* while a block is filled: the last arrival among it and those before it */
    struct pool_tx *prev; /* in order of arrival */
    struct pool_tx *next;
};

/* What a sender is in the state. Without funds there is no way to FUNDED. */
enum pool_standing { POOL_STRANGER, POOL_KNOWN, POOL_FUNDED };

struct pool_sender {
    addr20 addr;
    uint64_t nonce;      /* in the state at the head */
    struct pool_tx **tx; /* by nonce, ascending */
    size_t n;
    size_t max;
    size_t n_ready; /* the first so many have no gap before them */
    u256 cost;      /* of all */
    enum pool_standing standing;
    bool local;      /* the node's own: gives way to nobody */
    uint64_t weight; /* of all */
    size_t place;    /* in the heap */
    size_t at;       /* while a block is filled: which of tx is next, */
    uint64_t took;   /* the weight of those before it, */
    uint64_t turn;   /* and their last arrival */
};

struct pool_caps {
    size_t txs;
    size_t per_sender;
    size_t queued;     /* of a sender, behind a gap */
    size_t queued_all; /* of all senders */
    size_t bytes;
    uint64_t queued_s;
};

struct pool {
    struct pool_caps caps;
    uint64_t seed;            /* of the tables: keys can be chosen by anybody */
    u256 base_fee;            /* of the block to come */
    struct pool_tx **by_hash; /* open addressing */
    size_t hash_max;
    struct pool_sender **senders; /* open addressing */
    size_t senders_max;
    struct pool_sender **heap; /* all senders; when in order, who has to give way first is [0] */
    struct pool_sender **turn; /* while a block is filled; as large as heap */
    bool in_order;
    size_t n_senders;
    size_t n; /* transactions */
    size_t n_ready;
    size_t bytes;
    uint64_t seq;
    struct pool_tx *first; /* in order of arrival */
    struct pool_tx *last;
};

void pool_init(struct pool *p, const struct pool_caps *caps, uint64_t seed);
/* Forget all transactions; the pool can be used on. */
void pool_done(struct pool *p);

/* NULL: not there. */
struct pool_tx *pool_find(const struct pool *p, const hash32 *hash);
struct pool_sender *pool_sender_find(const struct pool *p, const addr20 *a);

/* Put a copy of raw in. nonce and balance: the sender's in the state at the head (a nonce below
 * what the pool was told is of an older state and does not count); cost: the most it may take.
 * When the pool is full others go, if they have less claim to their place and are not taken; the
 * node's own is put in though all others are.
 * OK | E_DUPLICATE | E_REPLAY (nonce) | E_CONFLICT (underpriced replacement) | E_FORBIDDEN (funds,
 * with all that waits) | E_RATE | E_NOMEM; messages are geth's. */
struct pool_offer {
    slice raw;
    const struct tx *tx; /* borrows from raw */
    hash32 hash;
    addr20 from;
    uint64_t nonce;
    u256 balance;
    bool exists; /* in the state */
    bool local;
    u256 cost;
    uint64_t now_s;
};
status pool_put(struct pool *p, const struct pool_offer *o, struct pool_tx **ret,
                struct err *reterr) MUST_USE;
/* Nothing of t may be used afterwards. */
void pool_remove(struct pool *p, struct pool_tx *t);
/* Is there no gap before it? */
bool pool_is_ready(const struct pool_tx *t);
/* What the state now says of an account: transactions below the nonce go, and the last ones as long
 * as all together cost more than the balance; the sender too when it has no others. Nothing happens
 * while a transaction below the nonce is taken. */
void pool_set_account(struct pool *p, const addr20 *a, bool exists, uint64_t nonce, u256 balance);
/* The block to come has this base fee. */
void pool_set_base_fee(struct pool *p, u256 base_fee);
/* Remove transactions that came before `before_s` and are queued or below the base fee. */
void pool_expire(struct pool *p, uint64_t before_s);

/* What a block has room for. */
struct pool_room {
    u256 base_fee;
    uint64_t gas;
    size_t txs; /* how many `out` has room for */
    size_t bytes;
};
/* Fill a block: mark transactions as taken and put them into out, in the order they are to be
 * executed; none has a fee below the base fee. Their gas limits may be more than the room's gas:
 * who has most claim comes first then. Returns how many. */
size_t pool_take(struct pool *p, const struct pool_room *room, struct pool_tx **out);
/* Back into the pool. */
void pool_untake(struct pool *p, struct pool_tx *const *t, size_t n);

#endif
