/* SPDX-License-Identifier: Apache-2.0 */
/* The table of upload sessions. */
#include "api/uploads.h"

#include <string.h>

void uploads_init(struct uploads *u, const struct clock_src *clock)
{
    u->clock = clock;
    pthread_mutex_init(&u->lock, NULL);
    memset(u->rows, 0, sizeof u->rows);
}

void uploads_done(struct uploads *u)
{
    for (size_t i = 0; i < UPLOADS_MAX; i++)
        content_put_abort(u->rows[i].put);
    pthread_mutex_destroy(&u->lock);
}

void uploads_expire(struct uploads *u, uint64_t life_s)
{
    pthread_mutex_lock(&u->lock);
    uint64_t now_ms = clock_mono_ms(u->clock);
    for (size_t i = 0; i < UPLOADS_MAX; i++) {
        struct upload_row *r = &u->rows[i];
        bool over =
            now_ms > r->touched_ms + UPLOAD_IDLE_S * 1000u || now_ms > r->begun_ms + life_s * 1000u;
        if (r->put == NULL || r->busy || !over)
            continue;
        content_put_abort(r->put);
        *r = (struct upload_row){0};
    }
    pthread_mutex_unlock(&u->lock);
}

/* A free row, unless signer, account or folder have too many. */
static struct upload_row *row_for(struct uploads *u, const struct upload_row *want)
{
    struct upload_row *room = NULL;
    unsigned of_signer = 0;
    unsigned of_account = 0;
    unsigned of_folder = 0;
    for (size_t i = 0; i < UPLOADS_MAX; i++) {
        struct upload_row *r = &u->rows[i];
        if (r->put == NULL && !r->busy) {
            room = r;
            continue;
        }
        of_signer += addr20_eq(r->signer, want->signer) ? 1 : 0;
        of_account += addr20_eq(r->account, want->account) ? 1 : 0;
        of_folder += hash32_eq(r->folder, want->folder) ? 1 : 0;
    }
    bool has_room =
        of_signer < UPLOADS_EACH && of_account < 2 * UPLOADS_EACH && of_folder < 2 * UPLOADS_EACH;
    return has_room ? room : NULL;
}

status uploads_add(struct uploads *u, const struct upload_row *row, struct err *reterr)
{
    pthread_mutex_lock(&u->lock);
    struct upload_row *r = row_for(u, row);
    if (r != NULL) {
        *r = *row;
        r->begun_ms = r->touched_ms = clock_mono_ms(u->clock);
    }
    pthread_mutex_unlock(&u->lock);
    if (r != NULL)
        return OK;
    content_put_abort(row->put);
    return ERR(reterr, E_RATE, "too many uploads at once");
}

status uploads_take(struct uploads *u, const hash32 *id, const hash32 *folder, const addr20 *signer,
                    struct upload_row **ret, struct err *reterr)
{
    struct upload_row *found = NULL;
    bool busy = false;
    pthread_mutex_lock(&u->lock);
    for (size_t i = 0; i < UPLOADS_MAX; i++) {
        struct upload_row *r = &u->rows[i];
        bool is_there = r->put != NULL || r->busy; /* one that is being finished has no put */
        if (is_there && hash32_eq(r->id, *id) && hash32_eq(r->folder, *folder) &&
            addr20_eq(r->signer, *signer))
            found = r;
    }
    if (found != NULL) {
        busy = found->busy;
        found->busy = true;
    }
    pthread_mutex_unlock(&u->lock);
    if (found == NULL)
        return ERR(reterr, E_NOT_FOUND, "no such upload; it may be over");
    if (busy)
        return ERR(reterr, E_CONFLICT, "another request has this upload");
    *ret = found;
    return OK;
}

struct content_upload *uploads_finish(struct uploads *u, struct upload_row *row)
{
    pthread_mutex_lock(&u->lock);
    struct content_upload *put = row->put;
    row->put = NULL;
    pthread_mutex_unlock(&u->lock);
    return put;
}

void uploads_give(struct uploads *u, struct upload_row *row)
{
    pthread_mutex_lock(&u->lock);
    row->touched_ms = clock_mono_ms(u->clock);
    row->busy = false;
    pthread_mutex_unlock(&u->lock);
}

void uploads_end(struct uploads *u, struct upload_row *row)
{
    content_put_abort(row->put);
    pthread_mutex_lock(&u->lock);
    *row = (struct upload_row){0};
    pthread_mutex_unlock(&u->lock);
}
