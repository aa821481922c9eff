/* SPDX-License-Identifier: Apache-2.0 */
/* callTracer: the tree of messages. */
#include <inttypes.h>

#include "base/hex.h"
#include "base/utf8.h"
#include "rpc/call.h"
#include "rpc/put.h"
#include "rpc/trace.h"

#define TREE_BYTES LIMIT_RPC_ANSWER /* of one transaction as text */

struct call_log {
    struct state_log log;
    uint64_t index;
    size_t position; /* calls of the frame before it */
    struct call_log *next;
};

struct call_frame {
    const char *type;
    addr20 from;
    addr20 to;
    bool has_to;
    bool has_value;
    u256 value;
    uint64_t gas;
    uint64_t gas_used;
    slice input;
    slice output;
    const char *error; /* NULL: it succeeded */
    slice reason;      /* of a revert; empty: none */
    struct call_log *log;
    struct call_log **log_end;
    struct call_frame *up;
    struct call_frame *child;
    struct call_frame *last;
    struct call_frame *next;
    size_t n_children;
};

struct tree {
    struct call_frame *root;
    struct call_frame *now;
    uint32_t depth; /* of the frames that run, kept or not */
    bool only_top;
    bool logs;
};

static const char *const kind_names[] = {
    [EVM_CALL] = "CALL",
    [EVM_CALLCODE] = "CALLCODE",
    [EVM_DELEGATECALL] = "DELEGATECALL",
    [EVM_STATICCALL] = "STATICCALL",
    [EVM_CREATE] = "CREATE",
    [EVM_CREATE2] = "CREATE2",
};

static slice keep(struct rpc_trace *t, slice s)
{
    slice copy = arena_dup(&t->a, s);
    if (copy.p == NULL && s.n > 0) {
        t->st = E_NOMEM;
        return SLICE_EMPTY;
    }
    return copy;
}

/* A new frame below the present one. */
static struct call_frame *push(struct rpc_trace *t)
{
    struct tree *tree = t->own;
    struct call_frame *f = arena_alloc(&t->a, sizeof *f);
    if (f == NULL) {
        t->st = E_NOMEM;
        return NULL;
    }
    f->up = tree->now;
    f->log_end = &f->log;
    if (f->up == NULL) {
        tree->root = f;
    } else {
        if (f->up->last != NULL)
            f->up->last->next = f;
        else
            f->up->child = f;
        f->up->last = f;
        f->up->n_children++;
    }
    return f;
}

static void on_enter(void *ctx, const struct evm_msg *msg)
{
    struct rpc_trace *t = ctx;
    struct tree *tree = t->own;
    tree->depth++;
    if (rpc_trace_stopped(t) || (tree->only_top && msg->depth > 0))
        return;
    struct call_frame *f = push(t);
    if (f == NULL)
        return;
    f->type = kind_names[msg->kind];
    f->from = msg->kind == EVM_DELEGATECALL ? msg->recipient : msg->sender;
    f->to = msg->kind == EVM_CALLCODE || msg->kind == EVM_DELEGATECALL ? msg->code_addr
                                                                       : msg->recipient;
    f->has_to = true;
    f->has_value = msg->kind != EVM_STATICCALL;
    f->value = msg->value;
    f->gas = (uint64_t)msg->gas;
    f->input = keep(t, msg->input);
    tree->now = f;
}

static void set_error(struct rpc_trace *t, struct call_frame *f, enum evm_status st, slice output)
{
    f->error = rpc_vm_text(st);
    if (f->type[0] == 'C' && f->type[1] == 'R') /* nothing was created */
        f->has_to = false;
    if (st != EVM_REVERT || output.n == 0)
        return;
    f->output = keep(t, output);
    if (!rpc_revert_reason(&t->a, f->output, &f->reason))
        f->reason = SLICE_EMPTY;
}

/* A frame that failed has no logs, nor have those below it. */
static void clear_logs(struct call_frame *f, bool failed)
{
    failed = failed || f->error != NULL;
    if (failed)
        f->log = NULL;
    for (struct call_frame *c = f->child; c != NULL; c = c->next)
        clear_logs(c, failed);
}

static void on_leave(void *ctx, const struct evm_msg *msg, const struct evm_result *r)
{
    struct rpc_trace *t = ctx;
    struct tree *tree = t->own;
    struct call_frame *f = tree->now;
    tree->depth--;
    if (t->st != OK || f == NULL || (tree->only_top && msg->depth > 0))
        return;
    f->gas_used = f->gas - (uint64_t)r->gas_left;
    if (r->status == EVM_SUCCESS)
        f->output = keep(t, r->output);
    else
        set_error(t, f, r->status, r->output);
    if (f->up != NULL)
        tree->now = f->up;
}

static void on_selfdestruct(void *ctx, const addr20 *a, const addr20 *to, const u256 *wei)
{
    struct rpc_trace *t = ctx;
    const struct tree *tree = t->own;
    if (rpc_trace_stopped(t) || tree->only_top)
        return;
    struct call_frame *f = push(t);
    if (f == NULL)
        return;
    f->type = "SELFDESTRUCT";
    f->from = *a;
    f->to = *to;
    f->has_to = true;
    f->has_value = true;
    f->value = *wei;
}

static void on_log(void *ctx, const struct state_log *log)
{
    struct rpc_trace *t = ctx;
    const struct tree *tree = t->own;
    struct call_frame *f = tree->now;
    if (rpc_trace_stopped(t) || f == NULL)
        return;
    if (tree->only_top && tree->depth > 1)
        return; /* geth: logs of the top frame alone */
    struct call_log *l = arena_alloc(&t->a, sizeof *l);
    if (l == NULL) {
        t->st = E_NOMEM;
        return;
    }
    l->log = *log;
    l->log.data = keep(t, log->data);
    l->index = t->what.first_log + t->what.state->log_n - 1;
    l->position = f->n_children;
    *f->log_end = l;
    f->log_end = &l->next;
}

/* --- as text: jw cannot nest as deep as calls do ------------------------------------------------
 */

struct text {
    struct buf b;
    status st;
};

static void put(struct text *x, const char *s)
{
    if (x->st == OK)
        x->st = buf_put_str(&x->b, s);
}

static void put_hex(struct text *x, const char *key, slice bytes)
{
    put(x, key);
    put(x, "\"0x");
    if (x->st == OK)
        x->st = buf_put_hex(&x->b, bytes);
    put(x, "\"");
}

static void put_number(struct text *x, const char *key, uint64_t v)
{
    put(x, key);
    if (x->st == OK)
        x->st = buf_printf(&x->b, "\"0x%" PRIx64 "\"", v);
}

static void put_big(struct text *x, const char *key, u256 v)
{
    char hex[U256_HEX_MAX];
    (void)u256_hex(v, hex);
    put(x, key);
    put(x, "\"");
    put(x, hex);
    put(x, "\"");
}

/* A string with escapes, by the JSON writer. */
static void put_string(struct text *x, const char *key, slice s)
{
    struct jw w;
    put(x, key);
    if (x->st != OK)
        return;
    jw_init(&w, &x->b);
    jw_str(&w, utf8_is_valid(s) ? s : SLICE_LIT("(no text)"));
    x->st = jw_done(&w, NULL);
}

static void put_log(struct text *x, const struct call_log *l)
{
    put_hex(x, "{\"address\":", slice_of(l->log.addr.b, 20));
    put(x, ",\"topics\":[");
    for (uint32_t i = 0; i < l->log.n_topics; i++)
        put_hex(x, i > 0 ? "," : "", slice_of(l->log.topic[i].b, 32));
    put_hex(x, "],\"data\":", l->log.data);
    put_number(x, ",\"index\":", l->index);
    put_number(x, ",\"position\":", l->position);
    put(x, "}");
}

static void put_logs(struct text *x, const struct call_frame *f)
{
    if (f->log == NULL)
        return;
    put(x, ",\"logs\":[");
    for (const struct call_log *l = f->log; l != NULL; l = l->next) {
        put_log(x, l);
        if (l->next != NULL)
            put(x, ",");
    }
    put(x, "]");
}

static void put_frame(struct text *x, const struct call_frame *f)
{
    put_hex(x, "{\"from\":", slice_of(f->from.b, 20));
    put_number(x, ",\"gas\":", f->gas);
    put_number(x, ",\"gasUsed\":", f->gas_used);
    if (f->has_to)
        put_hex(x, ",\"to\":", slice_of(f->to.b, 20));
    put_hex(x, ",\"input\":", f->input);
    if (f->output.n > 0)
        put_hex(x, ",\"output\":", f->output);
    if (f->error != NULL)
        put_string(x, ",\"error\":", slice_str(f->error));
    if (f->reason.n > 0)
        put_string(x, ",\"revertReason\":", f->reason);
    if (f->child != NULL) {
        put(x, ",\"calls\":[");
        for (const struct call_frame *c = f->child; c != NULL && x->st == OK; c = c->next) {
            put_frame(x, c);
            put(x, c->next != NULL ? "," : "]");
        }
    }
    put_logs(x, f);
    if (f->has_value)
        put_big(x, ",\"value\":", f->value);
    put_string(x, ",\"type\":", slice_str(f->type));
    put(x, "}");
}

static void call_begin(struct rpc_trace *t)
{
    struct tree *tree = arena_alloc(&t->a, sizeof *tree);
    t->own = tree;
    if (tree == NULL) {
        t->st = E_NOMEM;
        return;
    }
    tree->only_top = rpc_trace_wants(t, "onlyTopCall");
    tree->logs = rpc_trace_wants(t, "withLog");
    t->watch.enter = on_enter;
    t->watch.leave = on_leave;
    t->watch.selfdestruct = on_selfdestruct;
    if (tree->logs)
        t->watch.log = on_log;
}

static status call_finish(struct rpc_trace *t, const struct tx_outcome *o)
{
    const struct tree *tree = t->own;
    struct text x = {.st = OK};
    if (tree->root == NULL)
        return E_INTERNAL;
    tree->root->gas = t->what.tx->gas;
    tree->root->gas_used = o->gas_used;
    clear_logs(tree->root, false);
    buf_init(&x.b, TREE_BYTES);
    put_frame(&x, tree->root);
    if (x.st == OK)
        jw_raw(t->q->w, buf_slice(&x.b));
    buf_done(&x.b);
    return x.st;
}

const struct rpc_trace_ops rpc_trace_call = {call_begin, call_finish};
