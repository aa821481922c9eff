/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the options of ehrd. */
#include "app/ehrd_options.h"

#include <stdlib.h>

#include "app/node_origin.h"
#include "base/file.h"
#include "base/hex.h"
#include "crypto/addr.h"
#include "ledger/sender.h"

#define CONFIG_MAX ((size_t)64 << 10)
#define MAX_AGE_MAX 86400u

/* --- kinds of values ------------------------------------------------------------------------- */

static status text_set(char **to, slice v, struct err *reterr)
{
    if (v.n == 0 || memchr(v.p, 0, v.n) != NULL)
        return ERR(reterr, E_USAGE, "a text is needed");
    char *copy = strndup((const char *)v.p, v.n);
    if (copy == NULL)
        return ERR(reterr, E_NOMEM, "options");
    free(*to);
    *to = copy;
    return OK;
}

static status number_set(uint64_t *to, slice v, uint64_t max, struct err *reterr)
{
    uint64_t n = 0;
    bool ok = v.n >= 1 && v.n <= 18;
    for (size_t i = 0; i < v.n && ok; i++) {
        ok = v.p[i] >= '0' && v.p[i] <= '9';
        n = n * 10 + (uint64_t)(v.p[i] - '0');
    }
    if (!ok || n > max)
        return ERR(reterr, E_USAGE, "a number up to %llu is needed", (unsigned long long)max);
    *to = n;
    return OK;
}

static status addr_set(addr20 *to, slice v, struct err *reterr)
{
    return addr_read(v, to) == OK ? OK : ERR(reterr, E_USAGE, "an address 0x… is needed");
}

/* "127.0.0.1:8545" or "[::1]:8545" */
static status listen_set(struct ehrd_options *o, slice v, struct err *reterr)
{
    uint64_t port;
    size_t colon = v.n;
    for (size_t i = 0; i < v.n; i++)
        if (v.p[i] == ':')
            colon = i;
    if (colon == v.n)
        return ERR(reterr, E_USAGE, "ADDRESS:PORT is needed");
    status st = number_set(&port, slice_after(v, colon + 1), UINT16_MAX, reterr);
    if (st != OK)
        return st;
    slice host = slice_first(v, colon);
    if (host.n >= 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
        host = slice_of(host.p + 1, host.n - 2);
    st = text_set(&o->listen_address, host, reterr);
    if (st == OK)
        o->listen_port = (uint16_t)port;
    return st;
}

static status level_set(struct ehrd_options *o, slice v, struct err *reterr)
{
    static const char *const names[] = {"error", "warn", "info", "debug"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (slice_eq_str(v, names[i])) {
            o->log_level = (enum log_level)i;
            return OK;
        }
    }
    return ERR(reterr, E_USAGE, "error, warn, info or debug is needed");
}

/* --- the options ----------------------------------------------------------------------------- */

enum option_id {
    OPT_DATA,
    OPT_LISTEN,
    OPT_ORIGIN,
    OPT_LEDGER,
    OPT_CHAIN,
    OPT_BLOCK_INTERVAL,
    OPT_SECOND_LEDGER,
    OPT_LOG_ARCHIVE,
    OPT_PROXY,
    OPT_FORWARDER,
    OPT_CHAIN_ID,
    OPT_FIRST_BLOCK,
    OPT_CONFIRMATIONS,
    OPT_MAX_AGE,
    OPT_RELAYER_KEY,
    OPT_RELAYER_PASSPHRASE_FILE,
    OPT_TLS_CERT,
    OPT_TLS_KEY,
    OPT_PORT_FILE,
    OPT_RPC_CORS,
    OPT_RPC_HOSTS,
    OPT_WEB,
    OPT_KEEP_UPLOADS,
    OPT_QUOTA_BYTES,
    OPT_QUOTA_GAS,
    OPT_MAX_COST,
    OPT_THREADS,
    OPT_LOG_LEVEL,
    OPT_COUNT
};

static const char *const option_names[OPT_COUNT] = {
    [OPT_DATA] = "data",
    [OPT_LISTEN] = "listen",
    [OPT_ORIGIN] = "origin",
    [OPT_LEDGER] = "ledger",
    [OPT_CHAIN] = "chain",
    [OPT_BLOCK_INTERVAL] = "block-interval",
    [OPT_SECOND_LEDGER] = "second-ledger",
    [OPT_LOG_ARCHIVE] = "log-archive",
    [OPT_PROXY] = "proxy",
    [OPT_FORWARDER] = "forwarder",
    [OPT_CHAIN_ID] = "chain-id",
    [OPT_FIRST_BLOCK] = "first-block",
    [OPT_CONFIRMATIONS] = "confirmations",
    [OPT_MAX_AGE] = "max-age",
    [OPT_RELAYER_KEY] = "relayer-key",
    [OPT_RELAYER_PASSPHRASE_FILE] = "relayer-passphrase-file",
    [OPT_TLS_CERT] = "tls-cert",
    [OPT_TLS_KEY] = "tls-key",
    [OPT_PORT_FILE] = "port-file",
    [OPT_RPC_CORS] = "rpc-cors",
    [OPT_RPC_HOSTS] = "rpc-hosts",
    [OPT_WEB] = "web",
    [OPT_KEEP_UPLOADS] = "keep-uploads",
    [OPT_QUOTA_BYTES] = "quota-bytes",
    [OPT_QUOTA_GAS] = "quota-gas",
    [OPT_MAX_COST] = "max-cost",
    [OPT_THREADS] = "threads",
    [OPT_LOG_LEVEL] = "log-level",
};

const char *ehrd_help(void)
{
    return "ehrd: a node for patient-owned health records\n"
           "\n"
           "usage: ehrd --data DIR --proxy 0x… --forwarder 0x… [options]\n"
           "       ehrd chain COMMAND …   make, copy, check an embedded chain; ehrd chain --help\n"
           "       ehrd dev [options]     a chain for development only; see ehrd dev --help\n"
           "       ehrd completion bash|zsh   print a script that completes all this in a shell\n"
           "\n"
           "  --data DIR             folder of the node's stores and its key; made when absent\n"
           "  --chain DIR            the embedded chain's folder; default: chain in --data\n"
           "  --block-interval S     it seals a block each S seconds, up to 86400; default 0: at "
           "once\n"
           "  --ledger URL           instead of it: JSON-RPC of an Ethereum node\n"
           "  --proxy 0x…            address of the registry (its proxy)\n"
           "  --forwarder 0x…        address of the forwarder that the registry trusts\n"
           "  --listen ADDR:PORT     default 127.0.0.1:8545; port 0: the system picks one\n"
           "  --tls-cert FILE        certificates (PEM) to serve HTTPS with; needs --tls-key FILE\n"
           "  --origin URL           what clients sign as origin: scheme, host, port, nothing "
           "behind;\n"
           "                         default http(s)://ADDR:PORT\n"
           "  --relayer-key FILE     key file (version 3) of the account that pays for relayed "
           "calls;\n"
           "                         without it the node does not relay\n"
           "  --relayer-passphrase-file FILE   its passphrase, on the first line\n"
           "  --second-ledger URL    with --ledger: another Ethereum node, which vouches for block "
           "hashes\n"
           "  --log-archive FILE     with --ledger: the logs of the embedded chain whose state it "
           "goes\n"
           "                         on from (ehrd chain export-genesis --logs FILE)\n"
           "  --chain-id N           refuse a ledger of another chain\n"
           "  --first-block N        block the registry was deployed in, not above the head; "
           "default 0\n"
           "  --confirmations N      blocks on top before the read model takes a block, up to "
           "1000;\n"
           "                         default 0\n"
           "  --max-age SECONDS      nothing is released when the head is older; 0 for chains that "
           "seal\n"
           "                         on demand; up to 86400; default auto: 0 for anvil, 60 for "
           "others\n"
           "  --keep-uploads SECONDS uploads that no record refers to are erased then; 1 to "
           "31536000;\n"
           "                         default 3600\n"
           "  --quota-bytes N        one account may upload in a day; default 68719476736; 0: "
           "any;\n"
           "                         up to 2^50\n"
           "  --quota-gas N          the relayer pays at most for one account in a day; default\n"
           "                         10000000000; 0: any; up to 2^50\n"
           "  --max-cost GWEI        the relayer sends no transaction that may cost more; 1 to "
           "2^50;\n"
           "                         default 1000000000 (1 ether)\n"
           "  --threads N            requests served at the same time, 1 to 256; default 16\n"
           "  --config FILE          lines of `name = value` with the names above; the command "
           "line "
           "wins\n"
           "  --rpc-cors LIST        origins of web pages that may use /rpc, commas between, or "
           "*;\n"
           "                         default: the node's own\n"
           "  --rpc-hosts LIST       names that /rpc is served under beside addresses, localhost "
           "and\n"
           "                         the origin's; * for any (DNS rebinding is then possible)\n"
           "  --port-file FILE       write the port there once requests are served\n"
           "  --web DIR              the built web page; default: beside the build, else a small "
           "page of "
           "links;\n"
           "                         none: the small page\n"
           "  --log-level LEVEL      error, warn, info (default) or debug\n"
           "  --help, --version\n"
           "\n"
           "The node makes a key of its own, DIR/node.key (32 bytes in hex, mode 0600), with which "
           "it\n"
           "signs the heads of access logs. SIGTERM or SIGINT ends it after running requests.\n";
}

static status origin_set(struct ehrd_options *o, slice v, struct err *reterr)
{
    status st = node_origin_check(v, reterr);
    return st == OK ? text_set(&o->origin, v, reterr) : st;
}

static status threads_set(struct ehrd_options *o, slice v, struct err *reterr)
{
    uint64_t n;
    status st = number_set(&n, v, 256, reterr);
    if (st == OK && n == 0)
        st = ERR(reterr, E_USAGE, "at least 1 is needed");
    if (st == OK)
        o->threads = (unsigned)n;
    return st;
}

/* 0 would erase uploads before the chain can have what refers to them; elsewhere it means no end.
 */
static status keep_uploads_set(struct ehrd_options *o, slice v, struct err *reterr)
{
    uint64_t n;
    status st = number_set(&n, v, 86400 * 365, reterr);
    if (st == OK && n == 0)
        st = ERR(reterr, E_USAGE, "at least 1 is needed");
    if (st == OK)
        o->keep_uploads_s = n;
    return st;
}

static status confirmations_set(struct ehrd_options *o, slice v, struct err *reterr)
{
    uint64_t n;
    status st = number_set(&n, v, 1000, reterr);
    if (st == OK)
        o->confirmations = (uint32_t)n;
    return st;
}

static status max_age_set(struct ehrd_options *o, slice v, struct err *reterr)
{
    if (!slice_eq_str(v, "auto") && number_set(&o->max_age_s, v, MAX_AGE_MAX, NULL) != OK)
        return ERR(reterr, E_USAGE, "a number up to %u, or auto, is needed", MAX_AGE_MAX);
    if (slice_eq_str(v, "auto"))
        o->max_age_s = EHRD_MAX_AGE_AUTO;
    return OK;
}

static status option_apply(struct ehrd_options *o, enum option_id id, slice v, struct err *reterr)
{
    switch (id) {
    case OPT_DATA:
        return text_set(&o->data, v, reterr);
    case OPT_LISTEN:
        return listen_set(o, v, reterr);
    case OPT_ORIGIN:
        return origin_set(o, v, reterr);
    case OPT_LEDGER:
        return text_set(&o->ledger, v, reterr);
    case OPT_CHAIN:
        return text_set(&o->chain, v, reterr);
    case OPT_BLOCK_INTERVAL:
        return number_set(&o->block_interval_s, v, 86400, reterr);
    case OPT_SECOND_LEDGER:
        return text_set(&o->second_ledger, v, reterr);
    case OPT_LOG_ARCHIVE:
        return text_set(&o->log_archive, v, reterr);
    case OPT_PROXY:
        return addr_set(&o->proxy, v, reterr);
    case OPT_FORWARDER:
        return addr_set(&o->forwarder, v, reterr);
    case OPT_CHAIN_ID:
        return number_set(&o->chain_id, v, UINT64_MAX, reterr);
    case OPT_FIRST_BLOCK:
        return number_set(&o->first_block, v, UINT64_MAX, reterr);
    case OPT_CONFIRMATIONS:
        return confirmations_set(o, v, reterr);
    case OPT_MAX_AGE:
        return max_age_set(o, v, reterr);
    case OPT_RELAYER_KEY:
        return text_set(&o->relayer_key, v, reterr);
    case OPT_RELAYER_PASSPHRASE_FILE:
        return text_set(&o->relayer_passphrase_file, v, reterr);
    case OPT_TLS_CERT:
        return text_set(&o->tls_cert, v, reterr);
    case OPT_TLS_KEY:
        return text_set(&o->tls_key, v, reterr);
    case OPT_PORT_FILE:
        return text_set(&o->port_file, v, reterr);
    case OPT_RPC_CORS:
        return text_set(&o->rpc_cors, v, reterr);
    case OPT_RPC_HOSTS:
        return text_set(&o->rpc_hosts, v, reterr);
    case OPT_WEB:
        return text_set(&o->web, v, reterr);
    case OPT_QUOTA_BYTES:
        return number_set(&o->quota_bytes, v, (uint64_t)1 << 50, reterr);
    case OPT_QUOTA_GAS:
        return number_set(&o->quota_gas, v, (uint64_t)1 << 50, reterr);
    case OPT_MAX_COST:
        return number_set(&o->max_cost, v, (uint64_t)1 << 50, reterr);
    case OPT_KEEP_UPLOADS:
        return keep_uploads_set(o, v, reterr);
    case OPT_THREADS:
        return threads_set(o, v, reterr);
    case OPT_LOG_LEVEL:
        return level_set(o, v, reterr);
    default:
        return ERR(reterr, E_INTERNAL, "option");
    }
}

static bool is_option(const char *name)
{
    bool found = false;
    for (size_t i = 0; i < OPT_COUNT && !found; i++)
        found = strcmp(name, option_names[i]) == 0;
    return found;
}

/* where: for the message, "--name" or "FILE:line". */
static status option_set(struct ehrd_options *o, slice name, slice value, const char *where,
                         struct err *reterr)
{
    for (size_t i = 0; i < OPT_COUNT; i++) {
        if (!slice_eq_str(name, option_names[i]))
            continue;
        status st = option_apply(o, (enum option_id)i, value, reterr);
        return st == OK ? OK : err_prefix(reterr, st, where);
    }
    return ERR(reterr, E_USAGE, "%s: unknown option", where);
}

/* --- configuration file ---------------------------------------------------------------------- */

static slice trim(slice s)
{
    while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t'))
        s = slice_after(s, 1);
    while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t' || s.p[s.n - 1] == '\r'))
        s.n--;
    return s;
}

static status config_line(struct ehrd_options *o, slice line, const char *where, struct err *reterr)
{
    line = trim(line);
    if (line.n == 0 || line.p[0] == '#')
        return OK;
    const uint8_t *eq = memchr(line.p, '=', line.n);
    if (eq == NULL)
        return ERR(reterr, E_USAGE, "%s: name = value is needed", where);
    size_t at = (size_t)(eq - line.p);
    return option_set(o, trim(slice_first(line, at)), trim(slice_after(line, at + 1)), where,
                      reterr);
}

static status config_read(struct ehrd_options *o, const char *path, struct err *reterr)
{
    struct buf text;
    struct buf where;
    buf_init(&text, CONFIG_MAX);
    buf_init(&where, 4096 + 64);
    status st = file_read(path, &text, reterr);
    slice rest = buf_slice(&text);
    for (unsigned n = 1; st == OK && rest.n > 0; n++) {
        const uint8_t *end = memchr(rest.p, '\n', rest.n);
        slice line = slice_first(rest, end != NULL ? (size_t)(end - rest.p) : rest.n);
        rest = slice_after(rest, line.n + 1);
        buf_clear(&where);
        const char *w = buf_printf(&where, "%s:%u", path, n) == OK ? buf_cstr(&where) : NULL;
        st = config_line(o, line, w != NULL ? w : path, reterr);
    }
    buf_done(&text);
    buf_done(&where);
    return st;
}

/* --- command line ---------------------------------------------------------------------------- */

/* Find --config first, so that the other options of the command line win over the file. */
static status config_find(int argc, char **argv, struct ehrd_options *o, struct err *reterr)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--config") != 0)
            continue;
        if (i + 1 == argc)
            return ERR(reterr, E_USAGE, "--config: a file is needed");
        return config_read(o, argv[i + 1], reterr);
    }
    return OK;
}

static status argument(int argc, char **argv, int *i, struct ehrd_options *o,
                       enum ehrd_action *action, struct err *reterr)
{
    const char *arg = argv[*i];
    if (strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0) {
        *action = EHRD_HELP;
        return OK;
    }
    if (strcmp(arg, "--version") == 0) {
        *action = EHRD_VERSION;
        return OK;
    }
    if (strncmp(arg, "--", 2) != 0)
        return ERR(reterr, E_USAGE, "%s: no option", arg);
    if (!is_option(arg + 2) && strcmp(arg, "--config") != 0)
        return ERR(reterr, E_USAGE, "%s: unknown option; see ehrd --help", arg);
    if (*i + 1 == argc)
        return ERR(reterr, E_USAGE, "%s: a value is needed", arg);
    ++*i;
    if (strcmp(arg, "--config") == 0)
        return OK;
    return option_set(o, slice_str(arg + 2), slice_str(argv[*i]), arg, reterr);
}

/* Options of one kind of ledger beside the other would be ignored, and believed to be at work. */
static status one_ledger(const struct ehrd_options *o, struct err *reterr)
{
    const char *only_with = o->log_archive != NULL     ? "--log-archive"
                            : o->second_ledger != NULL ? "--second-ledger"
                                                       : NULL;
    const char *not_with = o->chain != NULL           ? "--chain"
                           : o->block_interval_s != 0 ? "--block-interval"
                                                      : NULL;
    if (o->ledger == NULL && only_with != NULL)
        return ERR(reterr, E_USAGE, "%s: only with --ledger", only_with);
    if (o->ledger != NULL && not_with != NULL)
        return ERR(reterr, E_USAGE, "%s: only without --ledger", not_with);
    return OK;
}

/* The other half of a pair of which one is given. */
static const char *half_missing(const struct ehrd_options *o)
{
    if ((o->relayer_key == NULL) != (o->relayer_passphrase_file == NULL))
        return o->relayer_key == NULL ? "--relayer-key" : "--relayer-passphrase-file";
    if ((o->tls_cert == NULL) != (o->tls_key == NULL))
        return o->tls_cert == NULL ? "--tls-cert" : "--tls-key";
    return NULL;
}

static status complete(const struct ehrd_options *o, struct err *reterr)
{
    const char *missing = o->data == NULL                ? "--data"
                          : addr20_is_zero(o->proxy)     ? "--proxy"
                          : addr20_is_zero(o->forwarder) ? "--forwarder"
                                                         : half_missing(o);
    if (missing != NULL)
        return ERR(reterr, E_USAGE, "%s is needed; see ehrd --help", missing);
    return one_ledger(o, reterr);
}

status ehrd_options_read(int argc, char **argv, struct ehrd_options *ret,
                         enum ehrd_action *ret_action, struct err *reterr)
{
    struct ehrd_options *o = ret;
    *o = (struct ehrd_options){.listen_port = 8545,
                               .max_age_s = EHRD_MAX_AGE_AUTO,
                               .keep_uploads_s = 3600,
                               .quota_bytes = (uint64_t)64 << 30,
                               .quota_gas = 10000000000u,
                               .max_cost = LEDGER_COST_MAX,
                               .threads = 16,
                               .log_level = LOG_INFO};
    *ret_action = EHRD_RUN;
    status st = text_set(&o->listen_address, SLICE_LIT("127.0.0.1"), reterr);
    if (st == OK)
        st = config_find(argc, argv, o, reterr);
    for (int i = 1; i < argc && st == OK && *ret_action == EHRD_RUN; i++)
        st = argument(argc, argv, &i, o, ret_action, reterr);
    return st == OK && *ret_action == EHRD_RUN ? complete(o, reterr) : st;
}

void ehrd_options_done(struct ehrd_options *o)
{
    free(o->data);
    free(o->listen_address);
    free(o->origin);
    free(o->ledger);
    free(o->chain);
    free(o->second_ledger);
    free(o->log_archive);
    free(o->relayer_key);
    free(o->relayer_passphrase_file);
    free(o->tls_cert);
    free(o->tls_key);
    free(o->port_file);
    free(o->rpc_cors);
    free(o->rpc_hosts);
    free(o->web);
    *o = (struct ehrd_options){0};
}
