/* SPDX-License-Identifier: Apache-2.0 */
/* What the fuzz targets of host and blocks share: numbers out of the input, a small world, and
 * signed transactions. */
#ifndef EHRD_FUZZ_CHAIN_WORLD_H
#define EHRD_FUZZ_CHAIN_WORLD_H

#include "chain/tx_exec.h"

#define FUZZ_PEOPLE 3u
#define FUZZ_CONTRACTS 3u
#define FUZZ_CHAIN 1u

void fuzz_must(bool ok); /* or abort */

/* Input, taken from the front; past its end all is zero. */
uint64_t fuzz_take(slice *in, unsigned n_bytes);
/* As many bytes as the next two say, at most max. */
slice fuzz_bytes(slice *in, size_t max);
addr20 fuzz_addr(slice *in);

struct fuzz_world {
    struct code_cache codes;
    struct state state;
};

/* Accounts with balances that add up to far below 2^256, and contracts whose code the input gives.
 */
void fuzz_world_init(struct fuzz_world *w, slice *in);
void fuzz_world_done(struct fuzz_world *w);
u256 fuzz_total(const struct state *st); /* of all balances */
hash32 fuzz_root(struct state *st);

/* A signed transaction of any type. sender: an index below FUZZ_PEOPLE; its account is in st.
 * scratch: keeps what t borrows. */
void fuzz_tx(slice *in, struct state *st, const struct evm_block *block, struct buf *scratch,
             struct tx *ret, addr20 *ret_sender);

/* A tracer that notes whether anybody ran SELFDESTRUCT, which may burn ether. */
struct fuzz_watch {
    struct evm_tracer tracer;
    bool burns;
};
void fuzz_watch_init(struct fuzz_watch *w);

#endif
