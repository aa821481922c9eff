/* SPDX-License-Identifier: Apache-2.0 */
/* Reading of ERC-4361 messages, line by line. */
#include "codec/siwe.h"

#include "crypto/addr.h"

#define WANTS SLICE_LIT(" wants you to sign in with your Ethereum account:")
#define RESOURCES_MAX 64u

struct reader {
    slice rest;
    unsigned line; /* of the last one taken, from 1 */
    bool ended;    /* the last line had no LF behind it */
    struct err *err;
};

static status wrong(const struct reader *r, const char *what)
{
    return ERR(r->err, E_SYNTAX, "sign-in message, line %u: %s", r->line, what);
}

static status line_take(struct reader *r, slice *ret)
{
    r->line++;
    if (r->ended)
        return wrong(r, "missing");
    const uint8_t *lf = r->rest.n > 0 ? memchr(r->rest.p, '\n', r->rest.n) : NULL;
    size_t n = lf == NULL ? r->rest.n : (size_t)(lf - r->rest.p);
    *ret = slice_first(r->rest, n);
    r->ended = lf == NULL;
    r->rest = lf == NULL ? SLICE_EMPTY : slice_after(r->rest, n + 1);
    return OK;
}

/* The line that must come next, without its name. */
static status field_take(struct reader *r, const char *name, slice *ret)
{
    slice line;
    status st = line_take(r, &line);
    if (st != OK)
        return st;
    if (!slice_has_prefix(line, slice_str(name)))
        return ERR(r->err, E_SYNTAX, "sign-in message, line %u: \"%s\" is missing", r->line, name);
    *ret = slice_after(line, strlen(name));
    return OK;
}

/* The same, if it comes next. */
static status field_find(struct reader *r, const char *name, bool *ret_found, slice *ret)
{
    *ret_found = !r->ended && slice_has_prefix(r->rest, slice_str(name));
    return *ret_found ? field_take(r, name, ret) : OK;
}

/* --- values ---------------------------------------------------------------------------------- */

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool all(slice s, bool (*is)(uint8_t c))
{
    for (size_t i = 0; i < s.n; i++)
        if (!is(s.p[i]))
            return false;
    return true;
}

static bool is_alnum(uint8_t c)
{
    return is_letter(c) || is_digit(c);
}

/* Of RFC 3986: unreserved, reserved and the percent sign. */
static bool is_uri_char(uint8_t c)
{
    return is_alnum(c) || (c != 0 && strchr("-._~:/?#[]@!$&'()*+,;=%", c) != NULL);
}

static bool is_pchar(uint8_t c)
{
    return is_alnum(c) || (c != 0 && strchr("-._~:@!$&'()*+,;=%", c) != NULL);
}

static bool is_visible(uint8_t c)
{
    return c >= 0x20 && c < 0x7f;
}

static bool is_scheme_char(uint8_t c)
{
    return is_alnum(c) || c == '+' || c == '-' || c == '.';
}

static bool is_authority_char(uint8_t c)
{
    return is_uri_char(c) && c != '/' && c != '?' && c != '#';
}

/* A number of just these digits. */
static bool digits_read(slice s, uint64_t *ret)
{
    uint64_t v = 0;
    if (s.n == 0 || s.n > 18 || !all(s, is_digit))
        return false;
    for (size_t i = 0; i < s.n; i++)
        v = v * 10 + (uint64_t)(s.p[i] - '0');
    *ret = v;
    return true;
}

/* n digits and the separator behind them; a separator of 0 is any. */
static bool part_take(slice *s, size_t n, char separator, uint64_t *ret)
{
    if (s->n < n || !digits_read(slice_first(*s, n), ret))
        return false;
    if (separator != 0 && (s->n == n || s->p[n] != (uint8_t)separator))
        return false;
    *s = slice_after(*s, n + (separator != 0 ? 1 : 0));
    return true;
}

/* Days from 1970-01-01 to a day of the Gregorian calendar, from 1970 on. */
static uint64_t days_of(uint64_t year, uint64_t month, uint64_t day)
{
    static const uint16_t before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    uint64_t y = year - 1;
    uint64_t leaps = (y / 4 - y / 100 + y / 400) - (1969 / 4 - 1969 / 100 + 1969 / 400);
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return (year - 1970) * 365 + leaps + before[month - 1] + (leap && month > 2) + day - 1;
}

static uint64_t month_days(uint64_t year, uint64_t month)
{
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (month == 2)
        return leap ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

static bool date_take(slice *s, uint64_t *ret_days)
{
    uint64_t year;
    uint64_t month;
    uint64_t day;
    if (!part_take(s, 4, '-', &year) || !part_take(s, 2, '-', &month) ||
        !part_take(s, 2, 'T', &day))
        return false;
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > month_days(year, month))
        return false;
    *ret_days = days_of(year, month, day);
    return true;
}

static bool time_take(slice *s, uint64_t *ret_seconds)
{
    uint64_t h;
    uint64_t m;
    uint64_t sec;
    if (!part_take(s, 2, ':', &h) || !part_take(s, 2, ':', &m) || !part_take(s, 2, 0, &sec))
        return false;
    if (h > 23 || m > 59 || sec > 60)
        return false;
    if (s->n > 0 && s->p[0] == '.') {
        size_t n = 1;
        while (n < s->n && is_digit(s->p[n]))
            n++;
        if (n == 1)
            return false;
        *s = slice_after(*s, n);
    }
    *ret_seconds = h * 3600 + m * 60 + (sec > 59 ? 59 : sec);
    return true;
}

/* "Z" or "+hh:mm", all of what is left. Seconds east of Greenwich. */
static bool offset_read(slice s, int64_t *ret)
{
    uint64_t h;
    uint64_t m;
    *ret = 0;
    if (slice_eq_str(s, "Z"))
        return true;
    if (s.n != 6 || (s.p[0] != '+' && s.p[0] != '-'))
        return false;
    bool west = s.p[0] == '-';
    s = slice_after(s, 1);
    if (!part_take(&s, 2, ':', &h) || !part_take(&s, 2, 0, &m) || h > 23 || m > 59)
        return false;
    *ret = (int64_t)(h * 3600 + m * 60) * (west ? -1 : 1);
    return true;
}

status rfc3339_read(slice text, uint64_t *ret_unix_s)
{
    uint64_t days;
    uint64_t seconds;
    int64_t east;
    if (!date_take(&text, &days) || !time_take(&text, &seconds) || !offset_read(text, &east))
        return E_SYNTAX;
    int64_t at = (int64_t)(days * 86400 + seconds) - east;
    if (at < 0)
        return E_SYNTAX;
    *ret_unix_s = (uint64_t)at;
    return OK;
}

/* --- the lines ------------------------------------------------------------------------------- */

static status head_take(struct reader *r, struct siwe *m)
{
    slice line;
    status st = line_take(r, &line);
    if (st != OK)
        return st;
    if (line.n <= WANTS.n || !slice_eq(slice_after(line, line.n - WANTS.n), WANTS))
        return wrong(r, "\"… wants you to sign in with your Ethereum account:\" is needed");
    m->domain = slice_first(line, line.n - WANTS.n);
    const uint8_t *at = m->domain.n > 3 ? memmem(m->domain.p, m->domain.n, "://", 3) : NULL;
    if (at != NULL) {
        m->scheme = slice_first(m->domain, (size_t)(at - m->domain.p));
        m->domain = slice_after(m->domain, m->scheme.n + 3);
        if (m->scheme.n == 0 || !is_letter(m->scheme.p[0]) || !all(m->scheme, is_scheme_char))
            return wrong(r, "no scheme");
    }
    if (m->domain.n == 0 || !all(m->domain, is_authority_char))
        return wrong(r, "no domain");
    if ((st = line_take(r, &line)) != OK)
        return st;
    /* Only with its checksum: the standard wants EIP-55. */
    char text[ADDR_TEXT];
    if (addr_read(line, &m->address) != OK)
        return wrong(r, "an address is needed");
    if (!slice_eq_str(line, addr_text(m->address, text)))
        return ERR(r->err, E_MISMATCH, "sign-in message, line %u: checksum of the address",
                   r->line);
    return OK;
}

/* An empty line, perhaps a statement, an empty line. */
static status statement_take(struct reader *r, struct siwe *m)
{
    slice line;
    status st = line_take(r, &line);
    if (st == OK && line.n != 0)
        st = wrong(r, "an empty line is needed");
    if (st != OK)
        return st;
    if ((st = line_take(r, &m->statement)) != OK)
        return st;
    if (!all(m->statement, is_visible))
        return wrong(r, "the statement has more than printable ASCII");
    if (m->statement.n == 0) /* there is none: this was the second empty line */
        return OK;
    st = line_take(r, &line);
    return st == OK && line.n != 0 ? wrong(r, "an empty line is needed") : st;
}

static status time_field(struct reader *r, slice text, uint64_t *ret)
{
    return rfc3339_read(text, ret) == OK ? OK : wrong(r, "date and time of RFC 3339 are needed");
}

static status facts_take(struct reader *r, struct siwe *m)
{
    slice v;
    status st = field_take(r, "URI: ", &m->uri);
    if (st == OK && (m->uri.n == 0 || !all(m->uri, is_uri_char)))
        st = wrong(r, "no URI");
    if (st == OK)
        st = field_take(r, "Version: ", &v);
    if (st == OK && !slice_eq_str(v, "1"))
        st = wrong(r, "version 1 is needed");
    if (st == OK)
        st = field_take(r, "Chain ID: ", &v);
    if (st == OK && (!digits_read(v, &m->chain_id) || (v.n > 1 && v.p[0] == '0')))
        st = wrong(r, "a chain id is needed");
    if (st == OK)
        st = field_take(r, "Nonce: ", &m->nonce);
    if (st == OK && (m->nonce.n < SIWE_NONCE_MIN || !all(m->nonce, is_alnum)))
        st = wrong(r, "a nonce has 8 or more letters and digits");
    if (st == OK)
        st = field_take(r, "Issued At: ", &v);
    return st == OK ? time_field(r, v, &m->issued_at) : st;
}

static status resources_take(struct reader *r, struct siwe *m)
{
    slice v = SLICE_EMPTY;
    status st = OK;
    while (st == OK && !r->ended) {
        st = field_take(r, "- ", &v);
        if (st == OK && (v.n == 0 || !all(v, is_uri_char)))
            st = wrong(r, "no URI");
        if (st == OK && ++m->resources > RESOURCES_MAX)
            st = wrong(r, "too many resources");
    }
    return st;
}

static status options_take(struct reader *r, struct siwe *m)
{
    slice v = SLICE_EMPTY;
    bool found;
    status st = field_find(r, "Expiration Time: ", &found, &v);
    if (st == OK && found)
        st = time_field(r, v, &m->expiration_time);
    if (st == OK)
        st = field_find(r, "Not Before: ", &found, &v);
    if (st == OK && found)
        st = time_field(r, v, &m->not_before);
    if (st == OK)
        st = field_find(r, "Request ID: ", &found, &m->request_id);
    if (st == OK && found && !all(m->request_id, is_pchar))
        st = wrong(r, "no request id");
    if (st != OK || r->ended)
        return st;
    if ((st = field_take(r, "Resources:", &v)) == OK && v.n != 0)
        st = wrong(r, "nothing may follow \"Resources:\"");
    return st == OK ? resources_take(r, m) : st;
}

status siwe_read(slice text, struct siwe *ret, struct err *reterr)
{
    struct reader r = {.rest = text, .err = reterr};
    struct siwe m = {0};
    if (text.n > SIWE_MAX)
        return ERR(reterr, E_TOO_LONG, "sign-in message: %zu bytes, at most %u", text.n, SIWE_MAX);
    status st = head_take(&r, &m);
    if (st == OK)
        st = statement_take(&r, &m);
    if (st == OK)
        st = facts_take(&r, &m);
    if (st == OK)
        st = options_take(&r, &m);
    if (st == OK)
        *ret = m;
    return st;
}
