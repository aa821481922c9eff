/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the dag-pb codec against the IPLD codec fixtures. */
#include "test.h"

#include <dirent.h>

#include "codec/dagpb.h"

static void read_again(slice block, struct buf *out)
{
    struct dagpb_node node;
    struct dagpb_link link;
    struct err e;
    size_t n = 0;
    assert_ok(dagpb_read(block, &node, &e), &e);
    for (slice rest = node.links; dagpb_link_next(&rest, &link); n++)
        assert_status(dagpb_put_link(out, &link), OK);
    assert_int_equal(n, node.n_links);
    if (node.has_data)
        assert_status(dagpb_put_data(out, node.data), OK);
}

/* The CID of the block is its file's name. */
static void check_fixture(const char *dir, const char *name)
{
    char path[2048];
    char text[CID_TEXT_MAX];
    struct buf file;
    struct buf out;
    struct cid c;
    struct err e;
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    buf_init(&file, 1 << 20);
    buf_init(&out, 1 << 20);
    assert_ok(file_read(path, &file, &e), &e);
    read_again(buf_slice(&file), &out);
    assert_slice(buf_slice(&out), buf_slice(&file));
    assert_status(cid_of_content(CID_DAG_PB, buf_slice(&out), &c), OK);
    assert_int_equal(strncmp(cid_text(&c, text), name, strlen(text)), 0);
    for (size_t n = 0; n < file.n; n++) {
        struct dagpb_node node;
        slice part = slice_first(buf_slice(&file), n);
        if (dagpb_read(part, &node, &e) == OK) /* cut between links */
            assert_int_equal(node.links.n + node.data.n, n - (node.has_data ? 2 : 0));
    }
    buf_done(&file);
    buf_done(&out);
}

static void fixtures_are_written_again_byte_for_byte(void **state)
{
    (void)state;
    char root[512];
    int n = 0;
    fixture_or_skip("vectors/ipfs/codec-fixtures/fixtures", root, sizeof root);
    DIR *d = opendir(root);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        if (strncmp(e->d_name, "dagpb_", 6) != 0)
            continue;
        char sub[1024];
        (void)snprintf(sub, sizeof sub, "%s/%s", root, e->d_name);
        DIR *s = opendir(sub);
        assert_non_null(s);
        for (struct dirent *f; (f = readdir(s)) != NULL;) {
            const char *dot = strrchr(f->d_name, '.');
            if (dot != NULL && strcmp(dot, ".dag-pb") == 0) {
                check_fixture(sub, f->d_name);
                n++;
            }
        }
        (void)closedir(s);
    }
    (void)closedir(d);
    assert_int_equal(n, 13);
}

static void negative_fixtures_are_refused(void **state)
{
    (void)state;
    char path[512];
    struct buf file;
    struct err e;
    int n = 0;
    fixture_or_skip("vectors/ipfs/codec-fixtures/negative-fixtures/dag-pb/decode/edges.json", path,
                    sizeof path);
    buf_init(&file, 1 << 20);
    assert_ok(file_read(path, &file, &e), &e);
    const char *key = "\"hex\": \"";
    for (const char *p = buf_cstr(&file); (p = strstr(p, key)) != NULL; n++) {
        struct buf b;
        struct dagpb_node node;
        p += strlen(key);
        buf_init(&b, 1 << 10);
        assert_status(hex_read_buf(slice_of(p, strcspn(p, "\"")), &b), OK);
        assert_int_not_equal(dagpb_read(buf_slice(&b), &node, &e), OK);
        buf_done(&b);
    }
    assert_int_equal(n, 9);
    buf_done(&file);
}

static void other_forms_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        status want;
    } cases[] = {
        {"0a8100", E_NOT_CANONICAL},                          /* long length */
        {"0a000a00", E_SYNTAX},                               /* data twice */
        {"0a00120b0a09015500050001020304", E_SYNTAX},         /* data before links */
        {"1a00", E_SYNTAX},                                   /* unknown field */
        {"120d0a09015500050001020304180000", E_SYNTAX},       /* rest after the link */
        {"120d18000a09015500050001020304", E_MISSING},        /* tsize before hash */
        {"120e0a090155000500010203041201ff", E_SYNTAX},       /* name is not UTF-8 */
        {"120f0a0901550005000102030418008000", E_SYNTAX},     /* field after tsize */
        {"120e0a09015500050001020304188000", E_NOT_CANONICAL} /* long tsize */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf b;
        struct err e;
        struct dagpb_node node;
        buf_init(&b, 200);
        assert_status(hex_read_buf(slice_str(cases[i].hex), &b), OK);
        status got = dagpb_read(buf_slice(&b), &node, &e);
        if (got != cases[i].want)
            fail_msg("%s: %s", cases[i].hex, status_name(got));
        buf_done(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixtures_are_written_again_byte_for_byte),
        cmocka_unit_test(negative_fixtures_are_refused),
        cmocka_unit_test(other_forms_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
