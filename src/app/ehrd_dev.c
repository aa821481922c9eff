/* SPDX-License-Identifier: Apache-2.0 */
/* ehrd dev: options, a temporary folder, chain, JSON-RPC, waiting for a signal. */
#include "app/ehrd_dev.h"

#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/endpoint.h"
#include "app/dev_accounts.h"
#include "base/file.h"
#include "base/log.h"
#include "chain/chain.h"
#include "rpc/dev.h"
#include "rpc/rpc.h"

#define CONNECTIONS 4096u
#define STOP_MS 2000u
#define GENESIS_CAP ((size_t)64 << 10)
#define DEV_POOL_SENDER 65536u

const char ehrd_dev_help[] =
    "ehrd dev: a chain for development, with accounts whose keys everyone knows\n"
    "\n"
    "usage: ehrd dev [options]\n"
    "\n"
    "  --listen ADDR:PORT  default 127.0.0.1:8545; port 0: the system picks one\n"
    "  --chain DIR         keep the chain there; default: a temporary folder, removed at the end\n"
    "  --block-time S      a block each S seconds; default: one as soon as there is a transaction\n"
    "  --accounts N        how many accounts have ether, up to 100; default 10\n"
    "  --balance N         ether of each; default 10000\n"
    "  --chain-id N        default 31337\n"
    "  --gas-limit N       of a block; default 30000000\n"
    "  --rpc-cors LIST     origins of web pages that may use it; default: those of this machine\n"
    "  --rpc-hosts LIST    names it is served under beside addresses and localhost\n"
    "  --port-file FILE    write the port there once requests are served\n"
    "  --quiet             print no accounts\n"
    "\n"
    "It answers like a node of Ethereum over HTTP and WebSocket, and to evm_*, hardhat_* and\n"
    "anvil_* methods. It signs for its accounts: let only this machine reach it.\n";

struct options {
    const char *listen;
    const char *dir; /* NULL: temporary */
    const char *cors;
    const char *hosts;
    const char *port_file;
    uint64_t block_time_s;
    uint64_t accounts;
    uint64_t gas_limit;
    uint64_t ether;
    uint64_t chain_id;
    bool quiet;
};

struct dev {
    struct options o;
    char dir[4096];
    bool is_temporary;
    struct dev_accounts *accounts;
    struct chain *chain;
    struct rpc_dev *rpc_dev;
    struct rpc *rpc;
    struct endpoint *endpoint;
    struct http_server *server;
    char client[64];
};

/* --- options ---------------------------------------------------------------------------------- */

static status read_number(const char *text, uint64_t max, uint64_t *ret, struct err *reterr)
{
    uint64_t v = 0;
    if (http_length_read(slice_str(text), &v) != OK || v > max)
        return ERR(reterr, E_USAGE, "a number up to %llu is needed", (unsigned long long)max);
    *ret = v;
    return OK;
}

static status read_option(struct options *o, const char *name, const char *value,
                          struct err *reterr)
{
    const struct {
        const char *name;
        const char **text;
        uint64_t *number;
        uint64_t max;
    } rows[] = {
        {"--listen", &o->listen, NULL, 0},
        {"--chain", &o->dir, NULL, 0},
        {"--rpc-cors", &o->cors, NULL, 0},
        {"--rpc-hosts", &o->hosts, NULL, 0},
        {"--port-file", &o->port_file, NULL, 0},
        {"--block-time", NULL, &o->block_time_s, 86400},
        {"--accounts", NULL, &o->accounts, DEV_ACCOUNTS_MAX},
        {"--balance", NULL, &o->ether, 1000000000000},
        {"--chain-id", NULL, &o->chain_id, INT64_MAX / 4},
        {"--gas-limit", NULL, &o->gas_limit, INT64_MAX / 4},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].name, name) != 0)
            continue;
        if (value == NULL || value[0] == '\0')
            return ERR(reterr, E_USAGE, "%s: a value is needed", name);
        if (rows[i].text != NULL) {
            *rows[i].text = value;
            return OK;
        }
        status st = read_number(value, rows[i].max, rows[i].number, reterr);
        return st == OK ? OK : err_prefix(reterr, st, name);
    }
    return ERR(reterr, E_USAGE, "%s: no option; see ehrd dev --help", name);
}

static status read_options(int argc, char **argv, struct options *o, bool *ret_help,
                           struct err *reterr)
{
    *o = (struct options){.listen = "127.0.0.1:8545",
                          .accounts = 10,
                          .ether = 10000,
                          .gas_limit = 30000000,
                          .chain_id = DEV_CHAIN_ID};
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            *ret_help = true;
            return OK;
        }
        if (strcmp(argv[i], "--quiet") == 0) {
            o->quiet = true;
            continue;
        }
        status st = read_option(o, argv[i], i + 1 < argc ? argv[i + 1] : NULL, reterr);
        if (st != OK)
            return st;
        i++;
    }
    if (o->accounts == 0 || o->chain_id == 0)
        return ERR(reterr, E_USAGE, "--accounts and --chain-id begin at 1");
    return OK;
}

/* --- chain ------------------------------------------------------------------------------------ */

static status folder_choose(struct dev *d, struct err *reterr)
{
    const char *tmp = getenv("TMPDIR");
    int n = d->o.dir != NULL ? snprintf(d->dir, sizeof d->dir, "%s", d->o.dir)
                             : snprintf(d->dir, sizeof d->dir, "%s/ehrd-dev-XXXXXX",
                                        tmp != NULL && tmp[0] != '\0' ? tmp : "/tmp");
    if (n < 0 || (size_t)n >= sizeof d->dir)
        return ERR(reterr, E_TOO_LONG, "path of the chain's folder");
    if (d->o.dir != NULL)
        return OK;
    if (mkdtemp(d->dir) == NULL)
        return ERR(reterr, E_IO, "no temporary folder can be made");
    d->is_temporary = true;
    return OK;
}

static status genesis_make(const struct dev *d, struct err *reterr)
{
    const struct dev_genesis g = {.chain_id = d->o.chain_id,
                                  .gas_limit = d->o.gas_limit,
                                  .ether = d->o.ether,
                                  .time = clock_unix_s(&clock_system)};
    struct buf text;
    hash32 hash;
    buf_init(&text, GENESIS_CAP);
    status st = dev_genesis_put(&g, d->accounts, &text);
    if (st == OK)
        st = chain_create(d->dir, buf_slice(&text), true, &hash, reterr);
    else
        st = ERR(reterr, st, "genesis");
    buf_done(&text);
    return st;
}

static status chain_begin(struct dev *d, struct err *reterr)
{
    const struct chain_options o = {
        .dir = d->dir,
        .sealing = d->o.block_time_s > 0 ? CHAIN_SEAL_INTERVAL : CHAIN_SEAL_INSTANT,
        .interval_ms = d->o.block_time_s * 1000,
        .pool = {.per_sender = DEV_POOL_SENDER, .queued = DEV_POOL_SENDER},
        .dev = true};
    status st = d->is_temporary ? E_NOT_FOUND : chain_open(&o, &d->chain, reterr);
    if (st == E_NOT_FOUND) {
        st = genesis_make(d, reterr);
        if (st == OK)
            st = chain_open(&o, &d->chain, reterr);
    }
    return st == OK ? chain_start(d->chain, reterr) : st;
}

/* --- server ----------------------------------------------------------------------------------- */

static status rpc_begin(struct dev *d, const char *version, struct err *reterr)
{
    /* "anvil" in front: tools look there for whether evm_* and hardhat_* are served. */
    (void)snprintf(d->client, sizeof d->client, "anvil-compatible/ehrd-%s", version);
    status st = rpc_dev_new(d->accounts->key, d->accounts->n, &d->rpc_dev);
    if (st != OK)
        return ERR(reterr, st, "accounts");
    const struct rpc_config cfg = {.chain = d->chain,
                                   .clock = &clock_system,
                                   .random = &random_system,
                                   .client_version = d->client,
                                   .groups = RPC_GROUPS_DEFAULT | RPC_DEV,
                                   .dev = d->rpc_dev};
    st = rpc_new(&cfg, &d->rpc, reterr);
    const struct endpoint_config ep = {
        .rpc = d->rpc,
        .rules = {.hosts = d->o.hosts, .cors = d->o.cors, .loopback = d->o.cors == NULL},
        .connections = CONNECTIONS};
    return st == OK ? endpoint_new(&ep, &d->endpoint, reterr) : st;
}

static status serve_begin(struct dev *d, struct err *reterr)
{
    char address[64];
    uint64_t port = 0;
    const char *colon = strrchr(d->o.listen, ':');
    size_t n = colon != NULL ? (size_t)(colon - d->o.listen) : sizeof address;
    const char *begin = d->o.listen;
    if (n > 2 && begin[0] == '[' && begin[n - 1] == ']') {
        begin++;
        n -= 2;
    }
    if (n >= sizeof address || read_number(colon + 1, UINT16_MAX, &port, NULL) != OK)
        return ERR(reterr, E_USAGE, "--listen: ADDRESS:PORT is needed");
    memcpy(address, begin, n);
    address[n] = '\0';
    const struct http_server_options o = {.address = address,
                                          .port = (uint16_t)port,
                                          .connections = CONNECTIONS,
                                          .connections_per_ip = CONNECTIONS};
    const struct http_callbacks cb = endpoint_callbacks(d->endpoint);
    status st = http_server_new(&o, &cb, &d->server, reterr);
    if (st == OK)
        endpoint_start(d->endpoint, d->server);
    return st;
}

static status port_write(const struct dev *d, struct err *reterr)
{
    char text[16];
    if (d->o.port_file == NULL)
        return OK;
    int n = snprintf(text, sizeof text, "%u\n", http_server_port(d->server));
    return file_replace(d->o.port_file, slice_of(text, (size_t)n), 0644, reterr);
}

static void greet(const struct dev *d)
{
    const char *colon = strrchr(d->o.listen, ':');
    if (!d->o.quiet) {
        dev_accounts_print(d->accounts, d->o.ether, stdout);
        (void)printf("Chain id: %llu\n", (unsigned long long)chain_id(d->chain));
    }
    (void)printf("Listening on http://%.*s:%u (HTTP and WebSocket)\n", (int)(colon - d->o.listen),
                 d->o.listen, http_server_port(d->server));
    (void)fflush(stdout);
}

/* --- life ------------------------------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *sb, int type, struct FTW *ftw)
{
    (void)sb;
    (void)type;
    (void)ftw;
    return remove(path);
}

static void dev_close(struct dev *d)
{
    if (d->chain != NULL)
        chain_wake(d->chain); /* whoever waits for a block */
    if (d->server != NULL)
        (void)!http_server_stop(d->server, STOP_MS, NULL);
    http_server_free(d->server);
    rpc_free(d->rpc);
    chain_close(d->chain);
    endpoint_free(d->endpoint); /* the chain may wake it until it is closed */
    rpc_dev_free(d->rpc_dev);
    if (d->is_temporary)
        (void)nftw(d->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(d->accounts);
}

static status dev_open(struct dev *d, const char *version, struct err *reterr)
{
    d->accounts = calloc(1, sizeof *d->accounts);
    if (d->accounts == NULL)
        return ERR(reterr, E_NOMEM, "accounts");
    status st = dev_accounts_derive(d->o.accounts, d->accounts, reterr);
    if (st == OK)
        st = folder_choose(d, reterr);
    if (st == OK)
        st = chain_begin(d, reterr);
    if (st == OK)
        st = rpc_begin(d, version, reterr);
    if (st == OK)
        st = serve_begin(d, reterr);
    return st == OK ? port_write(d, reterr) : st;
}

static void files_allow(void)
{
    struct rlimit r;
    if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < r.rlim_max) {
        r.rlim_cur = r.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &r);
    }
}

int ehrd_dev_main(int argc, char **argv, const char *version)
{
    struct dev d = {0};
    struct err e = {0};
    sigset_t stop;
    bool want_help = false;
    int sig;
    status st = read_options(argc, argv, &d.o, &want_help, &e);
    if (st == OK && want_help) {
        (void)fputs(ehrd_dev_help, stdout);
        return EXIT_SUCCESS;
    }
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGINT);
    pthread_sigmask(SIG_BLOCK, &stop, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    files_allow();
    log_setup(LOG_WARN, 2);
    if (st == OK)
        st = secp_init(&random_system);
    if (st == OK)
        st = dev_open(&d, version, &e);
    if (st == OK) {
        greet(&d);
        (void)sigwait(&stop, &sig);
    } else {
        (void)fprintf(stderr, "ehrd dev: %s\n", e.msg);
    }
    dev_close(&d);
    secp_done();
    return st == OK ? EXIT_SUCCESS : st == E_USAGE ? 2 : EXIT_FAILURE;
}
