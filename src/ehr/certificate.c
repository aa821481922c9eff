/* SPDX-License-Identifier: Apache-2.0 */
/* Building, writing, reading and checking of member certificates. */
#include "ehr/certificate.h"

#include "codec/eip712.h"
#include "codec/json.h"
#include "ehr/card.h"
#include "ehr/members.h"

static const char *const members[] = {"account",  "member",        "cardHash",
                                      "notAfter", "certSignature", "memberSignature"};

static bool bounds_ok(const struct certificate *c)
{
    return !addr20_eq(c->account, c->member) && c->not_after > 0 &&
           c->not_after <= CERTIFICATE_NOT_AFTER_MAX;
}

void certificate_digest(const struct netid *net, const struct certificate *c, hash32 *ret)
{
    struct eip712_member_certificate m = {
        .account = c->account,
        .member = c->member,
        .card_hash = c->card_hash,
        .not_after = c->not_after,
    };
    eip712_member_certificate_digest(net, &m, ret);
}

status certificate_build(const struct netid *net, addr20 account, const hash32 *card_hash,
                         uint64_t not_after, const struct secp_key *cert_key,
                         const struct secp_key *member, struct certificate *ret)
{
    struct certificate c = {.account = account, .card_hash = *card_hash, .not_after = not_after};
    hash32 digest;
    status st = secp_key_addr(member, &c.member);
    if (st != OK)
        return st;
    if (!bounds_ok(&c))
        return E_RANGE;
    certificate_digest(net, &c, &digest);
    st = secp_sign(cert_key, &digest, c.cert_sig65);
    if (st == OK)
        st = secp_sign(member, &digest, c.member_sig65);
    if (st == OK)
        *ret = c;
    return st;
}

status certificate_put(const struct certificate *c, struct buf *out, struct err *reterr)
{
    struct jw w;
    jw_init(&w, out);
    jw_object(&w);
    jw_key(&w, "account"), jw_hex(&w, slice_of(c->account.b, sizeof c->account.b));
    jw_key(&w, "member"), jw_hex(&w, slice_of(c->member.b, sizeof c->member.b));
    jw_key(&w, "cardHash"), jw_hex(&w, slice_of(c->card_hash.b, sizeof c->card_hash.b));
    jw_key(&w, "notAfter"), jw_u64(&w, c->not_after);
    jw_key(&w, "certSignature"), jw_hex(&w, slice_of(c->cert_sig65, sizeof c->cert_sig65));
    jw_key(&w, "memberSignature"), jw_hex(&w, slice_of(c->member_sig65, sizeof c->member_sig65));
    jw_end(&w);
    return jw_done(&w, reterr);
}

static status read_members(struct json v, struct certificate *c, struct err *reterr)
{
    status st = members_check(v, members, sizeof members / sizeof members[0], reterr);
    if (st == OK)
        st = json_hex_addr(json_get(v, "account"), &c->account, reterr);
    if (st == OK)
        st = json_hex_addr(json_get(v, "member"), &c->member, reterr);
    if (st == OK)
        st = json_hex_hash(json_get(v, "cardHash"), &c->card_hash, reterr);
    if (st == OK)
        st = json_u64(json_get(v, "notAfter"), &c->not_after, reterr);
    if (st == OK)
        st = json_hex_fixed(json_get(v, "certSignature"), c->cert_sig65, SECP_SIG, reterr);
    if (st == OK)
        st = json_hex_fixed(json_get(v, "memberSignature"), c->member_sig65, SECP_SIG, reterr);
    if (st == OK && !bounds_ok(c))
        st = ERR(reterr, E_RANGE, "notAfter, or the member is the account");
    return st;
}

status certificate_read(slice json, struct certificate *ret, struct err *reterr)
{
    struct arena a;
    struct json_doc doc;
    struct certificate c = {.not_after = 0};
    if (json.n > CERTIFICATE_BYTES)
        return ERR(reterr, E_TOO_LONG, "certificate: more than %zu bytes", CERTIFICATE_BYTES);
    arena_init(&a, (size_t)64 << 10, false);
    status st = json_read(json, &a, &doc, reterr);
    if (st == OK)
        st = read_members(json_root(&doc), &c, reterr);
    if (st == OK)
        *ret = c;
    arena_done(&a);
    return st == OK ? OK : err_prefix(reterr, st, "certificate");
}

status certificate_verify(const struct netid *net, const struct certificate *c,
                          const struct certificate_want *want, struct err *reterr)
{
    hash32 digest;
    if (!addr20_eq(c->account, want->account) || !hash32_eq(c->card_hash, want->card_hash))
        return ERR(reterr, E_MISMATCH, "certificate: of another account or an earlier card");
    certificate_digest(net, c, &digest);
    if (secp_verify_addr(&digest, slice_of(c->cert_sig65, SECP_SIG), want->cert_key) != OK)
        return ERR(reterr, E_SIGNATURE, "certificate: not signed by the account's certifier");
    if (secp_verify_addr(&digest, slice_of(c->member_sig65, SECP_SIG), c->member) != OK)
        return ERR(reterr, E_SIGNATURE, "certificate: not signed by the member");
    if (want->now >= c->not_after)
        return ERR(reterr, E_EXPIRED, "certificate: over");
    return OK;
}

/* The certificate and its account's present card, as the vault keeps them. */
static status stored(struct vault *v, const struct netid *net, const addr20 *member,
                     const hash32 *card_hash, struct certificate *ret, struct card *ret_card)
{
    struct vault_cert row;
    struct buf json;
    buf_init(&json, CARD_BYTES);
    status st = vault_cert_get(v, member, &row, &json, NULL);
    if (st == OK)
        st = certificate_read(buf_slice(&json), ret, NULL);
    buf_clear(&json);
    if (st == OK)
        st = vault_card_get(v, &ret->account, &json, NULL);
    if (st == OK)
        st = card_open(net, buf_slice(&json), card_hash, ret_card, NULL);
    buf_done(&json);
    return st;
}

status certificate_holds_still(struct vault *v, const struct netid *net, const addr20 *member,
                               const hash32 *card_hash, uint64_t now, struct err *reterr)
{
    struct certificate c = {.not_after = 0};
    struct card card;
    status st = stored(v, net, member, card_hash, &c, &card);
    if (st < 0)
        return ERR(reterr, st, "certificate of an earlier card");
    struct certificate_want want = {
        .account = card.account, .card_hash = c.card_hash, .cert_key = card.cert_key, .now = now};
    if (st == OK && addr20_eq(c.member, *member))
        st = certificate_verify(net, &c, &want, NULL);
    return st == OK ? OK : ERR(reterr, E_FORBIDDEN, "the certificate is of an earlier key card");
}

bool certificate_is_erasable_by(const struct certificate *c, addr20 signer)
{
    return addr20_eq(signer, c->account) || addr20_eq(signer, c->member);
}
