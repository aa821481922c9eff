/* SPDX-License-Identifier: Apache-2.0 */
/* "ehr request": asking for access to a folder, and answering. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/grant_args.h"
#include "app/qr.h"
#include "base/hex.h"
#include "contract/registry_abi.h"
#include "ehr/flow_request.h"
#include "ehr/members.h"

#define DAY_S 86400u
#define ASK_DAYS 90u
#define ANSWER_DAYS 14u
#define ID_DIGITS_MIN 8u
#define ID_TEXT ((size_t)66)

/* --- new ------------------------------------------------------------------------------------- */

/* The link, and its QR code where a terminal shows it. */
static status link_print(struct cli *c, const struct access_request *r, struct err *reterr)
{
    struct buf link;
    struct buf qr;
    buf_init(&link, ACCESS_REQUEST_TEXT);
    buf_init(&qr, QR_PRINT_MAX);
    status st = access_request_text_put(r, c->cfg.origin, &link, reterr);
    if (st == OK && c->json) {
        jw_key(&c->w, "link"), jw_str(&c->w, buf_slice(&link));
    } else if (st == OK) {
        if (link.n <= QR_TEXT && qr_put(buf_slice(&link), isatty(1) == 1, &qr, NULL) == OK)
            (void)fwrite(qr.p, 1, qr.n, stdout);
        printf("%.*s\n", (int)link.n, (const char *)link.p);
    }
    buf_done(&link);
    buf_done(&qr);
    return st;
}

static status days_read(const char *text, uint64_t *ret, struct err *reterr)
{
    char *end = NULL;
    unsigned long n = text != NULL ? strtoul(text, &end, 10) : ASK_DAYS;
    if (text != NULL && (end == text || *end != 0 || text[0] == '-' || n == 0 || n > 3660))
        return ERR(reterr, E_USAGE, "--days: a number from 1 to 3660");
    *ret = (uint64_t)n * DAY_S;
    return OK;
}

static status text_take(const char *text, char *out, size_t max, const char *what,
                        struct err *reterr)
{
    if (text != NULL && members_text(slice_str(text), out, max) != OK)
        return ERR(reterr, E_USAGE, "%s: too long, or holds control characters", what);
    return OK;
}

struct asking {
    const char *purpose;
    const char *folder;
    const char *days;
    const char *answer_by;
    const char *to;
};

static status asking_take(struct args *a, struct asking *k, struct err *reterr)
{
    status st = args_value(a, "--for", &k->purpose, reterr);
    if (st == OK)
        st = args_value(a, "--folder", &k->folder, reterr);
    if (st == OK)
        st = args_value(a, "--days", &k->days, reterr);
    if (st == OK)
        st = args_value(a, "--answer-by", &k->answer_by, reterr);
    if (st == OK)
        st = args_value(a, "--to", &k->to, reterr);
    if (st == OK)
        st = args_end(a, 0, 0, reterr);
    if (st == OK && (k->purpose == NULL || k->purpose[0] == 0))
        st = ERR(reterr, E_USAGE, "--for PURPOSE: what is the access needed for?");
    return st;
}

static status asking_fill(const struct asking *k, struct access_request *r, struct err *reterr)
{
    uint64_t now = clock_unix_s(&clock_system);
    r->expires = now + (uint64_t)ANSWER_DAYS * DAY_S;
    status st = text_take(k->purpose, r->purpose, sizeof r->purpose, "--for", reterr);
    if (st == OK)
        st = text_take(k->folder, r->folder, sizeof r->folder, "--folder", reterr);
    if (st == OK)
        st = days_read(k->days, &r->duration, reterr);
    if (st == OK && k->answer_by != NULL)
        st = grant_until_read("--answer-by", k->answer_by, now, &r->expires, reterr);
    return st;
}

status cmd_request_new(struct cli *c, struct args *a, struct err *reterr)
{
    struct asking k = {.purpose = NULL};
    struct access_request r = {.permissions = (uint8_t)grant_permissions_take(a)};
    struct person to;
    status st = asking_take(a, &k, reterr);
    if (st == OK)
        st = asking_fill(&k, &r, reterr);
    if (st == OK && r.permissions == 0)
        r.permissions = REGISTRY_VIEW;
    if (st == OK)
        st = cli_open(c, reterr);
    if (st == OK && k.to != NULL)
        st = cli_person(c, k.to, &to, reterr);
    if (st == OK)
        st = flow_request_new(&c->client, &r, reterr);
    if (st == OK && k.to != NULL)
        st = flow_request_send(&c->client, &r, &to.addr, reterr);
    if (st == OK)
        st = link_print(c, &r, reterr);
    if (st == OK && !c->json)
        printf(k.to != NULL ? "It waits in the inbox of %s, too.\n"
                            : "Give it to the owner of the records; nobody else has seen it.\n",
               k.to);
    return st;
}

/* --- the owner's side ------------------------------------------------------------------------ */

static status from_stdin(struct access_request *ret, struct err *reterr)
{
    char text[ACCESS_REQUEST_TEXT + 1];
    size_t n = fread(text, 1, sizeof text, stdin);
    return access_request_text_read(slice_of(text, n), ret, reterr);
}

static bool id_fits(const hash32 *id, const char *digits)
{
    char hex[67];
    (void)hex_0x(slice_of(id->b, sizeof id->b), hex);
    digits += strncmp(digits, "0x", 2) == 0 ? 2 : 0;
    size_t n = strlen(digits);
    return n >= ID_DIGITS_MIN && n <= 64 && strncmp(hex + 2, digits, n) == 0;
}

/* A link, the first digits of the id of a request that is kept, or "-". */
static status request_find(struct cli *c, const char *text, struct access_request *ret,
                           struct err *reterr)
{
    struct inbox_taken t;
    status st = client_state(&c->client, reterr);
    if (st == OK && strcmp(text, "-") == 0)
        return from_stdin(ret, reterr);
    if (st == OK && strlen(text) <= ID_TEXT)
        st = flow_inbox(&c->client, &t, reterr);
    if (st != OK)
        return st;
    for (size_t i = 0; i < c->client.state.requests_n; i++) {
        const struct state_request *r = &c->client.state.requests[i];
        if (id_fits(&r->id, text)) {
            *ret = r->request;
            return OK;
        }
    }
    if (strlen(text) <= ID_TEXT)
        return ERR(reterr, E_USAGE, "\"%s\" is no link, and no request has an id that begins so",
                   text);
    return access_request_text_read(slice_str(text), ret, reterr);
}

static const char *answer_of(struct cli *c, const hash32 *id)
{
    const struct state_request *r = state_request_find(&c->client.state, id);
    return r != NULL ? state_answer_text(r->answer) : "new";
}

/* asker: the name on the checked card, or NULL. */
static void request_print(struct cli *c, const struct access_request *r, const char *asker,
                          const char *problem)
{
    char hex[67];
    char who[43];
    char may[GRANT_MAY];
    char until[32];
    hash32 id;
    access_request_id(&c->client.net, r, &id);
    grant_may(r->permissions, may);
    if (c->json) {
        struct jw *w = &c->w;
        jw_hash(w, "id", &id);
        jw_addr(w, "account", &r->account);
        if (asker != NULL)
            jw_key(w, "name"), jw_cstr(w, asker);
        jw_key(w, "folder"), jw_cstr(w, r->folder);
        jw_key(w, "purpose"), jw_cstr(w, r->purpose);
        jw_key(w, "permissions"), jw_u64(w, r->permissions);
        jw_key(w, "duration"), jw_u64(w, r->duration);
        jw_key(w, "expires"), jw_u64(w, r->expires);
        jw_key(w, "answer"), jw_cstr(w, answer_of(c, &id));
        if (problem != NULL)
            jw_key(w, "problem"), jw_cstr(w, problem);
        return;
    }
    (void)hex_0x(slice_of(id.b, sizeof id.b), hex);
    printf("%.8s  %-8s  ", hex + 2, answer_of(c, &id));
    cli_print_text(slice_str(asker != NULL ? asker : hex_0x(slice_of(r->account.b, 20), who)), 0);
    printf("\n  may: %sfor %llu day(s)%s", may, (unsigned long long)(r->duration / DAY_S),
           r->folder[0] != 0 ? ", folder " : "");
    cli_print_text(slice_str(r->folder), 0);
    printf("\n  for: ");
    cli_print_text(slice_str(r->purpose), 0);
    printf("\n  to be answered until %s\n", cli_time(r->expires, until));
    if (problem != NULL) {
        printf("  NOT TO BE BELIEVED: ");
        cli_print_text(slice_str(problem), 0);
        printf("\n");
    }
}

status cmd_request_list(struct cli *c, struct args *a, struct err *reterr)
{
    struct inbox_taken t;
    status st = args_end(a, 0, 0, reterr);
    if (st == OK)
        st = cli_open(c, reterr);
    if (st == OK)
        st = client_state(&c->client, reterr);
    if (st == OK)
        st = flow_inbox(&c->client, &t, reterr);
    if (st != OK)
        return st;
    jw_key(&c->w, "requests"), jw_array(&c->w);
    for (size_t i = 0; i < c->client.state.requests_n; i++) {
        const struct access_request *r = &c->client.state.requests[i].request;
        struct card card;
        struct err why = {.msg = ""};
        bool open = c->client.state.requests[i].answer == STATE_ANSWER_OPEN;
        bool good = flow_request_check(&c->client, r, &card, &why) == OK;
        if (c->json)
            jw_object(&c->w);
        request_print(c, r, good ? card.name : NULL, open && !good ? why.msg : NULL);
        if (c->json)
            jw_end(&c->w);
    }
    jw_end(&c->w);
    if (!c->json && c->client.state.requests_n == 0)
        printf("Nobody asked for access.\n");
    return OK;
}

status cmd_request_show(struct cli *c, struct args *a, struct err *reterr)
{
    struct access_request r;
    struct card card;
    struct err why = {.msg = ""};
    status st = args_end(a, 1, 1, reterr);
    if (st == OK)
        st = cli_open(c, reterr);
    if (st == OK)
        st = request_find(c, a->v[0], &r, reterr);
    if (st != OK)
        return st;
    st = flow_request_check(&c->client, &r, &card, &why);
    request_print(c, &r, st == OK ? card.name : NULL, st == OK ? NULL : why.msg);
    return st == OK ? OK : ERR(reterr, st, "%s", why.msg);
}

/* The name that a grantee goes by: of the book, or the one on its card, unless somebody else is
 * called so here. */
static status asker_of(struct cli *c, const struct access_request *r, struct person *ret,
                       struct err *reterr)
{
    char hex[43];
    struct card card;
    struct person other;
    status st = flow_request_check(&c->client, r, &card, reterr);
    if (st == OK)
        st = cli_person(c, hex_0x(slice_of(r->account.b, 20), hex), ret, reterr);
    bool taken = st == OK && cli_person(c, card.name, &other, NULL) == OK &&
                 !addr20_eq(other.addr, r->account);
    if (st == OK && !taken && !cli_is_book_name(ret->name) && cli_is_book_name(card.name))
        (void)snprintf(ret->name, sizeof ret->name, "%s", card.name);
    return st;
}

static void answer_json(struct cli *c, const struct access_request *r, const struct flow_grant *g)
{
    hash32 id;
    access_request_id(&c->client.net, r, &id);
    jw_hash(&c->w, "id", &id);
    jw_addr(&c->w, "account", &r->account);
    jw_key(&c->w, "answer"), jw_cstr(&c->w, answer_of(c, &id));
    if (g == NULL)
        return;
    jw_hash(&c->w, "folderId", &g->folder);
    jw_key(&c->w, "permissions"), jw_u64(&c->w, g->permissions);
    jw_key(&c->w, "notAfter"), jw_u64(&c->w, g->not_after);
}

/* g->permissions: 0 for all that was asked for. */
static status accept_run(struct cli *c, const struct access_request *r, struct flow_grant *g,
                         const char *until, struct err *reterr)
{
    char owner[CARD_NAME + 1];
    char end[32];
    uint64_t now = 0;
    hash32 card;
    struct person p;
    status st = asker_of(c, r, &p, reterr);
    if (st == OK)
        st = grant_now(c, &now, reterr);
    g->not_before = now > 60 ? now - 60 : 0;
    g->not_after = now + r->duration;
    if (st == OK && until != NULL)
        st = grant_until_read("--until", until, now, &g->not_after, reterr);
    if (st == OK)
        st = grant_own_name(c, owner, reterr);
    if (g->permissions == 0)
        g->permissions = r->permissions;
    g->name = p.name;
    g->owner_name = owner;
    g->pinned_card = hash32_is_zero(p.card) ? NULL : &p.card;
    g->account = r->account;
    if (st == OK)
        st = grant_replaces(c, g, reterr);
    if (st == OK)
        st = flow_request_accept(&c->client, r, g, &card, reterr);
    if (st == OK)
        st = grant_pin(c, &p, &card, reterr);
    if (st == OK && c->json)
        answer_json(c, r, g);
    else if (st == OK)
        printf("%s may use it until %s.\n", p.name, cli_time(g->not_after, end));
    g->owner_name = NULL; /* it was ours */
    return st;
}

status cmd_request_accept(struct cli *c, struct args *a, struct err *reterr)
{
    const char *until;
    struct access_request r;
    struct flow_grant g = {.permissions = (uint8_t)grant_permissions_take(a)};
    status st = args_value(a, "--until", &until, reterr);
    if (st == OK)
        st = args_end(a, 2, 2, reterr);
    if (st == OK)
        st = cli_open(c, reterr);
    if (st == OK)
        st = request_find(c, a->v[0], &r, reterr);
    if (st == OK)
        st = cli_folder(c, a->v[1], &g.folder, reterr);
    return st == OK ? accept_run(c, &r, &g, until, reterr) : st;
}

status cmd_request_refuse(struct cli *c, struct args *a, struct err *reterr)
{
    struct access_request r;
    status st = args_end(a, 1, 1, reterr);
    if (st == OK)
        st = cli_open(c, reterr);
    if (st == OK)
        st = request_find(c, a->v[0], &r, reterr);
    if (st == OK)
        st = flow_request_note(&c->client, &r, STATE_ANSWER_REFUSED, reterr);
    if (st == OK && c->json)
        answer_json(c, &r, NULL);
    else if (st == OK)
        printf("Refused. The asker is not told.\n");
    return st;
}
