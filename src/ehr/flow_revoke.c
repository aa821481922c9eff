/* SPDX-License-Identifier: Apache-2.0 */
/* Revoking. */
#include "base/wipe.h"
#include "contract/registry_abi.h"
#include "ehr/flow_folder.h"
#include "ehr/flow_wrap.h"

#define CALL_BYTES ((size_t)64 << 10)

static const hash32 whole_folder;

struct revoking {
    const hash32 *folder;
    const addr20 *holder;
    uint64_t now;
};

static status revoking_apply(void *ctx, struct owner_state *s, struct err *reterr)
{
    const struct revoking *r = ctx;
    struct state_folder *f = state_folder_by_id(s, r->folder);
    if (f == NULL)
        return ERR(reterr, E_NOT_FOUND, "not one of your folders");
    state_grant_end(f, r->holder, r->now);
    return OK;
}

/* multicall(revoke, rotateFolder): both or neither. */
static status revoke_call(struct client *c, const struct folder_facts *facts, const addr20 *holder,
                          const hash32 *next_hash, struct err *reterr)
{
    struct buf parts[2];
    struct buf data;
    struct client_sent sent;
    buf_init(&parts[0], CALL_BYTES);
    buf_init(&parts[1], CALL_BYTES);
    buf_init(&data, CALL_BYTES);
    status put = registry_put_revoke(&parts[0], facts->folder, whole_folder, *holder);
    if (put == OK)
        put = registry_put_rotate_folder(&parts[1], facts->folder, facts->epoch, *next_hash);
    slice calls[2] = {buf_slice(&parts[0]), buf_slice(&parts[1])};
    if (put == OK)
        put = registry_put_multicall(&data, calls, 2);
    status st = flow_send_in(c, &facts->folder, put, &data, &sent, reterr);
    buf_done(&parts[0]);
    buf_done(&parts[1]);
    return st;
}

/* Unless the chain has it already: an earlier try may have come this far. */
static status revoke_on_chain(struct client *c, const hash32 *folder, const addr20 *holder,
                              struct err *reterr)
{
    struct registry_grant now;
    struct folder_facts facts;
    struct state_epoch next;
    status st = client_grant_get(c, folder, holder, &now, reterr);
    if (st != OK || now.status == REGISTRY_GRANT_REVOKED)
        return st;
    if (now.status != REGISTRY_GRANT_ACTIVE)
        return ERR(reterr, E_NOT_FOUND, "nothing was ever granted to this holder");
    st = client_folder_facts(c, folder, &facts, reterr);
    if (st == OK)
        st = flow_next_epoch(c, &facts, &next, reterr);
    if (st != OK)
        return st;
    st = revoke_call(c, &facts, holder, &next.key_hash, reterr);
    wipe(&next, sizeof next);
    /* Sent again when its answer was lost it is refused, though the first was mined. */
    if (st == E_REVERTED && client_grant_get(c, folder, holder, &now, NULL) == OK &&
        now.status == REGISTRY_GRANT_REVOKED)
        return OK;
    if (st == OK)
        st = client_grant_get(c, folder, holder, &now, reterr);
    if (st == OK && now.status != REGISTRY_GRANT_REVOKED)
        st = ERR(reterr, E_MISMATCH, "revoke: the chain does not hold it");
    return st;
}

/* The holder of the grant that who, an account or a holder, has in a folder of mine; of one that
 * has ended when there is no other, so that a revoke can be finished. */
static addr20 holder_find(const struct state_folder *f, const addr20 *who)
{
    const struct state_grant *g = f != NULL ? state_grant_of(f, who) : NULL;
    for (size_t i = 0; g == NULL && f != NULL && i < f->grants_n; i++)
        if (addr20_eq(f->grants[f->grants_n - 1 - i].account, *who))
            g = &f->grants[f->grants_n - 1 - i];
    return g != NULL ? g->holder : *who;
}

/* The chain, the wrap, the state. */
static status revoke_one(struct client *c, const hash32 *folder, const addr20 *holder,
                         struct err *reterr)
{
    struct revoking r = {folder, holder, clock_unix_s(c->clock)};
    struct client_change change = {revoking_apply, &r};
    status st = revoke_on_chain(c, folder, holder, reterr);
    if (st != OK)
        return st;
    st = vault_wrap_delete(c->vault, folder, holder, reterr);
    return st == OK || st == E_NOT_FOUND ? client_state_change(c, &change, reterr) : st;
}

/* Whatever else the chain has of the account, also where the state takes it for ended. */
static status revoke_others(struct client *c, const hash32 *folder, const addr20 *account,
                            struct err *reterr)
{
    status st = OK;
    for (size_t i = 0; st == OK; i++) {
        struct registry_grant now;
        const struct state_folder *f = state_folder_by_id(&c->state, folder);
        if (f == NULL || i >= f->grants_n)
            break;
        if (!addr20_eq(f->grants[i].account, *account))
            continue;
        addr20 holder = f->grants[i].holder;
        st = client_grant_get(c, folder, &holder, &now, reterr);
        if (st == OK && now.status == REGISTRY_GRANT_ACTIVE)
            st = revoke_one(c, folder, &holder, reterr);
    }
    return st;
}

status flow_revoke(struct client *c, const hash32 *folder, const addr20 *who, size_t *ret_kept,
                   struct err *reterr)
{
    status st = client_state(c, reterr);
    if (st != OK)
        return st;
    addr20 holder = holder_find(state_folder_by_id(&c->state, folder), who);
    st = revoke_one(c, folder, &holder, reterr);
    if (st == OK)
        st = revoke_others(c, folder, who, reterr);
    return st == OK ? flow_rewrap(c, folder, ret_kept, reterr) : st;
}
