/* SPDX-License-Identifier: Apache-2.0 */
/* Bytecode: a revision, then code. The machine must end, never have more gas than it got, keep all
 * value in the world, leave nothing behind of a failed frame, and do the same when traced. */
#include <stdlib.h>

#include "../unit/evm/memhost.h"
#include "evm/trace.h"
#include "num/u256_alu.h"

#define GAS 50000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool ok)
{
    if (!ok)
        abort();
}

static u256 total(const struct memhost *m)
{
    u256 sum = {{0}};
    for (size_t i = 0; i < m->n_accounts; i++)
        sum = u256_wadd(sum, m->accounts[i].balance);
    return sum;
}

static void run(enum evm_rev rev, slice code, const struct evm_tracer *tracer,
                struct evm_result *ret)
{
    static const addr20 self = {{0xaa, [19] = 1}};
    static const addr20 other = {{[19] = 2}};
    static const uint8_t echo[] = {0x36, 0x3d, 0x3d, 0x37, 0x36, 0x3d, 0xf3};
    static struct memhost *m; /* kept: making one takes longer than most runs */
    struct evm_msg msg = {
        .gas = GAS, .recipient = self, .code_addr = self, .input = slice_first(code, 64)};
    if (m == NULL)
        m = memhost_new(rev);
    memhost_reset(m, rev);
    memhost_rev(m, rev, tracer);
    (void)memhost_put(m, self, u256_from_u64(1000), code);
    (void)memhost_put(m, other, u256_from_u64(7), slice_of(echo, sizeof echo));
    u256 before = total(m);
    memhost_run(m, &msg, ret);
    must(ret->status < EVM_STATUS_COUNT && ret->status != EVM_NO_MEMORY);
    must(ret->gas_left >= 0 && ret->gas_left <= GAS);
    must(ret->status <= EVM_REVERT || (ret->gas_left == 0 && ret->output.n == 0));
    must(ret->status == EVM_SUCCESS || (ret->gas_refund == 0 && m->n_undo == 0 && m->n_logs == 0));
    must(u256_eq(total(m), before));
    ret->output.p = NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct evm_result plain;
    struct evm_result traced;
    struct evm_trace trace;
    struct buf out;
    if (n < 1 || n > 4096)
        return 0;
    enum evm_rev rev = (enum evm_rev)(data[0] % EVM_REV_COUNT);
    run(rev, slice_of(data + 1, n - 1), NULL, &plain);
    buf_init(&out, (size_t)1 << 16);
    evm_trace_init(&trace, &out);
    run(rev, slice_of(data + 1, n - 1), &trace.tracer, &traced);
    status st = evm_trace_done(&trace);
    must(st == OK || st == E_TOO_LONG);
    buf_done(&out);
    must(plain.status == traced.status && plain.gas_left == traced.gas_left &&
         plain.gas_refund == traced.gas_refund && plain.output.n == traced.output.n);
    return 0;
}
