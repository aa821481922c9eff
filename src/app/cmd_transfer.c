/* SPDX-License-Identifier: Apache-2.0 */
/* "ehr transfer". */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "app/commands.h"
#include "app/grant_args.h"
#include "app/interrupt.h"
#include "app/passphrase.h"
#include "app/transfer_ask.h"
#include "ehr/flow_transfer.h"

static bool step(void *ctx, size_t done, size_t n)
{
    const struct cli *c = ctx;
    if (!c->json && n > 0)
        (void)fprintf(stderr, "ehr: %zu of %zu folder(s) are moved\n", done, n);
    return !interrupt_came();
}

static void untold(void *ctx, const char *folder, const char *name, const struct err *why)
{
    (void)ctx;
    (void)fprintf(stderr, "ehr: %s (folder \"%s\") was not told: %s\n", name, folder, why->msg);
}

/* The session of the old account, in the same home; its passphrase may be another one. */
static status old_open(struct cli *old, const struct cli *c, const char *name, const char *fd,
                       const char *file, struct err *reterr)
{
    char *end = NULL;
    memcpy(old->home, c->home, sizeof old->home);
    old->as = name;
    old->yes = c->yes;
    old->pass_fd = fd != NULL ? (int)strtol(fd, &end, 10) : -1;
    old->pass_file = file;
    buf_init_secret(&old->pass, PASSPHRASE_MAX);
    buf_init(&old->out, 4096);
    if (fd != NULL && (end == fd || *end != 0 || old->pass_fd < 0))
        return ERR(reterr, E_USAGE, "--old-passphrase-fd needs the number of a descriptor");
    if (fd == NULL && file == NULL && c->pass.n > 0 &&
        buf_put(&old->pass, buf_slice(&c->pass)) != OK)
        return ERR(reterr, E_NOMEM, "out of memory");
    return cli_open(old, reterr);
}

static void told(struct cli *c, const struct cli *old, const char *name,
                 const struct transferred *t)
{
    const struct owner_state *s = &old->client.state;
    if (c->json) {
        jw_key(&c->w, "folders"), jw_u64(&c->w, t->n);
        jw_key(&c->w, "moved"), jw_u64(&c->w, t->moved);
        jw_key(&c->w, "notified"), jw_u64(&c->w, t->notified);
        jw_key(&c->w, "untold"), jw_u64(&c->w, t->untold);
        jw_key(&c->w, "stopped"), jw_bool(&c->w, t->stopped);
        jw_key(&c->w, "sharedWithOld"), jw_u64(&c->w, s->shared_n);
        return;
    }
    printf("%zu of %zu folder(s) are moved, under new keys; %zu grant(s) go on.\n", t->moved, t->n,
           t->notified);
    if (t->untold > 0)
        printf("%zu of those who have a grant could not be told. Grant it again when they can be "
               "reached: \"ehr grant\".\n",
               t->untold);
    if (t->stopped) {
        printf("Stopped: the same command goes on.\n");
        return;
    }
    if (s->shared_n > 0)
        printf("Ask these owners to end what they granted to the old account, and to grant it to "
               "the new one:\n");
    for (size_t i = 0; i < s->shared_n; i++) {
        printf("    ");
        cli_print_text(slice_str(s->shared[i].owner_name), 30);
        printf("  ");
        cli_print_text(slice_str(s->shared[i].folder_name), 0);
        printf("\n");
    }
    printf("Then have an administrator suspend the account of \"%s\". What was sealed before can "
           "be opened\nwith the stolen keys by who also has a copy of it: \"ehr reseal FOLDER\".\n",
           name);
}

static status transfer_run(struct cli *c, struct cli *old, const char *old_name, const char *accept,
                           struct err *reterr)
{
    char owner[CARD_NAME + 1];
    struct transferred t = {.n = 0};
    struct transfer_plan plan = {.n = 0};
    struct transfer_progress progress = {step, untold, c};
    status st = grant_own_name(c, owner, reterr);
    if (st == OK)
        st = flow_transfer_plan(&old->client, &c->client, &plan, reterr);
    if (st == OK)
        st = transfer_ask(c, &plan, accept, reterr);
    interrupt_watch();
    if (st == OK)
        st = flow_transfer(&old->client, &c->client, &plan, owner, &progress, &t, reterr);
    transfer_plan_done(&plan);
    if (st > 0 && t.moved > 0 && !c->json)
        printf("%zu of %zu folder(s) are moved; the same command tries again what was refused.\n",
               t.moved, t.n);
    if (st != OK)
        return st;
    told(c, old, old_name, &t);
    return t.stopped ? ERR(reterr, E_CANCELLED, "interrupted") : OK;
}

status cmd_transfer(struct cli *c, struct args *a, struct err *reterr)
{
    static struct cli old;
    const char *fd = NULL;
    const char *file = NULL;
    const char *accept = NULL;
    status st = args_value(a, "--accept", &accept, reterr);
    if (st == OK)
        st = args_value(a, "--old-passphrase-fd", &fd, reterr);
    if (st == OK)
        st = args_value(a, "--old-passphrase-file", &file, reterr);
    if (st == OK)
        st = args_end(a, 2, 2, reterr);
    if (st != OK)
        return st;
    (void)mlock(&old, sizeof old); /* as ehr.c does for its own */
    c->as = a->v[1];
    st = cli_open(c, reterr);
    if (st == OK)
        st = old_open(&old, c, a->v[0], fd, file, reterr);
    if (st == OK)
        st = transfer_run(c, &old, a->v[0], accept, reterr);
    cli_close(&old);
    return st;
}
