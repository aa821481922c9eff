/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger port: what the program needs of an Ethereum chain, whatever engine is behind it.
 *
 *     struct ledger *l;
 *     status s = ledger_remote_open(&cfg, &l, &err);            (ledger/remote.h)
 *     struct ledger_call call = {.to = registry, .data = calldata};
 *     s = ledger_call(l, &call, LEDGER_LATEST, &answer, &err);
 *     ledger_close(l);
 *
 * A ledger may be used by several threads at once. Every function blocks until the answer is there
 * or the adapter's deadline has passed. Statuses that every function may return beside its own:
 * E_UNAVAILABLE (no connection, or the node is not able to answer), E_TIMEOUT, E_CORRUPT (the
 * answer is malformed or contradicts itself), E_NOMEM. An answer that a function calls "verified"
 * was proved against the block hash; all others are only as true as the node. */
#ifndef EHRD_LEDGER_LEDGER_H
#define EHRD_LEDGER_LEDGER_H

#include "base/arena.h"
#include "base/buf.h"
#include "num/u256.h"

#define LEDGER_BATCH_MAX 256u  /* requests of one ledger_run */
#define LEDGER_TOPICS_MAX 4u   /* topics of a log, positions of a filter */
#define LEDGER_SLOTS_MAX 1024u /* storage slots of one proof request */

/* When a chain's state moved to another chain ("ehrd chain export-genesis"), block n of the old one
 * is called LEDGER_ARCHIVE + n: no chain has so many blocks, and JavaScript's numbers still hold
 * it. */
#define LEDGER_ARCHIVE ((uint64_t)1 << 52)

/* Where a block stands in time: those of the old chain come first. Its own inverse. */
static inline uint64_t ledger_block_order(uint64_t number)
{
    return number ^ LEDGER_ARCHIVE;
}

/* --- blocks ---------------------------------------------------------------------------------- */

/* At which block a request is judged. */
struct ledger_at {
    enum ledger_at_kind {
        LEDGER_AT_LATEST,
        LEDGER_AT_PENDING,
        LEDGER_AT_NUMBER,
        LEDGER_AT_HASH
    } kind;
    uint64_t number; /* LEDGER_AT_NUMBER */
    hash32 hash;     /* LEDGER_AT_HASH */
};

#define LEDGER_LATEST ((struct ledger_at){.kind = LEDGER_AT_LATEST})
#define LEDGER_PENDING ((struct ledger_at){.kind = LEDGER_AT_PENDING})

static inline struct ledger_at ledger_at_number(uint64_t number)
{
    return (struct ledger_at){.kind = LEDGER_AT_NUMBER, .number = number};
}

static inline struct ledger_at ledger_at_hash(hash32 hash)
{
    return (struct ledger_at){.kind = LEDGER_AT_HASH, .hash = hash};
}

/* A block header, verified: hash is the keccak-256 of the header that holds the other fields. */
struct ledger_block {
    uint64_t number;
    uint64_t timestamp; /* seconds */
    uint64_t gas_limit;
    uint64_t gas_used;
    hash32 hash;
    hash32 parent;
    hash32 state_root;
    uint8_t bloom[256]; /* of the logs, as the header has it */
    bool has_base_fee;
    u256 base_fee;  /* wei per gas */
    uint64_t age_s; /* by the local clock when it was read; 0 when the block is not in the past */
};

/* --- requests and answers -------------------------------------------------------------------- */

/* A message to execute without a transaction. */
struct ledger_call {
    addr20 from;  /* zero: the node's default */
    addr20 to;    /* ignored when create */
    slice data;   /* borrowed */
    u256 value;   /* wei */
    uint64_t gas; /* 0: the node's own cap */
    bool create;  /* data is init code */
};

struct ledger_log {
    addr20 address;
    hash32 topics[LEDGER_TOPICS_MAX];
    size_t topics_n;
    slice data; /* borrowed from the arena of the answer */
    uint64_t block_number;
    hash32 block_hash;
    hash32 tx_hash;
    uint32_t tx_index;
    uint32_t log_index; /* within the block */
};

struct ledger_receipt {
    hash32 tx_hash;
    hash32 block_hash;
    uint64_t block_number;
    uint32_t tx_index;
    bool ok; /* false: the transaction was mined and failed */
    uint64_t gas_used;
    u256 gas_price; /* effective, wei */
    addr20 from;
    addr20 to;               /* zero when the transaction created a contract */
    addr20 contract;         /* created one, or zero */
    struct ledger_log *logs; /* in the arena */
    size_t logs_n;
};

/* A transaction as the node knows it. */
struct ledger_tx {
    hash32 hash;
    addr20 from;
    addr20 to;
    bool create; /* to is absent */
    uint64_t nonce;
    slice data; /* in the arena */
    u256 value;
    bool mined; /* the block fields are set */
    uint64_t block_number;
    hash32 block_hash;
    uint32_t tx_index;
};

/* What to pay. Without base fee support gas_price alone counts (transaction type 0). */
struct ledger_fees {
    bool has_base_fee;
    u256 base_fee; /* of the next block */
    u256 max_fee;  /* 2 * base fee + priority */
    u256 max_priority;
    u256 gas_price;
};

/* Which logs: a topic position matches when it is not set or equal. */
struct ledger_filter {
    const addr20 *addresses; /* borrowed; none: every address */
    size_t addresses_n;
    const hash32 *topic0; /* borrowed alternatives of the first topic; none: every event */
    size_t topic0_n;
    hash32 topic[LEDGER_TOPICS_MAX]; /* [1..3], where has_topic is set */
    bool has_topic[LEDGER_TOPICS_MAX];
    bool by_hash; /* only the block block_hash, else from..to inclusive */
    hash32 block_hash;
    uint64_t from;
    uint64_t to;
};

/* An account and some of its slots, verified against the header of block.hash. */
struct ledger_proof {
    struct ledger_block block;
    addr20 address;
    bool
        exists; /* false: proved absent; the four fields below are then those of an empty account */
    uint64_t nonce;
    u256 balance;
    hash32 storage_root;
    hash32 code_hash;
    hash32 *slots;  /* as asked, in the arena */
    hash32 *values; /* 32 bytes big-endian each; zero also when proved absent */
    size_t slots_n;
};

enum ledger_kind {
    LEDGER_CHAIN_ID, /* -> number */
    LEDGER_NUMBER,   /* -> number: the head's, not verified */
    LEDGER_SYNCING,  /* -> number: 1 while the node is catching up */
    LEDGER_BLOCK,    /* at -> block */
    LEDGER_CALL,     /* call, at -> data; E_REVERTED -> data is the revert data */
    LEDGER_ESTIMATE, /* call -> number (gas); E_REVERTED as above */
    LEDGER_NONCE,    /* address, at -> number */
    LEDGER_BALANCE,  /* address, at -> word */
    LEDGER_CODE,     /* address, at -> data */
    LEDGER_FEES,     /* -> fees */
    LEDGER_SEND,     /* data: a signed transaction -> hash */
    LEDGER_RECEIPT,  /* hash -> receipt; E_NOT_FOUND while it is not mined */
    LEDGER_TX,       /* hash -> tx; E_NOT_FOUND */
    LEDGER_LOGS,     /* filter -> logs */
    LEDGER_PROOF,    /* address, slots, at (number or hash) -> proof */
};

/* One request of a batch. The caller fills kind and the inputs; the run fills st and, when st is
 * OK, the answer of its kind. Slices and arrays of answers live in the arena of the run. */
struct ledger_req {
    enum ledger_kind kind;
    struct ledger_at at;
    union {
        struct ledger_call call;
        addr20 address;
        hash32 hash;
        slice raw;
        struct ledger_filter filter;
        struct {
            addr20 address;
            const hash32 *slots; /* borrowed */
            size_t slots_n;
        } proof;
    } in;
    status st;
    struct err err; /* set when st is not OK */
    union {
        uint64_t number;
        u256 word;
        hash32 hash;
        slice data;
        struct ledger_block block;
        struct ledger_fees fees;
        struct ledger_receipt receipt;
        struct ledger_tx tx;
        struct {
            struct ledger_log *list; /* in chain order */
            size_t n;
        } logs;
        struct ledger_proof proof;
    } out;
};

/* --- the port -------------------------------------------------------------------------------- */

struct ledger;

/* What an adapter offers. */
struct ledger_ops {
    /* Run n requests; fills st, err and out of each. Not OK only when none could be asked: then no
     * request was filled. */
    status (*run)(struct ledger *l, struct ledger_req *reqs, size_t n, struct arena *a,
                  struct err *reterr);
    /* See ledger_block_vouched. */
    status (*vouch)(struct ledger *l, uint64_t number, const hash32 *hash, struct err *reterr);
    /* Wait up to ms milliseconds for news (a new head); returns early when the engine tells. */
    void (*wait)(struct ledger *l, uint32_t ms);
    void (*close)(struct ledger *l);
};

/* An adapter's own struct begins with this. */
struct ledger {
    const struct ledger_ops *ops;
    const struct clock_src *clock; /* borrowed until ledger_close */
    uint64_t max_age_s; /* of the head for ledger_head_fresh; 0: the chain seals on demand, only an
                           unreachable node counts as stale */
    bool is_own;        /* the chain is kept by this program: damage of it is damage here */
    _Atomic uint64_t seen; /* see ledger_saw */
};

/* NULL is fine. */
void ledger_close(struct ledger *l);

/* Run up to LEDGER_BATCH_MAX requests as one batch; each has its own result in reqs[i].st.
 * a may be NULL when no answer is more than numbers and blocks.
 * OK when the batch was run, even if every request failed | E_TOO_LONG | E_UNAVAILABLE … */
status ledger_run(struct ledger *l, struct ledger_req *reqs, size_t n, struct arena *a,
                  struct err *reterr) MUST_USE;

/* What a failure of the ledger, OK as well, is to a caller who is to be answered by the status: not
 * that caller's fault, nor damage of what is stored here unless the ledger is_own. Statuses > 0 and
 * E_CORRUPT become E_UNAVAILABLE, the message of *reterr (may be NULL) stays behind "ledger: ". */
status ledger_fault(const struct ledger *l, status s, struct err *reterr) MUST_USE;

/* The single requests. */
status ledger_chain_id(struct ledger *l, uint64_t *ret_id, struct err *reterr) MUST_USE;
status ledger_head(struct ledger *l, struct ledger_block *ret_head, struct err *reterr) MUST_USE;
/* The head, refused with E_STALE when it is older than the configured age or the node says that it
 * is still syncing. Use it wherever a release depends on the chain's present state. */
status ledger_head_fresh(struct ledger *l, struct ledger_block *ret_head,
                         struct err *reterr) MUST_USE;
/* E_NOT_FOUND when the chain has no such block (any more). */
status ledger_block_get(struct ledger *l, struct ledger_at at, struct ledger_block *ret_block,
                        struct err *reterr) MUST_USE;
/* Execute a message at a block. ret (cleared first) is the return data on OK and the raw revert
 * data, maybe empty, on E_REVERTED (contract/ decodes it); untouched otherwise. */
status ledger_call(struct ledger *l, const struct ledger_call *call, struct ledger_at at,
                   struct buf *ret, struct err *reterr) MUST_USE;
/* Gas that the message needs at the pending state. ret_revert may be NULL; as ret above. */
status ledger_estimate(struct ledger *l, const struct ledger_call *call, uint64_t *ret_gas,
                       struct buf *ret_revert, struct err *reterr) MUST_USE;
status ledger_nonce(struct ledger *l, const addr20 *address, struct ledger_at at,
                    uint64_t *ret_nonce, struct err *reterr) MUST_USE;
status ledger_balance(struct ledger *l, const addr20 *address, struct ledger_at at, u256 *ret_wei,
                      struct err *reterr) MUST_USE;
status ledger_code(struct ledger *l, const addr20 *address, struct ledger_at at, struct buf *ret,
                   struct err *reterr) MUST_USE;
status ledger_fees(struct ledger *l, struct ledger_fees *ret_fees, struct err *reterr) MUST_USE;
/* Hand a signed transaction to the node.
 * OK also when the node had it already | E_REPLAY (nonce used) | E_CONFLICT (underpriced, or an
 * other one with this nonce waits) | E_FORBIDDEN (insufficient funds) | E_RANGE (any other refusal:
 * the node's text is in reterr) | E_REVERTED. */
status ledger_send_raw(struct ledger *l, slice raw, hash32 *ret_hash, struct err *reterr) MUST_USE;
/* E_NOT_FOUND while the transaction is not in a block. */
status ledger_receipt(struct ledger *l, const hash32 *tx, struct arena *a,
                      struct ledger_receipt *ret_receipt, struct err *reterr) MUST_USE;
status ledger_tx_get(struct ledger *l, const hash32 *tx, struct arena *a, struct ledger_tx *ret_tx,
                     struct err *reterr) MUST_USE;
/* Wait until the receipt has `confirmations` blocks on it (0 or 1: it is in a block) and its block
 * is on the chain, or until timeout_ms have passed (E_TIMEOUT, with what the last look found). A
 * node that does not answer meanwhile, or wants fewer requests, ends nothing. A failed transaction
 * is OK with ok == false. */
status ledger_wait(struct ledger *l, const hash32 *tx, uint32_t confirmations, uint32_t timeout_ms,
                   struct arena *a, struct ledger_receipt *ret_receipt,
                   struct err *reterr) MUST_USE;
/* Logs in chain order. E_TOO_LONG: ask for fewer blocks. */
status ledger_logs(struct ledger *l, const struct ledger_filter *filter, struct arena *a,
                   struct ledger_log **ret_logs, size_t *ret_n, struct err *reterr) MUST_USE;
/* Account and slots of address, proved by eth_getProof against the header of the block that `at`
 * names (number or hash; LATEST is resolved to the head's hash first, and a head that is older than
 * what ledger_saw was told is asked for a few times again, then refused with E_STALE). The header
 * is verified against its hash; whether that hash is the true chain's is ledger_block_vouched's
 * business. E_MISMATCH names what does not match. */
status ledger_proof(struct ledger *l, const addr20 *address, const hash32 *slots, size_t slots_n,
                    struct ledger_at at, struct arena *a, struct ledger_proof *ret_proof,
                    struct err *reterr) MUST_USE;

/* The caller has believed block `number`, or knows that what it sent is in it: an older one is the
 * head no more (ledger_proof). Lower numbers than before change nothing. */
void ledger_saw(struct ledger *l, uint64_t number);

/* Does a source other than the node itself say that block `number` has this hash (a second node,
 * or the authority's pinned key)?
 * OK | E_MISMATCH (it says another) | E_UNAVAILABLE (no answer) | E_UNSUPPORTED (none configured).
 */
status ledger_block_vouched(struct ledger *l, uint64_t number, const hash32 *hash,
                            struct err *reterr) MUST_USE;

#endif
