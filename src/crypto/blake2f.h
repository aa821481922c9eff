/* SPDX-License-Identifier: Apache-2.0 */
/* The compression function F of BLAKE2b (RFC 7693, section 3.2) with any number of rounds, as
 * EIP-152 wants it. */
#ifndef EHRD_CRYPTO_BLAKE2F_H
#define EHRD_CRYPTO_BLAKE2F_H

#include <stdbool.h>
#include <stdint.h>

/* h: the state, changed in place; m: the block; t: the offset counter, low word first; all as
 * numbers of the host. */
void blake2f(uint32_t rounds, uint64_t h[8], const uint64_t m[16], const uint64_t t[2], bool last);

#endif
