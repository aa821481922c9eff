/* SPDX-License-Identifier: Apache-2.0 */
/* One clinic for a whole test program. */
#include "fixture.h"

#include "codec/json.h"

struct clinic world;
struct sample sample;

bool has_ledger(void)
{
    return world.w.up;
}

int clinic_setup(void **state)
{
    (void)state;
    if (clinic_start(&world))
        ehrd_start(&world.w);
    return 0;
}

int clinic_teardown(void **state)
{
    (void)state;
    clinic_stop(&world);
    return 0;
}

int sample_setup(void **state)
{
    (void)clinic_setup(state);
    if (!has_ledger())
        return 0;
    sample_make(&world, &world.patient_key, 1, SLICE_LIT("ciphertext of a record"), &sample);
    sample_upload(&world, &world.patient_key, &sample);
    sample_add_to_chain(&world, world.patient, &sample);
    return 0;
}

int sample_teardown(void **state)
{
    sample_done(&sample);
    return clinic_teardown(state);
}

struct ask as(const struct secp_key *key, const char *method, const char *target, slice body)
{
    return (struct ask){.key = key, .method = method, .target = target, .body = body};
}

void ask_for(const struct secp_key *key, const char *method, const char *target, slice body,
             int code, const char *text)
{
    struct ask q = as(key, method, target, body);
    expect_text(&world.w, &q, code, text);
}

void answer_text(const struct http_answer *a, const char *key, char *out, size_t n)
{
    struct arena mem;
    struct json_doc doc;
    slice s;
    arena_init(&mem, 65536, false);
    assert_ok(json_read(buf_slice(&a->body), &mem, &doc, &world.w.err), &world.w.err);
    assert_ok(json_str(json_get(json_root(&doc), key), &s, &world.w.err), &world.w.err);
    assert_true(s.n < n);
    memcpy(out, s.p, s.n);
    out[s.n] = '\0';
    arena_done(&mem);
}

const char *sample_target(void)
{
    return below(&world, "/records/%s", hex_of(&world, slice_of(sample.record.b, 32)));
}
