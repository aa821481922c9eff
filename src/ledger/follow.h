/* SPDX-License-Identifier: Apache-2.0 */
/* Following the logs of one contract, block by block, with notice of rollbacks.
 *
 * The caller keeps the cursor where it keeps what it made of the logs, in the same commit, and
 * gives it back after a restart. A cursor is the last LEDGER_FOLLOW_HASHES blocks that were
 * delivered or passed over; when the chain no longer has them, the follower says back to which
 * block the caller has to undo. One thread owns a follower. */
#ifndef EHRD_LEDGER_FOLLOW_H
#define EHRD_LEDGER_FOLLOW_H

#include "ledger/ledger.h"

#define LEDGER_FOLLOW_HASHES 128u
#define LEDGER_FOLLOW_SPAN 2000u /* blocks asked for at once, halved when an answer is too long */
/* Of several nodes behind one address some may be behind, and answer "no logs" for what they do not
 * have yet. So blocks that near to the head are asked for one by one and compared with their
 * blooms; one that may have logs and is said to have none is asked for again, at later steps. */
#define LEDGER_FOLLOW_NEAR 16u
#define LEDGER_FOLLOW_DOUBTS 3u

struct ledger_mark {
    uint64_t number;
    hash32 hash;
};

struct ledger_cursor {
    uint64_t first;                                 /* where following began */
    uint64_t next;                                  /* first block not delivered yet */
    bool dropped;                                   /* older marks than these were dropped */
    struct ledger_mark marks[LEDGER_FOLLOW_HASHES]; /* ascending; blocks below next */
    size_t marks_n;
};

/* cursor -> bytes and back, for the caller's store (version, dropped, first, next, number of marks,
 * marks; big-endian). cursor_read: OK | E_TRUNCATED | E_TRAILING | E_RANGE. */
status ledger_cursor_put(const struct ledger_cursor *c, struct buf *ret) MUST_USE;
status ledger_cursor_read(slice in, struct ledger_cursor *ret_cursor, struct err *reterr) MUST_USE;

/* What happened. The callbacks run inside ledger_follow_step; a status that is not OK stops the
 * step and is returned, and the cursor then stands before the event. */
struct ledger_follow_sink {
    /* Undo everything of blocks >= from. cursor: as it will be afterwards. */
    status (*rollback)(void *ctx, uint64_t from, const struct ledger_cursor *cursor,
                       struct err *reterr);
    /* The logs of one block in order, n >= 1; or n == 0: nothing up to and including block->number.
     * cursor: as it will be afterwards. */
    status (*block)(void *ctx, const struct ledger_mark *block, const struct ledger_log *logs,
                    size_t n, const struct ledger_cursor *cursor, struct err *reterr);
    void *ctx;
};

struct ledger_follow {
    struct ledger *ledger; /* borrowed until the follower's end */
    addr20 address;
    uint32_t confirmations; /* blocks on top before a block is delivered; 0: at once */
    uint32_t span;          /* blocks per question, at present */
    uint32_t doubts;        /* how often cursor.next was said to have no logs against its bloom */
    struct ledger_cursor cursor;
};

/* Start at cursor->next. A fresh cursor: {.first = n, .next = n}, n = the contract's first block.
 */
void ledger_follow_init(struct ledger_follow *f, struct ledger *l, addr20 address,
                        uint32_t confirmations, const struct ledger_cursor *cursor);
/* Look once: check the marks, roll back if needed, deliver what is confirmed (at most one span).
 * *ret_more: there is more to deliver at once. OK | what a sink returned | the ledger's errors |
 * E_CONFLICT: the chain parted from us before the oldest mark; the caller has to start afresh.
 * E_RATE: the next look wants fewer blocks, and should wait. */
status ledger_follow_step(struct ledger_follow *f, const struct ledger_follow_sink *sink,
                          bool *ret_more, struct err *reterr) MUST_USE;

#endif
