/* SPDX-License-Identifier: Apache-2.0 */
/* Modular exponentiation of numbers of any length, by GMP. Not for secrets: time depends on them.
 */
#ifndef EHRD_CRYPTO_MODEXP_H
#define EHRD_CRYPTO_MODEXP_H

#include "base/slice.h"

/* A big-endian number: the bytes of head, then zeros up to n bytes. head.n <= n. */
struct modexp_number {
    slice head;
    size_t n;
};

/* ret = base ^ exp mod mod, big-endian, mod.n bytes; zeros for a modulus of 0 or 1; 0 ^ 0 is 1.
 * GMP ends the process when memory runs out: the caller bounds the lengths. */
void modexp(struct modexp_number base, struct modexp_number exp, struct modexp_number mod,
            uint8_t *ret);

#endif
