/* SPDX-License-Identifier: Apache-2.0 */
/* Web3 Secret Storage, version 3: the key files of geth and of wallets. */
#ifndef EHRD_KEYS_KEYFILE_H
#define EHRD_KEYS_KEYFILE_H

#include "base/buf.h"
#include "crypto/secp256k1.h"

#define KEYFILE_LOG_N 18u       /* scrypt n = 262144, as geth's standard */
#define KEYFILE_LOG_N_LIGHT 12u /* scrypt n = 4096, as geth's light */

/* Open a key file: scrypt or pbkdf2 (hmac-sha256), aes-128-ctr. The stated address, if any, must
 * be the key's. Parameters that need more than LIMIT_KEYFILE_MEMORY or LIMIT_KEYFILE_ITERATIONS
 * are refused before any work.
 * OK | JSON statuses | E_UNSUPPORTED (version, cipher, kdf) | E_RANGE (parameters) |
 * E_DECRYPT (password) | E_MISMATCH (address) | E_NOMEM. */
status keyfile_read(slice json, slice password, struct secp_key *ret, struct err *reterr) MUST_USE;
/* The address stated in a key file, without its password. OK | JSON statuses. */
status keyfile_addr(slice json, addr20 *ret, struct err *reterr) MUST_USE;
/* The work that opening a key file takes: log2 of scrypt's n; 0 for pbkdf2. OK | as keyfile_read.
 */
status keyfile_log_n(slice json, unsigned *ret, struct err *reterr) MUST_USE;
/* Append a key file: scrypt n = 2^log_n, r 8, p 1. OK | E_RANGE | E_IO (rnd) | E_NOMEM. */
status keyfile_put(const struct secp_key *key, slice password, unsigned log_n,
                   const struct random_src *rnd, struct buf *out, struct err *reterr) MUST_USE;

#endif
