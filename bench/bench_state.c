/* SPDX-License-Identifier: Apache-2.0 */
/* bench_state SLOTS [DIR]: a state with this many slots in one account and a tenth as many accounts
 * loaded into a store below DIR and opened anew, then times of small and large blocks, proofs now
 * and in the past, values, and bytes on disk per changed slot. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "state_load.h"
#include "trie/proof.h"

#define BIG_SLOTS 1000u
#define BIG_BLOCKS 31u
#define FRESH_BLOCKS 3u /* when no freed page waits to be used again: new ones lie side by side */
#define SMALL_BLOCKS 1001u /* several checkpoints of the log */
#define PROOFS 400u
#define MAP_BYTES ((uint64_t)256 << 30)

struct bench {
    struct big_state state;
    char dir[256];
    struct kv *kv;
    struct store store;
    uint64_t block;
    struct err e;
};

static void check(const struct bench *b, status s)
{
    if (s == OK)
        return;
    fprintf(stderr, "%s: %s\n", status_name(s), b->e.msg);
    exit(1);
}

/* Time this thread has had a core: what others on the machine do counts less. */
static double cpu_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static uint64_t used(struct bench *b)
{
    struct kv_usage u;
    check(b, kv_usage(b->kv, &u, &b->e));
    return u.used_bytes;
}

/* Bytes of keys and values of all rows: what would fill pages without gaps. */
static uint64_t row_bytes(struct bench *b)
{
    const struct kv_table tables[] = {b->store.node, b->store.code, b->store.block};
    struct kv_txn *r;
    uint64_t sum = 0;
    check(b, kv_read_begin(b->kv, &r, &b->e));
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        struct kv_iter it;
        slice key;
        slice value;
        check(b, kv_iter_init(&it, r, tables[i], SLICE_EMPTY, SLICE_EMPTY, KV_FORWARD, &b->e));
        while (kv_iter_next(&it, &key, &value, &b->e) == OK)
            sum += key.n + value.n;
        kv_iter_done(&it);
    }
    kv_abort(r);
    return sum;
}

/* --- loading -------------------------------------------------------------------------------- */

static void load(struct bench *b)
{
    hash32 root;
    check(b, big_load(&b->state, &b->store, &root, &b->e));
    printf("  on the disk             %9.1f MiB  %.0f bytes/slot\n", (double)used(b) / 1048576,
           (double)used(b) / (double)b->state.slots);
}

/* As after a restart of the machine, then a pass over all rows. */
static void open_anew(struct bench *b, const struct kv_options *o)
{
    kv_close(b->kv);
    big_forget(b->dir);
    double t = now_ms();
    check(b, kv_open(b->dir, o, &b->kv, &b->e));
    check(b, store_open(b->kv, &b->store, &b->e));
    printf("open anew                 %9.1f ms\n", now_ms() - t);
    (void)row_bytes(b);
    printf("all rows read after it    %9.1f ms\n", now_ms() - t);
}

/* --- blocks --------------------------------------------------------------------------------- */

static int slot_cmp(const void *a, const void *b)
{
    return memcmp(((const struct store_slot *)a)->key.b, ((const struct store_slot *)b)->key.b, 32);
}

static int change_cmp(const void *a, const void *b)
{
    return memcmp(((const struct store_change *)a)->key.b, ((const struct store_change *)b)->key.b,
                  32);
}

/* n slots, one in three of them new, the rest changed. Returns how many are different. */
static size_t make_slots(struct bench *b, struct store_slot *out, size_t n)
{
    size_t w = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t number = big_slot_to_change(&b->state, i);
        out[i] = (struct store_slot){big_slot_key(number), big_random_word(&b->state)};
    }
    qsort(out, n, sizeof *out, slot_cmp);
    for (size_t i = 0; i < n; i++)
        if (w == 0 || slot_cmp(&out[w - 1], &out[i]) != 0)
            out[w++] = out[i];
    return w;
}

enum { STATE, COMMIT, CPU, TIMES };

/* A block as its execution leaves it: the contract, the sender and n slots. ret: the times of the
 * state alone, of the commit, and of both on a core. */
static void run_block(struct bench *b, size_t n, double ret[TIMES])
{
    static struct store_slot slots[BIG_SLOTS];
    struct store_change ch[2] = {
        big_account(&b->state, 0),
        big_account(&b->state, 1 + big_random(&b->state) % (b->state.accounts - 1))};
    struct kv_txn *w;
    hash32 root;
    ch[0].slots = slots;
    ch[0].slots_n = make_slots(b, slots, n);
    ch[0].nonce = ch[1].nonce = ++b->block;
    qsort(ch, 2, sizeof ch[0], change_cmp);
    double c0 = cpu_ms();
    double t0 = now_ms();
    check(b, kv_write_begin(b->kv, &w, &b->e));
    check(b, store_commit(&b->store, w, b->block, ch, 2, &root, &b->e));
    double t1 = now_ms();
    check(b, kv_commit(w, &b->e));
    ret[STATE] = t1 - t0;
    ret[COMMIT] = now_ms() - t1;
    ret[CPU] = cpu_ms() - c0;
}

static void run_blocks(struct bench *b, const char *what, size_t blocks, size_t slots)
{
    double *ms[TIMES];
    double mid[TIMES];
    double *whole = calloc(blocks, sizeof *whole);
    double sum = 0;
    double n = (double)(blocks * slots);
    uint64_t before = used(b);
    uint64_t rows = row_bytes(b);
    if (whole == NULL)
        abort();
    for (size_t k = 0; k < TIMES; k++)
        if ((ms[k] = calloc(blocks, sizeof(double))) == NULL)
            abort();
    for (size_t i = 0; i < blocks; i++) {
        double t[TIMES];
        run_block(b, slots, t);
        for (size_t k = 0; k < TIMES; k++)
            ms[k][i] = t[k];
        whole[i] = t[STATE] + t[COMMIT];
        sum += whole[i];
    }
    for (size_t k = 0; k < TIMES; k++) {
        mid[k] = median(ms[k], blocks);
        free(ms[k]);
    }
    printf("%-25s %9.3f ms state + %8.3f ms commit, on a core %.3f ms (medians of %zu)\n", what,
           mid[STATE], mid[COMMIT], mid[CPU], blocks);
    double half = median(whole, blocks);
    printf("  whole                   %9.3f ms median, %.3f mean, %.3f the slowest of ten\n", half,
           sum / (double)blocks, whole[blocks * 9 / 10]);
    free(whole);
    printf("  per changed slot        %9.0f bytes of rows, %.0f of file\n",
           (double)(row_bytes(b) - rows) / n, (double)(used(b) - before) / n);
}

/* --- reading -------------------------------------------------------------------------------- */

static void prove(struct bench *b, const char *what, uint64_t block)
{
    double *ms = calloc(PROOFS, sizeof *ms);
    size_t nodes = 0;
    hash32 root;
    struct kv_txn *r;
    if (ms == NULL)
        abort();
    check(b, kv_read_begin(b->kv, &r, &b->e));
    check(b, store_root(&b->store, r, block, &root, &b->e));
    for (size_t i = 0; i < PROOFS; i++) {
        struct arena a;
        struct store_proof p;
        struct trie_account got;
        bool exists;
        u256 slot = u256_from_u64(big_random(&b->state) % b->state.slots);
        addr20 at = big_address(&b->state, 0);
        arena_init(&a, (size_t)1 << 24, false);
        double t = now_ms();
        check(b, store_prove(&b->store, r, block, &at, &slot, 1, &a, &p, &b->e));
        ms[i] = now_ms() - t;
        check(b, trie_proof_account(&root, &at, p.nodes, p.nodes_n, &exists, &got, &b->e));
        nodes = p.nodes_n + p.slots[0].nodes_n;
        arena_done(&a);
    }
    kv_abort(r);
    printf("%-25s %9.3f ms (median of %u), %zu nodes\n", what, median(ms, PROOFS), PROOFS, nodes);
    free(ms);
}

static void read_values(struct bench *b)
{
    struct store_world w;
    struct kv_txn *r;
    addr20 at = big_address(&b->state, 0);
    check(b, kv_read_begin(b->kv, &r, &b->e));
    check(b, store_world_at(&b->store, r, b->block, &w, &b->e));
    double t = now_ms();
    for (size_t i = 0; i < 10000; i++) {
        u256 slot = u256_from_u64(big_random(&b->state) % b->state.slots);
        u256 word;
        check(b, w.base.ops->slot(&w.base, &at, &slot, &word));
    }
    printf("read a slot               %9.2f us\n", (now_ms() - t) / 10);
    kv_abort(r);
}

static void prune(struct bench *b)
{
    bool done = false;
    size_t calls = 0;
    double t = now_ms();
    while (!done) {
        struct kv_txn *w;
        check(b, kv_write_begin(b->kv, &w, &b->e));
        check(b, store_prune(&b->store, w, b->block, 10000, &done, &b->e));
        check(b, kv_commit(w, &b->e));
        calls++;
    }
    printf("prune to the head         %9.1f ms in %zu transactions\n", now_ms() - t, calls);
}

int main(int argc, char **argv)
{
    static struct bench b;
    b.state.slots = argc > 1 ? strtoull(argv[1], NULL, 10) : 100000;
    if (b.state.slots < 100) {
        fputs("bench_state SLOTS [DIR], at least 100 slots\n", stderr);
        return 2;
    }
    b.state.accounts = b.state.slots / 10;
    (void)snprintf(b.dir, sizeof b.dir, "%s/bench-state-XXXXXX", argc > 2 ? argv[2] : "/tmp");
    if (mkdtemp(b.dir) == NULL) {
        perror(b.dir);
        return 1;
    }
    const struct kv_options o = {.app = "bench",
                                 .schema = 1,
                                 .max_tables = STORE_TABLES,
                                 .map_bytes = MAP_BYTES,
                                 .log = true};
    check(&b, kv_open(b.dir, &o, &b.kv, &b.e));
    check(&b, store_open(b.kv, &b.store, &b.e));
    printf("%llu slots, %llu accounts, %s\n", (unsigned long long)b.state.slots,
           (unsigned long long)b.state.accounts, b.dir);
    load(&b);
    open_anew(&b, &o);
    run_blocks(&b, "block of 3 slots", SMALL_BLOCKS, 3);
    run_blocks(&b, "block of 1000, fresh", FRESH_BLOCKS, BIG_SLOTS);
    run_blocks(&b, "block of 3, after these", SMALL_BLOCKS, 3);
    run_blocks(&b, "block of 1000 slots", BIG_BLOCKS, BIG_SLOTS);
    prove(&b, "proof at the head", b.block);
    prove(&b, "proof at block 1", 1);
    read_values(&b);
    prune(&b);
    kv_close(b.kv);
    printf("remove %s\n", b.dir);
    return 0;
}
