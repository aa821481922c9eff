/* SPDX-License-Identifier: Apache-2.0 */
/* File names made of what a record says of itself. */
#include "app/export_name.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hex.h"

#define DIGITS_MIN 8u
#define DATE_MAX 10u
#define TITLE_MAX 64u

static int by_id(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(hash32));
}

static unsigned common_digits(const hash32 *a, const hash32 *b)
{
    unsigned n = 0;
    while (n < 64 && ((a->b[n / 2] ^ b->b[n / 2]) & (n % 2 == 0 ? 0xf0 : 0x0f)) == 0)
        n++;
    return n;
}

status export_digits(const struct told_record *list, size_t n, unsigned *ret, struct err *reterr)
{
    unsigned digits = DIGITS_MIN;
    hash32 *ids = calloc(n > 0 ? n : 1, sizeof *ids);
    if (ids == NULL)
        return ERR(reterr, E_NOMEM, "out of memory");
    for (size_t i = 0; i < n; i++)
        ids[i] = list[i].record;
    qsort(ids, n, sizeof *ids, by_id);
    for (size_t i = 1; i < n; i++) {
        unsigned same = common_digits(&ids[i - 1], &ids[i]);
        if (same >= digits)
            digits = same < 64 ? same + 1 : 64;
    }
    free(ids);
    *ret = digits;
    return OK;
}

static bool is_plain(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Letters and digits of s, everything between them as one '-'; at most max characters. */
static void slug(slice s, size_t max, const char *otherwise, char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n && n < max; i++) {
        if (is_plain(s.p[i]))
            out[n++] = (char)s.p[i];
        else if (n > 0 && out[n - 1] != '-')
            out[n++] = '-';
    }
    while (n > 0 && out[n - 1] == '-')
        n--;
    out[n] = 0;
    if (n == 0)
        (void)snprintf(out, max + 1, "%s", otherwise);
}

static const char *extension_of(slice media)
{
    static const char *const table[][2] = {
        {"application/fhir+json", "json"},
        {"application/json", "json"},
        {"application/fhir+xml", "xml"},
        {"application/xml", "xml"},
        {"text/xml", "xml"},
        {"application/pdf", "pdf"},
        {"application/dicom", "dcm"},
        {"image/jpeg", "jpg"},
        {"image/png", "png"},
        {"text/plain", "txt"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (slice_eq_str(media, table[i][0]))
            return table[i][1];
    return "bin";
}

void export_name(const struct fhir_meta *m, const hash32 *record, unsigned digits, bool sealed,
                 char out[EXPORT_NAME_MAX])
{
    char date[DATE_MAX + 1];
    char title[TITLE_MAX + 1];
    char id[67];
    slice when = m->creation.n > 0 ? m->creation : m->date;
    slug(slice_first(when, DATE_MAX), DATE_MAX, "undated", date);
    slug(m->title, TITLE_MAX, "untitled", title);
    hex_0x(slice_of(record->b, sizeof record->b), id);
    (void)snprintf(out, EXPORT_NAME_MAX, "%s_%s_%.*s.%s%s", date, title, (int)digits, id + 2,
                   extension_of(m->content_type), sealed ? ".age" : "");
}
