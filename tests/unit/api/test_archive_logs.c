/* SPDX-License-Identifier: Apache-2.0 */
/* The archive of logs: read once into the read model, before all that the present chain tells, and
 * asked for by eth_getLogs. */
#include "test.h"

#include <unistd.h>

#include "api/archive_logs.h"
#include "base/file.h"
#include "base/hex.h"
#include "contract/registry_abi.h"
#include "index/index_impl.h"
#include "tmpdir.h"

#define ZEROS30 "000000000000000000000000000000000000000000000000000000000000"
#define ID1 "0x" ZEROS30 "0001"
#define ID2 "0x" ZEROS30 "0002"
#define WORD(end) ZEROS30 end
#define PROXY "0x00000000000000000000000000000000000000aa"

static struct {
    char dir[128];
    char path[160];
    struct index ix;
    addr20 proxy;
    struct arena a;
} m;

static int set_up(void **state)
{
    struct err e = {0};
    (void)state;
    memset(&m, 0, sizeof m);
    tmpdir_make(m.dir, sizeof m.dir);
    (void)snprintf(m.path, sizeof m.path, "%s/logs.jsonl", m.dir);
    m.proxy.b[19] = 0xaa;
    arena_init(&m.a, 1 << 20, false);
    char rows[160];
    (void)snprintf(rows, sizeof rows, "%s/index", m.dir);
    return rows_open(&m.ix.rows, rows, &e) == OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    rows_close(&m.ix.rows);
    arena_done(&m.a);
    tmpdir_remove(m.dir);
    return 0;
}

/* RecordAdded (version 1) or RecordAmended (2) of record 2 in folder 1. */
static void put_line(struct buf *b, const char *address, unsigned version, unsigned block)
{
    char topic[67];
    (void)hex_0x(
        slice_of(version == 1 ? registry_topic_RecordAdded : registry_topic_RecordAmended, 32),
        topic);
    assert_int_equal(
        buf_printf(b,
                   "{\"address\":\"%s\",\"topics\":[\"%s\",\"" ID1 "\",\"" ID2
                   "\"],\"data\":\"0x" ZEROS30 "%04x" WORD("0001")
                       WORD("00bb") "cc%02x" ZEROS30 "\",\"blockNumber\":\"0x%x\","
                                    "\"blockTimestamp\":\"0x%x\",\"blockHash\":\"" ID1
                                    "\",\"transactionHash\":\"" ID2
                                    "\",\"transactionIndex\":\"0x0\",\"logIndex\":\"0x3\"}\n",
                   address, topic, version, version, block, 1000 + block),
        OK);
}

static void write_archive(const char *more)
{
    struct buf b;
    struct err e = {0};
    buf_init(&b, 1 << 20);
    put_line(&b, PROXY, 1, 5);
    put_line(&b, "0x00000000000000000000000000000000000000bb", 1, 6);
    put_line(&b, PROXY, 2, 9);
    assert_int_equal(buf_put_str(&b, more), OK);
    assert_ok(file_replace(m.path, buf_slice(&b), 0600, &e), &e);
    buf_done(&b);
}

static void read_archive(void)
{
    struct err e = {0};
    assert_ok(index_archive_read(&m.ix, &m.proxy, m.path, &e), &e);
}

/* A later amendment on the present chain. */
static void put_present(uint64_t block)
{
    struct err e = {0};
    struct kv_txn *w = NULL;
    struct event v = {.kind = EVENT_RECORD_AMENDED, .version = 3, .epoch = 1};
    v.folder.b[31] = 1;
    v.second.b[31] = 2;
    v.when.block = block;
    assert_ok(kv_write_begin(m.ix.rows.kv, &w, &e), &e);
    assert_ok(rows_put(&m.ix.rows, w, &v, &e), &e);
    assert_ok(kv_commit(w, &e), &e);
}

static size_t versions(struct index_record *ret)
{
    struct err e = {0};
    hash32 folder = {.b = {[31] = 1}};
    hash32 record = {.b = {[31] = 2}};
    status st = index_record(&m.ix, &folder, &record, &m.a, ret, &e);
    return st == OK ? ret->n : 0;
}

static void old_versions_stand_before_new_ones(void **state)
{
    struct index_record r;
    struct err e = {0};
    struct kv_txn *w = NULL;
    (void)state;
    put_present(2);
    write_archive("");
    read_archive();
    assert_int_equal(versions(&r), 3);
    assert_int_equal(r.versions[0].when.block, LEDGER_ARCHIVE + 5);
    assert_int_equal(r.versions[0].when.time, 1005);
    assert_int_equal(r.versions[0].author.b[19], 0xbb);
    assert_int_equal(r.versions[1].version, 2);
    assert_int_equal(r.versions[2].when.block, 2);
    assert_ok(kv_write_begin(m.ix.rows.kv, &w, &e), &e);
    assert_ok(rows_undo(&m.ix.rows, w, 0, &e), &e); /* the chain begins anew; the archive stays */
    assert_ok(kv_commit(w, &e), &e);
    assert_int_equal(versions(&r), 2);
}

static void it_is_read_once_and_no_other_instead(void **state)
{
    struct err e = {0};
    struct index_record r;
    (void)state;
    write_archive("");
    read_archive();
    read_archive();
    assert_int_equal(versions(&r), 2);
    write_archive("\n");
    assert_status(index_archive_read(&m.ix, &m.proxy, m.path, &e), E_MISMATCH);
    assert_int_equal(unlink(m.path), 0);
    assert_status(index_archive_read(&m.ix, &m.proxy, m.path, &e), E_NOT_FOUND);
}

static void what_is_no_log_is_refused_and_may_be_mended(void **state)
{
    static const char *const bad[] = {
        "no JSON\n", "{}\n", "{\"address\":\"" PROXY "\"}\n", "[]\n",
        "{\"address\":\"" PROXY
        "\",\"topics\":[],\"data\":\"0x\",\"blockNumber\":\"0x10000000000000\","
        "\"blockTimestamp\":\"0x1\",\"blockHash\":\"" ID1 "\",\"transactionHash\":\"" ID1
        "\",\"transactionIndex\":\"0x0\",\"logIndex\":\"0x0\"}\n"};
    struct err e = {0};
    struct index_record r;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        write_archive(bad[i]);
        assert_true(index_archive_read(&m.ix, &m.proxy, m.path, &e) > 0);
    }
    write_archive("");
    read_archive();
    assert_int_equal(versions(&r), 2);
}

/* What eth_getLogs with this filter says; NULL: it is for the node. */
static const char *asked(const char *filter, status want)
{
    static struct buf out;
    static char params[1024];
    struct json_doc doc;
    struct err e = {0};
    bool mine = false;
    buf_done(&out);
    buf_init(&out, 1 << 16);
    (void)snprintf(params, sizeof params, "[%s]", filter);
    assert_ok(json_read(slice_str(params), &m.a, &doc, &e), &e);
    assert_status(
        archive_logs_answer(&m.ix, SLICE_LIT("eth_getLogs"), json_root(&doc), &mine, &out, &e),
        want);
    return mine ? buf_cstr(&out) : NULL;
}

#define SPAN "\"fromBlock\":\"0x10000000000000\",\"toBlock\":\"0x10000000000009\""

static void clients_ask_for_them_by_number(void **state)
{
    (void)state;
    write_archive("");
    read_archive();
    const char *all = asked("{" SPAN "}", OK);
    assert_non_null(all);
    assert_non_null(strstr(all, "\"blockNumber\":\"0x10000000000005\""));
    assert_non_null(strstr(all, "\"blockNumber\":\"0x10000000000009\""));
    assert_null(strstr(all, "0x10000000000006")); /* another contract's */
    assert_null(
        strstr(asked("{\"fromBlock\":\"0x10000000000006\",\"toBlock\":\"0x10000000000009\"}", OK),
               "0x10000000000005"));
    assert_string_equal(asked("{" SPAN ",\"address\":\"" ID1 "\"}", E_RANGE) == NULL ? "" : "?",
                        "");
    assert_string_equal(
        asked("{" SPAN ",\"address\":[\"0x00000000000000000000000000000000000000bb\"]}", OK), "[]");
    assert_string_equal(asked("{" SPAN ",\"topics\":[null,null,[\"" ID1 "\"]]}", OK), "[]");
    assert_string_not_equal(
        asked("{" SPAN ",\"topics\":[null,\"" ID1 "\",[\"" ID1 "\",\"" ID2 "\"]]}", OK), "[]");
    assert_null(asked("{" SPAN ",\"topics\":[1]}", E_RANGE));
}

static void other_questions_are_for_the_node(void **state)
{
    (void)state;
    write_archive("");
    read_archive();
    assert_null(asked("{\"fromBlock\":\"0x0\",\"toBlock\":\"0x10000000000009\"}", OK));
    assert_null(asked("{\"fromBlock\":\"0x10000000000000\",\"toBlock\":\"latest\"}", OK));
    assert_null(asked("{\"blockHash\":\"" ID1 "\"}", OK));
    assert_null(asked("7", OK));
}

int main(void)
{
#define WITH(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH(old_versions_stand_before_new_ones),
        WITH(it_is_read_once_and_no_other_instead),
        WITH(what_is_no_log_is_refused_and_may_be_mended),
        WITH(clients_ask_for_them_by_number),
        WITH(other_questions_are_for_the_node),
    };
    return cmocka_run_group_tests_name("archive of logs", tests, NULL, NULL);
}
