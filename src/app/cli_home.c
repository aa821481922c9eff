/* SPDX-License-Identifier: Apache-2.0 */
/* The home folder: config.json, key files, identity files, the passphrase. */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "app/cli.h"
#include "app/identity_ways.h"
#include "app/passphrase.h"
#include "base/file.h"
#include "base/hex.h"
#include "ehr/members.h"
#include "keys/keyfile.h"

#define CONFIG_BYTES ((size_t)64 << 10)

status cli_path(const struct cli *c, const char *dir, const char *name, const char *suffix,
                char out[PATH_MAX], struct err *reterr)
{
    int n =
        snprintf(out, PATH_MAX, "%s/%s%s%s%s", c->home, dir, dir[0] != 0 ? "/" : "", name, suffix);
    if (n < 0 || n >= PATH_MAX)
        return ERR(reterr, E_RANGE, "the home folder's path is too long");
    return OK;
}

status cli_name_check(const char *name, struct err *reterr)
{
    size_t n = strlen(name);
    bool ok = n > 0 && n < CLI_NAME_MAX && name[0] != '.' && name[0] != '-';
    for (size_t i = 0; ok && i < n; i++)
        ok = isalnum((unsigned char)name[i]) || strchr("-_.", name[i]) != NULL;
    return ok ? OK : ERR(reterr, E_USAGE, "\"%s\": names are letters, digits, \"-_.\"", name);
}

static status chain_id_read(struct json v, uint64_t *ret, struct err *reterr)
{
    slice s;
    uint64_t n = 0;
    status st = json_str(v, &s, reterr);
    for (size_t i = 0; st == OK && i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9' || i > 18)
            return json_err(reterr, E_RANGE, v, "no chain id");
        n = n * 10 + (uint64_t)(s.p[i] - '0');
    }
    if (st == OK)
        *ret = n;
    return st;
}

static status config_read(struct json v, struct cli_config *g, struct err *reterr)
{
    status st = members_text_read(json_get(v, "node"), g->node, sizeof g->node, reterr);
    if (st == OK)
        st = members_text_read(json_get(v, "origin"), g->origin, sizeof g->origin, reterr);
    if (st == OK)
        st = members_text_read(json_get(v, "secondLedger"), g->second_ledger,
                               sizeof g->second_ledger, reterr);
    if (st == OK)
        st = members_text_read(json_get(v, "account"), g->account, sizeof g->account, reterr);
    if (st == OK)
        st = chain_id_read(json_get(v, "chainId"), &g->chain_id, reterr);
    if (st == OK)
        st = json_hex_addr(json_get(v, "proxy"), &g->proxy, reterr);
    if (st == OK)
        st = json_hex_addr(json_get(v, "forwarder"), &g->forwarder, reterr);
    if (st == OK)
        st = json_hex_addr(json_get(v, "nodeAddress"), &g->node_address, reterr);
    g->has_authority = !json_is_absent(json_get(v, "authority"));
    if (st == OK && g->has_authority)
        st = json_hex_addr(json_get(v, "authority"), &g->authority, reterr);
    if (st == OK && !json_is_absent(json_get(v, "walletMode")))
        st = json_bool(json_get(v, "walletMode"), &g->wallet_mode, reterr);
    return st;
}

status cli_config_load(struct cli *c, struct err *reterr)
{
    char path[PATH_MAX];
    struct buf text;
    struct arena a;
    struct json_doc doc;
    if (c->cfg.loaded)
        return OK;
    buf_init(&text, CONFIG_BYTES);
    arena_init(&a, CONFIG_BYTES * 16, false);
    status st = cli_path(c, "", "config.json", "", path, reterr);
    if (st == OK)
        st = file_read(path, &text, reterr);
    if (st == E_NOT_FOUND)
        st = ERR(reterr, E_NOT_FOUND, "%s is not there: run \"ehr init --node URL\" first", path);
    if (st == OK)
        st = json_read(buf_slice(&text), &a, &doc, reterr);
    if (st == OK)
        st = config_read(json_root(&doc), &c->cfg, reterr);
    c->cfg.loaded = st == OK;
    arena_done(&a);
    buf_done(&text);
    return st;
}

status cli_config_save(struct cli *c, struct err *reterr)
{
    char path[PATH_MAX];
    struct buf text;
    struct jw w;
    const struct cli_config *g = &c->cfg;
    buf_init(&text, CONFIG_BYTES);
    jw_init(&w, &text);
    jw_object(&w);
    jw_key(&w, "node"), jw_cstr(&w, g->node);
    jw_key(&w, "origin"), jw_cstr(&w, g->origin);
    jw_key(&w, "secondLedger"), jw_cstr(&w, g->second_ledger);
    jw_key(&w, "account"), jw_cstr(&w, g->account);
    jw_key(&w, "chainId"), jw_printf(&w, "%llu", (unsigned long long)g->chain_id);
    jw_addr(&w, "proxy", &g->proxy);
    jw_addr(&w, "forwarder", &g->forwarder);
    jw_addr(&w, "nodeAddress", &g->node_address);
    if (g->has_authority)
        jw_addr(&w, "authority", &g->authority);
    jw_key(&w, "walletMode"), jw_bool(&w, g->wallet_mode);
    jw_end(&w);
    status st = jw_done(&w, reterr);
    if (st == OK)
        st = cli_path(c, "", "config.json", "", path, reterr);
    if (st == OK)
        st = file_mkdirs(c->home, 0700, reterr);
    if (st == OK)
        st = file_replace(path, buf_slice(&text), 0600, reterr);
    buf_done(&text);
    return st;
}

status cli_home_lock(struct cli *c, int *ret_fd, struct err *reterr)
{
    char path[PATH_MAX];
    status st = cli_path(c, "", "lock", "", path, reterr);
    if (st == OK)
        st = file_mkdirs(c->home, 0700, reterr);
    return st == OK ? file_lock(path, ret_fd, reterr) : st;
}

status cli_config_account(struct cli *c, const char *name, struct err *reterr)
{
    int lock;
    status st = cli_home_lock(c, &lock, reterr);
    if (st != OK)
        return st;
    c->cfg = (struct cli_config){.loaded = false}; /* another command may have written it */
    st = cli_config_load(c, reterr);
    if (st == OK && c->cfg.account[0] == 0) {
        (void)snprintf(c->cfg.account, sizeof c->cfg.account, "%s", name);
        st = cli_config_save(c, reterr);
    }
    (void)close(lock);
    return st;
}

/* Names of accounts among the files of keys/, the last one in c->only. */
static size_t accounts_count(struct cli *c)
{
    char dir[PATH_MAX];
    size_t n = 0;
    DIR *d = cli_path(c, "keys", "", "", dir, NULL) == OK ? opendir(dir) : NULL;
    for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
        char *dot = strrchr(e->d_name, '.');
        if (dot == NULL || strcmp(dot, ".json") != 0)
            continue;
        *dot = 0;
        if (cli_name_check(e->d_name, NULL) != OK)
            continue;
        (void)snprintf(c->only, sizeof c->only, "%.*s", (int)sizeof c->only - 1, e->d_name);
        n++;
    }
    if (d != NULL)
        (void)closedir(d);
    return n;
}

const char *cli_only_account(struct cli *c)
{
    return accounts_count(c) == 1 ? c->only : NULL;
}

/* A name that --as or the configuration gave has a key file, or an identity to be restored. */
static status account_exists(const struct cli *c, const char *name, struct err *reterr)
{
    char path[PATH_MAX];
    status st = cli_name_check(name, reterr);
    if (st == OK)
        st = cli_path(c, "keys", name, ".json", path, reterr);
    if (st == OK && !file_exists(path) && !cli_identity_exists(c, name))
        st = ERR(reterr, E_USAGE, "there is no account \"%s\": see \"ehr account list\"", name);
    return st;
}

status cli_account(struct cli *c, const char **ret, struct err *reterr)
{
    const char *name = c->as;
    if (name == NULL && cli_config_load(c, NULL) == OK && c->cfg.account[0] != 0)
        name = c->cfg.account;
    if (name == NULL)
        name = cli_only_account(c);
    if (name == NULL)
        return ERR(reterr, E_USAGE, "%s",
                   accounts_count(c) == 0
                       ? "there is no account yet: make one with \"ehr account new NAME\""
                       : "which account? Give --as with a name of \"ehr account list\"");
    *ret = name;
    return account_exists(c, name, reterr);
}

/* First line of a file. */
static status passphrase_file(const char *path, struct buf *ret, struct err *reterr)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return ERR(reterr, E_NOT_FOUND, "%s: cannot be opened", path);
    status st = passphrase_read_fd(fd, ret, reterr);
    (void)close(fd);
    return st;
}

status cli_passphrase(struct cli *c, bool is_new, slice *ret, struct err *reterr)
{
    status st = OK;
    if (c->pass.n == 0) {
        if (c->pass_fd >= 0)
            st = passphrase_read_fd(c->pass_fd, &c->pass, reterr);
        else if (c->pass_file != NULL)
            st = passphrase_file(c->pass_file, &c->pass, reterr);
        else if (is_new)
            st = passphrase_ask_new("New passphrase", &c->pass, reterr);
        else
            st = passphrase_ask("Passphrase", &c->pass, reterr);
    }
    if (st == OK && is_new)
        st = passphrase_new_check(buf_slice(&c->pass), reterr);
    if (st == OK)
        *ret = buf_slice(&c->pass);
    return st;
}

status cli_key_load(struct cli *c, const char *name, struct secp_key *ret, struct err *reterr)
{
    char path[PATH_MAX];
    struct buf text;
    slice pass;
    buf_init(&text, LIMIT_KEYFILE_BYTES);
    status st = cli_path(c, "keys", name, ".json", path, reterr);
    if (st == OK)
        st = file_read(path, &text, reterr);
    if (st == OK)
        st = cli_passphrase(c, false, &pass, reterr);
    if (st == OK && (st = keyfile_read(buf_slice(&text), pass, ret, reterr)) != OK)
        st = st == E_DECRYPT ? ERR(reterr, E_NO_KEY, "the passphrase does not open %s", path) : st;
    buf_done(&text);
    return st;
}

status cli_identity_load(struct cli *c, const char *name, struct identity *ret, struct err *reterr)
{
    slice pass;
    status st = cli_passphrase(c, false, &pass, reterr);
    if (st == OK)
        st = ways_open(c, name, pass, NULL, ret, NULL, reterr);
    if (st == OK &&
        (ret->net.chain_id != c->cfg.chain_id || !addr20_eq(ret->net.proxy, c->cfg.proxy)))
        st = ERR(reterr, E_MISMATCH, "%s: the identity belongs to another registry", name);
    return st;
}

bool cli_identity_exists(const struct cli *c, const char *name)
{
    struct ways w;
    return ways_list(c, name, &w, NULL) == OK && w.n > 0;
}

status cli_identity_make(struct cli *c, const char *name, struct err *reterr)
{
    unsigned log_n = 0;
    struct identity id = {0};
    slice pass;
    struct netid net = {c->cfg.chain_id, c->cfg.proxy};
    status st = ways_log_n(c, name, &log_n, reterr);
    if (st == OK)
        st = cli_passphrase(c, true, &pass, reterr);
    if (st == OK)
        st = identity_generate(&net, c->cfg.node, &random_system, &id, reterr);
    if (st == OK)
        st = ways_store(c, name, WAY_FIRST, &id, pass, log_n, false, reterr);
    identity_done(&id);
    return st;
}
