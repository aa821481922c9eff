/* SPDX-License-Identifier: Apache-2.0 */
/* eth_createAccessList: what a call touches, found by running it with what was found so far until
 * nothing is added. */
#include <stdlib.h>

#include "codec/rlp.h"
#include "evm/opcode.h"
#include "evm/precompile.h"
#include "rpc/call.h"
#include "rpc/methods.h"
#include "rpc/put.h"

#define ENTRIES_MAX 4096u /* addresses and keys in all */
#define SLOTS (2 * ENTRIES_MAX)
#define STEPS_BETWEEN_CLOCKS 4096u
#define ROUNDS_MAX 16u
#define LIST_BYTES ((size_t)1 << 20)

struct entry {
    addr20 addr;
    bool is_key; /* of addr, else the address alone */
    u256 key;
};

struct access {
    struct evm_tracer tracer;
    struct rpc_req *q;
    struct entry *entry; /* ENTRIES_MAX, in the order in which they were found */
    size_t n;
    uint16_t *slot; /* SLOTS, open addressing: 0, or the place of an entry plus one */
    uint64_t seed;  /* nobody can choose entries that collide */
    uint64_t steps;
    status st; /* the first failure: steps are ignored from then on */
    enum evm_rev rev;
    addr20 from;
    addr20 to;
    addr20 *authority; /* of the call's authorizations, warm anyway (EIP-7702) */
    size_t n_authorities;
};

static bool entry_eq(const struct entry *a, const struct entry *b)
{
    return addr20_eq(a->addr, b->addr) && a->is_key == b->is_key &&
           (!a->is_key || u256_eq(a->key, b->key));
}

static uint64_t mix(uint64_t h, uint64_t word)
{
    h = (h ^ word) * 0x9e3779b97f4a7c15u;
    return h ^ h >> 29;
}

static size_t hash_of(const struct access *a, const struct entry *e)
{
    uint64_t word[4] = {0};
    uint64_t h = a->seed;
    memcpy(word, e->addr.b, sizeof e->addr.b);
    for (size_t i = 0; i < 3; i++)
        h = mix(h, word[i]);
    for (size_t i = 0; e->is_key && i < 4; i++)
        h = mix(h, e->key.w[i]);
    return mix(h, e->is_key) % SLOTS;
}

static void add(struct access *a, const struct entry *e)
{
    size_t at = hash_of(a, e);
    for (; a->slot[at] != 0; at = (at + 1) % SLOTS)
        if (entry_eq(&a->entry[a->slot[at] - 1], e))
            return;
    if (a->n == ENTRIES_MAX) {
        a->st = a->st != OK
                    ? a->st
                    : rpc_fail(a->q, RPC_LIMIT, "access list of more than %u entries", ENTRIES_MAX);
        return;
    }
    a->entry[a->n++] = *e;
    a->slot[at] = (uint16_t)a->n;
}

/* Is a step to be ignored: a failure, or the time is up? */
static bool is_stopped(struct access *a)
{
    if (a->st == OK && ++a->steps % STEPS_BETWEEN_CLOCKS == 0)
        a->st = rpc_check_time(a->q, "access list");
    return a->st != OK;
}

/* What is warm without the list. */
static bool is_warm(const struct access *a, const addr20 *addr)
{
    if (addr20_eq(*addr, a->from) || addr20_eq(*addr, a->to) || precompile_is(a->rev, addr))
        return true;
    for (size_t i = 0; i < a->n_authorities; i++)
        if (addr20_eq(*addr, a->authority[i]))
            return true;
    return false;
}

static void add_addr(struct access *a, const u256 *word)
{
    struct entry e = {.is_key = false};
    uint8_t be[32];
    u256_to_be(*word, be);
    memcpy(e.addr.b, be + 12, sizeof e.addr.b);
    if (!is_warm(a, &e.addr))
        add(a, &e);
}

static void on_step(void *ctx, const struct evm_step *s)
{
    struct access *a = ctx;
    const u256 *top = s->stack + s->n_stack - 1;
    if (is_stopped(a))
        return;
    switch (s->op) {
    case OP_SLOAD:
    case OP_SSTORE:
        if (s->n_stack >= 1)
            add(a, &(struct entry){.addr = s->msg->recipient, .is_key = true, .key = *top});
        break;
    case OP_EXTCODECOPY:
    case OP_EXTCODEHASH:
    case OP_EXTCODESIZE:
    case OP_BALANCE:
    case OP_SELFDESTRUCT:
        if (s->n_stack >= 1)
            add_addr(a, top);
        break;
    case OP_CALL:
    case OP_CALLCODE:
    case OP_DELEGATECALL:
    case OP_STATICCALL:
        if (s->n_stack >= 5)
            add_addr(a, top - 1);
        break;
    default:
        break;
    }
}

static void on_cost(void *ctx, uint32_t depth, int64_t gas_cost, enum evm_status fault)
{
    (void)ctx, (void)depth, (void)gas_cost, (void)fault;
}

/* Is this the first entry of its address? */
static bool is_first(const struct access *a, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (addr20_eq(a->entry[k].addr, a->entry[i].addr))
            return false;
    return true;
}

static status take_authorities(struct access *a, const struct rpc_call_args *args)
{
    struct tx tx;
    struct tx_auth auth;
    size_t n = 0;
    rpc_call_tx(args, 0, 0, 0, &tx);
    for (slice rest = tx_auths(&tx); rest.n > 0 && tx_auth_next(&rest, &auth, NULL) == OK;)
        n++;
    a->authority = arena_array(a->q->a, n, sizeof *a->authority);
    if (a->authority == NULL)
        return E_NOMEM;
    for (slice rest = tx_auths(&tx); rest.n > 0 && tx_auth_next(&rest, &auth, NULL) == OK;)
        if (tx_auth_signer(&auth, &a->authority[a->n_authorities]) == OK)
            a->n_authorities++;
    return OK;
}

/* Address i and its keys, to be written by one of these. */
static status put_rlp_entry(const struct access *a, size_t i, struct buf *b)
{
    size_t entry;
    size_t keys;
    status s = rlp_put_list_begin(b, &entry);
    if (s == OK)
        s = rlp_put_bytes(b, slice_of(a->entry[i].addr.b, 20));
    if (s == OK)
        s = rlp_put_list_begin(b, &keys);
    for (size_t k = i; s == OK && k < a->n; k++) {
        uint8_t be[32];
        if (!a->entry[k].is_key || !addr20_eq(a->entry[k].addr, a->entry[i].addr))
            continue;
        u256_to_be(a->entry[k].key, be);
        s = rlp_put_bytes(b, slice_of(be, sizeof be));
    }
    if (s == OK)
        s = rlp_put_list_end(b, keys);
    return s == OK ? rlp_put_list_end(b, entry) : s;
}

static status make_rlp(const struct access *a, struct buf *b)
{
    size_t mark;
    buf_clear(b);
    status s = rlp_put_list_begin(b, &mark);
    for (size_t i = 0; s == OK && i < a->n; i++)
        if (is_first(a, i))
            s = put_rlp_entry(a, i, b);
    return s == OK ? rlp_put_list_end(b, mark) : s;
}

static void put_json(const struct access *a, size_t n, struct jw *w)
{
    jw_array(w);
    for (size_t i = 0; i < n; i++) {
        if (!is_first(a, i))
            continue;
        jw_object(w);
        jw_key(w, "address");
        rpc_put_addr(w, &a->entry[i].addr);
        jw_key(w, "storageKeys");
        jw_array(w);
        for (size_t k = i; k < n; k++)
            if (a->entry[k].is_key && addr20_eq(a->entry[k].addr, a->entry[i].addr))
                rpc_put_word(w, a->entry[k].key);
        jw_end(w);
        jw_end(w);
    }
    jw_end(w);
}

/* What the caller's own list holds counts as found. */
static void take_given(struct access *a, slice list)
{
    struct rlp_list l = {SLICE_EMPTY};
    struct rlp_list one;
    if (list.n == 0 || rlp_read_list(list, &l, NULL) != OK)
        return;
    while (rlp_next_list(&l, &one, NULL) == OK) {
        struct entry e = {.is_key = false};
        struct rlp_list keys;
        uint8_t be[32];
        if (rlp_next_fixed(&one, e.addr.b, 20, NULL) != OK ||
            rlp_next_list(&one, &keys, NULL) != OK)
            return;
        add(a, &e);
        e.is_key = true;
        while (rlp_next_fixed(&keys, be, sizeof be, NULL) == OK) {
            e.key = u256_from_be(be);
            add(a, &e);
        }
    }
}

/* Run until a round finds nothing new. */
static status find(struct rpc_req *q, struct access *a, struct rpc_call_args *args,
                   struct rpc_exec *x, struct buf *list, struct rpc_result *r)
{
    struct state *st = &x->x.state;
    status s = a->st;
    for (unsigned round = 0; s == OK && round < ROUNDS_MAX; round++) {
        size_t before = a->n;
        struct state_mark mark = state_mark(st);
        struct rpc_run run = {.args = args, .gas = rpc_call_gas(q, args), .tracer = &a->tracer};
        s = make_rlp(a, list);
        args->access_list = buf_slice(list);
        if (s == OK)
            s = rpc_run(q, x, &run, r);
        state_revert(st, mark);
        if (s == OK)
            s = a->st;
        if (s == OK && a->n == before)
            return OK;
    }
    return s;
}

status rpc_eth_create_access_list(struct rpc_req *q)
{
    struct rpc_call_args args;
    struct rpc_result r;
    struct buf list;
    struct rpc_exec *x = arena_alloc(q->a, sizeof *x);
    struct access a = {.q = q,
                       .entry = arena_array(q->a, ENTRIES_MAX, sizeof *a.entry),
                       .slot = arena_array(q->a, SLOTS, sizeof *a.slot)};
    if (x == NULL || a.entry == NULL || a.slot == NULL)
        return E_NOMEM;
    status s = random_fill(q->rpc->cfg.random, (uint8_t *)&a.seed, sizeof a.seed);
    if (s != OK)
        return s;
    a.tracer = (struct evm_tracer){.ctx = &a, .step = on_step, .cost = on_cost};
    buf_init(&list, LIST_BYTES);
    s = rpc_call_begin(q, &args, x);
    if (s == OK) {
        a.rev = x->x.rules.rev;
        a.from = args.from;
        a.to = args.to;
        if (!args.has_to)
            host_create_address(&args.from, state_account(&x->x.state, &args.from)->head.nonce,
                                &a.to);
        take_given(&a, args.access_list);
        s = take_authorities(&a, &args);
    }
    if (s == OK) {
        s = find(q, &a, &args, x, &list, &r);
    }
    if (s == OK) {
        jw_object(q->w);
        jw_key(q->w, "accessList");
        put_json(&a, a.n, q->w);
        if (r.out.status != EVM_SUCCESS) {
            jw_key(q->w, "error");
            jw_cstr(q->w, rpc_vm_text(r.out.status));
        }
        jw_key(q->w, "gasUsed");
        jw_hex_u64(q->w, r.out.gas_used);
        jw_end(q->w);
    }
    buf_done(&list);
    rpc_exec_done(x);
    return s;
}
