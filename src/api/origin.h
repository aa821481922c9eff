/* SPDX-License-Identifier: Apache-2.0 */
/* Which hosts and origins of browsers may use the JSON-RPC endpoint. Pure.
 *
 * A page of any site can make its visitor's browser send requests to 127.0.0.1, and by DNS
 * rebinding can even make them look like requests to its own name; so both Host and Origin are
 * checked. Programs that are no browsers send no Origin. */
#ifndef EHRD_API_ORIGIN_H
#define EHRD_API_ORIGIN_H

#include "base/slice.h"

struct origin_rules {
    const char *hosts; /* comma-separated names; "*": any; NULL: none beside the defaults */
    const char *cors;  /* comma-separated origins; "*": any; NULL: none beside the defaults */
    const char *own;   /* origin of this node, its host is allowed; NULL or "": not known */
    bool loopback;     /* pages served from this machine may use it, too */
};

/* Is host (value of Host, port included) ours? By default: addresses, localhost, the host of own.
 * absent (.p NULL, HTTP/1.0): yes. */
bool origin_host_ok(const struct origin_rules *r, slice host);
/* May a request with this Origin, sent to this Host, be carried out? By default: the same origin,
 * own, and browsers' extensions (wallets), which pages cannot pretend to be. absent: yes. */
bool origin_ok(const struct origin_rules *r, slice origin, slice host);

#endif
