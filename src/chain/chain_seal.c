/* SPDX-License-Identifier: Apache-2.0 */
/* Making blocks: one commit each, seen by others only after it. */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "chain/block_priv.h"
#include "chain/chain_priv.h"
#include "codec/domain_hash.h"
#include "crypto/keccak.h"
#include "trie/root.h"

#define TAKE_MAX CHAIN_BLOCK_TXS
#define TAKE_BYTES (BLOCK_SIZE_MAX - ((size_t)64 << 10))
#define TX_GAS 21000u
#define RETRY_MS 1000u
#define EXPIRE_MS 60000u
#define CHANGES_MEMORY ((size_t)4 << 30)

/* --- header ---------------------------------------------------------------------------------- */

static uint64_t next_time(struct chain *c, const struct block_header *parent)
{
    uint64_t least = parent->timestamp + (c->genesis.config.extras.same_second ? 0 : 1);
    pthread_mutex_lock(&c->lock);
    int64_t now;
    if (__builtin_add_overflow((int64_t)clock_unix_s(c->clock), c->devs.offset, &now))
        now = 0;
    if (c->devs.next_time != 0)
        now = (int64_t)c->devs.next_time;
    pthread_mutex_unlock(&c->lock);
    return now > 0 && (uint64_t)now > least ? (uint64_t)now : least;
}

static void use_controls(struct chain *c, struct block_header *h)
{
    pthread_mutex_lock(&c->lock);
    const struct chain_dev_next *n = &c->devs.next;
    if (n->has_base_fee && h->fields >= HEADER_LONDON)
        h->base_fee = n->base_fee;
    if (n->has_randao)
        h->mix = n->randao;
    if (n->has_coinbase)
        h->coinbase = n->coinbase;
    if (n->has_gas_limit)
        h->gas_limit = n->gas_limit;
    pthread_mutex_unlock(&c->lock);
}

void chain_fill_next(struct chain *c, const struct chain_block *head, struct block_header *ret)
{
    const struct block_header *p = &head->block.header;
    struct chain_rules r;
    struct block_header h = {.parent = head->block.hash,
                             .number = p->number + 1,
                             .gas_limit = p->gas_limit,
                             .timestamp = next_time(c, p),
                             .coinbase = c->genesis.authority,
                             .uncles = c->genesis.header.uncles,
                             .tx_root = trie_empty_root,
                             .receipts_root = trie_empty_root,
                             .withdrawals_root = trie_empty_root,
                             .requests_hash = c->genesis.header.requests_hash};
    chain_rules_of(c, &h, head->total_difficulty, &r);
    h.fields = block_fields(r.rev);
    if (r.rev >= EVM_LONDON)
        h.base_fee = block_base_fee(&r, p);
    if (r.rev >= EVM_CANCUN)
        h.excess_blob_gas = block_excess_blob_gas(&r, p);
    if (r.rev < EVM_PARIS)
        h.difficulty = block_difficulty(&r, p, h.timestamp);
    keccak256(slice_of(h.parent.b, 32), &h.mix);
    use_controls(c, &h);
    *ret = h;
}

status chain_next_update(struct chain *c, struct err *reterr)
{
    struct chain_view v;
    struct chain_block head;
    struct block_header h;
    struct chain_rules r;
    status s = chain_view_open(c, &v, reterr);
    if (s != OK)
        return s;
    s = chain_view_block(&v, v.head, &head, reterr);
    if (s == OK) {
        chain_next_header(&v, &head, &h);
        chain_rules_of(c, &h, head.total_difficulty, &r);
        pthread_mutex_lock(&c->lock);
        c->next_rules = r;
        c->next_base_fee = h.base_fee;
        pool_set_base_fee(&c->pool, h.base_fee);
        c->gas_limit = h.gas_limit;
        pthread_mutex_unlock(&c->lock);
    }
    chain_view_close(&v);
    return s;
}

status chain_sign(const struct chain *c, uint64_t number, const hash32 *hash, uint8_t ret[SECP_SIG])
{
    hash32 digest;
    if (c->key == NULL)
        return E_NOT_FOUND;
    block_seal_digest(chain_id(c), number, hash, &digest);
    return secp_sign(c->key, &digest, ret);
}

/* --- one block ------------------------------------------------------------------------------- */

/* What becomes of a transaction that was taken. */
enum fate { FATE_LEFT, FATE_MINED, FATE_DROPPED };

struct making {
    struct chain *chain;
    struct kv_txn *w;
    struct chain_block head;
    struct chain_rules rules;
    struct block_header header;
    struct state state;
    bool has_state;
    struct store_world world;
    struct block_run run;
    struct hash_source hashes_before;
    struct pool_tx **taken;
    enum fate *fate;
    size_t n_taken;
    slice *raw; /* of those mined */
    hash32 *hash;
    uint32_t n;
    uint32_t max;        /* how many it may hold */
    struct buf txs;      /* as the block's list */
    struct buf receipts; /* lines */
    struct buf created;
    struct buf block;
    hash32 block_hash;
};

static status making_init(struct making *m, struct chain *c)
{
    *m = (struct making){.chain = c, .max = c->block_txs};
    m->taken = calloc(TAKE_MAX, sizeof(struct pool_tx *));
    m->fate = calloc(TAKE_MAX, sizeof *m->fate);
    m->raw = calloc(TAKE_MAX, sizeof *m->raw);
    m->hash = calloc(TAKE_MAX, sizeof *m->hash);
    buf_init(&m->txs, CHAIN_RAW_MAX);
    buf_init(&m->receipts, CHAIN_RAW_MAX);
    buf_init(&m->created, CHAIN_RAW_MAX);
    buf_init(&m->block, CHAIN_RAW_MAX);
    return m->taken != NULL && m->fate != NULL && m->raw != NULL && m->hash != NULL ? OK : E_NOMEM;
}

static void making_done(struct making *m)
{
    if (m->has_state)
        state_done(&m->state);
    free(m->taken);
    free(m->fate);
    free(m->raw);
    free(m->hash);
    buf_done(&m->txs);
    buf_done(&m->receipts);
    buf_done(&m->created);
    buf_done(&m->block);
}

static status put_mined(struct making *m, const struct pool_tx *t, const struct tx_outcome *o)
{
    const struct state *st = &m->state;
    hash32 none = {{0}};
    status s = t->tx.type == TX_LEGACY ? buf_put(&m->txs, t->raw) : rlp_put_bytes(&m->txs, t->raw);
    if (s == OK)
        s = chain_receipt_put(&t->from, o, true, &none, st->log, st->log_n, &m->receipts);
    m->raw[m->n] = t->raw;
    m->hash[m->n++] = t->hash;
    return s;
}

/* Does the fault go away with a later block? */
static bool may_wait(const struct making *m, const struct pool_tx *t)
{
    switch (m->run.tx_fault) {
    case TX_FEE_LOW:
    case TX_BLOB_FEE_LOW:
    case TX_BLOCK_BLOB_GAS:
    case TX_NONCE_LOW: /* settle_pool tells the pool the nonce */
    case TX_NONCE_HIGH:
        return true;
    case TX_BLOCK_GAS:
        return t->tx.gas <= m->header.gas_limit;
    default:
        return false;
    }
}

static status run_one(struct making *m, size_t i, struct err *reterr)
{
    const struct pool_tx *t = m->taken[i];
    struct tx_outcome o;
    struct err e = {0};
    status s = block_tx(&m->run, &t->tx, &t->from, &o, &e);
    if (s == OK) {
        m->fate[i] = FATE_MINED;
        s = put_mined(m, t, &o);
        return s == OK ? OK : ERR(reterr, s, "block");
    }
    if (s < OK) {
        if (reterr != NULL)
            *reterr = e;
        return s;
    }
    if (!may_wait(m, t))
        m->fate[i] = FATE_DROPPED;
    return OK;
}

static status run_all(struct making *m, struct err *reterr)
{
    status s = block_begin(&m->run, &m->rules, &m->header, &m->state, m->chain->sealer->vm, NULL,
                           chain_hash_of, &m->hashes_before, reterr);
    for (size_t i = 0; s == OK && i < m->n_taken && m->n < m->max && m->run.room.gas >= TX_GAS; i++)
        s = run_one(m, i, reterr);
    return s == OK ? block_end(&m->run, SLICE_EMPTY, SLICE_EMPTY, reterr) : s;
}

static status commit_state(struct making *m, struct err *reterr)
{
    struct arena a;
    struct store_change *changes = NULL;
    size_t n = 0;
    arena_init(&a, CHANGES_MEMORY, false);
    status s = store_changes(&m->state, &a, &changes, &n, reterr);
    if (s == OK && (s = chain_created_put(&m->state, &m->created)) != OK)
        s = ERR(reterr, s, "names");
    if (s == OK)
        s = store_commit(&m->chain->store, m->w, m->header.number, changes, n,
                         &m->header.state_root, reterr);
    arena_done(&a);
    return s;
}

static status put_block(struct making *m)
{
    size_t list = 0;
    size_t part = 0;
    status s = rlp_put_list_begin(&m->block, &list);
    if (s == OK)
        s = header_put(&m->header, &m->block);
    if (s == OK)
        s = rlp_put_list_begin(&m->block, &part);
    if (s == OK)
        s = buf_put(&m->block, buf_slice(&m->txs));
    if (s == OK)
        s = rlp_put_list_end(&m->block, part);
    for (int i = m->header.fields >= HEADER_SHANGHAI ? 2 : 1; s == OK && i > 0; i--) {
        s = rlp_put_list_begin(&m->block, &part);
        if (s == OK)
            s = rlp_put_list_end(&m->block, part);
    }
    return s == OK ? rlp_put_list_end(&m->block, list) : s;
}

static status finish_header(struct making *m)
{
    struct block_header *h = &m->header;
    h->gas_used = m->run.gas_used;
    h->blob_gas_used = m->run.blob_gas_used;
    memcpy(h->bloom, m->run.bloom, sizeof h->bloom);
    status s = block_receipts_root(&m->run, &h->receipts_root);
    if (s == OK && h->fields >= HEADER_PRAGUE)
        s = block_requests_hash(&m->run, &h->requests_hash);
    if (s == OK)
        s = trie_root_list(m->raw, m->n, &h->tx_root);
    if (s == OK)
        s = header_hash(h, &m->block_hash);
    return s == OK ? put_block(m) : s;
}

static status put_rows(struct making *m, struct err *reterr)
{
    struct chain_rows rows = {.number = m->header.number,
                              .raw = buf_slice(&m->block),
                              .hashes = m->hash,
                              .receipts = buf_slice(&m->receipts),
                              .bloom = m->header.bloom,
                              .created = buf_slice(&m->created)};
    rows.info = (struct chain_info){
        .hash = m->block_hash, .total_difficulty = m->head.total_difficulty, .n_txs = m->n};
    (void)u256_add(rows.info.total_difficulty, m->header.difficulty, &rows.info.total_difficulty);
    status s = chain_sign(m->chain, m->header.number, &m->block_hash, rows.info.seal);
    rows.info.has_seal = s == OK;
    if (s != OK && s != E_NOT_FOUND)
        return ERR(reterr, s, "signature of a block");
    return chain_rows_put(&m->chain->t, m->w, &rows, reterr);
}

static void take(struct making *m)
{
    struct chain *c = m->chain;
    const struct pool_room room = {.base_fee = m->header.base_fee,
                                   .gas = m->header.gas_limit,
                                   .txs = TAKE_MAX,
                                   .bytes = TAKE_BYTES};
    pthread_mutex_lock(&c->lock);
    m->n_taken = pool_take(&c->pool, &room, m->taken);
    if (c->dev)
        chain_dev_apply(&c->devs, &m->state);
    pthread_mutex_unlock(&c->lock);
    state_keep(&m->state);
}

static status execute(struct making *m, bool allow_empty, struct err *reterr)
{
    status s = run_all(m, reterr);
    if (s == OK && m->n == 0 && !allow_empty)
        return E_NOT_FOUND;
    if (s == OK)
        s = commit_state(m, reterr);
    if (s == OK && (s = finish_header(m)) != OK)
        s = ERR(reterr, s, "block");
    return s == OK ? put_rows(m, reterr) : s;
}

/* From the head to the rows; the write transaction is open and stays so. */
static status make_block(struct making *m, bool allow_empty, struct err *reterr)
{
    struct chain *c = m->chain;
    status s = chain_block_get(c, m->w, c->news.head, &m->head, reterr);
    if (s == OK)
        s = store_world_at(&c->store, m->w, c->news.head, &m->world, reterr);
    if (s != OK)
        return s;
    m->hashes_before = (struct hash_source){c, m->w};
    chain_fill_next(c, &m->head, &m->header);
    chain_rules_of(c, &m->header, m->head.total_difficulty, &m->rules);
    state_init(&m->state, &m->world.base, &c->sealer->codes);
    m->has_state = true;
    take(m);
    s = m->n_taken > 0 || allow_empty ? execute(m, allow_empty, reterr) : E_NOT_FOUND;
    if (m->run.header != NULL)
        block_done(&m->run);
    return s;
}

/* --- afterwards ------------------------------------------------------------------------------ */

/* The pool is told what the state says of whoever waits: a nonce moves not only by transactions of
 * its own, but by authorizations (EIP-7702) and by what a delegated account creates. */
static void settle_senders(struct making *m)
{
    for (size_t i = 0; i < m->state.max; i++) {
        const struct account *a = m->state.account[i];
        if (a != NULL)
            pool_set_account(&m->chain->pool, &a->addr, a->head.exists, a->head.nonce,
                             a->head.balance);
    }
}

/* The pool after a block that is on the disk, or that there is none of because nothing was fit for
 * one: the state is the head's. */
static void settle_pool(struct making *m)
{
    struct chain *c = m->chain;
    pthread_mutex_lock(&c->lock);
    pool_untake(&c->pool, m->taken, m->n_taken);
    for (size_t i = 0; i < m->n_taken; i++)
        if (m->fate[i] == FATE_DROPPED)
            pool_remove(&c->pool, m->taken[i]);
    if (m->has_state)
        settle_senders(m);
    pthread_mutex_unlock(&c->lock);
}

/* The pool after a block that could not be stored. out: the transactions of it go. */
static void give_back(struct making *m, bool out)
{
    struct chain *c = m->chain;
    pthread_mutex_lock(&c->lock);
    pool_untake(&c->pool, m->taken, m->n_taken);
    for (size_t i = 0; out && i < m->n_taken; i++)
        if (m->fate[i] == FATE_MINED)
            pool_remove(&c->pool, m->taken[i]);
    pthread_mutex_unlock(&c->lock);
}

/* The store takes only so many changes of a block: fewer transactions then, until one that alone
 * changes too much goes. */
static bool take_fewer(struct making *m, status s)
{
    if (s != E_TOO_LONG || m->n == 0)
        return false;
    m->chain->block_txs = m->n > 1 ? m->n / 2 : 1;
    return true;
}

static void tell_listeners(struct chain *c, uint64_t number, const hash32 *hash, bool rollback)
{
    pthread_mutex_lock(&c->listen);
    for (size_t i = 0; i < CHAIN_LISTENERS; i++) {
        const struct chain_listener *l = c->listener[i];
        if (l != NULL && rollback && l->rollback != NULL)
            l->rollback(l->ctx, number);
        else if (l != NULL && !rollback && l->head != NULL)
            l->head(l->ctx, number, hash);
    }
    pthread_mutex_unlock(&c->listen);
}

void chain_tell(struct chain *c, uint64_t number, const hash32 *hash, bool rollback)
{
    pthread_mutex_lock(&c->lock);
    c->news.head = number;
    c->news.hash = *hash;
    c->news.seq++;
    c->news.rollbacks += rollback ? 1 : 0;
    pthread_cond_broadcast(&c->told);
    pthread_mutex_unlock(&c->lock);
    (void)!chain_next_update(c, NULL);
    tell_listeners(c, number, hash, rollback);
}

void chain_set_health(struct chain *c, status s, const struct err *e)
{
    pthread_mutex_lock(&c->lock);
    bool changed = c->health != s;
    c->health = s;
    if (s != OK)
        c->health_err = *e;
    if (changed)
        pthread_cond_broadcast(&c->told);
    pthread_mutex_unlock(&c->lock);
    if (changed && s != OK)
        log_failure(LOG_ERROR, "seal-failed", NULL, s, e);
    else if (changed)
        log_line(LOG_INFO, "seal-works", "head=%llu", (unsigned long long)c->news.head);
}

static void told_controls(struct chain *c, const struct block_header *h, const hash32 *hash)
{
    pthread_mutex_lock(&c->lock);
    chain_dev_sealed(&c->devs, h->number, hash);
    if (c->devs.next_time != 0)
        c->devs.offset = (int64_t)h->timestamp - (int64_t)clock_unix_s(c->clock);
    c->devs.next_time = 0;
    c->devs.next.has_base_fee = false;
    c->devs.next.has_randao = false;
    pthread_mutex_unlock(&c->lock);
}

static void sealed(struct making *m, size_t *ret_txs, hash32 *ret_hash)
{
    struct chain *c = m->chain;
    if (c->block_txs < TAKE_MAX)
        c->block_txs *= 2;
    if (c->dev)
        told_controls(c, &m->header, &m->block_hash);
    chain_tell(c, m->header.number, &m->block_hash, false);
    *ret_txs = m->n;
    if (ret_hash != NULL)
        *ret_hash = m->block_hash;
}

static status store_one(struct making *m, bool allow_empty, struct err *reterr)
{
    status s = kv_write_begin(m->chain->kv, &m->w, reterr);
    if (s != OK)
        return s;
    s = make_block(m, allow_empty, reterr);
    if (s == OK)
        return kv_commit(m->w, reterr);
    kv_abort(m->w);
    return s;
}

/* *ret_again: it was too much for a block, and less may do. */
static status try_one(struct chain *c, bool allow_empty, size_t *ret_txs, hash32 *ret_hash,
                      bool *ret_again, struct err *reterr)
{
    struct making m;
    struct err e = {0};
    status s = making_init(&m, c);
    if (s != OK)
        s = ERR(&e, s, "block");
    if (s == OK)
        s = store_one(&m, allow_empty, &e);
    bool nothing = s == E_NOT_FOUND;
    *ret_again = take_fewer(&m, s);
    if (s == OK || nothing)
        settle_pool(&m);
    else
        give_back(&m, *ret_again && m.n == 1);
    if (s == OK)
        sealed(&m, ret_txs, ret_hash);
    if (!*ret_again && (!nothing || m.n_taken == 0)) /* nothing waits: the next one finds out */
        chain_set_health(c, nothing ? OK : s, &e);
    if (s != OK && reterr != NULL)
        *reterr = e;
    making_done(&m);
    return s;
}

status chain_seal_one(struct chain *c, bool allow_empty, size_t *ret_txs, hash32 *ret_hash,
                      struct err *reterr)
{
    bool again;
    status s;
    do
        s = try_one(c, allow_empty, ret_txs, ret_hash, &again, reterr);
    while (again);
    return s;
}

/* --- the thread ------------------------------------------------------------------------------ */

struct pace {
    uint64_t due_ms;    /* of the next block at intervals */
    uint64_t idle_seq;  /* arrivals when the pool had nothing that fits */
    uint64_t expire_ms; /* when queued ones are looked at */
    bool failed;
};

static bool instant_due(const struct chain *c, const struct pace *p)
{
    return c->sealing == CHAIN_SEAL_INSTANT && c->pool.n_ready > 0 && c->pool.seq != p->idle_seq;
}

/* How long to sleep; 0: a block is due. lock is held. */
static uint32_t nap_of(struct chain *c, struct pace *p, uint64_t now)
{
    if (p->failed) {
        p->failed = false;
        return RETRY_MS;
    }
    if (instant_due(c, p) || c->health != OK)
        return 0;
    if (c->sealing == CHAIN_SEAL_INTERVAL) {
        if (p->due_ms == 0 || p->due_ms > now + c->interval_ms)
            p->due_ms = now + c->interval_ms;
        if (now >= p->due_ms)
            return 0;
        return p->due_ms - now < EXPIRE_MS ? (uint32_t)(p->due_ms - now) : EXPIRE_MS;
    }
    return EXPIRE_MS;
}

static void expire(struct chain *c, struct pace *p, uint64_t now)
{
    if (now < p->expire_ms)
        return;
    p->expire_ms = now + EXPIRE_MS;
    if (now / 1000 > c->pool.caps.queued_s)
        pool_expire(&c->pool, now / 1000 - c->pool.caps.queued_s);
}

/* True if a block is due; false: stop. */
static bool await_work(struct chain *c, struct pace *p)
{
    pthread_mutex_lock(&c->lock);
    while (!c->stop) {
        uint64_t now = clock_mono_ms(c->clock);
        uint32_t nap = nap_of(c, p, now);
        expire(c, p, now);
        if (nap == 0)
            break;
        struct timespec until = chain_deadline(nap);
        (void)pthread_cond_timedwait(&c->work, &c->lock, &until);
    }
    bool go = !c->stop;
    pthread_mutex_unlock(&c->lock);
    return go;
}

static void *seal_thread(void *arg)
{
    struct chain *c = arg;
    struct pace p = {0};
    while (await_work(c, &p)) {
        size_t n = 0;
        pthread_mutex_lock(&c->write);
        pthread_mutex_lock(&c->lock);
        bool at_interval = c->sealing == CHAIN_SEAL_INTERVAL;
        uint64_t seq = c->pool.seq;
        pthread_mutex_unlock(&c->lock);
        status s = chain_seal_one(c, at_interval, &n, NULL, NULL);
        pthread_mutex_unlock(&c->write);
        p.idle_seq = s == E_NOT_FOUND ? seq : UINT64_MAX;
        p.failed = s != OK && s != E_NOT_FOUND;
        if (at_interval)
            p.due_ms += s == OK || s == E_NOT_FOUND ? c->interval_ms : 0;
    }
    return NULL;
}

status chain_start(struct chain *c, struct err *reterr)
{
    if (pthread_create(&c->thread, NULL, seal_thread, c) != 0)
        return ERR(reterr, E_NOMEM, "thread of the chain");
    c->started = true;
    return OK;
}

/* --- news ------------------------------------------------------------------------------------ */

status chain_health(struct chain *c, struct err *reterr)
{
    pthread_mutex_lock(&c->lock);
    status s = c->health;
    if (s != OK && reterr != NULL)
        *reterr = c->health_err;
    pthread_mutex_unlock(&c->lock);
    return s;
}

void chain_news_get(struct chain *c, struct chain_news *ret)
{
    pthread_mutex_lock(&c->lock);
    *ret = c->news;
    pthread_mutex_unlock(&c->lock);
}

status chain_news_wait(struct chain *c, uint64_t seen, uint32_t timeout_ms, struct chain_news *ret)
{
    struct timespec until = chain_deadline(timeout_ms);
    status s = OK;
    pthread_mutex_lock(&c->lock);
    while (s == OK && c->news.seq == seen && !c->woken && !c->stop)
        if (pthread_cond_timedwait(&c->told, &c->lock, &until) == ETIMEDOUT)
            s = E_TIMEOUT;
    if (c->news.seq != seen)
        s = OK;
    else if (s == OK)
        s = E_CANCELLED;
    if (s == OK)
        *ret = c->news;
    pthread_mutex_unlock(&c->lock);
    return s;
}

void chain_wake(struct chain *c)
{
    pthread_mutex_lock(&c->lock);
    c->woken = true;
    pthread_cond_broadcast(&c->told);
    pthread_mutex_unlock(&c->lock);
}

status chain_listen(struct chain *c, const struct chain_listener *l, struct err *reterr)
{
    status s = E_RATE;
    pthread_mutex_lock(&c->listen);
    for (size_t i = 0; s != OK && i < CHAIN_LISTENERS; i++)
        if (c->listener[i] == NULL) {
            c->listener[i] = l;
            s = OK;
        }
    pthread_mutex_unlock(&c->listen);
    return s == OK ? OK : ERR(reterr, s, "%u listeners are there already", CHAIN_LISTENERS);
}

void chain_unlisten(struct chain *c, const struct chain_listener *l)
{
    pthread_mutex_lock(&c->listen);
    for (size_t i = 0; i < CHAIN_LISTENERS; i++)
        if (c->listener[i] == l)
            c->listener[i] = NULL;
    pthread_mutex_unlock(&c->listen);
}
