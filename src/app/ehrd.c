/* SPDX-License-Identifier: Apache-2.0 */
/* ehrd: the node. Options, signals, sweep, and nothing else. */
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "app/ehrd_chain.h"
#include "app/ehrd_completion.h"
#include "app/ehrd_dev.h"
#include "app/ehrd_node.h"
#include "app/harden.h"
#include "app/std_out.h"
#include "base/file.h"
#include "base/secret.h"
#include "kv/kv.h"

#ifndef EHRD_VERSION_TEXT
#error "the build sets EHRD_VERSION_TEXT"
#endif

#define SWEEP_EVERY_S 300 /* at least; more often when uploads are kept for shorter */
#define EXIT_USAGE 2
#define LARGE_BYTES (256 << 10) /* of a piece of memory that goes back to the system when freed */
#define ARENAS 4

/* Long answers are made by many threads: what was freed must not stay with each of them. */
static void memory_set(void)
{
    (void)mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
    (void)mallopt(M_TRIM_THRESHOLD, LARGE_BYTES);
    (void)mallopt(M_ARENA_MAX, ARENAS);
}

static void signals_block(sigset_t *ret)
{
    sigemptyset(ret);
    sigaddset(ret, SIGTERM);
    sigaddset(ret, SIGINT);
    pthread_sigmask(SIG_BLOCK, ret, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
}

static void sweep_once(struct api *a)
{
    struct api_swept s;
    struct err e = {0};
    status st = api_sweep(a, &s, &e);
    if (st != OK)
        log_failure(LOG_WARN, "sweep", NULL, st, &e);
    else if (s.envelopes + s.bodies + s.bytes > 0)
        log_line(LOG_INFO, "sweep", "envelopes=%llu bodies=%llu bytes=%llu",
                 (unsigned long long)s.envelopes, (unsigned long long)s.bodies,
                 (unsigned long long)s.bytes);
}

/* Sweep now and then until a signal to stop comes. 0: a store has stopped. */
static int serve(struct ehrd_node *n, uint64_t keep_uploads_s, const sigset_t *stop)
{
    const struct timespec second = {1, 0};
    uint64_t every = keep_uploads_s < SWEEP_EVERY_S ? keep_uploads_s : SWEEP_EVERY_S;
    for (uint64_t waited = 0;;) {
        int sig = sigtimedwait(stop, NULL, &second);
        if (sig > 0)
            return sig;
        if (kv_has_stopped())
            return 0;
        if (errno == EAGAIN && ++waited >= every) {
            sweep_once(n->api);
            waited = 0;
        }
    }
}

static status port_file_write(const struct ehrd_options *o, const struct ehrd_node *n,
                              struct err *reterr)
{
    char text[16];
    if (o->port_file == NULL)
        return OK;
    int len = snprintf(text, sizeof text, "%u\n", http_server_port(n->server));
    return file_replace(o->port_file, slice_of(text, (size_t)len), 0644, reterr);
}

static int run(const struct ehrd_options *o)
{
    struct ehrd_node n = {0};
    struct err e = {0};
    sigset_t stop;
    signals_block(&stop);
    log_setup(o->log_level, 2);
    status st = secp_init(&random_system);
    if (st == OK)
        st = ehrd_node_open(o, EHRD_VERSION_TEXT, &n, &e);
    if (st == OK)
        st = port_file_write(o, &n, &e);
    if (st != OK) {
        log_failure(LOG_ERROR, "start-failed", NULL, st, &e);
    } else {
        if (secret_unlocked() > 0)
            log_line(LOG_WARN, "memory-not-locked",
                     "bytes=%zu reason=\"keys may reach swap: raise RLIMIT_MEMLOCK\"",
                     secret_unlocked());
        log_line(LOG_INFO, "serving", "version=%s address=%s port=%u relays=%d", EHRD_VERSION_TEXT,
                 o->listen_address, http_server_port(n.server), n.relay != NULL);
        int sig = serve(&n, o->keep_uploads_s, &stop);
        if (sig == 0)
            log_line(LOG_ERROR, "store-failed",
                     "reason=\"a write failed (disk full?); start again: nothing that was "
                     "acknowledged is lost\"");
        else
            log_line(LOG_INFO, "stopping", "signal=%d", sig);
        st = sig == 0 ? E_IO : OK;
    }
    ehrd_node_close(&n);
    secp_done();
    return st == OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int program(int argc, char **argv)
{
    struct ehrd_options o;
    enum ehrd_action action;
    struct err e = {0};
    int rc = EXIT_SUCCESS;
    if (argc > 1 && strcmp(argv[1], "chain") == 0)
        return ehrd_chain_main(argc, argv);
    if (argc > 1 && strcmp(argv[1], "dev") == 0)
        return ehrd_dev_main(argc, argv, EHRD_VERSION_TEXT);
    if (argc > 1 && strcmp(argv[1], "completion") == 0)
        return ehrd_completion_main(argc, argv);
    status st = ehrd_options_read(argc, argv, &o, &action, &e);
    if (st != OK) {
        (void)fprintf(stderr, "ehrd: %s\n", e.msg);
        rc = EXIT_USAGE;
    } else if (action == EHRD_HELP) {
        (void)fputs(ehrd_help(), stdout);
    } else if (action == EHRD_VERSION) {
        (void)puts("ehrd " EHRD_VERSION_TEXT);
    } else {
        rc = run(&o);
    }
    ehrd_options_done(&o);
    return rc;
}

int main(int argc, char **argv)
{
    std_out_begin();
    harden();
    memory_set();
    (void)umask(077);
    return std_out_end("ehrd", program(argc, argv));
}
