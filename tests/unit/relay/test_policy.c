/* SPDX-License-Identifier: Apache-2.0 */
/* What the relayer refuses before it asks the chain. */
#include "test.h"

#include "codec/eip712.h"
#include "contract/registry_abi.h"
#include "relay/policy.h"

static const struct secp_key key = {.b = {[31] = 7}};
static const struct policy rules = {.proxy = {.b = {1}},
                                    .forwarder = {.b = {2}},
                                    .chain_id = 31337,
                                    .now = 1000,
                                    .max_ahead_s = 600};

static int setup(void **state)
{
    struct buf *data = calloc(1, sizeof *data);
    assert_non_null(data);
    buf_init(data, 1 << 20);
    assert_status(secp_init(&random_system), OK);
    assert_status(registry_put_add_record(data, (hash32){{1}}, (hash32){{2}}, 1, (hash32){{3}}),
                  OK);
    *state = data;
    return 0;
}

static int teardown(void **state)
{
    struct buf *data = *state;
    buf_done(data);
    free(data);
    return 0;
}

static void sign(struct relay_request *r)
{
    const struct eip712_forward_request typed = {
        .from = r->from,
        .to = r->to,
        .value = r->value,
        .gas = u256_from_u64(r->gas),
        .nonce = u256_from_u64(r->nonce),
        .deadline = r->deadline,
        .data = r->data,
    };
    hash32 digest;
    eip712_forward_request_digest(rules.chain_id, rules.forwarder, &typed, &digest);
    assert_status(secp_sign(&key, &digest, r->sig65), OK);
}

/* A request that is fine and signed. */
static struct relay_request request(slice data)
{
    struct relay_request r = {
        .to = rules.proxy, .gas = 200000, .nonce = 4, .deadline = 1300, .data = data};
    assert_status(secp_key_addr(&key, &r.from), OK);
    sign(&r);
    return r;
}

static void assert_refused(struct relay_request r, status want, const char *field)
{
    struct err e = {0};
    sign(&r);
    assert_status(policy_check(&rules, &r, &e), want);
    if (strncmp(e.msg, field, strlen(field)) != 0)
        fail_msg("\"%s\" does not begin with %s", e.msg, field);
}

static void accepts_a_signed_call_of_a_user_function(void **state)
{
    struct err e = {0};
    struct relay_request r = request(buf_slice(*state));
    assert_ok(policy_check(&rules, &r, &e), &e);
}

static void names_the_field_that_is_wrong(void **state)
{
    struct relay_request r = request(buf_slice(*state));
    r.to.b[0] = 9;
    assert_refused(r, E_FORBIDDEN, "to:");
    r = request(buf_slice(*state));
    r.value = u256_from_u64(1);
    assert_refused(r, E_RANGE, "value:");
    r = request(buf_slice(*state));
    r.gas = POLICY_GAS_MIN - 1;
    assert_refused(r, E_RANGE, "gas:");
    r.gas = RELAY_GAS_MAX + 1;
    assert_refused(r, E_RANGE, "gas:");
    r = request(buf_slice(*state));
    r.deadline = rules.now;
    assert_refused(r, E_EXPIRED, "deadline:");
    r.deadline = rules.now + rules.max_ahead_s + 1;
    assert_refused(r, E_RANGE, "deadline:");
}

static void refuses_a_signature_over_anything_else(void **state)
{
    struct err e = {0};
    struct relay_request r = request(buf_slice(*state));
    r.nonce++;
    assert_status(policy_check(&rules, &r, &e), E_SIGNATURE);
    r = request(buf_slice(*state));
    r.from.b[0] ^= 1;
    assert_status(policy_check(&rules, &r, &e), E_SIGNATURE);
    r = request(buf_slice(*state));
    r.sig65[64] ^= 1;
    assert_status(policy_check(&rules, &r, &e), E_SIGNATURE);
}

static void refuses_registrar_and_unknown_functions(void **state)
{
    (void)state;
    struct buf d;
    buf_init(&d, 1000);
    assert_status(registry_put_register_account(&d, (addr20){{3}}, 1, 0), OK);
    assert_refused(request(buf_slice(&d)), E_FORBIDDEN, "data:");
    buf_clear(&d);
    assert_status(registry_put_grant_role(&d, (hash32){{0}}, (addr20){{3}}), OK);
    assert_refused(request(buf_slice(&d)), E_FORBIDDEN, "data:");
    assert_refused(request(SLICE_LIT("abc")), E_RANGE, "data:");
    buf_done(&d);
}

static void opens_multicalls_and_refuses_what_hides_in_them(void **state)
{
    struct err e = {0};
    struct buf d, hidden;
    buf_init(&d, 10000);
    buf_init(&hidden, 1000);
    slice good = buf_slice(*state);
    const slice fine[] = {good, good};
    assert_status(registry_put_multicall(&d, fine, 2), OK);
    struct relay_request r = request(buf_slice(&d));
    assert_ok(policy_check(&rules, &r, &e), &e);

    assert_status(registry_put_suspend_account(&hidden, (addr20){{3}}), OK);
    const slice bad[] = {good, buf_slice(&hidden)};
    buf_clear(&d);
    assert_status(registry_put_multicall(&d, bad, 2), OK);
    assert_refused(request(buf_slice(&d)), E_FORBIDDEN, "data:");

    buf_clear(&hidden);
    assert_status(buf_put(&hidden, buf_slice(&d)), OK);
    const slice nested[] = {buf_slice(&hidden)};
    buf_clear(&d);
    assert_status(registry_put_multicall(&d, nested, 1), OK);
    assert_refused(request(buf_slice(&d)), E_FORBIDDEN, "data:");
    buf_clear(&d);
    assert_status(registry_put_multicall(&d, NULL, 0), OK);
    assert_refused(request(buf_slice(&d)), E_RANGE, "data:");
    buf_done(&d);
    buf_done(&hidden);
}

/* One call of each function the policy knows, number i; false behind the last. */
static bool user_call(size_t i, struct buf *b)
{
    const hash32 h = {{1}};
    const addr20 a = {{3}};
    buf_clear(b);
    const status sts[] = {
        i == 0 ? registry_put_set_key_card(b, h) : OK,
        i == 1 ? registry_put_open_folder(b, h, h) : OK,
        i == 2 ? registry_put_rotate_folder(b, h, 1, h) : OK,
        i == 3 ? registry_put_transfer_folder(b, h, a) : OK,
        i == 4 ? registry_put_grant(b, h, h, a, 1, 0, 9, 1) : OK,
        i == 5 ? registry_put_revoke(b, h, h, a) : OK,
        i == 6 ? registry_put_add_record(b, h, h, 1, h) : OK,
        i == 7 ? registry_put_amend_record(b, h, h, 1, 1, h) : OK,
        i == 8 ? registry_put_reseal_record(b, h, h, 1, 1, h) : OK,
        i == 9 ? registry_put_set_record_status(b, h, h, 1, 2) : OK,
    };
    if (i >= sizeof sts / sizeof sts[0])
        return false;
    assert_status(sts[i], OK);
    return true;
}

static void takes_each_function_with_its_arguments_and_not_a_byte_more_or_less(void **state)
{
    struct err e = {0};
    struct buf call, multi;
    size_t n = 0;
    (void)state;
    buf_init(&call, 1000);
    buf_init(&multi, 10000);
    for (; user_call(n, &call); n++) {
        assert_ok(policy_check_data(buf_slice(&call), &e), &e);
        for (size_t cut = 4; cut < call.n; cut++)
            assert_status(policy_check_data(slice_of(call.p, cut), &e), E_RANGE);
        for (size_t more = 1; more <= 64; more++) {
            assert_status(buf_put_zero(&call, 1), OK);
            assert_status(policy_check_data(buf_slice(&call), &e), E_RANGE);
            const slice one[] = {buf_slice(&call)};
            buf_clear(&multi);
            assert_status(registry_put_multicall(&multi, one, 1), OK);
            assert_status(policy_check_data(buf_slice(&multi), &e), E_RANGE);
        }
    }
    assert_int_equal(n, 10);
    buf_done(&call);
    buf_done(&multi);
}

static void refuses_bytes_between_and_behind_the_calls_of_a_multicall(void **state)
{
    struct err e = {0};
    struct buf d;
    buf_init(&d, 10000);
    const slice calls[] = {buf_slice(*state), buf_slice(*state)};
    assert_status(registry_put_multicall(&d, calls, 2), OK);
    assert_ok(policy_check_data(buf_slice(&d), &e), &e);
    size_t whole = d.n;
    /* the last call moved by a word: selector, offset, length, offsets of the two calls */
    assert_status(buf_put_zero(&d, 32), OK);
    assert_status(policy_check_data(buf_slice(&d), &e), E_RANGE);
    size_t second = 4 + 64 + d.p[4 + 96 + 31] + ((size_t)d.p[4 + 96 + 30] << 8);
    memmove(d.p + second + 32, d.p + second, whole - second);
    d.p[4 + 96 + 31] = (uint8_t)(d.p[4 + 96 + 31] + 32);
    assert_status(policy_check_data(buf_slice(&d), &e), E_RANGE);
    /* the second call read a second time from where the first is: it lies behind for nobody */
    buf_clear(&d);
    assert_status(registry_put_multicall(&d, calls, 2), OK);
    memcpy(d.p + 4 + 96, d.p + 4 + 64, 32);
    assert_status(policy_check_data(buf_slice(&d), &e), E_RANGE);
    buf_done(&d);
}

static void refuses_every_truncated_multicall(void **state)
{
    struct err e = {0};
    struct buf d;
    buf_init(&d, 10000);
    const slice calls[] = {buf_slice(*state), buf_slice(*state)};
    assert_status(registry_put_multicall(&d, calls, 2), OK);
    for (size_t n = 0; n < d.n; n += 4)
        assert_int_not_equal(policy_check_data(slice_of(d.p, n), &e), OK);
    buf_done(&d);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(accepts_a_signed_call_of_a_user_function),
        CASE(names_the_field_that_is_wrong),
        CASE(refuses_a_signature_over_anything_else),
        CASE(refuses_registrar_and_unknown_functions),
        CASE(opens_multicalls_and_refuses_what_hides_in_them),
        CASE(takes_each_function_with_its_arguments_and_not_a_byte_more_or_less),
        CASE(refuses_bytes_between_and_behind_the_calls_of_a_multicall),
        CASE(refuses_every_truncated_multicall),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
