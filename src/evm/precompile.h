/* SPDX-License-Identifier: Apache-2.0 */
/* The contracts that every fork has built in, 0x01 to 0x11 and 0x100: which are there, what a call
 * costs, what it answers.
 *
 * Pure functions, safe from any thread. A build without blst has KZG (0x0a) and BLS12-381 (0x0b to
 * 0x11) too: precompile_is says so, but every call of them fails; it never succeeds as the call of
 * an empty account would. */
#ifndef EHRD_EVM_PRECOMPILE_H
#define EHRD_EVM_PRECOMPILE_H

#include "base/buf.h"
#include "evm/evm.h"

/* Cap for the output buffer: the identity contract may return its whole input. */
#define PRECOMPILE_OUTPUT_CAP ((size_t)1 << 32)
/* No rev has more. */
#define PRECOMPILE_MAX 18u

struct precompile_result {
    bool ok;          /* false: the call fails, all its gas is used up and there is no output */
    bool absent;      /* it failed because this build lacks it */
    int64_t gas_cost; /* when ok: what it takes, 0 <= gas_cost <= gas */
};

/* Is addr one of the precompiled contracts of rev? */
bool precompile_is(enum evm_rev rev, const addr20 *addr);

/* All of rev, lowest first (to be warm from the start of a transaction, EIP-2929).
 * Returns how many. */
size_t precompile_list(enum evm_rev rev, addr20 ret[PRECOMPILE_MAX]);

/* Call the contract addr, for which precompile_is holds.
 * input: any bytes, borrowed, not within out's storage. gas: what the call may spend, >= 0.
 * out: cleared first, then holds the output. Give it PRECOMPILE_OUTPUT_CAP and use it again for the
 * next call, so that calls need no allocation.
 * OK, whether the call succeeds or fails: *ret tells | E_NOMEM | E_INTERNAL: this machine's fault,
 * the result means nothing. */
status precompile_run(enum evm_rev rev, const addr20 *addr, slice input, int64_t gas,
                      struct buf *out, struct precompile_result *ret) MUST_USE;

/* Are KZG and BLS12-381 built in? */
bool precompile_has_blst(void);

#endif
