/* SPDX-License-Identifier: Apache-2.0 */
/* Chains in the test's own process. */
#include "local_chain.h"

#include "anvil.h"
#include "chain/chain.h"
#include "ledger/local.h"
#include "ledger/remote.h"
#include "test.h"

#define GENESIS_MAX 4096u

bool local_chain_wanted(void)
{
    const char *engine = getenv("EHRD_TEST_LEDGER");
    return engine == NULL || strcmp(engine, "anvil") != 0;
}

static struct local_chain *of(struct ledger *l)
{
    return (struct local_chain *)l;
}

static status on_run(struct ledger *l, struct ledger_req *reqs, size_t n, struct arena *a,
                     struct err *reterr)
{
    struct ledger *inner = of(l)->inner;
    return inner != NULL ? inner->ops->run(inner, reqs, n, a, reterr)
                         : ERR(reterr, E_UNAVAILABLE, "no chain");
}

static status on_vouch(struct ledger *l, uint64_t number, const hash32 *hash, struct err *reterr)
{
    struct ledger *inner = of(l)->inner;
    return inner != NULL ? inner->ops->vouch(inner, number, hash, reterr)
                         : ERR(reterr, E_UNAVAILABLE, "no chain");
}

static void on_wait(struct ledger *l, uint32_t ms)
{
    struct ledger *inner = of(l)->inner;
    if (inner != NULL)
        inner->ops->wait(inner, ms);
}

static void on_close(struct ledger *l)
{
    (void)l;
}

static const struct ledger_ops ops = {on_run, on_vouch, on_wait, on_close};

/* The authority is anvil's account 0, which is told nobody. */
static status write_key(const char *dir, const struct secp_key *key, struct err *reterr)
{
    char path[440];
    char hex[66];
    (void)snprintf(path, sizeof path, "%s/authority.key", dir);
    hex_write(slice_of(key->b, 32), hex);
    hex[64] = '\n';
    return file_create(path, slice_of(hex, 65), 0600, reterr);
}

void local_chain_make(struct local_chain *l, const char *dir, bool dev, bool base_fee)
{
    char text[GENESIS_MAX];
    char hex[3][48];
    struct err err = {0};
    addr20 a;
    *l = (struct local_chain){.dev = dev};
    l->base = (struct ledger){.ops = &ops, .clock = &clock_system};
    (void)snprintf(l->dir, sizeof l->dir, "%s", dir);
    assert_int_equal(secp_init(&random_system), OK);
    for (unsigned i = 0; i < 3; i++) {
        struct secp_key key = anvil_key(i);
        assert_int_equal(secp_key_addr(&key, &a), OK);
        (void)hex_0x(slice_of(a.b, 20), hex[i]);
    }
    (void)snprintf(
        text, sizeof text,
        "{\"config\":{\"chainId\":31337,\"homesteadBlock\":0,\"eip150Block\":0,\"eip155Block\":0,"
        "\"byzantiumBlock\":0,\"constantinopleBlock\":0,\"petersburgBlock\":0,\"istanbulBlock\":0,"
        "\"berlinBlock\":0,\"londonBlock\":0,\"terminalTotalDifficulty\":0,\"shanghaiTime\":0,"
        "\"cancunTime\":0,\"pragueTime\":0,\"osakaTime\":0},\"gasLimit\":\"0x3938700\","
        "\"baseFeePerGas\":\"%s\",\"difficulty\":\"0x0\",\"ehrd\":{\"authority\":\"%s\","
        "\"sameSecond\":true,\"baseFee\":\"%s\"},\"alloc\":{"
        "\"%s\":{\"balance\":\"10000000000000000000000\"},"
        "\"%s\":{\"balance\":\"10000000000000000000000\"},"
        "\"%s\":{\"balance\":\"10000000000000000000000\"}}}",
        base_fee ? "0x3b9aca00" : "0x0", hex[0], base_fee ? "eip1559" : "fixed", hex[0], hex[1],
        hex[2]);
    struct secp_key key = anvil_key(0);
    assert_ok(chain_create(dir, slice_str(text), dev, NULL, &err), &err);
    assert_ok(write_key(dir, &key, &err), &err);
    local_chain_here(l);
}

static void leave(struct local_chain *l)
{
    ledger_close(l->inner);
    chain_close(l->chain);
    l->inner = NULL;
    l->chain = NULL;
}

void local_chain_here(struct local_chain *l)
{
    struct err err = {0};
    struct secp_key key = anvil_key(0);
    if (l->chain != NULL)
        return;
    leave(l);
    const struct chain_options o = {.dir = l->dir, .authority = &key, .dev = l->dev};
    assert_ok(chain_open(&o, &l->chain, &err), &err);
    assert_ok(chain_start(l->chain, &err), &err);
    const struct ledger_local_config cfg = {.chain = l->chain};
    assert_ok(ledger_local_open(&cfg, &l->inner, &err), &err);
}

void local_chain_away(struct local_chain *l, const char *url)
{
    struct err err = {0};
    leave(l);
    if (url == NULL)
        return;
    const struct ledger_remote_config cfg = {.url = url, .poll_ms = 20};
    assert_ok(ledger_remote_open(&cfg, &l->inner, &err), &err);
}

void local_chain_done(struct local_chain *l)
{
    leave(l);
}

/* --- anvil's methods ------------------------------------------------------------------------- */

/* "[\"0x5\"]" or "[2, []]" or "[]" */
static uint64_t first_number(const char *params, uint64_t otherwise)
{
    const char *p = params + strcspn(params, "0123456789");
    return *p != '\0' ? strtoull(p, NULL, 0) : otherwise;
}

static status reorg(struct chain *c, uint64_t depth, struct err *err)
{
    struct chain_news news;
    chain_news_get(c, &news);
    status st = depth <= news.head ? chain_rollback(c, news.head - depth, err) : E_RANGE;
    if (st == OK)
        st = chain_dev_add_time(c, 1, NULL, err); /* other blocks than those before */
    return st == OK ? chain_mine(c, depth, 0, NULL, err) : st;
}

bool local_chain_do(struct ledger *base, const char *method, const char *params)
{
    struct err err = {0};
    if (base->ops != &ops)
        return false;
    struct chain *c = of(base)->chain;
    status st = E_METHOD;
    assert_non_null(c);
    if (strcmp(method, "anvil_mine") == 0 || strcmp(method, "evm_mine") == 0)
        st = chain_mine(c, first_number(params, 1), 0, NULL, &err);
    else if (strcmp(method, "evm_setAutomine") == 0)
        st = chain_dev_sealing(
            c, strstr(params, "false") != NULL ? CHAIN_SEAL_MANUAL : CHAIN_SEAL_INSTANT, 0, &err);
    else if (strcmp(method, "anvil_reorg") == 0)
        st = reorg(c, first_number(params, 1), &err);
    if (st != OK)
        fail_msg("%s%s: %s", method, params, err.msg);
    return true;
}
