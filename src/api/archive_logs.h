/* SPDX-License-Identifier: Apache-2.0 */
/* eth_getLogs for blocks of the chain before a move, out of the read model's archive. */
#ifndef EHRD_API_ARCHIVE_LOGS_H
#define EHRD_API_ARCHIVE_LOGS_H

#include "base/buf.h"
#include "codec/json.h"

struct index; /* index/index.h */

/* As `own` of struct rpc_upstream (rpc/passthrough.h); index: a struct index. Answers eth_getLogs
 * whose fromBlock and toBlock are both of the archive (from LEDGER_ARCHIVE on); all else is not
 * its own. OK | E_RANGE (of its own, but malformed) | E_TOO_LONG (too many logs) | E_CORRUPT. */
status archive_logs_answer(void *index, slice method, struct json params, bool *ret_mine,
                           struct buf *ret, struct err *reterr) MUST_USE;

#endif
