/* SPDX-License-Identifier: Apache-2.0 */
/* Splitting small bundles: where entries go, what is kept, what is refused. */
#include "test.h"

#include "fhir/bundle_split.h"

#define BUNDLE(entries)                                                                            \
    "{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":[" entries "]}"
#define ENTRY(url, resource) "{\"fullUrl\":\"" url "\",\"resource\":" resource "}"
#define PATIENT ENTRY("urn:uuid:p", "{\"resourceType\":\"Patient\",\"id\":\"p\"}")
#define VISIT                                                                                      \
    ENTRY("urn:uuid:e",                                                                            \
          "{\"resourceType\":\"Encounter\",\"id\":\"e\",\"type\":[{\"text\":\"Check up\"}],"       \
          "\"period\":{\"start\":\"2015-03-02T10:00:00Z\"}}")

static struct arena arena;
static struct fhir_split split;

static status split_text(const char *text)
{
    struct err e = {0};
    arena_done(&arena);
    arena_init(&arena, (size_t)16 << 20, false);
    memset(&split, 0, sizeof split);
    return fhir_split_read(slice_str(text), &arena, &split, &e);
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

/* The record that input entry i is in. */
static const struct fhir_split_record *home(uint32_t i)
{
    for (uint32_t r = 0; r < split.n_records; r++)
        for (uint32_t k = 0; k < split.records[r].n_entries; k++)
            if (split.records[r].entries[k] == i)
                return &split.records[r];
    fail_msg("entry %u is in no record", i);
    return NULL;
}

static void groups_by_encounter_and_category(void **state)
{
    (void)state;
    assert_status(
        split_text(BUNDLE(PATIENT "," VISIT "," ENTRY(
            "urn:uuid:o",
            "{\"resourceType\":\"Observation\",\"encounter\":{\"reference\":"
            "\"urn:uuid:e\"}}") "," ENTRY("urn:uuid:d", "{\"resourceType\":\"Device\"}"))),
        OK);
    assert_int_equal(split.n_records, 4);
    assert_slice(split.records[0].title, SLICE_LIT("Patient demographics"));
    assert_slice(split.records[1].title,
                 SLICE_LIT("Check up 2015-03-02: notes, conditions and procedures"));
    assert_slice(split.records[2].title, SLICE_LIT("Check up 2015-03-02: results"));
    assert_slice(split.records[2].date, SLICE_LIT("2015-03-02T10:00:00Z"));
    assert_slice(split.records[3].title, SLICE_LIT("Devices and supplies"));
    assert_false(split.records[3].has_encounter);
}

static void keeps_the_bytes_of_the_source(void **state)
{
    (void)state;
    struct buf b;
    struct err e = {0};
    buf_init(&b, 10000);
    assert_status(split_text(BUNDLE("{ \"request\" : {} , \"fullUrl\" : \"urn:\\u0061\" , "
                                    "\"resource\" :{ \"resourceType\": \"Patient\" , \"x\" : "
                                    "0.010 ,\"y\":1.2E+2} }")),
                  OK);
    assert_ok(fhir_split_put(&split, 0, &b, &e), &e);
    assert_slice(buf_slice(&b),
                 SLICE_LIT("{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":["
                           "{\"fullUrl\":\"urn:\\u0061\",\"resource\":{ \"resourceType\": "
                           "\"Patient\" , \"x\" : 0.010 ,\"y\":1.2E+2}}]}"));
    buf_done(&b);
}

static void finds_the_encounter_in_every_way(void **state)
{
    (void)state;
    static const char *const ways[] = {
        "{\"resourceType\":\"Condition\",\"encounter\":{\"reference\":\"urn:uuid:e\"}}",
        "{\"resourceType\":\"Condition\",\"encounter\":{\"reference\":\"Encounter/e\"}}",
        "{\"resourceType\":\"Condition\",\"encounter\":{\"reference\":\"Encounter/e/_history/2\"}}",
        "{\"resourceType\":\"Condition\",\"encounter\":{\"reference\":\"http://h/Encounter/e\"}}",
        "{\"resourceType\":\"Condition\",\"encounter\":{\"reference\":\"urn:\\u0075uid:e\"}}",
        "{\"resourceType\":\"Procedure\",\"context\":{\"reference\":\"urn:uuid:e\"}}",
        "{\"resourceType\":\"DocumentReference\",\"context\":{\"encounter\":[{\"reference\":"
        "\"urn:uuid:e\"}]}}",
        "{\"resourceType\":\"Claim\",\"item\":[{},{\"encounter\":[{\"reference\":\"urn:uuid:e\"}]}]"
        "}",
    };
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        char text[2048];
        (void)snprintf(text, sizeof text, BUNDLE(VISIT ",{\"resource\":%s}"), ways[i]);
        assert_status(split_text(text), OK);
        if (!home(1)->has_encounter)
            fail_msg("way %zu", i);
    }
}

static void follows_claims_prescriptions_and_medications(void **state)
{
    (void)state;
    assert_status(
        split_text(BUNDLE(ENTRY(
            "urn:b",
            "{\"resourceType\":\"ExplanationOfBenefit\",\"claim\":{\"reference\":"
            "\"urn:c\"}}") "," ENTRY("urn:c",
                                     "{\"resourceType\":\"Claim\",\"prescription\":{"
                                     "\"reference\":"
                                     "\"urn:r\"}}") "," ENTRY("urn:m",
                                                              "{\"resourceType\":"
                                                              "\"Medication\"}") "," ENTRY("urn"
                                                                                           ":r",
                                                                                           "{\""
                                                                                           "res"
                                                                                           "our"
                                                                                           "ceT"
                                                                                           "ype"
                                                                                           "\":"
                                                                                           "\"M"
                                                                                           "edi"
                                                                                           "cat"
                                                                                           "ion"
                                                                                           "Req"
                                                                                           "ues"
                                                                                           "t\""
                                                                                           ",\""
                                                                                           "enc"
                                                                                           "oun"
                                                                                           "ter"
                                                                                           "\":"
                                                                                           "{\""
                                                                                           "ref"
                                                                                           "ere"
                                                                                           "nce"
                                                                                           "\":"
                                                                                           "\"u"
                                                                                           "rn:"
                                                                                           "uui"
                                                                                           "d:"
                                                                                           "e\""
                                                                                           "},"
                                                                                           "\"m"
                                                                                           "edi"
                                                                                           "cat"
                                                                                           "ion"
                                                                                           "Ref"
                                                                                           "ere"
                                                                                           "nce"
                                                                                           "\":"
                                                                                           "{\""
                                                                                           "ref"
                                                                                           "ere"
                                                                                           "nce"
                                                                                           "\":"
                                                                                           "\"u"
                                                                                           "rn:"
                                                                                           "m\""
                                                                                           "}}") "," VISIT)),
        OK);
    for (uint32_t i = 0; i < 4; i++)
        assert_true(home(i)->has_encounter);
    assert_ptr_equal(home(0), home(1));
    assert_ptr_equal(home(2), home(3));
}

static void bears_loops_and_dangling_references(void **state)
{
    (void)state;
    assert_status(
        split_text(BUNDLE(ENTRY(
            "urn:a",
            "{\"resourceType\":\"Claim\",\"prescription\":{\"reference\":"
            "\"urn:b\"}}") "," ENTRY("urn:b",
                                     "{\"resourceType\":\"Claim\",\"prescription\":{\"reference\":"
                                     "\"urn:a\"}}") "," ENTRY("urn:a",
                                                              "{\"resourceType\":\"Condition\","
                                                              "\"encounter\":{\"reference\":"
                                                              "\"Encounter/none\"}}") "," ENTRY("ur"
                                                                                                "n:"
                                                                                                "d",
                                                                                                "{"
                                                                                                "\""
                                                                                                "re"
                                                                                                "so"
                                                                                                "ur"
                                                                                                "ce"
                                                                                                "Ty"
                                                                                                "pe"
                                                                                                "\""
                                                                                                ":"
                                                                                                "\""
                                                                                                "Co"
                                                                                                "nd"
                                                                                                "it"
                                                                                                "io"
                                                                                                "n"
                                                                                                "\""
                                                                                                ","
                                                                                                "\""
                                                                                                "en"
                                                                                                "co"
                                                                                                "un"
                                                                                                "te"
                                                                                                "r"
                                                                                                "\""
                                                                                                ":{"
                                                                                                "\""
                                                                                                "re"
                                                                                                "fe"
                                                                                                "re"
                                                                                                "nc"
                                                                                                "e"
                                                                                                "\""
                                                                                                ":"
                                                                                                "\""
                                                                                                "ur"
                                                                                                "n:"
                                                                                                "a"
                                                                                                "\""
                                                                                                "}"
                                                                                                "}"))),
        OK);
    for (uint32_t i = 0; i < 4; i++)
        assert_false(home(i)->has_encounter);
}

static void tells_notes_from_laboratory_reports(void **state)
{
    (void)state;
    assert_status(
        split_text(
            BUNDLE("{\"resource\":{\"resourceType\":\"DiagnosticReport\",\"presentedForm\":[{}]}},"
                   "{\"resource\":{\"resourceType\":\"DiagnosticReport\",\"result\":[{}],"
                   "\"presentedForm\":[{}]}}")),
        OK);
    assert_int_equal(home(0)->category, FHIR_CAT_NOTES);
    assert_int_equal(home(1)->category, FHIR_CAT_RESULTS);
}

static void reports_unreadable_entries_by_index(void **state)
{
    (void)state;
    assert_status(
        split_text(BUNDLE("{\"fullUrl\":\"urn:x\"},"
                          "{\"resource\":{\"resourceType\":\"Robot\"}},"
                          "{\"resource\":{\"resourceType\":\"Patient\",\"a\":1,\"a\":2}},"
                          "{\"resource\":{\"resourceType\":\"Patient\",\"a\":01}},"
                          "7,\"text\",{\"resource\":[]},"
                          "{\"fullUrl\":9,\"resource\":{\"resourceType\":\"Patient\"}}," PATIENT)),
        OK);
    static const status want[] = {E_MISSING, E_UNSUPPORTED, E_DUPLICATE, E_SYNTAX,
                                  E_TYPE,    E_TYPE,        E_TYPE,      E_TYPE};
    assert_int_equal(split.n_entries, 9);
    assert_int_equal(split.n_skipped, 8);
    for (uint32_t i = 0; i < split.n_skipped; i++) {
        assert_int_equal(split.skipped[i].index, i);
        assert_status(split.skipped[i].why, want[i]);
        assert_true(split.skipped[i].reason.n > 0);
    }
    assert_int_equal(split.n_records, 1);
    assert_int_equal(home(8)->n_entries, 1);
}

static void refuses_what_is_no_bundle_to_split(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        status want;
    } cases[] = {
        {"", E_TRUNCATED},
        {"[]", E_TYPE},
        {"{}", E_TYPE},
        {"{\"resourceType\":\"Patient\"}", E_TYPE},
        {"{\"resourceType\":\"Bundle\"}", E_MISSING},
        {"{\"resourceType\":\"Bundle\",\"type\":\"document\"}", E_UNSUPPORTED},
        {"{\"resourceType\":\"Bundle\",\"type\":\"batch\",\"entry\":{}}", E_TYPE},
        {"{\"resourceType\":\"Bundle\",\"type\":\"batch\",\"entry\":[],\"entry\":[]}", E_DUPLICATE},
        {"{\"resourceType\":\"Bundle\",\"type\":\"batch\"}x", E_TRAILING},
        {"{\"resourceType\":\"Bundle\",\"type\":\"batch\",}", E_SYNTAX},
        {"{\"resourceType\":\"Bundle\" \"type\":\"batch\"}", E_SYNTAX},
        {"{\"resourceType\":\"Bundle\",\"type\":\"batch\",\"entry\":[{} {}]}", E_SYNTAX},
        {"{\"resourceType\":\"Bundle\",\"type\":\"batch\",\"entry\":[,]}", E_SYNTAX},
        {"{\"resourceType\":\"Bundle\",\"type\":\"batch\",\"total\":01}", E_TRAILING},
        {"{\"resourceType\":\"Bundle\",\"type\":\"batch\",\"entry\":[{\"a\":[}]}]}", E_SYNTAX},
        {"{\"resourceType\":\"Bundle\",\"ty\\u0070e\":\"batch\"}", E_SYNTAX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        status s = split_text(cases[i].text);
        if (s != cases[i].want)
            fail_msg("%s: %s", cases[i].text, status_name(s));
    }
    assert_status(split_text("{\"resourceType\":\"Bundle\",\"type\":\"batch\"}"), OK);
    assert_int_equal(split.n_records, 0);
}

static void refuses_every_truncation(void **state)
{
    (void)state;
    static const char text[] = BUNDLE(PATIENT "," VISIT);
    for (size_t n = 0; n < sizeof text - 1; n++) {
        char cut[sizeof text];
        memcpy(cut, text, n);
        cut[n] = '\0';
        assert_int_not_equal(split_text(cut), OK);
    }
}

static void cuts_long_names_between_characters(void **state)
{
    (void)state;
    char name[400] = "";
    char text[1024];
    for (int i = 0; i < 100; i++)
        strcat(name, "\xe2\x82\xac"); /* euro sign, three bytes */
    (void)snprintf(text, sizeof text,
                   BUNDLE("{\"resource\":{\"resourceType\":\"Encounter\",\"type\":[{\"text\":"
                          "\"x%s\\n\"}]}}"),
                   name);
    assert_status(split_text(text), OK);
    slice t = split.records[0].title;
    assert_true(t.n <= FHIR_SPLIT_TITLE_MAX);
    assert_true(t.p[118] == ':' && t.p[117] == 0xac);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_by_encounter_and_category),
        cmocka_unit_test(keeps_the_bytes_of_the_source),
        cmocka_unit_test(finds_the_encounter_in_every_way),
        cmocka_unit_test(follows_claims_prescriptions_and_medications),
        cmocka_unit_test(bears_loops_and_dangling_references),
        cmocka_unit_test(tells_notes_from_laboratory_reports),
        cmocka_unit_test(reports_unreadable_entries_by_index),
        cmocka_unit_test(refuses_what_is_no_bundle_to_split),
        cmocka_unit_test(refuses_every_truncation),
        cmocka_unit_test(cuts_long_names_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
