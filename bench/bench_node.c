/* SPDX-License-Identifier: Apache-2.0 */
/* bench_node HOME ACCOUNT PASSFILE FOLDER: what a running node does in a second for an owner:
 * grants relayed in batches, and signed reads of envelopes by one client and by eight. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/cli.h"
#include "base/hex.h"
#include "contract/registry_abi.h"
#include "ehr/flow_read.h"

#define RUNS 3
#define GRANTS 200u
#define GRANTS_AT_ONCE 25u
#define CALL_BYTES 1024u
#define READ_MS 3000u
#define CLIENTS_MAX 8u

struct bench {
    struct cli cli;
    hash32 folder;
    struct arena arena;
    struct told_record *list;
    size_t n;
    atomic_bool stop;
    atomic_ulong done;
    struct err e;
};

static void check(const struct bench *b, status s)
{
    if (s == OK)
        return;
    fprintf(stderr, "bench_node: %s: %s\n", status_name(s), b->e.msg);
    exit(1);
}

static void row(const char *what, unsigned long n, uint64_t ms)
{
    printf("%-44s %8.0f /s   (%lu in %.2f s)\n", what, (double)n * 1e3 / (double)(ms > 0 ? ms : 1),
           n, (double)ms / 1e3);
    (void)fflush(stdout);
}

/* --- grants ----------------------------------------------------------------------------------- */

static void grant_batch(struct bench *b, uint64_t until)
{
    struct buf data[GRANTS_AT_ONCE];
    slice calls[GRANTS_AT_ONCE];
    struct client_sent sent;
    static const hash32 whole;
    const struct actor *who = NULL;
    check(b, client_actor(&b->cli.client, &b->folder, &who, &b->e));
    for (size_t i = 0; i < GRANTS_AT_ONCE; i++) {
        addr20 holder;
        buf_init(&data[i], CALL_BYTES);
        check(b, random_fill(&random_system, holder.b, sizeof holder.b));
        check(b, registry_put_grant(&data[i], b->folder, whole, holder, 1, 0, until, 0));
        calls[i] = buf_slice(&data[i]);
    }
    check(b, client_send(&b->cli.client, who, calls, GRANTS_AT_ONCE, &sent, &b->e));
    for (size_t i = 0; i < GRANTS_AT_ONCE; i++)
        buf_done(&data[i]);
}

static void bench_grants(struct bench *b)
{
    uint64_t best = UINT64_MAX;
    uint64_t until = clock_unix_s(&clock_system) + 86400;
    for (int run = 0; run < RUNS; run++) {
        uint64_t t0 = clock_mono_ms(&clock_system);
        for (unsigned i = 0; i < GRANTS; i += GRANTS_AT_ONCE)
            grant_batch(b, until);
        uint64_t ms = clock_mono_ms(&clock_system) - t0;
        best = ms < best ? ms : best;
    }
    row("grants, signed, relayed and mined, 25 a batch", GRANTS, best);
}

/* --- reads ------------------------------------------------------------------------------------ */

static void *reader_run(void *ctx)
{
    struct bench *b = ctx;
    struct err e;
    struct buf got;
    buf_init(&got, VAULT_ENVELOPE_MAX);
    for (size_t i = 0; !atomic_load(&b->stop); i++) {
        const struct told_record *r = &b->list[i % b->n];
        struct vault_ref ref = {.record = r->record, .inner = r->now.inner};
        buf_clear(&got);
        status st = vault_envelope_get(b->cli.client.vault, &b->folder, &ref, &got, &e);
        if (st != OK) {
            fprintf(stderr, "bench_node: %s\n", e.msg);
            exit(1);
        }
        atomic_fetch_add(&b->done, 1);
    }
    buf_done(&got);
    return NULL;
}

static unsigned long read_once(struct bench *b, unsigned clients, uint64_t *ret_ms)
{
    pthread_t threads[CLIENTS_MAX];
    const struct timespec pause = {.tv_sec = READ_MS / 1000};
    atomic_store(&b->stop, false);
    atomic_store(&b->done, 0);
    uint64_t t0 = clock_mono_ms(&clock_system);
    for (unsigned i = 0; i < clients; i++)
        if (pthread_create(&threads[i], NULL, reader_run, b) != 0)
            exit(1);
    (void)nanosleep(&pause, NULL);
    atomic_store(&b->stop, true);
    for (unsigned i = 0; i < clients; i++)
        (void)pthread_join(threads[i], NULL);
    *ret_ms = clock_mono_ms(&clock_system) - t0;
    return atomic_load(&b->done);
}

static void bench_reads(struct bench *b, unsigned clients)
{
    char what[64];
    unsigned long best = 0;
    uint64_t best_ms = 1;
    for (int run = 0; run < RUNS; run++) {
        uint64_t ms;
        unsigned long n = read_once(b, clients, &ms);
        if (n * best_ms > best * ms) {
            best = n;
            best_ms = ms;
        }
    }
    (void)snprintf(what, sizeof what, "signed reads of envelopes, %u client(s)", clients);
    row(what, best, best_ms);
}

int main(int argc, char **argv)
{
    static struct bench b;
    if (argc != 5) {
        fprintf(stderr, "usage: bench_node HOME ACCOUNT PASSFILE FOLDER\n");
        return 2;
    }
    (void)snprintf(b.cli.home, sizeof b.cli.home, "%s", argv[1]);
    b.cli.as = argv[2];
    b.cli.pass_file = argv[3];
    b.cli.pass_fd = -1;
    buf_init_secret(&b.cli.pass, 1024);
    buf_init(&b.cli.out, CLIENT_ANSWER);
    arena_init(&b.arena, CLIENT_ANSWER * 4, true);
    check(&b, secp_init(&random_system));
    check(&b, hex_read_hash(slice_str(argv[4]), &b.folder));
    check(&b, cli_open(&b.cli, &b.e));
    check(&b, flow_list(&b.cli.client, &b.folder, &b.arena, &b.list, &b.n, &b.e));
    if (b.n == 0) {
        fprintf(stderr, "bench_node: the folder is empty\n");
        return 1;
    }
    bench_grants(&b);
    bench_reads(&b, 1);
    bench_reads(&b, CLIENTS_MAX);
    arena_done(&b.arena);
    cli_close(&b.cli);
    secp_done();
    return 0;
}
