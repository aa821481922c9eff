/* SPDX-License-Identifier: Apache-2.0 */
/* "ehr admin": deployment, accounts, upgrades, by transactions of the administrator's own. */
#include <stdio.h>
#include <stdlib.h>

#include "app/admin_deploy.h"
#include "app/admin_tx.h"
#include "app/commands.h"
#include "base/file.h"
#include "base/hex.h"
#include "codec/json.h"
#include "contract/registry_abi.h"
#include "num/u256.h"

#define CODE_BYTES ((size_t)256 << 10)

/* Role by its name; 0: none. */
static uint8_t role_of(const char *text)
{
    return (uint8_t)card_role_number(text);
}

static status addr_option(struct args *a, const char *name, addr20 fallback, addr20 *ret,
                          struct err *reterr)
{
    const char *text;
    status st = args_value(a, name, &text, reterr);
    *ret = fallback;
    if (st == OK && text != NULL && hex_read_addr(slice_str(text), ret) != OK)
        st = ERR(reterr, E_USAGE, "%s takes an address", name);
    return st;
}

/* --- deploy ------------------------------------------------------------------------------------
 */

static void deployment_print(struct cli *c, const struct deployment *d)
{
    char p[43];
    char f[43];
    char i[43];
    if (c->json) {
        admin_deployment_put(d, &c->w);
        return;
    }
    printf("registry (proxy)  %s\nforwarder         %s\nimplementation    %s\n"
           "chain             %llu, first block %llu\n",
           hex_0x(slice_of(d->proxy.b, 20), p), hex_0x(slice_of(d->forwarder.b, 20), f),
           hex_0x(slice_of(d->implementation.b, 20), i), (unsigned long long)d->chain_id,
           (unsigned long long)d->block);
}

status cmd_admin_deploy(struct cli *c, struct args *a, struct err *reterr)
{
    struct admin_tx t = {0};
    struct deployment d = {0};
    struct deployment_file file = {.open = false};
    const char *out;
    status st = args_value(a, "--out", &out, reterr);
    if (st == OK)
        st = admin_tx_open(&t, c, a, reterr);
    if (st == OK)
        st = addr_option(a, "--admin", t.me, &d.admin, reterr);
    if (st == OK)
        st = addr_option(a, "--registrar", t.me, &d.registrar, reterr);
    if (st == OK)
        st = args_end(a, 0, 0, reterr);
    if (st == OK)
        st = admin_deployment_open(&file, out, reterr);
    if (st == OK)
        st = admin_deploy(&t, &d, reterr);
    bool deployed = st == OK;
    st = admin_deployment_save(&file, &d, st, reterr);
    if (deployed)
        deployment_print(c, &d);
    admin_tx_close(&t);
    return st;
}

/* --- accounts ----------------------------------------------------------------------------------
 */

/* Whose account, and the registry of --proxy or config.json, once a command has taken its own
 * options: what is left over was meant to do something, so nothing is sent. */
static status account_open(struct cli *c, struct args *a, struct admin_tx *t, struct person *ret,
                           addr20 *ret_proxy, struct err *reterr)
{
    if (cli_config_load(c, NULL) != OK)
        c->cfg.proxy = (addr20){{0}};
    status st = addr_option(a, "--proxy", c->cfg.proxy, ret_proxy, reterr);
    if (st == OK)
        st = admin_tx_open(t, c, a, reterr);
    if (st == OK)
        st = args_end(a, 0, 1, reterr);
    if (st == OK && a->n == 0)
        st = ERR(reterr, E_USAGE, "whose account? NAME or 0x…");
    if (st == OK && addr20_is_zero(*ret_proxy))
        st = ERR(reterr, E_USAGE, "which registry? Run \"ehr init\" or give --proxy 0x…");
    return st == OK ? cli_person(c, a->v[0], ret, reterr) : st;
}

static void account_said(struct cli *c, const struct person *p, const char *what)
{
    char hex[43];
    if (c->json)
        jw_addr(&c->w, "account", &p->addr);
    else
        printf("%s %s.\n", hex_0x(slice_of(p->addr.b, sizeof p->addr.b), hex), what);
}

/* Seconds since 1970; absent: no end. A word that is no number must not become "no end". */
static status valid_until_read(const char *text, uint64_t *ret, struct err *reterr)
{
    u256 v = {{0}};
    if (text != NULL &&
        (u256_read_dec(slice_str(text), &v) != OK || !u256_fits_u64(v) || u256_is_zero(v)))
        return ERR(reterr, E_USAGE, "--valid-until: \"%s\" is no time in seconds since 1970", text);
    *ret = v.w[0];
    return OK;
}

static status role_read(struct args *a, uint8_t *ret, struct err *reterr)
{
    const char *role = NULL;
    status st = args_value(a, "--role", &role, reterr);
    *ret = role != NULL ? role_of(role) : 0;
    if (st == OK && *ret == 0)
        st = ERR(reterr, E_USAGE, "--role patient, practitioner or organisation is needed");
    return st;
}

status cmd_admin_register(struct cli *c, struct args *a, struct err *reterr)
{
    struct admin_tx t = {0};
    struct person p;
    struct registration r = {.role = 0};
    const char *until = NULL;
    status st = role_read(a, &r.role, reterr);
    if (st == OK)
        st = args_value(a, "--valid-until", &until, reterr);
    if (st == OK)
        st = valid_until_read(until, &r.valid_until, reterr);
    if (st == OK)
        st = account_open(c, a, &t, &p, &r.proxy, reterr);
    if (st == OK) {
        r.account = p.addr;
        st = admin_register(&t, &r, reterr);
    }
    admin_tx_close(&t);
    if (st != OK)
        return st;
    account_said(c, &p, "is registered");
    admin_suspended_print(c, &r);
    return OK;
}

/* Suspend and reinstate differ in one call and in what is said. */
static status standing_set(struct cli *c, struct args *a,
                           status (*put)(struct buf *out, addr20 account), const char *said,
                           struct err *reterr)
{
    struct admin_tx t = {0};
    struct person p;
    struct buf data;
    addr20 proxy;
    buf_init(&data, 4096);
    status st = account_open(c, a, &t, &p, &proxy, reterr);
    if (st == OK)
        st = admin_tx_call(&t, &proxy, put(&data, p.addr), &data, reterr);
    admin_tx_close(&t);
    buf_done(&data);
    if (st == OK)
        account_said(c, &p, said);
    return st;
}

status cmd_admin_suspend(struct cli *c, struct args *a, struct err *reterr)
{
    return standing_set(c, a, registry_put_suspend_account, "is suspended", reterr);
}

status cmd_admin_reinstate(struct cli *c, struct args *a, struct err *reterr)
{
    return standing_set(c, a, registry_put_reinstate_account, "is active again", reterr);
}

/* --- upgrade -----------------------------------------------------------------------------------
 */

static status new_implementation(struct admin_tx *t, const addr20 *forwarder, addr20 *ret,
                                 struct err *reterr)
{
    struct buf code;
    buf_init(&code, CODE_BYTES);
    status st =
        admin_tx_create(t, registry_put_deploy(&code, *forwarder), &code, ret, NULL, reterr);
    buf_done(&code);
    return st;
}

/* The forwarder is an immutable of the implementation: another one could act for anybody. */
static status forwarder_same(struct admin_tx *t, const addr20 *contract, const addr20 *want,
                             const char *what, struct err *reterr)
{
    addr20 got;
    status st = admin_forwarder_of(t, contract, &got, reterr);
    if (st == OK && !addr20_eq(got, *want))
        st = ERR(reterr, E_MISMATCH, "%s: trusts another forwarder than the registry did", what);
    return st;
}

static status upgrade_call(struct admin_tx *t, const addr20 *proxy, const addr20 *impl,
                           struct err *reterr)
{
    struct buf data;
    addr20 admin;
    buf_init(&data, 4096);
    status put = proxy_admin_put_upgrade_and_call(&data, *proxy, *impl, SLICE_EMPTY);
    status st = admin_slot_addr(t, proxy, ADMIN_SLOT_ADMIN, &admin, reterr);
    if (st == OK)
        st = admin_tx_call(t, &admin, put, &data, reterr);
    buf_done(&data);
    return st;
}

status cmd_admin_upgrade(struct cli *c, struct args *a, struct err *reterr)
{
    struct admin_tx t = {0};
    addr20 proxy;
    addr20 forwarder;
    static const addr20 none;
    addr20 impl;
    addr20 now;
    char hex[43];
    if (cli_config_load(c, NULL) != OK)
        c->cfg.proxy = (addr20){{0}};
    status st = addr_option(a, "--proxy", c->cfg.proxy, &proxy, reterr);
    if (st == OK)
        st = addr_option(a, "--implementation", none, &impl, reterr);
    if (st == OK)
        st = admin_tx_open(&t, c, a, reterr);
    if (st == OK)
        st = args_end(a, 0, 0, reterr);
    if (st == OK)
        st = admin_forwarder_of(&t, &proxy, &forwarder, reterr);
    if (st == OK)
        st = cli_confirm(c,
                         "An upgrade replaces the rules for every record. Its storage layout must "
                         "only append to the present one\n(contracts/README.md says how that is "
                         "checked). Upgrade?",
                         reterr);
    if (st == OK && addr20_is_zero(impl))
        st = new_implementation(&t, &forwarder, &impl, reterr);
    if (st == OK)
        st = forwarder_same(&t, &impl, &forwarder, "the new implementation", reterr);
    if (st == OK)
        st = upgrade_call(&t, &proxy, &impl, reterr);
    if (st == OK)
        st = forwarder_same(&t, &proxy, &forwarder, "the registry after the upgrade", reterr);
    if (st == OK)
        st = admin_slot_addr(&t, &proxy, ADMIN_SLOT_IMPLEMENTATION, &now, reterr);
    if (st == OK && !addr20_eq(now, impl))
        st = ERR(reterr, E_MISMATCH, "the proxy does not use the new implementation");
    if (st == OK && c->json)
        jw_addr(&c->w, "implementation", &impl);
    else if (st == OK)
        printf("The registry now runs %s; the forwarder is the same as before.\n",
               hex_0x(slice_of(impl.b, sizeof impl.b), hex));
    admin_tx_close(&t);
    return st;
}
