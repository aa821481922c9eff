/* SPDX-License-Identifier: Apache-2.0 */
/* A fixture that runs anvil on a port of its own choosing for one test program.
 *
 *     struct anvil node;
 *     if (!anvil_start(&node, NULL)) skip();     (says why on stderr)
 *     … node.url …
 *     anvil_stop(&node);
 *
 * anvil gets SIGTERM when the test program dies, whatever way it dies. */
#ifndef EHRD_TESTS_ANVIL_H
#define EHRD_TESTS_ANVIL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "crypto/secp256k1.h"
#include "ledger/ledger.h"

struct anvil {
    pid_t pid;
    uint16_t port;
    char url[64];
};

/* extra: arguments ended by NULL, or NULL. The binary: env EHRD_ANVIL, else the one of
 * contracts/node_modules in the source tree. False when there is none or it does not come up. */
bool anvil_start(struct anvil *a, const char *const *extra);
void anvil_stop(struct anvil *a);
/* One JSON-RPC call through the node's own methods ("anvil_mine", "[\"0x5\"]"); asserts that it is
 * no error. */
void anvil_do(struct ledger *l, const char *method, const char *params);
/* The key of anvil's account i (0..2), each with 10,000 ether. */
struct secp_key anvil_key(unsigned i);

#endif
