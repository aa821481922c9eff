/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks under the rules of every fork. A block that we make from the input is one that we accept,
 * with the same state after it. Any other bytes, and that block with a part of it changed, are
 * refused or executed; what was refused leaves no trace once the state is taken back to its mark;
 * gas stays within the limit; ether comes from rewards and withdrawals only. */
#include <stdlib.h>

#include "chain/block.h"
#include "chain_world.h"
#include "crypto/keccak.h"
#include "num/u256_alu.h"
#include "trie/root.h"

#define TXS 3u
#define GAS_LIMIT 1000000u
#define BLOCK_CAP ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct ground {
    struct fuzz_world world;
    struct chain_config config;
    struct chain_rules rules;
    struct block_ancestor parent;
    hash32 root; /* of the state before */
    u256 total;
    struct state_mark mark;
};

static void ok(status s)
{
    fuzz_must(s == OK);
}

static struct evm *machine(void)
{
    static struct evm *vm;
    if (vm == NULL)
        fuzz_must((vm = evm_new()) != NULL);
    return vm;
}

static const struct block_ancestor *find_parent(void *ctx, size_t i)
{
    struct ground *g = ctx;
    return i == 0 ? &g->parent : NULL;
}

static hash32 no_hash(void *ctx, uint64_t number)
{
    (void)ctx;
    (void)number;
    return (hash32){{0}};
}

static void ground_init(struct ground *g, enum evm_rev rev, slice *in)
{
    struct block_header *p = &g->parent.header;
    *g = (struct ground){.config = {.chain_id = FUZZ_CHAIN, .n_forks = 1}};
    g->config.extras.requests_optional = true;
    g->config.fork[0] =
        (struct chain_fork){.kind = FORK_BLOCK, .rev = rev, .blobs = blob_schedule_of(rev)};
    *p = (struct block_header){.fields = block_fields(rev),
                               .number = 7,
                               .timestamp = 1000,
                               .gas_limit = GAS_LIMIT,
                               .gas_used = fuzz_take(in, 2)};
    if (rev >= EVM_LONDON)
        p->base_fee = u256_from_u64(100);
    if (rev < EVM_PARIS)
        p->difficulty = u256_from_u64(131072);
    ok(header_hash(p, &g->parent.hash));
    chain_rules_at(&g->config, 8, 1012, u256_from_u64(0), &g->rules);
    fuzz_world_init(&g->world, in);
    g->root = fuzz_root(&g->world.state);
    g->total = fuzz_total(&g->world.state);
    g->mark = state_mark(&g->world.state);
}

static void go_back(struct ground *g)
{
    state_revert(&g->world.state, g->mark);
    fuzz_must(hash32_eq(fuzz_root(&g->world.state), g->root));
}

/* --- making --------------------------------------------------------------------------------- */

static void put_withdrawals(slice *in, struct buf *out)
{
    size_t list;
    size_t one;
    ok(rlp_put_list_begin(out, &list));
    for (uint64_t n = fuzz_take(in, 1) % 3; n > 0; n--) {
        addr20 to = fuzz_addr(in);
        ok(rlp_put_list_begin(out, &one));
        ok(rlp_put_u64(out, n));
        ok(rlp_put_u64(out, n));
        ok(rlp_put_bytes(out, slice_of(to.b, sizeof to.b)));
        ok(rlp_put_u64(out, fuzz_take(in, 2)));
        ok(rlp_put_list_end(out, one));
    }
    ok(rlp_put_list_end(out, list));
}

static void make_header(struct ground *g, slice *in, struct block_header *h)
{
    const struct block_header *p = &g->parent.header;
    static const uint8_t empty_list = 0xc0;
    *h = (struct block_header){.fields = p->fields,
                               .parent = g->parent.hash,
                               .coinbase = fuzz_addr(in),
                               .number = p->number + 1,
                               .gas_limit = p->gas_limit,
                               .timestamp = 1012};
    keccak256(slice_of(&empty_list, 1), &h->uncles);
    if (g->rules.rev >= EVM_LONDON)
        h->base_fee = block_base_fee(&g->rules, p);
    if (g->rules.rev >= EVM_CANCUN)
        h->excess_blob_gas = block_excess_blob_gas(&g->rules, p);
    if (g->rules.rev < EVM_PARIS)
        h->difficulty = block_difficulty(&g->rules, p, h->timestamp);
}

/* Raw transactions, and what stands for them in a block's list. */
struct body {
    struct buf raw[TXS];
    size_t n;
    struct buf items; /* of the list */
    struct buf withdrawals;
};

static void body_init(struct body *b)
{
    *b = (struct body){.n = 0};
    for (size_t i = 0; i < TXS; i++)
        buf_init(&b->raw[i], BLOCK_CAP);
    buf_init(&b->items, BLOCK_CAP);
    buf_init(&b->withdrawals, BLOCK_CAP);
}

static void body_done(struct body *b)
{
    for (size_t i = 0; i < TXS; i++)
        buf_done(&b->raw[i]);
    buf_done(&b->items);
    buf_done(&b->withdrawals);
}

static void add_txs(struct ground *g, struct block_run *run, slice *in, struct body *b)
{
    for (unsigned i = 0; i < TXS && in->n > 0; i++) {
        struct buf scratch;
        struct tx t;
        struct tx_outcome o;
        addr20 sender;
        buf_init(&scratch, 65536);
        fuzz_tx(in, &g->world.state, &run->host.block, &scratch, &t, &sender);
        status s = block_tx(run, &t, &sender, &o, NULL);
        fuzz_must(s >= OK);
        if (s == OK) {
            ok(tx_put_raw(&t, &b->raw[b->n]));
            slice raw = buf_slice(&b->raw[b->n++]);
            ok(t.type == TX_LEGACY ? buf_put(&b->items, raw) : rlp_put_bytes(&b->items, raw));
        }
        buf_done(&scratch);
    }
}

static void roots(const struct block_run *run, const struct body *b, struct block_header *h)
{
    slice all[TXS];
    struct rlp_list l;
    slice w[3];
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++)
        all[i] = buf_slice(&b->raw[i]);
    ok(trie_root_list(all, b->n, &h->tx_root));
    ok(block_receipts_root(run, &h->receipts_root));
    ok(rlp_read_list(buf_slice(&b->withdrawals), &l, NULL));
    for (; n < 3 && !rlp_list_is_empty(&l); n++) {
        struct rlp_item item;
        ok(rlp_next(&l, &item, NULL));
        w[n] = item.raw;
    }
    ok(trie_root_list(w, n, &h->withdrawals_root));
    ok(block_requests_hash(run, &h->requests_hash));
    memcpy(h->bloom, run->bloom, sizeof h->bloom);
    h->gas_used = run->gas_used;
    h->blob_gas_used = run->blob_gas_used;
}

static void put_block(const struct ground *g, const struct block_header *h, const struct body *b,
                      struct buf *out)
{
    size_t whole;
    size_t list;
    ok(rlp_put_list_begin(out, &whole));
    ok(header_put(h, out));
    ok(rlp_put_list_begin(out, &list));
    ok(buf_put(out, buf_slice(&b->items)));
    ok(rlp_put_list_end(out, list));
    ok(buf_put_u8(out, 0xc0));
    if (g->rules.rev >= EVM_SHANGHAI)
        ok(buf_put(out, buf_slice(&b->withdrawals)));
    ok(rlp_put_list_end(out, whole));
}

/* Make a block, with the state after it. False: a system contract refuses. */
static bool make(struct ground *g, slice *in, struct buf *out, hash32 *ret_after)
{
    struct block_run run;
    struct block_header h;
    struct body b;
    struct rlp_list w;
    body_init(&b);
    make_header(g, in, &h);
    put_withdrawals(in, &b.withdrawals);
    ok(rlp_read_list(buf_slice(&b.withdrawals), &w, NULL));
    ok(block_begin(&run, &g->rules, &h, &g->world.state, machine(), NULL, no_hash, NULL, NULL));
    add_txs(g, &run, in, &b);
    status s =
        block_end(&run, SLICE_EMPTY, g->rules.rev >= EVM_SHANGHAI ? w.rest : SLICE_EMPTY, NULL);
    fuzz_must(s >= OK && run.gas_used <= GAS_LIMIT);
    if (s == OK) {
        roots(&run, &b, &h);
        put_block(g, &h, &b, out);
        *ret_after = fuzz_root(&g->world.state);
    }
    block_done(&run);
    body_done(&b);
    return s == OK;
}

/* --- taking --------------------------------------------------------------------------------- */

/* What rewards and withdrawals bring in at most: 5 ether and two uncles' parts before Paris. */
static void check_money(const struct ground *g, const struct block *b)
{
    u256 most = u256_wadd(g->total, u256_from_u64(0));
    struct rlp_list l = {b->withdrawals};
    struct block_withdrawal w;
    u256 wei;
    if (g->rules.rev < EVM_PARIS) {
        (void)u256_mul_u64(u256_from_u64(1000000000000000000u), 15, &wei);
        most = u256_wadd(most, wei);
    }
    while (!rlp_list_is_empty(&l)) {
        ok(block_next_withdrawal(&l, &w, NULL));
        (void)u256_mul_u64(u256_from_u64(w.gwei), 1000000000, &wei);
        most = u256_wadd(most, wei);
    }
    fuzz_must(u256_cmp(fuzz_total(&g->world.state), most) <= 0);
}

/* Read, check and execute; then the state is as before. True if the block is valid. */
static bool take(struct ground *g, slice raw, hash32 *ret_after)
{
    struct block b;
    struct block_run run;
    enum block_fault f = BLOCK_FINE;
    if (block_read(raw, &b, NULL) != OK)
        return false;
    status s = block_check(&g->config, &g->rules, &b, find_parent, g, &f, NULL);
    fuzz_must(s >= OK && (s == OK) == (f == BLOCK_FINE));
    if (s != OK)
        return false;
    s = block_begin(&run, &g->rules, &b.header, &g->world.state, machine(), NULL, no_hash, NULL,
                    NULL);
    if (s == OK)
        s = block_execute(&run, &b, NULL);
    fuzz_must(s >= OK && run.gas_used <= b.header.gas_limit);
    fuzz_must(s == OK || run.fault != BLOCK_FINE);
    if (s == OK) {
        *ret_after = fuzz_root(&g->world.state);
        check_money(g, &b);
    }
    block_done(&run);
    go_back(g);
    return s == OK;
}

/* The block again, with some of its bytes changed. */
static void take_changed(struct ground *g, slice *in, struct buf *raw)
{
    hash32 after;
    for (uint64_t n = fuzz_take(in, 1) % 4; n > 0; n--)
        raw->p[fuzz_take(in, 2) % raw->n] ^= (uint8_t)fuzz_take(in, 1);
    raw->n -= fuzz_take(in, 1) == 0xff ? 1 : 0;
    (void)take(g, buf_slice(raw), &after);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct ground g;
    struct buf raw;
    hash32 made = {{0}};
    hash32 taken = {{0}};
    slice in = slice_of(data, n);
    if (n > 8192)
        return 0;
    uint8_t mode = (uint8_t)fuzz_take(&in, 1);
    ground_init(&g, (enum evm_rev)(mode % EVM_REV_COUNT), &in);
    buf_init(&raw, BLOCK_CAP);
    if (mode >= 0xf0) {
        (void)take(&g, in, &taken);
    } else {
        bool whole = make(&g, &in, &raw, &made);
        go_back(&g);
        if (whole) {
            fuzz_must(take(&g, buf_slice(&raw), &taken) && hash32_eq(made, taken));
            take_changed(&g, &in, &raw);
        }
    }
    buf_done(&raw);
    fuzz_world_done(&g.world);
    return 0;
}
