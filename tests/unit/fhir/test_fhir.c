/* SPDX-License-Identifier: Apache-2.0 */
/* Metas, dates, resource types and document kinds. */
#include "test.h"

#include "base/limits.h"
#include "codec/json.h"
#include "fhir/category.h"
#include "fhir/meta.h"
#include "fhir/sniff.h"

static struct fhir_meta sample(void)
{
    struct fhir_meta m = {
        .doc_status = SLICE_LIT("final"),
        .type_code = SLICE_LIT("11506-3"),
        .type_text = SLICE_LIT("Progress note"),
        .category_code = SLICE_LIT("notes"),
        .category_text = SLICE_LIT("Notes"),
        .date = SLICE_LIT("2026-11-23T10:00:00Z"),
        .author = SLICE_LIT("Dr. \"Ada\" M\xc3\xbcller"),
        .title = SLICE_LIT("Check up 2015-03-02: notes"),
        .content_type = SLICE_LIT("application/fhir+json"),
        .file_name = SLICE_LIT("a.json"),
        .creation = SLICE_LIT("2015-03-02"),
        .size = 1234,
    };
    memset(m.sha256.b, 0xab, sizeof m.sha256.b);
    memset(m.author_account.b, 0xcd, sizeof m.author_account.b);
    memset(m.author_card.b, 0xef, sizeof m.author_card.b);
    return m;
}

static void put(const struct fhir_meta *m, struct buf *b)
{
    struct err e = {0};
    buf_init(b, LIMIT_META_BYTES);
    assert_ok(fhir_meta_put(m, b, &e), &e);
}

static status read_text(const char *text)
{
    struct arena a;
    struct fhir_meta m;
    struct err e = {0};
    arena_init(&a, (size_t)1 << 20, false);
    status s = fhir_meta_read(slice_str(text), &a, &m, &e);
    arena_done(&a);
    return s;
}

static void meta_reads_back_what_it_wrote(void **state)
{
    (void)state;
    struct fhir_meta m = sample();
    struct fhir_meta got;
    struct buf b;
    struct buf again;
    struct arena a;
    struct err e = {0};
    char long_text[FHIR_META_CERTIFICATE + 1];
    memset(long_text, 'x', sizeof long_text);
    put(&m, &b);
    arena_init(&a, (size_t)1 << 20, false);
    assert_ok(fhir_meta_read(buf_slice(&b), &a, &got, &e), &e);
    assert_slice(got.author, m.author);
    assert_slice(got.category_code, m.category_code);
    assert_true(got.size == 1234 && hash32_eq(got.sha256, m.sha256));
    assert_true(addr20_eq(got.author_account, m.author_account));
    assert_int_equal(got.author_certificate.n, 0);
    put(&got, &again);
    assert_slice(buf_slice(&again), buf_slice(&b));
    buf_done(&b);
    buf_done(&again);
    m.author_certificate = SLICE_LIT("{\"account\":\"0x\"}");
    put(&m, &b);
    assert_ok(fhir_meta_read(buf_slice(&b), &a, &got, &e), &e);
    assert_slice(got.author_certificate, m.author_certificate);
    buf_done(&b);
    m.author_certificate = (slice){(const uint8_t *)long_text, FHIR_META_CERTIFICATE + 1};
    put(&m, &b);
    assert_status(fhir_meta_read(buf_slice(&b), &a, &got, &e), E_RANGE);
    buf_done(&b);
    arena_done(&a);
}

static void meta_is_a_fhir_resource_with_the_fields_of_the_format(void **state)
{
    (void)state;
    struct fhir_meta m = sample();
    struct buf b;
    struct arena a;
    struct err e = {0};
    slice type;
    put(&m, &b);
    arena_init(&a, (size_t)1 << 20, false);
    assert_ok(fhir_resource_check(buf_slice(&b), &a, &type, &e), &e);
    assert_slice(type, SLICE_LIT("DocumentReference"));
    const char *t = buf_cstr(&b);
    assert_non_null(strstr(t, "{\"url\":\"urn:ehrd:sha256\",\"valueString\":\"abababab"));
    assert_non_null(strstr(t, "{\"url\":\"urn:ehrd:size\",\"valueString\":\"1234\"}"));
    assert_non_null(strstr(t, "{\"url\":\"urn:ehrd:author\",\"valueString\":\"0xcdcdcd"));
    assert_non_null(strstr(t, "{\"url\":\"urn:ehrd:author-card\",\"valueString\":\"0xefefef"));
    assert_non_null(strstr(t, "\"system\":\"http://loinc.org\",\"code\":\"11506-3\""));
    buf_done(&b);
    arena_done(&a);
}

static void meta_of_4_gib_has_no_attachment_size(void **state)
{
    (void)state;
    struct fhir_meta m = sample();
    struct fhir_meta got;
    struct buf b;
    struct arena a;
    struct err e = {0};
    m.size = (uint64_t)4 << 30;
    put(&m, &b);
    assert_null(strstr(buf_cstr(&b), "\"size\":4"));
    arena_init(&a, (size_t)1 << 20, false);
    assert_ok(fhir_meta_read(buf_slice(&b), &a, &got, &e), &e);
    assert_true(got.size == (uint64_t)4 << 30);
    buf_done(&b);
    arena_done(&a);
}

static void meta_refuses_to_write_bad_fields(void **state)
{
    (void)state;
    struct buf b;
    struct err e = {0};
    struct fhir_meta m = sample();
    buf_init(&b, LIMIT_META_BYTES);
    m.title = SLICE_EMPTY;
    assert_status(fhir_meta_put(&m, &b, &e), E_MISSING);
    m = sample();
    m.title = SLICE_LIT("two\nlines");
    assert_status(fhir_meta_put(&m, &b, &e), E_SYNTAX);
    m = sample();
    m.date = SLICE_LIT("2026-11-23");
    assert_status(fhir_meta_put(&m, &b, &e), E_SYNTAX);
    m = sample();
    m.doc_status = SLICE_LIT("done");
    assert_status(fhir_meta_put(&m, &b, &e), E_RANGE);
    m = sample();
    m.content_type = SLICE_LIT("pdf");
    assert_status(fhir_meta_put(&m, &b, &e), E_SYNTAX);
    assert_int_equal(b.n, 0);
    buf_done(&b);
}

/* Replace from by to (same length or not) in the sample's JSON and read it. */
static status read_changed(const char *from, const char *to)
{
    struct fhir_meta m = sample();
    struct buf b;
    char text[4096];
    put(&m, &b);
    const char *t = buf_cstr(&b);
    const char *at = strstr(t, from);
    if (at == NULL)
        fail_msg("%s is not in the meta", from);
    (void)snprintf(text, sizeof text, "%.*s%s%s", (int)(at - t), t, to, at + strlen(from));
    status s = read_text(text);
    buf_done(&b);
    return s;
}

static void meta_reader_refuses_what_it_cannot_trust(void **state)
{
    (void)state;
    assert_status(read_changed("\"status\"", "\"new\":1,\"status\""), OK);
    assert_status(read_changed("\"DocumentReference\"", "\"Patient\""), E_TYPE);
    assert_status(read_changed("\"current\"", "\"superseded\""), E_RANGE);
    assert_status(read_changed("\"status\"", "\"modifierExtension\":[],\"status\""), E_UNSUPPORTED);
    assert_status(read_changed("\"size\":1234", "\"size\":1235"), E_MISMATCH);
    assert_status(read_changed("String\":\"1234\"", "String\":\"01234\""), E_SYNTAX);
    assert_status(read_changed("String\":\"1234\"", "String\":\"99999999999999999999\""), E_RANGE);
    assert_status(read_changed("urn:ehrd:sha256", "urn:ehrd:sha1"), E_MISSING);
    assert_status(read_changed("urn:ehrd:sha256", "urn:ehrd:size"), E_MISSING);
    assert_status(read_changed("\"extension\":[", "\"extension\":[{\"url\":\"urn:ehrd:size\","
                                                  "\"valueString\":\"1\"},"),
                  E_DUPLICATE);
    assert_status(read_changed("\"0xcd", "\"cd"), E_SYNTAX);
    assert_status(read_changed("\"valueString\"", "\"valueCode\""), E_MISSING);
    assert_status(read_changed("\"description\":", "\"described\":"), E_MISSING);
    assert_status(read_changed("\"final\"", "7"), E_TYPE);
    assert_status(read_changed("\"content\":[", "\"content\":[{},"), E_RANGE);
}

static void meta_reader_refuses_every_truncation(void **state)
{
    (void)state;
    struct fhir_meta m = sample();
    struct buf b;
    put(&m, &b);
    for (size_t n = 0; n < b.n; n++) {
        struct arena a;
        struct fhir_meta got;
        struct err e = {0};
        arena_init(&a, (size_t)1 << 20, false);
        assert_int_not_equal(fhir_meta_read(slice_of(b.p, n), &a, &got, &e), OK);
        arena_done(&a);
    }
    buf_done(&b);
}

static void dates_follow_fhir(void **state)
{
    (void)state;
    static const char *const good[] = {"2015", "2015-02", "2015-02-07",
                                       "2015-02-07T13:28:17.239+02:00", "2015-02-07T13:28:17Z"};
    static const char *const bad[] = {"",
                                      "15",
                                      "2015-13",
                                      "2015-02-32",
                                      "2015-2-07",
                                      "2015-02-07T13:28Z",
                                      "2015-02-07T13:28:17",
                                      "2015-02-07T24:00:00Z",
                                      "2015-02-07T13:28:17.Z",
                                      "2015-02-07T13:28:17+15:00",
                                      "2015-02-07T13:28:17Zx",
                                      "2015-02-07 13:28:17Z"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(fhir_is_datetime(slice_str(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (fhir_is_datetime(slice_str(bad[i])))
            fail_msg("%s is taken", bad[i]);
    assert_true(fhir_is_instant(slice_str(good[4])));
    assert_false(fhir_is_instant(slice_str(good[2])));
}

static void types_are_those_of_r4(void **state)
{
    (void)state;
    enum fhir_category c;
    assert_true(fhir_type_category(SLICE_LIT("Account"), &c) && c == FHIR_CAT_BILLING);
    assert_true(fhir_type_category(SLICE_LIT("VisionPrescription"), &c) && c == FHIR_CAT_NOTES);
    assert_true(fhir_type_category(SLICE_LIT("Observation"), &c) && c == FHIR_CAT_RESULTS);
    assert_false(fhir_type_category(SLICE_LIT("observation"), &c));
    assert_false(fhir_type_category(SLICE_LIT("Observatio"), &c));
    assert_false(fhir_type_category(SLICE_LIT("ActorDefinition"), &c)); /* of R5 */
    assert_false(fhir_type_category(SLICE_EMPTY, &c));
    assert_true(fhir_category_find(SLICE_LIT("results"), &c) && c == FHIR_CAT_RESULTS);
    assert_false(fhir_category_find(SLICE_LIT("Results"), &c));
}

static void resources_are_checked(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        status want;
    } cases[] = {
        {"{\"resourceType\":\"Patient\"}", OK},
        {"{\"resourceType\":\"Robot\"}", E_UNSUPPORTED},
        {"{\"a\":1}", E_MISSING},
        {"[]", E_TYPE},
        {"{\"resourceType\":\"Patient\",}", E_SYNTAX},
        {"{\"resourceType\":7}", E_TYPE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena a;
        struct err e = {0};
        slice type;
        arena_init(&a, (size_t)1 << 16, false);
        assert_status(fhir_resource_check(slice_str(cases[i].text), &a, &type, &e), cases[i].want);
        arena_done(&a);
    }
}

static void kinds_are_told_by_their_signatures(void **state)
{
    (void)state;
    char dicom[132] = {0};
    memcpy(dicom + 128, "DICM", 4);
    assert_int_equal(fhir_sniff(slice_of(dicom, sizeof dicom)), FHIR_KIND_DICOM);
    assert_int_equal(fhir_sniff(slice_of(dicom, 131)), FHIR_KIND_BYTES);
    assert_int_equal(fhir_sniff(SLICE_LIT("%PDF-1.7")), FHIR_KIND_PDF);
    assert_int_equal(fhir_sniff(SLICE_LIT("\xff\xd8\xff\xe0")), FHIR_KIND_JPEG);
    assert_int_equal(fhir_sniff(SLICE_LIT("\x89PNG\r\n\x1a\n..")), FHIR_KIND_PNG);
    assert_int_equal(fhir_sniff(SLICE_LIT(" {\"resourceType\":\"Bundle\"")), FHIR_KIND_FHIR_JSON);
    assert_int_equal(fhir_sniff(SLICE_LIT("{\"a\":1}")), FHIR_KIND_TEXT);
    assert_int_equal(fhir_sniff(SLICE_LIT("<?xml version=\"1.0\"?><!-- > --><ClinicalDocument "
                                          "xmlns=\"urn:hl7-org:v3\">")),
                     FHIR_KIND_CDA);
    assert_int_equal(fhir_sniff(SLICE_LIT("<Patient xmlns=\"http://hl7.org/fhir\">")),
                     FHIR_KIND_FHIR_XML);
    assert_int_equal(fhir_sniff(SLICE_LIT("<html>http://hl7.org/fhir")), FHIR_KIND_TEXT);
    assert_int_equal(fhir_sniff(SLICE_EMPTY), FHIR_KIND_BYTES);
    assert_string_equal(fhir_media_type(FHIR_KIND_DICOM), "application/dicom");
}

static void text_is_utf8_without_control_characters(void **state)
{
    (void)state;
    assert_int_equal(fhir_sniff(SLICE_LIT("Blutdruck 120/80\r\n\tgr\xc3\xbcn\n")), FHIR_KIND_TEXT);
    assert_int_equal(fhir_sniff(SLICE_LIT("ab\xe2\x82")), FHIR_KIND_TEXT);
    assert_int_equal(fhir_sniff(SLICE_LIT("ab\xf0\x9f\x98")), FHIR_KIND_TEXT);
    assert_int_equal(fhir_sniff(SLICE_LIT("\xe2\x82")), FHIR_KIND_BYTES);
    assert_int_equal(fhir_sniff(SLICE_LIT("ab\xe2\x82\x82\x82")), FHIR_KIND_BYTES);
    assert_int_equal(fhir_sniff(SLICE_LIT("a\0b")), FHIR_KIND_BYTES);
    assert_int_equal(fhir_sniff(SLICE_LIT("a\x1b[31m")), FHIR_KIND_BYTES);
    assert_int_equal(fhir_sniff(SLICE_LIT("a\x7f")), FHIR_KIND_BYTES);
    assert_int_equal(fhir_sniff(SLICE_LIT("a\xc2\x85"
                                          "b")),
                     FHIR_KIND_BYTES);
    assert_int_equal(fhir_sniff(SLICE_LIT("gr\xfcn ")), FHIR_KIND_BYTES);
    assert_string_equal(fhir_media_type(FHIR_KIND_TEXT), "text/plain");
}

static void nothing_said_is_no_summary_of_an_episode(void **state)
{
    (void)state;
    assert_string_equal(fhir_category_text(FHIR_CAT_OTHER)->loinc, "34109-9");
    assert_string_equal(fhir_category_text(FHIR_CAT_OTHER)->loinc_text, "Note");
}

/* All files of a folder are of that kind. */
static void folder_is(const char *folder, const char *suffix, enum fhir_kind want)
{
    char cmd[4200];
    char path[4096];
    int n = 0;
    (void)snprintf(cmd, sizeof cmd, "find '%s' -name '*%s' -size +1k", folder, suffix);
    FILE *p = popen(cmd, "r");
    assert_non_null(p);
    while (fgets(path, sizeof path, p) != NULL) {
        uint8_t head[16384];
        path[strcspn(path, "\n")] = '\0';
        FILE *f = fopen(path, "rb");
        assert_non_null(f);
        size_t got = fread(head, 1, sizeof head, f);
        (void)fclose(f);
        if (fhir_sniff(slice_of(head, got)) != want)
            fail_msg("%s", path);
        n++;
    }
    (void)pclose(p);
    assert_true(n > 0);
}

static void kinds_of_real_documents_are_told(void **state)
{
    (void)state;
    char path[1024];
    fixture_or_skip("data/fhir/pdf", path, sizeof path);
    folder_is(path, ".pdf", FHIR_KIND_PDF);
    fixture_or_skip("data/fhir/dicom", path, sizeof path);
    folder_is(path, ".dcm", FHIR_KIND_DICOM);
    fixture_or_skip("data/fhir/ccda", path, sizeof path);
    folder_is(path, ".xml", FHIR_KIND_CDA);
    fixture_or_skip("data/fhir/synthea-2019", path, sizeof path);
    folder_is(path, ".json", FHIR_KIND_FHIR_JSON);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(meta_reads_back_what_it_wrote),
        cmocka_unit_test(meta_is_a_fhir_resource_with_the_fields_of_the_format),
        cmocka_unit_test(meta_of_4_gib_has_no_attachment_size),
        cmocka_unit_test(meta_refuses_to_write_bad_fields),
        cmocka_unit_test(meta_reader_refuses_what_it_cannot_trust),
        cmocka_unit_test(meta_reader_refuses_every_truncation),
        cmocka_unit_test(dates_follow_fhir),
        cmocka_unit_test(types_are_those_of_r4),
        cmocka_unit_test(resources_are_checked),
        cmocka_unit_test(kinds_are_told_by_their_signatures),
        cmocka_unit_test(text_is_utf8_without_control_characters),
        cmocka_unit_test(nothing_said_is_no_summary_of_an_episode),
        cmocka_unit_test(kinds_of_real_documents_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
