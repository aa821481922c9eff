/* SPDX-License-Identifier: Apache-2.0 */
/* Who may have how many uploads in pieces at a time. */
#include "test.h"

#include "api/uploads.h"
#include "content/local.h"
#include "tmpdir.h"

static char dir[256];
static struct content *store;
static struct uploads uploads;

static uint64_t unix_s;
static uint64_t mono_ms;
static uint64_t unix_now(void *ctx)
{
    (void)ctx;
    return unix_s;
}
static uint64_t mono_now(void *ctx)
{
    (void)ctx;
    return mono_ms;
}
static const struct clock_src clock_fake = {.unix_s = unix_now, .mono_ms = mono_now};

/* The n-th upload: by a signer for an account in a folder. */
static status add(unsigned n, uint8_t signer, uint8_t account, uint8_t folder)
{
    struct err e = {0};
    struct upload_row row = {.id = {{1, (uint8_t)n}},
                             .folder = {{folder}},
                             .signer = {{signer}},
                             .account = {{account}}};
    assert_ok(content_put_begin(store, &row.put, &e), &e);
    return uploads_add(&uploads, &row, &e);
}

static void a_signer_has_four(void **state)
{
    (void)state;
    for (unsigned i = 0; i < UPLOADS_EACH; i++)
        assert_status(add(i, 1, 1, (uint8_t)i), OK);
    assert_status(add(9, 1, 1, 9), E_RATE);
    assert_status(add(9, 2, 1, 9), OK);
}

static void an_account_has_eight_by_whatever_signers_and_folders(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2 * UPLOADS_EACH; i++)
        assert_status(add(i, (uint8_t)i, 1, (uint8_t)i), OK);
    assert_status(add(99, 99, 1, 99), E_RATE);
    assert_status(add(99, 99, 2, 99), OK);
}

static void a_folder_has_eight(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2 * UPLOADS_EACH; i++)
        assert_status(add(i, (uint8_t)i, (uint8_t)i, 1), OK);
    assert_status(add(99, 99, 99, 1), E_RATE);
    assert_status(add(99, 99, 99, 2), OK);
}

static void one_that_ends_makes_room(void **state)
{
    struct err e = {0};
    struct upload_row *row = NULL;
    (void)state;
    for (unsigned i = 0; i < UPLOADS_EACH; i++)
        assert_status(add(i, 1, 1, 1), OK);
    const hash32 id = {{1, 2}};
    const hash32 folder = {{1}};
    const addr20 signer = {{1}};
    assert_ok(uploads_take(&uploads, &id, &folder, &signer, &row, &e), &e);
    uploads_end(&uploads, row);
    assert_status(add(9, 1, 1, 1), OK);
    assert_status(add(10, 1, 1, 1), E_RATE);
}

/* Who asks after a cut must not take it for one that is gone. */
static void one_that_is_being_finished_is_busy(void **state)
{
    struct err e = {0};
    struct upload_row *row = NULL;
    struct upload_row *other = NULL;
    const hash32 id = {{1, 0}};
    const hash32 folder = {{1}};
    const addr20 signer = {{1}};
    (void)state;
    assert_status(add(0, 1, 1, 1), OK);
    assert_ok(uploads_take(&uploads, &id, &folder, &signer, &row, &e), &e);
    content_put_abort(uploads_finish(&uploads, row));
    assert_status(uploads_take(&uploads, &id, &folder, &signer, &other, &e), E_CONFLICT);
    uploads_end(&uploads, row);
    assert_status(uploads_take(&uploads, &id, &folder, &signer, &other, &e), E_NOT_FOUND);
}

static bool is_there(void)
{
    struct err e = {0};
    struct upload_row *row = NULL;
    const hash32 id = {{1, 0}};
    const hash32 folder = {{1}};
    const addr20 signer = {{1}};
    if (uploads_take(&uploads, &id, &folder, &signer, &row, &e) != OK)
        return false;
    uploads_give(&uploads, row);
    return true;
}

static void a_clock_that_is_set_ends_none(void **state)
{
    (void)state;
    assert_status(add(0, 1, 1, 1), OK);
    unix_s -= 1;
    uploads_expire(&uploads, 3000);
    assert_true(is_there());
    unix_s += 1000000;
    uploads_expire(&uploads, 3000);
    assert_true(is_there());
    mono_ms -= 1; /* not even if a thread came late with its time */
    uploads_expire(&uploads, 3000);
    assert_true(is_there());
}

static void one_ends_that_is_idle_or_old(void **state)
{
    (void)state;
    assert_status(add(0, 1, 1, 1), OK);
    mono_ms += UPLOAD_IDLE_S * 1000u;
    uploads_expire(&uploads, 3000);
    assert_true(is_there());
    mono_ms += UPLOAD_IDLE_S * 1000u + 1;
    uploads_expire(&uploads, 3000);
    assert_false(is_there());
    assert_status(add(0, 1, 1, 1), OK);
    for (unsigned i = 0; i < 4; i++) {
        assert_true(is_there());
        uploads_expire(&uploads, 3000);
        mono_ms += 800000;
    }
    uploads_expire(&uploads, 3000);
    assert_false(is_there());
}

static int setup(void **state)
{
    struct err e = {0};
    (void)state;
    tmpdir_make(dir, sizeof dir);
    if (content_local_open(dir, (uint64_t)1 << 30, &clock_system, &store, &e) != OK)
        return -1;
    content_local_reserve(store, 0);
    unix_s = mono_ms = 1000000;
    uploads_init(&uploads, &clock_fake);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    uploads_done(&uploads);
    content_close(store);
    tmpdir_remove(dir);
    return 0;
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_signer_has_four),
        CASE(an_account_has_eight_by_whatever_signers_and_folders),
        CASE(a_folder_has_eight),
        CASE(one_that_ends_makes_room),
        CASE(one_that_is_being_finished_is_busy),
        CASE(a_clock_that_is_set_ends_none),
        CASE(one_ends_that_is_idle_or_old),
    };
    return cmocka_run_group_tests_name("api_uploads", tests, NULL, NULL);
}
