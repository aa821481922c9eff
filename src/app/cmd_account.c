/* SPDX-License-Identifier: Apache-2.0 */
/* "ehr account": key files and identity files. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/passphrase.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/wipe.h"
#include "contract/registry_abi.h"
#include "keys/keyfile.h"

#define LIGHT_LOG_N 12u

static status keyfile_store(struct cli *c, const char *name, const struct secp_key *key,
                            unsigned log_n, struct err *reterr)
{
    char path[PATH_MAX];
    char dir[PATH_MAX];
    struct buf text;
    slice pass;
    buf_init(&text, LIMIT_KEYFILE_BYTES);
    status st = cli_path(c, "keys", name, ".json", path, reterr);
    if (st == OK)
        st = cli_path(c, "keys", "", "", dir, reterr);
    if (st == OK && file_exists(path))
        st = ERR(reterr, E_CONFLICT, "there is an account \"%s\" already", name);
    if (st == OK)
        st = cli_passphrase(c, true, &pass, reterr);
    if (st == OK)
        st = keyfile_put(key, pass, log_n, &random_system, &text, reterr);
    if (st == OK)
        st = file_mkdirs(dir, 0700, reterr);
    if (st == OK)
        st = file_create(path, buf_slice(&text), 0600, reterr);
    buf_done(&text);
    return st;
}

/* Key file, identity file when the home is initialised, and the first account is the one used. */
static status account_store(struct cli *c, const char *name, const struct secp_key *key, bool light,
                            struct err *reterr)
{
    addr20 addr;
    char hex[43];
    status st = secp_key_addr(key, &addr);
    if (st != OK)
        return ERR(reterr, st, "not a valid key");
    st = keyfile_store(c, name, key, light ? LIGHT_LOG_N : KEYFILE_LOG_N, reterr);
    bool has_home = st == OK && cli_config_load(c, NULL) == OK;
    if (has_home)
        st = cli_identity_make(c, name, reterr);
    if (st == OK && has_home && c->cfg.account[0] == 0) {
        (void)snprintf(c->cfg.account, sizeof c->cfg.account, "%s", name);
        st = cli_config_save(c, reterr);
    }
    if (st != OK)
        return st;
    if (c->json) {
        jw_key(&c->w, "name"), jw_cstr(&c->w, name);
        jw_addr(&c->w, "address", &addr);
        return OK;
    }
    printf("%s  %s\n", hex_0x(slice_of(addr.b, sizeof addr.b), hex), name);
    if (has_home)
        printf("Give this address to the administrator who registers accounts; then\n"
               "  ehr card publish --name \"YOUR NAME\"\n");
    return OK;
}

status cmd_account_new(struct cli *c, struct args *a, struct err *reterr)
{
    struct secp_key key = {{0}};
    bool light = args_flag(a, "--light");
    status st = args_end(a, 1, 1, reterr);
    if (st == OK)
        st = cli_name_check(a->v[0], reterr);
    if (st == OK && secp_key_generate(&random_system, &key) != OK)
        st = ERR(reterr, E_IO, "no randomness");
    if (st == OK)
        st = account_store(c, a->v[0], &key, light, reterr);
    secp_key_done(&key);
    return st;
}

/* 64 hex digits from a descriptor. */
static status key_from_fd(const char *fd_text, struct secp_key *ret, struct err *reterr)
{
    struct buf line;
    char *end;
    long fd = strtol(fd_text, &end, 10);
    if (*end != 0 || end == fd_text || fd < 0 || fd > 65535)
        return ERR(reterr, E_USAGE, "--hex-fd needs the number of a descriptor");
    buf_init_secret(&line, PASSPHRASE_MAX);
    status st = passphrase_read_fd((int)fd, &line, reterr);
    if (st == OK && hex_read(buf_slice(&line), ret->b, sizeof ret->b) != OK)
        st = ERR(reterr, E_SYNTAX, "the key is not 32 bytes of hex");
    buf_done(&line);
    return st == OK && !secp_key_is_valid(ret) ? ERR(reterr, E_RANGE, "not a valid key") : st;
}

static status key_from_file(struct cli *c, const char *path, struct secp_key *ret,
                            struct err *reterr)
{
    struct buf text;
    slice pass;
    buf_init(&text, LIMIT_KEYFILE_BYTES);
    status st = file_read(path, &text, reterr);
    if (st == OK)
        st = cli_passphrase(c, false, &pass, reterr);
    if (st == OK)
        st = keyfile_read(buf_slice(&text), pass, ret, reterr);
    buf_done(&text);
    return st;
}

status cmd_account_import(struct cli *c, struct args *a, struct err *reterr)
{
    struct secp_key key = {{0}};
    const char *fd;
    const char *file;
    bool light = args_flag(a, "--light");
    status st = args_value(a, "--hex-fd", &fd, reterr);
    if (st == OK)
        st = args_value(a, "--keyfile", &file, reterr);
    if (st == OK)
        st = args_end(a, 1, 1, reterr);
    if (st == OK && (fd == NULL) == (file == NULL))
        st = ERR(reterr, E_USAGE, "give --hex-fd N or --keyfile FILE");
    if (st == OK)
        st = cli_name_check(a->v[0], reterr);
    if (st == OK)
        st = fd != NULL ? key_from_fd(fd, &key, reterr) : key_from_file(c, file, &key, reterr);
    if (st == OK)
        st = account_store(c, a->v[0], &key, light, reterr);
    secp_key_done(&key);
    return st;
}

static void account_print(struct cli *c, const char *name)
{
    struct person p;
    char path[PATH_MAX];
    char hex[43];
    if (cli_person(c, name, &p, NULL) != OK ||
        cli_path(c, "identities", name, ".age", path, NULL) != OK)
        return;
    bool has_identity = file_exists(path);
    if (c->json) {
        jw_object(&c->w);
        jw_key(&c->w, "name"), jw_cstr(&c->w, name);
        jw_addr(&c->w, "address", &p.addr);
        jw_key(&c->w, "identity"), jw_bool(&c->w, has_identity);
        jw_end(&c->w);
        return;
    }
    printf("%s  %-20s%s%s\n", hex_0x(slice_of(p.addr.b, sizeof p.addr.b), hex), name,
           strcmp(name, c->cfg.account) == 0 ? "  (used without --as)" : "",
           has_identity ? "" : "  (no identity)");
}

status cmd_account_list(struct cli *c, struct args *a, struct err *reterr)
{
    char dir[PATH_MAX];
    status st = args_end(a, 0, 0, reterr);
    if (st == OK)
        st = cli_path(c, "keys", "", "", dir, reterr);
    if (st != OK)
        return st;
    if (cli_config_load(c, NULL) != OK)
        c->cfg.account[0] = 0;
    struct dirent **list = NULL;
    int n = scandir(dir, &list, NULL, alphasort);
    jw_key(&c->w, "accounts"), jw_array(&c->w);
    for (int i = 0; i < n; i++) {
        char *dot = strrchr(list[i]->d_name, '.');
        if (dot != NULL && dot != list[i]->d_name && strcmp(dot, ".json") == 0) {
            *dot = 0;
            account_print(c, list[i]->d_name);
        }
        free(list[i]);
    }
    free(list);
    jw_end(&c->w);
    if (n <= 0 && !c->json)
        printf("No accounts yet: ehr account new NAME\n");
    return OK;
}

static const char *role_text(uint8_t role)
{
    static const char *const names[] = {"none", "patient", "practitioner", "organisation"};
    return role < 4 ? names[role] : "unknown";
}

static const char *account_status_text(uint8_t s)
{
    static const char *const names[] = {"not registered", "active", "suspended"};
    return s < 3 ? names[s] : "unknown";
}

status cmd_account_show(struct cli *c, struct args *a, struct err *reterr)
{
    struct person p;
    struct registry_account r;
    hash32 card;
    char hex[43];
    char until[32];
    const char *name = NULL;
    status st = args_end(a, 0, 1, reterr);
    if (st == OK && a->n == 0)
        st = cli_account(c, &name, reterr);
    if (st == OK)
        st = cli_open_public(c, reterr);
    if (st == OK)
        st = cli_person(c, a->n > 0 ? a->v[0] : name, &p, reterr);
    if (st == OK)
        st = client_account_get(&c->client, &p.addr, &r, reterr);
    if (st == OK)
        st = client_card_hash(&c->client, &p.addr, &card, reterr);
    if (st != OK)
        return st;
    if (c->json) {
        jw_key(&c->w, "name"), jw_cstr(&c->w, p.name);
        jw_addr(&c->w, "address", &p.addr);
        jw_key(&c->w, "role"), jw_cstr(&c->w, role_text(r.role));
        jw_key(&c->w, "status"), jw_cstr(&c->w, account_status_text(r.status));
        jw_key(&c->w, "validUntil"), jw_u64(&c->w, r.valid_until);
        jw_hash(&c->w, "keyCardHash", &card);
        return OK;
    }
    printf("name     %s\naddress  %s\nrole     %s\nstatus   %s\nuntil    %s\ncard     %s\n", p.name,
           hex_0x(slice_of(p.addr.b, 20), hex), role_text(r.role), account_status_text(r.status),
           r.valid_until == 0 ? "no end" : cli_time(r.valid_until, until),
           hash32_is_zero(card) ? "none published" : "published");
    return OK;
}
