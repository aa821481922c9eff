/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of the read model and the writing and undoing of a block's rows.
 *
 * Keys end in place = ledger_block_order(block) u64 || log index u32, so that rows of one id stand
 * in order of time, those of a chain before a move first:
 *   folder: folder || place                 grant: folder || scope || holder || place
 *   record: folder || record id || place    commit: folder || commitment || place
 *   undo:   place || n u8 -> table u8 || key     meta: "cursor", "net", "archive"
 *   archive: block u64 || log index u32 -> log (archive.c) */
#ifndef EHRD_INDEX_ROWS_H
#define EHRD_INDEX_ROWS_H

#include "index/event.h"
#include "kv/kv.h"

enum rows_table { ROWS_FOLDER, ROWS_GRANT, ROWS_RECORD, ROWS_COMMIT, ROWS_TABLES };

struct rows {
    struct kv *kv;
    struct kv_table table[ROWS_TABLES];
    struct kv_table undo;
    struct kv_table archive;
    struct kv_table meta;
};

#define ROWS_KEY_MAX 128u
#define ROWS_PLACE 12u

status rows_open(struct rows *r, const char *dir, struct err *reterr) MUST_USE;
void rows_close(struct rows *r);

/* Put the rows of one event. */
status rows_put(struct rows *r, struct kv_txn *w, const struct event *e,
                struct err *reterr) MUST_USE;
/* Delete every row of blocks >= from; from is a block of the present chain, so the archive stays.
 */
status rows_undo(struct rows *r, struct kv_txn *w, uint64_t from, struct err *reterr) MUST_USE;

#endif
