/* SPDX-License-Identifier: Apache-2.0 */
/* Grants in a moved folder that no owner state names any more. */
#include <stdio.h>
#include <stdlib.h>

#include "base/hex.h"
#include "base/limits.h"
#include "codec/json.h"
#include "contract/registry_abi.h"
#include "ehr/flow_transfer.h"

static status holders_ask(struct client *c, const hash32 *folder, struct arena *a,
                          struct json_doc *ret, struct err *reterr)
{
    char id[67];
    char target[VAULT_NODE_TARGET];
    struct buf answer;
    (void)snprintf(target, sizeof target, "/api/v1/folders/%s/grants",
                   hex_0x(slice_of(folder->b, sizeof folder->b), id));
    struct vault_node_request r = {.method = "GET", .target = target};
    buf_init(&answer, LIMIT_HTTP_ANSWER);
    status st = vault_node_call(c->vault, &r, &answer, NULL, reterr);
    slice text = st == OK ? arena_dup(a, buf_slice(&answer)) : SLICE_EMPTY;
    buf_done(&answer);
    if (st == OK && text.p == NULL)
        st = ERR(reterr, E_NOMEM, "grants");
    return st == OK ? json_read(text, a, ret, reterr) : st;
}

static status unknown_end(struct client *c, const hash32 *folder, struct json v, struct err *reterr)
{
    addr20 holder;
    hash32 scope;
    struct registry_grant now;
    size_t kept;
    const struct state_folder *f = state_folder_by_id(&c->state, folder);
    status st = json_hex_addr(json_get(v, "holder"), &holder, reterr);
    if (st == OK)
        st = json_hex_hash(json_get(v, "scope"), &scope, reterr);
    if (st != OK || !hash32_is_zero(scope) || f == NULL || state_grant_find(f, &holder) != NULL)
        return st;
    st = client_grant_get(c, folder, &holder, &now, reterr);
    if (st != OK || now.status != REGISTRY_GRANT_ACTIVE)
        return st;
    return flow_revoke(c, folder, &holder, &kept, reterr);
}

status flow_transfer_rest(struct client *c, const hash32 *folder, struct err *reterr)
{
    struct arena a;
    struct json_doc doc;
    arena_init(&a, 2 * LIMIT_HTTP_ANSWER, false);
    status st = holders_ask(c, folder, &a, &doc, reterr);
    struct json list = st == OK ? json_get(json_root(&doc), "grants") : (struct json){0};
    for (struct json_iter it = json_iter(list); st == OK && json_next(&it);)
        st = unknown_end(c, folder, it.value, reterr);
    arena_done(&a);
    return st;
}
