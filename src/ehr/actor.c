/* SPDX-License-Identifier: Apache-2.0 */
/* Relationship addresses: derived when they are needed, certified before they are used. */
#include "ehr/actor.h"

#include "base/secret.h"
#include "ehr/certificate.h"
#include "ehr/client.h"
#include "keys/stealth.h"

#define DAY_S 86400u
#define CERTIFIED_S (400u * DAY_S)
#define RENEW_S (30u * DAY_S)

const struct actor *client_self(struct client *c)
{
    if (!c->self.is_account) {
        c->self.addr = c->me;
        c->self.key = c->key;
        c->self.is_account = true;
    }
    return &c->self;
}

void client_actors_done(struct client *c)
{
    while (c->actors != NULL) {
        struct actor *a = c->actors;
        c->actors = a->next;
        secret_free(a, sizeof *a);
    }
    secp_key_done(&c->self.key);
    c->self.is_account = false;
}

/* --- certificates ------------------------------------------------------------------------------
 */

/* Whether the node holds a certificate of this member that serves for a while. */
static status is_certified(struct client *c, const addr20 *member, const hash32 *card, bool *ret,
                           struct err *reterr)
{
    struct buf json;
    struct vault_cert row;
    struct certificate cert = {.not_after = 0};
    buf_init(&json, CERTIFICATE_BYTES);
    status st = vault_cert_get(c->vault, member, &row, &json, reterr);
    if (st == OK)
        st = certificate_read(buf_slice(&json), &cert, reterr);
    buf_done(&json);
    *ret = st == OK && addr20_eq(cert.account, c->me) && addr20_eq(cert.member, *member) &&
           hash32_eq(cert.card_hash, *card) && cert.not_after > clock_unix_s(c->clock) + RENEW_S;
    return st < 0 || st == E_FORBIDDEN ? st : OK;
}

static status certificate_make(struct client *c, const struct actor *a, const hash32 *card,
                               struct certificate *ret, struct err *reterr)
{
    struct secp_key cert_key;
    status st = identity_scalar(&c->id, "cert", &cert_key);
    if (st == OK)
        st = certificate_build(&c->net, c->me, card, clock_unix_s(c->clock) + CERTIFIED_S,
                               &cert_key, &a->key, ret);
    secp_key_done(&cert_key);
    return st == OK ? OK : ERR(reterr, st, "certificate: cannot be made");
}

/* Of the card that is published. */
static status own_card(struct client *c, hash32 *ret, struct err *reterr)
{
    status st = client_card_hash(c, &c->me, ret, reterr);
    if (st == OK && hash32_is_zero(*ret))
        st = ERR(reterr, E_NOT_FOUND, "publish a key card first: ehr card publish --name NAME");
    return st;
}

status client_actor_certificate(struct client *c, const struct actor *a, struct buf *out,
                                struct err *reterr)
{
    struct certificate cert;
    hash32 card;
    if (a->is_account)
        return ERR(reterr, E_USAGE, "certificate: the account needs none");
    status st = own_card(c, &card, reterr);
    if (st == OK)
        st = certificate_make(c, a, &card, &cert, reterr);
    return st == OK ? certificate_put(&cert, out, reterr) : st;
}

static status deposit(struct client *c, const struct actor *a, const hash32 *card,
                      struct err *reterr)
{
    struct certificate cert;
    struct buf json;
    status st = certificate_make(c, a, card, &cert, reterr);
    if (st != OK)
        return st;
    buf_init(&json, CERTIFICATE_BYTES);
    st = certificate_put(&cert, &json, reterr);
    struct vault_cert row = {cert.account, cert.card_hash, cert.not_after, buf_slice(&json)};
    if (st == OK)
        st = vault_cert_put(c->vault, &a->addr, &row, reterr);
    buf_done(&json);
    return st;
}

static status certify(struct client *c, const struct actor *a, struct err *reterr)
{
    hash32 card;
    bool there = false;
    status st = own_card(c, &card, reterr);
    if (st == OK)
        st = is_certified(c, &a->addr, &card, &there, reterr);
    return st == OK && !there ? deposit(c, a, &card, reterr) : st;
}

/* --- actors ------------------------------------------------------------------------------------
 */

static const struct actor *find(const struct client *c, const addr20 *addr)
{
    for (const struct actor *a = c->actors; a != NULL; a = a->next)
        if (addr20_eq(a->addr, *addr))
            return a;
    return NULL;
}

/* Certify the key's address and keep it. */
static status keep(struct client *c, const struct secp_key *key, const addr20 *addr,
                   const struct actor **ret, struct err *reterr)
{
    struct actor *a = secret_alloc(sizeof *a);
    if (a == NULL)
        return ERR(reterr, E_NOMEM, "out of memory");
    a->addr = *addr;
    a->key = *key;
    status st = certify(c, a, reterr);
    if (st != OK) {
        secret_free(a, sizeof *a);
        return err_prefix(reterr, st, "relationship address");
    }
    a->next = c->actors;
    c->actors = a;
    *ret = a;
    return OK;
}

status client_actor_owner(struct client *c, const struct state_folder *f, const struct actor **ret,
                          struct err *reterr)
{
    struct secp_key key;
    addr20 addr;
    if (f->index == STATE_NO_INDEX) {
        *ret = client_self(c);
        return OK;
    }
    *ret = find(c, &f->owner);
    if (*ret != NULL)
        return OK;
    status st = identity_owner(&c->id, f->index, &key);
    if (st == OK)
        st = secp_key_addr(&key, &addr);
    if (st != OK)
        st = ERR(reterr, st, "owner address: cannot be derived");
    if (st == OK && !addr20_eq(addr, f->owner))
        st = ERR(reterr, E_MISMATCH, "owner state: the folder's owner is not of this identity");
    if (st == OK)
        st = keep(c, &key, &addr, ret, reterr);
    secp_key_done(&key);
    return st;
}

status client_holder_key(struct client *c, const struct grant_note *n, struct secp_key *ret,
                         struct err *reterr)
{
    struct stealth_note note = {.holder = n->holder, .view_tag = n->view_tag};
    struct secp_key spend = {{0}};
    struct secp_key view = {{0}};
    memcpy(note.ephemeral, n->ephemeral, sizeof note.ephemeral);
    status st = identity_scalar(&c->id, "spend", &spend);
    if (st == OK)
        st = identity_scalar(&c->id, "view", &view);
    if (st == OK)
        st = stealth_key(&spend, &view, &note, ret);
    secp_key_done(&spend);
    secp_key_done(&view);
    if (st == E_NOT_FOUND || st == E_RANGE)
        return ERR(reterr, E_MISMATCH, "grant note: its holder is somebody else");
    return st == OK ? OK : ERR(reterr, st, "holder: cannot be derived");
}

status client_actor_holder(struct client *c, const struct grant_note *n, const struct actor **ret,
                           struct err *reterr)
{
    struct secp_key key = {{0}};
    if (!n->is_stealth) {
        *ret = client_self(c);
        return OK;
    }
    *ret = find(c, &n->holder);
    if (*ret != NULL)
        return OK;
    status st = client_holder_key(c, n, &key, reterr);
    if (st == OK)
        st = keep(c, &key, &n->holder, ret, reterr);
    secp_key_done(&key);
    return st;
}

status client_actor(struct client *c, const hash32 *folder, const struct actor **ret,
                    struct err *reterr)
{
    status st = client_state(c, reterr);
    if (st != OK)
        return st;
    const struct state_folder *own = state_folder_by_id(&c->state, folder);
    if (own != NULL)
        return client_actor_owner(c, own, ret, reterr);
    const struct grant_note *shared = state_shared_by_id(&c->state, folder);
    if (shared != NULL)
        return client_actor_holder(c, shared, ret, reterr);
    *ret = client_self(c);
    return OK;
}

bool client_is_me(const struct client *c, const addr20 *a)
{
    bool me = addr20_eq(*a, c->me);
    for (size_t i = 0; i < c->state.folders_n; i++)
        me = me || addr20_eq(*a, c->state.folders[i].owner);
    for (size_t i = 0; i < c->state.shared_n; i++)
        me = me || addr20_eq(*a, c->state.shared[i].holder);
    return me;
}
