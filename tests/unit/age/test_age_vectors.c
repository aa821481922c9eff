/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the C2SP/CCTV age vectors: each verdict, and exactly the bytes that may be released. */
#include "age_test.h"

#include <dirent.h>
#include <limits.h>
#include <zlib.h>

#include "crypto/sha2.h"

#define FILE_MAX ((size_t)64 << 20)
#define FEWEST_VECTORS 80 /* fewer means that the folder is not the suite */

/* The text header of a vector and the age file after it. */
struct vector {
    char expect[32];
    char payload[65]; /* SHA-256 of the released bytes; empty: nothing is released */
    struct age_identity ids[4];
    size_t n_ids;
    char passphrase[128];
    bool armored;
    bool compressed;
    bool post_quantum;
    struct buf file;
};

static void copy_text(char *out, size_t cap, slice s)
{
    assert_true(s.n < cap);
    memcpy(out, s.p, s.n);
    out[s.n] = 0;
}

static void take_key(struct vector *v, slice key, slice value)
{
    struct err e;
    if (slice_eq_str(key, "expect")) {
        copy_text(v->expect, sizeof v->expect, value);
    } else if (slice_eq_str(key, "payload")) {
        copy_text(v->payload, sizeof v->payload, value);
    } else if (slice_eq_str(key, "passphrase")) {
        copy_text(v->passphrase, sizeof v->passphrase, value);
    } else if (slice_eq_str(key, "armored")) {
        v->armored = slice_eq_str(value, "yes");
    } else if (slice_eq_str(key, "compressed")) {
        v->compressed = slice_eq_str(value, "zlib");
    } else if (slice_has_prefix(value, SLICE_LIT("AGE-SECRET-KEY-PQ-1"))) {
        v->post_quantum = true;
    } else if (slice_eq_str(key, "identity")) {
        assert_true(v->n_ids < 4);
        assert_ok(age_identity_read(value, &v->ids[v->n_ids++], &e), &e);
    } else if (!slice_eq_str(key, "file key") && !slice_eq_str(key, "comment")) {
        fail_msg("unknown key %.*s", (int)key.n, (const char *)key.p);
    }
}

static void inflate_to(struct buf *out, slice in)
{
    z_stream z = {0};
    assert_int_equal(inflateInit(&z), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)in.p;
    z.avail_in = (uInt)in.n;
    int rc = Z_OK;
    while (rc == Z_OK) {
        assert_status(buf_reserve(out, 65536), OK);
        z.next_out = out->p + out->n;
        z.avail_out = 65536;
        rc = inflate(&z, Z_NO_FLUSH);
        out->n += 65536 - z.avail_out;
    }
    assert_int_equal(rc, Z_STREAM_END);
    (void)inflateEnd(&z);
}

/* False: raw is no vector (the suite's licence, for example). */
static bool vector_read(struct vector *v, slice raw)
{
    *v = (struct vector){0};
    if (!slice_has_prefix(raw, SLICE_LIT("expect: ")))
        return false;
    while (raw.n > 0 && raw.p[0] != '\n') {
        const uint8_t *lf = memchr(raw.p, '\n', raw.n);
        assert_non_null(lf);
        slice line = slice_first(raw, (size_t)(lf - raw.p));
        const uint8_t *sep = memmem(line.p, line.n, ": ", 2);
        assert_non_null(sep);
        size_t n = (size_t)(sep - line.p);
        take_key(v, slice_first(line, n), slice_after(line, n + 2));
        raw = slice_after(raw, line.n + 1);
    }
    raw = slice_after(raw, 1);
    buf_init(&v->file, FILE_MAX);
    if (v->compressed)
        inflate_to(&v->file, raw);
    else
        assert_status(buf_put(&v->file, raw), OK);
    return true;
}

static struct age_keys vector_keys(const struct vector *v)
{
    struct age_keys k = {.ids = v->ids, .n_ids = v->n_ids};
    if (v->passphrase[0] != 0)
        k.passphrase = slice_str(v->passphrase);
    return k;
}

/* Push the body in pieces of step bytes. */
static const char *open_body(const struct age_file_key *fk, slice body, size_t step,
                             struct buf *released)
{
    struct err e;
    struct age_pipe p;
    assert_ok(age_opener_init(&p, fk, age_sink_buf(released), &e), &e);
    status st = OK;
    while (st == OK && body.n > 0) {
        slice part = slice_first(body, step);
        st = age_pipe_write(&p, part, &e);
        body = slice_after(body, part.n);
    }
    if (st == OK)
        st = age_pipe_finish(&p, &e);
    bool has_key = p.has_key;
    age_pipe_done(&p);
    return st == OK ? "success" : has_key ? "payload failure" : "header failure";
}

/* The suite's name for how the file opens; the plaintext goes to released. */
static const char *verdict_of(const struct vector *v, size_t step, struct buf *released)
{
    struct err e;
    struct buf plain_form;
    struct age_header h;
    struct age_file_key fk;
    struct age_keys keys = vector_keys(v);
    slice file = buf_slice(&v->file);
    const char *verdict = "header failure";
    buf_init(&plain_form, FILE_MAX);
    if (v->armored) {
        if (age_armor_read(&plain_form, file, &e) != OK) {
            buf_done(&plain_form);
            return "armor failure";
        }
        file = buf_slice(&plain_form);
    }
    if (age_header_read(file, &h, &e) == OK) {
        status st = age_header_open(&h, &keys, &fk, &e);
        verdict = st == OK           ? open_body(&fk, slice_after(file, h.text.n), step, released)
                  : st == E_NO_KEY   ? "no match"
                  : st == E_MISMATCH ? "HMAC failure"
                                     : "header failure";
    }
    buf_done(&plain_form);
    return verdict;
}

static bool hash_is(const struct buf *b, const char *hex)
{
    hash32 h;
    hash32 want;
    if (hex[0] == 0)
        return b->n == 0;
    assert_status(sha256(buf_slice(b), &h), OK);
    assert_status(hex_read_hash(slice_str(hex), &want), OK);
    return hash32_eq(h, want);
}

/* One of the functions that open a whole file: verdict and bytes. */
static bool whole_file_passes(const struct vector *v, bool stream)
{
    struct buf out;
    struct err e;
    struct age_keys keys = vector_keys(v);
    slice file = buf_slice(&v->file);
    buf_init(&out, FILE_MAX);
    status st = stream ? age_open_stream(&keys, age_src_slice(&file), age_sink_buf(&out), &e)
                       : age_open(&out, &keys, file, &e);
    /* Found streaming, an armor error comes after the bytes before it. */
    bool bytes = strcmp(v->expect, "armor failure") == 0 || hash_is(&out, v->payload);
    buf_done(&out);
    return bytes && (st == OK) == (strcmp(v->expect, "success") == 0);
}

/* The verdict step by step, then the whole-file functions, which must release the same bytes. */
static bool vector_passes(const struct vector *v, size_t step, char *why, size_t cap)
{
    struct buf released;
    buf_init(&released, FILE_MAX);
    const char *verdict = verdict_of(v, step, &released);
    bool same = strcmp(verdict, v->expect) == 0;
    bool bytes = hash_is(&released, v->payload);
    bool memory = whole_file_passes(v, false);
    bool stream = whole_file_passes(v, true);
    (void)snprintf(why, cap, "got %s, want %s, bytes %s; age_open %s, age_open_stream %s", verdict,
                   v->expect, bytes ? "right" : "wrong", memory ? "right" : "wrong",
                   stream ? "right" : "wrong");
    buf_done(&released);
    return same && bytes && memory && stream;
}

struct tally {
    int passed, failed, skipped;
    struct buf skipped_names;
};

static void run_file(const char *folder, const char *name, struct tally *t)
{
    char path[PATH_MAX + 256];
    char why[512];
    struct buf raw;
    struct err e;
    struct vector v;
    buf_init(&raw, FILE_MAX);
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_ok(file_read(path, &raw, &e), &e);
    if (!vector_read(&v, buf_slice(&raw))) {
        buf_done(&raw);
        return;
    }
    if (v.post_quantum || strstr(name, "hybrid") != NULL || strstr(name, "mlkem") != NULL) {
        t->skipped++;
        assert_status(buf_printf(&t->skipped_names, " %s", name), OK);
    } else if (vector_passes(&v, SIZE_MAX, why, sizeof why) &&
               vector_passes(&v, 4093, why, sizeof why)) {
        t->passed++;
    } else {
        t->failed++;
        print_message("FAILED %s: %s\n", name, why);
    }
    buf_done(&v.file);
    buf_done(&raw);
}

static void every_vector_gives_its_verdict_and_bytes(void **state)
{
    (void)state;
    char folder[PATH_MAX];
    struct tally t = {0};
    fixture_or_skip("vectors/age", folder, sizeof folder);
    buf_init(&t.skipped_names, 65536);
    DIR *d = opendir(folder);
    assert_non_null(d);
    for (struct dirent *f; (f = readdir(d)) != NULL;)
        if (f->d_name[0] != '.')
            run_file(folder, f->d_name, &t);
    (void)closedir(d);
    const char *names = buf_cstr(&t.skipped_names);
    print_message("age vectors: %d passed, %d failed, %d skipped (post-quantum:%s)\n", t.passed,
                  t.failed, t.skipped, names);
    buf_done(&t.skipped_names);
    assert_int_equal(t.failed, 0);
    assert_true(t.passed >= FEWEST_VECTORS);
}

/* A vector made from a real one by a wrong expectation must not pass. */
static void runner_notices_wrong_verdict_and_wrong_bytes(void **state)
{
    (void)state;
    char why[512];
    static const char sealed_for_nobody[] = "expect: success\n\nnot an age file";
    static const char bytes[] =
        "expect: header failure\n"
        "payload: 013f54400c82da08037759ada907a8b864e97de81c088a182062c4b5622fd2ab\n\nnot age";
    struct vector v;
    assert_true(vector_read(&v, SLICE_LIT(sealed_for_nobody)));
    assert_false(vector_passes(&v, SIZE_MAX, why, sizeof why));
    buf_done(&v.file);
    assert_true(vector_read(&v, SLICE_LIT(bytes)));
    assert_false(vector_passes(&v, SIZE_MAX, why, sizeof why));
    buf_done(&v.file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runner_notices_wrong_verdict_and_wrong_bytes),
        cmocka_unit_test(every_vector_gives_its_verdict_and_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
