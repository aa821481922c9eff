/* SPDX-License-Identifier: Apache-2.0 */
/* An HTTP server of one thread that gives the same answer to every request, however wrong. */
#ifndef EHRD_TESTS_CANNED_H
#define EHRD_TESTS_CANNED_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

struct canned {
    int fd;
    uint16_t port;
    char url[64];
    pthread_t thread;
    _Atomic(const char *) answer; /* borrowed: the whole response, head and body */
    atomic_uint requests;
};

void canned_start(struct canned *c);
/* HTTP 200 with this body, from now on. storage: at least strlen(body) + 256 bytes. */
void canned_body(struct canned *c, const char *body, char *storage, size_t n);
void canned_stop(struct canned *c);

#endif
