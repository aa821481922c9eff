/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "chainnode.h"
#include "codec/tx.h"
#include "tmpdir.h"

#define GENESIS                                                                                    \
    "{\"config\":{\"chainId\":1234,\"homesteadBlock\":0,\"eip150Block\":0,\"eip155Block\":0,"      \
    "\"byzantiumBlock\":0,\"constantinopleBlock\":0,\"petersburgBlock\":0,\"istanbulBlock\":0,"    \
    "\"berlinBlock\":0,\"londonBlock\":0,\"terminalTotalDifficulty\":0,\"shanghaiTime\":0,"        \
    "\"cancunTime\":0%s},\"gasLimit\":\"0x3938700\","                                              \
    "\"baseFeePerGas\":\"%s\",\"difficulty\":\"0x0\","                                             \
    "\"ehrd\":{\"authority\":\"%s\",\"sameSecond\":true,\"baseFee\":\"%s\"},"                      \
    "\"alloc\":{\"%s\":{\"balance\":\"1000000000000000000\"},"                                     \
    "\"0x00000000000000000000000000000000000000aa\":"                                              \
    "{\"balance\":\"0x0\",\"code\":\"0x60003560005543600052602060006020"                           \
    "600060206000a1\"}}}"

struct chain_options node_options(const struct node *n)
{
    struct chain_options o = n->options;
    o.dir = n->sub;
    o.authority = &n->key;
    return o;
}

void node_reopen(struct node *n, bool start, bool dev)
{
    struct err e = {0};
    struct chain_options o = node_options(n);
    o.dev = dev;
    chain_close(n->chain);
    n->chain = NULL;
    assert_ok(chain_open(&o, &n->chain, &e), &e);
    if (start)
        assert_ok(chain_start(n->chain, &e), &e);
}

void node_up_with(struct node *n)
{
    struct err e = {0};
    char hex[48];
    const char *fee = n->base_fee != NULL ? n->base_fee : "0x0";
    assert_ok(secp_init(&random_system), &e);
    tmpdir_make(n->dir, sizeof n->dir);
    (void)snprintf(n->sub, sizeof n->sub, "%s/chain", n->dir);
    memset(n->key.b, 7, sizeof n->key.b);
    assert_ok(secp_key_addr(&n->key, &n->who), &e);
    (void)hex_0x(slice_of(n->who.b, 20), hex);
    (void)snprintf(n->genesis, sizeof n->genesis, GENESIS,
                   n->cancun ? "" : ",\"pragueTime\":0,\"osakaTime\":0", fee, hex,
                   n->base_fee != NULL ? "eip1559" : "fixed", hex);
    assert_ok(chain_create(n->sub, slice_str(n->genesis), n->options.dev, NULL, &e), &e);
    node_reopen(n, true, n->options.dev);
}

void node_up(struct node *n, bool dev)
{
    *n = (struct node){.options.dev = dev};
    node_up_with(n);
}

void node_down(struct node *n)
{
    chain_close(n->chain);
    tmpdir_remove(n->dir);
}

void sign(const struct node *n, uint64_t nonce, uint64_t fee, const addr20 *to, slice data,
          struct buf *raw)
{
    struct tx t = {.type = TX_FEE_MARKET,
                   .has_chain_id = true,
                   .chain_id = 1234,
                   .nonce = nonce,
                   .max_fee = u256_from_u64(fee),
                   .max_priority = u256_from_u64(fee),
                   .gas = 100000,
                   .to = *to,
                   .value = u256_from_u64(5),
                   .data = data};
    buf_init(raw, 4096);
    assert_int_equal(tx_sign(&t, &n->key), OK);
    assert_int_equal(tx_put_raw(&t, raw), OK);
}

const addr20 contract = {.b = {[19] = 0xaa}};
const addr20 friend = {.b = {[0] = 1, [19] = 0xbb}};

status submit(struct node *n, uint64_t nonce, uint64_t fee, const addr20 *to, hash32 *hash,
              struct err *e)
{
    struct buf raw;
    uint8_t word[32] = {[31] = (uint8_t)(nonce + 1)};
    sign(n, nonce, fee, to, to == &contract ? slice_of(word, 32) : SLICE_EMPTY, &raw);
    status s = chain_submit(n->chain, buf_slice(&raw), hash, e);
    buf_done(&raw);
    return s;
}
