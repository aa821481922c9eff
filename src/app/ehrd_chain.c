/* SPDX-License-Identifier: Apache-2.0 */
/* Options and the short commands of "ehrd chain". */
#include "app/ehrd_chain.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/ehrd_keys.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/log.h"

#define DIR_MAX 4000u
#define CHAIN_ID_DEFAULT 1701343844u /* "ehrd" */
#define GAS_LIMIT_DEFAULT 60000000u
#define PROGRESS_MS 2000u
#define SAID_MAX ((size_t)1 << 20)

const char ehrd_chain_help[] =
    "ehrd chain: the folder of an embedded chain, while no node runs on it\n"
    "\n"
    "usage: ehrd chain COMMAND --chain DIR [--json] [options]\n"
    "\n"
    "  init            make a chain; its authority's key is made in DIR/authority.key\n"
    "    --genesis FILE    geth's format; default: Osaka rules, gas free of charge. A member\n"
    "                      \"ehrd\" is added that names the authority, unless there is one\n"
    "    --plain           leave FILE as it is: blocks are not signed\n"
    "    --chain-id N      default 1701343844   --gas-limit N   default 60000000 (most 1.2e9)\n"
    "  deploy          send the contracts, with the key of their administrator\n"
    "    --key FILE --passphrase-file FILE      a key file (version 3)\n"
    "    --admin 0x… --registrar 0x…            default: the deployer\n"
    "    --out FILE        the addresses, as JSON\n"
    "  export FILE     all blocks as RLP, as geth writes them; signatures go to FILE.seals\n"
    "  import FILE     add such blocks; each is checked and executed\n"
    "  verify          execute everything again from the genesis and compare\n"
    "  export-genesis  the state at the head as a genesis for geth or anvil\n"
    "    --out FILE        --logs FILE: an archive of all logs\n"
    "  prune --keep N  give up states more than N blocks before the head\n"
    "  stats           sizes and numbers\n"
    "  rollback N      make block N the head; later ones are gone\n"
    "\n"
    "--json: one object on stdout; its member error says why a command failed. Progress goes to\n"
    "stderr. Ends with 0; 1: it failed; 2: wrong usage; 3: verify found something wrong.\n";

/* --- saying ---------------------------------------------------------------------------------- */

void chain_cmd_say(struct chain_cmd *c, const char *name, const char *text)
{
    if (c->json)
        jw_key(&c->w, name), jw_cstr(&c->w, text);
    else
        printf("%-14s %s\n", name, text);
}

void chain_cmd_say_u64(struct chain_cmd *c, const char *name, uint64_t v)
{
    if (c->json)
        jw_key(&c->w, name), jw_u64(&c->w, v);
    else
        printf("%-14s %llu\n", name, (unsigned long long)v);
}

void chain_cmd_say_hex(struct chain_cmd *c, const char *name, slice bytes)
{
    char hex[2 * 65 + 3];
    if (bytes.n <= 65)
        chain_cmd_say(c, name, hex_0x(bytes, hex));
}

void chain_cmd_progress(const char *what, uint64_t done, uint64_t total)
{
    static uint64_t last;
    uint64_t now = clock_mono_ms(&clock_system);
    if (last == 0)
        last = now;
    if (now - last < PROGRESS_MS)
        return;
    last = now;
    (void)fprintf(stderr, "%s %llu of %llu\n", what, (unsigned long long)done,
                  (unsigned long long)total);
}

void chain_cmd_upgrading(uint64_t block, uint64_t head)
{
    chain_cmd_progress("folder of an older program: executed again", block, head);
}

/* --- folder ---------------------------------------------------------------------------------- */

status chain_cmd_open(const struct chain_cmd *c, struct chain **ret, struct err *reterr)
{
    struct secp_key key = {{0}};
    bool has_key = false;
    status st = ehrd_authority_key(c->dir, &key, &has_key, reterr);
    struct chain_options o = {.dir = c->dir,
                              .authority = has_key ? &key : NULL,
                              .sealing = CHAIN_SEAL_MANUAL,
                              .upgrading = chain_cmd_upgrading};
    if (st == OK)
        st = chain_open(&o, ret, reterr);
    if (st == E_FORBIDDEN) {
        o.dev = true;
        st = chain_open(&o, ret, reterr);
    }
    secp_key_done(&key);
    return st;
}

static status prune(struct chain_cmd *c, struct err *reterr)
{
    struct chain *chain = NULL;
    struct chain_stats s;
    bool done = false;
    status st = c->has_number ? OK : ERR(reterr, E_USAGE, "--keep: how many blocks?");
    if (st == OK)
        st = chain_cmd_open(c, &chain, reterr);
    if (st == OK)
        st = chain_stats_get(chain, &s, reterr);
    uint64_t before = st == OK && s.head > c->number ? s.head - c->number : 0;
    if (st == OK && before <= s.first_state)
        done = true;
    while (st == OK && !done) {
        st = chain_prune(chain, before, &done, reterr);
        if (st == OK)
            st = chain_stats_get(chain, &s, reterr);
        if (st == OK)
            chain_cmd_progress("pruned up to block", s.first_state, before);
    }
    if (st == OK)
        chain_cmd_say_u64(c, "firstState", s.first_state);
    chain_close(chain);
    return st;
}

static status stats(struct chain_cmd *c, struct err *reterr)
{
    struct chain *chain = NULL;
    struct chain_stats s;
    struct chain_news news;
    status st = chain_cmd_open(c, &chain, reterr);
    if (st == OK)
        st = chain_stats_get(chain, &s, reterr);
    if (st == OK) {
        hash32 genesis = chain_genesis_hash(chain);
        chain_news_get(chain, &news);
        chain_cmd_say_u64(c, "chainId", chain_id(chain));
        chain_cmd_say_hex(c, "genesis", slice_of(genesis.b, 32));
        chain_cmd_say_u64(c, "head", s.head);
        chain_cmd_say_hex(c, "hash", slice_of(news.hash.b, 32));
        chain_cmd_say_u64(c, "firstState", s.first_state);
        chain_cmd_say_u64(c, "transactions", s.txs);
        chain_cmd_say_u64(c, "bytes", s.used_bytes);
    }
    chain_close(chain);
    return st;
}

static status rollback(struct chain_cmd *c, struct err *reterr)
{
    struct chain *chain = NULL;
    uint64_t n = 0;
    char *end = NULL;
    if (c->file != NULL && c->file[0] >= '0' && c->file[0] <= '9')
        n = strtoull(c->file, &end, 10);
    if (end == NULL || *end != '\0')
        return ERR(reterr, E_USAGE, "rollback: to which block?");
    status st = chain_cmd_open(c, &chain, reterr);
    if (st == OK)
        st = chain_rollback(chain, n, reterr);
    if (st == OK)
        chain_cmd_say_u64(c, "head", n);
    chain_close(chain);
    return st;
}

/* --- options --------------------------------------------------------------------------------- */

static const struct command {
    const char *name;
    status (*run)(struct chain_cmd *c, struct err *reterr);
    const char *operand;    /* NULL: none */
    const char *options[5]; /* beside --chain and --json */
} commands[] = {
    {"init", chain_cmd_init, NULL, {"--genesis", "--plain", "--chain-id", "--gas-limit"}},
    {"deploy",
     chain_cmd_deploy,
     NULL,
     {"--key", "--passphrase-file", "--admin", "--registrar", "--out"}},
    {"export", chain_cmd_export, "FILE", {NULL}},
    {"import", chain_cmd_import, "FILE", {NULL}},
    {"verify", chain_cmd_verify, NULL, {NULL}},
    {"export-genesis", chain_cmd_export_genesis, NULL, {"--out", "--logs"}},
    {"prune", prune, NULL, {"--keep"}},
    {"stats", stats, NULL, {NULL}},
    {"rollback", rollback, "N", {NULL}},
};

const char *ehrd_chain_command(size_t i)
{
    return i < sizeof commands / sizeof *commands ? commands[i].name : NULL;
}

static status number_read(const char *name, const char *text, uint64_t *ret, struct err *reterr)
{
    char *end = NULL;
    if (text[0] >= '0' && text[0] <= '9' && strlen(text) < 19)
        *ret = strtoull(text, &end, 10);
    return end != NULL && *end == '\0' ? OK : ERR(reterr, E_USAGE, "%s: a number is needed", name);
}

static status option(struct chain_cmd *c, const char *name, const char *value, struct err *reterr)
{
    const struct {
        const char *name;
        const char **to;
    } texts[] = {{"--chain", &c->dir},   {"--genesis", &c->file},
                 {"--out", &c->out},     {"--logs", &c->logs},
                 {"--key", &c->key},     {"--passphrase-file", &c->passphrase_file},
                 {"--admin", &c->admin}, {"--registrar", &c->registrar}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strcmp(name, texts[i].name) == 0) {
            *texts[i].to = value;
            return OK;
        }
    if (strcmp(name, "--keep") == 0) {
        c->has_number = true;
        return number_read(name, value, &c->number, reterr);
    }
    if (strcmp(name, "--chain-id") == 0)
        return number_read(name, value, &c->chain_id, reterr);
    if (strcmp(name, "--gas-limit") == 0)
        return number_read(name, value, &c->gas_limit, reterr);
    return ERR(reterr, E_USAGE, "%s: unknown option", name);
}

static bool flag(struct chain_cmd *c, const char *arg)
{
    if (strcmp(arg, "--json") == 0)
        return c->json = true;
    if (strcmp(arg, "--plain") == 0)
        return c->plain = true;
    return false;
}

/* An option of another command would be ignored, and believed to be at work. */
static status belongs(const struct command *cmd, const char *name, struct err *reterr)
{
    if (strcmp(name, "--chain") == 0 || strcmp(name, "--json") == 0)
        return OK;
    for (size_t i = 0; i < sizeof cmd->options / sizeof *cmd->options; i++)
        if (cmd->options[i] != NULL && strcmp(cmd->options[i], name) == 0)
            return OK;
    return ERR(reterr, E_USAGE, "%s: no option of %s", name, cmd->name);
}

static status options(int argc, char **argv, const struct command *cmd, struct chain_cmd *c,
                      struct err *reterr)
{
    status st = OK;
    for (int i = 3; st == OK && i < argc; i++) {
        if (strncmp(argv[i], "--", 2) != 0) {
            if (cmd->operand == NULL || c->file != NULL)
                return ERR(reterr, E_USAGE, "%s: unexpected", argv[i]);
            c->file = argv[i];
        } else if ((st = belongs(cmd, argv[i], reterr)) != OK || flag(c, argv[i])) {
            continue;
        } else if (i + 1 == argc) {
            return ERR(reterr, E_USAGE, "%s: a value is needed", argv[i]);
        } else {
            st = option(c, argv[i], argv[i + 1], reterr);
            i++;
        }
    }
    if (st == OK && c->dir == NULL)
        st = ERR(reterr, E_USAGE, "--chain DIR is needed; see ehrd chain --help");
    if (st == OK && strlen(c->dir) > DIR_MAX)
        st = ERR(reterr, E_USAGE, "--chain: too long");
    if (st == OK && cmd->operand != NULL && c->file == NULL)
        st = ERR(reterr, E_USAGE, "%s %s: %s is needed", cmd->name, cmd->operand, cmd->operand);
    if (st == OK && c->chain_id == 0)
        st = ERR(reterr, E_USAGE, "--chain-id: at least 1; no transaction can be signed for 0");
    return st;
}

/* The JSON answer, also of a command that failed on its way: what it had, and the error. */
static status answer_end(struct chain_cmd *c, status st, struct err *e)
{
    if (st != OK) {
        jw_key(&c->w, "error"), jw_object(&c->w);
        jw_key(&c->w, "code"), jw_cstr(&c->w, status_name(st));
        jw_key(&c->w, "message"), jw_cstr(&c->w, e->msg[0] != '\0' ? e->msg : status_text(st));
        jw_end(&c->w);
    }
    jw_end(&c->w);
    return jw_done(&c->w, st == OK ? e : NULL);
}

static int run(const struct command *cmd, struct chain_cmd *c)
{
    struct err e = {0};
    struct buf said;
    buf_init(&said, SAID_MAX);
    log_setup(LOG_WARN, 2);
    jw_init(&c->w, &said);
    if (c->json)
        jw_object(&c->w);
    status st = secp_init(&random_system);
    if (st == OK)
        st = cmd->run(c, &e);
    bool has_answer = c->json;
    if (c->json) {
        status done = answer_end(c, st, &e);
        has_answer = done == OK;
        st = st == OK ? done : st;
    }
    const char *text = has_answer ? buf_cstr(&said) : NULL;
    if (text != NULL)
        (void)puts(text);
    if (st != OK)
        (void)fprintf(stderr, "ehrd chain %s: %s\n", cmd->name,
                      e.msg[0] != '\0' ? e.msg : status_text(st));
    buf_done(&said);
    secp_done();
    return st == OK                                               ? EXIT_SUCCESS
           : st == E_USAGE                                        ? CHAIN_EXIT_USAGE
           : st == E_MISMATCH && strcmp(cmd->name, "verify") == 0 ? CHAIN_EXIT_WRONG
                                                                  : EXIT_FAILURE;
}

int ehrd_chain_main(int argc, char **argv)
{
    struct chain_cmd c = {.chain_id = CHAIN_ID_DEFAULT, .gas_limit = GAS_LIMIT_DEFAULT};
    struct err e = {0};
    const struct command *cmd = NULL;
    for (int i = 2; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            (void)fputs(ehrd_chain_help, stdout);
            return EXIT_SUCCESS;
        }
    for (size_t i = 0; argc > 2 && i < sizeof commands / sizeof *commands; i++)
        if (strcmp(argv[2], commands[i].name) == 0)
            cmd = &commands[i];
    status st = cmd != NULL ? options(argc, argv, cmd, &c, &e)
                            : ERR(&e, E_USAGE, "which command? See ehrd chain --help");
    if (st != OK) {
        (void)fprintf(stderr, "ehrd chain: %s\n", e.msg);
        return CHAIN_EXIT_USAGE;
    }
    return run(cmd, &c);
}
