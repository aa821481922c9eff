/* SPDX-License-Identifier: Apache-2.0 */
/* The remote ledger against a live node: reads, reverts, receipts, logs, proofs, batches. */
#include "test.h"

#include "codec/json.h"
#include "ledger/remote.h"
#include "ledger/remote_int.h"
#include "store_contract.h"
#include "test_node.h"

static struct test_node node;
static struct ledger *ledger;
static addr20 store;
static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    if (!test_node_start(&node, NULL))
        return 0; /* each test skips itself */
    ledger = node.ledger;
    arena_init(&arena, (size_t)64 << 20, false);
    store = store_deploy(ledger, &arena);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_done(&arena);
    test_node_stop(&node);
    return 0;
}

/* What only a node at the end of a wire has. */
#define NEED_WIRE()                                                                                \
    do {                                                                                           \
        NEED_ANVIL();                                                                              \
        if (node.is_local)                                                                         \
            return;                                                                                \
    } while (0)

#define NEED_ANVIL()                                                                               \
    do {                                                                                           \
        if (!node.up) {                                                                            \
            print_message("SKIPPED %s: no anvil\n", __func__);                                     \
            skip();                                                                                \
        }                                                                                          \
    } while (0)

static void reads_chain_id_head_and_blocks(void **state)
{
    (void)state;
    NEED_ANVIL();
    struct err err;
    uint64_t id = 0;
    struct ledger_block head;
    struct ledger_block again;
    assert_ok(ledger_chain_id(ledger, &id, &err), &err);
    assert_int_equal(id, 31337);
    assert_ok(ledger_head_fresh(ledger, &head, &err), &err);
    assert_true(head.number >= 1);
    assert_true(head.has_base_fee);
    assert_true(head.age_s < 60);
    assert_ok(ledger_block_get(ledger, ledger_at_hash(head.hash), &again, &err), &err);
    assert_int_equal(again.number, head.number);
    assert_ok(ledger_block_get(ledger, ledger_at_number(0), &again, &err), &err);
    assert_true(hash32_is_zero(again.parent));
    assert_status(ledger_block_get(ledger, ledger_at_number(1u << 30), &again, &err), E_NOT_FOUND);
    assert_status(ledger_block_get(ledger, ledger_at_hash(store_word(7)), &again, &err),
                  E_NOT_FOUND);
}

static void reads_balance_nonce_code_and_fees(void **state)
{
    (void)state;
    NEED_ANVIL();
    struct err err;
    u256 wei;
    uint64_t nonce = 0;
    struct buf code;
    struct ledger_fees fees;
    buf_init(&code, 65536);
    assert_ok(ledger_balance(ledger, &store_sender, LEDGER_LATEST, &wei, &err), &err);
    assert_false(u256_fits_u64(wei));
    assert_ok(ledger_nonce(ledger, &store_sender, LEDGER_PENDING, &nonce, &err), &err);
    assert_true(nonce >= 1);
    assert_ok(ledger_code(ledger, &store, LEDGER_LATEST, &code, &err), &err);
    assert_int_equal(code.n, 45);
    assert_ok(ledger_fees(ledger, &fees, &err), &err);
    assert_true(fees.has_base_fee);
    assert_false(u256_is_zero(fees.base_fee));
    assert_true(u256_cmp(fees.max_fee, fees.base_fee) > 0);
    buf_done(&code);
}

static void calls_and_gives_the_revert_data(void **state)
{
    (void)state;
    NEED_ANVIL();
    struct err err;
    struct buf out;
    uint64_t gas = 0;
    buf_init(&out, 4096);
    struct store_data good = store_data(5, 77);
    struct store_data bad = store_data(5, 0);
    struct ledger_call call = {.to = store, .data = slice_of(good.b, 64)};
    assert_ok(ledger_call(ledger, &call, LEDGER_LATEST, &out, &err), &err);
    assert_slice(buf_slice(&out), slice_of(store_word(77).b, 32));
    assert_ok(ledger_estimate(ledger, &call, &gas, &out, &err), &err);
    assert_true(gas > 21000 && gas < 100000);
    call.data = slice_of(bad.b, 64);
    assert_status(ledger_call(ledger, &call, LEDGER_LATEST, &out, &err), E_REVERTED);
    assert_slice(buf_slice(&out), SLICE_LIT("\x11\x22\x33\x44"));
    buf_clear(&out);
    assert_status(ledger_estimate(ledger, &call, &gas, &out, &err), E_REVERTED);
    assert_slice(buf_slice(&out), SLICE_LIT("\x11\x22\x33\x44"));
    buf_done(&out);
}

static void gives_receipts_transactions_and_logs(void **state)
{
    (void)state;
    NEED_ANVIL();
    struct err err;
    struct store_data data = store_data(9, 90);
    struct ledger_receipt r = store_send(ledger, store, slice_of(data.b, 64), &arena);
    assert_true(r.ok);
    assert_int_equal(r.logs_n, 1);
    assert_true(addr20_eq(r.from, store_sender));
    assert_true(hash32_eq(r.logs[0].topics[0], store_word(9)));
    struct ledger_tx tx;
    assert_ok(ledger_tx_get(ledger, &r.tx_hash, &arena, &tx, &err), &err);
    assert_slice(tx.data, slice_of(data.b, 64));
    assert_true(tx.mined && hash32_eq(tx.block_hash, r.block_hash));
    hash32 topic = store_word(9);
    struct ledger_filter f = {.addresses = &store,
                              .addresses_n = 1,
                              .topic0 = &topic,
                              .topic0_n = 1,
                              .from = 0,
                              .to = r.block_number};
    struct ledger_log *logs = NULL;
    size_t n = 0;
    assert_ok(ledger_logs(ledger, &f, &arena, &logs, &n, &err), &err);
    assert_int_equal(n, 1);
    assert_slice(logs[0].data, slice_of(store_word(90).b, 32));
    f.by_hash = true;
    f.block_hash = r.block_hash;
    assert_ok(ledger_logs(ledger, &f, &arena, &logs, &n, &err), &err);
    assert_int_equal(n, 1);
    topic = store_word(10);
    assert_ok(ledger_logs(ledger, &f, &arena, &logs, &n, &err), &err);
    assert_int_equal(n, 0);
    hash32 unknown = store_word(1);
    assert_status(ledger_receipt(ledger, &unknown, &arena, &r, &err), E_NOT_FOUND);
    assert_status(ledger_tx_get(ledger, &unknown, &arena, &tx, &err), E_NOT_FOUND);
}

static void proves_storage_and_absence(void **state)
{
    (void)state;
    NEED_ANVIL();
    struct err err;
    hash32 slots[40];
    for (uint64_t i = 0; i < 40; i++) {
        struct store_data data = store_data(100 + i, 1000 + i);
        slots[i] = store_word(100 + i);
        if (i % 2 == 0)
            assert_true(store_send(ledger, store, slice_of(data.b, 64), &arena).ok);
    }
    struct ledger_proof p;
    assert_ok(ledger_proof(ledger, &store, slots, 40, LEDGER_LATEST, &arena, &p, &err), &err);
    assert_true(p.exists);
    assert_int_equal(p.nonce, 1);
    for (uint64_t i = 0; i < 40; i++)
        assert_true(hash32_eq(p.values[i], store_word(i % 2 == 0 ? 1000 + i : 0)));
    addr20 nobody = {{1, 2, 3}};
    assert_ok(
        ledger_proof(ledger, &nobody, slots, 2, ledger_at_number(p.block.number), &arena, &p, &err),
        &err);
    assert_false(p.exists);
    assert_true(hash32_is_zero(p.values[0]));
    assert_ok(ledger_proof(ledger, &store_sender, NULL, 0, ledger_at_hash(p.block.hash), &arena, &p,
                           &err),
              &err);
    assert_true(p.exists && p.nonce > 20);
}

/* Prove slot 100 from the text of an eth_getProof answer. */
static status prove_text(slice text, const struct ledger_block *block)
{
    struct arena a;
    struct json_doc doc;
    struct ledger_proof p;
    hash32 slot = store_word(100);
    struct ledger_req req = {.kind = LEDGER_PROOF};
    req.in.proof.address = store;
    req.in.proof.slots = &slot;
    req.in.proof.slots_n = 1;
    arena_init(&a, (size_t)4 << 20, false);
    status s = json_read(text, &a, &doc, NULL);
    if (s == OK)
        s = remote_proof_read(json_get(json_root(&doc), "result"), &req, block, &a, &p, NULL);
    arena_done(&a);
    return s;
}

/* Change every digit of every node in an array of nodes in turn; each must be refused. */
static size_t change_nodes(struct buf *text, struct json nodes, const struct ledger_block *block)
{
    size_t n = 0;
    for (struct json_iter it = json_iter(nodes); json_next(&it);) {
        size_t start = json_offset(it.value) + 3;
        size_t end = start + json_raw(it.value).n - 4;
        for (size_t i = start; i < end; i++, n++) {
            uint8_t c = text->p[i];
            bool low = c == '9' || c == 'f';
            text->p[i] = (uint8_t)(low ? c - 1 : c + 1);
            assert_int_not_equal(prove_text(buf_slice(text), block), OK);
            text->p[i] = c;
        }
    }
    return n;
}

static void refuses_every_changed_digit_of_a_live_proof(void **state)
{
    (void)state;
    NEED_WIRE();
    struct err err;
    struct buf request;
    struct buf answer;
    struct ledger_block head;
    struct json_doc doc;
    char addr[43];
    char slot[67];
    hash32 word = store_word(100);
    struct store_data data = store_data(100, 5);
    assert_true(store_send(ledger, store, slice_of(data.b, 64), &arena).ok);
    assert_ok(ledger_head(ledger, &head, &err), &err);
    buf_init(&request, 4096);
    buf_init(&answer, 1 << 20);
    assert_ok(buf_printf(&request,
                         "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_getProof\",\"params\":"
                         "[\"%s\",[\"%s\"],\"latest\"]}",
                         hex_0x(slice_of(store.b, 20), addr), hex_0x(slice_of(word.b, 32), slot)),
              &err);
    assert_ok(ledger_remote_post(ledger, buf_slice(&request), &answer, &err), &err);
    assert_int_equal(prove_text(buf_slice(&answer), &head), OK);
    assert_ok(json_read(buf_slice(&answer), &arena, &doc, &err), &err);
    struct json result = json_get(json_root(&doc), "result");
    struct json first = json_at(json_get(result, "storageProof"), 0);
    size_t account = change_nodes(&answer, json_get(result, "accountProof"), &head);
    size_t storage = change_nodes(&answer, json_get(first, "proof"), &head);
    print_message("%zu changed digits refused\n", account + storage);
    assert_true(account > 200 && storage > 60);
    buf_done(&request);
    buf_done(&answer);
}

static void runs_a_batch_of_fifty(void **state)
{
    (void)state;
    NEED_ANVIL();
    struct err err;
    struct ledger_req reqs[50] = {0};
    struct store_data data[50];
    for (uint64_t i = 0; i < 50; i++) {
        data[i] = store_data(i, i % 10);
        reqs[i].kind = LEDGER_CALL;
        reqs[i].in.call = (struct ledger_call){.to = store, .data = slice_of(data[i].b, 64)};
    }
    reqs[7] = (struct ledger_req){.kind = LEDGER_BLOCK};
    reqs[8] = (struct ledger_req){.kind = LEDGER_FEES};
    reqs[9] = (struct ledger_req){.kind = LEDGER_RECEIPT};
    assert_ok(ledger_run(ledger, reqs, 50, &arena, &err), &err);
    for (uint64_t i = 10; i < 50; i++) {
        assert_status(reqs[i].st, i % 10 == 0 ? E_REVERTED : OK);
        if (i % 10 != 0)
            assert_slice(reqs[i].out.data, slice_of(store_word(i % 10).b, 32));
    }
    assert_status(reqs[7].st, OK);
    assert_status(reqs[8].st, OK);
    assert_status(reqs[9].st, E_NOT_FOUND);
}

static void waits_for_confirmations_until_the_deadline(void **state)
{
    (void)state;
    NEED_ANVIL();
    struct err err;
    struct store_data data = store_data(3, 4);
    struct ledger_receipt r = store_send(ledger, store, slice_of(data.b, 64), &arena);
    hash32 tx = r.tx_hash;
    assert_status(ledger_wait(ledger, &tx, 3, 150, &arena, &r, &err), E_TIMEOUT);
    anvil_do(ledger, "anvil_mine", "[\"0x2\"]");
    assert_ok(ledger_wait(ledger, &tx, 3, 5000, &arena, &r, &err), &err);
    tx = store_word(12);
    assert_status(ledger_wait(ledger, &tx, 0, 100, &arena, &r, &err), E_TIMEOUT);
}

static uint64_t late_s(void *ctx)
{
    (void)ctx;
    return clock_unix_s(&clock_system) + 1000;
}

static uint64_t mono_ms(void *ctx)
{
    (void)ctx;
    return clock_mono_ms(&clock_system);
}

static void notices_a_stale_head(void **state)
{
    (void)state;
    NEED_WIRE();
    const struct clock_src late = {.unix_s = late_s, .mono_ms = mono_ms};
    struct ledger_remote_config cfg = {.url = node.anvil.url, .max_age_s = 60, .clock = &late};
    struct ledger *l = NULL;
    struct err err;
    struct ledger_block head;
    assert_ok(ledger_remote_open(&cfg, &l, &err), &err);
    assert_status(ledger_head_fresh(l, &head, &err), E_STALE);
    assert_ok(ledger_head(l, &head, &err), &err);
    assert_true(head.age_s >= 900);
    ledger_close(l);
}

static void refuses_another_chain(void **state)
{
    (void)state;
    NEED_WIRE();
    struct ledger_remote_config cfg = {.url = node.anvil.url, .chain_id = 1};
    struct ledger *l = NULL;
    struct err err;
    struct ledger_block head;
    assert_ok(ledger_remote_open(&cfg, &l, &err), &err);
    assert_status(ledger_head(l, &head, &err), E_MISMATCH);
    ledger_close(l);
}

static void a_second_source_vouches_for_block_hashes(void **state)
{
    (void)state;
    NEED_WIRE();
    struct anvil other;
    struct err err;
    struct ledger *l = NULL;
    struct ledger_block head;
    if (!anvil_start(&other, NULL))
        skip();
    struct ledger_remote_config cfg = {.url = node.anvil.url, .second_url = node.anvil.url};
    assert_ok(ledger_remote_open(&cfg, &l, &err), &err);
    assert_ok(ledger_head(l, &head, &err), &err);
    assert_ok(ledger_block_vouched(l, head.number, &head.hash, &err), &err);
    hash32 wrong = store_word(3);
    assert_status(ledger_block_vouched(l, head.number, &wrong, &err), E_MISMATCH);
    assert_status(ledger_block_vouched(ledger, head.number, &head.hash, &err), E_UNSUPPORTED);
    ledger_close(l);
    cfg.second_url = other.url;
    assert_ok(ledger_remote_open(&cfg, &l, &err), &err);
    assert_status(ledger_block_vouched(l, head.number, &head.hash, &err), E_UNAVAILABLE);
    struct ledger_block first;
    assert_ok(ledger_block_get(l, ledger_at_number(1), &first, &err), &err);
    struct ledger *o = NULL;
    assert_ok(ledger_remote_open(&(struct ledger_remote_config){.url = other.url}, &o, &err), &err);
    anvil_do(o, "anvil_mine", "[\"0x1\"]");
    assert_status(ledger_block_vouched(l, 1, &first.hash, &err), E_MISMATCH);
    anvil_stop(&other);
    assert_status(ledger_block_vouched(l, 1, &first.hash, &err), E_UNAVAILABLE);
    assert_status(ledger_head(o, &head, &err), E_UNAVAILABLE);
    ledger_close(o);
    ledger_close(l);
}

static void the_authority_vouches_for_block_hashes(void **state)
{
    (void)state;
    struct err err;
    struct ledger_block head;
    NEED_ANVIL();
    if (!node.is_local)
        return;
    assert_ok(ledger_head(ledger, &head, &err), &err);
    assert_ok(ledger_block_vouched(ledger, head.number, &head.hash, &err), &err);
    struct ledger_block genesis;
    assert_ok(ledger_block_get(ledger, ledger_at_number(0), &genesis, &err), &err);
    assert_ok(ledger_block_vouched(ledger, 0, &genesis.hash, &err), &err);
    hash32 wrong = store_word(3);
    assert_status(ledger_block_vouched(ledger, 0, &wrong, &err), E_MISMATCH);
    assert_status(ledger_block_vouched(ledger, head.number, &wrong, &err), E_MISMATCH);
    assert_status(ledger_block_vouched(ledger, head.number + 9, &head.hash, &err), E_UNAVAILABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_chain_id_head_and_blocks),
        cmocka_unit_test(reads_balance_nonce_code_and_fees),
        cmocka_unit_test(calls_and_gives_the_revert_data),
        cmocka_unit_test(gives_receipts_transactions_and_logs),
        cmocka_unit_test(proves_storage_and_absence),
        cmocka_unit_test(refuses_every_changed_digit_of_a_live_proof),
        cmocka_unit_test(runs_a_batch_of_fifty),
        cmocka_unit_test(waits_for_confirmations_until_the_deadline),
        cmocka_unit_test(notices_a_stale_head),
        cmocka_unit_test(refuses_another_chain),
        cmocka_unit_test(a_second_source_vouches_for_block_hashes),
        cmocka_unit_test(the_authority_vouches_for_block_hashes),
    };
    return cmocka_run_group_tests_name("ledger on anvil", tests, set_up, tear_down);
}
