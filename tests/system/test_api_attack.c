/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks on the real ehrd by people who hold, or held, some right. */
#include "fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "api/throttle.h"
#include "codec/eip712.h"
#include "content/local.h"
#include "crypto/sha2.h"

#define RELAYED 3u /* calls of the patient's that go through */
#define FAR_AHEAD 1000000u
#define BIG_BYTES ((size_t)24 << 20) /* more than sockets buffer */

static void pause_ms(long ms)
{
    const struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    (void)nanosleep(&t, NULL);
}

/* A connection to the node with a small window, so that the node cannot run ahead. */
static int dial(void)
{
    const struct timeval patience = {.tv_sec = 30};
    int small = 4096;
    struct sockaddr_in to = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)strtoul(strrchr(world.w.origin, ':') + 1, NULL, 10)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static void say(int fd, slice s)
{
    assert_int_equal(send(fd, s.p, s.n, MSG_NOSIGNAL), (ssize_t)s.n);
}

/* The head of a correctly signed request; framing: the field that tells the body's length. */
static void say_head_framed(int fd, const struct secp_key *key, const char *method,
                            const char *target, slice body, const char *framing)
{
    struct buf head;
    struct auth_header h = {.signer = key_addr(key), .issued = clock_unix_s(&clock_system)};
    struct auth_target t = {slice_str(world.w.origin), slice_str(method), slice_str(target)};
    hash32 digest;
    assert_int_equal(random_fill(&random_system, h.nonce.b, sizeof h.nonce.b), OK);
    assert_int_equal(sha256(body, &h.body), OK);
    auth_digest(&world.w.net, &t, &h, &digest);
    assert_int_equal(secp_sign(key, &digest, h.sig65), OK);
    buf_init(&head, 4096);
    assert_int_equal(
        buf_printf(&head, "%s %s HTTP/1.1\r\nHost: node\r\nAuthorization: ", method, target), OK);
    assert_int_equal(auth_header_put(&h, &head), OK);
    assert_int_equal(buf_printf(&head, "\r\n%s\r\n\r\n", framing), OK);
    say(fd, buf_slice(&head));
    buf_done(&head);
}

static void say_head(int fd, const struct secp_key *key, const char *method, const char *target,
                     slice body)
{
    char framing[64];
    (void)snprintf(framing, sizeof framing, "Content-Length: %zu", body.n);
    say_head_framed(fd, key, method, target, body, framing);
}

/* All that comes until the end of the connection, or of the answer when it is short. */
static size_t hear(int fd, char *first, size_t max)
{
    static char rest[65536];
    size_t all = 0;
    for (;;) {
        ssize_t n = recv(fd, rest, sizeof rest, 0);
        if (n <= 0)
            return all;
        for (ssize_t i = 0; i < n && all + (size_t)i + 1 < max; i++)
            first[all + (size_t)i] = rest[i];
        all += (size_t)n;
        if (all < max)
            first[all] = 0;
        if (all < 4096 && (strstr(first, "requestId") != NULL || strstr(first, "results") != NULL))
            return all;
    }
}

static void a_body_held_back_until_the_revoke_gets_nothing(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    char body[128];
    char answer[4096] = "";
    (void)snprintf(body, sizeof body, "{\"records\":[\"%s\"]}",
                   hex_of(&world, slice_of(sample.record.b, 32)));
    clinic_grant(&world, REGISTRY_VIEW, 0, clinic_now(&world) + FAR_AHEAD);
    struct ask fair = as(&world.doctor_key, "POST", below(&world, "/envelopes/query"), SLICE_EMPTY);
    fair.body = slice_str(body);
    expect(&world.w, &fair, 200);
    int fd = dial();
    say_head(fd, &world.doctor_key, "POST", below(&world, "/envelopes/query"), slice_str(body));
    pause_ms(500);
    clinic_revoke(&world);
    say(fd, slice_str(body));
    (void)hear(fd, answer, sizeof answer);
    (void)close(fd);
    if (strstr(answer, " 403 ") == NULL || strstr(answer, "revoked") == NULL)
        fail_msg("the held back body was answered: %.300s", answer);
}

static void a_body_held_back_until_the_disk_is_full_is_not_stored(void **state)
{
    (void)state;
    if (!disk_setup())
        skip();
    char answer[4096] = "";
    slice body = buf_slice(&sample.post);
    disk_free("600");
    int fd = dial();
    say_head(fd, &world.patient_key, "POST", below(&world, "/envelopes"), body);
    pause_ms(500);
    disk_free("500");
    say(fd, body);
    (void)hear(fd, answer, sizeof answer);
    (void)close(fd);
    disk_free(NULL);
    if (strstr(answer, " 507 ") == NULL)
        fail_msg("the held back body was answered: %.300s", answer);
}

/* A request with no byte of a body whose end is held back. */
struct parked {
    int fd;
    char target[256];
};

static void park(struct parked *p, const struct secp_key *key, const char *method,
                 const char *target)
{
    p->fd = dial();
    (void)snprintf(p->target, sizeof p->target, "%s", target);
    say_head_framed(p->fd, key, method, target, SLICE_EMPTY, "Transfer-Encoding: chunked");
}

/* The last entry of the log for that target says that it was refused. */
static void logged_as_refused(const struct secp_key *owner, const char *target)
{
    struct reply r;
    char text[400];
    const char *last = NULL;
    (void)snprintf(text, sizeof text, "\\\"target\\\":\\\"%s\\\"", target);
    get(&world.w, owner, below(&world, "/log"), &r);
    assert_int_equal(r.code, 200);
    for (const char *at = buf_cstr(&r.http.body); (at = strstr(at, text)) != NULL; at++)
        last = at;
    const char *outcome = last != NULL ? strstr(last, "\\\"outcome\\\":\\\"") : NULL;
    if (outcome == NULL || strncmp(outcome + 14, "refused", 7) != 0)
        fail_msg("%s is not in the log as refused: %.600s", target, last != NULL ? last : "");
    reply_done(&r);
}

/* Its end is sent: it is refused with that code, for that reason, and the owner can read so. */
static void refused_at_its_end(struct parked *p, const struct secp_key *owner, int code,
                               const char *reason)
{
    char answer[4096] = "";
    char status_line[16];
    (void)snprintf(status_line, sizeof status_line, "HTTP/1.1 %d ", code);
    say(p->fd, SLICE_LIT("0\r\n\r\n"));
    (void)hear(p->fd, answer, sizeof answer);
    (void)close(p->fd);
    if (strncmp(answer, status_line, strlen(status_line)) != 0 || strstr(answer, reason) == NULL)
        fail_msg("%s was answered: %.300s", p->target, answer);
    logged_as_refused(owner, p->target);
}

static void an_empty_body_held_back_until_the_right_ends_gets_nothing(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct parked p;
    clinic_grant(&world, REGISTRY_VIEW, 0, clinic_now(&world) + FAR_AHEAD);
    park(&p, &world.doctor_key, "POST", below(&world, "/envelopes/query?until-suspended"));
    pause_ms(500);
    clinic_suspend(&world, &world.doctor_key, true);
    refused_at_its_end(&p, &world.patient_key, 403, "suspended");
    clinic_suspend(&world, &world.doctor_key, false);
    park(&p, &world.doctor_key, "POST", below(&world, "/envelopes/query?until-revoked"));
    pause_ms(500);
    clinic_revoke(&world);
    refused_at_its_end(&p, &world.patient_key, 403, "revoked");
}

static void transfer(struct ledger_sender *from, const struct secp_key *to)
{
    struct buf data;
    buf_init(&data, 4096);
    assert_int_equal(registry_put_transfer_folder(&data, world.folder, key_addr(to)), OK);
    world_send(&world.w, from, &data);
}

static void an_owner_of_before_changes_nothing_by_what_was_held_back(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct parked p;
    char target[256];
    (void)snprintf(target, sizeof target, "%s",
                   below(&world, "/wraps/%s", hex_of(&world, slice_of(world.w.net.proxy.b, 20))));
    park(&p, &world.patient_key, "PUT", target);
    pause_ms(500);
    transfer(world.patient, &world.doctor_key);
    refused_at_its_end(&p, &world.doctor_key, 403, "only the folder");
    transfer(world.doctor, &world.patient_key);
}

static void nothing_is_held_back_where_no_body_is_taken(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    enum { ALL = 5 };
    struct parked p[ALL];
    char wrap[256];
    addr20 holder = key_addr(&world.doctor_key);
    const struct secp_key *doctor = &world.doctor_key;
    (void)snprintf(wrap, sizeof wrap, "%s",
                   below(&world, "/wraps/%s", hex_of(&world, slice_of(holder.b, 20))));
    clinic_grant(&world, REGISTRY_VIEW | REGISTRY_ADD, 0, clinic_now(&world) + FAR_AHEAD);
    park(&p[0], doctor, "GET", below(&world, "/keys"));
    park(&p[1], doctor, "GET", below(&world, "/records"));
    park(&p[2], doctor, "GET", below(&world, "/bodies/%s", sample.cid_text));
    park(&p[3], doctor, "GET", wrap);
    park(&p[4], &world.patient_key, "DELETE", wrap);
    pause_ms(500);
    clinic_revoke(&world);
    for (size_t i = 0; i < ALL; i++)
        refused_at_its_end(&p[i], &world.patient_key, 413, "takes no body");
}

static void big_make(uint8_t first, struct buf *body, struct cid *ret)
{
    char dir[512];
    struct content *store;
    struct content_info info;
    buf_init(body, BIG_BYTES);
    assert_int_equal(buf_put_zero(body, BIG_BYTES), OK);
    body->p[0] = first;
    (void)snprintf(dir, sizeof dir, "%s/store", world.w.dir);
    assert_ok(content_local_open(dir, (uint64_t)1 << 30, &clock_system, &store, &world.w.err),
              &world.w.err);
    assert_ok(content_put(store, buf_slice(body), &info, &world.w.err), &world.w.err);
    *ret = info.cid;
    content_close(store);
}

/* A record of the patient's with a big body, uploaded and on the chain. */
static void big_record_make(uint8_t first, struct sample *ret)
{
    struct buf big;
    struct cid cid;
    big_make(first, &big, &cid);
    sample_make_around(&world, &world.patient_key, NULL, 1, &cid, ret);
    struct ask up =
        as(&world.patient_key, "POST", below(&world, "/bodies?cid=%s", ret->cid_text), SLICE_EMPTY);
    up.body = buf_slice(&big);
    expect(&world.w, &up, 201);
    struct ask post = as(&world.patient_key, "POST", below(&world, "/envelopes"), SLICE_EMPTY);
    post.body = buf_slice(&ret->post);
    expect(&world.w, &post, 201);
    sample_add_to_chain(&world, world.patient, ret);
    buf_done(&big);
}

/* A download that has begun and of which nothing more is taken. */
static int download_begin(const struct secp_key *key, const struct sample *s)
{
    char first[17] = "";
    int fd = dial();
    say_head(fd, key, "GET", below(&world, "/bodies/%s", s->cid_text), SLICE_EMPTY);
    assert_int_equal(recv(fd, first, 16, MSG_WAITALL), 16);
    assert_non_null(strstr(first, " 200"));
    return fd;
}

static void download_is_cut(int fd)
{
    char first[1024] = "";
    pause_ms(1500);
    size_t n = hear(fd, first, sizeof first);
    (void)close(fd);
    if (n >= BIG_BYTES)
        fail_msg("%zu bytes came", n);
}

static void a_download_ends_soon_after_the_revoke(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct sample s;
    big_record_make(1, &s);
    clinic_grant(&world, REGISTRY_VIEW, 0, clinic_now(&world) + FAR_AHEAD);
    int fd = download_begin(&world.doctor_key, &s);
    clinic_revoke(&world);
    download_is_cut(fd);
    sample_done(&s);
}

static void a_download_ends_soon_after_its_record(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct sample s;
    struct buf data;
    big_record_make(2, &s);
    clinic_grant(&world, REGISTRY_VIEW, 0, clinic_now(&world) + FAR_AHEAD);
    int holders = download_begin(&world.doctor_key, &s);
    buf_init(&data, 4096);
    assert_int_equal(registry_put_set_record_status(&data, world.folder, s.record, 1, 3), OK);
    world_send(&world.w, world.patient, &data);
    download_is_cut(holders);
    int owners = download_begin(&world.patient_key, &s); /* it is removed only */
    struct ask erase = as(&world.patient_key, "DELETE", NULL, SLICE_EMPTY);
    erase.target = below(&world, "/envelopes/%s", hex_of(&world, slice_of(s.inner.b, 32)));
    expect(&world.w, &erase, 204);
    download_is_cut(owners);
    clinic_revoke(&world);
    sample_done(&s);
}

/* All that comes until nothing has come for a while. */
static void hear_until_silent(int fd)
{
    static char rest[65536];
    const struct timeval patience = {.tv_sec = 1};
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    while (recv(fd, rest, sizeof rest, 0) > 0)
        continue;
}

static void a_download_that_waits_for_the_ledger_holds_up_no_other_request(void **state)
{
    static const char *const one_thread[] = {"--threads", "1", NULL};
    (void)state;
    if (world.w.anvil.pid <= 0) /* the embedded chain cannot hang */
        skip();
    char cid[CID_TEXT_MAX];
    char first[1024] = "";
    struct buf big;
    struct cid of_big;
    struct ask alive = as(NULL, "GET", "/healthz", SLICE_EMPTY);
    big_make(0, &big, &of_big);
    (void)cid_text(&of_big, cid);
    assert_int_equal(ehrd_stop(&world.w, SIGTERM), 0);
    world.w.extra = one_thread;
    ehrd_start(&world.w);
    struct ask up =
        as(&world.patient_key, "POST", below(&world, "/bodies?cid=%s", cid), buf_slice(&big));
    expect(&world.w, &up, 201);
    int fd = dial();
    say_head(fd, &world.patient_key, "GET", below(&world, "/bodies/%s", cid), SLICE_EMPTY);
    assert_int_equal(recv(fd, first, 16, MSG_WAITALL), 16);
    assert_non_null(strstr(first, " 200"));
    pause_ms(6000); /* its right is to be asked for again */
    assert_int_equal(kill(world.w.anvil.pid, SIGSTOP), 0);
    hear_until_silent(fd);
    uint64_t before = clock_mono_ms(&clock_system);
    expect(&world.w, &alive, 200);
    uint64_t took = clock_mono_ms(&clock_system) - before;
    assert_int_equal(kill(world.w.anvil.pid, SIGCONT), 0);
    hear_until_silent(fd);
    (void)close(fd);
    assert_in_range(took, 0, 3000); /* the ledger is waited for 10 s */
    assert_int_equal(ehrd_stop(&world.w, SIGTERM), 0);
    world.w.extra = NULL;
    ehrd_start(&world.w);
    buf_done(&big);
}

static void a_flood_of_refusals_hides_nobody_who_is_registered(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    struct secp_key nobody;
    struct ask q = as(&nobody, "GET", below(&world, "/keys"), SLICE_EMPTY);
    for (unsigned i = 0; i < THROTTLE_REFUSALS + 10; i++) {
        assert_int_equal(secp_key_generate(&random_system, &nobody), OK);
        expect(&world.w, &q, 403);
    }
    struct ask log = as(&world.patient_key, "GET", below(&world, "/log"), SLICE_EMPTY);
    struct ask trespass =
        as(&world.doctor_key, "GET", below(&world, "/records?limit=1&trespass-after-the-flood"),
           SLICE_EMPTY);
    expect(&world.w, &trespass, 403);
    expect_text(&world.w, &log, 200, "trespass-after-the-flood");
}

/* openFolder by the patient, with junk bytes behind it. */
static void forward_make(struct buf *json, uint64_t nonce, size_t junk)
{
    struct buf call;
    hash32 salt = {{0x55, (uint8_t)nonce}};
    uint8_t sig[65];
    hash32 digest;
    buf_init(&call, 65536);
    assert_int_equal(registry_put_open_folder(&call, salt, world.key_hash), OK);
    for (size_t i = 0; i < junk; i++)
        assert_int_equal(buf_put_str(&call, "x"), OK);
    struct eip712_forward_request r = {.from = key_addr(&world.patient_key),
                                       .to = world.w.net.proxy,
                                       .gas = u256_from_u64(300000),
                                       .nonce = u256_from_u64(nonce),
                                       .deadline = clinic_now(&world) + 600,
                                       .data = buf_slice(&call)};
    eip712_forward_request_digest(world.w.net.chain_id, world.w.forwarder, &r, &digest);
    assert_int_equal(secp_sign(&world.patient_key, &digest, sig), OK);
    buf_init(json, 262144);
    assert_int_equal(buf_printf(json,
                                "{\"requests\":[{\"from\":\"%s\",\"to\":\"%s\",\"value\":\"0\","
                                "\"gas\":300000,\"nonce\":%llu,\"deadline\":%llu,\"data\":\"0x",
                                hex_of(&world, slice_of(r.from.b, 20)),
                                hex_of(&world, slice_of(r.to.b, 20)), (unsigned long long)nonce,
                                (unsigned long long)r.deadline),
                     OK);
    assert_int_equal(buf_put_hex(json, r.data), OK);
    assert_int_equal(
        buf_printf(json, "\",\"signature\":\"%s\"}]}", hex_of(&world, slice_of(sig, 65))), OK);
    buf_done(&call);
}

static void the_relayer_pays_once_for_what_is_sent_many_times_at_once(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    enum { ROUNDS = RELAYED, COPIES = 8 };
    int fd[COPIES];
    for (uint64_t round = 0; round < ROUNDS; round++) {
        struct buf json;
        unsigned good = 0;
        forward_make(&json, round, 0);
        for (unsigned i = 0; i < COPIES; i++) {
            fd[i] = dial();
            say_head(fd[i], &world.patient_key, "POST", "/api/v1/relay", buf_slice(&json));
        }
        for (unsigned i = 0; i < COPIES; i++)
            say(fd[i], buf_slice(&json));
        for (unsigned i = 0; i < COPIES; i++) {
            char answer[4096] = "";
            (void)hear(fd[i], answer, sizeof answer);
            (void)close(fd[i]);
            if (strstr(answer, "\"success\":false") != NULL || strstr(answer, "failed") != NULL)
                fail_msg("a copy was mined and failed: %.400s", answer);
            good += strstr(answer, "\"success\":true") != NULL;
        }
        assert_int_equal(good, 1);
        buf_done(&json);
    }
}

/* What was relayed is on the chain, signatures and all, and good until its deadline. */
static void a_flood_of_replays_holds_up_no_call_of_the_signer(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    enum { ROUNDS = 8, COPIES = 12 };
    int fd[COPIES];
    for (uint64_t round = 0; round < ROUNDS; round++) {
        struct buf mined;
        struct buf next;
        forward_make(&mined, RELAYED + round - 1, 0);
        forward_make(&next, RELAYED + round, 0);
        for (unsigned i = 0; i < COPIES; i++) {
            fd[i] = dial();
            say_head(fd[i], &world.patient_key, "POST", "/api/v1/relay", buf_slice(&mined));
        }
        for (unsigned i = 0; i < COPIES; i++)
            say(fd[i], buf_slice(&mined));
        ask_for(NULL, "POST", "/api/v1/relay", buf_slice(&next), 200, "\"success\":true");
        for (unsigned i = 0; i < COPIES; i++) {
            char answer[4096] = "";
            (void)hear(fd[i], answer, sizeof answer);
            (void)close(fd[i]);
            if (strstr(answer, "E_REPLAY") == NULL)
                fail_msg("a replay was answered: %.400s", answer);
        }
        buf_done(&mined);
        buf_done(&next);
    }
}

/* The contract does not look at them, and neither would a quota of what the calls may use. */
static void the_relayer_pays_for_no_bytes_that_nobody_reads(void **state)
{
    static const size_t sizes[] = {1, 32, 60000};
    (void)state;
    if (!has_ledger())
        skip();
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct buf json;
        forward_make(&json, RELAYED, sizes[i]);
        struct ask q = as(NULL, "POST", "/api/v1/relay", buf_slice(&json));
        expect_text(&world.w, &q, 400, "data: ");
        buf_done(&json);
    }
}

static void nobody_fills_an_inbox_alone(void **state)
{
    (void)state;
    if (!has_ledger())
        skip();
    char target[128];
    char note[64];
    struct ask q = as(&world.doctor_key, "POST", target, SLICE_EMPTY);
    (void)snprintf(target, sizeof target, "/api/v1/inbox/%s",
                   hex_of(&world, slice_of(key_addr(&world.patient_key).b, 20)));
    for (unsigned i = 0; i <= THROTTLE_NOTES; i++) {
        (void)snprintf(note, sizeof note, "age-encryption.org/v1\n%u", i);
        q.body = slice_str(note);
        expect(&world.w, &q, i < THROTTLE_NOTES ? 201 : 429);
    }
    q.key = &world.patient_key; /* another sender is not hindered */
    expect(&world.w, &q, 201);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_held_back_until_the_revoke_gets_nothing),
        cmocka_unit_test(a_body_held_back_until_the_disk_is_full_is_not_stored),
        cmocka_unit_test(an_empty_body_held_back_until_the_right_ends_gets_nothing),
        cmocka_unit_test(an_owner_of_before_changes_nothing_by_what_was_held_back),
        cmocka_unit_test(nothing_is_held_back_where_no_body_is_taken),
        cmocka_unit_test(a_download_ends_soon_after_the_revoke),
        cmocka_unit_test(a_download_ends_soon_after_its_record),
        cmocka_unit_test(a_download_that_waits_for_the_ledger_holds_up_no_other_request),
        cmocka_unit_test(a_flood_of_refusals_hides_nobody_who_is_registered),
        cmocka_unit_test(the_relayer_pays_once_for_what_is_sent_many_times_at_once),
        cmocka_unit_test(a_flood_of_replays_holds_up_no_call_of_the_signer),
        cmocka_unit_test(the_relayer_pays_for_no_bytes_that_nobody_reads),
        cmocka_unit_test(nobody_fills_an_inbox_alone),
    };
    return cmocka_run_group_tests_name("api_attack", tests, sample_setup, sample_teardown);
}
