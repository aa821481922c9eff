/* SPDX-License-Identifier: Apache-2.0 */
/* A server with routes for tests, and plain sockets to talk to it. */
#ifndef EHRD_TESTS_NET_HTTP_FIXTURE_H
#define EHRD_TESTS_NET_HTTP_FIXTURE_H

#include <stdatomic.h>

#include "net/http_client.h"
#include "net/http_server.h"

#define BIG_BYTES ((uint64_t)64 << 20)
#define PREPARE_MS 800 /* of readers */

/* Routes: /echo (method, raw target, body), /status?s= (fails), /slow (300 ms), /slow-plan (the
 * same in plan), /refuse (by plan), /empty (204), /upload (streamed, answers length and sum), /big
 * (streamed, length known), /chunked (streamed, length unknown), /cut (reader fails half way),
 * /prepared, /unprepared (a reader that prepares half way, and fails to),
 * /nobody (cap 0), /chunk-fails (streamed, refused at its first piece). */
struct fixture {
    struct http_server *server;
    atomic_int aborted;   /* uploads that ended in abort */
    atomic_int readers;   /* readers made and not yet done */
    atomic_int preparing; /* began to prepare */
    atomic_int served;
    atomic_int unsent;
};

void fixture_start(struct fixture *f, const struct http_server_options *o);
void fixture_stop(struct fixture *f);

/* The byte at position pos of streamed bodies. */
uint8_t fixture_byte(uint64_t pos);
/* FNV-1a over n bytes, going on from h (begin with FNV_START). */
#define FNV_START 14695981039346656037ull
uint64_t fixture_sum(uint64_t h, const uint8_t *p, size_t n);
/* Sum of the first n stream bytes. */
uint64_t fixture_stream_sum(uint64_t n);

/* A connected socket, 5 s receive timeout. */
int raw_connect(const struct fixture *f);
void raw_send(int fd, const char *text);
/* Send text, read to the end of the connection or until max bytes; NUL-terminated. Closes fd. */
size_t raw_read_all(int fd, char *out, size_t max);
/* One connection: send text and give back all that comes until the server closes. */
void raw_talk(const struct fixture *f, const char *text, char *out, size_t max);
/* How many times part is in text. */
int count_of(const char *text, const char *part);
/* "http://127.0.0.1:PORT" + target into out. */
const char *fixture_url(const struct fixture *f, const char *target, char *out, size_t max);
/* Resident memory of this process in bytes. */
size_t memory_now(void);

#endif
