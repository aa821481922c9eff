/* SPDX-License-Identifier: Apache-2.0 */
/* Keccak-256 as Ethereum uses it (the padding of the Keccak submission, not of SHA-3). */
#ifndef EHRD_CRYPTO_KECCAK_H
#define EHRD_CRYPTO_KECCAK_H

#include "base/slice.h"

#define KECCAK256_RATE 136u /* bytes per block */

void keccak256(slice in, hash32 *ret);

/* Incremental form: init, any number of updates, final once. No memory, cannot fail. */
struct keccak256_ctx {
    uint64_t a[25];
    size_t pos; /* bytes of the open block, < KECCAK256_RATE */
};
void keccak256_init(struct keccak256_ctx *c);
void keccak256_update(struct keccak256_ctx *c, slice in);
void keccak256_final(struct keccak256_ctx *c, hash32 *ret); /* wipes the context */

#endif
