/* SPDX-License-Identifier: Apache-2.0 */
/* Member certificates: against ethers, both signatures, bounds, order of checks, who may erase. */
#include "test.h"

#include "crypto/sha2.h"
#include "ehr/certificate.h"

/* ethers 6, signTypedData; keys sha256("certifier") and sha256("member"), the account's address is
 * that of sha256("account"). */
static const char ethers_text[] =
    "{\"account\":\"0xf88ef49baea5fce3e36a0a810ca9f397ed66f609\","
    "\"member\":\"0x8dc97bfca4b2dc0070069cb5e3e938a95349b647\","
    "\"cardHash\":\"0x2222222222222222222222222222222222222222222222222222222222222222\","
    "\"notAfter\":1900000000,"
    "\"certSignature\":\"0x44073cc0901808dff4675dd687f71ccbd621dd1e829193095bbdb8b1fd679a9d34efc755"
    "bd3bdfa6c67c6ac17cd789ebb9f7b9517b94b51a8a3ffa62316ec4021b\","
    "\"memberSignature\":\"0x153313908167eefbbb717006c81a49ef0e1c6691e834ec1ebc287bdb8c5d7c2f7acb07"
    "bdf1dfbc6bef7db28a5a8ddfeb21da879f93247ee4ce1ef45c487fe07e1b\"}";

static const struct netid net = {
    .chain_id = 31337, .proxy = {{0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
                                  0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11}}};
static struct err err;

static struct secp_key key_of(const char *name)
{
    struct secp_key k;
    hash32 h;
    assert_status(sha256(slice_str(name), &h), OK);
    memcpy(k.b, h.b, sizeof k.b);
    return k;
}

static addr20 addr_of(const char *name)
{
    struct secp_key k = key_of(name);
    addr20 a;
    assert_status(secp_key_addr(&k, &a), OK);
    return a;
}

static struct certificate_want want_of(void)
{
    struct certificate_want w = {
        .account = addr_of("account"), .cert_key = addr_of("certifier"), .now = 1899999999};
    memset(w.card_hash.b, 0x22, sizeof w.card_hash.b);
    return w;
}

static struct certificate built(void)
{
    struct certificate_want w = want_of();
    struct secp_key certifier = key_of("certifier");
    struct secp_key member = key_of("member");
    struct certificate c;
    assert_status(
        certificate_build(&net, w.account, &w.card_hash, 1900000000, &certifier, &member, &c), OK);
    return c;
}

static void is_the_one_ethers_makes(void **state)
{
    (void)state;
    struct certificate c = built();
    struct certificate_want w = want_of();
    struct certificate got;
    struct buf text;
    buf_init(&text, CERTIFICATE_BYTES);
    assert_ok(certificate_put(&c, &text, &err), &err);
    assert_string_equal(buf_cstr(&text), ethers_text);
    assert_ok(certificate_read(slice_str(ethers_text), &got, &err), &err);
    assert_ok(certificate_verify(&net, &got, &w, &err), &err);
    buf_done(&text);
}

static void each_changed_byte_breaks_it(void **state)
{
    (void)state;
    struct certificate_want w = want_of();
    struct certificate c = built();
    uint8_t *p = (uint8_t *)&c;
    assert_status(certificate_verify(&net, &c, &w, &err), OK);
    for (size_t i = 0; i < offsetof(struct certificate, member_sig65) + SECP_SIG; i++) {
        p[i] ^= 1;
        bool pads = i >= offsetof(struct certificate, card_hash) + 32 &&
                    i < offsetof(struct certificate, not_after);
        status st = certificate_verify(&net, &c, &w, NULL);
        if (!pads && st == OK)
            fail_msg("byte %zu", i);
        p[i] ^= 1;
    }
    assert_status(certificate_verify(&net, &c, &w, &err), OK);
}

static void both_signatures_are_needed(void **state)
{
    (void)state;
    struct certificate_want w = want_of();
    struct certificate c = built();
    memcpy(c.member_sig65, c.cert_sig65, SECP_SIG);
    assert_status(certificate_verify(&net, &c, &w, &err), E_SIGNATURE);
    assert_non_null(strstr(err.msg, "member"));
    c = built();
    memcpy(c.cert_sig65, c.member_sig65, SECP_SIG);
    assert_status(certificate_verify(&net, &c, &w, &err), E_SIGNATURE);
    assert_non_null(strstr(err.msg, "certifier"));
    c = built();
    w.cert_key = addr_of("another certifier");
    assert_status(certificate_verify(&net, &c, &w, &err), E_SIGNATURE);
}

static void belongs_to_one_account_card_registry_and_time(void **state)
{
    (void)state;
    struct certificate c = built();
    struct certificate_want w = want_of();
    struct netid other = net;
    other.chain_id++;
    assert_status(certificate_verify(&other, &c, &w, &err), E_SIGNATURE);
    w.card_hash.b[31]++;
    assert_status(certificate_verify(&net, &c, &w, &err), E_MISMATCH);
    w = want_of();
    w.account = addr_of("another account");
    assert_status(certificate_verify(&net, &c, &w, &err), E_MISMATCH);
    w = want_of();
    w.now = 1900000000;
    assert_status(certificate_verify(&net, &c, &w, &err), E_EXPIRED);
}

static void refuses_to_build_what_is_out_of_bounds(void **state)
{
    (void)state;
    struct certificate_want w = want_of();
    struct secp_key k = key_of("certifier");
    struct secp_key m = key_of("member");
    struct secp_key self = key_of("account");
    struct secp_key none = {{0}};
    struct certificate c;
    uint64_t late = CERTIFICATE_NOT_AFTER_MAX + 1;
    assert_status(certificate_build(&net, w.account, &w.card_hash, 0, &k, &m, &c), E_RANGE);
    assert_status(certificate_build(&net, w.account, &w.card_hash, late, &k, &m, &c), E_RANGE);
    assert_status(certificate_build(&net, w.account, &w.card_hash, 1, &k, &self, &c), E_RANGE);
    assert_status(certificate_build(&net, w.account, &w.card_hash, 1, &none, &m, &c), E_RANGE);
    assert_status(certificate_build(&net, w.account, &w.card_hash, 1, &k, &none, &c), E_RANGE);
}

/* ethers_text with the first from replaced by to. */
static status read_changed(const char *from, const char *to)
{
    char text[sizeof ethers_text + 64];
    struct certificate got;
    const char *at = strstr(ethers_text, from);
    assert_non_null(at);
    (void)snprintf(text, sizeof text, "%.*s%s%s", (int)(at - ethers_text), ethers_text, to,
                   at + strlen(from));
    return certificate_read(slice_str(text), &got, &err);
}

static void refuses_members_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *from;
        const char *to;
        status want;
    } rows[] = {{"\"notAfter\":1900000000,", "", E_MISSING},
                {"\"notAfter\":1900000000", "\"notAfter\":0", E_RANGE},
                {"\"notAfter\":1900000000", "\"notAfter\":9007199254740992", E_RANGE},
                {"\"notAfter\":1900000000", "\"notAfter\":\"1900000000\"", E_TYPE},
                {"\"notAfter\":1900000000", "\"notAfter\":1.5", E_RANGE},
                {"\"member\"", "\"members\"", E_SYNTAX},
                {"0x8dc97bfca4b2dc0070069cb5e3e938a95349b647",
                 "0xf88ef49baea5fce3e36a0a810ca9f397ed66f609", E_RANGE},
                {"0x8dc97b", "0x8dc9", E_RANGE},
                {"0x8dc97b", "8dc97b", E_SYNTAX},
                {"{", "{\"more\":1,", E_SYNTAX},
                {"{", "{\"notAfter\":1,", E_DUPLICATE}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        status got = read_changed(rows[i].from, rows[i].to);
        if (got != rows[i].want)
            print_message("%s: %s (%s)\n", rows[i].to, status_name(got), err.msg);
        assert_status(got, rows[i].want);
    }
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    static char big[CERTIFICATE_BYTES + 1];
    struct certificate got;
    for (size_t n = 0; n < sizeof ethers_text - 1; n++)
        assert_int_not_equal(certificate_read(slice_of(ethers_text, n), &got, NULL), OK);
    memset(big, ' ', sizeof big);
    assert_status(certificate_read(slice_of(big, sizeof big), &got, &err), E_TOO_LONG);
}

static void account_and_member_alone_may_have_it_erased(void **state)
{
    (void)state;
    struct certificate c = built();
    assert_true(certificate_is_erasable_by(&c, addr_of("account")));
    assert_true(certificate_is_erasable_by(&c, addr_of("member")));
    assert_false(certificate_is_erasable_by(&c, addr_of("certifier")));
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
        cmocka_unit_test(is_the_one_ethers_makes),
        cmocka_unit_test(each_changed_byte_breaks_it),
        cmocka_unit_test(both_signatures_are_needed),
        cmocka_unit_test(belongs_to_one_account_card_registry_and_time),
        cmocka_unit_test(refuses_to_build_what_is_out_of_bounds),
        cmocka_unit_test(refuses_members_by_name),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(account_and_member_alone_may_have_it_erased),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
