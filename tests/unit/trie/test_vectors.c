/* SPDX-License-Identifier: Apache-2.0 */
/* Official vectors: TrieTests through the proof check, headers of BlockchainTests and EEST through
 * the header reader. */
#include "test.h"

#include <ftw.h>
#include <unistd.h>

#include "codec/json.h"
#include "codec/rlp.h"
#include "crypto/keccak.h"
#include "naive_trie.h"
#include "tmpdir.h"
#include "trie/header.h"
#include "trie/proof.h"

#define ARENA_CAP ((size_t)512 << 20)
#define PAIRS_MAX 256u
#define FILE_CAP ((size_t)64 << 20)

/* Unpack an archive of vectors into a fresh folder, or skip. */
#define UNPACK(rel, dir)                                                                           \
    do {                                                                                           \
        char path_[1024];                                                                          \
        fixture_or_skip(rel, path_, sizeof path_);                                                 \
        tmpdir_make((dir), sizeof(dir));                                                           \
        unpack(path_, dir);                                                                        \
    } while (0)

static void unpack(const char *archive, const char *dir)
{
    char command[2300];
    (void)snprintf(command, sizeof command, "tar -xJf '%s' -C '%s'", archive, dir);
    FILE *p = popen(command, "r");
    assert_non_null(p);
    assert_int_equal(pclose(p), 0);
}

static void load(const char *path, struct arena *a, struct buf *text, struct json_doc *doc)
{
    struct err err;
    buf_init(text, FILE_CAP);
    assert_ok(file_read(path, text, &err), &err);
    assert_ok(json_read(buf_slice(text), a, doc, &err), &err);
}

/* --- TrieTests ----------------------------------------------------------------------------------
 */

struct map {
    struct naive_pair pair[PAIRS_MAX];
    struct naive_pair seen[PAIRS_MAX]; /* every key that was ever named */
    slice key[PAIRS_MAX];              /* of seen */
    size_t n;
    size_t seen_n;
};

static bool same_key(const struct naive_pair *a, const struct naive_pair *b)
{
    return a->n == b->n && memcmp(a->nibble, b->nibble, a->n) == 0;
}

static slice text_or_hex(struct json v, struct arena *a)
{
    slice text;
    struct buf b;
    assert_int_equal(json_str(v, &text, NULL), OK);
    if (!slice_has_prefix(text, SLICE_LIT("0x")))
        return text;
    buf_init(&b, 1 << 20);
    assert_int_equal(hex_read_buf(slice_after(text, 2), &b), OK);
    slice copy = arena_dup(a, buf_slice(&b));
    buf_done(&b);
    return copy;
}

static slice key_bytes(struct json v, bool secure, struct arena *a)
{
    slice key = text_or_hex(v, a);
    if (!secure)
        return key;
    hash32 h;
    keccak256(key, &h);
    return arena_dup(a, slice_of(h.b, sizeof h.b));
}

static void map_put(struct map *m, slice key, slice value)
{
    struct naive_pair p;
    size_t i = 0;
    naive_key(key, &p);
    p.value = value;
    for (i = 0; i < m->seen_n && !same_key(&m->seen[i], &p); i++)
        continue;
    if (i == m->seen_n) {
        assert_true(m->seen_n < PAIRS_MAX);
        m->key[m->seen_n] = key;
        m->seen[m->seen_n++] = p;
    }
    for (i = 0; i < m->n && !same_key(&m->pair[i], &p); i++)
        continue;
    if (value.n > 0) {
        m->pair[i] = p;
        m->n += i == m->n ? 1 : 0;
    } else if (i < m->n) {
        m->pair[i] = m->pair[--m->n];
    }
}

static void map_fill(struct map *m, struct json in, bool secure, struct arena *a)
{
    bool is_object = json_type(in) == JSON_OBJECT;
    for (struct json_iter it = json_iter(in); json_next(&it);) {
        struct json key = is_object ? it.key : json_at(it.value, 0);
        struct json value = is_object ? it.value : json_at(it.value, 1);
        map_put(m, key_bytes(key, secure, a),
                json_type(value) == JSON_NULL ? SLICE_EMPTY : text_or_hex(value, a));
    }
}

/* The naive trie gives the official root, and a proof for every key, present or deleted. */
static size_t run_case(struct json in, struct json root, bool secure, struct arena *a)
{
    struct map *m = arena_alloc(a, sizeof *m);
    hash32 want;
    assert_non_null(m);
    map_fill(m, in, secure, a);
    assert_int_equal(json_hex_hash(root, &want, NULL), OK);
    for (size_t i = 0; i < m->seen_n; i++) {
        struct naive_proof proof;
        struct err err;
        slice got;
        slice stored = SLICE_EMPTY;
        hash32 h = naive_root(m->pair, m->n, &m->seen[i], a, &proof);
        assert_memory_equal(h.b, want.b, sizeof h.b);
        assert_ok(trie_proof_value(&h, m->key[i], proof.node, proof.n, &got, &err), &err);
        for (size_t k = 0; k < m->n; k++)
            if (same_key(&m->pair[k], &m->seen[i]))
                stored = m->pair[k].value;
        assert_slice(got, stored);
    }
    return m->seen_n;
}

static void proves_every_key_of_the_official_tries(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        bool secure;
    } files[] = {{"trietest.json", false},
                 {"trietest_secureTrie.json", true},
                 {"trieanyorder.json", false},
                 {"trieanyorder_secureTrie.json", true},
                 {"hex_encoded_securetrie_test.json", true}};
    char dir[256];
    size_t cases = 0;
    size_t keys = 0;
    UNPACK("vectors/ethereum/ethereum-tests-TrieTests.tar.xz", dir);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[512];
        struct arena a;
        struct buf text;
        struct json_doc doc;
        arena_init(&a, ARENA_CAP, false);
        (void)snprintf(path, sizeof path, "%s/TrieTests/%s", dir, files[i].file);
        load(path, &a, &text, &doc);
        for (struct json_iter it = json_iter(json_root(&doc)); json_next(&it); cases++)
            keys +=
                run_case(json_get(it.value, "in"), json_get(it.value, "root"), files[i].secure, &a);
        buf_done(&text);
        arena_done(&a);
    }
    tmpdir_remove(dir);
    print_message("TrieTests: %zu cases, %zu keys proved; not run: trietestnextprev (order of keys "
                  "only, no root)\n",
                  cases, keys);
    assert_int_equal(cases, 25);
}

/* --- headers
 * -------------------------------------------------------------------------------------- */

static struct {
    size_t headers;
    size_t by_fields[HEADER_PRAGUE + 1];
} seen;

/* The header of a block in RLP: same bytes when written anew, and the hash the vector states. */
static void check_block(slice rlp, const hash32 *want)
{
    struct rlp_list block;
    struct rlp_item item;
    struct block_header h;
    struct err err;
    struct buf again;
    hash32 got;
    assert_ok(rlp_read_list(rlp, &block, &err), &err);
    assert_ok(rlp_next(&block, &item, &err), &err);
    assert_ok(header_read(item.raw, &h, &err), &err);
    buf_init(&again, 1 << 20);
    assert_ok(header_put(&h, &again), &err);
    assert_slice(buf_slice(&again), item.raw);
    assert_ok(header_hash(&h, &got), &err);
    assert_memory_equal(got.b, want->b, sizeof got.b);
    assert_status(header_hash_qbft(&h, &got), E_UNSUPPORTED);
    buf_done(&again);
    seen.headers++;
    seen.by_fields[h.fields]++;
}

static void check_vector(struct json rlp, struct json header)
{
    slice bytes;
    hash32 want;
    if (json_is_absent(rlp) || json_is_absent(header))
        return;
    assert_int_equal(json_hex_bytes(rlp, &bytes, NULL), OK);
    assert_int_equal(json_hex_hash(json_get(header, "hash"), &want, NULL), OK);
    check_block(bytes, &want);
}

static int check_file(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    struct arena a;
    struct buf text;
    struct json_doc doc;
    (void)ftw;
    if (flag != FTW_F || st->st_size == 0 || strstr(path, ".json") == NULL)
        return 0;
    arena_init(&a, ARENA_CAP, false);
    load(path, &a, &text, &doc);
    for (struct json_iter it = json_iter(json_root(&doc)); json_next(&it);) {
        check_vector(json_get(it.value, "genesisRLP"), json_get(it.value, "genesisBlockHeader"));
        struct json_iter blocks = json_iter(json_get(it.value, "blocks"));
        while (json_next(&blocks))
            check_vector(json_get(blocks.value, "rlp"), json_get(blocks.value, "blockHeader"));
    }
    buf_done(&text);
    arena_done(&a);
    return 0;
}

static void run_headers(const char *dir)
{
    memset(&seen, 0, sizeof seen);
    assert_int_equal(nftw(dir, check_file, 16, FTW_PHYS), 0);
    tmpdir_remove(dir);
    print_message("%zu headers: %zu Frontier, %zu London, %zu Shanghai, %zu Cancun, %zu Prague\n",
                  seen.headers, seen.by_fields[HEADER_FRONTIER], seen.by_fields[HEADER_LONDON],
                  seen.by_fields[HEADER_SHANGHAI], seen.by_fields[HEADER_CANCUN],
                  seen.by_fields[HEADER_PRAGUE]);
    assert_true(seen.headers > 100);
}

static void hashes_the_headers_of_the_blockchain_tests(void **state)
{
    (void)state;
    char dir[256];
    UNPACK("vectors/ethereum/ethereum-tests-BlockchainTests-dev.tar.xz", dir);
    run_headers(dir);
}

static void hashes_the_headers_of_the_execution_spec_tests(void **state)
{
    (void)state;
    char dir[256];
    UNPACK("vectors/ethereum/eest-v5.4.0-blockchain_tests-dev.tar.xz", dir);
    run_headers(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(proves_every_key_of_the_official_tries),
        cmocka_unit_test(hashes_the_headers_of_the_blockchain_tests),
        cmocka_unit_test(hashes_the_headers_of_the_execution_spec_tests),
    };
    return cmocka_run_group_tests_name("trie vectors", tests, NULL, NULL);
}
