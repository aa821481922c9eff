/* SPDX-License-Identifier: Apache-2.0 */
/* EIP-712, EIP-191 and domain hashes against constants made with viem 2 and ethers 6. */
#include "test.h"

#include "codec/domain_hash.h"
#include "codec/eip191.h"
#include "codec/eip712.h"

#define CHAIN 313370u
#define RECIPIENT SLICE_LIT("age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p")

static addr20 addr(int byte)
{
    addr20 a;
    memset(a.b, byte, sizeof a.b);
    return a;
}

static hash32 hash(int byte)
{
    hash32 h;
    memset(h.b, byte, sizeof h.b);
    return h;
}

static struct netid net(void)
{
    return (struct netid){CHAIN, addr(0xc0)};
}

static void assert_hex(const void *got, size_t n, const char *want)
{
    char text[2 * 32 + 3];
    assert_string_equal(hex_0x(slice_of(got, n), text), want);
}

#define assert_hash(h, want) assert_hex((h).b, sizeof(h).b, (want))

static void key_card(void **state)
{
    (void)state;
    uint8_t spend[33];
    uint8_t view[33];
    memset(spend, 0x51, sizeof spend);
    memset(view, 0x52, sizeof view);
    spend[0] = 2;
    view[0] = 3;
    struct eip712_key_card c = {.account = addr(0xa1),
                                .seq = 7,
                                .age_recipient = RECIPIENT,
                                .spend = slice_of(spend, 33),
                                .view = slice_of(view, 33),
                                .cert_key = addr(0xb2),
                                .name = SLICE_LIT("Dr. Zo\xc3\xab \xc5\x81uk"),
                                .role = SLICE_LIT("practitioner"),
                                .salt = hash(0x5a)};
    struct netid n = net();
    hash32 h;
    eip712_key_card_hash(&c, &h);
    assert_hash(h, "0xfd31ad9decb4b6395b5aec333eed089bfb305adc98a8d1a8eb6d2c4ed701666b");
    eip712_key_card_digest(&n, &c, &h);
    assert_hash(h, "0x3b170c27eefd77c6a68de381ae7ec9ec82d791d1f2c1490bc5147fdb4b6ea931");
}

static void member_certificate(void **state)
{
    (void)state;
    struct eip712_member_certificate c = {addr(0xa1), addr(0xb2), hash(0xca), 1893456000};
    struct netid n = net();
    hash32 h;
    eip712_member_certificate_hash(&c, &h);
    assert_hash(h, "0x12eaaf5bab937a78bf3c047cc239f12852254507a4ec41d92c233aa7ac51dd34");
    eip712_member_certificate_digest(&n, &c, &h);
    assert_hash(h, "0xb1eea6f0d0a6c1d74eb38d899478da177aa18268e30e6c40d43f97469e8e464c");
}

static void vault_request(void **state)
{
    (void)state;
    struct eip712_vault_request r = {.signer = addr(0xa1),
                                     .origin = SLICE_LIT("http://127.0.0.1:8545"),
                                     .method = SLICE_LIT("GET"),
                                     .target = SLICE_LIT("/api/v1/folders/0xf1/records?limit=5"),
                                     .body_sha256 = hash(0xe3),
                                     .nonce = hash(0x77),
                                     .issued_at = 1790000000};
    struct netid n = net();
    hash32 h;
    eip712_vault_request_hash(&r, &h);
    assert_hash(h, "0x8c7751442ffc1edf858b94769e8cb0cfedf0d754dc08e52b0aaf6134810d5077");
    eip712_vault_request_digest(&n, &r, &h);
    assert_hash(h, "0x0363f5a7a5e81674e860d110223c6da090f5cef81fe4900df33277d7668fe93c");
}

static void folder_key(void **state)
{
    (void)state;
    struct eip712_folder_key k = {hash(0xf1), 3, RECIPIENT, hash(0x9d)};
    struct netid n = net();
    hash32 h;
    eip712_folder_key_hash(&k, &h);
    assert_hash(h, "0x0e3f9eb3611494cfa02ca33db653dde54513a6326a11d256f358a30452876878");
    eip712_folder_key_digest(&n, &k, &h);
    assert_hash(h, "0x1b7631e978241e7bb6056929415b76fb85a901aaf6bbc284ed494eae42b4c857");
}

static void wrap_note(void **state)
{
    (void)state;
    struct eip712_wrap_note w = {hash(0xf1), addr(0xb2), addr(0xa1), hash(0xca), hash(0x3a)};
    struct netid n = net();
    hash32 h;
    eip712_wrap_note_hash(&w, &h);
    assert_hash(h, "0x70d2a323da034be389942f3d4424cc9011868271d471450ff0a4bbd6631a7370");
    eip712_wrap_note_digest(&n, &w, &h);
    assert_hash(h, "0x01a86af73105fb508fcba24586e4ac964fed00dfbe24f710a772500caca9872c");
}

static void grant_note(void **state)
{
    (void)state;
    struct eip712_grant_note g = {.folder_id = hash(0xf1),
                                  .owner = addr(0xb2),
                                  .holder = addr(0xc3),
                                  .account = addr(0xa1),
                                  .owner_account = addr(0xd4),
                                  .owner_card_hash = hash(0xca),
                                  .folder_name = SLICE_LIT("Soins g\xc3\xa9n\xc3\xa9raux"),
                                  .permissions = 5,
                                  .not_before = 1790000000,
                                  .not_after = 1797776000,
                                  .issued = 1790000060};
    struct netid n = net();
    hash32 h;
    eip712_grant_note_hash(&g, &h);
    assert_hash(h, "0x85612b135d5294be599827b2799bf810179e33aa0ff2dc3a9ad294dd6b5759e4");
    eip712_grant_note_digest(&n, &g, &h);
    assert_hash(h, "0x3b90e1969556c75afeed1185ee0e2f2b4b37c9a1371c2a3bf778bff413b371f4");
}

static void log_head(void **state)
{
    (void)state;
    struct eip712_log_head l = {hash(0xf1), 42, hash(0x1e), 1790000001};
    struct netid n = net();
    hash32 h;
    eip712_log_head_hash(&l, &h);
    assert_hash(h, "0x4a58a35ea35f0c9ae822f5cea69dee3ed1a0e4dd2153c9c2773cff017677d797");
    eip712_log_head_digest(&n, &l, &h);
    assert_hash(h, "0x844d921d89d69828eff01a74e1718d311b0e72c15ae84d719a3d408829d2d784");
}

static void forward_request(void **state)
{
    (void)state;
    struct eip712_forward_request r = {.from = addr(0xa1),
                                       .to = addr(0xc3),
                                       .value = u256_from_u64(5),
                                       .gas = u256_from_u64(100000),
                                       .nonce = u256_from_u64(9),
                                       .deadline = 1790000300,
                                       .data = SLICE_LIT("\xde\xad\xbe\xef\x01")};
    hash32 h;
    eip712_forward_request_hash(&r, &h);
    assert_hash(h, "0x57cb61db62f45f99841fcdd798c41da90c7d07f001835c55bf7621b66d2593a0");
    eip712_forward_request_digest(CHAIN, addr(0xf0), &r, &h);
    assert_hash(h, "0x01aaa6b1de3e22ab63b8858a3c711d1973f825093a3402222c1dbb0848ce322d");
}

static void personal_sign(void **state)
{
    (void)state;
    uint8_t x[120];
    hash32 h;
    memset(x, 'x', sizeof x);
    eip191_digest(SLICE_EMPTY, &h);
    assert_hash(h, "0x5f35dce98ba4fba25530a026ed80b2cecdaa31091ba4958b99b52ea1d068adad");
    eip191_digest(SLICE_LIT("hello"), &h);
    assert_hash(h, "0x50b2c43fd39106bafbba0da34fc430e1f91e3c96ea2acee2bc34119f92b37750");
    eip191_digest(slice_of(x, sizeof x), &h);
    assert_hash(h, "0x142e5c9445764c524233cd8dfc7659858d9eff3cf75d994639233dbd89024544");
}

static void domain_hashes(void **state)
{
    (void)state;
    struct netid n = net();
    hash32 folder;
    hash32 h;
    hash32 inner;
    hash32 salt = hash(0x5a);
    hash32 prev = hash(0x9d);
    hash32 meta;
    uint8_t cid[36] = {0x01, 0x55, 0x12, 0x20};
    uint8_t commitment[RECORD_COMMITMENT];
    memset(cid + 4, 0xcd, 32);
    folder_id(&n, addr(0xa1), &salt, &folder);
    assert_hash(folder, "0x0739b23e67d6def57e945c733d56e177168b9031a4a42cb4075db7e73924d811");
    folder_key_hash(&n, &folder, 3, RECIPIENT, &prev, &h);
    assert_hash(h, "0x81565711af7edf75d8282e3de0650ac73995e26709dd842b3ebc8e3c2b06c411");
    assert_status(hex_read_hash(SLICE_LIT("0xe0096c675289da6b2c20aa84224db4b09ca761d02af77a790b73b5"
                                          "dac0fc82cf"),
                                &meta),
                  OK); /* sha256 of {"resourceType":"DocumentReference"} */
    record_inner(&n, &salt, slice_of(cid, sizeof cid), &meta, &inner);
    assert_hash(inner, "0x5e3e240aa174fb80afc709547bf4ddaa9d014fbb99ef1c11c0ca05f4ef6fc106");
    struct record_place at = {folder, hash(0x4e), 2, 3, addr(0xa1)};
    record_commitment(&n, &at, &inner, commitment);
    assert_hex(commitment, sizeof commitment,
               "0x50d207b359c746e0770ca356bcf5abe35ee25f92cef7c4824b0f");
    assert_status(log_entry_sha256(&salt, SLICE_LIT("{\"time\":1}"), &h), OK);
    assert_hash(h, "0xb0fb6aca2c696a5462cc081a1b40de6a9a15df869f813eaf5f33d748100411a5");
    hash32 leaf;
    log_leaf(&n, &folder, 42, &prev, &h, &leaf);
    assert_hash(leaf, "0xd7bde2894d84c11d38f8dba6a386619a7c8f3e73232037dd060844822adea270");
}

static void net_is_chain_and_proxy(void **state)
{
    (void)state;
    struct netid n = net();
    uint8_t out[NETID_BYTES];
    netid_write(&n, out);
    assert_int_equal(out[28] << 24 | out[29] << 16 | out[30] << 8 | out[31], CHAIN);
    assert_int_equal(out[32], 0xc0);
    assert_int_equal(out[51], 0xc0);
    assert_int_equal(out[0], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_card),
        cmocka_unit_test(member_certificate),
        cmocka_unit_test(vault_request),
        cmocka_unit_test(folder_key),
        cmocka_unit_test(wrap_note),
        cmocka_unit_test(grant_note),
        cmocka_unit_test(log_head),
        cmocka_unit_test(forward_request),
        cmocka_unit_test(personal_sign),
        cmocka_unit_test(domain_hashes),
        cmocka_unit_test(net_is_chain_and_proxy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
