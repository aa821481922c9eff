/* SPDX-License-Identifier: Apache-2.0 */
/* The test contract's code and its use through anvil's unlocked account. */
#include "store_contract.h"

#include "codec/tx.h"
#include "ledger/remote.h"
#include "test.h"

const addr20 store_sender = {{0xf3, 0x9f, 0xd6, 0xe5, 0x1a, 0xad, 0x88, 0xf6, 0xf4, 0xce,
                              0x6a, 0xb8, 0x82, 0x72, 0x79, 0xcf, 0xff, 0xb9, 0x22, 0x66}};

static const uint8_t init_code[] = {
    0x60, 45,   0x80, 0x60, 0x0b, 0x60, 0x00, 0x39, 0x60, 0x00, 0xf3, /* return the rest */
    0x60, 0x20, 0x35, 0x80, 0x60, 0x17, 0x57,                         /* value != 0: jump */
    0x63, 0x11, 0x22, 0x33, 0x44, 0x60, 0xe0, 0x1b, 0x60, 0x00, 0x52, /* revert(0x11223344) */
    0x60, 0x04, 0x60, 0x00, 0xfd,                                     /**/
    0x5b, 0x80, 0x60, 0x00, 0x35, 0x55,                               /* sstore(slot, value) */
    0x60, 0x00, 0x52, 0x60, 0x00, 0x35, 0x60, 0x20, 0x60, 0x00, 0xa1, /* log1(value, slot) */
    0x60, 0x20, 0x60, 0x00, 0xf3,                                     /* return value */
};

hash32 store_word(uint64_t v)
{
    hash32 w;
    u256_to_be(u256_from_u64(v), w.b);
    return w;
}

struct store_data store_data(uint64_t slot, uint64_t value)
{
    struct store_data d;
    memcpy(d.b, store_word(slot).b, 32);
    memcpy(d.b + 32, store_word(value).b, 32);
    return d;
}

/* Signed here, where there are no unlocked accounts. */
static struct ledger_receipt send_signed(struct ledger *l, addr20 to, slice data, struct arena *a)
{
    struct err err;
    struct ledger_fees fees;
    struct secp_key key = anvil_key(0);
    struct tx t = {.type = TX_FEE_MARKET,
                   .has_chain_id = true,
                   .chain_id = 31337,
                   .gas = 200000,
                   .is_create = addr20_is_zero(to),
                   .to = to,
                   .data = data};
    struct buf raw;
    hash32 hash;
    struct ledger_receipt r = {0};
    buf_init(&raw, 65536);
    assert_ok(ledger_nonce(l, &store_sender, LEDGER_PENDING, &t.nonce, &err), &err);
    assert_ok(ledger_fees(l, &fees, &err), &err);
    t.max_fee = fees.max_fee;
    t.max_priority = fees.max_priority;
    assert_int_equal(tx_sign(&t, &key), OK);
    assert_int_equal(tx_put_raw(&t, &raw), OK);
    assert_ok(ledger_send_raw(l, buf_slice(&raw), &hash, &err), &err);
    assert_ok(ledger_wait(l, &hash, 0, 10000, a, &r, &err), &err);
    buf_done(&raw);
    return r;
}

struct ledger_receipt store_send(struct ledger *l, addr20 to, slice data, struct arena *a)
{
    const char *engine = getenv("EHRD_TEST_LEDGER");
    if (engine != NULL && strcmp(engine, "local") == 0)
        return send_signed(l, to, data, a);
    struct buf request;
    struct buf answer;
    struct err err;
    hash32 tx;
    buf_init(&request, 65536);
    buf_init(&answer, 65536);
    assert_ok(buf_put_str(&request,
                          "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_sendTransaction\","
                          "\"params\":[{\"from\":\"0x"),
              &err);
    assert_ok(buf_put_hex(&request, slice_of(store_sender.b, 20)), &err);
    if (!addr20_is_zero(to)) {
        assert_ok(buf_put_str(&request, "\",\"to\":\"0x"), &err);
        assert_ok(buf_put_hex(&request, slice_of(to.b, 20)), &err);
    }
    assert_ok(buf_put_str(&request, "\",\"gas\":\"0x30d40\",\"data\":\"0x"), &err);
    assert_ok(buf_put_hex(&request, data), &err);
    assert_ok(buf_put_str(&request, "\"}]}"), &err);
    assert_ok(ledger_remote_post(l, buf_slice(&request), &answer, &err), &err);
    const char *text = strstr(buf_cstr(&answer), "\"result\":\"");
    if (text == NULL)
        fail_msg("%s", buf_cstr(&answer));
    assert_int_equal(hex_read_hash(slice_of(text + 10, 66), &tx), OK);
    struct ledger_receipt r = {0};
    assert_ok(ledger_wait(l, &tx, 0, 10000, a, &r, &err), &err);
    buf_done(&request);
    buf_done(&answer);
    return r;
}

addr20 store_deploy(struct ledger *l, struct arena *a)
{
    struct ledger_receipt r = store_send(l, (addr20){0}, slice_of(init_code, sizeof init_code), a);
    assert_true(r.ok);
    return r.contract;
}
