/* SPDX-License-Identifier: Apache-2.0 */
/* A small host in memory. */
#include "memhost.h"

#include <stdlib.h>

#include "crypto/keccak.h"
#include "num/u256_alu.h"

#define SELF(h) ((struct memhost *)(void *)(h))

static struct mem_undo *undo_push(struct memhost *m)
{
    if (m->n_undo == MEM_UNDO)
        abort();
    return &m->undo[m->n_undo++];
}

static void save_account(struct memhost *m, struct mem_account *a)
{
    struct mem_undo *u = undo_push(m);
    u->kind = UNDO_ACCOUNT;
    u->at = (size_t)(a - m->accounts);
    u->old.account = *a;
}

static void save_slot(struct memhost *m, struct mem_slot *s, bool transient)
{
    struct mem_undo *u = undo_push(m);
    u->kind = transient ? UNDO_TRANSIENT : UNDO_SLOT;
    u->at = (size_t)(s - (transient ? m->transient : m->slots));
    u->old.slot = *s;
}

/* The prepared code is no part of the state; it goes with the code it belongs to. */
static void restore_account(struct mem_account *a, const struct mem_account *old)
{
    struct evm_code *ready = a->ready;
    if (a->code.p != old->code.p) {
        evm_code_free(ready);
        ready = NULL;
    }
    *a = *old;
    a->ready = ready;
}

static void roll_back(struct memhost *m, size_t mark)
{
    while (m->n_undo > mark) {
        struct mem_undo *u = &m->undo[--m->n_undo];
        if (u->kind == UNDO_ACCOUNT)
            restore_account(&m->accounts[u->at], &u->old.account);
        else
            (u->kind == UNDO_SLOT ? m->slots : m->transient)[u->at] = u->old.slot;
    }
}

struct mem_account *memhost_find(struct memhost *m, const addr20 *a)
{
    for (size_t i = 0; i < m->n_accounts; i++)
        if (addr20_eq(m->accounts[i].addr, *a))
            return &m->accounts[i];
    return NULL;
}

static struct mem_account *touch(struct memhost *m, const addr20 *a)
{
    struct mem_account *found = memhost_find(m, a);
    if (found != NULL)
        return found;
    if (m->n_accounts == MEM_ACCOUNTS)
        abort();
    found = &m->accounts[m->n_accounts++];
    *found = (struct mem_account){.addr = *a};
    return found;
}

static struct mem_slot *slot_at(struct memhost *m, struct mem_slot *table, const addr20 *a,
                                const u256 *key)
{
    size_t account = (size_t)(touch(m, a) - m->accounts) + 1;
    uint64_t h = (key->w[0] ^ key->w[1] ^ key->w[2] ^ key->w[3]) * 0x9e3779b97f4a7c15u + account;
    for (size_t n = 0; n < MEM_SLOTS; n++) {
        struct mem_slot *s = &table[((h >> 20) + n) % MEM_SLOTS];
        if (s->account == account && u256_eq(s->key, *key))
            return s;
        if (s->account != 0)
            continue;
        s->account = account;
        s->key = *key;
        return s;
    }
    abort();
}

static bool host_exists(struct evm_host *h, const addr20 *addr)
{
    struct mem_account *a = memhost_find(SELF(h), addr);
    if (a == NULL || !a->exists)
        return false;
    return SELF(h)->rev < EVM_SPURIOUS || a->code.n > 0 || a->nonce > 0 ||
           !u256_is_zero(a->balance);
}

static u256 host_balance(struct evm_host *h, const addr20 *addr)
{
    struct mem_account *a = memhost_find(SELF(h), addr);
    return a != NULL ? a->balance : u256_from_u64(0);
}

static slice host_code(struct evm_host *h, const addr20 *addr)
{
    struct mem_account *a = memhost_find(SELF(h), addr);
    return a != NULL ? a->code : SLICE_EMPTY;
}

static hash32 host_code_hash(struct evm_host *h, const addr20 *addr)
{
    hash32 r = {{0}};
    if (host_exists(h, addr))
        keccak256(host_code(h, addr), &r);
    return r;
}

static bool host_access(struct evm_host *h, const addr20 *addr)
{
    struct mem_account *a = touch(SELF(h), addr);
    if (a->warm)
        return false;
    save_account(SELF(h), a);
    a->warm = true;
    return true;
}

static const struct evm_slot *host_storage(struct evm_host *h, const addr20 *a, const u256 *key,
                                           bool *ret_cold)
{
    struct mem_slot *s = slot_at(SELF(h), SELF(h)->slots, a, key);
    *ret_cold = !s->warm && SELF(h)->rev >= EVM_BERLIN;
    if (!s->warm) {
        save_slot(SELF(h), s, false);
        s->warm = true;
    }
    return &s->v;
}

static void host_storage_set(struct evm_host *h, const addr20 *a, const u256 *key,
                             const u256 *value)
{
    struct mem_slot *s = slot_at(SELF(h), SELF(h)->slots, a, key);
    save_slot(SELF(h), s, false);
    s->v.current = *value;
}

static u256 host_transient(struct evm_host *h, const addr20 *a, const u256 *key)
{
    return slot_at(SELF(h), SELF(h)->transient, a, key)->v.current;
}

static void host_transient_set(struct evm_host *h, const addr20 *a, const u256 *key,
                               const u256 *value)
{
    struct mem_slot *s = slot_at(SELF(h), SELF(h)->transient, a, key);
    save_slot(SELF(h), s, true);
    s->v.current = *value;
}

static void move_value(struct memhost *m, const addr20 *from, const addr20 *to, u256 value)
{
    struct mem_account *a = touch(m, from);
    save_account(m, a);
    a->balance = u256_wsub(a->balance, value);
    struct mem_account *b = touch(m, to);
    save_account(m, b);
    b->balance = u256_wadd(b->balance, value);
    b->exists = true;
}

static bool host_selfdestruct(struct evm_host *h, const addr20 *a, const addr20 *to)
{
    struct memhost *m = SELF(h);
    bool first = !touch(m, a)->destroyed;
    move_value(m, a, to, host_balance(h, a));
    touch(m, a)->destroyed = true;
    return first;
}

static void host_log(struct evm_host *h, const addr20 *a, const hash32 *topics, size_t n_topics,
                     slice data)
{
    struct memhost *m = SELF(h);
    if (m->n_logs == MEM_LOGS)
        return;
    struct mem_log *l = &m->logs[m->n_logs++];
    *l = (struct mem_log){.addr = *a, .n_topics = n_topics, .n = data.n};
    memcpy(l->topics, topics, n_topics * sizeof *topics);
    if (data.n > 0)
        memcpy(l->data, data.p, data.n < sizeof l->data ? data.n : sizeof l->data);
}

static hash32 host_block_hash(struct evm_host *h, uint64_t number)
{
    hash32 r;
    (void)h;
    u256_to_be(u256_from_u64(number), r.b);
    return r;
}

/* Not the real addresses: the creator's with its first bytes replaced by its nonce. */
static addr20 new_address(const struct mem_account *creator, const struct evm_msg *msg)
{
    addr20 a = creator->addr;
    a.b[0] = (uint8_t)creator->nonce;
    a.b[1] = msg->kind == EVM_CREATE2 ? msg->salt.b[31] : 0;
    a.b[2] = msg->kind == EVM_CREATE2 ? 0xc2 : 0xc1;
    return a;
}

static void deploy(struct memhost *m, struct mem_account *a, struct evm_result *r)
{
    uint8_t *copy = malloc(r->output.n + 1);
    if (copy == NULL || m->n_owned == MEM_ACCOUNTS)
        abort();
    if (r->output.n > 0)
        memcpy(copy, r->output.p, r->output.n);
    a->code = slice_of(copy, r->output.n);
    m->owned[m->n_owned++] = a->code;
}

static void run_create(struct memhost *m, const struct evm_msg *msg, struct evm_result *ret)
{
    struct evm_msg inner = *msg;
    struct mem_account *creator = touch(m, &msg->sender);
    inner.recipient = new_address(creator, msg);
    creator->nonce++;
    (void)host_access(&m->host, &inner.recipient);
    if (host_code(&m->host, &inner.recipient).n > 0) {
        *ret = (struct evm_result){.status = EVM_COLLISION};
        return;
    }
    size_t mark = m->n_undo;
    move_value(m, &msg->sender, &inner.recipient, msg->value);
    struct evm_code *code = evm_code_new(msg->input);
    if (code == NULL)
        abort();
    evm_execute(m->vm, &inner, code, ret);
    evm_code_free(code);
    if (ret->status != EVM_SUCCESS) {
        roll_back(m, mark);
        return;
    }
    deploy(m, touch(m, &inner.recipient), ret);
    ret->created = inner.recipient;
}

static void host_call(struct evm_host *h, const struct evm_msg *msg, struct evm_result *ret)
{
    struct memhost *m = SELF(h);
    m->last = *msg;
    m->deepest = msg->depth > m->deepest ? msg->depth : m->deepest;
    if (evm_kind_is_create(msg->kind)) {
        run_create(m, msg, ret);
        return;
    }
    size_t mark = m->n_undo;
    size_t logs = m->n_logs;
    if (msg->kind == EVM_CALL && !u256_is_zero(msg->value))
        move_value(m, &msg->sender, &msg->recipient, msg->value);
    struct mem_account *a = memhost_find(m, msg->delegated ? &msg->target : &msg->code_addr);
    if (a == NULL || a->code.n == 0) {
        *ret = (struct evm_result){.gas_left = msg->gas};
        return;
    }
    if (a->ready == NULL)
        a->ready = evm_code_new(a->code);
    if (a->ready == NULL)
        abort();
    evm_execute(m->vm, msg, a->ready, ret);
    if (ret->status != EVM_SUCCESS) {
        roll_back(m, mark);
        m->n_logs = logs;
    }
}

static const struct evm_host_ops host_ops = {
    .account_exists = host_exists,
    .balance = host_balance,
    .code = host_code,
    .code_hash = host_code_hash,
    .access_account = host_access,
    .storage = host_storage,
    .storage_set = host_storage_set,
    .transient = host_transient,
    .transient_set = host_transient_set,
    .selfdestruct = host_selfdestruct,
    .log = host_log,
    .block_hash = host_block_hash,
    .call = host_call,
};

static void start(struct memhost *m, enum evm_rev rev)
{
    m->host = (struct evm_host){.ops = &host_ops, .block = &m->block, .tx = &m->tx};
    m->block.number = 1000;
    memhost_rev(m, rev, NULL);
}

struct memhost *memhost_new(enum evm_rev rev)
{
    struct memhost *m = calloc(1, sizeof *m);
    if (m == NULL || (m->vm = evm_new()) == NULL)
        abort();
    start(m, rev);
    return m;
}

static void release(struct memhost *m)
{
    for (size_t i = 0; i < m->n_accounts; i++)
        evm_code_free(m->accounts[i].ready);
    for (size_t i = 0; i < m->n_owned; i++) {
        void *p;
        memcpy(&p, &m->owned[i].p, sizeof p);
        free(p);
    }
}

void memhost_reset(struct memhost *m, enum evm_rev rev)
{
    struct evm *vm = m->vm;
    release(m);
    memset(m, 0, sizeof *m);
    m->vm = vm;
    start(m, rev);
}

void memhost_free(struct memhost *m)
{
    release(m);
    evm_free(m->vm);
    free(m);
}

void memhost_rev(struct memhost *m, enum evm_rev rev, const struct evm_tracer *tracer)
{
    m->rev = rev;
    evm_bind(m->vm, rev, &m->host, tracer);
}

struct mem_account *memhost_put(struct memhost *m, addr20 a, u256 balance, slice code)
{
    struct mem_account *r = touch(m, &a);
    evm_code_free(r->ready);
    r->ready = NULL;
    r->balance = balance;
    r->code = code;
    r->exists = true;
    return r;
}

u256 memhost_storage(struct memhost *m, addr20 a, u256 key)
{
    return slot_at(m, m->slots, &a, &key)->v.current;
}

void memhost_storage_put(struct memhost *m, addr20 a, u256 key, u256 value)
{
    slot_at(m, m->slots, &a, &key)->v = (struct evm_slot){.original = value, .current = value};
}

static void begin(struct memhost *m, const struct evm_msg *msg)
{
    m->n_undo = 0;
    m->n_logs = 0;
    memset(m->transient, 0, sizeof m->transient);
    for (size_t i = 0; i < m->n_accounts; i++)
        m->accounts[i].warm = m->accounts[i].destroyed = false;
    for (size_t i = 0; i < MEM_SLOTS; i++) {
        m->slots[i].warm = false;
        m->slots[i].v.original = m->slots[i].v.current;
    }
    touch(m, &msg->sender)->warm = true;
    touch(m, &msg->recipient)->warm = true;
}

void memhost_run(struct memhost *m, const struct evm_msg *msg, struct evm_result *ret)
{
    begin(m, msg);
    host_call(&m->host, msg, ret);
}

int64_t memhost_run_timed(struct memhost *m, const struct evm_msg *msg, struct evm_result *ret,
                          int64_t (*now_ns)(void))
{
    begin(m, msg);
    int64_t start = now_ns();
    host_call(&m->host, msg, ret);
    int64_t end = now_ns();
    roll_back(m, 0);
    return end - start;
}
