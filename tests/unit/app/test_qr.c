/* SPDX-License-Identifier: Apache-2.0 */
/* QR codes in the terminal: the drawing jsQR read, sizes, both ways of drawing, what is refused. */
#include "test.h"

#include "app/qr.h"
#include "crypto/sha2.h"

/* The first code of tests/vectors/identity.json. */
#define CODE "EHR-RECOVERY-1QYQSQQGZQVZQ2PS8PQYS5ZCVP58Q7YQ3ZGF3G9GKZUVPJXSMRSW3U87RV38WGVZT9L2"

static struct err err;

static size_t lines_of(const struct buf *b)
{
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++)
        n += b->p[i] == '\n';
    return n;
}

static void draws_what_another_program_read(void **state)
{
    (void)state;
    struct buf out;
    hash32 h;
    char hex[67];
    buf_init_secret(&out, QR_PRINT_MAX);
    assert_ok(qr_put(SLICE_LIT(CODE), false, &out, &err), &err);
    if (getenv("QR_SHOW") != NULL)
        printf("%s", buf_cstr(&out));
    assert_status(sha256(buf_slice(&out), &h), OK);
    assert_string_equal(hex_0x(slice_of(h.b, sizeof h.b), hex),
                        "0xd158fa1df9c9edb233a1376b2b717ebf6926efd82298f720085214e4f5694188");
    buf_done(&out);
}

static void has_a_quiet_zone_on_all_sides(void **state)
{
    (void)state;
    static const char light[] = "\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88";
    struct buf out;
    buf_init_secret(&out, QR_PRINT_MAX);
    assert_ok(qr_put(SLICE_LIT(CODE), false, &out, &err), &err);
    /* 81 alphanumeric characters at level M: version 4, 33 modules, with quiet zone 41. */
    assert_int_equal(lines_of(&out), 21);
    const char *line = buf_cstr(&out);
    for (size_t i = 0; i < 20; i++, line = strchr(line, '\n') + 1) {
        assert_memory_equal(line, light, 12);
        assert_memory_equal(strchr(line, '\n') - 12, light, 12);
        if (i < 2)
            for (size_t k = 0; k < 41; k++)
                assert_memory_equal(line + 3 * k, light, 3);
    }
    buf_done(&out);
}

static void on_a_terminal_dark_modules_are_drawn_on_white(void **state)
{
    (void)state;
    struct buf out;
    buf_init_secret(&out, QR_PRINT_MAX);
    assert_ok(qr_put(SLICE_LIT(CODE), true, &out, &err), &err);
    assert_int_equal(lines_of(&out), 21);
    assert_memory_equal(out.p, "\x1b[30;107m    ", 13);
    buf_done(&out);
}

static void refuses_what_it_cannot_draw(void **state)
{
    (void)state;
    static char text[QR_TEXT + 1];
    struct buf out;
    buf_init_secret(&out, QR_PRINT_MAX);
    memset(text, 'a', sizeof text);
    assert_status(qr_put(slice_of(text, sizeof text), false, &out, &err), E_TOO_LONG);
    assert_ok(qr_put(slice_of(text, QR_TEXT), false, &out, &err), &err);
    buf_clear(&out);
    assert_status(qr_put(SLICE_LIT("\xc3\xa4"), false, &out, &err), E_RANGE);
    assert_status(qr_put(SLICE_LIT("a\0b"), false, &out, &err), E_RANGE);
    assert_status(qr_put(SLICE_EMPTY, false, &out, &err), E_RANGE);
    assert_int_equal(out.n, 0);
    buf_done(&out);
    buf_init_secret(&out, 100);
    assert_status(qr_put(SLICE_LIT(CODE), false, &out, &err), E_TOO_LONG);
    assert_int_equal(out.n, 0);
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_what_another_program_read),
        cmocka_unit_test(has_a_quiet_zone_on_all_sides),
        cmocka_unit_test(on_a_terminal_dark_modules_are_drawn_on_white),
        cmocka_unit_test(refuses_what_it_cannot_draw),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
