/* SPDX-License-Identifier: Apache-2.0 */
/* The digest of personal_sign (EIP-191, version 0x45). */
#ifndef EHRD_CODEC_EIP191_H
#define EHRD_CODEC_EIP191_H

#include "base/slice.h"

/* keccak256(0x19 "Ethereum Signed Message:\n" || decimal length || message) */
void eip191_digest(slice message, hash32 *ret);

#endif
