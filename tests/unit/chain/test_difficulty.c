/* SPDX-License-Identifier: Apache-2.0 */
/* Difficulty of blocks before the merge: every case of ethereum/tests BasicTests/difficulty*. */
#include "chain/block.h"
#include "unit/codec/vectors.h"

#define ARCHIVE "vectors/ethereum/ethereum-tests-BasicTests.tar.xz"

struct fork {
    uint64_t from;
    enum evm_rev rev;
    uint64_t bomb_delay;
};

/* Until the blocks that the cases reach. */
static const struct fork main_network[] = {
    {0, EVM_FRONTIER, 0}, {1150000, EVM_HOMESTEAD, 0}, {4370000, EVM_BYZANTIUM, 3000000}};
static const struct fork ropsten[] = {{0, EVM_HOMESTEAD, 0},
                                      {1700000, EVM_BYZANTIUM, 3000000},
                                      {4230000, EVM_CONSTANTINOPLE, 5000000}};
static const struct fork homestead[] = {{0, EVM_HOMESTEAD, 0}};

/* Numbers of the suite are decimal, or hexadecimal with leading zeros. */
static u256 number(struct json test, const char *key)
{
    slice text = vectors_str(test, key);
    u256 v = {{0}};
    bool hex = slice_has_prefix(text, SLICE_LIT("0x"));
    for (size_t i = hex ? 2 : 0; i < text.n; i++) {
        uint8_t c = text.p[i] | 0x20;
        uint64_t digit = c >= 'a' ? c - 'a' + 10u : c - (unsigned)'0';
        assert_true(digit < (hex ? 16 : 10));
        assert_true(u256_mul_u64(v, hex ? 16 : 10, &v));
        assert_true(u256_add(v, u256_from_u64(digit), &v));
    }
    return v;
}

static uint64_t short_number(struct json test, const char *key)
{
    u256 v = number(test, key);
    assert_true(u256_fits_u64(v));
    return v.w[0];
}

static void check_case(struct json test, const struct fork *forks, size_t n)
{
    struct block_header parent = {.number = short_number(test, "currentBlockNumber") - 1,
                                  .timestamp = short_number(test, "parentTimestamp"),
                                  .difficulty = number(test, "parentDifficulty")};
    struct chain_rules r = {.rev = forks[0].rev, .bomb_delay = forks[0].bomb_delay};
    for (size_t i = 1; i < n && forks[i].from <= parent.number + 1; i++) {
        r.rev = forks[i].rev;
        r.bomb_delay = forks[i].bomb_delay;
    }
    if (!json_is_absent(json_get(test, "parentUncles")))
        assert_int_equal(json_hex_hash(json_get(test, "parentUncles"), &parent.uncles, NULL), OK);
    u256 got = block_difficulty(&r, &parent, short_number(test, "currentTimestamp"));
    assert_true(u256_eq(got, number(test, "currentDifficulty")));
}

static void every_official_case_holds(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        const struct fork *forks;
        size_t n_forks;
        size_t cases;
    } files[] = {{"difficulty", main_network, 3, 14},
                 {"difficultyMainNetwork", main_network, 3, 2254},
                 {"difficultyCustomMainNetwork", main_network, 3, 360},
                 {"difficultyCustomHomestead", homestead, 1, 120},
                 {"difficultyRopsten", ropsten, 3, 2254}};
    char archive[4096];
    char dir[64];
    size_t all = 0;
    fixture_or_skip(ARCHIVE, archive, sizeof archive);
    vectors_unpack(archive, dir, sizeof dir);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct vector_file f;
        char path[128];
        size_t n = 0;
        (void)snprintf(path, sizeof path, "BasicTests/%s.json", files[i].file);
        for (struct json_iter it = json_iter(vectors_open(&f, dir, path)); json_next(&it); n++)
            check_case(it.value, files[i].forks, files[i].n_forks);
        assert_int_equal(n, files[i].cases);
        all += n;
        vectors_close(&f);
    }
    vectors_remove(dir);
    print_message("difficulty: %zu cases\n", all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_official_case_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
