/* SPDX-License-Identifier: Apache-2.0 */
/* Leaky buckets: so many at once, then one each few seconds. They bound refusals written into
 * access logs (folder ids are public, so anybody could fill a log with requests that are refused),
 * notes sent to an inbox and registration requests. What was not let through is counted. The
 * caller's keys decide who shares a bucket; they are not to be foreseen by those who are counted.
 */
#ifndef EHRD_API_THROTTLE_H
#define EHRD_API_THROTTLE_H

#include <pthread.h>

#include "base/slice.h"

#define THROTTLE_REFUSALS 60u       /* refusals in a row */
#define THROTTLE_REFUSAL_EACH_S 10u /* seconds for one more */
#define THROTTLE_ALL_REFUSALS 600u  /* the same over all folders */
#define THROTTLE_ALL_REFUSAL_EACH_S 1u
#define THROTTLE_NOTES 32u /* notes of one sender to one inbox, which holds 1,000 */
#define THROTTLE_NOTE_EACH_S 600u
#define THROTTLE_REGISTRATIONS 5u /* registration requests of one IPv4 address or IPv6 /64 */
#define THROTTLE_REGISTRATION_EACH_S 600u
#define THROTTLE_LOCAL_REGISTRATIONS 60u /* from loopback, of all behind a proxy */
#define THROTTLE_LOCAL_REGISTRATION_EACH_S 10u
#define THROTTLE_ROWS 16384u /* keys kept apart; power of two */

struct throttle_row {
    uint64_t since;  /* when it had its full burst, seconds; moves on with each refusal */
    uint64_t missed; /* not written since the last that was */
};

struct throttle {
    uint64_t burst;
    uint64_t each_s;
    pthread_mutex_t lock;
    struct throttle_row rows[THROTTLE_ROWS];
};

void throttle_init(struct throttle *t, unsigned burst, unsigned each_s);
void throttle_done(struct throttle *t);
/* True: let it through; *ret_missed before it were not. */
bool throttle_take(struct throttle *t, const hash32 *key, uint64_t now, uint64_t *ret_missed);
/* What was let through was not written after all, with n - 1 before it. */
void throttle_miss(struct throttle *t, const hash32 *key, uint64_t n);

#endif
