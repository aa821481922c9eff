/* SPDX-License-Identifier: Apache-2.0 */
/* Headers: who can open them, what is refused, re-wrap, caps. */
#include "age_test.h"

#define CAP ((size_t)1 << 20)

struct fixture {
    uint64_t seed;
    struct random_src rnd;
    struct age_identity ids[4];
    struct age_recipient to[4];
    struct age_file_key fk;
    struct buf header;
};

/* Four people; a header for the first n of them. */
static void setup(struct fixture *f, size_t n)
{
    struct err e;
    f->seed = 77;
    f->rnd = test_random(&f->seed);
    for (size_t i = 0; i < 4; i++) {
        assert_status(age_identity_generate(&f->rnd, &f->ids[i]), OK);
        f->to[i] = f->ids[i].recipient;
    }
    assert_status(age_file_key_generate(&f->rnd, &f->fk), OK);
    buf_init(&f->header, CAP);
    if (n > 0)
        assert_ok(age_header_put(&f->header, &f->fk, f->to, n, &f->rnd, &e), &e);
}

static status open_with(slice text, const struct age_keys *keys, struct age_file_key *ret)
{
    struct err e;
    struct age_header h;
    status st = age_header_read(text, &h, &e);
    return st == OK ? age_header_open(&h, keys, ret, &e) : st;
}

static status open_as(slice text, const struct age_identity *id, struct age_file_key *ret)
{
    struct age_keys keys = {.ids = id, .n_ids = 1};
    return open_with(text, &keys, ret);
}

static void each_recipient_gets_the_file_key_and_others_do_not(void **state)
{
    (void)state;
    struct fixture f;
    struct age_file_key got;
    setup(&f, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_status(open_as(buf_slice(&f.header), &f.ids[i], &got), OK);
        assert_memory_equal(got.k, f.fk.k, sizeof got.k);
    }
    assert_status(open_as(buf_slice(&f.header), &f.ids[3], &got), E_NO_KEY);
    assert_int_equal(f.header.n, 22 + 3 * 98 + 48);
    buf_done(&f.header);
}

static void what_follows_the_header_is_left_alone(void **state)
{
    (void)state;
    struct fixture f;
    struct age_header h;
    struct err e;
    setup(&f, 1);
    size_t n = f.header.n;
    assert_status(buf_put_str(&f.header, "body\n--- more\n"), OK);
    assert_ok(age_header_read(buf_slice(&f.header), &h, &e), &e);
    assert_int_equal(h.text.n, n);
    assert_int_equal(h.n_stanzas, 1);
    assert_false(h.is_scrypt);
    buf_done(&f.header);
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    struct fixture f;
    struct age_header h;
    struct err e;
    setup(&f, 2);
    for (size_t n = 0; n < f.header.n; n++) {
        uint8_t *exact = malloc(n + 1);
        memcpy(exact, f.header.p, n);
        assert_status(age_header_read(slice_of(exact, n), &h, &e), E_TRUNCATED);
        free(exact);
    }
    buf_done(&f.header);
}

static void every_flipped_bit_is_refused(void **state)
{
    (void)state;
    struct fixture f;
    struct age_file_key got;
    setup(&f, 2);
    for (size_t i = 0; i < f.header.n * 8; i++) {
        f.header.p[i / 8] ^= (uint8_t)(1 << i % 8);
        assert_true(open_as(buf_slice(&f.header), &f.ids[1], &got) != OK);
        f.header.p[i / 8] ^= (uint8_t)(1 << i % 8);
    }
    assert_status(open_as(buf_slice(&f.header), &f.ids[1], &got), OK);
    buf_done(&f.header);
}

static void a_dropped_stanza_breaks_the_mac(void **state)
{
    (void)state;
    struct fixture f;
    struct age_file_key got;
    setup(&f, 2);
    memmove(f.header.p + 22, f.header.p + 22 + 98, f.header.n - 22 - 98);
    f.header.n -= 98;
    assert_status(open_as(buf_slice(&f.header), &f.ids[1], &got), E_MISMATCH);
    buf_done(&f.header);
}

static void rewrap_gives_the_same_key_to_others_only(void **state)
{
    (void)state;
    struct fixture f;
    struct buf again;
    struct err e;
    struct age_file_key got;
    setup(&f, 1);
    struct age_keys keys = {.ids = f.ids, .n_ids = 1};
    buf_init(&again, CAP);
    assert_ok(age_header_rewrap(&again, buf_slice(&f.header), &keys, &f.to[2], 2, &f.rnd, &e), &e);
    assert_status(open_as(buf_slice(&again), &f.ids[2], &got), OK);
    assert_memory_equal(got.k, f.fk.k, sizeof got.k);
    assert_status(open_as(buf_slice(&again), &f.ids[0], &got), E_NO_KEY);
    buf_clear(&again);
    keys.ids = &f.ids[3];
    assert_status(age_header_rewrap(&again, buf_slice(&f.header), &keys, &f.to[2], 1, &f.rnd, &e),
                  E_NO_KEY);
    assert_int_equal(again.n, 0);
    buf_done(&again);
    buf_done(&f.header);
}

static status give_passphrase(void *ctx, slice *ret, struct err *reterr)
{
    (void)reterr;
    int *asked = ctx;
    ++*asked;
    *ret = SLICE_LIT("correct horse");
    return OK;
}

static void passphrase_opens_and_is_asked_for_only_when_needed(void **state)
{
    (void)state;
    struct fixture f;
    struct err e;
    struct age_file_key got;
    int asked = 0;
    setup(&f, 0);
    assert_ok(
        age_header_put_passphrase(&f.header, &f.fk, SLICE_LIT("correct horse"), 4, &f.rnd, &e), &e);
    struct age_keys right = {.passphrase = SLICE_LIT("correct horse")};
    struct age_keys wrong = {.passphrase = SLICE_LIT("battery")};
    struct age_keys asks = {.ask = give_passphrase, .ask_ctx = &asked};
    assert_status(open_with(buf_slice(&f.header), &right, &got), OK);
    assert_memory_equal(got.k, f.fk.k, sizeof got.k);
    assert_status(open_with(buf_slice(&f.header), &wrong, &got), E_NO_KEY);
    assert_status(open_as(buf_slice(&f.header), &f.ids[0], &got), E_NO_KEY);
    assert_status(open_with(buf_slice(&f.header), &asks, &got), OK);
    assert_int_equal(asked, 1);
    buf_done(&f.header);
    setup(&f, 1);
    assert_status(open_with(buf_slice(&f.header), &asks, &got), E_NO_KEY);
    assert_int_equal(asked, 1);
    buf_done(&f.header);
}

static void scrypt_work_over_the_limit_is_not_done(void **state)
{
    (void)state;
    struct fixture f;
    struct err e;
    struct age_file_key got;
    setup(&f, 0);
    assert_status(age_header_put_passphrase(&f.header, &f.fk, SLICE_LIT("x"), 21, &f.rnd, &e),
                  E_RANGE);
    assert_status(age_header_put_passphrase(&f.header, &f.fk, SLICE_LIT("x"), 0, &f.rnd, &e),
                  E_RANGE);
    assert_status(age_header_put_passphrase(&f.header, &f.fk, SLICE_EMPTY, 4, &f.rnd, &e), E_RANGE);
    assert_int_equal(f.header.n, 0);
    assert_ok(age_header_put_passphrase(&f.header, &f.fk, SLICE_LIT("x"), 5, &f.rnd, &e), &e);
    struct age_keys keys = {.passphrase = SLICE_LIT("x"), .max_log_n = 4};
    assert_status(open_with(buf_slice(&f.header), &keys, &got), E_RANGE);
    /* 2^63 in place of 2^5: refused before any work is done. */
    struct buf big;
    buf_init(&big, CAP);
    const uint8_t *lf = memchr(f.header.p + 22, '\n', 80);
    size_t at = (size_t)(lf - f.header.p) - 1;
    assert_status(buf_put_mem(&big, f.header.p, at), OK);
    assert_status(buf_put_str(&big, "63"), OK);
    assert_status(buf_put_mem(&big, lf, f.header.n - at - 1), OK);
    keys.max_log_n = 0;
    assert_status(open_with(buf_slice(&big), &keys, &got), E_RANGE);
    buf_done(&big);
    buf_done(&f.header);
}

static void caps_on_size_and_stanzas_hold(void **state)
{
    (void)state;
    struct fixture f;
    struct err e;
    struct age_header h;
    setup(&f, 0);
    assert_status(age_header_put(&f.header, &f.fk, f.to, 0, &f.rnd, &e), E_RANGE);
    assert_status(age_header_put(&f.header, &f.fk, f.to, LIMIT_AGE_STANZAS + 1, &f.rnd, &e),
                  E_RANGE);
    assert_status(buf_put_str(&f.header, "age-encryption.org/v1\n"), OK);
    for (unsigned i = 0; i <= LIMIT_AGE_STANZAS; i++)
        assert_status(buf_put_str(&f.header, "-> x\n\n"), OK);
    size_t n = f.header.n;
    assert_status(buf_put_str(&f.header, "--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"), OK);
    assert_status(age_header_read(buf_slice(&f.header), &h, &e), E_TOO_LONG);
    f.header.n = n;
    while (f.header.n < LIMIT_AGE_HEADER_BYTES)
        assert_status(buf_put_str(&f.header, "-> x\n\n"), OK);
    assert_status(age_header_read(buf_slice(&f.header), &h, &e), E_TOO_LONG);
    buf_done(&f.header);
}

static void most_recipients_allowed_can_be_written_and_read(void **state)
{
    (void)state;
    struct fixture f;
    struct err e;
    struct age_file_key got;
    struct age_recipient *many = calloc(LIMIT_AGE_STANZAS, sizeof *many);
    setup(&f, 0);
    for (unsigned i = 0; i < LIMIT_AGE_STANZAS; i++)
        many[i] = f.to[i == LIMIT_AGE_STANZAS - 1 ? 1 : 0];
    assert_ok(age_header_put(&f.header, &f.fk, many, LIMIT_AGE_STANZAS, &f.rnd, &e), &e);
    assert_status(open_as(buf_slice(&f.header), &f.ids[1], &got), OK);
    free(many);
    buf_done(&f.header);
}

static void low_order_recipient_is_refused(void **state)
{
    (void)state;
    struct fixture f;
    struct err e;
    struct age_recipient zero = {{0}};
    setup(&f, 0);
    assert_status(age_header_put(&f.header, &f.fk, &zero, 1, &f.rnd, &e), E_RANGE);
    assert_int_equal(f.header.n, 0);
    buf_done(&f.header);
}

static status no_random(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    memset(out, 0, n);
    return E_IO;
}

static void failing_randomness_writes_nothing(void **state)
{
    (void)state;
    struct fixture f;
    struct err e;
    struct random_src broken = {no_random, NULL};
    setup(&f, 0);
    assert_status(age_header_put(&f.header, &f.fk, f.to, 1, &broken, &e), E_IO);
    assert_status(age_body_put(&f.header, &f.fk, SLICE_LIT("x"), &broken, &e), E_IO);
    assert_int_equal(f.header.n, 0);
    assert_status(age_file_key_generate(&broken, &f.fk), E_IO);
    buf_done(&f.header);
}

static void other_versions_and_other_files_are_told_apart(void **state)
{
    (void)state;
    struct err e;
    struct age_header h;
    assert_status(age_header_read(SLICE_LIT("age-encryption.org/v2\n"), &h, &e), E_UNSUPPORTED);
    assert_status(age_header_read(SLICE_LIT("%PDF-1.7"), &h, &e), E_SYNTAX);
    assert_status(age_header_read(SLICE_EMPTY, &h, &e), E_TRUNCATED);
    assert_status(
        age_header_read(
            SLICE_LIT("age-encryption.org/v1\n--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"),
            &h, &e),
        E_MISSING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_recipient_gets_the_file_key_and_others_do_not),
        cmocka_unit_test(what_follows_the_header_is_left_alone),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(every_flipped_bit_is_refused),
        cmocka_unit_test(a_dropped_stanza_breaks_the_mac),
        cmocka_unit_test(rewrap_gives_the_same_key_to_others_only),
        cmocka_unit_test(passphrase_opens_and_is_asked_for_only_when_needed),
        cmocka_unit_test(scrypt_work_over_the_limit_is_not_done),
        cmocka_unit_test(caps_on_size_and_stanzas_hold),
        cmocka_unit_test(most_recipients_allowed_can_be_written_and_read),
        cmocka_unit_test(low_order_recipient_is_refused),
        cmocka_unit_test(failing_randomness_writes_nothing),
        cmocka_unit_test(other_versions_and_other_files_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
