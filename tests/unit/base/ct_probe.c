/* SPDX-License-Identifier: Apache-2.0 */
/* ct_probe CASE: runs code on secrets that valgrind takes for undefined, so that every branch and
 * every address that depends on one is reported. ct.sh runs each case; those named planted_* must
 * be reported. ct_probe --list names them. What OpenSSL and libsecp256k1 do inside is theirs. */
#include <stdio.h>
#include <string.h>
#include <valgrind/memcheck.h>

#include "age/age.h"
#include "base/hex.h"
#include "base/wipe.h"
#include "ehr/identity.h"
#include "keys/stealth.h"

#define SECRET(p, n) VALGRIND_MAKE_MEM_UNDEFINED(p, n)
#define PUBLIC(p, n) VALGRIND_MAKE_MEM_DEFINED(p, n)

static volatile uint8_t sink;

static int test_compare(void)
{
    uint8_t a[32] = {1, 2, 3};
    uint8_t b[32] = {1, 2, 3};
    SECRET(a, sizeof a);
    SECRET(b, sizeof b);
    bool same = ct_eq(a, b, sizeof a);
    PUBLIC(b, sizeof b);
    b[31] = 9;
    SECRET(b, sizeof b);
    bool differs = !ct_eq(a, b, sizeof a);
    return same && differs ? 0 : 1;
}

static int test_hex(void)
{
    uint8_t key[32];
    uint8_t back[32];
    char text[64];
    for (uint8_t i = 0; i < 32; i++)
        key[i] = (uint8_t)(i * 37);
    SECRET(key, sizeof key);
    hex_write(slice_of(key, sizeof key), text);
    if (hex_read(slice_of(text, sizeof text), back, sizeof back) != OK)
        return 1;
    return ct_eq(key, back, sizeof key) ? 0 : 1;
}

static void key_of(uint8_t tag, uint8_t out[32])
{
    for (uint8_t i = 0; i < 32; i++)
        out[i] = (uint8_t)(i * 7 + tag);
}

static int identity_of(uint8_t tag, struct age_identity *ret)
{
    uint8_t secret[32];
    key_of(tag, secret);
    SECRET(secret, sizeof secret);
    if (age_identity_of(secret, ret) != OK)
        return 1;
    PUBLIC(&ret->recipient, sizeof ret->recipient);
    return 0;
}

/* The text of a secret key, as wraps and exported keys hold it: bech32. */
static int test_bech32(void)
{
    struct age_identity id;
    struct age_identity back;
    struct err e = {0};
    char text[AGE_IDENTITY_TEXT];
    if (identity_of(3, &id) != 0 || age_identity_write(&id, text) != OK)
        return 1;
    PUBLIC(text, sizeof "AGE-SECRET-KEY-1" - 1);
    if (age_identity_read(slice_of(text, sizeof text - 1), &back, &e) != OK)
        return 1;
    return ct_eq(id.secret, back.secret, sizeof id.secret) ? 0 : 1;
}

/* Everything that is derived from an identity's root. */
static int test_identity(void)
{
    struct identity id = {.net = {.chain_id = 1}};
    struct age_identity age;
    struct secp_key k;
    addr20 addr;
    key_of(11, id.root);
    SECRET(id.root, sizeof id.root);
    if (identity_age(&id, 0, &age) != OK)
        return 1;
    for (uint32_t i = 0; i < 3; i++)
        if (identity_owner(&id, i, &k) != OK || secp_key_addr(&k, &addr) != OK)
            return 1;
    return identity_scalar(&id, "cert", &k) == OK ? 0 : 1;
}

static int test_stealth(void)
{
    struct secp_key spend;
    struct secp_key view;
    struct secp_key ephemeral;
    struct secp_key key;
    struct stealth_meta meta;
    struct stealth_note note;
    addr20 addr;
    key_of(21, spend.b);
    key_of(22, view.b);
    key_of(23, ephemeral.b);
    SECRET(&spend, sizeof spend);
    SECRET(&view, sizeof view);
    SECRET(&ephemeral, sizeof ephemeral);
    if (stealth_meta_of(&spend, &view, &meta) != OK ||
        stealth_address_with(&meta, &ephemeral, &note) != OK)
        return 1;
    PUBLIC(&note, sizeof note);
    if (stealth_key(&spend, &view, &note, &key) != OK || secp_key_addr(&key, &addr) != OK)
        return 1;
    return ct_eq(addr.b, note.holder.b, sizeof addr.b) ? 0 : 1;
}

static int test_signature(void)
{
    struct secp_key key;
    hash32 digest = {{1}};
    uint8_t sig[SECP_SIG];
    key_of(31, key.b);
    SECRET(&key, sizeof key);
    return secp_key_is_valid(&key) && secp_sign(&key, &digest, sig) == OK ? 0 : 1;
}

/* A file key is wrapped for one identity, found again by another way of the same. */
static int test_age_header(void)
{
    struct age_identity id;
    struct age_file_key fk;
    struct age_file_key back;
    struct age_header h;
    struct buf out;
    struct err e = {0};
    struct age_keys keys = {.ids = &id, .n_ids = 1};
    buf_init(&out, 4096);
    if (identity_of(41, &id) != 0 || age_file_key_generate(&random_system, &fk) != OK)
        return 1;
    SECRET(&fk, sizeof fk);
    if (age_header_put(&out, &fk, &id.recipient, 1, &random_system, &e) != OK)
        return 1;
    PUBLIC(out.p, out.n); /* what is sealed may be seen */
    if (age_header_read(buf_slice(&out), &h, &e) != OK ||
        age_header_open(&h, &keys, &back, &e) != OK)
        return 1;
    bool same = ct_eq(&fk, &back, sizeof fk);
    buf_done(&out);
    return same ? 0 : 1;
}

static int planted_branch(void)
{
    uint8_t key[32] = {0};
    SECRET(key, sizeof key);
    if ((key[5] & 1) != 0)
        sink = 1;
    return 0;
}

static int planted_table(void)
{
    static const uint8_t table[256] = {1, 2, 3};
    uint8_t key[32] = {0};
    SECRET(key, sizeof key);
    sink = table[key[7]];
    return 0;
}

static int planted_memcmp(void)
{
    uint8_t a[32] = {0};
    uint8_t b[32] = {0};
    SECRET(a, sizeof a);
    sink = memcmp(a, b, sizeof a) == 0;
    return 0;
}

static const struct {
    const char *name;
    int (*run)(void);
} cases[] = {
    {"compare", test_compare},        {"hex", test_hex},
    {"bech32", test_bech32},          {"identity", test_identity},
    {"stealth", test_stealth},        {"signature", test_signature},
    {"age_header", test_age_header},  {"planted_branch", planted_branch},
    {"planted_table", planted_table}, {"planted_memcmp", planted_memcmp},
};

int main(int argc, char **argv)
{
    size_t n = sizeof cases / sizeof cases[0];
    if (argc != 2 || secp_init(&random_system) != OK)
        return 2;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(argv[1], "--list") == 0) {
            puts(cases[i].name);
        } else if (strcmp(argv[1], cases[i].name) == 0) {
            int rc = cases[i].run();
            secp_done();
            return rc;
        }
    }
    return strcmp(argv[1], "--list") == 0 ? 0 : 2;
}
