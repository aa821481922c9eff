/* SPDX-License-Identifier: Apache-2.0 */
/* What the files chain/chain_*.c share: the open chain, its tables, the pool's place in it.
 *
 * Tables beside the state store's (docs/formats.md, "Embedded chain"); numbers are 8 bytes
 * big-endian:
 *   chain.meta      "genesis" -> the file's text; "dev" -> one byte
 *   chain.block     number -> the block's RLP
 *   chain.info      number -> hash (32), total difficulty (32), transactions (4), seal (0 or 65)
 *   chain.receipt   number -> RLP, one list per transaction: sender, gas used, status or state
 *                   root, logs
 *   chain.bloom     number -> 256 bytes; only of blocks with logs
 *   chain.created   number -> accounts and slots that the block changed, for their names
 *   chain.number    block hash -> number
 *   chain.tx        transaction hash -> number, index (4)
 *
 * Locks, in the order they are taken: write (the one who changes the chain: sealing, import,
 * rollback, controls), lock (pool, news, health, machines; held for short), listen. */
#ifndef EHRD_CHAIN_CHAIN_PRIV_H
#define EHRD_CHAIN_CHAIN_PRIV_H

#include <pthread.h>

#include "base/checked.h"
#include "chain/chain.h"
#include "chain/pool.h"

#define CHAIN_TABLES (STORE_TABLES + 8u + 1u) /* one more to drop tables of before */
#define CHAIN_LISTENERS 8u
#define CHAIN_BLOCK_TXS 8192u
#define CHAIN_RAW_MAX ((size_t)1 << 30)
#define CHAIN_INFO_MAX (32u + 32u + 4u + SECP_SIG)

struct chain_tables {
    struct kv_table meta;
    struct kv_table block;
    struct kv_table info;
    struct kv_table receipt;
    struct kv_table bloom;
    struct kv_table created;
    struct kv_table number;
    struct kv_table tx;
};

struct chain_machine {
    struct evm *vm;
    struct code_cache codes;
    struct chain_machine *next;
};

/* What the set controls changed since the head was sealed. */
struct dev_change {
    struct dev_change *next;
    addr20 address;
    bool has_balance, has_nonce, has_code, has_slot;
    u256 balance;
    uint64_t nonce;
    slice code;
    u256 key;
    u256 word;
};

/* What a block began with beside its parent's state. */
struct dev_sealed {
    uint64_t number;
    hash32 hash;
    struct dev_change *change;
    size_t n_changes;
};

struct dev_snapshot {
    uint64_t id;
    uint64_t head;
    struct dev_change *change;
    size_t n_changes;
    int64_t offset;
};

struct dev_state {
    int64_t offset;     /* of the clock, seconds */
    uint64_t next_time; /* of the next block; 0: by the clock */
    struct chain_dev_next next;
    struct arena memory;       /* of the changes */
    struct dev_change *change; /* in order */
    struct dev_change *last;
    size_t n_changes;
    struct dev_sealed *sealed; /* by number, ascending; of blocks of this process */
    size_t n_sealed;
    size_t max_sealed;
    struct dev_snapshot *snapshot;
    size_t n_snapshots;
    size_t max_snapshots;
    uint64_t last_id;
};

struct chain {
    struct kv *kv;
    struct store store;
    struct chain_tables t;
    struct arena genesis_memory;
    struct json_doc genesis_doc;
    struct genesis genesis;
    hash32 genesis_hash;
    bool genesis_sealed; /* when the folder was opened */
    bool dev;
    struct secp_key *key; /* of the authority, in memory for secrets; NULL: none */
    unsigned threads;
    bool blobs;
    const struct clock_src *clock;
    const struct random_src *random;

    pthread_mutex_t write; /* what follows up to the next lock is changed under it */
    struct chain_machine *sealer;
    uint32_t block_txs; /* the most of the block to come */
    bool started;
    pthread_t thread;

    pthread_mutex_t lock; /* what follows up to the next lock */
    pthread_cond_t work;  /* for the thread that seals */
    pthread_cond_t told;  /* news, health or stop */
    enum chain_sealing sealing;
    uint64_t interval_ms;
    struct pool pool;
    struct chain_news news;
    struct chain_rules next_rules; /* of the block to come */
    u256 next_base_fee;
    uint64_t gas_limit;
    status health;
    struct err health_err;
    bool stop;
    bool woken;
    struct chain_machine *machines; /* free ones */
    size_t n_machines;
    struct dev_state devs;

    pthread_mutex_t listen;
    const struct chain_listener *listener[CHAIN_LISTENERS];
};

/* --- rows ------------------------------------------------------------------------------------ */

struct number_key {
    uint8_t b[8];
};
static inline struct number_key number_key_of(uint64_t n)
{
    struct number_key k;
    be64_write(k.b, n);
    return k;
}
#define NUMBER_KEY(n) slice_of(number_key_of(n).b, 8)

status chain_tables_open(struct kv *kv, struct chain_tables *ret, struct err *reterr) MUST_USE;

struct chain_info {
    hash32 hash;
    u256 total_difficulty;
    uint32_t n_txs;
    bool has_seal;
    uint8_t seal[SECP_SIG];
};
/* OK | E_NOT_FOUND | E_CORRUPT. */
status chain_info_get(const struct chain *c, struct kv_txn *txn, uint64_t number,
                      struct chain_info *ret, struct err *reterr) MUST_USE;
status chain_info_put(const struct chain_tables *t, struct kv_txn *w, uint64_t number,
                      const struct chain_info *info, struct err *reterr) MUST_USE;
/* Number of the last block. OK | E_NOT_FOUND (no genesis) | E_CORRUPT. */
status chain_head_get(const struct chain_tables *t, struct kv_txn *txn, uint64_t *ret,
                      struct err *reterr) MUST_USE;

/* One transaction's line in the receipts' row. */
status chain_receipt_put(const addr20 *sender, const struct tx_outcome *o, bool has_status,
                         const hash32 *root, const struct state_log *logs, size_t n_logs,
                         struct buf *out) MUST_USE;

/* All rows of a block but its state. raw: the block; hashes: of its n transactions; receipts: lines
 * of chain_receipt_put. */
struct chain_rows {
    uint64_t number;
    slice raw;
    struct chain_info info;
    const hash32 *hashes;
    slice receipts; /* the lines, without a list around them */
    const uint8_t *bloom;
    slice created;
};
status chain_rows_put(const struct chain_tables *t, struct kv_txn *w, const struct chain_rows *r,
                      struct err *reterr) MUST_USE;
/* Remove all rows of a block but its state's. */
status chain_rows_delete(const struct chain *c, struct kv_txn *w, uint64_t number,
                         struct err *reterr) MUST_USE;
/* Names (addresses and slot numbers) of what st changed, for chain.created. */
status chain_created_put(const struct state *st, struct buf *out) MUST_USE;

/* --- state of older programs ------------------------------------------------------------------ */

/* Fill the empty state store with the state of the genesis. want: the root it must have, or NULL;
 * created: names, or NULL. E_CORRUPT: another root, and nothing is stored. */
status chain_genesis_state(struct chain *c, const hash32 *want, struct buf *created,
                           hash32 *ret_root, struct err *reterr) MUST_USE;
/* Execute a block whose rows are there and store the state after it in w; that before it is the
 * head of the state store. ret_gas: what it used. OK | E_RANGE (another root) | as chain_import. */
status chain_execute_again(struct chain *c, struct kv_txn *w, uint64_t number, uint64_t *ret_gas,
                           struct err *reterr) MUST_USE;
/* Bring a folder of a lower schema up to date. */
status chain_upgrade(struct chain *c, const struct chain_options *o, struct err *reterr) MUST_USE;

/* --- machines, hashes, time ------------------------------------------------------------------ */

/* NULL: no memory. */
struct chain_machine *chain_machine_take(struct chain *c);
void chain_machine_give(struct chain *c, struct chain_machine *m);
void chain_machine_free(struct chain_machine *m);

/* Of a write or read transaction, as chain_view_hash. */
struct hash_source {
    const struct chain *chain;
    struct kv_txn *txn;
};
hash32 chain_hash_of(void *hash_source, uint64_t number);

/* A block of the chain by its transaction; ret borrows from txn. */
status chain_block_get(const struct chain *c, struct kv_txn *txn, uint64_t number,
                       struct chain_block *ret, struct err *reterr) MUST_USE;

/* As chain_next_header; the lock is not held. With the controls' values if use_dev. */
void chain_fill_next(struct chain *c, const struct chain_block *head, struct block_header *ret);
/* Sign as the authority. OK | E_NOT_FOUND (no key) | secp_sign's. */
status chain_sign(const struct chain *c, uint64_t number, const hash32 *hash,
                  uint8_t ret[SECP_SIG]) MUST_USE;

/* Read anew what the block to come will have. The lock is not held. */
status chain_next_update(struct chain *c, struct err *reterr) MUST_USE;

/* --- sealing --------------------------------------------------------------------------------- */

/* Seal one block on the head. write is held, lock is not. *ret_txs: how many it holds.
 * allow_empty false: no block without transactions (then E_NOT_FOUND). */
status chain_seal_one(struct chain *c, bool allow_empty, size_t *ret_txs, hash32 *ret_hash,
                      struct err *reterr) MUST_USE;
/* After a commit: tell everyone of a new head, or of a rollback to it. write is held. */
void chain_tell(struct chain *c, uint64_t number, const hash32 *hash, bool rollback);
/* Remember whether writing works. */
void chain_set_health(struct chain *c, status s, const struct err *e);
/* Absolute time for pthread_cond_timedwait, ms from now. */
struct timespec chain_deadline(uint32_t ms);

/* Body of chain_rollback; write is held. to: the snapshot whose head that is; NULL: none. */
status chain_rollback_held(struct chain *c, uint64_t number, const struct dev_snapshot *to,
                           struct err *reterr) MUST_USE;

/* --- pool ------------------------------------------------------------------------------------ */

/* After blocks were removed or the state was changed: nonces known to the pool are read anew.
 * write is held, lock is not. */
void chain_pool_refresh(struct chain *c);
/* Put a transaction whose sender is known into the pool. */
status chain_pool_admit(struct chain *c, slice raw, const struct tx *t, const hash32 *hash,
                        const addr20 *sender, struct err *reterr) MUST_USE;

/* --- controls -------------------------------------------------------------------------------- */

void chain_dev_init(struct dev_state *d);
void chain_dev_done(struct dev_state *d);
/* The changes are no longer ahead, since this block holds them; they are kept for who executes it
 * again. lock is held. */
void chain_dev_sealed(struct dev_state *d, uint64_t number, const hash32 *hash);
/* Forget what belongs to blocks above `number`, which are gone, and the changes ahead of the head
 * that is no more: those of the snapshot `to` (may be NULL) come in their place. lock is held. */
void chain_dev_rolled_back(struct dev_state *d, uint64_t number, const struct dev_snapshot *to);
/* Apply the changes to a state of the head. lock is held. */
void chain_dev_apply(const struct dev_state *d, struct state *st);

#endif
