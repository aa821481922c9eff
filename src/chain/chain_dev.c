/* SPDX-License-Identifier: Apache-2.0 */
/* Controls for development: time, mining at will, changed accounts, snapshots, senders without
 * keys. */
#include <stdlib.h>

#include "chain/chain_priv.h"

#define TIME_MAX ((int64_t)1 << 62) /* seconds: a clock and an offset never overflow together */
#define CHANGES_MEMORY ((size_t)1 << 30)
#define SNAPSHOTS_MAX 65536u
#define SEALED_MAX ((size_t)1 << 20) /* blocks whose changes are kept */

void chain_dev_init(struct dev_state *d)
{
    *d = (struct dev_state){.offset = 0};
    arena_init(&d->memory, CHANGES_MEMORY, false);
}

void chain_dev_done(struct dev_state *d)
{
    arena_done(&d->memory);
    free(d->snapshot);
    free(d->sealed);
}

/* Their memory stays: snapshots and sealed blocks may refer to it. */
static void forget_changes(struct dev_state *d)
{
    d->change = NULL;
    d->last = NULL;
    d->n_changes = 0;
}

/* Without memory the block cannot be executed again, and whoever tries is told so. */
static void keep_sealed(struct dev_state *d, uint64_t number, const hash32 *hash)
{
    if (d->n_sealed == d->max_sealed) {
        size_t max = d->max_sealed > 0 ? 2 * d->max_sealed : 16;
        struct dev_sealed *p = max <= SEALED_MAX ? reallocarray(d->sealed, max, sizeof *p) : NULL;
        if (p == NULL)
            return;
        d->sealed = p;
        d->max_sealed = max;
    }
    d->sealed[d->n_sealed++] = (struct dev_sealed){
        .number = number, .hash = *hash, .change = d->change, .n_changes = d->n_changes};
}

void chain_dev_sealed(struct dev_state *d, uint64_t number, const hash32 *hash)
{
    if (d->n_changes > 0)
        keep_sealed(d, number, hash);
    forget_changes(d);
}

/* Fields of the block to come, and of no other. */
static void forget_next(struct dev_state *d)
{
    d->next_time = 0;
    d->next.has_base_fee = false;
    d->next.has_randao = false;
}

static void restore(struct dev_state *d, const struct dev_snapshot *s)
{
    d->change = s->n_changes > 0 ? s->change : NULL;
    d->n_changes = s->n_changes;
    d->last = d->change;
    for (size_t i = 1; i < s->n_changes; i++)
        d->last = d->last->next;
    d->offset = s->offset;
    forget_next(d);
}

void chain_dev_rolled_back(struct dev_state *d, uint64_t number, const struct dev_snapshot *to)
{
    while (d->n_sealed > 0 && d->sealed[d->n_sealed - 1].number > number)
        d->n_sealed--;
    while (d->n_snapshots > 0 && d->snapshot[d->n_snapshots - 1].head > number)
        d->n_snapshots--;
    if (to != NULL)
        restore(d, to);
    else
        forget_changes(d);
}

static status refuse(const struct chain *c, struct err *reterr)
{
    return c->dev ? OK : ERR(reterr, E_FORBIDDEN, "only a chain for development allows that");
}

/* --- blocks and time ------------------------------------------------------------------------- */

/* The time of the block after the one just sealed, if there is one so late. */
static void step_time(struct chain *c, uint64_t step_s)
{
    struct chain_view v;
    struct chain_block b;
    uint64_t at;
    if (step_s == 0 || chain_view_open(c, &v, NULL) != OK)
        return;
    if (chain_view_block(&v, v.head, &b, NULL) == OK &&
        !__builtin_add_overflow(b.block.header.timestamp, step_s, &at) && at <= TIME_MAX) {
        pthread_mutex_lock(&c->lock);
        c->devs.next_time = at;
        pthread_mutex_unlock(&c->lock);
    }
    chain_view_close(&v);
}

status chain_mine(struct chain *c, uint64_t n, uint64_t step_s, uint64_t *ret_head,
                  struct err *reterr)
{
    status s = c->sealing == CHAIN_SEAL_MANUAL || !c->started ? OK : refuse(c, reterr);
    size_t txs;
    if (s != OK)
        return s;
    pthread_mutex_lock(&c->write);
    for (uint64_t i = 0; s == OK && i < n; i++) {
        if (i > 0)
            step_time(c, step_s);
        s = chain_seal_one(c, true, &txs, NULL, reterr);
    }
    if (s == OK && ret_head != NULL)
        *ret_head = c->news.head;
    pthread_mutex_unlock(&c->write);
    return s;
}

status chain_dev_sealing(struct chain *c, enum chain_sealing mode, uint64_t interval_ms,
                         struct err *reterr)
{
    status s = refuse(c, reterr);
    if (s == OK && mode == CHAIN_SEAL_INTERVAL && interval_ms == 0)
        s = ERR(reterr, E_RANGE, "an interval of 0");
    if (s != OK)
        return s;
    pthread_mutex_lock(&c->lock);
    c->sealing = mode;
    c->interval_ms = interval_ms;
    pthread_cond_broadcast(&c->work);
    pthread_mutex_unlock(&c->lock);
    return OK;
}

enum chain_sealing chain_sealing_of(struct chain *c, uint64_t *ret_interval_ms)
{
    pthread_mutex_lock(&c->lock);
    enum chain_sealing mode = c->sealing;
    if (ret_interval_ms != NULL)
        *ret_interval_ms = c->interval_ms;
    pthread_mutex_unlock(&c->lock);
    return mode;
}

status chain_dev_add_time(struct chain *c, int64_t seconds, int64_t *ret_total, struct err *reterr)
{
    status s = refuse(c, reterr);
    if (s != OK)
        return s;
    pthread_mutex_lock(&c->lock);
    int64_t total;
    if (__builtin_add_overflow(c->devs.offset, seconds, &total) || total > TIME_MAX ||
        total < -TIME_MAX)
        s = E_RANGE;
    else
        c->devs.offset = total;
    if (s == OK && ret_total != NULL)
        *ret_total = total;
    pthread_mutex_unlock(&c->lock);
    if (s == OK)
        return chain_next_update(c, reterr);
    return ERR(reterr, s, "time out of range");
}

status chain_dev_set_time(struct chain *c, uint64_t unix_s, struct err *reterr)
{
    status s = refuse(c, reterr);
    if (s == OK && unix_s > TIME_MAX)
        s = ERR(reterr, E_RANGE, "time out of range");
    if (s != OK)
        return s;
    pthread_mutex_lock(&c->lock);
    c->devs.offset = (int64_t)unix_s - (int64_t)clock_unix_s(c->clock);
    pthread_mutex_unlock(&c->lock);
    return OK;
}

static status head_time(struct chain *c, uint64_t *ret, struct err *reterr)
{
    struct chain_view v;
    struct chain_block b;
    status s = chain_view_open(c, &v, reterr);
    if (s != OK)
        return s;
    s = chain_view_block(&v, v.head, &b, reterr);
    if (s == OK)
        *ret = b.block.header.timestamp;
    chain_view_close(&v);
    return s;
}

status chain_dev_next_time(struct chain *c, uint64_t unix_s, struct err *reterr)
{
    uint64_t head = 0;
    status s = refuse(c, reterr);
    if (s == OK)
        s = head_time(c, &head, reterr);
    if (s == OK && unix_s > TIME_MAX)
        s = ERR(reterr, E_RANGE, "time out of range");
    if (s == OK && unix_s <= head && !(c->genesis.config.extras.same_second && unix_s == head))
        s = ERR(reterr, E_RANGE,
                "Timestamp %llu is lower than or equal to previous block's "
                "timestamp %llu",
                (unsigned long long)unix_s, (unsigned long long)head);
    if (s != OK)
        return s;
    pthread_mutex_lock(&c->lock);
    c->devs.next_time = unix_s;
    pthread_mutex_unlock(&c->lock);
    return OK;
}

status chain_dev_next_set(struct chain *c, const struct chain_dev_next *n, struct err *reterr)
{
    status s = refuse(c, reterr);
    if (s == OK && n->has_gas_limit &&
        (n->gas_limit < BLOCK_GAS_LIMIT_MIN || n->gas_limit > INT64_MAX))
        s = ERR(reterr, E_RANGE, "gas limit of a block");
    if (s != OK)
        return s;
    pthread_mutex_lock(&c->lock);
    struct chain_dev_next *d = &c->devs.next;
    if (n->has_base_fee) {
        d->has_base_fee = true;
        d->base_fee = n->base_fee;
    }
    if (n->has_randao) {
        d->has_randao = true;
        d->randao = n->randao;
    }
    if (n->has_coinbase) {
        d->has_coinbase = true;
        d->coinbase = n->coinbase;
    }
    if (n->has_gas_limit) {
        d->has_gas_limit = true;
        d->gas_limit = n->gas_limit;
    }
    pthread_mutex_unlock(&c->lock);
    return chain_next_update(c, reterr);
}

/* --- changed accounts ------------------------------------------------------------------------ */

/* lock is held. */
static struct dev_change *change_new(struct dev_state *d, const addr20 *a)
{
    struct dev_change *n = arena_alloc(&d->memory, sizeof *n);
    if (n == NULL)
        return NULL;
    *n = (struct dev_change){.address = *a};
    *(d->last != NULL ? &d->last->next : &d->change) = n;
    d->last = n;
    d->n_changes++;
    return n;
}

static status put_fields(struct dev_state *d, const struct chain_dev_account *a)
{
    struct dev_change *n = change_new(d, &a->address);
    if (n == NULL)
        return E_NOMEM;
    if (a->balance != NULL) {
        n->has_balance = true;
        n->balance = *a->balance;
    }
    if (a->nonce != NULL) {
        n->has_nonce = true;
        n->nonce = *a->nonce;
    }
    if (a->code != NULL) {
        n->has_code = true;
        n->code = arena_dup(&d->memory, *a->code);
        if (a->code->n > 0 && n->code.p == NULL)
            return E_NOMEM;
    }
    return OK;
}

status chain_dev_set(struct chain *c, const struct chain_dev_account *a, struct err *reterr)
{
    status s = refuse(c, reterr);
    if (s != OK)
        return s;
    pthread_mutex_lock(&c->write); /* no block is being made */
    pthread_mutex_lock(&c->lock);
    s = put_fields(&c->devs, a);
    for (size_t i = 0; s == OK && i < a->n_slots; i++) {
        struct dev_change *n = change_new(&c->devs, &a->address);
        s = n != NULL ? OK : E_NOMEM;
        if (s != OK)
            break;
        n->has_slot = true;
        n->key = a->slots[i].key;
        n->word = a->slots[i].word;
    }
    pthread_mutex_unlock(&c->lock);
    if (s == OK && a->nonce != NULL)
        chain_pool_refresh(c);
    pthread_mutex_unlock(&c->write);
    return s == OK ? OK : ERR(reterr, s, "changes of the state");
}

static void apply(const struct dev_change *n, size_t n_changes, struct state *st)
{
    if (n_changes == 0)
        return;
    state_begin_tx(st);
    for (size_t i = 0; i < n_changes; i++, n = n->next) {
        struct account *a = state_account(st, &n->address);
        if (n->has_balance)
            state_set_balance(st, a, n->balance);
        if (n->has_nonce)
            state_set_nonce(st, a, n->nonce);
        if (n->has_code)
            state_set_code(st, a, n->code);
        if (n->has_slot) {
            state_touch(st, a); /* an account with nothing else is kept, too */
            state_set_slot(st, a, state_slot(st, a, &n->key), &n->word);
        }
    }
}

void chain_dev_apply(const struct dev_state *d, struct state *st)
{
    apply(d->change, d->n_changes, st);
}

void chain_exec_as_sealed(struct chain_exec *x, uint64_t number, const hash32 *hash)
{
    struct chain *c = x->view->chain;
    if (!c->dev)
        return;
    pthread_mutex_lock(&c->lock);
    const struct dev_state *d = &c->devs;
    for (size_t i = d->n_sealed; i-- > 0 && d->sealed[i].number >= number;)
        if (d->sealed[i].number == number && hash32_eq(d->sealed[i].hash, *hash))
            apply(d->sealed[i].change, d->sealed[i].n_changes, &x->state);
    pthread_mutex_unlock(&c->lock);
    state_keep(&x->state);
}

/* --- snapshots ------------------------------------------------------------------------------- */

static status add_snapshot(struct chain *c, uint64_t *ret_id)
{
    struct dev_state *d = &c->devs;
    if (d->n_snapshots == d->max_snapshots) {
        size_t max = d->max_snapshots > 0 ? 2 * d->max_snapshots : 16;
        struct dev_snapshot *p =
            max <= SNAPSHOTS_MAX ? reallocarray(d->snapshot, max, sizeof *p) : NULL;
        if (p == NULL)
            return E_NOMEM;
        d->snapshot = p;
        d->max_snapshots = max;
    }
    d->snapshot[d->n_snapshots++] = (struct dev_snapshot){.id = ++d->last_id,
                                                          .head = c->news.head,
                                                          .change = d->change,
                                                          .n_changes = d->n_changes,
                                                          .offset = d->offset};
    *ret_id = d->last_id;
    return OK;
}

status chain_dev_snapshot(struct chain *c, uint64_t *ret_id, struct err *reterr)
{
    status s = refuse(c, reterr);
    if (s != OK)
        return s;
    pthread_mutex_lock(&c->write);
    pthread_mutex_lock(&c->lock);
    s = add_snapshot(c, ret_id);
    pthread_mutex_unlock(&c->lock);
    pthread_mutex_unlock(&c->write);
    return s == OK ? OK : ERR(reterr, s, "snapshots");
}

static void empty_pool(struct chain *c)
{
    pthread_mutex_lock(&c->lock);
    pool_done(&c->pool);
    pthread_cond_broadcast(&c->told);
    pthread_mutex_unlock(&c->lock);
}

static status revert_to(struct chain *c, size_t at, struct err *reterr)
{
    struct dev_snapshot snap = c->devs.snapshot[at];
    bool mined = snap.head < c->news.head;
    if (mined)
        empty_pool(c);
    status s = mined ? chain_rollback_held(c, snap.head, &snap, reterr) : OK;
    if (s != OK)
        return s;
    pthread_mutex_lock(&c->lock);
    if (!mined)
        restore(&c->devs, &snap);
    c->devs.n_snapshots = at;
    pthread_mutex_unlock(&c->lock);
    chain_pool_refresh(c);
    return chain_next_update(c, reterr);
}

status chain_dev_revert(struct chain *c, uint64_t id, struct err *reterr)
{
    status s = refuse(c, reterr);
    if (s != OK)
        return s;
    pthread_mutex_lock(&c->write);
    size_t at = 0;
    while (at < c->devs.n_snapshots && c->devs.snapshot[at].id != id)
        at++;
    s = at < c->devs.n_snapshots ? revert_to(c, at, reterr)
                                 : ERR(reterr, E_NOT_FOUND, "no such snapshot");
    pthread_mutex_unlock(&c->write);
    return s;
}

/* Before the rollback, so that nobody reads the genesis with changes of another head. */
static void forget_all(struct chain *c)
{
    pthread_mutex_lock(&c->lock);
    forget_changes(&c->devs);
    forget_next(&c->devs);
    c->devs.offset = 0;
    c->devs.n_snapshots = 0;
    pthread_mutex_unlock(&c->lock);
}

status chain_dev_reset(struct chain *c, struct err *reterr)
{
    status s = refuse(c, reterr);
    if (s != OK)
        return s;
    pthread_mutex_lock(&c->write);
    empty_pool(c);
    forget_all(c);
    s = chain_rollback_held(c, 0, NULL, reterr);
    pthread_mutex_unlock(&c->write);
    return s;
}

/* --- transactions ---------------------------------------------------------------------------- */

status chain_dev_submit_as(struct chain *c, const struct tx *t, const addr20 *sender,
                           hash32 *ret_hash, struct err *reterr)
{
    struct tx copy = *t;
    struct buf raw;
    hash32 hash;
    status s = refuse(c, reterr);
    if (s == OK && t->type == TX_BLOB)
        s = ERR(reterr, E_UNSUPPORTED, "transaction type not supported");
    if (s != OK)
        return s;
    copy.y_parity = 0;
    memset(copy.r, 0, sizeof copy.r);
    memcpy(copy.r + 12, sender->b, sizeof sender->b); /* see tx_is_for */
    memset(copy.s, 0xff, sizeof copy.s);
    buf_init(&raw, CHAIN_TX_BYTES + 1024);
    s = tx_put_raw(&copy, &raw);
    if (s == OK)
        s = tx_read(buf_slice(&raw), &copy, reterr);
    if (s == OK) {
        tx_hash(buf_slice(&raw), &hash);
        s = chain_pool_admit(c, buf_slice(&raw), &copy, &hash, sender, reterr);
    }
    buf_done(&raw);
    if ((s == OK || s == E_DUPLICATE) && ret_hash != NULL)
        *ret_hash = hash;
    return s;
}

status chain_dev_drop(struct chain *c, const hash32 *tx, struct err *reterr)
{
    status s = refuse(c, reterr);
    if (s != OK)
        return s;
    pthread_mutex_lock(&c->write);
    pthread_mutex_lock(&c->lock);
    struct pool_tx *t = pool_find(&c->pool, tx);
    if (t != NULL)
        pool_remove(&c->pool, t);
    pthread_cond_broadcast(&c->told);
    pthread_mutex_unlock(&c->lock);
    pthread_mutex_unlock(&c->write);
    return t != NULL ? OK : ERR(reterr, E_NOT_FOUND, "no such transaction");
}

status chain_dev_drop_all(struct chain *c, struct err *reterr)
{
    status s = refuse(c, reterr);
    if (s != OK)
        return s;
    pthread_mutex_lock(&c->write);
    empty_pool(c);
    pthread_mutex_unlock(&c->write);
    return OK;
}
