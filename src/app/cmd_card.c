/* SPDX-License-Identifier: Apache-2.0 */
/* "ehr card" and "ehr people". */
#include <stdio.h>
#include <stdlib.h>

#include "app/commands.h"
#include "base/hex.h"
#include "contract/registry_abi.h"
#include "ehr/flow_folder.h"
#include "ehr/members.h"

static void card_print(struct cli *c, const struct card *card, const hash32 *hash)
{
    char addr[43];
    char h[67];
    if (c->json) {
        jw_hash(&c->w, "hash", hash);
        jw_addr(&c->w, "account", &card->account);
        jw_key(&c->w, "seq"), jw_u64(&c->w, card->seq);
        jw_key(&c->w, "name"), jw_cstr(&c->w, card->name);
        jw_key(&c->w, "role"), jw_cstr(&c->w, card->role);
        jw_key(&c->w, "ageRecipient"), jw_cstr(&c->w, card->recipient_text);
        jw_addr(&c->w, "certKey", &card->cert_key);
        return;
    }
    printf("name      ");
    cli_print_text(slice_str(card->name), 0);
    printf("\nrole      %s\naccount   %s\nsequence  %u\nage key   %s\ncard hash %s\n", card->role,
           hex_0x(slice_of(card->account.b, 20), addr), card->seq, card->recipient_text,
           hex_0x(slice_of(hash->b, 32), h));
}

status cmd_card_show(struct cli *c, struct args *a, struct err *reterr)
{
    struct person p = {0};
    struct card card;
    hash32 hash;
    status st = args_end(a, 0, 1, reterr);
    if (st == OK)
        st = cli_open(c, reterr);
    if (st == OK && a->n > 0)
        st = cli_person(c, a->v[0], &p, reterr);
    if (st == OK && a->n == 0)
        p.addr = c->client.me;
    if (st == OK)
        st = client_card(&c->client, &p.addr, &card, &hash, reterr);
    if (st != OK)
        return st;
    card_print(c, &card, &hash);
    if (!c->json && !hash32_is_zero(p.card) && !hash32_eq(p.card, hash))
        printf("\nThis is not the card that was pinned. Confirm it with the person, then\n"
               "  ehr people add \"%s\" …\n",
               p.name);
    return OK;
}

/* An identity file is made here when the account was made before "ehr init". */
static status identity_ensure(struct cli *c, struct err *reterr)
{
    const char *name;
    slice pass;
    status st = cli_config_load(c, reterr);
    if (st == OK)
        st = cli_account(c, &name, reterr);
    if (st != OK || cli_identity_exists(c, name))
        return st;
    st = cli_passphrase(c, false, &pass, reterr);
    return st == OK ? cli_identity_make(c, name, reterr) : st;
}

/* Sequence number after the card that is published, 1 for the first. */
static status next_seq(struct cli *c, uint32_t *ret, struct err *reterr)
{
    struct card old;
    hash32 hash;
    status st = client_card(&c->client, &c->client.me, &old, &hash, reterr);
    if (st == OK && old.seq == UINT32_MAX)
        return ERR(reterr, E_RANGE, "the card's sequence number cannot grow");
    *ret = st == OK ? old.seq + 1 : 1;
    return st == E_NOT_FOUND ? OK : st;
}

static status role_of(struct cli *c, char role[CARD_ROLE], struct err *reterr)
{
    static const char *const names[] = {"", "patient", "practitioner", "organisation"};
    struct registry_account r;
    status st = client_account_get(&c->client, &c->client.me, &r, reterr);
    if (st == OK && (r.role == 0 || r.role > 3))
        st = ERR(reterr, E_FORBIDDEN, "this account is not registered: ask an administrator");
    if (st == OK)
        (void)snprintf(role, CARD_ROLE, "%s", names[r.role]);
    return st;
}

status cmd_card_publish(struct cli *c, struct args *a, struct err *reterr)
{
    const char *name;
    char role[CARD_ROLE];
    struct card card;
    struct client_sent sent;
    uint32_t seq = 1;
    hash32 hash;
    status st = args_value(a, "--name", &name, reterr);
    if (st == OK)
        st = args_end(a, 0, 0, reterr);
    if (st == OK && name == NULL)
        st = ERR(reterr, E_USAGE, "--name \"NAME\" is needed: what others see");
    if (st == OK)
        st = cli_text_check("--name", name, CARD_NAME, reterr);
    if (st == OK)
        st = identity_ensure(c, reterr);
    if (st == OK)
        st = cli_open(c, reterr);
    if (st == OK)
        st = role_of(c, role, reterr);
    if (st == OK)
        st = next_seq(c, &seq, reterr);
    if (st == OK)
        st = card_build(&c->client.id, &c->client.key, seq, name, role, &random_system, &card,
                        reterr);
    if (st == OK)
        st = flow_card_publish(&c->client, &card, &sent, reterr);
    if (st != OK)
        return st;
    card_digest(&c->client.net, &card, &hash);
    card_print(c, &card, &hash);
    return OK;
}

/* A name that is given to somebody else takes their grants' words along: not without a word. */
static status rename_confirm(struct cli *c, const struct person *p, struct err *reterr)
{
    struct person now;
    char hex[43];
    char question[STATE_NAME + 160];
    if (cli_person(c, p->name, &now, NULL) != OK || addr20_eq(now.addr, p->addr))
        return OK;
    (void)snprintf(question, sizeof question,
                   "\"%s\" is %s until now. Is it to be somebody else from now on?", p->name,
                   hex_0x(slice_of(now.addr.b, sizeof now.addr.b), hex));
    return cli_confirm(c, question, reterr);
}

status cmd_people_add(struct cli *c, struct args *a, struct err *reterr)
{
    struct person p = {0};
    char hex[43];
    status st = args_end(a, 2, 2, reterr);
    if (st == OK && (members_text(slice_str(a->v[0]), p.name, sizeof p.name) != OK ||
                     !cli_is_book_name(p.name)))
        st = ERR(reterr, E_USAGE,
                 "names have 1 to %u bytes, no \"/\", and do not begin with \"0x\"", STATE_NAME);
    if (st == OK && hex_read_addr(slice_str(a->v[1]), &p.addr) != OK)
        st = ERR(reterr, E_USAGE, "\"%.60s\" is no address", a->v[1]);
    if (st == OK)
        st = rename_confirm(c, &p, reterr);
    if (st == OK)
        st = cli_book_put(c, &p, reterr);
    if (st != OK)
        return st;
    if (c->json)
        jw_addr(&c->w, "address", &p.addr);
    else
        printf("%s is %s here.\n", hex_0x(slice_of(p.addr.b, sizeof p.addr.b), hex), p.name);
    return OK;
}

status cmd_people_list(struct cli *c, struct args *a, struct err *reterr)
{
    struct person *list;
    size_t n;
    char hex[43];
    status st = args_end(a, 0, 0, reterr);
    if (st == OK)
        st = cli_book_load(c, &list, &n, reterr);
    if (st != OK)
        return st;
    jw_key(&c->w, "people"), jw_array(&c->w);
    for (size_t i = 0; i < n; i++) {
        jw_object(&c->w);
        jw_key(&c->w, "name"), jw_cstr(&c->w, list[i].name);
        jw_addr(&c->w, "address", &list[i].addr);
        jw_end(&c->w);
        if (!c->json)
            printf("%s  %s\n", hex_0x(slice_of(list[i].addr.b, 20), hex), list[i].name);
    }
    jw_end(&c->w);
    free(list);
    return OK;
}
