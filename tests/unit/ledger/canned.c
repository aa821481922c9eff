/* SPDX-License-Identifier: Apache-2.0 */
/* The canned server: read a request to its end, write the answer, close. */
#include "canned.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST_MAX 65536u

/* True once the head and as many bytes as Content-Length says are there. */
static int request_complete(const char *text, size_t n)
{
    const char *end = strstr(text, "\r\n\r\n");
    const char *len = strcasestr(text, "content-length:");
    if (end == NULL)
        return 0;
    size_t body = len != NULL ? strtoul(len + sizeof "content-length:" - 1, NULL, 10) : 0;
    return n >= (size_t)(end + 4 - text) + body;
}

static void serve(struct canned *c, int fd)
{
    char *text = calloc(1, REQUEST_MAX + 1);
    size_t n = 0;
    ssize_t got = 1;
    while (text != NULL && got > 0 && n < REQUEST_MAX && !request_complete(text, n)) {
        got = read(fd, text + n, REQUEST_MAX - n);
        n += got > 0 ? (size_t)got : 0;
    }
    char answer[CANNED_MAX];
    (void)pthread_mutex_lock(&c->lock);
    memcpy(answer, c->answer, sizeof answer);
    (void)pthread_mutex_unlock(&c->lock);
    size_t len = strlen(answer);
    for (size_t at = 0; at < len;) {
        ssize_t put = send(fd, answer + at, len - at, MSG_NOSIGNAL);
        if (put <= 0)
            break;
        at += (size_t)put;
    }
    free(text);
}

static void *run(void *ctx)
{
    struct canned *c = ctx;
    for (;;) {
        int fd = accept(c->fd, NULL, NULL);
        if (fd < 0)
            return NULL;
        serve(c, fd);
        (void)close(fd);
    }
}

void canned_start(struct canned *c)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    struct sockaddr *any = (struct sockaddr *)(void *)&at;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || bind(c->fd, any, len) != 0 || listen(c->fd, 8) != 0 ||
        getsockname(c->fd, any, &len) != 0)
        abort();
    c->port = ntohs(at.sin_port);
    (void)snprintf(c->url, sizeof c->url, "http://127.0.0.1:%u/", c->port);
    c->answer[0] = '\0';
    if (pthread_mutex_init(&c->lock, NULL) != 0 || pthread_create(&c->thread, NULL, run, c) != 0)
        abort();
}

void canned_raw(struct canned *c, const char *answer)
{
    (void)pthread_mutex_lock(&c->lock);
    (void)snprintf(c->answer, sizeof c->answer, "%s", answer);
    (void)pthread_mutex_unlock(&c->lock);
}

void canned_body(struct canned *c, const char *body)
{
    char answer[CANNED_MAX];
    (void)snprintf(answer, sizeof answer,
                   "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
                   "Connection: close\r\n\r\n%s",
                   strlen(body), body);
    canned_raw(c, answer);
}

void canned_stop(struct canned *c)
{
    (void)shutdown(c->fd, SHUT_RDWR);
    (void)pthread_join(c->thread, NULL);
    (void)close(c->fd);
}
