/* SPDX-License-Identifier: Apache-2.0 */
/* Dropping a body: its pin goes before its row, so that a failure between the two is made good. */
#include "test.h"

#include "api/sweep.h"
#include "codec/cid.h"
#include "content/content.h"
#include "tmpdir.h"

struct pins {
    struct content base; /* first */
    status next;         /* what the next unpin says */
    unsigned gone;
};

static status unpin(struct content *c, const hash32 *owner, const struct cid *cid,
                    struct err *reterr)
{
    struct pins *p = (struct pins *)c;
    (void)owner, (void)cid, (void)reterr;
    p->gone += p->next == OK;
    return p->next;
}

static void a_pin_that_stays_is_found_by_the_next_sweep(void **state)
{
    (void)state;
    static struct api a;
    static const struct content_ops ops = {.unpin = unpin};
    struct pins pins = {.base = {&ops}};
    struct err err = {0};
    struct arena arena;
    struct vault_body *list;
    slice after = SLICE_EMPTY;
    size_t n;
    char dir[256];
    uint8_t bin[CID_BIN_MAX];
    struct cid cid;
    tmpdir_make(dir, sizeof dir);
    struct vault_lmdb_config cfg = {
        .dir = dir, .clock = &clock_system, .random = &random_system, .map_bytes = 1 << 24};
    assert_int_equal(cid_of_content(CID_RAW, SLICE_LIT("body"), &cid), OK);
    struct vault_body b = {{{1}}, slice_of(bin, cid_write(&cid, bin))};
    arena_init(&arena, (size_t)1 << 20, false);
    a.cfg.content = &pins.base;
    assert_ok(vault_lmdb_open(&cfg, &a.cfg.vault, &err), &err);
    assert_ok(vault_lmdb_body_add(a.cfg.vault, &b.folder, b.cid, &err), &err);
    pins.next = E_NO_SPACE;
    assert_int_equal(body_drop_locked(&a, &b, UINT64_MAX, &err), E_NO_SPACE);
    assert_int_equal(vault_lmdb_body_has(a.cfg.vault, &b.folder, b.cid, &err), E_NOT_FOUND);
    assert_ok(vault_lmdb_stale_bodies(a.cfg.vault, 1, &after, &arena, &list, &n, &err), &err);
    assert_int_equal(n, 1);
    pins.next = OK;
    assert_ok(body_drop_locked(&a, &list[0], 1, &err), &err);
    assert_int_equal(pins.gone, 1);
    after = SLICE_EMPTY;
    assert_ok(vault_lmdb_stale_bodies(a.cfg.vault, UINT64_MAX, &after, &arena, &list, &n, &err),
              &err);
    assert_int_equal(n, 0);
    vault_close(a.cfg.vault);
    arena_done(&arena);
    tmpdir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pin_that_stays_is_found_by_the_next_sweep),
    };
    return cmocka_run_group_tests_name("api_sweep", tests, NULL, NULL);
}
