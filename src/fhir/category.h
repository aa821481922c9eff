/* SPDX-License-Identifier: Apache-2.0 */
/* The resource types of FHIR R4 and the categories of records. */
#ifndef EHRD_FHIR_CATEGORY_H
#define EHRD_FHIR_CATEGORY_H

#include "base/slice.h"

#define FHIR_LOINC "http://loinc.org"
#define FHIR_CATEGORY_SYSTEM "urn:ehrd:category"

enum fhir_category {
#define FHIR_CATEGORY(name, slug, title, loinc, text) FHIR_CAT_##name,
#include "fhir/categories.def"
#undef FHIR_CATEGORY
    FHIR_CAT_N
};

/* How a category is written: static strings. */
struct fhir_category_text {
    const char *slug;  /* "results": code in FHIR_CATEGORY_SYSTEM */
    const char *title; /* "Results" */
    const char *loinc; /* LOINC code of such a document */
    const char *loinc_text;
};
const struct fhir_category_text *fhir_category_text(enum fhir_category c);
/* All slugs, spaces between. */
const char *fhir_category_slugs(void);
/* The category of that slug; false if there is none. */
bool fhir_category_find(slice slug, enum fhir_category *ret);

/* The category of a resource type of R4; false if there is no such type (names are exact). */
bool fhir_type_category(slice type, enum fhir_category *ret);

#endif
