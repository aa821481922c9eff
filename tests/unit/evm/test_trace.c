/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-3155 traces: lines, costs of calls, faults, a full buffer; the traced loop does what the
 * plain one does. */
#include "asm.h"

#include "evm/trace.h"

struct world {
    struct memhost *m;
    struct evm_trace trace;
    struct buf out;
};

static void begin(struct world *w, size_t cap)
{
    w->m = memhost_new(EVM_OSAKA);
    buf_init(&w->out, cap);
    evm_trace_init(&w->trace, &w->out);
    memhost_rev(w->m, EVM_OSAKA, &w->trace.tracer);
}

static void end(struct world *w)
{
    buf_done(&w->out);
    memhost_free(w->m);
}

static void writes_a_line_for_each_instruction(void **state)
{
    (void)state;
    struct world w;
    struct code c = {0};
    begin(&w, 1 << 20);
    CODE(&c, N(3), N(4), OP_ADD, N(0), OP_MSTORE);
    struct evm_result r;
    run_gas(w.m, &c, 100, &r);
    assert_status(evm_trace_done(&w.trace), OK);
    assert_slice(
        buf_slice(&w.out),
        slice_str(
            "{\"pc\":0,\"op\":96,\"opName\":\"PUSH1\",\"gas\":\"0x64\",\"memSize\":0,\"depth\":1,"
            "\"refund\":0,\"stack\":[],\"gasCost\":\"0x3\"}\n"
            "{\"pc\":2,\"op\":96,\"opName\":\"PUSH1\",\"gas\":\"0x61\",\"memSize\":0,\"depth\":1,"
            "\"refund\":0,\"stack\":[\"0x3\"],\"gasCost\":\"0x3\"}\n"
            "{\"pc\":4,\"op\":1,\"opName\":\"ADD\",\"gas\":\"0x5e\",\"memSize\":0,\"depth\":1,"
            "\"refund\":0,\"stack\":[\"0x3\",\"0x4\"],\"gasCost\":\"0x3\"}\n"
            "{\"pc\":5,\"op\":96,\"opName\":\"PUSH1\",\"gas\":\"0x5b\",\"memSize\":0,\"depth\":1,"
            "\"refund\":0,\"stack\":[\"0x7\"],\"gasCost\":\"0x3\"}\n"
            "{\"pc\":7,\"op\":82,\"opName\":\"MSTORE\",\"gas\":\"0x58\",\"memSize\":0,\"depth\":1,"
            "\"refund\":0,\"stack\":[\"0x7\",\"0x0\"],\"gasCost\":\"0x6\"}\n"
            "{\"pc\":8,\"op\":0,\"opName\":\"STOP\",\"gas\":\"0x52\",\"memSize\":32,\"depth\":1,"
            "\"refund\":0,\"stack\":[],\"gasCost\":\"0x0\"}\n"));
    end(&w);
}

static size_t count(struct buf *out, const char *what)
{
    size_t n = 0;
    for (const char *at = buf_cstr(out); (at = strstr(at, what)) != NULL; at++)
        n++;
    return n;
}

/* The gas given to the callee is part of the cost, and the line comes before the callee's. */
static void a_call_is_told_before_its_callee(void **state)
{
    (void)state;
    struct world w;
    struct code c = {0};
    struct evm_result r;
    begin(&w, 1 << 20);
    (void)memhost_put(w.m, other, u256_from_u64(0), SLICE_LIT("\x5b\x00"));
    CODE(&c, N(0), N(0), N(0), N(0), N(0));
    put_addr(&c, other);
    CODE(&c, N(1000), OP_CALL);
    run(w.m, &c, &r);
    assert_status(evm_trace_done(&w.trace), OK);
    const char *text = buf_cstr(&w.out);
    const char *call = strstr(text, "\"gasCost\":\"0xe10\"}"); /* 2600 + 1000 */
    assert_non_null(call);
    assert_ptr_equal(strstr(call, "{\"pc\":0,\"op\":91"), strchr(call, '\n') + 1);
    assert_int_equal(count(&w.out, "\"depth\":2"), 2);
    assert_int_equal(count(&w.out, "\n"), 11);
    end(&w);
}

static void a_fault_is_named(void **state)
{
    (void)state;
    struct world w;
    struct code c = {0};
    struct evm_result r;
    begin(&w, 1 << 20);
    CODE(&c, N(1), OP_ADD);
    run(w.m, &c, &r);
    assert_int_equal(count(&w.out, "\"error\":\"stack underflow\""), 1);
    end(&w);
}

static void a_full_buffer_cuts_the_trace_at_a_line(void **state)
{
    (void)state;
    struct world w;
    struct code c = {0};
    struct evm_result r;
    begin(&w, 300);
    CODE(&c, OP_JUMPDEST, N(0), OP_JUMP);
    run(w.m, &c, &r);
    assert_ends(r, EVM_OUT_OF_GAS);
    assert_status(evm_trace_done(&w.trace), E_TOO_LONG);
    assert_int_equal(w.out.p[w.out.n - 1], '\n');
    end(&w);
}

static void run_once(const struct code *c, const struct evm_tracer *tracer, struct evm_result *r)
{
    struct memhost *m = memhost_new(EVM_OSAKA);
    memhost_rev(m, EVM_OSAKA, tracer);
    run_gas(m, c, 50000, r);
    memhost_free(m);
}

/* Random bytes: both loops end the same way. */
static void tracing_changes_nothing(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int i = 0; i < 1000; i++) {
        struct code c = {0};
        struct evm_result plain;
        struct evm_result traced;
        struct evm_trace trace;
        struct buf out;
        for (int k = 0; k < 60; k++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            put_op(&c, k < 20 ? OP_PUSH1 : (unsigned)(seed >> 33) & 0xff);
        }
        buf_init(&out, 1 << 26);
        evm_trace_init(&trace, &out);
        run_once(&c, NULL, &plain);
        run_once(&c, &trace.tracer, &traced);
        assert_status(evm_trace_done(&trace), OK);
        buf_done(&out);
        assert_ends(traced, plain.status);
        assert_int_equal(traced.gas_left, plain.gas_left);
        assert_int_equal(traced.output.n, plain.output.n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_a_line_for_each_instruction),
        cmocka_unit_test(a_call_is_told_before_its_callee),
        cmocka_unit_test(a_fault_is_named),
        cmocka_unit_test(a_full_buffer_cuts_the_trace_at_a_line),
        cmocka_unit_test(tracing_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
