/* SPDX-License-Identifier: Apache-2.0 */
/* personal_sign. */
#include "codec/eip191.h"

#include <stdio.h>

#include "crypto/keccak.h"

void eip191_digest(slice message, hash32 *ret)
{
    char head[64];
    struct keccak256_ctx k;
    int n = snprintf(head, sizeof head,
                     "\x19"
                     "Ethereum Signed Message:\n%zu",
                     message.n);
    keccak256_init(&k);
    keccak256_update(&k, slice_of(head, (size_t)n));
    keccak256_update(&k, message);
    keccak256_final(&k, ret);
}
