/* SPDX-License-Identifier: Apache-2.0 */
/* "ehr audit": a folder's access log. */
#include <stdio.h>

#include "app/access_log.h"
#include "app/commands.h"

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
    if (json_u64(json_get(v, "time"), &t, NULL) != OK ||
        json_hex_addr(json_get(v, "signer"), &signer, NULL) != OK)
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
    return OK;
}
