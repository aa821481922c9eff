/* SPDX-License-Identifier: Apache-2.0 */
/* Gas of a batch. */
#include "relay/cost.h"

#include "codec/abi.h"

#define TX_GAS_MAX 16777216u /* EIP-7825 */
#define OUTER 80000u         /* intrinsic gas and the forwarder's loop */
#define OUTER_EACH 60000u    /* checks, nonce and event of one request */
#define OUTER_BYTE 40u       /* of calldata, by the floor of EIP-7623 */
#define SIG_BYTES ((size_t)3 * ABI_WORD)

/* Of one: from, to, value, gas, deadline, two offsets; two lengths and what they are of. */
static size_t tuple_bytes(const struct relay_request *r)
{
    return (7 + 2) * (size_t)ABI_WORD + (r->data.n + ABI_WORD - 1) / ABI_WORD * ABI_WORD +
           SIG_BYTES;
}

size_t cost_calldata(const struct relay_request *reqs, size_t n)
{
    if (n == 1)
        return 4 + (size_t)ABI_WORD + tuple_bytes(&reqs[0]);
    size_t bytes = 4 + (size_t)3 * ABI_WORD; /* offset and length of the list, refund receiver */
    for (size_t i = 0; i < n; i++)
        bytes += ABI_WORD + tuple_bytes(&reqs[i]);
    return bytes;
}

/* The forwarder hands each call its signed gas and refuses to go on with less than 1/63 of it
 * (EIP-150), so the limit covers that part too. */
static uint64_t added_by(const struct relay_request *r)
{
    return r->gas + r->gas / 32 + OUTER_EACH + OUTER_BYTE * (ABI_WORD + tuple_bytes(r));
}

uint64_t cost_gas(const struct relay_request *reqs, size_t n)
{
    uint64_t gas = OUTER + OUTER_EACH * n + OUTER_BYTE * cost_calldata(reqs, n);
    for (size_t i = 0; i < n; i++)
        gas += reqs[i].gas + reqs[i].gas / 32;
    return gas > TX_GAS_MAX ? TX_GAS_MAX : gas;
}

void cost_parts(const struct relay_request *reqs, size_t n, uint64_t ret_parts[RELAY_BATCH_MAX])
{
    uint64_t whole = cost_gas(reqs, n);
    uint64_t added = 0;
    for (size_t i = 0; i < n; i++)
        added += added_by(&reqs[i]);
    /* whole < 2^25 and each summand < 2^25: below 2^50 */
    for (size_t i = 0; i < n; i++)
        ret_parts[i] = (whole * added_by(&reqs[i]) + added - 1) / added;
}
