/* SPDX-License-Identifier: Apache-2.0 */
/* Opening and writing of age v1 headers: file keys, MAC, re-wrap. */
#include "age/native.h"
#include "base/wipe.h"
#include "codec/base64.h"
#include "crypto/kdf.h"
#include "crypto/sha2.h"

/* MAC over the header up to and including "---". */
static status header_mac(const struct age_file_key *fk, slice covered, hash32 *ret)
{
    uint8_t key[32];
    status st = hkdf_sha256(slice_of(fk->k, sizeof fk->k), SLICE_EMPTY, SLICE_LIT("header"), key,
                            sizeof key);
    if (st == OK)
        st = hmac_sha256(slice_of(key, sizeof key), covered, ret);
    wipe(key, sizeof key);
    return st;
}

static status check_mac(const struct age_header *h, const struct age_file_key *fk,
                        struct err *reterr)
{
    hash32 mac;
    size_t tail = h->text.n - (size_t)(h->stanzas.p - h->text.p) - h->stanzas.n;
    status st = header_mac(fk, slice_first(h->text, h->text.n - tail + 3), &mac);
    if (st != OK)
        return ERR(reterr, st, "MAC: %s", status_text(st));
    if (!ct_eq(mac.b, h->mac, sizeof mac.b))
        return ERR(reterr, E_MISMATCH, "the MAC does not match: the header was changed");
    return OK;
}

static status unwrap_x25519(const struct age_stanza *s, const struct age_keys *keys,
                            struct age_file_key *ret, struct err *reterr)
{
    struct age_x25519_stanza x;
    status st = age_x25519_stanza_read(s, &x, reterr);
    if (st != OK)
        return st;
    st = E_NO_KEY;
    for (size_t i = 0; i < keys->n_ids && st == E_NO_KEY; i++)
        st = age_x25519_unwrap(&x, &keys->ids[i], ret, reterr);
    return st;
}

static status unwrap_scrypt(const struct age_stanza *s, const struct age_keys *keys,
                            struct age_file_key *ret, struct err *reterr)
{
    struct age_scrypt_stanza c;
    slice passphrase = keys->passphrase;
    status st = age_scrypt_stanza_read(s, &c, reterr);
    if (st == OK && passphrase.p == NULL)
        st = keys->ask == NULL ? E_NO_KEY : keys->ask(keys->ask_ctx, &passphrase, reterr);
    return st == OK ? age_scrypt_unwrap(&c, passphrase, keys->max_log_n, ret, reterr) : st;
}

static const char *why_no_key(const struct age_header *h, const struct age_keys *keys)
{
    if (!h->is_scrypt)
        return keys->n_ids > 0 ? "none of the identities opens it" : "an identity is needed";
    return keys->passphrase.p != NULL || keys->ask != NULL ? "wrong passphrase"
                                                           : "a passphrase is needed";
}

/* E_NO_KEY for a stanza of a foreign type too. */
static status unwrap(const struct age_stanza *s, const struct age_keys *keys,
                     struct age_file_key *ret, struct err *reterr)
{
    if (slice_eq_str(s->type, AGE_TYPE_X25519))
        return unwrap_x25519(s, keys, ret, reterr);
    if (slice_eq_str(s->type, AGE_TYPE_SCRYPT))
        return unwrap_scrypt(s, keys, ret, reterr);
    return E_NO_KEY;
}

status age_header_open(const struct age_header *h, const struct age_keys *keys,
                       struct age_file_key *ret, struct err *reterr)
{
    struct age_file_key fk;
    struct age_stanza s;
    slice rest = h->stanzas;
    status st = E_NO_KEY;
    while (st == E_NO_KEY && age_stanza_next(&rest, &s))
        st = unwrap(&s, keys, &fk, reterr);
    if (st == E_NO_KEY)
        return ERR(reterr, st, "%s", why_no_key(h, keys));
    if (st != OK)
        return st;
    st = check_mac(h, &fk, reterr);
    if (st == OK)
        *ret = fk;
    age_file_key_done(&fk);
    return st;
}

/* Append "---", the MAC over everything since from, and the line feed. */
static status put_mac(struct buf *out, size_t from, const struct age_file_key *fk)
{
    hash32 mac;
    status st = buf_put_str(out, "---");
    if (st == OK)
        st = header_mac(fk, slice_after(buf_slice(out), from), &mac);
    ct_public(&mac, sizeof mac);
    if (st == OK)
        st = buf_put_u8(out, ' ');
    if (st == OK)
        st = base64_put(out, slice_of(mac.b, sizeof mac.b), BASE64_RAW);
    return st == OK ? buf_put_u8(out, '\n') : st;
}

status age_header_put(struct buf *out, const struct age_file_key *fk, const struct age_recipient *r,
                      size_t n, const struct random_src *rnd, struct err *reterr)
{
    size_t from = out->n;
    if (n == 0 || n > LIMIT_AGE_STANZAS)
        return ERR(reterr, E_RANGE, "%zu recipients; allowed are 1 to %u", n, LIMIT_AGE_STANZAS);
    status st = buf_put_str(out, "age-encryption.org/v1\n");
    for (size_t i = 0; i < n && st == OK; i++)
        st = age_x25519_wrap(out, fk, &r[i], rnd);
    if (st == OK)
        st = put_mac(out, from, fk);
    if (st == OK)
        return OK;
    out->n = from;
    return ERR(reterr, st, "%s",
               st == E_RANGE ? "a recipient is a low-order point" : status_text(st));
}

status age_header_put_passphrase(struct buf *out, const struct age_file_key *fk, slice passphrase,
                                 unsigned log_n, const struct random_src *rnd, struct err *reterr)
{
    size_t from = out->n;
    if (log_n == 0 || log_n > LIMIT_AGE_SCRYPT_LOGN)
        return ERR(reterr, E_RANGE, "scrypt work factor %u; allowed are 1 to %u", log_n,
                   LIMIT_AGE_SCRYPT_LOGN);
    if (passphrase.n == 0)
        return ERR(reterr, E_RANGE, "the passphrase is empty");
    status st = buf_put_str(out, "age-encryption.org/v1\n");
    if (st == OK)
        st = age_scrypt_wrap(out, fk, passphrase, log_n, rnd);
    if (st == OK)
        st = put_mac(out, from, fk);
    if (st == OK)
        return OK;
    out->n = from;
    return ERR(reterr, st, "%s", status_text(st));
}

status age_header_rewrap(struct buf *out, slice in, const struct age_keys *keys,
                         const struct age_recipient *r, size_t n, const struct random_src *rnd,
                         struct err *reterr)
{
    struct age_header h;
    struct age_file_key fk;
    status st = age_header_read(in, &h, reterr);
    if (st == OK)
        st = age_header_open(&h, keys, &fk, reterr);
    if (st != OK)
        return st;
    st = age_header_put(out, &fk, r, n, rnd, reterr);
    age_file_key_done(&fk);
    return st;
}
