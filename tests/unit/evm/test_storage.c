/* SPDX-License-Identifier: Apache-2.0 */
/* SLOAD and SSTORE: EIP-1283, 1884, 2200, 2929, 3529, and EIP-1153. */
#include "asm.h"

/* Write each digit of values to slot 0 in turn, the slot holding original before. Gas without the
 * pushes, and the refund. */
static void metered(enum evm_rev rev, uint64_t original, const char *values, int64_t *ret_gas,
                    int64_t *ret_refund)
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

struct row {
    uint64_t original;
    const char *values;
    int64_t gas;
    int64_t refund;
};

static void check(enum evm_rev rev, const struct row *rows, size_t n)
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
#define CHECK(rev, rows) check((rev), (rows), sizeof(rows) / sizeof(rows)[0])

static void gross_metering_sees_only_the_present_value(void **state)
{
    (void)state;
    static const struct row rows[] = {{0, "0", 5000, 0},       {0, "1", 20000, 0},
                                      {1, "0", 5000, 15000},   {1, "1", 5000, 0},
                                      {0, "10", 25000, 15000}, {1, "01", 25000, 15000}};
    CHECK(EVM_FRONTIER, rows);
    CHECK(EVM_BYZANTIUM, rows);
    CHECK(EVM_PETERSBURG, rows); /* EIP-1716 took EIP-1283 out again */
}

/* The table of EIP-1283 */
static void net_metering_of_constantinople(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {0, "00", 400, 0},        {0, "01", 20200, 0},      {0, "10", 20200, 19800},
        {0, "12", 20200, 0},      {0, "11", 20200, 0},      {1, "00", 5200, 15000},
        {1, "01", 5200, 4800},    {1, "02", 5200, 0},       {1, "20", 5200, 15000},
        {1, "23", 5200, 0},       {1, "21", 5200, 4800},    {1, "22", 5200, 0},
        {1, "10", 5200, 15000},   {1, "12", 5200, 0},       {1, "11", 400, 0},
        {0, "101", 40200, 19800}, {1, "010", 10200, 19800},
    };
    CHECK(EVM_CONSTANTINOPLE, rows);
}

/* The table of EIP-2200 */
static void net_metering_of_istanbul(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {0, "00", 1600, 0},       {0, "01", 20800, 0},      {0, "10", 20800, 19200},
        {0, "12", 20800, 0},      {0, "11", 20800, 0},      {1, "00", 5800, 15000},
        {1, "01", 5800, 4200},    {1, "02", 5800, 0},       {1, "20", 5800, 15000},
        {1, "23", 5800, 0},       {1, "21", 5800, 4200},    {1, "22", 5800, 0},
        {1, "10", 5800, 15000},   {1, "12", 5800, 0},       {1, "11", 1600, 0},
        {0, "101", 40800, 19200}, {1, "010", 10800, 19200},
    };
    CHECK(EVM_ISTANBUL, rows);
}

/* EIP-2929: the same, 2100 more for the first access; 2900 to change. */
static void net_metering_of_berlin(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {0, "0", 2200, 0},     {0, "1", 22100, 0},    {1, "0", 5000, 15000},
        {1, "2", 5000, 0},     {1, "1", 2200, 0},     {0, "10", 22200, 19900},
        {1, "01", 5100, 2800}, {1, "21", 5100, 2800}, {0, "101", 42200, 19900},
    };
    CHECK(EVM_BERLIN, rows);
}

/* The table of EIP-3529 */
static void refunds_of_london(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {0, "00", 2300, 0},     {0, "01", 22200, 0},   {0, "10", 22200, 19900},
        {0, "12", 22200, 0},    {1, "00", 5100, 4800}, {1, "01", 5100, 2800},
        {1, "02", 5100, 0},     {1, "20", 5100, 4800}, {1, "23", 5100, 0},
        {1, "21", 5100, 2800},  {1, "10", 5100, 4800}, {0, "101", 42200, 19900},
        {1, "010", 8000, 7600},
    };
    CHECK(EVM_LONDON, rows);
    CHECK(EVM_OSAKA, rows);
}

/* EIP-2200: not with the stipend alone */
static void sstore_needs_more_than_the_stipend(void **state)
{
    (void)state;
    struct memhost *m = memhost_new(EVM_ISTANBUL);
    struct code c = {0};
    struct evm_result r;
    CODE(&c, N(0), N(0), OP_SSTORE);
    run_gas(m, &c, 6 + 2300, &r);
    assert_ends(r, EVM_OUT_OF_GAS);
    run_gas(m, &c, 6 + 2301, &r);
    assert_ends(r, EVM_SUCCESS);
    memhost_free(m);
}

static int64_t sload_gas(enum evm_rev rev, int times)
{
    struct code c = {0};
    for (int i = 0; i < times; i++)
        CODE(&c, N(5), OP_SLOAD);
    return gas_of(rev, &c, EVM_SUCCESS) - 3 * times;
}

static void sload_costs_more_with_every_fork_until_berlin(void **state)
{
    (void)state;
    static const struct {
        enum evm_rev rev;
        int64_t once;
        int64_t twice;
    } rows[] = {{EVM_FRONTIER, 50, 100},   {EVM_TANGERINE, 200, 400}, {EVM_PETERSBURG, 200, 400},
                {EVM_ISTANBUL, 800, 1600}, {EVM_BERLIN, 2100, 2200},  {EVM_OSAKA, 2100, 2200}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(sload_gas(rows[i].rev, 1), rows[i].once);
        assert_int_equal(sload_gas(rows[i].rev, 2), rows[i].twice);
    }
}

static void a_store_is_read_back(void **state)
{
    (void)state;
    struct memhost *m = memhost_new(EVM_OSAKA);
    struct code c = {0};
    CODE(&c, N(77), N(3), OP_SSTORE, N(3), OP_SLOAD, RETURN_TOP);
    assert_word(run_word(m, &c), u256_from_u64(77));
    assert_word(memhost_storage(m, self, u256_from_u64(3)), u256_from_u64(77));
    memhost_free(m);
}

/* EIP-1153 */
static void transient_storage_lives_as_long_as_the_transaction(void **state)
{
    (void)state;
    struct memhost *m = memhost_new(EVM_CANCUN);
    struct code set = {0};
    struct code get = {0};
    CODE(&set, N(9), N(1), OP_TSTORE, N(1), OP_TLOAD, RETURN_TOP);
    CODE(&get, N(1), OP_TLOAD, RETURN_TOP);
    assert_word(run_word(m, &set), u256_from_u64(9));
    assert_word(run_word(m, &get), u256_from_u64(0));
    assert_int_equal(gas_of(EVM_CANCUN, &set, EVM_SUCCESS), 2 * 3 + 100 + 3 + 100 + 15);
    assert_int_equal(gas_of(EVM_SHANGHAI, &set, EVM_UNDEFINED), 1000000);
    memhost_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gross_metering_sees_only_the_present_value),
        cmocka_unit_test(net_metering_of_constantinople),
        cmocka_unit_test(net_metering_of_istanbul),
        cmocka_unit_test(net_metering_of_berlin),
        cmocka_unit_test(refunds_of_london),
        cmocka_unit_test(sstore_needs_more_than_the_stipend),
        cmocka_unit_test(sload_costs_more_with_every_fork_until_berlin),
        cmocka_unit_test(a_store_is_read_back),
        cmocka_unit_test(transient_storage_lives_as_long_as_the_transaction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
