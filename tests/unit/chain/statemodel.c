/* SPDX-License-Identifier: Apache-2.0 */
/* The model's blocks and roots. */
#include "statemodel.h"

#include <stdlib.h>

#include "codec/rlp.h"
#include "crypto/keccak.h"
#include "trie/root.h"

static uint64_t next(uint64_t *x)
{
    *x += 0x9e3779b97f4a7c15u;
    uint64_t z = *x;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

addr20 model_address(unsigned i)
{
    addr20 a = {{0xee, (uint8_t)i}};
    return a;
}

static hash32 account_key(unsigned i)
{
    hash32 h;
    addr20 a = model_address(i);
    keccak256(slice_of(a.b, sizeof a.b), &h);
    return h;
}

static hash32 slot_key(unsigned i)
{
    hash32 h;
    uint8_t be[32] = {0};
    be[31] = (uint8_t)i;
    keccak256(slice_of(be, sizeof be), &h);
    return h;
}

u256 model_word(uint64_t v)
{
    return v % 3 == 0 && v > 0 ? (u256){{v, v, v, v}} : u256_from_u64(v);
}

static uint8_t code_byte[256];

static slice code_of(uint8_t code)
{
    code_byte[code] = code;
    return code == 0 ? SLICE_EMPTY : slice_of(&code_byte[code], 1);
}

hash32 model_code_hash(uint8_t code)
{
    hash32 h;
    keccak256(code_of(code), &h);
    return h;
}

/* --- blocks --------------------------------------------------------------------------------- */

/* What a block does to one account. */
struct plan {
    unsigned account;
    bool exists;
    bool cleared;
    uint64_t nonce;
    uint64_t balance;
    uint8_t code;
    size_t n;
    unsigned slot[MODEL_SLOTS];
    uint64_t value[MODEL_SLOTS];
};

static void make_plan(uint64_t *x, unsigned account, struct plan *p)
{
    uint64_t r = next(x);
    *p = (struct plan){.account = account, .exists = r % 8 != 0, .cleared = r / 8 % 8 == 0};
    p->nonce = r / 64 % 4;
    p->balance = r % 5 == 0 ? UINT64_MAX : r % 100;
    p->code = (uint8_t)(r / 256 % 3);
    for (unsigned i = 0; i < MODEL_SLOTS; i++) {
        uint64_t v = next(x);
        if (v % 8 != 0)
            continue;
        p->slot[p->n] = i;
        p->value[p->n++] = v / 8 % 3 == 0 ? 0 : v / 64 % 1000;
    }
}

/* The accounts of a block. Returns how many. */
static size_t make_plans(uint64_t seed, uint64_t block, struct plan out[MODEL_ACCOUNTS])
{
    uint64_t x = seed * 1000003u + block;
    size_t n = 0;
    uint64_t odds = next(&x) % 6 + 1;
    for (unsigned i = 0; i < MODEL_ACCOUNTS; i++)
        if (next(&x) % odds == 0)
            make_plan(&x, i, &out[n++]);
    return block % 9 == 5 ? 0 : n;
}

static int slot_cmp(const void *a, const void *b)
{
    return memcmp(((const struct store_slot *)a)->key.b, ((const struct store_slot *)b)->key.b, 32);
}

static int change_cmp(const void *a, const void *b)
{
    return memcmp(((const struct store_change *)a)->key.b, ((const struct store_change *)b)->key.b,
                  32);
}

static struct store_change change_of(const struct plan *p, struct arena *a)
{
    struct store_slot *sl = arena_array(a, MODEL_SLOTS, sizeof *sl);
    for (size_t i = 0; i < p->n; i++)
        sl[i] = (struct store_slot){slot_key(p->slot[i]), model_word(p->value[i])};
    if (p->n > 1)
        qsort(sl, p->n, sizeof *sl, slot_cmp);
    return (struct store_change){
        .key = account_key(p->account),
        .exists = p->exists,
        .cleared = p->cleared,
        .nonce = p->nonce,
        .balance = u256_from_u64(p->balance),
        .code_hash = model_code_hash(p->code),
        .code = code_of(p->code),
        .slots = sl,
        .slots_n = p->n,
    };
}

void model_block(uint64_t seed, uint64_t block, struct arena *a, struct store_change **ret,
                 size_t *ret_n)
{
    struct plan plan[MODEL_ACCOUNTS];
    size_t n = make_plans(seed, block, plan);
    struct store_change *ch = arena_array(a, n, sizeof *ch);
    for (size_t i = 0; i < n; i++)
        ch[i] = change_of(&plan[i], a);
    if (n > 1)
        qsort(ch, n, sizeof *ch, change_cmp);
    *ret = ch;
    *ret_n = n;
}

void model_apply(struct model *m, uint64_t seed, uint64_t block)
{
    struct plan plan[MODEL_ACCOUNTS];
    size_t n = make_plans(seed, block, plan);
    for (size_t i = 0; i < n; i++) {
        struct model_account *ac = &m->account[plan[i].account];
        if (plan[i].cleared || !plan[i].exists)
            *ac = (struct model_account){0};
        if (!plan[i].exists)
            continue;
        ac->exists = true;
        ac->nonce = plan[i].nonce;
        ac->balance = plan[i].balance;
        ac->code = plan[i].code;
        for (size_t j = 0; j < plan[i].n; j++)
            ac->slot[plan[i].slot[j]] = plan[i].value[j];
    }
}

/* --- root ----------------------------------------------------------------------------------- */

static slice word_rlp(struct arena *a, u256 v)
{
    struct buf b;
    buf_init(&b, 64);
    if (rlp_put_u256(&b, v) != OK)
        abort();
    slice r = arena_dup(a, buf_slice(&b));
    buf_done(&b);
    return r;
}

static hash32 root_of(struct trie_pair *pair, size_t n)
{
    hash32 h;
    if (n > 1)
        qsort(pair, n, sizeof *pair, trie_pair_cmp);
    if (trie_root(pair, n, &h) != OK)
        abort();
    return h;
}

static hash32 storage_root(const struct model_account *ac, struct arena *a)
{
    struct trie_pair pair[MODEL_SLOTS];
    hash32 key[MODEL_SLOTS];
    size_t n = 0;
    for (unsigned i = 0; i < MODEL_SLOTS; i++) {
        if (ac->slot[i] == 0)
            continue;
        key[n] = slot_key(i);
        pair[n] = (struct trie_pair){.key = slice_of(key[n].b, 32),
                                     .value = word_rlp(a, model_word(ac->slot[i]))};
        n++;
    }
    return root_of(pair, n);
}

static slice leaf_rlp(const struct model_account *ac, struct arena *a)
{
    struct buf b;
    size_t mark;
    hash32 root = storage_root(ac, a);
    hash32 code = model_code_hash(ac->code);
    buf_init(&b, 256);
    if (rlp_put_list_begin(&b, &mark) != OK || rlp_put_u64(&b, ac->nonce) != OK ||
        rlp_put_u64(&b, ac->balance) != OK || rlp_put_bytes(&b, slice_of(root.b, 32)) != OK ||
        rlp_put_bytes(&b, slice_of(code.b, 32)) != OK || rlp_put_list_end(&b, mark) != OK)
        abort();
    slice r = arena_dup(a, buf_slice(&b));
    buf_done(&b);
    return r;
}

hash32 model_root(const struct model *m)
{
    struct trie_pair pair[MODEL_ACCOUNTS];
    hash32 key[MODEL_ACCOUNTS];
    size_t n = 0;
    struct arena a;
    arena_init(&a, (size_t)1 << 24, false);
    for (unsigned i = 0; i < MODEL_ACCOUNTS; i++) {
        if (!m->account[i].exists)
            continue;
        key[n] = account_key(i);
        pair[n] = (struct trie_pair){.key = slice_of(key[n].b, 32),
                                     .value = leaf_rlp(&m->account[i], &a)};
        n++;
    }
    hash32 h = root_of(pair, n);
    arena_done(&a);
    return h;
}

/* --- the whole as a source -------------------------------------------------------------------- */

static status next_account(struct store_source *base, struct store_change *ret, struct err *reterr)
{
    struct model_source *src = (struct model_source *)base;
    (void)reterr;
    if (src->at == src->n)
        return E_NOT_FOUND;
    *ret = src->change[src->at++];
    src->slot_at = 0;
    return OK;
}

static status next_slot(struct store_source *base, struct store_slot *ret, struct err *reterr)
{
    struct model_source *src = (struct model_source *)base;
    const struct store_change *ch = &src->change[src->at - 1];
    (void)reterr;
    if (src->slot_at == ch->slots_n)
        return E_NOT_FOUND;
    *ret = ch->slots[src->slot_at++];
    return OK;
}

void model_source_init(struct model_source *src, const struct model *m, struct arena *a)
{
    *src = (struct model_source){.base = {next_account, next_slot}, .a = a};
    src->change = arena_array(a, MODEL_ACCOUNTS, sizeof *src->change);
    for (unsigned i = 0; i < MODEL_ACCOUNTS; i++) {
        const struct model_account *ac = &m->account[i];
        struct plan p = {i, true, false, ac->nonce, ac->balance, ac->code, 0, {0}, {0}};
        for (unsigned j = 0; j < MODEL_SLOTS; j++) {
            if (ac->slot[j] == 0)
                continue;
            p.slot[p.n] = j;
            p.value[p.n++] = ac->slot[j];
        }
        if (ac->exists)
            src->change[src->n++] = change_of(&p, a);
    }
    if (src->n > 1)
        qsort(src->change, src->n, sizeof *src->change, change_cmp);
}
