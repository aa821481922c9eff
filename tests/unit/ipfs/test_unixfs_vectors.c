/* SPDX-License-Identifier: Apache-2.0 */
/* The importer against published and generated CIDs of both IPIP-499 profiles, up to 1 GiB. */
#include "test.h"

#include "ipfs/import.h"
#include "keystream.h"

#define PIECE                                                                                      \
    ((size_t)3 << 20) /* no multiple of either chunk size's tree, so chunks straddle it            \
                       */

struct row {
    const struct import_profile *profile;
    const char *seed;
    uint64_t size;
    const char *cid;
    uint64_t block_size; /* 0 = not given */
};

static void check_row(const struct row *r)
{
    struct keystream ks;
    struct import *im = NULL;
    struct import_result res;
    struct err e;
    const struct block_sink sink = {0};
    char text[CID_TEXT_MAX];
    uint8_t *piece = malloc(PIECE);
    assert_non_null(piece);
    keystream_init(&ks, r->seed);
    assert_ok(import_new(r->profile, &sink, &im, &e), &e);
    for (uint64_t left = r->size; left > 0;) {
        size_t n = left < PIECE ? (size_t)left : PIECE;
        keystream_fill(&ks, piece, n);
        assert_ok(import_write(im, slice_of(piece, n), &e), &e);
        left -= n;
    }
    assert_ok(import_finish(im, &res, &e), &e);
    assert_string_equal(cid_text(&res.cid, text), r->cid);
    assert_true(res.size == r->size);
    if (r->block_size != 0)
        assert_int_equal(res.block_size, r->block_size);
    import_free(im);
    keystream_done(&ks);
    free(piece);
}

static bool parse_row(char *line, struct row *r)
{
    char *save = NULL;
    const char *profile = strtok_r(line, "\t", &save);
    if (profile == NULL || profile[0] == '#' || strcmp(profile, "profile") == 0)
        return false;
    r->profile = strcmp(profile, import_v1_2025.name) == 0 ? &import_v1_2025 : &import_v0_2015;
    assert_string_equal(profile, r->profile->name);
    r->seed = strtok_r(NULL, "\t", &save);
    const char *size = strtok_r(NULL, "\t", &save);
    r->cid = strtok_r(NULL, "\t", &save);
    assert_non_null(r->cid);
    const char *total = strtok_r(NULL, "\t", &save);
    r->size = strtoull(size, NULL, 10);
    r->block_size = total != NULL ? strtoull(total, NULL, 10) : 0;
    return true;
}

static size_t run_file(const char *path)
{
    struct buf file;
    struct err e;
    char *save = NULL;
    size_t rows = 0;
    buf_init(&file, 1 << 20);
    assert_ok(file_read(path, &file, &e), &e);
    assert_non_null(buf_cstr(&file));
    for (char *line = strtok_r((char *)file.p, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save)) {
        struct row r;
        if (!parse_row(line, &r))
            continue;
        print_message("%s %llu\n", r.seed, (unsigned long long)r.size);
        check_row(&r);
        rows++;
    }
    buf_done(&file);
    return rows;
}

static void agrees_with_the_rows_of_ipip_499(void **state)
{
    (void)state;
    char path[512];
    fixture_or_skip("vectors/ipfs/unixfs-cid/ipip499.tsv", path, sizeof path);
    assert_int_equal(run_file(path), 5);
}

static void agrees_with_the_generated_rows(void **state)
{
    (void)state;
    char path[512];
    fixture_or_skip("vectors/ipfs/unixfs-cid/generated.tsv", path, sizeof path);
    assert_int_equal(run_file(path), 24);
}

static void names_the_empty_file_as_all_others_do(void **state)
{
    (void)state;
    check_row(&(struct row){&import_v1_2025, "", 0,
                            "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku", 0});
    check_row(
        &(struct row){&import_v0_2015, "", 0, "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH", 0});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_the_empty_file_as_all_others_do),
        cmocka_unit_test(agrees_with_the_rows_of_ipip_499),
        cmocka_unit_test(agrees_with_the_generated_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
