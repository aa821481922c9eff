/* SPDX-License-Identifier: Apache-2.0 */
/* Sign-in messages of ERC-4361 ("Sign-In with Ethereum"), as personal_sign signs them.
 *
 * Strict: the one form of the standard's ABNF, lines ended by LF, every field once and in order.
 * What a message means (whose domain, which nonces, how old) is the caller's to judge. */
#ifndef EHRD_CODEC_SIWE_H
#define EHRD_CODEC_SIWE_H

#include <stdbool.h>

#include "base/slice.h"
#include "base/status.h"

#define SIWE_MAX 4096u    /* bytes of a message */
#define SIWE_NONCE_MIN 8u /* letters and digits */

/* All slices borrow from the text that was read; an absent one has n == 0. Times: seconds since
 * 1970, fractions cut off; 0: absent. */
struct siwe {
    slice scheme; /* "https" of "https://example.org wants you …" */
    slice domain; /* RFC 3986 authority: host and port */
    addr20 address;
    slice statement;
    slice uri;
    uint64_t chain_id;
    slice nonce;
    uint64_t issued_at;
    uint64_t expiration_time;
    uint64_t not_before;
    slice request_id;
    unsigned resources; /* how many are named */
};

/* OK | E_TOO_LONG (over SIWE_MAX) | E_SYNTAX (the message names the line that is not as it must be)
 * | E_MISMATCH (checksum of the address, EIP-55). ret only on OK. */
status siwe_read(slice text, struct siwe *ret, struct err *reterr) MUST_USE;

/* Date and time of RFC 3339 from 1970 to 9999, with 'T' and an offset: "2026-11-29T22:48:41.5Z",
 * "…+01:00". A leap second counts as the one before. OK | E_SYNTAX. */
status rfc3339_read(slice text, uint64_t *ret_unix_s) MUST_USE;

#endif
