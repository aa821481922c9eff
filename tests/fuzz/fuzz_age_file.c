/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a whole age file, armored or not; then as a body with a known file key, in memory,
 * in pieces and at offsets, which must agree. */
#include <stdlib.h>

#include "age/age.h"

#define CAP ((size_t)4 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool ok)
{
    if (!ok)
        abort();
}

/* The identity of the corpus: 32 bytes of 0x42. */
static void check_file(slice in)
{
    static struct age_identity id;
    struct age_keys keys = {.ids = &id, .n_ids = 1, .passphrase = SLICE_LIT("x"), .max_log_n = 2};
    struct buf out;
    struct err e;
    if (id.secret[0] == 0) {
        uint8_t secret[32];
        memset(secret, 0x42, sizeof secret);
        expect(age_identity_of(secret, &id) == OK);
    }
    buf_init(&out, CAP);
    (void)!age_open(&out, &keys, in, &e);
    buf_done(&out);
}

/* What is armor comes out the same when it is armored again, save line ends and white space. */
static void check_armor(slice in)
{
    struct buf raw, text, again;
    struct err e;
    buf_init(&raw, CAP);
    buf_init(&text, CAP);
    buf_init(&again, CAP);
    if (age_armor_read(&raw, in, &e) == OK) {
        expect(age_armor_put(&text, buf_slice(&raw)) == OK);
        expect(age_armor_read(&again, buf_slice(&text), &e) == OK);
        expect(slice_eq(buf_slice(&raw), buf_slice(&again)));
    }
    buf_done(&raw);
    buf_done(&text);
    buf_done(&again);
}

static status open_in_pieces(const struct age_file_key *fk, slice in, struct buf *out)
{
    struct age_pipe p;
    struct err e;
    status st = age_opener_init(&p, fk, age_sink_buf(out), &e);
    expect(st == OK);
    while (st == OK && in.n > 0) {
        st = age_pipe_write(&p, slice_first(in, 1021), &e);
        in = slice_after(in, 1021);
    }
    if (st == OK)
        st = age_pipe_finish(&p, &e);
    age_pipe_done(&p);
    return st;
}

static void check_body(slice in)
{
    static const struct age_file_key fk = {{0}}; /* of the corpus */
    struct buf whole, pieces;
    struct age_reader r;
    struct err e;
    buf_init(&whole, CAP);
    buf_init(&pieces, CAP);
    status st = age_body_open(&whole, &fk, in, &e);
    expect(open_in_pieces(&fk, in, &pieces) == st);
    expect(slice_eq(buf_slice(&whole), buf_slice(&pieces)));
    if (age_reader_open(&r, &fk, age_at_slice(&in), &e) == OK) {
        expect(st != OK || r.size == whole.n);
        age_reader_done(&r);
    } else {
        expect(st != OK);
    }
    buf_done(&whole);
    buf_done(&pieces);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice in = slice_of(data, size);
    check_file(in);
    check_armor(in);
    check_body(in);
    return 0;
}
