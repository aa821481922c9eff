/* SPDX-License-Identifier: Apache-2.0 */
/* The engine under a ledger's test: anvil over HTTP, or with EHRD_TEST_LEDGER=local the chain in
 * this process. */
#ifndef EHRD_TESTS_TEST_NODE_H
#define EHRD_TESTS_TEST_NODE_H

#include "anvil.h"
#include "local_chain.h"

struct test_node {
    bool up;
    bool is_local;
    struct anvil anvil;
    struct local_chain local;
    char dir[128];
    struct ledger *ledger;
};

/* extra: anvil's arguments, or NULL; with any the base fee is 0. False: no anvil. */
bool test_node_start(struct test_node *n, const char *const *extra);
void test_node_stop(struct test_node *n);

#endif
