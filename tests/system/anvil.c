/* SPDX-License-Identifier: Apache-2.0 */
/* Starting and ending anvil from a test program. */
#include "anvil.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ledger/remote.h"
#include "local_chain.h"
#include "test.h"

#define START_MS 20000
#define ARGS_MAX 24u
#define OUTPUT_MAX 16384u

static const char *anvil_path(char *out, size_t n)
{
    const char *env = getenv("EHRD_ANVIL");
    if (env != NULL)
        return env;
    (void)snprintf(out, n, "%s/contracts/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil",
                   EHRD_SOURCE_DIR);
    return out;
}

static void run_anvil(const char *path, const char *const *extra, int out)
{
    const char *args[ARGS_MAX] = {path, "--port", "0", "--host", "127.0.0.1"};
    size_t n = 5;
    for (; extra != NULL && *extra != NULL && n + 1 < ARGS_MAX; extra++)
        args[n++] = *extra;
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    (void)dup2(out, 1);
    (void)dup2(out, 2);
    char *const *argv = (char *const *)(const void *)args;
    (void)execv(path, argv);
    _exit(127);
}

/* Read output until it names the port. */
static bool read_port(int fd, uint16_t *ret)
{
    static const char mark[] = "Listening on 127.0.0.1:";
    char text[OUTPUT_MAX] = {0};
    size_t n = 0;
    while (n + 1 < sizeof text) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, START_MS) <= 0)
            return false;
        ssize_t got = read(fd, text + n, sizeof text - 1 - n);
        if (got <= 0)
            return false;
        n += (size_t)got;
        const char *at = strstr(text, mark);
        if (at != NULL && strchr(at, '\n') != NULL) {
            *ret = (uint16_t)strtoul(at + sizeof mark - 1, NULL, 10);
            return true;
        }
    }
    return false;
}

/* anvil goes on printing: somebody must read it, or it blocks. */
static void drain_in_child(int fd)
{
    pid_t pid = fork();
    if (pid != 0)
        return;
    char sink[4096];
    while (read(fd, sink, sizeof sink) > 0)
        continue;
    _exit(0);
}

bool anvil_start(struct anvil *a, const char *const *extra)
{
    char room[1024];
    const char *path = anvil_path(room, sizeof room);
    int fds[2];
    *a = (struct anvil){0};
    if (access(path, X_OK) != 0) {
        print_message("SKIPPED: no anvil at %s (run tools/anvil-path)\n", path);
        return false;
    }
    if (pipe(fds) != 0)
        return false;
    a->pid = fork();
    if (a->pid == 0) {
        (void)close(fds[0]);
        run_anvil(path, extra, fds[1]);
    }
    (void)close(fds[1]);
    bool up = a->pid > 0 && read_port(fds[0], &a->port);
    if (up)
        drain_in_child(fds[0]);
    (void)close(fds[0]);
    if (!up) {
        print_message("anvil does not come up\n");
        anvil_stop(a);
        return false;
    }
    (void)snprintf(a->url, sizeof a->url, "http://127.0.0.1:%u", a->port);
    return true;
}

void anvil_stop(struct anvil *a)
{
    if (a->pid <= 0)
        return;
    (void)kill(a->pid, SIGTERM);
    const struct timespec pause = {.tv_nsec = 20000000};
    for (int i = 0; i < 250; i++) {
        if (waitpid(a->pid, NULL, WNOHANG) != 0) {
            a->pid = 0;
            return;
        }
        (void)nanosleep(&pause, NULL);
    }
    (void)kill(a->pid, SIGKILL);
    (void)waitpid(a->pid, NULL, 0);
    a->pid = 0;
}

void anvil_do(struct ledger *l, const char *method, const char *params)
{
    struct buf request;
    struct buf answer;
    struct err err;
    if (local_chain_do(l, method, params))
        return;
    buf_init(&request, 65536);
    buf_init(&answer, 1 << 20);
    assert_int_equal(buf_printf(&request,
                                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":%s}",
                                method, params),
                     OK);
    assert_ok(ledger_remote_post(l, buf_slice(&request), &answer, &err), &err);
    const char *text = buf_cstr(&answer);
    assert_non_null(text);
    if (strstr(text, "\"error\"") != NULL)
        fail_msg("%s: %s", method, text);
    buf_done(&request);
    buf_done(&answer);
}

/* The well-known keys of the mnemonic "test test … junk": public, without value. */
struct secp_key anvil_key(unsigned i)
{
    static const char *const keys[] = {
        "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
        "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
        "5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a"};
    struct secp_key key;
    assert_true(i < 3);
    assert_int_equal(hex_read(slice_str(keys[i]), key.b, sizeof key.b), OK);
    return key;
}
