/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP server over real loopback sockets, port 0. */
#include "http_fixture.h"

#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "test.h"

#define H "Host: x\r\n"
#define CLOSE "Connection: close\r\n"
#define STOPS 100

static char out[1 << 16];

static int setup(void **state)
{
    static struct fixture f;
    fixture_start(&f, &(struct http_server_options){.threads = 4});
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    fixture_stop(*state);
    return 0;
}

static void keeps_the_raw_target(void **state)
{
    raw_talk(*state, "GET /ech%6f/%2F%zz//..?a=%00+b&&c HTTP/1.1\r\n" H CLOSE "\r\n", out,
             sizeof out);
    assert_non_null(strstr(out, "HTTP/1.1 200"));
    assert_non_null(strstr(out, "\r\n\r\nGET /ech%6f/%2F%zz//..?a=%00+b&&c "));
}

static void sends_its_own_headers(void **state)
{
    raw_talk(*state, "GET /echo HTTP/1.1\r\n" H CLOSE "\r\n", out, sizeof out);
    assert_int_equal(count_of(out, "X-Content-Type-Options: nosniff"), 1);
    assert_int_equal(count_of(out, "Date: "), 1);
    const char *id = strstr(out, "X-Request-Id: ");
    assert_non_null(id);
    assert_int_equal(strspn(id + 14, "0123456789abcdef"), HTTP_REQUEST_ID_LEN);
}

static void keeps_the_connection_alive(void **state)
{
    int fd = raw_connect(*state);
    for (int i = 0; i < 3; i++) {
        char one[4096];
        raw_send(fd, "POST /echo HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\nabc");
        ssize_t n = recv(fd, one, sizeof one - 1, 0);
        assert_true(n > 0);
        one[n] = '\0';
        assert_non_null(strstr(one, "\r\n\r\nPOST /echo abc"));
    }
    (void)close(fd);
}

static void answers_pipelined_requests_in_order(void **state)
{
    raw_talk(*state,
             "GET /echo?1 HTTP/1.1\r\n" H "\r\nPOST /echo?2 HTTP/1.1\r\n" H
             "Content-Length: 2\r\n\r\nhiGET /echo?3 HTTP/1.1\r\n" H CLOSE "\r\n",
             out, sizeof out);
    assert_int_equal(count_of(out, "HTTP/1.1 200"), 3);
    const char *second = strstr(out, "POST /echo?2 hi");
    assert_non_null(second);
    assert_non_null(strstr(second, "GET /echo?3 "));
    assert_true(strstr(out, "GET /echo?1 ") < second);
}

static void answers_head_without_a_body(void **state)
{
    raw_talk(*state, "HEAD /big HTTP/1.1\r\n" H CLOSE "\r\n", out, sizeof out);
    assert_non_null(strstr(out, "Content-Length: 67108864"));
    assert_string_equal(strstr(out, "\r\n\r\n"), "\r\n\r\n");
    raw_talk(*state, "HEAD /echo HTTP/1.1\r\n" H CLOSE "\r\n", out, sizeof out);
    assert_non_null(strstr(out, "Content-Length: 11"));
    assert_string_equal(strstr(out, "\r\n\r\n"), "\r\n\r\n");
}

static void answers_204_without_a_body(void **state)
{
    raw_talk(*state, "GET /empty HTTP/1.1\r\n" H CLOSE "\r\n", out, sizeof out);
    assert_non_null(strstr(out, "HTTP/1.1 204"));
    assert_string_equal(strstr(out, "\r\n\r\n"), "\r\n\r\n");
}

static void takes_a_chunked_body(void **state)
{
    raw_talk(*state,
             "POST /echo HTTP/1.1\r\n" H CLOSE
             "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
             out, sizeof out);
    assert_non_null(strstr(out, "POST /echo abcde"));
}

static void tells_errors_as_json(void **state)
{
    raw_talk(*state, "GET /status HTTP/1.1\r\n" H CLOSE "\r\n", out, sizeof out);
    assert_non_null(strstr(out, "HTTP/1.1 409"));
    assert_non_null(
        strstr(out, "{\"error\":{\"code\":\"E_CONFLICT\",\"reason\":\"a \\\"quoted\\\" reason\"}"));
}

static void does_not_tell_inner_faults(void **state)
{
    raw_talk(*state, "GET /internal HTTP/1.1\r\n" H CLOSE "\r\n", out, sizeof out);
    assert_non_null(strstr(out, "HTTP/1.1 500"));
    assert_null(strstr(out, "secret"));
}

/* Each of these must be refused with the code, and nothing after it may be served. */
static void refuses_requests_with_two_readings(void **state)
{
    static const struct {
        const char *text;
        const char *code;
    } bad[] = {
        {"POST /echo HTTP/1.1\r\n" H "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", "400"},
        {"POST /echo HTTP/1.1\r\n" H "Content-Length: 3\r\nContent-Length: 0\r\n\r\nabc", "400"},
        {"POST /echo HTTP/1.1\r\n" H
         "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         "400"},
        {"POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "400"},
        {"POST /echo HTTP/1.1\r\n" H "Content-Length: +3\r\n\r\nabc", "400"},
        {"POST /echo HTTP/1.1\r\n" H "Content-Length: 0x3\r\n\r\nabc", "400"},
        {"POST /echo HTTP/1.1\r\n" H "Content-Length: 3, 3\r\n\r\nabc", "400"},
        {"POST /echo HTTP/1.1\r\n" H "Content-Length: -1\r\n\r\n", "400"},
        {"POST /echo HTTP/1.1\r\n" H "Content-Length : 3\r\n\r\nabc", "400"},
        {"POST /echo HTTP/1.1\r\n" H "Content-Length:\r\n 3\r\n\r\nabc", "400"},
        {"POST /echo HTTP/1.1\r\n" H "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", "400"},
        {"POST /echo HTTP/1.1\r\n" H "X: y\r\n Content-Length: 3\r\n\r\nabc", "400"},
        {"POST /echo HTTP/1.1\r\n" H "X: y\rContent-Length: 3\r\n\r\nabc", "400"},
        {"GET /echo HTTP/1.1\r\n" H "X: y\x01z\r\n\r\n", "400"},
        {"POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n+3\r\nabc\r\n0\r\n\r\n",
         "400"},
        {"POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n",
         "400"},
        {"POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n-1\r\nabc\r\n0\r\n\r\n",
         "400"},
        {"POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: "
         "chunked\r\n\r\n10000000000000003\r\nabc\r\n0\r\n\r\n",
         "413"},
        {"POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
         "400"},
        {"GET /echo HTTP/1.1\r\n\r\n", "400"},
        {"GET /echo HTTP/1.1\r\n" H H "\r\n", "400"},
        {"GET /echo HTTP/1.1\r\n" H "A B: c\r\n\r\n", "400"},
        {"GET http://x/echo HTTP/1.1\r\n" H "\r\n", "400"},
        {"OPTIONS * HTTP/1.1\r\n" H "\r\n", "400"},
        {"G(T /echo HTTP/1.1\r\n" H "\r\n", "400"},
        {"GET /echo HTTP/1.7\r\n" H "\r\n", "505"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[1024];
        (void)snprintf(text, sizeof text, "%sGET /echo?next HTTP/1.1\r\n" H CLOSE "\r\n",
                       bad[i].text);
        raw_talk(*state, text, out, sizeof out);
        if (strstr(out, "GET /echo?next") != NULL || strncmp(out, "HTTP/1.", 7) != 0 ||
            strncmp(out + 9, bad[i].code, 3) != 0)
            fail_msg("case %zu: %.400s", i, out);
    }
}

static void refuses_long_heads(void **state)
{
    static char text[400000];
    size_t n = (size_t)snprintf(text, sizeof text, "GET /echo HTTP/1.1\r\n" H "X-Long: ");
    memset(text + n, 'a', LIMIT_HTTP_HEADER);
    memcpy(text + n + LIMIT_HTTP_HEADER, "\r\n\r\n", 5);
    raw_talk(*state, text, out, sizeof out);
    assert_non_null(strstr(out, "HTTP/1.1 431"));
    memset(text + n, 'a', 300000);
    memcpy(text + n + 300000, "\r\n\r\n", 5);
    raw_talk(*state, text, out, sizeof out);
    assert_null(strstr(out, " 200 "));
}

static void refuses_long_targets(void **state)
{
    static char text[20000];
    memset(text, 'a', sizeof text);
    memcpy(text, "GET /", 5);
    memcpy(text + 5 + LIMIT_HTTP_TARGET, " HTTP/1.1\r\n" H "\r\n", 23);
    raw_talk(*state, text, out, sizeof out);
    assert_non_null(strstr(out, "HTTP/1.1 414"));
}

static void refuses_many_fields(void **state)
{
    char text[8192] = "GET /echo HTTP/1.1\r\n" H;
    for (unsigned i = 0; i < LIMIT_HTTP_HEADERS; i++)
        strncat(text, "X-A: b\r\n", sizeof text - strlen(text) - 1);
    strncat(text, "\r\n", sizeof text - strlen(text) - 1);
    raw_talk(*state, text, out, sizeof out);
    assert_non_null(strstr(out, "HTTP/1.1 431"));
}

static void refuses_long_bodies_and_keeps_the_connection(void **state)
{
    static char text[300000];
    int head =
        snprintf(text, sizeof text, "POST /echo HTTP/1.1\r\n" H "Content-Length: 200000\r\n\r\n");
    memset(text + head, 'b', 200000);
    (void)snprintf(text + head + 200000, 1000, "GET /echo?next HTTP/1.1\r\n" H CLOSE "\r\n");
    raw_talk(*state, text, out, sizeof out);
    assert_non_null(strstr(out, "HTTP/1.1 413"));
    assert_non_null(strstr(out, "GET /echo?next"));
}

static void refuses_long_chunked_bodies(void **state)
{
    static char text[300000];
    int head =
        snprintf(text, sizeof text,
                 "POST /echo HTTP/1.1\r\n" H CLOSE "Transfer-Encoding: chunked\r\n\r\n30D40\r\n");
    memset(text + head, 'b', 200000);
    memcpy(text + head + 200000, "\r\n0\r\n\r\n", 8);
    raw_talk(*state, text, out, sizeof out);
    assert_non_null(strstr(out, "HTTP/1.1 413"));
}

static void refuses_before_the_client_sends_when_it_asks(void **state)
{
    raw_talk(*state,
             "POST /echo HTTP/1.1\r\n" H
             "Content-Length: 9999999999\r\nExpect: 100-continue\r\n\r\n",
             out, sizeof out);
    assert_non_null(strstr(out, "HTTP/1.1 413"));
    assert_null(strstr(out, "100 Continue"));
}

static void refuses_any_body_where_cap_is_0(void **state)
{
    raw_talk(*state, "POST /nobody HTTP/1.1\r\n" H CLOSE "Content-Length: 1\r\n\r\na", out,
             sizeof out);
    assert_non_null(strstr(out, "HTTP/1.1 413"));
    raw_talk(*state, "POST /nobody HTTP/1.1\r\n" H CLOSE "Content-Length: 0\r\n\r\n", out,
             sizeof out);
    assert_non_null(strstr(out, "HTTP/1.1 200"));
}

static void refuses_by_plan(void **state)
{
    raw_talk(*state, "POST /refuse HTTP/1.1\r\n" H CLOSE "Content-Length: 1\r\n\r\na", out,
             sizeof out);
    assert_non_null(strstr(out, "HTTP/1.1 403"));
    assert_non_null(strstr(out, "refused by plan"));
}

static void aborts_an_upload_that_is_refused_half_way(void **state)
{
    struct fixture *f = *state;
    int before = atomic_load(&f->aborted);
    raw_talk(f, "POST /chunk-fails HTTP/1.1\r\n" H CLOSE "Content-Length: 3\r\n\r\nabc", out,
             sizeof out);
    assert_non_null(strstr(out, "HTTP/1.1 415"));
    assert_int_equal(atomic_load(&f->aborted), before + 1);
}

static void aborts_an_upload_whose_client_goes_away(void **state)
{
    struct fixture *f = *state;
    int before = atomic_load(&f->aborted);
    int fd = raw_connect(f);
    raw_send(fd, "POST /upload HTTP/1.1\r\n" H "Content-Length: 1000\r\n\r\nabc");
    (void)usleep(50000);
    (void)close(fd);
    for (int i = 0; i < 100 && atomic_load(&f->aborted) == before; i++)
        (void)usleep(20000);
    assert_int_equal(atomic_load(&f->aborted), before + 1);
}

static void cuts_off_an_answer_whose_source_fails(void **state)
{
    int fd = raw_connect(*state);
    char *all = malloc(BIG_BYTES + 4096);
    assert_non_null(all);
    raw_send(fd, "GET /cut HTTP/1.1\r\n" H "\r\n");
    size_t n = raw_read_all(fd, all, BIG_BYTES + 4096);
    assert_true(n >= BIG_BYTES / 2 && n < BIG_BYTES);
    free(all);
}

/* The head of an answer and body bytes up to half of a big one, which nothing holds up. */
static size_t read_half(int fd, char *all)
{
    size_t n = 0;
    ssize_t k;
    while (n < BIG_BYTES / 2 && (k = recv(fd, all + n, BIG_BYTES / 2 - n, 0)) > 0)
        n += (size_t)k;
    assert_int_equal(n, BIG_BYTES / 2);
    return n;
}

static void await_prepare(struct fixture *f)
{
    for (int i = 0; i < 100 && atomic_load(&f->preparing) == 0; i++)
        (void)usleep(10000);
    assert_int_equal(atomic_load(&f->preparing), 1);
}

static void a_reader_that_prepares_holds_up_nobody_else(void **state)
{
    (void)state;
    struct fixture f;
    struct timespec a;
    struct timespec b;
    char said[4096];
    char *all = malloc(BIG_BYTES + 4096);
    assert_non_null(all);
    fixture_start(&f, &(struct http_server_options){.threads = 1});
    int fd = raw_connect(&f);
    raw_send(fd, "GET /prepared HTTP/1.1\r\n" H "\r\n");
    size_t n = read_half(fd, all);
    char *body = strstr(all, "\r\n\r\n");
    assert_non_null(body);
    await_prepare(&f);
    (void)clock_gettime(CLOCK_MONOTONIC, &a);
    raw_talk(&f, "GET /echo HTTP/1.1\r\n" H "Connection: close\r\n\r\n", said, sizeof said);
    (void)clock_gettime(CLOCK_MONOTONIC, &b);
    assert_non_null(strstr(said, "GET /echo"));
    long ms = (b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000;
    assert_in_range(ms, 0, PREPARE_MS / 2);
    size_t want = (size_t)(body + 4 - all) + BIG_BYTES; /* the rest comes, and is right */
    ssize_t k;
    while (n < want && (k = recv(fd, all + n, want - n, 0)) > 0)
        n += (size_t)k;
    assert_int_equal(n, want);
    assert_int_equal(fixture_sum(FNV_START, (uint8_t *)body + 4, BIG_BYTES),
                     fixture_stream_sum(BIG_BYTES));
    (void)close(fd);
    fixture_stop(&f);
    free(all);
}

static void cuts_off_an_answer_that_cannot_be_prepared(void **state)
{
    int fd = raw_connect(*state);
    char *all = malloc(BIG_BYTES + 4096);
    assert_non_null(all);
    raw_send(fd, "GET /unprepared HTTP/1.1\r\n" H "\r\n");
    size_t n = raw_read_all(fd, all, BIG_BYTES + 4096);
    assert_true(n >= BIG_BYTES / 2 && n < BIG_BYTES);
    free(all);
}

static void stops_while_a_reader_prepares(void **state)
{
    (void)state;
    struct fixture f;
    char *all = malloc(BIG_BYTES + 4096);
    assert_non_null(all);
    fixture_start(&f, &(struct http_server_options){.threads = 2});
    int fd = raw_connect(&f);
    raw_send(fd, "GET /prepared HTTP/1.1\r\n" H "\r\n");
    (void)read_half(fd, all);
    await_prepare(&f);
    fixture_stop(&f);
    (void)close(fd);
    free(all);
}

static void cuts_off_slow_clients(void **state)
{
    (void)state;
    struct fixture f;
    struct timespec a;
    struct timespec b;
    fixture_start(&f, &(struct http_server_options){.threads = 2, .request_ms = 600});
    int fd = raw_connect(&f);
    (void)clock_gettime(CLOCK_MONOTONIC, &a);
    raw_send(fd, "GET /echo HTTP/1.1\r\nHost: ");
    for (int i = 0; i < 40; i++) { /* a byte now and then keeps idle timeouts away */
        (void)usleep(100000);
        if (send(fd, "x", 1, MSG_NOSIGNAL) != 1)
            break;
    }
    assert_int_equal(raw_read_all(fd, out, sizeof out), 0);
    (void)clock_gettime(CLOCK_MONOTONIC, &b);
    assert_true(b.tv_sec - a.tv_sec <= 3);
    fixture_stop(&f);
}

static void limits_connections_of_one_address(void **state)
{
    (void)state;
    struct fixture f;
    int fd[3];
    fixture_start(&f, &(struct http_server_options){.threads = 2, .connections_per_ip = 2});
    for (int i = 0; i < 3; i++)
        fd[i] = raw_connect(&f);
    int served = 0;
    for (int i = 0; i < 3; i++) {
        raw_send(fd[i], "GET /echo HTTP/1.1\r\n" H CLOSE "\r\n");
        served += raw_read_all(fd[i], out, sizeof out) > 0 ? 1 : 0;
    }
    assert_true(served >= 1 && served <= 2);
    fixture_stop(&f);
}

static void *slow_client(void *arg)
{
    static char texts[4][4096];
    static atomic_int next;
    char *text = texts[atomic_fetch_add(&next, 1)];
    raw_talk(arg, "GET /slow HTTP/1.1\r\n" H "\r\n", text, sizeof texts[0]);
    return text;
}

static void stop_lets_running_requests_finish(void **state)
{
    (void)state;
    struct fixture f;
    struct err e = {0};
    pthread_t t[3];
    fixture_start(&f, &(struct http_server_options){.threads = 4});
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&t[i], NULL, slow_client, &f), 0);
    while (http_server_busy(f.server) < 3)
        (void)usleep(1000);
    assert_ok(http_server_stop(f.server, 5000, &e), &e);
    for (int i = 0; i < 3; i++) {
        void *text;
        assert_int_equal(pthread_join(t[i], &text), 0);
        assert_non_null(strstr(text, "HTTP/1.1 200"));
        assert_non_null(strstr(text, "Connection: close"));
    }
    fixture_stop(&f);
}

static atomic_bool knocking;

static void *knock(void *arg)
{
    const uint16_t *port = arg;
    while (atomic_load(&knocking)) {
        struct sockaddr_in a = {.sin_family = AF_INET,
                                .sin_port = htons(*port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(fd, (const struct sockaddr *)&a, sizeof a);
        (void)close(fd);
    }
    return NULL;
}

/* libmicrohttpd's own way to stop accepting aborts the process now and then: two threads take the
 * listening socket out of one epoll set. */
static void may_be_stopped_while_clients_come(void **state)
{
    (void)state;
    for (int i = 0; i < STOPS; i++) {
        struct fixture f;
        pthread_t t;
        struct err e = {0};
        fixture_start(&f, &(struct http_server_options){.threads = 4});
        uint16_t port = http_server_port(f.server);
        atomic_store(&knocking, true);
        assert_int_equal(pthread_create(&t, NULL, knock, &port), 0);
        (void)usleep(500);
        assert_ok(http_server_stop(f.server, 5000, &e), &e);
        atomic_store(&knocking, false);
        assert_int_equal(pthread_join(t, NULL), 0);
        fixture_stop(&f);
    }
}

static void *slow_plan_client(void *arg)
{
    char text[4096];
    raw_talk(arg, "GET /slow-plan HTTP/1.1\r\n" H CLOSE "\r\n", text, sizeof text);
    return strstr(text, " 200 ") != NULL ? arg : NULL;
}

static void one_that_waits_holds_up_nobody(void **state)
{
    (void)state;
    struct fixture f;
    pthread_t t[4];
    fixture_start(&f, &(struct http_server_options){.threads = 1});
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&t[i], NULL, slow_plan_client, &f), 0);
    while (http_server_busy(f.server) < 4)
        (void)usleep(1000);
    raw_talk(&f, "GET /echo HTTP/1.1\r\n" H CLOSE "\r\n", out, sizeof out);
    assert_non_null(strstr(out, " 200 "));
    assert_true(http_server_busy(f.server) >= 4); /* answered while the others wait */
    for (int i = 0; i < 4; i++) {
        void *ok;
        assert_int_equal(pthread_join(t[i], &ok), 0);
        assert_non_null(ok);
    }
    fixture_stop(&f);
}

static void stop_cuts_off_what_takes_too_long(void **state)
{
    (void)state;
    struct fixture f;
    struct err e = {0};
    fixture_start(&f, &(struct http_server_options){.threads = 2});
    int fd = raw_connect(&f);
    raw_send(fd, "POST /upload HTTP/1.1\r\n" H "Content-Length: 1000\r\n\r\nabc");
    while (http_server_busy(f.server) < 1)
        (void)usleep(1000);
    assert_status(http_server_stop(f.server, 100, &e), E_TIMEOUT);
    assert_int_equal(raw_read_all(fd, out, sizeof out), 0);
    assert_int_equal(atomic_load(&f.aborted), 1);
    fixture_stop(&f);
}

static void tells_why_it_cannot_listen(void **state)
{
    struct fixture *f = *state;
    struct http_server_options o = {.port = http_server_port(f->server)};
    struct http_callbacks cb = {.handle = NULL};
    struct http_server *s = NULL;
    struct err e = {0};
    assert_status(http_server_new(&o, &cb, &s, &e), E_USAGE);
    cb.handle =
        (status(*)(void *, const struct http_request *, struct http_response *, struct err *))abort;
    assert_status(http_server_new(&o, &cb, &s, &e), E_UNAVAILABLE);
    assert_non_null(strstr(e.msg, "in use"));
    o.address = "localhost";
    assert_status(http_server_new(&o, &cb, &s, &e), E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_the_raw_target),
        cmocka_unit_test(sends_its_own_headers),
        cmocka_unit_test(keeps_the_connection_alive),
        cmocka_unit_test(answers_pipelined_requests_in_order),
        cmocka_unit_test(answers_head_without_a_body),
        cmocka_unit_test(answers_204_without_a_body),
        cmocka_unit_test(takes_a_chunked_body),
        cmocka_unit_test(tells_errors_as_json),
        cmocka_unit_test(does_not_tell_inner_faults),
        cmocka_unit_test(refuses_requests_with_two_readings),
        cmocka_unit_test(refuses_long_heads),
        cmocka_unit_test(refuses_long_targets),
        cmocka_unit_test(refuses_many_fields),
        cmocka_unit_test(refuses_long_bodies_and_keeps_the_connection),
        cmocka_unit_test(refuses_long_chunked_bodies),
        cmocka_unit_test(refuses_before_the_client_sends_when_it_asks),
        cmocka_unit_test(refuses_any_body_where_cap_is_0),
        cmocka_unit_test(refuses_by_plan),
        cmocka_unit_test(aborts_an_upload_that_is_refused_half_way),
        cmocka_unit_test(aborts_an_upload_whose_client_goes_away),
        cmocka_unit_test(cuts_off_an_answer_whose_source_fails),
        cmocka_unit_test(a_reader_that_prepares_holds_up_nobody_else),
        cmocka_unit_test(cuts_off_an_answer_that_cannot_be_prepared),
        cmocka_unit_test(stops_while_a_reader_prepares),
        cmocka_unit_test(cuts_off_slow_clients),
        cmocka_unit_test(limits_connections_of_one_address),
        cmocka_unit_test(stop_lets_running_requests_finish),
        cmocka_unit_test(may_be_stopped_while_clients_come),
        cmocka_unit_test(one_that_waits_holds_up_nobody),
        cmocka_unit_test(stop_cuts_off_what_takes_too_long),
        cmocka_unit_test(tells_why_it_cannot_listen),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
