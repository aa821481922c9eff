/* SPDX-License-Identifier: Apache-2.0 */
/* A chain of blocks in memory, as block tests import it. */
#ifndef EHRD_TESTS_CONF_CHAIN_H
#define EHRD_TESTS_CONF_CHAIN_H

#include "chain/block.h"
#include "codec/json.h"

struct conf_block {
    struct block block; /* borrows from the test */
    size_t parent;      /* index; of the genesis: itself */
    u256 difficulty;    /* total */
};

struct conf_chain {
    struct chain_config config;
    struct evm *vm;  /* borrowed */
    bool absent;     /* a block called a contract that this build lacks */
    struct json pre; /* the accounts of the genesis */
    struct conf_block *block;
    size_t n;
    size_t max;
    size_t head;     /* of the heaviest chain */
    size_t state_at; /* the block whose state this is */
    struct code_cache codes;
    struct state state;
    addr20 *drained; /* of the DAO */
};

/* Start with the genesis, whose state root must be that of pre. conf_chain_done in any case.
 * OK | E_MISMATCH | E_NOMEM | statuses of reading. */
status conf_chain_start(struct conf_chain *c, const struct chain_config *config, struct evm *vm,
                        slice genesis, struct json pre, struct err *reterr) MUST_USE;
void conf_chain_done(struct conf_chain *c);

/* Add a block. *ret_why: NULL if it is valid, else the reason in EEST's words.
 * OK, unless the machine failed. */
status conf_chain_import(struct conf_chain *c, slice raw, const char **ret_why,
                         struct err *reterr) MUST_USE;
/* Make the state that of the head. */
status conf_chain_to_head(struct conf_chain *c, struct err *reterr) MUST_USE;

#endif
