/* SPDX-License-Identifier: Apache-2.0 */
/* "ehr age": options, usage and key generation. */
#include "app/cmd_age.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "app/cmd_age_impl.h"
#include "app/passphrase.h"
#include "base/file.h"
#include "base/secret.h"
#include "base/wipe.h"

#define OPT_PASSPHRASE_FD 256

const char cmd_age_usage[] =
    "Usage: ehr age [-e] (-r RECIPIENT | -R FILE | -i FILE)... [-a] [-o OUT] [INPUT]\n"
    "       ehr age [-e] -p [-a] [-o OUT] [INPUT]\n"
    "       ehr age -d [-i FILE]... [-o OUT] [INPUT]\n"
    "       ehr age -y [FILE]\n"
    "       ehr age keygen [-o FILE]\n"
    "\n"
    "  -e, --encrypt               seal INPUT (the default)\n"
    "  -d, --decrypt               open INPUT, armored or not\n"
    "  -r, --recipient RECIPIENT   seal for \"age1...\"; may be repeated\n"
    "  -R, --recipients-file FILE  seal for the recipients of FILE, one a line\n"
    "  -p, --passphrase            seal with a passphrase\n"
    "  -i, --identity FILE         open with (or, with -e, seal for) the identities of FILE\n"
    "  -a, --armor                 seal to ASCII armor\n"
    "  -o, --output OUT            write to OUT, which appears only when it is complete\n"
    "  -y, --to-recipient          print the recipients of an identity file\n"
    "      --passphrase-fd N       read the passphrase from descriptor N, not the terminal\n"
    "\n"
    "INPUT and OUT default to standard input and output; \"-\" means the same.\n";

static const struct option long_options[] = {
    {"encrypt", no_argument, NULL, 'e'},
    {"decrypt", no_argument, NULL, 'd'},
    {"recipient", required_argument, NULL, 'r'},
    {"recipients-file", required_argument, NULL, 'R'},
    {"passphrase", no_argument, NULL, 'p'},
    {"identity", required_argument, NULL, 'i'},
    {"armor", no_argument, NULL, 'a'},
    {"output", required_argument, NULL, 'o'},
    {"to-recipient", no_argument, NULL, 'y'},
    {"passphrase-fd", required_argument, NULL, OPT_PASSPHRASE_FD},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static status read_fd_number(const char *text, int *ret, struct err *reterr)
{
    char *end;
    errno = 0;
    long v = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != 0 || v < 0 || v > 1048576)
        return ERR(reterr, E_USAGE, "--passphrase-fd needs the number of a descriptor");
    *ret = (int)v;
    return OK;
}

static status set_mode(struct cmd_age *c, enum cmd_age_mode mode, struct err *reterr)
{
    if (c->mode != CMD_AGE_ENCRYPT || (c->explicit_encrypt && mode != CMD_AGE_ENCRYPT))
        return c->mode == mode ? OK : ERR(reterr, E_USAGE, "-e, -d and -y exclude each other");
    c->mode = mode;
    c->explicit_encrypt = mode == CMD_AGE_ENCRYPT;
    return OK;
}

static status add_to(struct cmd_age *c, bool is_file, struct err *reterr)
{
    if (c->n_to == CMD_AGE_KEYS_MAX)
        return ERR(reterr, E_USAGE, "too many recipients");
    c->to[c->n_to++] = (struct cmd_age_to){optarg, is_file};
    return OK;
}

static status add_id_file(struct cmd_age *c, struct err *reterr)
{
    if (c->n_id_files == CMD_AGE_KEYS_MAX)
        return ERR(reterr, E_USAGE, "too many identity files");
    c->id_files[c->n_id_files++] = optarg;
    return OK;
}

static status set_output(struct cmd_age *c, struct err *reterr)
{
    if (c->output != NULL)
        return ERR(reterr, E_USAGE, "-o is given twice");
    c->output = optarg;
    return OK;
}

static status take_option(struct cmd_age *c, int opt, struct err *reterr)
{
    switch (opt) {
    case 'e':
        return set_mode(c, CMD_AGE_ENCRYPT, reterr);
    case 'd':
        return set_mode(c, CMD_AGE_DECRYPT, reterr);
    case 'y':
        return set_mode(c, CMD_AGE_TO_RECIPIENT, reterr);
    case 'r':
    case 'R':
        return add_to(c, opt == 'R', reterr);
    case 'i':
        return add_id_file(c, reterr);
    case 'o':
        return set_output(c, reterr);
    case 'p':
        c->passphrase = true;
        return OK;
    case 'a':
        c->armor = true;
        return OK;
    case OPT_PASSPHRASE_FD:
        return read_fd_number(optarg, &c->passphrase_fd, reterr);
    case 'h':
        c->mode = CMD_AGE_HELP;
        return OK;
    default:
        return ERR(reterr, E_USAGE, "unknown option or missing value");
    }
}

static status check_encrypt(const struct cmd_age *c, struct err *reterr)
{
    if (c->n_id_files > 0 && !c->explicit_encrypt)
        return ERR(reterr, E_USAGE, "-i seals only together with -e; did you forget -d?");
    if (c->passphrase && c->n_to + c->n_id_files > 0)
        return ERR(reterr, E_USAGE, "-p cannot be combined with -r, -R or -i");
    if (!c->passphrase && c->n_to + c->n_id_files == 0)
        return ERR(reterr, E_USAGE, "missing recipients: use -r, -R, -i or -p");
    return OK;
}

static status check_decrypt(const struct cmd_age *c, struct err *reterr)
{
    if (c->armor)
        return ERR(reterr, E_USAGE, "-a cannot be used with -d; armor is detected");
    if (c->passphrase)
        return ERR(reterr, E_USAGE,
                   "-p cannot be used with -d; passphrase-encrypted files are detected");
    if (c->n_to > 0)
        return ERR(reterr, E_USAGE, "-r and -R cannot be used with -d; did you mean -i?");
    return OK;
}

static status check_to_recipient(const struct cmd_age *c, struct err *reterr)
{
    if (c->armor || c->passphrase || c->n_to + c->n_id_files > 0 || c->output != NULL)
        return ERR(reterr, E_USAGE, "-y takes only an identity file");
    return OK;
}

static status options_read(struct cmd_age *c, int argc, char **argv, struct err *reterr)
{
    int opt;
    status st = OK;
    optind = 0; /* start anew, whatever was parsed before */
    opterr = 0;
    while (st == OK && c->mode != CMD_AGE_HELP &&
           (opt = getopt_long(argc, argv, "edr:R:pi:ao:yh", long_options, NULL)) != -1)
        st = take_option(c, opt, reterr);
    if (st != OK || c->mode == CMD_AGE_HELP)
        return st;
    if (argc - optind > 1)
        return ERR(reterr, E_USAGE, "more than one INPUT");
    c->input = optind < argc ? argv[optind] : NULL;
    return c->mode == CMD_AGE_ENCRYPT   ? check_encrypt(c, reterr)
           : c->mode == CMD_AGE_DECRYPT ? check_decrypt(c, reterr)
                                        : check_to_recipient(c, reterr);
}

/* The text of a new identity file. out: made by buf_init_secret. */
static status put_identity_file(struct buf *out, char recipient[AGE_RECIPIENT_TEXT],
                                struct err *reterr)
{
    struct age_identity id = {0};
    char secret[AGE_IDENTITY_TEXT];
    char when[32] = "";
    time_t now = (time_t)clock_unix_s(&clock_system);
    struct tm tm;
    if (gmtime_r(&now, &tm) != NULL)
        (void)strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &tm);
    status st = age_identity_generate(&random_system, &id);
    if (st == OK)
        st = age_recipient_write(&id.recipient, recipient);
    if (st == OK)
        st = age_identity_write(&id, secret);
    if (st == OK)
        st = buf_printf(out, "# created: %s\n# public key: %s\n%s\n", when, recipient, secret);
    age_identity_done(&id);
    wipe(secret, sizeof secret);
    return st == OK ? OK : ERR(reterr, st, "%s", status_text(st));
}

/* "ehr age keygen [-o FILE]": never overwrites a file. */
static status keygen(const char *output, struct err *reterr)
{
    struct buf text;
    char recipient[AGE_RECIPIENT_TEXT];
    buf_init_secret(&text, 4096);
    status st = put_identity_file(&text, recipient, reterr);
    if (st == OK)
        st = cmd_age_is_stdio(output)
                 ? file_write_fd(STDOUT_FILENO, "standard output", buf_slice(&text), reterr)
                 : file_create(output, buf_slice(&text), 0600, reterr);
    if (st == OK && (!cmd_age_is_stdio(output) || !isatty(STDOUT_FILENO)))
        (void)fprintf(stderr, "Public key: %s\n", recipient);
    buf_done(&text);
    return st;
}

static int exit_code(status st, const struct err *e)
{
    if (st == OK)
        return 0;
    (void)fprintf(stderr, "ehr age: %s\n", e->msg);
    if (st == E_USAGE)
        (void)fprintf(stderr, "\"ehr age --help\" lists the options.\n");
    return st == E_USAGE ? 2 : 1;
}

/* argv[0] is "keygen". */
static int keygen_main(int argc, char **argv)
{
    const char *output = NULL;
    struct err e = {0};
    if (argc == 3 && (strcmp(argv[1], "-o") == 0 || strcmp(argv[1], "--output") == 0))
        output = argv[2];
    else if (argc != 1)
        return exit_code(ERR(&e, E_USAGE, "keygen takes only -o FILE"), &e);
    return exit_code(keygen(output, &e), &e);
}

static status dispatch(struct cmd_age *c, struct err *reterr)
{
    switch (c->mode) {
    case CMD_AGE_HELP:
        (void)fputs(cmd_age_usage, stdout);
        return OK;
    case CMD_AGE_TO_RECIPIENT:
        return cmd_age_print_recipients(c, reterr);
    default:
        return cmd_age_run(c, reterr);
    }
}

int cmd_age(int argc, char **argv)
{
    struct err e = {0};
    if (argc > 1 && strcmp(argv[1], "keygen") == 0)
        return keygen_main(argc - 1, argv + 1);
    struct cmd_age *c = secret_alloc(sizeof *c);
    if (c == NULL)
        return exit_code(ERR(&e, E_NOMEM, "out of memory"), &e);
    c->passphrase_fd = -1;
    buf_init_secret(&c->secret, PASSPHRASE_MAX);
    status st = options_read(c, argc, argv, &e);
    if (st == OK)
        st = dispatch(c, &e);
    buf_done(&c->secret);
    secret_free(c, sizeof *c);
    return exit_code(st, &e);
}
