/* SPDX-License-Identifier: Apache-2.0 */
/* Each post of a state test: execute the signed transaction it gives on the state before, compare
 * state root and logs hash, or the reason of the refusal. */
#include "statetest.h"

#include <stdio.h>
#include <stdlib.h>

#include "chain/receipt.h"
#include "chain/tx_exec.h"
#include "conf_state.h"
#include "crypto/keccak.h"

#define LOGS_CAP ((size_t)1 << 30)

struct worker {
    struct evm *vm;
    bool absent; /* the last case called a contract that this build lacks */
};

struct state_case {
    struct json test;
    struct json post;
    struct chain_rules rules;
    struct evm_block block;
    slice expected; /* exception; empty: none */
    hash32 want_root;
    hash32 want_logs;
    slice raw; /* the transaction */
};

static void *worker_new(void)
{
    struct worker *w = calloc(1, sizeof *w);
    if (w != NULL && (w->vm = evm_new()) == NULL) {
        free(w);
        w = NULL;
    }
    return w;
}

static void worker_free(void *arg)
{
    struct worker *w = arg;
    evm_free(w->vm);
    free(w);
}

static bool fork_is_known(slice name)
{
    enum evm_rev rev;
    return evm_rev_read(name, &rev) == OK;
}

/* The suites' block hashes: of the decimal text of the number. */
static hash32 block_hash(void *ctx, uint64_t number)
{
    char text[U256_DEC_MAX];
    hash32 h;
    (void)ctx;
    keccak256(slice_of(text, u256_dec(u256_from_u64(number), text)), &h);
    return h;
}

/* A gas limit may be above 2^63: no transaction can be. */
static status read_gas_limit(struct json v, uint64_t *ret, struct err *reterr)
{
    u256 n;
    status s = conf_u256(v, &n, reterr);
    if (s == OK)
        *ret = u256_fits_u64(n) && n.w[0] < INT64_MAX ? n.w[0] : INT64_MAX;
    return s;
}

static status read_block(struct json env, const struct chain_rules *r, struct evm_block *b,
                         struct err *reterr)
{
    uint64_t excess = 0;
    const char *random = r->rev >= EVM_PARIS ? "currentRandom" : "currentDifficulty";
    b->chain_id = u256_from_u64(r->chain_id);
    status s = json_hex_addr(json_get(env, "currentCoinbase"), &b->coinbase, reterr);
    if (s == OK)
        s = conf_u64(json_get(env, "currentNumber"), &b->number, reterr);
    if (s == OK)
        s = conf_u64(json_get(env, "currentTimestamp"), &b->timestamp, reterr);
    if (s == OK)
        s = read_gas_limit(json_get(env, "currentGasLimit"), &b->gas_limit, reterr);
    if (s == OK)
        s = conf_u256_or(json_get(env, random), u256_from_u64(0), &b->prev_randao, reterr);
    if (s == OK)
        s = conf_u256_or(json_get(env, "currentBaseFee"), u256_from_u64(10), &b->base_fee, reterr);
    if (s == OK)
        s = conf_u64_or(json_get(env, "currentExcessBlobGas"), 0, &excess, reterr);
    if (s == OK && r->rev >= EVM_CANCUN)
        b->blob_base_fee = blob_base_fee(&r->blobs, excess);
    return s;
}

static status read_case(struct json test, struct json post, slice fork, enum evm_rev rev,
                        struct state_case *c, struct err *reterr)
{
    *c = (struct state_case){.test = test, .post = post};
    status s = conf_rules(json_get(test, "config"), fork, rev, &c->rules, reterr);
    if (s == OK)
        s = read_block(json_get(test, "env"), &c->rules, &c->block, reterr);
    if (s == OK)
        s = json_hex_hash(json_get(post, "hash"), &c->want_root, reterr);
    if (s == OK)
        s = json_hex_hash(json_get(post, "logs"), &c->want_logs, reterr);
    if (s == OK)
        s = json_hex_bytes(json_get(post, "txbytes"), &c->raw, reterr);
    if (s == OK && !json_is_absent(json_get(post, "expectException")))
        s = json_str(json_get(post, "expectException"), &c->expected, reterr);
    return s;
}

/* *ret_why: NULL if it was executed, else the name of the reason that it was not.
 * OK unless the machine failed. */
static status execute(struct host *h, const struct state_case *c, const char **ret_why,
                      struct err *reterr)
{
    struct tx t;
    struct tx_ready ready;
    struct tx_outcome outcome;
    addr20 sender;
    enum tx_fault fault = TX_FINE;
    struct tx_room room = {c->block.gas_limit, c->rules.blobs.max * GAS_PER_BLOB};
    *ret_why = "RLP";
    status s = tx_read(c->raw, &t, reterr);
    if (s > OK)
        return OK;
    *ret_why = "SIGNATURE";
    if (s == OK)
        s = tx_sender_at(&t, c->rules.rev, &sender);
    if (s > OK)
        return OK;
    if (s == OK)
        s = tx_check(h, &c->rules, &t, &sender, &room, &ready, &fault, reterr);
    *ret_why = tx_fault_name(fault);
    if (s > OK)
        return OK;
    *ret_why = NULL;
    return s == OK ? tx_exec(h, &c->rules, &ready, &outcome, reterr) : s;
}

static status logs_hash(const struct state *st, hash32 *ret)
{
    struct buf b;
    buf_init(&b, LOGS_CAP);
    status s = logs_put(st->log, st->log_n, &b);
    if (s == OK)
        keccak256(buf_slice(&b), ret);
    buf_done(&b);
    return s;
}

/* The tool that filled the classic suites paid a reward of 0 even when it refused the transaction,
 * which before EIP-161 makes the account. */
static void pay_nothing(struct state *st, const struct state_case *c)
{
    if (c->rules.rev < EVM_SPURIOUS && json_is_absent(json_get(c->post, "state")))
        state_touch(st, state_account(st, &c->block.coinbase));
}

/* What is wrong with the outcome, in text; empty: nothing. */
static void judge(struct state *st, const struct state_case *c, const char *why, const char *detail,
                  char *text, size_t n)
{
    hash32 root;
    hash32 logs;
    char diff[400] = "";
    text[0] = 0;
    if (state_root(st, &root) != OK || logs_hash(st, &logs) != OK)
        (void)snprintf(text, n, "out of memory");
    else if (c->expected.n > 0 && why == NULL)
        (void)snprintf(text, n, "executed, want %.*s", (int)c->expected.n,
                       (const char *)c->expected.p);
    else if (c->expected.n == 0 && why != NULL)
        (void)snprintf(text, n, "refused: %s (%s)", why, detail);
    else if (why != NULL && !conf_exception_matches(c->expected, why))
        (void)snprintf(text, n, "refused as %s (%s), want %.*s", why, detail, (int)c->expected.n,
                       (const char *)c->expected.p);
    else if (!hash32_eq(root, c->want_root))
        (void)snprintf(text, n, "state root: %s",
                       !json_is_absent(json_get(c->post, "state")) &&
                               conf_state_differs(st, json_get(c->post, "state"), diff, sizeof diff)
                           ? diff
                           : "differs");
    else if (!hash32_eq(logs, c->want_logs))
        (void)snprintf(text, n, "logs hash differs (%zu logs)", st->log_n);
}

static status run_case(struct worker *w, const struct state_case *c, char *text, size_t n,
                       struct err *reterr)
{
    struct code_cache codes;
    struct state st;
    struct host h;
    struct err why_err = {.msg = ""};
    const char *why = NULL;
    code_cache_init(&codes);
    state_init(&st, NULL, &codes);
    host_init(&h, c->rules.rev, &st, w->vm, NULL);
    h.block = c->block;
    h.block_hash = block_hash;
    status s = conf_state_load(&st, json_get(c->test, "pre"), reterr);
    if (s == OK) {
        s = execute(&h, c, &why, &why_err);
        if (s != OK)
            s = ERR(reterr, s, "%s: %s", status_text(s), why_err.msg);
    }
    if (s == OK && why != NULL)
        pay_nothing(&st, c);
    if (s == OK)
        judge(&st, c, why, why_err.msg, text, n);
    w->absent = h.absent;
    host_done(&h);
    state_done(&st);
    code_cache_done(&codes);
    return s;
}

static void run_post(struct worker *w, struct conf_run *run, slice name, slice fork,
                     struct json test, struct json post)
{
    struct state_case c;
    struct err err = {.msg = ""};
    enum evm_rev rev;
    char text[600] = "";
    status s = evm_rev_read(fork, &rev);
    if (s != OK)
        s = ERR(&err, s, "unknown fork");
    if (s == OK)
        s = read_case(test, post, fork, rev, &c, &err);
    if (s == OK)
        s = run_case(w, &c, text, sizeof text, &err);
    if (s != OK)
        conf_fail(run, name, fork, "%s", err.msg);
    else if (w->absent)
        conf_skip(run, name, fork, CONF_NO_BLST);
    else if (text[0] != 0)
        conf_fail(run, name, fork, "%s", text);
    else
        conf_pass(run, name, fork);
}

/* name/d/g/v: which of the transactions. */
static slice case_name(struct json test_name, struct json post, char *out, size_t n)
{
    uint64_t i[3] = {0};
    slice name = SLICE_EMPTY;
    struct json at = json_get(post, "indexes");
    (void)!json_str(test_name, &name, NULL);
    if (json_u64(json_get(at, "data"), &i[0], NULL) != OK ||
        json_u64(json_get(at, "gas"), &i[1], NULL) != OK ||
        json_u64(json_get(at, "value"), &i[2], NULL) != OK)
        return name;
    (void)snprintf(out, n, "%.*s/d%llug%lluv%llu", (int)name.n, (const char *)name.p,
                   (unsigned long long)i[0], (unsigned long long)i[1], (unsigned long long)i[2]);
    return slice_str(out);
}

static status run_test(struct worker *w, struct conf_run *run, struct json name, struct json test,
                       struct err *reterr)
{
    status s = json_want_object(json_get(test, "post"), reterr);
    if (s == OK)
        s = json_want_object(json_get(test, "pre"), reterr);
    for (struct json_iter f = json_iter(json_get(test, "post")); s == OK && json_next(&f);) {
        slice fork;
        s = json_str(f.key, &fork, reterr);
        if (s == OK)
            s = json_want_array(f.value, reterr);
        for (struct json_iter p = json_iter(f.value); s == OK && json_next(&p);) {
            char text[400];
            slice full = case_name(name, p.value, text, sizeof text);
            if (conf_wants(run, full, fork))
                run_post(w, run, full, fork, test, p.value);
        }
    }
    return s;
}

static status run_file(void *worker, struct json root, struct conf_run *run, struct err *reterr)
{
    status s = json_count(root) > 0 ? OK : ERR(reterr, E_MISSING, "no test in it");
    for (struct json_iter it = json_iter(root); s == OK && json_next(&it);)
        s = run_test(worker, run, it.key, it.value, reterr);
    return s;
}

const struct conf_suite statetest_suite = {
    .program = "ehrd-statetest",
    .what = "state tests of the official Ethereum suites",
    .fork_is_known = fork_is_known,
    .worker_new = worker_new,
    .worker_free = worker_free,
    .file = run_file,
};
