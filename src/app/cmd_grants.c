/* SPDX-License-Identifier: Apache-2.0 */
/* "ehr grants": who may use a folder. The node names the holders; what each may do is the chain's
 * word; whom the owner itself granted to stands in the owner state, which names those that the node
 * must not leave out, and tells a grant that somebody else made. */
#include <stdio.h>

#include "app/commands.h"
#include "base/hex.h"
#include "base/limits.h"
#include "contract/registry_abi.h"

struct listing {
    struct cli *c;
    const hash32 *folder;
    const struct state_folder *own; /* NULL: the state does not have it */
    size_t n;
    size_t foreign; /* live ones that the state does not know */
};

static const struct state_grant *known_as(const struct listing *l, const addr20 *holder)
{
    for (size_t i = 0; l->own != NULL && i < l->own->grants_n; i++)
        if (addr20_eq(l->own->grants[i].holder, *holder))
            return &l->own->grants[i];
    return NULL;
}

static const char *standing(const struct registry_grant *g)
{
    if (g->status == REGISTRY_GRANT_REVOKED)
        return "revoked";
    return g->not_after <= clock_unix_s(&clock_system) ? "expired" : "active";
}

/* scope: a record's id, or zero. We make none of a single record. */
static void grant_put(struct listing *l, const hash32 *scope, const addr20 *holder,
                      const struct registry_grant *g)
{
    struct cli *c = l->c;
    char name[STATE_NAME + 1];
    char when[32];
    bool whole = hash32_is_zero(*scope);
    bool known = whole && known_as(l, holder) != NULL;
    bool foreign = !known && l->own != NULL && strcmp(standing(g), "active") == 0;
    l->n++;
    l->foreign += foreign ? 1 : 0;
    if (c->json) {
        jw_object(&c->w);
        jw_key(&c->w, "name"), jw_cstr(&c->w, cli_name_of(c, holder, name));
        jw_addr(&c->w, "holder", holder);
        if (!whole)
            jw_hash(&c->w, "recordId", scope);
        jw_key(&c->w, "permissions"), jw_u64(&c->w, g->permissions);
        jw_key(&c->w, "notAfter"), jw_u64(&c->w, g->not_after);
        jw_key(&c->w, "status"), jw_cstr(&c->w, standing(g));
        jw_key(&c->w, "known"), jw_bool(&c->w, known);
        jw_end(&c->w);
        return;
    }
    cli_print_text(slice_str(cli_name_of(c, holder, name)), 42);
    printf("  %c%c%c%c  until %s  %s%s%s\n", g->permissions & REGISTRY_VIEW ? 'v' : '-',
           g->permissions & REGISTRY_ADD ? 'a' : '-', g->permissions & REGISTRY_AMEND ? 'm' : '-',
           g->permissions & REGISTRY_REMOVE ? 'r' : '-', cli_time(g->not_after, when), standing(g),
           whole ? "" : ", one record", foreign ? ", NOT GRANTED BY YOU" : "");
}

static status told(struct listing *l, struct json v, struct err *reterr)
{
    addr20 holder;
    hash32 scope;
    struct registry_grant g;
    status st = json_hex_addr(json_get(v, "holder"), &holder, reterr);
    if (st == OK)
        st = json_hex_hash(json_get(v, "scope"), &scope, reterr);
    if (st == OK)
        st = client_grant_in(&l->c->client, l->folder, &scope, &holder, &g, reterr);
    if (st == OK && g.status != REGISTRY_GRANT_ACTIVE && g.status != REGISTRY_GRANT_REVOKED)
        st = ERR(reterr, E_MISMATCH, "the node names a grant that the chain does not have");
    if (st == OK)
        grant_put(l, &scope, &holder, &g);
    return st;
}

static bool is_told(struct json list, const addr20 *holder)
{
    addr20 a;
    for (struct json_iter it = json_iter(list); json_next(&it);)
        if (json_hex_addr(json_get(it.value, "holder"), &a, NULL) == OK && addr20_eq(a, *holder))
            return true;
    return false;
}

/* What was begun and never came to the chain is in the state, too. */
static status none_left_out(const struct listing *l, struct json list, struct err *reterr)
{
    uint64_t now = clock_unix_s(&clock_system);
    for (size_t i = 0; l->own != NULL && i < l->own->grants_n; i++) {
        const struct state_grant *g = &l->own->grants[i];
        struct registry_grant on_chain;
        if (g->ended != 0 || g->not_after <= now || is_told(list, &g->holder))
            continue;
        status st = client_grant_get(&l->c->client, l->folder, &g->holder, &on_chain, reterr);
        if (st == OK && on_chain.status == REGISTRY_GRANT_ACTIVE && on_chain.not_after > now)
            st = ERR(reterr, E_MISMATCH, "the node leaves out the grant of %s", g->name);
        if (st != OK)
            return st;
    }
    return OK;
}

/* ret: reads from a. */
static status list_get(struct cli *c, const hash32 *folder, struct arena *a, struct json_doc *ret,
                       struct err *reterr)
{
    char id[67];
    char target[VAULT_NODE_TARGET];
    struct buf answer;
    (void)snprintf(target, sizeof target, "/api/v1/folders/%s/grants",
                   hex_0x(slice_of(folder->b, sizeof folder->b), id));
    struct vault_node_request r = {.method = "GET", .target = target};
    buf_init(&answer, LIMIT_HTTP_ANSWER);
    status st = vault_node_call(c->client.vault, &r, &answer, NULL, reterr);
    slice text = st == OK ? arena_dup(a, buf_slice(&answer)) : SLICE_EMPTY;
    buf_done(&answer);
    if (st == OK && text.p == NULL)
        st = ERR(reterr, E_NOMEM, "grants");
    return st == OK ? json_read(text, a, ret, reterr) : st;
}

static void tell_foreign(const struct listing *l)
{
    if (l->foreign > 0)
        printf(
            "%zu of them your own record of grants does not have: somebody else with the key of "
            "this folder made them, or your record was\nreplaced by one from before. \"ehr revoke "
            "0x... FOLDER\" ends one; if your identity was stolen, see \"ehr transfer\".\n",
            l->foreign);
}

static status grants_show(struct cli *c, const hash32 *folder, struct err *reterr)
{
    struct arena a;
    struct json_doc doc;
    struct json list = {0};
    struct listing l = {c, folder, state_folder_by_id(&c->client.state, folder), 0, 0};
    arena_init(&a, 2 * LIMIT_HTTP_ANSWER, false);
    status st = list_get(c, folder, &a, &doc, reterr);
    if (st == OK)
        list = json_get(json_root(&doc), "grants");
    jw_key(&c->w, "grants"), jw_array(&c->w);
    for (struct json_iter it = json_iter(list); st == OK && json_next(&it);)
        st = told(&l, it.value, reterr);
    jw_end(&c->w);
    if (st == OK)
        st = none_left_out(&l, list, reterr);
    if (st == OK && !c->json && l.n == 0)
        printf("Nobody has a grant.\n");
    else if (st == OK && !c->json)
        tell_foreign(&l);
    arena_done(&a);
    return st;
}

status cmd_grants(struct cli *c, struct args *a, struct err *reterr)
{
    hash32 folder;
    status st = args_end(a, 1, 1, reterr);
    if (st == OK)
        st = cli_open(c, reterr);
    if (st == OK)
        st = cli_folder(c, a->v[0], &folder, reterr);
    if (st == OK)
        st = client_state(&c->client, reterr);
    return st == OK ? grants_show(c, &folder, reterr) : st;
}
