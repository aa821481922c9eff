/* SPDX-License-Identifier: Apache-2.0 */
/* Folders: making, opening and closing chains. */
#include "chain/chain_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/file.h"
#include "base/secret.h"
#include "crypto/keccak.h"

/* The thread sanitizer leaves no room for more. */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define MAP_DEFAULT ((uint64_t)1 << 34)
#endif
#endif
#ifndef MAP_DEFAULT
#define MAP_DEFAULT ((uint64_t)1 << 40)
#endif
#define DOC_MEMORY ((size_t)4 << 30)
#define MACHINES_KEPT 16u

#define POOL_TXS 65536u
#define POOL_PER_SENDER 16384u
#define POOL_QUEUED 1024u
#define POOL_QUEUED_PART 8u /* of all */
#define POOL_BYTES ((size_t)256 << 20)
#define POOL_QUEUED_S 10800u

/* --- machines -------------------------------------------------------------------------------- */

static struct chain_machine *machine_new(void)
{
    struct chain_machine *m = calloc(1, sizeof *m);
    struct evm *vm = m != NULL ? evm_new() : NULL;
    if (vm == NULL) {
        free(m);
        return NULL;
    }
    m->vm = vm;
    code_cache_init(&m->codes);
    return m;
}

void chain_machine_free(struct chain_machine *m)
{
    if (m == NULL)
        return;
    evm_free(m->vm);
    code_cache_done(&m->codes);
    free(m);
}

struct chain_machine *chain_machine_take(struct chain *c)
{
    pthread_mutex_lock(&c->lock);
    struct chain_machine *m = c->machines;
    if (m != NULL) {
        c->machines = m->next;
        c->n_machines--;
    }
    pthread_mutex_unlock(&c->lock);
    return m != NULL ? m : machine_new();
}

void chain_machine_give(struct chain *c, struct chain_machine *m)
{
    bool keep = false;
    if (m == NULL)
        return;
    pthread_mutex_lock(&c->lock);
    if (c->n_machines < MACHINES_KEPT && m->codes.n < 4096) {
        m->next = c->machines;
        c->machines = m;
        c->n_machines++;
        keep = true;
    }
    pthread_mutex_unlock(&c->lock);
    if (!keep)
        chain_machine_free(m);
}

/* --- store ----------------------------------------------------------------------------------- */

static const struct meta_keys {
    slice genesis;
    slice dev;
} meta_key = {{(const uint8_t *)"genesis", 7}, {(const uint8_t *)"dev", 3}};

static status store_up(const char *dir, uint64_t map_bytes, struct chain *c, struct err *reterr)
{
    struct kv_options o = {.app = CHAIN_APP,
                           .schema = CHAIN_SCHEMA,
                           .map_bytes = map_bytes != 0 ? map_bytes : MAP_DEFAULT,
                           .max_tables = CHAIN_TABLES,
                           .log = true};
    status s = kv_open(dir, &o, &c->kv, reterr);
    if (s == OK)
        s = store_open(c->kv, &c->store, reterr);
    return s == OK ? chain_tables_open(c->kv, &c->t, reterr) : s;
}

/* Do what with a read transaction of c. */
static status with_txn(struct chain *c,
                       status (*what)(struct chain *c, struct kv_txn *txn, struct err *reterr),
                       struct err *reterr)
{
    struct kv_txn *txn = NULL;
    status s = kv_read_begin(c->kv, &txn, reterr);
    if (s == OK)
        s = what(c, txn, reterr);
    kv_abort(txn);
    return s;
}

static bool has_store(const char *dir)
{
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/data.mdb", dir);
    return n > 0 && (size_t)n < sizeof path && file_exists(path);
}

/* --- creation -------------------------------------------------------------------------------- */

/* The accounts of a genesis, for the store. */
struct alloc_source {
    struct store_source base;
    const struct store_change *change;
    size_t n;
    size_t at;   /* next account */
    size_t slot; /* next slot of the account before */
};

static status alloc_account(struct store_source *src, struct store_change *ret, struct err *reterr)
{
    struct alloc_source *a = (struct alloc_source *)src;
    (void)reterr;
    while (a->at < a->n && !a->change[a->at].exists)
        a->at++;
    if (a->at == a->n)
        return E_NOT_FOUND;
    *ret = a->change[a->at++];
    a->slot = 0;
    return OK;
}

static status alloc_slot(struct store_source *src, struct store_slot *ret, struct err *reterr)
{
    struct alloc_source *a = (struct alloc_source *)src;
    const struct store_change *c = &a->change[a->at - 1];
    (void)reterr;
    while (a->slot < c->slots_n && u256_is_zero(c->slots[a->slot].word))
        a->slot++;
    if (a->slot == c->slots_n)
        return E_NOT_FOUND;
    *ret = c->slots[a->slot++];
    return OK;
}

static status load_alloc(struct chain *c, struct state *st, hash32 *ret_root, struct err *reterr)
{
    struct arena a;
    struct alloc_source src = {.base = {alloc_account, alloc_slot}};
    struct store_change *changes = NULL;
    arena_init(&a, DOC_MEMORY, false);
    status s = store_changes(st, &a, &changes, &src.n, reterr);
    src.change = changes;
    if (s == OK)
        s = store_load(&c->store, 0, &src.base, ret_root, reterr);
    arena_done(&a);
    return s;
}

static status put_genesis_rows(struct chain *c, struct kv_txn *w, const struct block_header *h,
                               slice raw, slice created, struct err *reterr)
{
    static const uint8_t yes = 1;
    struct chain_rows rows = {.number = 0, .raw = raw, .bloom = h->bloom, .created = created};
    rows.info.total_difficulty = h->difficulty;
    rows.info.hash = c->genesis_hash;
    status s = chain_rows_put(&c->t, w, &rows, reterr);
    if (s == OK && c->dev)
        s = kv_put(w, c->t.meta, meta_key.dev, slice_of(&yes, 1), reterr);
    if (s == OK)
        s = kv_put(w, c->t.meta, meta_key.genesis, c->genesis_doc.text, reterr);
    return s;
}

static status write_genesis(struct chain *c, slice created, struct err *reterr)
{
    struct kv_txn *w = NULL;
    struct buf raw;
    struct block_header *h = &c->genesis.header;
    buf_init(&raw, CHAIN_RAW_MAX);
    status s = genesis_put(h, &raw);
    if (s == OK)
        s = header_hash(h, &c->genesis_hash);
    if (s != OK)
        s = ERR(reterr, s, "genesis block");
    if (s == OK)
        s = kv_write_begin(c->kv, &w, reterr);
    if (s == OK) {
        s = put_genesis_rows(c, w, h, buf_slice(&raw), created, reterr);
        if (s == OK)
            s = kv_commit(w, reterr);
        else
            kv_abort(w);
    }
    buf_done(&raw);
    return s;
}

static status check_root(struct state *st, const hash32 *want, struct err *reterr)
{
    hash32 root;
    status s = state_root(st, &root);
    if (s == OK && !hash32_eq(root, *want))
        s = E_CORRUPT;
    return s == OK ? OK : ERR(reterr, s, "the genesis makes another state than it did");
}

status chain_genesis_state(struct chain *c, const hash32 *want, struct buf *created,
                           hash32 *ret_root, struct err *reterr)
{
    struct state st;
    struct code_cache codes;
    code_cache_init(&codes);
    state_init(&st, NULL, &codes);
    status s = genesis_alloc(c->genesis.alloc, &st, reterr);
    if (s == OK && want != NULL)
        s = check_root(&st, want, reterr);
    if (s == OK)
        s = load_alloc(c, &st, ret_root, reterr);
    if (s == OK && created != NULL && (s = chain_created_put(&st, created)) != OK)
        s = ERR(reterr, s, "names of the genesis");
    state_done(&st);
    code_cache_done(&codes);
    return s;
}

static status make(struct chain *c, struct err *reterr)
{
    struct buf created;
    buf_init(&created, CHAIN_RAW_MAX);
    status s = chain_genesis_state(c, NULL, &created, &c->genesis.header.state_root, reterr);
    if (s == OK)
        s = write_genesis(c, buf_slice(&created), reterr);
    buf_done(&created);
    return s;
}

static status refuse_second(struct chain *c, struct kv_txn *txn, struct err *reterr)
{
    uint64_t head;
    status s = chain_head_get(&c->t, txn, &head, reterr);
    return s == OK            ? ERR(reterr, E_CONFLICT, "a chain is there already")
           : s == E_NOT_FOUND ? OK
                              : s;
}

/* The state is stored before the chain is: a call that was cut off in between left it alone. */
static status forget_state(struct chain *c, struct err *reterr)
{
    struct kv_txn *w = NULL;
    status s = kv_write_begin(c->kv, &w, reterr);
    if (s == OK)
        s = refuse_second(c, w, reterr);
    if (s == OK)
        s = store_forget(&c->store, w, reterr);
    if (s == OK)
        return kv_commit(w, reterr);
    kv_abort(w);
    return s;
}

status chain_absent(const char *dir, struct err *reterr)
{
    struct chain c = {0};
    if (!has_store(dir))
        return OK;
    status s = store_up(dir, 0, &c, reterr);
    if (s == OK)
        s = with_txn(&c, refuse_second, reterr);
    kv_close(c.kv);
    return s == OK ? OK : err_prefix(reterr, s, dir);
}

status chain_create(const char *dir, slice genesis_text, bool dev, hash32 *ret_hash,
                    struct err *reterr)
{
    struct chain c = {.dev = dev};
    arena_init(&c.genesis_memory, DOC_MEMORY, false);
    status s = genesis_text.n <= GENESIS_BYTES_MAX ? OK : ERR(reterr, E_TOO_LONG, "genesis");
    if (s == OK)
        s = json_read(genesis_text, &c.genesis_memory, &c.genesis_doc, reterr);
    if (s == OK)
        s = genesis_read(&c.genesis_doc, &c.genesis, reterr);
    if (s == OK)
        s = store_up(dir, 0, &c, reterr);
    if (s == OK)
        s = forget_state(&c, reterr);
    if (s == OK)
        s = make(&c, reterr);
    if (s == OK && ret_hash != NULL)
        *ret_hash = c.genesis_hash;
    kv_close(c.kv);
    arena_done(&c.genesis_memory);
    return s == OK ? OK : err_prefix(reterr, s, dir);
}

/* --- opening --------------------------------------------------------------------------------- */

static status read_genesis(struct chain *c, struct kv_txn *txn, struct err *reterr)
{
    slice text;
    struct chain_info info;
    struct chain_block b;
    status s = kv_get(txn, c->t.meta, meta_key.genesis, &text, reterr);
    if (s == E_NOT_FOUND)
        return ERR(reterr, s, "no chain is there");
    if (s == OK && (text = arena_dup(&c->genesis_memory, text)).p == NULL)
        s = ERR(reterr, E_NOMEM, "genesis");
    if (s == OK)
        s = json_read(text, &c->genesis_memory, &c->genesis_doc, reterr);
    if (s == OK)
        s = genesis_read(&c->genesis_doc, &c->genesis, reterr);
    if (s == OK)
        s = chain_info_get(c, txn, 0, &info, reterr);
    if (s == OK)
        s = chain_block_get(c, txn, 0, &b, reterr);
    if (s != OK)
        return s;
    c->genesis_hash = info.hash;
    c->genesis_sealed = info.has_seal;
    c->genesis.header.state_root = b.block.header.state_root;
    c->dev = kv_has(txn, c->t.meta, meta_key.dev);
    return OK;
}

static status read_head(struct chain *c, struct kv_txn *txn, struct err *reterr)
{
    struct chain_info info;
    struct store_span span;
    status s = chain_head_get(&c->t, txn, &c->news.head, reterr);
    if (s == OK)
        s = chain_info_get(c, txn, c->news.head, &info, reterr);
    if (s == OK)
        s = store_span(&c->store, txn, &span, reterr);
    if (s == OK && span.head != c->news.head)
        s = ERR(reterr, E_CORRUPT, "the state is of block %llu, the head of %llu",
                (unsigned long long)span.head, (unsigned long long)c->news.head);
    if (s == OK)
        c->news.hash = info.hash;
    return s;
}

static status check_options(struct chain *c, const struct chain_options *o, struct err *reterr)
{
    addr20 own;
    if (c->dev != o->dev)
        return ERR(reterr, E_FORBIDDEN,
                   c->dev ? "a chain for development: open it with --dev only"
                          : "a real chain: not to be opened with --dev");
    if (o->authority == NULL)
        return OK;
    if (!c->genesis.has_authority)
        return ERR(reterr, E_MISMATCH, "the genesis names no authority");
    status s = secp_key_addr(o->authority, &own);
    if (s != OK || !addr20_eq(own, c->genesis.authority))
        return ERR(reterr, E_MISMATCH, "the authority's key is not that of the genesis");
    c->key = secret_alloc(sizeof *c->key);
    if (c->key == NULL)
        return ERR(reterr, E_NOMEM, "chain");
    *c->key = *o->authority;
    return OK;
}

/* No client takes a block without the authority's signature: block 0 has one, too. */
static status sign_genesis(struct chain *c, struct err *reterr)
{
    return c->key == NULL || c->genesis_sealed ? OK : chain_genesis_seal(c, NULL, reterr);
}

static status load(struct chain *c, const struct chain_options *o, struct err *reterr)
{
    status s = store_up(o->dir, o->map_bytes, c, reterr);
    if (s == OK)
        s = with_txn(c, read_genesis, reterr);
    if (s == OK)
        s = check_options(c, o, reterr);
    if (s == OK && (c->sealer = machine_new()) == NULL)
        s = ERR(reterr, E_NOMEM, "chain");
    if (s == OK && kv_schema(c->kv) < CHAIN_SCHEMA)
        s = chain_upgrade(c, o, reterr);
    if (s == OK)
        s = sign_genesis(c, reterr);
    if (s == OK)
        s = with_txn(c, read_head, reterr);
    return s == OK ? chain_next_update(c, reterr) : s;
}

static size_t or_default(size_t v, size_t def)
{
    return v != 0 ? v : def;
}

static void pool_up(struct chain *c, const struct chain_pool_limits *l)
{
    struct pool_caps caps = {.txs = or_default(l->txs, POOL_TXS),
                             .per_sender = or_default(l->per_sender, POOL_PER_SENDER),
                             .queued = or_default(l->queued, POOL_QUEUED),
                             .bytes = or_default(l->bytes, POOL_BYTES),
                             .queued_s = or_default(l->queued_s, POOL_QUEUED_S)};
    uint64_t seed = (uintptr_t)c; /* which nobody outside knows either */
    caps.queued_all = or_default(l->queued_all, caps.txs / POOL_QUEUED_PART);
    (void)!random_fill(c->random, (uint8_t *)&seed, sizeof seed);
    pool_init(&c->pool, &caps, seed);
}

static struct chain *chain_new(const struct chain_options *o)
{
    pthread_condattr_t attr;
    struct chain *c = calloc(1, sizeof *c);
    if (c == NULL)
        return NULL;
    c->clock = o->clock != NULL ? o->clock : &clock_system;
    c->random = o->random != NULL ? o->random : &random_system;
    c->threads = o->threads != 0 ? o->threads : 2;
    c->sealing = o->sealing;
    c->interval_ms = o->interval_ms;
    c->block_txs = CHAIN_BLOCK_TXS;
    c->blobs = o->pool.blobs;
    pool_up(c, &o->pool);
    arena_init(&c->genesis_memory, DOC_MEMORY, false);
    chain_dev_init(&c->devs);
    pthread_mutex_init(&c->write, NULL);
    pthread_mutex_init(&c->lock, NULL);
    pthread_mutex_init(&c->listen, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&c->work, &attr);
    pthread_cond_init(&c->told, &attr);
    pthread_condattr_destroy(&attr);
    return c;
}

status chain_open(const struct chain_options *o, struct chain **ret, struct err *reterr)
{
    if (!has_store(o->dir))
        return ERR(reterr, E_NOT_FOUND, "%s: no chain is there", o->dir);
    struct chain *c = chain_new(o);
    if (c == NULL)
        return ERR(reterr, E_NOMEM, "chain");
    status s = load(c, o, reterr);
    if (s != OK) {
        chain_close(c);
        return err_prefix(reterr, s, o->dir);
    }
    *ret = c;
    return OK;
}

static void stop_sealing(struct chain *c)
{
    pthread_mutex_lock(&c->lock);
    c->stop = true;
    pthread_cond_broadcast(&c->work);
    pthread_cond_broadcast(&c->told);
    pthread_mutex_unlock(&c->lock);
    if (c->started)
        (void)pthread_join(c->thread, NULL);
}

void chain_close(struct chain *c)
{
    if (c == NULL)
        return;
    stop_sealing(c);
    pool_done(&c->pool);
    chain_dev_done(&c->devs);
    chain_machine_free(c->sealer);
    while (c->machines != NULL) {
        struct chain_machine *m = c->machines;
        c->machines = m->next;
        chain_machine_free(m);
    }
    kv_close(c->kv);
    arena_done(&c->genesis_memory);
    secret_free(c->key, sizeof *c->key);
    pthread_cond_destroy(&c->work);
    pthread_cond_destroy(&c->told);
    pthread_mutex_destroy(&c->write);
    pthread_mutex_destroy(&c->lock);
    pthread_mutex_destroy(&c->listen);
    free(c);
}

/* --- what does not change --------------------------------------------------------------------- */

uint64_t chain_redone(const struct chain *c)
{
    return kv_redone(c->kv);
}

const struct genesis *chain_genesis(const struct chain *c)
{
    return &c->genesis;
}

const struct chain_config *chain_config_of(const struct chain *c)
{
    return &c->genesis.config;
}

uint64_t chain_id(const struct chain *c)
{
    return c->genesis.config.chain_id;
}

bool chain_is_dev(const struct chain *c)
{
    return c->dev;
}

hash32 chain_genesis_hash(const struct chain *c)
{
    return c->genesis_hash;
}

const struct clock_src *chain_clock(const struct chain *c)
{
    return c->clock;
}
