/* SPDX-License-Identifier: Apache-2.0 */
/* A chain in a folder of its own, whose authority has an ether, and a contract that counts. */
#ifndef EHRD_TESTS_CHAINNODE_H
#define EHRD_TESTS_CHAINNODE_H

#include "chain/chain.h"

#define WAIT_MS 20000u
#define NODE_CHAIN_ID 1234u

struct node {
    char dir[128];
    char sub[160];
    char genesis[4096];
    struct secp_key key;
    addr20 who;
    struct chain *chain;
    const char *base_fee;         /* of the genesis; NULL: none ever */
    bool cancun;                  /* no later fork: a transaction may have all of a block's gas */
    struct chain_options options; /* dir and authority are filled in */
};

/* Sealing at once, without a base fee. */
void node_up(struct node *n, bool dev);
/* The same with what is set in n: options, base_fee, cancun. */
void node_up_with(struct node *n);
struct chain_options node_options(const struct node *n);
void node_reopen(struct node *n, bool start, bool dev);
void node_down(struct node *n);

extern const addr20 contract;
extern const addr20 friend;

/* A call or transfer of 5 wei by the authority. */
void sign(const struct node *n, uint64_t nonce, uint64_t fee, const addr20 *to, slice data,
          struct buf *raw);
status submit(struct node *n, uint64_t nonce, uint64_t fee, const addr20 *to, hash32 *hash,
              struct err *e);

#endif
