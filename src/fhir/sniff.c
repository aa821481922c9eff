/* SPDX-License-Identifier: Apache-2.0 */
/* Document kinds by signature, and the check that text is a FHIR resource. */
#include "fhir/sniff.h"

#include "base/utf8.h"
#include "codec/json.h"
#include "fhir/category.h"

#define SNIFF_HEAD ((size_t)16 << 10)
#define DICOM_PREAMBLE 128u

static bool has_text(slice in, const char *part)
{
    return memmem(in.p, in.n, part, strlen(part)) != NULL;
}

static slice skip_space(slice in)
{
    if (slice_has_prefix(in, SLICE_LIT("\xef\xbb\xbf")))
        in = slice_after(in, 3);
    while (in.n > 0 && (in.p[0] == ' ' || in.p[0] == '\t' || in.p[0] == '\r' || in.p[0] == '\n'))
        in = slice_after(in, 1);
    return in;
}

/* The bytes after end, or nothing. */
static slice after_text(slice in, const char *end)
{
    const uint8_t *p = memmem(in.p, in.n, end, strlen(end));
    return p != NULL ? slice_after(in, (size_t)(p - in.p) + strlen(end)) : SLICE_EMPTY;
}

/* The first start tag of an XML text, without comments, declaration and instructions. */
static slice xml_root(slice in)
{
    for (in = skip_space(in); in.n > 0; in = skip_space(in)) {
        if (slice_has_prefix(in, SLICE_LIT("<!--")))
            in = after_text(in, "-->");
        else if (slice_has_prefix(in, SLICE_LIT("<?")))
            in = after_text(in, "?>");
        else
            break;
    }
    const uint8_t *end = in.n > 0 && in.p[0] == '<' ? memchr(in.p, '>', in.n) : NULL;
    return end != NULL ? slice_first(in, (size_t)(end - in.p)) : SLICE_EMPTY;
}

/* How many bytes of a character that the end cut off. */
static size_t cut_off(slice in)
{
    for (size_t n = 1; n <= 3 && n <= in.n; n++) {
        uint8_t c = in.p[in.n - n];
        size_t whole = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
        if (c < 0x80 || c >= 0xc0)
            return n < whole ? n : 0;
    }
    return 0;
}

static bool is_text(slice head)
{
    head.n -= cut_off(head);
    bool ok = head.n > 0 && utf8_is_valid(head);
    for (size_t i = 0; ok && i < head.n; i++) {
        uint8_t c = head.p[i];
        bool c1 = c == 0xc2 && head.p[i + 1] < 0xa0; /* U+0080 to U+009F; valid: not the last */
        ok = (c >= 0x20 || c == '\t' || c == '\n' || c == '\r') && c != 0x7f && !c1;
    }
    return ok;
}

static enum fhir_kind sniff_xml(slice in)
{
    slice root = xml_root(in);
    if (root.n == 0)
        return FHIR_KIND_BYTES;
    if (has_text(root, "ClinicalDocument") && has_text(root, "urn:hl7-org:v3"))
        return FHIR_KIND_CDA;
    return has_text(root, "http://hl7.org/fhir") ? FHIR_KIND_FHIR_XML : FHIR_KIND_BYTES;
}

static enum fhir_kind sniff_signature(slice head)
{
    if (slice_has_prefix(head, SLICE_LIT("%PDF-")))
        return FHIR_KIND_PDF;
    if (slice_has_prefix(head, SLICE_LIT("\xff\xd8\xff")))
        return FHIR_KIND_JPEG;
    if (slice_has_prefix(head, SLICE_LIT("\x89PNG\r\n\x1a\n")))
        return FHIR_KIND_PNG;
    if (slice_has_prefix(slice_after(head, DICOM_PREAMBLE), SLICE_LIT("DICM")))
        return FHIR_KIND_DICOM;
    slice text = skip_space(slice_first(head, SNIFF_HEAD));
    if (text.n == 0)
        return FHIR_KIND_BYTES;
    if (text.p[0] == '{' && has_text(text, "\"resourceType\""))
        return FHIR_KIND_FHIR_JSON;
    return text.p[0] == '<' ? sniff_xml(text) : FHIR_KIND_BYTES;
}

enum fhir_kind fhir_sniff(slice head)
{
    enum fhir_kind kind = sniff_signature(head);
    return kind == FHIR_KIND_BYTES && is_text(head) ? FHIR_KIND_TEXT : kind;
}

const char *fhir_media_type(enum fhir_kind k)
{
    switch (k) {
    case FHIR_KIND_FHIR_JSON:
        return "application/fhir+json";
    case FHIR_KIND_FHIR_XML:
        return "application/fhir+xml";
    case FHIR_KIND_CDA:
        return "text/xml";
    case FHIR_KIND_PDF:
        return "application/pdf";
    case FHIR_KIND_DICOM:
        return "application/dicom";
    case FHIR_KIND_JPEG:
        return "image/jpeg";
    case FHIR_KIND_PNG:
        return "image/png";
    case FHIR_KIND_TEXT:
        return "text/plain";
    case FHIR_KIND_BYTES:
        break;
    }
    return "application/octet-stream";
}

status fhir_resource_check(slice text, struct arena *a, slice *ret_type, struct err *reterr)
{
    struct json_doc doc;
    enum fhir_category c;
    slice type;
    status s = json_read(text, a, &doc, reterr);
    if (s == OK)
        s = json_want_object(json_root(&doc), reterr);
    if (s == OK)
        s = json_str(json_get(json_root(&doc), "resourceType"), &type, reterr);
    if (s != OK)
        return s;
    if (!fhir_type_category(type, &c))
        return ERR(reterr, E_UNSUPPORTED, "resourceType is no type of FHIR R4");
    *ret_type = type;
    return OK;
}
