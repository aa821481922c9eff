/* SPDX-License-Identifier: Apache-2.0 */
/* How much one account may use: a day's share at once, which then comes back evenly over a day. */
#ifndef EHRD_RELAY_QUOTA_H
#define EHRD_RELAY_QUOTA_H

#include <pthread.h>

#include "base/sysio.h"

#define QUOTA_ROWS 4096u /* accounts kept apart; those that fall together share */

struct quota_row {
    uint64_t used; /* at that time */
    uint64_t at;   /* unix seconds */
};

/* Thread-safe. Kept in memory: a new start of the program begins anew. */
struct quota {
    uint64_t a_day; /* 0: no limit */
    hash32 salt;    /* random: nobody can find an account that shares another's row */
    pthread_mutex_t lock;
    struct quota_row rows[QUOTA_ROWS];
};

/* OK | E_IO (rnd). */
status quota_init(struct quota *q, uint64_t a_day, const struct random_src *rnd) MUST_USE;
void quota_done(struct quota *q);
/* Take so much for account. OK | E_RATE (it has less left; nothing is taken) | E_INTERNAL. */
status quota_take(struct quota *q, const addr20 *account, uint64_t now, uint64_t amount,
                  struct err *reterr) MUST_USE;
/* Would so much be there to take? As quota_take, but nothing is taken. */
status quota_fits(struct quota *q, const addr20 *account, uint64_t now, uint64_t amount,
                  struct err *reterr) MUST_USE;
/* Give back what was taken at now and not used. */
void quota_give(struct quota *q, const addr20 *account, uint64_t now, uint64_t amount);

#endif
