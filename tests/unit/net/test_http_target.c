/* SPDX-License-Identifier: Apache-2.0 */
/* Request targets, header fields and ranges. */
#include "test.h"

#include "net/http.h"
#include "net/http_server.h"
#include "net/http_target.h"

static status path_of(const char *text, struct arena *a, struct http_path *p)
{
    struct err e = {0};
    return http_path_read(slice_str(text), a, p, &e);
}

static void target_is_cut_at_the_first_question_mark(void **state)
{
    (void)state;
    struct http_target t;
    struct err e = {0};
    assert_ok(http_target_read(SLICE_LIT("/a%2Fb/c?x=1?&y=%00"), &t, &e), &e);
    assert_slice(t.path, SLICE_LIT("/a%2Fb/c"));
    assert_slice(t.query, SLICE_LIT("x=1?&y=%00"));
    assert_ok(http_target_read(SLICE_LIT("/"), &t, &e), &e);
    assert_int_equal(t.query.n, 0);
}

static void target_refuses_other_forms_and_bytes(void **state)
{
    (void)state;
    static const char *const bad[] = {"",     "*",    "a",         "http://h/",
                                      "/a b", "/a#b", "/\xc3\xa4", "/\n"};
    struct http_target t;
    struct err e = {0};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_status(http_target_read(slice_str(bad[i]), &t, &e), E_SYNTAX);
}

static void path_segments_are_decoded(void **state)
{
    (void)state;
    struct arena a;
    struct http_path p;
    arena_init(&a, 4096, false);
    assert_status(path_of("/api/v1/M%C3%BCller%20x", &a, &p), OK);
    assert_int_equal(p.n, 3);
    assert_true(http_path_is(&p, 0, "api") && http_path_is(&p, 2, "M\xc3\xbcller x"));
    assert_false(http_path_is(&p, 3, ""));
    assert_status(path_of("/a/", &a, &p), OK);
    assert_true(p.n == 1 && p.trailing_slash);
    assert_status(path_of("/", &a, &p), OK);
    assert_int_equal(p.n, 0);
    arena_done(&a);
}

static void path_refuses_tricks(void **state)
{
    (void)state;
    static const char *const bad[] = {"/a//b",  "//",   "/../x", "/a/%2e%2e", "/.",
                                      "/a%2fb", "/%00", "/a%0a", "/%zz",      "/%4",
                                      "/%",     "/%c3", "/%ff",  "x/y",       "/%ed%a0%80"};
    struct arena a;
    struct http_path p;
    arena_init(&a, 4096, false);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_status(path_of(bad[i], &a, &p), E_SYNTAX);
    assert_status(path_of("/1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7", &a, &p), E_TOO_LONG);
    arena_done(&a);
}

static void query_parameters_are_found_decoded(void **state)
{
    (void)state;
    slice q = SLICE_LIT("&a=1&na%6De=x+y%2B%26&flag&&e=&b=2=3");
    struct arena a;
    struct err e = {0};
    slice v;
    arena_init(&a, 4096, false);
    assert_ok(http_query_find(q, "name", &a, &v, &e), &e);
    assert_slice(v, SLICE_LIT("x y+&"));
    assert_ok(http_query_find(q, "flag", &a, &v, &e), &e);
    assert_int_equal(v.n, 0);
    assert_ok(http_query_find(q, "b", &a, &v, &e), &e);
    assert_slice(v, SLICE_LIT("2=3"));
    assert_status(http_query_find(q, "c", &a, &v, &e), E_NOT_FOUND);
    assert_status(http_query_find(SLICE_LIT("a=1&%61=2"), "a", &a, &v, &e), E_DUPLICATE);
    assert_status(http_query_find(SLICE_LIT("a=%0"), "a", &a, &v, &e), E_SYNTAX);
    assert_status(http_query_find(SLICE_LIT("%g=1&a=1"), "a", &a, &v, &e), E_SYNTAX);
    arena_done(&a);
}

static void ranges_are_read_and_cut(void **state)
{
    (void)state;
    uint64_t first;
    uint64_t n;
    assert_status(http_range_read(SLICE_LIT("bytes=0-9"), 100, &first, &n), OK);
    assert_true(first == 0 && n == 10);
    assert_status(http_range_read(SLICE_LIT("bytes=90-"), 100, &first, &n), OK);
    assert_true(first == 90 && n == 10);
    assert_status(http_range_read(SLICE_LIT("bytes=95-200"), 100, &first, &n), OK);
    assert_true(first == 95 && n == 5);
    assert_status(http_range_read(SLICE_LIT("bytes=-7"), 100, &first, &n), OK);
    assert_true(first == 93 && n == 7);
    assert_status(http_range_read(SLICE_LIT("bytes=-700"), 100, &first, &n), OK);
    assert_true(first == 0 && n == 100);
    assert_status(http_range_read(SLICE_LIT("bytes=100-"), 100, &first, &n), E_RANGE);
    assert_status(http_range_read(SLICE_LIT("bytes=-0"), 100, &first, &n), E_RANGE);
    assert_status(http_range_read(SLICE_LIT("bytes=5-4"), 100, &first, &n), E_SYNTAX);
    assert_status(http_range_read(SLICE_LIT("bytes=1-2,4-5"), 100, &first, &n), E_SYNTAX);
    assert_status(http_range_read(SLICE_LIT("bytes="), 100, &first, &n), E_SYNTAX);
    assert_status(http_range_read(SLICE_LIT("items=1-2"), 100, &first, &n), E_SYNTAX);
}

static void lengths_are_plain_decimals(void **state)
{
    (void)state;
    uint64_t v;
    assert_status(http_length_read(SLICE_LIT("0012"), &v), OK);
    assert_int_equal(v, 12);
    assert_status(http_length_read(SLICE_LIT("+1"), &v), E_SYNTAX);
    assert_status(http_length_read(SLICE_LIT(""), &v), E_SYNTAX);
    assert_status(http_length_read(SLICE_LIT("9999999999999999999"), &v), E_RANGE);
}

static void answer_headers_cannot_smuggle_lines(void **state)
{
    (void)state;
    struct http_response r;
    struct err e = {0};
    http_response_init(&r);
    assert_status(http_response_header(&r, "X-A", "b\r\nX-C: d", &e), E_SYNTAX);
    assert_status(http_response_header(&r, "X A", "b", &e), E_SYNTAX);
    assert_status(http_response_header(&r, "content-length", "3", &e), E_SYNTAX);
    assert_ok(http_response_header(&r, "X-A", "b", &e), &e);
    assert_string_equal(http_response_find(&r, "x-a"), "b");
    assert_null(http_response_find(&r, "b"));
    http_response_done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(target_is_cut_at_the_first_question_mark),
        cmocka_unit_test(target_refuses_other_forms_and_bytes),
        cmocka_unit_test(path_segments_are_decoded),
        cmocka_unit_test(path_refuses_tricks),
        cmocka_unit_test(query_parameters_are_found_decoded),
        cmocka_unit_test(ranges_are_read_and_cut),
        cmocka_unit_test(lengths_are_plain_decimals),
        cmocka_unit_test(answer_headers_cannot_smuggle_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
