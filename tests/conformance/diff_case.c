/* SPDX-License-Identifier: Apache-2.0 */
/* Set up, mine, ask, execute, compare. */
#include "diff_case.h"

#include <stdio.h>

#include "base/hex.h"
#include "crypto/keccak.h"

#define TRACE_WORDS_MAX 700000u /* of a trace: about 40 MiB of JSON */
#define BLOCK_TIME 0x66000000u
#define TRACE_STEPS_MAX 150000u

/* The case's way through. */
struct pass {
    struct diff_bench *d;
    struct diff_case c;
    struct diff_block b;
    bool traced[DIFF_SENDERS];
    bool memory;
    hash32 hash[DIFF_SENDERS]; /* of the transactions */
    slice refused[DIFF_SENDERS];
    bool early[DIFF_SENDERS]; /* the state before the block forbids it */
    int place[DIFF_SENDERS];  /* in the block; -1: not there */
    bool roots_differ;
    char *text;
    size_t n;
};

/* --- before anvil --------------------------------------------------------------------------- */

/* Run the case alone, to learn what gas it takes and how long its traces will be. */
static status dry_run(struct pass *p, bool tune, struct err *reterr)
{
    struct diff_block b;
    uint64_t quirks[DIFF_QUIRK_COUNT] = {0};
    status s = diff_block_init(&b, &p->c, &p->d->node.ground, p->d->vm, EVM_OSAKA, PLANT_NOTHING);
    b.host.block.number = DIFF_BLOCKS_BEFORE + 1;
    b.host.block.timestamp = BLOCK_TIME;
    for (size_t i = 0; s == OK && i < p->c.n_txs; i++) {
        static struct diff_trace t; /* large */
        struct diff_receipt r;
        t.plant = PLANT_NOTHING;
        diff_trace_init(&t, (struct json){.doc = NULL}, false, quirks);
        s = diff_block_tx(&b, &p->c.tx[i], &t.tracer, &r, reterr);
        p->traced[i] = t.words <= TRACE_WORDS_MAX && t.steps <= TRACE_STEPS_MAX;
        if (s == OK && tune && r.in_block && p->c.tx[i].near)
            s = diff_case_tune(&p->c, i, r.gas_used);
    }
    diff_block_done(&b);
    return s;
}

static status set_contract(struct diff_node *node, const struct diff_contract *k)
{
    char addr[64];
    char value[U256_HEX_MAX];
    char key[U256_HEX_MAX];
    struct buf code;
    status s = OK;
    (void)hex_0x(slice_of(k->addr.b, 20), addr);
    buf_init(&code, (size_t)1 << 20);
    s = buf_put_hex(&code, k->code);
    if (s == OK && buf_cstr(&code) == NULL)
        s = E_NOMEM;
    if (s == OK)
        s = diff_add(node, "anvil_setCode", "[\"%s\",\"0x%s\"]", addr, (const char *)code.p);
    buf_done(&code);
    (void)u256_hex(k->balance, value);
    if (s == OK)
        s = diff_add(node, "anvil_setBalance", "[\"%s\",\"%s\"]", addr, value);
    for (size_t i = 0; s == OK && i < DIFF_SLOTS; i++) {
        char word[67];
        uint8_t be[32];
        (void)u256_hex(k->key[i], key);
        u256_to_be(k->value[i], be);
        if (!u256_is_zero(k->value[i]))
            s = diff_add(node, "anvil_setStorageAt", "[\"%s\",\"%s\",\"%s\"]", addr, key,
                         hex_0x(slice_of(be, 32), word));
    }
    return s;
}

static status check_all(const struct diff_node *node, struct err *reterr)
{
    slice why;
    for (size_t i = 0; i < node->n_calls; i++) {
        (void)diff_result(node, i, &why);
        if (why.n > 0)
            return ERR(reterr, E_UNAVAILABLE, "anvil: call %zu: %.*s", i, (int)why.n,
                       (const char *)why.p);
    }
    return OK;
}

static status set_up(struct pass *p, struct err *reterr)
{
    struct diff_node *node = &p->d->node;
    char hex[64];
    char fee[U256_HEX_MAX];
    status s = diff_node_reset(node, reterr);
    diff_begin(node);
    (void)u256_hex(p->c.base_fee, fee);
    if (s == OK)
        s = diff_add(node, "anvil_setNextBlockBaseFeePerGas", "[\"%s\"]", fee);
    if (s == OK)
        s = diff_add(node, "anvil_setCoinbase", "[\"%s\"]",
                     hex_0x(slice_of(p->c.coinbase.b, 20), hex));
    if (s == OK)
        s = diff_add(node, "evm_setNextBlockTimestamp", "[%u]", BLOCK_TIME);
    for (size_t i = 0; s == OK && i < p->c.n_contracts; i++)
        s = set_contract(node, &p->c.contract[i]);
    if (s == OK)
        s = diff_send(node, reterr);
    return s == OK ? check_all(node, reterr) : s;
}

/* --- anvil's turn --------------------------------------------------------------------------- */

static status send_txs(struct pass *p, struct err *reterr)
{
    struct diff_node *node = &p->d->node;
    status s = OK;
    for (size_t i = 0; s == OK && i < p->c.n_txs; i++) { /* one by one, for their order */
        struct buf hex;
        slice why;
        buf_init(&hex, (size_t)4 << 20);
        diff_begin(node);
        tx_hash(p->c.tx[i].raw, &p->hash[i]);
        s = buf_put_hex(&hex, p->c.tx[i].raw);
        if (s == OK && buf_cstr(&hex) == NULL)
            s = E_NOMEM;
        if (s == OK)
            s = diff_add(node, "eth_sendRawTransaction", "[\"0x%s\"]", (const char *)hex.p);
        buf_done(&hex);
        if (s == OK)
            s = diff_send(node, reterr);
        (void)diff_result(node, 0, &why);
        p->refused[i] = arena_dup(&p->c.memory, why);
    }
    return s == OK ? diff_do(node, NULL, reterr, "evm_mine", "[]") : s;
}

/* All questions at once: the block, then receipt and trace of each transaction. */
static status ask(struct pass *p, struct err *reterr)
{
    struct diff_node *node = &p->d->node;
    char hash[67];
    diff_begin(node);
    status s = diff_add(node, "eth_getBlockByNumber", "[\"latest\",false]");
    for (size_t i = 0; s == OK && i < p->c.n_txs; i++) {
        (void)hex_0x(slice_of(p->hash[i].b, 32), hash);
        s = diff_add(node, "eth_getTransactionReceipt", "[\"%s\"]", hash);
        if (s == OK && p->traced[i])
            s = diff_add(node, "debug_traceTransaction",
                         "[\"%s\",{\"enableMemory\":%s,\"enableReturnData\":%s}]", hash,
                         p->memory ? "true" : "false", p->memory ? "true" : "false");
        else if (s == OK)
            s = diff_add(node, "eth_chainId", "[]");
    }
    return s == OK ? diff_send(node, reterr) : s;
}

static status find_places(struct pass *p, struct json block, struct err *reterr)
{
    int at = 0;
    for (size_t i = 0; i < p->c.n_txs; i++)
        p->place[i] = -1;
    for (struct json_iter it = json_iter(json_get(block, "transactions")); json_next(&it); at++) {
        hash32 h;
        status s = json_hex_hash(it.value, &h, reterr);
        if (s != OK)
            return s;
        for (size_t i = 0; i < p->c.n_txs; i++)
            if (hash32_eq(h, p->hash[i]))
                p->place[i] = at;
    }
    return OK;
}

/* --- comparison ----------------------------------------------------------------------------- */

#define DIFFERS(p, ...)                                                                            \
    do {                                                                                           \
        if ((p)->text[0] == 0)                                                                     \
            (void)snprintf((p)->text, (p)->n, __VA_ARGS__);                                        \
    } while (0)

static void compare_receipt(struct pass *p, size_t i, const struct diff_receipt *ours,
                            struct json theirs)
{
    uint64_t v = 0;
    addr20 created = {{0}};
    if (json_hex_u64(json_get(theirs, "status"), &v, NULL) != OK || (v == 1) != ours->success)
        DIFFERS(p, "tx %zu: %s, anvil says status %llu", i, ours->success ? "succeeds" : "fails",
                (unsigned long long)v);
    if (json_hex_u64(json_get(theirs, "gasUsed"), &v, NULL) != OK || v != ours->gas_used)
        DIFFERS(p, "tx %zu: uses %llu gas, anvil %llu", i, (unsigned long long)ours->gas_used,
                (unsigned long long)v);
    if (ours->success && p->c.tx[i].tx.is_create &&
        (json_hex_addr(json_get(theirs, "contractAddress"), &created, NULL) != OK ||
         !addr20_eq(created, ours->created)))
        DIFFERS(p, "tx %zu: makes a contract at another address", i);
}

static void count(struct diff_counts *n, const struct pass *p, size_t i,
                  const struct diff_receipt *r, const struct diff_trace *t)
{
    n->txs++;
    n->types[p->c.tx[i].tx.type]++;
    n->creations += p->c.tx[i].tx.is_create ? 1 : 0;
    n->reverted += r->success ? 0 : 1;
    if (!p->traced[i])
        n->untraced++;
    else
        n->steps += t->steps;
    if (p->traced[i] && p->memory)
        n->with_memory++;
}

static status run_tx(struct pass *p, size_t i, struct err *reterr)
{
    static struct diff_trace t; /* large */
    struct diff_receipt r;
    const struct diff_node *node = &p->d->node;
    struct json trace = json_get(diff_result(node, 2 + 2 * i, NULL), "structLogs");
    t.plant = p->d->plant;
    if (!p->traced[i])
        trace = (struct json){.doc = NULL};
    else if (json_is_absent(trace))
        DIFFERS(p, "tx %zu: anvil has no trace", i);
    diff_trace_init(&t, trace, p->memory, p->d->counts.quirk);
    status s = diff_block_tx(&p->b, &p->c.tx[i], &t.tracer, &r, reterr);
    if (s != OK)
        return s;
    if (!r.in_block) {
        DIFFERS(p, "tx %zu: refused (%s), anvil has mined it", i, tx_fault_name(r.fault));
        return OK;
    }
    diff_trace_end(&t);
    if (t.text[0] != 0)
        DIFFERS(p, "tx %zu, %s", i, t.text);
    compare_receipt(p, i, &r, diff_result(node, 1 + 2 * i, NULL));
    count(&p->d->counts, p, i, &r, &t);
    return OK;
}

/* What anvil has left out, we must refuse too: by the state before the block, as anvil's pool does,
 * or by that after it. */
static status check_refused(struct pass *p, size_t i, struct err *reterr)
{
    enum tx_fault f;
    status s = diff_block_judge(&p->b, &p->c.tx[i], &f, reterr);
    if (s == OK && f == TX_FINE && !p->early[i])
        DIFFERS(p, "tx %zu: could be executed, anvil has refused it: %.*s", i, (int)p->refused[i].n,
                (const char *)p->refused[i].p);
    p->d->counts.refused++;
    return s;
}

static void compare_hash(struct pass *p, struct json block, const char *name, const hash32 *ours)
{
    hash32 theirs;
    if (json_hex_hash(json_get(block, name), &theirs, NULL) != OK || !hash32_eq(theirs, *ours))
        DIFFERS(p, "%s differs", name);
}

static status compare_block(struct pass *p, struct json block)
{
    hash32 receipts;
    hash32 root;
    hash32 theirs = {{0}};
    uint64_t gas = 0;
    uint8_t bloom[BLOOM_BYTES];
    status s = diff_block_receipts_root(&p->b, &receipts);
    if (s == OK)
        s = state_root(&p->b.state, &root);
    if (s != OK)
        return s;
    compare_hash(p, block, "receiptsRoot", &receipts);
    if (json_hex_hash(json_get(block, "stateRoot"), &theirs, NULL) != OK)
        DIFFERS(p, "anvil names no state root");
    p->roots_differ = !hash32_eq(theirs, root);
    if (json_hex_u64(json_get(block, "gasUsed"), &gas, NULL) != OK || gas != p->b.gas_used)
        DIFFERS(p, "block uses %llu gas, anvil's %llu", (unsigned long long)p->b.gas_used,
                (unsigned long long)gas);
    if (json_hex_fixed(json_get(block, "logsBloom"), bloom, sizeof bloom, NULL) != OK ||
        memcmp(bloom, p->b.bloom, sizeof bloom) != 0)
        DIFFERS(p, "logsBloom differs");
    return OK;
}

static status compare(struct pass *p, struct err *reterr)
{
    struct json block = diff_result(&p->d->node, 0, NULL);
    int n = (int)json_count(json_get(block, "transactions"));
    status s = find_places(p, block, reterr);
    if (s == OK)
        s = diff_block_env(&p->b, block, reterr);
    for (size_t i = 0; s == OK && i < p->c.n_txs; i++) {
        enum tx_fault f;
        s = diff_block_judge(&p->b, &p->c.tx[i], &f, reterr);
        p->early[i] = f != TX_FINE;
    }
    for (int at = 0; s == OK && at < n; at++)
        for (size_t i = 0; s == OK && i < p->c.n_txs; i++)
            if (p->place[i] == at)
                s = run_tx(p, i, reterr);
    if (s == OK)
        s = compare_block(p, block);
    for (size_t i = 0; s == OK && i < p->c.n_txs; i++)
        if (p->place[i] < 0)
            s = check_refused(p, i, reterr);
    return s;
}

/* --- every account, where the roots say nothing ---------------------------------------------- */

static status add_proof(struct diff_node *node, const struct account *a)
{
    char hex[67];
    struct buf keys;
    status s = OK;
    buf_init(&keys, (size_t)1 << 22);
    for (uint32_t i = 0; s == OK && i < a->slots.max; i++) {
        uint8_t be[32];
        if (a->slots.slot[i] == NULL)
            continue;
        u256_to_be(a->slots.slot[i]->key, be);
        s = buf_printf(&keys, "%s\"%s\"", keys.n > 0 ? "," : "", hex_0x(slice_of(be, 32), hex));
    }
    const char *list = buf_cstr(&keys);
    if (s == OK && list == NULL)
        s = E_NOMEM;
    if (s == OK)
        s = diff_add(node, "eth_getProof", "[\"%s\",[%s],\"latest\"]",
                     hex_0x(slice_of(a->addr.b, 20), hex), list);
    buf_done(&keys);
    return s;
}

static void compare_slots(struct pass *p, const struct account *a, struct json proofs)
{
    char addr[64];
    char key[U256_HEX_MAX];
    struct json_iter it = json_iter(proofs);
    (void)hex_0x(slice_of(a->addr.b, 20), addr);
    for (uint32_t i = 0; i < a->slots.max; i++) {
        u256 theirs = {{0}};
        const struct slot *slot = a->slots.slot[i];
        if (slot == NULL)
            continue;
        (void)u256_hex(slot->key, key);
        u256 ours = a->head.exists ? slot->v.current : u256_from_u64(0);
        if (!json_next(&it) || json_hex_u256(json_get(it.value, "value"), &theirs, NULL) != OK)
            DIFFERS(p, "state: %s: no proof of slot %s", addr, key);
        else if (!u256_eq(theirs, ours))
            DIFFERS(p, "state: %s: slot %s differs", addr, key);
    }
}

static void compare_account(struct pass *p, const struct account *a, struct json theirs)
{
    char addr[64];
    uint64_t nonce = 0;
    u256 balance = {{0}};
    hash32 code = {{0}};
    (void)hex_0x(slice_of(a->addr.b, 20), addr);
    if (json_hex_u64(json_get(theirs, "nonce"), &nonce, NULL) != OK || nonce != a->head.nonce)
        DIFFERS(p, "state: %s: nonce is %llu, anvil has %llu", addr,
                (unsigned long long)a->head.nonce, (unsigned long long)nonce);
    if (json_hex_u256(json_get(theirs, "balance"), &balance, NULL) != OK ||
        !u256_eq(balance, a->head.balance))
        DIFFERS(p, "state: %s: balance differs", addr);
    if (json_hex_hash(json_get(theirs, "codeHash"), &code, NULL) != OK ||
        (!hash32_eq(code, a->head.exists ? a->head.code_hash : code_none.hash) &&
         !(hash32_is_zero(code) && account_is_empty(a))))
        DIFFERS(p, "state: %s: code differs", addr);
    compare_slots(p, a, json_get(theirs, "storageProof"));
}

static bool root_may_differ(const struct state *st)
{
    for (size_t i = 0; i < st->max; i++) {
        const struct account *a = st->account[i];
        if (a != NULL && !a->head.exists)
            return true;
        for (uint32_t k = 0; a != NULL && k < a->slots.max; k++)
            if (a->slots.slot[k] != NULL && u256_is_zero(a->slots.slot[k]->v.current))
                return true;
    }
    return false;
}

static status compare_accounts(struct pass *p, struct err *reterr)
{
    const struct state *st = &p->b.state;
    struct diff_node *node = &p->d->node;
    status s = OK;
    size_t at = 0;
    p->d->counts.quirk[QUIRK_ROOT]++;
    diff_begin(node);
    for (size_t i = 0; s == OK && i < st->max; i++)
        if (st->account[i] != NULL)
            s = add_proof(node, st->account[i]);
    if (s == OK)
        s = diff_send(node, reterr);
    for (size_t i = 0; s == OK && i < st->max; i++)
        if (st->account[i] != NULL)
            compare_account(p, st->account[i], diff_result(node, at++, NULL));
    if (!root_may_differ(st))
        DIFFERS(p, "stateRoot differs, but no account");
    return s;
}

status diff_case_run(struct diff_bench *d, uint64_t seed, const uint8_t *drop, char *text, size_t n,
                     struct err *reterr)
{
    struct pass p = {.d = d, .text = text, .n = n, .memory = seed % 8 == 0};
    text[0] = 0;
    status s = diff_case_make(seed, drop, &d->people, &p.c);
    if (s == OK)
        s = dry_run(&p, true, reterr);
    if (s == OK)
        s = dry_run(&p, false, reterr);
    if (s == OK)
        s = set_up(&p, reterr);
    if (s == OK)
        s = send_txs(&p, reterr);
    if (s == OK)
        s = ask(&p, reterr);
    if (s == OK) {
        s = diff_block_init(&p.b, &p.c, &d->node.ground, d->vm, d->rev, d->plant);
        if (s == OK)
            s = compare(&p, reterr);
        if (s == OK && p.roots_differ && text[0] == 0)
            s = compare_accounts(&p, reterr);
        diff_block_done(&p.b);
    }
    diff_case_done(&p.c);
    d->counts.cases += s == OK ? 1 : 0;
    d->counts.failed += s == OK && text[0] != 0 ? 1 : 0;
    return s;
}

/* --- for the reader ------------------------------------------------------------------------- */

static void set_piece(uint8_t *drop, size_t from, size_t n, bool on)
{
    for (size_t i = from; i < from + n && i < DIFF_PIECES; i++)
        drop[i / 8] = (uint8_t)(on ? drop[i / 8] | 1u << i % 8 : drop[i / 8] & ~(1u << i % 8));
}

static status count_pieces(const struct diff_bench *d, uint64_t seed, size_t *ret)
{
    struct diff_case c;
    status s = diff_case_make(seed, NULL, &d->people, &c);
    *ret = c.n_pieces < DIFF_PIECES ? c.n_pieces : DIFF_PIECES;
    diff_case_done(&c);
    return s;
}

status diff_case_shrink(struct diff_bench *d, uint64_t seed, uint8_t *drop, struct err *reterr)
{
    struct diff_counts before = d->counts;
    size_t pieces;
    char text[1024];
    status s = count_pieces(d, seed, &pieces);
    for (size_t n = 64; s == OK && n > 0; n /= 4)
        for (size_t i = 0; s == OK && i < pieces; i += n) {
            uint8_t tried[DIFF_PIECES / 8];
            memcpy(tried, drop, sizeof tried);
            set_piece(tried, i, n, true);
            s = diff_case_run(d, seed, tried, text, sizeof text, reterr);
            if (s == OK && text[0] != 0)
                memcpy(drop, tried, sizeof tried);
        }
    d->counts = before;
    return s;
}

static void print_bytes(const char *what, slice s)
{
    (void)printf("%s0x", what);
    for (size_t i = 0; i < s.n; i++)
        (void)printf("%02x", s.p[i]);
    (void)printf("\n");
}

status diff_case_print(struct diff_bench *d, uint64_t seed, const uint8_t *drop)
{
    struct pass p = {.d = d};
    struct err e;
    status s = diff_case_make(seed, drop, &d->people, &p.c);
    if (s == OK)
        s = dry_run(&p, true, &e);
    for (size_t i = 0; s == OK && i < p.c.n_contracts; i++) {
        print_bytes("contract ", slice_of(p.c.contract[i].addr.b, 20));
        print_bytes("    code ", p.c.contract[i].code);
    }
    for (size_t i = 0; s == OK && i < p.c.n_txs; i++) {
        const struct tx *t = &p.c.tx[i].tx;
        (void)printf("tx %zu: type %d, gas %llu, nonce %llu%s\n", i, (int)t->type,
                     (unsigned long long)t->gas, (unsigned long long)t->nonce,
                     t->is_create ? ", a creation" : "");
        print_bytes("    raw ", p.c.tx[i].raw);
    }
    diff_case_done(&p.c);
    return s;
}
