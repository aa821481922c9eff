/* SPDX-License-Identifier: Apache-2.0 */
/* What thread and connections of the WebSocket server share. Private to net. */
#ifndef EHRD_NET_WS_SERVER_IMPL_H
#define EHRD_NET_WS_SERVER_IMPL_H

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>

#include "net/http_workers.h"
#include "net/ws_server.h"
#include "net/ws_session.h"

/* A message received and not yet handled, or to be sent. */
struct ws_text {
    struct ws_text *next;
    struct buf text;
};

struct ws_queue {
    struct ws_text *first;
    struct ws_text *last;
    size_t n;
};

/* What the worker that has the connection is to do. */
enum ws_work { WS_WORK_MESSAGE, WS_WORK_PUMP };

/* Owned by the WebSocket thread; while busy, a worker owns what stands under "worker". */
struct ws_conn {
    struct ws_server *server;
    struct ws_conn *prev;
    struct ws_conn *next;
    struct http_taken taken;
    char remote[INET6_ADDRSTRLEN];
    struct ws_session *session;
    void *user;
    struct buf early; /* bytes that came with the handshake, not yet read */
    size_t early_at;
    size_t turn;        /* bytes read in this turn */
    struct ws_queue in; /* messages that wait for a worker */
    uint32_t events;    /* that epoll watches */
    bool watched;       /* the socket is in the epoll set */
    bool busy;          /* a worker has it */
    bool dead;          /* to be freed as soon as no worker has it */
    bool closing;       /* a close frame was queued */
    bool wants_pump;
    bool blocked; /* pump met a full queue */
    bool starved; /* and queued nothing */
    bool pinged;
    size_t unsent;     /* bytes queued and not written, about */
    bool wrote;        /* something was written in this flush */
    size_t held;       /* bytes of the budget for what is queued */
    uint64_t heard_ms; /* last byte from the client */
    uint64_t moved_ms; /* last byte to the client, or nothing to send */
    uint64_t closing_ms;
    /* worker */
    struct http_job job;
    enum ws_work work;
    struct ws_text *message; /* that is handled */
    struct ws_queue out;
    size_t out_room; /* bytes pump may still queue */
    bool active;
    bool again; /* pump asked to be called once more */
    bool full;  /* pump met a full queue */
    bool lost;  /* no memory for an answer */
    struct ws_conn *next_done;
};

struct ws_server {
    struct ws_server_options o;
    struct ws_callbacks cb;
    _Atomic(struct http_server *) http; /* NULL until ws_server_use */
    struct ws_budget budget;
    int epoll_fd;
    int wake_fd;
    pthread_t thread;
    struct ws_conn *conns; /* of the thread */
    bool retry;            /* some connection waits for a lane or another turn */
    _Atomic unsigned n_conns;
    _Atomic bool woken;
    pthread_mutex_t lock;  /* all below */
    struct ws_conn *taken; /* not yet seen by the thread */
    struct ws_conn *done;  /* a worker is done with them */
    bool quit;
    bool stopped;
};

/* Wake the thread. */
void ws_server_signal(struct ws_server *s);

/* ws_conn.c; all but ws_conn_new on the WebSocket thread. */
struct ws_conn *ws_conn_new(struct ws_server *s, const struct http_taken *t);
/* Start the session and watch the socket; false: c was freed. */
bool ws_conn_open(struct ws_conn *c, uint64_t now);
/* The socket is readable, writable or broken. */
void ws_conn_event(struct ws_conn *c, uint32_t events, uint64_t now);
/* A worker has finished. */
void ws_conn_done(struct ws_conn *c, uint64_t now);
/* Deadlines; once a second or so. */
void ws_conn_tick(struct ws_conn *c, uint64_t now);
/* Give the next message or pump to a worker, watch what is to be watched, free c when it is over:
 * false then. After each of the above. */
bool ws_conn_settle(struct ws_conn *c, uint64_t now);
void ws_conn_begin_close(struct ws_conn *c, unsigned code, const char *reason, uint64_t now);

#endif
