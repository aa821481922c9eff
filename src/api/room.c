/* SPDX-License-Identifier: Apache-2.0 */
/* What requests may add to the vault: while the disk has room, and each account so much a day. */
#include "api/routes.h"
#include "vault/lmdb.h"

/* Handlers that add rows which stay, of whatever size the client likes. What erases goes on to the
 * last byte; the rest (reading with its entries in the access log, an owner's keys and state) takes
 * half of what is kept free. */
static bool adds_rows(const struct api_route *r)
{
    status (*const adding[])(struct api_call *, struct err *) = {
        put_card, put_certificate, put_wrap, post_envelopes, post_note, post_registration};
    for (size_t i = 0; i < sizeof adding / sizeof adding[0]; i++)
        if (r->handle == adding[i])
            return true;
    return false;
}

status room_check(struct api_call *c, struct err *reterr)
{
    if (c->route->who == WHO_ANYONE || strcmp(c->route->method, "DELETE") == 0)
        return OK;
    return vault_lmdb_room(c->api->cfg.vault, adds_rows(c->route) ? 1 : 2, reterr);
}

static status take(struct api_call *c, struct quota *q, const addr20 *account, size_t n,
                   const char *what, struct err *reterr)
{
    status st = quota_take(q, account, clock_unix_s(c->api->cfg.clock), n, reterr);
    return st == OK ? OK : err_prefix(reterr, st, what);
}

status upload_count(struct api_call *c, size_t n, struct err *reterr)
{
    return take(c, &c->api->bytes, &c->account, n, "upload", reterr);
}

status upload_count_of(struct api_call *c, const addr20 *account, size_t n, struct err *reterr)
{
    return take(c, &c->api->bytes, account, n, "upload", reterr);
}

status log_count(struct api_call *c, size_t entries, struct err *reterr)
{
    return take(c, &c->api->log_bytes, &c->account, entries * LOG_ENTRY_BYTES, "access log",
                reterr);
}
