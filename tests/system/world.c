/* SPDX-License-Identifier: Apache-2.0 */
/* Deployment, the ehrd process and the signing client of system tests. */
#include "world.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "crypto/sha2.h"
#include "keys/keyfile.h"
#include "ledger/remote.h"
#include "tmpdir.h"

#define TX_MS 20000u
#define START_MS 30000
#define ARGS_MAX 40u

/* --- contracts ------------------------------------------------------------------------------- */

addr20 key_addr(const struct secp_key *key)
{
    addr20 a;
    assert_int_equal(secp_key_addr(key, &a), OK);
    return a;
}

static addr20 run(struct world *w, struct ledger_sender *from, const struct ledger_order *order)
{
    struct arena arena;
    struct ledger_receipt receipt = {0};
    arena_init(&arena, (size_t)16 << 20, false);
    assert_ok(ledger_sender_run(from, order, 0, TX_MS, &arena, &receipt, NULL, &w->err), &w->err);
    addr20 contract = receipt.contract;
    arena_done(&arena);
    return contract;
}

static addr20 deploy(struct world *w, struct buf *code)
{
    struct ledger_order order = {.create = true, .data = buf_slice(code)};
    addr20 at = run(w, w->admin, &order);
    buf_done(code);
    return at;
}

void world_send(struct world *w, struct ledger_sender *from, struct buf *data)
{
    struct ledger_order order = {.to = w->net.proxy, .data = buf_slice(data)};
    (void)run(w, from, &order);
    buf_done(data);
}

static void deploy_all(struct world *w)
{
    struct buf code;
    struct buf init;
    addr20 admin = ledger_sender_address(w->admin);
    buf_init(&code, (size_t)1 << 20);
    buf_init(&init, 4096);
    assert_int_equal(forwarder_put_deploy(&code, SLICE_LIT("ehrd forwarder")), OK);
    w->forwarder = deploy(w, &code);
    buf_init(&code, (size_t)1 << 20);
    assert_int_equal(registry_put_deploy(&code, w->forwarder), OK);
    addr20 logic = deploy(w, &code);
    buf_init(&code, (size_t)1 << 20);
    assert_int_equal(registry_put_initialize(&init, admin, admin), OK);
    assert_int_equal(proxy_put_deploy(&code, logic, admin, buf_slice(&init)), OK);
    w->net.proxy = deploy(w, &code);
    buf_done(&init);
}

/* The relayer's key file, and ether for it. */
static void relayer_make(struct world *w)
{
    char path[512];
    struct secp_key key;
    struct buf json;
    buf_init(&json, 4096);
    assert_int_equal(secp_key_generate(&random_system, &key), OK);
    assert_ok(
        keyfile_put(&key, SLICE_LIT("relay"), KEYFILE_LOG_N_LIGHT, &random_system, &json, &w->err),
        &w->err);
    (void)snprintf(path, sizeof path, "%s/relayer.json", w->dir);
    assert_ok(file_create(path, buf_slice(&json), 0600, &w->err), &w->err);
    (void)snprintf(path, sizeof path, "%s/relayer.pass", w->dir);
    assert_ok(file_create(path, SLICE_LIT("relay\n"), 0600, &w->err), &w->err);
    struct ledger_order order = {.to = key_addr(&key),
                                 .value = u256_from_u64(1000000000000000000u)};
    (void)run(w, w->admin, &order);
    buf_done(&json);
}

/* Also when anvil is gone already, the world is anvil's. */
static bool is_embedded(const struct world *w)
{
    return w->local.dir[0] != '\0';
}

/* The ledger that tests talk to: the chain in this process until a node has it. */
static bool ledger_up(struct world *w)
{
    char dir[340];
    if (local_chain_wanted()) {
        (void)snprintf(dir, sizeof dir, "%s/chain", w->dir);
        local_chain_make(&w->local, dir, false, false);
        w->ledger = &w->local.base;
        return true;
    }
    if (!anvil_start(&w->anvil, NULL))
        return false;
    struct ledger_remote_config cfg = {.url = w->anvil.url, .poll_ms = 20};
    assert_ok(ledger_remote_open(&cfg, &w->ledger, &w->err), &w->err);
    return true;
}

bool world_start(struct world *w)
{
    *w = (struct world){0};
    tmpdir_make(w->dir, sizeof w->dir);
    (void)snprintf(w->data, sizeof w->data, "%s/node", w->dir);
    struct http_client_options ho = {.total_ms = 60000};
    struct secp_key admin = anvil_key(0);
    assert_int_equal(secp_init(&random_system), OK);
    w->up = ledger_up(w);
    if (!w->up)
        return false;
    assert_ok(ledger_chain_id(w->ledger, &w->net.chain_id, &w->err), &w->err);
    assert_ok(ledger_sender_new(w->ledger, &admin, &w->admin, &w->err), &w->err);
    assert_ok(http_client_new(&ho, &w->http, &w->err), &w->err);
    deploy_all(w);
    relayer_make(w);
    return true;
}

void world_mine(struct world *w)
{
    struct ledger_order order = {.to = ledger_sender_address(w->admin)};
    if (!is_embedded(w))
        anvil_do(w->ledger, "anvil_mine", "[]");
    else
        (void)run(w, w->admin, &order);
}

void world_stop(struct world *w)
{
    if (w->ehrd > 0)
        assert_int_equal(ehrd_stop(w, SIGTERM), 0);
    http_client_free(w->http);
    ledger_sender_free(w->admin);
    ledger_close(w->ledger);
    anvil_stop(&w->anvil);
    if (is_embedded(w))
        local_chain_done(&w->local);
    if (w->dir[0] != '\0')
        tmpdir_remove(w->dir);
}

/* --- the process ----------------------------------------------------------------------------- */

struct args {
    char text[ARGS_MAX][384];
    const char *v[ARGS_MAX + 1];
    size_t n;
};

static void arg(struct args *a, const char *text, const char *more)
{
    assert_true(a->n < ARGS_MAX);
    (void)snprintf(a->text[a->n], sizeof a->text[0], "%s%s", text, more);
    a->v[a->n] = a->text[a->n];
    a->n++;
    a->v[a->n] = NULL;
}

static void option(struct args *a, const char *name, const char *value, const char *more)
{
    arg(a, name, "");
    arg(a, value, more);
}

static void usual_args(struct world *w, struct args *a)
{
    char hex[43];
    a->n = 0;
    arg(a, EHRD_PROGRAM, "");
    option(a, "--data", w->data, "");
    option(a, "--listen", "127.0.0.1:0", "");
    if (!is_embedded(w))
        option(a, "--ledger", w->anvil.url, "");
    else if (w->ehrd > 0) /* the chain is with another node */
        option(a, "--ledger", w->origin, "/rpc");
    else
        option(a, "--chain", w->local.dir, "");
    option(a, "--proxy", hex_0x(slice_of(w->net.proxy.b, 20), hex), "");
    option(a, "--forwarder", hex_0x(slice_of(w->forwarder.b, 20), hex), "");
    option(a, "--relayer-key", w->dir, "/relayer.json");
    option(a, "--relayer-passphrase-file", w->dir, "/relayer.pass");
    option(a, "--port-file", w->dir, "/port");
    const char *level = getenv("EHRD_TEST_LOG");
    option(a, "--log-level", level != NULL ? level : "warn", "");
}

static pid_t spawn(struct args *a, int err_fd)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid > 0)
        return pid;
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (err_fd >= 0)
        (void)dup2(err_fd, 2);
    char *const *argv = (char *const *)(const void *)a->v;
    (void)execv(a->v[0], argv);
    _exit(127);
}

static void pause_ms(long ms)
{
    const struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    (void)nanosleep(&t, NULL);
}

void ehrd_start(struct world *w)
{
    struct args a;
    struct buf text;
    char path[512];
    buf_init(&text, 64);
    (void)snprintf(path, sizeof path, "%s/port", w->dir);
    (void)remove(path);
    usual_args(w, &a);
    if (is_embedded(w))
        local_chain_away(&w->local, NULL);
    for (size_t i = 0; w->extra != NULL && w->extra[i] != NULL; i++)
        arg(&a, w->extra[i], "");
    w->ehrd = spawn(&a, -1);
    for (int ms = 0; ms < START_MS && !file_exists(path); ms += 20) {
        if (waitpid(w->ehrd, NULL, WNOHANG) != 0)
            fail_msg("ehrd ended at its start");
        pause_ms(20);
    }
    assert_ok(file_read(path, &text, &w->err), &w->err);
    const char *port = buf_cstr(&text);
    assert_non_null(port);
    (void)snprintf(w->origin, sizeof w->origin, "%s://127.0.0.1:%lu",
                   w->scheme != NULL ? w->scheme : "http", strtoul(port, NULL, 10));
    buf_done(&text);
    (void)snprintf(path, sizeof path, "%s/rpc", w->origin);
    if (is_embedded(w))
        local_chain_away(&w->local, path);
}

static int exit_code(pid_t pid)
{
    int how = 0;
    assert_int_equal(waitpid(pid, &how, 0), pid);
    return WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
}

int ehrd_stop(struct world *w, int sig)
{
    assert_int_equal(kill(w->ehrd, sig), 0);
    int code = exit_code(w->ehrd);
    w->ehrd = 0;
    if (is_embedded(w))
        local_chain_here(&w->local);
    return code;
}

int ehrd_run(struct world *w, const char *const *extra, struct buf *ret_said)
{
    struct args a;
    int fds[2];
    usual_args(w, &a);
    if (is_embedded(w) && w->ehrd <= 0)
        local_chain_away(&w->local, NULL);
    for (; *extra != NULL; extra++)
        arg(&a, *extra, "");
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    pid_t pid = spawn(&a, fds[1]);
    (void)close(fds[1]);
    assert_ok(file_read_fd(fds[0], "ehrd", ret_said, &w->err), &w->err);
    (void)close(fds[0]);
    return exit_code(pid);
}

/* --- the client ------------------------------------------------------------------------------ */

static void sign(struct world *w, const struct ask *q, struct buf *ret)
{
    struct auth_header h = {0};
    struct auth_target t = {
        .origin = slice_str(q->signed_origin != NULL ? q->signed_origin : w->origin),
        .method = slice_str(q->signed_method != NULL ? q->signed_method : q->method),
        .target = slice_str(q->signed_target != NULL ? q->signed_target : q->target),
    };
    hash32 digest;
    h.signer = q->signer != NULL ? *q->signer : key_addr(q->key);
    if (q->nonce != NULL)
        h.nonce = *q->nonce;
    else
        assert_int_equal(random_fill(&random_system, h.nonce.b, sizeof h.nonce.b), OK);
    h.issued = (uint64_t)((int64_t)clock_unix_s(&clock_system) - q->late_s);
    assert_int_equal(sha256(q->signed_body.p != NULL ? q->signed_body : q->body, &h.body), OK);
    auth_digest(&w->net, &t, &h, &digest);
    assert_int_equal(secp_sign(q->key, &digest, h.sig65), OK);
    assert_int_equal(auth_header_put(&h, ret), OK);
    if (q->no_signature_field)
        ret->n -= strlen(",signature=0x") + 130;
}

status ask_try(struct world *w, const struct ask *q, struct reply *ret)
{
    char url[9216];
    struct buf auth;
    struct http_header headers[3];
    size_t n = 0;
    buf_init(&auth, 2048);
    (void)snprintf(url, sizeof url, "%s%s", w->origin, q->target);
    if (q->key != NULL) {
        sign(w, q, &auth);
        headers[n++] = (struct http_header){SLICE_LIT("Authorization"), buf_slice(&auth)};
    }
    if (q->etag != NULL)
        headers[n++] = (struct http_header){SLICE_LIT("If-Match"), slice_str(q->etag)};
    if (q->range != NULL)
        headers[n++] = (struct http_header){SLICE_LIT("Range"), slice_str(q->range)};
    struct http_call call = {
        .method = q->method, .url = url, .headers = headers, .n_headers = n, .body = q->body};
    *ret = (struct reply){0};
    status st = http_client_call(w->http, &call, &ret->http, &w->err);
    ret->code = ret->http.code;
    buf_done(&auth);
    return st;
}

void ask(struct world *w, const struct ask *q, struct reply *ret)
{
    assert_ok(ask_try(w, q, ret), &w->err);
}

void reply_done(struct reply *r)
{
    http_answer_done(&r->http);
}

void get(struct world *w, const struct secp_key *key, const char *target, struct reply *ret)
{
    struct ask q = {.key = key, .method = "GET", .target = target};
    ask(w, &q, ret);
}

bool reply_has(struct reply *r, const char *text)
{
    slice body = buf_slice(&r->http.body);
    return body.n > 0 && memmem(body.p, body.n, text, strlen(text)) != NULL;
}

void expect_text(struct world *w, const struct ask *q, int code, const char *text)
{
    struct reply r;
    ask(w, q, &r);
    if (r.code != code || !reply_has(&r, text))
        fail_msg("%s %s: %d instead of %d with \"%s\": %.*s", q->method, q->target, r.code, code,
                 text, (int)(r.http.body.n < 400 ? r.http.body.n : 400),
                 r.http.body.p != NULL ? (const char *)r.http.body.p : "");
    reply_done(&r);
}

void expect(struct world *w, const struct ask *q, int code)
{
    struct reply r;
    ask(w, q, &r);
    if (r.code != code)
        fail_msg("%s %s: %d instead of %d: %.*s", q->method, q->target, r.code, code,
                 (int)(r.http.body.n < 400 ? r.http.body.n : 400),
                 r.http.body.p != NULL ? (const char *)r.http.body.p : "");
    reply_done(&r);
}
