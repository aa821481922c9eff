/* SPDX-License-Identifier: Apache-2.0 */
/* X25519 and scrypt stanzas (C2SP age.md, "Native recipient types"). */
#include "age/native.h"

#include "base/wipe.h"
#include "codec/base64.h"
#include "crypto/kdf.h"
#include "crypto/x25519.h"

#define X25519_INFO "age-encryption.org/v1/X25519"
#define SCRYPT_SALT "age-encryption.org/v1/scrypt"
#define SCRYPT_R 8u
#define KEY_TEXT 43u  /* base 64 characters of 32 bytes */
#define SALT_TEXT 22u /* of 16 bytes */

static const uint8_t zero_nonce[12];

/* Cut the first of several arguments off *rest. */
static slice take_arg(slice *rest)
{
    const uint8_t *sp = rest->n > 0 ? memchr(rest->p, ' ', rest->n) : NULL;
    slice arg = sp == NULL ? *rest : slice_first(*rest, (size_t)(sp - rest->p));
    *rest = slice_after(*rest, arg.n + 1);
    return arg;
}

static status read_wrapped(const struct age_stanza *s, uint8_t wrapped[AGE_WRAPPED],
                           struct err *reterr)
{
    if (s->body.n != KEY_TEXT + 1)
        return ERR(reterr, E_RANGE, "the wrapped file key does not have 32 bytes");
    status st = base64_read_exact(slice_first(s->body, KEY_TEXT), BASE64_RAW, wrapped, AGE_WRAPPED);
    return st == OK ? OK : ERR(reterr, st, "the wrapped file key is not canonical base 64");
}

status age_x25519_stanza_read(const struct age_stanza *s, struct age_x25519_stanza *ret,
                              struct err *reterr)
{
    slice rest = s->args;
    slice share = take_arg(&rest);
    if (share.n == 0 || rest.n != 0)
        return ERR(reterr, E_SYNTAX, "an X25519 stanza must have two arguments");
    status st = base64_read_exact(share, BASE64_RAW, ret->share, sizeof ret->share);
    if (st != OK)
        return ERR(reterr, st, "an X25519 share is not canonical base 64 of 32 bytes");
    return read_wrapped(s, ret->wrapped, reterr);
}

/* [1-9][0-9]*; at most two digits matter, since 2^99 is out of reach. */
static bool read_log_n(slice s, unsigned *ret)
{
    unsigned v = 0;
    if (s.n == 0 || s.p[0] == '0')
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        v = v > 99 ? v : v * 10 + (s.p[i] - (unsigned)'0');
    }
    *ret = v;
    return true;
}

status age_scrypt_stanza_read(const struct age_stanza *s, struct age_scrypt_stanza *ret,
                              struct err *reterr)
{
    slice rest = s->args;
    slice salt = take_arg(&rest);
    slice work = take_arg(&rest);
    if (work.n == 0 || rest.n != 0)
        return ERR(reterr, E_SYNTAX, "a scrypt stanza must have three arguments");
    status st = base64_read_exact(salt, BASE64_RAW, ret->salt, sizeof ret->salt);
    if (st != OK)
        return ERR(reterr, st, "a scrypt salt is not canonical base 64 of 16 bytes");
    if (!read_log_n(work, &ret->log_n))
        return ERR(reterr, E_SYNTAX, "a scrypt work factor is not a plain decimal number");
    return read_wrapped(s, ret->wrapped, reterr);
}

static status seal_key(const uint8_t wrap_key[32], const struct age_file_key *fk,
                       uint8_t wrapped[AGE_WRAPPED])
{
    struct aead a;
    status st = aead_init(&a, wrap_key);
    if (st != OK)
        return st;
    st = aead_seal(&a, zero_nonce, slice_of(fk->k, sizeof fk->k), wrapped);
    ct_public(wrapped, AGE_WRAPPED);
    aead_done(&a);
    return st;
}

/* OK | E_NO_KEY | E_NOMEM | E_INTERNAL. */
static status open_key(const uint8_t wrap_key[32], const uint8_t wrapped[AGE_WRAPPED],
                       struct age_file_key *ret)
{
    struct aead a;
    struct age_file_key fk;
    status st = aead_init(&a, wrap_key);
    if (st != OK)
        return st;
    st = aead_open(&a, zero_nonce, slice_of(wrapped, AGE_WRAPPED), fk.k);
    if (st == OK)
        *ret = fk;
    wipe(&fk, sizeof fk);
    aead_done(&a);
    return st == E_DECRYPT ? E_NO_KEY : st;
}

/* wrap key = HKDF-SHA-256(ikm = X25519(secret, peer), salt = share || recipient, info). */
static status x25519_wrap_key(const uint8_t secret[32], const uint8_t peer[32],
                              const uint8_t share[32], const struct age_recipient *r,
                              uint8_t ret[32])
{
    uint8_t shared[32];
    uint8_t salt[64];
    status st = x25519_shared(secret, peer, shared);
    if (st != OK)
        return st;
    memcpy(salt, share, 32);
    memcpy(salt + 32, r->pub, 32);
    st = hkdf_sha256(slice_of(shared, sizeof shared), slice_of(salt, sizeof salt),
                     SLICE_LIT(X25519_INFO), ret, 32);
    wipe(shared, sizeof shared);
    return st;
}

status age_x25519_unwrap(const struct age_x25519_stanza *s, const struct age_identity *id,
                         struct age_file_key *ret, struct err *reterr)
{
    uint8_t key[32];
    status st = x25519_wrap_key(id->secret, s->share, s->share, &id->recipient, key);
    if (st == OK)
        st = open_key(key, s->wrapped, ret);
    wipe(key, sizeof key);
    if (st == E_RANGE)
        return ERR(reterr, st, "an X25519 share is a low-order point");
    return st == OK ? OK : ERR(reterr, st, "X25519 stanza: %s", status_text(st));
}

static status scrypt_wrap_key(slice passphrase, const uint8_t salt[16], unsigned log_n,
                              uint8_t ret[32])
{
    uint8_t full[sizeof SCRYPT_SALT - 1 + 16];
    memcpy(full, SCRYPT_SALT, sizeof SCRYPT_SALT - 1);
    memcpy(full + sizeof SCRYPT_SALT - 1, salt, 16);
    return scrypt_derive(passphrase, slice_of(full, sizeof full), log_n, SCRYPT_R, 1,
                         128ull * SCRYPT_R << LIMIT_AGE_SCRYPT_LOGN, ret, 32);
}

status age_scrypt_unwrap(const struct age_scrypt_stanza *s, slice passphrase, unsigned max_log_n,
                         struct age_file_key *ret, struct err *reterr)
{
    uint8_t key[32];
    if (max_log_n == 0 || max_log_n > LIMIT_AGE_SCRYPT_LOGN)
        max_log_n = LIMIT_AGE_SCRYPT_LOGN;
    if (s->log_n > max_log_n)
        return ERR(reterr, E_RANGE, "scrypt work factor %u is over the limit of %u", s->log_n,
                   max_log_n);
    status st = scrypt_wrap_key(passphrase, s->salt, s->log_n, key);
    if (st == OK)
        st = open_key(key, s->wrapped, ret);
    wipe(key, sizeof key);
    return st == OK ? OK : ERR(reterr, st, "scrypt stanza: %s", status_text(st));
}

static status put_wrapped(struct buf *out, const uint8_t wrap_key[32],
                          const struct age_file_key *fk)
{
    uint8_t wrapped[AGE_WRAPPED];
    status st = seal_key(wrap_key, fk, wrapped);
    if (st == OK)
        st = base64_put(out, slice_of(wrapped, sizeof wrapped), BASE64_RAW);
    return st == OK ? buf_put_u8(out, '\n') : st;
}

status age_x25519_wrap(struct buf *out, const struct age_file_key *fk,
                       const struct age_recipient *r, const struct random_src *rnd)
{
    struct age_identity e = {0}; /* ephemeral */
    uint8_t key[32];
    char text[KEY_TEXT];
    status st = age_identity_generate(rnd, &e);
    if (st == OK)
        st = x25519_wrap_key(e.secret, r->pub, e.recipient.pub, r, key);
    if (st == OK) {
        base64_write(slice_of(e.recipient.pub, 32), BASE64_RAW, text);
        st = buf_printf(out, "-> %s %.*s\n", AGE_TYPE_X25519, (int)sizeof text, text);
    }
    if (st == OK)
        st = put_wrapped(out, key, fk);
    wipe(key, sizeof key);
    age_identity_done(&e);
    return st;
}

status age_scrypt_wrap(struct buf *out, const struct age_file_key *fk, slice passphrase,
                       unsigned log_n, const struct random_src *rnd)
{
    uint8_t salt[16];
    uint8_t key[32];
    char text[SALT_TEXT];
    status st = random_fill(rnd, salt, sizeof salt);
    if (st == OK)
        st = scrypt_wrap_key(passphrase, salt, log_n, key);
    if (st == OK) {
        base64_write(slice_of(salt, sizeof salt), BASE64_RAW, text);
        st = buf_printf(out, "-> %s %.*s %u\n", AGE_TYPE_SCRYPT, (int)sizeof text, text, log_n);
    }
    if (st == OK)
        st = put_wrapped(out, key, fk);
    wipe(key, sizeof key);
    return st;
}
