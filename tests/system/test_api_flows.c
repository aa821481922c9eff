/* SPDX-License-Identifier: Apache-2.0 */
/* Whole flows over the real ehrd: cards, folder keys, wraps, relayed calls, large bodies, sweep. */
#include "fixture.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "codec/eip712.h"
#include "content/local.h"
#include "ehr/card.h"
#include "ehr/folder_key.h"
#include "ehr/identity.h"
#include "ehr/wrap.h"

#define BIG_BYTES (((size_t)9 << 20) + 17)
#define FAR_AHEAD 1000000u

static const char *path(const char *prefix, slice id)
{
    static char out[4][256];
    static unsigned next;
    char *p = out[next++ % 4];
    (void)snprintf(p, sizeof out[0], "%s%s", prefix, hex_of(&world, id));
    return p;
}

static slice addr_slice(const struct secp_key *key)
{
    static addr20 a[4];
    static unsigned next;
    addr20 *p = &a[next++ % 4];
    *p = key_addr(key);
    return slice_of(p->b, sizeof p->b);
}

/* --- cards ----------------------------------------------------------------------------------- */

static void card_make_of(const struct identity *id, const struct secp_key *account,
                         const char *role, struct buf *json, hash32 *ret_digest)
{
    struct card card;
    assert_ok(
        card_build(id, account, 1, "Name of a person", role, &random_system, &card, &world.w.err),
        &world.w.err);
    buf_init(json, CARD_BYTES);
    assert_ok(card_put(&card, json, &world.w.err), &world.w.err);
    card_digest(&world.w.net, &card, ret_digest);
}

static void card_make(const struct secp_key *account, const char *role, struct buf *json,
                      hash32 *ret_digest)
{
    struct identity id;
    assert_ok(identity_generate(&world.w.net, world.w.origin, &random_system, &id, &world.w.err),
              &world.w.err);
    card_make_of(&id, account, role, json, ret_digest);
    identity_done(&id);
}

static void card_publish(struct ledger_sender *who, const hash32 *digest)
{
    struct buf data;
    buf_init(&data, 4096);
    assert_int_equal(registry_put_set_key_card(&data, *digest), OK);
    world_send(&world.w, who, &data);
}

static void serves_a_card_once_the_chain_names_it(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct buf json;
    hash32 digest;
    card_make(&world.doctor_key, "practitioner", &json, &digest);
    const char *target = path("/api/v1/cards/", addr_slice(&world.doctor_key));
    struct ask put = as(&world.doctor_key, "PUT", target, buf_slice(&json));
    struct ask read = as(&world.patient_key, "GET", target, SLICE_EMPTY);
    struct ask directory = as(&world.patient_key, "GET", "/api/v1/directory", SLICE_EMPTY);
    expect(&world.w, &put, 204);
    expect(&world.w, &read, 404);
    expect_text(&world.w, &directory, 200, "{\"cards\":[]}");
    card_publish(world.doctor, &digest);
    expect_text(&world.w, &read, 200, "Name of a person");
    expect_text(&world.w, &directory, 200, "Name of a person");
    put.key = &world.patient_key;
    expect(&world.w, &put, 403);
    read.key = &world.stranger_key;
    expect(&world.w, &read, 403);
    buf_done(&json);
}

/* Another account was here first with a card that names the patient's key. */
static void a_certifiers_key_goes_to_whom_the_chain_names(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct identity id;
    struct buf own;
    struct buf next;
    struct buf thief;
    hash32 digest;
    hash32 other;
    assert_ok(identity_generate(&world.w.net, world.w.origin, &random_system, &id, &world.w.err),
              &world.w.err);
    card_make_of(&id, &world.doctor_key, "practitioner", &thief, &other);
    card_make_of(&id, &world.patient_key, "patient", &own, &digest);
    card_make_of(&id, &world.patient_key, "patient", &next, &other);
    struct ask steal = as(&world.doctor_key, "PUT",
                          path("/api/v1/cards/", addr_slice(&world.doctor_key)), buf_slice(&thief));
    struct ask put = as(&world.patient_key, "PUT",
                        path("/api/v1/cards/", addr_slice(&world.patient_key)), buf_slice(&own));
    expect(&world.w, &steal, 204);
    expect_text(&world.w, &put, 409, "certifier"); /* nothing speaks for either */
    card_publish(world.patient, &digest);
    expect(&world.w, &put, 204);
    expect(&world.w, &steal, 409);
    put.body = buf_slice(&next); /* stored, but not on the chain yet */
    expect(&world.w, &put, 204);
    buf_done(&thief);
    card_make_of(&id, &world.doctor_key, "practitioner", &thief, &other);
    card_publish(world.doctor, &other);
    steal.body = buf_slice(&thief);
    expect(&world.w, &steal, 409);
    put.body = buf_slice(&own);
    expect(&world.w, &put, 204);
    identity_done(&id);
    buf_done(&own);
    buf_done(&next);
    buf_done(&thief);
}

/* Somebody whose card was put and published, and never fetched nor put again since. */
struct victim {
    struct identity id;
    struct buf own;
    struct ask put;
};

static void victim_make(struct victim *v)
{
    hash32 digest;
    assert_ok(identity_generate(&world.w.net, world.w.origin, &random_system, &v->id, &world.w.err),
              &world.w.err);
    card_make_of(&v->id, &world.patient_key, "patient", &v->own, &digest);
    v->put = as(&world.patient_key, "PUT", path("/api/v1/cards/", addr_slice(&world.patient_key)),
                buf_slice(&v->own));
    expect(&world.w, &v->put, 204);
    card_publish(world.patient, &digest);
}

/* Another's card with the victim's key, on the chain, takes nothing; and v is done with. */
static void steal_in_vain(struct victim *v)
{
    struct buf thief;
    hash32 digest;
    card_make_of(&v->id, &world.doctor_key, "practitioner", &thief, &digest);
    card_publish(world.doctor, &digest);
    struct ask steal = as(&world.doctor_key, "PUT",
                          path("/api/v1/cards/", addr_slice(&world.doctor_key)), buf_slice(&thief));
    expect_text(&world.w, &steal, 409, "certifier");
    identity_done(&v->id);
    buf_done(&thief);
    buf_done(&v->own);
}

static void a_card_being_replaced_keeps_its_certifiers_key(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct victim v;
    struct buf next;
    hash32 other;
    victim_make(&v);
    card_make_of(&v.id, &world.patient_key, "patient", &next, &other);
    v.put.body = buf_slice(&next); /* stored, but not on the chain yet */
    expect(&world.w, &v.put, 204);
    steal_in_vain(&v);
    buf_done(&next);
    victim_make(&v);
    card_make(&world.patient_key, "patient", &next, &other); /* with another key */
    v.put.body = buf_slice(&next);
    expect(&world.w, &v.put, 204);
    steal_in_vain(&v);
    buf_done(&next);
}

/* The newer card is at another node. */
static void a_certifier_that_acted_here_keeps_its_key(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct victim v;
    struct secp_key cert;
    struct buf next;
    hash32 digest;
    victim_make(&v);
    assert_int_equal(identity_scalar(&v.id, "cert", &cert), OK);
    struct ask directory = as(&cert, "GET", "/api/v1/directory", SLICE_EMPTY);
    expect(&world.w, &directory, 200);
    card_make_of(&v.id, &world.patient_key, "patient", &next, &digest);
    card_publish(world.patient, &digest);
    steal_in_vain(&v);
    secp_key_done(&cert);
    buf_done(&next);
}

static void refuses_a_card_of_another_role(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct buf json;
    hash32 digest;
    card_make(&world.patient_key, "practitioner", &json, &digest);
    struct ask put = as(&world.patient_key, "PUT",
                        path("/api/v1/cards/", addr_slice(&world.patient_key)), buf_slice(&json));
    expect_text(&world.w, &put, 422, "role");
    buf_done(&json);
}

/* --- folder keys and wraps ------------------------------------------------------------------- */

static void key_make(const struct secp_key *signer, uint32_t epoch, const hash32 *prev,
                     struct buf *json, hash32 *ret_hash)
{
    struct age_identity id;
    struct folder_key k;
    assert_int_equal(age_identity_generate(&random_system, &id), OK);
    assert_ok(folder_key_sign(&world.w.net, signer, &world.folder, epoch, &id.recipient, prev, &k,
                              &world.w.err),
              &world.w.err);
    buf_init(json, FOLDER_KEY_BYTES);
    assert_ok(folder_key_put(&k, json, &world.w.err), &world.w.err);
    folder_key_hash_of(&world.w.net, &k, ret_hash);
    age_identity_done(&id);
}

static void rotate(uint32_t epoch, const hash32 *key_hash)
{
    struct buf data;
    buf_init(&data, 4096);
    assert_int_equal(registry_put_rotate_folder(&data, world.folder, epoch, *key_hash), OK);
    world_send(&world.w, world.patient, &data);
}

static void keeps_the_next_folder_key_back_until_rotation(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct buf json;
    hash32 hash;
    hash32 other;
    key_make(&world.patient_key, 2, &world.key_hash, &json, &hash);
    struct ask put = as(&world.patient_key, "PUT", below(&world, "/keys/2"), buf_slice(&json));
    struct ask read = as(&world.patient_key, "GET", below(&world, "/keys"), SLICE_EMPTY);
    expect(&world.w, &put, 204);
    expect_text(&world.w, &read, 200, "\"keys\":[]");
    put.target = below(&world, "/keys/3");
    expect_text(&world.w, &put, 422, "another folder or epoch");
    rotate(1, &hash);
    expect_text(&world.w, &read, 200, "\"epoch\":2");
    expect_text(&world.w, &read, 200, "\"recipient\":\"age1");
    buf_done(&json);
    key_make(&world.stranger_key, 3, &hash, &json, &other);
    put = as(&world.patient_key, "PUT", below(&world, "/keys/3"), buf_slice(&json));
    expect_text(&world.w, &put, 403, "E_SIGNATURE");
    buf_done(&json);
    key_make(&world.patient_key, 2, &world.key_hash, &json, &other);
    put = as(&world.patient_key, "PUT", below(&world, "/keys/2"), buf_slice(&json));
    expect_text(&world.w, &put, 422, "hash is on the chain");
    read.key = &world.doctor_key;
    expect(&world.w, &read, 403);
    buf_done(&json);
}

static void gives_a_wrap_to_its_holder_while_the_grant_lives(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct buf note;
    struct wrap_note n = {.folder = world.folder,
                          .holder = key_addr(&world.doctor_key),
                          .account = key_addr(&world.doctor_key),
                          .wrap = SLICE_LIT("age-encryption.org/v1\nwrap")};
    buf_init(&note, WRAP_NOTE_BYTES);
    assert_ok(wrap_note_sign(&world.w.net, &world.patient_key, &n, &world.w.err), &world.w.err);
    assert_ok(wrap_note_put(&n, &note, &world.w.err), &world.w.err);
    const char *target = below(&world, "/wraps/%s", hex_of(&world, addr_slice(&world.doctor_key)));
    struct ask put = as(&world.patient_key, "PUT", target, buf_slice(&note));
    struct ask read = as(&world.doctor_key, "GET", target, SLICE_EMPTY);
    expect(&world.w, &put, 204);
    expect_text(&world.w, &read, 403, "no grant");
    clinic_grant(&world, REGISTRY_VIEW, 0, clinic_now(&world) + FAR_AHEAD);
    expect_text(&world.w, &read, 200, "age-encryption.org/v1\nwrap");
    read.target = below(&world, "/wraps/%s", hex_of(&world, addr_slice(&world.patient_key)));
    expect_text(&world.w, &read, 403, "another holder");
    clinic_revoke(&world);
    read.target = target;
    expect_text(&world.w, &read, 403, "revoked");
    struct ask erase = as(&world.patient_key, "DELETE", target, SLICE_EMPTY);
    expect(&world.w, &erase, 204);
    expect(&world.w, &erase, 404);
    put.key = &world.doctor_key;
    expect(&world.w, &put, 403);
    buf_done(&note);
}

/* --- relay ----------------------------------------------------------------------------------- */

static void forward_make(const struct secp_key *key, uint64_t nonce, const struct buf *call,
                         struct buf *json)
{
    struct eip712_forward_request r = {.from = key_addr(key),
                                       .to = world.w.net.proxy,
                                       .gas = u256_from_u64(300000),
                                       .nonce = u256_from_u64(nonce),
                                       .deadline = clinic_now(&world) + 600,
                                       .data = buf_slice(call)};
    hash32 digest;
    uint8_t sig[65];
    eip712_forward_request_digest(world.w.net.chain_id, world.w.forwarder, &r, &digest);
    assert_int_equal(secp_sign(key, &digest, sig), OK);
    buf_init(json, 65536);
    assert_int_equal(buf_printf(json, "{\"requests\":[{\"from\":\"%s\",",
                                hex_of(&world, slice_of(r.from.b, 20))),
                     OK);
    assert_int_equal(buf_printf(json,
                                "\"to\":\"%s\",\"value\":\"0\",\"gas\":300000,\"nonce\":%llu,"
                                "\"deadline\":%llu,\"data\":\"0x",
                                hex_of(&world, slice_of(r.to.b, 20)), (unsigned long long)nonce,
                                (unsigned long long)r.deadline),
                     OK);
    assert_int_equal(buf_put_hex(json, buf_slice(call)), OK);
    assert_int_equal(
        buf_printf(json, "\",\"signature\":\"%s\"}]}", hex_of(&world, slice_of(sig, 65))), OK);
}

static void pays_for_a_forward_request_once(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct buf call;
    struct buf json;
    hash32 salt = {{0x77}};
    buf_init(&call, 4096);
    assert_int_equal(registry_put_open_folder(&call, salt, world.key_hash), OK);
    forward_make(&world.patient_key, 0, &call, &json);
    struct ask q = as(NULL, "POST", "/api/v1/relay", buf_slice(&json));
    expect_text(&world.w, &q, 200, "\"success\":true");
    expect_text(&world.w, &q, 403, "E_REPLAY");
    buf_done(&json);
    forward_make(&world.patient_key, 1, &call, &json);
    q.body = buf_slice(&json);
    expect_text(&world.w, &q, 409, "FolderExists");
    expect_text(&world.w, &q, 409, "\"index\":0");
    buf_done(&json);
    forward_make(&world.stranger_key, 0, &call, &json);
    q.body = buf_slice(&json);
    expect_text(&world.w, &q, 403, "E_FORBIDDEN");
    q.body = SLICE_LIT("{\"requests\":[]}");
    expect(&world.w, &q, 400);
    buf_done(&json);
    buf_done(&call);
}

/* --- bodies ---------------------------------------------------------------------------------- */

static void big_make(struct buf *body, char text[CID_TEXT_MAX])
{
    char dir[512];
    struct content *store;
    struct content_info info;
    buf_init(body, BIG_BYTES);
    assert_int_equal(buf_put_zero(body, BIG_BYTES), OK);
    for (size_t i = 0; i < BIG_BYTES; i++)
        body->p[i] = (uint8_t)(i * 2654435761u >> 13);
    (void)snprintf(dir, sizeof dir, "%s/store", world.w.dir);
    assert_ok(content_local_open(dir, (uint64_t)1 << 30, &clock_system, &store, &world.w.err),
              &world.w.err);
    assert_ok(content_put(store, buf_slice(body), &info, &world.w.err), &world.w.err);
    (void)cid_text(&info.cid, text);
    content_close(store);
}

static void streams_a_large_body_in_and_out(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct buf body;
    char text[CID_TEXT_MAX];
    struct reply r;
    big_make(&body, text);
    struct ask up =
        as(&world.patient_key, "POST", below(&world, "/bodies?cid=%s", text), buf_slice(&body));
    expect_text(&world.w, &up, 201, text);
    struct ask down = as(&world.patient_key, "GET", below(&world, "/bodies/%s", text), SLICE_EMPTY);
    ask(&world.w, &down, &r);
    assert_int_equal(r.code, 200);
    assert_slice(buf_slice(&r.http.body), buf_slice(&body));
    reply_done(&r);
    down.range = "bytes=1048570-2097160";
    ask(&world.w, &down, &r);
    assert_int_equal(r.code, 206);
    assert_slice(buf_slice(&r.http.body), slice_of(body.p + 1048570, 2097160 - 1048570 + 1));
    reply_done(&r);
    down.range = "bytes=-5";
    ask(&world.w, &down, &r);
    assert_slice(buf_slice(&r.http.body), slice_of(body.p + BIG_BYTES - 5, 5));
    reply_done(&r);
    buf_done(&body);
}

static void keeps_bodies_of_one_folder_from_owners_of_others(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct sample s;
    struct buf data;
    hash32 salt = {{0x99}};
    hash32 own;
    char target[512];
    sample_make(&world, &world.patient_key, 1, SLICE_LIT("the patient's own"), &s);
    sample_upload(&world, &world.patient_key, &s);
    buf_init(&data, 4096);
    assert_int_equal(registry_put_open_folder(&data, salt, world.key_hash), OK);
    world_send(&world.w, world.doctor, &data);
    folder_id(&world.w.net, key_addr(&world.doctor_key), &salt, &own);
    (void)snprintf(target, sizeof target, "%s/bodies/%s",
                   path("/api/v1/folders/", slice_of(own.b, 32)), s.cid_text);
    struct ask q = as(&world.doctor_key, "GET", target, SLICE_EMPTY);
    expect(&world.w, &q, 404);
    sample_done(&s);
}

static void releases_one_record_by_a_grant_on_it(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct sample s;
    struct buf data;
    sample_make_epoch(&world, &world.patient_key, 1, 2, SLICE_LIT("one record"), &s);
    sample_upload(&world, &world.patient_key, &s);
    buf_init(&data, 4096);
    assert_int_equal(registry_put_add_record(&data, world.folder, s.record, 2, s.inner), OK);
    world_send(&world.w, world.patient, &data);
    buf_init(&data, 4096);
    assert_int_equal(registry_put_grant(&data, world.folder, s.record, key_addr(&world.doctor_key),
                                        REGISTRY_VIEW, 0, clinic_now(&world) + FAR_AHEAD, 0),
                     OK);
    world_send(&world.w, world.patient, &data);
    const char *target = below(&world, "/records/%s", hex_of(&world, slice_of(s.record.b, 32)));
    struct ask one = as(&world.doctor_key, "GET", target, SLICE_EMPTY);
    struct ask all = as(&world.doctor_key, "GET", below(&world, "/records"), SLICE_EMPTY);
    expect(&world.w, &one, 200);
    expect(&world.w, &all, 403);
    sample_done(&s);
}

/* --- sweep ----------------------------------------------------------------------------------- */

static void wait_gone(const struct ask *q)
{
    const struct timespec pause = {.tv_nsec = 200000000};
    struct reply r;
    for (int i = 0; i < 100; i++) {
        ask(&world.w, q, &r);
        int code = r.code;
        reply_done(&r);
        if (code == 404)
            return;
        (void)nanosleep(&pause, NULL);
    }
    fail_msg("%s is still there", q->target);
}

static const char *const keep_short[] = {"--keep-uploads", "2", NULL};

static void sweeps_uploads_that_never_reached_the_chain(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct sample kept;
    struct sample lost;
    struct buf data;
    sample_make_epoch(&world, &world.patient_key, 1, 2, SLICE_LIT("to be kept"), &kept);
    sample_make_epoch(&world, &world.patient_key, 1, 2, SLICE_LIT("to be swept"), &lost);
    sample_upload(&world, &world.patient_key, &kept);
    sample_upload(&world, &world.patient_key, &lost);
    buf_init(&data, 4096);
    assert_int_equal(registry_put_add_record(&data, world.folder, kept.record, 2, kept.inner), OK);
    world_send(&world.w, world.patient, &data);
    assert_int_equal(ehrd_stop(&world.w, SIGTERM), 0);
    world.w.extra = keep_short;
    ehrd_start(&world.w);
    struct ask q =
        as(&world.patient_key, "GET", below(&world, "/bodies/%s", lost.cid_text), SLICE_EMPTY);
    wait_gone(&q);
    struct ask again =
        as(&world.patient_key, "POST", below(&world, "/envelopes"), buf_slice(&lost.post));
    expect_text(&world.w, &again, 409, "not uploaded");
    q.target = below(&world, "/bodies/%s", kept.cid_text);
    expect_text(&world.w, &q, 200, "to be kept");
    q.target = below(&world, "/records/%s", hex_of(&world, slice_of(kept.record.b, 32)));
    expect(&world.w, &q, 200);
    sample_done(&kept);
    sample_done(&lost);
}

/* --- the head's age -------------------------------------------------------------------------- */

static void releases_nothing_when_the_head_is_too_old(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    static const char *const strict[] = {"--max-age", "1", NULL};
    const struct timespec pause = {.tv_sec = 3};
    struct ask q = as(&world.patient_key, "GET", below(&world, "/keys"), SLICE_EMPTY);
    expect(&world.w, &q, 200);
    assert_int_equal(ehrd_stop(&world.w, SIGTERM), 0);
    world.w.extra = strict;
    ehrd_start(&world.w);
    (void)nanosleep(&pause, NULL);
    expect_text(&world.w, &q, 503, "E_STALE");
    world_mine(&world.w);
    expect(&world.w, &q, 200);
}

static void reads_a_configuration_file_and_lets_the_command_line_win(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    char file[512];
    struct buf said;
    const char *args[] = {"--config", file, NULL};
    (void)snprintf(file, sizeof file, "%s/ehrd.conf", world.w.dir);
    const struct {
        const char *text;
        int code;
        const char *said;
    } cases[] = {{"# comment\n\n  chain-id = 5 \n", 1, "not of chain 5"},
                 {"listen = nowhere\n", 2, "ehrd.conf:1: ADDRESS:PORT is needed"},
                 {"chain-id = 5\nnonsense = 1\n", 2, "ehrd.conf:2: unknown option"},
                 {"just words\n", 2, "name = value is needed"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        buf_init(&said, 65536);
        assert_ok(file_replace(file, slice_str(cases[i].text), 0600, &world.w.err), &world.w.err);
        assert_int_equal(ehrd_run(&world.w, args, &said), cases[i].code);
        const char *text = buf_cstr(&said);
        if (text == NULL || strstr(text, cases[i].said) == NULL)
            fail_msg("\"%s\" is not said: %s", cases[i].said, text);
        buf_done(&said);
    }
    assert_ok(file_replace(file, SLICE_LIT("chain-id = 5\n"), 0600, &world.w.err), &world.w.err);
    assert_int_equal(ehrd_stop(&world.w, SIGTERM), 0);
    const char *const both[] = {"--config", file, "--chain-id", "31337", NULL};
    world.w.extra = both;
    ehrd_start(&world.w);
    world.w.extra = NULL;
}

/* --- https ----------------------------------------------------------------------------------- */

/* A self-signed certificate for 127.0.0.1 by the openssl program; false when it is not there. */
static bool certificate_make(char *cert, char *key, size_t n)
{
    (void)snprintf(cert, n, "%s/cert.pem", world.w.dir);
    (void)snprintf(key, n, "%s/key.pem", world.w.dir);
    pid_t pid = fork();
    if (pid == 0) {
        if (freopen("/dev/null", "w", stderr) == NULL)
            _exit(126);
        (void)execlp("openssl", "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                     "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
                     "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert, NULL);
        _exit(127);
    }
    int how = 0;
    assert_int_equal(waitpid(pid, &how, 0), pid);
    return WIFEXITED(how) && WEXITSTATUS(how) == 0;
}

static void serves_https(void **state)
{
    (void)state;
    char cert[512];
    char key[512];
    struct http_client *plain = world.w.http;
    if (!has_ledger() || !certificate_make(cert, key, sizeof cert))
        skip();
    const char *const tls[] = {"--tls-cert", cert, "--tls-key", key, NULL};
    struct http_client_options o = {.ca_file = cert};
    assert_ok(http_client_new(&o, &world.w.http, &world.w.err), &world.w.err);
    assert_int_equal(ehrd_stop(&world.w, SIGTERM), 0);
    world.w.extra = tls;
    world.w.scheme = "https";
    ehrd_start(&world.w);
    struct ask q = as(NULL, "GET", "/api/v1/node", SLICE_EMPTY);
    expect_text(&world.w, &q, 200, "\"origin\":\"https://127.0.0.1:");
    q = as(&world.patient_key, "GET", below(&world, "/keys"), SLICE_EMPTY);
    expect(&world.w, &q, 200);
    http_client_free(world.w.http);
    world.w.http = plain;
    world.w.extra = NULL;
    world.w.scheme = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(serves_a_card_once_the_chain_names_it),
        cmocka_unit_test(refuses_a_card_of_another_role),
        cmocka_unit_test(a_card_being_replaced_keeps_its_certifiers_key),
        cmocka_unit_test(a_certifier_that_acted_here_keeps_its_key),
        cmocka_unit_test(a_certifiers_key_goes_to_whom_the_chain_names),
        cmocka_unit_test(keeps_bodies_of_one_folder_from_owners_of_others),
        cmocka_unit_test(keeps_the_next_folder_key_back_until_rotation),
        cmocka_unit_test(gives_a_wrap_to_its_holder_while_the_grant_lives),
        cmocka_unit_test(pays_for_a_forward_request_once),
        cmocka_unit_test(streams_a_large_body_in_and_out),
        cmocka_unit_test(releases_one_record_by_a_grant_on_it),
        cmocka_unit_test(sweeps_uploads_that_never_reached_the_chain),
        cmocka_unit_test(releases_nothing_when_the_head_is_too_old),
        cmocka_unit_test(reads_a_configuration_file_and_lets_the_command_line_win),
        cmocka_unit_test(serves_https),
    };
    return cmocka_run_group_tests_name("api_flows", tests, clinic_setup, clinic_teardown);
}
