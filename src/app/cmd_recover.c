/* SPDX-License-Identifier: Apache-2.0 */
/* "ehr recover": everything of a person on an empty machine, from the recovery code or from an
 * identity file and its passphrase. */
#include <stdio.h>

#include "app/commands.h"
#include "app/restore.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/limits.h"
#include "contract/registry_abi.h"
#include "ehr/flow_recover.h"

struct source {
    bool accept; /* --accept-state */
    const char *node;
    const char *code_fd;
    const char *file;
    bool code; /* --code: ask for it */
    bool light;
};

/* An identity file names its node; for a code --node does, or config.json. */
static status home_make(struct cli *c, const char *node, struct err *reterr)
{
    char url[VAULT_NODE_URL];
    char option[] = "--node";
    char *words[] = {option, url};
    struct args a = {2, words};
    if (cli_config_load(c, NULL) == OK)
        return OK;
    if (node == NULL || strlen(node) >= sizeof url)
        return ERR(reterr, E_USAGE, "which node? --node URL");
    (void)snprintf(url, sizeof url, "%s", node);
    bool json = c->json;
    c->json = true; /* it tells nothing by itself */
    status st = cmd_init(c, &a, reterr);
    c->json = json;
    return st;
}

/* The account's key is the identity's when the chain knows its address. */
static status account_find(struct cli *c, struct restored *r, struct err *reterr)
{
    struct registry_account account;
    if (identity_scalar(&r->id, "account", &r->key) != OK || secp_key_addr(&r->key, &r->addr) != OK)
        return ERR(reterr, E_INTERNAL, "the account's key cannot be derived");
    status st = cli_open_public(c, reterr);
    if (st == OK)
        st = client_account_get(&c->client, &r->addr, &account, reterr);
    r->has_account = st == OK && account.status != REGISTRY_ACCOUNT_NONE;
    return st;
}

static status file_open(struct cli *c, const struct source *s, struct restored *r,
                        struct err *reterr)
{
    struct buf text;
    slice pass;
    buf_init(&text, (size_t)64 << 10);
    status st = file_read(s->file, &text, reterr);
    if (st == OK)
        st = cli_passphrase(c, false, &pass, reterr);
    if (st == OK)
        st = identity_open(buf_slice(&text), pass, &r->id, reterr);
    buf_done(&text);
    if (st == OK)
        st = home_make(c, s->node != NULL ? s->node : r->id.node, reterr);
    if (st == OK &&
        (r->id.net.chain_id != c->cfg.chain_id || !addr20_eq(r->id.net.proxy, c->cfg.proxy)))
        st = ERR(reterr, E_MISMATCH, "the identity belongs to another registry");
    return st == OK ? account_find(c, r, reterr) : st;
}

/* Key and identity into the home, unless they are there already. */
static status keys_restore(struct cli *c, const char *name, const struct source *s,
                           struct err *reterr)
{
    struct restored r = {.has_account = false};
    status st = OK;
    if (s->file != NULL)
        st = file_open(c, s, &r, reterr);
    else if (st == OK && (st = home_make(c, s->node, reterr)) == OK &&
             (s->code || s->code_fd != NULL))
        st = restore_code_open(c, s->code_fd, &r, reterr);
    bool any = s->file != NULL || s->code || s->code_fd != NULL;
    if (st == OK && any)
        st = restore_check(c, name, &r, reterr);
    if (st == OK && any)
        st = restore_store(c, name, &r, s->light, reterr);
    if (st == OK && any && !r.has_account)
        st = ERR(reterr, E_NOT_FOUND,
                 "the identity is back, but the account's key is not in it: \"ehr account import "
                 "%s\", then \"ehr recover %s\"",
                 name, name);
    identity_done(&r.id);
    secp_key_done(&r.key);
    return st;
}

/* --- names ----------------------------------------------------------------------------------- */

static status name_put(struct cli *c, const char *name, const addr20 *addr, const hash32 *card,
                       size_t *n, struct err *reterr)
{
    struct person p = {.addr = *addr, .card = *card};
    struct person other;
    if (name[0] == 0 || strncmp(name, "0x", 2) == 0 || strlen(name) > STATE_NAME ||
        cli_person(c, name, &other, NULL) == OK)
        return OK;
    (void)snprintf(p.name, sizeof p.name, "%s", name);
    ++*n;
    return cli_book_put(c, &p, reterr);
}

/* Names that the home lost: what one's own grantees were called. Owners of shared folders chose
 * their names themselves: those are shown, not learned, so that nobody takes a known one's place.
 */
static status names_restore(struct cli *c, size_t *ret_n, struct err *reterr)
{
    const struct owner_state *s = &c->client.state;
    status st = OK;
    *ret_n = 0;
    for (size_t i = 0; st == OK && i < s->folders_n; i++)
        for (size_t k = 0; st == OK && k < s->folders[i].grants_n; k++) {
            const struct state_grant *g = &s->folders[i].grants[k];
            st = name_put(c, g->name, &g->account, &g->card_hash, ret_n, reterr);
        }
    return st;
}

static void owners_told(const struct owner_state *s)
{
    char hex[43];
    if (s->shared_n > 0)
        printf("Owners of the folders of others, as they call themselves; \"ehr people add\" gives "
               "them names of yours:\n");
    for (size_t i = 0; i < s->shared_n; i++) {
        printf("    ");
        cli_print_text(slice_str(s->shared[i].owner_name), 30);
        printf("  %s  ", hex_0x(slice_of(s->shared[i].owner_account.b, 20), hex));
        cli_print_text(slice_str(s->shared[i].folder_name), 0);
        printf("\n");
    }
}

static void adopted_told(const struct recovered *r)
{
    size_t named = r->doubted_folders < RECOVER_NAMES ? r->doubted_folders : RECOVER_NAMES;
    printf(
        "The owner state was one that nothing proved; from now on it is proved. What did not agree "
        "with the\nchain or its signatures is left out: %zu folder(s), %zu key(s), %zu grant(s).\n",
        r->doubted_folders, r->doubted_keys, r->doubted_grants);
    for (size_t i = 0; i < named; i++) {
        printf("    left out: ");
        cli_print_text(slice_str(r->doubted_names[i]), 0);
        printf("\n");
    }
    if (r->doubted_folders > 0)
        printf("Whoever shared one of these can share it again.\n");
    if (r->doubted_grants > 0)
        printf("Grants that are left out stand under \"ehr grants\" as not granted by you: they "
               "can be "
               "revoked there.\n");
}

static void told(struct cli *c, const char *name, const struct recovered *r, size_t names)
{
    if (c->json) {
        jw_key(&c->w, "name"), jw_cstr(&c->w, name);
        jw_addr(&c->w, "address", &c->client.me);
        jw_key(&c->w, "folders"), jw_u64(&c->w, r->folders);
        jw_key(&c->w, "foundOnChain"), jw_u64(&c->w, r->found);
        jw_key(&c->w, "withoutKeys"), jw_u64(&c->w, r->keyless);
        jw_key(&c->w, "grants"), jw_u64(&c->w, r->grants);
        jw_key(&c->w, "shared"), jw_u64(&c->w, r->shared);
        jw_key(&c->w, "names"), jw_u64(&c->w, names);
        jw_key(&c->w, "adopted"), jw_bool(&c->w, r->adopted);
        jw_key(&c->w, "doubtedKeys"), jw_u64(&c->w, r->doubted_keys);
        jw_key(&c->w, "doubtedGrants"), jw_u64(&c->w, r->doubted_grants);
        jw_key(&c->w, "doubtedFolders"), jw_u64(&c->w, r->doubted_folders);
        return;
    }
    printf("%zu folder(s), %zu live grant(s), %zu folder(s) of others and %zu name(s) are back.\n",
           r->folders, r->grants, r->shared, names);
    if (r->found > 0)
        printf("%zu of the folders were found on the chain only: they are called recovered-N.\n",
               r->found);
    if (r->keyless > 0)
        printf("%zu of them cannot be opened: the node holds no key for their owner.\n",
               r->keyless);
    if (r->adopted)
        adopted_told(r);
    owners_told(&c->client.state);
    printf(
        "Folders that were moved here by \"ehr transfer\" are known from the saved state only.\n");
}

status cmd_recover(struct cli *c, struct args *a, struct err *reterr)
{
    struct source s = {.accept = args_flag(a, "--accept-state"),
                       .code = args_flag(a, "--code"),
                       .light = args_flag(a, "--light")};
    struct recovered r = {.folders = 0};
    size_t names = 0;
    status st = args_value(a, "--node", &s.node, reterr);
    if (st == OK)
        st = args_value(a, "--code-fd", &s.code_fd, reterr);
    if (st == OK)
        st = args_value(a, "--identity-file", &s.file, reterr);
    if (st == OK)
        st = args_end(a, 1, 1, reterr);
    if (st == OK)
        st = cli_name_check(a->v[0], reterr);
    if (st == OK && s.file != NULL && (s.code || s.code_fd != NULL))
        st = ERR(reterr, E_USAGE, "either a code or an identity file");
    if (st == OK)
        st = keys_restore(c, a->v[0], &s, reterr);
    c->as = a->v[0];
    c->client.accept_state = s.accept;
    if (st == OK)
        st = cli_open(c, reterr);
    if (st == OK)
        st = flow_recover(&c->client, &r, reterr);
    if (st == OK)
        st = names_restore(c, &names, reterr);
    if (st == OK)
        told(c, a->v[0], &r, names);
    return st;
}
