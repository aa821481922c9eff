/* SPDX-License-Identifier: Apache-2.0 */
/* One clinic for a whole test program. */
#include "fixture.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

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

static const char *disk_path(char out[512])
{
    (void)snprintf(out, 512, "%s/free-mib", world.w.dir);
    return out;
}

bool disk_setup(void)
{
    char path[512];
    const char *preload = getenv("NEARLY_FULL");
    if (!has_ledger() || preload == NULL)
        return false;
    assert_int_equal(setenv("LD_PRELOAD", preload, 1), 0);
    assert_int_equal(setenv("EHRD_FREE_MIB", disk_path(path), 1), 0);
    assert_int_equal(ehrd_stop(&world.w, SIGTERM), 0);
    ehrd_start(&world.w);
    assert_int_equal(unsetenv("LD_PRELOAD"), 0);
    return true;
}

void disk_free(const char *mib)
{
    char path[512];
    if (mib == NULL) {
        assert_int_equal(unlink(disk_path(path)), 0);
        return;
    }
    FILE *f = fopen(disk_path(path), "we");
    assert_non_null(f);
    assert_true(fputs(mib, f) >= 0);
    assert_int_equal(fclose(f), 0);
}
