/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies, armor and whole files: round trips, truncation, changes, random access. */
#include "age_test.h"

#define CAP (8 * MIB)

static const size_t sizes[] = {0, 1, 15, 65535, 65536, 65537, 131072, 262144, 262145, MIB + 1};
#define N_SIZES (sizeof sizes / sizeof *sizes)

static const struct age_file_key fk = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
static uint64_t seed = 4711;

/* A plaintext of n bytes and its body. */
static void make(size_t n, struct buf *plain, struct buf *body)
{
    struct err e;
    struct random_src rnd = test_random(&seed);
    test_plain(plain, n);
    buf_init(body, CAP);
    assert_ok(age_body_put(body, &fk, buf_slice(plain), &rnd, &e), &e);
}

static void bodies_round_trip_at_every_boundary(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_SIZES; i++) {
        struct buf plain, body, back;
        struct err e;
        uint64_t len;
        make(sizes[i], &plain, &body);
        assert_true(age_body_len(sizes[i], &len));
        assert_int_equal(body.n, len);
        assert_status(age_body_plain_len(body.n, &len), OK);
        assert_int_equal(len, sizes[i]);
        buf_init(&back, sizes[i]); /* exactly enough */
        assert_ok(age_body_open(&back, &fk, buf_slice(&body), &e), &e);
        assert_slice(buf_slice(&back), buf_slice(&plain));
        buf_done(&back);
        buf_done(&body);
        buf_done(&plain);
    }
}

static void lengths_that_no_body_has_are_refused(void **state)
{
    (void)state;
    uint64_t n;
    assert_status(age_body_plain_len(31, &n), E_TRUNCATED);
    assert_status(age_body_plain_len(32, &n), OK);
    assert_status(age_body_plain_len(16 + AGE_SEALED + 15, &n), E_RANGE);
    assert_status(age_body_plain_len(16 + AGE_SEALED + 16, &n), E_RANGE);
    assert_status(age_body_plain_len(16 + AGE_SEALED + 17, &n), OK);
    assert_false(age_body_len(UINT64_MAX - 64, &n));
}

/* Push s through p in pieces of step bytes and finish. */
static status push(struct age_pipe *p, slice s, size_t step)
{
    struct err e;
    status st = OK;
    while (st == OK && s.n > 0) {
        st = age_pipe_write(p, slice_first(s, step), &e);
        s = slice_after(s, step);
    }
    return st == OK ? age_pipe_finish(p, &e) : st;
}

static void pipes_do_the_same_in_pieces_of_any_size(void **state)
{
    (void)state;
    static const size_t steps[] = {1, 1000, 65536, 65552, 100000, SIZE_MAX};
    struct err e;
    for (size_t i = 0; i < N_SIZES; i++) {
        for (size_t k = sizes[i] > 70000; k < sizeof steps / sizeof *steps; k++) {
            struct buf plain, body, back;
            struct age_pipe p;
            struct random_src rnd = test_random(&seed);
            test_plain(&plain, sizes[i]);
            buf_init(&body, CAP);
            buf_init(&back, CAP);
            assert_ok(age_sealer_init(&p, &fk, age_sink_buf(&body), &rnd, &e), &e);
            assert_status(push(&p, buf_slice(&plain), steps[k]), OK);
            age_pipe_done(&p);
            assert_ok(age_opener_init(&p, &fk, age_sink_buf(&back), &e), &e);
            assert_status(push(&p, buf_slice(&body), steps[k]), OK);
            age_pipe_done(&p);
            assert_slice(buf_slice(&back), buf_slice(&plain));
            buf_done(&back);
            buf_done(&body);
            buf_done(&plain);
        }
    }
}

/* Opening the first n bytes of body fails, and gives only whole chunks of the plaintext. */
static void assert_cut_is_refused(slice body, size_t n, slice plain)
{
    struct buf whole, pieces;
    struct err e;
    struct age_pipe p;
    uint8_t *exact = malloc(n + 1);
    memcpy(exact, body.p, n);
    buf_init(&whole, CAP);
    buf_init(&pieces, CAP);
    status st = age_body_open(&whole, &fk, slice_of(exact, n), &e);
    assert_true(st == E_TRUNCATED || st == E_DECRYPT || st == E_NOT_CANONICAL);
    assert_ok(age_opener_init(&p, &fk, age_sink_buf(&pieces), &e), &e);
    assert_status(push(&p, slice_of(exact, n), 50000), st);
    age_pipe_done(&p);
    assert_slice(buf_slice(&whole), buf_slice(&pieces));
    assert_int_equal(whole.n % AGE_CHUNK, 0);
    assert_slice(buf_slice(&whole), slice_first(plain, whole.n));
    buf_done(&pieces);
    buf_done(&whole);
    free(exact);
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    struct buf plain, body;
    make(300, &plain, &body);
    for (size_t n = 0; n < body.n; n++)
        assert_cut_is_refused(buf_slice(&body), n, buf_slice(&plain));
    buf_done(&body);
    buf_done(&plain);
    make(2 * AGE_CHUNK + 5, &plain, &body);
    for (size_t n = 0; n < body.n; n += n % AGE_SEALED < 40 ? 1 : 4099)
        assert_cut_is_refused(buf_slice(&body), n, buf_slice(&plain));
    for (size_t n = body.n - 60; n < body.n; n++)
        assert_cut_is_refused(buf_slice(&body), n, buf_slice(&plain));
    buf_done(&body);
    buf_done(&plain);
}

static void every_flipped_bit_is_refused(void **state)
{
    (void)state;
    struct buf plain, body, back;
    struct err e;
    make(40, &plain, &body);
    buf_init(&back, CAP);
    for (size_t i = 0; i < body.n * 8; i++) {
        body.p[i / 8] ^= (uint8_t)(1 << i % 8);
        assert_status(age_body_open(&back, &fk, buf_slice(&body), &e), E_DECRYPT);
        assert_int_equal(back.n, 0);
        body.p[i / 8] ^= (uint8_t)(1 << i % 8);
    }
    buf_done(&back);
    buf_done(&body);
    buf_done(&plain);
}

static void changed_swapped_and_added_chunks_are_refused(void **state)
{
    (void)state;
    struct buf plain, body, back;
    struct err e;
    make(3 * AGE_CHUNK, &plain, &body);
    buf_init(&back, CAP);
    uint8_t *first = body.p + AGE_NONCE;
    body.p[AGE_NONCE + AGE_SEALED + 7] ^= 1; /* second chunk */
    assert_status(age_body_open(&back, &fk, buf_slice(&body), &e), E_DECRYPT);
    assert_slice(buf_slice(&back), slice_of(plain.p, AGE_CHUNK));
    body.p[AGE_NONCE + AGE_SEALED + 7] ^= 1;
    buf_clear(&back);
    for (size_t i = 0; i < AGE_SEALED; i++) {
        uint8_t t = first[i];
        first[i] = first[AGE_SEALED + i];
        first[AGE_SEALED + i] = t;
    }
    assert_status(age_body_open(&back, &fk, buf_slice(&body), &e), E_DECRYPT);
    assert_int_equal(back.n, 0);
    buf_done(&body);
    buf_done(&plain);
    make(AGE_CHUNK, &plain, &body);
    assert_status(buf_put_u8(&body, 0), OK);
    assert_status(age_body_open(&back, &fk, buf_slice(&body), &e), E_TRAILING);
    assert_slice(buf_slice(&back), buf_slice(&plain));
    buf_done(&back);
    buf_done(&body);
    buf_done(&plain);
}

static void reader_gives_any_range(void **state)
{
    (void)state;
    static uint8_t out[MIB + 100];
    for (size_t i = 0; i < N_SIZES; i++) {
        struct buf plain, body;
        struct age_reader r;
        struct err e;
        size_t n;
        make(sizes[i], &plain, &body);
        slice s = buf_slice(&body);
        assert_ok(age_reader_open(&r, &fk, age_at_slice(&s), &e), &e);
        assert_int_equal(r.size, sizes[i]);
        assert_ok(age_reader_read(&r, 0, out, sizeof out, &n, &e), &e);
        assert_slice(slice_of(out, n), buf_slice(&plain));
        for (int k = 0; k < 100; k++) {
            uint32_t pick[2];
            (void)test_random_fill(&seed, (uint8_t *)pick, sizeof pick);
            size_t off = pick[0] % (sizes[i] + 2);
            size_t want = pick[1] % 150000;
            assert_ok(age_reader_read(&r, off, out, want, &n, &e), &e);
            assert_slice(slice_of(out, n), slice_first(slice_after(buf_slice(&plain), off), want));
        }
        assert_ok(age_reader_read(&r, UINT64_MAX, out, 10, &n, &e), &e);
        assert_int_equal(n, 0);
        age_reader_done(&r);
        buf_done(&body);
        buf_done(&plain);
    }
}

static void reader_refuses_cut_bodies_and_changed_chunks(void **state)
{
    (void)state;
    static uint8_t out[AGE_CHUNK];
    struct buf plain, body;
    struct age_reader r;
    struct err e;
    size_t n;
    make(3 * AGE_CHUNK, &plain, &body);
    slice cut = slice_first(buf_slice(&body), AGE_NONCE + 2 * AGE_SEALED);
    assert_status(age_reader_open(&r, &fk, age_at_slice(&cut), &e), E_TRUNCATED);
    cut.n -= 1;
    assert_status(age_reader_open(&r, &fk, age_at_slice(&cut), &e), E_DECRYPT);
    cut.n = 20;
    assert_status(age_reader_open(&r, &fk, age_at_slice(&cut), &e), E_TRUNCATED);
    body.p[AGE_NONCE + AGE_SEALED] ^= 0x80;
    slice s = buf_slice(&body);
    assert_ok(age_reader_open(&r, &fk, age_at_slice(&s), &e), &e);
    assert_status(age_reader_read(&r, AGE_CHUNK - 1, out, 2, &n, &e), E_DECRYPT);
    assert_status(age_reader_read(&r, AGE_CHUNK, out, AGE_CHUNK, &n, &e), E_DECRYPT);
    assert_ok(age_reader_read(&r, AGE_CHUNK - 5, out, 5, &n, &e), &e);
    assert_slice(slice_of(out, n), slice_of(plain.p + AGE_CHUNK - 5, 5));
    assert_ok(age_reader_read(&r, 2 * AGE_CHUNK + 9, out, 3, &n, &e), &e);
    age_reader_done(&r);
    buf_done(&body);
    buf_done(&plain);
}

static void armor_round_trips_every_length(void **state)
{
    (void)state;
    for (size_t n = 0; n < 60000; n += n < 200 ? 1 : 6607) {
        struct buf plain, text, back;
        struct err e;
        test_plain(&plain, n);
        buf_init(&text, CAP);
        buf_init(&back, CAP);
        assert_status(age_armor_put(&text, buf_slice(&plain)), OK);
        assert_true(age_armor_is(buf_slice(&text)));
        assert_ok(age_armor_read(&back, buf_slice(&text), &e), &e);
        assert_slice(buf_slice(&back), buf_slice(&plain));
        buf_clear(&back);
        for (size_t cut = 0; n < 130 && cut + 1 < text.n; cut++)
            assert_true(age_armor_read(&back, slice_of(text.p, cut), &e) != OK);
        assert_int_equal(back.n, 0);
        buf_done(&back);
        buf_done(&text);
        buf_done(&plain);
    }
}

static void armor_is_read_in_pieces_of_any_size(void **state)
{
    (void)state;
    static struct age_armor_reader r;
    struct buf plain, text;
    struct err e;
    test_plain(&plain, 100001);
    buf_init(&text, CAP);
    assert_status(age_armor_put(&text, buf_slice(&plain)), OK);
    for (size_t step = 1; step < 120000; step = step * 3 + 1) {
        slice s = buf_slice(&text);
        size_t n = 1;
        size_t at = 0;
        static uint8_t out[120000];
        age_armor_reader_init(&r, age_src_slice(&s));
        struct age_src src = age_armor_reader_src(&r);
        for (; n > 0; at += n)
            assert_ok(src.read(src.ctx, out + at, step < sizeof out - at ? step : sizeof out - at,
                               &n, &e),
                      &e);
        assert_slice(slice_of(out, at), buf_slice(&plain));
    }
    buf_done(&text);
    buf_done(&plain);
}

#define B AGE_ARMOR_BEGIN "\n"
#define L48 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
#define E AGE_ARMOR_END "\n"

static void armor_form_is_strict_and_white_space_around_it_allowed(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        status want;
    } rows[] = {
        {B E, OK},
        {B L48 E, OK},
        {B L48 "AA==\n" E, OK},
        {" \n\r\n\t\n" B L48 E "\n  \n", OK},
        {AGE_ARMOR_BEGIN "\r\nAA==\r\n" AGE_ARMOR_END "\r\n", OK},
        {B "AA==\n" AGE_ARMOR_END, OK},
        {" " B "AA==\n" E, E_SYNTAX},
        {"x\n" B "AA==\n" E, E_SYNTAX},
        {B "AA==\n" E "x", E_TRAILING},
        {B "AA==\n" E B, E_TRAILING},
        {B L48 "\n" E, E_SYNTAX},
        {B "\n" L48 E, E_SYNTAX},
        {B "AA==\n" L48 E, E_SYNTAX},
        {B "AAAA\nAAAA\n" E, E_SYNTAX},
        {B "AB==\n" E, E_NOT_CANONICAL},
        {B "AA\n" E, E_SYNTAX},
        {B "AA== \n" E, E_SYNTAX},
        {B " AA==\n" E, E_SYNTAX},
        {B "A" L48 E, E_SYNTAX},
        {B "AA==\r\r\n" E, E_SYNTAX},
        {B "AA==\n-----END AGE ENCRYPTED FILE----- \n", E_SYNTAX},
        {B "AA==\n", E_TRUNCATED},
        {B, E_TRUNCATED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf out;
        struct err e = {0};
        buf_init(&out, CAP);
        status st = age_armor_read(&out, slice_str(rows[i].text), &e);
        if (st != rows[i].want)
            fail_msg("row %zu: %s, want %s (%s)", i, status_name(st), status_name(rows[i].want),
                     e.msg);
        buf_done(&out);
    }
}
#undef B
#undef L48
#undef E

static void too_much_white_space_around_armor_is_refused(void **state)
{
    (void)state;
    struct buf text, out;
    struct err e;
    buf_init(&text, CAP);
    buf_init(&out, CAP);
    for (int i = 0; i < 1025; i++)
        assert_status(buf_put_u8(&text, '\n'), OK);
    assert_status(age_armor_put(&text, SLICE_LIT("x")), OK);
    assert_status(age_armor_read(&out, buf_slice(&text), &e), E_TOO_LONG);
    assert_ok(age_armor_read(&out, slice_after(buf_slice(&text), 1), &e), &e);
    buf_done(&out);
    buf_done(&text);
}

static void whole_files_round_trip_armored_or_not(void **state)
{
    (void)state;
    struct random_src rnd = test_random(&seed);
    struct age_identity id;
    struct err e;
    assert_status(age_identity_generate(&rnd, &id), OK);
    for (size_t i = 0; i < 2 * N_SIZES; i++) {
        struct buf plain, file, back;
        struct age_to to = {.r = &id.recipient, .n = 1, .armor = i % 2 == 1};
        struct age_keys keys = {.ids = &id, .n_ids = 1};
        test_plain(&plain, sizes[i / 2]);
        buf_init(&file, CAP);
        buf_init(&back, CAP);
        assert_ok(age_seal(&file, &to, buf_slice(&plain), &rnd, &e), &e);
        assert_ok(age_open(&back, &keys, buf_slice(&file), &e), &e);
        assert_slice(buf_slice(&back), buf_slice(&plain));
        buf_done(&back);
        buf_done(&file);
        buf_done(&plain);
    }
}

/* A source that fails after its slice, and a sink that takes so many bytes. */
struct faulty {
    slice left;
    size_t room;
};

static status faulty_read(void *ctx, uint8_t *p, size_t n, size_t *ret_n, struct err *reterr)
{
    struct faulty *f = ctx;
    if (f->left.n == 0)
        return ERR(reterr, E_UNAVAILABLE, "source broke");
    slice part = slice_first(f->left, n);
    memcpy(p, part.p, part.n);
    f->left = slice_after(f->left, part.n);
    *ret_n = part.n;
    return OK;
}

static status faulty_write(void *ctx, slice s, struct err *reterr)
{
    struct faulty *f = ctx;
    if (s.n > f->room)
        return ERR(reterr, E_NO_SPACE, "sink full");
    f->room -= s.n;
    return OK;
}

static void errors_of_source_and_sink_are_handed_on(void **state)
{
    (void)state;
    struct buf plain, body;
    struct err e;
    struct random_src rnd = test_random(&seed);
    make(MIB, &plain, &body);
    for (size_t room = 0; room < MIB; room += 100001) {
        struct faulty f = {.left = buf_slice(&plain), .room = room};
        struct age_sink sink = {faulty_write, &f};
        slice in = buf_slice(&plain);
        assert_status(age_body_seal_stream(&fk, age_src_slice(&in), sink, &rnd, &e), E_NO_SPACE);
        in = buf_slice(&body);
        f.room = room;
        assert_status(age_body_open_stream(&fk, age_src_slice(&in), sink, &e), E_NO_SPACE);
        f.room = SIZE_MAX;
        assert_status(age_body_seal_stream(&fk, (struct age_src){faulty_read, &f}, sink, &rnd, &e),
                      E_UNAVAILABLE);
        f.left = slice_first(buf_slice(&body), room + 1);
        assert_status(age_body_open_stream(&fk, (struct age_src){faulty_read, &f}, sink, &e),
                      E_UNAVAILABLE);
        struct buf small;
        buf_init(&small, room);
        assert_status(age_body_put(&small, &fk, buf_slice(&plain), &rnd, &e), E_TOO_LONG);
        assert_status(age_body_open(&small, &fk, buf_slice(&body), &e), E_TOO_LONG);
        assert_int_equal(small.n, 0);
        buf_done(&small);
    }
    buf_done(&body);
    buf_done(&plain);
}

static void header_and_body_made_apart_are_a_plain_file(void **state)
{
    (void)state;
    struct buf plain, body, file, back;
    struct random_src rnd = test_random(&seed);
    struct age_identity id;
    struct err e;
    make(70000, &plain, &body);
    assert_status(age_identity_generate(&rnd, &id), OK);
    buf_init(&file, CAP);
    buf_init(&back, CAP);
    assert_ok(age_header_put(&file, &fk, &id.recipient, 1, &rnd, &e), &e);
    assert_status(buf_put(&file, buf_slice(&body)), OK);
    struct age_keys keys = {.ids = &id, .n_ids = 1};
    assert_ok(age_open(&back, &keys, buf_slice(&file), &e), &e);
    assert_slice(buf_slice(&back), buf_slice(&plain));
    buf_done(&back);
    buf_done(&file);
    buf_done(&body);
    buf_done(&plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_round_trip_at_every_boundary),
        cmocka_unit_test(lengths_that_no_body_has_are_refused),
        cmocka_unit_test(pipes_do_the_same_in_pieces_of_any_size),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(every_flipped_bit_is_refused),
        cmocka_unit_test(changed_swapped_and_added_chunks_are_refused),
        cmocka_unit_test(reader_gives_any_range),
        cmocka_unit_test(reader_refuses_cut_bodies_and_changed_chunks),
        cmocka_unit_test(armor_round_trips_every_length),
        cmocka_unit_test(armor_is_read_in_pieces_of_any_size),
        cmocka_unit_test(armor_form_is_strict_and_white_space_around_it_allowed),
        cmocka_unit_test(too_much_white_space_around_armor_is_refused),
        cmocka_unit_test(whole_files_round_trip_armored_or_not),
        cmocka_unit_test(errors_of_source_and_sink_are_handed_on),
        cmocka_unit_test(header_and_body_made_apart_are_a_plain_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
