/* SPDX-License-Identifier: Apache-2.0 */
/* Building, writing, reading and checking of key cards. */
#include "ehr/card.h"

#include "base/utf8.h"
#include "base/wipe.h"
#include "codec/eip712.h"
#include "codec/json.h"
#include "ehr/identity.h"
#include "ehr/members.h"

static const char *const role_names[] = {NULL, "patient", "practitioner", "organisation"};
static const char *const members[] = {"account", "seq",  "ageRecipient", "spend", "view",
                                      "certKey", "name", "role",         "salt",  "signature"};

unsigned card_role_number(const char *role)
{
    for (unsigned i = 1; i < sizeof role_names / sizeof role_names[0]; i++)
        if (strcmp(role, role_names[i]) == 0)
            return i;
    return 0;
}

bool card_role_is_known(const char *role)
{
    return card_role_number(role) != 0;
}

static bool name_is_valid(slice name)
{
    return name.n > 0 && name.n <= CARD_NAME && utf8_is_plain(name);
}

void card_digest(const struct netid *net, const struct card *c, hash32 *ret)
{
    struct eip712_key_card k = {
        .account = c->account,
        .seq = c->seq,
        .age_recipient = slice_str(c->recipient_text),
        .spend = slice_of(c->spend, sizeof c->spend),
        .view = slice_of(c->view, sizeof c->view),
        .cert_key = c->cert_key,
        .name = slice_str(c->name),
        .role = slice_str(c->role),
        .salt = c->salt,
    };
    eip712_key_card_digest(net, &k, ret);
}

/* The public halves of the identity's keys. */
static status put_keys(const struct identity *id, struct card *c)
{
    struct age_identity age;
    struct secp_key k = {{0}};
    status st = identity_age(id, 0, &age);
    if (st == OK) {
        c->recipient = age.recipient;
        st = age_recipient_write(&c->recipient, c->recipient_text);
        age_identity_done(&age);
    }
    if (st == OK)
        st = identity_scalar(id, "spend", &k);
    if (st == OK)
        st = secp_public33(&k, c->spend);
    if (st == OK)
        st = identity_scalar(id, "view", &k);
    if (st == OK)
        st = secp_public33(&k, c->view);
    if (st == OK)
        st = identity_scalar(id, "cert", &k);
    if (st == OK)
        st = secp_key_addr(&k, &c->cert_key);
    secp_key_done(&k);
    return st;
}

status card_build(const struct identity *id, const struct secp_key *account, uint32_t seq,
                  const char *name, const char *role, const struct random_src *rnd,
                  struct card *ret, struct err *reterr)
{
    struct card c = {.seq = seq};
    hash32 digest;
    if (!name_is_valid(slice_str(name)))
        return ERR(reterr, E_RANGE, "name: 1 to %u bytes without control characters", CARD_NAME);
    if (!card_role_is_known(role) || seq == 0)
        return ERR(reterr, E_RANGE, "role or sequence number of the card");
    status st = members_text(slice_str(name), c.name, sizeof c.name);
    if (st == OK)
        st = members_text(slice_str(role), c.role, sizeof c.role);
    if (st == OK)
        st = put_keys(id, &c);
    if (st == OK)
        st = secp_key_addr(account, &c.account);
    if (st == OK)
        st = random_fill(rnd, c.salt.b, sizeof c.salt.b);
    if (st != OK)
        return ERR(reterr, st, "key card: cannot be built");
    card_digest(&id->net, &c, &digest);
    st = secp_sign(account, &digest, c.sig65);
    if (st != OK)
        return ERR(reterr, st, "key card: cannot be signed");
    *ret = c;
    return OK;
}

status card_put(const struct card *c, struct buf *out, struct err *reterr)
{
    struct jw w;
    jw_init(&w, out);
    jw_object(&w);
    jw_key(&w, "account"), jw_hex(&w, slice_of(c->account.b, sizeof c->account.b));
    jw_key(&w, "seq"), jw_u64(&w, c->seq);
    jw_key(&w, "ageRecipient"), jw_cstr(&w, c->recipient_text);
    jw_key(&w, "spend"), jw_hex(&w, slice_of(c->spend, sizeof c->spend));
    jw_key(&w, "view"), jw_hex(&w, slice_of(c->view, sizeof c->view));
    jw_key(&w, "certKey"), jw_hex(&w, slice_of(c->cert_key.b, sizeof c->cert_key.b));
    jw_key(&w, "name"), jw_cstr(&w, c->name);
    jw_key(&w, "role"), jw_cstr(&w, c->role);
    jw_key(&w, "salt"), jw_hex(&w, slice_of(c->salt.b, sizeof c->salt.b));
    jw_key(&w, "signature"), jw_hex(&w, slice_of(c->sig65, sizeof c->sig65));
    jw_end(&w);
    return jw_done(&w, reterr);
}

static status read_keys(struct json v, struct card *c, struct err *reterr)
{
    slice text;
    status st = json_hex_addr(json_get(v, "account"), &c->account, reterr);
    if (st == OK)
        st = json_str(json_get(v, "ageRecipient"), &text, reterr);
    if (st == OK)
        st = age_recipient_read(text, &c->recipient, reterr);
    if (st == OK && age_recipient_write(&c->recipient, c->recipient_text) != OK)
        st = ERR(reterr, E_INTERNAL, "ageRecipient");
    if (st == OK && !slice_eq_str(text, c->recipient_text))
        st = ERR(reterr, E_NOT_CANONICAL, "ageRecipient");
    if (st == OK)
        st = json_hex_fixed(json_get(v, "spend"), c->spend, sizeof c->spend, reterr);
    if (st == OK)
        st = json_hex_fixed(json_get(v, "view"), c->view, sizeof c->view, reterr);
    if (st == OK)
        st = json_hex_addr(json_get(v, "certKey"), &c->cert_key, reterr);
    if (st == OK)
        st = json_hex_hash(json_get(v, "salt"), &c->salt, reterr);
    if (st == OK)
        st = json_hex_fixed(json_get(v, "signature"), c->sig65, sizeof c->sig65, reterr);
    return st;
}

static status read_texts(struct json v, struct card *c, struct err *reterr)
{
    uint64_t seq = 0;
    slice name;
    slice role;
    status st = json_u64(json_get(v, "seq"), &seq, reterr);
    if (st == OK)
        st = json_str(json_get(v, "name"), &name, reterr);
    if (st == OK)
        st = json_str(json_get(v, "role"), &role, reterr);
    if (st != OK)
        return st;
    if (seq == 0 || seq > UINT32_MAX)
        return ERR(reterr, E_RANGE, "seq: out of range");
    c->seq = (uint32_t)seq;
    if (!name_is_valid(name) || members_text(name, c->name, sizeof c->name) != OK)
        return ERR(reterr, E_RANGE, "name: not acceptable");
    if (members_text(role, c->role, sizeof c->role) != OK || !card_role_is_known(c->role))
        return ERR(reterr, E_RANGE, "role: not one of the three");
    return OK;
}

status card_read(slice json, struct card *ret, struct err *reterr)
{
    struct arena a;
    struct json_doc doc;
    struct card c = {0};
    if (json.n > CARD_BYTES)
        return ERR(reterr, E_TOO_LONG, "key card: more than %zu bytes", CARD_BYTES);
    arena_init(&a, (size_t)64 << 10, false);
    status st = json_read(json, &a, &doc, reterr);
    if (st == OK)
        st = members_check(json_root(&doc), members, sizeof members / sizeof members[0], reterr);
    if (st == OK)
        st = read_keys(json_root(&doc), &c, reterr);
    if (st == OK)
        st = read_texts(json_root(&doc), &c, reterr);
    if (st == OK)
        *ret = c;
    arena_done(&a);
    return st == OK ? OK : err_prefix(reterr, st, "key card");
}

status card_verify(const struct netid *net, const struct card *c, struct err *reterr)
{
    hash32 digest;
    card_digest(net, c, &digest);
    if (secp_verify_addr(&digest, slice_of(c->sig65, sizeof c->sig65), c->account) != OK)
        return ERR(reterr, E_SIGNATURE, "key card: the signature is not the account's");
    return OK;
}

status card_open(const struct netid *net, slice json, const hash32 *want, struct card *ret,
                 struct err *reterr)
{
    struct card c;
    hash32 digest;
    status st = card_read(json, &c, reterr);
    if (st == OK)
        st = card_verify(net, &c, reterr);
    if (st != OK)
        return st;
    card_digest(net, &c, &digest);
    if (!hash32_eq(digest, *want))
        return ERR(reterr, E_MISMATCH, "key card: its hash is not the one on the chain");
    *ret = c;
    return OK;
}
