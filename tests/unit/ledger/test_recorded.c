/* SPDX-License-Identifier: Apache-2.0 */
/* Answers recorded from geth (ethereum/execution-apis) through the remote reader, whole and with
 * every digit changed in turn. */
#include "test.h"

#include "codec/json.h"
#include "ledger/remote_int.h"
#include "tmpdir.h"

#define ARCHIVE "vectors/ethereum/execution-apis-tests-dev.tar.xz"

static char dir[256];

/* One recorded exchange: the text of the answer and its parsed result. */
struct answer {
    struct buf text;
    struct arena arena;
    struct json_doc doc;
    slice line;
};

static bool unpack(void)
{
    char path[1024];
    char command[2300];
    const char *root = getenv("EHRD_FIXTURES");
    (void)snprintf(path, sizeof path, "%s/%s", root != NULL ? root : "../shared", ARCHIVE);
    if (!file_exists(path))
        return false;
    tmpdir_make(dir, sizeof dir);
    (void)snprintf(command, sizeof command, "tar -xJf '%s' -C '%s'", path, dir);
    FILE *p = popen(command, "r");
    return p != NULL && pclose(p) == 0;
}

static int set_up(void **state)
{
    (void)state;
    if (!unpack())
        dir[0] = '\0';
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    if (dir[0] != '\0')
        tmpdir_remove(dir);
    return 0;
}

#define NEED_VECTORS()                                                                             \
    do {                                                                                           \
        if (dir[0] == '\0') {                                                                      \
            print_message("SKIPPED %s: no " ARCHIVE " (set EHRD_FIXTURES)\n", __func__);           \
            skip();                                                                                \
        }                                                                                          \
    } while (0)

static void parse(struct answer *a)
{
    struct err err;
    arena_init(&a->arena, (size_t)16 << 20, false);
    assert_ok(json_read(a->line, &a->arena, &a->doc, &err), &err);
}

static struct json result_of(const struct answer *a)
{
    return json_get(json_root(&a->doc), "result");
}

static void answer_init(struct answer *a, const char *file)
{
    char path[512];
    struct err err;
    (void)snprintf(path, sizeof path, "%s/%s", dir, file);
    buf_init(&a->text, 1 << 22);
    assert_ok(file_read(path, &a->text, &err), &err);
    const char *at = strstr(buf_cstr(&a->text), "\n<< ");
    assert_non_null(at);
    const char *end = strchr(at + 1, '\n');
    a->line = slice_of(at + 4, end != NULL ? (size_t)(end - at - 4) : strlen(at + 4));
    parse(a);
}

static void answer_done(struct answer *a)
{
    arena_done(&a->arena);
    buf_done(&a->text);
}

/* Change one hex digit of the answer's own text. */
static void flip(struct answer *a, size_t at)
{
    size_t i = (size_t)(a->line.p - a->text.p) + at;
    char c = (char)a->text.p[i];
    a->text.p[i] = (uint8_t)(c == '0' ? '1' : '0');
    if (c >= '1' && c <= '9')
        a->text.p[i] = (uint8_t)(c == '9' ? '8' : c + 1);
    else if (c >= 'a' && c <= 'f')
        a->text.p[i] = (uint8_t)(c == 'f' ? 'e' : c + 1);
}

static const char *const blocks[] = {
    "eth_getBlockByNumber/get-block-merge-fork.io", "eth_getBlockByNumber/get-block-cancun-fork.io",
    "eth_getBlockByNumber/get-block-prague-fork.io", "eth_getBlockByNumber/get-latest.io",
    "eth_getBlockByNumber/get-finalized.io"};

static void believes_recorded_blocks(void **state)
{
    (void)state;
    NEED_VECTORS();
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        struct answer a;
        struct ledger_block b;
        struct err err;
        answer_init(&a, blocks[i]);
        assert_ok(remote_block_read(result_of(&a), LEDGER_LATEST, 0, &b, &err), &err);
        assert_ok(remote_block_read(result_of(&a), ledger_at_number(b.number), 0, &b, &err), &err);
        assert_ok(remote_block_read(result_of(&a), ledger_at_hash(b.hash), 0, &b, &err), &err);
        assert_status(remote_block_read(result_of(&a), ledger_at_number(b.number + 1), 0, &b, &err),
                      E_MISMATCH);
        b.hash.b[0] ^= 1;
        assert_status(remote_block_read(result_of(&a), ledger_at_hash(b.hash), 0, &b, &err),
                      E_MISMATCH);
        answer_done(&a);
    }
}

/* The members of a block that are not of the header. */
static bool beside_the_header(struct json key)
{
    static const char *const names[] = {"size", "transactions", "uncles", "withdrawals",
                                        "totalDifficulty"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (json_eq(key, names[i]))
            return true;
    return false;
}

/* Change each digit of a value in turn, and put it back. Returns how many there were. */
static size_t change_digits(struct answer *a, size_t start, size_t len,
                            status (*check)(struct json result, const void *ctx), const void *ctx)
{
    size_t n = 0;
    for (size_t i = start; i < start + len; i++) {
        uint8_t c = a->line.p[i];
        bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (!digit || a->line.p[i + 1] == 'x')
            continue;
        struct answer changed = {.line = a->line};
        flip(a, i);
        parse(&changed);
        assert_int_not_equal(check(result_of(&changed), ctx), OK);
        arena_done(&changed.arena);
        a->text.p[(size_t)(a->line.p - a->text.p) + i] = c;
        n++;
    }
    return n;
}

static status check_block(struct json result, const void *ctx)
{
    struct ledger_block b;
    (void)ctx;
    return remote_block_read(result, LEDGER_LATEST, 0, &b, NULL);
}

static void refuses_every_changed_digit_of_a_header(void **state)
{
    (void)state;
    NEED_VECTORS();
    struct answer a;
    size_t n = 0;
    answer_init(&a, "eth_getBlockByNumber/get-block-prague-fork.io");
    for (struct json_iter it = json_iter(result_of(&a)); json_next(&it);)
        if (!beside_the_header(it.key))
            n += change_digits(&a, json_offset(it.value), json_raw(it.value).n, check_block, NULL);
    print_message("%zu changed digits refused\n", n);
    assert_true(n > 1000);
    answer_done(&a);
}

static status prove(struct json proof, const struct ledger_block *block, struct ledger_proof *ret)
{
    struct ledger_req req = {.kind = LEDGER_PROOF};
    struct arena a;
    arena_init(&a, 1 << 20, false);
    assert_int_equal(hex_read_addr(SLICE_LIT("0x7dcd17433742f4c0ca53122ab541d0ba67fc27df"),
                                   &req.in.proof.address),
                     OK);
    status s = remote_proof_read(proof, &req, block, &a, ret, NULL);
    arena_done(&a);
    return s;
}

static status check_proof(struct json result, const void *ctx)
{
    struct ledger_proof p;
    return prove(result, ctx, &p);
}

static void proves_a_recorded_account_and_refuses_every_changed_digit(void **state)
{
    (void)state;
    NEED_VECTORS();
    struct answer block;
    struct answer proof;
    struct ledger_block b;
    struct ledger_proof p;
    struct err err;
    answer_init(&block, "eth_getBlockByNumber/get-latest.io");
    answer_init(&proof, "eth_getProof/get-account-proof-blockhash.io");
    assert_ok(remote_block_read(result_of(&block), LEDGER_LATEST, 0, &b, &err), &err);
    assert_int_equal(prove(result_of(&proof), &b, &p), OK);
    hash32 storage;
    assert_ok(json_hex_hash(json_get(result_of(&proof), "storageHash"), &storage, &err), &err);
    assert_true(p.exists && hash32_eq(p.storage_root, storage));
    struct json nodes = json_get(result_of(&proof), "accountProof");
    size_t n = change_digits(&proof, json_offset(nodes), json_raw(nodes).n, check_proof, &b);
    print_message("%zu changed digits refused\n", n);
    assert_true(n > 1000);
    answer_done(&block);
    answer_done(&proof);
}

static void reads_recorded_receipts_logs_and_transactions(void **state)
{
    (void)state;
    NEED_VECTORS();
    static const struct {
        const char *file;
        status want; /* E_MISSING: of before Byzantium, without a status */
    } receipts[] = {{"get-access-list", OK},
                    {"get-dynamic-fee", OK},
                    {"get-legacy-contract", E_MISSING},
                    {"get-legacy-receipt", E_MISSING},
                    {"get-setcode-tx", OK}};
    struct answer a;
    struct err err;
    hash32 hash;
    for (size_t i = 0; i < 5; i++) {
        char file[256];
        struct ledger_receipt r;
        (void)snprintf(file, sizeof file, "eth_getTransactionReceipt/%s.io", receipts[i].file);
        answer_init(&a, file);
        assert_ok(json_hex_hash(json_get(result_of(&a), "transactionHash"), &hash, &err), &err);
        assert_status(remote_receipt_read(result_of(&a), &hash, &a.arena, &r, &err),
                      receipts[i].want);
        assert_true(receipts[i].want != OK || r.gas_used >= 21000);
        answer_done(&a);
    }
    struct ledger_log *logs = NULL;
    size_t n = 0;
    answer_init(&a, "eth_getLogs/contract-addr.io");
    struct ledger_filter f = {.from = 1, .to = 4};
    assert_ok(remote_logs_read(result_of(&a), &f, &a.arena, &logs, &n, &err), &err);
    assert_int_equal(n, 2);
    f.to = 3;
    assert_status(remote_logs_read(result_of(&a), &f, &a.arena, &logs, &n, &err), E_CORRUPT);
    answer_done(&a);
    static const char *const txs[] = {"get-access-list", "get-dynamic-fee", "get-legacy-create",
                                      "get-legacy-tx", "get-setcode-tx"};
    for (size_t i = 0; i < 5; i++) {
        char file[256];
        struct ledger_tx t;
        (void)snprintf(file, sizeof file, "eth_getTransactionByHash/%s.io", txs[i]);
        answer_init(&a, file);
        assert_ok(json_hex_hash(json_get(result_of(&a), "hash"), &hash, &err), &err);
        assert_ok(remote_tx_read(result_of(&a), &hash, &a.arena, &t, &err), &err);
        assert_true(t.mined && t.create == (i == 2));
        answer_done(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(believes_recorded_blocks),
        cmocka_unit_test(refuses_every_changed_digit_of_a_header),
        cmocka_unit_test(proves_a_recorded_account_and_refuses_every_changed_digit),
        cmocka_unit_test(reads_recorded_receipts_logs_and_transactions),
    };
    return cmocka_run_group_tests_name("recorded node", tests, set_up, tear_down);
}
