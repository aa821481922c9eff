/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of an older program: its state is made again out of its blocks, block by block, beside
 * the rows of before, which go at the end. A program that dies in it goes on after the last
 * transaction that was stored. */
#include "chain/chain_priv.h"

#define TXN_BLOCKS 128u
#define TXN_GAS 60000000u /* keeps a transaction of large blocks small */

static status head_of_state(struct chain *c, bool *ret_any, uint64_t *ret_state, uint64_t *ret_head,
                            struct err *reterr)
{
    struct kv_txn *txn = NULL;
    struct store_span span = {0, 0};
    status s = kv_read_begin(c->kv, &txn, reterr);
    if (s != OK)
        return s;
    s = store_span(&c->store, txn, &span, reterr);
    *ret_any = s == OK;
    *ret_state = span.head;
    if (s == OK || s == E_NOT_FOUND)
        s = chain_head_get(&c->t, txn, ret_head, reterr);
    kv_abort(txn);
    return s;
}

/* The tables of schemas 1 to 3, and the old span. */
static status remove_old(struct chain *c, struct err *reterr)
{
    static const char *const tables[] = {"state.meta",  "state.account", "state.anode",
                                         "state.snode", "state.touched", "state.slot"};
    struct kv_txn *w = NULL;
    status s = kv_write_begin(c->kv, &w, reterr);
    if (s != OK)
        return s;
    for (size_t i = 0; s == OK && i < sizeof tables / sizeof tables[0]; i++)
        s = kv_table_drop(w, tables[i], reterr);
    if (s == OK)
        s = kv_schema_set(c->kv, w, CHAIN_SCHEMA, reterr);
    if (s == OK)
        return kv_commit(w, reterr);
    kv_abort(w);
    return s;
}

/* Blocks after *n, up to head, in one transaction. */
static status some_again(struct chain *c, const struct chain_options *o, uint64_t *n, uint64_t head,
                         struct err *reterr)
{
    struct kv_txn *w = NULL;
    uint64_t at = *n;
    uint64_t gas = 0;
    status s = kv_write_begin(c->kv, &w, reterr);
    if (s != OK)
        return s;
    while (s == OK && at < head && at - *n < TXN_BLOCKS && gas < TXN_GAS) {
        uint64_t used = 0;
        s = chain_execute_again(c, w, ++at, &used, reterr);
        gas += used;
        if (s == OK && o->upgrading != NULL)
            o->upgrading(at, head);
    }
    if (s != OK) {
        kv_abort(w);
        return s;
    }
    *n = at;
    return kv_commit(w, reterr);
}

static status again(struct chain *c, const struct chain_options *o, struct err *reterr)
{
    bool any = false;
    uint64_t n = 0;
    uint64_t head = 0;
    hash32 root;
    status s = head_of_state(c, &any, &n, &head, reterr);
    if (s == OK && !any)
        s = chain_genesis_state(c, &c->genesis.header.state_root, NULL, &root, reterr);
    while (s == OK && n < head)
        s = some_again(c, o, &n, head, reterr);
    return s;
}

status chain_upgrade(struct chain *c, const struct chain_options *o, struct err *reterr)
{
    if (c->dev)
        return ERR(reterr, E_UNSUPPORTED,
                   "a chain for development made by an older program cannot be brought up to date, "
                   "as it cannot be executed again: make a new one");
    status s = again(c, o, reterr);
    if (s != OK)
        return err_prefix(reterr, s, "bringing the state of an older program up to date");
    return remove_old(c, reterr);
}
