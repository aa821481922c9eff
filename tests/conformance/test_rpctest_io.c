/* SPDX-License-Identifier: Apache-2.0 */
/* Reading .io files and judging answers. */
#include "test.h"

#include "rpctest.h"

static void reads_requests_with_their_answers(void **state)
{
    struct io_case c;
    struct err e;
    (void)state;
    assert_ok(io_read(SLICE_LIT("// speconly: x\r\n\n>> 1\n<< 2\n>> 3\n<< 4"), &c, &e), &e);
    assert_true(c.spec_only);
    assert_int_equal(c.n, 2);
    assert_true(slice_eq_str(c.step[1].request, "3") && slice_eq_str(c.step[1].answer, "4"));
    assert_ok(io_read(SLICE_LIT("// a\n>> 1\n<< 2\n"), &c, &e), &e);
    assert_false(c.spec_only);
}

static void refuses_files_that_are_no_cases(void **state)
{
    struct io_case c;
    (void)state;
    assert_status(io_read(SLICE_LIT(""), &c, NULL), E_MISSING);
    assert_status(io_read(SLICE_LIT(">> 1\n"), &c, NULL), E_MISSING);
    assert_status(io_read(SLICE_LIT("<< 1\n"), &c, NULL), E_SYNTAX);
    assert_status(io_read(SLICE_LIT(">> 1\n>> 2\n"), &c, NULL), E_SYNTAX);
    assert_status(io_read(SLICE_LIT(">> 1\n<< 2\nwords\n"), &c, NULL), E_SYNTAX);
}

static bool judge(const char *want, const char *have, bool spec_only)
{
    struct arena a;
    struct json_doc w;
    struct json_doc h;
    char why[256];
    arena_init(&a, 1 << 20, false);
    assert_status(json_read(slice_str(want), &a, &w, NULL), OK);
    assert_status(json_read(slice_str(have), &a, &h, NULL), OK);
    bool same = io_matches(json_root(&w), json_root(&h), spec_only, why, sizeof why);
    assert_true(same == (why[0] == '\0'));
    arena_done(&a);
    return same;
}

#define ANSWER(body) "{\"jsonrpc\":\"2.0\",\"id\":1," body "}"

static void wants_results_to_be_equal(void **state)
{
    (void)state;
    assert_true(judge(ANSWER("\"result\":{\"a\":1,\"b\":[\"x\",null]}"),
                      ANSWER("\"result\":{\"b\":[\"x\",null],\"a\":1}"), false));
    assert_true(judge(ANSWER("\"result\":null"), ANSWER("\"result\":null"), false));
    assert_false(judge(ANSWER("\"result\":{\"a\":1}"), ANSWER("\"result\":{\"a\":2}"), false));
    assert_false(judge(ANSWER("\"result\":{\"a\":1}"), ANSWER("\"result\":{}"), false));
    assert_false(
        judge(ANSWER("\"result\":{\"a\":1}"), ANSWER("\"result\":{\"a\":1,\"b\":2}"), false));
    assert_false(judge(ANSWER("\"result\":[1,2]"), ANSWER("\"result\":[2,1]"), false));
    assert_false(judge(ANSWER("\"result\":[1]"), ANSWER("\"result\":[1,1]"), false));
    assert_false(judge(ANSWER("\"result\":true"), ANSWER("\"result\":false"), false));
    assert_false(judge(ANSWER("\"result\":null"), "{\"jsonrpc\":\"2.0\",\"id\":1}", false));
    assert_false(judge(ANSWER("\"result\":1"), "[1]", false));
}

static void wants_errors_to_have_the_same_code_and_data(void **state)
{
    (void)state;
    assert_true(judge(ANSWER("\"error\":{\"code\":3,\"message\":\"a\"}"),
                      ANSWER("\"error\":{\"code\":3,\"message\":\"b\",\"data\":\"0x\"}"), false));
    assert_false(judge(ANSWER("\"error\":{\"code\":3,\"message\":\"a\"}"),
                       ANSWER("\"error\":{\"code\":4,\"message\":\"a\"}"), false));
    assert_false(judge(ANSWER("\"error\":{\"code\":3,\"message\":\"a\",\"data\":\"0x01\"}"),
                       ANSWER("\"error\":{\"code\":3,\"message\":\"a\"}"), false));
    assert_false(
        judge(ANSWER("\"error\":{\"code\":3,\"message\":\"a\"}"), ANSWER("\"result\":3"), false));
    assert_false(
        judge(ANSWER("\"result\":3"), ANSWER("\"error\":{\"code\":3,\"message\":\"a\"}"), false));
    assert_false(judge(ANSWER("\"error\":{\"code\":3,\"message\":\"a\"}"),
                       ANSWER("\"error\":{\"code\":3}"), true));
}

static void wants_of_shapes_the_same_kinds(void **state)
{
    (void)state;
    assert_true(judge(ANSWER("\"result\":{\"a\":[{\"x\":\"0x1\"}]}"),
                      ANSWER("\"result\":{\"a\":[{\"x\":\"0x2\"},{\"x\":\"0x3\"}],\"b\":1}"),
                      true));
    assert_false(
        judge(ANSWER("\"result\":{\"a\":\"0x1\"}"), ANSWER("\"result\":{\"a\":\"one\"}"), true));
    assert_false(judge(ANSWER("\"result\":{\"a\":1}"), ANSWER("\"result\":{\"a\":\"1\"}"), true));
    assert_false(judge(ANSWER("\"result\":{\"a\":1}"), ANSWER("\"result\":{\"b\":1}"), true));
    assert_false(judge(ANSWER("\"result\":[1]"), ANSWER("\"result\":[]"), true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_requests_with_their_answers),
        cmocka_unit_test(refuses_files_that_are_no_cases),
        cmocka_unit_test(wants_results_to_be_equal),
        cmocka_unit_test(wants_errors_to_have_the_same_code_and_data),
        cmocka_unit_test(wants_of_shapes_the_same_kinds),
    };
    return cmocka_run_group_tests_name("rpctest", tests, NULL, NULL);
}
