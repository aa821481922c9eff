/* SPDX-License-Identifier: Apache-2.0 */
/* prestateTracer: what a transaction looked at, as it was before; with diffMode also what it
 * changed. Values are read when an instruction is about to look at them for the first time, which
 * is before anything can have changed them. */
#include "base/hex.h"
#include "crypto/keccak.h"
#include "evm/opcode.h"
#include "rpc/put.h"
#include "rpc/trace.h"

struct pre_slot {
    u256 key;
    u256 word;
    u256 after;
    struct pre_slot *next;
};

struct pre_account {
    addr20 addr;
    u256 balance;
    uint64_t nonce;
    hash32 code_hash;
    slice code;
    bool empty;
    bool created;
    bool deleted;
    struct pre_slot *slot;
    struct pre_account *next;
    /* set at the end, for differences */
    u256 balance_after;
    uint64_t nonce_after;
    hash32 code_hash_after;
    slice code_after;
    bool changed;
};

/* What the instruction that is tried added, the first of each kind: it is taken back if the
 * instruction cannot be paid, since then it looked at nothing. */
struct pre_tried {
    struct pre_account **account;
    struct pre_slot **slot;
    bool *flag;
};

struct prestate {
    struct pre_account *first;
    struct pre_tried tried;
    bool diff;
    bool no_code;
    bool no_storage;
    bool with_empty;
};

/* --- looking ---------------------------------------------------------------------------------- */

static struct pre_account *look(struct rpc_trace *t, const addr20 *addr)
{
    struct prestate *p = t->own;
    struct state *st = t->what.state;
    struct pre_account **at = &p->first;
    while (*at != NULL && !addr20_eq((*at)->addr, *addr))
        at = &(*at)->next;
    if (*at != NULL)
        return *at;
    struct pre_account *n = arena_alloc(&t->a, sizeof *n);
    if (n == NULL) {
        t->st = E_NOMEM;
        return NULL;
    }
    struct account *a = state_account(st, addr);
    n->addr = *addr;
    n->balance = a->head.balance;
    n->nonce = a->head.nonce;
    n->code_hash = a->head.code_hash;
    n->code = state_code(st, a)->bytes; /* the cache keeps it */
    n->empty = account_is_empty(a);
    *at = n;
    if (p->tried.account == NULL)
        p->tried.account = at;
    return n;
}

/* An account that is called, and whose code runs if it delegates (EIP-7702). */
static void look_called(struct rpc_trace *t, const addr20 *addr)
{
    addr20 target;
    const struct pre_account *a = look(t, addr);
    if (a == NULL || t->what.rev < EVM_PRAGUE)
        return;
    slice code = state_code(t->what.state, state_account(t->what.state, addr))->bytes;
    if (evm_delegation_read(code, &target))
        (void)look(t, &target);
}

static void look_slot(struct rpc_trace *t, const addr20 *addr, const u256 *key)
{
    struct prestate *p = t->own;
    struct pre_account *a = look(t, addr);
    if (a == NULL || p->no_storage)
        return;
    struct pre_slot **at = &a->slot;
    while (*at != NULL && !u256_eq((*at)->key, *key))
        at = &(*at)->next;
    if (*at != NULL)
        return;
    struct pre_slot *s = arena_alloc(&t->a, sizeof *s);
    if (s == NULL) {
        t->st = E_NOMEM;
        return;
    }
    s->key = *key;
    s->word = state_slot(t->what.state, state_account(t->what.state, addr), key)->v.current;
    *at = s;
    p->tried.slot = at;
}

static addr20 word_addr(const u256 *w)
{
    uint8_t be[32];
    addr20 a;
    u256_to_be(*w, be);
    memcpy(a.b, be + 12, sizeof a.b);
    return a;
}

static void set_flag(struct rpc_trace *t, bool *flag)
{
    struct prestate *p = t->own;
    if (!*flag)
        p->tried.flag = flag;
    *flag = true;
}

static void look_created(struct rpc_trace *t, const addr20 *addr)
{
    struct pre_account *a = look(t, addr);
    if (a != NULL)
        set_flag(t, &a->created);
}

static void look_create(struct rpc_trace *t, const struct evm_step *s)
{
    addr20 addr;
    const addr20 *self = &s->msg->recipient;
    uint64_t nonce = state_account(t->what.state, self)->head.nonce;
    host_create_address(self, nonce, &addr);
    look_created(t, &addr);
}

/* The address of a CREATE2 whose init code is within the memory there is. */
static void look_create2(struct rpc_trace *t, const struct evm_step *s)
{
    const u256 *top = s->stack + s->n_stack - 1; /* value, offset, size, salt */
    uint8_t text[85] = {0xff};
    hash32 h;
    addr20 addr;
    if (s->n_stack < 4 || !u256_fits_u64(top[-1]) || !u256_fits_u64(top[-2]))
        return;
    uint64_t at = top[-1].w[0];
    uint64_t n = top[-2].w[0];
    if (n > EVM_INITCODE_MAX)
        return;
    struct buf code; /* memory that is not there yet is zeros */
    buf_init(&code, EVM_INITCODE_MAX);
    slice there = at < s->memory.n ? slice_first(slice_after(s->memory, at), n) : SLICE_EMPTY;
    if (buf_put(&code, there) == OK && buf_put_zero(&code, n - there.n) == OK) {
        keccak256(buf_slice(&code), &h);
        memcpy(text + 1, s->msg->recipient.b, 20);
        u256_to_be(top[-3], text + 21);
        memcpy(text + 53, h.b, 32);
        keccak256(slice_of(text, sizeof text), &h);
        memcpy(addr.b, h.b + 12, sizeof addr.b);
        look_created(t, &addr);
    }
    buf_done(&code);
}

static void look_destroyed(struct rpc_trace *t, const struct evm_step *s, const u256 *top)
{
    addr20 to = word_addr(top);
    struct pre_account *a = look(t, &s->msg->recipient);
    (void)look(t, &to);
    if (a != NULL && (t->what.rev < EVM_CANCUN || a->created))
        set_flag(t, &a->deleted);
}

static void on_step(void *ctx, const struct evm_step *s)
{
    struct rpc_trace *t = ctx;
    struct prestate *p = t->own;
    addr20 addr;
    p->tried = (struct pre_tried){NULL, NULL, NULL};
    if (rpc_trace_stopped(t) || s->n_stack == 0)
        return;
    const u256 *top = s->stack + s->n_stack - 1;
    switch (s->op) {
    case OP_SLOAD:
    case OP_SSTORE:
        look_slot(t, &s->msg->recipient, top);
        break;
    case OP_EXTCODECOPY:
    case OP_EXTCODEHASH:
    case OP_EXTCODESIZE:
    case OP_BALANCE:
        addr = word_addr(top);
        (void)look(t, &addr);
        break;
    case OP_SELFDESTRUCT:
        look_destroyed(t, s, top);
        break;
    case OP_CALL:
    case OP_CALLCODE:
    case OP_DELEGATECALL:
    case OP_STATICCALL:
        if (s->n_stack < 5)
            break;
        addr = word_addr(top - 1);
        look_called(t, &addr);
        break;
    case OP_CREATE:
        look_create(t, s);
        break;
    case OP_CREATE2:
        look_create2(t, s);
        break;
    default:
        break;
    }
}

static void on_cost(void *ctx, uint32_t depth, int64_t gas_cost, enum evm_status fault)
{
    const struct rpc_trace *t = ctx;
    const struct prestate *p = t->own;
    (void)depth, (void)gas_cost;
    if (fault == EVM_SUCCESS || fault == EVM_STATIC_VIOLATION)
        return;
    if (p->tried.account != NULL)
        *p->tried.account = NULL;
    if (p->tried.slot != NULL)
        *p->tried.slot = NULL;
    if (p->tried.flag != NULL)
        *p->tried.flag = false;
}

/* After authorizations of the transaction, which may make its receiver delegate. */
static void on_enter(void *ctx, const struct evm_msg *msg)
{
    if (msg->depth == 0 && msg->kind == EVM_CALL)
        look_called(ctx, &msg->recipient);
}

static void look_authorities(struct rpc_trace *t)
{
    struct tx_auth auth;
    addr20 who;
    slice rest = tx_auths(t->what.tx);
    while (rest.n > 0 && tx_auth_next(&rest, &auth, NULL) == OK)
        if (tx_auth_signer(&auth, &who) == OK)
            (void)look(t, &who);
}

static void pre_begin(struct rpc_trace *t)
{
    struct prestate *p = arena_alloc(&t->a, sizeof *p);
    const struct rpc_traced *what = &t->what;
    addr20 to = what->tx->to;
    t->own = p;
    if (p == NULL) {
        t->st = E_NOMEM;
        return;
    }
    p->diff = rpc_trace_wants(t, "diffMode");
    p->no_code = rpc_trace_wants(t, "disableCode");
    p->no_storage = rpc_trace_wants(t, "disableStorage");
    p->with_empty = rpc_trace_wants(t, "includeEmpty");
    t->tracer.step = on_step;
    t->tracer.cost = on_cost;
    t->watch.enter = on_enter;
    (void)look(t, &what->sender);
    if (what->tx->is_create) {
        host_create_address(&what->sender, what->tx->nonce, &to);
        look_created(t, &to);
    } else {
        (void)look(t, &to);
    }
    (void)look(t, &what->coinbase);
    look_authorities(t);
}

/* --- writing ---------------------------------------------------------------------------------- */

static void key_word(struct jw *w, u256 key)
{
    char text[67];
    uint8_t be[32];
    u256_to_be(key, be);
    jw_key(w, hex_0x(slice_of(be, sizeof be), text));
}

static void key_addr(struct jw *w, const addr20 *a)
{
    char text[43];
    jw_key(w, hex_0x(slice_of(a->b, sizeof a->b), text));
}

/* Slots as they were; in differences only those that were not zero and changed. */
static void put_slots(struct jw *w, const struct pre_account *a, bool diff)
{
    bool any = false;
    for (const struct pre_slot *s = a->slot; s != NULL; s = s->next) {
        if (diff && (u256_is_zero(s->word) || u256_eq(s->word, s->after)))
            continue;
        if (!any) {
            jw_key(w, "storage");
            jw_object(w);
        }
        any = true;
        key_word(w, s->key);
        rpc_put_word(w, s->word);
    }
    if (any)
        jw_end(w);
}

static void put_pre(struct jw *w, const struct prestate *p, const struct pre_account *a)
{
    jw_object(w);
    jw_key(w, "balance");
    jw_hex_u256(w, a->balance);
    if (a->nonce != 0) {
        jw_key(w, "nonce");
        jw_u64(w, a->nonce);
    }
    if (!p->no_code && a->code.n > 0) {
        jw_key(w, "code");
        jw_hex(w, a->code);
        jw_key(w, "codeHash");
        rpc_put_hash(w, &a->code_hash);
    }
    put_slots(w, a, p->diff && !a->deleted);
    jw_end(w);
}

static void put_new_slots(struct jw *w, const struct pre_account *a)
{
    bool any = false;
    for (const struct pre_slot *s = a->slot; s != NULL; s = s->next) {
        if (u256_is_zero(s->after) || u256_eq(s->word, s->after))
            continue;
        if (!any) {
            jw_key(w, "storage");
            jw_object(w);
        }
        any = true;
        key_word(w, s->key);
        rpc_put_word(w, s->after);
    }
    if (any)
        jw_end(w);
}

static void put_post(struct jw *w, const struct prestate *p, const struct pre_account *a)
{
    jw_object(w);
    if (!u256_eq(a->balance, a->balance_after)) {
        jw_key(w, "balance");
        jw_hex_u256(w, a->balance_after);
    }
    if (a->nonce != a->nonce_after) {
        jw_key(w, "nonce");
        jw_u64(w, a->nonce_after);
    }
    if (!p->no_code && !hash32_eq(a->code_hash, a->code_hash_after)) {
        jw_key(w, "code");
        jw_hex(w, a->code_after);
        jw_key(w, "codeHash");
        rpc_put_hash(w, &a->code_hash_after);
    }
    put_new_slots(w, a);
    jw_end(w);
}

static void compare(struct rpc_trace *t, struct pre_account *a)
{
    const struct prestate *p = t->own;
    struct state *st = t->what.state;
    struct account *now = state_account(st, &a->addr);
    a->balance_after = now->head.balance;
    a->nonce_after = now->head.nonce;
    a->code_hash_after = now->head.code_hash;
    a->code_after = state_code(st, now)->bytes;
    a->changed = !u256_eq(a->balance, a->balance_after) || a->nonce != a->nonce_after ||
                 (!p->no_code && !hash32_eq(a->code_hash, a->code_hash_after));
    for (struct pre_slot *s = a->slot; s != NULL; s = s->next) {
        s->after = state_slot(st, now, &s->key)->v.current;
        a->changed |= !u256_eq(s->word, s->after);
    }
}

/* Empty accounts were not there before. */
static bool in_pre(const struct prestate *p, const struct pre_account *a)
{
    if (a->empty && !p->with_empty)
        return false;
    return !p->diff || a->deleted || a->changed;
}

static status put_diff(struct rpc_trace *t)
{
    const struct prestate *p = t->own;
    struct jw *w = t->q->w;
    for (struct pre_account *a = p->first; a != NULL; a = a->next)
        compare(t, a);
    jw_object(w);
    jw_key(w, "post");
    jw_object(w);
    for (const struct pre_account *a = p->first; a != NULL; a = a->next) {
        if (a->deleted || !a->changed)
            continue;
        key_addr(w, &a->addr);
        put_post(w, p, a);
    }
    jw_end(w);
    jw_key(w, "pre");
    jw_object(w);
    for (const struct pre_account *a = p->first; a != NULL; a = a->next) {
        if (!in_pre(p, a))
            continue;
        key_addr(w, &a->addr);
        put_pre(w, p, a);
    }
    jw_end(w);
    jw_end(w);
    return w->st;
}

static status pre_finish(struct rpc_trace *t, const struct tx_outcome *o)
{
    const struct prestate *p = t->own;
    struct jw *w = t->q->w;
    (void)o;
    if (p->diff)
        return put_diff(t);
    jw_object(w);
    for (const struct pre_account *a = p->first; a != NULL; a = a->next) {
        if (!in_pre(p, a))
            continue;
        key_addr(w, &a->addr);
        put_pre(w, p, a);
    }
    jw_end(w);
    return w->st;
}

const struct rpc_trace_ops rpc_trace_prestate = {pre_begin, pre_finish};
