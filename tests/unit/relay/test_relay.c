/* SPDX-License-Identifier: Apache-2.0 */
/* The relayer over a ledger that answers as it is told: what is counted, who is blamed, and who
 * holds up whom. */
#include "test.h"

#include "codec/abi.h"
#include "codec/eip712.h"
#include "codec/tx.h"
#include "contract/registry_abi.h"
#include "relay/cost.h"
#include "relay/policy.h"
#include "relay/relay.h"

#define NOW 1000000u

/* Where the ledger may fail. */
enum fail { FAIL_HEAD, FAIL_ACCOUNT, FAIL_DRY_RUN, FAIL_SEND, FAIL_RECEIPT, FAIL_KINDS };

/* The chain: every address is an active account. */
struct fake {
    struct ledger base;
    uint64_t nonce;  /* of every signer at the forwarder */
    bool is_failing; /* transactions are mined and fail */
    size_t sent;
    uint64_t sent_gas;        /* limit of the last transaction */
    uint64_t needs_gas;       /* of a call that is tried with a limit */
    void (*in_check)(void);   /* runs once, when nonces were told */
    void (*in_dry_run)(void); /* runs once, when calls were tried */
    status fails[FAIL_KINDS]; /* OK: does not */
};

static struct fake chain;
static struct relay *relay;
static const struct secp_key alice = {.b = {[31] = 7}};
static const struct secp_key bob = {.b = {[31] = 8}};
static const addr20 proxy = {{1}};
static const addr20 forwarder = {{2}};

/* --- the ledger ------------------------------------------------------------------------------ */

static uint64_t always(void *ctx)
{
    (void)ctx;
    return NOW;
}

static const struct clock_src fake_clock = {.unix_s = always, .mono_ms = always};

static slice words(struct arena *a, const uint64_t *v, size_t n)
{
    uint8_t *p = arena_alloc(a, n * ABI_WORD);
    assert_non_null(p);
    memset(p, 0, n * ABI_WORD);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < 8; k++)
            p[(i + 1) * ABI_WORD - 1 - k] = (uint8_t)(v[i] >> (8 * k));
    return slice_of(p, n * ABI_WORD);
}

static void call_answer(struct ledger_req *q, struct arena *a, bool *ret_nonces, bool *ret_dry)
{
    static const uint64_t active[] = {REGISTRY_ROLE_PATIENT, REGISTRY_ACCOUNT_ACTIVE, 0};
    slice data = q->in.call.data;
    q->out.data = SLICE_EMPTY;
    if (memcmp(data.p, registry_sel_accountOf, 4) == 0) {
        q->out.data = words(a, active, 3);
    } else if (memcmp(data.p, forwarder_sel_nonces, 4) == 0) {
        q->out.data = words(a, &chain.nonce, 1);
        *ret_nonces = true;
    } else if (memcmp(data.p, registry_sel_keyCardHashOf, 4) != 0) {
        *ret_dry = true;
        if (q->in.call.gas != 0 && q->in.call.gas < chain.needs_gas)
            q->st = E_REVERTED;
    }
}

static void run_once(void (**f)(void))
{
    void (*now)(void) = *f;
    *f = NULL;
    if (now != NULL)
        now();
}

static void send_answer(struct ledger_req *q)
{
    struct tx t;
    struct err e = {0};
    assert_ok(tx_read(q->in.raw, &t, &e), &e);
    chain.sent++;
    chain.sent_gas = t.gas;
    chain.nonce++;
}

static status failure_of(const struct ledger_req *q)
{
    const slice data = q->kind == LEDGER_CALL ? q->in.call.data : SLICE_EMPTY;
    switch (q->kind) {
    case LEDGER_BLOCK:
        return chain.fails[FAIL_HEAD];
    case LEDGER_SEND:
        return chain.fails[FAIL_SEND];
    case LEDGER_RECEIPT:
        return chain.fails[FAIL_RECEIPT];
    case LEDGER_CALL:
        if (memcmp(data.p, registry_sel_accountOf, 4) == 0)
            return chain.fails[FAIL_ACCOUNT];
        return memcmp(data.p, registry_sel_setKeyCard, 4) == 0 ? chain.fails[FAIL_DRY_RUN] : OK;
    default:
        return OK;
    }
}

static status on_run(struct ledger *l, struct ledger_req *reqs, size_t n, struct arena *a,
                     struct err *reterr)
{
    (void)l;
    (void)reterr;
    bool nonces = false;
    bool dry = false;
    for (size_t i = 0; i < n; i++) {
        struct ledger_req *q = &reqs[i];
        q->st = failure_of(q);
        if (q->st != OK) {
            (void)ERR(&q->err, q->st, "fake");
            continue;
        }
        if (q->kind == LEDGER_CALL)
            call_answer(q, a, &nonces, &dry);
        else
            memset(&q->out, 0, sizeof q->out);
        if (q->kind == LEDGER_CHAIN_ID)
            q->out.number = 31337;
        if (q->kind == LEDGER_SEND)
            send_answer(q);
        if (q->kind == LEDGER_RECEIPT)
            q->out.receipt.ok = !chain.is_failing;
    }
    if (nonces)
        run_once(&chain.in_check);
    if (dry)
        run_once(&chain.in_dry_run);
    return OK;
}

static const struct ledger_ops ops = {.run = on_run};

/* --- requests -------------------------------------------------------------------------------- */

static struct buf card_call; /* setKeyCard */

static struct relay_request request(const struct secp_key *key, uint64_t nonce, uint64_t gas)
{
    struct relay_request r = {.to = proxy,
                              .gas = gas,
                              .nonce = nonce,
                              .deadline = NOW + 300,
                              .data = buf_slice(&card_call)};
    hash32 digest;
    assert_status(secp_key_addr(key, &r.from), OK);
    const struct eip712_forward_request typed = {.from = r.from,
                                                 .to = r.to,
                                                 .gas = u256_from_u64(gas),
                                                 .nonce = u256_from_u64(nonce),
                                                 .deadline = r.deadline,
                                                 .data = r.data};
    eip712_forward_request_digest(31337, forwarder, &typed, &digest);
    assert_status(secp_sign(key, &digest, r.sig65), OK);
    return r;
}

static status run(const struct relay_request *list, size_t n, size_t *ret_index)
{
    struct relay_result result;
    struct err e = {0};
    return relay_run(relay, list, n, &result, ret_index, &e);
}

static status run_one(const struct relay_request *r)
{
    size_t index;
    return run(r, 1, &index);
}

static void open_with(uint64_t gas_a_day)
{
    struct err e = {0};
    const struct relay_config cfg = {.ledger = &chain.base,
                                     .clock = &fake_clock,
                                     .random = &random_system,
                                     .proxy = proxy,
                                     .forwarder = forwarder,
                                     .chain_id = 31337,
                                     .key = {.b = {[31] = 1}},
                                     .gas_a_day = gas_a_day};
    assert_ok(relay_open(&cfg, &relay, &e), &e);
}

static int setup(void **state)
{
    (void)state;
    assert_status(secp_init(&random_system), OK);
    chain = (struct fake){.base = {.ops = &ops, .clock = &fake_clock}};
    buf_init(&card_call, 1000);
    assert_status(registry_put_set_key_card(&card_call, (hash32){{9}}), OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    relay_close(relay);
    relay = NULL;
    buf_done(&card_call);
    return 0;
}

/* --- tests ----------------------------------------------------------------------------------- */

static void counts_the_gas_limit_that_it_pays_for(void **state)
{
    struct relay_request r = request(&alice, 0, 30000);
    uint64_t each = cost_gas(&r, 1);
    (void)state;
    open_with(3 * each + each / 2);
    for (uint64_t i = 0; i < 3; i++) {
        r = request(&alice, i, 30000);
        assert_status(run_one(&r), OK);
        assert_int_equal(chain.sent_gas, each);
    }
    r = request(&alice, 3, 30000);
    assert_status(run_one(&r), E_RATE);
    assert_int_equal(chain.sent, 3);
    r = request(&bob, 3, 30000);
    assert_status(run_one(&r), OK);
}

static void each_account_of_a_batch_takes_its_own_part(void **state)
{
    const struct relay_request both[] = {request(&alice, 0, 30000), request(&bob, 0, 900000)};
    uint64_t parts[RELAY_BATCH_MAX];
    size_t index;
    (void)state;
    cost_parts(both, 2, parts);
    struct relay_request small = request(&alice, 1, 30000);
    open_with(parts[1]);
    assert_status(run(both, 2, &index), OK);
    assert_status(run_one(&small), OK); /* plenty left of hers */
    small = request(&bob, 2, 30000);
    assert_status(run_one(&small), E_RATE); /* nothing of his */
}

static void an_account_without_room_costs_the_others_of_the_batch_nothing(void **state)
{
    const struct relay_request both[] = {request(&alice, 0, 900000), request(&bob, 0, 1000000)};
    struct relay_request alone = request(&alice, 0, 900000);
    size_t index;
    (void)state;
    open_with(cost_gas(&alone, 1));
    assert_status(run(both, 2, &index), E_RATE);
    assert_int_equal(index, 1);
    assert_status(run_one(&alone), OK);
}

static void blames_nobody_when_the_transaction_fails(void **state)
{
    const struct relay_request both[] = {request(&alice, 0, 30000), request(&bob, 0, 30000)};
    size_t index;
    (void)state;
    open_with(0);
    chain.is_failing = true;
    assert_status(run(both, 2, &index), E_CONFLICT);
    assert_int_equal(index, 2);
}

/* 21,000, and 40 for each byte of the call and of the signer behind it. */
static void a_call_that_would_run_out_of_its_gas_is_not_paid_for(void **state)
{
    struct relay_request r = request(&alice, 0, 50000);
    const struct relay_request both[] = {r, request(&alice, 1, 50000)};
    size_t index;
    (void)state;
    open_with(0);
    chain.needs_gas = 50000 + 21000 + 40 * (4 + 32 + 20) + 1;
    assert_status(run_one(&r), E_REVERTED);
    assert_int_equal(chain.sent, 0);
    chain.needs_gas--;
    assert_status(run_one(&r), OK);
    chain.nonce = 0;
    chain.needs_gas = UINT64_MAX;
    assert_status(run(both, 2, &index), OK);
}

static struct relay_request next; /* of alice, sent in the middle of another request's check */
static status next_st;

static void send_next(void)
{
    next_st = run_one(&next);
}

static void a_replay_does_not_hold_up_its_signer(void **state)
{
    struct relay_request mined = request(&alice, 0, 30000);
    (void)state;
    open_with(0);
    assert_status(run_one(&mined), OK);
    next = request(&alice, 1, 30000);
    chain.in_check = send_next;
    assert_status(run_one(&mined), E_REPLAY);
    assert_status(next_st, OK);
}

static void a_replayed_batch_holds_up_none_of_its_signers(void **state)
{
    const struct relay_request mined[] = {request(&bob, 0, 30000), request(&alice, 0, 30000)};
    size_t index;
    (void)state;
    open_with(0);
    assert_status(run(mined, 2, &index), OK);
    next = request(&alice, 1, 30000);
    chain.in_check = send_next;
    assert_status(run(mined, 2, &index), E_REPLAY);
    assert_status(next_st, OK);
}

static void a_copy_that_was_overtaken_is_not_paid_for_again(void **state)
{
    (void)state;
    open_with(0);
    next = request(&alice, 0, 30000);
    struct relay_request copy = next;
    chain.in_check = send_next; /* mined between the copy's check and its turn */
    assert_status(run_one(&copy), E_REPLAY);
    assert_status(next_st, OK);
    assert_int_equal(chain.sent, 1);
}

static void a_copy_waits_for_the_one_that_is_on_its_way(void **state)
{
    (void)state;
    open_with(0);
    next = request(&alice, 0, 30000);
    struct relay_request first = next;
    chain.in_dry_run = send_next;
    assert_status(run_one(&first), OK);
    assert_status(next_st, E_CONFLICT);
    assert_int_equal(chain.sent, 1);
}

static status run_failing(enum fail where, status st, struct err *e)
{
    struct relay_request r = request(&alice, chain.nonce, 30000);
    struct relay_result result;
    size_t index;
    chain.fails[where] = st;
    st = relay_run(relay, &r, 1, &result, &index, e);
    chain.fails[where] = OK;
    return st;
}

static void a_ledger_that_fails_is_no_signers_fault(void **state)
{
    static const status theirs[] = {E_NOT_FOUND, E_RANGE,    E_RATE,      E_UNSUPPORTED, E_USAGE,
                                    E_MISMATCH,  E_CONFLICT, E_FORBIDDEN, E_CORRUPT};
    (void)state;
    open_with(0);
    for (unsigned where = 0; where < FAIL_KINDS; where++)
        for (size_t i = 0; i < sizeof theirs / sizeof *theirs; i++) {
            struct err e = {0};
            if (where == FAIL_RECEIPT && (theirs[i] == E_NOT_FOUND || theirs[i] == E_RATE))
                continue; /* not mined yet, or not to be learnt yet */
            assert_status(run_failing(where, theirs[i], &e), E_UNAVAILABLE);
            assert_non_null(strstr(e.msg, "ledger: "));
            assert_non_null(strstr(e.msg, "fake"));
        }
}

static void a_call_that_the_contract_refuses_is_its_signers(void **state)
{
    struct err e = {0};
    (void)state;
    open_with(0);
    assert_status(run_failing(FAIL_DRY_RUN, E_REVERTED, &e), E_REVERTED);
    assert_status(run_failing(FAIL_SEND, E_REVERTED, &e), E_REVERTED);
    assert_int_equal(chain.sent, 0);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(counts_the_gas_limit_that_it_pays_for),
        CASE(each_account_of_a_batch_takes_its_own_part),
        CASE(an_account_without_room_costs_the_others_of_the_batch_nothing),
        CASE(blames_nobody_when_the_transaction_fails),
        CASE(a_call_that_would_run_out_of_its_gas_is_not_paid_for),
        CASE(a_replay_does_not_hold_up_its_signer),
        CASE(a_replayed_batch_holds_up_none_of_its_signers),
        CASE(a_copy_that_was_overtaken_is_not_paid_for_again),
        CASE(a_copy_waits_for_the_one_that_is_on_its_way),
        CASE(a_ledger_that_fails_is_no_signers_fault),
        CASE(a_call_that_the_contract_refuses_is_its_signers),
    };
    return cmocka_run_group_tests_name("relay", tests, NULL, NULL);
}
