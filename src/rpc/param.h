/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters of a request, read as geth reads them and refused with its words: -32602 "invalid
 * argument 0: ...".
 *
 * The rpc_param_ functions read parameter i, which the dispatcher has checked to be there unless it
 * is optional; rpc_read_ read any value, for members of objects, and blame parameter i. */
#ifndef EHRD_RPC_PARAM_H
#define EHRD_RPC_PARAM_H

#include "rpc/method.h"

/* Is parameter i there and not null? */
bool rpc_param_given(const struct rpc_req *q, size_t i);
/* Is v there and not null? */
bool rpc_given(struct json v);

status rpc_read_addr(struct rpc_req *q, size_t i, struct json v, addr20 *ret) MUST_USE;
status rpc_read_hash(struct rpc_req *q, size_t i, struct json v, hash32 *ret) MUST_USE;
/* QUANTITY below 2^64, or 2^256. */
status rpc_read_u64(struct rpc_req *q, size_t i, struct json v, uint64_t *ret) MUST_USE;
status rpc_read_u256(struct rpc_req *q, size_t i, struct json v, u256 *ret) MUST_USE;
/* DATA; in the request's arena. */
status rpc_read_bytes(struct rpc_req *q, size_t i, struct json v, slice *ret) MUST_USE;
status rpc_read_bool(struct rpc_req *q, size_t i, struct json v, bool *ret) MUST_USE;
/* The same for a member of object v: *ret is left as it is when the member is absent or null;
 * *ret_given (may be NULL) tells. */
status rpc_member_addr(struct rpc_req *q, size_t i, struct json v, const char *key, addr20 *ret,
                       bool *ret_given) MUST_USE;
status rpc_member_hash(struct rpc_req *q, size_t i, struct json v, const char *key, hash32 *ret,
                       bool *ret_given) MUST_USE;
status rpc_member_u64(struct rpc_req *q, size_t i, struct json v, const char *key, uint64_t *ret,
                      bool *ret_given) MUST_USE;
status rpc_member_u256(struct rpc_req *q, size_t i, struct json v, const char *key, u256 *ret,
                       bool *ret_given) MUST_USE;
status rpc_member_bytes(struct rpc_req *q, size_t i, struct json v, const char *key, slice *ret,
                        bool *ret_given) MUST_USE;
status rpc_member_bool(struct rpc_req *q, size_t i, struct json v, const char *key, bool *ret,
                       bool *ret_given) MUST_USE;

/* Storage key: hex of up to 32 bytes, with leading zeros or without. */
status rpc_read_slot(struct rpc_req *q, size_t i, struct json v, u256 *ret) MUST_USE;

/* --- blocks ----------------------------------------------------------------------------------- */

struct rpc_at {
    enum rpc_at_kind { RPC_AT_NUMBER, RPC_AT_HASH, RPC_AT_LATEST, RPC_AT_PENDING } kind;
    uint64_t number;
    hash32 hash;
};

/* Number or tag: "latest", "safe" and "finalized" are the head, since one authority seals. */
status rpc_param_number(struct rpc_req *q, size_t i, struct rpc_at *ret) MUST_USE;
/* The same, or a hash, or {blockNumber} or {blockHash} (EIP-1898). Absent: latest. */
status rpc_param_at(struct rpc_req *q, size_t i, struct rpc_at *ret) MUST_USE;
status rpc_read_number(struct rpc_req *q, size_t i, struct json v, struct rpc_at *ret) MUST_USE;
/* Opens the view. Pending counts as the head. OK | E_NOT_FOUND | statuses of rpc_view. */
status rpc_at_find(struct rpc_req *q, const struct rpc_at *at, uint64_t *ret) MUST_USE;
/* The same, and "header not found" to the caller instead of E_NOT_FOUND. */
status rpc_at_need(struct rpc_req *q, const struct rpc_at *at, uint64_t *ret) MUST_USE;

#endif
