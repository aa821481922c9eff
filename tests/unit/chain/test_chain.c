/* SPDX-License-Identifier: Apache-2.0 */
/* The chain as a node: what is sealed, seen, refused, and gone back to. */
#include "test.h"

#include <sys/wait.h>
#include <unistd.h>

#include "chain/chain_priv.h"
#include "chainnode.h"
#include "codec/domain_hash.h"
#include "crypto/keccak.h"

static uint64_t balance_at_head(struct node *n, const addr20 *a)
{
    struct chain_view v;
    struct trie_account acc;
    bool exists;
    struct err e = {0};
    assert_ok(chain_view_open(n->chain, &v, &e), &e);
    assert_ok(chain_view_account(&v, v.head, a, &exists, &acc, &e), &e);
    chain_view_close(&v);
    return acc.balance.w[0];
}

static status count_log(void *ctx, const struct chain_log *log, struct err *reterr)
{
    size_t *n = ctx;
    (void)reterr;
    assert_int_equal(log->log.n_topics, 1);
    ++*n;
    return OK;
}

static size_t count_logs(struct chain_view *v, const struct chain_filter *f)
{
    size_t n = 0;
    struct err e = {0};
    assert_ok(chain_view_logs(v, f, count_log, &n, &e), &e);
    return n;
}

static void a_transaction_is_sealed_and_found_after_a_restart(void **state)
{
    struct node n;
    struct err e = {0};
    hash32 hash;
    uint64_t number;
    uint32_t index;
    struct arena a;
    struct chain_view v;
    struct chain_receipt r;
    struct chain_block b;
    hash32 digest;
    (void)state;
    node_up(&n, false);
    for (uint64_t i = 0; i < 3; i++)
        assert_ok(submit(&n, i, 0, i == 1 ? &contract : &friend, &hash, &e), &e);
    assert_ok(chain_wait_tx(n.chain, &hash, WAIT_MS, &number, &index, &e), &e);
    node_reopen(&n, false, false);
    assert_int_equal(balance_at_head(&n, &friend), 10);
    arena_init(&a, 1 << 20, false);
    assert_ok(chain_view_open(n.chain, &v, &e), &e);
    assert_ok(chain_view_tx(&v, &hash, &number, &index, &e), &e);
    assert_ok(chain_view_receipt(&v, number, index, &a, &r, &e), &e);
    assert_true(r.receipt.success && hash32_eq(r.tx_hash, hash) && addr20_eq(r.sender, n.who));
    assert_int_equal(r.gas_used, 21000);
    assert_ok(chain_view_block(&v, number, &b, &e), &e);
    assert_true(b.has_seal);
    block_seal_digest(1234, number, &b.block.hash, &digest);
    assert_ok(secp_verify_addr(&digest, slice_of(b.seal, SECP_SIG), n.who), &e);
    struct chain_filter f = {.addresses = &contract, .n_addresses = 1, .to = v.head};
    assert_int_equal(count_logs(&v, &f), 1);
    f.addresses = &friend;
    assert_int_equal(count_logs(&v, &f), 0);
    chain_view_close(&v);
    arena_done(&a);
    node_down(&n);
}

static void genesis_block(struct chain *c, struct chain_block *ret)
{
    struct err e = {0};
    struct chain_view v;
    assert_ok(chain_view_open(c, &v, &e), &e);
    assert_ok(chain_view_block(&v, 0, ret, &e), &e);
    chain_view_close(&v); /* raw is gone with it; hash and signature are copies */
}

/* As a folder of a program that signed from block 1 on, or one that was made without the key. */
static void the_genesis_is_signed_once_the_key_is_there(void **state)
{
    struct node n;
    struct err e = {0};
    struct chain_block b;
    struct chain *other = NULL;
    hash32 digest;
    char dir[200];
    (void)state;
    node_up(&n, false);
    (void)snprintf(dir, sizeof dir, "%s/other", n.dir);
    assert_ok(chain_create(dir, slice_str(n.genesis), false, NULL, &e), &e);
    struct chain_options o = {.dir = dir};
    assert_ok(chain_open(&o, &other, &e), &e);
    genesis_block(other, &b);
    assert_false(b.has_seal);
    for (int i = 0; i < 2; i++) { /* and opening it again changes nothing */
        chain_close(other);
        o.authority = i == 0 ? &n.key : NULL;
        assert_ok(chain_open(&o, &other, &e), &e);
        genesis_block(other, &b);
        assert_true(b.has_seal);
        block_seal_digest(1234, 0, &b.block.hash, &digest);
        assert_ok(secp_verify_addr(&digest, slice_of(b.seal, SECP_SIG), n.who), &e);
    }
    b.seal[3] ^= 1;
    assert_int_equal(chain_genesis_seal(other, b.seal, &e), E_SIGNATURE);
    assert_int_equal(chain_genesis_seal(other, NULL, &e), E_SIGNATURE);
    b.seal[3] ^= 1;
    assert_ok(chain_genesis_seal(other, b.seal, &e), &e);
    chain_close(other);
    node_down(&n);
}

/* Every block of one chain makes the same chain in another folder. */
static void a_chain_can_be_imported_block_by_block(void **state)
{
    struct node n;
    struct err e = {0};
    hash32 hash;
    struct chain *other = NULL;
    char dir[200];
    (void)state;
    node_up(&n, false);
    for (uint64_t i = 0; i < 20; i++) {
        assert_ok(submit(&n, i, 0, i % 2 == 0 ? &contract : &friend, &hash, &e), &e);
        if (i % 5 == 4)
            assert_ok(chain_wait_tx(n.chain, &hash, WAIT_MS, NULL, NULL, &e), &e);
    }
    (void)snprintf(dir, sizeof dir, "%s/other", n.dir);
    assert_ok(chain_create(dir, slice_str(n.genesis), false, NULL, &e), &e);
    struct chain_options o = {.dir = dir};
    assert_ok(chain_open(&o, &other, &e), &e);
    struct chain_view v;
    assert_ok(chain_view_open(n.chain, &v, &e), &e);
    for (uint64_t i = 1; i <= v.head; i++) {
        struct chain_block b;
        assert_ok(chain_view_block(&v, i, &b, &e), &e);
        assert_ok(chain_import(other, b.block.raw, b.seal, &e), &e);
        assert_int_equal(chain_import(other, b.block.raw, b.seal, &e), E_DUPLICATE);
    }
    struct chain_news news;
    chain_news_get(other, &news);
    assert_true(hash32_eq(news.hash, v.head_hash));
    assert_ok(chain_rollback(other, 1, &e), &e);
    chain_news_get(other, &news);
    assert_int_equal(news.head, 1);
    struct chain_block b;
    assert_ok(chain_view_block(&v, 2, &b, &e), &e);
    b.seal[3] ^= 1;
    assert_int_equal(chain_import(other, b.block.raw, b.seal, &e), E_SIGNATURE);
    assert_int_equal(chain_import(other, b.block.raw, NULL, &e), E_SIGNATURE);
    b.seal[3] ^= 1;
    assert_ok(chain_import(other, b.block.raw, b.seal, &e), &e);
    chain_view_close(&v);
    chain_close(other);
    node_down(&n);
}

/* Rewrite the names of a block: the last account's word is another, or the accounts change places.
 */
static void change_names(struct chain *c, uint64_t number, bool swap)
{
    struct kv_txn *w = NULL;
    struct err e = {0};
    struct number_key key = number_key_of(number);
    slice k = slice_of(key.b, sizeof key.b);
    slice row;
    uint8_t text[4096];
    assert_ok(kv_write_begin(c->kv, &w, &e), &e);
    assert_ok(kv_get(w, c->t.created, k, &row, &e), &e);
    assert_in_range(row.n, 48, sizeof text);
    size_t first = 24 + 32 * be32_read(row.p + 20);
    memcpy(text, row.p + first, row.n - first);
    memcpy(text + row.n - first, row.p, first);
    if (!swap)
        text[0] ^= 1;
    assert_ok(kv_put(w, c->t.created, k, slice_of(text, row.n), &e), &e);
    assert_ok(kv_commit(w, &e), &e);
}

static void names_are_compared_as_sets(void **state)
{
    struct node n;
    struct err e = {0};
    hash32 hash;
    struct chain *other = NULL;
    struct chain_view v;
    struct chain_view w;
    struct chain_block b;
    char dir[200];
    (void)state;
    node_up(&n, false);
    assert_ok(submit(&n, 0, 0, &contract, &hash, &e), &e);
    assert_ok(chain_wait_tx(n.chain, &hash, WAIT_MS, NULL, NULL, &e), &e);
    (void)snprintf(dir, sizeof dir, "%s/other", n.dir);
    assert_ok(chain_create(dir, slice_str(n.genesis), false, NULL, &e), &e);
    struct chain_options o = {.dir = dir};
    assert_ok(chain_open(&o, &other, &e), &e);
    assert_ok(chain_view_open(n.chain, &v, &e), &e);
    assert_ok(chain_view_block(&v, 1, &b, &e), &e);
    assert_ok(chain_import(other, b.block.raw, b.seal, &e), &e);
    for (int i = 0; i < 3; i++) { /* as it is, in another order, with another name */
        if (i > 0)
            change_names(other, 1, i == 1);
        assert_ok(chain_view_open(other, &w, &e), &e);
        assert_status(chain_view_same(&v, &w, 1, &e), i < 2 ? OK : E_MISMATCH);
        chain_view_close(&w);
    }
    assert_string_equal(e.msg, "names of accounts and slots");
    chain_view_close(&v);
    chain_close(other);
    node_down(&n);
}

static void what_is_not_this_chain_is_refused(void **state)
{
    struct node n;
    struct err e = {0};
    struct chain *second = NULL;
    (void)state;
    node_up(&n, false);
    struct chain_options o = node_options(&n);
    assert_int_equal(chain_open(&o, &second, &e), E_BUSY);
    assert_int_equal(chain_mine(n.chain, 1, 0, NULL, &e), E_FORBIDDEN);
    chain_close(n.chain);
    n.chain = NULL;
    o.dev = true;
    assert_int_equal(chain_open(&o, &second, &e), E_FORBIDDEN);
    struct secp_key wrong = n.key;
    wrong.b[5] ^= 1;
    o = node_options(&n);
    o.authority = &wrong;
    assert_int_equal(chain_open(&o, &second, &e), E_MISMATCH);
    assert_int_equal(chain_create(n.sub, slice_str(n.genesis), false, NULL, &e), E_CONFLICT);
    o.dir = n.dir;
    assert_int_equal(chain_open(&o, &second, &e), E_NOT_FOUND);
    node_down(&n);
}

static void stamp(const char *dir, const char *app, uint32_t schema)
{
    struct err e = {0};
    struct kv *kv = NULL;
    struct kv_txn *w = NULL;
    const struct kv_options o = {
        .app = app, .schema = schema > CHAIN_SCHEMA ? schema : CHAIN_SCHEMA, .max_tables = 64};
    assert_ok(kv_open(dir, &o, &kv, &e), &e);
    assert_ok(kv_write_begin(kv, &w, &e), &e);
    assert_ok(kv_schema_set(kv, w, schema, &e), &e);
    assert_ok(kv_commit(w, &e), &e);
    kv_close(kv);
}

static void folders_of_others_and_of_later_programs_are_refused(void **state)
{
    struct node n;
    struct err e = {0};
    struct chain *c = NULL;
    char other[300];
    (void)state;
    node_up(&n, false);
    chain_close(n.chain);
    n.chain = NULL;
    struct chain_options o = node_options(&n);
    stamp(n.sub, CHAIN_APP, CHAIN_SCHEMA + 1);
    assert_status(chain_open(&o, &c, &e), E_UNSUPPORTED);
    assert_non_null(strstr(e.msg, "schema 5, this program knows up to 4"));
    (void)snprintf(other, sizeof other, "%s-other", n.sub);
    stamp(other, "somebody-else", 1);
    o.dir = other;
    assert_status(chain_open(&o, &c, &e), E_MISMATCH);
    node_down(&n);
}

/* --- folders of older programs ---------------------------------------------------------------- */

#define OLD_BLOCKS 200u
#define STORED_AT_ONCE 128u
static const char *const old_tables[] = {"state.meta",  "state.account", "state.anode",
                                         "state.snode", "state.touched", "state.slot"};
#define OLD_TABLES (sizeof old_tables / sizeof old_tables[0])

static struct kv *open_rows(const struct node *n, struct kv_table old[OLD_TABLES])
{
    struct err e = {0};
    struct kv *kv = NULL;
    const struct kv_options o = {.app = CHAIN_APP, .schema = CHAIN_SCHEMA, .max_tables = 64};
    assert_ok(kv_open(n->sub, &o, &kv, &e), &e);
    for (size_t i = 0; i < OLD_TABLES; i++)
        assert_ok(kv_table_open(kv, old_tables[i], &old[i], &e), &e);
    return kv;
}

/* A chain of some blocks, closed, with its state as schema 3 had it: rows of other tables, which
 * nobody reads any more. */
static void old_node_up(struct node *n)
{
    struct err e = {0};
    struct kv_table old[OLD_TABLES];
    struct kv_txn *w = NULL;
    hash32 hash;
    node_up(n, false);
    for (uint64_t i = 0; i < OLD_BLOCKS; i++) {
        assert_ok(submit(n, i, 0, i % 2 == 0 ? &contract : &friend, &hash, &e), &e);
        assert_ok(chain_wait_tx(n->chain, &hash, WAIT_MS, NULL, NULL, &e), &e);
    }
    chain_close(n->chain);
    n->chain = NULL;
    struct kv *kv = open_rows(n, old);
    assert_ok(kv_write_begin(kv, &w, &e), &e);
    assert_ok(kv_table_drop(w, "state.node", &e), &e);
    assert_ok(kv_table_drop(w, "state.block", &e), &e);
    assert_ok(kv_table_drop(w, "state.span", &e), &e);
    for (size_t i = 0; i < OLD_TABLES; i++)
        assert_ok(kv_put(w, old[i], SLICE_LIT("span"), SLICE_LIT("old"), &e), &e);
    assert_ok(kv_schema_set(kv, w, 3, &e), &e);
    assert_ok(kv_commit(w, &e), &e);
    kv_close(kv);
}

static uint32_t schema_and_old_rows(const struct node *n, uint64_t *ret_rows)
{
    struct err e = {0};
    struct kv_table old[OLD_TABLES];
    struct kv_txn *r = NULL;
    struct kv *kv = open_rows(n, old);
    uint32_t schema = kv_schema(kv);
    *ret_rows = 0;
    assert_ok(kv_read_begin(kv, &r, &e), &e);
    for (size_t i = 0; i < OLD_TABLES; i++) {
        uint64_t rows = 0;
        assert_ok(kv_count(r, old[i], &rows, &e), &e);
        *ret_rows += rows;
    }
    kv_abort(r);
    kv_close(kv);
    return schema;
}

static uint64_t first_told;
static uint64_t last_block = OLD_BLOCKS;
static uint64_t die_at;

static void told(uint64_t block, uint64_t head)
{
    assert_int_equal(head, last_block);
    if (first_told == 0)
        first_told = block;
    if (block == die_at)
        _exit(9);
}

static void open_old(struct node *n)
{
    struct err e = {0};
    struct chain_options o = node_options(n);
    o.upgrading = told;
    first_told = 0;
    assert_ok(chain_open(&o, &n->chain, &e), &e);
}

/* At each block the state is that which its header names, and the friend has what it was sent. */
static void check_states(struct node *n)
{
    struct chain_view v;
    struct err e = {0};
    assert_ok(chain_view_open(n->chain, &v, &e), &e);
    assert_int_equal(v.head, last_block);
    assert_int_equal(v.first_state, 0);
    for (uint64_t i = 0; i <= v.head; i++) {
        struct chain_block b;
        struct trie_account acc;
        bool exists;
        hash32 root;
        assert_ok(chain_view_block(&v, i, &b, &e), &e);
        assert_ok(store_root(&v.chain->store, v.txn, i, &root, &e), &e);
        assert_true(hash32_eq(root, b.block.header.state_root));
        assert_ok(chain_view_account(&v, i, &friend, &exists, &acc, &e), &e);
        assert_int_equal(acc.balance.w[0], 5 * (i / 2));
    }
    chain_view_close(&v);
}

static void a_folder_of_an_older_program_is_executed_again(void **state)
{
    struct node n;
    struct err e = {0};
    uint64_t rows;
    hash32 hash;
    (void)state;
    old_node_up(&n);
    open_old(&n);
    assert_int_equal(first_told, 1);
    check_states(&n);
    assert_ok(chain_start(n.chain, &e), &e);
    assert_ok(submit(&n, OLD_BLOCKS, 0, &friend, &hash, &e), &e);
    assert_ok(chain_wait_tx(n.chain, &hash, WAIT_MS, NULL, NULL, &e), &e);
    chain_close(n.chain);
    n.chain = NULL;
    assert_int_equal(schema_and_old_rows(&n, &rows), CHAIN_SCHEMA);
    assert_int_equal(rows, 0);
    node_down(&n);
}

static void old_node_up_and_cut_off(struct node *n)
{
    int how = 0;
    uint64_t rows;
    old_node_up(n);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        die_at = STORED_AT_ONCE + 9;
        open_old(n);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &how, 0), pid);
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 9);
    assert_int_equal(schema_and_old_rows(n, &rows), 3);
    assert_int_equal(rows, OLD_TABLES);
}

/* As the older program does when it goes back; its own tables are not looked at here. */
static void go_back_to(const struct node *n, uint64_t block)
{
    struct err e = {0};
    struct kv_txn *w = NULL;
    struct kv_table old[OLD_TABLES];
    struct chain c = {.kv = open_rows(n, old)};
    assert_ok(chain_tables_open(c.kv, &c.t, &e), &e);
    assert_ok(kv_write_begin(c.kv, &w, &e), &e);
    for (uint64_t i = OLD_BLOCKS; i > block; i--)
        assert_ok(chain_rows_delete(&c, w, i, &e), &e);
    assert_ok(kv_commit(w, &e), &e);
    kv_close(c.kv);
}

static void what_the_older_program_did_in_between_is_seen(void **state)
{
    struct node n;
    (void)state;
    old_node_up_and_cut_off(&n);
    go_back_to(&n, STORED_AT_ONCE - 20);
    last_block = STORED_AT_ONCE - 20;
    open_old(&n);
    assert_int_equal(first_told, 1);
    check_states(&n);
    last_block = OLD_BLOCKS;
    node_down(&n);
}

static void a_program_that_dies_in_it_goes_on_where_it_was(void **state)
{
    struct node n;
    (void)state;
    old_node_up_and_cut_off(&n);
    open_old(&n);
    assert_int_equal(first_told, STORED_AT_ONCE + 1);
    check_states(&n);
    node_down(&n);
}

/* Nothing of before is lost when the blocks do not give what their headers say. */
static void a_folder_that_cannot_be_executed_again_stays_as_it_is(void **state)
{
    struct node n;
    struct err e = {0};
    struct kv_table old[OLD_TABLES];
    struct kv_table meta;
    struct kv_txn *w = NULL;
    uint64_t rows;
    (void)state;
    old_node_up(&n);
    char *digit = strstr(n.genesis, "1000000000000000000");
    *digit = '2';
    struct kv *kv = open_rows(&n, old);
    assert_ok(kv_table_open(kv, "chain.meta", &meta, &e), &e);
    assert_ok(kv_write_begin(kv, &w, &e), &e);
    assert_ok(kv_put(w, meta, SLICE_LIT("genesis"), slice_str(n.genesis), &e), &e);
    assert_ok(kv_commit(w, &e), &e);
    kv_close(kv);
    struct chain_options o = node_options(&n);
    assert_status(chain_open(&o, &n.chain, &e), E_CORRUPT);
    assert_status(chain_open(&o, &n.chain, &e), E_CORRUPT);
    assert_non_null(strstr(e.msg, "bringing the state of an older program up to date"));
    assert_int_equal(schema_and_old_rows(&n, &rows), 3);
    assert_int_equal(rows, OLD_TABLES);
    node_down(&n);
}

static void the_controls_change_time_accounts_and_blocks(void **state)
{
    struct node n;
    struct err e = {0};
    uint64_t snap;
    uint64_t head;
    u256 rich = u256_from_u64(777);
    hash32 hash;
    (void)state;
    node_up(&n, true);
    assert_ok(chain_dev_snapshot(n.chain, &snap, &e), &e);
    struct chain_dev_account change = {.address = friend, .balance = &rich};
    assert_ok(chain_dev_set(n.chain, &change, &e), &e);
    assert_int_equal(balance_at_head(&n, &friend), 777);
    assert_ok(chain_dev_next_time(n.chain, 4000000000, &e), &e);
    assert_ok(chain_mine(n.chain, 3, 10, &head, &e), &e);
    assert_int_equal(head, 3);
    assert_int_equal(balance_at_head(&n, &friend), 777);
    struct chain_view v;
    struct chain_block b;
    assert_ok(chain_view_open(n.chain, &v, &e), &e);
    assert_ok(chain_view_block(&v, 3, &b, &e), &e);
    assert_int_equal(b.block.header.timestamp, 4000000020);
    chain_view_close(&v);
    struct tx t = {.type = TX_FEE_MARKET,
                   .has_chain_id = true,
                   .chain_id = 1234,
                   .gas = 30000,
                   .to = contract,
                   .value = u256_from_u64(7)};
    assert_ok(chain_dev_submit_as(n.chain, &t, &friend, &hash, &e), &e);
    assert_ok(chain_wait_tx(n.chain, &hash, WAIT_MS, NULL, NULL, &e), &e);
    assert_int_equal(balance_at_head(&n, &friend), 770);
    assert_ok(chain_dev_revert(n.chain, snap, &e), &e);
    assert_int_equal(balance_at_head(&n, &friend), 0);
    assert_int_equal(chain_dev_revert(n.chain, snap, &e), E_NOT_FOUND);
    struct chain_news news;
    chain_news_get(n.chain, &news);
    assert_int_equal(news.head, 0);
    assert_int_equal(news.rollbacks, 1);
    node_down(&n);
}

static void calls_and_estimates_leave_no_trace(void **state)
{
    struct node n;
    struct err e = {0};
    struct chain_view v;
    struct chain_exec x;
    struct chain_result r;
    uint64_t gas;
    uint8_t word[32] = {[31] = 9};
    (void)state;
    node_up(&n, false);
    assert_ok(chain_view_open(n.chain, &v, &e), &e);
    assert_ok(chain_exec_open(&v, v.head, NULL, &x, &e), &e);
    struct chain_call call = {.from = n.who,
                              .to = contract,
                              .free = true,
                              .gas = 100000,
                              .data = slice_of(word, sizeof word)};
    assert_ok(chain_exec_call(&x, &call, NULL, &r, &e), &e);
    assert_int_equal(r.status, EVM_SUCCESS);
    assert_int_equal(x.state.log_n, 1);
    assert_ok(chain_exec_estimate(&x, &call, 0, &gas, &r, &e), &e);
    assert_true(gas > 21000 && gas < 100000);
    call.to = friend;
    call.data = SLICE_EMPTY;
    assert_ok(chain_exec_estimate(&x, &call, 0, &gas, &r, &e), &e);
    assert_int_equal(gas, 21000);
    call.from = friend;
    call.value = u256_from_u64(1);
    assert_int_equal(chain_exec_call(&x, &call, NULL, &r, &e), E_FORBIDDEN);
    chain_exec_close(&x);
    chain_view_close(&v);
    node_down(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_transaction_is_sealed_and_found_after_a_restart),
        cmocka_unit_test(the_genesis_is_signed_once_the_key_is_there),
        cmocka_unit_test(a_chain_can_be_imported_block_by_block),
        cmocka_unit_test(names_are_compared_as_sets),
        cmocka_unit_test(what_is_not_this_chain_is_refused),
        cmocka_unit_test(folders_of_others_and_of_later_programs_are_refused),
        cmocka_unit_test(a_folder_of_an_older_program_is_executed_again),
        cmocka_unit_test(a_program_that_dies_in_it_goes_on_where_it_was),
        cmocka_unit_test(what_the_older_program_did_in_between_is_seen),
        cmocka_unit_test(a_folder_that_cannot_be_executed_again_stays_as_it_is),
        cmocka_unit_test(the_controls_change_time_accounts_and_blocks),
        cmocka_unit_test(calls_and_estimates_leave_no_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
