/* SPDX-License-Identifier: Apache-2.0 */
/* "ehr grant", "revoke" and "inbox". */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "app/commands.h"
#include "app/grant_args.h"
#include "app/opened.h"
#include "base/hex.h"
#include "contract/registry_abi.h"
#include "ehr/flow_folder.h"
#include "ehr/holders.h"

#define DAY_S 86400u
#define DEFAULT_DAYS 90u
#define DAYS_MAX 3660u

status grant_until_read(const char *option, const char *text, uint64_t now, uint64_t *ret,
                        struct err *reterr)
{
    struct tm tm = {0};
    char *end;
    const char *rest = strptime(text, "%Y-%m-%d", &tm);
    if (rest != NULL && *rest == 0) {
        time_t t = timegm(&tm);
        *ret = (uint64_t)t + DAY_S;
        return t > 0 && *ret > now ? OK : ERR(reterr, E_USAGE, "%s: %s is over", option, text);
    }
    unsigned long n = strtoul(text, &end, 10);
    uint64_t unit = *end == 'd' ? DAY_S : *end == 'h' ? 3600u : *end == 's' ? 1u : 0;
    if (end == text || text[0] == '-' || unit == 0 || end[1] != 0 || n == 0 ||
        n > (unsigned long)DAYS_MAX * DAY_S / unit)
        return ERR(reterr, E_USAGE,
                   "%s takes a date (2027-01-31) or a time from now (90d, 12h, 45s), of %u days at "
                   "most",
                   option, DAYS_MAX);
    *ret = now + n * unit;
    return OK;
}

void grant_may(unsigned p, char out[GRANT_MAY])
{
    (void)snprintf(out, GRANT_MAY, "%s%s%s%s", p & REGISTRY_VIEW ? "view " : "",
                   p & REGISTRY_ADD ? "add " : "", p & REGISTRY_AMEND ? "amend " : "",
                   p & REGISTRY_REMOVE ? "remove " : "");
}

unsigned grant_permissions_take(struct args *a)
{
    unsigned p = 0;
    p |= args_flag(a, "--view") ? REGISTRY_VIEW : 0u;
    p |= args_flag(a, "--add") ? REGISTRY_ADD : 0u;
    p |= args_flag(a, "--amend") ? REGISTRY_AMEND : 0u;
    p |= args_flag(a, "--remove") ? REGISTRY_REMOVE : 0u;
    return p;
}

status grant_now(struct cli *c, uint64_t *ret, struct err *reterr)
{
    struct ledger_block head;
    status st = ledger_head(c->client.ledger, &head, reterr);
    return st == OK ? client_time(&c->client, head.timestamp, ret, reterr) : st;
}

status grant_own_name(struct cli *c, char out[CARD_NAME + 1], struct err *reterr)
{
    struct card card;
    hash32 hash;
    status st = client_card(&c->client, &c->client.me, &card, &hash, reterr);
    if (st != OK)
        return err_prefix(reterr, st, "your own key card");
    (void)snprintf(out, CARD_NAME + 1, "%s", card.name);
    return OK;
}

static bool takes_away(const struct registry_grant *was, const struct flow_grant *g)
{
    return (was->permissions & (unsigned)~g->permissions) != 0 || g->not_after < was->not_after;
}

/* All that the account may do now, by whichever holders. */
static status account_may(struct cli *c, const struct flow_grant *g, struct registry_grant *ret,
                          struct err *reterr)
{
    struct holders held;
    struct registry_grant all = {.status = 0};
    status st = holders_read(&c->client, &g->folder, &g->account, &held, reterr);
    for (size_t i = 0; st == OK && i < held.n; i++) {
        const struct registry_grant *one = &held.list[i].now;
        if (!holder_is_active(&held.list[i]) || one->not_after <= clock_unix_s(&clock_system))
            continue;
        all.status = REGISTRY_GRANT_ACTIVE;
        all.permissions |= one->permissions;
        all.not_after = one->not_after > all.not_after ? one->not_after : all.not_after;
    }
    if (st == OK)
        *ret = all;
    return st;
}

status grant_replaces(struct cli *c, const struct flow_grant *g, struct err *reterr)
{
    struct registry_grant was;
    char may[GRANT_MAY];
    char until[32];
    char question[STATE_NAME + 160];
    if (state_folder_by_id(&c->client.state, &g->folder) == NULL)
        return OK;
    status st = account_may(c, g, &was, reterr);
    if (st != OK || was.status != REGISTRY_GRANT_ACTIVE)
        return st;
    grant_may(was.permissions, may);
    if (c->json) {
        jw_key(&c->w, "replaced"), jw_object(&c->w);
        jw_key(&c->w, "permissions"), jw_u64(&c->w, was.permissions);
        jw_key(&c->w, "notAfter"), jw_u64(&c->w, was.not_after);
        jw_end(&c->w);
    } else {
        printf("Until now: %suntil %s.\n", may, cli_time(was.not_after, until));
    }
    if (!takes_away(&was, g))
        return OK;
    (void)snprintf(question, sizeof question, "That takes some of it away from %s. Go on?",
                   g->name);
    return cli_confirm(c, question, reterr);
}

static void grant_print(struct cli *c, const struct flow_grant *g, const char *folder,
                        const hash32 *card)
{
    char until[32];
    if (c->json) {
        jw_hash(&c->w, "folderId", &g->folder);
        jw_addr(&c->w, "account", &g->account);
        jw_key(&c->w, "permissions"), jw_u64(&c->w, g->permissions);
        jw_key(&c->w, "notAfter"), jw_u64(&c->w, g->not_after);
        jw_hash(&c->w, "cardHash", card);
        return;
    }
    printf("%s may use \"%s\" until %s.\n", g->name, folder, cli_time(g->not_after, until));
}

status grant_pin(struct cli *c, struct person *p, const hash32 *card, struct err *reterr)
{
    if (hash32_eq(p->card, *card))
        return OK;
    p->card = *card;
    return cli_book_put(c, p, reterr);
}

static status grant_run(struct cli *c, struct flow_grant *g, struct person *p, const char *folder,
                        const char *until, struct err *reterr)
{
    char owner[CARD_NAME + 1];
    uint64_t now = 0;
    hash32 card;
    status st = cli_folder(c, folder, &g->folder, reterr);
    if (st == OK)
        st = grant_now(c, &now, reterr);
    g->not_before = now > 60 ? now - 60 : 0;
    g->not_after = now + (uint64_t)DEFAULT_DAYS * DAY_S;
    if (st == OK && until != NULL)
        st = grant_until_read("--until", until, now, &g->not_after, reterr);
    if (st == OK)
        st = grant_own_name(c, owner, reterr);
    g->account = p->addr;
    g->name = p->name;
    g->owner_name = owner;
    g->pinned_card = hash32_is_zero(p->card) ? NULL : &p->card;
    if (st == OK)
        st = grant_replaces(c, g, reterr);
    if (st == OK)
        st = flow_grant(&c->client, g, &card, reterr);
    if (st == OK)
        st = grant_pin(c, p, &card, reterr);
    if (st == OK)
        grant_print(c, g, folder, &card);
    g->owner_name = NULL; /* it was ours */
    return st;
}

status cmd_grant(struct cli *c, struct args *a, struct err *reterr)
{
    const char *until;
    struct person p;
    struct flow_grant g = {.permissions = (uint8_t)grant_permissions_take(a)};
    status st = args_value(a, "--until", &until, reterr);
    if (st == OK)
        st = args_end(a, 2, 2, reterr);
    if (st == OK && g.permissions == 0)
        st = ERR(reterr, E_USAGE, "what may be done? Give --view, --add, --amend or --remove");
    if (st == OK)
        st = cli_open(c, reterr);
    if (st == OK)
        st = cli_person(c, a->v[0], &p, reterr);
    if (st == OK && client_is_me(&c->client, &p.addr))
        st = ERR(reterr, E_USAGE, "that is your own account: owners need no grant");
    return st == OK ? grant_run(c, &g, &p, a->v[1], until, reterr) : st;
}

status cmd_revoke(struct cli *c, struct args *a, struct err *reterr)
{
    struct person p;
    hash32 folder;
    size_t kept = 0;
    status st = args_end(a, 2, 2, reterr);
    if (st == OK)
        st = cli_open(c, reterr);
    if (st == OK)
        st = cli_person(c, a->v[0], &p, reterr);
    if (st == OK)
        st = cli_folder(c, a->v[1], &folder, reterr);
    if (st == OK)
        st = flow_revoke(&c->client, &folder, &p.addr, &kept, reterr);
    if (st != OK)
        return st;
    if (c->json) {
        jw_addr(&c->w, "account", &p.addr);
        jw_key(&c->w, "kept"), jw_u64(&c->w, kept);
    } else {
        printf("From now on %s gets nothing from \"%s\" and writes nothing into it; %zu other(s) "
               "received a new key.\n",
               p.name, a->v[1], kept);
    }
    return opened_report(c, &folder, a->v[1], &p.addr, reterr);
}

/* --- inbox ----------------------------------------------------------------------------------- */

status cmd_inbox(struct cli *c, struct args *a, struct err *reterr)
{
    struct inbox_taken t = {0};
    c->client.accept_moved = args_flag(a, "--moved");
    status st = args_end(a, 0, 0, reterr);
    if (st == OK)
        st = cli_open(c, reterr);
    if (st == OK)
        st = flow_inbox(&c->client, &t, reterr);
    if (st != OK)
        return st;
    if (c->json) {
        jw_key(&c->w, "accepted"), jw_u64(&c->w, t.grants);
        jw_key(&c->w, "requests"), jw_u64(&c->w, t.requests);
        jw_key(&c->w, "moved"), jw_u64(&c->w, t.moved);
        jw_key(&c->w, "thrownAway"), jw_u64(&c->w, t.bad);
        return OK;
    }
    printf("%zu grant(s) accepted, %zu note(s) thrown away because the chain does not confirm "
           "them.\n",
           t.grants, t.bad);
    if (t.moved > 0)
        printf("%zu folder(s) now belong to another account than the one that shared them. Ask the "
               "owner\nwhether that is right; if it is: ehr inbox --moved\n",
               t.moved);
    if (t.requests > 0)
        printf("%zu request(s) for access wait for an answer: ehr request list\n", t.requests);
    return OK;
}
