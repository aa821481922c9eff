/* SPDX-License-Identifier: Apache-2.0 */
/* A node that lies, stammers or says nothing; and what the error texts of known nodes mean. */
#include "test.h"

#include "canned.h"
#include "codec/domain_hash.h"
#include "codec/json.h"
#include "crypto/secp256k1.h"
#include "ledger/remote.h"
#include "ledger/remote_int.h"

static struct canned server;
static struct ledger *ledger;

static int set_up(void **state)
{
    (void)state;
    struct err err;
    canned_start(&server);
    const struct ledger_remote_config cfg = {.url = server.url, .timeout_ms = 500};
    return ledger_remote_open(&cfg, &ledger, &err) == OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    ledger_close(ledger);
    canned_stop(&server);
    return 0;
}

static status ask_chain_id(const char *body, uint64_t *id, struct err *err)
{
    canned_body(&server, body);
    return ledger_chain_id(ledger, id, err);
}

static void accepts_a_proper_answer(void **state)
{
    (void)state;
    struct err err;
    uint64_t id = 0;
    assert_ok(ask_chain_id("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0x7a69\"}", &id, &err),
              &err);
    assert_int_equal(id, 31337);
    assert_ok(
        ask_chain_id("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0x1\",\"error\":null}", &id, &err),
        &err);
}

static void refuses_malformed_answers(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "",
        "hello",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0x1\"",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0x1\"} x",
        "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":\"0x1\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":\"0x1\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"result\":\"0x1\"}",
        "{\"jsonrpc\":\"2.0\",\"result\":\"0x1\"}",
        "{\"id\":1,\"result\":\"0x1\"}",
        "{\"jsonrpc\":\"1.0\",\"id\":1,\"result\":\"0x1\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":1}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0x1\",\"error\":{\"code\":1}}",
        "[{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0x1\"}]",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0x01\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"1\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":1}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":null}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"0x10000000000000000\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":1,\"result\":\"0x1\"}",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct err err;
        uint64_t id = 0;
        status s = ask_chain_id(bodies[i], &id, &err);
        if (s != E_CORRUPT)
            fail_msg("%s: %s", bodies[i], status_name(s));
    }
}

static void refuses_batches_that_lack_repeat_or_add_answers(void **state)
{
    (void)state;
#define A(id) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"result\":\"0x" id "\"}"
    static const struct {
        const char *body;
        status want;
    } cases[] = {
        {"[" A("1") "," A("2") "," A("3") "]", OK},
        {"[" A("3") "," A("1") "," A("2") "]", OK},
        {"[" A("1") "," A("2") "]", E_CORRUPT},
        {"[" A("1") "," A("2") "," A("2") "]", E_CORRUPT},
        {"[" A("1") "," A("2") "," A("3") "," A("4") "]", E_CORRUPT},
        {"[" A("1") "," A("2") ",3]", E_CORRUPT},
        {"[]", E_CORRUPT},
        {A("1"), E_CORRUPT},
        {"{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600,\"message\":\"no batches\"}}",
         E_UNAVAILABLE},
        {"{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32005,\"message\":\"slow down\"}}",
         E_RATE},
        {"{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":429,\"message\":\"slow down\"}}",
         E_RATE},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":429,\"message\":\"slow down\"}}",
         E_RATE},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32600,\"message\":\"no batches\"}}",
         E_UNAVAILABLE},
    };
#undef A
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ledger_req reqs[3] = {
            {.kind = LEDGER_NUMBER}, {.kind = LEDGER_CHAIN_ID}, {.kind = LEDGER_NUMBER}};
        struct err err;
        canned_body(&server, cases[i].body);
        assert_status(ledger_run(ledger, reqs, 3, NULL, &err), cases[i].want);
        for (size_t k = 0; cases[i].want == OK && k < 3; k++)
            assert_int_equal(reqs[k].out.number, k + 1);
    }
}

static void tells_http_failures_apart(void **state)
{
    (void)state;
    static const struct {
        const char *answer;
        status want;
    } cases[] = {
        {"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", E_UNAVAILABLE},
        {"HTTP/1.1 404 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno", E_UNAVAILABLE},
        {"HTTP/1.1 302 Go\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n"
         "Connection: close\r\n\r\n",
         E_UNAVAILABLE},
        {"HTTP/1.1 429 Slow\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", E_RATE},
        {"HTTP/1.1 429 Slow\r\nContent-Length: 26\r\nConnection: close\r\n\r\n"
         "{\"message\":\"rate limited\"}",
         E_RATE},
        {"HTTP/1.1 429 Slow\r\nContent-Length: 65\r\nConnection: close\r\n\r\n"
         "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32000,\"message\":\"slow\"}}",
         E_RATE},
        {"HTTP/1.1 400 Bad\r\nContent-Length: 75\r\nConnection: close\r\n\r\n"
         "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32601,\"message\":\"no such "
         "method\"}}",
         E_UNSUPPORTED},
        {"HTTP/1.1 200 OK\r\nContent-Length: 900\r\nConnection: close\r\n\r\n{\"jsonrpc\"",
         E_UNAVAILABLE},
        {"SSH-2.0-x\r\n", E_CORRUPT},
        {"", E_UNAVAILABLE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err err;
        uint64_t id = 0;
        canned_raw(&server, cases[i].answer);
        status s = ledger_chain_id(ledger, &id, &err);
        if (s != cases[i].want)
            fail_msg("case %zu: %s: %s", i, status_name(s), err.msg);
    }
}

/* --- texts of nodes ------------------------------------------------------------------------------
 */

struct text_case {
    enum ledger_kind kind;
    const char *error;
    status want;
    const char *revert; /* hex, or NULL */
};

/* Texts as geth 1.13-1.17, Besu, anvil 1.7, Nethermind, Erigon, Hardhat and OpenEthereum write
 * them. */
static const struct text_case texts[] = {
    {LEDGER_CALL, "{\"code\":3,\"message\":\"execution reverted: no\",\"data\":\"0x08c379a0\"}",
     E_REVERTED, "08c379a0"},
    {LEDGER_CALL, "{\"code\":-32000,\"message\":\"Execution reverted\",\"data\":\"0x11\"}",
     E_REVERTED, "11"},
    {LEDGER_CALL, "{\"code\":-32000,\"message\":\"execution reverted\"}", E_REVERTED, ""},
    {LEDGER_CALL,
     "{\"code\":-32015,\"message\":\"VM execution error: revert\",\"data\":\"Reverted "
     "0x2233\"}",
     E_REVERTED, "2233"},
    {LEDGER_CALL,
     "{\"code\":-32603,\"message\":\"Error: VM Exception: reverted\",\"data\":"
     "{\"message\":\"x\",\"data\":\"0xaabb\"}}",
     E_REVERTED, "aabb"},
    {LEDGER_CALL,
     "{\"code\":-32603,\"message\":\"revert\",\"data\":{\"data\":{\"data\":\"0xcc\"}}}", E_REVERTED,
     "cc"},
    {LEDGER_ESTIMATE, "{\"code\":3,\"message\":\"x\",\"data\":\"0xzz\"}", E_REVERTED, ""},
    {LEDGER_CALL, "{\"code\":-32000,\"message\":\"out of gas\"}", E_REVERTED, ""},
    {LEDGER_CALL, "{\"code\":-32000,\"message\":\"header not found\"}", E_NOT_FOUND, NULL},
    {LEDGER_CALL, "{\"code\":-32601,\"message\":\"the method eth_call does not exist\"}",
     E_UNSUPPORTED, NULL},
    {LEDGER_CALL, "{\"code\":-32603,\"message\":\"Internal error\"}", E_UNAVAILABLE, NULL},
    {LEDGER_SEND, "{\"code\":-32000,\"message\":\"nonce too low: next nonce 5, tx nonce 4\"}",
     E_REPLAY, NULL},
    {LEDGER_SEND, "{\"code\":-32001,\"message\":\"Nonce too low\"}", E_REPLAY, NULL},
    {LEDGER_SEND, "{\"code\":-32003,\"message\":\"nonce too low\"}", E_REPLAY, NULL},
    {LEDGER_SEND, "{\"code\":-32000,\"message\":\"replacement transaction underpriced\"}",
     E_CONFLICT, NULL},
    {LEDGER_SEND, "{\"code\":-32000,\"message\":\"could not replace existing tx\"}", E_CONFLICT,
     NULL},
    {LEDGER_SEND, "{\"code\":-32009,\"message\":\"Gas price below configured minimum gas price\"}",
     E_CONFLICT, NULL},
    {LEDGER_SEND, "{\"code\":-32000,\"message\":\"insufficient funds for gas * price + value\"}",
     E_FORBIDDEN, NULL},
    {LEDGER_SEND, "{\"code\":-32004,\"message\":\"Upfront cost exceeds account balance\"}",
     E_FORBIDDEN, NULL},
    {LEDGER_SEND, "{\"code\":-32000,\"message\":\"already known\"}", OK, NULL},
    {LEDGER_SEND, "{\"code\":-32000,\"message\":\"Known transaction\"}", OK, NULL},
    {LEDGER_SEND, "{\"code\":-32000,\"message\":\"something new\"}", E_RANGE, NULL},
    {LEDGER_LOGS, "{\"code\":-32005,\"message\":\"query returned more than 10000 results\"}",
     E_TOO_LONG, NULL},
    {LEDGER_LOGS, "{\"code\":-32602,\"message\":\"query exceeds max block range 5000\"}",
     E_TOO_LONG, NULL},
    {LEDGER_LOGS, "{\"code\":-32005,\"message\":\"query timeout. Consider a smaller block range\"}",
     E_TOO_LONG, NULL},
    {LEDGER_LOGS, "{\"code\":-32000,\"message\":\"exceed maximum block range: 50000\"}", E_TOO_LONG,
     NULL},
    {LEDGER_LOGS, "{\"code\":-32600,\"message\":\"block range is too wide\"}", E_TOO_LONG, NULL},
    {LEDGER_LOGS, "{\"code\":-32005,\"message\":\"limit exceeded\"}", E_RATE, NULL},
    {LEDGER_LOGS, "{\"code\":-32005,\"message\":\"daily request count exceeded\"}", E_RATE, NULL},
    {LEDGER_LOGS,
     "{\"code\":429,\"message\":\"app exceeded its compute units per second capacity\"}", E_RATE,
     NULL},
    {LEDGER_LOGS, "{\"code\":-32000,\"message\":\"rate limit exceeded\"}", E_RATE, NULL},
    {LEDGER_LOGS, "{\"code\":-32007,\"message\":\"50/second request limit: Too many requests\"}",
     E_RATE, NULL},
    {LEDGER_NUMBER, "{\"code\":-32005,\"message\":\"limit exceeded\"}", E_RATE, NULL},
    {LEDGER_NUMBER, "{\"code\":429,\"message\":\"slow down\"}", E_RATE, NULL},
    {LEDGER_SEND, "{\"code\":-32000,\"message\":\"rate limit exceeded\"}", E_RATE, NULL},
    {LEDGER_NUMBER, "{}", E_RANGE, NULL},
    {LEDGER_NUMBER, "\"text\"", E_RANGE, NULL},
    {LEDGER_NUMBER, "{\"code\":99999999999999999999,\"message\":5}", E_RANGE, NULL},
};

static void knows_the_error_texts_of_nodes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct arena a;
        struct json_doc doc;
        struct err err;
        slice revert;
        bool known = false;
        char hex[64] = {0};
        arena_init(&a, 1 << 20, false);
        assert_ok(json_read(slice_str(texts[i].error), &a, &doc, &err), &err);
        status s = remote_error_read(json_root(&doc), texts[i].kind, &revert, &known, &err);
        if (s != texts[i].want)
            fail_msg("%s: %s", texts[i].error, status_name(s));
        assert_int_equal(known, texts[i].want == OK);
        hex_write(revert, hex);
        assert_string_equal(hex, texts[i].revert != NULL ? texts[i].revert : "");
        arena_done(&a);
    }
}

static void keeps_the_nodes_text_short_and_printable(void **state)
{
    (void)state;
    struct arena a;
    struct json_doc doc;
    struct err err;
    struct buf b;
    slice revert;
    bool known = false;
    arena_init(&a, 1 << 20, false);
    buf_init(&b, 1 << 20);
    assert_int_equal(
        buf_put_str(&b, "{\"code\":1,\"message\":\"\\u001b[31m\\nlevel=error \xc3\xa4 "), OK);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(buf_put_str(&b, "spam"), OK);
    assert_int_equal(buf_put_str(&b, "\"}"), OK);
    assert_ok(json_read(buf_slice(&b), &a, &doc, &err), &err);
    assert_status(remote_error_read(json_root(&doc), LEDGER_NUMBER, &revert, &known, &err),
                  E_RANGE);
    assert_true(strlen(err.msg) < ERR_MSG_MAX);
    for (const char *p = err.msg; *p != '\0'; p++)
        assert_true(*p >= ' ' && *p <= '~');
    buf_done(&b);
    arena_done(&a);
}

/* --- lies --------------------------------------------------------------------------------------
 */

#define H32 "0x1111111111111111111111111111111111111111111111111111111111111111"
#define H32B "0x2222222222222222222222222222222222222222222222222222222222222222"
#define ADDR "0x3333333333333333333333333333333333333333"
#define LOG(addr, block, index, topic)                                                             \
    "{\"address\":\"" addr "\",\"topics\":[\"" topic                                               \
    "\"],\"data\":\"0x\",\"blockNumber\":\"" block "\",\"blockHash\":\"" H32                       \
    "\",\"transactionHash\":\"" H32 "\",\"transactionIndex\":\"0x0\","                             \
    "\"logIndex\":\"" index "\"}"
#define RECEIPT(hash, st, logs)                                                                    \
    "{\"transactionHash\":\"" hash "\",\"blockHash\":\"" H32 "\",\"blockNumber\":\"0x5\","         \
    "\"transactionIndex\":\"0x0\",\"status\":\"" st "\",\"gasUsed\":\"0x5208\",\"from\":\"" ADDR   \
    "\",\"to\":null,\"contractAddress\":null,\"logs\":[" logs "]}"

static void refuses_logs_that_were_not_asked_for(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        status want;
    } cases[] = {
        {"[]", OK},
        {"[" LOG(ADDR, "0x5", "0x0", H32) "]", OK},
        {"[" LOG(ADDR, "0x5", "0x0", H32) "," LOG(ADDR, "0x5", "0x1", H32) "]", OK},
        {"[" LOG(ADDR, "0x5", "0x1", H32) "," LOG(ADDR, "0x5", "0x0", H32) "]", E_CORRUPT},
        {"[" LOG(ADDR, "0x6", "0x0", H32) "," LOG(ADDR, "0x5", "0x0", H32) "]", E_CORRUPT},
        {"[" LOG(ADDR, "0x4", "0x0", H32) "]", E_CORRUPT},
        {"[" LOG(ADDR, "0x7", "0x0", H32) "]", E_CORRUPT},
        {"[" LOG(ADDR, "0x5", "0x0", H32B) "]", E_CORRUPT},
        {"[" LOG("0x4444444444444444444444444444444444444444", "0x5", "0x0", H32) "]", E_CORRUPT},
        {"{}", E_TYPE},
        {"[5]", E_MISSING},
    };
    struct ledger_filter f = {.from = 5, .to = 6, .addresses_n = 1, .topic0_n = 1};
    addr20 addr;
    hash32 topic;
    memset(addr.b, 0x33, sizeof addr.b);
    memset(topic.b, 0x11, sizeof topic.b);
    f.addresses = &addr;
    f.topic0 = &topic;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena a;
        struct json_doc doc;
        struct err err;
        struct ledger_log *logs = NULL;
        size_t n = 0;
        arena_init(&a, 1 << 20, false);
        assert_ok(json_read(slice_str(cases[i].text), &a, &doc, &err), &err);
        status s = remote_logs_read(json_root(&doc), &f, &a, &logs, &n, &err);
        if (s != cases[i].want)
            fail_msg("%s: %s", cases[i].text, status_name(s));
        arena_done(&a);
    }
}

static void refuses_receipts_of_another_transaction(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        status want;
    } cases[] = {
        {RECEIPT(H32, "0x1", ""), OK},
        {RECEIPT(H32, "0x0", ""), OK},
        {RECEIPT(H32, "0x1", LOG(ADDR, "0x5", "0x0", H32B)), OK},
        {RECEIPT(H32B, "0x1", ""), E_CORRUPT},
        {RECEIPT(H32, "0x2", ""), E_CORRUPT},
        {"null", E_NOT_FOUND},
        {"{\"blockHash\":null}", E_NOT_FOUND},
        {"[]", E_TYPE},
    };
    hash32 tx;
    memset(tx.b, 0x11, sizeof tx.b);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena a;
        struct json_doc doc;
        struct err err;
        struct ledger_receipt r;
        arena_init(&a, 1 << 20, false);
        assert_ok(json_read(slice_str(cases[i].text), &a, &doc, &err), &err);
        status s = remote_receipt_read(json_root(&doc), &tx, &a, &r, &err);
        if (s != cases[i].want)
            fail_msg("%s: %s", cases[i].text, status_name(s));
        arena_done(&a);
    }
}

static void refuses_another_transaction_hash_for_what_was_sent(void **state)
{
    (void)state;
    struct err err;
    hash32 hash;
    canned_body(&server, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"" H32 "\"}");
    assert_status(ledger_send_raw(ledger, SLICE_LIT("\x02\x01"), &hash, &err), E_CORRUPT);
}

static void bounds_batches_and_urls(void **state)
{
    (void)state;
    static struct ledger_req reqs[LEDGER_BATCH_MAX + 1];
    struct ledger_remote_config cfg = {.url = "ftp://127.0.0.1/"};
    struct ledger *l = NULL;
    struct err err;
    assert_status(ledger_run(ledger, reqs, LEDGER_BATCH_MAX + 1, NULL, &err), E_TOO_LONG);
    assert_status(ledger_remote_open(&cfg, &l, &err), E_SYNTAX);
    cfg.url = "http://127.0.0.1:1/";
    cfg.second_url = "file:///etc/passwd";
    assert_status(ledger_remote_open(&cfg, &l, &err), E_SYNTAX);
    cfg.second_url = NULL;
    assert_ok(ledger_remote_open(&cfg, &l, &err), &err);
    uint64_t id = 0;
    assert_status(ledger_chain_id(l, &id, &err), E_UNAVAILABLE);
    ledger_close(l);
}

#define SEALED(hash, seal)                                                                         \
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"number\":\"0x7\",\"hash\":\"" hash "\"" seal "}}"

/* A node that tells a block of its own cannot have it signed by the authority. */
static void believes_only_what_the_pinned_authority_signed(void **state)
{
    (void)state;
    struct err err;
    struct secp_key key = {.b = {[31] = 9}};
    addr20 authority;
    hash32 digest;
    hash32 hash;
    uint8_t sig[SECP_SIG];
    char told[67];
    char seal[2 * SECP_SIG + 3];
    char body[1024];
    struct ledger *l = NULL;
    assert_ok(secp_init(&random_system), &err);
    assert_ok(secp_key_addr(&key, &authority), &err);
    struct ledger_remote_config cfg = {.url = server.url, .chain_id = 77, .authority = &authority};
    assert_ok(ledger_remote_open(&cfg, &l, &err), &err);
    memset(hash.b, 0x42, sizeof hash.b);
    hex_0x(slice_of(hash.b, sizeof hash.b), told);
    block_seal_digest(77, 7, &hash, &digest);
    assert_ok(secp_sign(&key, &digest, sig), &err);
    for (unsigned i = 0; i < 3; i++) { /* another signer; another block; another number */
        struct secp_key other = {.b = {[31] = 10}};
        hash32 asked = hash;
        asked.b[3] ^= i == 1;
        assert_ok(secp_sign(i == 0 ? &other : &key, &digest, sig), &err);
        (void)snprintf(body, sizeof body, SEALED("%s", ",\"authoritySignature\":\"%s\""), told,
                       hex_0x(slice_of(sig, sizeof sig), seal));
        canned_body(&server, body);
        assert_status(ledger_block_vouched(l, i == 2 ? 8 : 7, &asked, &err), E_MISMATCH);
    }
    (void)snprintf(body, sizeof body, SEALED("%s", ""), told);
    canned_body(&server, body);
    assert_status(ledger_block_vouched(l, 7, &hash, &err), E_MISMATCH);
    assert_status(ledger_block_vouched(l, 0, &hash, &err), E_MISMATCH); /* the genesis, too */
    (void)snprintf(body, sizeof body, SEALED("%s", ",\"authoritySignature\":\"0x00\""), told);
    canned_body(&server, body);
    assert_status(ledger_block_vouched(l, 7, &hash, &err), E_CORRUPT);
    canned_body(&server, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":null}");
    assert_status(ledger_block_vouched(l, 7, &hash, &err), E_UNAVAILABLE);
    canned_body(&server, "no JSON");
    assert_status(ledger_block_vouched(l, 7, &hash, &err), E_CORRUPT);
    (void)snprintf(body, sizeof body, SEALED("%s", ",\"authoritySignature\":\"%s\""), told,
                   hex_0x(slice_of(sig, sizeof sig), seal));
    canned_body(&server, body);
    assert_ok(ledger_block_vouched(l, 7, &hash, &err), &err);
    canned_body(&server, "no JSON"); /* it is not asked for the same block again */
    assert_ok(ledger_block_vouched(l, 7, &hash, &err), &err);
    assert_status(ledger_block_vouched(l, 8, &hash, &err), E_CORRUPT);
    ledger_close(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_a_proper_answer),
        cmocka_unit_test(refuses_malformed_answers),
        cmocka_unit_test(refuses_batches_that_lack_repeat_or_add_answers),
        cmocka_unit_test(tells_http_failures_apart),
        cmocka_unit_test(knows_the_error_texts_of_nodes),
        cmocka_unit_test(keeps_the_nodes_text_short_and_printable),
        cmocka_unit_test(refuses_logs_that_were_not_asked_for),
        cmocka_unit_test(refuses_receipts_of_another_transaction),
        cmocka_unit_test(refuses_another_transaction_hash_for_what_was_sent),
        cmocka_unit_test(bounds_batches_and_urls),
        cmocka_unit_test(believes_only_what_the_pinned_authority_signed),
    };
    return cmocka_run_group_tests_name("hostile node", tests, set_up, tear_down);
}
