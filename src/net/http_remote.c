/* SPDX-License-Identifier: Apache-2.0 */
/* Networks of peers. */
#include "net/http_remote.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

/* Without the zone of a link-local address. */
static bool address_read(const char *remote, uint8_t out[16])
{
    char text[INET6_ADDRSTRLEN];
    size_t n = strcspn(remote, "%");
    if (n >= sizeof text)
        return false;
    memcpy(text, remote, n);
    text[n] = '\0';
    if (inet_pton(AF_INET6, text, out) == 1)
        return true;
    memcpy(out, mapped, sizeof mapped);
    return inet_pton(AF_INET, text, out + sizeof mapped) == 1;
}

static void keep_bits(uint8_t b[16], unsigned n)
{
    for (unsigned i = 0; i < 16; i++) {
        unsigned here = n > 8 * i ? n - 8 * i : 0;
        if (here < 8)
            b[i] = (uint8_t)(b[i] & (0xff00u >> here));
    }
}

struct http_network http_network_of(const char *remote, unsigned ipv4_bits, unsigned ipv6_bits)
{
    static const uint8_t loopback[16] = {[15] = 1};
    struct http_network n = {0};
    if (!address_read(remote, n.b))
        return (struct http_network){0};
    bool is_ipv4 = memcmp(n.b, mapped, sizeof mapped) == 0;
    n.is_loopback = is_ipv4 ? n.b[12] == 127 : memcmp(n.b, loopback, sizeof loopback) == 0;
    keep_bits(n.b, is_ipv4 ? 96 + ipv4_bits : ipv6_bits);
    return n;
}
