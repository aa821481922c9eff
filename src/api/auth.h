/* SPDX-License-Identifier: Apache-2.0 */
/* Signed requests: the Authorization header of docs/formats.md section 9 and its signature.
 *
 *     Ehrd signer=0x…,nonce=0x…,issued=1700000000,body=0x…,signature=0x…
 *
 * Pure: the caller supplies the time and remembers nonces. */
#ifndef EHRD_API_AUTH_H
#define EHRD_API_AUTH_H

#include "base/buf.h"
#include "base/slice.h"
#include "base/status.h"
#include "codec/netid.h"

#define AUTH_SKEW_S 120u      /* issued may differ from our clock by so much */
#define AUTH_HEADER_MAX 1024u /* bytes of the header's value */

struct auth_header {
    addr20 signer;
    hash32 nonce;
    uint64_t issued;
    hash32 body;
    uint8_t sig65[65];
};

/* What was signed beside the header's own fields; all borrowed. */
struct auth_target {
    slice origin;
    slice method;
    slice target; /* raw path and query */
};

/* Parse the value of the header. The five fields come once each, in this order, with nothing
 * between but the comma. OK | E_AUTH (another scheme, or malformed: the message names the field).
 */
status auth_header_read(slice value, struct auth_header *ret, struct err *reterr) MUST_USE;
/* Append the value of the header. */
status auth_header_put(const struct auth_header *h, struct buf *out) MUST_USE;

/* The EIP-712 digest that is signed. */
void auth_digest(const struct netid *net, const struct auth_target *t, const struct auth_header *h,
                 hash32 *ret);
/* Check time and signature. OK | E_EXPIRED | E_SIGNATURE. */
status auth_check(const struct netid *net, const struct auth_target *t, const struct auth_header *h,
                  uint64_t now, struct err *reterr) MUST_USE;

#endif
