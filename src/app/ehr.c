/* SPDX-License-Identifier: Apache-2.0 */
/* `ehr`: the command line of patients, physicians, administrators and integrators. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/cmd_age.h"
#include "app/cmd_content.h"
#include "app/commands.h"
#include "app/harden.h"
#include "app/passphrase.h"
#include "app/std_out.h"
#include "base/secret.h"

const char command_global_usage[] =
    "\nFOLDER: a name of your own, or OWNER/NAME of somebody else's.\n"
    "RECORD: its number in the list, at least 8 digits of its id, or its exact title.\n\n"
    "Everywhere:\n"
    "  --home DIR              default $EHR_HOME or ~/.local/share/ehr\n"
    "  --as NAME               the account to act as\n"
    "  --passphrase-fd N       read the passphrase from a descriptor,\n"
    "  --passphrase-file FILE  or from the first line of a file; else it is asked for\n"
    "  --json                  answer in JSON\n"
    "  --yes                   do not ask back\n"
    "  --help                  usage of a command\n\n"
    "Exit codes: 0 done, 1 failed, 2 usage, 3 refused by node or contract, 4 something does not\n"
    "match what it is bound to, 5 node or ledger cannot be reached.\n";

static void usage_line(const struct command *k, FILE *f)
{
    char head[64];
    (void)snprintf(head, sizeof head, "ehr %s%s%s", k->name, k->sub != NULL ? " " : "",
                   k->sub != NULL ? k->sub : "");
    (void)fprintf(f, "  %-22s %s\n", head, k->about);
}

static void usage(FILE *f)
{
    (void)fprintf(f, "ehr: health records under their patient's keys\n\n");
    for (size_t i = 0; i < command_count; i++)
        usage_line(&command_table[i], f);
    (void)fprintf(f, "  %-22s %s\n  %-22s %s\n", "ehr age", "seal and open age files",
                  "ehr content", "files in an IPFS-compatible store");
    (void)fputs(command_global_usage, f);
}

/* Usage of the commands that begin with name. False: none does. */
static bool usage_of(const char *name, FILE *f)
{
    bool found = false;
    for (size_t i = 0; i < command_count; i++) {
        if (strcmp(command_table[i].name, name) != 0)
            continue;
        (void)fprintf(f, "usage: ehr %s%s%s %s\n       %s\n", command_table[i].name,
                      command_table[i].sub != NULL ? " " : "",
                      command_table[i].sub != NULL ? command_table[i].sub : "",
                      command_table[i].usage, command_table[i].about);
        found = true;
    }
    return found;
}

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
    return n > 0 && (size_t)n < sizeof c->home ? OK : ERR(reterr, E_RANGE, "--home: too long");
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

static int run(struct cli *c, const struct command *k, struct args *a)
{
    struct err e = {.msg = ""};
    if (c->help)
        return usage_of(k->name, stdout) ? CLI_OK : CLI_USAGE;
    jw_init(&c->w, &c->out);
    jw_object(&c->w);
    status st = cli_origin_explain(c, k->run(c, a, &e), &e);
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
        (void)fprintf(stderr, "usage: ehr %s%s%s %s\n", k->name, k->sub != NULL ? " " : "",
                      k->sub != NULL ? k->sub : "", k->usage);
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

static int dispatch(struct cli *c, struct args *a)
{
    struct err e = {.msg = ""};
    status st = globals_take(c, a, &e);
    if (st != OK) {
        (void)fprintf(stderr, "ehr: %s\n", e.msg);
        return CLI_USAGE;
    }
    const struct command *k = command_find(a);
    if (k != NULL)
        return run(c, k, a);
    if (a->n == 0 || strcmp(a->v[0], "help") == 0) {
        usage(a->n == 0 && !c->help ? stderr : stdout);
        return a->n == 0 && !c->help ? CLI_USAGE : CLI_OK;
    }
    if (usage_of(a->v[0], c->help ? stdout : stderr))
        return c->help ? CLI_OK : CLI_USAGE;
    (void)fprintf(stderr, "ehr: there is no command \"%s\"; see ehr --help\n", a->v[0]);
    return CLI_USAGE;
}

static int program(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "age") == 0)
        return cmd_age(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "content") == 0)
        return cmd_content(argc - 1, argv + 1);
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
