/* SPDX-License-Identifier: Apache-2.0 */
/* Taking transactions in: rules, sender, funds; waiting for them; looking at the pool. */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/parallel.h"
#include "chain/chain_priv.h"

#define ADMIT_TRIES 16 /* until what was read belongs to the head */

/* What a transaction is judged by before the pool is asked. */
struct terms {
    struct chain_rules rules;
    u256 base_fee;
    uint64_t gas_limit;
    uint64_t seq;
    status health;
    struct err health_err;
};

static void terms_get(struct chain *c, struct terms *t)
{
    pthread_mutex_lock(&c->lock);
    *t = (struct terms){.rules = c->next_rules,
                        .base_fee = c->next_base_fee,
                        .gas_limit = c->gas_limit,
                        .seq = c->news.seq,
                        .health = c->health,
                        .health_err = c->health_err};
    pthread_mutex_unlock(&c->lock);
}

/* --- rules ----------------------------------------------------------------------------------- */

static status fault_text(enum tx_fault f, const struct tx *t, const struct chain_rules *r,
                         struct err *reterr)
{
    struct tx_gas gas = {0};
    unsigned long long has = t->gas;
    (void)!tx_gas_of(t, r->rev, &gas, NULL);
    switch (f) {
    case TX_TYPE_EARLY:
        return ERR(reterr, E_UNSUPPORTED, "transaction type not supported");
    case TX_CHAIN_ID:
        return ERR(reterr, E_RANGE, "invalid chain id for signer: have %llu want %llu",
                   (unsigned long long)t->chain_id, (unsigned long long)r->chain_id);
    case TX_INTRINSIC_GAS:
        return ERR(reterr, E_RANGE, "intrinsic gas too low: gas %llu, minimum needed %llu", has,
                   (unsigned long long)gas.intrinsic);
    case TX_FLOOR_GAS:
        return ERR(reterr, E_RANGE,
                   "insufficient gas for floor data gas cost: gas %llu, minimum needed %llu", has,
                   (unsigned long long)gas.floor);
    case TX_INITCODE_SIZE:
        return ERR(reterr, E_RANGE, "max initcode size exceeded: code size %zu, limit %u",
                   t->data.n, EVM_INITCODE_MAX);
    case TX_GAS_CAP:
        return ERR(reterr, E_RANGE, "transaction gas limit too high (cap: 16777216, tx: %llu)",
                   has);
    default:
        return ERR(reterr, E_RANGE, "%s", tx_fault_text(f));
    }
}

/* A base fee never falls to 0 (EIP-1559 rounds), and a blob's is 1 at least: what offers nothing
 * could wait for ever, at no cost and without funds. */
static status check_price(const struct terms *terms, const struct tx *t, struct err *reterr)
{
    if (!u256_is_zero(terms->base_fee) && u256_is_zero(t->max_fee))
        return ERR(reterr, E_RANGE,
                   "transaction gas price below minimum: gas fee cap 0, minimum needed 1");
    if (t->type == TX_BLOB && u256_is_zero(t->max_blob_fee))
        return ERR(reterr, E_RANGE,
                   "transaction gas price below minimum: blob fee cap 0, minimum needed 1");
    return OK;
}

static status judge(const struct terms *terms, const struct tx *t, struct err *reterr)
{
    struct tx_gas gas;
    enum tx_fault f = TX_FINE;
    status s = tx_check_alone(&terms->rules, t, &gas, &f, reterr);
    if (s == E_RANGE && f != TX_FINE)
        return fault_text(f, t, &terms->rules, reterr);
    if (s == OK && t->gas > terms->gas_limit)
        return ERR(reterr, E_RANGE, "exceeds block gas limit");
    return s == OK ? check_price(terms, t, reterr) : s;
}

/* All that needs no state. */
static status read_tx(const struct chain *c, const struct terms *terms, slice raw, struct tx *ret,
                      hash32 *ret_hash, addr20 *ret_sender, struct err *reterr)
{
    if (raw.n > CHAIN_TX_BYTES)
        return ERR(reterr, E_TOO_LONG, "oversized data: transaction size %zu, limit %zu", raw.n,
                   CHAIN_TX_BYTES);
    if (raw.n > 0 && raw.p[0] == TX_BLOB && !c->blobs)
        return ERR(reterr, E_UNSUPPORTED,
                   "transaction type not supported: tx type 3 not supported by this pool");
    status s = tx_read(raw, ret, reterr);
    if (s == E_UNSUPPORTED)
        return ERR(reterr, s, "transaction type not supported");
    if (s != OK)
        return s;
    tx_hash(raw, ret_hash);
    s = judge(terms, ret, reterr);
    if (s == OK && tx_sender_at(ret, terms->rules.rev, ret_sender) != OK)
        s = ERR(reterr, E_SIGNATURE, "invalid sender");
    return s;
}

/* --- state ----------------------------------------------------------------------------------- */

static status check_is_person(struct chain_view *v, const addr20 *sender,
                              const struct trie_account *a, struct err *reterr)
{
    struct arena memory;
    slice code = SLICE_EMPTY;
    addr20 target;
    if (hash32_eq(a->code_hash, trie_empty_code))
        return OK;
    arena_init(&memory, (size_t)1 << 20, false);
    status s = chain_view_code(v, v->head, sender, &memory, &code, reterr);
    if (s == OK && !evm_delegation_read(code, &target))
        s = ERR(reterr, E_RANGE, "sender not an eoa");
    arena_done(&memory);
    return s;
}

static bool most_cost(const struct tx *t, u256 *ret)
{
    u256 blobs;
    return u256_mul_u64(t->max_fee, t->gas, ret) && u256_add(*ret, t->value, ret) &&
           u256_mul_u64(t->max_blob_fee, tx_blob_count(t) * GAS_PER_BLOB, &blobs) &&
           u256_add(*ret, blobs, ret);
}

/* Funds and nonce at the head of v. */
static status offer_fill(struct chain_view *v, struct pool_offer *o, struct err *reterr)
{
    struct trie_account a;
    bool exists;
    status s = chain_view_account(v, v->head, &o->from, &exists, &a, reterr);
    if (s == OK && !tx_is_for(o->tx, &o->from))
        s = check_is_person(v, &o->from, &a, reterr);
    if (s == OK && !most_cost(o->tx, &o->cost))
        s = ERR(reterr, E_FORBIDDEN, "insufficient funds for gas * price + value");
    o->nonce = a.nonce;
    o->balance = a.balance;
    o->exists = exists;
    return s;
}

static void tell_pending(struct chain *c, const hash32 *hash)
{
    pthread_mutex_lock(&c->listen);
    for (size_t i = 0; i < CHAIN_LISTENERS; i++)
        if (c->listener[i] != NULL && c->listener[i]->pending != NULL)
            c->listener[i]->pending(c->listener[i]->ctx, hash);
    pthread_mutex_unlock(&c->listen);
}

/* seq: of the news when v was opened. OK | E_STALE (the head is another by now) | pool_put's. */
static status put(struct chain *c, const struct pool_offer *o, uint64_t seq, bool last,
                  struct err *reterr)
{
    struct pool_tx *t = NULL;
    bool ready = false;
    pthread_mutex_lock(&c->lock);
    status s = c->news.seq != seq && !last ? E_STALE : pool_put(&c->pool, o, &t, reterr);
    if (s == OK && (ready = pool_is_ready(t)))
        pthread_cond_signal(&c->work);
    pthread_mutex_unlock(&c->lock);
    if (s == OK && ready)
        tell_pending(c, &o->hash);
    return s;
}

static uint64_t news_seq(struct chain *c)
{
    pthread_mutex_lock(&c->lock);
    uint64_t seq = c->news.seq;
    pthread_mutex_unlock(&c->lock);
    return seq;
}

static status admit(struct chain *c, struct pool_offer o, struct err *reterr)
{
    status s = E_STALE;
    o.now_s = clock_mono_ms(c->clock) / 1000;
    for (int i = 0; s == E_STALE && i < ADMIT_TRIES; i++) {
        struct chain_view v;
        uint64_t seq = news_seq(c);
        s = chain_view_open(c, &v, reterr);
        if (s == OK) {
            s = offer_fill(&v, &o, reterr);
            chain_view_close(&v);
        }
        if (s == OK)
            s = put(c, &o, seq, i + 1 == ADMIT_TRIES, reterr);
    }
    return s;
}

status chain_pool_admit(struct chain *c, slice raw, const struct tx *t, const hash32 *hash,
                        const addr20 *sender, struct err *reterr)
{
    struct pool_offer o = {.raw = raw, .tx = t, .hash = *hash, .from = *sender};
    return admit(c, o, reterr);
}

/* --- submission ------------------------------------------------------------------------------ */

static status unhealthy(const struct terms *t, struct err *reterr)
{
    if (reterr != NULL)
        *reterr = t->health_err;
    return t->health;
}

static status submit(struct chain *c, slice raw, bool local, hash32 *ret_hash, struct err *reterr)
{
    struct terms terms;
    struct tx t;
    struct pool_offer o = {.raw = raw, .tx = &t, .local = local};
    terms_get(c, &terms);
    if (terms.health != OK)
        return unhealthy(&terms, reterr);
    status s = read_tx(c, &terms, raw, &t, &o.hash, &o.from, reterr);
    if (s == OK)
        s = admit(c, o, reterr);
    if ((s == OK || s == E_DUPLICATE) && ret_hash != NULL)
        *ret_hash = o.hash;
    return s;
}

status chain_submit(struct chain *c, slice raw, hash32 *ret_hash, struct err *reterr)
{
    return submit(c, raw, false, ret_hash, reterr);
}

status chain_submit_local(struct chain *c, slice raw, hash32 *ret_hash, struct err *reterr)
{
    return submit(c, raw, true, ret_hash, reterr);
}

struct many {
    struct chain *chain;
    struct terms terms;
    struct chain_submission *s;
    struct tx *tx;
    addr20 *sender;
};

static void read_nth(void *ctx, size_t i)
{
    struct many *m = ctx;
    m->s[i].st = read_tx(m->chain, &m->terms, m->s[i].raw, &m->tx[i], &m->s[i].hash, &m->sender[i],
                         &m->s[i].err);
}

static void fail_all(struct chain_submission *s, size_t n, status st, const struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        s[i].st = st;
        s[i].err = *e;
    }
}

void chain_submit_all(struct chain *c, struct chain_submission *s, size_t n)
{
    struct many m = {.chain = c, .s = s};
    struct err e = {0};
    terms_get(c, &m.terms);
    m.tx = calloc(n + 1, sizeof *m.tx);
    m.sender = calloc(n + 1, sizeof *m.sender);
    status st = m.terms.health;
    if (st != OK)
        e = m.terms.health_err;
    else if (m.tx == NULL || m.sender == NULL)
        st = ERR(&e, E_NOMEM, "transactions");
    if (st != OK)
        fail_all(s, n, st, &e);
    else
        parallel_run(n, c->threads, read_nth, &m);
    for (size_t i = 0; st == OK && i < n; i++)
        if (s[i].st == OK)
            s[i].st = chain_pool_admit(c, s[i].raw, &m.tx[i], &s[i].hash, &m.sender[i], &s[i].err);
    free(m.tx);
    free(m.sender);
}

/* --- waiting --------------------------------------------------------------------------------- */

struct timespec chain_deadline(uint32_t ms)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += (time_t)(ms / 1000);
    t.tv_nsec += (long)(ms % 1000) * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    return t;
}

static status look(struct chain *c, const hash32 *tx, uint64_t *ret_number, uint32_t *ret_index,
                   struct err *reterr)
{
    struct chain_view v;
    status s = chain_view_open(c, &v, reterr);
    if (s != OK)
        return s;
    s = chain_view_tx(&v, tx, ret_number, ret_index, reterr);
    chain_view_close(&v);
    return s;
}

/* Sleep until there is news after seq; the transaction must be in the pool.
 * OK: look again | E_NOT_FOUND | E_TIMEOUT | E_CANCELLED | the health. */
static status sleep_on(struct chain *c, const hash32 *tx, uint64_t seq,
                       const struct timespec *deadline, struct err *reterr)
{
    status s = OK;
    pthread_mutex_lock(&c->lock);
    if (c->news.seq != seq)
        s = OK;
    else if (c->woken || c->stop)
        s = ERR(reterr, E_CANCELLED, "the chain is being closed");
    else if (c->health != OK) {
        s = c->health;
        if (reterr != NULL)
            *reterr = c->health_err;
    } else if (pool_find(&c->pool, tx) == NULL)
        s = ERR(reterr, E_NOT_FOUND, "no such transaction");
    else if (pthread_cond_timedwait(&c->told, &c->lock, deadline) == ETIMEDOUT)
        s = ERR(reterr, E_TIMEOUT, "the transaction is not in a block yet");
    pthread_mutex_unlock(&c->lock);
    return s;
}

status chain_wait_tx(struct chain *c, const hash32 *tx, uint32_t timeout_ms, uint64_t *ret_number,
                     uint32_t *ret_index, struct err *reterr)
{
    struct timespec deadline = chain_deadline(timeout_ms);
    for (;;) {
        uint64_t seq = news_seq(c);
        status s = look(c, tx, ret_number, ret_index, reterr);
        if (s == E_NOT_FOUND)
            s = sleep_on(c, tx, seq, &deadline, reterr);
        else
            return s;
        if (s != OK)
            return s;
    }
}

bool chain_pool_is_stuck(struct chain *c, const hash32 *tx)
{
    pthread_mutex_lock(&c->lock);
    const struct pool_tx *t = pool_find(&c->pool, tx);
    bool stuck = t != NULL && (!pool_is_ready(t) || u256_cmp(t->low_fee, c->next_base_fee) < 0);
    pthread_mutex_unlock(&c->lock);
    return stuck;
}

/* --- looking at the pool ---------------------------------------------------------------------- */

status chain_pending_nonce(struct chain *c, const addr20 *sender, uint64_t *ret, struct err *reterr)
{
    struct chain_view v;
    struct trie_account a;
    bool exists;
    status s = chain_view_open(c, &v, reterr);
    if (s != OK)
        return s;
    s = chain_view_account(&v, v.head, sender, &exists, &a, reterr);
    chain_view_close(&v);
    if (s != OK)
        return s;
    pthread_mutex_lock(&c->lock);
    const struct pool_sender *p = pool_sender_find(&c->pool, sender);
    if (p != NULL && p->nonce + p->n_ready > a.nonce)
        a.nonce = p->nonce + p->n_ready;
    pthread_mutex_unlock(&c->lock);
    *ret = a.nonce;
    return OK;
}

void chain_pool_status(struct chain *c, struct chain_pool_count *ret)
{
    pthread_mutex_lock(&c->lock);
    *ret = (struct chain_pool_count){c->pool.n_ready, c->pool.n - c->pool.n_ready};
    pthread_mutex_unlock(&c->lock);
}

static status copy_out(const struct pool_tx *t, struct arena *a, struct chain_pool_tx *ret)
{
    *ret = (struct chain_pool_tx){.hash = t->hash, .sender = t->from, .queued = !pool_is_ready(t)};
    ret->raw = arena_dup(a, t->raw);
    return ret->raw.p != NULL ? tx_read(ret->raw, &ret->tx, NULL) : E_NOMEM;
}

static status list_sender(const struct pool_sender *p, struct arena *a, struct chain_pool_tx *all,
                          size_t *n)
{
    status s = OK;
    for (size_t i = 0; s == OK && i < p->n; i++)
        s = copy_out(p->tx[i], a, &all[(*n)++]);
    return s;
}

status chain_pool_list(struct chain *c, const addr20 *sender, struct arena *a,
                       struct chain_pool_tx **ret, size_t *ret_n, struct err *reterr)
{
    size_t n = 0;
    status s = OK;
    pthread_mutex_lock(&c->lock);
    const struct pool_sender *one = sender != NULL ? pool_sender_find(&c->pool, sender) : NULL;
    size_t room = sender == NULL ? c->pool.n : one != NULL ? one->n : 0;
    struct chain_pool_tx *all = arena_array(a, room, sizeof *all);
    if (all == NULL)
        s = E_NOMEM;
    else if (one != NULL)
        s = list_sender(one, a, all, &n);
    for (size_t i = 0; s == OK && sender == NULL && i < c->pool.senders_max; i++)
        if (c->pool.senders[i] != NULL)
            s = list_sender(c->pool.senders[i], a, all, &n);
    pthread_mutex_unlock(&c->lock);
    if (s != OK)
        return ERR(reterr, s, "transaction pool");
    *ret = all;
    *ret_n = n;
    return OK;
}

status chain_pool_get(struct chain *c, const hash32 *tx, struct arena *a, struct chain_pool_tx *ret,
                      struct err *reterr)
{
    pthread_mutex_lock(&c->lock);
    const struct pool_tx *t = pool_find(&c->pool, tx);
    status s = t != NULL ? copy_out(t, a, ret) : E_NOT_FOUND;
    pthread_mutex_unlock(&c->lock);
    return s == OK ? OK : ERR(reterr, s, "transaction in the pool");
}

/* --- after the state changed ------------------------------------------------------------------ */

static size_t senders_copy(struct chain *c, addr20 **ret)
{
    size_t n = 0;
    pthread_mutex_lock(&c->lock);
    addr20 *all = calloc(c->pool.n_senders + 1, sizeof *all);
    for (size_t i = 0; all != NULL && i < c->pool.senders_max; i++)
        if (c->pool.senders[i] != NULL)
            all[n++] = c->pool.senders[i]->addr;
    pthread_mutex_unlock(&c->lock);
    *ret = all;
    return n;
}

void chain_pool_refresh(struct chain *c)
{
    addr20 *all = NULL;
    struct chain_view v;
    size_t n = senders_copy(c, &all);
    if (all != NULL && chain_view_open(c, &v, NULL) == OK) {
        for (size_t i = 0; i < n; i++) {
            struct trie_account a;
            bool exists;
            if (chain_view_account(&v, v.head, &all[i], &exists, &a, NULL) != OK)
                continue;
            pthread_mutex_lock(&c->lock);
            pool_set_account(&c->pool, &all[i], exists, a.nonce, a.balance);
            pthread_mutex_unlock(&c->lock);
        }
        chain_view_close(&v);
    }
    free(all);
}
