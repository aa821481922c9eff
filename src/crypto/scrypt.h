/* SPDX-License-Identifier: Apache-2.0 */
/* scrypt (RFC 7914) without OpenSSL, for parameters that it refuses.
 *
 * RFC 7914 asks for N < 2^(128 r / 8), so OpenSSL takes no N of 2^16 or more with r = 1. Key files
 * of early Ethereum wallets (n = 262144, r = 1, p = 8) have such parameters. Slower than OpenSSL.
 */
#ifndef EHRD_CRYPTO_SCRYPT_H
#define EHRD_CRYPTO_SCRYPT_H

#include "base/slice.h"
#include "base/status.h"

/* N = 2^log_n, log_n 1 to 32; r and p 1 to 1024. Memory is 128 * r * (N + p + 2) bytes: the caller
 * bounds it. OK | E_RANGE | E_NOMEM | E_INTERNAL. */
status scrypt_plain(slice password, slice salt, unsigned log_n, uint32_t r, uint32_t p,
                    uint8_t *out, size_t n) MUST_USE;

#endif
