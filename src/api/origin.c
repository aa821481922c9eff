/* SPDX-License-Identifier: Apache-2.0 */
/* Host and Origin against allow-lists. */
#include "api/origin.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#define HOST_MAX 256u

static bool same(slice a, slice b)
{
    return a.n == b.n && (a.n == 0 || strncasecmp((const char *)a.p, (const char *)b.p, a.n) == 0);
}

static bool begins(slice s, const char *with)
{
    size_t n = strlen(with);
    return s.n >= n && strncasecmp((const char *)s.p, with, n) == 0;
}

static bool list_has(const char *list, slice item)
{
    slice rest = list != NULL ? slice_str(list) : SLICE_EMPTY;
    while (rest.n > 0) {
        const uint8_t *comma = memchr(rest.p, ',', rest.n);
        slice one = slice_first(rest, comma != NULL ? (size_t)(comma - rest.p) : rest.n);
        rest = slice_after(rest, one.n + (comma != NULL ? 1 : 0));
        while (one.n > 0 && one.p[0] == ' ')
            one = slice_after(one, 1);
        while (one.n > 0 && one.p[one.n - 1] == ' ')
            one.n--;
        if (one.n > 0 && (slice_eq_str(one, "*") || same(one, item)))
            return true;
    }
    return false;
}

/* "name:8545" without the port; the brackets of "[::1]" stay. */
static slice without_port(slice host)
{
    for (size_t i = host.n; i > 0; i--) {
        if (host.p[i - 1] == ']')
            break;
        if (host.p[i - 1] == ':')
            return slice_first(host, i - 1);
    }
    return host;
}

/* The host of "scheme://host:port", port included; empty when it is no such text. */
static slice host_of(slice origin)
{
    const uint8_t *at = origin.n > 3 ? memmem(origin.p, origin.n, "://", 3) : NULL;
    if (at == NULL)
        return SLICE_EMPTY;
    slice host = slice_after(origin, (size_t)(at - origin.p) + 3);
    return host.n > 0 && memchr(host.p, '/', host.n) == NULL ? host : SLICE_EMPTY;
}

static bool is_address(slice name)
{
    char text[HOST_MAX];
    uint8_t a[16];
    if (name.n == 0 || name.n >= sizeof text)
        return false;
    bool v6 = name.p[0] == '[' && name.n > 2 && name.p[name.n - 1] == ']';
    size_t n = v6 ? name.n - 2 : name.n;
    memcpy(text, name.p + (v6 ? 1 : 0), n);
    text[n] = '\0';
    return inet_pton(v6 ? AF_INET6 : AF_INET, text, a) == 1;
}

static bool is_loopback(slice name)
{
    return same(name, SLICE_LIT("localhost")) || same(name, SLICE_LIT("[::1]")) ||
           (begins(name, "127.") && is_address(name));
}

bool origin_host_ok(const struct origin_rules *r, slice host)
{
    if (host.p == NULL)
        return true;
    slice name = without_port(host);
    if (name.n == 0 || name.n >= HOST_MAX)
        return false;
    if (is_address(name) || is_loopback(name) || list_has(r->hosts, name))
        return true;
    return r->own != NULL && same(name, without_port(host_of(slice_str(r->own))));
}

static bool is_extension(slice origin)
{
    return begins(origin, "chrome-extension://") || begins(origin, "moz-extension://") ||
           begins(origin, "safari-web-extension://");
}

bool origin_ok(const struct origin_rules *r, slice origin, slice host)
{
    if (origin.p == NULL)
        return true;
    if (is_extension(origin) || list_has(r->cors, origin))
        return true;
    if (r->own != NULL && r->own[0] != '\0' && same(origin, slice_str(r->own)))
        return true;
    slice from = host_of(origin);
    if (from.n == 0 || !(begins(origin, "http://") || begins(origin, "https://")))
        return false;
    return (host.n > 0 && same(from, host)) || (r->loopback && is_loopback(without_port(from)));
}
