/* SPDX-License-Identifier: Apache-2.0 */
/* WebSockets over real loopback sockets, with clients that behave and clients that do not. */
#include <pthread.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "test.h"
#include "ws_fixture.h"

#define MESSAGE_MAX 100000u

static char out[1 << 16];

static int setup(void **state)
{
    static struct ws_fixture f;
    ws_fixture_start(&f,
                     &(struct http_server_options){.connections = 3000, .connections_per_ip = 3000},
                     &(struct ws_server_options){.max_message = MESSAGE_MAX,
                                                 .max_queue = 20000,
                                                 .max_buffered = (size_t)8 << 20,
                                                 .stall_s = 2,
                                                 .ping_s = 1});
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    ws_fixture_stop(*state);
    return 0;
}

static void assert_echo(int fd, const char *text)
{
    assert_true(ws_say(fd, text));
    int first;
    while ((first = ws_hear(fd, out, sizeof out, NULL)) == 0x89)
        assert_true(ws_frame(fd, 0x8a, "", 0)); /* pong */
    assert_int_equal(first, 0x81);
    assert_string_equal(out, text);
}

static void answers_messages_in_order(void **state)
{
    int fd = ws_connect(*state);
    for (int i = 0; i < 200; i++) {
        char text[32];
        (void)snprintf(text, sizeof text, "echo %d", i);
        assert_true(ws_say(fd, text));
    }
    for (int i = 0; i < 200; i++) {
        char text[32];
        (void)snprintf(text, sizeof text, "echo %d", i);
        assert_int_equal(ws_hear(fd, out, sizeof out, NULL), 0x81);
        assert_string_equal(out, text);
    }
    (void)close(fd);
}

static void refuses_a_handshake_that_is_none(void **state)
{
    static const char *const bad[] = {
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n",
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 8\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=\r\n",
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
    };
    struct ws_fixture *f = *state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[600];
        (void)snprintf(text, sizeof text, "GET /ws HTTP/1.1\r\nHost: x\r\n%s\r\n", bad[i]);
        int fd = raw_connect(&f->http);
        raw_send(fd, text);
        (void)shutdown(fd, SHUT_WR);
        (void)raw_read_all(fd, out, sizeof out);
        assert_null(strstr(out, "HTTP/1.1 101"));
        assert_non_null(strstr(out, i == 2 ? "HTTP/1.1 501" : "HTTP/1.1 400"));
    }
}

static void puts_fragments_together(void **state)
{
    int fd = ws_connect(*state);
    assert_true(ws_frame(fd, 0x01, "echo a", 6));
    assert_true(ws_frame(fd, 0x89, "are you there", 13));
    for (int i = 0; i < 3000; i++)
        assert_true(ws_frame(fd, 0x00, "x", 1));
    assert_true(ws_frame(fd, 0x80, "z", 1));
    assert_int_equal(ws_hear(fd, out, sizeof out, NULL), 0x8a);
    assert_string_equal(out, "are you there");
    size_t n;
    assert_int_equal(ws_hear(fd, out, sizeof out, &n), 0x81);
    assert_int_equal(n, 3007);
    assert_memory_equal(out, "echo axx", 8);
    (void)close(fd);
}

static void tells_what_broke_the_protocol(void **state)
{
    static const struct {
        uint8_t first;
        const char *payload;
        unsigned code;
    } bad[] = {{0xc1, "rsv", 1002},      {0x80, "continues what", 1002}, {0x83, "opcode", 1002},
               {0x09, "cut ping", 1005}, {0x81, "\xc3\x28", 1007},       {0x88, "\x03\xed", 1002}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int fd = ws_connect(*state);
        assert_true(ws_frame(fd, bad[i].first, bad[i].payload, strlen(bad[i].payload)));
        assert_int_equal(ws_hear_close(fd), bad[i].code);
        (void)close(fd);
    }
    int fd = ws_connect(*state);
    raw_send(fd, "\x81\x05naked");
    assert_int_equal(ws_hear_close(fd), 1002);
    (void)close(fd);
}

static void refuses_messages_that_are_too_long(void **state)
{
    static char big[MESSAGE_MAX + 1];
    memset(big, 'x', sizeof big);
    int fd = ws_connect(*state);
    (void)ws_frame(fd, 0x81, big, sizeof big);
    assert_int_equal(ws_hear_close(fd), 1009);
    (void)close(fd);
    fd = ws_connect(*state);
    for (int i = 0; i < 11; i++) /* the same in parts */
        (void)ws_frame(fd, i == 0 ? 0x01 : 0x00, big, 10000);
    assert_int_equal(ws_hear_close(fd), 1009);
    (void)close(fd);
    fd = ws_connect(*state);
    raw_send(fd, "\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff"); /* a head that announces 2^63 bytes */
    assert_int_equal(send(fd, "\0\0\0\0\0", 5, MSG_NOSIGNAL), 5);
    assert_int_equal(ws_hear_close(fd), 1009);
    (void)close(fd);
}

static void answers_a_closing_and_hangs_up(void **state)
{
    int fd = ws_connect(*state);
    assert_true(ws_frame(fd, 0x88, "\x03\xe8", 2));
    assert_int_equal(ws_hear_close(fd), 1000);
    assert_int_equal(recv(fd, out, 1, 0), 0);
    (void)close(fd);
}

static void sends_long_answers_whole(void **state)
{
    int fd = ws_connect(*state);
    size_t n;
    assert_true(ws_say(fd, "big 3000000"));
    assert_int_equal(ws_hear(fd, out, sizeof out, &n), 0x81);
    assert_int_equal(n, 3000000);
    assert_echo(fd, "echo still here");
    (void)close(fd);
}

static void hear_numbers(int fd, uint64_t from, uint64_t to)
{
    for (uint64_t i = from; i <= to; i++) {
        char want[32];
        int first;
        (void)snprintf(want, sizeof want, "n %llu", (unsigned long long)i);
        while ((first = ws_hear(fd, out, sizeof out, NULL)) == 0x89)
            assert_true(ws_frame(fd, 0x8a, "", 0));
        assert_int_equal(first, 0x81);
        assert_string_equal(out, want);
    }
}

static void pushes_to_active_connections_without_loss(void **state)
{
    struct ws_fixture *f = *state;
    int fd = ws_connect(f);
    int idle = ws_connect(f);
    atomic_store(&f->told, 5);
    assert_echo(fd, "tell");
    hear_numbers(fd, 1, 5);        /* told before */
    atomic_store(&f->told, 20000); /* ten times the queue */
    ws_server_wake(f->ws);
    (void)usleep(200000); /* the queue fills up meanwhile */
    hear_numbers(fd, 6, 20000);
    assert_echo(idle, "echo not told");
    (void)close(fd);
    (void)close(idle);
    atomic_store(&f->told, 0);
}

static void slow_messages_hold_up_nobody_else(void **state)
{
    struct ws_fixture *f = *state;
    int slow[8];
    int quick = ws_connect(f);
    atomic_store(&f->gate, true);
    for (int i = 0; i < 8; i++) {
        slow[i] = ws_connect(f);
        assert_true(ws_say(slow[i], "slow"));
    }
    for (int i = 0; i < 20; i++)
        assert_echo(quick, "echo quick");
    for (int i = 0; i < 8; i++)
        assert_int_equal(recv(slow[i], out, 1, MSG_PEEK | MSG_DONTWAIT), -1);
    atomic_store(&f->gate, false);
    for (int i = 0; i < 8; i++) { /* two at a time */
        assert_int_equal(ws_hear(slow[i], out, sizeof out, NULL), 0x81);
        (void)close(slow[i]);
    }
    (void)close(quick);
}

static void http_answers_move_to_the_slow_lane(void **state)
{
    struct ws_fixture *f = *state;
    raw_talk(&f->http,
             "POST /slow-lane HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
             "GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
             out, sizeof out);
    assert_non_null(strstr(out, "\r\n\r\nabc"));
    assert_non_null(strstr(out, "plain"));
}

static void cuts_off_clients_that_do_not_read(void **state)
{
    struct ws_fixture *f = *state;
    size_t before = memory_now();
    int fd = ws_connect(f);
    int small = 4096;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    for (int i = 0; i < 20000; i++) { /* pongs and answers pile up */
        if (!ws_frame(fd, 0x89, "0123456789", 10) || (i % 50 == 0 && !ws_say(fd, "big 200000")))
            break;
        if (i % 1000 == 0 && ws_server_connections(f->ws) == 0)
            break;
        struct timeval t = {.tv_usec = 100000};
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t);
    }
    for (int i = 0; i < 3000 && ws_server_connections(f->ws) > 0; i++) {
        ws_fixture_pass(f, 100);
        (void)usleep(2000);
    }
    assert_int_equal(ws_server_connections(f->ws), 0);
    assert_true(memory_now() < before + ((size_t)24 << 20));
    (void)close(fd);
}

static void pings_the_silent_and_drops_the_dead(void **state)
{
    struct ws_fixture *f = *state;
    int alive = ws_connect(f);
    int dead = ws_connect(f);
    assert_echo(dead, "echo once");
    assert_echo(alive, "echo alive");
    ws_fixture_pass(f, 1001);
    assert_int_equal(ws_hear(dead, out, sizeof out, NULL), 0x89);
    assert_int_equal(ws_hear(alive, out, sizeof out, NULL), 0x89);
    assert_true(ws_frame(alive, 0x8a, "", 0));
    assert_echo(alive, "echo heard"); /* the server has had the pong, too */
    assert_int_equal(recv(dead, out, 1, MSG_PEEK | MSG_DONTWAIT), -1); /* one ping, and time left */
    ws_fixture_pass(f, 1000);
    assert_int_equal(ws_hear(dead, out, sizeof out, NULL), -1);
    assert_echo(alive, "echo alive");
    (void)close(alive);
    (void)close(dead);
}

/* What the thread sanitizer keeps beside each byte counts too. */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define MANY_MAX ((size_t)800 << 20)
#endif
#endif
#ifndef MANY_MAX
#define MANY_MAX ((size_t)160 << 20)
#endif

static void serves_others_beside_two_thousand(void **state)
{
    enum { MANY = 2000 };
    static int fds[MANY];
    struct ws_fixture *f = *state;
    size_t before = memory_now();
    for (int i = 0; i < MANY; i++) {
        fds[i] = ws_connect(f);
        (void)ws_frame(fds[i], 0x01, out, 4000); /* a message that never ends */
    }
    int fd = ws_connect(f);
    assert_echo(fd, "echo one of many");
    assert_true(memory_now() < before + MANY_MAX);
    for (int i = 0; i < MANY; i++)
        (void)close(fds[i]);
    (void)close(fd);
}

static void *gate_open_later(void *f)
{
    (void)usleep(50000);
    atomic_store(&((struct ws_fixture *)f)->gate, false);
    return NULL;
}

static void stop_says_good_bye(void **state)
{
    struct ws_fixture *f = *state;
    int fd = ws_connect(f);
    int slow = ws_connect(f);
    pthread_t later;
    atomic_store(&f->gate, true);
    assert_true(ws_say(slow, "slow"));
    assert_echo(fd, "echo meanwhile");
    assert_int_equal(pthread_create(&later, NULL, gate_open_later, f), 0);
    assert_int_equal(http_server_stop(f->http.server, 1000, NULL), OK);
    assert_int_equal(ws_hear_close(fd), 1001);
    assert_int_equal(recv(fd, out, 1, 0), 0);
    assert_int_equal(pthread_join(later, NULL), 0);
    (void)close(fd);
    (void)close(slow);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        T(answers_messages_in_order),
        T(refuses_a_handshake_that_is_none),
        T(puts_fragments_together),
        T(tells_what_broke_the_protocol),
        T(refuses_messages_that_are_too_long),
        T(answers_a_closing_and_hangs_up),
        T(sends_long_answers_whole),
        T(pushes_to_active_connections_without_loss),
        T(slow_messages_hold_up_nobody_else),
        T(http_answers_move_to_the_slow_lane),
        T(cuts_off_clients_that_do_not_read),
        T(pings_the_silent_and_drops_the_dead),
        T(serves_others_beside_two_thousand),
        T(stop_says_good_bye),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
