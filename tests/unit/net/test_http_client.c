/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP client against our server, and against servers that misbehave. */
#include "http_fixture.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test.h"

#define MEMORY_BOUND ((size_t)24 << 20) /* growth allowed while 64 MB pass */

static struct fixture server;
static struct http_client *client;

static int setup(void **state)
{
    struct err e = {0};
    (void)state;
    fixture_start(&server, &(struct http_server_options){.threads = 4});
    assert_ok(http_client_new(&(struct http_client_options){.connect_ms = 20000}, &client, &e), &e);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    http_client_free(client);
    fixture_stop(&server);
    return 0;
}

static status call_url(const char *method, const char *url, slice body, struct http_answer *a,
                       struct err *e)
{
    struct http_call k = {.method = method, .url = url, .body = body};
    return http_client_call(client, &k, a, e);
}

static void gets_and_posts(void **state)
{
    (void)state;
    char url[200];
    struct http_answer a = {0};
    struct err e = {0};
    fixture_url(&server, "/echo/../%2e?x=%20", url, sizeof url);
    assert_ok(call_url("GET", url, SLICE_EMPTY, &a, &e), &e);
    assert_slice(buf_slice(&a.body), SLICE_LIT("GET /echo/../%2e?x=%20 "));
    assert_int_equal(a.code, 200);
    assert_slice(http_answer_header(&a, "content-type"), SLICE_LIT("text/plain"));
    assert_null(http_answer_header(&a, "X-None").p);
    http_answer_done(&a);
    assert_ok(call_url("PUT", url, SLICE_LIT("{}"), &a, &e), &e);
    assert_slice(buf_slice(&a.body), SLICE_LIT("PUT /echo/../%2e?x=%20 {}"));
    http_answer_done(&a);
}

static void gives_answers_of_any_code(void **state)
{
    (void)state;
    char url[200];
    struct http_answer a = {0};
    struct err e = {0};
    assert_ok(
        call_url("GET", fixture_url(&server, "/status", url, sizeof url), SLICE_EMPTY, &a, &e), &e);
    assert_int_equal(a.code, 409);
    http_answer_done(&a);
    assert_ok(call_url("HEAD", fixture_url(&server, "/big", url, sizeof url), SLICE_EMPTY, &a, &e),
              &e);
    assert_slice(http_answer_header(&a, "Content-Length"), SLICE_LIT("67108864"));
    assert_int_equal(a.body.n, 0);
    http_answer_done(&a);
}

static void refuses_answers_over_the_limit(void **state)
{
    (void)state;
    char url[200];
    struct http_answer a = {0};
    struct err e = {0};
    struct http_call k = {
        .method = "GET", .url = fixture_url(&server, "/big", url, sizeof url), .max_body = 1000};
    assert_status(http_client_call(client, &k, &a, &e), E_TOO_LONG);
}

static void tells_a_missing_server_from_a_slow_one(void **state)
{
    (void)state;
    char url[200];
    struct http_answer a = {0};
    struct err e = {0};
    struct http_call k = {
        .method = "GET", .url = fixture_url(&server, "/slow", url, sizeof url), .total_ms = 50};
    assert_status(http_client_call(client, &k, &a, &e), E_TIMEOUT);
    assert_status(call_url("GET", "http://127.0.0.1:1/secret", SLICE_EMPTY, &a, &e), E_UNAVAILABLE);
    assert_null(strstr(e.msg, "secret"));
    assert_int_not_equal(call_url("GET", "http://me:sec@ret@127.0.0.1:1/", SLICE_EMPTY, &a, &e),
                         OK);
    assert_null(strstr(e.msg, "ret@"));
}

/* A listener that never answers the TLS greeting. */
static void gives_up_connecting_in_time(void **state)
{
    (void)state;
    struct sockaddr_in addr = {.sin_family = AF_INET};
    socklen_t n = sizeof addr;
    struct http_client *hasty = NULL;
    struct http_answer a = {0};
    struct err e = {0};
    char url[64];
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof addr), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&addr, &n), 0);
    (void)snprintf(url, sizeof url, "https://127.0.0.1:%u/", ntohs(addr.sin_port));
    assert_ok(http_client_new(&(struct http_client_options){.connect_ms = 200}, &hasty, &e), &e);
    struct http_call k = {.method = "GET", .url = url};
    assert_status(http_client_call(hasty, &k, &a, &e), E_UNAVAILABLE);
    http_client_free(hasty);
    (void)close(fd);
}

static void refuses_other_schemes_and_bad_headers(void **state)
{
    (void)state;
    char url[200];
    struct http_answer a = {0};
    struct err e = {0};
    struct http_header h = {SLICE_LIT("X-A"), SLICE_LIT("b\r\nX-C: d")};
    struct http_call k = {.method = "GET",
                          .url = fixture_url(&server, "/echo", url, sizeof url),
                          .headers = &h,
                          .n_headers = 1};
    assert_status(call_url("GET", "file:///etc/passwd", SLICE_EMPTY, &a, &e), E_USAGE);
    assert_status(call_url("GET", "not a url", SLICE_EMPTY, &a, &e), E_USAGE);
    assert_status(http_client_call(client, &k, &a, &e), E_USAGE);
}

/* Answers one connection with text, whatever is asked. */
struct liar {
    int fd;
    const char *text;
};

static void *liar_main(void *arg)
{
    struct liar *l = arg;
    char in[4096];
    int c = accept(l->fd, NULL, NULL);
    if (c >= 0 && recv(c, in, sizeof in, 0) > 0)
        raw_send(c, l->text);
    (void)close(c);
    return NULL;
}

static status ask_liar(const char *text, struct http_answer *a, struct err *e)
{
    struct sockaddr_in addr = {.sin_family = AF_INET};
    socklen_t n = sizeof addr;
    struct liar l = {socket(AF_INET, SOCK_STREAM, 0), text};
    pthread_t t;
    char url[64];
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(l.fd, (struct sockaddr *)&addr, sizeof addr), 0);
    assert_int_equal(listen(l.fd, 1), 0);
    assert_int_equal(getsockname(l.fd, (struct sockaddr *)&addr, &n), 0);
    assert_int_equal(pthread_create(&t, NULL, liar_main, &l), 0);
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u/", ntohs(addr.sin_port));
    status s = call_url("GET", url, SLICE_EMPTY, a, e);
    (void)pthread_join(t, NULL);
    (void)close(l.fd);
    return s;
}

static void does_not_follow_redirects(void **state)
{
    (void)state;
    struct http_answer a = {0};
    struct err e = {0};
    assert_ok(ask_liar("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
                       "Content-Length: 0\r\n\r\n",
                       &a, &e),
              &e);
    assert_int_equal(a.code, 302);
    http_answer_done(&a);
}

static void refuses_cut_off_and_senseless_answers(void **state)
{
    (void)state;
    struct http_answer a = {0};
    struct err e = {0};
    assert_status(ask_liar("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", &a, &e),
                  E_UNAVAILABLE);
    assert_status(ask_liar("SSH-2.0-x\r\n", &a, &e), E_SYNTAX);
    assert_status(ask_liar("HTTP/3.0 200 OK\r\n\r\n", &a, &e), E_SYNTAX);
    assert_status(ask_liar("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", &a, &e), E_SYNTAX);
    assert_status(ask_liar("", &a, &e), E_UNAVAILABLE);
}

/* Keeps its connections open for GETs, and ends them at other requests without an answer. */
struct cutter {
    int fd;
    atomic_uint cut;
};

#define CUTTER_CONNECTIONS 4

static void *cutter_main(void *arg)
{
    struct cutter *k = arg;
    struct pollfd fds[1 + CUTTER_CONNECTIONS] = {{.fd = k->fd, .events = POLLIN}};
    nfds_t n = 1;
    char in[4096];
    while (n <= CUTTER_CONNECTIONS && poll(fds, n, -1) > 0) {
        for (nfds_t i = 1; i < n; i++) {
            if (fds[i].fd < 0 || fds[i].revents == 0)
                continue;
            bool got = recv(fds[i].fd, in, sizeof in, 0) > 0;
            if (got && memcmp(in, "GET", 3) == 0) {
                raw_send(fds[i].fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                continue;
            }
            atomic_fetch_add(&k->cut, got ? 1 : 0);
            (void)close(fds[i].fd);
            fds[i].fd = -1;
        }
        int c = fds[0].revents != 0 ? accept(k->fd, NULL, NULL) : 0;
        if (c < 0)
            break; /* the end */
        if (c > 0)
            fds[n++] = (struct pollfd){.fd = c, .events = POLLIN};
    }
    return NULL;
}

/* What arrived may have been done: the caller looks before it sends it again. */
static void sends_once_what_is_to_be_sent_once(void **state)
{
    (void)state;
    struct sockaddr_in addr = {.sin_family = AF_INET};
    socklen_t n = sizeof addr;
    struct cutter k = {.fd = socket(AF_INET, SOCK_STREAM, 0)};
    pthread_t t;
    char url[64];
    struct http_answer a = {0};
    struct err e = {0};
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(k.fd, (struct sockaddr *)&addr, sizeof addr), 0);
    assert_int_equal(listen(k.fd, 4), 0);
    assert_int_equal(getsockname(k.fd, (struct sockaddr *)&addr, &n), 0);
    assert_int_equal(pthread_create(&t, NULL, cutter_main, &k), 0);
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u/", ntohs(addr.sin_port));
    struct http_client *one = NULL; /* that has one connection open */
    assert_ok(http_client_new(&(struct http_client_options){.total_ms = 3000}, &one, &e), &e);
    struct http_call get = {.method = "GET", .url = url};
    struct http_call post = {.method = "POST", .url = url, .body = SLICE_LIT("{}"), .once = true};
    assert_ok(http_client_call(one, &get, &a, &e), &e);
    http_answer_done(&a);
    assert_status(http_client_call(one, &post, &a, &e), E_UNAVAILABLE);
    assert_int_equal(atomic_load(&k.cut), 1);
    http_client_free(one);
    (void)shutdown(k.fd, SHUT_RDWR);
    (void)pthread_join(t, NULL);
    (void)close(k.fd);
}

struct flow {
    uint64_t n;
    uint64_t sum;
    size_t memory;
};

static status flow_sink(void *ctx, slice piece, struct err *reterr)
{
    struct flow *w = ctx;
    (void)reterr;
    w->sum = fixture_sum(w->sum, piece.p, piece.n);
    w->n += piece.n;
    size_t m = memory_now();
    w->memory = m > w->memory ? m : w->memory;
    return OK;
}

static status flow_source(void *ctx, uint8_t *p, size_t max, size_t *ret_n, struct err *reterr)
{
    struct flow *w = ctx;
    (void)reterr;
    for (size_t i = 0; i < max; i++)
        p[i] = fixture_byte(w->n + i);
    w->n += max;
    *ret_n = max;
    size_t m = memory_now();
    w->memory = m > w->memory ? m : w->memory;
    return OK;
}

static void download(const char *target)
{
    char url[200];
    struct http_answer a = {0};
    struct err e = {0};
    size_t before = memory_now();
    struct flow w = {0, FNV_START, 0};
    struct http_call k = {.method = "GET",
                          .url = fixture_url(&server, target, url, sizeof url),
                          .sink = flow_sink,
                          .ctx = &w,
                          .max_body = BIG_BYTES,
                          .stall_ms = 5000};
    assert_ok(http_client_call(client, &k, &a, &e), &e);
    assert_true(w.n == BIG_BYTES && w.sum == fixture_stream_sum(BIG_BYTES));
    assert_true(w.memory < before + MEMORY_BOUND);
    http_answer_done(&a);
}

static void downloads_64_mb_in_bounded_memory(void **state)
{
    (void)state;
    download("/big");
    download("/chunked");
}

/* Whoever may send gigabytes to a sink must not fill the memory by calling them a refusal. */
static void a_refusal_is_short_where_a_large_body_is_asked_for(void **state)
{
    (void)state;
    char url[200];
    struct http_answer a = {0};
    struct err e = {0};
    struct flow w = {0, FNV_START, 0};
    struct http_call k = {.method = "GET",
                          .url = fixture_url(&server, "/big-refusal", url, sizeof url),
                          .sink = flow_sink,
                          .ctx = &w,
                          .max_body = BIG_BYTES};
    assert_status(http_client_call(client, &k, &a, &e), E_TOO_LONG);
    assert_int_equal(w.n, 0);
    k.url = fixture_url(&server, "/status", url, sizeof url);
    assert_ok(http_client_call(client, &k, &a, &e), &e);
    assert_int_equal(a.code, 409);
    assert_true(a.body.n > 0);
    http_answer_done(&a);
}

static void uploads_64_mb_in_bounded_memory(void **state)
{
    (void)state;
    char url[200];
    char want[64];
    struct http_answer a = {0};
    struct err e = {0};
    struct flow w = {0, 0, 0};
    size_t before = memory_now();
    struct http_call k = {.method = "PUT",
                          .url = fixture_url(&server, "/upload", url, sizeof url),
                          .read_body = flow_source,
                          .body_len = BIG_BYTES,
                          .ctx = &w,
                          .stall_ms = 5000};
    assert_ok(http_client_call(client, &k, &a, &e), &e);
    (void)snprintf(want, sizeof want, "%llu %016llx", (unsigned long long)BIG_BYTES,
                   (unsigned long long)fixture_stream_sum(BIG_BYTES));
    assert_slice(buf_slice(&a.body), slice_str(want));
    assert_true(w.memory < before + MEMORY_BOUND);
    http_answer_done(&a);
    k.body_len = BIG_BYTES + 1;
    assert_ok(http_client_call(client, &k, &a, &e), &e);
    assert_int_equal(a.code, 413);
    http_answer_done(&a);
}

static void *many_main(void *arg)
{
    intptr_t bad = 0;
    char url[200];
    (void)arg;
    fixture_url(&server, "/echo?many", url, sizeof url);
    for (int i = 0; i < 25; i++) {
        struct http_answer a = {0};
        struct err e = {0};
        if (call_url("POST", url, SLICE_LIT("0123456789"), &a, &e) != OK ||
            !slice_eq(buf_slice(&a.body), SLICE_LIT("POST /echo?many 0123456789")))
            bad++;
        http_answer_done(&a);
    }
    return (void *)bad;
}

static void serves_64_clients_at_the_same_time(void **state)
{
    (void)state;
    pthread_t t[64];
    for (int i = 0; i < 64; i++)
        assert_int_equal(pthread_create(&t[i], NULL, many_main, NULL), 0);
    for (int i = 0; i < 64; i++) {
        void *bad;
        assert_int_equal(pthread_join(t[i], &bad), 0);
        assert_null(bad);
    }
}

/* A self-signed certificate for 127.0.0.1 in dir, by the openssl program. */
static bool make_certificate(const char *dir)
{
    char cmd[600];
    (void)snprintf(cmd, sizeof cmd,
                   "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
                   "-subj /CN=test -addext subjectAltName=IP:127.0.0.1 -keyout %s/key.pem "
                   "-out %s/cert.pem 2>/dev/null",
                   dir, dir);
    FILE *p = popen(cmd, "r");
    return p != NULL && pclose(p) == 0;
}

static void read_pem(const char *dir, const char *name, struct buf *b, char *path, size_t max)
{
    struct err e = {0};
    (void)snprintf(path, max, "%s/%s", dir, name);
    buf_init(b, 65536);
    assert_ok(file_read(path, b, &e), &e);
}

static void remove_certificate(const char *dir, const char *cert, const char *key)
{
    (void)unlink(cert);
    (void)unlink(key);
    (void)rmdir(dir);
}

static void talks_tls_and_trusts_only_the_given_authority(void **state)
{
    (void)state;
    char dir[] = "/tmp/ehrd-tls-XXXXXX";
    char cert_path[100];
    char key_path[100];
    char url[200];
    struct buf cert;
    struct buf key;
    struct fixture f;
    struct http_client *strict = NULL;
    struct http_answer a = {0};
    struct err e = {0};
    assert_non_null(mkdtemp(dir));
    if (!make_certificate(dir)) {
        (void)rmdir(dir);
        print_message("SKIPPED %s: no openssl program\n", __func__);
        skip();
    }
    read_pem(dir, "cert.pem", &cert, cert_path, sizeof cert_path);
    read_pem(dir, "key.pem", &key, key_path, sizeof key_path);
    fixture_start(&f, &(struct http_server_options){.tls_cert_pem = buf_cstr(&cert),
                                                    .tls_key_pem = buf_cstr(&key)});
    (void)snprintf(url, sizeof url, "https://127.0.0.1:%u/echo", http_server_port(f.server));
    assert_ok(http_client_new(&(struct http_client_options){.ca_file = cert_path}, &strict, &e),
              &e);
    struct http_call k = {.method = "POST", .url = url, .body = SLICE_LIT("tls")};
    assert_ok(http_client_call(strict, &k, &a, &e), &e);
    assert_slice(buf_slice(&a.body), SLICE_LIT("POST /echo tls"));
    http_answer_done(&a);
    assert_status(http_client_call(client, &k, &a, &e), E_AUTH);
    http_client_free(strict);
    fixture_stop(&f);
    remove_certificate(dir, cert_path, key_path);
    buf_done(&cert);
    buf_done(&key);
}

static void refuses_to_serve_with_a_bad_certificate(void **state)
{
    (void)state;
    struct http_server *s = NULL;
    struct http_callbacks cb = {.handle = (status(*)(void *, const struct http_request *,
                                                     struct http_response *, struct err *))abort};
    struct err e = {0};
    struct http_server_options o = {.tls_cert_pem = "no certificate", .tls_key_pem = "no key"};
    assert_status(http_server_new(&o, &cb, &s, &e), E_IO);
    o.tls_key_pem = NULL;
    assert_status(http_server_new(&o, &cb, &s, &e), E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gets_and_posts),
        cmocka_unit_test(gives_answers_of_any_code),
        cmocka_unit_test(refuses_answers_over_the_limit),
        cmocka_unit_test(tells_a_missing_server_from_a_slow_one),
        cmocka_unit_test(gives_up_connecting_in_time),
        cmocka_unit_test(refuses_other_schemes_and_bad_headers),
        cmocka_unit_test(does_not_follow_redirects),
        cmocka_unit_test(refuses_cut_off_and_senseless_answers),
        cmocka_unit_test(sends_once_what_is_to_be_sent_once),
        cmocka_unit_test(downloads_64_mb_in_bounded_memory),
        cmocka_unit_test(a_refusal_is_short_where_a_large_body_is_asked_for),
        cmocka_unit_test(uploads_64_mb_in_bounded_memory),
        cmocka_unit_test(serves_64_clients_at_the_same_time),
        cmocka_unit_test(talks_tls_and_trusts_only_the_given_authority),
        cmocka_unit_test(refuses_to_serve_with_a_bad_certificate),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
