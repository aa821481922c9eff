/* SPDX-License-Identifier: Apache-2.0 */
/* Uploads in pieces: sessions that outlive a cut connection, in memory.
 *
 * A session belongs to one signer and one folder. Its bytes go to the content store as they come;
 * what a session that is never finished leaves there is removed by the store's sweep. Sessions do
 * not survive the node: a client then begins anew. */
#ifndef EHRD_API_UPLOADS_H
#define EHRD_API_UPLOADS_H

#include <pthread.h>
#include <stdbool.h>

#include "base/slice.h"
#include "base/status.h"
#include "base/sysio.h"
#include "content/content.h"

#define UPLOADS_MAX 64u
#define UPLOADS_EACH 4u /* of one signer; of one account and of one folder twice as many */
#define UPLOAD_IDLE_S 900u

struct upload_row {
    hash32 id;
    hash32 folder;
    addr20 signer;
    addr20 account;             /* it acts for: has as many signers as it wants */
    struct content_upload *put; /* NULL: a free row */
    uint64_t size;              /* bytes so far */
    uint64_t begun_ms;          /* by the clock that is never set; uploads_add fills both */
    uint64_t touched_ms;
    bool busy; /* a request has it */
};

struct uploads {
    const struct clock_src *clock; /* read under the lock, so that no row is of later */
    pthread_mutex_t lock;
    struct upload_row rows[UPLOADS_MAX];
};

/* clock: borrowed until uploads_done. */
void uploads_init(struct uploads *u, const struct clock_src *clock);
void uploads_done(struct uploads *u);

/* Drop what nobody touched for UPLOAD_IDLE_S or what is older than life_s. */
void uploads_expire(struct uploads *u, uint64_t life_s);
/* Take over put. OK | E_RATE (too many; put is aborted). */
status uploads_add(struct uploads *u, const struct upload_row *row, struct err *reterr) MUST_USE;
/* Hold a session: nobody else gets it until it is given back or ended.
 * OK | E_NOT_FOUND (none, or another's) | E_CONFLICT (another request has it). */
status uploads_take(struct uploads *u, const hash32 *id, const hash32 *folder, const addr20 *signer,
                    struct upload_row **ret, struct err *reterr) MUST_USE;
void uploads_give(struct uploads *u, struct upload_row *row);
/* Take put out of a session that is held, to finish it; uploads_end comes next. */
struct content_upload *uploads_finish(struct uploads *u, struct upload_row *row);
/* End a session that is held; put is aborted unless it was taken out of the row. */
void uploads_end(struct uploads *u, struct upload_row *row);

#endif
