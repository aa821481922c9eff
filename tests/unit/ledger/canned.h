/* SPDX-License-Identifier: Apache-2.0 */
/* An HTTP server of one thread that gives the same answer to every request, however wrong. */
#ifndef EHRD_TESTS_CANNED_H
#define EHRD_TESTS_CANNED_H

#include <pthread.h>
#include <stdint.h>

#define CANNED_MAX 16384u

struct canned {
    int fd;
    uint16_t port;
    char url[64];
    pthread_t thread;
    pthread_mutex_t lock;
    char answer[CANNED_MAX]; /* under lock: the whole response, head and body */
};

void canned_start(struct canned *c);
/* HTTP 200 with this body, from now on. */
void canned_body(struct canned *c, const char *body);
/* This response, head and all; "": none, the connection is closed. */
void canned_raw(struct canned *c, const char *answer);
void canned_stop(struct canned *c);

#endif
