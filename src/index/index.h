/* SPDX-License-Identifier: Apache-2.0 */
/* The read model: the registry contract's events in an LMDB environment of its own, kept in step
 * with the chain.
 *
 * Rows are the events themselves, so a reorganisation is undone by deleting the rows of the lost
 * blocks. The model answers "what is there" (lists, history); whether something may be released is
 * asked of the chain at its head, never of this model. One thread calls index_step (or index_start
 * makes one); any number of threads may read. It can be deleted and is then built again. */
#ifndef EHRD_INDEX_INDEX_H
#define EHRD_INDEX_INDEX_H

#include "base/arena.h"
#include "base/sysio.h"
#include "ledger/ledger.h"

#define INDEX_PAGE_MAX 1000u /* records of one answer */

struct index;

struct index_config {
    const char *dir;       /* folder of the environment, made when absent */
    struct ledger *ledger; /* borrowed until index_close */
    addr20 proxy;
    uint64_t chain_id;
    uint64_t first_block;   /* of the contract; 0 is always right */
    uint32_t confirmations; /* see ledger/follow.h */
    const char *archive;    /* logs of the chain that the state came from; NULL: none. Read once */
};

enum index_record_status { INDEX_REC_ACTIVE = 1, INDEX_REC_ERROR = 2, INDEX_REC_REMOVED = 3 };

/* Where and when something happened. */
struct index_when {
    uint64_t block;
    uint32_t log_index;
    uint64_t time; /* the block's timestamp, seconds */
    hash32 tx;
};

/* One version of a record: an add, an amendment or a reseal (same version, new commitment). */
struct index_version {
    uint32_t version;
    uint32_t epoch;
    addr20 author;
    uint8_t commitment[26];
    struct index_when when;
};

struct index_record {
    hash32 record_id;
    enum index_record_status status;
    struct index_version
        *versions; /* oldest first, in the arena; n >= 1; the last one is present */
    size_t n;
};

struct index_grant {
    hash32 scope; /* zero: the folder */
    addr20 holder;
    uint8_t permissions;
    uint64_t not_before;
    uint64_t not_after;
    uint32_t generation;
    bool revoked;
    struct index_when when;
};

/* OK | E_CORRUPT (another chain's or contract's folder: the message says so) | E_MISMATCH (another
 * archive was read before) | E_IO … */
status index_open(const struct index_config *cfg, struct index **ret_index,
                  struct err *reterr) MUST_USE;
void index_close(struct index *ix); /* stops the thread; NULL is fine */

/* Look at the chain once. *ret_more: call again at once. */
status index_step(struct index *ix, bool *ret_more, struct err *reterr) MUST_USE;
/* Follow in a thread of its own until index_close; failures are retried with growing pauses. */
status index_start(struct index *ix, struct err *reterr) MUST_USE;
/* First block that is not in the model yet. */
uint64_t index_next_block(struct index *ix);
/* Wait until the block is in the model. OK | E_TIMEOUT. */
status index_wait(struct index *ix, uint64_t block, uint32_t timeout_ms) MUST_USE;

/* Records of a folder in order of their ids, those after `after` (NULL: from the first), at most
 * limit. ret_more: others follow. OK, also when there are none. */
status index_records(struct index *ix, const hash32 *folder, const hash32 *after, size_t limit,
                     struct arena *a, struct index_record **ret_list, size_t *ret_n, bool *ret_more,
                     struct err *reterr) MUST_USE;
/* OK | E_NOT_FOUND. */
status index_record(struct index *ix, const hash32 *folder, const hash32 *record, struct arena *a,
                    struct index_record *ret_record, struct err *reterr) MUST_USE;
/* Present state of every (scope, holder) of a folder that was ever granted or revoked. */
status index_grants(struct index *ix, const hash32 *folder, struct arena *a,
                    struct index_grant **ret_list, size_t *ret_n, struct err *reterr) MUST_USE;
/* Logs of the archive in order: blocks from..to inclusive, counted from LEDGER_ARCHIVE (ledger.h).
 * each: its log lives during the call; any status but OK stops and is returned.
 * OK, also when there are none | E_CORRUPT. */
typedef status index_log_sink(void *ctx, const struct ledger_log *log, uint64_t time,
                              struct err *reterr);
status index_archived_logs(struct index *ix, uint64_t from, uint64_t to, index_log_sink *each,
                           void *ctx, struct err *reterr) MUST_USE;

/* Does an event of the folder carry this commitment? OK | E_NOT_FOUND. */
status index_has_commitment(struct index *ix, const hash32 *folder,
                            const uint8_t commitment[26]) MUST_USE;
/* Every folder ever opened, for sweeps; OK | what the callback returned. */
status index_each_folder(struct index *ix, status (*each)(void *ctx, const hash32 *folder),
                         void *ctx) MUST_USE;

#endif
