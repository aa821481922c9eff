/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of age v1 and their texts. */
#include "age/key.h"

#include <stdio.h>

#include "base/wipe.h"
#include "codec/bech32.h"
#include "crypto/x25519.h"

#define RECIPIENT_HRP "age"
#define IDENTITY_HRP "age-secret-key-"

status age_identity_of(const uint8_t secret[32], struct age_identity *ret)
{
    struct age_recipient r;
    status st = x25519_public(secret, r.pub);
    if (st != OK)
        return st;
    memcpy(ret->secret, secret, sizeof ret->secret);
    ret->recipient = r;
    return OK;
}

status age_identity_generate(const struct random_src *rnd, struct age_identity *ret)
{
    uint8_t secret[32];
    status st = random_fill(rnd, secret, sizeof secret);
    if (st == OK)
        st = age_identity_of(secret, ret);
    wipe(secret, sizeof secret);
    return st;
}

status age_file_key_generate(const struct random_src *rnd, struct age_file_key *ret)
{
    struct age_file_key fk;
    status st = random_fill(rnd, fk.k, sizeof fk.k);
    if (st == OK)
        *ret = fk;
    wipe(&fk, sizeof fk);
    return st;
}

void age_identity_done(struct age_identity *id)
{
    wipe(id, sizeof *id);
}

void age_file_key_done(struct age_file_key *fk)
{
    wipe(fk, sizeof *fk);
}

bool age_recipient_eq(const struct age_recipient *a, const struct age_recipient *b)
{
    return memcmp(a->pub, b->pub, sizeof a->pub) == 0;
}

/* n: bytes of out with the final NUL. */
static status write_text(const char *hrp, const uint8_t key[32], bool upper, char *out, size_t n)
{
    struct buf b;
    buf_init_secret(&b, n - 1);
    status st = bech32_put(&b, hrp, slice_of(key, 32), upper);
    if (st == OK && b.n != n - 1)
        st = E_INTERNAL;
    if (st == OK) {
        memcpy(out, b.p, b.n);
        out[b.n] = 0;
    }
    buf_done(&b);
    return st;
}

status age_recipient_write(const struct age_recipient *r, char out[AGE_RECIPIENT_TEXT])
{
    return write_text(RECIPIENT_HRP, r->pub, false, out, AGE_RECIPIENT_TEXT);
}

status age_identity_write(const struct age_identity *id, char out[AGE_IDENTITY_TEXT])
{
    return write_text(IDENTITY_HRP, id->secret, true, out, AGE_IDENTITY_TEXT);
}

status age_recipient_read(slice text, struct age_recipient *ret, struct err *reterr)
{
    struct age_recipient r;
    if (slice_has_prefix(text, SLICE_LIT("age1pq1")))
        return ERR(reterr, E_UNSUPPORTED, "post-quantum recipients are not supported");
    if (slice_has_prefix(text, SLICE_LIT("ssh-")))
        return ERR(reterr, E_UNSUPPORTED, "SSH keys are not supported");
    if (!slice_has_prefix(text, SLICE_LIT("age1")))
        return ERR(reterr, E_SYNTAX, "not an age recipient (\"age1...\", lower case)");
    status st = bech32_read(text, RECIPIENT_HRP, r.pub, sizeof r.pub);
    if (st == E_TYPE)
        return ERR(reterr, E_UNSUPPORTED, "recipients of plugins are not supported");
    if (st != OK)
        return ERR(reterr, st, "recipient not readable: %s", status_text(st));
    *ret = r;
    return OK;
}

status age_identity_read(slice text, struct age_identity *ret, struct err *reterr)
{
    uint8_t secret[32];
    if (slice_has_prefix(text, SLICE_LIT("AGE-SECRET-KEY-PQ-1")))
        return ERR(reterr, E_UNSUPPORTED, "post-quantum identities are not supported");
    if (slice_has_prefix(text, SLICE_LIT("AGE-PLUGIN-")))
        return ERR(reterr, E_UNSUPPORTED, "identities of plugins are not supported");
    if (!slice_has_prefix(text, SLICE_LIT("AGE-SECRET-KEY-1")))
        return ERR(reterr, E_SYNTAX, "not an age identity (\"AGE-SECRET-KEY-1...\")");
    status st = bech32_read(text, IDENTITY_HRP, secret, sizeof secret);
    if (st == OK)
        st = age_identity_of(secret, ret);
    wipe(secret, sizeof secret);
    return st == OK ? OK : ERR(reterr, st, "identity not readable: %s", status_text(st));
}

/* Take a line without its line end. False at the end of *rest. */
static bool next_line(slice *rest, slice *ret)
{
    if (rest->n == 0)
        return false;
    const uint8_t *lf = memchr(rest->p, '\n', rest->n);
    size_t n = lf != NULL ? (size_t)(lf - rest->p) : rest->n;
    *ret = slice_first(*rest, n);
    *rest = slice_after(*rest, n + 1);
    if (ret->n > 0 && ret->p[ret->n - 1] == '\r')
        ret->n--;
    return true;
}

/* Read the n-th key of a file to out. */
typedef status (*read_key)(slice line, void *out, size_t n, struct err *reterr);

static status read_lines(slice text, read_key read, void *out, size_t max, size_t *ret_n,
                         struct err *reterr)
{
    size_t n = 0;
    size_t number = 0;
    slice line;
    while (next_line(&text, &line)) {
        number++;
        if (line.n == 0 || line.p[0] == '#')
            continue;
        if (n == max)
            return ERR(reterr, E_TOO_LONG, "more than %zu keys", max);
        status st = read(line, out, n, reterr);
        if (st != OK) {
            char where[32];
            (void)snprintf(where, sizeof where, "line %zu", number);
            return err_prefix(reterr, st, where);
        }
        n++;
    }
    if (n == 0)
        return ERR(reterr, E_MISSING, "no key in it");
    *ret_n = n;
    return OK;
}

static status read_recipient(slice line, void *out, size_t n, struct err *reterr)
{
    return age_recipient_read(line, (struct age_recipient *)out + n, reterr);
}

static status read_identity(slice line, void *out, size_t n, struct err *reterr)
{
    return age_identity_read(line, (struct age_identity *)out + n, reterr);
}

status age_recipients_read(slice text, struct age_recipient *out, size_t max, size_t *ret_n,
                           struct err *reterr)
{
    return read_lines(text, read_recipient, out, max, ret_n, reterr);
}

status age_identities_read(slice text, struct age_identity *out, size_t max, size_t *ret_n,
                           struct err *reterr)
{
    status st = read_lines(text, read_identity, out, max, ret_n, reterr);
    if (st != OK)
        wipe(out, max * sizeof *out);
    return st;
}
