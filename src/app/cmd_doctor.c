/* SPDX-License-Identifier: Apache-2.0 */
/* "ehr doctor": looks at everything a command needs, and says how to mend what is wrong. */
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "app/commands.h"
#include "app/identity_ways.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/secret.h"
#include "contract/registry_abi.h"

#define SKEW_S 60u /* a node refuses requests 120 s off */

struct exam {
    struct cli *c;
    unsigned bad;
};

static void PRINTF_LIKE(4, 5)
    finding(struct exam *x, bool good, const char *what, const char *fmt, ...)
{
    char text[ERR_MSG_MAX + VAULT_NODE_URL];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (n < 0)
        text[0] = 0;
    cli_plain(text);
    x->bad += good ? 0u : 1u;
    if (x->c->json) {
        jw_object(&x->c->w);
        jw_key(&x->c->w, "check"), jw_cstr(&x->c->w, what);
        jw_key(&x->c->w, "ok"), jw_bool(&x->c->w, good);
        jw_key(&x->c->w, "text"), jw_cstr(&x->c->w, text);
        jw_end(&x->c->w);
    } else {
        printf("%s  %-16s %s\n", good ? "ok " : "BAD", what, text);
    }
}

/* --- files -------------------------------------------------------------------------------------
 */

static void check_private(struct exam *x, const char *path, const char *what)
{
    struct stat s;
    if (stat(path, &s) != 0)
        finding(x, false, what, "%s cannot be looked at", path);
    else if ((s.st_mode & 077) != 0)
        finding(x, false, what, "%s can be read by others: chmod go-rwx it", path);
}

/* advice: when nothing is there. */
static void check_folder(struct exam *x, const char *dir, const char *suffix, const char *what,
                         const char *advice)
{
    char path[PATH_MAX];
    char file[PATH_MAX];
    unsigned n = 0;
    unsigned bad = x->bad;
    if (cli_path(x->c, dir, "", "", path, NULL) != OK)
        return;
    DIR *d = opendir(path);
    for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
        const char *dot = strrchr(e->d_name, '.');
        if (dot == NULL || dot == e->d_name || strcmp(dot, suffix) != 0)
            continue;
        n++;
        if (cli_path(x->c, dir, e->d_name, "", file, NULL) == OK)
            check_private(x, file, what);
    }
    if (d != NULL)
        (void)closedir(d);
    if (n == 0)
        finding(x, false, what, "there is none: %s", advice);
    else if (bad == x->bad)
        finding(x, true, what, "%u, for your eyes only", n);
}

/* One account's identity: its files, and that a forgotten passphrase does not lose it. */
static void check_identity(struct exam *x, const char *name)
{
    struct ways w;
    struct err e = {.msg = ""};
    char dir[PATH_MAX];
    if (cli_path(x->c, "identities", name, "", dir, NULL) == OK)
        check_private(x, dir, "identities");
    (void)snprintf(dir, sizeof dir, "identities/%s", name);
    check_folder(x, dir, ".age", "identity files", "ehr identity restore NAME, or new NAME");
    if (ways_list(x->c, name, &w, &e) != OK)
        finding(x, false, "identities", "%s", e.msg);
    else if (w.n > 0 && ways_count(&w) < WAYS_MIN)
        finding(x, false, "identities", "%s has one way to unlock: ehr identity recovery-code %s",
                name, name);
}

/* An account whose key is there already is not made again. */
static void no_identity(struct exam *x)
{
    const char *name;
    if (cli_account(x->c, &name, NULL) == OK)
        finding(x, false, "identity files", "%s has none: ehr identity new %s", name, name);
    else
        finding(x, false, "identity files", "there is none: ehr identity new NAME");
}

static void check_identities(struct exam *x)
{
    char path[PATH_MAX];
    unsigned n = 0;
    if (cli_path(x->c, "identities", "", "", path, NULL) != OK)
        return;
    DIR *d = opendir(path);
    for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
        if (cli_name_check(e->d_name, NULL) != OK)
            continue;
        n++;
        check_identity(x, e->d_name);
    }
    if (d != NULL)
        (void)closedir(d);
    if (n == 0)
        no_identity(x);
}

/* Everything works without, so it is told and no fault. */
static void check_memory(struct exam *x)
{
    finding(x, true, "memory", "%s",
            secret_unlocked() == 0
                ? "keys are kept out of swap"
                : "keys may reach swap: the limit of locked memory (ulimit -l) is small");
}

static bool check_home(struct exam *x)
{
    struct err e = {.msg = ""};
    if (cli_config_load(x->c, &e) != OK) {
        finding(x, false, "home", "%s", e.msg);
        return false;
    }
    check_private(x, x->c->home, "home");
    finding(x, true, "home", "%s", x->c->home);
    check_folder(x, "keys", ".json", "key files", "ehr account new NAME");
    check_identities(x);
    check_memory(x);
    return true;
}

/* --- node --------------------------------------------------------------------------------------
 */

static status get(struct exam *x, const char *target, struct buf *answer, struct err *reterr)
{
    struct vault_node_request r = {.method = "GET", .target = target, .is_unsigned = true};
    return vault_node_call(x->c->client.vault, &r, answer, NULL, reterr);
}

static void check_told(struct exam *x, struct json v)
{
    addr20 proxy;
    uint64_t t = 0;
    uint64_t now = clock_unix_s(&clock_system);
    slice origin = SLICE_EMPTY;
    bool same = json_hex_addr(json_get(v, "proxy"), &proxy, NULL) == OK &&
                addr20_eq(proxy, x->c->cfg.proxy);
    if (!same)
        finding(x, false, "node",
                "serves another registry than this home was made for: "
                "run \"ehr init --node URL\" again");
    if (json_str(json_get(v, "origin"), &origin, NULL) != OK ||
        !slice_eq_str(origin, x->c->cfg.origin))
        finding(x, false, "node",
                "says its origin is \"%.*s\", this home has pinned \"%s\": run \"ehr init --node\" "
                "with the node's, or with --origin if you know why",
                origin.n < 128 ? (int)origin.n : 128, (const char *)origin.p, x->c->cfg.origin);
    if (json_u64(json_get(v, "time"), &t, NULL) != OK)
        return;
    uint64_t off = t > now ? t - now : now - t;
    finding(
        x, off <= SKEW_S, "clock",
        off <= SKEW_S
            ? "%llu s off the node's"
            : "%llu s off the node's: set the clock of this machine (requests more than 120 s off "
              "are refused)",
        (unsigned long long)off);
}

static bool check_node(struct exam *x)
{
    struct buf answer;
    struct arena a;
    struct json_doc doc;
    struct err e = {.msg = ""};
    buf_init(&answer, LIMIT_HTTP_BODY_SMALL);
    arena_init(&a, LIMIT_HTTP_BODY_SMALL, false);
    status st = get(x, "/api/v1/node", &answer, &e);
    if (st == OK)
        st = json_read(buf_slice(&answer), &a, &doc, &e);
    if (st != OK)
        finding(x, false, "node", "%s: %s. Is ehrd running there?", x->c->cfg.node, e.msg);
    else
        finding(x, true, "node", "%s answers", x->c->cfg.node);
    if (st == OK)
        check_told(x, json_root(&doc));
    buf_clear(&answer);
    if (st == OK && get(x, "/readyz", &answer, &e) != OK)
        finding(x, false, "node ready", "%s", e.msg);
    else if (st == OK)
        finding(x, true, "node ready", "ledger, stores and relay work");
    arena_done(&a);
    buf_done(&answer);
    return st == OK;
}

/* --- ledger ------------------------------------------------------------------------------------
 */

static void check_code(struct exam *x, const addr20 *address, const char *what)
{
    struct buf code;
    struct err e = {.msg = ""};
    buf_init(&code, (size_t)1 << 20);
    status st = ledger_code(x->c->client.ledger, address, LEDGER_LATEST, &code, &e);
    if (st != OK)
        finding(x, false, what, "%s", e.msg);
    else if (code.n == 0)
        finding(x, false, what,
                "no contract at its address: was the chain started afresh? Then "
                "deploy again and run \"ehr init\"");
    else
        finding(x, true, what, "%zu bytes of code", code.n);
    buf_done(&code);
}

static void check_forwarder(struct exam *x)
{
    struct buf data;
    struct buf answer;
    addr20 f = {{0}};
    buf_init(&data, 64);
    buf_init(&answer, 256);
    status st = registry_put_trusted_forwarder(&data);
    if (st == OK)
        st = client_view(&x->c->client, buf_slice(&data), &answer, NULL);
    if (st == OK)
        st = registry_read_trusted_forwarder(buf_slice(&answer), &f);
    bool same = st == OK && addr20_eq(f, x->c->cfg.forwarder);
    finding(x, same, "trust", "%s",
            same ? "the registry trusts this forwarder"
                 : "the registry trusts another forwarder than the node uses: ask who runs it");
    buf_done(&data);
    buf_done(&answer);
}

static void check_ledger(struct exam *x)
{
    struct ledger_block b;
    struct err e = {.msg = ""};
    if (ledger_head(x->c->client.ledger, &b, &e) != OK) {
        finding(x, false, "ledger", "%s", e.msg);
        return;
    }
    finding(x, true, "ledger", "chain %llu, block %llu", (unsigned long long)x->c->cfg.chain_id,
            (unsigned long long)b.number);
    status st = ledger_block_vouched(x->c->client.ledger, b.number, &b.hash, &e);
    bool second = x->c->cfg.second_ledger[0] != 0;
    if (x->c->cfg.has_authority)
        finding(x, st == OK, "block", "%s",
                st != OK ? e.msg
                : second ? "signed by the pinned authority; the second ledger says the same"
                         : "signed by the authority that this home has pinned");
    else if (st == E_UNSUPPORTED)
        finding(x, true, "second ledger",
                "none: block hashes are believed to the node "
                "(ehr init --second-ledger URL)");
    else
        finding(x, st == OK, "second ledger", "%s", st == OK ? "says the same" : e.msg);
    check_code(x, &x->c->cfg.proxy, "registry");
    check_code(x, &x->c->cfg.forwarder, "forwarder");
    check_forwarder(x);
}

static void check_account(struct exam *x)
{
    const char *name;
    struct person p;
    struct registry_account r;
    hash32 card;
    if (cli_account(x->c, &name, NULL) != OK || cli_person(x->c, name, &p, NULL) != OK ||
        client_account_get(&x->c->client, &p.addr, &r, NULL) != OK ||
        client_card_hash(&x->c->client, &p.addr, &card, NULL) != OK)
        return;
    const char *is = account_status_text(&r);
    bool active = strcmp(is, "active") == 0;
    finding(x, active, "account", "%s: %s%s", name, active ? "registered and " : is,
            active ? is : "; ask an administrator");
    finding(x, !hash32_is_zero(card), "key card", "%s",
            hash32_is_zero(card) ? "none published: ehr card publish --name NAME" : "published");
}

status cmd_doctor(struct cli *c, struct args *a, struct err *reterr)
{
    struct exam x = {.c = c};
    status st = args_end(a, 0, 0, reterr);
    if (st != OK)
        return st;
    jw_key(&c->w, "checks"), jw_array(&c->w);
    if (check_home(&x)) {
        st = cli_open_public(c, reterr);
        if (st == OK && check_node(&x)) {
            check_ledger(&x);
            check_account(&x);
        }
    }
    jw_end(&c->w);
    if (st == OK && x.bad > 0)
        st = ERR(reterr, E_CONFLICT, "%u thing(s) to mend", x.bad);
    return st;
}
