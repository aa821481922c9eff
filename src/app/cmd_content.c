/* SPDX-License-Identifier: Apache-2.0 */
/* "ehr content": options and usage. */
#include "app/cmd_content.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/cmd_content_impl.h"

#define STORE_ENV "EHR_CONTENT_STORE"

enum { OPT_STORE = 256, OPT_ONLY_HASH, OPT_JSON, OPT_RANGE };

const char cmd_content_usage[] =
    "Usage: ehr content add [--only-hash] FILE\n"
    "       ehr content get CID [-o OUT] [--range A-B]\n"
    "       ehr content stat CID\n"
    "       ehr content verify [CID]\n"
    "\n"
    "  add         store FILE (\"-\": standard input), pin it and print its CID\n"
    "  get         write a file, each block checked against its CID\n"
    "  stat        print the sizes of a file\n"
    "  verify      check every block of one file or of the whole store\n"
    "\n"
    "      --store DIR  folder of the store, made if absent; default: $" STORE_ENV "\n"
    "      --only-hash  print the CID, store nothing\n"
    "  -o, --output OUT write to OUT, which appears only when it is complete\n"
    "      --range A-B  bytes A to B, both included, counted from 0; \"A-\": from A to the end\n"
    "      --json       print results as one JSON object\n"
    "\n"
    "CIDs are those of the IPFS profile unixfs-v1-2025.\n";

static const struct option long_options[] = {
    {"store", required_argument, NULL, OPT_STORE},
    {"only-hash", no_argument, NULL, OPT_ONLY_HASH},
    {"output", required_argument, NULL, 'o'},
    {"range", required_argument, NULL, OPT_RANGE},
    {"json", no_argument, NULL, OPT_JSON},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

enum needs { WHAT_REQUIRED, WHAT_OPTIONAL };

static const struct verb {
    const char *name;
    status (*run)(const struct cmd_content *c, struct err *reterr);
    enum needs needs;
    bool takes_output; /* -o and --range */
    bool takes_only_hash;
} verbs[] = {
    {"add", cmd_content_add, WHAT_REQUIRED, false, true},
    {"get", cmd_content_get, WHAT_REQUIRED, true, false},
    {"stat", cmd_content_stat, WHAT_REQUIRED, false, false},
    {"verify", cmd_content_verify, WHAT_OPTIONAL, false, false},
};

/* Digits only, so that signs and spaces are refused. */
static bool read_number(const char *text, const char **ret_end, uint64_t *ret)
{
    char *end = NULL;
    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    *ret = strtoull(text, &end, 10);
    *ret_end = end;
    return errno == 0;
}

static status read_range(const char *text, struct cmd_content *c, struct err *reterr)
{
    const char *end = NULL;
    bool ok = read_number(text, &end, &c->from) && *end == '-';
    if (ok && end[1] != 0)
        ok = read_number(end + 1, &end, &c->to) && *end == 0 && c->to >= c->from &&
             c->to < CONTENT_TO_END;
    return ok ? OK : ERR(reterr, E_USAGE, "--range needs A-B or A-, with A not above B");
}

static status take_option(struct cmd_content *c, int opt, struct err *reterr)
{
    switch (opt) {
    case OPT_STORE:
        c->store = optarg;
        return OK;
    case OPT_ONLY_HASH:
        c->only_hash = true;
        return OK;
    case OPT_JSON:
        c->json = true;
        return OK;
    case OPT_RANGE:
        return read_range(optarg, c, reterr);
    case 'o':
        c->output = optarg;
        return OK;
    case 'h':
        c->help = true;
        return OK;
    default:
        return ERR(reterr, E_USAGE, "unknown option, or one without its value");
    }
}

static status check(const struct cmd_content *c, const struct verb *v, struct err *reterr)
{
    bool ranged = c->from != 0 || c->to != CONTENT_TO_END;
    if (c->only_hash && !v->takes_only_hash)
        return ERR(reterr, E_USAGE, "--only-hash is an option of add");
    if ((c->output != NULL || ranged) && !v->takes_output)
        return ERR(reterr, E_USAGE, "-o and --range are options of get");
    if (c->json && v->takes_output && c->output == NULL)
        return ERR(reterr, E_USAGE, "get --json needs -o OUT");
    if (c->what == NULL && v->needs == WHAT_REQUIRED)
        return ERR(reterr, E_USAGE, "%s needs a %s", v->name, v->takes_only_hash ? "FILE" : "CID");
    if (c->store == NULL && !c->only_hash)
        return ERR(reterr, E_USAGE, "no store: use --store DIR or set " STORE_ENV);
    return OK;
}

static status options_read(struct cmd_content *c, const struct verb *v, int argc, char **argv,
                           struct err *reterr)
{
    int opt;
    status s = OK;
    optind = 0; /* start anew, whatever was parsed before */
    opterr = 0;
    while (s == OK && (opt = getopt_long(argc, argv, "o:h", long_options, NULL)) != -1)
        s = take_option(c, opt, reterr);
    if (s != OK || c->help)
        return s;
    if (argc - optind > 1)
        return ERR(reterr, E_USAGE, "more than one %s", v->takes_only_hash ? "FILE" : "CID");
    c->what = optind < argc ? argv[optind] : NULL;
    return check(c, v, reterr);
}

static const struct verb *find_verb(const char *name)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

static int exit_code(status s, const struct err *e)
{
    if (s == OK)
        return 0;
    (void)fprintf(stderr, "ehr content: %s\n", e->msg);
    if (s == E_USAGE)
        (void)fprintf(stderr, "\"ehr content --help\" lists the commands and options.\n");
    return s == E_USAGE ? 2 : 1;
}

static int help(void)
{
    (void)fputs(cmd_content_usage, stdout);
    return 0;
}

int cmd_content(int argc, char **argv)
{
    struct err e = {0};
    struct cmd_content c = {.store = getenv(STORE_ENV), .to = CONTENT_TO_END};
    const struct verb *v = argc > 1 ? find_verb(argv[1]) : NULL;
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
        return help();
    if (v == NULL)
        return exit_code(ERR(&e, E_USAGE, "which command?"), &e);
    status s = options_read(&c, v, argc - 1, argv + 1, &e);
    if (s == OK && c.help)
        return help();
    if (s == OK)
        s = v->run(&c, &e);
    return exit_code(s, &e);
}
