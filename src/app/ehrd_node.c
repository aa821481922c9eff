/* SPDX-License-Identifier: Apache-2.0 */
/* Opening, checking and wiring the engines of a node. */
#include "app/ehrd_node.h"

#include <stdio.h>
#include <time.h>

#include "api/archive_logs.h"
#include "app/ehrd_keys.h"
#include "app/ehrd_web.h"
#include "base/file.h"
#include "content/local.h"
#include "contract/registry_abi.h"
#include "ehr/certificate.h"
#include "ledger/remote.h"
#include "rpc/passthrough.h"
#include "vault/lmdb.h"

#define PATH_CAP ((size_t)4096)
#define CONNECTIONS 4096u /* a proxy on this machine may bring them all */
#define STOP_MS 20000u
#define REQUEST_MS 120000u /* a relayed call waits until it is mined */
#define RELAY_MS 60000u
#define DEFAULT_MAX_AGE 60u
#define ANSWER_CAP ((size_t)4096)
#define PEM_CAP ((size_t)1 << 20)
#define LEDGER_WAIT_S 15u /* for a ledger that starts at the same time */

/* --- stores ---------------------------------------------------------------------------------- */

/* dir/name in path, which holds it until its next change. */
static status path_of(struct buf *path, const char *dir, const char *name, const char **ret,
                      struct err *reterr)
{
    buf_clear(path);
    status st = buf_printf(path, "%s/%s", dir, name);
    const char *p = st == OK ? buf_cstr(path) : NULL;
    if (p == NULL)
        return ERR(reterr, E_TOO_LONG, "path of the data folder");
    *ret = p;
    return OK;
}

static status stores_open(const struct ehrd_options *o, struct ehrd_node *n, struct err *reterr)
{
    struct buf path;
    const char *p;
    struct vault_lmdb_config vault = {.dir = o->data,
                                      .net = n->net,
                                      .uncommitted_s = o->keep_uploads_s,
                                      .clock = &clock_system,
                                      .random = &random_system};
    struct index_config index = {.ledger = n->ledger,
                                 .proxy = n->net.proxy,
                                 .chain_id = n->net.chain_id,
                                 .first_block = o->first_block,
                                 .confirmations = o->confirmations,
                                 .archive = o->log_archive};
    buf_init(&path, PATH_CAP);
    status st = vault_lmdb_open(&vault, &n->vault, reterr);
    if (st == OK)
        st = path_of(&path, o->data, "content", &p, reterr);
    if (st == OK)
        st = content_local_open(p, 0, &clock_system, &n->content, reterr);
    if (st == OK)
        st = path_of(&path, o->data, "index", &p, reterr);
    if (st == OK) {
        index.dir = p;
        st = index_open(&index, &n->index, reterr);
    }
    if (st == OK)
        st = index_start(n->index, reterr);
    buf_done(&path);
    return st;
}

/* --- ledger ---------------------------------------------------------------------------------- */

/* anvil seals when there is something to seal: an old head is no sign of a node that hangs. */
static uint64_t max_age_of(struct ledger *l)
{
    struct buf answer;
    uint64_t age = DEFAULT_MAX_AGE;
    buf_init(&answer, ANSWER_CAP);
    status st = ledger_remote_post(
        l, SLICE_LIT("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"web3_clientVersion\"}"), &answer,
        NULL);
    const char *text = st == OK ? buf_cstr(&answer) : NULL;
    if (text != NULL && strstr(text, "\"anvil/") != NULL)
        age = 0;
    buf_done(&answer);
    return age;
}

static status ledger_wait_up(struct ehrd_node *n, struct err *reterr)
{
    const struct timespec second = {.tv_sec = 1};
    status st = ledger_chain_id(n->ledger, &n->net.chain_id, reterr);
    for (unsigned i = 0; i < LEDGER_WAIT_S && st == E_UNAVAILABLE; i++) {
        if (i == 0)
            log_line(LOG_WARN, "waiting-for-ledger", "seconds=%u", LEDGER_WAIT_S);
        (void)nanosleep(&second, NULL);
        st = ledger_chain_id(n->ledger, &n->net.chain_id, reterr);
    }
    return st;
}

static status check_chain(const struct ehrd_options *o, const struct ehrd_node *n,
                          struct err *reterr)
{
    if (o->chain_id != 0 && n->net.chain_id != o->chain_id)
        return ERR(reterr, E_MISMATCH, "the ledger is of chain %llu, not of chain %llu",
                   (unsigned long long)n->net.chain_id, (unsigned long long)o->chain_id);
    return OK;
}

static status local_start(const struct ehrd_options *o, const char *version, struct ehrd_node *n,
                          struct err *reterr)
{
    status st = ehrd_local_open(o, version, &n->local, &n->ledger, reterr);
    if (st == OK)
        st = ledger_chain_id(n->ledger, &n->net.chain_id, reterr);
    if (st == OK)
        log_line(LOG_INFO, "chain", "chainId=%llu redone=%llu", (unsigned long long)n->net.chain_id,
                 (unsigned long long)chain_redone(n->local.chain));
    return st == OK ? check_chain(o, n, reterr) : st;
}

static status ledger_start(const struct ehrd_options *o, struct ehrd_node *n, struct err *reterr)
{
    struct ledger_remote_config cfg = {.url = o->ledger,
                                       .second_url = o->second_ledger,
                                       .clock = &clock_system,
                                       .max_age_s = o->max_age_s};
    status st = ledger_remote_open(&cfg, &n->ledger, reterr);
    if (st == OK)
        st = ledger_wait_up(n, reterr);
    if (st != OK)
        return err_prefix(reterr, st, "--ledger"); /* its path may be a key */
    st = check_chain(o, n, reterr);
    if (st != OK)
        return st;
    if (o->max_age_s == EHRD_MAX_AGE_AUTO)
        n->ledger->max_age_s = max_age_of(n->ledger);
    log_line(LOG_INFO, "ledger", "chainId=%llu maxAge=%llus", (unsigned long long)n->net.chain_id,
             (unsigned long long)n->ledger->max_age_s);
    return OK;
}

static status has_code(struct ledger *l, const addr20 *at, const char *what, struct err *reterr)
{
    struct buf code;
    buf_init(&code, (size_t)1 << 20);
    status st = ledger_code(l, at, LEDGER_LATEST, &code, reterr);
    if (st == OK && code.n == 0)
        st = ERR(reterr, E_MISMATCH, "there is no contract at the address given as %s", what);
    buf_done(&code);
    return st;
}

/* The contract behind the proxy is a registry that trusts this forwarder. */
static status registry_check(struct ehrd_node *n, const struct ehrd_options *o, struct err *reterr)
{
    struct buf data;
    struct buf answer;
    addr20 trusted;
    buf_init(&data, 64);
    buf_init(&answer, ANSWER_CAP);
    status st = registry_put_trusted_forwarder(&data);
    struct ledger_call call = {.to = n->net.proxy, .data = buf_slice(&data)};
    if (st == OK)
        st = ledger_call(n->ledger, &call, LEDGER_LATEST, &answer, reterr);
    if (st == E_REVERTED ||
        (st == OK && registry_read_trusted_forwarder(buf_slice(&answer), &trusted) != OK))
        st = ERR(reterr, E_MISMATCH, "the contract at --proxy is no registry");
    else if (st == OK && !addr20_eq(trusted, o->forwarder))
        st = ERR(reterr, E_MISMATCH, "the registry trusts another forwarder than --forwarder");
    buf_done(&data);
    buf_done(&answer);
    return st;
}

/* A read model that begins above the head would stay empty. */
static status first_block_check(struct ehrd_node *n, const struct ehrd_options *o,
                                struct err *reterr)
{
    struct ledger_block head;
    status st = o->first_block > 0 ? ledger_head(n->ledger, &head, reterr) : OK;
    if (st == OK && o->first_block > 0 && o->first_block > head.number)
        st = ERR(reterr, E_RANGE, "--first-block %llu is above the head, block %llu",
                 (unsigned long long)o->first_block, (unsigned long long)head.number);
    return st;
}

static status contracts_check(struct ehrd_node *n, const struct ehrd_options *o, struct err *reterr)
{
    status st = has_code(n->ledger, &n->net.proxy, "--proxy", reterr);
    if (st == OK)
        st = has_code(n->ledger, &o->forwarder, "--forwarder", reterr);
    if (st == OK)
        st = registry_check(n, o, reterr);
    return st == OK ? first_block_check(n, o, reterr) : st;
}

/* --- relay, rpc, api ------------------------------------------------------------------------- */

static status relay_start(const struct ehrd_options *o, struct ehrd_node *n, struct err *reterr)
{
    struct relay_config cfg = {.ledger = n->ledger,
                               .vault = n->vault,
                               .holds_still = certificate_holds_still,
                               .random = &random_system,
                               .clock = &clock_system,
                               .proxy = n->net.proxy,
                               .forwarder = o->forwarder,
                               .chain_id = n->net.chain_id,
                               .gas_a_day = o->quota_gas,
                               .cost_max = o->max_cost,
                               .timeout_ms = RELAY_MS};
    if (o->relayer_key == NULL)
        return OK;
    status st = ehrd_relayer_key(o->relayer_key, o->relayer_passphrase_file, &cfg.key, reterr);
    if (st == OK)
        st = relay_open(&cfg, &n->relay, reterr);
    secp_key_done(&cfg.key);
    return st;
}

static status upstream_post(void *ctx, slice request, struct buf *ret, struct err *reterr)
{
    return ledger_remote_post(ctx, request, ret, reterr);
}

static status pass(void *ctx, slice request, struct buf *ret, struct err *reterr)
{
    struct ehrd_node *n = ctx;
    struct rpc_upstream up = {upstream_post, n->ledger, archive_logs_answer, n->index};
    return rpc_passthrough(&up, request, ret, reterr);
}

static status endpoint_open(const struct ehrd_options *o, struct ehrd_node *n, struct err *reterr)
{
    const struct endpoint_config cfg = {
        .rpc = n->local.rpc, /* NULL: the ledger is another node */
        .pass = pass,
        .pass_ctx = n,
        .rules = {.hosts = o->rpc_hosts, .cors = o->rpc_cors, .own = o->origin}};
    return endpoint_new(&cfg, &n->endpoint, reterr);
}

/* Who signs the blocks of the embedded chain; NULL: nobody, or it is another node's. */
static const addr20 *authority_of(const struct ehrd_node *n)
{
    const struct genesis *g = n->local.chain != NULL ? chain_genesis(n->local.chain) : NULL;
    return g != NULL && g->has_authority ? &g->authority : NULL;
}

static status api_start(const struct ehrd_options *o, const char *version, struct ehrd_node *n,
                        struct err *reterr)
{
    struct api_config cfg = {.net = n->net,
                             .forwarder = o->forwarder,
                             .authority = authority_of(n),
                             .origin = o->origin != NULL ? o->origin : "",
                             .version = version,
                             .ledger = n->ledger,
                             .vault = n->vault,
                             .content = n->content,
                             .index = n->index,
                             .confirmations = o->confirmations,
                             .relay = n->relay,
                             .page = n->page,
                             .endpoint = n->endpoint,
                             .clock = &clock_system,
                             .random = &random_system,
                             .bytes_a_day = o->quota_bytes,
                             .sweep_age_s = o->keep_uploads_s};
    status st = ehrd_node_key(o->data, &random_system, &cfg.node_key, reterr);
    if (st == OK)
        st = api_new(&cfg, &n->api, reterr);
    secp_key_done(&cfg.node_key);
    return st;
}

/* The text of a PEM file, or NULL when none is given. */
static status pem_read(const char *path, struct buf *text, const char **ret, struct err *reterr)
{
    buf_init_secret(text, PEM_CAP);
    *ret = NULL;
    if (path == NULL)
        return OK;
    status st = file_read(path, text, reterr);
    if (st == OK && (*ret = buf_cstr(text)) == NULL)
        st = ERR(reterr, E_NOMEM, "%s", path);
    return st;
}

static status origin_set(const struct ehrd_options *o, struct ehrd_node *n, struct err *reterr)
{
    char origin[96];
    bool v6 = strchr(o->listen_address, ':') != NULL;
    if (o->origin != NULL)
        return OK;
    (void)snprintf(origin, sizeof origin, "%s://%s%s%s:%u", o->tls_cert != NULL ? "https" : "http",
                   v6 ? "[" : "", o->listen_address, v6 ? "]" : "", http_server_port(n->server));
    status st = endpoint_set_own(n->endpoint, origin, reterr);
    return st == OK ? api_set_origin(n->api, origin, reterr) : st;
}

static bool is_loopback(const char *address)
{
    return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

static status server_start(const struct ehrd_options *o, struct ehrd_node *n, struct err *reterr)
{
    struct buf cert;
    struct buf key;
    struct http_callbacks cb = api_callbacks(n->api);
    struct http_server_options so = {.address = o->listen_address,
                                     .port = o->listen_port,
                                     .threads = o->threads,
                                     .connections = CONNECTIONS,
                                     .connections_per_ip =
                                         is_loopback(o->listen_address) ? CONNECTIONS : 512,
                                     .request_ms = REQUEST_MS};
    status st = pem_read(o->tls_cert, &cert, &so.tls_cert_pem, reterr);
    status st_key = pem_read(o->tls_key, &key, &so.tls_key_pem, st == OK ? reterr : NULL);
    if (st == OK)
        st = st_key;
    if (so.tls_cert_pem == NULL && !is_loopback(o->listen_address))
        log_line(LOG_WARN, "plain-http", "address=%s reason=\"not only this machine is served\"",
                 o->listen_address);
    if (st == OK)
        st = http_server_new(&so, &cb, &n->server, reterr);
    if (st == OK)
        endpoint_start(n->endpoint, n->server);
    n->tls_cert = cert;
    n->tls_key = key;
    return st == OK ? origin_set(o, n, reterr) : st;
}

status ehrd_node_open(const struct ehrd_options *o, const char *version, struct ehrd_node *ret,
                      struct err *reterr)
{
    struct ehrd_node *n = ret;
    n->net.proxy = o->proxy;
    status st = file_mkdirs(o->data, 0700, reterr);
    if (st == OK)
        st = o->ledger != NULL ? ledger_start(o, n, reterr) : local_start(o, version, n, reterr);
    if (st == OK)
        st = contracts_check(n, o, reterr);
    if (st == OK)
        st = stores_open(o, n, reterr);
    if (st == OK)
        st = relay_start(o, n, reterr);
    if (st == OK)
        st = ehrd_web_load(o->web, &n->page, reterr);
    if (st == OK)
        st = endpoint_open(o, n, reterr);
    if (st == OK)
        st = api_start(o, version, n, reterr);
    return st == OK ? server_start(o, n, reterr) : st;
}

void ehrd_node_close(struct ehrd_node *n)
{
    struct err e = {0};
    status st = n->server != NULL ? http_server_stop(n->server, STOP_MS, &e) : OK;
    if (st != OK)
        log_failure(LOG_WARN, "stop", NULL, st, &e);
    ehrd_local_wake(&n->local);
    http_server_free(n->server);
    api_free(n->api);
    page_free(n->page);
    relay_close(n->relay);
    index_close(n->index);
    content_close(n->content);
    vault_close(n->vault);
    ledger_close(n->ledger);
    ehrd_local_close(&n->local);
    endpoint_free(n->endpoint); /* the chain may wake it until it is closed */
    buf_done(&n->tls_cert);
    buf_done(&n->tls_key);
    *n = (struct ehrd_node){0};
}
