/* SPDX-License-Identifier: Apache-2.0 */
/* The form of an origin. Clients compare origins to the byte: one that no client would write, makes
 * every request of theirs a forged one. */
#include "app/node_origin.h"

#include <string.h>

#define HOST_MAX 253u

static bool all_of(slice s, const char *extra)
{
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!plain && (c == 0 || strchr(extra, c) == NULL))
            return false;
    }
    return s.n > 0;
}

/* Its host, with the brackets of an IPv6 address, and what is behind. */
static slice host_of(slice rest)
{
    bool v6 = rest.n > 0 && rest.p[0] == '[';
    const uint8_t *end = rest.n > 0 ? memchr(rest.p, v6 ? ']' : ':', rest.n) : NULL;
    if (end == NULL)
        return v6 ? SLICE_EMPTY : rest;
    return slice_first(rest, (size_t)(end - rest.p) + (v6 ? 1 : 0));
}

static bool host_ok(slice host)
{
    if (host.n > 2 && host.p[0] == '[')
        return all_of(slice_of(host.p + 1, host.n - 2), ":.");
    return host.n <= HOST_MAX && all_of(host, "-._");
}

/* Nothing, or ":" and a number without leading zero. */
static bool port_ok(slice text, unsigned own)
{
    unsigned n = 0;
    if (text.n == 0)
        return true;
    if (text.n < 2 || text.n > 6 || text.p[0] != ':' || text.p[1] == '0')
        return false;
    for (size_t i = 1; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
        n = n * 10 + (text.p[i] - '0');
    }
    return n <= UINT16_MAX && n != own;
}

status node_origin_check(slice text, struct err *reterr)
{
    const slice plain = SLICE_LIT("http://");
    const slice tls = SLICE_LIT("https://");
    bool is_tls = slice_has_prefix(text, tls);
    slice rest = is_tls                          ? slice_after(text, tls.n)
                 : slice_has_prefix(text, plain) ? slice_after(text, plain.n)
                                                 : SLICE_EMPTY;
    slice host = host_of(rest);
    if (host_ok(host) && port_ok(slice_after(rest, host.n), is_tls ? 443 : 80))
        return OK;
    return ERR(reterr, E_USAGE,
               "http:// or https:// is needed, a host in lower case, :PORT unless it is the usual "
               "one, and nothing behind");
}
