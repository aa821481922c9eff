/* SPDX-License-Identifier: Apache-2.0 */
#include "poolmodel.h"

#include <stdlib.h>

#include "base/status.h"

static struct model_tx *find(struct model *m, uint32_t who, uint64_t nonce)
{
    for (size_t i = 0; i < m->n; i++)
        if (m->tx[i].who == who && m->tx[i].nonce == nonce)
            return &m->tx[i];
    return NULL;
}

static void forget(struct model *m, struct model_tx *t)
{
    size_t at = (size_t)(t - m->tx);
    memmove(t, t + 1, (m->n - at - 1) * sizeof *t);
    m->n--;
}

static size_t count(const struct model *m, uint32_t who)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n; i++)
        n += m->tx[i].who == who;
    return n;
}

static struct model_tx *last_of(struct model *m, uint32_t who)
{
    struct model_tx *last = NULL;
    for (size_t i = 0; i < m->n; i++)
        if (m->tx[i].who == who && (last == NULL || m->tx[i].nonce > last->nonce))
            last = &m->tx[i];
    return last;
}

static uint64_t cost(const struct model *m, uint32_t who)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < m->n; i++)
        sum += m->tx[i].who == who ? m->tx[i].fee * m->tx[i].gas : 0;
    return sum;
}

size_t model_bytes(const struct model *m)
{
    size_t sum = 0;
    for (size_t i = 0; i < m->n; i++)
        sum += m->tx[i].size;
    return sum;
}

bool model_is_ready(const struct model *m, const struct model_tx *t)
{
    for (uint64_t k = m->sender[t->who].nonce; k < t->nonce; k++)
        if (find((struct model *)(uintptr_t)m, t->who, k) == NULL)
            return false;
    return true;
}

size_t model_queued(const struct model *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n; i++)
        n += !model_is_ready(m, &m->tx[i]);
    return n;
}

/* --- claims ---------------------------------------------------------------------------------- */

static uint64_t weight(const struct model_tx *t)
{
    return 1 + t->size / 4096 + t->gas / 1048576;
}

static uint64_t weight_of(const struct model *m, uint32_t who)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < m->n; i++)
        sum += m->tx[i].who == who ? weight(&m->tx[i]) : 0;
    return sum;
}

/* -1: it cannot be mined. */
static int64_t tip(uint64_t fee, uint64_t priority, uint64_t base_fee)
{
    if (fee < base_fee)
        return -1;
    return (int64_t)(fee - base_fee < priority ? fee - base_fee : priority);
}

/* The fees that it and those before it all have. */
static int64_t low_tip(const struct model *m, const struct model_tx *t)
{
    uint64_t fee = t->fee;
    uint64_t priority = t->tip;
    for (size_t i = 0; i < m->n; i++)
        if (m->tx[i].who == t->who && m->tx[i].nonce < t->nonce) {
            fee = m->tx[i].fee < fee ? m->tx[i].fee : fee;
            priority = m->tx[i].tip < priority ? m->tx[i].tip : priority;
        }
    return tip(fee, priority, m->base_fee);
}

static int64_t class_of(const struct model_sender *s, uint64_t w)
{
    return s->wei > 0 ? 2 : s->exists && w <= 16 ? 1 : 0;
}

#define CLAIM 7u

/* Claims compare word by word, the lesser gives way. */
static void claim(struct model *m, uint32_t who, int64_t ret[CLAIM])
{
    const struct model_tx *t = last_of(m, who);
    ret[0] = m->sender[who].local;
    ret[1] = t->taken;
    ret[2] = model_is_ready(m, t);
    ret[3] = low_tip(m, t);
    ret[4] = class_of(&m->sender[who], weight_of(m, who));
    ret[5] = -(int64_t)weight_of(m, who);
    ret[6] = -(int64_t)t->seq;
}

static int cmp(const int64_t *a, const int64_t *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    return 0;
}

static uint32_t least(struct model *m)
{
    int64_t best[CLAIM] = {INT64_MAX};
    uint32_t who = 0;
    for (uint32_t i = 0; i < MODEL_SENDERS; i++) {
        int64_t c[CLAIM];
        if (count(m, i) == 0)
            continue;
        claim(m, i, c);
        if (cmp(c, best, CLAIM) < 0) {
            memcpy(best, c, sizeof best);
            who = i;
        }
    }
    return who;
}

static bool make_room(struct model *m, uint32_t id, bool local)
{
    for (;;) {
        bool full = m->n > m->caps.txs || model_bytes(m) > m->caps.bytes;
        if (!full && model_queued(m) <= m->caps.queued_all)
            return true;
        uint32_t who = least(m);
        struct model_tx *t = last_of(m, who);
        if (!full && (m->sender[who].local || model_is_ready(m, t)))
            return true;
        if (t->id == id || m->sender[who].local)
            return false;
        if (t->taken)
            return local;
        forget(m, t);
    }
}

/* --- what a pool does ------------------------------------------------------------------------ */

static bool beats(uint64_t old, uint64_t now)
{
    return now > old && now * 100 >= old * 110;
}

static status replace(struct model *m, struct model_tx *old, struct model_tx t)
{
    uint32_t id = old->id;
    size_t size = old->size;
    uint64_t gas = old->gas;
    size_t more = t.size > old->size ? t.size - old->size : 0;
    old->size = t.size; /* it is judged by the weight it will have, */
    old->gas = t.gas;
    bool room = more == 0 || make_room(m, id, m->sender[t.who].local);
    old = find(m, t.who, t.nonce);
    old->size = size;
    old->gas = gas;
    if (!room)
        return E_RATE;
    forget(m, old);
    t.seq = ++m->seq;
    m->tx[m->n++] = t;
    return OK;
}

status model_put(struct model *m, struct model_tx t)
{
    struct model_sender *s = &m->sender[t.who];
    struct model_tx *old = find(m, t.who, t.nonce);
    uint64_t sum = cost(m, t.who) + t.fee * t.gas;
    size_t n = count(m, t.who);
    if (t.nonce < s->nonce)
        return E_REPLAY;
    if (old != NULL && (old->taken || !beats(old->fee, t.fee) || !beats(old->tip, t.tip)))
        return E_CONFLICT;
    if (sum - (old != NULL ? old->fee * old->gas : 0) > s->wei)
        return E_FORBIDDEN;
    if (old != NULL)
        return replace(m, old, t);
    size_t queued = 0;
    for (size_t i = 0; i < m->n; i++)
        queued += m->tx[i].who == t.who && !model_is_ready(m, &m->tx[i]);
    if (n >= m->caps.per_sender || (!model_is_ready(m, &t) && queued >= m->caps.queued))
        return E_RATE;
    t.seq = ++m->seq;
    m->tx[m->n++] = t;
    if (make_room(m, t.id, s->local))
        return OK;
    forget(m, find(m, t.who, t.nonce));
    return E_RATE;
}

void model_set_account(struct model *m, uint32_t who)
{
    const struct model_sender *s = &m->sender[who];
    for (size_t i = 0; i < m->n; i++)
        if (m->tx[i].who == who && m->tx[i].nonce < s->nonce)
            forget(m, &m->tx[i--]);
    while (count(m, who) > 0 && cost(m, who) > s->wei)
        forget(m, last_of(m, who));
}

void model_expire(struct model *m, uint64_t before_s)
{
    for (size_t i = 0; i < m->n && m->tx[i].since_s < before_s; i++) {
        const struct model_tx *t = &m->tx[i];
        if (!t->taken && (!model_is_ready(m, t) || t->fee < m->base_fee))
            forget(m, &m->tx[i--]);
    }
}

struct seat {
    uint32_t id;
    uint64_t turn;
    uint64_t nonce;
};

static int by_turn(const void *a, const void *b)
{
    const struct seat *x = a;
    const struct seat *y = b;
    int64_t l[] = {(int64_t)x->turn, (int64_t)x->nonce};
    int64_t r[] = {(int64_t)y->turn, (int64_t)y->nonce};
    return cmp(l, r, 2);
}

struct queue {
    uint64_t nonce;
    uint64_t took;
    uint64_t turn;
    bool shut;
};

/* The transaction that comes next, or NULL. */
static struct model_tx *choose(struct model *m, struct queue *q, const struct pool_room *room)
{
    int64_t best[5] = {INT64_MIN};
    struct model_tx *ret = NULL;
    for (uint32_t i = 0; i < MODEL_SENDERS; i++) {
        struct model_tx *t = q[i].shut ? NULL : find(m, i, q[i].nonce);
        if (t == NULL || t->taken || t->fee < room->base_fee.w[0])
            continue;
        uint64_t w = q[i].took + weight(t);
        int64_t c[5] = {m->sender[i].local, tip(t->fee, t->tip, room->base_fee.w[0]),
                        class_of(&m->sender[i], w), -(int64_t)w, -(int64_t)t->seq};
        if (ret == NULL || cmp(c, best, 5) > 0) {
            memcpy(best, c, sizeof best);
            ret = t;
        }
    }
    return ret;
}

size_t model_take(struct model *m, const struct pool_room *room, uint32_t *out)
{
    struct queue q[MODEL_SENDERS] = {{0}};
    struct seat seat[MODEL_TXS];
    struct model_tx *t;
    size_t n = 0;
    size_t sure = 0;
    size_t bytes = room->bytes;
    uint64_t gas = 0;
    for (uint32_t i = 0; i < MODEL_SENDERS; i++)
        q[i].nonce = m->sender[i].nonce;
    while (n < room->txs && (t = choose(m, q, room)) != NULL) {
        struct queue *s = &q[t->who];
        if (t->size > bytes) {
            s->shut = true;
            continue;
        }
        bytes -= t->size;
        t->taken = true;
        s->nonce++;
        s->took += weight(t);
        s->turn = t->seq > s->turn ? t->seq : s->turn;
        seat[n++] = (struct seat){t->id, s->turn, t->nonce};
        gas += t->gas;
        if (gas <= room->gas && sure == n - 1)
            sure = n;
    }
    qsort(seat, sure, sizeof *seat, by_turn);
    for (size_t i = 0; i < n; i++)
        out[i] = seat[i].id;
    return n;
}

void model_untake(struct model *m)
{
    for (size_t i = 0; i < m->n; i++)
        m->tx[i].taken = false;
}
