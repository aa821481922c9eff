/* SPDX-License-Identifier: Apache-2.0 */
/* Each fork's result of a transaction test: sender, hash and intrinsic gas, or that it is refused.
 * The reasons are finer than ours and are not compared. */
#include "txtest.h"

#include <stdio.h>
#include <stdlib.h>

#include "chain/tx_exec.h"
#include "conf_state.h"

static void *worker_new(void)
{
    return malloc(1); /* nothing to keep */
}

static bool fork_is_known(slice name)
{
    enum evm_rev rev;
    return evm_rev_read(name, &rev) == OK;
}

static status judge_tx(slice raw, enum evm_rev rev, addr20 *ret_sender, struct tx_gas *ret_gas,
                       struct err *reterr)
{
    const struct chain_rules r = {.rev = rev, .chain_id = 1, .blobs = blob_schedule_of(rev)};
    struct tx t;
    enum tx_fault fault;
    status s = tx_read(raw, &t, reterr);
    if (s == OK)
        s = tx_check_alone(&r, &t, ret_gas, &fault, reterr);
    if (s == OK && tx_sender_at(&t, rev, ret_sender) != OK)
        s = ERR(reterr, E_SIGNATURE, "signature");
    return s;
}

/* Compare with what a valid transaction's result says. text: what is wrong. */
static status compare(struct json want, slice raw, addr20 sender, struct tx_gas gas, char *text,
                      size_t n, struct err *reterr)
{
    addr20 want_sender;
    hash32 want_hash;
    hash32 hash;
    uint64_t want_gas = 0;
    status s = json_hex_addr(json_get(want, "sender"), &want_sender, reterr);
    if (s == OK)
        s = json_hex_hash(json_get(want, "hash"), &want_hash, reterr);
    if (s == OK)
        s = conf_u64(json_get(want, "intrinsicGas"), &want_gas, reterr);
    if (s != OK)
        return s;
    tx_hash(raw, &hash);
    if (!addr20_eq(sender, want_sender))
        (void)snprintf(text, n, "another sender");
    else if (!hash32_eq(hash, want_hash))
        (void)snprintf(text, n, "another hash");
    else if (gas.intrinsic != want_gas)
        (void)snprintf(text, n, "intrinsic gas is %llu, want %llu",
                       (unsigned long long)gas.intrinsic, (unsigned long long)want_gas);
    return OK;
}

static void run_case(struct conf_run *run, slice name, slice fork, slice raw, struct json want)
{
    char text[ERR_MSG_MAX + 16] = "";
    struct err err = {.msg = ""};
    addr20 sender;
    struct tx_gas gas;
    enum evm_rev rev;
    bool refuse = !json_is_absent(json_get(want, "exception"));
    if (evm_rev_read(fork, &rev) != OK) {
        conf_fail(run, name, fork, "unknown fork");
        return;
    }
    status s = judge_tx(raw, rev, &sender, &gas, &err);
    if (s < OK || (s > OK && !refuse))
        (void)snprintf(text, sizeof text, "refused: %s", err.msg);
    else if (s == OK && refuse)
        (void)snprintf(text, sizeof text, "taken, want a refusal");
    else if (s == OK && compare(want, raw, sender, gas, text, sizeof text, &err) != OK)
        (void)snprintf(text, sizeof text, "%s", err.msg);
    if (text[0] != 0)
        conf_fail(run, name, fork, "%s", text);
    else
        conf_pass(run, name, fork);
}

static status run_test(struct conf_run *run, struct json key, struct json test, struct err *reterr)
{
    slice name;
    slice raw;
    status s = json_str(key, &name, reterr);
    if (s == OK)
        s = json_hex_bytes(json_get(test, "txbytes"), &raw, reterr);
    if (s == OK)
        s = json_want_object(json_get(test, "result"), reterr);
    for (struct json_iter it = json_iter(json_get(test, "result")); s == OK && json_next(&it);) {
        slice fork;
        s = json_str(it.key, &fork, reterr);
        if (s == OK && conf_wants(run, name, fork))
            run_case(run, name, fork, raw, it.value);
    }
    return s;
}

static status run_file(void *worker, struct json root, struct conf_run *run, struct err *reterr)
{
    (void)worker;
    status s = json_count(root) > 0 ? OK : ERR(reterr, E_MISSING, "no test in it");
    for (struct json_iter it = json_iter(root); s == OK && json_next(&it);)
        s = run_test(run, it.key, it.value, reterr);
    return s;
}

const struct conf_suite txtest_suite = {
    .program = "ehrd-txtest",
    .what = "transaction tests of the official Ethereum suites",
    .fork_is_known = fork_is_known,
    .worker_new = worker_new,
    .worker_free = free,
    .file = run_file,
};
