/* SPDX-License-Identifier: Apache-2.0 */
/* References: by fullUrl or by Type/id, found in sorted tables so that hostile names cost no more
 * than others. */
#include "fhir/split_link.h"

#include <stdlib.h>

#define VIA_STEPS 3 /* explanation of benefit -> claim -> prescription */

struct index {
    const struct fhir_split_entry *e;
    uint32_t n_urls;
    uint32_t n_ids;
    uint32_t *by_url; /* entries with a fullUrl, sorted */
    uint32_t *by_id;  /* entries with an id, sorted by type and id */
};

static int slice_cmp(slice a, slice b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n > 0 ? memcmp(a.p, b.p, n) : 0;
    return c != 0 ? c : (a.n > b.n) - (a.n < b.n);
}

static int id_cmp(const struct fhir_split_entry *e, slice type, slice id)
{
    int c = slice_cmp(e->type, type);
    return c != 0 ? c : slice_cmp(e->id, id);
}

static int order(uint32_t x, uint32_t y)
{
    return (x > y) - (x < y);
}

static int url_order(const void *x, const void *y, void *ctx)
{
    const struct fhir_split_entry *e = ctx;
    uint32_t i = *(const uint32_t *)x;
    uint32_t j = *(const uint32_t *)y;
    int c = slice_cmp(e[i].full_url, e[j].full_url);
    return c != 0 ? c : order(i, j);
}

static int id_order(const void *x, const void *y, void *ctx)
{
    const struct fhir_split_entry *e = ctx;
    uint32_t i = *(const uint32_t *)x;
    uint32_t j = *(const uint32_t *)y;
    int c = id_cmp(&e[i], e[j].type, e[j].id);
    return c != 0 ? c : order(i, j);
}

static status index_build(struct fhir_split_entry *e, uint32_t n, struct arena *a,
                          struct index *ret)
{
    struct index x = {.e = e};
    x.by_url = arena_array(a, n, sizeof *x.by_url);
    x.by_id = arena_array(a, n, sizeof *x.by_id);
    if (x.by_url == NULL || x.by_id == NULL)
        return E_NOMEM;
    for (uint32_t i = 0; i < n; i++) {
        if (e[i].is_usable && e[i].full_url.n > 0)
            x.by_url[x.n_urls++] = i;
        if (e[i].is_usable && e[i].id.n > 0)
            x.by_id[x.n_ids++] = i;
    }
    qsort_r(x.by_url, x.n_urls, sizeof *x.by_url, url_order, e);
    qsort_r(x.by_id, x.n_ids, sizeof *x.by_id, id_order, e);
    *ret = x;
    return OK;
}

static uint32_t find_url(const struct index *x, slice url)
{
    uint32_t lo = 0;
    uint32_t hi = x->n_urls;
    while (lo < hi) { /* first row that is not below url */
        uint32_t mid = lo + (hi - lo) / 2;
        if (slice_cmp(x->e[x->by_url[mid]].full_url, url) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    bool hit = lo < x->n_urls && slice_eq(x->e[x->by_url[lo]].full_url, url);
    return hit ? x->by_url[lo] : SPLIT_NO_ENCOUNTER;
}

static uint32_t find_id(const struct index *x, slice type, slice id)
{
    uint32_t lo = 0;
    uint32_t hi = x->n_ids;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (id_cmp(&x->e[x->by_id[mid]], type, id) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    bool hit = lo < x->n_ids && id_cmp(&x->e[x->by_id[lo]], type, id) == 0;
    return hit ? x->by_id[lo] : SPLIT_NO_ENCOUNTER;
}

/* The part of s after its last '/', which s loses together with that '/'. */
static slice take_last_part(slice *s)
{
    const uint8_t *p = s->n > 0 ? memrchr(s->p, '/', s->n) : NULL;
    if (p == NULL) {
        slice all = *s;
        *s = SLICE_EMPTY;
        return all;
    }
    slice part = slice_of(p + 1, (size_t)(s->p + s->n - p) - 1);
    s->n = (size_t)(p - s->p);
    return part;
}

/* The entry that ref names, or SPLIT_NO_ENCOUNTER. */
static uint32_t find_reference(const struct index *x, slice ref)
{
    if (ref.n == 0 || ref.p[0] == '#')
        return SPLIT_NO_ENCOUNTER;
    uint32_t i = find_url(x, ref);
    if (i != SPLIT_NO_ENCOUNTER)
        return i;
    slice id = take_last_part(&ref);
    slice type = take_last_part(&ref);
    if (slice_eq_str(type, "_history")) { /* Type/id/_history/version */
        id = take_last_part(&ref);
        type = take_last_part(&ref);
    }
    return find_id(x, type, id);
}

static bool is_encounter(const struct fhir_split_entry *e)
{
    return slice_eq_str(e->type, "Encounter");
}

/* Encounters and all that name one. */
static void link_direct(struct fhir_split_entry *e, uint32_t n, const struct index *x)
{
    for (uint32_t i = 0; i < n; i++) {
        if (!e[i].is_usable)
            continue;
        uint32_t t = is_encounter(&e[i]) ? i : find_reference(x, e[i].encounter_ref);
        if (t != SPLIT_NO_ENCOUNTER && is_encounter(&e[t]))
            e[i].encounter = t;
    }
}

/* One step along via_ref for those that are still without encounter. */
static void link_via(struct fhir_split_entry *e, uint32_t n, const struct index *x)
{
    for (uint32_t i = 0; i < n; i++) {
        if (!e[i].is_usable || e[i].encounter != SPLIT_NO_ENCOUNTER || e[i].via_ref.n == 0)
            continue;
        uint32_t t = find_reference(x, e[i].via_ref);
        if (t != SPLIT_NO_ENCOUNTER)
            e[i].encounter = e[t].encounter;
    }
}

/* A Medication goes with the first that refers to it. */
static void link_medications(struct fhir_split_entry *e, uint32_t n, const struct index *x)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t t = e[i].is_usable ? find_reference(x, e[i].medication_ref) : SPLIT_NO_ENCOUNTER;
        if (t != SPLIT_NO_ENCOUNTER && e[t].encounter == SPLIT_NO_ENCOUNTER)
            e[t].encounter = e[i].encounter;
    }
}

status split_link(struct fhir_split_entry *e, uint32_t n, struct arena *a)
{
    struct index x;
    status st = index_build(e, n, a, &x);
    if (st != OK)
        return st;
    link_direct(e, n, &x);
    for (int i = 0; i < VIA_STEPS; i++)
        link_via(e, n, &x);
    link_medications(e, n, &x);
    return OK;
}
