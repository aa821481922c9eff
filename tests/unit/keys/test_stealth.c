/* SPDX-License-Identifier: Apache-2.0 */
/* ERC-5564 against @noble/curves: addresses, view tags, private keys, scanning, hostile notes. */
#include "test.h"

#include "keys/stealth.h"

#include "stealth_vectors.h"

#define N_VECTORS (sizeof stealth_vectors / sizeof stealth_vectors[0])

/* The order of the curve, and one less. */
#define ORDER "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"
#define ORDER_LESS_1 "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140"

static void from_hex(const char *text, uint8_t *out, size_t n)
{
    assert_status(hex_read(slice_str(text), out, n), OK);
}

struct pair {
    struct secp_key spend;
    struct secp_key view;
    struct stealth_meta meta;
    struct stealth_viewer viewer;
};

static struct pair pair_of(const struct stealth_vector *v)
{
    struct pair p;
    from_hex(v->spend, p.spend.b, sizeof p.spend.b);
    from_hex(v->view, p.view.b, sizeof p.view.b);
    assert_status(stealth_meta_of(&p.spend, &p.view, &p.meta), OK);
    p.viewer.view = p.view;
    memcpy(p.viewer.spend, p.meta.spend, sizeof p.viewer.spend);
    return p;
}

static struct stealth_note note_of(const struct stealth_vector *v)
{
    struct stealth_note note;
    from_hex(v->holder, note.holder.b, sizeof note.holder.b);
    from_hex(v->ephemeral_pub, note.ephemeral, sizeof note.ephemeral);
    note.view_tag = (uint8_t)v->view_tag;
    return note;
}

static void gives_the_address_another_implementation_gives(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_VECTORS; i++) {
        const struct stealth_vector *v = &stealth_vectors[i];
        struct pair p = pair_of(v);
        struct stealth_note want = note_of(v);
        struct stealth_note got;
        struct secp_key ephemeral;
        uint8_t pub[SECP_PUB33];
        from_hex(v->spend_pub, pub, sizeof pub);
        assert_memory_equal(p.meta.spend, pub, sizeof pub);
        from_hex(v->view_pub, pub, sizeof pub);
        assert_memory_equal(p.meta.view, pub, sizeof pub);
        from_hex(v->ephemeral, ephemeral.b, sizeof ephemeral.b);
        assert_status(stealth_address_with(&p.meta, &ephemeral, &got), OK);
        assert_true(addr20_eq(got.holder, want.holder));
        assert_memory_equal(got.ephemeral, want.ephemeral, sizeof got.ephemeral);
        assert_int_equal(got.view_tag, want.view_tag);
    }
}

static void receiver_alone_finds_the_private_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_VECTORS; i++) {
        const struct stealth_vector *v = &stealth_vectors[i];
        struct pair p = pair_of(v);
        struct pair other = pair_of(&stealth_vectors[(i + 1) % N_VECTORS]);
        struct stealth_note note = note_of(v);
        struct secp_key key;
        struct secp_key want;
        addr20 addr;
        from_hex(v->key, want.b, sizeof want.b);
        assert_status(stealth_check(&p.viewer, &note), OK);
        assert_status(stealth_key(&p.spend, &p.view, &note, &key), OK);
        assert_memory_equal(key.b, want.b, sizeof want.b);
        assert_status(secp_key_addr(&key, &addr), OK);
        assert_true(addr20_eq(addr, note.holder));
        assert_status(stealth_check(&other.viewer, &note), E_NOT_FOUND);
        assert_status(stealth_key(&other.spend, &other.view, &note, &key), E_NOT_FOUND);
        assert_status(stealth_key(&other.spend, &p.view, &note, &key), E_NOT_FOUND);
    }
}

static void another_tag_or_holder_is_somebody_elses(void **state)
{
    (void)state;
    struct pair p = pair_of(&stealth_vectors[0]);
    struct stealth_note note = note_of(&stealth_vectors[0]);
    for (unsigned bit = 0; bit < 8; bit++) {
        note.view_tag ^= (uint8_t)(1u << bit);
        assert_status(stealth_check(&p.viewer, &note), E_NOT_FOUND);
        note.view_tag ^= (uint8_t)(1u << bit);
    }
    for (size_t i = 0; i < sizeof note.holder.b; i++) {
        note.holder.b[i] ^= 1;
        assert_status(stealth_check(&p.viewer, &note), E_NOT_FOUND);
        note.holder.b[i] ^= 1;
    }
    assert_status(stealth_check(&p.viewer, &note), OK);
}

static void refuses_what_is_no_point(void **state)
{
    (void)state;
    struct pair p = pair_of(&stealth_vectors[0]);
    struct stealth_note note = note_of(&stealth_vectors[0]);
    struct stealth_note out = note;
    struct stealth_meta meta = p.meta;
    note.ephemeral[0] = 4;
    assert_status(stealth_check(&p.viewer, &note), E_RANGE);
    memset(note.ephemeral, 0xff, sizeof note.ephemeral);
    assert_status(stealth_check(&p.viewer, &note), E_RANGE);
    memset(meta.view, 0, sizeof meta.view);
    assert_status(stealth_address(&meta, &random_system, &out), E_RANGE);
    meta = p.meta;
    meta.spend[0] = 5;
    assert_status(stealth_address(&meta, &random_system, &out), E_RANGE);
    assert_true(addr20_eq(out.holder, note.holder));
}

static void refuses_zero_and_too_large_scalars(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "0000000000000000000000000000000000000000000000000000000000000000", ORDER,
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"};
    struct pair p = pair_of(&stealth_vectors[0]);
    for (size_t i = 0; i < 3; i++) {
        struct secp_key k;
        struct stealth_note out;
        from_hex(bad[i], k.b, sizeof k.b);
        assert_status(stealth_address_with(&p.meta, &k, &out), E_RANGE);
        assert_status(stealth_meta_of(&k, &p.view, &p.meta), E_RANGE);
    }
}

static void sums_that_vanish_are_refused(void **state)
{
    (void)state;
    struct secp_key k;
    struct secp_key before;
    hash32 tweak;
    uint8_t pub[SECP_PUB33];
    uint8_t got[SECP_PUB33];
    uint8_t want[SECP_PUB33];
    from_hex(ORDER_LESS_1, k.b, sizeof k.b);
    before = k;
    memset(tweak.b, 0, sizeof tweak.b);
    tweak.b[31] = 1;
    assert_status(secp_public33(&k, pub), OK);
    assert_status(secp_key_add(&k, &tweak), E_RANGE);
    assert_memory_equal(k.b, before.b, sizeof k.b);
    assert_status(secp_pub_add(pub, &tweak, got), E_RANGE);
    tweak.b[31] = 3;
    assert_status(secp_key_add(&k, &tweak), OK);
    assert_status(secp_public33(&k, want), OK);
    assert_status(secp_pub_add(pub, &tweak, got), OK);
    assert_memory_equal(got, want, sizeof got);
    from_hex(ORDER, tweak.b, sizeof tweak.b);
    assert_status(secp_key_add(&k, &tweak), E_RANGE);
    assert_status(secp_pub_add(pub, &tweak, got), E_RANGE);
}

static void scanning_finds_ones_own_among_many(void **state)
{
    (void)state;
    enum { COUNT = 600, OWN_EACH = 50 };
    struct pair me = pair_of(&stealth_vectors[0]);
    struct pair other = pair_of(&stealth_vectors[1]);
    static struct stealth_note notes[COUNT];
    static size_t found[COUNT];
    size_t n = 0;
    for (size_t i = 0; i < COUNT; i++) {
        struct pair *to = i % OWN_EACH == 7 ? &me : &other;
        assert_status(stealth_address(&to->meta, &random_system, &notes[i]), OK);
    }
    memset(notes[3].ephemeral, 0, sizeof notes[3].ephemeral);
    memset(notes[4].ephemeral, 0xff, sizeof notes[4].ephemeral);
    assert_status(stealth_scan(&me.viewer, notes, COUNT, found, &n), OK);
    assert_int_equal(n, COUNT / OWN_EACH);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(found[i], i * OWN_EACH + 7);
}

static status no_random(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx, (void)out, (void)n;
    return E_IO;
}

static void two_addresses_of_one_person_differ_and_need_randomness(void **state)
{
    (void)state;
    const struct random_src broken = {no_random, NULL};
    struct pair p = pair_of(&stealth_vectors[2]);
    struct stealth_note a;
    struct stealth_note b;
    assert_status(stealth_address(&p.meta, &random_system, &a), OK);
    assert_status(stealth_address(&p.meta, &random_system, &b), OK);
    assert_false(addr20_eq(a.holder, b.holder));
    assert_status(stealth_address(&p.meta, &broken, &b), E_IO);
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
        cmocka_unit_test(gives_the_address_another_implementation_gives),
        cmocka_unit_test(receiver_alone_finds_the_private_key),
        cmocka_unit_test(another_tag_or_holder_is_somebody_elses),
        cmocka_unit_test(refuses_what_is_no_point),
        cmocka_unit_test(refuses_zero_and_too_large_scalars),
        cmocka_unit_test(sums_that_vanish_are_refused),
        cmocka_unit_test(scanning_finds_ones_own_among_many),
        cmocka_unit_test(two_addresses_of_one_person_differ_and_need_randomness),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
