/* SPDX-License-Identifier: Apache-2.0 */
/* `ehr`: the command line of patients, physicians, administrators and integrators. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/cmd_age.h"
#include "app/cmd_content.h"
#include "app/commands.h"
#include "app/harden.h"
#include "app/passphrase.h"
#include "base/secret.h"

static const struct command commands[] = {
    {"init", NULL,
     "--node URL [--second-ledger URL] [--origin URL] [--wallet-mode | --relationship-mode]",
     "learn a node's chain and registry; new folders and grants go by addresses made for each, or "
     "by "
     "the account's own (wallet mode)",
     cmd_init},
    {"account", "new", "NAME [--light]", "make a key file and an identity file", cmd_account_new},
    {"account", "import",
     "NAME (--hex-fd N | --keyfile FILE | --mnemonic-fd N [--index I]) [--light]",
     "take over a key; it is never an argument", cmd_account_import},
    {"account", "list", "", "the accounts of this home", cmd_account_list},
    {"account", "show", "[NAME|0x…]", "what the chain says of an account", cmd_account_show},
    {"account", "request", "--name \"NAME\" --role ROLE [--contact TEXT] | --withdraw",
     "ask the node's administrators to be registered", cmd_account_request},
    {"identity", "new", "NAME", "an identity for an account that has none", cmd_identity_new},
    {"identity", "show", "[NAME]", "the ways to unlock an identity", cmd_identity_show},
    {"identity", "add-way", "WAY [NAME] [--new-passphrase-fd N]",
     "unlock by another passphrase too", cmd_identity_add_way},
    {"identity", "remove-way", "WAY [NAME]", "take a way away; two stay", cmd_identity_remove_way},
    {"identity", "change-passphrase", "[NAME] [--new-passphrase-fd N]",
     "of the way that the present passphrase opens", cmd_identity_change_passphrase},
    {"identity", "recovery-code", "[NAME]", "show the code to print and store",
     cmd_identity_recovery_code},
    {"identity", "restore", "NAME [--code-fd N] [--light]", "bring an identity back from its code",
     cmd_identity_restore},
    {"recover", NULL, "NAME [--node URL] [--code | --code-fd N | --identity-file FILE] [--light]",
     "on an empty machine: keys, folders, grants and names are back", cmd_recover},
    {"transfer", NULL, "OLD NEW [--old-passphrase-fd N | --old-passphrase-file FILE]",
     "move everything from a stolen identity to a new account's", cmd_transfer},
    {"admin", "deploy", "[--rpc URL] [--out FILE] [--admin 0x…] [--registrar 0x…]",
     "put forwarder, registry and proxy on a chain", cmd_admin_deploy},
    {"admin", "register", "NAME|0x… --role patient|practitioner|organisation [--valid-until UNIX]",
     "register an account", cmd_admin_register},
    {"admin", "requests", "[--approve 0x… [--role ROLE] | --refuse 0x…]",
     "who asks to be registered; answer", cmd_admin_requests},
    {"admin", "suspend", "NAME|0x…", "suspend an account at once", cmd_admin_suspend},
    {"admin", "reinstate", "NAME|0x…", "make a suspended account active again",
     cmd_admin_reinstate},
    {"admin", "upgrade", "[--implementation 0x…]", "change the contract behind the proxy",
     cmd_admin_upgrade},
    {"card", "show", "[NAME|0x…]", "a key card, checked against the chain", cmd_card_show},
    {"card", "publish", "--name \"NAME\"", "publish one's own key card", cmd_card_publish},
    {"people", "add", "NAME 0x…", "give an address a name", cmd_people_add},
    {"people", "list", "", "the names of this home", cmd_people_list},
    {"folder", "new", "NAME", "open a folder", cmd_folder_new},
    {"folder", "list", "", "one's own folders, and those others share", cmd_folder_list},
    {"folder", "rotate", "FOLDER", "a new key for new records", cmd_folder_rotate},
    {"folder", "export-key", "FOLDER [-o FILE]", "the folder's keys as an age identity file",
     cmd_folder_export_key},
    {"record", "add",
     "FOLDER FILE… [--title T] [--category C] [--date D] [--type MEDIA] [--bundle]",
     "seal and add documents; --bundle splits FHIR Bundles", cmd_record_add},
    {"record", "list", "FOLDER [--all]", "the records, each one proved", cmd_record_list},
    {"record", "show", "FOLDER RECORD [--version N]", "what is known of a record", cmd_record_show},
    {"record", "get", "FOLDER RECORD [-o FILE] [--age] [--version N] | FOLDER --all -o DIR [--age]",
     "the document; --age: sealed, as a plain age file", cmd_record_get},
    {"record", "amend", "FOLDER RECORD FILE [--title T] …", "a new version of a record",
     cmd_record_amend},
    {"record", "remove", "FOLDER RECORD [--entered-in-error | --undo]",
     "remove, mark as an error, or undo that", cmd_record_remove},
    {"record", "history", "FOLDER RECORD", "all versions", cmd_record_history},
    {"grant", NULL, "PERSON FOLDER [--view] [--add] [--amend] [--remove] [--until DATE|Nd]",
     "let somebody use a folder (90 days unless said)", cmd_grant},
    {"revoke", NULL, "PERSON FOLDER", "end it, with a new key for what comes", cmd_revoke},
    {"request", "new",
     "--for PURPOSE [--view] [--add] [--amend] [--remove] [--days N] [--folder NAME] "
     "[--answer-by DATE|Nd] [--to PERSON]",
     "ask for access: a link and a QR code for the owner", cmd_request_new},
    {"request", "list", "", "who asked for access, and what was answered", cmd_request_list},
    {"request", "show", "LINK|ID|-", "what a request asks for, checked (-: from standard input)",
     cmd_request_show},
    {"request", "accept",
     "LINK|ID|- FOLDER [--view] [--add] [--amend] [--remove] [--until DATE|Nd]",
     "grant what was asked for, or less", cmd_request_accept},
    {"request", "refuse", "LINK|ID|-", "refuse; the asker is not told", cmd_request_refuse},
    {"reseal", NULL, "FOLDER", "seal old records again for the present key", cmd_reseal},
    {"grants", NULL, "FOLDER", "who may use a folder", cmd_grants},
    {"inbox", NULL, "[--moved]", "accept what others granted", cmd_inbox},
    {"audit", NULL, "FOLDER", "who read what; the log is checked", cmd_audit},
    {"doctor", NULL, "", "check the set-up and say how to mend it", cmd_doctor},
};

#define N_COMMANDS (sizeof commands / sizeof commands[0])

static const char global_usage[] =
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
    for (size_t i = 0; i < N_COMMANDS; i++)
        usage_line(&commands[i], f);
    (void)fprintf(f, "  %-22s %s\n  %-22s %s\n", "ehr age", "seal and open age files",
                  "ehr content", "files in an IPFS-compatible store");
    (void)fputs(global_usage, f);
}

/* Usage of the commands that begin with name. False: none does. */
static bool usage_of(const char *name, FILE *f)
{
    bool found = false;
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (strcmp(commands[i].name, name) != 0)
            continue;
        (void)fprintf(f, "usage: ehr %s%s%s %s\n       %s\n", commands[i].name,
                      commands[i].sub != NULL ? " " : "",
                      commands[i].sub != NULL ? commands[i].sub : "", commands[i].usage,
                      commands[i].about);
        found = true;
    }
    return found;
}

static const struct command *command_find(struct args *a)
{
    for (size_t i = 0; i < N_COMMANDS; i++) {
        const struct command *k = &commands[i];
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
    status st = k->run(c, a, &e);
    cli_plain(e.msg);
    if (c->json)
        answer_json(c, st, &e);
    if (fflush(stdout) != 0 && st == OK)
        st = ERR(&e, E_IO, "standard output: %s", strerror(errno));
    if (st != OK)
        (void)fprintf(stderr, "ehr: %s\n", e.msg[0] != 0 ? e.msg : status_text(st));
    if (st == E_USAGE)
        (void)fprintf(stderr, "usage: ehr %s%s%s %s\n", k->name, k->sub != NULL ? " " : "",
                      k->sub != NULL ? k->sub : "", k->usage);
    return cli_exit_of(st);
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

int main(int argc, char **argv)
{
    harden();
    (void)signal(SIGPIPE, SIG_IGN);
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
    int code = dispatch(c, &a);
    cli_close(c);
    secret_free(c, sizeof *c);
    secp_done();
    return code;
}
