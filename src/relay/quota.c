/* SPDX-License-Identifier: Apache-2.0 */
/* A leaky bucket for each account. */
#include "relay/quota.h"

#include "crypto/sha2.h"

#define DAY_S 86400u

status quota_init(struct quota *q, uint64_t a_day, const struct random_src *rnd)
{
    *q = (struct quota){.a_day = a_day};
    pthread_mutex_init(&q->lock, NULL);
    return random_fill(rnd, q->salt.b, sizeof q->salt.b);
}

void quota_done(struct quota *q)
{
    pthread_mutex_destroy(&q->lock);
}

static status row_of(struct quota *q, const addr20 *account, struct quota_row **ret)
{
    uint8_t in[32 + 20];
    hash32 h;
    memcpy(in, q->salt.b, 32);
    memcpy(in + 32, account->b, 20);
    status st = sha256(slice_of(in, sizeof in), &h);
    if (st == OK)
        *ret = &q->rows[((unsigned)h.b[0] << 8 | h.b[1]) % QUOTA_ROWS];
    return st;
}

/* What came back since; a whole day gives all of it, whatever the product would be. */
static uint64_t left_of(const struct quota *q, const struct quota_row *r, uint64_t now)
{
    if (now <= r->at)
        return r->used;
    uint64_t s = now - r->at;
    uint64_t each = q->a_day / DAY_S;
    uint64_t back = s >= DAY_S ? q->a_day : s * each + s * (q->a_day % DAY_S) / DAY_S;
    return r->used > back ? r->used - back : 0;
}

static status take(struct quota *q, const addr20 *account, uint64_t now, uint64_t amount, bool keep,
                   struct err *reterr)
{
    struct quota_row *r = NULL;
    if (q->a_day == 0)
        return OK;
    status st = row_of(q, account, &r);
    if (st != OK)
        return ERR(reterr, st, "quota");
    pthread_mutex_lock(&q->lock);
    uint64_t used = left_of(q, r, now);
    bool room = amount <= q->a_day && used <= q->a_day - amount;
    if (room && keep)
        *r = (struct quota_row){used + amount, now > r->at ? now : r->at};
    pthread_mutex_unlock(&q->lock);
    return room ? OK : ERR(reterr, E_RATE, "the account's share of a day is used up");
}

status quota_take(struct quota *q, const addr20 *account, uint64_t now, uint64_t amount,
                  struct err *reterr)
{
    return take(q, account, now, amount, true, reterr);
}

status quota_fits(struct quota *q, const addr20 *account, uint64_t now, uint64_t amount,
                  struct err *reterr)
{
    return take(q, account, now, amount, false, reterr);
}

void quota_give(struct quota *q, const addr20 *account, uint64_t now, uint64_t amount)
{
    struct quota_row *r = NULL;
    if (q->a_day == 0 || row_of(q, account, &r) != OK)
        return;
    pthread_mutex_lock(&q->lock);
    uint64_t used = left_of(q, r, now);
    *r = (struct quota_row){used > amount ? used - amount : 0, now > r->at ? now : r->at};
    pthread_mutex_unlock(&q->lock);
}
