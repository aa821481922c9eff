/* SPDX-License-Identifier: Apache-2.0 */
/* A record sealed and opened in memory; then everything a reader relies on is changed, bit by bit,
 * and each change must be refused with a message that names what does not match. */
#include "test.h"

#include "crypto/sha2.h"
#include "ehr/record_open.h"
#include "ehr/record_seal.h"
#include "fhir/category.h"
#include "fhir/meta.h"
#include "mem_content.h"

struct fixture {
    struct mem_content content;
    struct netid net;
    struct epoch_key key;
    struct folder_ring ring;
    struct record_expect x;
    struct record_sealed sealed;
    int64_t size_lie; /* added to the size in meta */
    bool sha_lie;
};

static status meta_put(void *ctx, uint64_t size, const hash32 *sha256, struct buf *out,
                       struct err *reterr)
{
    const struct fixture *f = ctx;
    struct fhir_meta m = {.doc_status = SLICE_LIT("final"),
                          .type_code = SLICE_LIT("34133-9"),
                          .type_text = SLICE_LIT("Summary"),
                          .date = SLICE_LIT("2026-11-23T10:00:00Z"),
                          .author = SLICE_LIT("Dr. Ada"),
                          .title = SLICE_LIT("A report"),
                          .content_type = SLICE_LIT("text/plain"),
                          .size = (uint64_t)((int64_t)size + f->size_lie),
                          .sha256 = *sha256};
    m.sha256.b[0] ^= f->sha_lie ? 1 : 0;
    return fhir_meta_put(&m, out, reterr);
}

static void seal(struct fixture *f, slice plain)
{
    struct err e;
    struct record_plan plan = {.net = f->net,
                               .at = {.folder = f->x.folder,
                                      .record = f->x.record,
                                      .version = 1,
                                      .epoch = 1,
                                      .author = {{0xad}}},
                               .to = f->key.id.recipient,
                               .plain = age_src_slice(&plain),
                               .meta = {meta_put, f}};
    assert_ok(record_seal(&plan, &f->content.base, &random_system, &f->sealed, &e), &e);
    f->x.slot = (struct record_slot){.version = 1, .status = RECORD_ACTIVE};
    memcpy(f->x.slot.commitment, f->sealed.commitment, RECORD_COMMITMENT);
}

static void fixture_init(struct fixture *f)
{
    *f = (struct fixture){.net = {31337, {{0x22}}}, .key = {.epoch = 1}};
    mem_content_init(&f->content);
    memset(f->x.folder.b, 0xf0, 32);
    memset(f->x.record.b, 0x0d, 32);
    assert_int_equal(age_identity_generate(&random_system, &f->key.id), OK);
    f->ring = (struct folder_ring){&f->key, 1};
}

static void fixture_done(struct fixture *f)
{
    record_sealed_done(&f->sealed);
    mem_content_done(&f->content);
}

/* Check and read as a client does. */
static status read_all(struct fixture *f, struct buf *out, struct err *e)
{
    struct record_view v;
    status st = record_check(&f->net, &f->x, buf_slice(&f->sealed.envelope), &f->sealed.inner,
                             &f->ring, &v, e);
    if (st != OK)
        return st;
    st = record_read(&v, &f->ring, &f->content.base, age_sink_buf(out), e);
    record_view_done(&v);
    return st;
}

static void expect_refusal(struct fixture *f, status want, const char *names)
{
    struct buf out;
    struct err e = {.msg = ""};
    buf_init(&out, (size_t)4 << 20);
    assert_status(read_all(f, &out, &e), want);
    if (strstr(e.msg, names) == NULL)
        fail_msg("\"%s\" does not name %s", e.msg, names);
    buf_done(&out);
}

static void gives_back_the_same_bytes(void **s)
{
    static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 200000};
    (void)s;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct fixture f;
        struct buf out;
        struct err e;
        uint8_t *plain = test_malloc(sizes[i] + 1);
        for (size_t k = 0; k < sizes[i]; k++)
            plain[k] = (uint8_t)(k * 7);
        fixture_init(&f);
        seal(&f, slice_of(plain, sizes[i]));
        buf_init(&out, (size_t)1 << 20);
        assert_ok(read_all(&f, &out, &e), &e);
        assert_slice(buf_slice(&out), slice_of(plain, sizes[i]));
        assert_int_equal(f.sealed.size, sizes[i]);
        buf_done(&out);
        fixture_done(&f);
        test_free(plain);
    }
}

static void header_and_body_are_a_plain_age_file(void **s)
{
    struct fixture f;
    struct record_view v;
    struct buf file;
    struct buf out;
    struct err e;
    (void)s;
    fixture_init(&f);
    seal(&f, SLICE_LIT("0.010 mg"));
    buf_init(&file, 1 << 20);
    buf_init(&out, 1 << 20);
    assert_ok(
        record_check(&f.net, &f.x, buf_slice(&f.sealed.envelope), &f.sealed.inner, &f.ring, &v, &e),
        &e);
    assert_ok(record_read_sealed(&v, &f.ring, &f.content.base, age_sink_buf(&file), &e), &e);
    assert_ok(
        age_open(&out, &(struct age_keys){.ids = &f.key.id, .n_ids = 1}, buf_slice(&file), &e), &e);
    assert_slice(buf_slice(&out), SLICE_LIT("0.010 mg"));
    record_view_done(&v);
    buf_done(&file);
    buf_done(&out);
    fixture_done(&f);
}

/* The header is not part of the commitment: only opening the body with it tells. */
static void a_changed_header_is_not_exported(void **s)
{
    struct fixture f;
    struct record_view v;
    struct buf file;
    struct err e;
    (void)s;
    fixture_init(&f);
    seal(&f, SLICE_LIT("0.010 mg"));
    assert_ok(
        record_check(&f.net, &f.x, buf_slice(&f.sealed.envelope), &f.sealed.inner, &f.ring, &v, &e),
        &e);
    struct age_file_key other;
    struct buf header;
    assert_int_equal(age_file_key_generate(&random_system, &other), OK);
    buf_init(&header, 4096);
    assert_ok(age_header_put(&header, &other, &f.key.id.recipient, 1, &random_system, &e), &e);
    v.e.header = buf_slice(&header);
    buf_init(&file, 1 << 20);
    assert_status(record_read_sealed(&v, &f.ring, &f.content.base, age_sink_buf(&file), &e),
                  E_DECRYPT);
    record_view_done(&v);
    buf_done(&header);
    buf_done(&file);
    fixture_done(&f);
}

static void pieces_stay_small_for_a_large_record(void **s)
{
    struct fixture f;
    size_t n = (size_t)16 << 20;
    uint8_t *plain = test_calloc(n, 1);
    (void)s;
    fixture_init(&f);
    seal(&f, slice_of(plain, n));
    assert_true(f.content.largest_write <= (size_t)2 << 20);
    fixture_done(&f);
    test_free(plain);
}

/* Every bit of the slot's word that a reader relies on. */
static void refuses_every_flipped_bit_of_the_slot(void **s)
{
    struct fixture f;
    (void)s;
    fixture_init(&f);
    seal(&f, SLICE_LIT("plain"));
    for (size_t i = 0; i < RECORD_COMMITMENT * 8; i++) {
        f.x.slot.commitment[i / 8] ^= (uint8_t)(1u << i % 8);
        expect_refusal(&f, E_MISMATCH, "commitment");
        f.x.slot.commitment[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    f.x.slot.version = 2;
    expect_refusal(&f, E_MISMATCH, "version");
    f.x.slot.version = 1;
    f.x.slot.status = RECORD_NONE;
    expect_refusal(&f, E_MISMATCH, "slot");
    fixture_done(&f);
}

static void refuses_another_place(void **s)
{
    struct fixture f;
    (void)s;
    fixture_init(&f);
    seal(&f, SLICE_LIT("plain"));
    f.x.folder.b[0] ^= 1;
    expect_refusal(&f, E_MISMATCH, "another folder");
    f.x.folder.b[0] ^= 1;
    f.x.record.b[0] ^= 1;
    expect_refusal(&f, E_MISMATCH, "another record");
    f.x.record.b[0] ^= 1;
    f.net.chain_id++;
    expect_refusal(&f, E_MISMATCH, "commitment");
    f.net.chain_id--;
    f.sealed.inner.b[31] ^= 1;
    expect_refusal(&f, E_MISMATCH, "commitment");
    fixture_done(&f);
}

/* All of it: RLP, place, author, CID, salt, header and meta. A flipped header bit is found when the
 * body is opened, all others before. */
static void refuses_every_flipped_bit_of_the_envelope(void **s)
{
    struct fixture f;
    struct buf out;
    struct err e;
    (void)s;
    fixture_init(&f);
    seal(&f, SLICE_LIT("plain"));
    buf_init(&out, 4096);
    for (size_t i = 0; i < f.sealed.envelope.n * 8; i++) {
        uint8_t *p = &f.sealed.envelope.p[i / 8];
        *p ^= (uint8_t)(1u << i % 8);
        e.msg[0] = 0;
        if (read_all(&f, &out, &e) == OK)
            fail_msg("bit %zu of byte %zu: accepted", i % 8, i / 8);
        assert_true(e.msg[0] != 0);
        *p ^= (uint8_t)(1u << i % 8);
        buf_clear(&out);
    }
    buf_done(&out);
    fixture_done(&f);
}

static void refuses_every_flipped_bit_of_the_body(void **s)
{
    struct fixture f;
    (void)s;
    fixture_init(&f);
    seal(&f, SLICE_LIT("plain"));
    for (size_t i = 0; i < f.content.file[0].n * 8; i++) {
        f.content.file[0].p[i / 8] ^= (uint8_t)(1u << i % 8);
        expect_refusal(&f, E_MISMATCH, "CID");
        f.content.file[0].p[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    fixture_done(&f);
}

/* An author who commits to a body that does not open: the CID fits, the AEAD does not. */
static void refuses_a_body_that_was_bad_from_the_start(void **s)
{
    struct fixture f;
    struct content_upload *up;
    struct content_info info;
    struct record_view v;
    struct buf out;
    struct err e;
    (void)s;
    fixture_init(&f);
    seal(&f, SLICE_LIT("plain"));
    assert_ok(
        record_check(&f.net, &f.x, buf_slice(&f.sealed.envelope), &f.sealed.inner, &f.ring, &v, &e),
        &e);
    f.content.file[0].p[20] ^= 1;
    assert_ok(content_put_begin(&f.content.base, &up, &e), &e);
    assert_ok(content_put_write(up, buf_slice(&f.content.file[0]), &e), &e);
    assert_ok(content_put_finish(up, &info, &e), &e);
    v.e.cid = info.cid;
    buf_init(&out, 4096);
    assert_status(record_read(&v, &f.ring, &f.content.base, age_sink_buf(&out), &e), E_DECRYPT);
    assert_non_null(strstr(e.msg, "body"));
    assert_int_equal(out.n, 0);
    buf_done(&out);
    record_view_done(&v);
    fixture_done(&f);
}

static void refuses_a_plaintext_that_meta_does_not_describe(void **s)
{
    struct fixture f;
    (void)s;
    fixture_init(&f);
    f.size_lie = 1;
    seal(&f, SLICE_LIT("plain"));
    expect_refusal(&f, E_MISMATCH, "size");
    fixture_done(&f);
    fixture_init(&f);
    f.sha_lie = true;
    seal(&f, SLICE_LIT("plain"));
    expect_refusal(&f, E_MISMATCH, "sha256");
    fixture_done(&f);
}

static void tells_when_there_is_no_key_of_the_epoch(void **s)
{
    struct fixture f;
    struct epoch_key other;
    (void)s;
    fixture_init(&f);
    seal(&f, SLICE_LIT("plain"));
    f.key.epoch = 2;
    expect_refusal(&f, E_NO_KEY, "epoch 1");
    f.key.epoch = 1;
    other.epoch = 1;
    assert_int_equal(age_identity_generate(&random_system, &other.id), OK);
    f.ring.keys = &other;
    expect_refusal(&f, E_MISMATCH, "meta.age");
    fixture_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_back_the_same_bytes),
        cmocka_unit_test(header_and_body_are_a_plain_age_file),
        cmocka_unit_test(a_changed_header_is_not_exported),
        cmocka_unit_test(pieces_stay_small_for_a_large_record),
        cmocka_unit_test(refuses_every_flipped_bit_of_the_slot),
        cmocka_unit_test(refuses_another_place),
        cmocka_unit_test(refuses_every_flipped_bit_of_the_envelope),
        cmocka_unit_test(refuses_every_flipped_bit_of_the_body),
        cmocka_unit_test(refuses_a_body_that_was_bad_from_the_start),
        cmocka_unit_test(refuses_a_plaintext_that_meta_does_not_describe),
        cmocka_unit_test(tells_when_there_is_no_key_of_the_epoch),
    };
    return cmocka_run_group_tests_name("ehr_record", tests, NULL, NULL);
}
