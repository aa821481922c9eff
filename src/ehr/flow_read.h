/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of records as a node tells them, and reading of records with every check. */
#ifndef EHRD_EHR_FLOW_READ_H
#define EHRD_EHR_FLOW_READ_H

#include "ehr/folder_access.h"

/* One version as the node tells it: hints where to look, checked before they are used. */
struct told_version {
    uint32_t version;
    uint32_t epoch;
    addr20 author;
    uint8_t commitment[RECORD_COMMITMENT];
    hash32 inner;
    uint64_t block;
    uint64_t time;
    hash32 tx;
};

struct told_record {
    hash32 record;
    enum record_status status;
    struct told_version now;
    struct told_version *history; /* oldest first, in the arena */
    size_t history_n;
};

/* All records of a folder in the order they were added (block, then id).
 * OK | E_FORBIDDEN | JSON statuses … */
status flow_list(struct client *c, const hash32 *folder, struct arena *a, struct told_record **ret,
                 size_t *ret_n, struct err *reterr) MUST_USE;

/* The one record whose id begins with the first `digits` hex digits (1..64) of id: a single small
 * request, however large the folder is.
 * ret_hits: 0, 1 (*ret is set) or 2 (it fits several). OK | as flow_list. */
status flow_find(struct client *c, const hash32 *folder, const hash32 *id, unsigned digits,
                 struct arena *a, struct told_record *ret, size_t *ret_hits,
                 struct err *reterr) MUST_USE;

/* A record of a list with its checked meta; or why it has none. */
struct read_record {
    status st; /* OK: view is set */
    struct err err;
    struct record_view view; /* e borrows from the arena */
};
/* Prove the slots of n records of a list, check their envelopes and their authors' events. ret: n
 * results, to be released with flow_read_done. ret_block: where they were proved. OK, even when
 * some records failed | the proof's and the node's refusals. */
status flow_check(struct client *c, const struct folder_access *f, const struct told_record *list,
                  size_t n, struct arena *a, struct read_record *ret,
                  struct ledger_block *ret_block, bool *ret_vouched, struct err *reterr) MUST_USE;
void flow_read_done(struct read_record *list, size_t n);

/* An older version: its commitment is taken from the chain's event, since the slot holds the
 * present one only. Both also check the author's event. */
status flow_open_version(struct client *c, const struct folder_access *f,
                         const struct told_record *r, uint32_t version, struct arena *a,
                         struct record_view *ret, struct err *reterr) MUST_USE;
/* The present version: slot, envelope, meta, author. */
status flow_open(struct client *c, const struct folder_access *f, const struct told_record *r,
                 struct arena *a, struct record_view *ret, struct ledger_block *ret_block,
                 bool *ret_vouched, struct err *reterr) MUST_USE;

#endif
