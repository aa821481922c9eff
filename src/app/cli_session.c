/* SPDX-License-Identifier: Apache-2.0 */
/* Connections to node and ledger, and the account that acts. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/cli.h"
#include "base/file.h"
#include "base/limits.h"
#include "keys/keyfile.h"

static status open_ledger(struct cli *c, struct err *reterr)
{
    char url[VAULT_NODE_URL + 8];
    (void)snprintf(url, sizeof url, "%s/rpc", c->cfg.node);
    struct ledger_remote_config cfg = {
        .url = url,
        .second_url = c->cfg.second_ledger[0] != 0 ? c->cfg.second_ledger : NULL,
        .chain_id = c->cfg.chain_id,
        .authority = c->cfg.has_authority ? &c->cfg.authority : NULL,
        .timeout_ms = 30000,
    };
    return ledger_remote_open(&cfg, &c->client.ledger, reterr);
}

static status open_vault(struct cli *c, struct err *reterr)
{
    struct vault_node_config cfg = {.http = c->http,
                                    .url = c->cfg.node,
                                    .origin = c->cfg.origin,
                                    .net = c->client.net,
                                    .clock = &clock_system,
                                    .random = &random_system};
    return vault_node_open(&cfg, &c->client.vault, reterr);
}

status cli_open_public(struct cli *c, struct err *reterr)
{
    static const struct http_client_options options = {.user_agent = "ehr"};
    status st = cli_config_load(c, reterr);
    if (st != OK || c->http != NULL)
        return st;
    struct client *k = &c->client;
    k->net = (struct netid){c->cfg.chain_id, c->cfg.proxy};
    k->forwarder = c->cfg.forwarder;
    k->wallet_mode = c->cfg.wallet_mode;
    k->clock = &clock_system;
    k->random = &random_system;
    k->spool_dir = "/var/tmp";
    state_init(&k->state);
    st = http_client_new(&options, &c->http, reterr);
    k->http = c->http;
    if (st == OK)
        st = open_vault(c, reterr);
    if (st == OK)
        st = open_ledger(c, reterr);
    return st;
}

/* The identity file on its way, in a thread of its own: scrypt is most of what a command costs. */
struct identity_load {
    struct cli *cli;
    const char *name;
    status st;
    struct err err;
};

static void *identity_load_run(void *ctx)
{
    struct identity_load *l = ctx;
    l->st = cli_identity_load(l->cli, l->name, &l->cli->client.id, &l->err);
    return NULL;
}

/* The passphrase is that of another way of the identity: the account's key when it comes from the
 * identity, too. reterr holds why the key file did not open. */
static status key_from_identity(struct cli *c, const char *path, struct err *reterr)
{
    struct buf text;
    struct secp_key key = {{0}};
    addr20 derived;
    addr20 stated;
    buf_init(&text, LIMIT_KEYFILE_BYTES);
    bool same = identity_scalar(&c->client.id, "account", &key) == OK &&
                secp_key_addr(&key, &derived) == OK && file_read(path, &text, NULL) == OK &&
                keyfile_addr(buf_slice(&text), &stated, NULL) == OK && addr20_eq(derived, stated);
    if (same)
        c->client.key = key;
    secp_key_done(&key);
    buf_done(&text);
    return same ? OK : ERR(reterr, E_NO_KEY, "the passphrase does not open %s", path);
}

/* Key file and identity file, opened at the same time. */
static status load_secrets(struct cli *c, const char *name, struct err *reterr)
{
    slice pass;
    pthread_t thread;
    char path[PATH_MAX];
    struct identity_load load = {.cli = c, .name = name};
    status st = cli_path(c, "keys", name, ".json", path, reterr);
    if (st == OK && !file_exists(path)) /* say so before anybody types a passphrase */
        return cli_key_load(c, name, &c->client.key, reterr);
    if (st == OK)
        st = cli_passphrase(c, false, &pass, reterr); /* asked for before there are threads */
    if (st != OK)
        return st;
    bool threaded = pthread_create(&thread, NULL, identity_load_run, &load) == 0;
    st = cli_key_load(c, name, &c->client.key, reterr);
    if (threaded)
        (void)pthread_join(thread, NULL);
    else if (st == OK)
        (void)identity_load_run(&load);
    if (st == E_NO_KEY && threaded && load.st == OK)
        return key_from_identity(c, path, reterr);
    if (st == OK && load.st != OK && reterr != NULL)
        *reterr = load.err;
    return st == OK ? load.st : st;
}

status cli_open(struct cli *c, struct err *reterr)
{
    const char *name;
    struct client *k = &c->client;
    if (c->is_open)
        return OK;
    status st = cli_open_public(c, reterr);
    if (st == OK)
        st = cli_account(c, &name, reterr);
    if (st == OK)
        st = load_secrets(c, name, reterr);
    if (st == OK && secp_key_addr(&k->key, &k->me) != OK)
        st = ERR(reterr, E_RANGE, "the account's key is not valid");
    if (st == OK && identity_age(&k->id, 0, &k->age) != OK)
        st = ERR(reterr, E_INTERNAL, "the identity's key cannot be derived");
    if (st == OK)
        st = cli_state_pin(c, reterr);
    if (st != OK)
        return st;
    client_open(k);
    c->is_open = true;
    return OK;
}

void cli_close(struct cli *c)
{
    if (c->client.vault != NULL)
        vault_close(c->client.vault);
    ledger_close(c->client.ledger);
    if (c->http != NULL) {
        client_done(&c->client);
        http_client_free(c->http);
    }
    buf_done(&c->pass);
    buf_done(&c->out);
}
