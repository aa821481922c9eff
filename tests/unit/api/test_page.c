/* SPDX-License-Identifier: Apache-2.0 */
/* Files of the web page: what is read, what is found, and which paths are places inside the page.
 */
#include "test.h"
#include "tmpdir.h"

#include "api/page.h"
#include <unistd.h>

static int setup(void **state)
{
    static char dir[256];
    tmpdir_make(dir, sizeof dir);
    *state = dir;
    return 0;
}

static int teardown(void **state)
{
    tmpdir_remove(*state);
    return 0;
}

static void write_file(const char *dir, const char *name, const char *text)
{
    char path[512];
    struct err err;
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_ok(file_replace(path, slice_str(text), 0600, &err), &err);
}

static struct page *load(const char *dir)
{
    struct page *p = NULL;
    struct err err;
    assert_ok(page_load(dir, &p, &err), &err);
    return p;
}

static void finds_files_with_media_type_etag_and_gzip(void **state)
{
    const char *dir = *state;
    char sub[512];
    struct err err;
    (void)snprintf(sub, sizeof sub, "%s/assets", dir);
    assert_ok(file_mkdirs(sub, 0700, &err), &err);
    write_file(dir, "index.html", "<html>");
    write_file(dir, "main-ABCD2345.js", "let a;");
    write_file(dir, "main-ABCD2345.js.gz", "zipped");
    write_file(dir, "chunk-nu-V9_Qo.js", "x");
    write_file(dir, "empty.css", "");
    write_file(sub, "a.svg", "<svg/>");
    struct page *p = load(dir);
    const struct page_file *f = page_find(p, SLICE_LIT("main-ABCD2345.js"));
    assert_non_null(f);
    assert_string_equal(f->media, "text/javascript; charset=utf-8");
    assert_true(f->immutable && slice_eq_str(f->gzip, "zipped"));
    assert_int_equal(strlen(f->etag), 34);
    assert_false(page_index(p)->immutable);
    assert_true(page_find(p, SLICE_LIT("chunk-nu-V9_Qo.js"))->immutable);
    assert_null(page_index(p)->gzip.p);
    assert_int_equal(page_find(p, SLICE_LIT("empty.css"))->bytes.n, 0);
    assert_string_equal(page_find(p, SLICE_LIT("assets/a.svg"))->media, "image/svg+xml");
    assert_null(page_find(p, SLICE_LIT("assets")));
    assert_null(page_find(p, SLICE_LIT("../index.html")));
    assert_null(page_find(p, SLICE_LIT("")));
    page_free(p);
}

static void leaves_out_links_and_hidden_files(void **state)
{
    const char *dir = *state;
    char link[512];
    write_file(dir, "index.html", "<html>");
    write_file(dir, ".inputs", "x");
    (void)snprintf(link, sizeof link, "%s/passwd.txt", dir);
    assert_int_equal(symlink("/etc/passwd", link), 0);
    struct page *p = load(dir);
    assert_null(page_find(p, SLICE_LIT(".inputs")));
    assert_null(page_find(p, SLICE_LIT("passwd.txt")));
    page_free(p);
}

static void wants_an_index(void **state)
{
    struct page *p = NULL;
    struct err err;
    write_file(*state, "main.js", "x");
    assert_status(page_load(*state, &p, &err), E_NOT_FOUND);
    assert_status(page_load("/nonexistent", &p, &err), E_NOT_FOUND);
    assert_null(p);
}

static void knows_places_from_the_nodes_own_paths(void **state)
{
    (void)state;
    static const char *const places[] = {"", "summary", "chart/0xab/timeline", "apiary"};
    static const char *const others[] = {"api",        "api/v1/nothing", "rpc",     "ipfs/x",
                                         "missing.js", "a/b.map",        "healthz", "fhir/Patient"};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        assert_true(page_is_place(slice_str(places[i])));
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_false(page_is_place(slice_str(others[i])));
    assert_false(page_answers(NULL, SLICE_LIT("/summary")));
}

static void reads_accept_encoding(void **state)
{
    (void)state;
    assert_true(page_takes_gzip(SLICE_LIT("gzip")));
    assert_true(page_takes_gzip(SLICE_LIT("br, gzip;q=0.8, *")));
    assert_true(page_takes_gzip(SLICE_LIT("deflate,gzip")));
    assert_false(page_takes_gzip(SLICE_LIT("")));
    assert_false(page_takes_gzip(SLICE_LIT("br")));
    assert_false(page_takes_gzip(SLICE_LIT("gzip;q=0")));
    assert_false(page_takes_gzip(SLICE_LIT("gzip;q=0.0")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(finds_files_with_media_type_etag_and_gzip, setup, teardown),
        cmocka_unit_test_setup_teardown(leaves_out_links_and_hidden_files, setup, teardown),
        cmocka_unit_test_setup_teardown(wants_an_index, setup, teardown),
        cmocka_unit_test(knows_places_from_the_nodes_own_paths),
        cmocka_unit_test(reads_accept_encoding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
