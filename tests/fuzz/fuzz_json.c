/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as JSON: walk everything, write it again, and read that. */
#include <stdlib.h>

#include "codec/json.h"

#define ARENA_MAX ((size_t)32 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Any answer is fine; a crash is not. */
static void may_fail(status s)
{
    (void)s;
}

static void expect(bool ok)
{
    if (!ok)
        abort();
}

static void read_scalars(struct json v)
{
    struct err e;
    slice s;
    uint64_t n;
    u256 big;
    bool flag;
    addr20 a;
    char path[40];
    (void)json_path(v, path, sizeof path);
    may_fail(json_num(v, &s, &e));
    may_fail(json_u64(v, &n, &e));
    may_fail(json_bool(v, &flag, &e));
    may_fail(json_hex_u256(v, &big, &e));
    may_fail(json_hex_addr(v, &a, &e));
    may_fail(json_hex_bytes(v, &s, &e));
    may_fail(json_str(json_get(v, "a"), &s, &e));
    may_fail(json_str(json_at(v, 1), &s, &e));
}

static void rewrite(struct json v, struct jw *w)
{
    slice s;
    switch (json_type(v)) {
    case JSON_STRING:
        expect(json_str(v, &s, NULL) == OK);
        jw_str(w, s);
        break;
    case JSON_NUMBER:
        expect(json_num(v, &s, NULL) == OK);
        jw_num(w, s);
        break;
    case JSON_ARRAY:
        jw_array(w);
        for (struct json_iter it = json_iter(v); json_next(&it);)
            rewrite(it.value, w);
        jw_end(w);
        break;
    case JSON_OBJECT:
        jw_object(w);
        for (struct json_iter it = json_iter(v); json_next(&it);) {
            expect(json_str(it.key, &s, NULL) == OK);
            jw_key_slice(w, s);
            rewrite(it.value, w);
        }
        jw_end(w);
        break;
    default:
        jw_json(w, v);
    }
}

static size_t values(struct json v)
{
    size_t n = 1;
    read_scalars(v);
    for (struct json_iter it = json_iter(v); json_next(&it);)
        n += values(it.value);
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct json_doc doc;
    struct json_doc again;
    struct err e;
    struct jw w;
    struct buf b;
    arena_init(&arena, ARENA_MAX, false);
    buf_init(&b, 6 * size + 16);
    if (size < 1 << 12 && json_read(slice_of(data, size), &arena, &doc, &e) == OK) {
        jw_init(&w, &b);
        rewrite(json_root(&doc), &w);
        expect(jw_done(&w, &e) == OK);
        expect(json_read(buf_slice(&b), &arena, &again, &e) == OK);
        expect(doc.n == again.n);
        expect(values(json_root(&doc)) == values(json_root(&again)));
    }
    buf_done(&b);
    arena_done(&arena);
    return 0;
}
