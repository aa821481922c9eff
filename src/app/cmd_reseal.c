/* SPDX-License-Identifier: Apache-2.0 */
/* "ehr reseal". */
#include <stdio.h>

#include "app/commands.h"
#include "app/interrupt.h"
#include "ehr/flow_reseal.h"

static bool step(void *ctx, size_t done, size_t n)
{
    const struct cli *c = ctx;
    if (!c->json && n > 0)
        (void)fprintf(stderr, "ehr: %zu of %zu record(s) are sealed again\n", done, n);
    return !interrupt_came();
}

static void told(struct cli *c, const char *folder, const struct reseal_done *d)
{
    if (c->json) {
        jw_key(&c->w, "old"), jw_u64(&c->w, d->n);
        jw_key(&c->w, "resealed"), jw_u64(&c->w, d->resealed);
        jw_key(&c->w, "notProved"), jw_u64(&c->w, d->bad);
        jw_key(&c->w, "erased"), jw_u64(&c->w, d->erased);
        jw_key(&c->w, "stopped"), jw_bool(&c->w, d->stopped);
        return;
    }
    printf("%zu of %zu old record(s) of \"%s\" are sealed for the present key; %zu old copies are "
           "erased.\n",
           d->resealed, d->n, folder, d->erased);
    if (d->stopped)
        printf("Stopped: the same command goes on.\n");
}

status cmd_reseal(struct cli *c, struct args *a, struct err *reterr)
{
    hash32 folder;
    struct reseal_done done = {.n = 0};
    struct reseal_progress progress = {step, c};
    status st = args_end(a, 1, 1, reterr);
    if (st == OK)
        st = cli_open(c, reterr);
    if (st == OK)
        st = cli_folder(c, a->v[0], &folder, reterr);
    interrupt_watch();
    if (st == OK)
        st = flow_reseal(&c->client, &folder, &progress, &done, reterr);
    if (st != OK)
        return st;
    told(c, a->v[0], &done);
    if (done.bad > 0)
        return ERR(reterr, E_MISMATCH, "%zu record(s) could not be proved and stay as they are",
                   done.bad);
    return done.stopped ? ERR(reterr, E_CANCELLED, "interrupted") : OK;
}
