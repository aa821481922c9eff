/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP API of a node (docs/formats.md section 9): routes, signed requests, authorisation by the
 * chain's head, access log, sweep. It owns none of the engines it is given. */
#ifndef EHRD_API_API_H
#define EHRD_API_API_H

#include "base/sysio.h"
#include "codec/netid.h"
#include "content/content.h"
#include "crypto/secp256k1.h"
#include "index/index.h"
#include "ledger/ledger.h"
#include "net/http_server.h"
#include "relay/relay.h"
#include "vault/vault.h"

struct api;
struct endpoint; /* api/endpoint.h */
struct page;

/* All pointers are borrowed until api_free; origin and version are copied. */
struct api_config {
    struct netid net;
    addr20 forwarder;
    const addr20 *authority;  /* that signs the blocks; NULL: nobody does. Copied */
    const char *origin;       /* what clients sign as origin, for example http://127.0.0.1:8545 */
    const char *version;      /* of the program */
    struct secp_key node_key; /* signs heads of access logs; copied */
    struct ledger *ledger;
    struct vault *vault; /* vault/lmdb */
    struct content *content;
    struct index *index;
    uint32_t confirmations;    /* that the index waits for */
    struct relay *relay;       /* NULL: POST /relay answers 503 */
    struct endpoint *endpoint; /* NULL: POST /rpc answers 503 */
    struct page *page;         /* built web page; NULL: a small embedded one at / only */
    const struct clock_src *clock;
    const struct random_src *random;
    uint64_t sweep_age_s; /* unreferenced uploads are kept so long; 0: 3600 */
    uint64_t bytes_a_day; /* that one account may upload; 0: any */
};

/* OK | E_RANGE (key) | E_NOMEM. */
status api_new(const struct api_config *cfg, struct api **ret, struct err *reterr) MUST_USE;
void api_free(struct api *a); /* NULL is fine */

/* Once, when the origin given was empty because the port was not known yet. OK | E_NOMEM. */
status api_set_origin(struct api *a, const char *origin, struct err *reterr) MUST_USE;
/* What the HTTP server calls; .ctx is the api. */
struct http_callbacks api_callbacks(struct api *a);
/* Signs heads of logs; told by GET /node. */
addr20 api_node_address(const struct api *a);

/* One sweep: erase envelopes that never appeared on the chain, forget bodies no envelope refers to,
 * let the content store drop what nobody pins; registration requests and certificates that are
 * over. What fails holds up nothing else; the first failure is told. Call it from one thread, every
 * few minutes. OK | E_STALE, E_UNAVAILABLE (the index is not at the head: no envelope was erased) |
 * the stores'. */
struct api_swept {
    uint64_t envelopes;
    uint64_t bodies;
    uint64_t bytes; /* of the content store */
    uint64_t certificates;
};
status api_sweep(struct api *a, struct api_swept *ret, struct err *reterr) MUST_USE;

#endif
