/* SPDX-License-Identifier: Apache-2.0 */
/* Our machine's steps beside those of another node's debug_traceTransaction, as they happen. */
#ifndef EHRD_TESTS_DIFF_TRACE_H
#define EHRD_TESTS_DIFF_TRACE_H

#include "codec/json.h"
#include "evm/evm.h"

/* Where anvil 1.7.1 is known to say something else than the rules or other clients do. Each is
 * counted when it is met; nothing else is let pass. */
enum diff_quirk {
#define DIFF_QUIRK(id, text) id,
#include "diff_quirk.def"
#undef DIFF_QUIRK
    DIFF_QUIRK_COUNT
};
const char *diff_quirk_text(enum diff_quirk q);

/* What other tests count on being found, when asked to. */
enum diff_plant { PLANT_NOTHING, PLANT_COST, PLANT_STACK, PLANT_CODE, PLANT_BALANCE };

/* One that waits for its cost. */
struct diff_trace_step {
    bool open;
    uint8_t op;
    int64_t cost; /* theirs */
    int64_t gas;
    uint64_t step;
    u256 key; /* of SSTORE, with what follows */
    u256 value;
    struct json storage; /* theirs */
};

struct diff_trace {
    struct evm_tracer tracer; /* give this to evm_bind */
    struct json_iter it;      /* theirs, what is left */
    bool memory;              /* memory and return data are there, too */
    enum diff_plant plant;
    uint64_t steps;   /* compared */
    uint64_t words;   /* of stacks and memory, which is what a trace's size follows */
    uint64_t *quirks; /* borrowed: DIFF_QUIRK_COUNT counters */
    char text[512];   /* the first difference; empty: none */
    struct diff_trace_step at[EVM_DEPTH_MAX + 1];
};

/* theirs: the structLogs; absent: count only. */
void diff_trace_init(struct diff_trace *t, struct json theirs, bool memory, uint64_t *quirks);
/* After the transaction: nothing of theirs may be left. */
void diff_trace_end(struct diff_trace *t);

#endif
