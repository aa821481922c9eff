/* SPDX-License-Identifier: Apache-2.0 */
/* A contract of 45 bytes for ledger tests: store(slot, value) writes the slot, logs topic slot with
 * data value and returns the value; value 0 reverts with 0x11223344. */
#ifndef EHRD_TESTS_STORE_CONTRACT_H
#define EHRD_TESTS_STORE_CONTRACT_H

#include "anvil.h"
#include "ledger/ledger.h"

struct store_data {
    uint8_t b[64];
};

/* Calldata of store(slot, value). */
struct store_data store_data(uint64_t slot, uint64_t value);
hash32 store_word(uint64_t v);
/* Send from anvil's unlocked account 0; waits until it is mined. to: zero creates. */
struct ledger_receipt store_send(struct ledger *l, addr20 to, slice data, struct arena *a);
addr20 store_deploy(struct ledger *l, struct arena *a);

extern const addr20 store_sender; /* anvil's account 0 */

#endif
