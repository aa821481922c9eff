/* SPDX-License-Identifier: Apache-2.0 */
/* What an owner state may hold, by tests/vectors/owner-state.json, which the page reads the same
 * way: a note that one program takes must not keep the other from the whole state. */
#include "test.h"

#include "codec/json.h"
#include "ehr/state.h"

static struct err err;

static slice text_of(struct json v)
{
    slice s;
    assert_ok(json_str(v, &s, &err), &err);
    return s;
}

/* base with the first `from` changed to `to` */
static void text_make(slice base, struct json v, struct buf *out)
{
    slice from = text_of(json_get(v, "from"));
    slice to = text_of(json_get(v, "to"));
    const uint8_t *at = memmem(base.p, base.n, from.p, from.n);
    assert_non_null(at);
    size_t n = (size_t)(at - base.p);
    buf_clear(out);
    assert_int_equal(buf_put(out, slice_first(base, n)), OK);
    assert_int_equal(buf_put(out, to), OK);
    assert_int_equal(buf_put(out, slice_of(at + from.n, base.n - n - from.n)), OK);
}

static void check_read(struct json v, slice text)
{
    struct owner_state s;
    struct buf again;
    uint64_t unread;
    bool reads;
    assert_ok(json_bool(json_get(v, "reads"), &reads, &err), &err);
    assert_ok(json_u64(json_get(v, "unread"), &unread, &err), &err);
    state_init(&s);
    status st = state_read(text, &s, &err);
    if ((st == OK) != reads || (reads && s.unread != unread))
        fail_msg("%.*s: status %d, %zu notes left out", (int)text_of(json_get(v, "name")).n,
                 (const char *)text_of(json_get(v, "name")).p, (int)st, s.unread);
    if (reads) {
        buf_init(&again, STATE_BYTES);
        assert_ok(state_put(&s, &again, &err), &err);
        state_done(&s);
        assert_ok(state_read(buf_slice(&again), &s, &err), &err);
        assert_int_equal(s.unread, 0); /* what was left out is gone */
        buf_done(&again);
    }
    state_done(&s);
}

static void reads_what_the_vectors_say(void **s)
{
    struct buf file;
    struct buf text;
    struct arena a;
    struct json_doc doc;
    size_t n = 0;
    (void)s;
    buf_init(&file, (size_t)1 << 20);
    buf_init(&text, STATE_BYTES);
    arena_init(&a, (size_t)8 << 20, false);
    assert_ok(file_read(VECTORS_DIR "/owner-state.json", &file, &err), &err);
    assert_ok(json_read(buf_slice(&file), &a, &doc, &err), &err);
    slice base = text_of(json_get(json_root(&doc), "state"));
    for (struct json_iter it = json_iter(json_get(json_root(&doc), "cases")); json_next(&it); n++) {
        text_make(base, it.value, &text);
        check_read(it.value, buf_slice(&text));
    }
    assert_true(n > 30);
    arena_done(&a);
    buf_done(&text);
    buf_done(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reads_what_the_vectors_say)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
