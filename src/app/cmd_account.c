/* SPDX-License-Identifier: Apache-2.0 */
/* "ehr account": key files and identity files. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/identity_ways.h"
#include "app/passphrase.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/wipe.h"
#include "contract/registry_abi.h"
#include "keys/bip32.h"
#include "keys/bip39.h"
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

/* The identity's first way; made new when id is NULL and there is none. */
static status identity_store(struct cli *c, const char *name, const struct identity *id,
                             struct err *reterr)
{
    slice pass;
    unsigned log_n = 0;
    if (id == NULL)
        return cli_identity_exists(c, name) ? OK : cli_identity_make(c, name, reterr);
    status st = cli_passphrase(c, true, &pass, reterr);
    if (st == OK)
        st = ways_log_n(c, name, &log_n, reterr);
    return st == OK ? ways_store(c, name, WAY_FIRST, id, pass, log_n, false, reterr) : st;
}

static void account_told(struct cli *c, const char *name, const addr20 *addr, bool has_home)
{
    char hex[43];
    if (c->json) {
        jw_key(&c->w, "name"), jw_cstr(&c->w, name);
        jw_addr(&c->w, "address", addr);
        return;
    }
    printf("%s  %s\n", hex_0x(slice_of(addr->b, sizeof addr->b), hex), name);
    if (has_home)
        printf("Give this address to the administrator who registers accounts; then\n"
               "  ehr card publish --name \"YOUR NAME\"\n"
               "So that a forgotten passphrase loses nothing:\n"
               "  ehr identity recovery-code %s\n",
               name);
    else
        printf("A key only: this home knows no node, and folders need an identity. Next:\n"
               "  ehr init --node URL\n"
               "  ehr identity new %s\n",
               name);
}

/* Key file, identity file when the home is initialised, and the first account is the one used. */
static status account_store(struct cli *c, const char *name, const struct secp_key *key, bool light,
                            const struct identity *id, struct err *reterr)
{
    addr20 addr;
    char first[CLI_NAME_MAX];
    const char *only = cli_only_account(c); /* made before the home had a configuration */
    (void)snprintf(first, sizeof first, "%s", only != NULL ? only : name);
    status st = secp_key_addr(key, &addr);
    if (st != OK)
        return ERR(reterr, st, "not a valid key");
    st = keyfile_store(c, name, key, light ? LIGHT_LOG_N : KEYFILE_LOG_N, reterr);
    bool has_home = st == OK && cli_config_load(c, NULL) == OK;
    if (has_home)
        st = identity_store(c, name, id, reterr);
    if (st == OK && has_home)
        st = cli_config_account(c, first, reterr);
    if (st == OK)
        account_told(c, name, &addr, has_home);
    return st;
}

/* The key of an account we make comes from its identity, so that one backup brings both back. */
static status account_derive(struct cli *c, const char *name, struct identity *id,
                             struct secp_key *key, struct err *reterr)
{
    struct netid net = {c->cfg.chain_id, c->cfg.proxy};
    if (cli_identity_exists(c, name))
        return ERR(reterr, E_CONFLICT, "there is an identity \"%s\" already", name);
    status st = identity_generate(&net, c->cfg.node, &random_system, id, reterr);
    if (st == OK && identity_scalar(id, "account", key) != OK)
        st = ERR(reterr, E_INTERNAL, "the account's key cannot be derived");
    return st;
}

status cmd_account_new(struct cli *c, struct args *a, struct err *reterr)
{
    struct secp_key key = {{0}};
    struct identity id = {0};
    bool light = args_flag(a, "--light");
    status st = args_end(a, 1, 1, reterr);
    if (st == OK)
        st = cli_name_check(a->v[0], reterr);
    bool has_home = st == OK && cli_config_load(c, NULL) == OK;
    if (has_home)
        st = account_derive(c, a->v[0], &id, &key, reterr);
    else if (st == OK && secp_key_generate(&random_system, &key) != OK)
        st = ERR(reterr, E_IO, "no randomness");
    if (st == OK)
        st = account_store(c, a->v[0], &key, light, has_home ? &id : NULL, reterr);
    identity_done(&id);
    secp_key_done(&key);
    return st;
}

/* The number of a descriptor that an option gave. */
static status fd_read(const char *option, const char *text, int *ret, struct err *reterr)
{
    char *end;
    long fd = strtol(text, &end, 10);
    if (*end != 0 || end == text || fd < 0 || fd > 65535)
        return ERR(reterr, E_USAGE, "%s needs the number of a descriptor", option);
    *ret = (int)fd;
    return OK;
}

/* 64 hex digits from a descriptor. */
static status key_from_fd(const char *fd_text, struct secp_key *ret, struct err *reterr)
{
    struct buf line;
    int fd = -1;
    buf_init_secret(&line, PASSPHRASE_MAX);
    status st = fd_read("--hex-fd", fd_text, &fd, reterr);
    if (st == OK)
        st = passphrase_read_fd(fd, &line, reterr);
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
    if (st == E_DECRYPT)
        st = ERR(reterr, E_NO_KEY, "the passphrase does not open %s", path);
    buf_done(&text);
    return st;
}

/* The words of a wallet; index: which of its accounts (m/44'/60'/0'/0/index). */
static status key_from_mnemonic(const char *fd_text, const char *index_text, struct secp_key *ret,
                                struct err *reterr)
{
    struct buf words;
    uint8_t seed[BIP39_SEED];
    char *end = NULL;
    int fd = -1;
    unsigned long index = index_text != NULL ? strtoul(index_text, &end, 10) : 0;
    if (index_text != NULL &&
        (*end != 0 || index_text[0] < '0' || index_text[0] > '9' || index >= BIP32_HARDENED))
        return ERR(reterr, E_USAGE, "--index needs a number below 2^31");
    buf_init_secret(&words, PASSPHRASE_MAX);
    status st = fd_read("--mnemonic-fd", fd_text, &fd, reterr);
    if (st == OK)
        st = file_read_fd(fd, "mnemonic", &words, reterr);
    if (st == OK)
        st = bip39_seed(buf_slice(&words), SLICE_EMPTY, seed, reterr);
    if (st == OK && (st = bip32_ethereum(slice_of(seed, sizeof seed), (uint32_t)index, ret)) != OK)
        st = ERR(reterr, st, "the mnemonic has no account %lu", index);
    wipe(seed, sizeof seed);
    buf_done(&words);
    return st;
}

/* Where the key of "account import" is. */
struct import_from {
    const char *hex_fd;
    const char *file;
    const char *mnemonic_fd;
    const char *index;
};

static status import_args(struct args *a, struct import_from *f, struct err *reterr)
{
    status st = args_value(a, "--hex-fd", &f->hex_fd, reterr);
    if (st == OK)
        st = args_value(a, "--keyfile", &f->file, reterr);
    if (st == OK)
        st = args_value(a, "--mnemonic-fd", &f->mnemonic_fd, reterr);
    if (st == OK)
        st = args_value(a, "--index", &f->index, reterr);
    if (st == OK)
        st = args_end(a, 1, 1, reterr);
    if (st == OK && (f->hex_fd != NULL) + (f->file != NULL) + (f->mnemonic_fd != NULL) != 1)
        st = ERR(reterr, E_USAGE, "give one of --hex-fd, --keyfile and --mnemonic-fd");
    if (st == OK && f->index != NULL && f->mnemonic_fd == NULL)
        st = ERR(reterr, E_USAGE, "--index goes with --mnemonic-fd");
    return st;
}

status cmd_account_import(struct cli *c, struct args *a, struct err *reterr)
{
    struct secp_key key = {{0}};
    struct import_from from = {.file = NULL};
    bool light = args_flag(a, "--light");
    status st = import_args(a, &from, reterr);
    if (st == OK)
        st = cli_name_check(a->v[0], reterr);
    if (st == OK && from.hex_fd != NULL)
        st = key_from_fd(from.hex_fd, &key, reterr);
    else if (st == OK && from.file != NULL)
        st = key_from_file(c, from.file, &key, reterr);
    else if (st == OK)
        st = key_from_mnemonic(from.mnemonic_fd, from.index, &key, reterr);
    if (st == OK)
        st = account_store(c, a->v[0], &key, light, NULL, reterr);
    secp_key_done(&key);
    return st;
}

static void account_print(struct cli *c, const char *name, bool used)
{
    struct person p;
    char hex[43];
    if (cli_person(c, name, &p, NULL) != OK)
        return;
    bool has_identity = cli_identity_exists(c, name);
    if (c->json) {
        jw_object(&c->w);
        jw_key(&c->w, "name"), jw_cstr(&c->w, name);
        jw_addr(&c->w, "address", &p.addr);
        jw_key(&c->w, "identity"), jw_bool(&c->w, has_identity);
        jw_end(&c->w);
        return;
    }
    printf("%s  %-20s%s%s\n", hex_0x(slice_of(p.addr.b, sizeof p.addr.b), hex), name,
           used ? "  (used without --as)" : "", has_identity ? "" : "  (no identity)");
}

status cmd_account_list(struct cli *c, struct args *a, struct err *reterr)
{
    char dir[PATH_MAX];
    status st = args_end(a, 0, 0, reterr);
    if (st == OK)
        st = cli_path(c, "keys", "", "", dir, reterr);
    if (st != OK)
        return st;
    const char *used;
    if (cli_account(c, &used, NULL) != OK)
        used = "";
    struct dirent **list = NULL;
    int n = scandir(dir, &list, NULL, alphasort);
    jw_key(&c->w, "accounts"), jw_array(&c->w);
    for (int i = 0; i < n; i++) {
        char *dot = strrchr(list[i]->d_name, '.');
        if (dot != NULL && dot != list[i]->d_name && strcmp(dot, ".json") == 0) {
            *dot = 0;
            account_print(c, list[i]->d_name, strcmp(list[i]->d_name, used) == 0);
        }
        free(list[i]);
    }
    free(list);
    jw_end(&c->w);
    if (n <= 0 && !c->json)
        printf("No accounts yet: ehr account new NAME\n");
    return OK;
}

const char *account_role_text(uint8_t role)
{
    static const char *const names[] = {"none", "patient", "practitioner", "organisation"};
    return role < 4 ? names[role] : "unknown";
}

const char *account_status_text(const struct registry_account *r)
{
    static const char *const names[] = {"not registered", "active", "suspended"};
    if (r->status == REGISTRY_ACCOUNT_ACTIVE && r->valid_until != 0 &&
        r->valid_until <= clock_unix_s(&clock_system))
        return "expired";
    return r->status < 3 ? names[r->status] : "unknown";
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
        jw_key(&c->w, "role"), jw_cstr(&c->w, account_role_text(r.role));
        jw_key(&c->w, "status"), jw_cstr(&c->w, account_status_text(&r));
        jw_key(&c->w, "validUntil"), jw_u64(&c->w, r.valid_until);
        jw_hash(&c->w, "keyCardHash", &card);
        return OK;
    }
    printf("name     %s\naddress  %s\nrole     %s\nstatus   %s\nuntil    %s\ncard     %s\n", p.name,
           hex_0x(slice_of(p.addr.b, 20), hex), account_role_text(r.role), account_status_text(&r),
           r.valid_until == 0 ? "no end" : cli_time(r.valid_until, until),
           hash32_is_zero(card) ? "none published" : "published");
    return OK;
}
