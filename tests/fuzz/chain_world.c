/* SPDX-License-Identifier: Apache-2.0 */
/* A small world for fuzz targets. */
#include "chain_world.h"

#include <stdlib.h>

#include "codec/rlp.h"
#include "crypto/keccak.h"
#include "evm/opcode.h"
#include "num/u256_alu.h"

#define CODE_MAX 400u
#define DATA_MAX 400u
#define SCRATCH_CAP 65536u

static struct secp_key keys[FUZZ_PEOPLE];
static addr20 people[FUZZ_PEOPLE];

void fuzz_must(bool ok)
{
    if (!ok)
        abort();
}

uint64_t fuzz_take(slice *in, unsigned n_bytes)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < n_bytes; i++) {
        v = v << 8 | (in->n > 0 ? in->p[0] : 0);
        *in = slice_after(*in, 1);
    }
    return v;
}

slice fuzz_bytes(slice *in, size_t max)
{
    size_t n = (size_t)fuzz_take(in, 2) % (max + 1);
    slice s = slice_first(*in, n);
    *in = slice_after(*in, n);
    return s;
}

addr20 fuzz_addr(slice *in)
{
    uint8_t pick = (uint8_t)fuzz_take(in, 1);
    addr20 a = {{0}};
    if (pick < 0x60)
        return (addr20){.b = {0xc0, 0xde, [19] = (uint8_t)(pick % FUZZ_CONTRACTS + 1)}};
    if (pick < 0x90)
        return people[pick % FUZZ_PEOPLE];
    a.b[19] = pick < 0xe0 ? pick % 24 : 0;
    a.b[18] = pick >= 0xe0 && pick < 0xf0 ? 1 : 0;
    return a;
}

static void init_people(void)
{
    if (!addr20_is_zero(people[0]))
        return;
    fuzz_must(secp_init(&random_system) == OK);
    for (size_t i = 0; i < FUZZ_PEOPLE; i++) {
        hash32 h;
        uint8_t seed = (uint8_t)(i + 1);
        keccak256(slice_of(&seed, 1), &h);
        memcpy(keys[i].b, h.b, sizeof h.b);
        fuzz_must(secp_key_addr(&keys[i], &people[i]) == OK);
    }
}

void fuzz_world_init(struct fuzz_world *w, slice *in)
{
    init_people();
    code_cache_init(&w->codes);
    state_init(&w->state, NULL, &w->codes);
    for (size_t i = 0; i < FUZZ_PEOPLE; i++) {
        struct account *a = state_account(&w->state, &people[i]);
        state_set_balance(&w->state, a, (u256){{0, i == 2 ? 0 : 1000, 0, 0}});
        state_add_balance(&w->state, a, u256_from_u64(1000000000));
    }
    for (size_t i = 0; i < FUZZ_CONTRACTS; i++) {
        addr20 addr = {.b = {0xc0, 0xde, [19] = (uint8_t)(i + 1)}};
        struct account *a = state_account(&w->state, &addr);
        u256 key = u256_from_u64(i);
        u256 value = u256_from_u64(i + 7);
        state_set_balance(&w->state, a, u256_from_u64(1000 * i));
        state_set_code(&w->state, a, fuzz_bytes(in, CODE_MAX));
        state_set_slot(&w->state, a, state_slot(&w->state, a, &key), &value);
    }
    state_begin_tx(&w->state);
    state_keep(&w->state);
    fuzz_must(state_failure(&w->state) == OK);
}

void fuzz_world_done(struct fuzz_world *w)
{
    state_done(&w->state);
    code_cache_done(&w->codes);
}

u256 fuzz_total(const struct state *st)
{
    u256 sum = {{0}};
    for (size_t i = 0; i < st->max; i++)
        if (st->account[i] != NULL && st->account[i]->head.exists)
            sum = u256_wadd(sum, st->account[i]->head.balance);
    return sum;
}

hash32 fuzz_root(struct state *st)
{
    hash32 h;
    fuzz_must(state_root(st, &h) == OK);
    return h;
}

/* --- transactions --------------------------------------------------------------------------- */

static void ok(status s)
{
    fuzz_must(s == OK);
}

static slice since(const struct buf *b, size_t from)
{
    return slice_of(b->p + from, b->n - from);
}

static void put_access_list(slice *in, struct buf *b)
{
    size_t list;
    size_t entry;
    size_t keys_at;
    ok(rlp_put_list_begin(b, &list));
    for (uint64_t n = fuzz_take(in, 1) % 3; n > 0; n--) {
        addr20 a = fuzz_addr(in);
        ok(rlp_put_list_begin(b, &entry));
        ok(rlp_put_bytes(b, slice_of(a.b, sizeof a.b)));
        ok(rlp_put_list_begin(b, &keys_at));
        for (uint64_t k = fuzz_take(in, 1) % 3; k > 0; k--) {
            uint8_t key[32] = {[31] = (uint8_t)k};
            ok(rlp_put_bytes(b, slice_of(key, sizeof key)));
        }
        ok(rlp_put_list_end(b, keys_at));
        ok(rlp_put_list_end(b, entry));
    }
    ok(rlp_put_list_end(b, list));
}

static void put_auth(slice *in, struct buf *b)
{
    addr20 to = fuzz_addr(in);
    uint64_t chain = fuzz_take(in, 1) % 3;
    uint64_t nonce = fuzz_take(in, 1) % 4;
    size_t who = fuzz_take(in, 1) % FUZZ_PEOPLE;
    uint8_t sig[SECP_SIG];
    hash32 digest;
    struct buf text;
    size_t list;
    buf_init(&text, 256);
    ok(buf_put_u8(&text, 0x05));
    ok(rlp_put_list_begin(&text, &list));
    ok(rlp_put_u64(&text, chain));
    ok(rlp_put_bytes(&text, slice_of(to.b, sizeof to.b)));
    ok(rlp_put_u64(&text, nonce));
    ok(rlp_put_list_end(&text, list));
    keccak256(buf_slice(&text), &digest);
    buf_done(&text);
    ok(secp_sign(&keys[who], &digest, sig));
    ok(rlp_put_list_begin(b, &list));
    ok(rlp_put_u64(b, chain));
    ok(rlp_put_bytes(b, slice_of(to.b, sizeof to.b)));
    ok(rlp_put_u64(b, nonce));
    ok(rlp_put_u64(b, sig[64] - 27u));
    ok(rlp_put_u256(b, u256_from_be(sig)));
    ok(rlp_put_u256(b, u256_from_be(sig + 32)));
    ok(rlp_put_list_end(b, list));
}

static void put_auths(slice *in, struct buf *b)
{
    size_t list;
    ok(rlp_put_list_begin(b, &list));
    for (uint64_t n = fuzz_take(in, 1) % 3; n > 0; n--)
        put_auth(in, b);
    ok(rlp_put_list_end(b, list));
}

static void put_blobs(slice *in, struct buf *b)
{
    for (uint64_t n = fuzz_take(in, 1) % 8; n > 0; n--) {
        uint8_t hash[32] = {(uint8_t)(fuzz_take(in, 1) == 0xff ? 2 : 1), [31] = (uint8_t)n};
        ok(rlp_put_bytes(b, slice_of(hash, sizeof hash)));
    }
}

void fuzz_tx(slice *in, struct state *st, const struct evm_block *block, struct buf *scratch,
             struct tx *ret, addr20 *ret_sender)
{
    size_t who = fuzz_take(in, 1) % FUZZ_PEOPLE;
    uint8_t kind = (uint8_t)fuzz_take(in, 1);
    uint8_t odd = (uint8_t)fuzz_take(in, 1);
    struct tx t = {.type = (enum tx_type)(kind % 5), .chain_id = FUZZ_CHAIN};
    ok(buf_reserve(scratch, SCRATCH_CAP - scratch->n)); /* so that it does not move */
    t.has_chain_id = t.type != TX_LEGACY || (kind & 0x40) == 0;
    t.is_create = (kind & 0x80) != 0 && t.type < TX_BLOB;
    t.nonce = state_account(st, &people[who])->head.nonce + (odd == 1);
    t.gas = 21000 + fuzz_take(in, 2) * 4 + (odd == 2 ? 20000000 : 0);
    t.to = fuzz_addr(in);
    t.value = u256_from_u64(fuzz_take(in, 1) * (odd == 3 ? UINT64_MAX / 256 : 1));
    t.max_fee = u256_wadd(block->base_fee, u256_from_u64(odd == 4 ? 0 : fuzz_take(in, 1)));
    t.max_priority = t.type < TX_FEE_MARKET ? t.max_fee : u256_from_u64(fuzz_take(in, 1));
    if (t.type == TX_BLOB)
        t.max_blob_fee = u256_from_u64(fuzz_take(in, 2));
    t.data = fuzz_bytes(in, DATA_MAX);
    size_t at = scratch->n;
    if (t.type != TX_LEGACY)
        put_access_list(in, scratch);
    t.access_list = since(scratch, at);
    at = scratch->n;
    if (t.type == TX_SET_CODE)
        put_auths(in, scratch);
    t.authorizations = since(scratch, at);
    at = scratch->n;
    if (t.type == TX_BLOB)
        put_blobs(in, scratch);
    t.blob_hashes = since(scratch, at);
    ok(tx_sign(&t, &keys[who]));
    *ret = t;
    *ret_sender = people[who];
}

static void on_step(void *ctx, const struct evm_step *s)
{
    struct fuzz_watch *w = ctx;
    w->burns |= s->op == OP_SELFDESTRUCT;
}

static void on_cost(void *ctx, uint32_t depth, int64_t gas_cost, enum evm_status fault)
{
    (void)ctx;
    (void)depth;
    (void)gas_cost;
    (void)fault;
}

void fuzz_watch_init(struct fuzz_watch *w)
{
    *w = (struct fuzz_watch){.tracer = {.ctx = w, .step = on_step, .cost = on_cost}};
}
