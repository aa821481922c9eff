/* SPDX-License-Identifier: Apache-2.0 */
/* An anvil of our own, for the comparison of random cases: genesis, snapshot, blocks, traces. */
#ifndef EHRD_TESTS_DIFF_NODE_H
#define EHRD_TESTS_DIFF_NODE_H

#include "codec/json.h"
#include "diff_gen.h"
#include "net/http_client.h"
#include "system/anvil.h"

struct diff_node {
    struct anvil anvil;
    struct http_client *http;
    char genesis[64]; /* file */
    char snapshot[32];
    struct buf request;
    struct http_answer answer;
    struct arena arena; /* of the answer's document */
    struct json_doc doc;
    size_t n_calls;
    struct diff_ground ground;
    uint64_t bytes; /* received in all */
};

/* OK | E_NOT_FOUND (no anvil) | statuses of the client. diff_node_stop in any case. */
status diff_node_start(struct diff_node *d, const struct diff_people *people,
                       struct err *reterr) MUST_USE;
void diff_node_stop(struct diff_node *d);

/* One exchange of several calls. params: JSON text. */
void diff_begin(struct diff_node *d);
status diff_add(struct diff_node *d, const char *method, const char *fmt, ...) MUST_USE
    PRINTF_LIKE(3, 4);
/* max_ms 0: the client's. Answers are borrowed until the next diff_begin. */
status diff_send(struct diff_node *d, struct err *reterr) MUST_USE;
/* Of the i-th call; absent when it was refused (ret_why then says why, may be NULL). */
struct json diff_result(const struct diff_node *d, size_t i, slice *ret_why);
/* A single call that must succeed. */
status diff_do(struct diff_node *d, struct json *ret, struct err *reterr, const char *method,
               const char *fmt, ...) MUST_USE PRINTF_LIKE(5, 6);

/* Bring the node into the state that cases begin with. */
status diff_node_reset(struct diff_node *d, struct err *reterr) MUST_USE;

#endif
