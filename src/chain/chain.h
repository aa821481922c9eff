/* SPDX-License-Identifier: Apache-2.0 */
/* A chain as a node: a folder that holds it, its transaction pool, the sealing of blocks, reading.
 *
 * Life: chain_create once for a folder; then chain_open, chain_start (begins to seal), chain_close.
 * secp_init comes first.
 *
 * Threads. Every function of this header may be called from any thread, at any time between
 * chain_open and chain_close, except where it says otherwise. A view, an exec and what they hand
 * out belong to one thread at a time. chain_listen's callbacks run on the thread that sealed, with
 * no lock held: they must be quick, may open views, and must not submit, seal or change anything.
 * Blocks become visible (views, receipts, events, chain_wait_tx) only after their commit is on the
 * disk.
 *
 * A view is a snapshot of the chain in one read transaction of the store: everything read through
 * it belongs together, whatever is sealed meanwhile. Keep it for a request, not for longer: pages
 * freed since are not used again while it is open.
 *
 * Times. A function that waits takes a limit in milliseconds and returns E_TIMEOUT after it.
 *
 * When the disk is full or a write fails, the block under way is given up and nothing of it is ever
 * shown; its transactions stay in the pool, chain_health says why, new transactions are refused
 * with that status, and sealing is tried again each second. */
#ifndef EHRD_CHAIN_CHAIN_H
#define EHRD_CHAIN_CHAIN_H

#include "base/sysio.h"
#include "chain/genesis.h"
#include "chain/store.h"
#include "crypto/secp256k1.h"

#define CHAIN_APP "ehrd-chain" /* stamp of the folder, with the schema */
/* Upgraded when opened. 1: slots in a table of their own, too; 2: no write-ahead log, which
 * programs of it would not redo. */
#define CHAIN_SCHEMA 4u
#define CHAIN_TX_BYTES ((size_t)128 << 10) /* of one raw transaction in the pool, as geth */

struct chain;

/* --- folders --------------------------------------------------------------------------------- */

enum chain_sealing {
    CHAIN_SEAL_INSTANT,  /* whatever arrived while the last commit ran goes into one block */
    CHAIN_SEAL_INTERVAL, /* a block each interval_ms, empty ones too */
    CHAIN_SEAL_MANUAL,   /* by chain_mine only */
};

struct chain_pool_limits {
    size_t txs;        /* in all; 0: 65,536 */
    size_t per_sender; /* 0: 16,384 */
    size_t queued;     /* of a sender, after a gap in its nonces; 0: 1,024 */
    size_t queued_all; /* of all senders; 0: an eighth of txs */
    size_t bytes;      /* raw bytes in all; 0: 256 MiB */
    uint64_t queued_s; /* how long one waits for a gap to close; 0: 3 hours */
    bool blobs;        /* take transactions of type 3 (without their blobs) */
};

struct chain_options {
    const char *dir;
    const struct secp_key
        *authority; /* NULL: blocks are not signed; else it must be the genesis' */
    enum chain_sealing sealing;
    uint64_t interval_ms;
    unsigned threads; /* that recover senders of many transactions; 0: 2 */
    struct chain_pool_limits pool;
    uint64_t map_bytes;              /* the store's largest file; 0: 1 TiB */
    bool dev;                        /* the controls at the end of this header work */
    const struct clock_src *clock;   /* NULL: the system's */
    const struct random_src *random; /* NULL: the system's */
    /* Told after each block that is executed again, when the folder is of an older program whose
     * state was laid out otherwise; NULL: nobody. */
    void (*upgrading)(uint64_t block, uint64_t head);
};

/* To be chosen for a new chain: with more, a block could change more accounts and slots than the
 * store holds of one, and would have to be made again. Chains that have more work all the same. */
#define CHAIN_GAS_LIMIT_MAX 1200000000u

/* May chain_create make one in dir? OK | E_CONFLICT (a chain is there already) | kv_open's. */
status chain_absent(const char *dir, struct err *reterr) MUST_USE;
/* Make the chain of a genesis in dir, which is empty or absent, or has what a call left that was
 * cut off: that goes. genesis_text: JSON; it is kept in the folder. dev: the folder may be opened
 * with dev only. OK | genesis_read's | E_CONFLICT (a chain is there already) | kv_open's. */
status chain_create(const char *dir, slice genesis_text, bool dev, hash32 *ret_hash,
                    struct err *reterr) MUST_USE;
/* OK | E_NOT_FOUND (no chain in dir) | E_BUSY (another process has it) | E_MISMATCH (folder of
 * another program; wrong authority key) | E_FORBIDDEN (dev asked for a folder made without, or the
 * reverse) | E_UNSUPPORTED (newer schema; a folder for development of an older one) | E_CORRUPT |
 * E_NOMEM. */
status chain_open(const struct chain_options *o, struct chain **ret, struct err *reterr) MUST_USE;
/* Begin to seal, on a thread of the chain's. Without it nothing is sealed but by chain_mine, and
 * chain_import works. Once. */
status chain_start(struct chain *c, struct err *reterr) MUST_USE;
/* The commit under way is finished. Views, execs and listeners must be gone. NULL is fine. */
void chain_close(struct chain *c);

/* All constant. */
const struct genesis *chain_genesis(const struct chain *c);
/* Transactions of the store that were redone when it was opened: the program before was cut off. */
uint64_t chain_redone(const struct chain *c);
const struct chain_config *chain_config_of(const struct chain *c);
uint64_t chain_id(const struct chain *c);
bool chain_is_dev(const struct chain *c);
hash32 chain_genesis_hash(const struct chain *c);
const struct clock_src *chain_clock(const struct chain *c);

/* OK, or why sealing does not succeed at present. */
status chain_health(struct chain *c, struct err *reterr) MUST_USE;

/* --- transactions ---------------------------------------------------------------------------- */

/* Hand in a signed raw transaction. ret_hash is set on OK and E_DUPLICATE.
 * The message of a refusal is geth's text, for clients that look at it ("nonce too low: next nonce
 * 5, tx nonce 3"); JSON-RPC answers with code -32000.
 * OK | E_DUPLICATE ("already known") | E_REPLAY (nonce too low) | E_CONFLICT (replacement
 * underpriced) | E_FORBIDDEN (funds) | E_SIGNATURE ("invalid sender") | E_RANGE (any other rule) |
 * E_UNSUPPORTED (its type) | E_RATE (the pool is full of what has more
 * claim to its place, or the sender's share is) | RLP statuses |
 * chain_health's. */
status chain_submit(struct chain *c, slice raw, hash32 *ret_hash, struct err *reterr) MUST_USE;

/* The same for the node's own account: its transactions give way to nobody when the pool is full,
 * and come first. */
status chain_submit_local(struct chain *c, slice raw, hash32 *ret_hash,
                          struct err *reterr) MUST_USE;

struct chain_submission {
    slice raw; /* borrowed */
    status st; /* set, as the three below, by chain_submit_all */
    hash32 hash;
    struct err err;
};
/* The same for many, whose senders are recovered by several threads; kept in their order. */
void chain_submit_all(struct chain *c, struct chain_submission *s, size_t n);

/* Wait until the transaction is in a block on the disk. Either ret may be NULL.
 * OK | E_NOT_FOUND (neither in a block nor in the pool) | E_TIMEOUT | chain_health's while blocks
 * cannot be written. */
status chain_wait_tx(struct chain *c, const hash32 *tx, uint32_t timeout_ms, uint64_t *ret_number,
                     uint32_t *ret_index, struct err *reterr) MUST_USE;

/* Is it in the pool, but not for the block to come: a nonce before it is missing, or its fee or
 * that of one before it is below the base fee? Waiting alone does not help it. */
bool chain_pool_is_stuck(struct chain *c, const hash32 *tx);

/* The nonce of the sender's next transaction: those in the pool without a gap are counted. */
status chain_pending_nonce(struct chain *c, const addr20 *sender, uint64_t *ret,
                           struct err *reterr) MUST_USE;

struct chain_pool_tx {
    hash32 hash;
    addr20 sender;
    bool queued; /* a nonce before it is missing */
    slice raw;
    struct tx tx; /* borrows from raw */
};
struct chain_pool_count {
    size_t pending;
    size_t queued;
};
void chain_pool_status(struct chain *c, struct chain_pool_count *ret);
/* Copies into a, by sender and nonce; sender NULL: everyone's. OK | E_NOMEM (the arena's cap). */
status chain_pool_list(struct chain *c, const addr20 *sender, struct arena *a,
                       struct chain_pool_tx **ret, size_t *ret_n, struct err *reterr) MUST_USE;
/* OK | E_NOT_FOUND. */
status chain_pool_get(struct chain *c, const hash32 *tx, struct arena *a, struct chain_pool_tx *ret,
                      struct err *reterr) MUST_USE;

/* --- news ------------------------------------------------------------------------------------ */

/* What was sealed. A rollback (dev controls, chain_rollback) is told before anything sealed after
 * it: blocks above `head` are gone. */
struct chain_news {
    uint64_t seq;       /* counts heads and rollbacks since chain_open */
    uint64_t rollbacks; /* how many of these were rollbacks */
    uint64_t head;
    hash32 hash;
};
void chain_news_get(struct chain *c, struct chain_news *ret);
/* Wait until news->seq is not `seen` any more. OK | E_TIMEOUT | E_CANCELLED (chain_wake). */
status chain_news_wait(struct chain *c, uint64_t seen, uint32_t timeout_ms,
                       struct chain_news *ret) MUST_USE;
/* Let every chain_news_wait and chain_wait_tx return with E_CANCELLED, now and from now on: before
 * the threads that wait are joined. */
void chain_wake(struct chain *c);

struct chain_listener {
    /* Each block in order; on the disk. */
    void (*head)(void *ctx, uint64_t number, const hash32 *hash);
    /* Blocks above number are gone. May be NULL. */
    void (*rollback)(void *ctx, uint64_t number);
    /* A transaction came into the pool, not queued. Called by the thread that submits. May be
     * NULL. */
    void (*pending)(void *ctx, const hash32 *tx);
    void *ctx;
};
/* l: borrowed until chain_unlisten, which returns when no callback of it runs any more. At most 8.
 * OK | E_RATE. */
status chain_listen(struct chain *c, const struct chain_listener *l, struct err *reterr) MUST_USE;
void chain_unlisten(struct chain *c, const struct chain_listener *l);

/* --- reading --------------------------------------------------------------------------------- */

struct chain_view {
    struct chain *chain; /* borrowed */
    struct kv_txn *txn;
    uint64_t head;
    hash32 head_hash;
    uint64_t first_state; /* the oldest block whose state can be read (pruning) */
};

/* ret: in place, must not move; chain_view_close. OK | E_BUSY | E_NOMEM | E_CORRUPT. */
status chain_view_open(struct chain *c, struct chain_view *ret, struct err *reterr) MUST_USE;
void chain_view_close(struct chain_view *v);

struct chain_block {
    struct block block;    /* block.raw is the whole block's RLP; all borrows from the view */
    u256 total_difficulty; /* the block's own included */
    bool has_seal;
    uint8_t seal[SECP_SIG]; /* of the authority, over block_seal_digest (codec/domain_hash.h) */
    size_t n_txs;
};
/* OK | E_NOT_FOUND (no such block) | E_CORRUPT. */
status chain_view_block(struct chain_view *v, uint64_t number, struct chain_block *ret,
                        struct err *reterr) MUST_USE;
/* Number of the block of this hash. OK | E_NOT_FOUND. */
status chain_view_number(struct chain_view *v, const hash32 *hash, uint64_t *ret,
                         struct err *reterr) MUST_USE;
/* Hash of a block of this chain, zero if there is none. v: a struct chain_view; fits
 * host_block_hash. */
hash32 chain_view_hash(void *v, uint64_t number);
/* The rules of a block with this header that follows a chain of total difficulty parent_total. */
void chain_rules_of(const struct chain *c, const struct block_header *h, u256 parent_total,
                    struct chain_rules *ret);
/* The rules that hold in a block of the chain. As chain_view_block. */
status chain_view_rules(struct chain_view *v, uint64_t number, struct chain_rules *ret,
                        struct err *reterr) MUST_USE;

/* A transaction's receipt, with all that JSON-RPC says of it. */
struct chain_receipt {
    struct receipt receipt; /* logs are in the arena, their data too */
    hash32 tx_hash;
    addr20 sender;
    struct tx tx; /* borrows from raw */
    slice raw;    /* borrows from the view */
    uint64_t gas_used;
    u256 price;         /* effective, wei per gas */
    uint64_t blob_gas;  /* 0 but for type 3 */
    u256 blob_price;    /* wei per unit; of the block; for type 3 */
    addr20 created;     /* zero when the transaction is no creation */
    uint32_t index;     /* within the block */
    uint32_t first_log; /* index of its first log within the block */
};
/* All of a block, in order. OK | E_NOT_FOUND | E_CORRUPT | E_NOMEM. */
status chain_view_receipts(struct chain_view *v, uint64_t number, struct arena *a,
                           struct chain_receipt **ret, size_t *ret_n, struct err *reterr) MUST_USE;
/* What a transaction paid for its gas. */
struct chain_payment {
    u256 price; /* effective, wei per gas */
    uint64_t gas_used;
};
/* Of all of a block's, in order, without reading their logs. As chain_view_receipts. */
status chain_view_payments(struct chain_view *v, uint64_t number, struct arena *a,
                           struct chain_payment **ret, size_t *ret_n, struct err *reterr) MUST_USE;
/* Where a transaction is. OK | E_NOT_FOUND. */
status chain_view_tx(struct chain_view *v, const hash32 *tx, uint64_t *ret_number,
                     uint32_t *ret_index, struct err *reterr) MUST_USE;
/* One transaction of a block (the receipts are read, but only its own is made). Also
 * E_NOT_FOUND. */
status chain_view_receipt(struct chain_view *v, uint64_t number, uint32_t index, struct arena *a,
                          struct chain_receipt *ret, struct err *reterr) MUST_USE;

/* What an address or a topic sets in a bloom: three bits. */
struct chain_bloom_bits {
    uint8_t at[3];
    uint8_t mask[3];
};
/* Whether a block with this bloom may have a log of the address, or with the topic, item. */
bool chain_bloom_may_have(const uint8_t bloom[BLOOM_BYTES], slice item);
/* Which logs. Empty lists match everything. */
struct chain_filter {
    const addr20 *addresses; /* borrowed, as the topics */
    size_t n_addresses;
    const hash32 *topics[4]; /* alternatives of each position */
    size_t n_topics[4];
    size_t n_positions; /* positions that must be there (an empty one matches any topic) */
    uint64_t from;
    uint64_t to; /* inclusive */
    /* Of the addresses and then of the topics by position: chain_filter_bits, for a filter that
     * searches often. NULL: each search makes them, when there is a bloom to look at. */
    const struct chain_bloom_bits *bits;
    /* Asked again and again, with the ctx of the search: what is not OK ends it, also where nothing
     * matches. NULL: it takes as long as it takes. */
    status (*may_go_on)(void *ctx);
};
struct chain_log {
    struct state_log log;
    uint64_t number;
    uint64_t timestamp;
    hash32 block_hash;
    hash32 tx_hash;
    uint32_t tx_index;
    uint32_t index; /* within the block */
};
/* Addresses and topics in all. */
size_t chain_filter_size(const struct chain_filter *f);
/* ret: chain_filter_size of them, for f->bits. */
void chain_filter_bits(const struct chain_filter *f, struct chain_bloom_bits *ret);
bool chain_filter_matches(const struct chain_filter *f, const struct state_log *log);
/* Logs in order; `each` (its log lives during the call) stops the search with any status but OK,
 * which is returned, as f->may_go_on's is. Blocks are chosen by their blooms.
 * OK | E_CORRUPT | E_NOMEM. */
typedef status chain_log_sink(void *ctx, const struct chain_log *log, struct err *reterr);
status chain_view_logs(struct chain_view *v, const struct chain_filter *f, chain_log_sink *each,
                       void *ctx, struct err *reterr) MUST_USE;

/* State after a block: the world, or single values. With dev, values of the head include what the
 * set controls changed and no block holds yet (chain_exec_open's too).
 * OK | E_NOT_FOUND (after the head) | E_REMOVED (pruned) | E_CORRUPT. */
status chain_view_account(struct chain_view *v, uint64_t number, const addr20 *a, bool *ret_exists,
                          struct trie_account *ret, struct err *reterr) MUST_USE;
status chain_view_slot(struct chain_view *v, uint64_t number, const addr20 *a, const u256 *key,
                       u256 *ret, struct err *reterr) MUST_USE;
/* *ret borrows from the view, or with dev from the arena. */
status chain_view_code(struct chain_view *v, uint64_t number, const addr20 *a, struct arena *arena,
                       slice *ret, struct err *reterr) MUST_USE;
/* store_prove. */
status chain_view_prove(struct chain_view *v, uint64_t number, const addr20 *a, const u256 *slots,
                        size_t n_slots, struct arena *arena, struct store_proof *ret,
                        struct err *reterr) MUST_USE;

/* Every account that any block up to the head made or changed, and every slot that one filled, for
 * exports: the state itself knows hashes only. The same one may come again. each: stops with any
 * status but OK. slots: n words of 32 bytes. OK | E_CORRUPT | each's. */
typedef status chain_name_sink(void *ctx, const addr20 *a, const uint8_t *slots, size_t n,
                               struct err *reterr);
status chain_view_names(struct chain_view *v, chain_name_sink *each, void *ctx,
                        struct err *reterr) MUST_USE;
/* Do two chains hold the same of a block: its bytes, receipts, bloom, names, index, state root?
 * OK | E_MISMATCH (the message says what differs) | as chain_view_block. */
status chain_view_same(struct chain_view *a, struct chain_view *b, uint64_t number,
                       struct err *reterr) MUST_USE;

/* --- executing without a transaction --------------------------------------------------------- */

/* A state to play on, an EVM, and the environment of a block. For eth_call, estimates, traces,
 * simulations: nothing of it is ever kept.
 *
 *     chain_exec_open(&v, number, &header, &x, err);
 *     ... overrides: state_set_balance(&x.state, ...); x.header.timestamp = ...; state_keep
 *     chain_exec_call(&x, &call, tracer, &result, err);     as often as wanted
 *     chain_exec_close(&x);
 * or block_begin(&run, &x.rules, &x.header, &x.state, x.vm, tracer, chain_view_hash, x.view, err)
 * and block_tx for whole transactions. */
struct chain_machine;
struct chain_exec {
    struct chain_view *view; /* borrowed */
    struct store_world world;
    struct state state;
    struct block_header header; /* yours to change */
    struct chain_rules rules;   /* of the header; see chain_exec_rules */
    u256 parent_total;          /* difficulty of the chain up to its parent */
    struct evm *vm;             /* of machine */
    struct chain_machine *machine;
    struct host host; /* of the last call */
    bool host_used;
    hash32 (*block_hash)(void *ctx, uint64_t number); /* chain_view_hash; yours to change */
    void *block_hash_ctx;
};

/* The state after block `number`; the header (copied; extra stays borrowed) is the environment.
 * header NULL: that of block `number` itself, as eth_call wants it. ret: in place, must not move;
 * chain_exec_close. As chain_view_account | E_NOMEM. */
status chain_exec_open(struct chain_view *v, uint64_t number, const struct block_header *header,
                       struct chain_exec *ret, struct err *reterr) MUST_USE;
/* The state after the head and the transactions that wait in the pool, in the environment of the
 * block they would come into: "pending". Those that fail to be valid are passed over; after 2 s
 * the rest is left out. ret_txs (may
 * be NULL): what was executed, in order; in a. */
status chain_exec_pending(struct chain_view *v, struct arena *a, struct chain_exec *ret,
                          struct chain_pool_tx **ret_txs, size_t *ret_n,
                          struct err *reterr) MUST_USE;
void chain_exec_close(struct chain_exec *x);
/* x: the state of the parent of the block of this number and hash. With dev: what the set controls
 * changed before it was sealed is changed, as far as this process has sealed it. */
void chain_exec_as_sealed(struct chain_exec *x, uint64_t number, const hash32 *hash);
/* The header that a block sealed now on the head would have, as far as it is known before its
 * transactions: parent, number, time, gas limit, base fee ... */
void chain_next_header(struct chain_view *v, const struct chain_block *head,
                       struct block_header *ret);
/* After header.number or header.timestamp was changed. */
void chain_exec_rules(struct chain_exec *x);

struct chain_call {
    addr20 from;
    addr20 to; /* unused when create */
    bool create;
    bool free; /* no gas is paid: base fee counts as 0 if price is 0, as geth's eth_call */
    bool no_value_check; /* the sender need not own the value */
    u256 price;          /* effective, wei per gas; GASPRICE */
    u256 value;
    uint64_t gas; /* limit, intrinsic gas included */
    slice data;
    slice access_list;    /* RLP, as in struct tx; or empty */
    slice authorizations; /* RLP, as in struct tx; or empty */
    const hash32 *blob_hashes;
    size_t n_blob_hashes;
};
struct chain_result {
    enum evm_status status;
    uint64_t gas_used; /* as a receipt would have it */
    uint64_t gas_peak; /* most that was in use: without refunds */
    slice output;      /* return or revert data; borrowed until the next call */
    addr20 created;
    /* logs: x->state.log, n: x->state.log_n, until the next call */
};
/* Execute; what it changed stays in x->state (state_mark/state_revert around it, if unwanted). The
 * sender's nonce is not checked. OK, failed calls too | E_FORBIDDEN (funds; geth's text) | E_RANGE
 * (intrinsic gas, caps; geth's text) | statuses of host_failure. */
status chain_exec_call(struct chain_exec *x, const struct chain_call *call,
                       const struct evm_tracer *tracer, struct chain_result *ret,
                       struct err *reterr) MUST_USE;
/* Least gas with which the call succeeds, at most `cap` (and call->gas, if not 0). x's state is as
 * before. *ret_result: of the last failing run, when it fails with all gas.
 * OK | E_REVERTED (ret_result says how: status and output) | chain_exec_call's. */
status chain_exec_estimate(struct chain_exec *x, const struct chain_call *call, uint64_t cap,
                           uint64_t *ret_gas, struct chain_result *ret_result,
                           struct err *reterr) MUST_USE;

/* --- whole chains (no sealing thread may run) --------------------------------------------------
 */

/* Add a block from elsewhere on top of the head: checked, executed, committed. seal: 65 bytes that
 * must be the authority's, or NULL (then it is signed here; without the key that is refused on a
 * chain that names an authority).
 * OK | E_DUPLICATE (it is there) | E_MISMATCH (parent is not the head) | E_RANGE (a rule is broken;
 * the message names it) | E_SIGNATURE | RLP statuses | kv's. */
status chain_import(struct chain *c, slice raw, const uint8_t *seal, struct err *reterr) MUST_USE;
/* Keep the authority's signature of block 0, which a folder lacks that was made without the key or
 * by an older program: chain_open with the key does it by itself. seal: as above. OK | E_SIGNATURE
 * | kv's. */
status chain_genesis_seal(struct chain *c, const uint8_t *seal, struct err *reterr) MUST_USE;
/* Make block `number` the head. Allowed with a sealing thread too: pool and listeners are told.
 * OK | E_RANGE (also: its state was pruned) | kv's. */
status chain_rollback(struct chain *c, uint64_t number, struct err *reterr) MUST_USE;
/* Give up states before block `before`, at most some rows: call again until *ret_done. */
status chain_prune(struct chain *c, uint64_t before, bool *ret_done, struct err *reterr) MUST_USE;

struct chain_stats {
    uint64_t head;
    uint64_t first_state;
    uint64_t txs;
    uint64_t used_bytes;
};
status chain_stats_get(struct chain *c, struct chain_stats *ret, struct err *reterr) MUST_USE;

/* --- controls for development ------------------------------------------------------------------
 * All answer E_FORBIDDEN unless the chain was opened with dev. */

/* Seal now whatever waits; n - 1 more empty blocks follow, step_s seconds apart (0: as time goes).
 * ret_head may be NULL. Also allowed without dev when nothing else seals (CHAIN_SEAL_MANUAL). */
status chain_mine(struct chain *c, uint64_t n, uint64_t step_s, uint64_t *ret_head,
                  struct err *reterr) MUST_USE;
status chain_dev_sealing(struct chain *c, enum chain_sealing mode, uint64_t interval_ms,
                         struct err *reterr) MUST_USE;
enum chain_sealing chain_sealing_of(struct chain *c, uint64_t *ret_interval_ms);

/* Time: offset to the clock in seconds (added to, may be negative in all; ret_total may be NULL);
 * of the next block alone (E_RANGE if not after the head's), after which the offset follows it. */
status chain_dev_add_time(struct chain *c, int64_t seconds, int64_t *ret_total,
                          struct err *reterr) MUST_USE;
status chain_dev_set_time(struct chain *c, uint64_t unix_s, struct err *reterr) MUST_USE;
status chain_dev_next_time(struct chain *c, uint64_t unix_s, struct err *reterr) MUST_USE;

/* Fields of the next block only, or (coinbase, gas_limit) of all to come. */
struct chain_dev_next {
    bool has_base_fee, has_randao, has_coinbase, has_gas_limit;
    u256 base_fee;
    hash32 randao;
    addr20 coinbase;
    uint64_t gas_limit;
};
status chain_dev_next_set(struct chain *c, const struct chain_dev_next *n,
                          struct err *reterr) MUST_USE;

/* Change the state at the head at once; the next block holds it. NULLs stay as they are. */
struct chain_dev_account {
    addr20 address;
    const u256 *balance;
    const uint64_t *nonce;
    const slice *code;
    const struct chain_dev_slot {
        u256 key;
        u256 word;
    } * slots;
    size_t n_slots;
};
status chain_dev_set(struct chain *c, const struct chain_dev_account *a,
                     struct err *reterr) MUST_USE;

/* Head, pending changes and time; revert goes back, empties the pool, and forgets the snapshot and
 * all later ones. A snapshot is gone when its head is (chain_rollback, reset).
 * OK | E_NOT_FOUND. */
status chain_dev_snapshot(struct chain *c, uint64_t *ret_id, struct err *reterr) MUST_USE;
status chain_dev_revert(struct chain *c, uint64_t id, struct err *reterr) MUST_USE;
/* Back to the genesis: the pool is emptied, pending changes, time and fields of the next block
 * alone are forgotten, and all snapshots. Sealing, coinbase and gas limit stay, as anvil's do. */
status chain_dev_reset(struct chain *c, struct err *reterr) MUST_USE;

/* A transaction without a signature, as sent by `sender`. t: type, nonce, fees, gas, to, value,
 * data, access list; its signature is made up so that hashes differ by sender. As chain_submit. */
status chain_dev_submit_as(struct chain *c, const struct tx *t, const addr20 *sender,
                           hash32 *ret_hash, struct err *reterr) MUST_USE;
/* Take a transaction out of the pool (with those of its sender after it staying queued); all of
 * them. OK | E_NOT_FOUND. */
status chain_dev_drop(struct chain *c, const hash32 *tx, struct err *reterr) MUST_USE;
status chain_dev_drop_all(struct chain *c, struct err *reterr) MUST_USE;

#endif
