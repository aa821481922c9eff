/* SPDX-License-Identifier: Apache-2.0 */
/* Import and reading of files: round trips, ranges, damage, lies and limits. */
#include "test.h"

#include "base/limits.h"
#include "codec/dagpb.h"
#include "ipfs/export.h"
#include "ipfs/import.h"
#include "ipfs/unixfs.h"
#include "memstore.h"

static const struct import_profile tiny_v1 = {
    .name = "tiny", .chunk = 4, .max_links = 3, .raw_leaves = true, .cid_version = 1};
static const struct import_profile tiny_v0 = {
    .name = "tiny0", .chunk = 5, .max_links = 2, .raw_leaves = false, .cid_version = 0};

static status to_buf(void *ctx, slice bytes, struct err *reterr)
{
    assert_true(bytes.n > 0);
    status s = buf_put(ctx, bytes);
    return s == OK ? OK : ERR(reterr, s, "buffer");
}

static struct import_result add(struct memstore *m, const struct import_profile *p, slice content,
                                size_t piece)
{
    struct import *im = NULL;
    struct import_result r;
    struct err e;
    struct block_sink sink = {memstore_put, m};
    assert_ok(import_new(p, &sink, &im, &e), &e);
    for (size_t at = 0; at < content.n; at += piece)
        assert_ok(import_write(im, slice_first(slice_after(content, at), piece), &e), &e);
    assert_ok(import_finish(im, &r, &e), &e);
    import_free(im);
    return r;
}

/* The range in got; what export_read returned. */
static status get(struct memstore *m, const struct cid *c, uint64_t from, uint64_t len,
                  struct buf *got)
{
    struct err e;
    struct block_source source = {memstore_get, m};
    struct byte_sink sink = {to_buf, got};
    buf_clear(got);
    return export_read(&source, c, from, len, &sink, &e);
}

static void fill(uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        p[i] = (uint8_t)(i * 7 + i / 251);
}

static void round_trips(const struct import_profile *p)
{
    uint8_t content[64];
    struct buf got;
    fill(content, sizeof content);
    buf_init(&got, 1000);
    for (size_t n = 0; n <= sizeof content; n++) {
        struct memstore m = {0};
        slice all = slice_of(content, n);
        struct import_result r = add(&m, p, all, 1 + n % 9);
        struct import_result whole = add(&m, p, all, 1000);
        assert_true(cid_eq(&r.cid, &whole.cid));
        assert_int_equal(r.size, n);
        for (size_t from = 0; from <= n; from++) {
            for (size_t len = 0; len <= n - from; len += 1 + len / 4) {
                assert_status(get(&m, &r.cid, from, len, &got), OK);
                assert_slice(buf_slice(&got), slice_first(slice_after(all, from), len));
            }
            assert_status(get(&m, &r.cid, from, EXPORT_TO_END, &got), OK);
            assert_slice(buf_slice(&got), slice_after(all, from));
        }
        assert_status(get(&m, &r.cid, n + 1, 1, &got), E_RANGE);
        memstore_done(&m);
    }
    buf_done(&got);
}

static void every_range_of_every_size_comes_back(void **state)
{
    (void)state;
    round_trips(&tiny_v1);
    round_trips(&tiny_v0);
}

static void states_its_sizes(void **state)
{
    (void)state;
    struct memstore m = {0};
    struct err e;
    uint8_t content[50];
    uint64_t size = 0;
    uint64_t blocks = 0;
    uint64_t sum = 0;
    fill(content, sizeof content);
    struct import_result r = add(&m, &tiny_v1, slice_of(content, sizeof content), 50);
    for (size_t i = 0; i < m.n; i++)
        sum += m.blocks[i].n;
    struct block_source source = {memstore_get, &m};
    assert_ok(export_stat(&source, &r.cid, &size, &blocks, &e), &e);
    assert_int_equal(size, 50);
    assert_int_equal(blocks, r.block_size);
    assert_int_equal(blocks, sum);
    memstore_done(&m);
}

static void a_range_reads_only_its_own_blocks(void **state)
{
    (void)state;
    struct memstore m = {0};
    struct buf got;
    uint8_t content[36]; /* 9 leaves below 3 nodes below the root */
    fill(content, sizeof content);
    buf_init(&got, 100);
    struct import_result r = add(&m, &tiny_v1, slice_of(content, sizeof content), 36);
    m.reads = 0;
    assert_status(get(&m, &r.cid, 17, 2, &got), OK);
    assert_int_equal(m.reads, 3);
    m.reads = 0;
    assert_status(get(&m, &r.cid, 19, 2, &got), OK);
    assert_int_equal(m.reads, 4);
    buf_done(&got);
    memstore_done(&m);
}

static void every_damaged_or_missing_block_is_found(void **state)
{
    (void)state;
    struct memstore m = {0};
    struct buf got;
    uint8_t content[36];
    fill(content, sizeof content);
    buf_init(&got, 100);
    struct import_result r = add(&m, &tiny_v1, slice_of(content, sizeof content), 36);
    for (size_t i = 0; i < m.n; i++) {
        m.blocks[i].p[m.blocks[i].n - 1] ^= 1;
        assert_status(get(&m, &r.cid, 0, EXPORT_TO_END, &got), E_MISMATCH);
        m.blocks[i].p[m.blocks[i].n - 1] ^= 1;
        struct cid kept = m.blocks[i].cid;
        m.blocks[i].cid.digest[0] ^= 1;
        assert_status(get(&m, &r.cid, 0, EXPORT_TO_END, &got), E_NOT_FOUND);
        m.blocks[i].cid = kept;
    }
    assert_status(get(&m, &r.cid, 0, EXPORT_TO_END, &got), OK);
    buf_done(&got);
    memstore_done(&m);
}

/* A node made by hand: n links to the same child, each stated to have size bytes. */
struct node_spec {
    struct cid child;
    unsigned n_links;
    unsigned n_sizes;
    uint64_t size;
    uint64_t filesize;
    uint64_t type;
    const char *data;
    const char *name;
};

static struct cid put_spec(struct memstore *m, const struct node_spec *sp)
{
    struct buf msg;
    struct buf block;
    struct cid c;
    struct err e;
    buf_init(&msg, LIMIT_IPFS_BLOCK);
    buf_init(&block, LIMIT_IPFS_BLOCK);
    slice data = sp->data != NULL ? slice_str(sp->data) : SLICE_EMPTY;
    struct dagpb_link link = {.cid = sp->child, .name = SLICE_EMPTY, .has_name = true};
    if (sp->name != NULL)
        link.name = slice_str(sp->name);
    assert_status(unixfs_put_file(&msg, data, sp->filesize), OK);
    msg.p[1] = (uint8_t)sp->type;
    for (unsigned i = 0; i < sp->n_sizes; i++)
        assert_status(unixfs_put_blocksize(&msg, sp->size), OK);
    for (unsigned i = 0; i < sp->n_links; i++)
        assert_status(dagpb_put_link(&block, &link), OK);
    assert_status(dagpb_put_data(&block, buf_slice(&msg)), OK);
    assert_status(cid_of_content(CID_DAG_PB, buf_slice(&block), &c), OK);
    assert_status(memstore_put(m, &c, buf_slice(&block), &e), OK);
    buf_done(&msg);
    buf_done(&block);
    return c;
}

static struct cid put_raw(struct memstore *m, const char *text)
{
    struct cid c;
    struct err e;
    assert_status(cid_of_content(CID_RAW, slice_str(text), &c), OK);
    assert_status(memstore_put(m, &c, slice_str(text), &e), OK);
    return c;
}

static void nodes_that_lie_are_refused(void **state)
{
    (void)state;
    struct memstore m = {0};
    struct buf got;
    buf_init(&got, 1000);
    struct cid leaf = put_raw(&m, "leaf");
    const struct {
        struct node_spec spec;
        status want;
    } cases[] = {
        {{leaf, 2, 2, 4, 8, UNIXFS_FILE, NULL, NULL}, OK},
        {{leaf, 2, 2, 4, 9, UNIXFS_FILE, NULL, NULL}, E_MISMATCH},
        {{leaf, 2, 2, 5, 10, UNIXFS_FILE, NULL, NULL}, E_MISMATCH},
        {{leaf, 2, 1, 4, 4, UNIXFS_FILE, NULL, NULL}, E_MISMATCH},
        {{leaf, 0, 1, 0, 0, UNIXFS_FILE, NULL, NULL}, E_MISMATCH},
        {{leaf, 2, 3, 4, 12, UNIXFS_FILE, NULL, NULL}, E_MISMATCH},
        {{leaf, 2, 2, UINT64_MAX / 2 + 1, 0, UNIXFS_FILE, NULL, NULL}, E_RANGE},
        {{leaf, 1, 1, 4, 8, UNIXFS_FILE, "data", NULL}, E_UNSUPPORTED},
        {{leaf, 1, 1, 4, 4, UNIXFS_FILE, NULL, "name"}, E_MISMATCH},
        {{leaf, 1, 1, 4, 4, UNIXFS_DIRECTORY, NULL, NULL}, E_TYPE},
        {{leaf, 1, 1, 4, 4, UNIXFS_HAMT, NULL, NULL}, E_TYPE},
        {{leaf, 0, 0, 0, 4, UNIXFS_FILE, "data", NULL}, OK},
        {{leaf, 0, 0, 0, 4, UNIXFS_RAW, "data", NULL}, OK},
        {{leaf, 0, 0, 0, 5, UNIXFS_FILE, "data", NULL}, E_MISMATCH},
        {{leaf, LIMIT_IPFS_LINKS + 1, LIMIT_IPFS_LINKS + 1, 4, 0, UNIXFS_FILE, NULL, NULL},
         E_TOO_LONG},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cid c = put_spec(&m, &cases[i].spec);
        status s = get(&m, &c, 0, EXPORT_TO_END, &got);
        if (s != cases[i].want)
            fail_msg("case %zu: %s", i, status_name(s));
    }
    buf_done(&got);
    memstore_done(&m);
}

static void leaves_may_lie_at_any_depth_but_the_limit(void **state)
{
    (void)state;
    struct memstore m = {0};
    struct buf got;
    buf_init(&got, 1000);
    struct cid c = put_raw(&m, "leaf");
    for (unsigned depth = 1; depth <= LIMIT_IPFS_DEPTH; depth++) {
        struct node_spec sp = {c, 1, 1, 4, 4, UNIXFS_FILE, NULL, NULL};
        c = put_spec(&m, &sp);
        assert_status(get(&m, &c, 0, EXPORT_TO_END, &got),
                      depth < LIMIT_IPFS_DEPTH ? OK : E_TOO_DEEP);
    }
    assert_slice(buf_slice(&got), SLICE_EMPTY);
    buf_done(&got);
    memstore_done(&m);
}

static void inline_leaves_and_foreign_codecs(void **state)
{
    (void)state;
    struct memstore m = {0};
    struct buf got;
    struct cid id;
    struct err e;
    buf_init(&got, 1000);
    assert_ok(cid_read_text(SLICE_LIT("bafkqabiaaebagba"), &id, &e), &e);
    struct node_spec sp = {id, 2, 2, 5, 10, UNIXFS_FILE, NULL, NULL};
    struct cid c = put_spec(&m, &sp);
    assert_status(get(&m, &c, 3, 4, &got), OK);
    assert_slice(buf_slice(&got), SLICE_LIT("\x03\x04\x00\x01"));
    sp.child = put_raw(&m, "12345");
    sp.child.codec = 0x71;
    assert_status(memstore_put(&m, &sp.child, SLICE_LIT("12345"), &e), OK);
    c = put_spec(&m, &sp);
    assert_status(get(&m, &c, 0, 4, &got), E_UNSUPPORTED);
    buf_done(&got);
    memstore_done(&m);
}

static status refuse_third(void *ctx, slice bytes, struct err *reterr)
{
    int *calls = ctx;
    (void)bytes;
    return ++*calls == 3 ? ERR(reterr, E_CANCELLED, "enough") : OK;
}

static status refuse_third_block(void *ctx, const struct cid *c, slice block, struct err *reterr)
{
    (void)c;
    return refuse_third(ctx, block, reterr);
}

static void what_a_sink_returns_ends_the_transfer(void **state)
{
    (void)state;
    struct memstore m = {0};
    struct err e;
    int calls = 0;
    uint8_t content[36];
    fill(content, sizeof content);
    struct import_result r = add(&m, &tiny_v1, slice_of(content, sizeof content), 36);
    struct block_source source = {memstore_get, &m};
    struct byte_sink sink = {refuse_third, &calls};
    assert_status(export_read(&source, &r.cid, 0, EXPORT_TO_END, &sink, &e), E_CANCELLED);
    assert_int_equal(calls, 3);
    struct import *im = NULL;
    struct block_sink blocks = {refuse_third_block, &calls};
    calls = 0;
    assert_ok(import_new(&tiny_v1, &blocks, &im, &e), &e);
    assert_status(import_write(im, slice_of(content, sizeof content), &e), E_CANCELLED);
    import_free(im);
    memstore_done(&m);
}

static void messages_are_read_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        status want;
    } cases[] = {
        {"08021805", OK},
        {"0802", OK},
        {"080218052005", OK},
        {"1805", E_MISSING},
        {"", E_MISSING},
        {"08020802", E_DUPLICATE},
        {"080218051806", E_DUPLICATE},
        {"080212001200", E_DUPLICATE},
        {"08021a0100", E_SYNTAX},
        {"0a0102", E_SYNTAX},
        {"0802120561", E_TRUNCATED},
        {"080218", E_TRUNCATED},
        {"0802188500", E_NOT_CANONICAL},
        {"080238a403420708011500000000", OK}, /* mode and mtime */
        {"080238a4034208080115000000", E_TRUNCATED},
        {"08020b", E_SYNTAX},
        {"08020000", E_SYNTAX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf b;
        struct unixfs_data d;
        struct err e;
        buf_init(&b, 100);
        assert_status(hex_read_buf(slice_str(cases[i].hex), &b), OK);
        status s = unixfs_data_read(buf_slice(&b), &d, &e);
        if (s != cases[i].want)
            fail_msg("%s: %s", cases[i].hex, status_name(s));
        buf_done(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_range_of_every_size_comes_back),
        cmocka_unit_test(states_its_sizes),
        cmocka_unit_test(a_range_reads_only_its_own_blocks),
        cmocka_unit_test(every_damaged_or_missing_block_is_found),
        cmocka_unit_test(nodes_that_lie_are_refused),
        cmocka_unit_test(leaves_may_lie_at_any_depth_but_the_limit),
        cmocka_unit_test(inline_leaves_and_foreign_codecs),
        cmocka_unit_test(what_a_sink_returns_ends_the_transfer),
        cmocka_unit_test(messages_are_read_strictly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
