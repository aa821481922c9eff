/* SPDX-License-Identifier: Apache-2.0 */
/* Logs of simulated calls. Moved ether is told as an ERC-20 transfer of a token at 0xee..ee. */
#include "rpc/simulate.h"

#define LOGS_MAX 100000u

static const addr20 ether = {.b = {0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee,
                                   0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee, 0xee}};
/* keccak256("Transfer(address,address,uint256)") */
static const hash32 transfer = {{0xdd, 0xf2, 0x52, 0xad, 0x1b, 0xe2, 0xc8, 0x9b, 0x69, 0xc2, 0xb0,
                                 0x68, 0xfc, 0x37, 0x8d, 0xaa, 0x95, 0x2b, 0xa7, 0xf1, 0x63, 0xc4,
                                 0xa1, 0x16, 0x28, 0xf5, 0x5a, 0x4d, 0xf5, 0x23, 0xb3, 0xef}};

static void add(struct sim_logs *l, const struct state_log *log)
{
    if (l->n == l->max) {
        size_t max = l->max > 0 ? 2 * l->max : 16;
        struct chain_log *p = max <= LOGS_MAX ? arena_array(l->a, max, sizeof *p) : NULL;
        if (p == NULL) {
            l->failed = true;
            return;
        }
        if (l->n > 0)
            memcpy(p, l->log, l->n * sizeof *p);
        l->log = p;
        l->max = max;
    }
    struct chain_log *to = &l->log[l->n++];
    *to = (struct chain_log){.log = *log, .index = l->count++};
    to->log.data = arena_dup(l->a, log->data);
    l->failed |= to->log.data.p == NULL && log->data.n > 0;
}

static void add_transfer(struct sim_logs *l, const addr20 *from, const addr20 *to, const u256 *wei)
{
    uint8_t be[32];
    struct state_log log = {
        .addr = ether, .n_topics = 3, .topic = {transfer}, .data = slice_of(be, sizeof be)};
    if (!l->transfers || u256_is_zero(*wei))
        return;
    memcpy(log.topic[1].b + 12, from->b, sizeof from->b);
    memcpy(log.topic[2].b + 12, to->b, sizeof to->b);
    u256_to_be(*wei, be);
    add(l, &log);
}

static void on_enter(void *ctx, const struct evm_msg *msg)
{
    struct sim_logs *l = ctx;
    const addr20 *to = msg->kind == EVM_CALLCODE ? &msg->code_addr : &msg->recipient;
    if (l->depth <= EVM_DEPTH_MAX + 1)
        l->begin[l->depth] = l->n;
    l->depth++;
    if (msg->kind != EVM_DELEGATECALL && msg->kind != EVM_STATICCALL)
        add_transfer(l, &msg->sender, to, &msg->value);
}

static void on_leave(void *ctx, const struct evm_msg *msg, const struct evm_result *r)
{
    struct sim_logs *l = ctx;
    (void)msg;
    l->depth--;
    if (r->status != EVM_SUCCESS && l->depth <= EVM_DEPTH_MAX + 1)
        l->n = l->begin[l->depth];
}

static void on_log(void *ctx, const struct state_log *log)
{
    add(ctx, log);
}

static void on_selfdestruct(void *ctx, const addr20 *a, const addr20 *to, const u256 *wei)
{
    add_transfer(ctx, a, to, wei);
}

void sim_logs_init(struct sim_logs *l, struct arena *a, bool transfers)
{
    *l = (struct sim_logs){.a = a, .transfers = transfers};
    l->watch = (struct host_watch){l, on_enter, on_leave, on_log, on_selfdestruct};
    l->begin = arena_array(a, EVM_DEPTH_MAX + 2, sizeof *l->begin);
    l->failed = l->begin == NULL;
}

void sim_logs_begin(struct sim_logs *l)
{
    l->log = NULL;
    l->n = 0;
    l->max = 0;
    l->depth = 0;
}
