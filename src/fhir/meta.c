/* SPDX-License-Identifier: Apache-2.0 */
/* Writing and checking a record's meta. */
#include "fhir/meta.h"

#include "base/utf8.h"
#include "codec/json.h"
#include "fhir/category.h"
#include "fhir/meta_ext.h"

#define ATTACHMENT_SIZE_MAX 0x7fffffffu /* FHIR unsignedInt */

static status text_check(slice s, const char *field, bool may_be_empty, struct err *reterr)
{
    if (s.n == 0)
        return may_be_empty ? OK : ERR(reterr, E_MISSING, "meta: %s is missing", field);
    if (s.n > FHIR_META_TEXT_MAX)
        return ERR(reterr, E_TOO_LONG, "meta: %s has %zu bytes; at most %u are taken", field, s.n,
                   FHIR_META_TEXT_MAX);
    if (!utf8_is_valid(s))
        return ERR(reterr, E_SYNTAX, "meta: %s is not UTF-8", field);
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < 0x20 || s.p[i] == 0x7f)
            return ERR(reterr, E_SYNTAX, "meta: %s holds a control character", field);
    return OK;
}

static bool is_doc_status(slice s)
{
    return slice_eq_str(s, "preliminary") || slice_eq_str(s, "final") ||
           slice_eq_str(s, "amended") || slice_eq_str(s, "entered-in-error");
}

static status dates_check(const struct fhir_meta *m, struct err *reterr)
{
    if (!fhir_is_instant(m->date))
        return ERR(reterr, E_SYNTAX, "meta: date is no instant");
    if (m->creation.n > 0 && !fhir_is_datetime(m->creation))
        return ERR(reterr, E_SYNTAX, "meta: creation is no dateTime");
    if (!is_doc_status(m->doc_status))
        return ERR(reterr, E_RANGE, "meta: docStatus is none of FHIR's");
    if (memchr(m->content_type.p, '/', m->content_type.n) == NULL)
        return ERR(reterr, E_SYNTAX, "meta: contentType is no media type");
    return OK;
}

static status meta_check(const struct fhir_meta *m, struct err *reterr)
{
    const struct {
        slice text;
        const char *field;
        bool may_be_empty;
    } texts[] = {
        {m->doc_status, "docStatus", false},
        {m->type_code, "type", false},
        {m->type_text, "type.text", false},
        {m->category_code, "category", true},
        {m->category_text, "category.text", true},
        {m->date, "date", false},
        {m->author, "author", false},
        {m->title, "title", false},
        {m->content_type, "contentType", false},
        {m->file_name, "file name", true},
        {m->creation, "creation", true},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        status s = text_check(texts[i].text, texts[i].field, texts[i].may_be_empty, reterr);
        if (s != OK)
            return s;
    }
    return dates_check(m, reterr);
}

static void put_text(struct jw *w, const char *key, slice s)
{
    if (s.n == 0)
        return;
    jw_key(w, key);
    jw_str(w, s);
}

/* {"coding":[{"system":…,"code":…,"display":…}],"text":…} */
static void put_concept(struct jw *w, const char *system, slice code, slice text)
{
    jw_object(w);
    if (code.n > 0) {
        jw_key(w, "coding");
        jw_array(w);
        jw_object(w);
        put_text(w, "system", slice_str(system));
        put_text(w, "code", code);
        put_text(w, "display", text);
        jw_end(w);
        jw_end(w);
    }
    put_text(w, "text", text);
    jw_end(w);
}

static void put_category(struct jw *w, const struct fhir_meta *m)
{
    if (m->category_code.n == 0 && m->category_text.n == 0)
        return;
    jw_key(w, "category");
    jw_array(w);
    put_concept(w, FHIR_CATEGORY_SYSTEM, m->category_code, m->category_text);
    jw_end(w);
}

static void put_author(struct jw *w, const struct fhir_meta *m)
{
    jw_key(w, "author");
    jw_array(w);
    jw_object(w);
    put_text(w, "display", m->author);
    jw_end(w);
    jw_end(w);
}

static void put_content(struct jw *w, const struct fhir_meta *m)
{
    jw_key(w, "content");
    jw_array(w);
    jw_object(w);
    jw_key(w, "attachment");
    jw_object(w);
    put_text(w, "contentType", m->content_type);
    if (m->size <= ATTACHMENT_SIZE_MAX) {
        jw_key(w, "size");
        jw_u64(w, m->size);
    }
    put_text(w, "title", m->file_name);
    put_text(w, "creation", m->creation);
    jw_end(w);
    jw_end(w);
    jw_end(w);
}

status fhir_meta_put(const struct fhir_meta *m, struct buf *out, struct err *reterr)
{
    struct jw w;
    size_t before = out->n;
    status s = meta_check(m, reterr);
    if (s != OK)
        return s;
    jw_init(&w, out);
    jw_object(&w);
    put_text(&w, "resourceType", SLICE_LIT("DocumentReference"));
    meta_ext_put(&w, m);
    put_text(&w, "status", SLICE_LIT("current"));
    put_text(&w, "docStatus", m->doc_status);
    jw_key(&w, "type");
    put_concept(&w, FHIR_LOINC, m->type_code, m->type_text);
    put_category(&w, m);
    put_text(&w, "date", m->date);
    put_author(&w, m);
    put_text(&w, "description", m->title);
    put_content(&w, m);
    jw_end(&w);
    s = jw_done(&w, reterr);
    if (s == OK && out->n - before > LIMIT_META_BYTES) {
        out->n = before;
        s = ERR(reterr, E_TOO_LONG, "meta over %zu bytes", LIMIT_META_BYTES);
    }
    return s;
}

/* First element of the array member key; absent if there is none. */
static struct json first_of(struct json v, const char *key)
{
    return json_at(json_get(v, key), 0);
}

static status get_text(struct json v, bool is_optional, slice *ret, struct err *reterr)
{
    if (is_optional && json_is_absent(v))
        return OK;
    return json_str(v, ret, reterr);
}

/* Code of the coding of that system, and the text. */
static status get_concept(struct json v, const char *system, slice *ret_code, slice *ret_text,
                          struct err *reterr)
{
    struct json_iter it = json_iter(json_get(v, "coding"));
    while (json_next(&it)) {
        if (!json_eq(json_get(it.value, "system"), system))
            continue;
        status s = json_str(json_get(it.value, "code"), ret_code, reterr);
        if (s != OK)
            return s;
        break;
    }
    return get_text(json_get(v, "text"), true, ret_text, reterr);
}

static status get_attachment(struct json content, struct fhir_meta *m, struct err *reterr)
{
    struct json a = json_get(content, "attachment");
    struct json size = json_get(a, "size");
    uint64_t n = 0;
    status s = get_text(json_get(a, "contentType"), false, &m->content_type, reterr);
    if (s == OK)
        s = get_text(json_get(a, "title"), true, &m->file_name, reterr);
    if (s == OK)
        s = get_text(json_get(a, "creation"), true, &m->creation, reterr);
    if (s == OK && !json_is_absent(size))
        s = json_u64(size, &n, reterr);
    if (s == OK && !json_is_absent(size) && n != m->size)
        s = ERR(reterr, E_MISMATCH, "meta: attachment.size and urn:ehrd:size differ");
    return s;
}

static status get_kind(struct json r, struct err *reterr)
{
    if (!json_eq(json_get(r, "resourceType"), "DocumentReference"))
        return ERR(reterr, E_TYPE, "meta: no DocumentReference");
    if (!json_eq(json_get(r, "status"), "current"))
        return ERR(reterr, E_RANGE, "meta: status is not current");
    if (!json_is_absent(json_get(r, "modifierExtension")) ||
        !json_is_absent(json_get(r, "implicitRules")))
        return ERR(reterr, E_UNSUPPORTED, "meta: modifierExtension or implicitRules");
    if (json_count(json_get(r, "content")) != 1)
        return ERR(reterr, E_RANGE, "meta: content is not one attachment");
    return OK;
}

static status meta_fields(struct json r, struct fhir_meta *m, struct err *reterr)
{
    status s = get_kind(r, reterr);
    if (s == OK)
        s = meta_ext_read(r, m, reterr);
    if (s == OK)
        s = json_str(json_get(r, "docStatus"), &m->doc_status, reterr);
    if (s == OK)
        s = get_concept(json_get(r, "type"), FHIR_LOINC, &m->type_code, &m->type_text, reterr);
    if (s == OK)
        s = get_concept(first_of(r, "category"), FHIR_CATEGORY_SYSTEM, &m->category_code,
                        &m->category_text, reterr);
    if (s == OK)
        s = json_str(json_get(r, "date"), &m->date, reterr);
    if (s == OK)
        s = json_str(json_get(first_of(r, "author"), "display"), &m->author, reterr);
    if (s == OK)
        s = json_str(json_get(r, "description"), &m->title, reterr);
    if (s == OK)
        s = get_attachment(first_of(r, "content"), m, reterr);
    return s;
}

status fhir_meta_read(slice text, struct arena *a, struct fhir_meta *ret, struct err *reterr)
{
    struct json_doc doc;
    struct fhir_meta m = {0};
    if (text.n > LIMIT_META_BYTES)
        return ERR(reterr, E_TOO_LONG, "meta of %zu bytes", text.n);
    status s = json_read(text, a, &doc, reterr);
    if (s == OK)
        s = json_want_object(json_root(&doc), reterr);
    if (s == OK)
        s = meta_fields(json_root(&doc), &m, reterr);
    if (s == OK)
        s = meta_check(&m, reterr);
    if (s == OK)
        *ret = m;
    return s;
}
