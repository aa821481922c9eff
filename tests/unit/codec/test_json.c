/* SPDX-License-Identifier: Apache-2.0 */
/* JSON: what is accepted and refused, accessors and their messages, the writer. */
#include "test.h"

#include "base/limits.h"
#include "codec/json.h"

static struct arena arena;
static struct json_doc doc;
static struct err err;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, (size_t)64 << 20, false);
    err = (struct err){0};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static status parse(const char *text)
{
    return json_read(slice_str(text), &arena, &doc, &err);
}

static struct json root(const char *text)
{
    assert_ok(parse(text), &err);
    return json_root(&doc);
}

static void accepts_the_grammar(void **state)
{
    (void)state;
    static const char *const good[] = {"0",
                                       "-0",
                                       "1.5e+10",
                                       "-12.25E-3",
                                       "0.010",
                                       "\"\"",
                                       " [ ] ",
                                       "{}",
                                       "null",
                                       "true",
                                       "\t\r\nfalse ",
                                       "[1,2,[3,{\"a\":[]}]]",
                                       "\"\\/\"",
                                       "\"\\u0000\"",
                                       "\"\x7f\"",
                                       "\"\\ud83d\\ude00\"",
                                       "\"\xf4\x8f\xbf\xbf\"",
                                       "{\"a\":1,\"b\":2,\"\":3}"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        if (parse(good[i]) != OK)
            fail_msg("%s: %s", good[i], err.msg);
}

static void refuses_everything_else(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        status want;
    } bad[] = {{"", E_TRUNCATED},
               {" ", E_TRUNCATED},
               {"01", E_TRAILING},
               {"[01]", E_SYNTAX},
               {"+1", E_SYNTAX},
               {".5", E_SYNTAX},
               {"1.", E_TRUNCATED},
               {"[1.]", E_SYNTAX},
               {"[1e]", E_SYNTAX},
               {"-", E_TRUNCATED},
               {"[-]", E_SYNTAX},
               {"[1,]", E_SYNTAX},
               {"[,1]", E_SYNTAX},
               {"[1 2]", E_SYNTAX},
               {"[1", E_TRUNCATED},
               {"[", E_TRUNCATED},
               {"]", E_SYNTAX},
               {"[}", E_SYNTAX},
               {"{]", E_SYNTAX},
               {"{\"a\"}", E_SYNTAX},
               {"{\"a\":1,}", E_SYNTAX},
               {"{a:1}", E_SYNTAX},
               {"{1:1}", E_SYNTAX},
               {"'a'", E_SYNTAX},
               {"NaN", E_SYNTAX},
               {"[nul]", E_SYNTAX},
               {"tru", E_TRUNCATED},
               {"True", E_SYNTAX},
               {"1 1", E_TRAILING},
               {"{} {}", E_TRAILING},
               {"// c\n1", E_SYNTAX},
               {"\xef\xbb\xbf"
                "1",
                E_SYNTAX},
               {"\"", E_TRUNCATED},
               {"\"\n\"", E_SYNTAX},
               {"\"\t\"", E_SYNTAX},
               {"\"\\", E_TRUNCATED},
               {"\"\\x\"", E_SYNTAX},
               {"\"\\u12\"", E_TRUNCATED},
               {"\"\\u12g4\"", E_SYNTAX},
               {"\"\\ud800\"", E_TRUNCATED},
               {"\"\\ud800      \"", E_SYNTAX},
               {"\"\\udc00\"", E_SYNTAX},
               {"\"\\ud800\\ud800\"", E_SYNTAX},
               {"\"\xff\"", E_SYNTAX},
               {"\"\xc0\x80\"", E_SYNTAX},
               {"\"\xed\xa0\x80\"", E_SYNTAX},
               {"\"\xe2\x82\"", E_SYNTAX},
               {"{\"a\":1,\"a\":2}", E_DUPLICATE},
               {"{\"a\":1,\"\\u0061\":2}", E_DUPLICATE},
               {"[{\"x\":{\"b\":1,\"c\":2,\"b\":3}}]", E_DUPLICATE}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        status got = parse(bad[i].text);
        if (got != bad[i].want)
            fail_msg("%s: %s, not %s", bad[i].text, status_name(got), status_name(bad[i].want));
    }
}

static void refuses_a_nul_byte(void **state)
{
    (void)state;
    assert_status(json_read(SLICE_LIT("1\0"), &arena, &doc, &err), E_TRAILING);
    assert_status(json_read(SLICE_LIT("\"\0\""), &arena, &doc, &err), E_SYNTAX);
    assert_status(json_read(SLICE_LIT("\"\\\0\""), &arena, &doc, &err), E_SYNTAX);
}

static void finds_a_duplicate_among_many_keys(void **state)
{
    (void)state;
    struct buf b;
    for (int twice = 0; twice < 2; twice++) {
        buf_init(&b, 1 << 20);
        assert_status(buf_put_str(&b, "{"), OK);
        for (int i = 0; i < 1000; i++)
            assert_status(buf_printf(&b, "%s\"k%d\":%d", i > 0 ? "," : "", i, i), OK);
        assert_status(buf_printf(&b, ",\"k%s\":0}", twice ? "500" : "x"), OK);
        assert_status(json_read(buf_slice(&b), &arena, &doc, &err), twice ? E_DUPLICATE : OK);
        buf_done(&b);
    }
}

static void every_truncation_is_an_error(void **state)
{
    (void)state;
    static const char text[] = "{\"a\":[1,2.5e3,\"x\\n\\u00e9\xc3\xa9\",true],\"b\":{\"c\":null}}";
    for (size_t n = 0; n < sizeof text - 1; n++) {
        uint8_t *exact = malloc(n + 1);
        assert_non_null(exact);
        memcpy(exact, text, n);
        assert_int_not_equal(json_read(slice_of(exact, n), &arena, &doc, &err), OK);
        free(exact);
    }
    assert_ok(parse(text), &err);
}

static void stops_at_the_depth_limit(void **state)
{
    (void)state;
    char text[2 * LIMIT_JSON_DEPTH + 3];
    for (size_t depth = LIMIT_JSON_DEPTH; depth <= LIMIT_JSON_DEPTH + 1; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        text[2 * depth] = '\0';
        assert_status(parse(text), depth == LIMIT_JSON_DEPTH ? OK : E_TOO_DEEP);
    }
}

static void a_small_arena_is_an_error_and_no_crash(void **state)
{
    (void)state;
    for (size_t cap = 0; cap < 200; cap += 8) {
        struct arena small;
        arena_init(&small, cap, false);
        status s = json_read(SLICE_LIT("[1,2,3,4,5,6,7]"), &small, &doc, &err);
        assert_status(s, cap < 8 * 16 ? E_NOMEM : OK);
        arena_done(&small);
    }
}

static void keeps_numbers_as_written(void **state)
{
    (void)state;
    slice s;
    uint64_t n;
    struct json r =
        root("{\"v\":0.010,\"max\":18446744073709551615,\"over\":18446744073709551616}");
    assert_status(json_num(json_get(r, "v"), &s, &err), OK);
    assert_slice(s, SLICE_LIT("0.010"));
    assert_status(json_u64(json_get(r, "v"), &n, &err), E_RANGE);
    assert_status(json_u64(json_get(r, "max"), &n, &err), OK);
    assert_true(n == UINT64_MAX);
    assert_status(json_u64(json_get(r, "over"), &n, &err), E_RANGE);
    assert_string_equal(err.msg, "over: must be a whole number below 2^64");
}

static void decodes_escapes_on_demand(void **state)
{
    (void)state;
    slice s;
    struct json r =
        root("[\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u20ac\\ud83d\\ude00z\",\"plain\"]");
    assert_status(json_str(json_at(r, 0), &s, &err), OK);
    assert_slice(s, SLICE_LIT("a\"\\/\b\f\n\r\t\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z"));
    assert_status(json_str(json_at(r, 1), &s, &err), OK);
    assert_slice(s, SLICE_LIT("plain"));
    assert_ptr_equal(s.p, json_raw(json_at(r, 1)).p + 1); /* not copied */
}

static void finds_members_by_escaped_names_too(void **state)
{
    (void)state;
    struct json r = root("{\"\\u0069d\":\"x\\u0041\",\"idx\":2}");
    assert_true(json_eq(json_get(r, "id"), "xA"));
    assert_false(json_eq(json_get(r, "id"), "xAB"));
    assert_false(json_eq(json_get(r, "id"), "x"));
    assert_true(json_is_absent(json_get(r, "i")));
}

static void cuts_values_out_verbatim(void **state)
{
    (void)state;
    struct json r = root("{ \"entry\" : [ { \"resource\" : { \"v\": 1.50 } } , 7 ] }");
    struct json entry = json_get(r, "entry");
    slice raw = json_raw(json_get(json_at(entry, 0), "resource"));
    assert_slice(raw, SLICE_LIT("{ \"v\": 1.50 }"));
    assert_int_equal(json_offset(json_at(entry, 1)), 47);
    assert_int_equal(json_count(entry), 2);
    assert_int_equal(json_count(r), 1);
    assert_int_equal(json_count(json_at(entry, 1)), 0);
}

static void iterates_in_order(void **state)
{
    (void)state;
    struct json r = root("{\"a\":[10,20,30],\"b\":{\"x\":{}},\"c\":1}");
    char order[8] = "";
    for (struct json_iter it = json_iter(r); json_next(&it);)
        strncat(order, (const char *)json_raw(it.key).p + 1, 1);
    assert_string_equal(order, "abc");
    uint64_t sum = 0;
    for (struct json_iter it = json_iter(json_get(r, "a")); json_next(&it);) {
        uint64_t n;
        assert_status(json_u64(it.value, &n, &err), OK);
        sum += n;
    }
    assert_int_equal(sum, 60);
    struct json_iter none = json_iter(json_get(r, "nothing"));
    assert_false(json_next(&none));
}

static void messages_name_the_path(void **state)
{
    (void)state;
    slice s;
    uint64_t n;
    struct json r = root("{\"entry\":[{},{\"resource\":{\"id\":7}}]}");
    struct json res = json_get(json_at(json_get(r, "entry"), 1), "resource");
    assert_status(json_str(json_get(res, "id"), &s, &err), E_TYPE);
    assert_string_equal(err.msg, "entry[1].resource.id: a number where a string must be");
    assert_status(json_u64(json_get(res, "code"), &n, &err), E_MISSING);
    assert_string_equal(err.msg, "entry[1].resource.code: missing");
    assert_status(json_u64(json_get(json_get(res, "code"), "text"), &n, &err), E_MISSING);
    assert_string_equal(err.msg, "entry[1].resource.code: missing");
    assert_status(json_u64(json_at(json_get(r, "entry"), 5), &n, &err), E_MISSING);
    assert_string_equal(err.msg, "entry[]: missing");
    assert_status(json_want_array(r, &err), E_TYPE);
    assert_string_equal(err.msg, "document: an object where an array must be");
    assert_status(json_str((struct json){0}, &s, &err), E_MISSING);
}

static void names_unknown_members(void **state)
{
    (void)state;
    static const char *const keys[] = {"a", "b"};
    assert_status(json_want_only(root("{\"b\":1}"), keys, 2, &err), OK);
    assert_status(json_want_only(root("{\"a\":1,\"evil\":2}"), keys, 2, &err), E_UNSUPPORTED);
    assert_string_equal(err.msg, "evil: unknown member");
}

static void reads_hex_strings(void **state)
{
    (void)state;
    uint64_t n;
    slice s;
    addr20 a;
    struct json r = root("{\"q\":\"0x1f\",\"z\":\"0x01\",\"b\":\"0xABcd\",\"o\":\"0x123\",\"n\":"
                         "\"1f\",\"e\":\"0x\",\"xx\":\"0x0x11\"}");
    assert_status(json_hex_u64(json_get(r, "q"), &n, &err), OK);
    assert_int_equal(n, 0x1f);
    assert_status(json_hex_u64(json_get(r, "z"), &n, &err), E_SYNTAX);
    assert_status(json_hex_bytes(json_get(r, "b"), &s, &err), OK);
    assert_slice(s, SLICE_LIT("\xab\xcd"));
    assert_status(json_hex_bytes(json_get(r, "e"), &s, &err), OK);
    assert_int_equal(s.n, 0);
    assert_status(json_hex_bytes(json_get(r, "o"), &s, &err), E_RANGE);
    assert_status(json_hex_bytes(json_get(r, "n"), &s, &err), E_SYNTAX);
    assert_status(json_hex_bytes(json_get(r, "xx"), &s, &err), E_SYNTAX);
    assert_status(json_hex_addr(json_get(r, "b"), &a, &err), E_RANGE);
}

static void writes_what_it_reads(void **state)
{
    (void)state;
    struct buf b;
    struct jw w;
    struct json v = root("[1.50, {\"k\" : null}]");
    buf_init(&b, 4096);
    assert_status(buf_put_str(&b, "head "), OK);
    jw_init(&w, &b);
    jw_object(&w);
    jw_key(&w, "s"), jw_str(&w, SLICE_LIT("a\"\\\n\x01\xc3\xa9"));
    jw_key(&w, "list"), jw_array(&w);
    jw_u64(&w, UINT64_MAX), jw_i64(&w, -5), jw_bool(&w, true), jw_null(&w);
    jw_array(&w), jw_end(&w), jw_object(&w), jw_end(&w);
    jw_end(&w);
    jw_key(&w, "num"), jw_num(&w, SLICE_LIT("0.010"));
    jw_key(&w, "hex"), jw_hex(&w, SLICE_LIT("\x01\xff"));
    jw_key(&w, "q"), jw_hex_u64(&w, 31);
    jw_key(&w, "raw"), jw_json(&w, json_at(v, 1));
    jw_key(&w, "f"), jw_printf(&w, "%d-%s", 7, "x");
    jw_end(&w);
    assert_ok(jw_done(&w, &err), &err);
    assert_string_equal(
        buf_cstr(&b), "head {\"s\":\"a\\\"\\\\\\n\\u0001\xc3\xa9\",\"list\":[18446744073709551615,-"
                      "5,true,null,[],{}],\"num\":0.010,\"hex\":\"0x01ff\",\"q\":\"0x1f\",\"raw\":"
                      "{\"k\" : null},\"f\":\"7-x\"}");
    assert_ok(json_read(slice_after(buf_slice(&b), 5), &arena, &doc, &err), &err);
    assert_true(json_eq(json_get(json_root(&doc), "s"), "a\"\\\n\x01\xc3\xa9"));
    buf_done(&b);
}

/* Each row misuses the writer in one way. */
static void misuse(struct jw *w, int how)
{
    switch (how) {
    case 0:
        jw_object(w), jw_null(w), jw_end(w);
        break;
    case 1:
        jw_object(w), jw_key(w, "a"), jw_end(w);
        break;
    case 2:
        jw_array(w), jw_key(w, "a"), jw_null(w), jw_end(w);
        break;
    case 3:
        jw_array(w);
        break;
    case 4:
        jw_null(w), jw_null(w);
        break;
    case 5:
        jw_end(w);
        break;
    case 6:
        break;
    case 7:
        jw_object(w), jw_key(w, "a"), jw_key(w, "b"), jw_null(w), jw_end(w);
        break;
    case 8:
        jw_str(w, SLICE_LIT("\xff"));
        break;
    case 9:
        jw_num(w, SLICE_LIT("1.e5"));
        break;
    case 10:
        jw_num(w, SLICE_LIT("01"));
        break;
    case 11:
        for (unsigned i = 0; i <= LIMIT_JSON_DEPTH; i++)
            jw_array(w);
        for (unsigned i = 0; i <= LIMIT_JSON_DEPTH; i++)
            jw_end(w);
        break;
    case 12:
        jw_json(w, (struct json){0});
        break;
    default:
        for (int i = 0; i < 100; i++)
            jw_array(w), jw_cstr(w, "more than the buf may hold");
    }
}

static void wrong_use_of_the_writer_leaves_nothing(void **state)
{
    (void)state;
    for (int how = 0; how <= 13; how++) {
        struct buf b;
        struct jw w;
        buf_init(&b, 512);
        assert_status(buf_put_str(&b, "x"), OK);
        jw_init(&w, &b);
        misuse(&w, how);
        if (jw_done(&w, &err) == OK)
            fail_msg("misuse %d wrote %s", how, buf_cstr(&b));
        assert_slice(buf_slice(&b), SLICE_LIT("x"));
        buf_done(&b);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(accepts_the_grammar),
        TEST(refuses_everything_else),
        TEST(refuses_a_nul_byte),
        TEST(finds_a_duplicate_among_many_keys),
        TEST(every_truncation_is_an_error),
        TEST(stops_at_the_depth_limit),
        TEST(a_small_arena_is_an_error_and_no_crash),
        TEST(keeps_numbers_as_written),
        TEST(decodes_escapes_on_demand),
        TEST(finds_members_by_escaped_names_too),
        TEST(cuts_values_out_verbatim),
        TEST(iterates_in_order),
        TEST(messages_name_the_path),
        TEST(names_unknown_members),
        TEST(reads_hex_strings),
        TEST(writes_what_it_reads),
        TEST(wrong_use_of_the_writer_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
