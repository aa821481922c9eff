/* SPDX-License-Identifier: Apache-2.0 */
/* A large state for benchmarks: account 0 has all slots (slot i under the number i), and there are
 * a tenth as many accounts as slots. Random numbers are the same in each run. */
#ifndef EHRD_BENCH_STATE_LOAD_H
#define EHRD_BENCH_STATE_LOAD_H

#include "chain/store.h"

struct big_state {
    uint64_t slots;
    uint64_t accounts;
    slice code;          /* of account 0; may be empty */
    const addr20 *named; /* addresses of the accounts from 1 on; the others have their number */
    uint64_t named_n;
    uint64_t x; /* of the random numbers */
};

uint64_t big_random(struct big_state *b);
/* Most words of contracts are hashes, addresses or times; these have 32 bytes. */
u256 big_random_word(struct big_state *b);
/* The number of a slot for the i-th change of a block: one in three is new. */
uint64_t big_slot_to_change(struct big_state *b, size_t i);

addr20 big_address(const struct big_state *b, uint64_t account);
hash32 big_account_key(const struct big_state *b, uint64_t account);
hash32 big_slot_key(uint64_t slot);
/* Account as it is loaded, without its slots. */
struct store_change big_account(const struct big_state *b, uint64_t account);

/* As store_load, as block 0. E_NOMEM, too. */
status big_load(struct big_state *b, const struct store *s, hash32 *ret_root, struct err *reterr);

/* The file of the store in dir is on the disk, and nothing of it in memory, as after a restart of
 * the machine. The store is closed. */
void big_forget(const char *dir);

/* --- figures --------------------------------------------------------------------------------- */

double now_ms(void);
double median(double *ms, size_t n); /* sorts */

#endif
