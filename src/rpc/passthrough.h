/* SPDX-License-Identifier: Apache-2.0 */
/* JSON-RPC for wallets when the ledger is another node: an allow-list between the two.
 *
 * Requests are parsed strictly and written anew, so what reaches the node is what was checked:
 * reading methods and eth_sendRawTransaction. Everything else is answered here with -32601. */
#ifndef EHRD_RPC_PASSTHROUGH_H
#define EHRD_RPC_PASSTHROUGH_H

#include "base/buf.h"
#include "codec/json.h"

#define RPC_BATCH_MAX 100u                  /* requests of one batch */
#define RPC_REQUEST_BYTES ((size_t)1 << 20) /* one request text */
#define RPC_ID_BYTES 128u                   /* an id as written */

/* Where allowed requests go, for example ledger_remote_post. post: append the answer text to ret.
 * own (may be NULL): asked first; *ret_mine is set when it knows the answer, and then it appended
 * the result's text; a status that is not OK becomes an error of that request. */
struct rpc_upstream {
    status (*post)(void *ctx, slice request, struct buf *ret, struct err *reterr);
    void *ctx;
    status (*own)(void *ctx, slice method, struct json params, bool *ret_mine, struct buf *ret,
                  struct err *reterr);
    void *own_ctx;
};

/* True if the method is forwarded. */
bool rpc_is_allowed(slice method);

/* Answer a request text: single or batch. Whatever is wrong with it or with the node becomes a
 * JSON-RPC error in the reply, with the request's id where it has a usable one; nothing is appended
 * for notifications, which are not forwarded. ret_reply: its cap bounds the reply.
 * OK | E_NOMEM | E_TOO_LONG (not even an error fits). */
status rpc_passthrough(const struct rpc_upstream *up, slice request, struct buf *ret_reply,
                       struct err *reterr) MUST_USE;

#endif
