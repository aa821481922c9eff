/* SPDX-License-Identifier: Apache-2.0 */
/* bench_block DIR SLOTS...: for each number a chain whose contract has so many slots, and a tenth
 * as many accounts, bulk-loaded below DIR and opened anew, then blocks of one transaction, as a
 * node makes them: from handing in a signed transaction to being told that its block is on the
 * disk. The transaction changes 3 or 1,000 slots of the contract, anywhere, a third of them new; it
 * is each time another sender's. The chains take turns, since the machine is not as fast at all
 * times. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/hex.h"
#include "chain/chain_priv.h"
#include "state_load.h"

#define SENDERS 4096u
#define CHAINS_MAX 8u
#define SMALL_BLOCKS 1000u
#define SMALL_TURN 200u /* blocks of a chain before it is the next one's turn */
#define BIG_BLOCKS 32u
#define BIG_TURN 8u
#define SMALL_SLOTS 3u
#define BIG_SLOTS 1000u
#define PAIR 64u /* slot and word in the call's data */
#define GAS_LIMIT "0x3938700"
#define TX_GAS 16000000u /* below the cap of EIP-7825 */
#define CHAIN_ID 31336u
#define WAIT_MS 60000u

/* Stores each pair of words of the call's data: the second under the first. */
static const uint8_t store_pairs[] = {
    0x5f,                         /*     PUSH0              i               */
    0x5b, 0x80, 0x36, 0x11, 0x15, /* 01: DUP1 CALLDATASIZE GT ISZERO        */
    0x60, 0x18, 0x57,             /*     PUSH1 end JUMPI    i               */
    0x80, 0x35,                   /*     DUP1 CALLDATALOAD  i key           */
    0x81, 0x60, 0x20, 0x01, 0x35, /*     load(i + 32)       i key word      */
    0x90, 0x55,                   /*     SWAP1 SSTORE       i               */
    0x60, 0x40, 0x01,             /*     i + 64                             */
    0x60, 0x01, 0x56,             /*     JUMP 01                            */
    0x5b, 0x00,                   /* 18: STOP                               */
};

struct bench {
    struct big_state state;
    struct secp_key authority;
    struct secp_key *key; /* of the senders */
    addr20 *sender;
    uint32_t *nonce;
    char dir[256];
    char genesis[1024];
    struct chain *chain;
    struct err e;
};

static void check(const struct bench *b, status s)
{
    if (s == OK)
        return;
    fprintf(stderr, "%s: %s\n", status_name(s), b->e.msg);
    exit(1);
}

/* Time on a core of all threads of this process. */
static double cpu_ms(void)
{
    struct rusage u;
    (void)getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e3 +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e3;
}

/* --- the chain -------------------------------------------------------------------------------- */

static void make_keys(struct bench *b)
{
    b->key = calloc(SENDERS, sizeof *b->key);
    b->sender = calloc(SENDERS, sizeof *b->sender);
    b->nonce = calloc(SENDERS, sizeof *b->nonce);
    if (b->key == NULL || b->sender == NULL || b->nonce == NULL)
        abort();
    memset(b->authority.b, 7, sizeof b->authority.b);
    for (uint32_t i = 0; i < SENDERS; i++) {
        memset(b->key[i].b, 9, sizeof b->key[i].b);
        be32_write(b->key[i].b + 28, i + 1);
        b->nonce[i] = 1; /* as the accounts are loaded */
        check(b, secp_key_addr(&b->key[i], &b->sender[i]));
    }
    b->state.named = b->sender;
    b->state.named_n = SENDERS < b->state.accounts ? SENDERS : b->state.accounts - 1;
}

static void write_genesis(struct bench *b)
{
    addr20 who;
    char hex[48];
    check(b, secp_key_addr(&b->authority, &who));
    (void)hex_0x(slice_of(who.b, 20), hex);
    (void)snprintf(b->genesis, sizeof b->genesis,
                   "{\"config\":{\"chainId\":%u,\"homesteadBlock\":0,\"eip150Block\":0,"
                   "\"eip155Block\":0,\"byzantiumBlock\":0,\"constantinopleBlock\":0,"
                   "\"petersburgBlock\":0,\"istanbulBlock\":0,\"berlinBlock\":0,\"londonBlock\":0,"
                   "\"terminalTotalDifficulty\":0,\"shanghaiTime\":0,\"cancunTime\":0,"
                   "\"pragueTime\":0,\"osakaTime\":0},\"gasLimit\":\"" GAS_LIMIT "\","
                   "\"baseFeePerGas\":\"0x0\",\"difficulty\":\"0x0\",\"alloc\":{},"
                   "\"ehrd\":{\"authority\":\"%s\",\"sameSecond\":true,\"baseFee\":\"fixed\"}}",
                   CHAIN_ID, hex);
}

/* What chain_create does, with a state that no genesis file would hold. */
static void put_genesis(struct bench *b, struct chain *c)
{
    struct kv_txn *w;
    struct buf raw;
    struct block_header *h = &c->genesis.header;
    struct chain_rows rows = {.number = 0};
    buf_init(&raw, 4096);
    check(b, genesis_put(h, &raw));
    check(b, header_hash(h, &rows.info.hash));
    rows.raw = buf_slice(&raw);
    rows.bloom = h->bloom;
    check(b, kv_write_begin(c->kv, &w, &b->e));
    check(b, chain_rows_put(&c->t, w, &rows, &b->e));
    check(b, kv_put(w, c->t.meta, slice_str("genesis"), slice_str(b->genesis), &b->e));
    check(b, kv_commit(w, &b->e));
    buf_done(&raw);
}

static void load(struct bench *b)
{
    struct chain c = {0};
    struct kv_usage u;
    const struct kv_options o = {.app = CHAIN_APP,
                                 .schema = CHAIN_SCHEMA,
                                 .map_bytes = (uint64_t)1 << 40,
                                 .max_tables = CHAIN_TABLES,
                                 .log = true};
    write_genesis(b);
    arena_init(&c.genesis_memory, 1 << 20, false);
    check(b, json_read(slice_str(b->genesis), &c.genesis_memory, &c.genesis_doc, &b->e));
    check(b, genesis_read(&c.genesis_doc, &c.genesis, &b->e));
    check(b, kv_open(b->dir, &o, &c.kv, &b->e));
    check(b, store_open(c.kv, &c.store, &b->e));
    check(b, chain_tables_open(c.kv, &c.t, &b->e));
    check(b, big_load(&b->state, &c.store, &c.genesis.header.state_root, &b->e));
    put_genesis(b, &c);
    check(b, kv_usage(c.kv, &u, &b->e));
    printf("  on the disk             %9.1f MiB\n", (double)u.used_bytes / 1048576);
    kv_close(c.kv);
    arena_done(&c.genesis_memory);
}

/* As after a restart of the machine; then all of the file is read once. */
static void open_anew(struct bench *b)
{
    const struct chain_options o = {.dir = b->dir, .authority = &b->authority};
    struct kv_usage u;
    char path[300];
    static char piece[1 << 20];
    big_forget(b->dir);
    double t = now_ms();
    check(b, chain_open(&o, &b->chain, &b->e));
    check(b, chain_start(b->chain, &b->e));
    printf("open anew                 %9.1f ms\n", now_ms() - t);
    check(b, kv_usage(b->chain->kv, &u, &b->e));
    (void)snprintf(path, sizeof path, "%s/data.mdb", b->dir);
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        perror(path);
        exit(1);
    }
    while (fread(piece, 1, sizeof piece, f) == sizeof piece)
        ;
    (void)fclose(f);
    printf("file read after it        %9.1f ms\n", now_ms() - t);
}

/* --- blocks ----------------------------------------------------------------------------------- */

static void sign(struct bench *b, size_t slots, struct buf *raw)
{
    static uint8_t data[BIG_SLOTS * PAIR];
    uint32_t who = (uint32_t)(big_random(&b->state) % b->state.named_n);
    struct tx t = {.type = TX_FEE_MARKET,
                   .has_chain_id = true,
                   .chain_id = CHAIN_ID,
                   .nonce = b->nonce[who]++,
                   .gas = TX_GAS,
                   .to = big_address(&b->state, 0),
                   .data = slice_of(data, slots * PAIR)};
    for (size_t i = 0; i < slots; i++) {
        u256_to_be(u256_from_u64(big_slot_to_change(&b->state, i)), data + i * PAIR);
        u256_to_be(big_random_word(&b->state), data + i * PAIR + 32);
    }
    raw->n = 0;
    check(b, tx_sign(&t, &b->key[who]));
    check(b, tx_put_raw(&t, raw));
}

/* The block holds this transaction alone, and it changed the slots. */
static void look(struct bench *b, uint64_t number, size_t slots)
{
    struct chain_view v;
    struct chain_block block;
    struct chain_receipt r;
    struct arena a;
    arena_init(&a, 1 << 20, false);
    check(b, chain_view_open(b->chain, &v, &b->e));
    check(b, chain_view_block(&v, number, &block, &b->e));
    check(b, chain_view_receipt(&v, number, 0, &a, &r, &b->e));
    if (block.n_txs != 1 || !r.receipt.success || r.gas_used < slots * 5000 || v.head != number) {
        fprintf(stderr, "block %llu: %zu transactions, %llu gas, %s\n", (unsigned long long)number,
                block.n_txs, (unsigned long long)r.gas_used,
                r.receipt.success ? "succeeded" : "failed");
        exit(1);
    }
    chain_view_close(&v);
    arena_done(&a);
}

/* What was measured of a kind of blocks. */
struct times {
    double ms[SMALL_BLOCKS];
    size_t n;
    double sum;
    double cpu;
};

static void run_block(struct bench *b, size_t slots, struct times *t)
{
    static struct buf raw = {.cap = CHAIN_TX_BYTES};
    hash32 hash;
    uint64_t number;
    sign(b, slots, &raw);
    double c = cpu_ms();
    double begun = now_ms();
    check(b, chain_submit(b->chain, buf_slice(&raw), &hash, &b->e));
    check(b, chain_wait_tx(b->chain, &hash, WAIT_MS, &number, NULL, &b->e));
    double ms = now_ms() - begun;
    t->cpu += cpu_ms() - c;
    t->sum += ms;
    t->ms[t->n++] = ms;
    look(b, number, slots);
}

static void run_blocks(struct bench *b, size_t chains, const char *what, size_t blocks, size_t turn,
                       size_t slots)
{
    static struct times all[CHAINS_MAX];
    memset(all, 0, sizeof all);
    for (size_t done = 0; done < blocks; done += turn)
        for (size_t i = 0; i < chains; i++)
            for (size_t k = 0; k < turn; k++)
                run_block(&b[i], slots, &all[i]);
    printf("%s, ms (of %zu blocks)\n", what, blocks);
    printf("  %10s %9s %9s %15s %8s %9s\n", "slots", "median", "mean", "slowest of ten",
           "of a core", "x first");
    double first = 0;
    for (size_t i = 0; i < chains; i++) {
        struct times *t = &all[i];
        double mid = median(t->ms, t->n);
        first = i == 0 ? mid : first;
        printf("  %10llu %9.3f %9.3f %15.3f %9.3f %9.2f\n", (unsigned long long)b[i].state.slots,
               mid, t->sum / (double)t->n, t->ms[t->n * 9 / 10], t->cpu / (double)t->n,
               mid / first);
    }
}

static void begin(struct bench *b, const char *below, const char *slots)
{
    b->state.slots = strtoull(slots, NULL, 10);
    if (b->state.slots < 100) {
        fprintf(stderr, "%s: at least 100 slots\n", slots);
        exit(2);
    }
    b->state.accounts = b->state.slots / 10;
    b->state.code = slice_of(store_pairs, sizeof store_pairs);
    (void)snprintf(b->dir, sizeof b->dir, "%s/bench-block-XXXXXX", below);
    if (mkdtemp(b->dir) == NULL) {
        perror(b->dir);
        exit(1);
    }
    printf("%llu slots, %llu accounts, %s\n", (unsigned long long)b->state.slots,
           (unsigned long long)b->state.accounts, b->dir);
    make_keys(b);
    load(b);
    open_anew(b);
}

int main(int argc, char **argv)
{
    static struct bench b[CHAINS_MAX];
    size_t chains = argc > 2 ? (size_t)argc - 2 : 0;
    if (chains == 0 || chains > CHAINS_MAX) {
        fprintf(stderr, "bench_block DIR SLOTS..., at most %u numbers\n", CHAINS_MAX);
        return 2;
    }
    check(&b[0], secp_init(&random_system));
    for (size_t i = 0; i < chains; i++)
        begin(&b[i], argv[1], argv[2 + i]);
    run_blocks(b, chains, "1 transaction, 3 slots", SMALL_BLOCKS, SMALL_TURN, SMALL_SLOTS);
    run_blocks(b, chains, "1 transaction, 1000 slots", BIG_BLOCKS, BIG_TURN, BIG_SLOTS);
    run_blocks(b, chains, "3 slots, after these", SMALL_BLOCKS, SMALL_TURN, SMALL_SLOTS);
    for (size_t i = 0; i < chains; i++)
        chain_close(b[i].chain);
    printf("remove %s/bench-block-*\n", argv[1]);
    return 0;
}
