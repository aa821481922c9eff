/* SPDX-License-Identifier: Apache-2.0 */
/* NET of FORMATS item 1: the chain and the registry proxy that hashes and signatures are bound to.
 */
#ifndef EHRD_CODEC_NETID_H
#define EHRD_CODEC_NETID_H

#include "base/buf.h"

#define NETID_BYTES 52u

struct netid {
    uint64_t chain_id;
    addr20 proxy;
};

/* chainId as 32 bytes big-endian || proxy as 20 bytes. */
void netid_write(const struct netid *net, uint8_t out[NETID_BYTES]);

#endif
