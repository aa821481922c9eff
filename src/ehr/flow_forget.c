/* SPDX-License-Identifier: Apache-2.0 */
/* Giving up what others shared. */
#include "ehr/flow_folder.h"

static status forget_apply(void *ctx, struct owner_state *s, struct err *reterr)
{
    (void)reterr;
    state_shared_drop(s, ctx);
    return OK;
}

status flow_forget(struct client *c, const hash32 *folder, struct err *reterr)
{
    hash32 id = *folder;
    struct client_change change = {forget_apply, &id};
    status st = client_state(c, reterr);
    if (st != OK)
        return st;
    const struct grant_note *n = state_shared_by_id(&c->state, folder);
    if (n == NULL)
        return ERR(reterr, E_NOT_FOUND, "nobody shares this folder with you");
    /* The certificate first: without the note its holder would not be known any more. */
    if (n->is_stealth)
        st = vault_cert_delete(c->vault, &n->holder, reterr);
    if (st == E_NOT_FOUND)
        st = OK; /* never used, erased before, or over */
    return st == OK ? client_state_change(c, &change, reterr) : st;
}
