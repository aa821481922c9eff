/* SPDX-License-Identifier: Apache-2.0 */
/* Each block of a test is imported from its RLP; those that must be refused are, for the reason
 * given; in the end head and state are as the test says. */
#include "blocktest.h"

#include <stdio.h>

#include "conf_chain.h"
#include "conf_network.h"
#include "conf_state.h"

#define TEXT_MAX 600u

static void *worker_new(void)
{
    return evm_new();
}

static void worker_free(void *vm)
{
    evm_free(vm);
}

static bool fork_is_known(slice name)
{
    struct chain_config c;
    return conf_network(name, (struct json){.doc = NULL}, &c, NULL) == OK;
}

/* text: what is wrong; stays empty if nothing is. */
static status import_block(struct conf_chain *c, struct json block, size_t i, char *text,
                           struct err *reterr)
{
    slice raw;
    slice expected = SLICE_EMPTY;
    const char *why = NULL;
    struct err detail = {.msg = ""};
    status s = json_hex_bytes(json_get(block, "rlp"), &raw, reterr);
    if (s == OK && !json_is_absent(json_get(block, "expectException")))
        s = json_str(json_get(block, "expectException"), &expected, reterr);
    if (s != OK)
        return s;
    s = conf_chain_import(c, raw, &why, &detail);
    if (s != OK)
        return ERR(reterr, s, "block %zu: %s", i, detail.msg);
    if (why == NULL && expected.n > 0)
        (void)snprintf(text, TEXT_MAX, "block %zu taken, want %.*s", i, (int)expected.n,
                       (const char *)expected.p);
    else if (why != NULL && expected.n == 0)
        (void)snprintf(text, TEXT_MAX, "block %zu refused: %s (%s)", i, why, detail.msg);
    else if (why != NULL && !conf_exception_matches(expected, why))
        (void)snprintf(text, TEXT_MAX, "block %zu refused as %s (%s), want %.*s", i, why,
                       detail.msg, (int)expected.n, (const char *)expected.p);
    return OK;
}

static status judge_end(struct conf_chain *c, struct json test, char *text, struct err *reterr)
{
    hash32 want;
    char diff[400];
    struct json post = json_get(test, "postState");
    const struct block *head = &c->block[c->head].block;
    status s = json_hex_hash(json_get(test, "lastblockhash"), &want, reterr);
    if (s == OK)
        s = conf_chain_to_head(c, reterr);
    if (s != OK)
        return s;
    if (!hash32_eq(head->hash, want))
        (void)snprintf(text, TEXT_MAX, "the head is another, of number %llu",
                       (unsigned long long)head->header.number);
    else if (!json_is_absent(post) && conf_state_differs(&c->state, post, diff, sizeof diff))
        (void)snprintf(text, TEXT_MAX, "state: %s", diff);
    if (json_is_absent(post)) {
        s = json_hex_hash(json_get(test, "postStateHash"), &want, reterr);
        if (s == OK && !hash32_eq(want, head->header.state_root))
            (void)snprintf(text, TEXT_MAX, "state: another root");
    }
    return s;
}

static status run_blocks(struct conf_chain *c, struct json test, char *text, struct err *reterr)
{
    size_t i = 0;
    status s = json_want_array(json_get(test, "blocks"), reterr);
    for (struct json_iter it = json_iter(json_get(test, "blocks"));
         s == OK && text[0] == 0 && json_next(&it); i++)
        s = import_block(c, it.value, i, text, reterr);
    if (s == OK && text[0] == 0)
        s = judge_end(c, test, text, reterr);
    return s;
}

static status run_test(struct evm *vm, struct json test, slice network, char *text,
                       bool *ret_absent, struct err *reterr)
{
    struct chain_config config;
    struct conf_chain c;
    slice genesis;
    status s = conf_network(network, json_get(test, "config"), &config, reterr);
    if (s == OK)
        s = json_hex_bytes(json_get(test, "genesisRLP"), &genesis, reterr);
    if (s != OK)
        return s;
    s = conf_chain_start(&c, &config, vm, genesis, json_get(test, "pre"), reterr);
    if (s == OK)
        s = run_blocks(&c, test, text, reterr);
    *ret_absent = c.absent;
    conf_chain_done(&c);
    return s;
}

static status run_file(void *worker, struct json root, struct conf_run *run, struct err *reterr)
{
    status s = json_count(root) > 0 ? OK : ERR(reterr, E_MISSING, "no test in it");
    for (struct json_iter it = json_iter(root); s == OK && json_next(&it);) {
        char text[TEXT_MAX] = "";
        bool absent = false;
        struct err err = {.msg = ""};
        slice name;
        slice network;
        s = json_str(it.key, &name, reterr);
        if (s == OK)
            s = json_str(json_get(it.value, "network"), &network, reterr);
        if (s != OK || !conf_wants(run, name, network))
            continue;
        status r = run_test(worker, it.value, network, text, &absent, &err);
        if (absent)
            conf_skip(run, name, network, CONF_NO_BLST);
        else if (r != OK || text[0] != 0)
            conf_fail(run, name, network, "%s", r != OK ? err.msg : text);
        else
            conf_pass(run, name, network);
    }
    return s;
}

const struct conf_suite blocktest_suite = {
    .program = "ehrd-blocktest",
    .what = "block tests of the official Ethereum suites",
    .fork_is_known = fork_is_known,
    .worker_new = worker_new,
    .worker_free = worker_free,
    .file = run_file,
};
