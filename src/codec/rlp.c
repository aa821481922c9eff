/* SPDX-License-Identifier: Apache-2.0 */
/* RLP reader. */
#include "codec/rlp.h"

#include "base/checked.h"
#include "base/limits.h"

/* Length of length_bytes bytes at p, which are not a short form in disguise. */
static status long_length(const uint8_t *p, size_t length_bytes, size_t *ret, struct err *reterr)
{
    uint64_t n = 0;
    if (p[0] == 0)
        return ERR(reterr, E_NOT_CANONICAL, "rlp: length begins with a zero byte");
    if (length_bytes > 4)
        return ERR(reterr, E_TOO_LONG, "rlp: length of %zu bytes", length_bytes);
    for (size_t i = 0; i < length_bytes; i++)
        n = n << 8 | p[i];
    if (n < 56)
        return ERR(reterr, E_NOT_CANONICAL, "rlp: long form for a length below 56");
    *ret = (size_t)n;
    return OK;
}

status rlp_read(slice in, struct rlp_item *ret_item, slice *ret_rest, struct err *reterr)
{
    if (in.n == 0)
        return ERR(reterr, E_TRUNCATED, "rlp: no item");
    uint8_t tag = in.p[0];
    bool is_list = tag >= 0xc0;
    size_t head = 1;
    size_t body = 0;
    if (tag < 0x80) {
        head = 0;
        body = 1;
    } else {
        uint8_t low = tag & 0x3f;
        body = low;
        if (low > 55) {
            head = 1 + (size_t)(low - 55);
            if (in.n < head)
                return ERR(reterr, E_TRUNCATED, "rlp: length cut off");
            status s = long_length(in.p + 1, head - 1, &body, reterr);
            if (s != OK)
                return s;
        }
    }
    if (in.n - head < body)
        return ERR(reterr, E_TRUNCATED, "rlp: item of %zu bytes, %zu are there", body, in.n - head);
    if (!is_list && head == 1 && body == 1 && in.p[1] < 0x80)
        return ERR(reterr, E_NOT_CANONICAL, "rlp: single byte below 0x80 with a header");
    *ret_item = (struct rlp_item){
        .is_list = is_list, .body = {in.p + head, body}, .raw = slice_first(in, head + body)};
    if (ret_rest != NULL)
        *ret_rest = slice_after(in, head + body);
    return OK;
}

status rlp_read_one(slice in, struct rlp_item *ret_item, struct err *reterr)
{
    struct rlp_item item;
    slice rest;
    status s = rlp_read(in, &item, &rest, reterr);
    if (s != OK)
        return s;
    if (rest.n > 0)
        return ERR(reterr, E_TRAILING, "rlp: %zu bytes after the item", rest.n);
    *ret_item = item;
    return OK;
}

status rlp_read_list(slice in, struct rlp_list *ret, struct err *reterr)
{
    struct rlp_item item;
    status s = rlp_read_one(in, &item, reterr);
    if (s != OK)
        return s;
    if (!item.is_list)
        return ERR(reterr, E_TYPE, "rlp: a string where a list must be");
    ret->rest = item.body;
    return OK;
}

status rlp_check(slice in, struct err *reterr)
{
    slice open[LIMIT_RLP_DEPTH]; /* what is left of each enclosing list */
    unsigned depth = 0;
    struct rlp_item item;
    status s = rlp_read_one(in, &item, reterr);
    if (s != OK || !item.is_list)
        return s;
    open[depth++] = item.body;
    while (depth > 0) {
        slice *top = &open[depth - 1];
        if (top->n == 0) {
            depth--;
            continue;
        }
        s = rlp_read(*top, &item, top, reterr);
        if (s != OK)
            return s;
        if (!item.is_list)
            continue;
        if (depth == LIMIT_RLP_DEPTH)
            return ERR(reterr, E_TOO_DEEP, "rlp: lists nested deeper than %u", LIMIT_RLP_DEPTH);
        open[depth++] = item.body;
    }
    return OK;
}

status rlp_next(struct rlp_list *l, struct rlp_item *ret, struct err *reterr)
{
    if (l->rest.n == 0)
        return ERR(reterr, E_MISSING, "rlp: the list has too few items");
    return rlp_read(l->rest, ret, &l->rest, reterr);
}

/* The next item if it is of the kind wanted; l moves on only then. */
static status next_of_kind(struct rlp_list *l, bool want_list, struct rlp_list *ret_after,
                           slice *ret, struct err *reterr)
{
    struct rlp_item item;
    *ret_after = *l;
    status s = rlp_next(ret_after, &item, reterr);
    if (s != OK)
        return s;
    if (item.is_list != want_list)
        return ERR(reterr, E_TYPE, "rlp: %s",
                   want_list ? "a string where a list must be" : "a list where a string must be");
    *ret = item.body;
    return OK;
}

status rlp_next_bytes(struct rlp_list *l, slice *ret, struct err *reterr)
{
    struct rlp_list after;
    status s = next_of_kind(l, false, &after, ret, reterr);
    if (s == OK)
        *l = after;
    return s;
}

status rlp_next_list(struct rlp_list *l, struct rlp_list *ret, struct err *reterr)
{
    struct rlp_list after;
    slice body = SLICE_EMPTY;
    status s = next_of_kind(l, true, &after, &body, reterr);
    if (s != OK)
        return s;
    *l = after;
    ret->rest = body;
    return OK;
}

status rlp_next_fixed(struct rlp_list *l, uint8_t *out, size_t n, struct err *reterr)
{
    struct rlp_list after;
    slice body = SLICE_EMPTY;
    status s = next_of_kind(l, false, &after, &body, reterr);
    if (s != OK)
        return s;
    if (body.n != n)
        return ERR(reterr, E_RANGE, "rlp: %zu bytes where %zu must be", body.n, n);
    if (n > 0)
        memcpy(out, body.p, n);
    *l = after;
    return OK;
}

/* A number of at most max bytes, as 32 bytes big-endian. */
static status next_number(struct rlp_list *l, size_t max, uint8_t be[32], struct err *reterr)
{
    struct rlp_list after;
    slice body = SLICE_EMPTY;
    status s = next_of_kind(l, false, &after, &body, reterr);
    if (s != OK)
        return s;
    if (body.n > 0 && body.p[0] == 0)
        return ERR(reterr, E_NOT_CANONICAL, "rlp: number begins with a zero byte");
    if (body.n > max)
        return ERR(reterr, E_RANGE, "rlp: number of %zu bytes, at most %zu are allowed", body.n,
                   max);
    memset(be, 0, 32);
    if (body.n > 0)
        memcpy(be + 32 - body.n, body.p, body.n);
    *l = after;
    return OK;
}

status rlp_next_u64(struct rlp_list *l, uint64_t *ret, struct err *reterr)
{
    uint8_t be[32];
    status s = next_number(l, 8, be, reterr);
    if (s == OK)
        *ret = be64_read(be + 24);
    return s;
}

status rlp_next_u256(struct rlp_list *l, u256 *ret, struct err *reterr)
{
    uint8_t be[32];
    status s = next_number(l, 32, be, reterr);
    if (s == OK)
        *ret = u256_from_be(be);
    return s;
}

status rlp_list_end(const struct rlp_list *l, struct err *reterr)
{
    if (l->rest.n > 0)
        return ERR(reterr, E_TRAILING, "rlp: the list has too many items");
    return OK;
}
