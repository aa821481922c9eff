/* SPDX-License-Identifier: Apache-2.0 */
/* Every line of precompile_vectors.txt (made by other implementations), and the sets of the forks.
 */
#include "test.h"

#include "evm/precompile.h"

struct vector {
    char name[64];
    enum evm_rev rev;
    addr20 addr;
    bool ok;
    int64_t gas;
    struct buf in, out;
};

static addr20 low_addr(unsigned n)
{
    addr20 a = {{0}};
    a.b[18] = (uint8_t)(n >> 8);
    a.b[19] = (uint8_t)n;
    return a;
}

static slice next_word(slice *line)
{
    const uint8_t *end = memchr(line->p, ' ', line->n);
    size_t n = end != NULL ? (size_t)(end - line->p) : line->n;
    slice word = slice_first(*line, n);
    *line = slice_after(*line, n + 1);
    return word;
}

static enum evm_rev rev_of(slice name)
{
    static const struct {
        const char *name;
        enum evm_rev rev;
    } revs[] = {{"Frontier", EVM_FRONTIER}, {"Byzantium", EVM_BYZANTIUM},
                {"Istanbul", EVM_ISTANBUL}, {"Berlin", EVM_BERLIN},
                {"Cancun", EVM_CANCUN},     {"Prague", EVM_PRAGUE},
                {"Osaka", EVM_OSAKA}};
    for (size_t i = 0; i < sizeof revs / sizeof revs[0]; i++)
        if (slice_eq_str(name, revs[i].name))
            return revs[i].rev;
    fail_msg("fork %.*s", (int)name.n, (const char *)name.p);
    return EVM_OSAKA;
}

static void bytes_of(slice word, struct buf *ret)
{
    buf_init(ret, (size_t)1 << 20);
    if (!slice_eq_str(word, "-"))
        assert_status(hex_read_buf(word, ret), OK);
}

static void vector_read(slice line, struct vector *v)
{
    char num[24];
    slice name = next_word(&line);
    (void)snprintf(v->name, sizeof v->name, "%.*s", (int)name.n, (const char *)name.p);
    v->rev = rev_of(next_word(&line));
    slice word = next_word(&line);
    (void)snprintf(num, sizeof num, "%.*s", (int)word.n, (const char *)word.p);
    v->addr = low_addr((unsigned)strtoul(num, NULL, 16));
    word = next_word(&line);
    v->ok = !slice_eq_str(word, "fail");
    (void)snprintf(num, sizeof num, "%.*s", (int)word.n, (const char *)word.p);
    v->gas = v->ok ? strtoll(num, NULL, 10) : 0;
    bytes_of(next_word(&line), &v->in);
    bytes_of(next_word(&line), &v->out);
}

static bool needs_blst(const struct vector *v)
{
    return v->addr.b[18] == 0 && v->addr.b[19] >= 0x0a;
}

#define PLENTY ((int64_t)1 << 50)

/* Returns whether v is as it should be, and says what is not. */
static bool vector_holds(const struct vector *v, struct buf *out)
{
    struct precompile_result r;
    assert_true(precompile_is(v->rev, &v->addr));
    assert_status(precompile_run(v->rev, &v->addr, buf_slice(&v->in), PLENTY, out, &r), OK);
    bool want_ok = v->ok && (precompile_has_blst() || !needs_blst(v));
    if (r.ok != want_ok) {
        print_message("%s: %s\n", v->name, r.ok ? "succeeds" : "fails");
        return false;
    }
    if (!want_ok)
        return out->n == 0;
    if (r.gas_cost != v->gas)
        print_message("%s: gas %lld, not %lld\n", v->name, (long long)r.gas_cost,
                      (long long)v->gas);
    bool same = slice_eq(buf_slice(out), buf_slice(&v->out));
    if (!same)
        print_message("%s: other output\n", v->name);
    if (r.gas_cost != v->gas || !same)
        return false;
    /* Exactly the price is enough, one less is not. */
    assert_status(precompile_run(v->rev, &v->addr, buf_slice(&v->in), v->gas, out, &r), OK);
    assert_true(r.ok && r.gas_cost == v->gas);
    if (v->gas > 0) {
        assert_status(precompile_run(v->rev, &v->addr, buf_slice(&v->in), v->gas - 1, out, &r), OK);
        assert_false(r.ok);
        assert_int_equal(out->n, 0);
    }
    return true;
}

static void gives_what_other_implementations_give(void **state)
{
    (void)state;
    struct buf file, out;
    struct err e;
    size_t bad = 0, n = 0;
    buf_init(&file, (size_t)4 << 20);
    buf_init(&out, PRECOMPILE_OUTPUT_CAP);
    assert_ok(file_read(PRECOMPILE_VECTORS, &file, &e), &e);
    for (slice rest = buf_slice(&file); rest.n > 0;) {
        const uint8_t *end = memchr(rest.p, '\n', rest.n);
        size_t len = end != NULL ? (size_t)(end - rest.p) : rest.n;
        slice line = slice_first(rest, len);
        rest = slice_after(rest, len + 1);
        if (line.n == 0 || line.p[0] == '#')
            continue;
        struct vector v;
        vector_read(line, &v);
        bad += vector_holds(&v, &out) ? 0 : 1;
        n++;
        buf_done(&v.in);
        buf_done(&v.out);
    }
    buf_done(&file);
    buf_done(&out);
    assert_true(n > 300);
    assert_int_equal(bad, 0);
}

static void every_fork_has_its_set(void **state)
{
    (void)state;
    static const struct {
        enum evm_rev rev;
        size_t n;
    } sets[] = {{EVM_FRONTIER, 4},   {EVM_SPURIOUS, 4}, {EVM_BYZANTIUM, 8},
                {EVM_PETERSBURG, 8}, {EVM_ISTANBUL, 9}, {EVM_SHANGHAI, 9},
                {EVM_CANCUN, 10},    {EVM_PRAGUE, 17},  {EVM_OSAKA, 18}};
    addr20 list[PRECOMPILE_MAX];
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        size_t n = precompile_list(sets[i].rev, list);
        assert_int_equal(n, sets[i].n);
        for (size_t k = 0; k < n; k++) {
            addr20 want = low_addr(k == 17 ? 0x100 : (unsigned)k + 1);
            assert_memory_equal(list[k].b, want.b, 20);
        }
    }
}

static void other_addresses_are_none(void **state)
{
    (void)state;
    static const unsigned none[] = {0, 0x12, 0xff, 0x101, 0x201};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        addr20 a = low_addr(none[i]);
        assert_false(precompile_is(EVM_OSAKA, &a));
    }
    addr20 a = low_addr(1);
    a.b[0] = 1;
    assert_false(precompile_is(EVM_OSAKA, &a));
}

static void fails_without_gas_and_leaves_no_old_output(void **state)
{
    (void)state;
    struct precompile_result r;
    struct buf out;
    addr20 a = low_addr(4);
    buf_init(&out, PRECOMPILE_OUTPUT_CAP);
    assert_status(precompile_run(EVM_OSAKA, &a, SLICE_LIT("abc"), 18, &out, &r), OK);
    assert_true(r.ok);
    assert_slice(buf_slice(&out), SLICE_LIT("abc"));
    assert_status(precompile_run(EVM_OSAKA, &a, SLICE_LIT("abc"), 17, &out, &r), OK);
    assert_false(r.ok);
    assert_int_equal(out.n, 0);
    buf_done(&out);
}

static void tells_when_blst_is_absent(void **state)
{
    (void)state;
    if (!precompile_has_blst()) {
        print_message("SKIPPED %s: no blst (run tools/blst-setup)\n", __func__);
        skip();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_what_other_implementations_give),
        cmocka_unit_test(every_fork_has_its_set),
        cmocka_unit_test(other_addresses_are_none),
        cmocka_unit_test(fails_without_gas_and_leaves_no_old_output),
        cmocka_unit_test(tells_when_blst_is_absent),
    };
    return cmocka_run_group_tests_name("precompile", tests, NULL, NULL);
}
