/* SPDX-License-Identifier: Apache-2.0 */
/* The table of bases of multibase. */
#include "codec/multibase.h"

#define DIGITS "0123456789"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define HEX_LOWER DIGITS "abcdefghijklmnopqrstuv"
#define HEX_UPPER DIGITS "ABCDEFGHIJKLMNOPQRSTUV"
#define BTC "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
#define FLICKR "123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
#define ZOOKO "ybndrfg8ejkmcpqxot1uwisza345h769"

static const struct {
    uint8_t prefix;
    struct radix radix;
} bases[] = {
    {'0', {"01", 1, false, false}},
    {'7', {"01234567", 0, false, false}},
    {'9', {DIGITS, 0, false, false}},
    {'f', {DIGITS "abcdef", 4, false, true}},
    {'F', {DIGITS "ABCDEF", 4, false, true}},
    {'b', {LOWER "234567", 5, false, true}},
    {'B', {UPPER "234567", 5, false, true}},
    {'c', {LOWER "234567", 5, true, true}},
    {'C', {UPPER "234567", 5, true, true}},
    {'v', {HEX_LOWER, 5, false, true}},
    {'V', {HEX_UPPER, 5, false, true}},
    {'t', {HEX_LOWER, 5, true, true}},
    {'T', {HEX_UPPER, 5, true, true}},
    {'h', {ZOOKO, 5, false, false}},
    {'k', {DIGITS LOWER, 0, false, true}},
    {'K', {DIGITS UPPER, 0, false, true}},
    {'z', {BTC, 0, false, false}},
    {'Z', {FLICKR, 0, false, false}},
    {'m', {UPPER LOWER DIGITS "+/", 6, false, false}},
    {'M', {UPPER LOWER DIGITS "+/", 6, true, false}},
    {'u', {UPPER LOWER DIGITS "-_", 6, false, false}},
    {'U', {UPPER LOWER DIGITS "-_", 6, true, false}},
};

const struct radix *multibase_find(uint8_t prefix)
{
    for (size_t i = 0; i < sizeof bases / sizeof *bases; i++)
        if (bases[i].prefix == prefix)
            return &bases[i].radix;
    return NULL;
}

status multibase_put(struct buf *b, uint8_t prefix, slice in)
{
    const struct radix *r = multibase_find(prefix);
    if (r == NULL)
        return E_UNSUPPORTED;
    size_t before = b->n;
    status s = buf_put_u8(b, prefix);
    if (s == OK)
        s = radix_put(b, r, in);
    if (s != OK)
        b->n = before;
    return s;
}

status multibase_read(slice text, struct buf *ret)
{
    if (text.n == 0)
        return E_TRUNCATED;
    const struct radix *r = multibase_find(text.p[0]);
    return r == NULL ? E_UNSUPPORTED : radix_read(slice_after(text, 1), r, ret);
}
