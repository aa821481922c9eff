/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions on a small world, under the rules of every revision: a refused one changes nothing;
 * an executed one pays between its least and its limit, and no ether comes from nowhere; going back
 * to the mark before it gives the root before it; traced and plain execution agree. */
#include "chain_world.h"
#include "num/u256_alu.h"

#define TXS 3u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct run {
    struct host host;
    struct chain_rules rules;
    struct evm_block block;
};

static struct evm *machine(void)
{
    static struct evm *vm; /* 1,024 frames are reached once */
    if (vm == NULL)
        fuzz_must((vm = evm_new()) != NULL);
    return vm;
}

static void begin(struct run *r, struct fuzz_world *w, enum evm_rev rev,
                  const struct evm_tracer *tracer)
{
    r->rules =
        (struct chain_rules){.rev = rev, .chain_id = FUZZ_CHAIN, .blobs = blob_schedule_of(rev)};
    host_init(&r->host, rev, &w->state, machine(), tracer);
    r->host.block = r->block;
}

/* What the base fee and the blobs burn. */
static u256 burnt(const struct run *r, const struct tx *t, const struct tx_outcome *o)
{
    u256 fee = {{0}};
    u256 blobs = {{0}};
    if (r->rules.rev >= EVM_LONDON)
        (void)u256_mul_u64(r->block.base_fee, o->gas_used, &fee);
    (void)u256_mul_u64(r->block.blob_base_fee, tx_blob_count(t) * GAS_PER_BLOB, &blobs);
    return u256_wadd(fee, blobs);
}

static void check_money(const struct run *r, const struct tx *t, const struct tx_outcome *o,
                        u256 before, bool destroys)
{
    u256 want = u256_wsub(before, burnt(r, t, o));
    int order = u256_cmp(fuzz_total(r->host.state), want);
    fuzz_must(destroys ? order <= 0 : order == 0);
}

static bool execute(struct run *r, const struct tx *t, const addr20 *sender, struct tx_outcome *ret,
                    uint64_t *ret_least)
{
    const struct tx_room room = {r->block.gas_limit, r->rules.blobs.max * GAS_PER_BLOB};
    struct tx_ready ready;
    enum tx_fault fault = TX_FINE;
    status s = tx_check(&r->host, &r->rules, t, sender, &room, &ready, &fault, NULL);
    fuzz_must(s == OK || s == E_RANGE);
    fuzz_must((s == OK) == (fault == TX_FINE));
    if (s != OK)
        return false;
    *ret_least = ready.gas.floor > 0 ? ready.gas.floor : 0;
    fuzz_must(tx_exec(&r->host, &r->rules, &ready, ret, NULL) == OK);
    return true;
}

/* One transaction: traced, undone, plain. */
static void one(struct fuzz_world *w, enum evm_rev rev, const struct evm_block *block, slice *in)
{
    struct buf scratch;
    struct tx t;
    addr20 sender;
    struct tx_outcome a = {.status = EVM_SUCCESS};
    struct tx_outcome b = {.status = EVM_SUCCESS};
    struct fuzz_watch watch;
    struct run r = {.block = *block};
    uint64_t least = 0;
    hash32 start = fuzz_root(&w->state);
    u256 before = fuzz_total(&w->state);
    struct state_mark mark = state_mark(&w->state);
    buf_init(&scratch, 65536);
    fuzz_tx(in, &w->state, block, &scratch, &t, &sender);
    uint64_t nonce = state_account(&w->state, &sender)->head.nonce;
    fuzz_watch_init(&watch);
    begin(&r, w, rev, &watch.tracer);
    bool done = execute(&r, &t, &sender, &a, &least);
    hash32 end = fuzz_root(&w->state);
    if (done) {
        fuzz_must(a.gas_used >= least && a.gas_used <= t.gas);
        fuzz_must(state_account(&w->state, &sender)->head.nonce > nonce);
        check_money(&r, &t, &a, before, watch.burns);
    } else {
        fuzz_must(hash32_eq(start, end));
    }
    host_done(&r.host);
    state_revert(&w->state, mark);
    fuzz_must(hash32_eq(fuzz_root(&w->state), start));
    begin(&r, w, rev, NULL);
    fuzz_must(execute(&r, &t, &sender, &b, &least) == done);
    fuzz_must(a.status == b.status && a.gas_used == b.gas_used);
    fuzz_must(hash32_eq(fuzz_root(&w->state), end));
    host_done(&r.host);
    buf_done(&scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct fuzz_world w;
    slice in = slice_of(data, n);
    if (n > 4096)
        return 0;
    enum evm_rev rev = (enum evm_rev)(fuzz_take(&in, 1) % EVM_REV_COUNT);
    fuzz_world_init(&w, &in);
    const struct evm_block block = {.coinbase = fuzz_addr(&in),
                                    .number = 9,
                                    .timestamp = 99,
                                    .gas_limit = 1000000,
                                    .base_fee = u256_from_u64(rev >= EVM_LONDON ? 7 : 0),
                                    .blob_base_fee = u256_from_u64(rev >= EVM_CANCUN ? 1 : 0),
                                    .chain_id = u256_from_u64(FUZZ_CHAIN)};
    for (unsigned i = 0; i < TXS && in.n > 0; i++)
        one(&w, rev, &block, &in);
    fuzz_world_done(&w);
    return 0;
}
