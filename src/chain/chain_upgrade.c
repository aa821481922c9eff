/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of an older program: its state is made again out of its blocks, block by block, beside
 * the rows of before, which go at the end. A program that dies in it goes on after the last
 * transaction that was stored. */
#include "chain/chain_priv.h"

#define TXN_BLOCKS 128u
#define TXN_GAS 60000000u /* keeps a transaction of large blocks small */

/* How far an upgrade that was cut off came. */
struct reached {
    bool any;
    uint64_t state; /* the last block whose state is there */
    bool fits;      /* it is that of the block which the chain has there now */
    uint64_t head;
};

static status state_fits(struct chain *c, struct kv_txn *txn, struct reached *r, struct err *reterr)
{
    struct chain_block b;
    hash32 root;
    if (!r->any || r->state > r->head)
        return OK;
    status s = chain_block_get(c, txn, r->state, &b, reterr);
    if (s == OK)
        s = store_root(&c->store, txn, r->state, &root, reterr);
    r->fits = s == OK && hash32_eq(root, b.block.header.state_root);
    return s;
}

static status look(struct chain *c, struct reached *ret, struct err *reterr)
{
    struct kv_txn *txn = NULL;
    struct store_span span = {0, 0};
    status s = kv_read_begin(c->kv, &txn, reterr);
    if (s != OK)
        return s;
    s = store_span(&c->store, txn, &span, reterr);
    *ret = (struct reached){.any = s == OK, .state = span.head};
    if (s == OK || s == E_NOT_FOUND)
        s = chain_head_get(&c->t, txn, &ret->head, reterr);
    if (s == OK)
        s = state_fits(c, txn, ret, reterr);
    kv_abort(txn);
    return s;
}

/* The older program went back and on in between: begin again after the genesis. */
static status begin_again(struct chain *c, struct err *reterr)
{
    struct kv_txn *w = NULL;
    status s = kv_write_begin(c->kv, &w, reterr);
    if (s != OK)
        return s;
    s = store_rollback(&c->store, w, 0, reterr);
    if (s == OK)
        return kv_commit(w, reterr);
    kv_abort(w);
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
    struct reached r;
    hash32 root;
    status s = look(c, &r, reterr);
    if (s == OK && !r.any)
        s = chain_genesis_state(c, &c->genesis.header.state_root, NULL, &root, reterr);
    else if (s == OK && !r.fits)
        s = begin_again(c, reterr);
    uint64_t n = r.any && r.fits ? r.state : 0;
    while (s == OK && n < r.head)
        s = some_again(c, o, &n, r.head, reterr);
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
