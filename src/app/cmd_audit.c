/* SPDX-License-Identifier: Apache-2.0 */
/* "ehr audit": a folder's access log. */
#include <stdio.h>

#include "app/access_log.h"
#include "app/audit_lines.h"
#include "app/commands.h"
#include "contract/registry_abi.h"

struct auditing {
    struct cli *c;
    struct audit_lines lines; /* without --json */
    bool others;
    uint64_t refused;
};

static status entry_take(void *ctx, struct json v, struct err *reterr)
{
    struct auditing *au = ctx;
    au->refused += json_eq(json_get(v, "outcome"), "refused") ? 1 : 0;
    if (!au->c->json)
        return audit_lines_add(&au->lines, v, reterr);
    jw_json(&au->c->w, v);
    return OK;
}

/* The node logs that titles are read, too, so they are when the log was. Without them, when a
 * record is not there or not proved, ids do. */
static void lines_print(struct auditing *au, const hash32 *folder)
{
    struct folder_titles t = {.n = 0};
    bool named = audit_lines_name_records(&au->lines);
    if (named && folder_titles_read(au->c, folder, &t, NULL) != OK)
        t.n = 0;
    audit_lines_print(&au->lines, au->c, &t, au->others);
    if (named)
        folder_titles_done(&t);
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

static status log_read(struct auditing *au, struct access_log *log, struct err *reterr)
{
    struct cli *c = au->c;
    jw_key(&c->w, "entries"), jw_array(&c->w);
    status st = access_log_read(c, log, reterr);
    jw_end(&c->w);
    if (st == OK && c->json) {
        jw_key(&c->w, "verified"), jw_u64(&c->w, log->seq);
        jw_key(&c->w, "refused"), jw_u64(&c->w, au->refused);
    } else if (st == OK) {
        lines_print(au, &log->folder);
        printf("\n%llu entries, %llu refused; the chain of entries and the node's signature fit.\n",
               (unsigned long long)log->seq, (unsigned long long)au->refused);
    }
    return st;
}

status cmd_audit(struct cli *c, struct args *a, struct err *reterr)
{
    struct auditing au = {.c = c, .others = args_flag(a, "--others")};
    struct access_log log = {.entry = entry_take, .ctx = &au};
    status st = args_end(a, 1, 1, reterr);
    if (st == OK && au.others && c->json)
        st = ERR(reterr, E_USAGE, "--others goes without --json, which has every entry");
    if (st == OK)
        st = cli_open(c, reterr);
    if (st == OK)
        st = cli_folder(c, a->v[0], &log.folder, reterr);
    if (st == OK)
        st = client_state(&c->client, reterr); /* whose addresses are whose */
    if (st == OK)
        st = log_read(&au, &log, reterr);
    audit_lines_done(&au.lines);
    return st == OK ? suspended_print(c, &log.folder, reterr) : st;
}
