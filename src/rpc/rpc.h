/* SPDX-License-Identifier: Apache-2.0 */
/* JSON-RPC over the embedded chain: the methods of geth, without sockets or threads of its own.
 *
 *     s = rpc_new(&(struct rpc_config){.chain = chain, .clock = &clock_system, ...}, &rpc, &err);
 *     s = rpc_serve(rpc, NULL, request_body, &reply, &err);          HTTP: any thread, any time
 *
 * and for each WebSocket connection
 *     s = rpc_session_new(rpc, &sink, &session, &err);
 *     s = rpc_serve(rpc, session, message, &reply, &err);            then queue the reply, then
 *     s = rpc_session_pump(session, &more, &err);                          whenever woken or
 * writable rpc_session_free(session);
 *
 * A struct rpc is shared by threads. A session belongs to one thread at a time; replies are queued
 * before the next pump, so that a subscription's id arrives before its first notification.
 * Everything a notification or an answer tells is on disk already. */
#ifndef EHRD_RPC_RPC_H
#define EHRD_RPC_RPC_H

#include "base/buf.h"
#include "base/sysio.h"

struct chain;   /* chain/chain.h */
struct rpc_dev; /* rpc/dev.h */

#define RPC_CALL_GAS 50000000u   /* of one eth_call, estimate, trace or simulation (geth's) */
#define RPC_CALL_MS 5000u        /* of the same (geth's) */
#define RPC_BATCH_REQUESTS 1000u /* in one batch (geth's) */
#define RPC_BATCH_MS 10000u      /* no call of a batch begins later than this after the first */
#define RPC_BATCH_REPLY ((size_t)25 << 20)  /* bytes of a batch's reply (geth's) */
#define RPC_LOGS_BLOCKS 100000u             /* blocks of one eth_getLogs */
#define RPC_LOGS_MAX 20000u                 /* logs of one answer */
#define RPC_FILTERS_MAX 10000u              /* filters in all */
#define RPC_FILTERS_CLIENT 1000u            /* of one client's address */
#define RPC_FILTER_MS 300000u               /* a filter not asked for so long is removed (geth's) */
#define RPC_SUBSCRIPTIONS_MAX 128u          /* of one session */
#define RPC_CRITERIA_ALL ((size_t)64 << 20) /* bytes of all filters and subscriptions */
#define RPC_CRITERIA_CLIENT ((size_t)8 << 20)  /* of one client's address */
#define RPC_CRITERIA_SESSION ((size_t)1 << 20) /* subscriptions of one session */
#define RPC_WAIT_BRIEF_MS 1000u                /* eth_sendRawTransactionSync, whoever asks */
#define RPC_WAITS_MAX 8u                       /* of them that wait longer at the same time */

/* Groups of methods beside eth, net, web3 and rpc. */
enum rpc_group {
    RPC_TXPOOL = 1u << 0,
    RPC_DEBUG = 1u << 1,
    RPC_TESTING = 1u << 2, /* testing_*: for conformance suites only */
    RPC_DEV = 1u << 3,     /* evm_*, hardhat_*, anvil_*: --dev only */
};
#define RPC_GROUPS_DEFAULT (RPC_TXPOOL | RPC_DEBUG)

struct rpc_config {
    struct chain *chain;             /* borrowed until rpc_free */
    const struct clock_src *clock;   /* borrowed */
    const struct random_src *random; /* borrowed; ids of filters and subscriptions */
    const char *client_version;      /* web3_clientVersion; borrowed */
    unsigned groups;                 /* of enum rpc_group */
    struct rpc_dev *dev;             /* rpc/dev.h; NULL without --dev; borrowed */
    uint64_t call_gas;               /* 0: RPC_CALL_GAS, as below */
    uint32_t call_ms;
    uint32_t batch_requests;
    uint32_t batch_ms;
    size_t batch_reply;
    uint64_t logs_blocks;
    uint32_t logs_max;
    uint32_t waits_max;
    uint32_t filters_client;
    size_t criteria_all;
    size_t criteria_client;
    size_t criteria_session;
};

struct rpc;
struct rpc_session;

/* OK | E_NOMEM. */
status rpc_new(const struct rpc_config *c, struct rpc **ret, struct err *reterr) MUST_USE;
/* All sessions must have been freed. NULL is fine. */
void rpc_free(struct rpc *r);

/* Answer a request text: single or batch. Whatever is wrong with it becomes a JSON-RPC error in the
 * reply; nothing is appended for notifications, which are carried out. session: NULL where there is
 * no way to notify, so eth_subscribe is refused. ret_reply: its cap bounds the reply.
 * OK | E_NOMEM | E_TOO_LONG (not even an error fits). */
status rpc_serve(struct rpc *r, struct rpc_session *session, slice request, struct buf *ret_reply,
                 struct err *reterr) MUST_USE;

/* Who asks, and how. */
struct rpc_caller {
    struct rpc_session *session; /* as above */
    const char *remote; /* the peer's address; of the session, if there is one. NULL: none */
    bool brief; /* on a thread that others need: no eth_sendRawTransactionSync waits longer than
                   RPC_WAIT_BRIEF_MS */
};
/* As rpc_serve. */
status rpc_serve_as(struct rpc *r, const struct rpc_caller *who, slice request,
                    struct buf *ret_reply, struct err *reterr) MUST_USE;

/* Called by any thread, the chain's included, when rpc_session_pump has something to do for some
 * session: it must do no more than signal (an eventfd). Set it before sessions are made. */
void rpc_set_wake(struct rpc *r, void (*wake)(void *ctx), void *ctx);

/* --- subscriptions -------------------------------------------------------------------------- */

/* Where the notifications of one connection go. send: take a copy of one JSON text.
 * OK | E_BUSY (the connection's queue is full: the pump stops and goes on from there next time) |
 * any other status: the connection is lost. */
struct rpc_sink {
    status (*send)(void *ctx, slice text);
    void *ctx;
    const char *remote; /* the peer's address, for its share of what is kept. NULL: none */
};

/* sink is copied; remote only has to last for the call. OK | E_NOMEM. */
status rpc_session_new(struct rpc *r, const struct rpc_sink *sink, struct rpc_session **ret,
                       struct err *reterr) MUST_USE;
/* Ends its subscriptions. NULL is fine. */
void rpc_session_free(struct rpc_session *s);
/* Has it any subscription? Others need no pump. */
bool rpc_session_is_active(const struct rpc_session *s);
/* Send what happened since the last pump. Heads and logs are read from the chain, so a slow
 * connection costs no memory and loses nothing; of pending transactions the last few thousand are
 * kept. Does a bounded share of the work: *ret_more is true if it should be called again soon
 * although nobody wakes (never after E_BUSY).
 * OK | E_BUSY (call again when the queue has room) | the sink's | E_NOMEM | statuses of the store.
 */
status rpc_session_pump(struct rpc_session *s, bool *ret_more, struct err *reterr) MUST_USE;

#endif
