/* SPDX-License-Identifier: Apache-2.0 */
/* Folding and printing of log entries. */
#include "app/audit_lines.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/access_log.h"
#include "base/hex.h"
#include "crypto/sha2.h"

#define LINES_MAX ((size_t)4 << 20)
#define FOLD_S 60u
#define ID_DIGITS 8u /* of a record's id, as record list has them */

static slice text_of(struct json v, const char *key)
{
    slice s = SLICE_EMPTY;
    return json_str(json_get(v, key), &s, NULL) == OK ? s : SLICE_EMPTY;
}

static void word_take(slice s, char out[AUDIT_WORD])
{
    size_t n = s.n < AUDIT_WORD ? s.n : AUDIT_WORD - 1;
    if (n > 0)
        memcpy(out, s.p, n);
    out[n] = 0;
}

/* The CID of "…/bodies/CID" or "…/bodies?cid=CID". */
static bool body_of(slice target, hash32 *ret)
{
    size_t at = target.n;
    while (at > 0 && target.p[at - 1] != '/' && target.p[at - 1] != '=')
        at--;
    return at > 0 && at < target.n && sha256(slice_after(target, at), ret) == OK;
}

/* Times and addresses that cannot be read are shown as zero. */
static void line_read(struct json v, struct audit_line *ret)
{
    *ret = (struct audit_line){.times = 1};
    if (json_u64(json_get(v, "time"), &ret->time, NULL) != OK)
        ret->time = 0;
    ret->last = ret->time;
    if (access_log_who(v, &ret->who, NULL) != OK)
        ret->who = (addr20){{0}};
    word_take(text_of(v, "action"), ret->action);
    word_take(text_of(v, "outcome"), ret->outcome);
    ret->is_body = strcmp(ret->action, "body") == 0;
    ret->has_what = json_hex_hash(json_get(v, "record"), &ret->what, NULL) == OK;
    if (!ret->has_what && ret->is_body)
        ret->has_what = body_of(text_of(v, "target"), &ret->what);
    else
        ret->is_body = false;
}

static bool same(const struct audit_line *a, const struct audit_line *b, slice reason)
{
    return addr20_eq(a->who, b->who) && strcmp(a->action, b->action) == 0 &&
           strcmp(a->outcome, b->outcome) == 0 && a->has_what == b->has_what &&
           a->is_body == b->is_body && hash32_eq(a->what, b->what) &&
           slice_eq_str(reason, a->reason) && b->time >= a->last && b->time - a->last <= FOLD_S;
}

static status room_for_one(struct audit_lines *l, struct err *reterr)
{
    if (l->n < l->max)
        return OK;
    size_t max = l->max == 0 ? 256 : l->max * 2;
    struct audit_line *p = max <= LINES_MAX ? realloc(l->list, max * sizeof *p) : NULL;
    if (p == NULL)
        return ERR(reterr, E_NOMEM, "access log: more than %zu lines; --json takes any", l->max);
    l->list = p;
    l->max = max;
    return OK;
}

status audit_lines_add(struct audit_lines *l, struct json entry, struct err *reterr)
{
    struct audit_line x;
    slice reason = text_of(entry, "reason");
    line_read(entry, &x);
    if (l->n > 0 && same(&l->list[l->n - 1], &x, reason)) {
        l->list[l->n - 1].times++;
        l->list[l->n - 1].last = x.time;
        return OK;
    }
    status st = room_for_one(l, reterr);
    if (st != OK)
        return st;
    x.reason = strndup(reason.n > 0 ? (const char *)reason.p : "", reason.n);
    if (x.reason == NULL)
        return ERR(reterr, E_NOMEM, "access log");
    l->list[l->n++] = x;
    return OK;
}

static void what_print(const struct audit_line *x, const struct folder_titles *t)
{
    char hex[67];
    const struct folder_title *f = x->has_what ? folder_titles_find(t, &x->what, x->is_body) : NULL;
    const hash32 *id = f != NULL ? &f->record : &x->what;
    if (x->has_what && (f != NULL || !x->is_body))
        (void)hex_0x(slice_of(id->b, sizeof id->b), hex);
    else
        (void)snprintf(hex, sizeof hex, "0x%s", x->has_what ? "earlier " : "        ");
    printf("%.*s  ", (int)ID_DIGITS, hex + 2);
    cli_print_text(f != NULL ? f->title : SLICE_EMPTY, 0);
    if (f != NULL && f->title.n > 0 && x->reason[0] != 0)
        printf(": ");
    cli_print_text(slice_str(x->reason), 0);
}

void audit_lines_print(const struct audit_lines *l, struct cli *c, const struct folder_titles *t,
                       bool others)
{
    char when[32];
    char who[STATE_NAME + 1];
    for (size_t i = 0; i < l->n; i++) {
        const struct audit_line *x = &l->list[i];
        if (others && client_is_me(&c->client, &x->who))
            continue;
        printf("%s  ", cli_time(x->time, when));
        cli_print_text(slice_str(cli_name_of(c, &x->who, who)), 20);
        printf("  ");
        cli_print_text(slice_str(x->outcome), 8);
        printf("  ");
        cli_print_text(slice_str(x->action), 10);
        printf("  ");
        what_print(x, t);
        if (x->times > 1)
            printf(" (%llu times)", (unsigned long long)x->times);
        printf("\n");
    }
}

bool audit_lines_name_records(const struct audit_lines *l)
{
    bool any = false;
    for (size_t i = 0; !any && i < l->n; i++)
        any = l->list[i].has_what;
    return any;
}

void audit_lines_done(struct audit_lines *l)
{
    for (size_t i = 0; i < l->n; i++)
        free(l->list[i].reason);
    free(l->list);
    *l = (struct audit_lines){.list = NULL};
}
