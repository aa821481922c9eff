/* SPDX-License-Identifier: Apache-2.0 */
/* One event of the registry contract as the read model keeps it: decoding a log, and its row. */
#ifndef EHRD_INDEX_EVENT_H
#define EHRD_INDEX_EVENT_H

#include "index/index.h"

enum event_kind {
    EVENT_OTHER = 0, /* an event that the model does not keep */
    EVENT_FOLDER_OPENED,
    EVENT_GRANT_SET,
    EVENT_GRANT_REVOKED,
    EVENT_RECORD_ADDED,
    EVENT_RECORD_AMENDED,
    EVENT_RECORD_RESEALED,
    EVENT_RECORD_STATUS,
};

struct event {
    enum event_kind kind;
    hash32 folder;
    hash32 second; /* record id, or scope of a grant */
    addr20 who;    /* author of a record event, holder of a grant */
    uint8_t commitment[26];
    uint32_t version; /* of a record; generation of a grant */
    uint32_t epoch;
    uint8_t code; /* status of a record, permissions of a grant */
    uint64_t not_before;
    uint64_t not_after;
    struct index_when when; /* time is the caller's to fill */
};

/* Decode a log of the registry. OK (kind EVENT_OTHER for other events) | E_CORRUPT. */
status event_from_log(const struct ledger_log *log, struct event *ret, struct err *reterr) MUST_USE;

#define EVENT_ROW 124u /* bytes of a row's value */

/* The row's value, and back: the folder and the second id come from the row's key. */
void event_row_write(const struct event *e, uint8_t out[EVENT_ROW]);
/* OK | E_CORRUPT. */
status event_row_read(slice row, struct event *ret) MUST_USE;

#endif
