/* SPDX-License-Identifier: Apache-2.0 */
/* Unsigned LEB128 integers. */
#include "codec/varint.h"

status varint_read(slice in, uint64_t *ret, slice *ret_rest)
{
    uint64_t v = 0;
    for (size_t i = 0; i < VARINT_MAX; i++) {
        if (i == in.n)
            return E_TRUNCATED;
        uint8_t b = in.p[i];
        if (i == VARINT_MAX - 1 && b > 1)
            return E_RANGE;
        v |= (uint64_t)(b & 0x7f) << (7 * i);
        if (b < 0x80) {
            if (b == 0 && i > 0)
                return E_NOT_CANONICAL;
            *ret = v;
            *ret_rest = slice_after(in, i + 1);
            return OK;
        }
    }
    return E_RANGE;
}

size_t varint_write(uint64_t v, uint8_t out[VARINT_MAX])
{
    size_t n = 0;
    for (; v >= 0x80; v >>= 7)
        out[n++] = (uint8_t)(v | 0x80);
    out[n++] = (uint8_t)v;
    return n;
}

status varint_put(struct buf *b, uint64_t v)
{
    uint8_t out[VARINT_MAX];
    return buf_put_mem(b, out, varint_write(v, out));
}
