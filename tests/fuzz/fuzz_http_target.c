/* SPDX-License-Identifier: Apache-2.0 */
/* Request targets, query lookup, ranges and header checks over any bytes. The first line is a
 * target, the rest a field value. */
#include <stdlib.h>

#include "net/http.h"
#include "net/http_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void fuzz_field(slice v)
{
    uint64_t first;
    uint64_t n;
    for (uint64_t total = 0; total < 3000; total = total * 3 + 1)
        if (http_range_read(v, total, &first, &n) == OK)
            check(n > 0 && first < total && n <= total - first);
    if (http_length_read(v, &n) == OK)
        check(v.n > 0 && n < 1000000000000000000u);
    (void)http_is_token(v);
    (void)http_is_field_value(v);
}

static void fuzz_target(slice raw)
{
    struct http_target t;
    struct http_path p;
    struct arena a;
    slice v;
    if (http_target_read(raw, &t, NULL) != OK)
        return;
    check(t.path.n > 0 && t.path.p[0] == '/' && t.path.n + t.query.n <= raw.n);
    arena_init(&a, (size_t)1 << 20, false);
    if (http_path_read(t.path, &a, &p, NULL) == OK)
        for (size_t i = 0; i < p.n; i++)
            check(p.seg[i].n > 0 && memchr(p.seg[i].p, '/', p.seg[i].n) == NULL &&
                  memchr(p.seg[i].p, '\0', p.seg[i].n) == NULL);
    if (http_query_find(t.query, "a", &a, &v, NULL) == OK && v.n > 0)
        check(memchr(v.p, '\0', v.n) == NULL);
    arena_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice in = slice_of(data, size);
    const uint8_t *nl = size > 0 ? memchr(data, '\n', size) : NULL;
    slice target = slice_first(in, nl != NULL ? (size_t)(nl - data) : size);
    fuzz_target(target);
    fuzz_field(slice_after(in, target.n + 1));
    return 0;
}
