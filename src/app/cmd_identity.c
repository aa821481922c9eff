/* SPDX-License-Identifier: Apache-2.0 */
/* "ehr identity": the ways to unlock an identity, and its recovery code. */
#include <stdio.h>
#include <stdlib.h>

#include "app/commands.h"
#include "app/identity_ways.h"
#include "app/passphrase.h"
#include "app/recovery_code.h"
#include "base/file.h"
#include "keys/keyfile.h"

/* The account of the first argument, or the one in use; the home must be initialised. */
static status account_arg(struct cli *c, const struct args *a, int i, const char **ret,
                          struct err *reterr)
{
    status st = cli_config_load(c, reterr);
    if (st != OK)
        return st;
    if (a->n <= i)
        return cli_account(c, ret, reterr);
    *ret = a->v[i];
    return cli_name_check(*ret, reterr);
}

/* The passphrase that is to be, from a descriptor or asked for twice. */
static status new_passphrase(const char *fd_text, struct buf *ret, struct err *reterr)
{
    char *end;
    status st;
    long fd = fd_text != NULL ? strtol(fd_text, &end, 10) : 0;
    if (fd_text != NULL && (*end != 0 || end == fd_text || fd < 0 || fd > 65535))
        return ERR(reterr, E_USAGE, "--new-passphrase-fd needs the number of a descriptor");
    if (fd_text == NULL)
        st = passphrase_ask_new("New passphrase: ", ret, reterr);
    else
        st = passphrase_read_fd((int)fd, ret, reterr);
    return st == OK ? passphrase_new_check(buf_slice(ret), reterr) : st;
}

static status no_identity(const char *name, struct err *reterr)
{
    return ERR(reterr, E_NOT_FOUND,
               "%s has no identity on this computer: \"ehr identity new %s\" makes one", name,
               name);
}

/* Open with the present passphrase. */
static status open_identity(struct cli *c, const char *name, const char *skip, struct identity *id,
                            struct err *reterr)
{
    slice pass;
    if (!cli_identity_exists(c, name))
        return no_identity(name, reterr);
    status st = cli_passphrase(c, false, &pass, reterr);
    return st == OK ? ways_open(c, name, pass, skip, id, NULL, reterr) : st;
}

static void print_ways(struct cli *c, const struct ways *w)
{
    jw_key(&c->w, "ways"), jw_array(&c->w);
    for (size_t i = 0; i < w->n; i++)
        jw_cstr(&c->w, w->name[i]);
    jw_end(&c->w);
    jw_key(&c->w, "recoveryCodeStored"), jw_bool(&c->w, w->code_stored);
    if (c->json)
        return;
    for (size_t i = 0; i < w->n; i++)
        printf("%-20s a passphrase\n", w->name[i]);
    printf("%-20s %s\n", WAY_CODE, w->code_stored ? "stored elsewhere" : "not stored");
    if (ways_count(w) < WAYS_MIN)
        printf("\nOne way is not enough: a forgotten passphrase would lose everything.\n"
               "  ehr identity recovery-code\n");
}

status cmd_identity_new(struct cli *c, struct args *a, struct err *reterr)
{
    struct identity id = {0};
    const char *name;
    status st = args_end(a, 1, 1, reterr);
    if (st == OK)
        st = account_arg(c, a, 0, &name, reterr);
    if (st == OK && cli_identity_exists(c, name))
        st = ERR(reterr, E_CONFLICT, "%s has an identity already", name);
    if (st == OK)
        st = cli_identity_make(c, name, reterr);
    if (st == OK)
        st = open_identity(c, name, NULL, &id, reterr);
    if (st == OK)
        st = recovery_code_show(c, name, &id, reterr);
    identity_done(&id);
    return st;
}

status cmd_identity_show(struct cli *c, struct args *a, struct err *reterr)
{
    struct ways w;
    const char *name;
    status st = args_end(a, 0, 1, reterr);
    if (st == OK)
        st = account_arg(c, a, 0, &name, reterr);
    if (st == OK)
        st = ways_list(c, name, &w, reterr);
    if (st == OK && w.n == 0)
        st = no_identity(name, reterr);
    if (st == OK)
        print_ways(c, &w);
    return st;
}

static status way_check(const char *way, struct err *reterr)
{
    if (strcmp(way, WAY_CODE) == 0)
        return ERR(reterr, E_USAGE, "\"%s\" is the name of the recovery code", WAY_CODE);
    return cli_name_check(way, reterr);
}

status cmd_identity_add_way(struct cli *c, struct args *a, struct err *reterr)
{
    struct identity id = {0};
    struct buf pass;
    const char *name;
    const char *fd;
    unsigned log_n = 0;
    buf_init_secret(&pass, PASSPHRASE_MAX);
    status st = args_value(a, "--new-passphrase-fd", &fd, reterr);
    if (st == OK)
        st = args_end(a, 1, 2, reterr);
    if (st == OK)
        st = account_arg(c, a, 1, &name, reterr);
    if (st == OK)
        st = way_check(a->v[0], reterr);
    if (st == OK)
        st = open_identity(c, name, NULL, &id, reterr);
    if (st == OK)
        st = new_passphrase(fd, &pass, reterr);
    if (st == OK)
        st = ways_log_n(c, name, &log_n, reterr);
    if (st == OK)
        st = ways_store(c, name, a->v[0], &id, buf_slice(&pass), log_n, false, reterr);
    if (st == E_CONFLICT)
        st = ERR(reterr, E_CONFLICT, "there is a way \"%s\" already", a->v[0]);
    identity_done(&id);
    buf_done(&pass);
    return st;
}

/* Another way must open, so that nobody locks themselves out. */
static status remove_way(struct cli *c, const char *name, const char *way, struct err *reterr)
{
    struct identity id = {0};
    bool is_code = strcmp(way, WAY_CODE) == 0;
    status st = open_identity(c, name, is_code ? NULL : way, &id, reterr);
    if (st == E_NO_KEY)
        st = ERR(reterr, E_NO_KEY, "give the passphrase of a way that stays");
    identity_done(&id);
    if (st == OK)
        st = cli_confirm(c, "Take this way to unlock away?", reterr);
    if (st != OK)
        return st;
    return is_code ? ways_code_note(c, name, false, reterr) : ways_remove(c, name, way, reterr);
}

status cmd_identity_remove_way(struct cli *c, struct args *a, struct err *reterr)
{
    struct ways w;
    const char *name;
    status st = args_end(a, 1, 2, reterr);
    if (st == OK)
        st = account_arg(c, a, 1, &name, reterr);
    if (st == OK)
        st = ways_list(c, name, &w, reterr);
    if (st != OK)
        return st;
    bool found = strcmp(a->v[0], WAY_CODE) == 0 && w.code_stored;
    for (size_t i = 0; i < w.n; i++)
        found |= strcmp(a->v[0], w.name[i]) == 0;
    if (!found)
        return ERR(reterr, E_NOT_FOUND, "there is no way \"%s\"", a->v[0]);
    if (ways_count(&w) <= WAYS_MIN || (w.n == 1 && strcmp(a->v[0], w.name[0]) == 0))
        return ERR(reterr, E_FORBIDDEN,
                   "an identity keeps at least %u ways, one of them a passphrase: add one first",
                   WAYS_MIN);
    return remove_way(c, name, a->v[0], reterr);
}

/* The key file under the new passphrase, unless it has another one than the identity.
 * *ret_done: it has the new one now, or had it already. */
static status rekey_account(struct cli *c, const char *name, slice old, slice fresh, bool *ret_done,
                            struct err *reterr)
{
    char path[PATH_MAX];
    struct buf text;
    struct buf out;
    struct secp_key key = {{0}};
    unsigned log_n = 0;
    *ret_done = true;
    status st = cli_path(c, "keys", name, ".json", path, reterr);
    if (st != OK || !file_exists(path))
        return st;
    buf_init(&text, LIMIT_KEYFILE_BYTES);
    buf_init(&out, LIMIT_KEYFILE_BYTES);
    st = file_read(path, &text, reterr);
    if (st == OK)
        st = keyfile_read(buf_slice(&text), old, &key, reterr);
    if (st == OK)
        st = keyfile_log_n(buf_slice(&text), &log_n, reterr);
    if (st == OK)
        st = keyfile_put(&key, fresh, log_n == 0 ? KEYFILE_LOG_N : log_n, &random_system, &out,
                         reterr);
    if (st == OK)
        st = file_replace(path, buf_slice(&out), 0600, reterr);
    if (st == E_DECRYPT) { /* after an interruption it has the new passphrase already */
        *ret_done = keyfile_read(buf_slice(&text), fresh, &key, NULL) == OK;
        st = OK;
    }
    secp_key_done(&key);
    buf_done(&out);
    buf_done(&text);
    return st;
}

/* Key file first: a command that is interrupted between the two is repeated with the same
 * passphrases. */
static status change(struct cli *c, const char *name, slice old, slice fresh, struct err *reterr)
{
    struct identity id = {0};
    struct identity other = {0};
    char way[CLI_NAME_MAX];
    unsigned log_n = 0;
    bool done = true;
    status st = ways_open(c, name, old, NULL, &id, way, reterr);
    if (st == OK && ways_open(c, name, fresh, way, &other, NULL, NULL) == OK)
        st = ERR(reterr, E_CONFLICT, "another way has this passphrase: one is not two");
    identity_done(&other);
    if (st == OK)
        st = ways_log_n(c, name, &log_n, reterr);
    if (st == OK && strcmp(way, WAY_FIRST) == 0)
        st = rekey_account(c, name, old, fresh, &done, reterr);
    if (st == OK)
        st = ways_store(c, name, way, &id, fresh, log_n, true, reterr);
    identity_done(&id);
    if (st != OK)
        return st;
    jw_key(&c->w, "way"), jw_cstr(&c->w, way);
    jw_key(&c->w, "keyFileChanged"), jw_bool(&c->w, done);
    if (!c->json)
        printf("The passphrase of \"%s\" is changed.%s\n", way,
               done ? "" : " The key file has another passphrase and was left as it is.");
    return st;
}

status cmd_identity_change_passphrase(struct cli *c, struct args *a, struct err *reterr)
{
    struct buf fresh;
    const char *name;
    const char *fd;
    slice old;
    buf_init_secret(&fresh, PASSPHRASE_MAX);
    status st = args_value(a, "--new-passphrase-fd", &fd, reterr);
    if (st == OK)
        st = args_end(a, 0, 1, reterr);
    if (st == OK)
        st = account_arg(c, a, 0, &name, reterr);
    if (st == OK)
        st = cli_passphrase(c, false, &old, reterr);
    if (st == OK)
        st = new_passphrase(fd, &fresh, reterr);
    if (st == OK)
        st = change(c, name, old, buf_slice(&fresh), reterr);
    buf_done(&fresh);
    return st;
}

status cmd_identity_recovery_code(struct cli *c, struct args *a, struct err *reterr)
{
    struct identity id = {0};
    const char *name;
    status st = args_end(a, 0, 1, reterr);
    if (st == OK)
        st = account_arg(c, a, 0, &name, reterr);
    if (st == OK)
        st = open_identity(c, name, NULL, &id, reterr);
    if (st == OK)
        st = recovery_code_show(c, name, &id, reterr);
    identity_done(&id);
    return st;
}
