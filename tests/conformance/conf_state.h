/* SPDX-License-Identifier: Apache-2.0 */
/* Values, accounts and rules as the JSON of the official suites has them. */
#ifndef EHRD_TESTS_CONF_STATE_H
#define EHRD_TESTS_CONF_STATE_H

#include "chain/rules.h"
#include "chain/state.h"
#include "codec/json.h"

/* "0x" and up to 64 digits after leading zeros, "0x" alone being 0.
 * OK | E_MISSING | E_TYPE | E_SYNTAX | E_RANGE. */
status conf_u256(struct json v, u256 *ret, struct err *reterr) MUST_USE;
/* Also E_RANGE from 2^64 on. */
status conf_u64(struct json v, uint64_t *ret, struct err *reterr) MUST_USE;
/* def when v is absent. */
status conf_u256_or(struct json v, u256 def, u256 *ret, struct err *reterr) MUST_USE;
status conf_u64_or(struct json v, uint64_t def, uint64_t *ret, struct err *reterr) MUST_USE;
/* A word as address, of 20 bytes with or without leading zeros. */
status conf_addr(slice text, addr20 *ret, struct err *reterr) MUST_USE;

/* Put the accounts of {address: {balance, nonce, code, storage}} into the state, and keep them. */
status conf_state_load(struct state *st, struct json alloc, struct err *reterr) MUST_USE;
/* The first difference between the state and alloc in words; false if there is none in what alloc
 * names. */
bool conf_state_differs(struct state *st, struct json alloc, char *out, size_t n);

/* Chain id and blob schedule out of the member "config" of a test; those of the main network where
 * it says nothing. fork: whose schedule. */
status conf_rules(struct json config, slice fork, enum evm_rev rev, struct chain_rules *ret,
                  struct err *reterr) MUST_USE;

/* Does the suite's expectation, alternatives with |, allow this reason? found is the name in EEST's
 * words without its class. */
bool conf_exception_matches(slice expected, const char *found);

#endif
