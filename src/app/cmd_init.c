/* SPDX-License-Identifier: Apache-2.0 */
/* "ehr init": learn a node's chain and contract, and keep them. */
#include <stdio.h>
#include <unistd.h>

#include "app/commands.h"
#include "base/hex.h"
#include "base/limits.h"
#include "ehr/members.h"

static status chain_id_of(struct json v, uint64_t *ret, struct err *reterr)
{
    slice s;
    uint64_t n = 0;
    status st = json_str(v, &s, reterr);
    for (size_t i = 0; st == OK && i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9' || i > 18)
            return json_err(reterr, E_RANGE, v, "no chain id");
        n = n * 10 + (uint64_t)(s.p[i] - '0');
    }
    if (st == OK)
        *ret = n;
    return st;
}

static status node_read(struct json v, struct cli_config *g, struct err *reterr)
{
    slice origin;
    status st = chain_id_of(json_get(v, "chainId"), &g->chain_id, reterr);
    if (st == OK)
        st = json_hex_addr(json_get(v, "proxy"), &g->proxy, reterr);
    if (st == OK)
        st = json_hex_addr(json_get(v, "forwarder"), &g->forwarder, reterr);
    if (st == OK)
        st = json_hex_addr(json_get(v, "nodeAddress"), &g->node_address, reterr);
    g->has_authority = !json_is_absent(json_get(v, "authority"));
    if (st == OK && g->has_authority)
        st = json_hex_addr(json_get(v, "authority"), &g->authority, reterr);
    if (st == OK)
        st = json_str(json_get(v, "origin"), &origin, reterr);
    if (st != OK)
        return err_prefix(reterr, st, "GET /api/v1/node");
    if (members_text(origin, g->origin, sizeof g->origin) != OK)
        return ERR(reterr, E_RANGE, "origin: too long, or holds control characters");
    return OK;
}

/* What the node says of itself, into g. */
static status node_ask(struct cli_config *g, struct err *reterr)
{
    struct http_client *http = NULL;
    struct http_answer ans = {0};
    struct arena a;
    struct json_doc doc;
    char url[VAULT_NODE_URL + 32];
    (void)snprintf(url, sizeof url, "%s/api/v1/node", g->node);
    struct http_call call = {.method = "GET", .url = url};
    arena_init(&a, LIMIT_HTTP_BODY_SMALL, false);
    status st = http_client_new(&(struct http_client_options){.user_agent = "ehr"}, &http, reterr);
    if (st == OK)
        st = http_client_call(http, &call, &ans, reterr);
    if (st == OK && ans.code != 200)
        st = vault_node_refusal(ans.code, buf_slice(&ans.body), reterr);
    if (st == OK)
        st = json_read(buf_slice(&ans.body), &a, &doc, reterr);
    if (st == OK)
        st = node_read(json_root(&doc), g, reterr);
    http_answer_done(&ans);
    http_client_free(http);
    arena_done(&a);
    return st;
}

static status url_take(const char *text, char out[VAULT_NODE_URL], struct err *reterr)
{
    size_t n = strlen(text);
    while (n > 0 && text[n - 1] == '/')
        n--;
    if (n == 0 || n >= VAULT_NODE_URL ||
        (strncmp(text, "http://", 7) != 0 && strncmp(text, "https://", 8) != 0))
        return ERR(reterr, E_USAGE, "\"%.100s\" is no http:// or https:// URL", text);
    memcpy(out, text, n);
    out[n] = 0;
    return OK;
}

/* Requests are signed for the origin that the node names: one that names another node's could hand
 * them on to it. */
static status origin_check(const struct cli_config *g, const char *origin, struct err *reterr)
{
    if (strcmp(g->origin, origin != NULL ? origin : g->node) == 0)
        return OK;
    return ERR(reterr, E_MISMATCH,
               "the origin is to be \"%s\", the node says it is \"%s\": use that URL, or add "
               "--origin with it if you know why",
               origin != NULL ? origin : g->node, g->origin);
}

status cli_origin_explain(struct cli *c, status st, struct err *reterr)
{
    struct err was = *reterr;
    struct cli_config told = c->cfg;
    if (st != E_SIGNATURE || c->http == NULL || node_ask(&told, NULL) != OK ||
        strcmp(told.origin, c->cfg.origin) == 0)
        return st;
    return ERR(reterr, st,
               "this home has pinned the origin \"%s\", the node says it is \"%s\": run \"ehr init "
               "--node\" with that URL, or with the old one and --origin if you know why (%s)",
               c->cfg.origin, told.origin, was.msg);
}

#define WALLET_QUESTION                                                                            \
    "Wallet mode uses your account's own address for your folders and grants. Everybody who\n"     \
    "reads the chain will see which accounts belong together: who treats whom, since when, how\n"  \
    "often something is written. Without it (relationship mode) each folder and each grant has\n"  \
    "an address of its own and the chain shows none of this. Use wallet mode?"

/* The mode that is asked for, the present one otherwise, relationship mode in a new home. */
static status mode_take(struct cli *c, bool wallet, bool relationship, bool before, bool *ret,
                        struct err *reterr)
{
    *ret = wallet || (before && !relationship);
    return *ret && !before ? cli_confirm(c, WALLET_QUESTION, reterr) : OK;
}

static bool same_authority(const struct cli_config *a, const struct cli_config *b)
{
    return a->has_authority == b->has_authority && addr20_eq(a->authority, b->authority);
}

/* What this home lacks. */
static void next_print(const struct cli *c, const struct cli_config *g)
{
    if (g->account[0] == 0)
        printf("Next: ehr account new NAME\n");
    else if (!cli_identity_exists(c, g->account))
        printf("The account %s is used, which has a key only. If it is to have folders:\n"
               "  ehr identity new %s\n",
               g->account, g->account);
    else
        printf("The account %s is used.\n", g->account);
}

static void init_print(struct cli *c, const struct cli_config *g)
{
    char proxy[43];
    char forwarder[43];
    char authority[43];
    if (!c->json) {
        printf("node      %s\nchain     %llu\nregistry  %s\nforwarder %s\nauthority %s\n"
               "mode      %s\n\n",
               g->node, (unsigned long long)g->chain_id, hex_0x(slice_of(g->proxy.b, 20), proxy),
               hex_0x(slice_of(g->forwarder.b, 20), forwarder),
               g->has_authority ? hex_0x(slice_of(g->authority.b, 20), authority)
                                : "none: blocks are not signed",
               g->wallet_mode ? "wallet: the chain shows which accounts belong together"
                              : "relationship: an address for each folder and grant");
        next_print(c, g);
        return;
    }
    jw_key(&c->w, "node"), jw_cstr(&c->w, g->node);
    jw_key(&c->w, "chainId"), jw_printf(&c->w, "%llu", (unsigned long long)g->chain_id);
    jw_addr(&c->w, "proxy", &g->proxy);
    jw_addr(&c->w, "forwarder", &g->forwarder);
    jw_addr(&c->w, "nodeAddress", &g->node_address);
    if (g->has_authority)
        jw_addr(&c->w, "authority", &g->authority);
    jw_key(&c->w, "walletMode"), jw_bool(&c->w, g->wallet_mode);
}

/* All but the account in use, which another command may have chosen meanwhile; the only one that
 * was made before is it now. */
static status config_replace(struct cli *c, struct cli_config *g, struct err *reterr)
{
    int lock;
    status st = cli_home_lock(c, &lock, reterr);
    if (st != OK)
        return st;
    c->cfg = (struct cli_config){.loaded = false};
    if (cli_config_load(c, NULL) == OK)
        memcpy(g->account, c->cfg.account, sizeof g->account);
    const char *only = g->account[0] == 0 ? cli_only_account(c) : NULL;
    if (only != NULL)
        (void)snprintf(g->account, sizeof g->account, "%s", only);
    c->cfg = *g;
    c->cfg.loaded = true;
    st = cli_config_save(c, reterr);
    (void)close(lock);
    return st;
}

status cmd_init(struct cli *c, struct args *a, struct err *reterr)
{
    const char *node;
    const char *second;
    const char *origin;
    struct cli_config g = {0};
    bool wallet = args_flag(a, "--wallet-mode");
    bool relationship = args_flag(a, "--relationship-mode");
    status st = args_value(a, "--node", &node, reterr);
    if (st == OK && wallet && relationship)
        st = ERR(reterr, E_USAGE, "one of --wallet-mode and --relationship-mode");
    if (st == OK)
        st = args_value(a, "--second-ledger", &second, reterr);
    if (st == OK)
        st = args_value(a, "--origin", &origin, reterr);
    if (st == OK)
        st = args_end(a, 0, 0, reterr);
    if (st == OK && node == NULL)
        st = ERR(reterr, E_USAGE, "--node URL is needed");
    if (st == OK)
        st = url_take(node, g.node, reterr);
    if (st == OK && second != NULL)
        st = url_take(second, g.second_ledger, reterr);
    if (st == OK)
        st = node_ask(&g, reterr);
    if (st == OK)
        st = origin_check(&g, origin, reterr);
    if (st != OK)
        return st;
    if (cli_config_load(c, NULL) == OK) {
        if (c->cfg.chain_id != g.chain_id || !addr20_eq(c->cfg.proxy, g.proxy))
            st = cli_confirm(c,
                             "This home belongs to another chain or registry, whose identities "
                             "cannot be used with this one. Go on?",
                             reterr);
        else if (c->cfg.has_authority && !same_authority(&c->cfg, &g))
            st = cli_confirm(c,
                             "The blocks of this chain were signed by an authority that this home "
                             "has pinned; the node names another one, or none. Trust it instead?",
                             reterr);
        memcpy(g.account, c->cfg.account, sizeof g.account);
    }
    if (st == OK)
        st = mode_take(c, wallet, relationship, c->cfg.loaded && c->cfg.wallet_mode, &g.wallet_mode,
                       reterr);
    if (st != OK)
        return st;
    st = config_replace(c, &g, reterr);
    if (st == OK)
        init_print(c, &g);
    return st;
}
