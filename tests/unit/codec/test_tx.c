/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions: the official suite, and raw bytes made with viem 2. */
#include "vectors.h"

#include <dirent.h>

#include "codec/rlp.h"
#include "codec/tx.h"

#define ARCHIVE "vectors/ethereum/ethereum-tests-TransactionTests.tar.xz"
#define SUITE_CHAIN_ID 1u
#define SUITE_CASES 210u

/* All are signed with the key 0x46…46. */
static const struct {
    const char *name;
    const char *raw;
    const char *hash;
} own[] = {
    {"eip155 example",
     "f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a7640000"
     "8025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f"
     "761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83",
     "0x33469b22e9f636356c4160a87eb19df52b7412e8eac32a4a55ffe88ea8350788"},
    {"unprotected",
     "f850800182cf0880808560016000551ca068f9537d3a4f32a9940a1d23d99fe962e0de002bb5c7788a35"
     "e689d243e84909a069021bdb721612762d31af75cef5d247714c22f76f0a2515440a9fb942a0bc0d",
     "0x6abedd0a535eb455a31966a31b4c65b8c1b394d43e1c3ba90bd22813d790ecbb"},
    {"2930",
     "01f8db8304c81a0107830186a09435353535353535353535353535353535353535358084deadbeeff872"
     "f85994ababababababababababababababababababababf842a000000000000000000000000000000000"
     "00000000000000000000000000000000a001010101010101010101010101010101010101010101010101"
     "01010101010101d6943535353535353535353535353535353535353535c001a0d0082d70456592feeba5"
     "f3360b6b1e0aeb78c84a42a802ab94dcaaa5c3865be19f08f371381403b8b3c784eb9665e5cfc02b33d6"
     "609f7d92cb173112c6996ca9",
     "0xf1619057719005b516297d99e4ede160399d6a026cca5e136d7ec80306cd9f14"},
    {"1559",
     "02f8c08304c81a02843b9aca008506fc23ac008301d4c094353535353535353535353535353535353535"
     "353505b85000ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00"
     "ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00"
     "ffc080a05de2b942328d8e973491aba7af29e703bc9c829e1a274afc17fd5983748623f6a01ae7989cf6"
     "43a1678b15bf19dd3486c4016585b5c6639397caf29700949b1e12",
     "0x2866102a0a83e27a5fdcbd856694bdfda309ee5b5c0dd6119a7db1b457733245"},
};

static struct buf raw_buf;

static slice raw_of(size_t i)
{
    buf_clear(&raw_buf);
    assert_status(hex_read_buf(slice_str(own[i].raw), &raw_buf), OK);
    return buf_slice(&raw_buf);
}

static struct secp_key key46(void)
{
    struct secp_key k;
    memset(k.b, 0x46, sizeof k.b);
    return k;
}

static struct tx tx_of(size_t i)
{
    struct tx t;
    struct err e = {0};
    assert_ok(tx_read(raw_of(i), &t, &e), &e);
    return t;
}

static void reading_and_writing_keeps_the_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        struct tx t = tx_of(i);
        struct buf b;
        hash32 got;
        hash32 want;
        buf_init(&b, 4096);
        assert_status(tx_put_raw(&t, &b), OK);
        assert_slice(buf_slice(&b), raw_of(i));
        tx_hash(buf_slice(&b), &got);
        assert_status(hex_read_hash(slice_str(own[i].hash), &want), OK);
        assert_true(hash32_eq(got, want));
        buf_done(&b);
    }
}

static void signing_gives_the_bytes_of_viem(void **state)
{
    (void)state;
    struct secp_key key = key46();
    addr20 signer;
    addr20 sender;
    assert_status(secp_key_addr(&key, &signer), OK);
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        struct tx t = tx_of(i);
        struct buf b;
        assert_status(tx_sender(&t, &sender), OK);
        assert_true(addr20_eq(sender, signer));
        memset(t.r, 0, sizeof t.r);
        memset(t.s, 0, sizeof t.s);
        t.y_parity = 0;
        assert_status(tx_sign(&t, &key), OK);
        buf_init(&b, 4096);
        assert_status(tx_put_raw(&t, &b), OK);
        assert_slice(buf_slice(&b), raw_of(i));
        buf_done(&b);
    }
}

static void every_truncation_and_extension_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        struct tx t;
        slice raw = raw_of(i);
        for (size_t n = 0; n < raw.n; n++)
            assert_int_not_equal(tx_read(slice_first(raw, n), &t, NULL), OK);
        assert_status(buf_put_u8(&raw_buf, 0), OK);
        assert_int_not_equal(tx_read(buf_slice(&raw_buf), &t, NULL), OK);
    }
}

static void fields_of_a_fee_market_transaction(void **state)
{
    (void)state;
    struct tx t = tx_of(3);
    uint64_t gas;
    assert_int_equal(t.type, TX_FEE_MARKET);
    assert_true(t.has_chain_id);
    assert_int_equal(t.chain_id, 313370);
    assert_int_equal(t.nonce, 2);
    assert_true(u256_eq(t.max_priority, u256_from_u64(1000000000)));
    assert_true(u256_eq(t.max_fee, u256_from_u64(30000000000)));
    assert_int_equal(t.gas, 120000);
    assert_false(t.is_create);
    assert_int_equal(t.to.b[19], 0x35);
    assert_int_equal(t.data.n, 80);
    assert_status(tx_intrinsic_gas(&t, &gas, NULL), OK);
    assert_int_equal(gas, 21000 + 40 * 4 + 40 * 16);
}

static void access_list_is_counted_and_paid(void **state)
{
    (void)state;
    struct tx t = tx_of(2);
    size_t addrs;
    size_t keys;
    uint64_t gas;
    assert_status(tx_access_count(t.access_list, &addrs, &keys, NULL), OK);
    assert_int_equal(addrs, 2);
    assert_int_equal(keys, 2);
    assert_status(tx_intrinsic_gas(&t, &gas, NULL), OK);
    assert_int_equal(gas, 21000 + 4 * 16 + 2 * 2400 + 2 * 1900);
}

static void refuses_other_types(void **state)
{
    (void)state;
    struct tx t;
    assert_status(tx_read(SLICE_LIT("\x05\xc0"), &t, NULL), E_UNSUPPORTED);
    assert_status(tx_read(SLICE_LIT("\x00\xc0"), &t, NULL), E_UNSUPPORTED);
    assert_status(tx_read(SLICE_LIT("\x7f"), &t, NULL), E_UNSUPPORTED);
    assert_status(tx_read(SLICE_EMPTY, &t, NULL), E_TRUNCATED);
}

/* What a node checks without state: decoding, chain, signature, intrinsic gas. */
static status judge(slice raw, addr20 *ret_sender, uint64_t *ret_gas)
{
    struct tx t;
    status s = tx_read(raw, &t, NULL);
    if (s == OK)
        s = tx_check_fees(&t, NULL);
    if (s != OK)
        return s;
    if (t.has_chain_id && t.chain_id != SUITE_CHAIN_ID)
        return E_MISMATCH;
    s = tx_sender(&t, ret_sender);
    if (s == OK)
        s = tx_intrinsic_gas(&t, ret_gas, NULL);
    return s == OK && t.gas < *ret_gas ? E_RANGE : s;
}

/* The verdict at Cancun; files that end earlier have no fork that differs from it. */
static struct json verdict(struct json test)
{
    static const char *const forks[] = {"Cancun", "Shanghai", "London"};
    struct json v = {0};
    for (size_t i = 0; i < 3 && json_is_absent(v); i++)
        v = json_get(json_get(test, "result"), forks[i]);
    assert_false(json_is_absent(v));
    return v;
}

/* 0x and an even number of digits, zeros before it allowed: how the suite writes gas. */
static uint64_t suite_number(struct json v)
{
    slice bytes = SLICE_EMPTY;
    uint64_t n = 0;
    assert_status(json_hex_bytes(v, &bytes, NULL), OK);
    for (size_t i = 0; i < bytes.n; i++)
        n = n << 8 | bytes.p[i];
    return n;
}

static void assert_accepted(struct json want, slice raw, addr20 sender, uint64_t gas)
{
    addr20 want_sender;
    hash32 want_hash;
    hash32 hash;
    struct tx t;
    struct buf b;
    assert_status(json_hex_addr(json_get(want, "sender"), &want_sender, NULL), OK);
    assert_status(json_hex_hash(json_get(want, "hash"), &want_hash, NULL), OK);
    tx_hash(raw, &hash);
    assert_true(hash32_eq(hash, want_hash));
    assert_true(addr20_eq(sender, want_sender));
    assert_int_equal(gas, suite_number(json_get(want, "intrinsicGas")));
    buf_init(&b, 1 << 20);
    assert_status(tx_read(raw, &t, NULL), OK);
    assert_status(tx_put_raw(&t, &b), OK);
    assert_slice(buf_slice(&b), raw);
    buf_done(&b);
}

static size_t n_accepted;

static void run_file(const char *dir, const char *name)
{
    struct vector_file f;
    for (struct json_iter it = json_iter(vectors_open(&f, dir, name)); json_next(&it);) {
        struct buf raw;
        addr20 sender;
        uint64_t gas = 0;
        buf_init(&raw, 1 << 20);
        assert_status(hex_read_buf(vectors_str(it.value, "txbytes"), &raw), OK);
        status s = judge(buf_slice(&raw), &sender, &gas);
        struct json want = verdict(it.value);
        bool is_valid = json_is_absent(json_get(want, "exception"));
        if ((s == OK) != is_valid)
            fail_msg("%s: %s", name, status_name(s));
        if (is_valid)
            assert_accepted(want, buf_slice(&raw), sender, gas);
        n_accepted += is_valid;
        buf_done(&raw);
    }
    vectors_close(&f);
}

static size_t run_folder(const char *path)
{
    size_t n = 0;
    DIR *d = opendir(path);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        if (e->d_name[0] == '.')
            continue;
        if (strstr(e->d_name, ".json") != NULL) {
            run_file(path, e->d_name);
            n++;
            continue;
        }
        char sub[4096];
        (void)snprintf(sub, sizeof sub, "%s/%s", path, e->d_name);
        n += run_folder(sub);
    }
    (void)closedir(d);
    return n;
}

static void official_suite(void **state)
{
    (void)state;
    char archive[4096];
    char dir[32];
    fixture_or_skip(ARCHIVE, archive, sizeof archive);
    vectors_unpack(archive, dir, sizeof dir);
    size_t n = run_folder(dir);
    print_message("TransactionTests: %zu cases, %zu of them valid, none left out\n", n, n_accepted);
    assert_int_equal(n, SUITE_CASES);
    vectors_remove(dir);
}

static int set_up(void **state)
{
    (void)state;
    buf_init(&raw_buf, 4096);
    return secp_init(&random_system) == OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    buf_done(&raw_buf);
    secp_done();
    return 0;
}

/* Of EEST's test_pointer_to_static. */
static void reads_an_authorization_and_its_signer(void **state)
{
    (void)state;
    static const char text[] =
        "04f8c101808007832dc6c0948ad5c1bd95f0b2147ec55508372980dcd9a5c37b8080c0f85cf85a8094096f"
        "ec08774bc2a36c61daa00d11da4a0395f4bb8080a01e47e961cc521742f840e5c2417f9bfcb344b27757e8"
        "e5b320a65545e8d7316ba073e70d604ad26877ca9f5feab050ff10dab63bb1174850f09fbdb6e42e78a421"
        "80a0dba2948f942a994b7c191da91eb5bc8600f4f25cfa21bb590bea66e6a0f8137ea01b503e0f77310bb4"
        "46d23e54a2eb37b62833b478f4ab255a8061e270498a1252";
    struct buf raw;
    struct buf again;
    struct tx t;
    struct tx_auth auth;
    struct err err;
    addr20 got;
    addr20 want;
    buf_init(&raw, 1024);
    buf_init(&again, 1024);
    assert_status(hex_read_buf(slice_str(text), &raw), OK);
    assert_ok(tx_read(buf_slice(&raw), &t, &err), &err);
    slice auths = tx_auths(&t);
    assert_ok(tx_auth_next(&auths, &auth, &err), &err);
    assert_int_equal(auths.n, 0);
    assert_status(tx_auth_signer(&auth, &got), OK);
    assert_status(hex_read_addr(slice_str("0x8ad5c1bd95f0b2147ec55508372980dcd9a5c37b"), &want),
                  OK);
    assert_memory_equal(got.b, want.b, 20);
    assert_status(tx_sender(&t, &got), OK);
    assert_status(hex_read_addr(slice_str("0xdc2617addc43dd285f9fe635a0b2cbb8af508381"), &want),
                  OK);
    assert_memory_equal(got.b, want.b, 20);
    assert_status(tx_put_raw(&t, &again), OK);
    assert_slice(buf_slice(&again), buf_slice(&raw));
    buf_done(&raw);
    buf_done(&again);
}

static void a_blob_transaction_survives_signing_and_reading(void **state)
{
    (void)state;
    struct secp_key key = key46();
    uint8_t hashes[2 * TX_BLOB_HASH_ITEM] = {0xa0, 0x01, [TX_BLOB_HASH_ITEM] = 0xa0, 0x01, 0x02};
    struct tx t = {.type = TX_BLOB, .has_chain_id = true, .chain_id = 1, .gas = 21000};
    struct tx back;
    struct buf raw;
    struct err err;
    buf_init(&raw, 1024);
    t.max_blob_fee = u256_from_u64(9);
    t.blob_hashes = slice_of(hashes, sizeof hashes);
    assert_status(tx_sign(&t, &key), OK);
    assert_status(tx_put_raw(&t, &raw), OK);
    assert_ok(tx_read(buf_slice(&raw), &back, &err), &err);
    assert_int_equal(tx_blob_count(&back), 2);
    assert_memory_equal(tx_blob_hash(&back, 1).b, hashes + TX_BLOB_HASH_ITEM + 1, 32);
    assert_true(u256_eq(back.max_blob_fee, t.max_blob_fee));
    for (size_t n = 0; n < raw.n; n++)
        assert_true(tx_read(slice_of(raw.p, n), &back, NULL) != OK);
    buf_done(&raw);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading_and_writing_keeps_the_bytes),
        cmocka_unit_test(signing_gives_the_bytes_of_viem),
        cmocka_unit_test(every_truncation_and_extension_is_refused),
        cmocka_unit_test(fields_of_a_fee_market_transaction),
        cmocka_unit_test(access_list_is_counted_and_paid),
        cmocka_unit_test(refuses_other_types),
        cmocka_unit_test(reads_an_authorization_and_its_signer),
        cmocka_unit_test(a_blob_transaction_survives_signing_and_reading),
        cmocka_unit_test(official_suite),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
