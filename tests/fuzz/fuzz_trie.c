/* SPDX-License-Identifier: Apache-2.0 */
/* Operations on a stored trie against a flat model: after each commit the root is that of the
 * model's pairs, the rows that are not dropped are those that the version leads to, keys are found
 * and proved, and so they are in the versions before it.
 *
 * Input: a byte of settings (bit 0: keys of 1 or 2 bytes; bit 1: few different nibbles; bits 2-3:
 * length of values; bit 4: dropped rows are removed), then commits: a byte n, then n operations of
 * 3 bytes (key, key, value; value 0 or odd multiples of 7 remove). */
#include <stdlib.h>

#include "trie/commit.h"
#include "trie/proof.h"
#include "unit/trie/memstore.h"

#define KEYS 4096u /* a byte and a nibble */
#define VALUE_MAX 80u
#define VERSIONS 4u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct model {
    size_t key_n;
    uint8_t mask;
    size_t value_n;
    bool prune;
    uint8_t *byte; /* per key: 0 absent, or the byte its value is made of */
};

/* What a version holds. */
struct version {
    struct trie_top top;
    uint8_t byte[KEYS];
};

static void check(bool holds)
{
    if (!holds)
        abort();
}

static unsigned key_of(const struct model *m, const uint8_t *op)
{
    unsigned hi = op[0] & m->mask;
    return m->key_n == 1 ? hi << 4 : hi << 4 | (op[1] & 15u);
}

/* Keys of 256 that share a byte part at either nibble of the next. */
static uint8_t second_byte(unsigned key)
{
    unsigned lo = key & 15u;
    return (uint8_t)(lo >> 2 << 6 | (lo & 3));
}

static slice value_of(const struct model *m, uint8_t byte, uint8_t room[VALUE_MAX])
{
    memset(room, byte, VALUE_MAX);
    return slice_of(room, byte == 0 ? 0 : m->value_n + byte % 3u);
}

struct pairs {
    struct trie_pair pair[KEYS];
    uint8_t key[KEYS][2];
    uint8_t value[KEYS][VALUE_MAX];
    size_t n;
};

static void add_pair(struct pairs *p, const struct model *m, unsigned key, uint8_t byte)
{
    p->key[p->n][0] = (uint8_t)(key >> 4);
    p->key[p->n][1] = second_byte(key);
    p->pair[p->n].key = slice_of(p->key[p->n], m->key_n);
    p->pair[p->n].value = value_of(m, byte, p->value[p->n]);
    p->pair[p->n].place = key + 1;
    p->n++;
}

struct pair_source {
    struct trie_source base;
    const struct pairs *p;
    size_t at;
};

static status next_pair(struct trie_source *src, struct trie_pair *ret, struct err *reterr)
{
    struct pair_source *s = (struct pair_source *)src;
    (void)reterr;
    if (s->at == s->p->n)
        return E_NOT_FOUND;
    *ret = s->p->pair[s->at++];
    return OK;
}

static void check_all(struct memstore *store, const struct pairs *all, const struct trie_top *top)
{
    hash32 want;
    struct trie_top built;
    struct memstore fresh;
    struct pair_source src = {{next_pair}, all, 0};
    check(trie_root(all->pair, all->n, &want) == OK && hash32_eq(want, top->hash));
    check(memstore_reach(store, top) == memstore_live(store));
    memstore_init(&fresh);
    check(trie_build(&fresh.base, &src.base, &built, NULL) == OK && hash32_eq(built.hash, want));
    check(!fresh.bad && memstore_reach(&fresh, &built) == memstore_live(&fresh));
    memstore_done(&fresh);
}

/* What the key has, with its proof. */
static void check_key(struct memstore *store, const struct model *m, const struct version *v,
                      unsigned key)
{
    uint8_t k[2] = {(uint8_t)(key >> 4), second_byte(key)};
    uint8_t room[VALUE_MAX];
    slice nodes[TRIE_NODES_MAX];
    size_t n;
    slice value;
    struct trie_pair found = {.value = SLICE_EMPTY};
    struct arena a;
    slice want = value_of(m, v->byte[key], room);
    arena_init(&a, (size_t)1 << 20, false);
    status s = trie_find(&store->base, &v->top, slice_of(k, m->key_n), &a, &found, NULL);
    check(s == (want.n > 0 ? OK : E_NOT_FOUND) && slice_eq(found.value, want));
    check(found.place == (want.n > 0 ? key + 1 : 0) || (found.place == 0 && want.n < 32));
    check(trie_prove(&store->base, &v->top, slice_of(k, m->key_n), &a, nodes, &n, NULL) == OK);
    check(trie_proof_value(&v->top.hash, slice_of(k, m->key_n), nodes, n, &value, NULL) == OK);
    check(slice_eq(value, want));
    arena_done(&a);
}

static slice run_commit(struct memstore *store, struct model *m, struct pairs *p,
                        struct trie_top *top, slice in, unsigned *ret_key)
{
    static uint8_t
        change[KEYS]; /* 0: none, 1: remove, else a byte + 1 cannot overflow: byte < 255 */
    size_t ops = in.p[0];
    unsigned key = 0;
    memset(change, 0, sizeof change);
    in = slice_after(in, 1);
    for (; ops > 0 && in.n >= 3; ops--, in = slice_after(in, 3)) {
        uint8_t byte = in.p[2] % 7 == 0 ? 0 : in.p[2] == 255 ? 254 : in.p[2];
        key = key_of(m, in.p);
        change[key] = (uint8_t)(byte + 1);
    }
    p->n = 0;
    for (unsigned k = 0; k < KEYS; k++) {
        if (change[k] == 0)
            continue;
        m->byte[k] = (uint8_t)(change[k] - 1);
        add_pair(p, m, k, m->byte[k]);
    }
    store->settled = store->n;
    check(trie_commit(&store->base, top, p->pair, p->n, NULL) == OK && !store->bad);
    p->n = 0;
    for (unsigned k = 0; k < KEYS; k++)
        if (m->byte[k] != 0)
            add_pair(p, m, k, m->byte[k]);
    check_all(store, p, top);
    *ret_key = key;
    return in;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct pairs pairs;
    static uint8_t byte[KEYS];
    static struct version version[VERSIONS]; /* the last ones, in turns */
    static const size_t lengths[] = {1, 20, 31, 60};
    if (size == 0)
        return 0;
    struct model m = {1 + (data[0] & 1u), (data[0] & 2) != 0 ? 0x11 : 0xff,
                      lengths[data[0] >> 2 & 3], (data[0] & 16) != 0, byte};
    struct memstore store;
    struct trie_top top = TRIE_TOP_EMPTY;
    unsigned key = 0;
    memset(byte, 0, sizeof byte);
    memstore_init(&store);
    slice in = slice_of(data + 1, size - 1);
    for (size_t n = 0; in.n > 0; n++) {
        in = run_commit(&store, &m, &pairs, &top, in, &key);
        version[n % VERSIONS].top = top;
        memcpy(version[n % VERSIONS].byte, byte, sizeof byte);
        if (m.prune)
            memstore_prune(&store);
        for (size_t k = m.prune ? n : n - (n < VERSIONS ? n : VERSIONS - 1); k <= n; k++)
            check_key(&store, &m, &version[k % VERSIONS], key);
    }
    memstore_done(&store);
    return 0;
}
