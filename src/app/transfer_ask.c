/* SPDX-License-Identifier: Apache-2.0 */
/* Which grants go on in a transfer. */
#include "app/transfer_ask.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/commands.h"
#include "app/grant_args.h"
#include "base/hex.h"

/* What the book, which no thief of the identity can write, says of a grant. */
#define BOOK_OTHER_CARD 16u /* another card of the account is pinned */
#define BOOK_OTHER_NAME 32u /* who has that name is another account */

static const struct {
    unsigned doubt;
    const char *text;
} doubts[] = {
    {TRANSFER_NO_CARD, "the account has no key card"},
    {TRANSFER_OTHER_CARD, "it was granted by another key card than the account's present one"},
    {TRANSFER_OTHER_RECIPIENT, "it was sealed for another key than the card says"},
    {BOOK_OTHER_CARD, "the key card is not the one that you pinned"},
    {BOOK_OTHER_NAME, "you know somebody else by that name"},
};

static unsigned book_doubts(const struct person *book, size_t n, const struct transfer_grant *t,
                            bool *ret_pinned)
{
    unsigned found = 0;
    *ret_pinned = false;
    for (size_t i = 0; i < n; i++) {
        bool is_account = addr20_eq(book[i].addr, t->grant.account);
        if (!is_account && strcmp(book[i].name, t->grant.name) == 0)
            found |= BOOK_OTHER_NAME;
        if (!is_account || hash32_is_zero(book[i].card))
            continue;
        *ret_pinned = hash32_eq(book[i].card, t->card);
        found |= *ret_pinned ? 0 : BOOK_OTHER_CARD;
    }
    return found;
}

/* Whether the list of --accept has the account. */
static status is_accepted(struct cli *c, const char *accept, const addr20 *account, bool *ret,
                          struct err *reterr)
{
    char one[STATE_NAME + 1];
    status st = OK;
    *ret = false;
    for (const char *at = accept; st == OK && at != NULL;) {
        struct person p;
        size_t len = strcspn(at, ",");
        if (len == 0 || len >= sizeof one)
            return ERR(reterr, E_USAGE, "--accept takes names or addresses, with \",\" between");
        memcpy(one, at, len);
        one[len] = 0;
        st = cli_person(c, one, &p, reterr);
        *ret |= st == OK && addr20_eq(p.addr, *account);
        at = at[len] == ',' ? at + len + 1 : NULL;
    }
    return st;
}

static void doubts_print(unsigned found)
{
    const char *between = "";
    for (size_t i = 0; i < sizeof doubts / sizeof doubts[0]; i++) {
        if ((found & doubts[i].doubt) == 0)
            continue;
        (void)fprintf(stderr, "%s%s", between, doubts[i].text);
        between = "; ";
    }
    (void)fprintf(stderr, "\n");
}

/* On standard error, as questions are: it comes before anything is done. */
static void grant_print(const struct transfer_grant *t, bool pinned)
{
    char account[43];
    char may[GRANT_MAY];
    char until[32];
    char text[3 * STATE_NAME + 256];
    grant_may(t->grant.permissions, may);
    (void)snprintf(text, sizeof text, "%s: %s, %s, %suntil %s; card: %s%s%s%s", t->folder_name,
                   t->grant.name, hex_0x(slice_of(t->grant.account.b, 20), account), may,
                   cli_time(t->grant.not_after, until), t->card_name[0] != 0 ? "\"" : "",
                   t->card_name[0] != 0 ? t->card_name : "none", t->card_name[0] != 0 ? "\", " : "",
                   t->card_name[0] == 0 ? ""
                   : pinned             ? "the one that you pinned"
                                        : "not pinned");
    cli_plain(text);
    (void)fprintf(stderr, "    %s\n", text);
}

static void grant_json(struct cli *c, const struct transfer_grant *t, unsigned found, bool pinned)
{
    jw_object(&c->w);
    jw_hash(&c->w, "folderId", &t->folder);
    jw_key(&c->w, "name"), jw_cstr(&c->w, t->grant.name);
    jw_addr(&c->w, "account", &t->grant.account);
    jw_key(&c->w, "cardName"), jw_cstr(&c->w, t->card_name);
    jw_key(&c->w, "pinned"), jw_bool(&c->w, pinned);
    jw_key(&c->w, "goesOn"), jw_bool(&c->w, t->goes_on);
    jw_key(&c->w, "doubts"), jw_array(&c->w);
    for (size_t i = 0; i < sizeof doubts / sizeof doubts[0]; i++)
        if ((found & doubts[i].doubt) != 0)
            jw_cstr(&c->w, doubts[i].text);
    jw_end(&c->w);
    jw_end(&c->w);
}

/* One with doubts: by --accept, or by an answer that --yes does not give. */
static status doubted_ask(struct cli *c, struct transfer_grant *t, unsigned found, bool pinned,
                          const char *accept, struct err *reterr)
{
    status st = is_accepted(c, accept, &t->grant.account, &t->goes_on, reterr);
    if (st != OK)
        return st;
    (void)fprintf(stderr, "ehr: in doubt, since the old identity's state says what is not so:\n");
    grant_print(t, pinned);
    (void)fprintf(stderr, "    ");
    doubts_print(found);
    if ((t->doubts & TRANSFER_NO_CARD) != 0)
        t->goes_on = false;
    else if (!t->goes_on && !c->yes)
        t->goes_on = cli_confirm(c, "Does it go on all the same?", NULL) == OK;
    (void)fprintf(stderr, "    %s\n",
                  t->goes_on ? "It goes on." : "It ends (--accept ACCOUNT lets it go on).");
    return OK;
}

static status grant_ask(struct cli *c, struct transfer_grant *t, const struct person *book,
                        size_t n, const char *accept, struct err *reterr)
{
    bool pinned;
    status st = OK;
    unsigned found = t->doubts | book_doubts(book, n, t, &pinned);
    t->goes_on = found == 0;
    if (found != 0)
        st = doubted_ask(c, t, found, pinned, accept, reterr);
    else
        grant_print(t, pinned);
    if (st == OK && c->json)
        grant_json(c, t, found, pinned);
    return st;
}

status transfer_ask(struct cli *c, struct transfer_plan *p, const char *accept, struct err *reterr)
{
    struct person *book = NULL;
    size_t n = 0;
    status st = cli_book_load(c, &book, &n, reterr);
    if (st == OK && p->n > 0)
        (void)fprintf(stderr, "ehr: these grants go on, under new addresses and new keys, unless "
                              "they are in doubt:\n");
    if (c->json)
        jw_key(&c->w, "grants"), jw_array(&c->w);
    for (size_t i = 0; st == OK && i < p->n; i++)
        st = grant_ask(c, &p->list[i], book, n, accept, reterr);
    if (c->json)
        jw_end(&c->w);
    free(book);
    return st == OK ? cli_confirm(c, "Move everything?", reterr) : st;
}
