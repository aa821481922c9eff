/* SPDX-License-Identifier: Apache-2.0 */
/* What requests may add to the vault: while the disk has room, and each account so much a day. */
#include "api/routes.h"
#include "vault/lmdb.h"

typedef status (*handler)(struct api_call *, struct err *);

static bool is_one_of(const struct api_route *r, const handler *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (r->handle == list[i])
            return true;
    return false;
}

/* Handlers that add rows which stay, of whatever size the client likes. */
static bool adds_rows(const struct api_route *r)
{
    static const handler list[] = {put_card,       put_certificate, put_wrap,
                                   post_envelopes, post_note,       post_registration};
    return is_one_of(r, list, sizeof list / sizeof list[0]);
}

/* Handlers that revoking needs beside the relay: the owner's state, the certificate of the address
 * that owns the folder, the folder's next key and its wraps for those who keep a grant. */
static bool revokes(const struct api_route *r)
{
    static const handler list[] = {get_state,       put_state,       get_certificate,
                                   put_certificate, get_folder_keys, put_folder_key,
                                   get_wrap,        put_wrap};
    return is_one_of(r, list, sizeof list / sizeof list[0]);
}

/* What erases goes on to the last byte; what revokes takes three quarters of what is kept free,
 * each account a little of it; the rest (reading with its entries in the access log) takes half. */
status room_check(struct api_call *c, struct err *reterr)
{
    const struct api_route *r = c->route;
    if (r->who == WHO_ANYONE || strcmp(r->method, "DELETE") == 0)
        return OK;
    status st = vault_lmdb_room(c->api->cfg.vault, adds_rows(r) ? 1 : 2, reterr);
    if (st != E_NO_SPACE || !revokes(r))
        return st;
    c->on_last_bytes = true;
    return vault_lmdb_room(c->api->cfg.vault, 4, reterr);
}

static status take(struct api_call *c, struct quota *q, const addr20 *account, size_t n,
                   const char *what, struct err *reterr)
{
    if (c->on_last_bytes) {
        q = &c->api->last_bytes;
        what = "nearly full disk";
    }
    status st = quota_take(q, account, clock_unix_s(c->api->cfg.clock), n, reterr);
    return st == OK ? OK : err_prefix(reterr, st, what);
}

status upload_count(struct api_call *c, size_t n, struct err *reterr)
{
    return take(c, &c->api->bytes, &c->account, n, "upload", reterr);
}

status upload_fits(struct api_call *c, struct err *reterr)
{
    uint64_t n = http_request_body_len(c->req);
    if (n == HTTP_LEN_UNKNOWN)
        return OK; /* counted as it comes */
    uint64_t now = clock_unix_s(c->api->cfg.clock);
    status st = quota_fits(&c->api->bytes, &c->account, now, n, reterr);
    return st == OK ? OK : err_prefix(reterr, st, "upload");
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
