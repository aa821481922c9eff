/* SPDX-License-Identifier: Apache-2.0 */
/* What several tests of instructions share: calls, creations, writes to storage, their gas, and a
 * block to read. */
#ifndef EHRD_TESTS_EVM_FRAMES_H
#define EHRD_TESTS_EVM_FRAMES_H

#include "asm.h"

/* code calls to with this value and gas; nothing in or out. The result is left on the stack. */
static inline void put_call(struct code *c, int op, addr20 to, int value, int64_t gas)
{
    CODE(c, N(0), N(0), N(0), N(0));
    if (op == OP_CALL || op == OP_CALLCODE)
        CODE(c, N(value));
    put_addr(c, to);
    put_num(c, (uint64_t)gas);
    put_op(c, (unsigned)op);
}

static inline int64_t call_gas(enum evm_rev rev, int op, addr20 to, int value, enum evm_status want)
{
    struct memhost *m = memhost_new(rev);
    struct code c = {0};
    struct evm_result r;
    put_call(&c, op, to, value, 0);
    (void)memhost_put(m, self, u256_from_u64(1000), SLICE_EMPTY);
    (void)memhost_put(m, other, u256_from_u64(1), SLICE_EMPTY);
    run(m, &c, &r);
    assert_ends(r, want);
    int64_t gas = 1000000 - r.gas_left - 3 * (op == OP_CALL || op == OP_CALLCODE ? 7 : 6);
    memhost_free(m);
    return gas;
}

/* Code that creates from init code (at most 32 bytes) and returns what CREATE left. */
static inline void put_create(struct code *c, const struct code *init, int op)
{
    uint8_t word[32] = {0};
    memcpy(word, init->b, init->n);
    put_push(c, u256_from_be(word));
    CODE(c, N(0), OP_MSTORE);
    if (op == OP_CREATE2)
        CODE(c, N(0x55));
    CODE(c, N((int)init->n), N(0), N(0), op);
}

/* Init code that returns n bytes, the first being this. */
static inline struct code init_returning(int first, int n)
{
    struct code c = {0};
    CODE(&c, N(first), N(0), OP_MSTORE8, N(n), N(0), OP_RETURN);
    return c;
}

static inline u256 created(enum evm_rev rev, const struct code *init, int op)
{
    struct memhost *m = memhost_new(rev);
    struct code c = {0};
    put_create(&c, init, op);
    CODE(&c, RETURN_TOP);
    (void)memhost_put(m, self, u256_from_u64(1), SLICE_EMPTY);
    struct evm_result r;
    run_gas(m, &c, 10000000, &r);
    assert_ends(r, EVM_SUCCESS);
    u256 a = u256_from_be(r.output.p);
    memhost_free(m);
    return a;
}

/* Write each digit of values to slot 0 in turn, the slot holding original before. Gas without the
 * pushes, and the refund. */
static inline void metered(enum evm_rev rev, uint64_t original, const char *values,
                           int64_t *ret_gas, int64_t *ret_refund)
{
    struct memhost *m = memhost_new(rev);
    struct code c = {0};
    struct evm_result r;
    memhost_storage_put(m, self, u256_from_u64(0), u256_from_u64(original));
    for (const char *v = values; *v != '\0'; v++)
        CODE(&c, N(*v - '0'), N(0), OP_SSTORE);
    run(m, &c, &r);
    assert_ends(r, EVM_SUCCESS);
    *ret_gas = 1000000 - r.gas_left - 6 * (int64_t)strlen(values);
    *ret_refund = r.gas_refund;
    memhost_free(m);
}

struct write_row {
    uint64_t original;
    const char *values;
    int64_t gas;
    int64_t refund;
};

static inline void check_writes(enum evm_rev rev, const struct write_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int64_t gas;
        int64_t refund;
        metered(rev, rows[i].original, rows[i].values, &gas, &refund);
        if (gas != rows[i].gas || refund != rows[i].refund)
            fail_msg("%s: %d -> %s: %d gas, refund %d, want %d, %d", evm_rev_name(rev),
                     (int)rows[i].original, rows[i].values, (int)gas, (int)refund, (int)rows[i].gas,
                     (int)rows[i].refund);
    }
}
#define CHECK_WRITES(rev, rows) check_writes((rev), (rows), sizeof(rows) / sizeof(rows)[0])

/* A world whose block and transaction are told apart by their numbers. */
static inline struct memhost *world(enum evm_rev rev)
{
    struct memhost *m = memhost_new(rev);
    static const hash32 blobs[2] = {{{1, [31] = 0xb0}}, {{1, [31] = 0xb1}}};
    m->block = (struct evm_block){.coinbase = {{0xc0}},
                                  .number = 1000,
                                  .timestamp = 1700000000,
                                  .gas_limit = 30000000,
                                  .prev_randao = {{11, 0, 0, 7}},
                                  .base_fee = {{8}},
                                  .blob_base_fee = {{9}},
                                  .chain_id = {{1337}}};
    m->tx = (struct evm_tx){
        .origin = {{0x0a}}, .gas_price = {{12}}, .blob_hashes = blobs, .n_blob_hashes = 2};
    (void)memhost_put(m, self, u256_from_u64(555), SLICE_EMPTY);
    return m;
}

#endif
