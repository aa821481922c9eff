/* SPDX-License-Identifier: Apache-2.0 */
/* Buffers, arenas, hex, UTF-8, files and statuses. */
#include "test.h"

#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/parallel.h"
#include "base/utf8.h"

static void buf_refuses_to_grow_past_its_cap(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4);
    assert_status(buf_put_str(&b, "abc"), OK);
    assert_status(buf_put_str(&b, "de"), E_TOO_LONG);
    assert_slice(buf_slice(&b), SLICE_LIT("abc"));
    assert_status(buf_put_u8(&b, 'd'), OK);
    assert_string_equal(buf_cstr(&b), "abcd");
    buf_done(&b);
}

static void buf_appends_a_part_of_itself(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1000);
    assert_status(buf_put_str(&b, "0123456789012345678901234567890123456789"), OK);
    for (int i = 0; i < 3; i++)
        assert_status(buf_put(&b, buf_slice(&b)), OK);
    assert_int_equal(b.n, 320);
    assert_memory_equal(b.p + 310, "0123456789", 10);
    buf_done(&b);
}

static void arena_stops_at_its_cap(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 100, false);
    assert_non_null(arena_alloc(&a, 64));
    assert_null(arena_alloc(&a, 64));
    assert_null(arena_array(&a, SIZE_MAX / 2, 3));
    arena_done(&a);
}

static void hex_refuses_odd_lengths_and_other_characters(void **state)
{
    (void)state;
    uint8_t out[2];
    assert_status(hex_read(SLICE_LIT("0x12fF"), out, 2), OK);
    assert_int_equal(out[1], 0xff);
    assert_status(hex_read(SLICE_LIT("123"), out, 2), E_RANGE);
    assert_status(hex_read(SLICE_LIT("12"), out, 2), E_RANGE);
    assert_status(hex_read(SLICE_LIT("12g4"), out, 2), E_SYNTAX);
}

static status failing_silently(void)
{
    return E_DECRYPT;
}

static void a_prefix_never_turns_a_failure_into_success(void **state)
{
    (void)state;
    struct err e = {.code = OK, .msg = ""};
    status st = failing_silently();
    assert_status(err_prefix(&e, st, "what"), E_DECRYPT);
    assert_status(e.code, E_DECRYPT);
    assert_status(err_prefix(NULL, st, "what"), E_DECRYPT);
}

static void utf8_tells_what_is_safe_to_show(void **state)
{
    (void)state;
    assert_true(utf8_is_plain(SLICE_LIT("Ana \xc3\xa9 \xd7\x90 \xf0\x9f\x98\x80")));
    const char *const bad[] = {"\x1b[2J",
                               "\x7f",
                               "a\nb",
                               "\xc2\x9b"
                               "2J",
                               "\xe2\x80\xae"
                               "x",
                               "\xe2\x81\xa6",
                               "\xe2\x80\xa8",
                               "\xd8\x9c",
                               "\xc2",
                               "\x9b"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(utf8_is_plain(slice_str(bad[i])));
    bool plain = true;
    assert_int_equal(utf8_cut(SLICE_LIT("A\xe2\x82\xac"), 4), 4);
    assert_int_equal(utf8_cut(SLICE_LIT("A\xe2\x82\xacX"), 3), 1);
    assert_int_equal(utf8_cut(SLICE_LIT("A\xe2\x82\xacX"), 4), 4);
    assert_int_equal(utf8_cut(SLICE_LIT("A"), 0), 0);
    assert_int_equal(utf8_first(SLICE_LIT("\xe2\x80\xaeX"), &plain), 3);
    assert_false(plain);
    assert_int_equal(utf8_first(SLICE_LIT("\xffX"), &plain), 1);
    assert_false(plain);
}

static void utf8_refuses_overlong_and_surrogates(void **state)
{
    (void)state;
    assert_true(utf8_is_valid(SLICE_LIT("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")));
    assert_false(utf8_is_valid(SLICE_LIT("\xc0\xaf")));
    assert_false(utf8_is_valid(SLICE_LIT("\xe0\x9f\xbf")));
    assert_false(utf8_is_valid(SLICE_LIT("\xed\xa0\x80")));
    assert_false(utf8_is_valid(SLICE_LIT("\xf4\x90\x80\x80")));
    assert_false(utf8_is_valid(SLICE_LIT("\xe2\x82")));
}

static void file_create_never_overwrites(void **state)
{
    (void)state;
    struct err e = {0};
    char dir[] = "/tmp/ehrd-test-XXXXXX";
    char path[64];
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof path, "%s/f", dir);
    assert_ok(file_create(path, SLICE_LIT("one"), 0600, &e), &e);
    assert_status(file_create(path, SLICE_LIT("two"), 0600, &e), E_CONFLICT);
    assert_ok(file_replace(path, SLICE_LIT("three"), 0640, &e), &e);
    struct stat sb;
    assert_int_equal(stat(path, &sb), 0);
    assert_int_equal(sb.st_mode & 0777, 0640);
    struct buf b;
    buf_init(&b, 5);
    assert_ok(file_read(path, &b, &e), &e);
    assert_slice(buf_slice(&b), SLICE_LIT("three"));
    buf_done(&b);
    buf_init(&b, 4);
    assert_status(file_read(path, &b, &e), E_TOO_LONG);
    buf_done(&b);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(dir), 0); /* nothing temporary is left */
}

static void err_keeps_code_and_prefix(void **state)
{
    (void)state;
    struct err e = {0};
    assert_status(ERR(&e, E_RANGE, "gas %d", 7), E_RANGE);
    assert_status(err_prefix(&e, E_RANGE, "tx"), E_RANGE);
    assert_string_equal(e.msg, "tx: gas 7");
    assert_int_equal(status_http(E_FORBIDDEN), 403);
    assert_string_equal(status_name((status)999), "E_INTERNAL");
}

static void count_call(void *ctx, size_t i)
{
    atomic_uint *calls = ctx;
    (void)atomic_fetch_add(&calls[i], 1);
}

static void parallel_calls_once_for_each_item(void **state)
{
    (void)state;
    for (unsigned threads = 0; threads <= PARALLEL_MAX + 1; threads++) {
        atomic_uint calls[100] = {0};
        size_t n = threads == 1 ? 0 : 99;
        parallel_run(n, threads, count_call, calls);
        for (size_t i = 0; i < 100; i++)
            assert_int_equal(atomic_load(&calls[i]), i < n ? 1 : 0);
    }
}

static void a_message_in_the_log_makes_up_no_field(void **state)
{
    struct err e = {0};
    char line[1024] = "";
    int fds[2];
    (void)state;
    assert_int_equal(pipe(fds), 0);
    log_setup(LOG_INFO, fds[1]);
    status st = ERR(&e, E_SYNTAX, "got \"x\" status=ok \\\n");
    log_failure(LOG_WARN, "fault", "7", st, &e);
    log_setup(LOG_INFO, 2);
    ssize_t n = read(fds[0], line, sizeof line - 1);
    assert_in_range(n, 1, sizeof line - 1);
    assert_non_null(strstr(line, " event=fault requestId=7 status="));
    assert_non_null(strstr(line, " reason=\"got \\\"x\\\" status=ok \\\\ \" at=test_base.c:"));
    assert_ptr_equal(strchr(line, '\n'), line + n - 1);
    assert_int_equal(close(fds[0]) | close(fds[1]), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buf_refuses_to_grow_past_its_cap),
        cmocka_unit_test(buf_appends_a_part_of_itself),
        cmocka_unit_test(arena_stops_at_its_cap),
        cmocka_unit_test(hex_refuses_odd_lengths_and_other_characters),
        cmocka_unit_test(utf8_refuses_overlong_and_surrogates),
        cmocka_unit_test(a_prefix_never_turns_a_failure_into_success),
        cmocka_unit_test(utf8_tells_what_is_safe_to_show),
        cmocka_unit_test(file_create_never_overwrites),
        cmocka_unit_test(err_keeps_code_and_prefix),
        cmocka_unit_test(a_message_in_the_log_makes_up_no_field),
        cmocka_unit_test(parallel_calls_once_for_each_item),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
