/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of precompiled contracts: first byte the fork, second the contract, then the input. Costs
 * stay within the gas, the same call gives the same answer, and a failed one gives no output. */
#include <stdlib.h>

#include "evm/precompile.h"

#define GAS 400000 /* keeps a call below some ten milliseconds */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct precompile_result first, again;
    struct buf out, out2;
    addr20 list[PRECOMPILE_MAX];
    if (size < 2)
        return 0;
    enum evm_rev rev = (enum evm_rev)(data[0] % EVM_REV_COUNT);
    const addr20 *a = &list[data[1] % precompile_list(rev, list)];
    slice in = slice_of(data + 2, size - 2);
    buf_init(&out, PRECOMPILE_OUTPUT_CAP);
    buf_init(&out2, PRECOMPILE_OUTPUT_CAP);
    must(precompile_is(rev, a));
    must(precompile_run(rev, a, in, GAS, &out, &first) == OK);
    if (first.ok) {
        must(first.gas_cost >= 0 && first.gas_cost <= GAS);
        must(precompile_run(rev, a, in, first.gas_cost, &out2, &again) == OK);
        must(again.ok && again.gas_cost == first.gas_cost);
        must(slice_eq(buf_slice(&out), buf_slice(&out2)));
    } else {
        must(out.n == 0);
    }
    buf_done(&out);
    buf_done(&out2);
    return 0;
}
