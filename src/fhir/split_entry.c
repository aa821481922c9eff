/* SPDX-License-Identifier: Apache-2.0 */
/* Reads from one entry what tells where it belongs. */
#include "fhir/split_entry.h"

#include "codec/json.h"

#define ENTRY_ARENA (LIMIT_JSON_BYTES * 20)

/* The text of a string, moved out of the parse; empty for anything else. *st keeps E_NOMEM. */
static slice text_of(struct json v, slice raw, struct arena *a, status *st)
{
    slice s;
    if (json_type(v) != JSON_STRING || json_str(v, &s, NULL) != OK)
        return SLICE_EMPTY;
    if (s.n == 0 || (s.p >= raw.p && s.p < raw.p + raw.n))
        return s;
    slice own = arena_dup(a, s);
    if (own.p == NULL)
        *st = E_NOMEM;
    return own;
}

/* A step into an object, or into the first object of an array. */
static struct json first(struct json v, const char *key)
{
    struct json m = json_get(v, key);
    return json_type(m) == JSON_ARRAY ? json_at(m, 0) : m;
}

static struct json reference(struct json v, const char *key)
{
    return json_get(first(v, key), "reference");
}

/* Encounter of the first item of a claim that names one. */
static struct json item_encounter(struct json resource)
{
    struct json_iter it = json_iter(json_get(resource, "item"));
    while (json_next(&it)) {
        struct json r = reference(it.value, "encounter");
        if (!json_is_absent(r))
            return r;
    }
    return reference(resource, "item"); /* absent */
}

static struct json encounter_reference(struct json resource)
{
    struct json r = reference(resource, "encounter");
    if (json_is_absent(r))
        r = reference(resource, "context");
    if (json_is_absent(r))
        r = reference(json_get(resource, "context"), "encounter");
    return json_is_absent(r) ? item_encounter(resource) : r;
}

/* What a resource without an encounter hangs on. */
static struct json via_reference(struct json resource)
{
    static const char *const keys[] = {"claim",   "prescription", "authorizingPrescription",
                                       "request", "basedOn",      "partOf"};
    struct json r = reference(resource, "target");
    if (json_count(json_get(resource, "target")) == 1)
        return r;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        r = reference(resource, keys[i]);
        if (!json_is_absent(r))
            break;
    }
    return r;
}

static struct json clinical_date(struct json resource)
{
    static const char *const plain[] = {"effectiveDateTime",
                                        "performedDateTime",
                                        "occurrenceDateTime",
                                        "onsetDateTime",
                                        "authoredOn",
                                        "whenHandedOver",
                                        "started",
                                        "recordedDate",
                                        "date",
                                        "created",
                                        "issued",
                                        "recorded"};
    static const char *const periods[] = {"period", "effectivePeriod", "performedPeriod",
                                          "occurrencePeriod", "billablePeriod"};
    struct json v = json_get(resource, "start");
    for (size_t i = 0; i < sizeof periods / sizeof periods[0] && json_is_absent(v); i++)
        v = json_get(json_get(resource, periods[i]), "start");
    for (size_t i = 0; i < sizeof plain / sizeof plain[0] && json_is_absent(v); i++)
        v = json_get(resource, plain[i]);
    return v;
}

static struct json encounter_name(struct json resource)
{
    struct json type = first(resource, "type");
    struct json v = json_get(type, "text");
    if (json_is_absent(v))
        v = json_get(first(type, "coding"), "display");
    if (json_is_absent(v))
        v = json_get(json_get(resource, "class"), "display");
    return v;
}

/* A report without results that carries a text is a note. */
static enum fhir_category report_category(struct json resource)
{
    bool is_note = json_count(json_get(resource, "result")) == 0 &&
                   json_count(json_get(resource, "presentedForm")) > 0;
    return is_note ? FHIR_CAT_NOTES : FHIR_CAT_RESULTS;
}

static status resource_read(struct json r, slice raw, struct arena *a, struct fhir_split_entry *e,
                            struct err *reterr)
{
    status st = json_want_object(r, reterr);
    if (st == OK)
        st = json_str(json_get(r, "resourceType"), &e->type, reterr);
    if (st != OK)
        return st;
    e->type = text_of(json_get(r, "resourceType"), raw, a, &st);
    if (st != OK)
        return st;
    if (!fhir_type_category(e->type, &e->category))
        return ERR(reterr, E_UNSUPPORTED, "resourceType is no type of FHIR R4");
    if (slice_eq_str(e->type, "DiagnosticReport"))
        e->category = report_category(r);
    e->id = text_of(json_get(r, "id"), raw, a, &st);
    e->date = text_of(clinical_date(r), raw, a, &st);
    if (slice_eq_str(e->type, "Encounter")) {
        e->name = text_of(encounter_name(r), raw, a, &st);
        return st;
    }
    e->encounter_ref = text_of(encounter_reference(r), raw, a, &st);
    e->via_ref = text_of(via_reference(r), raw, a, &st);
    e->medication_ref = text_of(reference(r, "medicationReference"), raw, a, &st);
    return st;
}

static status entry_read(struct json v, slice raw, struct arena *a, struct fhir_split_entry *e,
                         struct err *reterr)
{
    struct json url = json_get(v, "fullUrl");
    struct json resource = json_get(v, "resource");
    status st = json_want_object(v, reterr);
    if (st == OK && !json_is_absent(url)) {
        st = json_str(url, &e->full_url, reterr);
        e->full_url_raw = json_raw(url);
    }
    if (st != OK)
        return st;
    e->full_url = text_of(url, raw, a, &st);
    e->resource_raw = json_raw(resource);
    return st == OK ? resource_read(resource, raw, a, e, reterr) : st;
}

status split_entry_read(slice raw, struct arena *a, struct fhir_split_entry *ret,
                        struct err *reterr)
{
    struct fhir_split_entry e = {.encounter = SPLIT_NO_ENCOUNTER, .is_usable = true};
    struct arena scratch;
    struct json_doc doc;
    arena_init(&scratch, ENTRY_ARENA, false);
    status st = json_read(raw, &scratch, &doc, reterr);
    if (st == OK)
        st = entry_read(json_root(&doc), raw, a, &e, reterr);
    arena_done(&scratch);
    if (st == OK)
        *ret = e;
    else if (st == E_NOMEM)
        (void)ERR(reterr, st, "entry of %zu bytes", raw.n);
    return st;
}
