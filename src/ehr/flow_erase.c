/* SPDX-License-Identifier: Apache-2.0 */
/* Erasing envelopes at the node. */
#include "ehr/flow_erase.h"

#include <stdio.h>

#include "base/hex.h"

status flow_envelope_erase(struct client *c, const hash32 *folder, const hash32 *inner,
                           bool *ret_erased, struct err *reterr)
{
    char id[67];
    char hex[67];
    char target[VAULT_NODE_TARGET];
    struct buf none;
    (void)snprintf(target, sizeof target, "/api/v1/folders/%s/envelopes/%s",
                   hex_0x(slice_of(folder->b, 32), id), hex_0x(slice_of(inner->b, 32), hex));
    struct vault_node_request q = {.method = "DELETE", .target = target};
    buf_init(&none, 4096);
    status st = vault_node_call(c->vault, &q, &none, NULL, reterr);
    buf_done(&none);
    *ret_erased = st == OK;
    return st == E_NOT_FOUND ? OK : st;
}

static status erase_one(struct client *c, const hash32 *folder, const hash32 *inner, size_t *erased,
                        struct err *reterr)
{
    bool was_there = false;
    status st = flow_envelope_erase(c, folder, inner, &was_there, reterr);
    *erased += was_there;
    return st;
}

/* The newest goes last: without it the node names the record no more, and nothing could go on. */
static status erase_all(struct client *c, const hash32 *folder, const struct told_record *r,
                        size_t *erased, struct err *reterr)
{
    status st = OK;
    for (size_t i = 0; st == OK && i < r->history_n; i++)
        if (!hash32_eq(r->history[i].inner, r->now.inner))
            st = erase_one(c, folder, &r->history[i].inner, erased, reterr);
    return st == OK ? erase_one(c, folder, &r->now.inner, erased, reterr) : st;
}

status flow_erase(struct client *c, const hash32 *folder, const struct told_record *r,
                  size_t *ret_erased, struct err *reterr)
{
    struct folder_access f;
    *ret_erased = 0;
    if (r->status != RECORD_REMOVED)
        return ERR(reterr, E_CONFLICT, "the record is %s: only what was removed can be erased",
                   record_status_text(r->status));
    status st = folder_access_open(c, folder, &f, reterr);
    if (st != OK)
        return st;
    if (!f.mine)
        st = ERR(reterr, E_FORBIDDEN, "only a folder's owner can erase what was removed from it");
    folder_access_done(&f);
    return st == OK ? erase_all(c, folder, r, ret_erased, reterr) : st;
}
