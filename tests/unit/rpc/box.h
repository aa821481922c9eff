/* SPDX-License-Identifier: Apache-2.0 */
/* A chain in a folder of its own with JSON-RPC over it, for tests. Blocks are made by box_mine.
 *
 * Contracts in the genesis: LOGGER emits as many logs as its argument says; REVERTER reverts with
 * Error("no"); STORE keeps its argument in slot 0 and returns it; CALLER calls REVERTER, then
 * STORE.
 */
#ifndef EHRD_TESTS_RPC_BOX_H
#define EHRD_TESTS_RPC_BOX_H

#include "chain/chain.h"
#include "codec/json.h"
#include "rpc/dev.h"
#include "rpc/rpc.h"

#define BOX_LOGGER "0x00000000000000000000000000000000000000aa"
#define BOX_REVERTER "0x00000000000000000000000000000000000000bb"
#define BOX_STORE "0x00000000000000000000000000000000000000cc"
#define BOX_CALLER "0x00000000000000000000000000000000000000dd"

struct box {
    bool is_dev;
    char dir[256];
    char sub[300];
    struct secp_key key;
    addr20 who;
    char who_hex[43];
    uint64_t nonce;
    uint64_t now_s;  /* the chain's clock */
    uint64_t now_ms; /* the methods' clock */
    struct clock_src clock;
    struct chain *chain;
    struct rpc *rpc;
    struct rpc_dev *dev; /* box_up_dev */
    struct rpc_config cfg;
    struct buf reply;
    struct arena a; /* of the last answer */
    struct json_doc doc;
};

void box_up(struct box *b, unsigned groups);
/* With the controls for development; `who` is its account. */
void box_up_dev(struct box *b, unsigned groups);
void box_down(struct box *b);
/* As after a restart. */
void box_reopen(struct box *b);
/* Change b->cfg, then this. */
void box_new_rpc(struct box *b);

/* The text of the reply; "" for none. */
const char *box_text(struct box *b, struct rpc_session *s, const char *request);
/* The answer to {method, params}: an object with result or error. Checks that it is well-formed. */
struct json box_ask(struct box *b, const char *method, const char *params);
/* Its result; fails the test if it is an error. */
struct json box_result(struct box *b, const char *method, const char *params);
/* It must be an error of this code, whose message holds text (NULL: any). */
void box_refused(struct box *b, const char *method, const char *params, int code, const char *text);

/* Hand in a transaction to `to` (40 digits after 0x; NULL: a creation); its hash as hex in ret. */
void box_send(struct box *b, const char *to, slice data, uint64_t value, char ret[67]);
/* The same with one word as data. */
void box_send_word(struct box *b, const char *to, uint64_t word, char ret[67]);
void box_raw(struct box *b, const char *to, slice data, uint64_t value, uint64_t nonce,
             struct buf *ret);
void box_mine(struct box *b, uint64_t blocks);

#endif
