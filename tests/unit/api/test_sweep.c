/* SPDX-License-Identifier: Apache-2.0 */
/* The sweep: a body's pin goes before its row, so that a failure between the two is made good; what
 * fails holds up nothing else; whoever is barred stays so. */
#include "test.h"

#include "api/sweep.h"
#include "base/checked.h"
#include "codec/cid.h"
#include "content/content.h"
#include "contract/registry_abi.h"
#include "tmpdir.h"

#define NOW 1800000000u
#define PAGES 2u

struct pins {
    struct content base; /* first */
    status next;         /* what the next unpin says */
    unsigned gone;
    unsigned sweeps;
};

static status unpin(struct content *c, const hash32 *owner, const struct cid *cid,
                    struct err *reterr)
{
    struct pins *p = (struct pins *)c;
    (void)owner, (void)cid, (void)reterr;
    p->gone += p->next == OK;
    return p->next;
}

static status sweep_blocks(struct content *c, uint64_t age_s, struct content_swept *ret,
                           struct err *reterr)
{
    (void)age_s, (void)ret, (void)reterr;
    ((struct pins *)c)->sweeps++;
    return OK;
}

/* A chain of which nothing but accounts is asked. */
struct fake {
    struct ledger base;
    bool away;
    uint8_t barred; /* the first byte of addresses whose accounts are suspended */
};

static void account_answer(const struct fake *f, struct ledger_req *q, struct arena *a)
{
    uint8_t *words = arena_alloc(a, 96);
    bool barred = q->in.call.data.p[4 + 12] == f->barred;
    assert_non_null(words);
    memset(words, 0, 96);
    words[31] = REGISTRY_ROLE_PATIENT;
    words[63] = barred ? REGISTRY_ACCOUNT_SUSPENDED : REGISTRY_ACCOUNT_ACTIVE;
    q->out.data = slice_of(words, 96);
}

static status run(struct ledger *l, struct ledger_req *reqs, size_t n, struct arena *a,
                  struct err *reterr)
{
    const struct fake *f = (struct fake *)l;
    if (f->away)
        return ERR(reterr, E_UNAVAILABLE, "away");
    for (size_t i = 0; i < n; i++) {
        reqs[i].st = OK;
        memset(&reqs[i].out, 0, sizeof reqs[i].out);
        if (reqs[i].kind == LEDGER_CALL)
            account_answer(f, &reqs[i], a);
    }
    return OK;
}

static uint64_t now_s;
static uint64_t clock_now(void *ctx)
{
    (void)ctx;
    return now_s;
}
static const struct clock_src clock_fake = {.unix_s = clock_now, .mono_ms = clock_now};

static const struct content_ops pin_ops = {.unpin = unpin, .sweep = sweep_blocks};
static const struct ledger_ops chain_ops = {.run = run};

/* A node's stores, without its server. */
struct node {
    struct api a;
    struct pins pins;
    struct fake chain;
    char dir[256];
    struct err err;
};

static struct node *node_new(void)
{
    struct node *n = calloc(1, sizeof *n);
    assert_non_null(n);
    now_s = NOW;
    tmpdir_make(n->dir, sizeof n->dir);
    struct vault_lmdb_config cfg = {
        .dir = n->dir, .clock = &clock_fake, .random = &random_system, .map_bytes = 1 << 26};
    n->pins.base.ops = &pin_ops;
    n->chain.base = (struct ledger){.ops = &chain_ops, .clock = &clock_fake};
    n->a.cfg = (struct api_config){.content = &n->pins.base,
                                   .ledger = &n->chain.base,
                                   .clock = &clock_fake,
                                   .confirmations = 1, /* the index is asked for none of block 0 */
                                   .sweep_age_s = 3600};
    pthread_rwlock_init(&n->a.body_lock, NULL);
    assert_ok(vault_lmdb_open(&cfg, &n->a.cfg.vault, &n->err), &n->err);
    assert_ok(chain_reader_new(n->a.cfg.ledger, (addr20){{0}}, &clock_fake, &n->a.chain, &n->err),
              &n->err);
    return n;
}

static void node_free(struct node *n)
{
    chain_reader_free(n->a.chain);
    vault_close(n->a.cfg.vault);
    pthread_rwlock_destroy(&n->a.body_lock);
    tmpdir_remove(n->dir);
    free(n);
}

static void body_put(struct node *n, uint32_t i)
{
    uint8_t bytes[4];
    uint8_t bin[CID_BIN_MAX];
    struct cid cid;
    be32_write(bytes, i);
    assert_int_equal(cid_of_content(CID_RAW, slice_of(bytes, sizeof bytes), &cid), OK);
    assert_ok(vault_lmdb_body_add(n->a.cfg.vault, &(hash32){{1}},
                                  slice_of(bin, cid_write(&cid, bin)), &n->err),
              &n->err);
}

static void sweeps_more_bodies_than_fit_into_its_memory(void **state)
{
    (void)state;
    struct node *n = node_new();
    struct api_swept swept;
    for (uint32_t i = 0; i < PAGES * VAULT_BODIES_PAGE; i++)
        body_put(n, i);
    now_s += 3601;
    assert_ok(api_sweep(&n->a, &swept, &n->err), &n->err);
    assert_int_equal(swept.bodies, PAGES * VAULT_BODIES_PAGE);
    assert_int_equal(n->pins.gone, PAGES * VAULT_BODIES_PAGE);
    node_free(n);
}

static void sweeps_what_it_can_when_the_ledger_is_away(void **state)
{
    (void)state;
    struct node *n = node_new();
    struct api_swept swept;
    struct arena arena;
    struct vault_reg reg;
    uint64_t time;
    addr20 somebody = {{7}};
    arena_init(&arena, 1 << 16, false);
    body_put(n, 0);
    assert_ok(vault_lmdb_reg_put(n->a.cfg.vault, &somebody, SLICE_LIT("{}"),
                                 &(struct vault_reg_from){{0}, {0}}, 0, &time, &n->err),
              &n->err);
    now_s += 31 * 86400;
    n->chain.away = true;
    assert_int_equal(api_sweep(&n->a, &swept, &n->err), E_UNAVAILABLE);
    assert_string_equal(n->err.msg, "away");
    assert_int_equal(n->pins.gone, 1);
    assert_int_equal(n->pins.sweeps, 1);
    assert_int_equal(vault_lmdb_reg_get(n->a.cfg.vault, &somebody, &arena, &reg, &n->err),
                     E_NOT_FOUND);
    arena_done(&arena);
    node_free(n);
}

static void keeps_a_certificate_that_is_over_while_its_account_is_barred(void **state)
{
    (void)state;
    enum { ALL = VAULT_CERTS_PAGE + 20 };
    struct node *n = node_new();
    struct api_swept swept;
    struct vault_cert cert = {.not_after = NOW + 10, .json = SLICE_LIT("{}")};
    struct vault_cert got;
    for (unsigned i = 0; i < ALL; i++) { /* the last ones are of somebody else */
        addr20 member = {{(uint8_t)i, 1}};
        cert.account = (addr20){{i < VAULT_CERTS_PAGE ? 5 : 6}};
        assert_ok(vault_cert_put(n->a.cfg.vault, &member, &cert, &n->err), &n->err);
    }
    n->chain.barred = 5;
    now_s += 10;
    assert_ok(api_sweep(&n->a, &swept, &n->err), &n->err);
    assert_int_equal(swept.certificates, ALL - VAULT_CERTS_PAGE);
    assert_int_equal(vault_cert_get(n->a.cfg.vault, &(addr20){{0, 1}}, &got, NULL, &n->err), OK);
    n->chain.barred = 0;
    now_s += 1;
    chain_reader_free(n->a.chain); /* what it keeps is of the same block */
    assert_ok(chain_reader_new(n->a.cfg.ledger, (addr20){{0}}, &clock_fake, &n->a.chain, &n->err),
              &n->err);
    assert_ok(api_sweep(&n->a, &swept, &n->err), &n->err);
    assert_int_equal(swept.certificates, VAULT_CERTS_PAGE);
    node_free(n);
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
        cmocka_unit_test(sweeps_more_bodies_than_fit_into_its_memory),
        cmocka_unit_test(sweeps_what_it_can_when_the_ledger_is_away),
        cmocka_unit_test(keeps_a_certificate_that_is_over_while_its_account_is_barred),
    };
    return cmocka_run_group_tests_name("api_sweep", tests, NULL, NULL);
}
