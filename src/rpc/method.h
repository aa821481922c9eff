/* SPDX-License-Identifier: Apache-2.0 */
/* What the methods share: one request being answered, its errors, its view of the chain.
 *
 * A method is `status rpc_NAME(struct rpc_req *q)` with a row in methods.def. It writes exactly one
 * value to q->w and returns OK; or it returns another status, after rpc_fail when the caller is to
 * be told more than the status' own code and text; whatever it wrote is then taken back. */
#ifndef EHRD_RPC_METHOD_H
#define EHRD_RPC_METHOD_H

#include <stdatomic.h>

#include "chain/chain.h"
#include "codec/json.h"
#include "rpc/rpc.h"

#define RPC_PARAMS_MAX 5u
#define RPC_MEMORY ((size_t)256 << 20) /* of one request: its text, answers being put together */
#define RPC_TEXT_MAX 4096u             /* bytes of an error's message */

/* JSON-RPC 2.0, section 5.1, and geth's own. */
enum rpc_code {
    RPC_PARSE_ERROR = -32700,
    RPC_INVALID_REQUEST = -32600,
    RPC_METHOD_NOT_FOUND = -32601,
    RPC_INVALID_PARAMS = -32602,
    RPC_INTERNAL_ERROR = -32603,
    RPC_SERVER_ERROR = -32000, /* anything that a method refuses */
    RPC_NO_NOTIFICATIONS = -32001,
    RPC_TIMEOUT = -32002,
    RPC_TOO_LARGE = -32003,
    RPC_LIMIT = -32005,    /* EIP-1474: limit exceeded */
    RPC_VM_ERROR = -32015, /* of a call within eth_simulateV1 */
    RPC_REVERTED = 3,
    RPC_SYNC_TIMEOUT = 4, /* eth_sendRawTransactionSync: taken, in no block yet */
    RPC_SYNC_UNREADY = 5, /* the same: taken, cannot come into the next block (EIP-7966) */
};

struct rpc_error {
    int code; /* 0: not set */
    slice text;
    slice data; /* bytes, written as hex */
    bool has_data;
};

struct rpc_budget;
struct rpc_filters;
struct rpc_pending;
struct rpc_tips;

/* Whose share of what is kept a request uses (rpc/criteria.h). */
struct rpc_client {
    uint8_t b[9];
};

struct rpc {
    struct rpc_config cfg; /* with defaults filled in */
    struct chain_listener listener;
    bool is_listening;
    struct rpc_filters *filters;
    struct rpc_pending *pending;
    struct rpc_tips *tips;
    struct rpc_budget *budget; /* of filters and subscriptions */
    _Atomic unsigned waits;    /* requests that wait for long */
    void (*wake)(void *ctx);
    void *wake_ctx;
};

struct rpc_req {
    struct rpc *rpc;
    struct rpc_session *session; /* NULL: nothing can be notified */
    struct rpc_client client;
    bool brief; /* it may not wait for long */
    struct json param[RPC_PARAMS_MAX];
    size_t n_params;
    struct arena *a;
    struct jw *w;
    struct chain_view view; /* after rpc_view */
    bool has_view;
    uint64_t begun_ms;
    struct rpc_error error;
};

typedef status rpc_method(struct rpc_req *q);

/* Set the error that is answered, and return E_RANGE, for "return rpc_fail(...)". The text is cut
 * to RPC_TEXT_MAX. */
status rpc_fail(struct rpc_req *q, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* "invalid argument i: ..." */
status rpc_bad_param(struct rpc_req *q, size_t i, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* The message of e with -32000, if s is the caller's fault; else s as it is. */
status rpc_refuse(struct rpc_req *q, status s, const struct err *e);

/* The snapshot that the request reads, opened once. */
status rpc_view(struct rpc_req *q) MUST_USE;

/* Is it time to give up? Then with geth's text. */
status rpc_check_time(struct rpc_req *q, const char *what) MUST_USE;

#endif
