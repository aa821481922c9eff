/* SPDX-License-Identifier: Apache-2.0 */
/* Bundles and metas over any bytes: every entry in one record or reported, records are JSON. */
#include <stdlib.h>

#include "codec/json.h"
#include "fhir/bundle_split.h"
#include "fhir/meta.h"
#include "fhir/sniff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_record(const struct fhir_split *s, uint32_t i)
{
    struct buf out;
    struct arena a;
    struct fhir_split again;
    buf_init(&out, (size_t)64 << 20);
    arena_init(&a, (size_t)64 << 20, false);
    check(fhir_split_put(s, i, &out, NULL) == OK);
    check(fhir_split_read(buf_slice(&out), &a, &again, NULL) == OK);
    check(again.n_entries == s->records[i].n_entries && again.n_skipped == 0);
    check(s->records[i].title.n <= FHIR_SPLIT_TITLE_MAX);
    arena_done(&a);
    buf_done(&out);
}

static void fuzz_split(slice in)
{
    struct arena a;
    struct fhir_split s;
    uint32_t total = 0;
    arena_init(&a, (size_t)64 << 20, false);
    if (fhir_split_read(in, &a, &s, NULL) == OK) {
        for (uint32_t i = 0; i < s.n_records; i++) {
            total += s.records[i].n_entries;
            check_record(&s, i);
        }
        check(total + s.n_skipped == s.n_entries);
    }
    arena_done(&a);
}

static void fuzz_meta(slice in)
{
    struct arena a;
    struct fhir_meta m;
    struct buf out;
    arena_init(&a, (size_t)16 << 20, false);
    buf_init(&out, (size_t)1 << 20);
    if (fhir_meta_read(in, &a, &m, NULL) == OK)
        check(fhir_meta_put(&m, &out, NULL) == OK);
    buf_done(&out);
    arena_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice in = slice_of(data, size);
    (void)fhir_sniff(in);
    fuzz_split(in);
    fuzz_meta(in);
    return 0;
}
