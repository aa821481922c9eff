/* SPDX-License-Identifier: Apache-2.0 */
/* Reading of age v1 headers. Nothing is copied: a header is checked once and then walked again. */
#include "age/header.h"

#include "age/native.h"
#include "codec/base64.h"

#define INTRO "age-encryption.org/"
#define V1_LINE "age-encryption.org/v1\n"
#define MAC_TEXT 43u /* base 64 characters of the MAC */
#define BODY_COLUMNS 64u

status age_header_find_end(slice in, size_t *ret_n, struct err *reterr)
{
    slice v1 = SLICE_LIT(V1_LINE);
    slice seen = slice_first(in, LIMIT_AGE_HEADER_BYTES);
    if (!slice_has_prefix(seen, slice_first(v1, seen.n))) {
        bool other = slice_has_prefix(seen, SLICE_LIT(INTRO));
        return other ? ERR(reterr, E_UNSUPPORTED, "not version 1 of age")
                     : ERR(reterr, E_SYNTAX, "not an age file");
    }
    if (seen.n < v1.n)
        return ERR(reterr, E_TRUNCATED, "ends in the first line");
    /* No line of a stanza starts with '-' and another '-'. */
    const uint8_t *end = memmem(seen.p + v1.n - 1, seen.n - v1.n + 1, "\n---", 4);
    const uint8_t *lf = NULL;
    if (end != NULL)
        lf = memchr(end + 1, '\n', (size_t)(seen.p + seen.n - end) - 1);
    if (lf == NULL && in.n >= LIMIT_AGE_HEADER_BYTES)
        return ERR(reterr, E_TOO_LONG, "longer than %zu bytes", LIMIT_AGE_HEADER_BYTES);
    if (lf == NULL)
        return ERR(reterr, E_TRUNCATED, "ends before the MAC");
    *ret_n = (size_t)(lf - seen.p) + 1;
    return OK;
}

/* Take a line of *rest without its line feed. False when there is none. */
static bool take_line(slice *rest, slice *ret)
{
    const uint8_t *lf = rest->n > 0 ? memchr(rest->p, '\n', rest->n) : NULL;
    if (lf == NULL)
        return false;
    size_t n = (size_t)(lf - rest->p);
    *ret = slice_first(*rest, n);
    *rest = slice_after(*rest, n + 1);
    return true;
}

/* argument *(SP argument), argument = 1*VCHAR. */
static bool args_are_valid(slice line)
{
    bool gap = true; /* an argument must start here */
    for (size_t i = 0; i < line.n; i++) {
        uint8_t c = line.p[i];
        if (c == ' ' ? gap : c < 0x21 || c > 0x7e)
            return false;
        gap = c == ' ';
    }
    return !gap;
}

/* *full-line final-line; each line must be canonical base 64 by itself. */
static status check_body(slice *rest, struct err *reterr)
{
    uint8_t raw[BODY_COLUMNS / 4 * 3];
    slice line;
    do {
        size_t n;
        if (!take_line(rest, &line))
            return ERR(reterr, E_SYNTAX, "a stanza has no short last line");
        if (line.n > BODY_COLUMNS)
            return ERR(reterr, E_SYNTAX, "a body line is longer than 64 characters");
        status st = base64_read(line, BASE64_RAW, raw, sizeof raw, &n);
        if (st != OK)
            return ERR(reterr, st, "a stanza's body is not canonical base 64");
    } while (line.n == BODY_COLUMNS);
    return OK;
}

static status check_stanza(slice *rest, struct age_stanza *ret, struct err *reterr)
{
    slice line;
    slice all = *rest;
    if (!take_line(rest, &line) || !slice_has_prefix(line, SLICE_LIT("-> ")))
        return ERR(reterr, E_SYNTAX, "no stanza where one must start");
    if (!args_are_valid(slice_after(line, 3)))
        return ERR(reterr, E_SYNTAX, "a stanza's arguments are malformed");
    status st = check_body(rest, reterr);
    if (st == OK)
        (void)age_stanza_next(&all, ret);
    return st;
}

static slice to_line_end(slice s)
{
    const uint8_t *lf = s.n > 0 ? memchr(s.p, '\n', s.n) : NULL;
    return lf == NULL ? s : slice_first(s, (size_t)(lf - s.p));
}

bool age_stanza_next(slice *rest, struct age_stanza *ret)
{
    if (rest->n < 4)
        return false;
    slice line = to_line_end(slice_after(*rest, 3));
    const uint8_t *sp = line.n > 0 ? memchr(line.p, ' ', line.n) : NULL;
    ret->type = sp == NULL ? line : slice_first(line, (size_t)(sp - line.p));
    ret->args = slice_after(line, ret->type.n + 1);
    slice body = slice_after(*rest, 3 + line.n + 1);
    size_t n = 0;
    size_t columns;
    do {
        columns = to_line_end(slice_after(body, n)).n;
        n += columns + 1;
    } while (columns == BODY_COLUMNS);
    ret->body = slice_first(body, n);
    *rest = slice_after(body, n);
    return true;
}

static status check_native(const struct age_stanza *s, bool *ret_scrypt, struct err *reterr)
{
    struct age_x25519_stanza x;
    struct age_scrypt_stanza c;
    *ret_scrypt = slice_eq_str(s->type, AGE_TYPE_SCRYPT);
    if (*ret_scrypt)
        return age_scrypt_stanza_read(s, &c, reterr);
    return slice_eq_str(s->type, AGE_TYPE_X25519) ? age_x25519_stanza_read(s, &x, reterr) : OK;
}

/* Walk all stanzas of h->stanzas. */
static status check_stanzas(struct age_header *h, struct err *reterr)
{
    slice rest = h->stanzas;
    while (rest.n > 0) {
        struct age_stanza s = {0};
        bool scrypt;
        if (h->n_stanzas++ == LIMIT_AGE_STANZAS)
            return ERR(reterr, E_TOO_LONG, "more than %u stanzas", LIMIT_AGE_STANZAS);
        status st = check_stanza(&rest, &s, reterr);
        if (st == OK)
            st = check_native(&s, &scrypt, reterr);
        if (st != OK)
            return st;
        h->is_scrypt |= scrypt;
    }
    if (h->n_stanzas == 0)
        return ERR(reterr, E_MISSING, "no stanza");
    if (h->is_scrypt && h->n_stanzas != 1)
        return ERR(reterr, E_SYNTAX, "a scrypt stanza is not alone");
    return OK;
}

/* end = "--- " 43base64char LF. */
static status read_mac(slice line, uint8_t mac[32], struct err *reterr)
{
    if (!slice_has_prefix(line, SLICE_LIT("--- ")) || line.n != 4 + MAC_TEXT)
        return ERR(reterr, E_SYNTAX, "the MAC line is malformed");
    status st = base64_read_exact(slice_after(line, 4), BASE64_RAW, mac, 32);
    return st == OK ? OK : ERR(reterr, st, "the MAC is not canonical base 64");
}

status age_header_read(slice in, struct age_header *ret, struct err *reterr)
{
    struct age_header h = {0};
    size_t n = 0;
    status st = age_header_find_end(in, &n, reterr);
    if (st != OK)
        return st;
    h.text = slice_first(in, n);
    /* The last line starts after the last line feed but one. */
    const uint8_t *lf = memrchr(h.text.p, '\n', n - 1);
    size_t mac_at = (size_t)(lf - h.text.p) + 1;
    size_t start = sizeof V1_LINE - 1;
    h.stanzas = slice_of(h.text.p + start, mac_at - start);
    st = check_stanzas(&h, reterr);
    if (st == OK)
        st = read_mac(slice_of(h.text.p + mac_at, n - mac_at - 1), h.mac, reterr);
    if (st == OK)
        *ret = h;
    return st;
}
