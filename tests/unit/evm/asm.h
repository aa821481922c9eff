/* SPDX-License-Identifier: Apache-2.0 */
/* Short code for tests: a builder of bytecode and a world of one contract that runs it. */
#ifndef EHRD_TESTS_EVM_ASM_H
#define EHRD_TESTS_EVM_ASM_H

#include "../../test.h"

#include "evm/opcode.h"
#include "memhost.h"

struct code {
    uint8_t b[1024];
    size_t n;
};

static inline void put_op(struct code *c, unsigned op)
{
    assert_true(c->n < sizeof c->b);
    c->b[c->n++] = (uint8_t)op;
}

/* The shortest PUSH that holds v (PUSH1 at least). */
static inline void put_push(struct code *c, u256 v)
{
    uint8_t be[32];
    size_t n = u256_byte_len(v);
    n = n == 0 ? 1 : n;
    u256_to_be(v, be);
    put_op(c, (unsigned)(OP_PUSH1 + n - 1));
    for (size_t i = 32 - n; i < 32; i++)
        put_op(c, be[i]);
}

static inline void put_num(struct code *c, uint64_t v)
{
    put_push(c, u256_from_u64(v));
}

/* Opcodes and numbers: N(5) pushes 5; anything else is an opcode. Ends with END. */
#define N(v) (0x1000000 + (v))
#define END (-1)
static inline void put_all(struct code *c, const int *ops)
{
    for (; *ops != END; ops++) {
        if (*ops >= N(0))
            put_num(c, (uint64_t)(*ops - N(0)));
        else
            put_op(c, (unsigned)*ops);
    }
}
#define CODE(c, ...) put_all((c), (const int[]){__VA_ARGS__, END})
/* Return the word on top of the stack. */
#define RETURN_TOP N(0), OP_MSTORE, N(32), N(0), OP_RETURN

static const addr20 self = {{0xaa, [19] = 1}};
static const addr20 other = {{0xbb, [19] = 2}};
static const addr20 third = {{0xcc, [19] = 3}};
static const addr20 caller = {{0xee, [19] = 9}};

static inline slice code_slice(const struct code *c)
{
    return slice_of(c->b, c->n);
}

static inline u256 addr_word(addr20 a)
{
    uint8_t be[32] = {0};
    memcpy(be + 12, a.b, 20);
    return u256_from_be(be);
}

static inline void put_addr(struct code *c, addr20 a)
{
    put_push(c, addr_word(a));
}

/* Run code as self, called by caller with this gas. */
static inline void run_gas(struct memhost *m, const struct code *c, int64_t gas,
                           struct evm_result *r)
{
    struct evm_msg msg = {.gas = gas, .recipient = self, .code_addr = self, .sender = caller};
    struct mem_account *a = memhost_find(m, &self);
    (void)memhost_put(m, self, a != NULL ? a->balance : u256_from_u64(0), code_slice(c));
    memhost_run(m, &msg, r);
}

static inline void run(struct memhost *m, const struct code *c, struct evm_result *r)
{
    run_gas(m, c, 1000000, r);
}

/* The word that code returns. */
static inline u256 run_word(struct memhost *m, const struct code *c)
{
    struct evm_result r;
    run(m, c, &r);
    assert_string_equal(evm_status_text(r.status), "success");
    assert_int_equal(r.output.n, 32);
    return u256_from_be(r.output.p);
}

static inline void assert_word(u256 got, u256 want)
{
    char a[U256_HEX_MAX];
    char b[U256_HEX_MAX];
    (void)u256_hex(got, a);
    (void)u256_hex(want, b);
    assert_string_equal(a, b);
}

#define assert_ends(r, want) assert_string_equal(evm_status_text((r).status), evm_status_text(want))

/* Gas that code uses, all of it, in this revision. */
static inline int64_t gas_of(enum evm_rev rev, const struct code *c, enum evm_status want)
{
    struct evm_result r;
    struct memhost *m = memhost_new(rev);
    run(m, c, &r);
    assert_ends(r, want);
    int64_t gas = 1000000 - r.gas_left;
    memhost_free(m);
    return gas;
}

#endif
