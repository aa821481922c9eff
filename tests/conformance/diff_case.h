/* SPDX-License-Identifier: Apache-2.0 */
/* One random case on anvil and here, compared. */
#ifndef EHRD_TESTS_DIFF_CASE_H
#define EHRD_TESTS_DIFF_CASE_H

#include "diff_block.h"
#include "diff_node.h"

struct diff_counts {
    uint64_t cases;
    uint64_t failed;
    uint64_t txs;
    uint64_t creations;
    uint64_t types[TX_SET_CODE + 1];
    uint64_t refused;  /* by both */
    uint64_t reverted; /* or failed */
    uint64_t untraced; /* the trace would have been too long: outcome and state compared only */
    uint64_t steps;
    uint64_t with_memory;
    uint64_t quirk[DIFF_QUIRK_COUNT];
};

struct diff_bench {
    struct diff_people people;
    struct diff_node node;
    struct evm *vm;
    enum evm_rev rev;
    enum diff_plant plant;
    struct diff_counts counts;
};

/* text: what differs; empty: nothing does. OK | statuses of the node | E_NOMEM: nothing was
 * judged. */
status diff_case_run(struct diff_bench *d, uint64_t seed, const uint8_t *drop, char *text, size_t n,
                     struct err *reterr) MUST_USE;
/* Leave out pieces as long as the case still differs. drop: in and out, DIFF_PIECES / 8 bytes. */
status diff_case_shrink(struct diff_bench *d, uint64_t seed, uint8_t *drop,
                        struct err *reterr) MUST_USE;
/* Print a case's accounts and transactions. */
status diff_case_print(struct diff_bench *d, uint64_t seed, const uint8_t *drop) MUST_USE;

#endif
