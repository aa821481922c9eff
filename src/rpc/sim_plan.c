/* SPDX-License-Identifier: Apache-2.0 */
/* The blocks of a simulation: numbers and times in order, gaps filled with empty ones. */
#include "rpc/simulate.h"

#define TIME_STEP 12u /* seconds between blocks that do not say (geth's) */

#define CODE_NUMBER (-38020)
#define CODE_TIME (-38021)
#define CODE_LIMIT (-38026)

struct planning {
    struct rpc_req *q;
    struct sim_plan *plan; /* SIM_BLOCKS_MAX */
    size_t n;
    uint64_t base;
    uint64_t number; /* of the block before */
    uint64_t timestamp;
};

static status too_many(struct rpc_req *q)
{
    return rpc_fail(q, CODE_LIMIT, "too many blocks");
}

/* The time of a block that does not say. */
static status step_time(struct planning *p)
{
    if (p->timestamp > UINT64_MAX - TIME_STEP)
        return rpc_fail(p->q, CODE_TIME, "block timestamps must be in order: none is after %llu",
                        (unsigned long long)p->timestamp);
    p->timestamp += TIME_STEP;
    return OK;
}

static status add_block(struct planning *p, struct json v)
{
    struct json over = json_get(v, "blockOverrides");
    uint64_t number = p->number + 1;
    uint64_t time = 0;
    bool has_time;
    if (json_type(v) != JSON_OBJECT)
        return rpc_bad_param(p->q, 0, "a block of blockStateCalls must be an object");
    status s = rpc_member_u64(p->q, 0, over, "number", &number, NULL);
    if (s == OK)
        s = rpc_member_u64(p->q, 0, over, "time", &time, &has_time);
    if (s != OK)
        return s;
    if (number <= p->number)
        return rpc_fail(p->q, CODE_NUMBER, "block numbers must be in order: %llu <= %llu",
                        (unsigned long long)number, (unsigned long long)p->number);
    if (number - p->base > SIM_BLOCKS_MAX)
        return too_many(p->q);
    while (p->number + 1 < number) {
        s = step_time(p);
        if (s != OK)
            return s;
        p->plan[p->n++] = (struct sim_plan){.number = ++p->number, .timestamp = p->timestamp};
    }
    if (has_time && time <= p->timestamp)
        return rpc_fail(p->q, CODE_TIME, "block timestamps must be in order: %llu <= %llu",
                        (unsigned long long)time, (unsigned long long)p->timestamp);
    if (has_time)
        p->timestamp = time;
    else
        s = step_time(p);
    if (s != OK)
        return s;
    p->number = number;
    p->plan[p->n++] = (struct sim_plan){.number = number,
                                        .timestamp = p->timestamp,
                                        .overrides = over,
                                        .state = json_get(v, "stateOverrides"),
                                        .calls = json_get(v, "calls")};
    return OK;
}

status sim_plan_read(struct rpc_req *q, struct json v, const struct block_header *base,
                     struct sim_plan **ret, size_t *ret_n)
{
    struct json blocks = json_get(v, "blockStateCalls");
    struct json_iter it = json_iter(blocks);
    struct planning p = {
        .q = q, .base = base->number, .number = base->number, .timestamp = base->timestamp};
    if (json_count(blocks) == 0)
        return rpc_fail(q, RPC_INVALID_PARAMS, "empty input");
    if (json_count(blocks) > SIM_BLOCKS_MAX)
        return too_many(q);
    p.plan = arena_array(q->a, SIM_BLOCKS_MAX, sizeof *p.plan);
    status s = p.plan != NULL ? OK : E_NOMEM;
    while (s == OK && json_next(&it))
        s = add_block(&p, it.value);
    *ret = p.plan;
    *ret_n = p.n;
    return s;
}
