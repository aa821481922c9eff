/* SPDX-License-Identifier: Apache-2.0 */
/* The chain under load: killed at random, out of space, with writes that fail. What was told to be
 * in a block stays there; blocks are whole and equal their replay. EHRD_CHAIN_KILLS: how often. */
#include "test.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "chain/chain.h"
#include "tmpdir.h"

#define KILLS_DEFAULT 10u
#define SENDERS 3u
#define WAIT_MS 60000u
#define GENESIS                                                                                    \
    "{\"config\":{\"chainId\":77,\"homesteadBlock\":0,\"eip150Block\":0,\"eip155Block\":0,"        \
    "\"byzantiumBlock\":0,\"constantinopleBlock\":0,\"petersburgBlock\":0,\"istanbulBlock\":0,"    \
    "\"berlinBlock\":0,\"londonBlock\":0,\"terminalTotalDifficulty\":0,\"shanghaiTime\":0,"        \
    "\"cancunTime\":0,\"pragueTime\":0,\"osakaTime\":0},\"gasLimit\":\"0x3938700\","               \
    "\"baseFeePerGas\":\"0x0\",\"difficulty\":\"0x0\","                                            \
    "\"ehrd\":{\"authority\":\"%s\",\"sameSecond\":true,\"baseFee\":\"fixed\"},\"alloc\":{"        \
    "\"0x00000000000000000000000000000000000000aa\":" /* sstore(data, data), log1(data) */         \
    "{\"balance\":\"0x0\",\"code\":\"0x6000358060005280556000356020600060"                         \
    "00a1\"}}}"

static char root[128];
static char text[4096];

static struct secp_key key_of(unsigned i)
{
    struct secp_key k;
    memset(k.b, (int)(i + 1), sizeof k.b);
    return k;
}

static void set_up_chain(const char *dir)
{
    char hex[48];
    addr20 who;
    struct err e = {0};
    struct secp_key authority = key_of(100);
    assert_int_equal(secp_key_addr(&authority, &who), OK);
    (void)snprintf(text, sizeof text, GENESIS, hex_0x(slice_of(who.b, 20), hex));
    assert_ok(chain_create(dir, slice_str(text), false, NULL, &e), &e);
}

static struct chain *open_chain(const char *dir, uint64_t map_bytes, bool sign)
{
    struct chain *c = NULL;
    struct err e = {0};
    struct secp_key authority = key_of(100);
    const struct chain_options o = {
        .dir = dir, .authority = sign ? &authority : NULL, .map_bytes = map_bytes};
    assert_ok(chain_open(&o, &c, &e), &e);
    return c;
}

/* --- load ------------------------------------------------------------------------------------ */

static status send_one(struct chain *c, unsigned who, uint64_t nonce, hash32 *hash, struct err *e)
{
    uint8_t data[32];
    struct secp_key key = key_of(who);
    struct buf raw;
    struct tx t = {.type = TX_FEE_MARKET,
                   .has_chain_id = true,
                   .chain_id = 77,
                   .nonce = nonce,
                   .gas = 100000,
                   .to = {.b = {[19] = 0xaa}},
                   .data = slice_of(data, sizeof data)};
    memset(data, (int)who + 1, sizeof data);
    for (unsigned i = 0; i < 8; i++)
        data[i] = (uint8_t)(nonce * 0x9e3779b97f4a7c15u >> 8 * i);
    buf_init(&raw, 4096);
    status s = tx_sign(&t, &key);
    if (s == OK)
        s = tx_put_raw(&t, &raw);
    if (s == OK)
        s = chain_submit(c, buf_slice(&raw), hash, e);
    buf_done(&raw);
    return s;
}

struct load {
    struct chain *chain;
    unsigned who;
    int report; /* hashes of what is in a block */
};

/* Bursts of one to eight; the last of each is waited for, so all of it is reported. */
static void *send_on(void *ctx)
{
    struct load *l = ctx;
    struct err e = {0};
    addr20 who;
    struct secp_key key = key_of(l->who);
    uint64_t nonce = 0;
    (void)!secp_key_addr(&key, &who);
    (void)!chain_pending_nonce(l->chain, &who, &nonce, &e);
    for (;;) {
        hash32 hash[8];
        size_t n = 1 + nonce % 8;
        for (size_t i = 0; i < n; i++)
            if (send_one(l->chain, l->who, nonce++, &hash[i], &e) != OK)
                return NULL;
        if (chain_wait_tx(l->chain, &hash[n - 1], WAIT_MS, NULL, NULL, &e) != OK)
            return NULL;
        if (write(l->report, hash, n * sizeof *hash) < 0)
            return NULL;
    }
}

static void child(const char *dir, int report)
{
    struct load l[SENDERS];
    pthread_t thread[SENDERS];
    struct err e = {0};
    struct chain *c = open_chain(dir, 0, true);
    assert_ok(chain_start(c, &e), &e);
    for (unsigned i = 0; i < SENDERS; i++) {
        l[i] = (struct load){c, i, report};
        assert_int_equal(pthread_create(&thread[i], NULL, send_on, &l[i]), 0);
    }
    for (unsigned i = 0; i < SENDERS; i++)
        (void)pthread_join(thread[i], NULL);
    _exit(1);
}

/* --- judgement ------------------------------------------------------------------------------- */

/* Everything new goes into the replay and is the same there. Returns the head. */
static uint64_t replay(struct chain *c, struct chain *copy)
{
    struct chain_view v;
    struct chain_view w;
    struct chain_news news;
    struct chain_block b;
    struct err e = {0};
    assert_ok(chain_view_open(c, &v, &e), &e);
    chain_news_get(copy, &news);
    for (uint64_t n = news.head + 1; n <= v.head; n++) {
        assert_ok(chain_view_block(&v, n, &b, &e), &e);
        assert_true(b.has_seal);
        assert_ok(chain_import(copy, b.block.raw, b.seal, &e), &e);
        assert_ok(chain_view_open(copy, &w, &e), &e);
        assert_ok(chain_view_same(&v, &w, n, &e), &e);
        chain_view_close(&w);
    }
    uint64_t head = v.head;
    chain_view_close(&v);
    return head;
}

static size_t check_reported(struct chain *c, int report)
{
    struct chain_view v;
    struct arena a;
    struct err e = {0};
    hash32 hash;
    size_t n = 0;
    assert_ok(chain_view_open(c, &v, &e), &e);
    arena_init(&a, (size_t)1 << 28, false);
    while (read(report, &hash, sizeof hash) == (ssize_t)sizeof hash) {
        struct chain_receipt r;
        uint64_t number = 0;
        uint32_t index = 0;
        assert_ok(chain_view_tx(&v, &hash, &number, &index, &e), &e);
        assert_ok(chain_view_receipt(&v, number, index, &a, &r, &e), &e);
        assert_true(hash32_eq(r.tx_hash, hash) && r.receipt.success);
        n++;
    }
    arena_done(&a);
    chain_view_close(&v);
    return n;
}

static size_t one_kill(const char *dir, struct chain *copy, unsigned ms, uint64_t *ret_head)
{
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)close(fds[0]);
        child(dir, fds[1]);
    }
    (void)close(fds[1]);
    const struct timespec pause = {.tv_nsec = (long)ms * 1000000};
    (void)nanosleep(&pause, NULL);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    struct chain *c = open_chain(dir, 0, true);
    size_t n = check_reported(c, fds[0]);
    *ret_head = replay(c, copy);
    chain_close(c);
    (void)close(fds[0]);
    return n;
}

static void what_was_told_survives_kills(void **state)
{
    const char *often = getenv("EHRD_CHAIN_KILLS");
    unsigned kills = often != NULL ? (unsigned)strtoul(often, NULL, 10) : KILLS_DEFAULT;
    char dir[160];
    char other[160];
    size_t told = 0;
    uint64_t head = 0;
    (void)state;
    (void)snprintf(dir, sizeof dir, "%s/kill", root);
    (void)snprintf(other, sizeof other, "%s/replay", root);
    set_up_chain(dir);
    set_up_chain(other);
    struct chain *copy = open_chain(other, 0, false);
    /* On a machine that is busy nothing may be told in so short a time: then later, and again. */
    for (unsigned i = 0; i < kills || (told == 0 && i < kills + 20); i++) {
        uint8_t r = 0;
        assert_int_equal(random_fill(&random_system, &r, 1), OK);
        told += one_kill(dir, copy, 15u + r + (told == 0 ? 100u * i : 0), &head);
    }
    chain_close(copy);
    print_message("%u kills: %zu transactions told, all there; %llu blocks equal their replay\n",
                  kills, told, (unsigned long long)head);
    assert_true(told > 0);
}

/* --- no space -------------------------------------------------------------------------------- */

static addr20 sender_of(unsigned who)
{
    addr20 a;
    struct secp_key key = key_of(who);
    assert_int_equal(secp_key_addr(&key, &a), OK);
    return a;
}

/* Send until blocks cannot be written. Returns how many were told to be mined. */
static uint64_t fill(struct chain *c, status *ret_why)
{
    struct err e = {0};
    uint64_t nonce = 0;
    hash32 hash;
    addr20 who = sender_of(0);
    assert_ok(chain_pending_nonce(c, &who, &nonce, &e), &e);
    for (uint64_t mined = nonce; mined < 200000; mined++) {
        status s = send_one(c, 0, nonce, &hash, &e);
        if (s == OK)
            s = chain_wait_tx(c, &hash, WAIT_MS, NULL, NULL, &e);
        if (s != OK) {
            *ret_why = s;
            return mined;
        }
        nonce++;
    }
    fail_msg("it never ends");
    return 0;
}

static uint64_t nonce_at_head(struct chain *c)
{
    struct chain_view v;
    struct trie_account a;
    bool exists;
    addr20 who = sender_of(0);
    struct err e = {0};
    assert_ok(chain_view_open(c, &v, &e), &e);
    assert_ok(chain_view_account(&v, v.head, &who, &exists, &a, &e), &e);
    chain_view_close(&v);
    return a.nonce;
}

static void a_full_store_is_told_and_grows_after_a_restart(void **state)
{
    char dir[160];
    struct err e = {0};
    hash32 hash;
    status why = OK;
    (void)state;
    (void)snprintf(dir, sizeof dir, "%s/full", root);
    set_up_chain(dir);
    struct chain *c = open_chain(dir, (uint64_t)1 << 20, true);
    assert_ok(chain_start(c, &e), &e);
    uint64_t mined = fill(c, &why);
    assert_status(why, E_NO_SPACE);
    assert_status(chain_health(c, &e), E_NO_SPACE);
    assert_status(send_one(c, 1, 0, &hash, &e), E_NO_SPACE);
    assert_int_equal(nonce_at_head(c), mined); /* still read, and nothing half done */
    chain_close(c);
    c = open_chain(dir, (uint64_t)1 << 26, true);
    assert_ok(chain_start(c, &e), &e);
    assert_int_equal(nonce_at_head(c), mined);
    assert_ok(send_one(c, 0, mined, &hash, &e), &e);
    assert_ok(chain_wait_tx(c, &hash, WAIT_MS, NULL, NULL, &e), &e);
    chain_close(c);
}

/* No file may grow, as on a full disk; later it may again. */
static void failing_writes_are_tried_again(void **state)
{
    char dir[160];
    struct err e = {0};
    struct rlimit before;
    struct rlimit tight;
    status why = OK;
    struct chain_news news;
    (void)state;
    (void)snprintf(dir, sizeof dir, "%s/fail", root);
    set_up_chain(dir);
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    tight = before;
    tight.rlim_cur = (rlim_t)1 << 20;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    struct chain *c = open_chain(dir, 0, true);
    assert_ok(chain_start(c, &e), &e);
    uint64_t mined = fill(c, &why);
    assert_true(why == E_IO || why == E_NO_SPACE);
    assert_int_equal(nonce_at_head(c), mined);
    chain_news_get(c, &news);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    for (int i = 0; i < 100 && nonce_at_head(c) == mined; i++) { /* what waits is mined by itself */
        const struct timespec pause = {.tv_nsec = 100000000};
        (void)nanosleep(&pause, NULL);
    }
    assert_int_equal(nonce_at_head(c), mined + 1);
    assert_ok(chain_health(c, &e), &e);
    uint64_t head = news.head;
    chain_news_get(c, &news);
    assert_int_equal(news.head, head + 1);
    chain_close(c);
}

static int set_up(void **state)
{
    (void)state;
    tmpdir_make(root, sizeof root);
    return secp_init(&random_system) == OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    tmpdir_remove(root);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_told_survives_kills),
        cmocka_unit_test(a_full_store_is_told_and_grows_after_a_restart),
        cmocka_unit_test(failing_writes_are_tried_again),
    };
    return cmocka_run_group_tests_name("chain_kill", tests, set_up, tear_down);
}
