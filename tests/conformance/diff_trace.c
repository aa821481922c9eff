/* SPDX-License-Identifier: Apache-2.0 */
/* Step by step comparison. */
#include "diff_trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hex.h"
#include "evm/opcode.h"

#define COST_WARM 100 /* of an SSTORE that changes nothing, or not for the first time */
#define COST_COLD_SLOT 2100

const char *diff_quirk_text(enum diff_quirk q)
{
    static const char *const texts[] = {
#define DIFF_QUIRK(id, text) text,
#include "diff_quirk.def"
#undef DIFF_QUIRK
    };
    return texts[q];
}

static void differ(struct diff_trace *t, uint64_t step, const struct evm_step *s, const char *fmt,
                   ...) PRINTF_LIKE(4, 5);

static void differ(struct diff_trace *t, uint64_t step, const struct evm_step *s, const char *fmt,
                   ...)
{
    char what[300];
    char where[64] = "";
    va_list args;
    if (t->text[0] != 0)
        return;
    va_start(args, fmt);
    (void)vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    if (s != NULL) {
        const char *name = evm_op_name(s->op);
        (void)snprintf(where, sizeof where, ", depth %u, pc %zu, %s", s->depth + 1, s->pc,
                       name != NULL ? name : "no opcode");
    }
    (void)snprintf(t->text, sizeof t->text, "step %llu%s: %s", (unsigned long long)step, where,
                   what);
}

static void check_op(struct diff_trace *t, const struct evm_step *s, struct json theirs)
{
    const char *name = evm_op_name(s->op);
    slice text = SLICE_EMPTY;
    if (name != NULL && json_eq(theirs, name))
        return;
    if (name == NULL || (s->op == OP_PREVRANDAO && json_eq(theirs, "DIFFICULTY"))) {
        t->quirks[QUIRK_NAME]++;
        return;
    }
    (void)!json_str(theirs, &text, NULL);
    differ(t, t->steps, s, "anvil has the opcode %.*s", (int)text.n, (const char *)text.p);
}

static void check_stack(struct diff_trace *t, const struct evm_step *s, struct json theirs)
{
    size_t n = json_count(theirs);
    size_t i = 0;
    if (n != s->n_stack) {
        differ(t, t->steps, s, "stack of %zu words, anvil has %zu", s->n_stack, n);
        return;
    }
    for (struct json_iter it = json_iter(theirs); json_next(&it); i++) {
        u256 v;
        char ours[U256_HEX_MAX];
        char other[U256_HEX_MAX];
        u256 mine = s->stack[i];
        if (t->plant == PLANT_STACK && i == 3)
            mine.w[0] ^= 1;
        if (json_hex_u256(it.value, &v, NULL) == OK && u256_eq(v, mine))
            continue;
        (void)u256_hex(mine, ours);
        (void)u256_hex(v, other);
        differ(t, t->steps, s, "stack word %zu is %s, anvil has %s", i, ours, other);
        return;
    }
}

static void check_memory(struct diff_trace *t, const struct evm_step *s, struct json theirs)
{
    size_t i = 0;
    slice text;
    uint8_t word[32];
    if (json_count(theirs) * 32 != s->memory.n) {
        differ(t, t->steps, s, "memory of %zu bytes, anvil has %zu", s->memory.n,
               json_count(theirs) * 32);
        return;
    }
    for (struct json_iter it = json_iter(theirs); json_next(&it); i++)
        if (json_str(it.value, &text, NULL) != OK || hex_read(text, word, 32) != OK ||
            memcmp(word, s->memory.p + 32 * i, 32) != 0) {
            differ(t, t->steps, s, "memory differs at %zu", 32 * i);
            return;
        }
}

static void check_return_data(struct diff_trace *t, const struct evm_step *s, struct json theirs)
{
    slice text;
    struct buf b;
    buf_init(&b, (size_t)1 << 24);
    if (json_str(theirs, &text, NULL) != OK || hex_read_buf(slice_after(text, 2), &b) != OK ||
        !slice_eq(buf_slice(&b), s->return_data))
        differ(t, t->steps, s, "return data of %zu bytes, anvil has %zu", s->return_data.n, b.n);
    buf_done(&b);
}

static void check_number(struct diff_trace *t, const struct evm_step *s, const char *what,
                         uint64_t ours, struct json theirs)
{
    uint64_t n;
    if (json_u64(theirs, &n, NULL) != OK)
        differ(t, t->steps, s, "%s: anvil's is no number", what);
    else if (n != ours)
        differ(t, t->steps, s, "%s is %llu, anvil has %llu", what, (unsigned long long)ours,
               (unsigned long long)n);
}

/* What an SSTORE has written, in its map of the account's slots. */
static void check_storage(struct diff_trace *t, const struct diff_trace_step *at)
{
    char key[67];
    uint8_t be[32];
    hash32 value;
    u256_to_be(at->key, be);
    (void)hex_0x(slice_of(be, 32), key);
    u256_to_be(at->value, be);
    if (json_hex_hash(json_get(at->storage, key), &value, NULL) == OK &&
        memcmp(value.b, be, 32) == 0)
        return;
    if (at->cost == COST_WARM || at->cost == COST_WARM + COST_COLD_SLOT)
        t->quirks[QUIRK_STORAGE]++;
    else
        differ(t, at->step, NULL, "SSTORE: anvil writes another value to %s", key);
}

/* Keep what is compared when the cost is known. */
static void open_step(struct diff_trace *t, const struct evm_step *s, struct json theirs)
{
    struct diff_trace_step *at = &t->at[s->depth];
    uint64_t cost = 0;
    if (json_u64(json_get(theirs, "gasCost"), &cost, NULL) != OK)
        differ(t, t->steps, s, "anvil names no cost");
    *at = (struct diff_trace_step){
        .open = true, .op = s->op, .cost = (int64_t)cost, .gas = s->gas, .step = t->steps};
    if (s->op != OP_SSTORE || s->n_stack < 2)
        return;
    at->key = s->stack[s->n_stack - 1];
    at->value = s->stack[s->n_stack - 2];
    at->storage = json_get(theirs, "storage");
}

static void on_step(void *ctx, const struct evm_step *s)
{
    struct diff_trace *t = ctx;
    t->steps++;
    t->words += s->n_stack + s->memory.n / 32 + s->return_data.n / 32;
    if (t->it.doc == NULL || t->text[0] != 0)
        return;
    if (!json_next(&t->it)) {
        differ(t, t->steps, s, "anvil's trace has ended");
        return;
    }
    struct json theirs = t->it.value;
    check_number(t, s, "depth", s->depth + 1, json_get(theirs, "depth"));
    check_number(t, s, "pc", s->pc, json_get(theirs, "pc"));
    check_op(t, s, json_get(theirs, "op"));
    check_number(t, s, "gas", (uint64_t)s->gas, json_get(theirs, "gas"));
    check_stack(t, s, json_get(theirs, "stack"));
    if (t->memory) {
        check_memory(t, s, json_get(theirs, "memory"));
        check_return_data(t, s, json_get(theirs, "returnData"));
    }
    open_step(t, s, theirs);
}

static void on_cost(void *ctx, uint32_t depth, int64_t gas_cost, enum evm_status fault)
{
    struct diff_trace *t = ctx;
    struct diff_trace_step *at = &t->at[depth];
    if (!at->open)
        return;
    at->open = false;
    if (fault == EVM_SUCCESS && at->op == OP_SSTORE)
        check_storage(t, at);
    if (t->plant == PLANT_COST && at->op == OP_SSTORE && fault == EVM_SUCCESS)
        gas_cost++;
    if (gas_cost == at->cost)
        return;
    if (fault != EVM_SUCCESS && at->cost <= at->gas) {
        t->quirks[QUIRK_FAULT_COST]++;
        return;
    }
    const char *name = evm_op_name(at->op);
    differ(t, at->step, NULL, "%s at depth %u with %lld gas costs %lld (%s), anvil says %lld",
           name != NULL ? name : "no opcode", depth + 1, (long long)at->gas, (long long)gas_cost,
           evm_status_text(fault), (long long)at->cost);
}

void diff_trace_init(struct diff_trace *t, struct json theirs, bool memory, uint64_t *quirks)
{
    enum diff_plant plant = t->plant;
    *t = (struct diff_trace){.memory = memory, .quirks = quirks, .plant = plant};
    t->tracer = (struct evm_tracer){.ctx = t, .step = on_step, .cost = on_cost};
    if (!json_is_absent(theirs))
        t->it = json_iter(theirs);
}

void diff_trace_end(struct diff_trace *t)
{
    if (t->it.doc != NULL && t->text[0] == 0 && json_next(&t->it))
        differ(t, t->steps, NULL, "ours ends here, anvil's trace goes on");
}
