/* SPDX-License-Identifier: Apache-2.0 */
/* Splitting every Synthea bundle of the fixtures: nothing lost, nothing twice, bytes kept. */
#include "test.h"

#include <dirent.h>
#include <time.h>
#include <unistd.h>

#include "codec/json.h"
#include "fhir/bundle_split.h"
#include "fhir/sniff.h"

#define BUNDLE_MAX ((size_t)128 << 20)

static void load(const char *path, struct buf *b)
{
    struct err e = {0};
    char cmd[4200];
    buf_init(b, BUNDLE_MAX);
    size_t n = strlen(path);
    if (n < 3 || strcmp(path + n - 3, ".xz") != 0) {
        assert_ok(file_read(path, b, &e), &e);
        return;
    }
    (void)snprintf(cmd, sizeof cmd, "xz -dc '%s'", path);
    FILE *p = popen(cmd, "r");
    assert_non_null(p);
    assert_ok(file_read_fd(fileno(p), path, b, &e), &e);
    assert_int_equal(pclose(p), 0);
}

/* Each record parses, and holds the source's resources byte for byte. seen counts per entry. */
static void check_record(const struct fhir_split *s, uint32_t i, struct json entries, uint8_t *seen)
{
    struct buf out;
    struct arena a;
    struct json_doc doc;
    struct err e = {0};
    uint32_t k = 0;
    buf_init(&out, BUNDLE_MAX);
    assert_ok(fhir_split_put(s, i, &out, &e), &e);
    arena_init(&a, (size_t)1 << 30, false);
    assert_ok(json_read(buf_slice(&out), &a, &doc, &e), &e);
    struct json_iter it = json_iter(json_get(json_root(&doc), "entry"));
    for (; json_next(&it); k++) {
        uint32_t index = s->records[i].entries[k];
        seen[index]++;
        assert_slice(json_raw(json_get(it.value, "resource")),
                     json_raw(json_get(json_at(entries, index), "resource")));
        assert_slice(json_raw(json_get(it.value, "fullUrl")),
                     json_raw(json_get(json_at(entries, index), "fullUrl")));
    }
    assert_int_equal(k, s->records[i].n_entries);
    arena_done(&a);
    buf_done(&out);
}

static void check_counts(const struct fhir_split *s, const char *path)
{
    uint32_t total = s->n_skipped;
    uint32_t with_encounter = 0;
    for (uint32_t i = 0; i < s->n_records; i++) {
        const struct fhir_split_record *r = &s->records[i];
        total += r->n_entries;
        with_encounter += r->has_encounter ? r->n_entries : 0;
        assert_true(r->title.n > 0 && r->title.n <= FHIR_SPLIT_TITLE_MAX);
    }
    assert_int_equal(total, s->n_entries);
    assert_int_equal(s->n_skipped, 0);
    print_message("%.40s: %u entries, %u in encounters, %u records\n", strrchr(path, '/') + 1,
                  s->n_entries, with_encounter, s->n_records);
}

static void check_file(const char *path)
{
    struct buf in;
    struct arena a;
    struct json_doc doc;
    struct fhir_split s;
    struct err e = {0};
    load(path, &in);
    arena_init(&a, (size_t)1 << 30, false);
    assert_ok(fhir_split_read(buf_slice(&in), &a, &s, &e), &e);
    check_counts(&s, path);
    assert_ok(json_read(buf_slice(&in), &a, &doc, &e), &e);
    struct json entries = json_get(json_root(&doc), "entry");
    assert_int_equal(json_count(entries), s.n_entries);
    uint8_t *seen = calloc(s.n_entries, 1);
    assert_non_null(seen);
    for (uint32_t i = 0; i < s.n_records; i++)
        check_record(&s, i, entries, seen);
    for (uint32_t i = 0; i < s.n_entries; i++)
        assert_int_equal(seen[i], 1);
    free(seen);
    arena_done(&a);
    buf_done(&in);
}

static void check_folder(const char *folder)
{
    DIR *d = opendir(folder);
    int n = 0;
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        char path[2048];
        if (strstr(e->d_name, ".json") == NULL)
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        check_file(path);
        n++;
    }
    (void)closedir(d);
    assert_true(n > 0);
}

static void splits_the_2021_patients(void **state)
{
    (void)state;
    char path[1024];
    fixture_or_skip("data/fhir/synthea", path, sizeof path);
    check_folder(path);
}

static void splits_the_2019_patients(void **state)
{
    (void)state;
    char path[1024];
    fixture_or_skip("data/fhir/synthea-2019", path, sizeof path);
    check_folder(path);
}

static double seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void splits_60_mb_quickly_in_little_memory(void **state)
{
    (void)state;
    char path[1024];
    struct buf in;
    struct buf out;
    struct arena a;
    struct fhir_split s;
    struct err e = {0};
    fixture_or_skip("data/fhir/synthea-big/ff4188f6-25000-entries-60MB.json.xz", path, sizeof path);
    load(path, &in);
    arena_init(&a, (size_t)32 << 20, false);
    buf_init(&out, BUNDLE_MAX);
    double from = seconds();
    assert_ok(fhir_split_read(buf_slice(&in), &a, &s, &e), &e);
    double mid = seconds();
    for (uint32_t i = 0; i < s.n_records; i++) {
        buf_clear(&out);
        assert_ok(fhir_split_put(&s, i, &out, &e), &e);
    }
    double to = seconds();
    check_counts(&s, path);
    assert_int_equal(s.n_entries, 25000);
    print_message("%zu MB: read %.2f s, written %.2f s, %zu KiB of arena\n", in.n >> 20, mid - from,
                  to - mid, a.total >> 10);
    assert_true(to - from < 20); /* sanitizers included */
    arena_done(&a);
    buf_done(&in);
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_the_2021_patients),
        cmocka_unit_test(splits_the_2019_patients),
        cmocka_unit_test(splits_60_mb_quickly_in_little_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
