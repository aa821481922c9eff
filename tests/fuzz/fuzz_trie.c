/* SPDX-License-Identifier: Apache-2.0 */
/* Operations on a stored trie against a flat model: after each commit the root is that of the
 * model's pairs, the nodes are those of a trie built at once, and the proof of a key holds.
 *
 * Input: a byte of settings (bit 0: keys of 1 or 2 bytes; bit 1: few different nibbles; bits 2-3:
 * length of values), then commits: a byte n, then n operations of 3 bytes (key, key, value; value 0
 * or odd multiples of 7 remove). */
#include <stdlib.h>

#include "trie/commit.h"
#include "trie/proof.h"
#include "unit/trie/memstore.h"

#define KEYS 4096u /* a byte and a nibble */
#define VALUE_MAX 80u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct model {
    size_t key_n;
    uint8_t mask;
    size_t value_n;
    uint8_t *byte; /* per key: 0 absent, or the byte its value is made of */
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

static void check_all(struct memstore *store, const struct pairs *all, const hash32 *root)
{
    hash32 want;
    hash32 built;
    struct memstore fresh;
    struct pair_source src = {{next_pair}, all, 0};
    check(trie_root(all->pair, all->n, &want) == OK && hash32_eq(want, *root));
    memstore_init(&fresh);
    check(trie_build(&fresh.base, &src.base, &built, NULL) == OK && hash32_eq(built, want));
    check(!fresh.bad && memstore_eq(store, &fresh));
    memstore_done(&fresh);
}

static void check_proof(struct memstore *store, const struct model *m, unsigned key,
                        const hash32 *root)
{
    uint8_t k[2] = {(uint8_t)(key >> 4), second_byte(key)};
    uint8_t room[VALUE_MAX];
    slice nodes[TRIE_NODES_MAX];
    size_t n;
    slice value;
    struct arena a;
    arena_init(&a, (size_t)1 << 20, false);
    check(trie_prove(&store->base, slice_of(k, m->key_n), &a, nodes, &n, NULL) == OK);
    check(trie_proof_value(root, slice_of(k, m->key_n), nodes, n, &value, NULL) == OK);
    check(slice_eq(value, value_of(m, m->byte[key], room)));
    arena_done(&a);
}

static slice run_commit(struct memstore *store, struct model *m, struct pairs *p, slice in)
{
    static uint8_t
        change[KEYS]; /* 0: none, 1: remove, else a byte + 1 cannot overflow: byte < 255 */
    size_t ops = in.p[0];
    unsigned key = 0;
    hash32 root;
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
    store->has_last = false;
    check(trie_commit(&store->base, p->pair, p->n, &root, NULL) == OK && !store->bad);
    p->n = 0;
    for (unsigned k = 0; k < KEYS; k++)
        if (m->byte[k] != 0)
            add_pair(p, m, k, m->byte[k]);
    check_all(store, p, &root);
    check_proof(store, m, key, &root);
    return in;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct pairs pairs;
    static uint8_t byte[KEYS];
    static const size_t lengths[] = {1, 20, 31, 60};
    if (size == 0)
        return 0;
    struct model m = {1 + (data[0] & 1u), (data[0] & 2) != 0 ? 0x11 : 0xff,
                      lengths[data[0] >> 2 & 3], byte};
    struct memstore store;
    memset(byte, 0, sizeof byte);
    memstore_init(&store);
    for (slice in = slice_of(data + 1, size - 1); in.n > 0;)
        in = run_commit(&store, &m, &pairs, in);
    memstore_done(&store);
    return 0;
}
