/* SPDX-License-Identifier: Apache-2.0 */
/* "ehr grants": who may use a folder. The node names the holders; what each may do is proved by the
 * chain; whom the owner itself granted to stands in the owner state, which names those that the
 * node must not leave out, and tells a grant that somebody else made. */
#include <stdio.h>

#include "app/commands.h"
#include "base/hex.h"
#include "base/limits.h"
#include "ehr/slot_prove.h"

struct listing {
    struct cli *c;
    const hash32 *folder;
    const struct state_folder *own; /* NULL: the state does not have it */
    struct arena *a;
    struct proved_grant *grant; /* those told, then those that the state has besides */
    size_t told;
    size_t n;
    size_t foreign; /* live ones that the state does not have so */
    struct ledger_block block;
    bool vouched;
};

static const char *standing(const struct registry_grant *g)
{
    if (g->status == REGISTRY_GRANT_REVOKED)
        return "revoked";
    return g->not_after <= clock_unix_s(&clock_system) ? "expired" : "active";
}

static bool is_active(const struct registry_grant *g)
{
    return g->status == REGISTRY_GRANT_ACTIVE && g->not_after > clock_unix_s(&clock_system);
}

static const struct state_grant *known_as(const struct listing *l, const addr20 *holder)
{
    for (size_t i = 0; l->own != NULL && i < l->own->grants_n; i++)
        if (addr20_eq(l->own->grants[i].holder, *holder))
            return &l->own->grants[i];
    return NULL;
}

/* --- asking ---------------------------------------------------------------------------------- */

static status list_get(const struct listing *l, struct json_doc *ret, struct err *reterr)
{
    char id[67];
    char target[VAULT_NODE_TARGET];
    struct buf answer;
    (void)snprintf(target, sizeof target, "/api/v1/folders/%s/grants",
                   hex_0x(slice_of(l->folder->b, sizeof l->folder->b), id));
    struct vault_node_request r = {.method = "GET", .target = target};
    buf_init(&answer, LIMIT_HTTP_ANSWER);
    status st = vault_node_call(l->c->client.vault, &r, &answer, NULL, reterr);
    slice text = st == OK ? arena_dup(l->a, buf_slice(&answer)) : SLICE_EMPTY;
    buf_done(&answer);
    if (st == OK && text.p == NULL)
        st = ERR(reterr, E_NOMEM, "grants");
    return st == OK ? json_read(text, l->a, ret, reterr) : st;
}

static bool is_told(const struct listing *l, const addr20 *holder)
{
    for (size_t i = 0; i < l->told; i++)
        if (hash32_is_zero(l->grant[i].scope) && addr20_eq(l->grant[i].holder, *holder))
            return true;
    return false;
}

/* The holders that the node names, and those of the state that it does not. */
static status holders_take(struct listing *l, struct json list, struct err *reterr)
{
    size_t most = json_count(list) + (l->own != NULL ? l->own->grants_n : 0);
    status st = OK;
    l->grant = arena_array(l->a, most > 0 ? most : 1, sizeof *l->grant);
    if (l->grant == NULL)
        return ERR(reterr, E_NOMEM, "grants");
    for (struct json_iter it = json_iter(list); st == OK && json_next(&it); l->told++) {
        struct proved_grant *g = &l->grant[l->told];
        st = json_hex_addr(json_get(it.value, "holder"), &g->holder, reterr);
        if (st == OK)
            st = json_hex_hash(json_get(it.value, "scope"), &g->scope, reterr);
    }
    l->n = l->told;
    for (size_t i = 0; l->own != NULL && i < l->own->grants_n; i++)
        if (!is_told(l, &l->own->grants[i].holder))
            l->grant[l->n++] = (struct proved_grant){.holder = l->own->grants[i].holder};
    return st;
}

/* What was begun and never came to the chain is in the state, too. */
static status list_check(const struct listing *l, struct err *reterr)
{
    for (size_t i = 0; i < l->told; i++)
        if (l->grant[i].now.status == 0)
            return ERR(reterr, E_MISMATCH, "the node names a grant that the chain does not have");
    for (size_t i = l->told; i < l->n; i++)
        if (is_active(&l->grant[i].now))
            return ERR(reterr, E_MISMATCH, "the node leaves out the grant of %s",
                       known_as(l, &l->grant[i].holder)->name);
    return OK;
}

static status grants_get(struct listing *l, struct err *reterr)
{
    struct json_doc doc;
    struct client *c = &l->c->client;
    status st = list_get(l, &doc, reterr);
    if (st == OK)
        st = holders_take(l, json_get(json_root(&doc), "grants"), reterr);
    if (st == OK)
        st = grants_prove(c->ledger, &c->net.proxy, l->folder, l->grant, l->n, l->a, &l->block,
                          &l->vouched, reterr);
    return st == OK ? list_check(l, reterr) : st;
}

/* --- telling --------------------------------------------------------------------------------- */

/* Than the owner state has it, which is changed before the chain. */
static bool is_wider(const struct registry_grant *g, const struct state_grant *own)
{
    return (g->permissions & ~own->permissions) != 0 || g->not_after > own->not_after;
}

static void grant_print(struct listing *l, const struct proved_grant *p)
{
    struct cli *c = l->c;
    const struct registry_grant *g = &p->now;
    char name[STATE_NAME + 1];
    char when[32];
    bool whole = hash32_is_zero(p->scope); /* we make none of a single record */
    const struct state_grant *own = whole ? known_as(l, &p->holder) : NULL;
    bool known = own != NULL && (own->ended == 0 || !is_active(g));
    const char *more = l->own == NULL || !is_active(g) ? ""
                       : !known                        ? ", NOT GRANTED BY YOU"
                       : is_wider(g, own)              ? ", MORE THAN YOU GRANTED"
                                                       : "";
    l->foreign += *more != 0 ? 1 : 0;
    if (c->json) {
        jw_object(&c->w);
        jw_key(&c->w, "name"), jw_cstr(&c->w, cli_name_of(c, &p->holder, name));
        jw_addr(&c->w, "holder", &p->holder);
        if (!whole)
            jw_hash(&c->w, "recordId", &p->scope);
        jw_key(&c->w, "permissions"), jw_u64(&c->w, g->permissions);
        jw_key(&c->w, "notAfter"), jw_u64(&c->w, g->not_after);
        jw_key(&c->w, "status"), jw_cstr(&c->w, standing(g));
        jw_key(&c->w, "known"), jw_bool(&c->w, known);
        jw_key(&c->w, "wider"), jw_bool(&c->w, known && is_active(g) && is_wider(g, own));
        jw_end(&c->w);
        return;
    }
    cli_print_text(slice_str(cli_name_of(c, &p->holder, name)), 42);
    printf("  %c%c%c%c  until %s  %s%s%s\n", g->permissions & REGISTRY_VIEW ? 'v' : '-',
           g->permissions & REGISTRY_ADD ? 'a' : '-', g->permissions & REGISTRY_AMEND ? 'm' : '-',
           g->permissions & REGISTRY_REMOVE ? 'r' : '-', cli_time(g->not_after, when), standing(g),
           whole ? "" : ", one record", more);
}

static void end_print(const struct listing *l)
{
    if (l->told == 0)
        printf("Nobody has a grant.\n");
    else
        printf("\n%zu grant(s), proved against block %llu%s.\n", l->told,
               (unsigned long long)l->block.number, l->vouched ? ", vouched for" : "");
    if (l->foreign > 0)
        printf(
            "%zu of them your own record of grants does not have so: somebody else with the key of "
            "this folder made them, a change was\ncut off (repeat it), or your record was replaced "
            "by one from before. \"ehr revoke 0x... FOLDER\" ends one; if your\nidentity was "
            "stolen, see \"ehr transfer\".\n",
            l->foreign);
}

static void grants_print(struct listing *l)
{
    struct cli *c = l->c;
    jw_key(&c->w, "grants"), jw_array(&c->w);
    for (size_t i = 0; i < l->told; i++)
        grant_print(l, &l->grant[i]);
    jw_end(&c->w);
    jw_key(&c->w, "block"), jw_u64(&c->w, l->block.number);
    jw_key(&c->w, "blockVouched"), jw_bool(&c->w, l->vouched);
    if (!c->json)
        end_print(l);
}

status cmd_grants(struct cli *c, struct args *a, struct err *reterr)
{
    hash32 folder;
    struct arena arena;
    status st = args_end(a, 1, 1, reterr);
    if (st == OK)
        st = cli_open(c, reterr);
    if (st == OK)
        st = cli_folder(c, a->v[0], &folder, reterr);
    if (st == OK)
        st = client_state(&c->client, reterr);
    if (st != OK)
        return st;
    arena_init(&arena, 4 * LIMIT_HTTP_ANSWER, false);
    struct listing l = {.c = c,
                        .folder = &folder,
                        .own = state_folder_by_id(&c->client.state, &folder),
                        .a = &arena};
    st = grants_get(&l, reterr);
    if (st == OK)
        grants_print(&l);
    arena_done(&arena);
    return st;
}
