/* SPDX-License-Identifier: Apache-2.0 */
/* A leaky bucket for each key (keys whose first bytes are equal share one). */
#include "api/throttle.h"

void throttle_init(struct throttle *t, unsigned burst, unsigned each_s)
{
    *t = (struct throttle){.burst = burst, .each_s = each_s};
    pthread_mutex_init(&t->lock, NULL);
}

void throttle_done(struct throttle *t)
{
    pthread_mutex_destroy(&t->lock);
}

static struct throttle_row *row_of(struct throttle *t, const hash32 *key)
{
    return &t->rows[((unsigned)key->b[0] << 8 | key->b[1]) & (THROTTLE_ROWS - 1)];
}

bool throttle_take(struct throttle *t, const hash32 *key, uint64_t now, uint64_t *ret_missed)
{
    struct throttle_row *r = row_of(t, key);
    pthread_mutex_lock(&t->lock);
    uint64_t oldest = now > t->burst * t->each_s ? now - t->burst * t->each_s : 0;
    if (r->since < oldest)
        r->since = oldest;
    bool room = r->since + t->each_s <= now;
    if (room) {
        r->since += t->each_s;
        *ret_missed = r->missed;
        r->missed = 0;
    } else {
        r->missed++;
    }
    pthread_mutex_unlock(&t->lock);
    return room;
}

void throttle_miss(struct throttle *t, const hash32 *key, uint64_t n)
{
    pthread_mutex_lock(&t->lock);
    row_of(t, key)->missed += n;
    pthread_mutex_unlock(&t->lock);
}
