/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of NET. */
#include "codec/netid.h"

#include "base/checked.h"

void netid_write(const struct netid *net, uint8_t out[NETID_BYTES])
{
    memset(out, 0, 24);
    be64_write(out + 24, net->chain_id);
    memcpy(out + 32, net->proxy.b, sizeof net->proxy.b);
}
