/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as the command line and the configuration file of ehrd: arguments, a line each, an empty
 * line, the file. What is accepted is within its bounds and reads back from a file as it was. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "app/ehrd_options.h"
#include "base/buf.h"
#include "base/hex.h"

#define ARGS_MAX 40u
#define INPUT_MAX ((size_t)128 << 10)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char flag_config[] = "--config";

static void expect(bool ok)
{
    if (!ok)
        abort();
}

/* A file in memory; its name. */
static const char *file_make(slice text)
{
    static int fd = -1;
    static char name[32];
    if (fd < 0)
        fd = memfd_create("ehrd.conf", MFD_CLOEXEC);
    expect(fd >= 0 && ftruncate(fd, 0) == 0);
    expect(text.n == 0 || pwrite(fd, text.p, text.n, 0) == (ssize_t)text.n);
    (void)snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    return name;
}

/* Cut the lines before the first empty one into arguments, NUL for line ends; the rest is left. */
static int args_cut(char *text, size_t n, char **argv, slice *ret_rest)
{
    int argc = 0;
    size_t i = 0;
    argv[argc++] = text + n; /* the program's name: empty */
    while (i < n && text[i] != '\n' && argc < (int)ARGS_MAX) {
        size_t len = strcspn(text + i, "\n");
        argv[argc++] = text + i;
        text[i + len] = '\0';
        i += len + 1;
    }
    for (int k = 1; k < argc; k++)
        if (strcmp(argv[k], flag_config) == 0) /* no files but ours */
            argc = k;
    argv[argc] = NULL;
    *ret_rest = i < n ? slice_of(text + i, n - i) : SLICE_EMPTY;
    return argc;
}

static void check_bounds(const struct ehrd_options *o)
{
    expect(o->data != NULL && o->data[0] != '\0');
    expect(o->listen_address != NULL && o->listen_address[0] != '\0');
    expect(!addr20_is_zero(o->proxy) && !addr20_is_zero(o->forwarder));
    expect(o->threads >= 1 && o->threads <= 256 && o->confirmations <= 1000);
    expect(o->max_age_s <= 86400 || o->max_age_s == EHRD_MAX_AGE_AUTO);
    expect(o->block_interval_s <= 86400 && o->log_level <= LOG_DEBUG);
    expect(o->relayer_key == NULL || o->relayer_passphrase_file != NULL);
    if (o->ledger == NULL)
        expect(o->log_archive == NULL && o->second_ledger == NULL);
    else
        expect(o->chain == NULL && o->block_interval_s == 0);
}

/* --- to a file and back ----------------------------------------------------------------------- */

/* A file has no way to write these. */
static bool is_writable(const char *v)
{
    size_t n = strlen(v);
    return strchr(v, '\n') == NULL && strchr(" \t\r", v[0]) == NULL &&
           strchr(" \t\r", v[n - 1]) == NULL;
}

static bool put_text(struct buf *b, const char *name, const char *v)
{
    return v == NULL || (is_writable(v) && buf_printf(b, "%s = %s\n", name, v) == OK);
}

static bool put_number(struct buf *b, const char *name, uint64_t v)
{
    return buf_printf(b, "%s = %llu\n", name, (unsigned long long)v) == OK;
}

static bool put_addr(struct buf *b, const char *name, const addr20 *a)
{
    char hex[43];
    return buf_printf(b, "%s = %s\n", name, hex_0x(slice_of(a->b, 20), hex)) == OK;
}

static bool put_all(struct buf *b, const struct ehrd_options *o)
{
    static const char *const levels[] = {"error", "warn", "info", "debug"};
    bool auto_age = o->max_age_s == EHRD_MAX_AGE_AUTO;
    return put_text(b, "data", o->data) && is_writable(o->listen_address) &&
           buf_printf(b, "listen = [%s]:%u\n", o->listen_address, o->listen_port) == OK &&
           put_text(b, "origin", o->origin) && put_text(b, "ledger", o->ledger) &&
           put_text(b, "chain", o->chain) && put_text(b, "second-ledger", o->second_ledger) &&
           put_text(b, "log-archive", o->log_archive) && put_addr(b, "proxy", &o->proxy) &&
           put_addr(b, "forwarder", &o->forwarder) && put_number(b, "chain-id", o->chain_id) &&
           put_number(b, "first-block", o->first_block) &&
           put_number(b, "block-interval", o->block_interval_s) &&
           put_number(b, "confirmations", o->confirmations) &&
           (auto_age ? put_text(b, "max-age", "auto") : put_number(b, "max-age", o->max_age_s)) &&
           put_text(b, "relayer-key", o->relayer_key) &&
           put_text(b, "relayer-passphrase-file", o->relayer_passphrase_file) &&
           put_text(b, "tls-cert", o->tls_cert) && put_text(b, "tls-key", o->tls_key) &&
           put_text(b, "port-file", o->port_file) && put_text(b, "rpc-cors", o->rpc_cors) &&
           put_text(b, "rpc-hosts", o->rpc_hosts) && put_text(b, "web", o->web) &&
           put_number(b, "quota-bytes", o->quota_bytes) &&
           put_number(b, "quota-gas", o->quota_gas) && put_number(b, "max-cost", o->max_cost) &&
           put_number(b, "keep-uploads", o->keep_uploads_s) &&
           put_number(b, "threads", o->threads) && put_text(b, "log-level", levels[o->log_level]);
}

static void check_round_trip(const struct ehrd_options *o)
{
    char name[64] = "";
    char program[] = "ehrd";
    char *argv[] = {program, flag_config, name, NULL};
    struct buf text;
    struct buf again;
    struct ehrd_options back;
    enum ehrd_action action;
    struct err e;
    buf_init(&text, (size_t)60 << 10);
    buf_init(&again, (size_t)60 << 10);
    if (put_all(&text, o)) {
        (void)snprintf(name, sizeof name, "%s", file_make(buf_slice(&text)));
        expect(ehrd_options_read(3, argv, &back, &action, &e) == OK && action == EHRD_RUN);
        expect(put_all(&again, &back) && slice_eq(buf_slice(&text), buf_slice(&again)));
        ehrd_options_done(&back);
    }
    buf_done(&text);
    buf_done(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *argv[ARGS_MAX + 4];
    char name[64];
    slice file;
    struct ehrd_options o;
    enum ehrd_action action;
    struct err e = {.msg = ""};
    if (size > INPUT_MAX)
        return 0;
    char *text = calloc(1, size + 1);
    expect(text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    int argc = args_cut(text, size, argv, &file);
    if (file.n > 0) {
        (void)snprintf(name, sizeof name, "%s", file_make(file));
        argv[argc++] = flag_config;
        argv[argc++] = name;
        argv[argc] = NULL;
    }
    status st = ehrd_options_read(argc, argv, &o, &action, &e);
    expect(st >= 0); /* the text's fault, never ours */
    expect(st == OK || memchr(e.msg, 0, sizeof e.msg) != NULL);
    if (st == OK && action == EHRD_RUN) {
        check_bounds(&o);
        check_round_trip(&o);
    }
    ehrd_options_done(&o);
    free(text);
    return 0;
}
