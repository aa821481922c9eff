/* SPDX-License-Identifier: Apache-2.0 */
/* bench_rpc addresses                        who must have ether: one address a line
 * bench_rpc start NAME PORT -- COMMAND…      time from the start to the first answer, memory when
 * idle bench_rpc run NAME PORT TOKEN CASE N…      N transactions of a case, pre-signed; TOKEN:
 * token.json
 *
 * Cases: batch-4 (batches of 100 on 4 connections), single-32, single-1, sync-1 (waits for the
 * receipt of each). Time runs until all are in blocks. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hex.h"
#include "base/parallel.h"
#include "codec/json.h"
#include "codec/tx.h"
#include "crypto/keccak.h"
#include "crypto/secp256k1.h"
#include "rpc_load.h"

#define SENDERS 64u
#define BATCH 100u
#define IDLE_S 2
#define GWEI 1000000000u

struct sender {
    struct secp_key key;
    addr20 address;
    uint64_t nonce;
};

static struct {
    struct sender sender[SENDERS];
    uint16_t port;
    uint64_t chain_id;
    addr20 token;
} w;

static void fail(const char *what, const char *detail)
{
    (void)fprintf(stderr, "bench_rpc: %s: %.300s\n", what, detail);
    exit(1);
}

static void need(status s, const char *what)
{
    if (s != OK)
        fail(what, status_text(s));
}

static void make_senders(void)
{
    need(secp_init(&random_system), "secp256k1");
    for (uint8_t i = 0; i < SENDERS; i++) {
        hash32 h;
        const uint8_t seed[] = {'b', 'e', 'n', 'c', 'h', i};
        keccak256(slice_of(seed, sizeof seed), &h);
        memcpy(w.sender[i].key.b, h.b, sizeof h.b);
        need(secp_key_addr(&w.sender[i].key, &w.sender[i].address), "key");
    }
}

/* --- questions ------------------------------------------------------------------------------- */

/* "result" of one call as text; quotes are cut off. */
static const char *ask(const char *method, const char *params)
{
    static struct buf out;
    char body[512];
    if (out.cap == 0)
        buf_init(&out, (size_t)1 << 24);
    (void)snprintf(body, sizeof body,
                   "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":%s}", method,
                   params);
    if (!load_ask(w.port, slice_str(body), &out))
        fail("no connection", method);
    char *text = strstr(buf_cstr(&out), "\"result\":");
    if (text == NULL)
        fail(method, buf_cstr(&out));
    return text + (text[9] == '"' ? 10 : 9);
}

static uint64_t nonce_of(const struct sender *s)
{
    char params[80];
    char hex[43];
    (void)snprintf(params, sizeof params, "[\"%s\",\"latest\"]",
                   hex_0x(slice_of(s->address.b, sizeof s->address.b), hex));
    return strtoull(ask("eth_getTransactionCount", params), NULL, 16);
}

/* Until all nonces are there. */
static void wait_mined(void)
{
    for (unsigned i = 0; i < SENDERS; i++)
        while (nonce_of(&w.sender[i]) < w.sender[i].nonce)
            (void)usleep(2000);
}

/* --- transactions ---------------------------------------------------------------------------- */

struct job {
    struct sender *from;
    uint64_t nonce;
    uint32_t i;
    bool token;
    char *hex; /* 0x… of the raw transaction */
};

static void sign(void *ctx, size_t i)
{
    struct job *j = (struct job *)ctx + i;
    struct buf raw;
    uint8_t data[68] = {0xa9, 0x05, 0x9c, 0xbb}; /* transfer(address,uint256) */
    struct tx t = {.type = TX_FEE_MARKET,
                   .has_chain_id = true,
                   .chain_id = w.chain_id,
                   .nonce = j->nonce,
                   .max_fee = u256_from_u64((uint64_t)100 * GWEI),
                   .max_priority = u256_from_u64(GWEI),
                   .gas = j->token ? 100000 : 21000,
                   .to = w.token,
                   .data = j->token ? slice_of(data, sizeof data) : SLICE_EMPTY};
    memset(data + 16, 0x77, 20);
    memcpy(data + 32, &j->i, 4); /* another recipient each time */
    data[67] = 1;
    if (!j->token) {
        t.value = u256_from_u64(1);
        memcpy(t.to.b, data + 16, sizeof t.to.b);
    }
    buf_init(&raw, 1024);
    need(tx_sign(&t, &j->from->key), "signature");
    need(tx_put_raw(&t, &raw), "transaction");
    j->hex = malloc(2 * raw.n + 3);
    if (j->hex == NULL)
        fail("memory", "");
    (void)hex_0x(buf_slice(&raw), j->hex);
    buf_done(&raw);
}

static void put_call(struct buf *b, const char *method, const char *hex, size_t id)
{
    need(buf_printf(b, "{\"jsonrpc\":\"2.0\",\"id\":%zu,\"method\":\"%s\",\"params\":[\"", id,
                    method),
         "request");
    need(buf_put_str(b, hex), "request");
    need(buf_put_str(b, "\"]}"), "request");
}

/* --- the token ------------------------------------------------------------------------------- */

static void send_wait(const struct tx *t, struct sender *from)
{
    struct buf raw;
    struct buf body;
    struct buf out;
    struct tx signed_tx = *t;
    buf_init(&raw, 1 << 20);
    buf_init(&body, 1 << 21);
    buf_init(&out, 1 << 20);
    need(tx_sign(&signed_tx, &from->key), "signature");
    need(tx_put_raw(&signed_tx, &raw), "transaction");
    char *hex = malloc(2 * raw.n + 3);
    if (hex == NULL)
        fail("memory", "");
    put_call(&body, "eth_sendRawTransaction", hex_0x(buf_slice(&raw), hex), 1);
    if (!load_ask(w.port, buf_slice(&body), &out) || strstr(buf_cstr(&out), "\"result\"") == NULL)
        fail("set-up", out.n > 0 ? buf_cstr(&out) : "no answer");
    from->nonce++;
    free(hex);
    buf_done(&raw);
    buf_done(&body);
    buf_done(&out);
}

static struct tx plain_tx(const struct sender *from)
{
    return (struct tx){.type = TX_FEE_MARKET,
                       .has_chain_id = true,
                       .chain_id = w.chain_id,
                       .nonce = from->nonce,
                       .max_fee = u256_from_u64((uint64_t)100 * GWEI),
                       .max_priority = u256_from_u64(GWEI),
                       .gas = 3000000};
}

static void read_code(const char *path, struct buf *ret)
{
    struct buf text;
    struct arena a;
    struct json_doc doc;
    struct err e = {0};
    slice hex = SLICE_EMPTY;
    buf_init(&text, 1 << 22);
    arena_init(&a, 1 << 24, false);
    if (file_read(path, &text, &e) != OK || json_read(buf_slice(&text), &a, &doc, &e) != OK ||
        json_str(json_get(json_root(&doc), "bytecode"), &hex, &e) != OK)
        fail(path, e.msg);
    need(hex_read_buf(slice_after(hex, 2), ret), path);
    buf_done(&text);
    arena_done(&a);
}

/* Deployed by the first sender, who shares it out. Its address is that of a new contract. */
static void make_token(const char *path)
{
    struct sender *from = &w.sender[0];
    struct buf code;
    uint8_t supply[32] = {0};
    uint8_t rlp[32] = {0xd6 + 0, 0x94};
    size_t n = 22;
    hash32 h;
    buf_init(&code, 1 << 20);
    read_code(path, &code);
    supply[8] = 1;
    need(buf_put_mem(&code, supply, sizeof supply), "code");
    struct tx t = plain_tx(from);
    t.is_create = true;
    t.data = buf_slice(&code);
    memcpy(rlp + 2, from->address.b, 20);
    if (from->nonce == 0)
        rlp[n++] = 0x80;
    else if (from->nonce < 0x80)
        rlp[n++] = (uint8_t)from->nonce;
    else
        rlp[0]++, rlp[n++] = 0x81, rlp[n++] = (uint8_t)from->nonce;
    keccak256(slice_of(rlp, n), &h);
    memcpy(w.token.b, h.b + 12, 20);
    send_wait(&t, from);
    wait_mined();
    for (unsigned i = 1; i < SENDERS; i++) {
        uint8_t data[68] = {0xa9, 0x05, 0x9c, 0xbb};
        t = plain_tx(from);
        t.gas = 100000;
        t.to = w.token;
        memcpy(data + 16, w.sender[i].address.b, 20);
        data[50] = 1;
        t.data = slice_of(data, sizeof data);
        send_wait(&t, from);
    }
    wait_mined();
    buf_done(&code);
}

/* --- cases ----------------------------------------------------------------------------------- */

struct kind {
    const char *name;
    size_t connections;
    size_t batch;
    const char *method;
};

static const struct kind kinds[] = {
    {"batch-4", 4, BATCH, "eth_sendRawTransaction"},
    {"single-32", 32, 1, "eth_sendRawTransaction"},
    {"single-1", 1, 1, "eth_sendRawTransaction"},
    {"sync-1", 1, 1, "eth_sendRawTransactionSync"},
};

/* A sender's transactions all go through one connection, so that their order holds. */
static void fill(const struct kind *k, struct job *job, size_t n, struct load_queue *q)
{
    size_t in_batch[64] = {0};
    for (size_t i = 0; i < n; i++) {
        size_t c = (size_t)(job[i].from - w.sender) % k->connections;
        if (k->batch > 1)
            need(buf_put_str(&q[c].text, in_batch[c] == 0 ? "[" : ","), "batch");
        put_call(&q[c].text, k->method, job[i].hex, i);
        free(job[i].hex);
        if (++in_batch[c] < k->batch)
            continue;
        if (k->batch > 1)
            need(buf_put_str(&q[c].text, "]"), "batch");
        load_queue_close(&q[c]);
        in_batch[c] = 0;
    }
    for (size_t c = 0; c < k->connections; c++)
        if (in_batch[c] > 0) {
            need(buf_put_str(&q[c].text, "]"), "batch");
            load_queue_close(&q[c]);
        }
}

static double seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void run_case(const char *node, const struct kind *k, bool token, size_t n)
{
    static uint32_t serial;
    struct job *job = calloc(n, sizeof *job);
    struct load_queue q[32];
    struct load_result r;
    if (job == NULL)
        fail("memory", "");
    for (size_t i = 0; i < n; i++) {
        struct sender *s = &w.sender[i % SENDERS];
        job[i] = (struct job){.from = s, .nonce = s->nonce++, .i = ++serial, .token = token};
    }
    parallel_run(n, 2, sign, job);
    for (size_t c = 0; c < k->connections; c++)
        load_queue_init(&q[c]);
    fill(k, job, n, q);
    double t0 = seconds();
    load_run(w.port, q, k->connections, &r);
    if (r.errors > 0)
        fail("refused", r.first_error);
    wait_mined();
    double all = seconds() - t0;
    printf("%-22s %-9s %-9s %6zu  %8.0f accepted/s  %8.0f mined/s  p50 %7.2f ms  p99 %7.2f ms\n",
           node, token ? "ERC-20" : "transfer", k->name, n, (double)n / r.seconds, (double)n / all,
           r.ms[r.answers / 2], r.ms[r.answers * 99 / 100]);
    (void)fflush(stdout);
    for (size_t c = 0; c < k->connections; c++)
        load_queue_done(&q[c]);
    free(r.ms);
    free(job);
}

static int run(int argc, char **argv)
{
    make_senders();
    w.port = (uint16_t)strtoul(argv[3], NULL, 10);
    w.chain_id = strtoull(ask("eth_chainId", "[]"), NULL, 16);
    for (unsigned i = 0; i < SENDERS; i++)
        w.sender[i].nonce = nonce_of(&w.sender[i]);
    make_token(argv[4]);
    for (int i = 5; i + 1 < argc; i += 2) {
        const struct kind *k = NULL;
        for (size_t j = 0; j < sizeof kinds / sizeof *kinds; j++)
            if (strcmp(kinds[j].name, argv[i]) == 0)
                k = &kinds[j];
        if (k == NULL)
            fail("no such case", argv[i]);
        run_case(argv[2], k, false, strtoul(argv[i + 1], NULL, 10));
        run_case(argv[2], k, true, strtoul(argv[i + 1], NULL, 10));
    }
    return 0;
}

/* --- start and memory ------------------------------------------------------------------------ */

/* KiB of a process that nobody shares: /proc/PID/smaps_rollup, without pages of files. */
static unsigned long private_kib(pid_t pid, unsigned long *ret_rss)
{
    char path[64];
    char line[256];
    unsigned long kib = 0;
    unsigned long v;
    *ret_rss = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
    FILE *f = fopen(path, "r");
    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        v = strtoul(strchr(line, ':') != NULL ? strchr(line, ':') + 1 : "0", NULL, 10);
        if (strncmp(line, "Private_Dirty:", 14) == 0 || strncmp(line, "Private_Clean:", 14) == 0)
            kib += v;
        if (strncmp(line, "Rss:", 4) == 0)
            *ret_rss = v;
    }
    if (f != NULL)
        (void)fclose(f);
    return kib;
}

static int start(char **argv)
{
    struct buf out;
    unsigned long rss;
    w.port = (uint16_t)strtoul(argv[3], NULL, 10);
    buf_init(&out, 1 << 20);
    double t0 = seconds();
    pid_t pid = fork();
    if (pid == 0) {
        if (freopen("/dev/null", "w", stdout) == NULL || freopen("/dev/null", "w", stderr) == NULL)
            _exit(1);
        (void)execvp(argv[5], argv + 5);
        _exit(127);
    }
    const slice question =
        SLICE_LIT("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_blockNumber\",\"params\":[]}");
    while (!load_ask(w.port, question, &out)) {
        if (waitpid(pid, NULL, WNOHANG) != 0)
            fail("it ended", argv[5]);
        (void)usleep(500);
    }
    double ms = (seconds() - t0) * 1e3;
    (void)sleep(IDLE_S);
    unsigned long kib = private_kib(pid, &rss);
    printf("%-22s start to first answer %7.1f ms  idle: %.1f MB private, %.1f MB resident\n",
           argv[2], ms, (double)kib / 1024, (double)rss / 1024);
    (void)kill(pid, SIGTERM);
    (void)waitpid(pid, NULL, 0);
    buf_done(&out);
    return 0;
}

int main(int argc, char **argv)
{
    char hex[43];
    if (argc == 2 && strcmp(argv[1], "addresses") == 0) {
        make_senders();
        for (unsigned i = 0; i < SENDERS; i++)
            (void)puts(hex_0x(slice_of(w.sender[i].address.b, 20), hex));
        return 0;
    }
    if (argc >= 7 && strcmp(argv[1], "run") == 0)
        return run(argc, argv);
    if (argc >= 6 && strcmp(argv[1], "start") == 0)
        return start(argv);
    (void)fputs("usage: bench_rpc addresses | start NAME PORT -- COMMAND… | "
                "run NAME PORT TOKEN CASE N…\n",
                stderr);
    return 2;
}
