/* SPDX-License-Identifier: Apache-2.0 */
/* The network a peer is in: whoever has one address usually has all of its /64 (IPv6). */
#ifndef EHRD_NET_HTTP_REMOTE_H
#define EHRD_NET_HTTP_REMOTE_H

#include <stdbool.h>
#include <stdint.h>

struct http_network {
    uint8_t b[16]; /* IPv6, or IPv4 mapped into it; zero: unknown */
    bool is_loopback;
};

/* The first bits of the peer's address (http_request.remote): ipv4_bits up to 32, or ipv6_bits up
 * to 128. What is no address is the network "unknown". */
struct http_network http_network_of(const char *remote, unsigned ipv4_bits, unsigned ipv6_bits);

#endif
