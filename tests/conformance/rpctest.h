/* SPDX-License-Identifier: Apache-2.0 */
/* Cases of the execution-apis repository: reading .io files and judging answers. */
#ifndef EHRD_TESTS_RPCTEST_H
#define EHRD_TESTS_RPCTEST_H

#include "base/buf.h"
#include "codec/json.h"

/* A line of a case. */
struct io_step {
    slice request;
    slice answer;
};
#define IO_STEPS_MAX 64u
struct io_case {
    bool spec_only; /* the answer's shape alone is judged */
    struct io_step step[IO_STEPS_MAX];
    size_t n;
};

/* Split a file: comments begin with "//", requests with ">> ", answers with "<< ". ret borrows from
 * text. OK | E_SYNTAX | E_MISSING (no request, or one without an answer) | E_TOO_LONG. */
status io_read(slice text, struct io_case *ret, struct err *reterr) MUST_USE;

/* Is the answer `have` what `want` asks for? Members of objects in any order; of errors the code
 * counts, and the data if it is wanted; their texts are each client's own. spec_only: the same
 * kinds of values in the same places. why: what differs, with its path. */
bool io_matches(struct json want, struct json have, bool spec_only, char *why, size_t why_n);

#endif
