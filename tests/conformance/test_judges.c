/* SPDX-License-Identifier: Apache-2.0 */
/* The runners judged by tests made here: what is right passes, each thing that is wrong fails, and
 * requests that make no sense are refused. */
#include "test.h"

#include <unistd.h>

#include "blocktest.h"
#include "chain/receipt.h"
#include "codec/rlp.h"
#include "codec/tx.h"
#include "conf_state.h"
#include "crypto/keccak.h"
#include "statetest.h"
#include "tmpdir.h"
#include "trie/header.h"

#define GAS_PRICE 10u
#define FUNDS 1000000000u
#define VALUE 7u

static char dir[256];

/* Write text to dir/name. Returns the path, valid until the next call. */
static char *put_file(const char *name, const char *text)
{
    static char path[512];
    struct err err;
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_ok(file_replace(path, slice_str(text), 0600, &err), &err);
    return path;
}

/* Exit code of a runner with these arguments (NULL ends them); what it prints is thrown away. */
static int run(const struct conf_suite *suite, char *a, char *b, char *c)
{
    char name[] = "runner";
    char *argv[] = {name, a, b, c, NULL};
    int argc = a == NULL ? 1 : b == NULL ? 2 : c == NULL ? 3 : 4;
    (void)fflush(stdout);
    (void)fflush(stderr);
    int out = dup(1);
    int err = dup(2);
    assert_non_null(freopen("/dev/null", "w", stdout));
    assert_non_null(freopen("/dev/null", "w", stderr));
    int rc = conf_main(argc, argv, suite);
    (void)fflush(stdout);
    (void)fflush(stderr);
    assert_true(dup2(out, 1) >= 0 && dup2(err, 2) >= 0);
    (void)close(out);
    (void)close(err);
    return rc;
}

static int run_one(const struct conf_suite *suite, char *path)
{
    return run(suite, path, NULL, NULL);
}

/* --- a state test: VALUE wei from the key 0x46… to the account 0x…aa ------------------------- */

struct parts {
    const char *fork;
    const char *exception; /* NULL: none */
    bool wrong_root;
    bool wrong_logs;
};

static addr20 sender(void)
{
    struct secp_key key;
    addr20 a;
    memset(key.b, 0x46, sizeof key.b);
    assert_int_equal(secp_key_addr(&key, &a), OK);
    return a;
}

static void sign(struct buf *raw)
{
    struct secp_key key;
    struct tx t = {.type = TX_LEGACY, .has_chain_id = true, .chain_id = 1, .gas = 21000};
    memset(key.b, 0x46, sizeof key.b);
    t.max_fee = u256_from_u64(GAS_PRICE);
    t.value = u256_from_u64(VALUE);
    t.to.b[19] = 0xaa;
    assert_int_equal(tx_sign(&t, &key), OK);
    assert_int_equal(tx_put_raw(&t, raw), OK);
}

/* Balances as they must be, written down without executing anything. London: the base fee of 10
 * leaves nothing for the miner. */
static hash32 expected_root(void)
{
    struct code_cache codes;
    struct state st;
    hash32 root;
    const addr20 to = {.b = {[19] = 0xaa}};
    const addr20 from = sender();
    code_cache_init(&codes);
    state_init(&st, NULL, &codes);
    struct account *a = state_account(&st, &from);
    state_set_balance(&st, a, u256_from_u64(FUNDS - VALUE - 21000 * GAS_PRICE));
    state_set_nonce(&st, a, 1);
    state_set_balance(&st, state_account(&st, &to), u256_from_u64(VALUE));
    assert_int_equal(state_root(&st, &root), OK);
    state_done(&st);
    code_cache_done(&codes);
    return root;
}

static hash32 no_logs(void)
{
    hash32 h;
    keccak256(SLICE_LIT("\xc0"), &h);
    return h;
}

static char *state_file(struct parts p)
{
    static char text[4096];
    struct buf raw;
    char tx[600];
    char root[67];
    char logs[67];
    char from[43];
    hash32 r = expected_root();
    hash32 l = no_logs();
    addr20 a = sender();
    r.b[0] ^= p.wrong_root ? 1 : 0;
    l.b[0] ^= p.wrong_logs ? 1 : 0;
    buf_init(&raw, 256);
    sign(&raw);
    (void)snprintf(
        text, sizeof text,
        "{\"pays\":{\"env\":{\"currentCoinbase\":\"0x00000000000000000000000000000000000000bb\","
        "\"currentGasLimit\":\"0x989680\",\"currentNumber\":\"0x01\",\"currentTimestamp\":\"0x10\","
        "\"currentDifficulty\":\"0x20000\",\"currentBaseFee\":\"0x0a\"},"
        "\"pre\":{\"%s\":{\"balance\":\"0x3b9aca00\",\"nonce\":\"0x00\",\"code\":\"0x\","
        "\"storage\":{}}},\"transaction\":{},\"post\":{\"%s\":[{\"hash\":\"%s\",\"logs\":\"%s\","
        "\"txbytes\":\"%s\",\"indexes\":{\"data\":0,\"gas\":0,\"value\":0}%s%s%s}]}}}",
        hex_0x(slice_of(a.b, 20), from), p.fork, hex_0x(slice_of(r.b, 32), root),
        hex_0x(slice_of(l.b, 32), logs), hex_0x(buf_slice(&raw), tx),
        p.exception != NULL ? ",\"expectException\":\"" : "",
        p.exception != NULL ? p.exception : "", p.exception != NULL ? "\"" : "");
    buf_done(&raw);
    return put_file("state.json", text);
}

static void a_right_state_test_passes(void **state)
{
    (void)state;
    assert_int_equal(run_one(&statetest_suite, state_file((struct parts){.fork = "London"})), 0);
}

static void a_wrong_root_fails(void **state)
{
    (void)state;
    assert_int_equal(
        run_one(&statetest_suite, state_file((struct parts){"London", NULL, true, false})), 1);
}

static void a_wrong_logs_hash_fails(void **state)
{
    (void)state;
    assert_int_equal(
        run_one(&statetest_suite, state_file((struct parts){"London", NULL, false, true})), 1);
}

static void other_rules_than_those_named_fail(void **state)
{
    (void)state; /* before London the miner earns the base fee too */
    assert_int_equal(run_one(&statetest_suite, state_file((struct parts){.fork = "Berlin"})), 1);
}

static void a_refusal_that_does_not_come_fails(void **state)
{
    (void)state;
    struct parts p = {.fork = "London", .exception = "TransactionException.SENDER_NOT_EOA"};
    assert_int_equal(run_one(&statetest_suite, state_file(p)), 1);
}

static void a_post_of_an_unknown_fork_fails(void **state)
{
    (void)state;
    assert_int_equal(run_one(&statetest_suite, state_file((struct parts){.fork = "Utopia"})), 1);
}

static void filters_choose_cases_or_there_is_nothing_to_run(void **state)
{
    (void)state;
    char fork[] = "--fork";
    char london[] = "London";
    char berlin[] = "Berlin";
    char name[] = "--name";
    char pays[] = "pays";
    char other[] = "other";
    char *path = state_file((struct parts){.fork = "London"});
    assert_int_equal(run(&statetest_suite, path, fork, london), 0);
    assert_int_equal(run(&statetest_suite, path, fork, berlin), 2);
    assert_int_equal(run(&statetest_suite, path, name, pays), 0);
    assert_int_equal(run(&statetest_suite, path, name, other), 2);
}

static void an_unknown_fork_is_refused(void **state)
{
    (void)state;
    char fork[] = "--fork";
    char utopia[] = "Utopia";
    char *path = state_file((struct parts){.fork = "London"});
    assert_int_equal(run(&statetest_suite, path, fork, utopia), 2);
    assert_int_equal(run(&blocktest_suite, path, fork, utopia), 2);
}

static void files_that_are_no_test_fail(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "{", "[]", "{}", "{\"x\":1}", "{\"x\":{\"post\":{}}}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(run_one(&statetest_suite, put_file("bad.json", bad[i])), 1);
        assert_int_equal(run_one(&blocktest_suite, put_file("bad.json", bad[i])), 1);
    }
}

static void wrong_usage_is_refused(void **state)
{
    (void)state;
    char option[] = "--colour";
    char jobs[] = "-j";
    char none[] = "0";
    char nowhere[] = "/nonexistent/suite";
    char help[] = "--help";
    char *path = state_file((struct parts){.fork = "London"});
    assert_int_equal(run(&statetest_suite, NULL, NULL, NULL), 2);
    assert_int_equal(run(&statetest_suite, path, option, NULL), 2);
    assert_int_equal(run(&statetest_suite, path, jobs, none), 2);
    assert_int_equal(run(&statetest_suite, path, jobs, NULL), 2);
    assert_int_equal(run(&statetest_suite, nowhere, NULL, NULL), 2);
    assert_int_equal(run(&statetest_suite, help, NULL, NULL), 0);
}

static void a_folder_without_tests_is_refused(void **state)
{
    (void)state;
    char empty[300];
    (void)snprintf(empty, sizeof empty, "%s/empty", dir);
    assert_int_equal(file_mkdirs(empty, 0700, NULL), OK);
    assert_int_equal(run_one(&statetest_suite, empty), 2);
    (void)put_file("empty/notes.txt", "no test");
    assert_int_equal(run_one(&statetest_suite, empty), 2);
}

/* --- block tests: a genesis without accounts, and what follows it ---------------------------- */

static char *block_file(const char *block, const char *exception, bool wrong_head)
{
    static char text[8192];
    struct block_header h = {.fields = HEADER_FRONTIER, .gas_limit = 5000000};
    struct buf rlp;
    char genesis[2048];
    char head[67];
    hash32 hash;
    h.difficulty = u256_from_u64(131072);
    h.state_root = trie_empty_root;
    buf_init(&rlp, 1024);
    size_t mark;
    assert_int_equal(rlp_put_list_begin(&rlp, &mark), OK);
    assert_int_equal(header_put(&h, &rlp), OK);
    assert_int_equal(buf_put(&rlp, SLICE_LIT("\xc0\xc0")), OK);
    assert_int_equal(rlp_put_list_end(&rlp, mark), OK);
    assert_int_equal(header_hash(&h, &hash), OK);
    hash.b[0] ^= wrong_head ? 1 : 0;
    (void)snprintf(
        text, sizeof text,
        "{\"chain\":{\"network\":\"Homestead\",\"genesisRLP\":\"%s\",\"pre\":{},"
        "\"postState\":{},\"lastblockhash\":\"%s\",\"blocks\":[{\"rlp\":\"%s\"%s%s%s}]}}",
        hex_0x(buf_slice(&rlp), genesis), hex_0x(slice_of(hash.b, 32), head), block,
        exception != NULL ? ",\"expectException\":\"" : "", exception != NULL ? exception : "",
        exception != NULL ? "\"" : "");
    buf_done(&rlp);
    return put_file("block.json", text);
}

static void a_block_refused_for_the_reason_given_passes(void **state)
{
    (void)state;
    char *path = block_file("0xc0", "BlockException.RLP_STRUCTURES_ENCODING", false);
    assert_int_equal(run_one(&blocktest_suite, path), 0);
}

static void a_block_refused_for_another_reason_fails(void **state)
{
    (void)state;
    char *path = block_file("0xc0", "BlockException.INVALID_GASLIMIT", false);
    assert_int_equal(run_one(&blocktest_suite, path), 1);
}

static void a_block_that_should_be_taken_fails(void **state)
{
    (void)state;
    assert_int_equal(run_one(&blocktest_suite, block_file("0xc0", NULL, false)), 1);
}

static void another_head_than_expected_fails(void **state)
{
    (void)state;
    char *path = block_file("0xc0", "BlockException.RLP_STRUCTURES_ENCODING", true);
    assert_int_equal(run_one(&blocktest_suite, path), 1);
}

static int group_setup(void **state)
{
    (void)state;
    tmpdir_make(dir, sizeof dir);
    return secp_init(&random_system) == OK ? 0 : -1;
}

static int group_teardown(void **state)
{
    (void)state;
    tmpdir_remove(dir);
    secp_done();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_right_state_test_passes),
        cmocka_unit_test(a_wrong_root_fails),
        cmocka_unit_test(a_wrong_logs_hash_fails),
        cmocka_unit_test(other_rules_than_those_named_fail),
        cmocka_unit_test(a_refusal_that_does_not_come_fails),
        cmocka_unit_test(a_post_of_an_unknown_fork_fails),
        cmocka_unit_test(filters_choose_cases_or_there_is_nothing_to_run),
        cmocka_unit_test(an_unknown_fork_is_refused),
        cmocka_unit_test(files_that_are_no_test_fail),
        cmocka_unit_test(wrong_usage_is_refused),
        cmocka_unit_test(a_folder_without_tests_is_refused),
        cmocka_unit_test(a_block_refused_for_the_reason_given_passes),
        cmocka_unit_test(a_block_refused_for_another_reason_fails),
        cmocka_unit_test(a_block_that_should_be_taken_fails),
        cmocka_unit_test(another_head_than_expected_fails),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
