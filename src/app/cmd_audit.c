/* SPDX-License-Identifier: Apache-2.0 */
/* "ehr audit": a folder's access log. */
#include <stdio.h>

#include "app/access_log.h"
#include "app/commands.h"
#include "contract/registry_abi.h"

struct auditing {
    struct cli *c;
    uint64_t refused;
};

static slice text_of(struct json v, const char *key)
{
    slice s = SLICE_EMPTY;
    return json_str(json_get(v, key), &s, NULL) == OK ? s : SLICE_EMPTY;
}

static void entry_table(struct cli *c, struct json v)
{
    uint64_t t = 0;
    addr20 signer = {{0}};
    char when[32];
    char who[STATE_NAME + 1];
    if (json_u64(json_get(v, "time"), &t, NULL) != OK || access_log_who(v, &signer, NULL) != OK)
        t = 0;
    printf("%s  ", cli_time(t, when));
    cli_print_text(slice_str(cli_name_of(c, &signer, who)), 20);
    printf("  ");
    cli_print_text(text_of(v, "outcome"), 8);
    printf("  ");
    cli_print_text(text_of(v, "action"), 10);
    printf("  ");
    cli_print_text(text_of(v, "reason"), 0);
    printf("\n");
}

static status entry_print(void *ctx, struct json v, struct err *reterr)
{
    struct auditing *au = ctx;
    (void)reterr;
    au->refused += json_eq(json_get(v, "outcome"), "refused") ? 1 : 0;
    if (au->c->json)
        jw_json(&au->c->w, v);
    else
        entry_table(au->c, v);
    return OK;
}

/* Whom of those with a grant an administrator has suspended: chain, relayer and vault refuse them,
 * mostly before they reach the folder, so its log alone would not show it. */
static status suspended_print(struct cli *c, const hash32 *folder, struct err *reterr)
{
    const struct state_folder *f = state_folder_by_id(&c->client.state, folder);
    status st = OK;
    jw_key(&c->w, "suspended"), jw_array(&c->w);
    for (size_t i = 0; st == OK && f != NULL && i < f->grants_n; i++) {
        struct registry_account account;
        char name[STATE_NAME + 1];
        if (f->grants[i].ended != 0)
            continue;
        st = client_account_get(&c->client, &f->grants[i].account, &account, reterr);
        if (st != OK || account.status != REGISTRY_ACCOUNT_SUSPENDED)
            continue;
        if (c->json)
            jw_hex(&c->w, slice_of(f->grants[i].account.b, 20));
        else
            printf("%s is suspended: refused everywhere, whatever was granted.\n",
                   cli_name_of(c, &f->grants[i].account, name));
    }
    jw_end(&c->w);
    return st;
}

status cmd_audit(struct cli *c, struct args *a, struct err *reterr)
{
    struct auditing au = {.c = c};
    struct access_log log = {.entry = entry_print, .ctx = &au};
    status st = args_end(a, 1, 1, reterr);
    if (st == OK)
        st = cli_open(c, reterr);
    if (st == OK)
        st = cli_folder(c, a->v[0], &log.folder, reterr);
    jw_key(&c->w, "entries"), jw_array(&c->w);
    if (st == OK)
        st = access_log_read(c, &log, reterr);
    jw_end(&c->w);
    if (st != OK)
        return st;
    if (c->json) {
        jw_key(&c->w, "verified"), jw_u64(&c->w, log.seq);
        jw_key(&c->w, "refused"), jw_u64(&c->w, au.refused);
    } else {
        printf("\n%llu entries, %llu refused; the chain of entries and the node's signature fit.\n",
               (unsigned long long)log.seq, (unsigned long long)au.refused);
    }
    st = client_state(&c->client, reterr);
    return st == OK ? suspended_print(c, &log.folder, reterr) : st;
}
