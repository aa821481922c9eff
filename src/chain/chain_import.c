/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks from elsewhere, going back, pruning, numbers. */
#include <stdlib.h>

#include "base/parallel.h"
#include "chain/chain_priv.h"
#include "codec/domain_hash.h"

#define CHANGES_MEMORY ((size_t)4 << 30)
#define PRUNE_ROWS 20000u

/* --- ancestors ------------------------------------------------------------------------------- */

struct ancestors {
    struct chain_view *view;
    uint64_t parent;
    struct block_ancestor found;
};

static const struct block_ancestor *find_ancestor(void *ctx, size_t i)
{
    struct ancestors *a = ctx;
    struct chain_block b;
    if (i > a->parent || chain_view_block(a->view, a->parent - i, &b, NULL) != OK)
        return NULL;
    a->found = (struct block_ancestor){b.block.hash, b.block.header, b.block.uncles};
    return &a->found;
}

/* --- one block ------------------------------------------------------------------------------- */

struct import {
    struct chain *chain;
    struct chain_view *view; /* of the parent */
    struct block block;
    struct chain_block parent;
    struct chain_rules rules;
    struct state state;
    struct block_run run;
    struct tx *tx;
    slice *raw;
    hash32 *hash;
    addr20 *sender;
    status *st; /* of the senders */
    size_t n;
    struct buf receipts;
    struct buf created;
};

static void import_init(struct import *m)
{
    buf_init(&m->receipts, CHAIN_RAW_MAX);
    buf_init(&m->created, CHAIN_RAW_MAX);
}

static void import_done(struct import *m)
{
    if (m->run.header != NULL)
        block_done(&m->run);
    state_done(&m->state);
    buf_done(&m->receipts);
    buf_done(&m->created);
    free(m->tx);
    free(m->raw);
    free(m->hash);
    free(m->sender);
    free(m->st);
}

static void recover_nth(void *ctx, size_t i)
{
    struct import *m = ctx;
    tx_hash(m->raw[i], &m->hash[i]);
    m->st[i] = tx_sender_at(&m->tx[i], m->rules.rev, &m->sender[i]);
}

static size_t count_txs(slice txs)
{
    struct rlp_list l = {txs};
    slice raw;
    size_t n = 0;
    while (!rlp_list_is_empty(&l) && block_next_tx(&l, &raw, NULL) == OK)
        n++;
    return n;
}

static status read_txs(struct import *m, struct err *reterr)
{
    struct rlp_list l = {m->block.txs};
    size_t max = count_txs(m->block.txs) + 1;
    m->tx = calloc(max, sizeof *m->tx);
    m->raw = calloc(max, sizeof *m->raw);
    m->hash = calloc(max, sizeof *m->hash);
    m->sender = calloc(max, sizeof *m->sender);
    m->st = calloc(max, sizeof *m->st);
    status s =
        m->tx != NULL && m->raw != NULL && m->hash != NULL && m->sender != NULL && m->st != NULL
            ? OK
            : ERR(reterr, E_NOMEM, "block");
    for (m->n = 0; s == OK && !rlp_list_is_empty(&l); m->n++) {
        s = block_next_tx(&l, &m->raw[m->n], reterr);
        if (s == OK)
            s = tx_read(m->raw[m->n], &m->tx[m->n], reterr);
    }
    if (s != OK)
        return s;
    parallel_run(m->n, m->chain->threads, recover_nth, m);
    for (size_t i = 0; i < m->n; i++)
        if (m->st[i] != OK)
            return ERR(reterr, m->st[i] > 0 ? E_RANGE : m->st[i], "sender of transaction %zu", i);
    return OK;
}

static status run_txs(struct import *m, struct err *reterr)
{
    status s = OK;
    bool has_status = m->rules.rev >= EVM_BYZANTIUM;
    for (size_t i = 0; s == OK && i < m->n; i++) {
        struct tx_outcome o;
        hash32 root = {{0}};
        s = block_tx(&m->run, &m->tx[i], &m->sender[i], &o, reterr);
        if (s == OK && !has_status)
            s = state_root(&m->state, &root);
        if (s == OK)
            s = chain_receipt_put(&m->sender[i], &o, has_status, &root, m->state.log,
                                  m->state.log_n, &m->receipts);
    }
    return s;
}

static status execute(struct import *m, struct err *reterr)
{
    struct store_world world;
    struct hash_source hashes = {m->chain, m->view->txn};
    status s = store_world_at(&m->chain->store, m->view->txn, m->view->head, &world, reterr);
    if (s != OK)
        return s;
    state_init(&m->state, &world.base, &m->chain->sealer->codes);
    s = block_begin(&m->run, &m->rules, &m->block.header, &m->state, m->chain->sealer->vm, NULL,
                    chain_hash_of, &hashes, reterr);
    if (s == OK)
        s = run_txs(m, reterr);
    if (s == OK)
        s = block_finish(&m->run, &m->block, reterr);
    return s;
}

/* The signature of block `number` with the hash of info: seal, or one of our own when it is NULL.
 */
static status seal_of(const struct chain *c, uint64_t number, const uint8_t *seal,
                      struct chain_info *info, struct err *reterr)
{
    hash32 digest;
    const struct genesis *g = &c->genesis;
    if (seal == NULL) {
        status s = chain_sign(c, number, &info->hash, info->seal);
        info->has_seal = s == OK;
        if (s == E_NOT_FOUND && g->has_authority)
            return ERR(reterr, E_SIGNATURE, "block %llu: no signature of the authority",
                       (unsigned long long)number);
        return s == OK || s == E_NOT_FOUND ? OK : ERR(reterr, s, "signature of a block");
    }
    block_seal_digest(chain_id(c), number, &info->hash, &digest);
    if (!g->has_authority ||
        secp_verify_addr(&digest, slice_of(seal, SECP_SIG), g->authority) != OK)
        return ERR(reterr, E_SIGNATURE, "block %llu: not signed by the authority",
                   (unsigned long long)number);
    memcpy(info->seal, seal, SECP_SIG);
    info->has_seal = true;
    return OK;
}

static status put_state(struct import *m, struct kv_txn *w, const struct store_change *changes,
                        size_t n, struct err *reterr)
{
    hash32 root;
    const struct block_header *h = &m->block.header;
    status s = store_commit(&m->chain->store, w, h->number, changes, n, &root, reterr);
    if (s == OK && !hash32_eq(root, h->state_root))
        s = ERR(reterr, E_RANGE, "block %llu: %s", (unsigned long long)h->number,
                block_fault_name(BLOCK_BAD_STATE));
    return s;
}

static status put_all(struct import *m, struct kv_txn *w, const struct store_change *changes,
                      size_t n, const uint8_t *seal, struct err *reterr)
{
    struct chain_rows rows = {.number = m->block.header.number,
                              .raw = m->block.raw,
                              .hashes = m->hash,
                              .receipts = buf_slice(&m->receipts),
                              .bloom = m->block.header.bloom,
                              .created = buf_slice(&m->created)};
    rows.info.hash = m->block.hash;
    rows.info.n_txs = (uint32_t)m->n;
    if (!u256_add(m->parent.total_difficulty, m->block.header.difficulty,
                  &rows.info.total_difficulty))
        return ERR(reterr, E_RANGE, "difficulty");
    status s = put_state(m, w, changes, n, reterr);
    if (s == OK)
        s = seal_of(m->chain, rows.number, seal, &rows.info, reterr);
    return s == OK ? chain_rows_put(&m->chain->t, w, &rows, reterr) : s;
}

static status commit(struct import *m, const uint8_t *seal, struct err *reterr)
{
    struct arena a;
    struct kv_txn *w = NULL;
    struct store_change *changes = NULL;
    size_t n = 0;
    arena_init(&a, CHANGES_MEMORY, false);
    status s = store_changes(&m->state, &a, &changes, &n, reterr);
    if (s == OK && (s = chain_created_put(&m->state, &m->created)) != OK)
        s = ERR(reterr, s, "names");
    if (s == OK)
        s = kv_write_begin(m->chain->kv, &w, reterr);
    if (s == OK)
        s = put_all(m, w, changes, n, seal, reterr);
    if (s == OK)
        s = kv_commit(w, reterr);
    else
        kv_abort(w);
    arena_done(&a);
    return s;
}

/* Is it the one after the head? */
static status check_place(struct import *m, struct err *reterr)
{
    uint64_t number;
    const struct block_header *h = &m->block.header;
    if (chain_view_number(m->view, &m->block.hash, &number, NULL) == OK)
        return ERR(reterr, E_DUPLICATE, "block %llu is there already",
                   (unsigned long long)h->number);
    if (h->number != m->view->head + 1 || !hash32_eq(h->parent, m->view->head_hash))
        return ERR(reterr, E_MISMATCH, "block %llu does not follow the head, which is %llu",
                   (unsigned long long)h->number, (unsigned long long)m->view->head);
    return chain_view_block(m->view, m->view->head, &m->parent, reterr);
}

static status check_rules(struct import *m, struct err *reterr)
{
    struct ancestors a = {.view = m->view, .parent = m->view->head};
    enum block_fault f = BLOCK_FINE;
    chain_rules_of(m->chain, &m->block.header, m->parent.total_difficulty, &m->rules);
    return block_check(&m->chain->genesis.config, &m->rules, &m->block, find_ancestor, &a, &f,
                       reterr);
}

static status import_all(struct import *m, slice raw, const uint8_t *seal, struct err *reterr)
{
    status s = block_read(raw, &m->block, reterr);
    if (s == OK)
        s = check_place(m, reterr);
    if (s == OK)
        s = check_rules(m, reterr);
    if (s == OK)
        s = read_txs(m, reterr);
    if (s == OK)
        s = execute(m, reterr);
    return s == OK ? commit(m, seal, reterr) : s;
}

status chain_import(struct chain *c, slice raw, const uint8_t *seal, struct err *reterr)
{
    struct chain_view v;
    struct import m = {.chain = c, .view = &v};
    pthread_mutex_lock(&c->write);
    import_init(&m);
    status s = chain_view_open(c, &v, reterr);
    if (s == OK) {
        s = import_all(&m, raw, seal, reterr);
        chain_view_close(&v);
    }
    if (s == OK) {
        chain_tell(c, m.block.header.number, &m.block.hash, false);
        chain_pool_refresh(c);
    }
    import_done(&m);
    pthread_mutex_unlock(&c->write);
    return s;
}

static status put_genesis_seal(const struct chain *c, struct kv_txn *w, const uint8_t *seal,
                               struct err *reterr)
{
    struct chain_info info;
    status s = chain_info_get(c, w, 0, &info, reterr);
    if (s == OK)
        s = seal_of(c, 0, seal, &info, reterr);
    return s == OK ? chain_info_put(&c->t, w, 0, &info, reterr) : s;
}

status chain_genesis_seal(struct chain *c, const uint8_t *seal, struct err *reterr)
{
    struct kv_txn *w = NULL;
    pthread_mutex_lock(&c->write);
    status s = kv_write_begin(c->kv, &w, reterr);
    if (s == OK)
        s = put_genesis_seal(c, w, seal, reterr);
    if (s == OK)
        s = kv_commit(w, reterr);
    else
        kv_abort(w);
    pthread_mutex_unlock(&c->write);
    return s;
}

/* --- again ----------------------------------------------------------------------------------- */

static status store_state(struct import *m, struct kv_txn *w, struct err *reterr)
{
    struct arena a;
    struct store_change *changes = NULL;
    size_t n = 0;
    arena_init(&a, CHANGES_MEMORY, false);
    status s = store_changes(&m->state, &a, &changes, &n, reterr);
    if (s == OK)
        s = put_state(m, w, changes, n, reterr);
    arena_done(&a);
    return s;
}

static status execute_again(struct import *m, uint64_t number, struct err *reterr)
{
    struct chain_block b;
    status s = chain_block_get(m->chain, m->view->txn, number, &b, reterr);
    if (s == OK)
        s = chain_block_get(m->chain, m->view->txn, number - 1, &m->parent, reterr);
    if (s != OK)
        return s;
    m->block = b.block;
    chain_rules_of(m->chain, &m->block.header, m->parent.total_difficulty, &m->rules);
    s = read_txs(m, reterr);
    return s == OK ? execute(m, reterr) : s;
}

status chain_execute_again(struct chain *c, struct kv_txn *w, uint64_t number, uint64_t *ret_gas,
                           struct err *reterr)
{
    struct chain_view v = {.chain = c, .txn = w, .head = number - 1};
    struct import m = {.chain = c, .view = &v};
    import_init(&m);
    status s = execute_again(&m, number, reterr);
    if (s == OK)
        s = store_state(&m, w, reterr);
    *ret_gas = m.block.header.gas_used;
    import_done(&m);
    return s;
}

/* --- back ------------------------------------------------------------------------------------ */

static status remove_blocks(struct chain *c, struct kv_txn *w, uint64_t to, hash32 *ret_hash,
                            struct err *reterr)
{
    struct chain_info info;
    status s = OK;
    for (uint64_t n = c->news.head; s == OK && n > to; n--)
        s = chain_rows_delete(c, w, n, reterr);
    if (s == OK)
        s = store_rollback(&c->store, w, to, reterr);
    if (s == OK)
        s = chain_info_get(c, w, to, &info, reterr);
    if (s == OK)
        *ret_hash = info.hash;
    return s;
}

status chain_rollback_held(struct chain *c, uint64_t number, const struct dev_snapshot *to,
                           struct err *reterr)
{
    struct kv_txn *w = NULL;
    hash32 hash;
    if (number > c->news.head)
        return ERR(reterr, E_RANGE, "block %llu is after the head", (unsigned long long)number);
    status s = kv_write_begin(c->kv, &w, reterr);
    if (s != OK)
        return s;
    s = remove_blocks(c, w, number, &hash, reterr);
    if (s == OK)
        s = kv_commit(w, reterr);
    else
        kv_abort(w);
    if (s == OK) {
        pthread_mutex_lock(&c->lock);
        if (number < c->news.head)
            chain_dev_rolled_back(&c->devs, number, to);
        pthread_mutex_unlock(&c->lock);
        chain_tell(c, number, &hash, true);
        chain_pool_refresh(c);
    }
    return s;
}

status chain_rollback(struct chain *c, uint64_t number, struct err *reterr)
{
    pthread_mutex_lock(&c->write);
    status s = chain_rollback_held(c, number, NULL, reterr);
    pthread_mutex_unlock(&c->write);
    return s;
}

status chain_prune(struct chain *c, uint64_t before, bool *ret_done, struct err *reterr)
{
    struct kv_txn *w = NULL;
    bool done = false;
    pthread_mutex_lock(&c->write);
    status s = kv_write_begin(c->kv, &w, reterr);
    if (s == OK) {
        s = store_prune(&c->store, w, before, PRUNE_ROWS, &done, reterr);
        if (s == OK)
            s = kv_commit(w, reterr);
        else
            kv_abort(w);
    }
    pthread_mutex_unlock(&c->write);
    if (s == OK)
        *ret_done = done;
    return s;
}

status chain_stats_get(struct chain *c, struct chain_stats *ret, struct err *reterr)
{
    struct chain_view v;
    struct kv_usage usage = {0};
    struct chain_stats st = {0};
    status s = chain_view_open(c, &v, reterr);
    if (s != OK)
        return s;
    st.head = v.head;
    st.first_state = v.first_state;
    s = kv_count(v.txn, c->t.tx, &st.txs, reterr);
    chain_view_close(&v);
    if (s == OK)
        s = kv_usage(c->kv, &usage, reterr);
    st.used_bytes = usage.used_bytes;
    if (s == OK)
        *ret = st;
    return s;
}
