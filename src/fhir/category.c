/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of resource types and categories. */
#include "fhir/category.h"

static const struct fhir_category_text category_texts[FHIR_CAT_N] = {
#define FHIR_CATEGORY(name, slug, title, loinc, text) {slug, title, loinc, text},
#include "fhir/categories.def"
#undef FHIR_CATEGORY
};

/* Each behind a space. */
static const char category_slugs[] = ""
#define FHIR_CATEGORY(name, slug, title, loinc, text) " " slug
#include "fhir/categories.def"
#undef FHIR_CATEGORY
    ;

static const struct {
    const char *name;
    enum fhir_category category;
} category_types[] = {
#define FHIR_TYPE(name, category) {#name, FHIR_CAT_##category},
#include "fhir/types.def"
#undef FHIR_TYPE
};

#define TYPES_N (sizeof category_types / sizeof category_types[0])

const struct fhir_category_text *fhir_category_text(enum fhir_category c)
{
    return &category_texts[(size_t)c < FHIR_CAT_N ? c : FHIR_CAT_OTHER];
}

bool fhir_category_find(slice slug, enum fhir_category *ret)
{
    for (int i = 0; i < FHIR_CAT_N; i++) {
        if (slice_eq_str(slug, category_texts[i].slug)) {
            *ret = (enum fhir_category)i;
            return true;
        }
    }
    return false;
}

/* Order of the table: by bytes. */
static int type_cmp(slice a, const char *b)
{
    size_t n = strlen(b);
    int c = memcmp(a.p, b, a.n < n ? a.n : n);
    if (c != 0)
        return c;
    return a.n < n ? -1 : a.n > n;
}

bool fhir_type_category(slice type, enum fhir_category *ret)
{
    size_t lo = 0;
    size_t hi = TYPES_N;
    while (type.n > 0 && lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int c = type_cmp(type, category_types[mid].name);
        if (c == 0) {
            *ret = category_types[mid].category;
            return true;
        }
        if (c < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return false;
}

const char *fhir_category_slugs(void)
{
    return &category_slugs[1];
}
