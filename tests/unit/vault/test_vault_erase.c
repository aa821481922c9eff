/* SPDX-License-Identifier: Apache-2.0 */
/* Erasing destroys the key: the old ciphertext stays in data.mdb, but the file of row keys as it is
 * afterwards cannot open it, while the file as it was before can. */
#include "vault_test.h"

#include "base/checked.h"
#include "crypto/aead.h"

#define SECRET "wrap of a folder key that must be gone after it was erased"

static void load(struct vault_world *w, const char *name, struct buf *ret)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", w->dir, name);
    buf_init(ret, (size_t)256 << 20);
    assert_ok(file_read(path, ret, &w->err), &w->err);
}

static struct vault_lmdb_config config_of(struct vault_world *w)
{
    return (struct vault_lmdb_config){
        .dir = w->dir, .clock = &w->clock, .random = &random_system, .map_bytes = 1 << 26};
}

/* Try every place of the data file as a sealed wrap with every row key of keys. */
static bool can_be_opened(slice data, slice keys, slice aad)
{
    uint8_t out[sizeof SECRET + 64];
    size_t n = 8 + 12 + (sizeof SECRET - 1) + AEAD_TAG;
    for (size_t at = 0; at + n <= data.n; at++) {
        uint64_t slot = be64_read(data.p + at);
        if (slot > 8 || 4096 + 32 * (slot + 1) > keys.n)
            continue;
        struct aead a;
        assert_int_equal(aead_init(&a, keys.p + 4096 + 32 * slot), OK);
        a.aad = aad;
        status st = aead_open(&a, data.p + at + 8, slice_of(data.p + at + 20, n - 20), out);
        aead_done(&a);
        if (st == OK && memcmp(out, SECRET, sizeof SECRET - 1) == 0)
            return true;
    }
    return false;
}

static void wrap_aad(const hash32 *folder, const addr20 *holder, struct buf *ret)
{
    buf_init(ret, 256);
    assert_int_equal(buf_put_mem(ret, "wrap", 5), OK);
    assert_int_equal(buf_put_mem(ret, folder->b, 32), OK);
    assert_int_equal(buf_put_mem(ret, holder->b, 20), OK);
}

/* change: what makes the old value go. */
static void old_value_is_gone(struct vault_world *w,
                              status (*change)(struct vault *, const hash32 *, const addr20 *))
{
    hash32 folder = hash_of(1);
    addr20 holder = addr_of(2);
    struct buf data;
    struct buf before;
    struct buf after;
    struct buf aad;
    wrap_aad(&folder, &holder, &aad);
    assert_ok(vault_wrap_put(w->vault, &folder, &holder, SLICE_LIT(SECRET), &w->err), &w->err);
    load(w, "rowkeys", &before);
    load(w, "vault/data.mdb", &data);
    assert_true(can_be_opened(buf_slice(&data), buf_slice(&before), buf_slice(&aad)));
    assert_status(change(w->vault, &folder, &holder), OK);
    load(w, "rowkeys", &after);
    /* The row as it was on the disk, with the keys as they are now. */
    assert_false(can_be_opened(buf_slice(&data), buf_slice(&after), buf_slice(&aad)));
    buf_done(&data);
    buf_done(&before);
    buf_done(&after);
    buf_done(&aad);
}

static status by_delete(struct vault *v, const hash32 *folder, const addr20 *holder)
{
    return vault_wrap_delete(v, folder, holder, NULL);
}

static status by_replace(struct vault *v, const hash32 *folder, const addr20 *holder)
{
    return vault_wrap_put(v, folder, holder, SLICE_LIT("another"), NULL);
}

static void a_deleted_row_cannot_be_opened_any_more(void **state)
{
    old_value_is_gone(*state, by_delete);
}

static void a_replaced_row_cannot_be_opened_any_more(void **state)
{
    old_value_is_gone(*state, by_replace);
}

/* A crash between commit and overwriting: the row keys of before are there when it opens again. */
static void a_crash_before_overwriting_is_made_good(void **state)
{
    struct vault_world *w = *state;
    hash32 folder = hash_of(1);
    addr20 holder = addr_of(2);
    struct buf data;
    struct buf before;
    struct buf after;
    struct buf aad;
    char path[512];
    wrap_aad(&folder, &holder, &aad);
    assert_ok(vault_wrap_put(w->vault, &folder, &holder, SLICE_LIT(SECRET), &w->err), &w->err);
    load(w, "rowkeys", &before);
    load(w, "vault/data.mdb", &data);
    assert_ok(vault_wrap_delete(w->vault, &folder, &holder, &w->err), &w->err);
    vault_close(w->vault);
    w->vault = NULL;
    (void)snprintf(path, sizeof path, "%s/rowkeys", w->dir);
    assert_ok(file_replace(path, buf_slice(&before), 0600, &w->err), &w->err);
    world_reopen(w);
    load(w, "rowkeys", &after);
    assert_false(can_be_opened(buf_slice(&data), buf_slice(&after), buf_slice(&aad)));
    buf_done(&data);
    buf_done(&before);
    buf_done(&after);
    buf_done(&aad);
}

static void slots_are_used_again(void **state)
{
    struct vault_world *w = *state;
    hash32 folder = hash_of(1);
    addr20 holder = addr_of(2);
    struct buf keys;
    struct buf got;
    buf_init(&got, 64);
    for (int i = 0; i < 1100; i++)
        assert_ok(vault_wrap_put(w->vault, &folder, &holder, SLICE_LIT("x"), &w->err), &w->err);
    load(w, "rowkeys", &keys);
    assert_int_equal(keys.n, 4096 + 32 * 1024);
    assert_ok(vault_wrap_get(w->vault, &folder, &holder, &got, &w->err), &w->err);
    buf_done(&keys);
    buf_done(&got);
}

static void refuses_row_keys_that_lack_slots(void **state)
{
    struct vault_world *w = *state;
    hash32 folder = hash_of(1);
    addr20 holder = addr_of(2);
    struct vault_lmdb_config cfg = config_of(w);
    char path[512];
    assert_ok(vault_wrap_put(w->vault, &folder, &holder, SLICE_LIT("x"), &w->err), &w->err);
    vault_close(w->vault);
    w->vault = NULL;
    (void)snprintf(path, sizeof path, "%s/rowkeys", w->dir);
    assert_int_equal(remove(path), 0);
    assert_status(vault_lmdb_open(&cfg, &w->vault, &w->err), E_MISMATCH);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_deleted_row_cannot_be_opened_any_more),
        TEST(a_replaced_row_cannot_be_opened_any_more),
        TEST(a_crash_before_overwriting_is_made_good),
        TEST(slots_are_used_again),
        TEST(refuses_row_keys_that_lack_slots),
    };
    return cmocka_run_group_tests_name("vault_erase", tests, NULL, NULL);
}
