/* SPDX-License-Identifier: Apache-2.0 */
/* An HTTP server whose path /ws becomes a WebSocket, and a client that can misbehave. */
#ifndef EHRD_TESTS_NET_WS_FIXTURE_H
#define EHRD_TESTS_NET_WS_FIXTURE_H

#include <stdatomic.h>

#include "base/sysio.h"
#include "http_fixture.h"
#include "net/ws_server.h"

/* Messages: "echo …" comes back; "big N" is answered by N bytes; "slow" waits on the slow lane
 * while f->gate is shut; "tell" makes the connection active: at each wake it is sent the numbers up
 * to f->told that it has not been sent yet, one message each. The WebSocket server's clock stands
 * still but for ws_fixture_pass(). */
struct ws_fixture {
    struct fixture http; /* first: raw_* take it */
    struct ws_server *ws;
    struct clock_src clock;
    _Atomic uint64_t now_ms;
    _Atomic uint64_t told;
    atomic_bool gate; /* shut: "slow" waits */
    atomic_int opened;
    atomic_int closed;
    atomic_int lost;    /* answers that could not be queued */
    atomic_int at_once; /* callbacks of one connection that overlapped */
};

void ws_fixture_start(struct ws_fixture *f, const struct http_server_options *ho,
                      const struct ws_server_options *wo);
void ws_fixture_stop(struct ws_fixture *f);
/* Let ms milliseconds pass on the server's clock. */
void ws_fixture_pass(struct ws_fixture *f, unsigned ms);

/* A connection after its handshake. */
int ws_connect(struct ws_fixture *f);
/* One masked frame. first: FIN, RSV and opcode. Returns false when the server has hung up. */
bool ws_frame(int fd, uint8_t first, const void *payload, size_t n);
bool ws_say(int fd, const char *text);
/* The next frame: its first byte, or -1 at the end of the connection. The payload is NUL-terminated
 * and cut at max. */
int ws_hear(int fd, char *out, size_t max, size_t *ret_n);
/* Skip frames up to a close frame; its code (1005: it had none), or 0 when the connection ended
 * without. */
unsigned ws_hear_close(int fd);

#endif
