/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks are kept as bytes; a state of another branch is made by executing from the genesis. */
#include "conf_chain.h"

#include <stdlib.h>

#include "conf_state.h"

#define DAO_BALANCE 10000000000u /* wei that the tests give each account to be drained */

/* A block's place in the chain, for what looks back from it. */
struct view {
    const struct conf_chain *chain;
    size_t parent;
    struct block_ancestor ancestor;
};

/* --- states --------------------------------------------------------------------------------- */

/* The suites give the DAO's accounts no other mark than their balance. */
static status find_drained(struct conf_chain *c)
{
    u256 mark = u256_from_u64(DAO_BALANCE);
    size_t n = 0;
    c->drained = calloc(c->state.n + 1, sizeof *c->drained);
    if (c->drained == NULL)
        return E_NOMEM;
    for (size_t i = 0; i < c->state.max; i++)
        if (c->state.account[i] != NULL && u256_eq(c->state.account[i]->head.balance, mark))
            c->drained[n++] = c->state.account[i]->addr;
    c->config.dao.drained = c->drained;
    c->config.dao.n_drained = n;
    return OK;
}

static status reset_state(struct conf_chain *c, struct err *reterr)
{
    if (c->n > 0)
        state_done(&c->state);
    state_init(&c->state, NULL, &c->codes);
    c->state_at = 0;
    return conf_state_load(&c->state, c->pre, reterr);
}

static hash32 hash_of_number(void *ctx, uint64_t number)
{
    const struct view *v = ctx;
    size_t i = v->parent;
    while (i != 0 && v->chain->block[i].block.header.number > number)
        i = v->chain->block[i].parent;
    const struct block *b = &v->chain->block[i].block;
    return b->header.number == number ? b->hash : (hash32){{0}};
}

/* Execute b on the state of its parent. OK | E_RANGE (*ret_why) | RLP statuses | of the machine. */
static status execute(struct conf_chain *c, const struct chain_rules *r, const struct block *b,
                      size_t parent, const char **ret_why, struct err *reterr)
{
    struct block_run run;
    struct view v = {.chain = c, .parent = parent};
    hash32 root;
    status s = block_begin(&run, r, &b->header, &c->state, c->vm, NULL, hash_of_number, &v, reterr);
    if (s == OK)
        s = block_execute(&run, b, reterr);
    if (s > OK && run.fault == BLOCK_BAD_TX)
        *ret_why = run.tx_fault != TX_FINE ? tx_fault_name(run.tx_fault)
                   : s == E_RANGE          ? "FIELD_RANGE"
                                           : "RLP";
    else if (s > OK)
        *ret_why = block_fault_name(run.fault);
    c->absent |= run.host.absent;
    block_done(&run);
    if (s == OK)
        s = state_root(&c->state, &root);
    if (s == OK && !hash32_eq(root, b->header.state_root)) {
        *ret_why = block_fault_name(BLOCK_BAD_STATE);
        s = ERR(reterr, E_RANGE, "state root");
    }
    return s;
}

static void rules_of(const struct conf_chain *c, const struct block *b, size_t parent,
                     struct chain_rules *ret)
{
    chain_rules_at(&c->config, b->header.number, b->header.timestamp, c->block[parent].difficulty,
                   ret);
}

/* Make the state that of a block known to be valid. */
static status go_to(struct conf_chain *c, size_t to, struct err *reterr)
{
    const char *why;
    struct chain_rules r;
    if (c->state_at == to)
        return OK;
    if (to == 0)
        return reset_state(c, reterr);
    const struct conf_block *b = &c->block[to];
    status s = go_to(c, b->parent, reterr);
    rules_of(c, &b->block, b->parent, &r);
    if (s == OK)
        s = execute(c, &r, &b->block, b->parent, &why, reterr);
    if (s == OK) {
        state_keep(&c->state);
        c->state_at = to;
    }
    return s;
}

status conf_chain_to_head(struct conf_chain *c, struct err *reterr)
{
    return go_to(c, c->head, reterr);
}

/* --- blocks --------------------------------------------------------------------------------- */

static const struct block_ancestor *find_ancestor(void *ctx, size_t i)
{
    struct view *v = ctx;
    size_t at = v->parent;
    for (; i > 0 && at != 0; i--)
        at = v->chain->block[at].parent;
    if (i > 0)
        return NULL;
    const struct block *b = &v->chain->block[at].block;
    v->ancestor = (struct block_ancestor){b->hash, b->header, b->uncles};
    return &v->ancestor;
}

static status add(struct conf_chain *c, const struct block *b, size_t parent)
{
    if (c->n == c->max) {
        size_t max = c->max > 0 ? 2 * c->max : 64;
        struct conf_block *p = realloc(c->block, max * sizeof *p);
        if (p == NULL)
            return E_NOMEM;
        c->block = p;
        c->max = max;
    }
    struct conf_block *n = &c->block[c->n];
    *n = (struct conf_block){.block = *b, .parent = parent, .difficulty = b->header.difficulty};
    if (c->n > 0)
        (void)u256_add(c->block[parent].difficulty, b->header.difficulty, &n->difficulty);
    c->n++;
    return OK;
}

/* The heaviest chain, and of equal ones the longest. */
static void choose_head(struct conf_chain *c, size_t candidate)
{
    const struct conf_block *b = &c->block[candidate];
    const struct conf_block *h = &c->block[c->head];
    int heavier = u256_cmp(b->difficulty, h->difficulty);
    if (heavier > 0 || (heavier == 0 && b->block.header.number > h->block.header.number))
        c->head = candidate;
}

static bool find_block(const struct conf_chain *c, const hash32 *hash, size_t *ret)
{
    for (size_t i = 0; i < c->n; i++)
        if (hash32_eq(c->block[i].block.hash, *hash)) {
            *ret = i;
            return true;
        }
    return false;
}

static status check(const struct conf_chain *c, const struct chain_rules *r, const struct block *b,
                    size_t parent, const char **ret_why, struct err *reterr)
{
    struct view v = {.chain = c, .parent = parent};
    enum block_fault f = BLOCK_FINE;
    status s = block_check(&c->config, r, b, find_ancestor, &v, &f, reterr);
    if (s > OK)
        *ret_why = block_fault_name(f);
    return s;
}

status conf_chain_import(struct conf_chain *c, slice raw, const char **ret_why, struct err *reterr)
{
    struct block b;
    struct chain_rules r;
    size_t parent = 0;
    *ret_why = block_fault_name(BLOCK_BAD_RLP);
    status s = block_read(raw, &b, reterr);
    if (s != OK)
        return s > OK ? OK : s;
    *ret_why = block_fault_name(BLOCK_BAD_PARENT);
    if (!find_block(c, &b.header.parent, &parent))
        return OK;
    rules_of(c, &b, parent, &r);
    s = check(c, &r, &b, parent, ret_why, reterr);
    if (s != OK)
        return s > OK ? OK : s;
    s = go_to(c, parent, reterr);
    if (s != OK)
        return ERR(reterr, E_INTERNAL, "a valid block cannot be repeated");
    struct state_mark mark = state_mark(&c->state);
    s = execute(c, &r, &b, parent, ret_why, reterr);
    if (s == OK)
        s = add(c, &b, parent);
    if (s != OK) {
        state_revert(&c->state, mark);
        return s > OK ? OK : s;
    }
    state_keep(&c->state);
    c->state_at = c->n - 1;
    choose_head(c, c->n - 1);
    *ret_why = NULL;
    return OK;
}

status conf_chain_start(struct conf_chain *c, const struct chain_config *config, struct evm *vm,
                        slice genesis, struct json pre, struct err *reterr)
{
    struct block b;
    hash32 root;
    *c = (struct conf_chain){.config = *config, .vm = vm, .pre = pre};
    code_cache_init(&c->codes);
    status s = reset_state(c, reterr);
    if (s == OK)
        s = block_read(genesis, &b, reterr);
    if (s == OK)
        s = add(c, &b, 0);
    if (s == OK)
        s = find_drained(c);
    if (s == OK)
        s = state_root(&c->state, &root);
    if (s == OK && !hash32_eq(root, b.header.state_root))
        s = ERR(reterr, E_MISMATCH, "genesis: the state has another root");
    return s;
}

void conf_chain_done(struct conf_chain *c)
{
    state_done(&c->state);
    code_cache_done(&c->codes);
    free(c->block);
    free(c->drained);
}
