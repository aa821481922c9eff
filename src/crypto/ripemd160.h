/* SPDX-License-Identifier: Apache-2.0 */
/* RIPEMD-160 (Dobbertin, Bosselaers, Preneel 1996), own code: OpenSSL 3 has it in the legacy
 * provider only. */
#ifndef EHRD_CRYPTO_RIPEMD160_H
#define EHRD_CRYPTO_RIPEMD160_H

#include "base/slice.h"

void ripemd160(slice in, uint8_t ret[20]);

#endif
