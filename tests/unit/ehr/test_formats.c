/* SPDX-License-Identifier: Apache-2.0 */
/* Identities, cards, folder keys, wraps, notes, envelopes and owner state: own vectors, round
 * trips, and every change of a signed text refused. */
#include "test.h"

#include "codec/json.h"
#include "crypto/keccak.h"
#include "ehr/card.h"
#include "ehr/envelope.h"
#include "ehr/folder_key.h"
#include "ehr/identity.h"
#include "ehr/record_slot.h"
#include "ehr/state.h"
#include "ehr/wrap.h"

static const struct netid net = {31337,
                                 {{0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
                                   0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11}}};

static struct identity identity_of_vectors(void)
{
    struct identity id = {.net = net};
    for (unsigned i = 0; i < 32; i++)
        id.root[i] = (uint8_t)i;
    memcpy(id.node, "http://127.0.0.1:8545", 22);
    return id;
}

static void assert_hex(const uint8_t *p, size_t n, const char *want)
{
    char text[200];
    hex_write(slice_of(p, n), text);
    text[2 * n] = 0;
    assert_string_equal(text, want);
}

/* Made by identity_vectors.py. */
static void derives_the_keys_of_the_vectors(void **s)
{
    static const char *const rows[][2] = {
        {"spend", "a630d3a0ec64e0a98815bcbb0972ea773c0b5e2869931db845a031b1ac3e66d3"},
        {"view", "6ec01ef86ab8f7e6f5b6397e61527d75fe2fbaf9f3a12f96f793b38f7122129b"},
        {"cert", "1c359b64f98bde8698430c8d23ba4630a1c029fed56cadb1cfa0ffe3d7b9b208"},
        {"account", "c2f1145c0b122c666158640891f08f9a9fde15b249109cc33c03433732573cfd"},
    };
    struct identity id = identity_of_vectors();
    struct age_identity age;
    struct secp_key k;
    (void)s;
    assert_int_equal(identity_age(&id, 0, &age), OK);
    assert_hex(age.secret, 32, "20d1477a640fa2a7bf8dd103c6d586ac2db424e1710bd615efcf35e9fd23e25d");
    assert_int_equal(identity_age(&id, 1, &age), OK);
    assert_hex(age.secret, 32, "55c9834b5c892adb6c75fcb0096c72f991146b5a1bc1a7cdd3ef727698ea3589");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(identity_scalar(&id, rows[i][0], &k), OK);
        assert_hex(k.b, 32, rows[i][1]);
    }
    assert_int_equal(identity_owner(&id, 7, &k), OK);
    assert_hex(k.b, 32, "b4e7d1053b24e61a4fffe04de5e94d068ec162607efe7571d988e48fc876d466");
}

static void keeps_an_identity_in_a_file(void **s)
{
    struct identity id = identity_of_vectors();
    struct identity got;
    struct buf file;
    struct err e;
    (void)s;
    buf_init(&file, 4096);
    assert_ok(identity_seal(&id, SLICE_LIT("secret"), 4, &random_system, &file, &e), &e);
    assert_ok(identity_open(buf_slice(&file), SLICE_LIT("secret"), &got, &e), &e);
    assert_memory_equal(got.root, id.root, 32);
    assert_string_equal(got.node, id.node);
    assert_int_equal(got.net.chain_id, 31337);
    assert_status(identity_open(buf_slice(&file), SLICE_LIT("Secret"), &got, &e), E_NO_KEY);
    buf_done(&file);
}

/* --- cards -------------------------------------------------------------------------------------
 */

static struct secp_key key_of(uint8_t b)
{
    struct secp_key k = {{0}};
    k.b[31] = b;
    return k;
}

static struct card card_of_test(void)
{
    struct identity id = identity_of_vectors();
    struct secp_key k = key_of(7);
    struct card c;
    struct err e;
    assert_ok(card_build(&id, &k, 1, "Ada \xc3\x96", "practitioner", &random_system, &c, &e), &e);
    return c;
}

static void a_card_goes_round(void **s)
{
    struct card c = card_of_test();
    struct card got;
    struct buf json;
    hash32 want;
    struct err e;
    (void)s;
    buf_init(&json, CARD_BYTES);
    assert_ok(card_put(&c, &json, &e), &e);
    card_digest(&net, &c, &want);
    assert_ok(card_open(&net, buf_slice(&json), &want, &got, &e), &e);
    assert_string_equal(got.name, c.name);
    assert_true(addr20_eq(got.account, c.account));
    want.b[0] ^= 1;
    assert_status(card_open(&net, buf_slice(&json), &want, &got, &e), E_MISMATCH);
    buf_done(&json);
}

/* Each character changed to another one: never accepted as signed by the account. */
static void every_change_of_a_card_is_refused(void **s)
{
    struct card c = card_of_test();
    struct card got;
    struct buf json;
    struct err e;
    (void)s;
    buf_init(&json, CARD_BYTES);
    assert_ok(card_put(&c, &json, &e), &e);
    for (size_t i = 0; i < json.n; i++) {
        uint8_t was = json.p[i];
        json.p[i] = was == '0' ? '1' : '0';
        status st = card_read(buf_slice(&json), &got, &e);
        if (st == OK)
            st = card_verify(&net, &got, &e);
        if (st == OK)
            fail_msg("byte %zu: accepted", i);
        json.p[i] = was;
    }
    buf_done(&json);
}

static void a_card_with_another_member_or_of_another_net_is_refused(void **s)
{
    struct card c = card_of_test();
    struct card got;
    struct buf json;
    struct netid other = {1, net.proxy};
    struct err e;
    (void)s;
    buf_init(&json, CARD_BYTES);
    assert_ok(card_put(&c, &json, &e), &e);
    assert_status(card_verify(&other, &c, &e), E_SIGNATURE);
    json.n--;
    assert_int_equal(buf_put_str(&json, ",\"x\":1}"), OK);
    assert_status(card_read(buf_slice(&json), &got, &e), E_SYNTAX);
    buf_done(&json);
}

/* --- folder keys -------------------------------------------------------------------------------
 */

struct chain_of_keys {
    struct folder_key k[3];
    struct age_identity id[3];
    struct folder_facts facts;
};

static void chain_make(struct chain_of_keys *c)
{
    struct secp_key owner = key_of(9);
    hash32 prev = {{0}};
    struct err e;
    *c = (struct chain_of_keys){.facts = {.epoch = 3}};
    memset(c->facts.folder.b, 0xfd, 32);
    assert_int_equal(secp_key_addr(&owner, &c->facts.owner), OK);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(age_identity_generate(&random_system, &c->id[i]), OK);
        assert_ok(folder_key_sign(&net, &owner, &c->facts.folder, i + 1, &c->id[i].recipient, &prev,
                                  &c->k[i], &e),
                  &e);
        folder_key_hash_of(&net, &c->k[i], &prev);
    }
    c->facts.key_hash = prev;
}

static void a_chain_of_folder_keys_is_checked(void **s)
{
    struct chain_of_keys c;
    struct folder_key got;
    struct buf json;
    struct err e;
    (void)s;
    chain_make(&c);
    assert_ok(folder_keys_verify(&net, c.k, 3, &c.facts, &e), &e);
    buf_init(&json, FOLDER_KEY_BYTES);
    assert_ok(folder_key_put(&c.k[1], &json, &e), &e);
    assert_ok(folder_key_read(buf_slice(&json), &got, &e), &e);
    assert_memory_equal(got.sig65, c.k[1].sig65, 65);
    assert_string_equal(got.recipient_text, c.k[1].recipient_text);
    buf_done(&json);
}

static void a_slipped_in_folder_key_is_refused(void **s)
{
    struct chain_of_keys c;
    struct chain_of_keys bad;
    struct secp_key thief = key_of(99);
    struct err e;
    (void)s;
    chain_make(&c);
    bad = c; /* another recipient, signed by somebody else */
    assert_ok(folder_key_sign(&net, &thief, &c.facts.folder, 3, &c.id[0].recipient, &c.k[2].prev,
                              &bad.k[2], &e),
              &e);
    assert_status(folder_keys_verify(&net, bad.k, 3, &c.facts, &e), E_SIGNATURE);
    bad = c; /* an older epoch changed */
    bad.k[1].prev.b[5] ^= 1;
    assert_status(folder_keys_verify(&net, bad.k, 3, &c.facts, &e), E_MISMATCH);
    bad = c; /* the chain says another hash */
    bad.facts.key_hash.b[0] ^= 1;
    assert_status(folder_keys_verify(&net, bad.k, 3, &bad.facts, &e), E_MISMATCH);
    /* a key withheld */
    assert_status(folder_keys_verify(&net, c.k, 2, &c.facts, &e), E_MISMATCH);
    assert_status(folder_keys_verify(&net, c.k, 0, &c.facts, &e), E_MISSING);
}

/* --- wraps and notes ---------------------------------------------------------------------------
 */

static void a_wrap_holds_the_identities_of_its_folder_only(void **s)
{
    struct chain_of_keys c;
    struct epoch_key keys[3];
    struct epoch_key got[3];
    struct buf text;
    struct err e;
    hash32 other = {{1}};
    size_t n;
    (void)s;
    chain_make(&c);
    for (uint32_t i = 0; i < 3; i++)
        keys[i] = (struct epoch_key){i + 1, c.id[i]};
    buf_init(&text, 4096);
    assert_ok(wrap_text_put(&c.facts.folder, keys, 3, &text, &e), &e);
    assert_ok(wrap_text_read(buf_slice(&text), &c.facts.folder, got, 3, &n, &e), &e);
    assert_int_equal(n, 3);
    assert_memory_equal(got[2].id.secret, c.id[2].secret, 32);
    assert_status(wrap_text_read(buf_slice(&text), &other, got, 3, &n, &e), E_MISMATCH);
    assert_status(wrap_text_read(buf_slice(&text), &c.facts.folder, got, 2, &n, &e), E_TOO_LONG);
    for (size_t cut = 0; cut + 1 < text.n; cut++)
        if (wrap_text_read(slice_first(buf_slice(&text), cut), &c.facts.folder, got, 3, &n, &e) ==
            OK)
            assert_true(n < 3);
    buf_done(&text);
}

static void every_flipped_bit_of_a_wrap_note_is_refused(void **s)
{
    struct secp_key owner = key_of(9);
    struct wrap_note n = {.wrap = SLICE_LIT("an age file")};
    struct wrap_note got;
    struct buf b;
    struct err e;
    addr20 addr;
    (void)s;
    assert_int_equal(secp_key_addr(&owner, &addr), OK);
    assert_ok(wrap_note_sign(&net, &owner, &n, &e), &e);
    buf_init(&b, 4096);
    assert_ok(wrap_note_put(&n, &b, &e), &e);
    assert_ok(wrap_note_read(buf_slice(&b), &got, &e), &e);
    assert_ok(wrap_note_verify(&net, &got, addr, &e), &e);
    for (size_t i = 0; i < b.n * 8; i++) {
        b.p[i / 8] ^= (uint8_t)(1u << i % 8);
        status st = wrap_note_read(buf_slice(&b), &got, &e);
        if (st == OK)
            st = wrap_note_verify(&net, &got, addr, &e);
        if (st == OK)
            fail_msg("bit %zu: accepted", i);
        b.p[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    buf_done(&b);
}

static void a_grant_note_goes_round(void **s)
{
    struct age_identity to;
    struct age_identity other;
    struct grant_note n = {.permissions = 5,
                           .not_before = 10,
                           .not_after = 20,
                           .owner_name = "Pat",
                           .folder_name = "general"};
    struct grant_note got;
    struct buf b;
    struct err e;
    (void)s;
    assert_int_equal(age_identity_generate(&random_system, &to), OK);
    assert_int_equal(age_identity_generate(&random_system, &other), OK);
    buf_init(&b, GRANT_NOTE_BYTES);
    assert_ok(grant_note_seal(&n, &to.recipient, &random_system, &b, &e), &e);
    assert_ok(grant_note_open(buf_slice(&b), &to, &got, &e), &e);
    assert_string_equal(got.folder_name, "general");
    assert_int_equal(got.not_after, 20);
    assert_status(grant_note_open(buf_slice(&b), &other, &got, &e), E_NO_KEY);
    buf_done(&b);
}

/* Every bit of what is signed counts, and each of the two has to sign. */
static void a_grant_note_needs_both_signatures(void **s)
{
    struct secp_key owner = {.b = {[31] = 5}};
    struct secp_key cert = {.b = {[31] = 6}};
    struct grant_note n = {.holder = {{3}},
                           .account = {{4}},
                           .folder_name = "general",
                           .owner_name = "Pat",
                           .permissions = 5,
                           .not_before = 1,
                           .not_after = 9,
                           .issued = 4};
    struct grant_note x;
    addr20 cert_addr;
    struct err e;
    (void)s;
    assert_int_equal(secp_key_addr(&owner, &n.owner), OK);
    assert_int_equal(secp_key_addr(&cert, &cert_addr), OK);
    assert_ok(grant_note_sign(&net, &owner, &cert, &n, &e), &e);
    assert_ok(grant_note_verify(&net, &n, cert_addr, &e), &e);
    assert_status(grant_note_verify(&net, &n, n.owner, &e), E_SIGNATURE);
    x = n;
    memcpy(x.owner_sig65, n.cert_sig65, sizeof x.owner_sig65);
    assert_status(grant_note_verify(&net, &x, cert_addr, &e), E_SIGNATURE);
#define CHANGED(change)                                                                            \
    x = n;                                                                                         \
    change;                                                                                        \
    assert_status(grant_note_verify(&net, &x, cert_addr, &e), E_SIGNATURE)
    CHANGED(x.folder.b[0] ^= 1);
    CHANGED(x.holder.b[0] ^= 1);
    CHANGED(x.account.b[0] ^= 1);
    CHANGED(x.owner_account.b[0] ^= 1);
    CHANGED(x.owner_card_hash.b[0] ^= 1);
    CHANGED(x.folder_name[0] = 'G');
    CHANGED(x.permissions = 7);
    CHANGED(x.not_before = 2);
    CHANGED(x.not_after = 10);
    CHANGED(x.issued = 5);
#undef CHANGED
}

/* --- envelopes, slots, state -------------------------------------------------------------------
 */

static void an_envelope_goes_round_and_no_truncation_is_read(void **s)
{
    uint8_t cid_bin[CID_BIN_MAX];
    struct cid cid;
    struct envelope x = {
        .version = 1, .epoch = 300, .header = SLICE_LIT("h"), .meta = SLICE_LIT("m")};
    struct envelope got;
    struct buf b;
    struct err e;
    (void)s;
    assert_int_equal(cid_of_content(CID_RAW, SLICE_LIT("x"), &cid), OK);
    x.cid_bin = slice_of(cid_bin, cid_write(&cid, cid_bin));
    buf_init(&b, 4096);
    assert_ok(envelope_put(&x, &b, &e), &e);
    assert_ok(envelope_read(buf_slice(&b), &got, &e), &e);
    assert_int_equal(got.epoch, 300);
    assert_true(cid_eq(&got.cid, &cid));
    for (size_t n = 0; n < b.n; n++)
        assert_true(envelope_read(slice_first(buf_slice(&b), n), &got, &e) != OK);
    buf_done(&b);
}

static void reads_a_record_slot_as_the_contract_packs_it(void **s)
{
    hash32 word = {{0, RECORD_REMOVED, 0, 0, 1, 2, 0xaa}};
    struct record_slot slot;
    (void)s;
    assert_true(record_slot_read(&word, &slot));
    assert_int_equal(slot.status, RECORD_REMOVED);
    assert_int_equal(slot.version, 258);
    assert_int_equal(slot.commitment[0], 0xaa);
    word.b[0] = 1;
    assert_true(record_slot_read(&word, &slot));
    word.b[1] = RECORD_ACTIVE;
    assert_false(record_slot_read(&word, &slot));
    word.b[0] = 2;
    word.b[1] = RECORD_REMOVED;
    assert_false(record_slot_read(&word, &slot));
    word.b[0] = 0;
    word.b[1] = 4;
    assert_false(record_slot_read(&word, &slot));
}

static void reads_an_account_slot_as_the_contract_packs_it(void **s)
{
    hash32 word = {{[22] = 1, 2, 3, 4, 5, 6, 7, 8, REGISTRY_ACCOUNT_SUSPENDED, 3}};
    struct registry_account a;
    (void)s;
    assert_true(account_slot_read(&word, &a));
    assert_true(a.role == REGISTRY_ROLE_ORGANISATION && a.status == REGISTRY_ACCOUNT_SUSPENDED);
    assert_true(a.valid_until == 0x0102030405060708u);
    static const struct {
        unsigned at;
        uint8_t wrong;
    } cases[] = {{21, 1}, {0, 1}, {30, 3}, {31, 4}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hash32 other = word;
        other.b[cases[i].at] = cases[i].wrong;
        assert_false(account_slot_read(&other, &a));
    }
}

static void reads_a_grant_slot_as_the_contract_packs_it(void **s)
{
    hash32 word = {{0,  0,   0, 0, 0, 0, 0, 0, 0, 0,  0,  0,  1,  4,  REGISTRY_GRANT_REVOKED,
                    1,  2,   3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
                    16, 0x0f}};
    struct registry_grant g;
    (void)s;
    assert_true(grant_slot_read(&word, &g));
    assert_int_equal(g.permissions, 15);
    assert_true(g.not_before == 0x090a0b0c0d0e0f10u && g.not_after == 0x0102030405060708u);
    assert_true(g.status == REGISTRY_GRANT_REVOKED && g.generation == 260);
    word.b[9] = 1;
    assert_false(grant_slot_read(&word, &g));
    word.b[9] = 0;
    word.b[14] = 3;
    assert_false(grant_slot_read(&word, &g));
}

static void owner_state_goes_round(void **s)
{
    struct owner_state a;
    struct owner_state b;
    struct state_folder f = {.name = "general", .index = 7, .owner = {{0xf0}}};
    struct state_folder *at;
    struct state_epoch ep = {.key = {.epoch = 1}};
    struct state_grant g = {.name = "Ada",
                            .permissions = 3,
                            .not_after = 99,
                            .holder = {{0xaa}},
                            .account = {{0xbb}},
                            .issued = 70,
                            .is_stealth = true,
                            .view_tag = 9,
                            .ephemeral = {2, 7}};
    struct grant_note n = {.folder_name = "x", .owner_name = "y"};
    struct identity id = identity_of_vectors();
    struct state_place place = {.id = &id, .account = {{5}}, .version = 3};
    addr20 account;
    char name[STATE_NAME + 1];
    struct buf out;
    struct err e;
    (void)s;
    state_init(&a);
    state_init(&b);
    assert_int_equal(age_identity_generate(&random_system, &ep.key.id), OK);
    g.recipient = ep.key.id.recipient;
    a.next_owner = 8;
    assert_int_equal(state_folder_add(&a, &f, &at), OK);
    assert_int_equal(state_epoch_add(at, &ep), OK);
    assert_int_equal(state_grant_set(at, &g), OK);
    assert_int_equal(state_grant_set(at, &g), OK); /* replaces */
    assert_int_equal(state_shared_set(&a, &n), OK);
    buf_init(&out, STATE_BYTES);
    assert_ok(state_seal(&a, &ep.key.id, &place, &random_system, &out, &e), &e);
    assert_ok(state_open(buf_slice(&out), &ep.key.id, &place, false, &b, &e), &e);
    assert_int_equal(b.folders_n, 1);
    assert_int_equal(b.folders[0].grants_n, 1);
    assert_memory_equal(b.folders[0].epochs[0].key.id.secret, ep.key.id.secret, 32);
    assert_string_equal(b.shared[0].folder_name, "x");
    assert_int_equal(b.next_owner, 8);
    assert_int_equal(b.folders[0].index, 7);
    assert_memory_equal(b.folders[0].grants[0].ephemeral, g.ephemeral, sizeof g.ephemeral);
    assert_int_equal(b.folders[0].grants[0].view_tag, 9);
    assert_int_equal(b.folders[0].grants[0].issued, 70);
    assert_non_null(state_grant_of(&b.folders[0], &g.account));
    state_grant_end(&b.folders[0], &g.holder, 90);
    assert_null(state_grant_of(&b.folders[0], &g.account));
    assert_true(state_account_of(&b, &g.holder, &account, name)); /* still named */
    assert_true(addr20_eq(account, g.account));
    assert_string_equal(name, "Ada");
    assert_false(state_account_of(&b, &f.owner, &account, name));
    state_done(&b);
    buf_clear(&out);
    a.folders[0].grants[0].ended = 90;
    assert_ok(state_put(&a, &out, &e), &e);
    assert_ok(state_read(buf_slice(&out), &b, &e), &e);
    assert_int_equal(b.folders[0].grants[0].ended, 90);
    buf_done(&out);
    state_done(&a);
    state_done(&b);
}

static int setup(void **s)
{
    (void)s;
    return secp_init(&random_system) == OK ? 0 : 1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(derives_the_keys_of_the_vectors),
        cmocka_unit_test(keeps_an_identity_in_a_file),
        cmocka_unit_test(a_card_goes_round),
        cmocka_unit_test(every_change_of_a_card_is_refused),
        cmocka_unit_test(a_card_with_another_member_or_of_another_net_is_refused),
        cmocka_unit_test(a_chain_of_folder_keys_is_checked),
        cmocka_unit_test(a_slipped_in_folder_key_is_refused),
        cmocka_unit_test(a_wrap_holds_the_identities_of_its_folder_only),
        cmocka_unit_test(every_flipped_bit_of_a_wrap_note_is_refused),
        cmocka_unit_test(a_grant_note_goes_round),
        cmocka_unit_test(a_grant_note_needs_both_signatures),
        cmocka_unit_test(an_envelope_goes_round_and_no_truncation_is_read),
        cmocka_unit_test(reads_a_record_slot_as_the_contract_packs_it),
        cmocka_unit_test(reads_an_account_slot_as_the_contract_packs_it),
        cmocka_unit_test(reads_a_grant_slot_as_the_contract_packs_it),
        cmocka_unit_test(owner_state_goes_round),
    };
    return cmocka_run_group_tests_name("ehr_formats", tests, setup, NULL);
}
