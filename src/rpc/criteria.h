/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of filters and subscriptions between requests, and how much of it each client may
 * have: everything stored is counted, for its client and in all. */
#ifndef EHRD_RPC_CRITERIA_H
#define EHRD_RPC_CRITERIA_H

#include "rpc/log_filter.h"

/* --- who has how much ------------------------------------------------------------------------- */

/* What one client holds. */
struct rpc_share {
    size_t bytes;
    size_t filters;
};

struct rpc_budget;

status rpc_budget_new(struct rpc_budget **ret) MUST_USE;
void rpc_budget_free(struct rpc_budget *b);
/* The client of a peer's address: an IPv4 address (mapped or not), or the /64 of an IPv6 one, its
 * scope aside. NULL: nobody's. */
struct rpc_client rpc_client_of(const char *remote);
/* Of the session's connection. */
struct rpc_client rpc_session_client(const struct rpc_session *s);
/* Count n for the request's client. OK | E_NOMEM | E_RANGE (too much; the error is set). */
status rpc_budget_take(struct rpc_req *q, struct rpc_share n) MUST_USE;
void rpc_budget_give(struct rpc_budget *b, const struct rpc_client *c, struct rpc_share n);

/* --- what is kept ----------------------------------------------------------------------------- */

/* Criteria of a log filter in one piece of memory, hashed for blooms. */
struct rpc_criteria {
    struct rpc_log_filter search;
    size_t bytes; /* of all of it */
};

/* Read parameter i, v. OK | E_NOMEM | E_RANGE, as rpc_read_log_filter. */
status rpc_criteria_read(struct rpc_req *q, size_t i, struct json v,
                         struct rpc_criteria **ret) MUST_USE;
void rpc_criteria_free(struct rpc_criteria *c);

#endif
