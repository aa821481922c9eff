/* SPDX-License-Identifier: Apache-2.0 */
/* Labels of an identity and recovery codes against tests/vectors/identity.json, which Node's crypto
 * and npm packages made. */
#include "test.h"

#include "codec/json.h"
#include "ehr/recovery.h"
#include "ehr/state.h"

static struct err err;

struct vectors {
    struct buf text;
    struct arena arena;
    struct json_doc doc;
};

static struct json vectors_open(struct vectors *v)
{
    buf_init(&v->text, (size_t)1 << 20);
    arena_init(&v->arena, (size_t)8 << 20, false);
    assert_ok(file_read(VECTORS_DIR "/identity.json", &v->text, &err), &err);
    assert_ok(json_read(buf_slice(&v->text), &v->arena, &v->doc, &err), &err);
    return json_get(json_root(&v->doc), "identities");
}

static void vectors_close(struct vectors *v)
{
    arena_done(&v->arena);
    buf_done(&v->text);
}

static slice text_of(struct json v)
{
    slice s;
    assert_ok(json_str(v, &s, &err), &err);
    return s;
}

static struct identity identity_of(struct json v)
{
    struct identity id = {.node = "http://node"};
    char digits[24] = "";
    slice chain = text_of(json_get(v, "chainId"));
    assert_true(chain.n < sizeof digits);
    memcpy(digits, chain.p, chain.n);
    id.net.chain_id = strtoull(digits, NULL, 10);
    assert_ok(json_hex_fixed(json_get(v, "root"), id.root, sizeof id.root, &err), &err);
    assert_ok(json_hex_addr(json_get(v, "proxy"), &id.net.proxy, &err), &err);
    return id;
}

static void check_age(const struct identity *id, struct json k, uint32_t index)
{
    struct age_identity age;
    uint8_t want[32];
    char text[AGE_RECIPIENT_TEXT];
    assert_status(identity_age(id, index, &age), OK);
    assert_ok(json_hex_fixed(json_get(k, "key"), want, sizeof want, &err), &err);
    assert_memory_equal(age.secret, want, sizeof want);
    assert_status(age_recipient_write(&age.recipient, text), OK);
    assert_slice(slice_str(text), text_of(json_get(k, "recipient")));
}

static void check_scalar(const struct identity *id, struct json k, const char *label,
                         uint32_t index)
{
    struct secp_key key;
    uint8_t want[32];
    uint8_t want_pub[SECP_PUB33];
    uint8_t pub[SECP_PUB33];
    addr20 want_addr;
    addr20 addr;
    if (strcmp(label, "owner") == 0)
        assert_status(identity_owner(id, index, &key), OK);
    else
        assert_status(identity_scalar(id, label, &key), OK);
    assert_ok(json_hex_fixed(json_get(k, "key"), want, sizeof want, &err), &err);
    assert_ok(json_hex_fixed(json_get(k, "publicKey"), want_pub, sizeof want_pub, &err), &err);
    assert_ok(json_hex_addr(json_get(k, "address"), &want_addr, &err), &err);
    assert_memory_equal(key.b, want, sizeof want);
    assert_status(secp_public33(&key, pub), OK);
    assert_memory_equal(pub, want_pub, sizeof pub);
    assert_status(secp_key_addr(&key, &addr), OK);
    assert_true(addr20_eq(addr, want_addr));
}

static void every_label_gives_the_keys_of_the_vectors(void **state)
{
    (void)state;
    struct vectors v;
    size_t n = 0;
    struct json all = vectors_open(&v);
    for (struct json_iter it = json_iter(all); json_next(&it);) {
        struct identity id = identity_of(it.value);
        for (struct json_iter k = json_iter(json_get(it.value, "keys")); json_next(&k); n++) {
            char label[16] = "";
            uint64_t index = 0;
            slice s = text_of(json_get(k.value, "label"));
            assert_true(s.n < sizeof label);
            memcpy(label, s.p, s.n);
            if (!json_is_absent(json_get(k.value, "index")))
                assert_ok(json_u64(json_get(k.value, "index"), &index, &err), &err);
            if (strcmp(label, "age") == 0)
                check_age(&id, k.value, (uint32_t)index);
            else
                check_scalar(&id, k.value, label, (uint32_t)index);
        }
    }
    assert_int_equal(n, 4 * 11);
    vectors_close(&v);
}

static void owner_states_are_authenticated_as_in_the_vectors(void **state)
{
    (void)state;
    struct vectors v;
    size_t n = 0;
    struct json all = vectors_open(&v);
    for (struct json_iter it = json_iter(all); json_next(&it);) {
        struct identity id = identity_of(it.value);
        for (struct json_iter k = json_iter(json_get(it.value, "ownerStates")); json_next(&k);
             n++) {
            struct state_place at = {.id = &id};
            uint8_t file[256];
            hash32 mac;
            hash32 want;
            slice text = text_of(json_get(k.value, "file"));
            assert_true(text.n % 2 == 0 && (text.n - 2) / 2 <= sizeof file);
            assert_ok(json_hex_fixed(json_get(k.value, "file"), file, (text.n - 2) / 2, &err),
                      &err);
            assert_ok(json_hex_addr(json_get(k.value, "account"), &at.account, &err), &err);
            assert_ok(json_u64(json_get(k.value, "version"), &at.version, &err), &err);
            assert_ok(json_hex_hash(json_get(k.value, "mac"), &want, &err), &err);
            assert_status(state_mac(&at, slice_of(file, (text.n - 2) / 2), &mac), OK);
            assert_true(hash32_eq(mac, want));
        }
    }
    assert_int_equal(n, 4 * 3);
    vectors_close(&v);
}

static void recovery_codes_are_those_of_the_vectors(void **state)
{
    (void)state;
    static const char *const kinds[] = {"plain", "account"};
    struct vectors v;
    struct json all = vectors_open(&v);
    for (struct json_iter it = json_iter(all); json_next(&it);) {
        struct identity id = identity_of(it.value);
        for (int i = 0; i < 2; i++) {
            char code[RECOVERY_TEXT];
            struct identity got;
            bool has_account = i == 0;
            slice want = text_of(json_get(json_get(it.value, "recoveryCode"), kinds[i]));
            assert_status(recovery_write(&id, i == 1, code), OK);
            assert_slice(slice_str(code), want);
            assert_ok(recovery_read(want, &id.net, "http://n", &got, &has_account, &err), &err);
            assert_memory_equal(got.root, id.root, sizeof id.root);
            assert_string_equal(got.node, "http://n");
            assert_int_equal(has_account, i == 1);
        }
    }
    vectors_close(&v);
}

static const struct netid net = {.chain_id = 31337, .proxy = {{1, 2, 3}}};

static void code_of(char out[RECOVERY_TEXT])
{
    struct identity id = {.net = net, .root = {7}};
    assert_status(recovery_write(&id, true, out), OK);
}

static status read_text(slice text)
{
    struct identity got;
    bool has_account;
    return recovery_read(text, &net, "http://n", &got, &has_account, &err);
}

static void white_space_and_case_do_not_matter(void **state)
{
    (void)state;
    char code[RECOVERY_TEXT];
    char spaced[2 * RECOVERY_TEXT];
    size_t n = 0;
    code_of(code);
    for (size_t i = 0; code[i] != 0; i++) {
        spaced[n++] = (char)(code[i] >= 'A' && code[i] <= 'Z' ? code[i] + 32 : code[i]);
        if (i % 7 == 6)
            spaced[n++] = " \n\t\r"[i % 4];
    }
    assert_status(read_text(slice_of(spaced, n)), OK);
}

static void every_changed_or_missing_character_is_found(void **state)
{
    (void)state;
    static const char digits[] = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";
    char code[RECOVERY_TEXT];
    code_of(code);
    for (size_t i = 0; code[i] != 0; i++) {
        char was = code[i];
        for (size_t d = 0; d < 32; d++) {
            code[i] = digits[d];
            if (code[i] != was)
                assert_int_not_equal(read_text(slice_str(code)), OK);
        }
        code[i] = was;
        assert_int_not_equal(read_text(slice_of(code, i)), OK);
    }
    assert_status(read_text(slice_str(code)), OK);
}

static void refuses_other_registries_kinds_and_sizes(void **state)
{
    (void)state;
    const struct netid other = {.chain_id = 31338, .proxy = net.proxy};
    char code[RECOVERY_TEXT];
    char many[1024];
    char node[400];
    struct identity got;
    bool has;
    code_of(code);
    memset(many, ' ', sizeof many);
    memset(node, 'n', sizeof node - 1);
    node[sizeof node - 1] = 0;
    slice text = slice_str(code);
    assert_status(recovery_read(text, &other, "http://n", &got, &has, &err), E_MISMATCH);
    assert_status(recovery_read(text, &net, node, &got, &has, &err), E_RANGE);
    assert_status(read_text(slice_of(many, sizeof many)), E_TOO_LONG);
    assert_status(read_text(SLICE_EMPTY), E_SYNTAX);
    assert_status(
        read_text(SLICE_LIT("AGE-SECRET-KEY-1QYQSZQGPQYQSZQGPQYQSZQGPQYQSZQGPQYQSZQGPQYQSZQ"
                            "GPQYQSK7RQQR")),
        E_TYPE);
}

static void an_identity_opens_by_each_of_its_ways_alone(void **state)
{
    (void)state;
    struct identity id = {.net = net, .root = {9}, .node = "http://node"};
    struct identity got;
    struct buf a;
    struct buf b;
    buf_init(&a, 4096);
    buf_init(&b, 4096);
    assert_ok(identity_seal(&id, SLICE_LIT("one"), 4, &random_system, &a, &err), &err);
    assert_ok(identity_seal(&id, SLICE_LIT("two"), 4, &random_system, &b, &err), &err);
    assert_ok(identity_open(buf_slice(&a), SLICE_LIT("one"), &got, &err), &err);
    assert_memory_equal(got.root, id.root, sizeof id.root);
    assert_ok(identity_open(buf_slice(&b), SLICE_LIT("two"), &got, &err), &err);
    assert_memory_equal(got.root, id.root, sizeof id.root);
    assert_status(identity_open(buf_slice(&b), SLICE_LIT("one"), &got, &err), E_NO_KEY);
    buf_done(&a);
    buf_done(&b);
}

static int set_up(void **state)
{
    (void)state;
    return secp_init(&random_system) == OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    secp_done();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_label_gives_the_keys_of_the_vectors),
        cmocka_unit_test(owner_states_are_authenticated_as_in_the_vectors),
        cmocka_unit_test(recovery_codes_are_those_of_the_vectors),
        cmocka_unit_test(white_space_and_case_do_not_matter),
        cmocka_unit_test(every_changed_or_missing_character_is_found),
        cmocka_unit_test(refuses_other_registries_kinds_and_sizes),
        cmocka_unit_test(an_identity_opens_by_each_of_its_ways_alone),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
