/* SPDX-License-Identifier: Apache-2.0 */
/* "ehr identity restore": identity and account key from the recovery code alone. */
#include <stdio.h>

#include "app/commands.h"
#include "app/identity_ways.h"
#include "app/recovery_code.h"
#include "app/restore.h"
#include "base/file.h"
#include "base/hex.h"
#include "ehr/recovery.h"
#include "keys/keyfile.h"

status restore_code_open(struct cli *c, const char *fd, struct restored *r, struct err *reterr)
{
    struct buf code;
    struct netid net = {c->cfg.chain_id, c->cfg.proxy};
    buf_init_secret(&code, RECOVERY_INPUT);
    status st = recovery_code_get(fd, &code, reterr);
    if (st == OK)
        st = recovery_read(buf_slice(&code), &net, c->cfg.node, &r->id, &r->has_account, reterr);
    if (st == OK && r->has_account &&
        (identity_scalar(&r->id, "account", &r->key) != OK ||
         secp_key_addr(&r->key, &r->addr) != OK))
        st = ERR(reterr, E_INTERNAL, "the account's key cannot be derived");
    buf_done(&code);
    return st;
}

/* What is there under this name may be replaced only when it is the same account. */
status restore_check(struct cli *c, const char *name, const struct restored *r, struct err *reterr)
{
    char path[PATH_MAX];
    struct buf text;
    addr20 stated = {{0}};
    status st = cli_path(c, "keys", name, ".json", path, reterr);
    bool has_key = st == OK && file_exists(path);
    if (st != OK || (!has_key && !cli_identity_exists(c, name)))
        return st;
    buf_init(&text, LIMIT_KEYFILE_BYTES);
    if (has_key)
        st = file_read(path, &text, reterr);
    if (st == OK && has_key)
        st = keyfile_addr(buf_slice(&text), &stated, reterr);
    buf_done(&text);
    if (st != OK)
        return st;
    if (has_key && r->has_account && addr20_eq(stated, r->addr))
        return cli_confirm(c, "Give this account a new passphrase?", reterr);
    if (cli_identity_exists(c, name) || r->has_account)
        return ERR(reterr, E_CONFLICT, "\"%s\" is another account: restore under another name",
                   name);
    return OK;
}

static status key_store(struct cli *c, const char *name, const struct restored *r, slice pass,
                        unsigned log_n, struct err *reterr)
{
    char path[PATH_MAX];
    char dir[PATH_MAX];
    struct buf text;
    buf_init(&text, LIMIT_KEYFILE_BYTES);
    status st = cli_path(c, "keys", name, ".json", path, reterr);
    if (st == OK)
        st = cli_path(c, "keys", "", "", dir, reterr);
    if (st == OK)
        st = keyfile_put(&r->key, pass, log_n, &random_system, &text, reterr);
    if (st == OK)
        st = file_mkdirs(dir, 0700, reterr);
    if (st == OK)
        st = file_replace(path, buf_slice(&text), 0600, reterr);
    buf_done(&text);
    return st;
}

/* Key file, identity, note; each step may be repeated. */
status restore_store(struct cli *c, const char *name, const struct restored *r, bool light,
                     struct err *reterr)
{
    slice pass;
    unsigned log_n = light ? KEYFILE_LOG_N_LIGHT : KEYFILE_LOG_N;
    status st = cli_passphrase(c, true, &pass, reterr);
    if (st == OK && r->has_account)
        st = key_store(c, name, r, pass, log_n, reterr);
    if (st == OK)
        st = ways_store(c, name, WAY_FIRST, &r->id, pass, log_n, true, reterr);
    if (st == OK)
        st = ways_code_note(c, name, true, reterr);
    if (st == OK && r->has_account)
        st = cli_config_account(c, name, reterr);
    return st;
}

static void told(struct cli *c, const char *name, const struct restored *r)
{
    char hex[43];
    jw_key(&c->w, "name"), jw_cstr(&c->w, name);
    jw_key(&c->w, "hasAccountKey"), jw_bool(&c->w, r->has_account);
    if (r->has_account)
        jw_addr(&c->w, "address", &r->addr);
    if (c->json)
        return;
    if (r->has_account)
        printf("%s  %s\n", hex_0x(slice_of(r->addr.b, sizeof r->addr.b), hex), name);
    else
        printf("The identity is back. The account's key is not in the code: ehr account import\n");
}

status cmd_identity_restore(struct cli *c, struct args *a, struct err *reterr)
{
    struct restored r = {.has_account = false};
    const char *fd;
    bool light = args_flag(a, "--light");
    status st = args_value(a, "--code-fd", &fd, reterr);
    if (st == OK)
        st = args_end(a, 1, 1, reterr);
    if (st == OK)
        st = cli_name_check(a->v[0], reterr);
    if (st == OK)
        st = cli_config_load(c, reterr);
    if (st == OK)
        st = restore_code_open(c, fd, &r, reterr);
    if (st == OK)
        st = restore_check(c, a->v[0], &r, reterr);
    if (st == OK)
        st = restore_store(c, a->v[0], &r, light, reterr);
    if (st == OK)
        told(c, a->v[0], &r);
    identity_done(&r.id);
    secp_key_done(&r.key);
    return st;
}
