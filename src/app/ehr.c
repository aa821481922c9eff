/* SPDX-License-Identifier: Apache-2.0 */
/* `ehr`: the command line of patients, physicians, administrators and integrators. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/cmd_age.h"
#include "app/cmd_content.h"
#include "app/command_help.h"
#include "app/commands.h"
#include "app/harden.h"
#include "app/passphrase.h"
#include "app/std_out.h"
#include "base/secret.h"
#include "contract/errors.h"

static const struct command *command_find(struct args *a)
{
    for (size_t i = 0; i < command_count; i++) {
        const struct command *k = &command_table[i];
        int words = k->sub != NULL ? 2 : 1;
        if (a->n < words || strcmp(a->v[0], k->name) != 0 ||
            (k->sub != NULL && strcmp(a->v[1], k->sub) != 0))
            continue;
        a->v += words;
        a->n -= words;
        return k;
    }
    return NULL;
}

static status home_find(struct cli *c, const char *given, struct err *reterr)
{
    const char *env = getenv("EHR_HOME");
    const char *user = getenv("HOME");
    int n;
    if (given != NULL || (env != NULL && env[0] != 0))
        n = snprintf(c->home, sizeof c->home, "%s", given != NULL ? given : env);
    else if (user != NULL)
        n = snprintf(c->home, sizeof c->home, "%s/.local/share/ehr", user);
    else
        return ERR(reterr, E_USAGE, "--home DIR is needed: neither EHR_HOME nor HOME is set");
    if (n <= 0)
        return ERR(reterr, E_USAGE, "--home: the name of a folder is needed");
    return (size_t)n < sizeof c->home ? OK : ERR(reterr, E_RANGE, "--home: too long");
}

static status globals_take(struct cli *c, struct args *a, struct err *reterr)
{
    const char *home = NULL;
    const char *fd = NULL;
    char *end = NULL;
    c->json = args_flag(a, "--json");
    c->yes = args_flag(a, "--yes");
    c->help = args_flag(a, "--help");
    status st = args_value(a, "--home", &home, reterr);
    if (st == OK)
        st = args_value(a, "--as", &c->as, reterr);
    if (st == OK)
        st = args_value(a, "--passphrase-fd", &fd, reterr);
    if (st == OK)
        st = args_value(a, "--passphrase-file", &c->pass_file, reterr);
    c->pass_fd = fd != NULL ? (int)strtol(fd, &end, 10) : -1;
    if (st == OK && fd != NULL && (end == fd || *end != 0 || c->pass_fd < 0))
        st = ERR(reterr, E_USAGE, "--passphrase-fd needs the number of a descriptor");
    return st == OK ? home_find(c, home, reterr) : st;
}

/* The JSON answer, also of a command that failed on its way: what it had, and the error. */
static void answer_json(struct cli *c, status st, const struct err *e)
{
    while (c->w.depth > 1)
        jw_end(&c->w);
    if (st != OK) {
        jw_key(&c->w, "error"), jw_object(&c->w);
        jw_key(&c->w, "code"), jw_cstr(&c->w, status_name(st));
        jw_key(&c->w, "message"), jw_cstr(&c->w, e->msg);
        jw_end(&c->w);
    }
    jw_end(&c->w);
    if (jw_done(&c->w, NULL) == OK)
        printf("%.*s\n", (int)c->out.n, (const char *)c->out.p);
    else
        printf("{\"error\":{\"code\":\"%s\",\"message\":\"see standard error\"}}\n",
               status_name(st != OK ? st : E_INTERNAL));
}

/* A refusal by the contract in words; what it said itself stands behind. */
static void refusal_explain(status st, struct err *e)
{
    const char *words = st == E_REVERTED ? contract_error_words(slice_str(e->msg)) : NULL;
    if (words != NULL)
        (void)err_prefix(e, st, words);
}

static int run(struct cli *c, const struct command *k, struct args *a)
{
    struct err e = {.msg = ""};
    if (c->help) {
        command_help_one(k, stdout);
        return CLI_OK;
    }
    jw_init(&c->w, &c->out);
    jw_object(&c->w);
    status st = cli_origin_explain(c, k->run(c, a, &e), &e);
    refusal_explain(st, &e);
    cli_plain(e.msg);
    if (c->json)
        answer_json(c, st, &e);
    status said = std_out_flush(st == OK ? &e : NULL);
    if (st == OK && said != OK)
        st = said;
    if (st == OK && c->when_said.run != NULL)
        st = c->when_said.run(c, c->when_said.name, true, &e);
    if (st != OK)
        (void)fprintf(stderr, "ehr: %s\n", e.msg[0] != 0 ? e.msg : status_text(st));
    if (c->client.state_unread > 0)
        (void)fprintf(stderr,
                      "ehr: the owner state has notes of %zu shared folder%s that cannot be read; "
                      "they are left out: who shared one can grant it again\n",
                      c->client.state_unread, c->client.state_unread == 1 ? "" : "s");
    if (st == E_USAGE)
        command_help_usage(k, stderr);
    return cli_exit_of(st);
}

status cmd_version(struct cli *c, struct args *a, struct err *reterr)
{
    status st = args_end(a, 0, 0, reterr);
    if (st == OK && c->json)
        jw_key(&c->w, "version"), jw_cstr(&c->w, EHRD_VERSION_TEXT);
    else if (st == OK)
        (void)puts("ehr " EHRD_VERSION_TEXT);
    return st;
}

/* What no command was reached with. */
static int usage_error(struct cli *c, const struct err *e)
{
    if (c->json) {
        jw_init(&c->w, &c->out);
        jw_object(&c->w);
        answer_json(c, e->code, e);
    }
    (void)fprintf(stderr, "ehr: %s\n", e->msg);
    return CLI_USAGE;
}

/* They have options of their own, and neither home nor account. */
static const struct tool {
    const char *name;
    int (*run)(int argc, char **argv);
} tools[] = {{"age", cmd_age}, {"content", cmd_content}};

static const struct tool *tool_find(const char *name)
{
    for (size_t i = 0; i < sizeof tools / sizeof tools[0]; i++)
        if (strcmp(tools[i].name, name) == 0)
            return &tools[i];
    return NULL;
}

/* A tool behind options of ehr, which would mean nothing to it, or something else. */
static int tool_misplaced(struct cli *c, const struct tool *t)
{
    static char help[] = "--help";
    static char name[] = "ehr";
    char *argv[] = {name, help, NULL};
    struct err e = {.msg = ""};
    if (c->help)
        return t->run(2, argv);
    (void)ERR(&e, E_USAGE,
              "write \"ehr %s\" first: it has options of its own, and needs no --home and no "
              "account; see ehr %s --help",
              t->name, t->name);
    return usage_error(c, &e);
}

/* Words that name no command, or only the first of two. */
static int no_command(struct cli *c, const struct args *a)
{
    struct err e = {.msg = ""};
    FILE *f = c->help ? stdout : stderr;
    const struct tool *tool = tool_find(a->v[0]);
    if (tool != NULL)
        return tool_misplaced(c, tool);
    if (c->help && command_help_group(a->v[0], f))
        return CLI_OK;
    (void)ERR(&e, E_USAGE, "there is no command \"%s%s%s\"; see ehr --help", a->v[0],
              a->n > 1 ? " " : "", a->n > 1 ? a->v[1] : "");
    cli_plain(e.msg);
    int code = usage_error(c, &e);
    (void)command_help_group(a->v[0], stderr);
    return code;
}

static int dispatch(struct cli *c, struct args *a)
{
    struct err e = {.msg = ""};
    if (globals_take(c, a, &e) != OK)
        return usage_error(c, &e);
    const struct command *k = command_find(a);
    if (k != NULL)
        return run(c, k, a);
    if (a->n > 0 && strcmp(a->v[0], "help") != 0)
        return no_command(c, a);
    bool asked = a->n > 0 || c->help;
    command_help_all(asked ? stdout : stderr);
    return asked ? CLI_OK : CLI_USAGE;
}

static int program(int argc, char **argv)
{
    const struct tool *tool = argc > 1 ? tool_find(argv[1]) : NULL;
    if (tool != NULL)
        return tool->run(argc - 1, argv + 1);
    if (secp_init(&random_system) != OK) {
        (void)fprintf(stderr, "ehr: no randomness\n");
        return CLI_FAILED;
    }
    struct cli *c = secret_alloc(sizeof *c); /* with the account's key and identity */
    if (c == NULL) {
        (void)fprintf(stderr, "ehr: out of memory\n");
        return CLI_FAILED;
    }
    buf_init_secret(&c->pass, PASSPHRASE_MAX);
    buf_init(&c->out, CLIENT_ANSWER);
    struct args a = {argc - 1, argv + 1};
    static char version[] = "version";
    if (argc == 2 && strcmp(argv[1], "--version") == 0)
        argv[1] = version;
    int code = dispatch(c, &a);
    cli_close(c);
    secret_free(c, sizeof *c);
    secp_done();
    return code;
}

int main(int argc, char **argv)
{
    std_out_begin();
    harden();
    (void)signal(SIGPIPE, SIG_IGN);
    return std_out_end("ehr", program(argc, argv));
}
