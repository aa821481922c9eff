/* SPDX-License-Identifier: Apache-2.0 */
/* What a write transaction changes, in order, as the body of a record of the write-ahead log
 * (docs/formats.md, 16). Applying a body to the state it was made on, or once more to the state it
 * led to, gives the state it led to.
 *
 * More than CHANGES_MAX bytes are not kept: changes_too_large tells, and the transaction has to
 * reach the disk in another way. */
#ifndef EHRD_KV_CHANGES_H
#define EHRD_KV_CHANGES_H

#include "base/buf.h"

#define CHANGES_MAX ((size_t)8 << 20)
#define CHANGES_TABLES 256u /* ids of tables are below it */

struct changes {
    struct buf b;
    bool too_large;
    bool broken;                /* a change could not be kept: the transaction must not commit */
    bool named[CHANGES_TABLES]; /* tables whose name stands in b */
    const uint8_t *room;        /* what the caller of changes_put_room fills, or NULL */
    size_t room_at;             /* its place in b */
    size_t room_n;
};

/* A table of the store: its id while the store is open, and its name, 1..255 bytes. */
struct changes_table {
    uint8_t id;
    slice name;
};

void changes_init(struct changes *c);
/* Ready for the next transaction; much storage is given back. */
void changes_clear(struct changes *c);
void changes_done(struct changes *c);

/* Each: OK | E_NOMEM, and broken until changes_clear. key: up to 65,535 bytes. */
status changes_put(struct changes *c, struct changes_table t, slice key, slice value,
                   struct err *reterr) MUST_USE;
/* The value is the n bytes at room as they are at the next changes_settle. */
status changes_put_room(struct changes *c, struct changes_table t, slice key, const uint8_t *room,
                        size_t n, struct err *reterr) MUST_USE;
status changes_delete(struct changes *c, struct changes_table t, slice key,
                      struct err *reterr) MUST_USE;
status changes_drop(struct changes *c, slice name, struct err *reterr) MUST_USE;

/* Call it before the store changes anything again, while room is still there. */
void changes_settle(struct changes *c);

/* Borrowed until the next change; empty when nothing changed, or too much. */
slice changes_body(struct changes *c);

enum change_kind { CHANGE_TABLE = 1, CHANGE_PUT = 2, CHANGE_DELETE = 3, CHANGE_DROP = 4 };

/* One of them: TABLE and DROP have a name, PUT and DELETE a key, PUT a value. Borrows from the
 * body.
 */
struct change {
    enum change_kind kind;
    uint8_t table; /* not of DROP */
    slice name;
    slice key;
    slice value;
};

/* Take the first change off *rest. OK | E_NOT_FOUND (rest is empty; no message) | E_CORRUPT. */
status changes_next(slice *rest, struct change *ret, struct err *reterr) MUST_USE;

#endif
