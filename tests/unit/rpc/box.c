/* SPDX-License-Identifier: Apache-2.0 */
#include "box.h"

#include "base/hex.h"
#include "test.h"
#include "tmpdir.h"

#define GENESIS                                                                                    \
    "{\"config\":{\"chainId\":4660,\"homesteadBlock\":0,\"eip150Block\":0,\"eip155Block\":0,"      \
    "\"eip158Block\":0,\"byzantiumBlock\":0,\"constantinopleBlock\":0,\"petersburgBlock\":0,"      \
    "\"istanbulBlock\":0,\"berlinBlock\":0,\"londonBlock\":0,\"terminalTotalDifficulty\":0,"       \
    "\"shanghaiTime\":0,\"cancunTime\":0,\"pragueTime\":0,\"osakaTime\":0},"                       \
    "\"gasLimit\":\"0x3938700\",\"baseFeePerGas\":\"0x7\",\"difficulty\":\"0x0\","                 \
    "\"timestamp\":\"0x10\",\"ehrd\":{\"sameSecond\":true,\"baseFee\":\"fixed\"},\"alloc\":{"      \
    "\"%s\":{\"balance\":\"1000000000000000000000\"},"                                             \
    "\"" BOX_LOGGER "\":{\"balance\":\"0\",\"code\":"                                              \
    "\"0x5f355b80156019576001900380"                                                               \
    "5f5280606c60205fa26002565b00\"},"                                                             \
    "\"" BOX_REVERTER "\":{\"balance\":\"0\",\"code\":\"0x6064600a5f3960645ffd08c379a0"            \
    "0000000000000000000000000000000000000000000000000000000000000020"                             \
    "0000000000000000000000000000000000000000000000000000000000000002"                             \
    "6e6f000000000000000000000000000000000000000000000000000000000000\"},"                         \
    "\"" BOX_STORE "\":{\"balance\":\"0\",\"code\":\"0x5f355f555f545f5260205ff3\"},"               \
    "\"" BOX_CALLER "\":{\"balance\":\"0\",\"code\":"                                              \
    "\"0x5f5f5f5f5f60bb5af1505f355f525f5f60205f5f60cc5af15000\"}}}"

static uint64_t box_unix(void *ctx)
{
    return ((struct box *)ctx)->now_s;
}

static uint64_t box_ms(void *ctx)
{
    return ((struct box *)ctx)->now_ms;
}

void box_new_rpc(struct box *b)
{
    struct err e;
    rpc_free(b->rpc);
    b->rpc = NULL;
    assert_ok(rpc_new(&b->cfg, &b->rpc, &e), &e);
}

static void open_chain(struct box *b)
{
    struct err e = {0};
    const struct chain_options o = {.dir = b->sub,
                                    .sealing = CHAIN_SEAL_MANUAL,
                                    .clock = &b->clock,
                                    .map_bytes = 1 << 30,
                                    .dev = b->is_dev};
    assert_ok(chain_open(&o, &b->chain, &e), &e);
    assert_ok(chain_start(b->chain, &e), &e);
    b->cfg.chain = b->chain;
}

void box_reopen(struct box *b)
{
    rpc_free(b->rpc);
    b->rpc = NULL;
    chain_close(b->chain);
    open_chain(b);
    box_new_rpc(b);
}

static void up(struct box *b, unsigned groups, bool dev)
{
    struct err e = {0};
    char genesis[4096];
    *b = (struct box){.now_s = 1000, .now_ms = 1, .is_dev = dev};
    b->clock = (struct clock_src){box_unix, box_ms, b};
    assert_status(secp_init(&random_system), OK);
    tmpdir_make(b->dir, sizeof b->dir);
    (void)snprintf(b->sub, sizeof b->sub, "%s/chain", b->dir);
    memset(b->key.b, 9, sizeof b->key.b);
    assert_status(secp_key_addr(&b->key, &b->who), OK);
    (void)hex_0x(slice_of(b->who.b, 20), b->who_hex);
    (void)snprintf(genesis, sizeof genesis, GENESIS, b->who_hex);
    assert_ok(chain_create(b->sub, slice_str(genesis), dev, NULL, &e), &e);
    open_chain(b);
    if (dev)
        assert_status(rpc_dev_new(&b->key, 1, &b->dev), OK);
    b->cfg = (struct rpc_config){.chain = b->chain,
                                 .clock = &b->clock,
                                 .random = &random_system,
                                 .client_version = "box",
                                 .groups = groups,
                                 .dev = b->dev};
    box_new_rpc(b);
    buf_init(&b->reply, (size_t)64 << 20);
    arena_init(&b->a, (size_t)256 << 20, false);
}

void box_up(struct box *b, unsigned groups)
{
    up(b, groups, false);
}

void box_up_dev(struct box *b, unsigned groups)
{
    up(b, groups | RPC_DEV, true);
}

void box_down(struct box *b)
{
    rpc_free(b->rpc);
    rpc_dev_free(b->dev);
    chain_close(b->chain);
    buf_done(&b->reply);
    arena_done(&b->a);
    tmpdir_remove(b->dir);
}

const char *box_text(struct box *b, struct rpc_session *s, const char *request)
{
    struct err e;
    buf_clear(&b->reply);
    assert_ok(rpc_serve(b->rpc, s, slice_str(request), &b->reply, &e), &e);
    return b->reply.n > 0 ? buf_cstr(&b->reply) : "";
}

struct json box_ask(struct box *b, const char *method, const char *params)
{
    struct buf request;
    struct err e;
    buf_init(&request, (size_t)8 << 20);
    assert_status(
        buf_printf(&request, "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"%s\",\"params\":", method),
        OK);
    assert_status(buf_put_str(&request, params), OK);
    assert_status(buf_put_str(&request, "}"), OK);
    (void)box_text(b, NULL, buf_cstr(&request));
    buf_done(&request);
    arena_done(&b->a);
    arena_init(&b->a, (size_t)256 << 20, false);
    assert_ok(json_read(buf_slice(&b->reply), &b->a, &b->doc, &e), &e);
    struct json root = json_root(&b->doc);
    assert_true(json_eq(json_get(root, "jsonrpc"), "2.0"));
    assert_true(slice_eq_str(json_raw(json_get(root, "id")), "7"));
    assert_int_equal(json_count(root), 3);
    assert_true(json_is_absent(json_get(root, "result")) !=
                json_is_absent(json_get(root, "error")));
    return root;
}

struct json box_result(struct box *b, const char *method, const char *params)
{
    struct json r = json_get(box_ask(b, method, params), "result");
    if (json_is_absent(r))
        fail_msg("%s %s: %s", method, params, buf_cstr(&b->reply));
    return r;
}

void box_refused(struct box *b, const char *method, const char *params, int code, const char *text)
{
    char want[16];
    slice message = SLICE_EMPTY;
    struct json e = json_get(box_ask(b, method, params), "error");
    (void)snprintf(want, sizeof want, "%d", code);
    if (!slice_eq_str(json_raw(json_get(e, "code")), want) ||
        json_str(json_get(e, "message"), &message, NULL) != OK ||
        (text != NULL && memmem(message.p, message.n, text, strlen(text)) == NULL))
        fail_msg("%s %s: want %d %s: %s", method, params, code, text != NULL ? text : "",
                 buf_cstr(&b->reply));
}

void box_raw(struct box *b, const char *to, slice data, uint64_t value, uint64_t nonce,
             struct buf *ret)
{
    struct tx t = {.type = TX_FEE_MARKET,
                   .has_chain_id = true,
                   .chain_id = 4660,
                   .nonce = nonce,
                   .max_fee = u256_from_u64(20),
                   .max_priority = u256_from_u64(2),
                   .gas = 3000000,
                   .is_create = to == NULL,
                   .value = u256_from_u64(value),
                   .data = data};
    if (to != NULL)
        assert_status(hex_read_addr(slice_str(to), &t.to), OK);
    assert_status(tx_sign(&t, &b->key), OK);
    assert_status(tx_put_raw(&t, ret), OK);
}

void box_send(struct box *b, const char *to, slice data, uint64_t value, char ret[67])
{
    struct buf raw;
    struct buf params;
    slice hash;
    buf_init(&raw, 1 << 20);
    buf_init(&params, 1 << 20);
    box_raw(b, to, data, value, b->nonce++, &raw);
    assert_status(buf_put_str(&params, "[\"0x"), OK);
    assert_status(buf_put_hex(&params, buf_slice(&raw)), OK);
    assert_status(buf_put_str(&params, "\"]"), OK);
    struct json r = box_result(b, "eth_sendRawTransaction", buf_cstr(&params));
    assert_status(json_str(r, &hash, NULL), OK);
    if (ret != NULL)
        (void)snprintf(ret, 67, "%.*s", (int)hash.n, (const char *)hash.p);
    buf_done(&raw);
    buf_done(&params);
}

void box_send_word(struct box *b, const char *to, uint64_t word, char ret[67])
{
    uint8_t be[32];
    u256_to_be(u256_from_u64(word), be);
    box_send(b, to, slice_of(be, sizeof be), 0, ret);
}

void box_mine(struct box *b, uint64_t blocks)
{
    struct err e;
    for (uint64_t i = 0; i < blocks; i++) {
        b->now_s++;
        assert_ok(chain_mine(b->chain, 1, 0, NULL, &e), &e);
    }
}
