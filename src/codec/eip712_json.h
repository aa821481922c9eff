/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-712 digests of any typed data as wallets get it: {types, primaryType, domain, message}. */
#ifndef EHRD_CODEC_EIP712_JSON_H
#define EHRD_CODEC_EIP712_JSON_H

#include "codec/json.h"

#define EIP712_DEPTH 32u /* structs within structs */

/* What eth_signTypedData_v4 signs. The members of EIP712Domain may be left out of types: then those
 * of the domain are taken, in the standard's order. ret: keccak256(0x19 01 || domain || message).
 * OK | E_MISSING | E_TYPE | E_SYNTAX | E_RANGE (a value its type cannot hold) | E_UNSUPPORTED (an
 * unknown type) | E_TOO_DEEP | E_NOMEM. */
status eip712_json_digest(struct json typed, struct arena *a, hash32 *ret,
                          struct err *reterr) MUST_USE;

#endif
