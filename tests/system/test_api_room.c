/* SPDX-License-Identifier: Apache-2.0 */
/* How much one party can make the node keep beside bodies: access logs, envelopes, wraps; and what
 * goes on when the disk is nearly full. */
#include "fixture.h"

#include <signal.h>

#include "api/throttle.h"
#include "ehr/folder_key.h"
#include "ehr/wrap.h"

#define LONG_TARGET 7000u
#define FOLDERS 12u

/* --- access logs ----------------------------------------------------------------------------- */

/* The folder's log behind entry after; ret_seq: of the last entry. */
static void log_read(uint64_t after, struct buf *ret, uint64_t *ret_seq)
{
    struct reply r;
    struct ask q = as(&world.patient_key, "GET",
                      below(&world, "/log?after=%llu", (unsigned long long)after), SLICE_EMPTY);
    ask(&world.w, &q, &r);
    assert_int_equal(r.code, 200);
    buf_init(ret, (size_t)32 << 20);
    assert_int_equal(buf_put(ret, buf_slice(&r.http.body)), OK);
    assert_int_equal(buf_put_u8(ret, 0), OK);
    const char *head = strstr((const char *)ret->p, "\"head\":{\"seq\":");
    assert_non_null(head);
    *ret_seq = strtoull(head + 14, NULL, 10);
    reply_done(&r);
}

static uint64_t log_seq(void)
{
    struct buf b;
    uint64_t seq;
    log_read(0, &b, &seq);
    buf_done(&b);
    return seq;
}

static void a_long_target_is_logged_in_part(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    static char target[LONG_TARGET + 512];
    struct buf log;
    uint64_t seq = log_seq();
    int n = snprintf(target, sizeof target, "%s", below(&world, "/records?limit=1&x="));
    memset(target + n, 'a', LONG_TARGET);
    struct ask q = as(&world.patient_key, "GET", target, SLICE_EMPTY);
    expect(&world.w, &q, 200);
    log_read(seq, &log, &seq);
    assert_non_null(strstr((const char *)log.p, "targetHash"));
    if (log.n > 3000)
        fail_msg("the entry takes %zu bytes", log.n);
    q.target = below(&world, "/records?limit=1");
    expect(&world.w, &q, 200);
    buf_done(&log);
    log_read(seq, &log, &seq);
    assert_null(strstr((const char *)log.p, "targetHash"));
    buf_done(&log);
}

static void a_record_is_asked_for_once(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    char body[256];
    const char *id = hex_of(&world, slice_of(sample.record.b, 32));
    (void)snprintf(body, sizeof body, "{\"records\":[\"%s\",\"%s\"]}", id, id);
    ask_for(&world.patient_key, "POST", below(&world, "/envelopes/query"), slice_str(body), 400,
            "named twice");
}

static void folder_at(uint8_t i, char path[128])
{
    struct buf data;
    hash32 salt = {{0x70, i}};
    hash32 folder;
    buf_init(&data, 4096);
    assert_int_equal(registry_put_open_folder(&data, salt, world.key_hash), OK);
    world_send(&world.w, world.patient, &data);
    folder_id(&world.w.net, key_addr(&world.patient_key), &salt, &folder);
    (void)snprintf(path, 128, "/api/v1/folders/%s", hex_of(&world, slice_of(folder.b, 32)));
}

/* below() is below this folder from now on. */
static void use_folder(const char path[128])
{
    memcpy(world.folder_path, path, 128);
}

static void strangers_ask(void)
{
    struct secp_key nobody;
    struct ask q = as(&nobody, "GET", below(&world, "/keys"), SLICE_EMPTY);
    for (unsigned k = 0; k < THROTTLE_REFUSALS; k++) {
        assert_int_equal(secp_key_generate(&random_system, &nobody), OK);
        expect(&world.w, &q, 403);
    }
}

static void many_folders_do_not_multiply_what_strangers_write(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    char own[128];
    char path[FOLDERS][128];
    struct buf log;
    uint64_t seq;
    uint64_t written = 0;
    uint64_t begun = clock_unix_s(&clock_system);
    memcpy(own, world.folder_path, sizeof own);
    for (uint8_t i = 0; i < FOLDERS; i++) {
        folder_at(i, path[i]);
        use_folder(path[i]);
        strangers_ask();
    }
    uint64_t took = clock_unix_s(&clock_system) - begun + 1;
    for (unsigned i = 0; i < FOLDERS; i++) {
        use_folder(path[i]);
        written += log_seq();
    }
    if (written > THROTTLE_ALL_REFUSALS + took || written < THROTTLE_ALL_REFUSALS / 2)
        fail_msg("%llu refusals were written", (unsigned long long)written);
    struct ask q = as(&world.doctor_key, "GET", below(&world, "/keys"), SLICE_EMPTY);
    expect(&world.w, &q, 403); /* who is registered is written still */
    log_read(0, &log, &seq);
    assert_non_null(
        strstr((const char *)log.p, hex_of(&world, slice_of(key_addr(&world.doctor_key).b, 20))));
    use_folder(own);
    buf_done(&log);
}

/* --- quota ----------------------------------------------------------------------------------- */

static void wrap_make(uint8_t fill, struct buf *note, const char **ret_target)
{
    addr20 holder = {{fill}};
    struct wrap_note n = {.folder = world.folder,
                          .holder = holder,
                          .account = holder,
                          .wrap = SLICE_LIT("age-encryption.org/v1\nwrap")};
    buf_init(note, WRAP_NOTE_BYTES);
    assert_ok(wrap_note_sign(&world.w.net, &world.patient_key, &n, &world.w.err), &world.w.err);
    assert_ok(wrap_note_put(&n, note, &world.w.err), &world.w.err);
    *ret_target = below(&world, "/wraps/%s", hex_of(&world, slice_of(holder.b, 20)));
}

static void restart(const char *const *extra)
{
    assert_int_equal(ehrd_stop(&world.w, SIGTERM), 0);
    world.w.extra = extra;
    ehrd_start(&world.w);
}

static void wraps_and_envelopes_count_as_uploads(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    const char *const little[] = {"--quota-bytes", "2000", NULL};
    int code = 0;
    uint8_t i = 0;
    restart(little);
    for (; i < 20 && code != 429; i++) {
        struct buf note;
        struct reply r;
        struct ask put = as(&world.patient_key, "PUT", NULL, SLICE_EMPTY);
        wrap_make(i, &note, &put.target);
        put.body = buf_slice(&note);
        ask(&world.w, &put, &r);
        code = r.code;
        if (code != 204 && code != 429)
            fail_msg("wrap %u: %d", i, code);
        reply_done(&r);
        buf_done(&note);
    }
    assert_in_range(i, 2, 19);
    restart(little);
    struct ask post =
        as(&world.patient_key, "POST", below(&world, "/envelopes"), buf_slice(&sample.post));
    for (i = 0; i < 2000 / sample.post.n; i++)
        expect(&world.w, &post, 201);
    expect_text(&world.w, &post, 429, "share of a day");
    struct ask read = as(&world.patient_key, "GET", sample_target(), SLICE_EMPTY);
    expect(&world.w, &read, 200); /* is counted apart */
    restart(NULL);
}

/* --- disk ------------------------------------------------------------------------------------ */

/* State and keys; the wrap is asked for by the caller. */
static void revoking_goes_on(struct ask *put)
{
    struct buf json;
    struct age_identity id;
    struct folder_key k;
    struct ask state = as(put->key, "PUT", "/api/v1/state", SLICE_LIT("sealed"));
    struct ask key = as(put->key, "PUT", below(&world, "/keys/2"), SLICE_EMPTY);
    struct ask keys = as(put->key, "GET", below(&world, "/keys"), SLICE_EMPTY);
    assert_int_equal(age_identity_generate(&random_system, &id), OK);
    assert_ok(folder_key_sign(&world.w.net, put->key, &world.folder, 2, &id.recipient,
                              &world.key_hash, &k, &world.w.err),
              &world.w.err);
    buf_init(&json, FOLDER_KEY_BYTES);
    assert_ok(folder_key_put(&k, &json, &world.w.err), &world.w.err);
    key.body = buf_slice(&json);
    state.etag = "\"0\"";
    expect(&world.w, &state, 204);
    state = as(put->key, "GET", "/api/v1/state", SLICE_EMPTY);
    expect(&world.w, &state, 200);
    expect(&world.w, &key, 204);
    expect(&world.w, &keys, 200);
    age_identity_done(&id);
    buf_done(&json);
}

static void the_last_of_the_disk_is_not_one_accounts(struct ask *put)
{
    struct buf note;
    struct wrap_note n = {.folder = world.folder, .holder = {{0x98}}, .account = {{0x98}}};
    int code = 204;
    unsigned i = 0;
    static uint8_t wrap[200 << 10];
    n.wrap = slice_of(wrap, sizeof wrap);
    buf_init(&note, WRAP_NOTE_BYTES);
    assert_ok(wrap_note_sign(&world.w.net, put->key, &n, &world.w.err), &world.w.err);
    assert_ok(wrap_note_put(&n, &note, &world.w.err), &world.w.err);
    struct ask large =
        as(put->key, "PUT", below(&world, "/wraps/%s", hex_of(&world, slice_of(n.holder.b, 20))),
           buf_slice(&note));
    for (; code == 204 && i < 40; i++) {
        struct reply r;
        ask(&world.w, &large, &r);
        code = r.code;
        reply_done(&r);
    }
    assert_int_equal(code, 429);
    assert_in_range(i, 15, 25);
    buf_done(&note);
}

static void a_disk_that_is_nearly_full_takes_no_rows(void **state)
{
    (void)state;
    if (!disk_setup())
        skip();
    struct buf note;
    const struct secp_key *owner = &world.patient_key;
    struct ask put = as(owner, "PUT", NULL, SLICE_EMPTY);
    char wrap[256];
    wrap_make(0x99, &note, &put.target);
    (void)snprintf(wrap, sizeof wrap, "%s", put.target);
    put.target = wrap;
    put.body = buf_slice(&note);
    struct ask post = as(owner, "POST", below(&world, "/envelopes"), buf_slice(&sample.post));
    struct ask read = as(owner, "GET", sample_target(), SLICE_EMPTY);
    disk_free("500");
    expect(&world.w, &post, 507);
    expect(&world.w, &read, 200);
    disk_free("600");
    expect(&world.w, &post, 201);
    disk_free("200");
    expect(&world.w, &read, 507);
    expect(&world.w, &put, 204); /* what revoking needs goes on */
    revoking_goes_on(&put);
    the_last_of_the_disk_is_not_one_accounts(&put);
    disk_free("100");
    expect(&world.w, &put, 507);
    put.method = "DELETE";
    put.body = SLICE_EMPTY;
    expect(&world.w, &put, 204); /* erasing goes on to the end */
    disk_free(NULL);
    read.target = sample_target();
    expect(&world.w, &read, 200);
    buf_done(&note);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_long_target_is_logged_in_part),
        cmocka_unit_test(a_record_is_asked_for_once),
        cmocka_unit_test(many_folders_do_not_multiply_what_strangers_write),
        cmocka_unit_test(wraps_and_envelopes_count_as_uploads),
        cmocka_unit_test(a_disk_that_is_nearly_full_takes_no_rows),
    };
    return cmocka_run_group_tests_name("api_room", tests, sample_setup, sample_teardown);
}
