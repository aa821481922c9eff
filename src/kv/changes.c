/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of a transaction as bytes, and back. */
#include "kv/changes.h"

#include "base/checked.h"

#define KEPT_BYTES ((size_t)1 << 20) /* of storage for the next transaction */

void changes_init(struct changes *c)
{
    *c = (struct changes){0};
    buf_init(&c->b, CHANGES_MAX);
}

void changes_clear(struct changes *c)
{
    if (c->b.max > KEPT_BYTES)
        buf_done(&c->b);
    buf_clear(&c->b);
    c->too_large = false;
    c->broken = false;
    c->room = NULL;
    memset(c->named, 0, sizeof c->named);
}

void changes_done(struct changes *c)
{
    buf_done(&c->b);
}

void changes_settle(struct changes *c)
{
    if (c->room != NULL && c->room_n > 0 && !c->too_large)
        memcpy(c->b.p + c->room_at, c->room, c->room_n);
    c->room = NULL;
}

/* Room for n bytes more; *ret is false when the transaction is too large to be kept. */
static status make_room(struct changes *c, size_t n, bool *ret, struct err *reterr)
{
    *ret = false;
    if (c->too_large)
        return OK;
    status s = buf_reserve(&c->b, n);
    if (s == E_TOO_LONG) {
        c->too_large = true;
        buf_done(&c->b);
        return OK;
    }
    *ret = s == OK;
    c->broken = c->broken || s != OK;
    return s == OK ? OK : ERR(reterr, s, "changes of the transaction");
}

/* The rest is within what make_room made. */
static void add(struct changes *c, const void *p, size_t n)
{
    if (n > 0)
        memcpy(c->b.p + c->b.n, p, n);
    c->b.n += n;
}

static void add_u8(struct changes *c, uint8_t v)
{
    c->b.p[c->b.n++] = v;
}

static void add_key(struct changes *c, enum change_kind kind, struct changes_table t, slice key)
{
    if (!c->named[t.id]) {
        add_u8(c, CHANGE_TABLE);
        add_u8(c, t.id);
        add_u8(c, (uint8_t)t.name.n);
        add(c, t.name.p, t.name.n);
        c->named[t.id] = true;
    }
    add_u8(c, (uint8_t)kind);
    add_u8(c, t.id);
    add_u8(c, (uint8_t)(key.n >> 8));
    add_u8(c, (uint8_t)key.n);
    add(c, key.p, key.n);
}

/* Bytes of a change of a row without its value. */
static size_t key_bytes(struct changes_table t, slice key)
{
    return 3 + t.name.n + 4 + key.n;
}

/* A put with room for the value at the end of b; *ret is false when it is not kept. */
static status put_head(struct changes *c, struct changes_table t, slice key, size_t n, bool *ret,
                       struct err *reterr)
{
    uint8_t be[4];
    status s = make_room(c, key_bytes(t, key) + sizeof be + n, ret, reterr);
    if (s != OK || !*ret)
        return s;
    add_key(c, CHANGE_PUT, t, key);
    be32_write(be, (uint32_t)n);
    add(c, be, sizeof be);
    return OK;
}

status changes_put(struct changes *c, struct changes_table t, slice key, slice value,
                   struct err *reterr)
{
    bool kept;
    status s = put_head(c, t, key, value.n, &kept, reterr);
    if (s == OK && kept)
        add(c, value.p, value.n);
    return s;
}

status changes_put_room(struct changes *c, struct changes_table t, slice key, const uint8_t *room,
                        size_t n, struct err *reterr)
{
    bool kept;
    status s = put_head(c, t, key, n, &kept, reterr);
    if (s != OK || !kept)
        return s;
    c->room = room;
    c->room_at = c->b.n;
    c->room_n = n;
    c->b.n += n;
    return OK;
}

status changes_delete(struct changes *c, struct changes_table t, slice key, struct err *reterr)
{
    bool kept;
    status s = make_room(c, key_bytes(t, key), &kept, reterr);
    if (s == OK && kept)
        add_key(c, CHANGE_DELETE, t, key);
    return s;
}

status changes_drop(struct changes *c, slice name, struct err *reterr)
{
    bool kept;
    status s = make_room(c, 2 + name.n, &kept, reterr);
    if (s != OK || !kept)
        return s;
    add_u8(c, CHANGE_DROP);
    add_u8(c, (uint8_t)name.n);
    add(c, name.p, name.n);
    return OK;
}

slice changes_body(struct changes *c)
{
    changes_settle(c);
    return c->too_large ? SLICE_EMPTY : buf_slice(&c->b);
}

/* --- reading -------------------------------------------------------------------------------- */

/* A number of `width` bytes, then as many bytes, off *rest. */
static bool take_counted(slice *rest, size_t width, slice *ret)
{
    uint64_t n = 0;
    if (rest->n < width)
        return false;
    for (size_t i = 0; i < width; i++)
        n = n << 8 | rest->p[i];
    if (n > rest->n - width)
        return false;
    *ret = slice_of(rest->p + width, (size_t)n);
    *rest = slice_of(rest->p + width + n, rest->n - width - (size_t)n);
    return true;
}

static bool take_u8(slice *rest, uint8_t *ret)
{
    if (rest->n == 0)
        return false;
    *ret = rest->p[0];
    *rest = slice_of(rest->p + 1, rest->n - 1);
    return true;
}

static bool take_change(slice *rest, struct change *c)
{
    uint8_t kind;
    if (!take_u8(rest, &kind))
        return false;
    c->kind = (enum change_kind)kind;
    switch (kind) {
    case CHANGE_TABLE:
        return take_u8(rest, &c->table) && take_counted(rest, 1, &c->name);
    case CHANGE_PUT:
        return take_u8(rest, &c->table) && take_counted(rest, 2, &c->key) &&
               take_counted(rest, 4, &c->value);
    case CHANGE_DELETE:
        return take_u8(rest, &c->table) && take_counted(rest, 2, &c->key);
    case CHANGE_DROP:
        return take_counted(rest, 1, &c->name);
    default:
        return false;
    }
}

status changes_next(slice *rest, struct change *ret, struct err *reterr)
{
    if (rest->n == 0)
        return E_NOT_FOUND;
    *ret = (struct change){0};
    if (!take_change(rest, ret))
        return ERR(reterr, E_CORRUPT, "a change in the write-ahead log cannot be read");
    return OK;
}
