/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger adapter for any Ethereum node with JSON-RPC over HTTP (anvil, geth, Besu, ehrd). */
#ifndef EHRD_LEDGER_REMOTE_H
#define EHRD_LEDGER_REMOTE_H

#include "base/sysio.h"
#include "ledger/ledger.h"

struct ledger_remote_config {
    const char *url;               /* http(s)://host:port/path */
    const char *second_url;        /* vouches for block hashes, or NULL */
    uint32_t timeout_ms;           /* of one exchange; 0: 10 s */
    uint32_t poll_ms;              /* between looks for a new block; 0: 250 */
    uint64_t max_age_s;            /* see struct ledger */
    uint64_t chain_id;             /* expected; 0: any. Asked at the first use */
    const addr20 *authority;       /* pinned: its signature vouches for blocks; NULL: none. Needs
                                      chain_id */
    const struct clock_src *clock; /* borrowed; NULL: clock_system */
};

/* Make the adapter; nothing is sent yet, so a node that is down shows at the first request.
 * The strings are copied. OK | E_SYNTAX (url) | E_NOMEM. */
status ledger_remote_open(const struct ledger_remote_config *cfg, struct ledger **ret_ledger,
                          struct err *reterr) MUST_USE;

/* One raw JSON-RPC exchange: request text in, the node's answer text appended to ret, unparsed.
 * For rpc/ (pass-through) and tests. OK | E_UNAVAILABLE | E_TIMEOUT | E_TOO_LONG. */
status ledger_remote_post(struct ledger *l, slice request, struct buf *ret,
                          struct err *reterr) MUST_USE;

#endif
