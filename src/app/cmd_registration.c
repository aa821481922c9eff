/* SPDX-License-Identifier: Apache-2.0 */
/* "ehr account request" and "ehr admin requests": asking to be registered, and answering. */
#include <stdio.h>

#include "app/admin_tx.h"
#include "app/commands.h"
#include "base/hex.h"
#include "base/limits.h"

#define ROUTE "/api/v1/registrations"
#define NAME_BYTES 200u    /* docs/formats.md, section 4 */
#define CONTACT_BYTES 500u /* the same */

/* Requests are signed by the account's key; nothing needs its identity. */
static status open_with_key(struct cli *c, struct err *reterr)
{
    const char *name;
    struct client *k = &c->client;
    status st = cli_open_public(c, reterr);
    if (st == OK)
        st = cli_account(c, &name, reterr);
    if (st == OK)
        st = cli_key_load(c, name, &k->key, reterr);
    if (st == OK && secp_key_addr(&k->key, &k->me) != OK)
        st = ERR(reterr, E_RANGE, "the account's key is not valid");
    if (st == OK)
        vault_node_sign_as(k->vault, &k->key, k->me);
    return st;
}

static void target_of(const addr20 *account, char out[VAULT_NODE_TARGET])
{
    char hex[43];
    (void)snprintf(out, VAULT_NODE_TARGET, ROUTE "/%s",
                   hex_0x(slice_of(account->b, sizeof account->b), hex));
}

static status request_drop(struct cli *c, const addr20 *account, struct err *reterr)
{
    char target[VAULT_NODE_TARGET];
    struct buf none;
    target_of(account, target);
    struct vault_node_request r = {.method = "DELETE", .target = target};
    buf_init(&none, 4096);
    status st = vault_node_call(c->client.vault, &r, &none, NULL, reterr);
    buf_done(&none);
    return st;
}

/* --- the one who asks ------------------------------------------------------------------------ */

static status request_put(const char *name, const char *role, const char *contact, struct buf *out,
                          struct err *reterr)
{
    struct jw w;
    jw_init(&w, out);
    jw_object(&w);
    jw_key(&w, "name"), jw_cstr(&w, name);
    jw_key(&w, "role"), jw_cstr(&w, role);
    if (contact != NULL)
        jw_key(&w, "contact"), jw_cstr(&w, contact);
    jw_end(&w);
    return jw_done(&w, reterr);
}

static status request_send(struct cli *c, const char *name, const char *role, const char *contact,
                           struct err *reterr)
{
    struct buf body;
    struct buf answer;
    char hex[43];
    buf_init(&body, 4096);
    buf_init(&answer, 4096);
    status st = request_put(name, role, contact, &body, reterr);
    struct vault_node_request r = {.method = "POST", .target = ROUTE, .body = buf_slice(&body)};
    if (st == OK)
        st = vault_node_call(c->client.vault, &r, &answer, NULL, reterr);
    if (st == OK && c->json)
        jw_addr(&c->w, "account", &c->client.me);
    else if (st == OK)
        printf("%s asks to be registered as %s. An administrator of this node sees the name%s;\n"
               "\"ehr account show\" tells when it is done.\n",
               hex_0x(slice_of(c->client.me.b, 20), hex), role,
               contact != NULL ? " and the contact" : "");
    buf_done(&body);
    buf_done(&answer);
    return st;
}

/* What the node would refuse. */
static status asking_check(const char *name, const char *role, const char *contact,
                           struct err *reterr)
{
    if (name == NULL || role == NULL)
        return ERR(reterr, E_USAGE, "--name \"NAME\" and --role ROLE are needed");
    status st = cli_text_check("--name", name, NAME_BYTES, reterr);
    if (st == OK && card_role_number(role) == 0)
        st = ERR(reterr, E_USAGE, "--role: one of patient, practitioner and organisation");
    if (st == OK && contact != NULL && contact[0] != 0)
        st = cli_text_check("--contact", contact, CONTACT_BYTES, reterr);
    return st;
}

static status request_withdraw(struct cli *c, struct err *reterr)
{
    status st = request_drop(c, &c->client.me, reterr);
    if (st == E_NOT_FOUND)
        return ERR(reterr, st, "no request of this account waits at %s", c->cfg.node);
    if (st == OK && c->json)
        jw_addr(&c->w, "account", &c->client.me);
    else if (st == OK)
        printf("The request is withdrawn and erased.\n");
    return st;
}

status cmd_account_request(struct cli *c, struct args *a, struct err *reterr)
{
    const char *name = NULL;
    const char *role = NULL;
    const char *contact = NULL;
    bool withdraw = args_flag(a, "--withdraw");
    status st = args_value(a, "--name", &name, reterr);
    if (st == OK)
        st = args_value(a, "--role", &role, reterr);
    if (st == OK)
        st = args_value(a, "--contact", &contact, reterr);
    if (st == OK)
        st = args_end(a, 0, 0, reterr);
    if (st == OK && withdraw && (name != NULL || role != NULL || contact != NULL))
        st = ERR(reterr, E_USAGE, "--withdraw goes alone: an account has one request");
    if (st == OK && !withdraw)
        st = asking_check(name, role, contact, reterr);
    if (st == OK)
        st = open_with_key(c, reterr);
    if (st != OK)
        return st;
    return withdraw ? request_withdraw(c, reterr) : request_send(c, name, role, contact, reterr);
}

/* --- registrars ------------------------------------------------------------------------------ */

/* Texts of strangers. */
struct asked {
    addr20 account;
    slice name;
    slice role;
    slice contact;
    uint64_t received;
};

static status asked_read(struct json v, struct asked *ret, struct err *reterr)
{
    status st = json_hex_addr(json_get(v, "account"), &ret->account, reterr);
    if (st == OK)
        st = json_str(json_get(v, "name"), &ret->name, reterr);
    if (st == OK)
        st = json_str(json_get(v, "role"), &ret->role, reterr);
    if (st == OK)
        st = json_str(json_get(v, "contact"), &ret->contact, reterr);
    if (st == OK)
        st = json_u64(json_get(v, "received"), &ret->received, reterr);
    return st;
}

static void asked_print(struct cli *c, const struct asked *r)
{
    char hex[43];
    char when[32];
    if (c->json) {
        jw_object(&c->w);
        jw_addr(&c->w, "account", &r->account);
        jw_key(&c->w, "name"), jw_str(&c->w, r->name);
        jw_key(&c->w, "role"), jw_str(&c->w, r->role);
        jw_key(&c->w, "contact"), jw_str(&c->w, r->contact);
        jw_key(&c->w, "received"), jw_u64(&c->w, r->received);
        jw_end(&c->w);
        return;
    }
    printf("%s  %s  ", hex_0x(slice_of(r->account.b, 20), hex), cli_time(r->received, when));
    cli_print_text(r->role, 12);
    printf("  ");
    cli_print_text(r->name, 30);
    printf("  ");
    cli_print_text(r->contact, 0);
    printf("\n");
}

/* What the one who was looked for asks for. */
struct wanted {
    addr20 account;
    char name[NAME_BYTES + 1];
    uint8_t role; /* 0: did not ask */
};

static void wanted_take(struct wanted *w, const struct asked *r)
{
    char role[32] = "";
    if (!addr20_eq(r->account, w->account) || r->name.n >= sizeof w->name ||
        r->role.n >= sizeof role)
        return;
    memcpy(role, r->role.p, r->role.n);
    memcpy(w->name, r->name.p, r->name.n);
    w->name[r->name.n] = 0;
    cli_plain(w->name);
    w->role = (uint8_t)card_role_number(role);
}

/* The requests that wait: print all, or (want) find one. */
static status requests_get(struct cli *c, struct wanted *want, struct err *reterr)
{
    struct buf answer;
    struct arena a;
    struct json_doc doc;
    struct asked r;
    struct vault_node_request q = {.method = "GET", .target = ROUTE};
    buf_init(&answer, LIMIT_HTTP_ANSWER);
    arena_init(&a, LIMIT_HTTP_ANSWER, false);
    status st = vault_node_call(c->client.vault, &q, &answer, NULL, reterr);
    if (st == OK)
        st = json_read(buf_slice(&answer), &a, &doc, reterr);
    struct json list = st == OK ? json_get(json_root(&doc), "requests") : (struct json){0};
    if (want == NULL)
        jw_key(&c->w, "requests"), jw_array(&c->w);
    for (struct json_iter it = json_iter(list); st == OK && json_next(&it);) {
        st = asked_read(it.value, &r, reterr);
        if (st == OK && want == NULL)
            asked_print(c, &r);
        else if (st == OK)
            wanted_take(want, &r);
    }
    if (want == NULL)
        jw_end(&c->w);
    if (st == OK && want == NULL && !c->json && json_count(list) == 0)
        printf("Nobody asks to be registered.\n");
    arena_done(&a);
    buf_done(&answer);
    return st;
}

/* Whoever asks may ask anew, under another name and role, after the list was looked at. */
static status approve_confirm(struct cli *c, const struct wanted *w, uint8_t role,
                              struct err *reterr)
{
    char hex[43];
    char question[NAME_BYTES + 256];
    (void)snprintf(question, sizeof question, "Register \"%s\" (%s) as %s?", w->name,
                   hex_0x(slice_of(w->account.b, 20), hex), account_role_text(role));
    return cli_confirm(c, question, reterr);
}

static status approve(struct cli *c, struct args *a, struct wanted *w, struct registration *r,
                      struct err *reterr)
{
    struct admin_tx t = {0};
    status st = requests_get(c, w, reterr);
    if (st == OK && w->role == 0)
        st = ERR(reterr, E_NOT_FOUND, "this account did not ask to be registered");
    if (st != OK)
        return st;
    r->role = r->role != 0 ? r->role : w->role;
    r->account = w->account;
    r->proxy = c->cfg.proxy;
    st = approve_confirm(c, w, r->role, reterr);
    if (st == OK)
        st = admin_tx_open(&t, c, a, reterr);
    if (st == OK)
        st = admin_register(&t, r, reterr);
    admin_tx_close(&t);
    return st;
}

static void approved_print(struct cli *c, const char *who, const struct wanted *w,
                           const struct registration *r)
{
    if (c->json) {
        jw_key(&c->w, "name"), jw_cstr(&c->w, w->name);
        jw_key(&c->w, "role"), jw_cstr(&c->w, account_role_text(r->role));
    } else {
        printf("%s, \"%s\", is registered as %s; its request is erased.\n", who, w->name,
               account_role_text(r->role));
    }
    admin_suspended_print(c, r);
}

/* role: of --role; 0: what was asked for. */
static status answer(struct cli *c, struct args *a, const char *who, uint8_t role, bool yes,
                     struct err *reterr)
{
    struct wanted w = {.role = 0};
    struct registration r = {.role = role};
    if (hex_read_addr(slice_str(who), &w.account) != OK)
        return ERR(reterr, E_USAGE, "whose request? An address 0x… of the list");
    status st = yes ? approve(c, a, &w, &r, reterr) : OK;
    if (st != OK)
        return st;
    st = request_drop(c, &w.account, reterr);
    if (st == E_NOT_FOUND && yes)
        st = OK; /* withdrawn, or ended by somebody else, meanwhile */
    else if (st == E_NOT_FOUND)
        st = ERR(reterr, st, "%s has no request that waits: see \"ehr admin requests\"", who);
    else if (st != OK && yes)
        st = err_prefix(reterr, st, "the account is registered, but its request is not erased");
    if (st != OK)
        return st;
    if (c->json)
        jw_addr(&c->w, "account", &w.account);
    if (yes)
        approved_print(c, who, &w, &r);
    else if (!c->json)
        printf("The request of %s is erased.\n", who);
    return OK;
}

static status answer_check(const char *yes, const char *no, const char *role, struct err *reterr)
{
    if (yes != NULL && no != NULL)
        return ERR(reterr, E_USAGE, "--approve or --refuse, not both");
    if (role != NULL && yes == NULL)
        return ERR(reterr, E_USAGE, "--role goes with --approve");
    if (role != NULL && card_role_number(role) == 0)
        return ERR(reterr, E_USAGE, "--role patient, practitioner or organisation");
    return OK;
}

status cmd_admin_requests(struct cli *c, struct args *a, struct err *reterr)
{
    const char *yes = NULL;
    const char *no = NULL;
    const char *role = NULL;
    status st = args_value(a, "--approve", &yes, reterr);
    if (st == OK)
        st = args_value(a, "--refuse", &no, reterr);
    if (st == OK)
        st = args_value(a, "--role", &role, reterr);
    if (st == OK)
        st = args_end(a, 0, 0, reterr);
    if (st == OK)
        st = answer_check(yes, no, role, reterr);
    if (st == OK)
        st = open_with_key(c, reterr);
    if (st != OK)
        return st;
    if (yes == NULL && no == NULL)
        return requests_get(c, NULL, reterr);
    return answer(c, a, yes != NULL ? yes : no, role != NULL ? (uint8_t)card_role_number(role) : 0,
                  yes != NULL, reterr);
}
