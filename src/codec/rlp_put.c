/* SPDX-License-Identifier: Apache-2.0 */
/* RLP writer. */
#include "base/checked.h"
#include "codec/rlp.h"

#define HEAD_MAX 9u

/* Header of a payload of n bytes; base 0x80 for strings, 0xc0 for lists. Returns its length. */
static size_t head_write(size_t n, uint8_t base, uint8_t out[HEAD_MAX])
{
    uint8_t be[8];
    if (n < 56) {
        out[0] = (uint8_t)(base + n);
        return 1;
    }
    be64_write(be, n);
    size_t skip = (size_t)__builtin_clzll(n) / 8;
    out[0] = (uint8_t)(base + 55 + (8 - skip));
    memcpy(out + 1, be + skip, 8 - skip);
    return 1 + 8 - skip;
}

status rlp_put_bytes(struct buf *b, slice s)
{
    uint8_t head[HEAD_MAX];
    size_t n = 0;
    if (s.n != 1 || s.p[0] >= 0x80)
        n = head_write(s.n, 0x80, head);
    status st = buf_reserve(b, n + s.n);
    if (st == OK)
        st = buf_put_mem(b, head, n);
    if (st == OK)
        st = buf_put(b, s);
    return st;
}

status rlp_put_u256(struct buf *b, u256 v)
{
    uint8_t be[32];
    size_t n = u256_byte_len(v);
    u256_to_be(v, be);
    return rlp_put_bytes(b, slice_of(be + 32 - n, n));
}

status rlp_put_u64(struct buf *b, uint64_t v)
{
    return rlp_put_u256(b, u256_from_u64(v));
}

status rlp_put_list_begin(struct buf *b, size_t *ret_mark)
{
    size_t mark = b->n;
    status s = buf_put_u8(b, 0xc0); /* enough for a list below 56 bytes; list_end widens it */
    if (s == OK)
        *ret_mark = mark;
    return s;
}

status rlp_put_list_end(struct buf *b, size_t mark)
{
    uint8_t head[HEAD_MAX];
    size_t body = b->n - mark - 1;
    size_t n = head_write(body, 0xc0, head);
    status s = buf_put_zero(b, n - 1);
    if (s != OK)
        return s;
    if (n > 1)
        memmove(b->p + mark + n, b->p + mark + 1, body);
    memcpy(b->p + mark, head, n);
    return OK;
}
