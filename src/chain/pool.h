/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions that wait for a block: by sender and nonce, taken in the order of their arrival.
 *
 * A pool has no lock, no clock and no state of its own: the chain guards it, and tells it each
 * sender's nonce. It judges only what concerns its own order: nonces, replacement, limits. */
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
    uint64_t seq; /* order of arrival */
    uint64_t since_s;
    bool taken;           /* by the block that is being made */
    struct pool_tx *prev; /* in order of arrival */
    struct pool_tx *next;
};

struct pool_sender {
    addr20 addr;
    uint64_t nonce;      /* in the state at the head */
    struct pool_tx **tx; /* by nonce, ascending */
    size_t n;
    size_t max;
    size_t n_ready; /* the first so many have no gap before them */
    uint64_t next;  /* while a block is filled: the nonce that may come */
    bool blocked;   /* while a block is filled: its next one does not fit */
    u256 cost;      /* of all */
};

struct pool_caps {
    size_t txs;
    size_t per_sender;
    size_t queued;
    size_t bytes;
    uint64_t queued_s;
};

struct pool {
    struct pool_caps caps;
    struct pool_tx **by_hash; /* open addressing */
    size_t hash_max;
    struct pool_sender **senders; /* open addressing */
    size_t senders_max;
    size_t n_senders;
    size_t n; /* transactions */
    size_t n_ready;
    size_t bytes;
    uint64_t seq;
    struct pool_tx *first; /* in order of arrival */
    struct pool_tx *last;
};

void pool_init(struct pool *p, const struct pool_caps *caps);
void pool_done(struct pool *p);

/* NULL: not there. */
struct pool_tx *pool_find(const struct pool *p, const hash32 *hash);
struct pool_sender *pool_sender_find(const struct pool *p, const addr20 *a);

/* Put a copy of raw in. nonce and balance: the sender's in the state at the head (a nonce below
 * what the pool was told is of an older state and does not count); cost: the most it may take.
 * OK | E_DUPLICATE | E_REPLAY (nonce) | E_CONFLICT (underpriced replacement) | E_FORBIDDEN (funds,
 * with all that waits) | E_RATE | E_NOMEM; messages are geth's. */
struct pool_offer {
    slice raw;
    const struct tx *tx; /* borrows from raw */
    hash32 hash;
    addr20 from;
    uint64_t nonce;
    u256 balance;
    u256 cost;
    uint64_t now_s;
};
status pool_put(struct pool *p, const struct pool_offer *o, struct pool_tx **ret,
                struct err *reterr) MUST_USE;
/* Nothing of t may be used afterwards. */
void pool_remove(struct pool *p, struct pool_tx *t);
/* Is there no gap before it? */
bool pool_is_ready(const struct pool_tx *t);
/* The sender's nonce in the state is now this: transactions below it go, the sender too when it has
 * no others. Nothing happens while one of them is taken. */
void pool_set_nonce(struct pool *p, const addr20 *a, uint64_t nonce);
/* Remove queued transactions that came before `before_s`. */
void pool_expire(struct pool *p, uint64_t before_s);

/* Fill a block: mark as taken, in the order they are to be executed, transactions with room for
 * `max` in out, none with a fee below base_fee. Returns how many. */
size_t pool_take(struct pool *p, u256 base_fee, size_t max, size_t max_bytes, struct pool_tx **out);
/* Back into the pool. */
void pool_untake(struct pool *p, struct pool_tx *const *t, size_t n);

#endif
